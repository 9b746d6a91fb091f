/* An officer's CLI by hand: changes of the keyring, sent to a live desk. */
#ifndef RESGUARDO_UNIT_DESK_STAFF_HELP_H
#define RESGUARDO_UNIT_DESK_STAFF_HELP_H

#include "desk_live_help.h"

static struct keyring *mine; /* as the officer's CLI has it */
static struct secret *bob;
static json_t *change;

static inline int begin(void **state)
{
    if (set_up(state) != 0)
        return -1;
    mine = keyring_copy(h.keyring);
    bob = age_identity_new(&random_system);
    open_desk();
    return mine == NULL || bob == NULL;
}

static inline int end(void **state)
{
    json_decref(change);
    change = NULL;
    keyring_free(&mine);
    secret_free(&bob);
    return tear_down(state);
}

/* ---- what an officer's CLI does ----------------------------------------- */

static inline json_t *base64(const void *bytes, size_t len)
{
    char text[4096];

    assert_true(BASE64_SIZE(len) <= sizeof(text));
    base64_encode(text, bytes, len, true);
    return json_string(text);
}

static inline void new_change(void)
{
    json_decref(change);
    change = json_pack("{s:I, s:[], s:[]}", "size",
                       (json_int_t)keyring_size(mine), "entries", "grants");
    assert_non_null(change);
}

static inline void put_entry(struct buf *entry, const uint8_t *signature)
{
    assert_int_equal(
        json_array_append_new(
            json_object_get(change, "entries"),
            json_pack("{s:o, s:o}", "entry", base64(entry->p, entry->len),
                      "signature", base64(signature, SIGN_LEN))),
        0);
    buf_free(entry);
}

static inline void put_file(unsigned epoch, uint32_t uid, const void *file,
                            size_t len)
{
    assert_int_equal(json_array_append_new(json_object_get(change, "grants"),
                                           json_pack("{s:I, s:I, s:o}", "epoch",
                                                     (json_int_t)epoch, "uid",
                                                     (json_int_t)uid, "file",
                                                     base64(file, len))),
                     0);
}

/* Sound from outside; what is in it, the daemon cannot see. */
static inline void put_grant(unsigned epoch, uint32_t uid)
{
    struct buf file = { 0 };
    uint8_t to[AGE_KEY_LEN];

    assert_int_equal(age_identity_recipient(to, bob), 0);
    assert_int_equal(grant_seal(&file, h.epoch, to, 5, &random_system, &h.err),
                     0);
    put_file(epoch, uid, file.p, file.len);
    buf_free(&file);
}

#define BOB ((uint32_t)getuid() + 1)
#define ME  ((uint32_t)getuid())

static inline void sign_bob(unsigned roles)
{
    struct keyring_staff staff = { .uid = BOB, .name = "bob", .roles = roles };
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    assert_int_equal(age_identity_recipient(staff.recipient, bob), 0);
    assert_int_equal(enrolment_seal(&staff, &random_system, &h.err), 0);
    assert_int_equal(keyring_sign_staff(mine, h.officer, &staff, 5, &entry,
                                        signature, &h.err),
                     0);
    put_entry(&entry, signature);
}

static inline void sign_epoch(const struct secret *epoch)
{
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN], point[AGE_KEY_LEN];

    assert_int_equal(age_identity_recipient(point, epoch), 0);
    assert_int_equal(keyring_sign_epoch(mine, h.officer, point, 5, &entry,
                                        signature, &h.err),
                     0);
    put_entry(&entry, signature);
}

static inline void sign_revoke(uint32_t uid)
{
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    assert_int_equal(
        keyring_sign_revoke(mine, h.officer, uid, 5, &entry, signature, &h.err),
        0);
    put_entry(&entry, signature);
}

static inline long send_change(void)
{
    sign_for(change, "/keyring", h.officer);
    return ask_json("/keyring", change);
}

static inline void add_bob(void)
{
    new_change();
    sign_bob(ROLE_AGENT);
    put_grant(1, BOB);
    assert_int_equal(send_change(), 200);
}

/* Not taken with this status, and the keyring is as it was. */
static inline void assert_refused(long status)
{
    uint64_t size = keyring_size(registrar_keyring(registrar));

    assert_int_equal(send_change(), status);
    assert_int_equal(keyring_size(registrar_keyring(registrar)), size);
}

static inline bool has_grant(unsigned epoch, uint32_t uid)
{
    struct store *s = NULL;
    struct buf file = { 0 };
    int found;

    assert_int_equal(
        store_open(&s, h.dir, NULL, STORE_READER, &random_system, &h.err), 0);
    found = keyring_grant_get(s, epoch, uid, &file, &h.err);
    assert_true(found >= 0);
    buf_free(&file);
    store_close(&s);
    return found > 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

#endif

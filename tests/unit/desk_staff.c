/* desk: changes of the keyring, and headers moved to another epoch. */
#include "desk_live_help.h"

static struct keyring *mine; /* as the officer's CLI has it */
static struct secret *bob;
static json_t *change;

static int begin(void **state)
{
    if (set_up(state) != 0)
        return -1;
    mine = keyring_copy(h.keyring);
    bob = age_identity_new(&random_system);
    open_desk();
    return mine == NULL || bob == NULL;
}

static int end(void **state)
{
    json_decref(change);
    change = NULL;
    keyring_free(&mine);
    secret_free(&bob);
    return tear_down(state);
}

/* ---- what an officer's CLI does ----------------------------------------- */

static json_t *base64(const void *bytes, size_t len)
{
    char text[4096];

    assert_true(BASE64_SIZE(len) <= sizeof(text));
    base64_encode(text, bytes, len, true);
    return json_string(text);
}

static void new_change(void)
{
    json_decref(change);
    change = json_pack("{s:I, s:[], s:[]}", "size",
                       (json_int_t)keyring_size(mine), "entries", "grants");
    assert_non_null(change);
}

static void put_entry(struct buf *entry, const uint8_t *signature)
{
    assert_int_equal(
        json_array_append_new(
            json_object_get(change, "entries"),
            json_pack("{s:o, s:o}", "entry", base64(entry->p, entry->len),
                      "signature", base64(signature, SIGN_LEN))),
        0);
    buf_free(entry);
}

static void put_file(unsigned epoch, uint32_t uid, const void *file, size_t len)
{
    assert_int_equal(json_array_append_new(json_object_get(change, "grants"),
                                           json_pack("{s:I, s:I, s:o}", "epoch",
                                                     (json_int_t)epoch, "uid",
                                                     (json_int_t)uid, "file",
                                                     base64(file, len))),
                     0);
}

/* Sound from outside; what is in it, the daemon cannot see. */
static void put_grant(unsigned epoch, uint32_t uid)
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

static void sign_bob(unsigned roles)
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

static void sign_epoch(const struct secret *epoch)
{
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN], point[AGE_KEY_LEN];

    assert_int_equal(age_identity_recipient(point, epoch), 0);
    assert_int_equal(keyring_sign_epoch(mine, h.officer, point, 5, &entry,
                                        signature, &h.err),
                     0);
    put_entry(&entry, signature);
}

static void sign_revoke(uint32_t uid)
{
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    assert_int_equal(
        keyring_sign_revoke(mine, h.officer, uid, 5, &entry, signature, &h.err),
        0);
    put_entry(&entry, signature);
}

static long send_change(void)
{
    sign_for(change, "/keyring", h.officer);
    return ask_json("/keyring", change);
}

static void add_bob(void)
{
    new_change();
    sign_bob(ROLE_AGENT);
    put_grant(1, BOB);
    assert_int_equal(send_change(), 200);
}

/* Not taken with this status, and the keyring is as it was. */
static void assert_refused(long status)
{
    uint64_t size = keyring_size(registrar_keyring(registrar));

    assert_int_equal(send_change(), status);
    assert_int_equal(keyring_size(registrar_keyring(registrar)), size);
}

static bool has_grant(unsigned epoch, uint32_t uid)
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

/* ---- adding ------------------------------------------------------------- */

static void reader_is_added_with_a_grant_and_on_record(void **state)
{
    const struct keyring_staff *staff;

    (void)state;
    add_bob();
    staff = keyring_find(registrar_keyring(registrar), BOB);
    assert_non_null(staff);
    assert_int_equal(staff->roles, ROLE_AGENT);
    assert_true(has_grant(1, BOB));
    assert_int_equal(recorded("staff_added"), 1);
    assert_int_equal(ask("/check", NULL), 200);
    assert_true(body_has("{\"faults\":[]}"));
}

static void reader_without_a_grant_is_refused(void **state)
{
    (void)state;
    new_change();
    sign_bob(ROLE_AGENT);
    assert_refused(400);
    assert_int_equal(recorded("staff_added"), 0);
}

static void auditor_is_added_without_and_refused_with_a_grant(void **state)
{
    struct keyring *before = keyring_copy(mine);

    (void)state;
    new_change();
    sign_bob(ROLE_AUDITOR);
    put_grant(1, BOB);
    assert_refused(400);
    keyring_free(&mine);
    mine = before;
    new_change();
    sign_bob(ROLE_AUDITOR);
    assert_int_equal(send_change(), 200);
    assert_false(has_grant(1, BOB));
}

static void grant_for_who_has_one_is_refused(void **state)
{
    (void)state;
    new_change();
    sign_bob(ROLE_AGENT);
    put_grant(1, BOB);
    put_grant(1, ME);
    assert_refused(400);
}

static void known_member_is_not_added_again(void **state)
{
    (void)state;
    add_bob();
    new_change();
    sign_bob(ROLE_AGENT | ROLE_OFFICER);
    put_grant(1, BOB);
    assert_refused(409);
}

static void change_without_a_signature_is_refused(void **state)
{
    (void)state;
    new_change();
    sign_bob(ROLE_AGENT);
    put_grant(1, BOB);
    assert_int_equal(ask_json("/keyring", change), 403);
    assert_int_equal(recorded("staff_added"), 0);
}

static void change_of_an_older_keyring_is_a_conflict(void **state)
{
    (void)state;
    new_change();
    sign_bob(ROLE_AGENT);
    put_grant(1, BOB);
    (void)json_object_set_new(change, "size", json_integer(1));
    assert_refused(409);
}

/* An officer's signature, sent by somebody else. */
static void entry_that_a_colleague_signed_is_refused(void **state)
{
    struct secret *eva = age_identity_new(&random_system);
    struct keyring_staff staff = { .uid = BOB, .name = "bob" };
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    (void)state;
    new_change();
    staff.roles = ROLE_OFFICER;
    assert_int_equal(age_identity_recipient(staff.recipient, bob), 0);
    assert_int_equal(staff_sign_public(staff.sign_key, bob), 0);
    assert_int_equal(keyring_sign_staff(mine, h.officer, &staff, 5, &entry,
                                        signature, &h.err),
                     0);
    put_entry(&entry, signature);
    put_grant(1, BOB);
    assert_int_equal(send_change(), 200);

    new_change();
    staff = (struct keyring_staff){ .uid = BOB + 1,
                                    .name = "eva",
                                    .roles = ROLE_AGENT };
    assert_int_equal(age_identity_recipient(staff.recipient, eva), 0);
    assert_int_equal(staff_sign_public(staff.sign_key, eva), 0);
    assert_int_equal(
        keyring_sign_staff(mine, bob, &staff, 5, &entry, signature, &h.err), 0);
    put_entry(&entry, signature);
    put_grant(1, BOB + 1);
    assert_refused(403);
    secret_free(&eva);
}

/* What the reader could never open is not stored in their name. */
static void grant_that_is_no_grant_is_refused(void **state)
{
    struct buf both = { 0 };
    uint8_t to[2][AGE_KEY_LEN];

    (void)state;
    new_change();
    sign_bob(ROLE_AGENT);
    put_file(1, BOB, "a grant", 7);
    assert_refused(400);
    assert_true(body_has("not an age v1 file"));
    (void)json_array_clear(json_object_get(change, "grants"));
    assert_int_equal(age_identity_recipient(to[0], bob), 0);
    assert_int_equal(age_identity_recipient(to[1], h.officer), 0);
    assert_int_equal(age_seal(&both, (const uint8_t(*)[AGE_KEY_LEN])to, 2,
                              &random_system, "x", 1, &h.err),
                     0);
    put_file(1, BOB, both.p, both.len);
    assert_refused(400);
    (void)json_array_clear(json_object_get(change, "grants"));
    put_grant(1, BOB);
    put_grant(1, BOB);
    assert_refused(400);
    assert_true(body_has("a grant twice"));
    buf_free(&both);
}

/* Of an epoch that holds nothing there is nothing to open. */
static void reader_needs_no_grant_of_an_empty_epoch(void **state)
{
    struct secret *second = age_identity_new(&random_system);
    struct secret *third = age_identity_new(&random_system);

    (void)state;
    new_change();
    sign_epoch(second);
    put_grant(2, ME);
    assert_int_equal(send_change(), 200);
    new_change();
    sign_epoch(third);
    put_grant(3, ME);
    assert_int_equal(send_change(), 200);
    new_change();
    sign_bob(ROLE_AGENT);
    put_grant(3, BOB);
    assert_refused(400);
    assert_true(body_has("epoch 1 for bob is missing"));
    put_grant(1, BOB);
    assert_int_equal(send_change(), 200);
    assert_false(has_grant(2, BOB));
    secret_free(&second);
    secret_free(&third);
}

/* Grants alone, for one who reads already: what they have is replaced. */
static void missing_grant_is_given_again(void **state)
{
    (void)state;
    add_bob();
    desk_help_tamper(&h, "DELETE FROM keyring_grant");
    assert_false(has_grant(1, BOB));
    new_change();
    put_grant(1, BOB);
    assert_int_equal(send_change(), 200);
    assert_true(has_grant(1, BOB));
    assert_int_equal(recorded("epochs_granted"), 1);
    new_change();
    put_grant(1, BOB);
    put_grant(1, ME);
    assert_int_equal(send_change(), 400);
    new_change();
    put_grant(2, BOB);
    assert_int_equal(send_change(), 400);
    new_change();
    put_grant(1, BOB + 1);
    assert_int_equal(send_change(), 400);
    new_change();
    assert_int_equal(send_change(), 400);
    new_change();
    put_grant(1, BOB);
    assert_int_equal(ask_json("/keyring", change), 403);
    assert_int_equal(recorded("epochs_granted"), 1);
}

/* Root in the desk's place, or on the way to it, takes a signature that was
 * meant for something else. */
static void body_that_was_changed_after_signing_is_refused(void **state)
{
    json_t *asked;

    (void)state;
    new_change();
    sign_bob(ROLE_AGENT);
    put_grant(1, BOB);
    sign_for(change, "/keyring", h.officer);
    (void)json_array_clear(json_object_get(change, "grants"));
    put_grant(1, BOB); /* another one */
    assert_int_equal(ask_json("/keyring", change), 403);
    assert_int_equal(recorded("staff_added"), 0);

    asked = json_pack("{s:i, s:i}", "epoch", 1, "after", 0);
    sign_for(asked, "/vault/headers/read", h.officer);
    (void)json_object_set_new(asked, "x", json_integer(1));
    assert_int_equal(ask_json("/vault/headers/read", asked), 403);
    assert_int_equal(recorded("headers_read"), 0);
    json_decref(asked);
}

/* Revoked, or less than before, between the desk's look and the commit. */
static void access_is_checked_in_its_own_transaction(void **state)
{
    struct staff_signature signature = { .nonce = "00" };
    struct staff_access a = { .event_type = "documents_listed",
                              .uid = ME,
                              .name = "ana",
                              .role = "agent" };

    (void)state;
    assert_int_equal(registrar_record(registrar, &a, &h.err), 0);
    a.uid = BOB;
    assert_int_equal(registrar_record(registrar, &a, &h.err), -1);
    assert_int_equal(h.err.code, ERR_NOT_PERMITTED);
    add_bob();
    assert_int_equal(registrar_record(registrar, &a, &h.err), 0);
    a.role = "officer";
    assert_int_equal(registrar_record(registrar, &a, &h.err), -1);
    assert_int_equal(h.err.code, ERR_NOT_PERMITTED);
    a.uid = ME;
    a.signature = &signature;
    assert_int_equal(registrar_record(registrar, &a, &h.err), -1);
    assert_int_equal(h.err.code, ERR_NOT_PERMITTED);
    assert_int_equal(staff_sign_public(signature.sign_key, h.officer), 0);
    assert_int_equal(registrar_record(registrar, &a, &h.err), 0);
    assert_int_equal(recorded("documents_listed"), 3);
}

static void malformed_changes_are_refused(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "{\"size\":2}",
        "{\"size\":-1,\"entries\":[],\"grants\":[]}",
        "{\"size\":2,\"entries\":[{}],\"grants\":[]}",
        "{\"size\":2,\"entries\":[],\"grants\":[{\"epoch\":0}]}",
        "{\"size\":2,\"entries\":[],\"grants\":[]}",
        "{\"size\":2,\"entries\":7,\"grants\":\"x\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        json_decref(change);
        change = json_parse(bodies[i], strlen(bodies[i]), &h.err);
        assert_refused(400);
    }
}

/* ---- revoking and rotating ---------------------------------------------- */

static void revoking_takes_the_grants_and_begins_an_epoch(void **state)
{
    struct secret *second = age_identity_new(&random_system);

    (void)state;
    add_bob();
    new_change();
    sign_revoke(BOB);
    sign_epoch(second);
    put_grant(2, ME);
    assert_int_equal(send_change(), 200);
    assert_null(keyring_find(registrar_keyring(registrar), BOB));
    assert_int_equal(keyring_epoch(registrar_keyring(registrar)), 2);
    assert_false(has_grant(1, BOB));
    assert_true(has_grant(1, ME));
    assert_true(has_grant(2, ME));
    assert_int_equal(recorded("staff_revoked"), 1);
    assert_int_equal(recorded("epoch_rotated"), 1);
    assert_int_equal(ask("/check", NULL), 200);
    assert_true(body_has("{\"faults\":[]}"));
    secret_free(&second);
}

static void revoking_without_an_epoch_is_refused(void **state)
{
    (void)state;
    add_bob();
    new_change();
    sign_revoke(BOB);
    assert_refused(400);
    assert_true(has_grant(1, BOB));
    assert_int_equal(recorded("staff_revoked"), 0);
}

static void epoch_that_a_reader_cannot_open_is_refused(void **state)
{
    struct secret *second = age_identity_new(&random_system);

    (void)state;
    add_bob();
    new_change();
    sign_epoch(second);
    put_grant(2, ME);
    assert_refused(400);
    put_grant(2, BOB);
    assert_int_equal(send_change(), 200);
    secret_free(&second);
}

/* ---- a member's own key ------------------------------------------------- */

static long send_key(uint32_t uid, const struct secret *once,
                     const struct secret *own)
{
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    new_change();
    assert_int_equal(
        keyring_sign_key(mine, once, uid, own, 5, &entry, signature, &h.err),
        0);
    put_entry(&entry, signature);
    return ask_json("/keyring/key", change);
}

/* bob, who is an officer, has added us, and we sign nothing yet. */
static int begin_enrolling(void **state)
{
    struct keyring_staff me = { .uid = ME, .name = "ana", .roles = ROLE__ALL };
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    if (set_up(state) != 0)
        return -1;
    bob = we_are_only(ROLE_AGENT);
    assert_int_equal(age_identity_recipient(me.recipient, h.officer), 0);
    assert_int_equal(enrolment_seal(&me, &random_system, &h.err), 0);
    assert_int_equal(
        keyring_sign_staff(h.keyring, bob, &me, 5, &entry, signature, &h.err),
        0);
    buf_free(&entry);
    mine = keyring_copy(h.keyring);
    open_desk();
    return mine == NULL;
}

/* Once, with the proof of the new key; nothing is signed before it. */
static void own_key_is_set_once_and_on_record(void **state)
{
    struct secret *once =
        enrolment_open(keyring_find(mine, ME), h.officer, &h.err);
    uint8_t key[SIGN_PUBLIC_LEN];

    (void)state;
    assert_non_null(once);
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 403);
    assert_int_equal(send_key(ME, once, h.officer), 200);
    assert_int_equal(staff_sign_public(key, h.officer), 0);
    assert_memory_equal(
        keyring_find(registrar_keyring(registrar), ME)->sign_key, key,
        sizeof(key));
    assert_int_equal(recorded("staff_key_set"), 1);
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 200);

    /* The one who added us kept the enrolment: it is worth nothing now. */
    (void)json_object_set_new(change, "size", json_integer(6));
    assert_int_equal(ask_json("/keyring/key", change), 403);
    assert_int_equal(recorded("staff_key_set"), 1);
    secret_free(&once);
}

static void key_of_somebody_else_is_refused(void **state)
{
    struct secret *once;

    (void)state;
    add_bob();
    once = enrolment_open(keyring_find(mine, BOB), bob, &h.err);
    assert_non_null(once);
    assert_int_equal(send_key(BOB, once, bob), 403);
    assert_int_equal(recorded("staff_key_set"), 0);
    secret_free(&once);
}

/* ---- headers ------------------------------------------------------------ */

static json_t *page_of(const char *path, int epoch, json_t *after)
{
    json_t *o = json_pack("{s:i, s:o}", "epoch", epoch, "after", after);

    sign_for(o, path, h.officer);
    assert_int_equal(ask_json(path, o), 200);
    json_decref(o);
    return json_parse(body.p, body.len, &h.err);
}

static json_t *headers_of(int epoch)
{
    return page_of("/vault/headers/read", epoch, json_integer(0));
}

/* The document's header, moved to the second epoch by what the desk gives. */
static json_t *moved(const struct secret *second)
{
    json_t *page = headers_of(1);
    const json_t *item = json_array_get(json_object_get(page, "headers"), 0);
    const char *text = json_str(item, "header");
    uint8_t header[1024];
    struct buf out = { 0 };
    ssize_t len;
    json_t *o;

    assert_non_null(text);
    len = base64_decode(header, sizeof(header), text, strlen(text), true);
    assert_true(len > 0);
    assert_int_equal(header_rewrap(&out, header, (size_t)len, h.epoch, second,
                                   &random_system, &h.err),
                     0);
    o = json_pack("{s:i, s:[{s:O, s:i, s:o}]}", "epoch", 2, "headers",
                  "document", json_object_get(item, "document"), "former", 1,
                  "header", base64(out.p, out.len));
    json_decref(page);
    buf_free(&out);
    return o;
}

static struct secret *rotate(void)
{
    struct secret *second = age_identity_new(&random_system);

    new_change();
    sign_epoch(second);
    put_grant(2, ME);
    assert_int_equal(send_change(), 200);
    return second;
}

static long post_headers(json_t *o, const char *path)
{
    sign_for(o, path, h.officer);
    return ask_json(path, o);
}

static void assert_sound(void)
{
    assert_int_equal(ask("/check", NULL), 200);
    assert_string_equal((const char *)body.p, "{\"faults\":[]}");
}

/* What a request for proof says of a moved header. */
static json_t *proof_of(const json_t *sent)
{
    const json_t *item = json_array_get(json_object_get(sent, "headers"), 0);
    const char *text = json_str(item, "header");
    uint8_t header[1024], hash[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];
    ssize_t len =
        base64_decode(header, sizeof(header), text, strlen(text), true);

    assert_true(len > 0);
    sha256_of(hash, header, (size_t)len);
    hex_encode(hex, hash, sizeof(hash));
    return json_pack("{s:[{s:O, s:s}]}", "headers", "document",
                     json_object_get(item, "document"), "sha256", hex);
}

static void header_is_moved_and_the_payload_is_not(void **state)
{
    struct secret *second = rotate();
    struct buf plain = { 0 };
    json_t *o = moved(second), *proof = proof_of(o);

    (void)state;
    assert_int_equal(recorded("headers_read"), 1);
    assert_int_equal(ask_json("/vault/headers", o), 403);
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_int_equal(recorded("header_rewrapped"), 1);
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 200);
    assert_int_equal(age_open(&plain, (const struct secret *const[]){ second },
                              1, body.p, body.len, &h.err),
                     0);
    assert_memory_equal(plain.p, desk_plain, sizeof(desk_plain));
    assert_sound();

    /* The former one stays until this one was opened, and may be moved again;
     * what is proven is not moved, and is not on record twice. */
    assert_int_equal(ask("/vault", NULL), 200);
    assert_true(body_has("\"unproven\":1"));
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_sound();
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_int_equal(recorded("header_confirmed"), 1);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":0}"));
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    assert_true(body_has("{\"done\":0}"));
    assert_int_equal(recorded("header_rewrapped"), 2);
    assert_int_equal(recorded("header_confirmed"), 1);
    assert_sound();
    json_decref(o);
    json_decref(proof);
    buf_free(&plain);
    secret_free(&second);
}

/* An officer's program sends what nobody opens: the document is not lost. */
static void former_header_outlives_one_that_opens_nothing(void **state)
{
    struct secret *second = rotate(),
                  *nobody = age_identity_new(&random_system);
    json_t *bad = moved(nobody), *good = moved(second), *page, *proof;
    const json_t *item;
    const char *text;
    uint8_t former[1024];
    struct secret *key;
    size_t took;
    ssize_t len;

    (void)state;
    assert_int_equal(post_headers(bad, "/vault/headers"), 200);
    page = page_of("/vault/headers/unproven", 1, json_string(""));
    item = json_array_get(json_object_get(page, "headers"), 0);
    text = json_str(item, "former");
    assert_non_null(text);
    len = base64_decode(former, sizeof(former), text, strlen(text), true);
    key = age_header_open(former, (size_t)len,
                          (const struct secret *const[]){ h.epoch }, 1, &took,
                          &h.err);
    assert_non_null(key);
    secret_free(&key);

    /* A proof of another header than the one in place proves nothing. */
    proof = proof_of(good);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":0}"));
    assert_int_equal(post_headers(good, "/vault/headers"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_sound();
    json_decref(bad);
    json_decref(good);
    json_decref(page);
    json_decref(proof);
    secret_free(&second);
    secret_free(&nobody);
}

/* Alone, an officer cannot spoil a document while there is another. */
static void who_moved_a_header_does_not_prove_it(void **state)
{
    struct keyring_staff staff = { .uid = BOB,
                                   .name = "bob",
                                   .roles = ROLE_OFFICER };
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];
    struct secret *second = rotate();
    json_t *o = moved(second), *proof = proof_of(o);

    (void)state;
    new_change();
    assert_int_equal(age_identity_recipient(staff.recipient, bob), 0);
    assert_int_equal(staff_sign_public(staff.sign_key, bob), 0);
    assert_int_equal(keyring_sign_staff(mine, h.officer, &staff, 5, &entry,
                                        signature, &h.err),
                     0);
    put_entry(&entry, signature);
    put_grant(1, BOB);
    put_grant(2, BOB);
    assert_int_equal(send_change(), 200);
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 403);
    assert_int_equal(recorded("header_confirmed"), 0);
    assert_int_equal(ask("/vault", NULL), 200);
    assert_true(body_has("\"unproven\":1"));
    json_decref(o);
    json_decref(proof);
    secret_free(&second);
}

/* Header and epoch of before, put back by who controls the database: a reader
 * that was revoked may have that epoch's secret. */
static void header_of_before_is_noticed(void **state)
{
    struct secret *second = rotate();
    json_t *o = moved(second), *proof = proof_of(o);

    (void)state;
    desk_help_tamper(&h, "CREATE TABLE kept AS SELECT epoch, header_wrapped"
                         " FROM document");
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    assert_int_equal(post_headers(proof, "/vault/headers/confirmed"), 200);
    assert_sound();
    desk_help_tamper(&h, "UPDATE document SET header_wrapped ="
                         " (SELECT header_wrapped FROM kept)");
    assert_int_equal(ask("/check", NULL), 200);
    assert_true(body_has("its header is not the one in the ledger"));
    desk_help_tamper(&h, "UPDATE document SET epoch = (SELECT epoch FROM kept);"
                         "DROP TABLE kept");
    assert_int_equal(ask("/check", NULL), 200);
    assert_true(body_has("the database says epoch 1, the ledger 2"));
    json_decref(o);
    json_decref(proof);
    secret_free(&second);
}

/* Not a header, or one that others than the epoch open too. */
static void header_that_is_none_is_refused(void **state)
{
    struct secret *second = rotate(), *key = secret_new(AGE_FILE_KEY_LEN);
    json_t *o = moved(second), *item, *kept;
    uint8_t to[2][AGE_KEY_LEN];
    struct buf two = { 0 };

    (void)state;
    item = json_array_get(json_object_get(o, "headers"), 0);
    kept = json_incref(json_object_get(item, "header"));
    (void)json_object_set_new(item, "header", base64("rubbish", 7));
    assert_int_equal(post_headers(o, "/vault/headers"), 400);
    assert_int_equal(age_identity_recipient(to[0], second), 0);
    assert_int_equal(age_identity_recipient(to[1], bob), 0);
    assert_int_equal(age_seal(&two, (const uint8_t(*)[AGE_KEY_LEN])to, 2,
                              &random_system, "x", 1, &h.err),
                     0);
    (void)json_object_set_new(item, "header", base64(two.p, two.len - 33));
    assert_int_equal(post_headers(o, "/vault/headers"), 400);
    assert_true(body_has("not for one X25519 recipient"));
    buf_free(&two);
    assert_int_equal(age_seal(&two, (const uint8_t(*)[AGE_KEY_LEN])to, 1,
                              &random_system, "x", 1, &h.err),
                     0);
    (void)json_object_set_new(item, "header", base64(two.p, two.len));
    assert_int_equal(post_headers(o, "/vault/headers"), 400);
    assert_true(body_has("bytes follow it"));
    assert_int_equal(recorded("header_rewrapped"), 0);
    (void)json_object_set_new(item, "header", kept);
    assert_int_equal(post_headers(o, "/vault/headers"), 200);
    json_decref(o);
    buf_free(&two);
    secret_free(&key);
    secret_free(&second);
}

static void header_for_an_epoch_that_is_not_the_newest_is_refused(void **state)
{
    struct secret *second = rotate();
    json_t *o = moved(second);

    (void)state;
    (void)json_object_set_new(o, "epoch", json_integer(1));
    sign_for(o, "/vault/headers", h.officer);
    assert_int_equal(ask_json("/vault/headers", o), 409);
    (void)json_object_set_new(o, "epoch", json_integer(3));
    sign_for(o, "/vault/headers", h.officer);
    assert_int_equal(ask_json("/vault/headers", o), 409);
    assert_int_equal(recorded("header_rewrapped"), 0);
    json_decref(o);
    secret_free(&second);
}

static void malformed_headers_are_refused(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "{\"epoch\":1}",
        "{\"epoch\":0,\"headers\":[]}",
        "{\"epoch\":1,\"headers\":[{}]}",
        ("{\"epoch\":1,\"headers\":[{\"document\":\"x\",\"former\":1,"
         "\"header\":\"AAAA\"}]}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        json_t *o = json_parse(bodies[i], strlen(bodies[i]), &h.err);

        sign_for(o, "/vault/headers", h.officer);
        assert_int_equal(ask_json("/vault/headers", o), 400);
        json_decref(o);
    }
}

static void epochs_are_counted_and_unknown_ones_not_found(void **state)
{
    (void)state;
    assert_int_equal(ask("/vault", NULL), 200);
    assert_true(body_has("\"documents\":1"));
    for (int epoch = 0; epoch <= 2; epoch += 2) {
        json_t *o = json_pack("{s:i, s:i}", "epoch", epoch, "after", 0);

        assert_int_equal(post_headers(o, "/vault/headers/read"),
                         epoch == 0 ? 400 : 404);
        json_decref(o);
    }
    assert_int_equal(ask("/vault/headers", NULL), 404);
    assert_int_equal(recorded("headers_read"), 0);
    assert_int_equal(ask("/grants/1", NULL), 200);
    assert_int_equal(ask("/grants/2", NULL), 404);
    assert_int_equal(ask("/grants/x", NULL), 404);
}

static void staff_are_listed_and_users_found(void **state)
{
    (void)state;
    assert_int_equal(ask("/staff", NULL), 200);
    assert_true(body_has("\"name\":\"ana\""));
    assert_true(body_has("\"epochs\":[1]"));
    assert_int_equal(ask("/user?name=root", NULL), 200);
    assert_true(body_has("\"uid\":0"));
    assert_int_equal(ask("/user?name=no-such-user-here", NULL), 404);
    assert_int_equal(ask("/user?name=4711", NULL), 200);
    assert_int_equal(ask("/user", NULL), 400);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reader_is_added_with_a_grant_and_on_record),
        TEST(reader_without_a_grant_is_refused),
        TEST(auditor_is_added_without_and_refused_with_a_grant),
        TEST(grant_for_who_has_one_is_refused),
        TEST(known_member_is_not_added_again),
        TEST(change_without_a_signature_is_refused),
        TEST(change_of_an_older_keyring_is_a_conflict),
        TEST(entry_that_a_colleague_signed_is_refused),
        TEST(grant_that_is_no_grant_is_refused),
        TEST(reader_needs_no_grant_of_an_empty_epoch),
        TEST(missing_grant_is_given_again),
        TEST(body_that_was_changed_after_signing_is_refused),
        TEST(access_is_checked_in_its_own_transaction),
        TEST(malformed_changes_are_refused),
        TEST(revoking_takes_the_grants_and_begins_an_epoch),
        TEST(revoking_without_an_epoch_is_refused),
        TEST(epoch_that_a_reader_cannot_open_is_refused),
        cmocka_unit_test_setup_teardown(own_key_is_set_once_and_on_record,
                                        begin_enrolling, end),
        TEST(key_of_somebody_else_is_refused),
        TEST(header_is_moved_and_the_payload_is_not),
        TEST(former_header_outlives_one_that_opens_nothing),
        TEST(who_moved_a_header_does_not_prove_it),
        TEST(header_of_before_is_noticed),
        TEST(header_that_is_none_is_refused),
        TEST(header_for_an_epoch_that_is_not_the_newest_is_refused),
        TEST(malformed_headers_are_refused),
        TEST(epochs_are_counted_and_unknown_ones_not_found),
        TEST(staff_are_listed_and_users_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static void put_grant(unsigned epoch, uint32_t uid)
{
    assert_int_equal(json_array_append_new(json_object_get(change, "grants"),
                                           json_pack("{s:I, s:I, s:o}", "epoch",
                                                     (json_int_t)epoch, "uid",
                                                     (json_int_t)uid, "file",
                                                     base64("a grant", 7))),
                     0);
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

/* ---- two officers ------------------------------------------------------- */

/* As the keyring is, whatever was tried since. */
static void refresh(void)
{
    keyring_free(&mine);
    mine = keyring_copy(registrar_keyring(registrar));
}

static long add_officer(void)
{
    refresh();
    new_change();
    sign_bob(ROLE_OFFICER);
    put_grant(1, BOB);
    return send_change();
}

static long add_eva(const struct secret *eva, const char *name)
{
    struct keyring_staff staff = { .uid = BOB + 1, .roles = ROLE_AUDITOR };
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    refresh();
    new_change();
    (void)snprintf(staff.name, sizeof(staff.name), "%s", name);
    assert_int_equal(age_identity_recipient(staff.recipient, eva), 0);
    assert_int_equal(enrolment_seal(&staff, &random_system, &h.err), 0);
    assert_int_equal(keyring_sign_staff(mine, h.officer, &staff, 5, &entry,
                                        signature, &h.err),
                     0);
    put_entry(&entry, signature);
    return send_change();
}

/* The first adds the second alone; from then on each addition takes two. */
static void second_officer_is_added_alone_and_nobody_after(void **state)
{
    struct secret *eva = age_identity_new(&random_system);

    (void)state;
    policies->policies[1]->two_officers = 1u << ACTION_STAFF_ADD;
    assert_int_equal(add_officer(), 200);
    assert_int_equal(recorded("approval_requested"), 0);
    assert_int_equal(add_eva(eva, "eva"), 403);
    assert_true(body_has("needs a second officer"));
    assert_int_equal(add_eva(eva, "eva"), 403); /* drawn anew, and the same */
    assert_int_equal(recorded("approval_requested"), 1);
    assert_int_equal(add_eva(eva, "evil"), 403);
    assert_int_equal(recorded("approval_requested"), 2);
    assert_null(keyring_find(registrar_keyring(registrar), BOB + 1));
    assert_int_equal(ask("/approvals", NULL), 200);
    assert_true(body_has("staff_add"));
    secret_free(&eva);
}

/* Else one would revoke the other, and be the first again. */
static void who_revoked_the_second_is_not_the_first_again(void **state)
{
    struct secret *second = age_identity_new(&random_system);
    struct secret *eva = age_identity_new(&random_system);

    (void)state;
    policies->policies[0]->two_officers = 1u << ACTION_STAFF_ADD;
    assert_int_equal(add_officer(), 200);
    refresh();
    new_change();
    sign_revoke(BOB);
    sign_epoch(second);
    put_grant(2, ME);
    assert_int_equal(send_change(), 200);
    assert_int_equal(add_eva(eva, "eva"), 403);
    assert_true(body_has("needs a second officer"));
    secret_free(&second);
    secret_free(&eva);
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

static long send_key(uint32_t uid, const struct secret *former,
                     const struct secret *own)
{
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN], key[SIGN_PUBLIC_LEN];

    new_change();
    assert_int_equal(staff_sign_public(key, own), 0);
    assert_int_equal(
        keyring_sign_key(mine, former, uid, key, 5, &entry, signature, &h.err),
        0);
    put_entry(&entry, signature);
    return ask_json("/keyring/key", change);
}

static void own_key_is_replaced_and_on_record(void **state)
{
    struct secret *own = age_identity_new(&random_system);
    uint8_t key[SIGN_PUBLIC_LEN];

    (void)state;
    assert_int_equal(send_key(ME, h.officer, own), 200);
    assert_int_equal(staff_sign_public(key, own), 0);
    assert_memory_equal(
        keyring_find(registrar_keyring(registrar), ME)->sign_key, key,
        sizeof(key));
    assert_int_equal(recorded("staff_key_set"), 1);

    /* The former one signs no more. */
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 403);
    secret_free(&own);
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

static json_t *headers_of(const char *epoch)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/vault/headers?epoch=%s", epoch);
    assert_int_equal(ask(path, NULL), 200);
    return json_parse(body.p, body.len, &h.err);
}

/* The document's header, moved to the second epoch by what the desk gives. */
static json_t *moved(const struct secret *second)
{
    json_t *page = headers_of("1");
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

static void header_is_moved_and_the_payload_is_not(void **state)
{
    struct secret *second = rotate();
    struct buf plain = { 0 };
    json_t *o = moved(second);

    (void)state;
    assert_int_equal(ask_json("/vault/headers", o), 403);
    sign_for(o, "/vault/headers", h.officer);
    assert_int_equal(ask_json("/vault/headers", o), 200);
    assert_true(body_has("{\"done\":1}"));
    assert_int_equal(recorded("header_rewrapped"), 1);
    assert_int_equal(ask_read("{\"reason\":\"x\"}"), 200);
    assert_int_equal(age_open(&plain, (const struct secret *const[]){ second },
                              1, body.p, body.len, &h.err),
                     0);
    assert_memory_equal(plain.p, desk_plain, sizeof(desk_plain));

    /* What was moved is not moved again, and is not on record twice. */
    sign_for(o, "/vault/headers", h.officer);
    assert_int_equal(ask_json("/vault/headers", o), 200);
    assert_true(body_has("{\"done\":0}"));
    assert_int_equal(recorded("header_rewrapped"), 1);
    assert_int_equal(ask("/check", NULL), 200);
    assert_true(body_has("{\"faults\":[]}"));
    json_decref(o);
    buf_free(&plain);
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
    assert_int_equal(ask("/vault/headers?epoch=2", NULL), 404);
    assert_int_equal(ask("/vault/headers?epoch=0", NULL), 404);
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
        TEST(malformed_changes_are_refused),
        TEST(second_officer_is_added_alone_and_nobody_after),
        TEST(who_revoked_the_second_is_not_the_first_again),
        TEST(revoking_takes_the_grants_and_begins_an_epoch),
        TEST(revoking_without_an_epoch_is_refused),
        TEST(epoch_that_a_reader_cannot_open_is_refused),
        TEST(own_key_is_replaced_and_on_record),
        TEST(key_of_somebody_else_is_refused),
        TEST(header_is_moved_and_the_payload_is_not),
        TEST(header_for_an_epoch_that_is_not_the_newest_is_refused),
        TEST(malformed_headers_are_refused),
        TEST(epochs_are_counted_and_unknown_ones_not_found),
        TEST(staff_are_listed_and_users_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* desk: changes of the keyring. */
#include "desk_staff_help.h"

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
    assert_true(body_has("\"faults\":[]"));
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
static bool opens_for_me(const char *text)
{
    uint8_t file[LIMIT_GRANT];
    ssize_t len = base64_decode(file, sizeof(file), text, strlen(text), true);
    struct error ignored = { 0 };
    struct secret *epoch;

    assert_true(len > 0);
    epoch = grant_open(registrar_keyring(registrar), 1, h.officer, file,
                       (size_t)len, &ignored);
    secret_free(&epoch);
    return ignored.code == ERR_NONE;
}

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

/* One officer's program gives what opens nothing, and again: what was there at
 * first is still handed out. */
static void grant_that_is_given_again_replaces_no_first_one(void **state)
{
    const char *text[2];
    json_t *answer, *grants;

    (void)state;
    for (int i = 0; i < 3; i++) {
        new_change();
        put_grant(1, ME); /* sealed to bob: I open none of these */
        assert_int_equal(send_change(), 200);
    }
    assert_int_equal(ask("/keyring", NULL), 200);
    answer = json_parse(body.p, body.len, &h.err);
    grants = json_object_get(answer, "grants");
    assert_int_equal(json_array_size(grants), 2);
    for (size_t i = 0; i < 2; i++) {
        text[i] = json_str(json_array_get(grants, i), "file");
        assert_int_equal(opens_for_me(text[i]), i == 1);
    }
    json_decref(answer);
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
    assert_true(body_has("\"faults\":[]"));
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

/* ---- who there is ------------------------------------------------------- */

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
        TEST(grant_that_is_given_again_replaces_no_first_one),
        TEST(body_that_was_changed_after_signing_is_refused),
        TEST(access_is_checked_in_its_own_transaction),
        TEST(malformed_changes_are_refused),
        TEST(second_officer_is_added_alone_and_nobody_after),
        TEST(who_revoked_the_second_is_not_the_first_again),
        TEST(revoking_takes_the_grants_and_begins_an_epoch),
        TEST(revoking_without_an_epoch_is_refused),
        TEST(epoch_that_a_reader_cannot_open_is_refused),
        cmocka_unit_test_setup_teardown(own_key_is_set_once_and_on_record,
                                        begin_enrolling, end),
        TEST(key_of_somebody_else_is_refused),
        TEST(staff_are_listed_and_users_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

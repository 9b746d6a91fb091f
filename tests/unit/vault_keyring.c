/* A keyring that grows by sound entries, and one that is read again. */
#include "vault_keyring_help.h"

static void the_root_makes_its_officer_and_pins_itself(void **state)
{
    struct ring *r = *state;
    uint8_t custody[AGE_KEY_LEN], root[KEYRING_HASH_LEN], want[SHA256_LEN];
    struct buf bytes = { 0 };

    const struct keyring_staff *ana = keyring_find(r->k, 1000);
    assert_non_null(ana);
    assert_string_equal(ana->name, "ana");
    assert_int_equal(ana->roles, ROLE__ALL);
    assert_memory_equal(ana->recipient, r->ana.recipient[0], AGE_KEY_LEN);
    assert_int_equal(keyring_custody(r->k, custody), 0);
    assert_memory_equal(custody, r->custody.recipient[0], AGE_KEY_LEN);

    /* The pin is the hash of the first entry and its signature. */
    assert_int_equal(buf_add(&bytes, r->log[0].bytes.p, r->log[0].bytes.len),
                     0);
    assert_int_equal(buf_add(&bytes, r->log[0].sig, SIGN_LEN), 0);
    sha256_of(want, bytes.p, bytes.len);
    keyring_root(r->k, root);
    assert_memory_equal(root, want, SHA256_LEN);
    buf_free(&bytes);
}

static void an_empty_keyring_knows_nothing(void **state)
{
    (void)state;
    uint8_t out[AGE_KEY_LEN];
    struct keyring *k = keyring_new();
    assert_non_null(k);
    assert_int_equal(keyring_size(k), 0);
    assert_int_equal(keyring_epoch(k), 0);
    assert_int_equal(keyring_custody(k, out), -1);
    assert_int_equal(keyring_epoch_recipient(k, 0, out), -1);
    assert_null(keyring_staff_at(k, 0));
    assert_null(keyring_find(k, 0));
    keyring_free(&k);
    assert_null(k);
}

static void entries_have_the_documented_bytes(void **state)
{
    struct ring *r = *state;
    char prev[HEX_SIZE(32)], signer[HEX_SIZE(32)], key[HEX_SIZE(32)];
    uint8_t head[32], ana[32], eva[32];
    char recipient[AGE_RECIPIENT_SIZE], want[1024];

    keyring_head(r->k, head);
    hex_encode(prev, head, 32);
    assert_int_equal(staff_sign_public(ana, r->ana.identity), 0);
    hex_encode(signer, ana, 32);
    assert_int_equal(staff_sign_public(eva, r->eva.identity), 0);
    hex_encode(key, eva, 32);
    age_recipient_format(recipient, r->eva.recipient[0]);
    add_staff(r, &r->eva, 1001, "eva", ROLE_OFFICER | ROLE_AGENT | ROLE_SENDER);

    (void)snprintf(want, sizeof(want),
                   "{\"name\":\"eva\",\"prev\":\"%s\",\"recipient\":\"%s\","
                   "\"roles\":[\"agent\",\"officer\",\"sender\"],\"seq\":1,"
                   "\"sign_key\":\"%s\",\"signer\":\"%s\","
                   "\"time\":\"1970-01-01T00:00:01.000Z\","
                   "\"type\":\"staff\",\"uid\":1001,\"v\":1}",
                   prev, recipient, key, signer);
    assert_string_equal((const char *)r->log[1].bytes.p, want);
}

static void epochs_rise_and_keep_their_recipients(void **state)
{
    struct ring *r = *state;
    struct person one = person_new(), two = person_new();
    uint8_t out[AGE_KEY_LEN];

    add_epoch(r, &one);
    add_epoch(r, &two);
    assert_int_equal(keyring_epoch(r->k), 2);
    assert_int_equal(keyring_epoch_recipient(r->k, 1, out), 0);
    assert_memory_equal(out, one.recipient[0], AGE_KEY_LEN);
    assert_int_equal(keyring_epoch_recipient(r->k, 2, out), 0);
    assert_memory_equal(out, two.recipient[0], AGE_KEY_LEN);
    assert_int_equal(keyring_epoch_recipient(r->k, 0, out), -1);
    assert_int_equal(keyring_epoch_recipient(r->k, 3, out), -1);
    person_free(&one);
    person_free(&two);
}

static void a_second_entry_replaces_a_member(void **state)
{
    struct ring *r = *state;
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    add_staff(r, &r->eva, 1001, "eva", ROLE_AUDITOR);
    assert_int_equal(keyring_find(r->k, 1001)->roles, ROLE_AUDITOR);
    assert_non_null(keyring_staff_at(r->k, 1));
    assert_null(keyring_staff_at(r->k, 2));
}

static void a_revoked_member_is_gone_and_may_return(void **state)
{
    struct ring *r = *state;
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    add_revoke(r, 1001);
    assert_null(keyring_find(r->k, 1001));
    assert_null(keyring_staff_at(r->k, 1));
    add_staff(r, &r->eva, 1002, "eva", ROLE_AGENT);
    assert_non_null(keyring_find(r->k, 1002));
}

static void a_second_officer_may_sign(void **state)
{
    struct ring *r = *state;
    add_staff(r, &r->eva, 1001, "eva", ROLE_OFFICER);
    r->signer = &r->eva;
    add_revoke(r, 1000);
    assert_null(keyring_find(r->k, 1000));
}

static void a_log_that_is_read_again_gives_the_same_state(void **state)
{
    struct ring *r = *state;
    struct person one = person_new();
    uint8_t a[KEYRING_HASH_LEN], b[KEYRING_HASH_LEN];

    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT | ROLE_AUDITOR);
    add_epoch(r, &one);
    struct keyring *again = keyring_new();
    assert_non_null(again);
    for (size_t i = 0; i < r->n; i++)
        assert_accepted(again, &r->log[i]);
    assert_int_equal(keyring_size(again), 3);
    assert_int_equal(keyring_epoch(again), 1);
    assert_memory_equal(keyring_find(again, 1001), keyring_find(r->k, 1001),
                        sizeof(struct keyring_staff));
    keyring_root(r->k, a);
    keyring_root(again, b);
    assert_memory_equal(a, b, KEYRING_HASH_LEN);
    keyring_head(r->k, a);
    keyring_head(again, b);
    assert_memory_equal(a, b, KEYRING_HASH_LEN);
    keyring_free(&again);
    person_free(&one);
}

#define T(name) cmocka_unit_test_setup_teardown(name, ring_new, ring_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_root_makes_its_officer_and_pins_itself),
        cmocka_unit_test(an_empty_keyring_knows_nothing),
        T(entries_have_the_documented_bytes),
        T(epochs_rise_and_keep_their_recipients),
        T(a_second_entry_replaces_a_member),
        T(a_revoked_member_is_gone_and_may_return),
        T(a_second_officer_may_sign),
        T(a_log_that_is_read_again_gives_the_same_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

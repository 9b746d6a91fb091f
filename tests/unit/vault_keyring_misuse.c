/* What must never enter a keyring. */
#include "vault_keyring_help.h"

/* ---- the log as stored was tampered with -------------------------------- */

/* A fresh keyring that has taken the first n entries of the log. */
static struct keyring *replay(const struct ring *r, size_t n)
{
    struct keyring *k = keyring_new();
    assert_non_null(k);
    for (size_t i = 0; i < n; i++)
        assert_accepted(k, &r->log[i]);
    return k;
}

static void every_flipped_bit_of_an_entry_is_refused(void **state)
{
    struct ring *r = *state;
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    struct keyring *k = replay(r, 1);
    struct stored *s = &r->log[1];

    for (size_t bit = 0; bit < 8 * s->bytes.len; bit++) {
        s->bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_not_added(k, s, "");
        s->bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * SIGN_LEN; bit++) {
        s->sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_not_added(k, s, "the signature does not hold");
        s->sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_accepted(k, s);
    keyring_free(&k);
}

static void a_cut_or_extended_entry_is_refused(void **state)
{
    struct ring *r = *state;
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    struct keyring *k = replay(r, 1);
    struct stored *s = &r->log[1];
    size_t len = s->bytes.len;

    for (s->bytes.len = 0; s->bytes.len < len; s->bytes.len++)
        assert_not_added(k, s, "");
    assert_int_equal(buf_adds(&s->bytes, "\n"), 0);
    assert_not_added(k, s, "");
    keyring_free(&k);
}

static void a_swapped_recipient_is_refused(void **state)
{
    struct ring *r = *state;
    struct person one = person_new(), thief = person_new();
    char old[AGE_RECIPIENT_SIZE], new[AGE_RECIPIENT_SIZE];

    add_epoch(r, &one);
    struct keyring *k = replay(r, 1);
    struct stored *s = &r->log[1];
    age_recipient_format(old, one.recipient[0]);
    age_recipient_format(new, thief.recipient[0]);
    uint8_t *at = memmem(s->bytes.p, s->bytes.len, old, strlen(old));
    assert_non_null(at);
    memcpy(at, new, strlen(new));
    assert_not_added(k, s, "the signature does not hold");
    keyring_free(&k);
    person_free(&one);
    person_free(&thief);
}

static void a_dropped_entry_is_noticed(void **state)
{
    struct ring *r = *state;
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    add_revoke(r, 1001);
    add_staff(r, &r->eva, 1002, "eva", ROLE_AGENT);

    /* The revocation goes missing. */
    struct keyring *k = replay(r, 2);
    assert_not_added(k, &r->log[3], "another seq");
    keyring_free(&k);
}

static void reordered_and_repeated_entries_are_refused(void **state)
{
    struct ring *r = *state;
    struct person one = person_new();
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    add_epoch(r, &one);

    struct keyring *k = replay(r, 1);
    assert_not_added(k, &r->log[2], "another seq");
    assert_not_added(k, &r->log[0], "another seq");
    assert_accepted(k, &r->log[1]);
    assert_not_added(k, &r->log[1], "another seq");
    keyring_free(&k);
    person_free(&one);
}

static void an_entry_of_another_branch_is_refused(void **state)
{
    struct ring *r = *state;
    struct person one = person_new();

    /* Two officers' logs part after the root: seq fits, prev does not. */
    struct keyring *fork = replay(r, 1);
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    add_epoch(r, &one);
    struct keyring *mine = r->k;
    r->k = fork;
    add_staff(r, &r->eva, 1001, "eva", ROLE_OFFICER);
    assert_not_added(fork, &r->log[2], "prev is not the hash");
    r->k = mine;
    keyring_free(&fork);
    person_free(&one);
}

static void a_rolled_back_log_has_another_head(void **state)
{
    struct ring *r = *state;
    uint8_t now[KEYRING_HASH_LEN], then[KEYRING_HASH_LEN];
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    add_revoke(r, 1001);

    /* A shorter log is sound in itself; size and head give it away. */
    struct keyring *k = replay(r, 2);
    keyring_head(r->k, now);
    keyring_head(k, then);
    assert_memory_not_equal(now, then, KEYRING_HASH_LEN);
    assert_true(keyring_size(k) < keyring_size(r->k));

    /* What was signed after the roll-back does not join the longer log. */
    struct keyring *mine = r->k;
    r->k = k;
    add_staff(r, &r->eva, 1001, "eva", ROLE_OFFICER);
    assert_not_added(mine, &r->log[3], "another seq");
    r->k = mine;
    keyring_free(&k);
}

static void another_root_has_another_hash(void **state)
{
    struct ring *r = *state;
    struct error err;
    uint8_t mine[KEYRING_HASH_LEN], other[KEYRING_HASH_LEN];
    struct stored s = { 0 };
    struct keyring *k = keyring_new();
    assert_non_null(k);
    assert_int_equal(keyring_sign_root(k, r->eva.identity, 1000, "ana",
                                       r->custody.recipient[0], 0, &s.bytes,
                                       s.sig, &err),
                     0);
    keyring_root(r->k, mine);
    keyring_root(k, other);
    assert_memory_not_equal(mine, other, KEYRING_HASH_LEN);
    keyring_free(&k);
    buf_free(&s.bytes);
}

/* ---- signed by somebody who may not ------------------------------------- */

static void a_stranger_cannot_sign(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    struct person thief = person_new();

    r->signer = &thief;
    struct keyring_entry e = next_entry(r, KEYRING_STAFF);
    e.staff = member(&thief, 1666, "thief", ROLE__ALL);
    write_entry(&s, &e, &thief);
    assert_not_added(r->k, &s, "the signer is no officer");
    buf_free(&s.bytes);
    person_free(&thief);
}

static void an_officers_name_under_anothers_signature_is_refused(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    struct person thief = person_new();

    /* signer says ana; the thief's key made the signature. */
    struct keyring_entry e = next_entry(r, KEYRING_STAFF);
    e.staff = member(&thief, 1666, "thief", ROLE__ALL);
    write_entry(&s, &e, &thief);
    assert_not_added(r->k, &s, "the signature does not hold");
    buf_free(&s.bytes);
    person_free(&thief);
}

static void an_agent_cannot_sign(void **state)
{
    struct ring *r = *state;
    struct error err;
    struct buf entry = { 0 };
    uint8_t sig[SIGN_LEN], zeros[SIGN_LEN] = { 0 };
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT | ROLE_AUDITOR);
    struct keyring_staff more = member(&r->eva, 1001, "eva", ROLE__ALL);

    assert_int_equal(
        keyring_sign_staff(r->k, r->eva.identity, &more, 0, &entry, sig, &err),
        -1);
    assert_int_equal(err.code, ERR_VERIFY);
    assert_int_equal(entry.len, 0);
    assert_memory_equal(sig, zeros, SIGN_LEN);
    assert_int_equal(keyring_size(r->k), 2);
    buf_free(&entry);
}

static void a_revoked_officer_cannot_sign(void **state)
{
    struct ring *r = *state;
    struct error err;
    struct buf entry = { 0 };
    uint8_t sig[SIGN_LEN];
    struct person one = person_new();
    add_staff(r, &r->eva, 1001, "eva", ROLE_OFFICER);
    add_revoke(r, 1001);

    assert_int_equal(keyring_sign_epoch(r->k, r->eva.identity, one.recipient[0],
                                        0, &entry, sig, &err),
                     -1);
    assert_int_equal(keyring_epoch(r->k), 0);
    buf_free(&entry);
    person_free(&one);
}

static void an_officers_former_key_cannot_sign(void **state)
{
    struct ring *r = *state;
    struct error err;
    struct buf entry = { 0 };
    uint8_t sig[SIGN_LEN];
    struct person one = person_new();

    /* ana takes a new identity; the old one is worth nothing. */
    add_staff(r, &r->eva, 1000, "ana", ROLE__ALL);
    assert_int_equal(keyring_sign_epoch(r->k, r->ana.identity, one.recipient[0],
                                        0, &entry, sig, &err),
                     -1);
    r->signer = &r->eva;
    add_epoch(r, &one);
    buf_free(&entry);
    person_free(&one);
}

static void a_signature_over_the_bare_bytes_is_refused(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    struct keyring_entry e = next_entry(r, KEYRING_STAFF);

    /* Without the context, another kind of signed JSON could be an entry. */
    e.staff = member(&r->eva, 1001, "eva", ROLE_AGENT);
    write_entry(&s, &e, &r->ana);
    assert_int_equal(staff_sign(s.sig, r->ana.identity, s.bytes.p, s.bytes.len),
                     0);
    assert_not_added(r->k, &s, "the signature does not hold");
    buf_free(&s.bytes);
}

static void a_second_root_is_refused(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    struct keyring_entry e = next_entry(r, KEYRING_ROOT);
    e.staff = member(&r->ana, 1000, "ana", 0);
    memcpy(e.recipient, r->eva.recipient[0], AGE_KEY_LEN);
    write_entry(&s, &e, &r->ana);
    assert_not_added(r->k, &s, "the first entry, and no other");
    buf_free(&s.bytes);
}

static void a_first_entry_that_is_no_root_is_refused(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    struct keyring *k = keyring_new();
    assert_non_null(k);
    struct keyring_entry e = { .type = KEYRING_STAFF };
    assert_int_equal(staff_sign_public(e.signer, r->ana.identity), 0);
    e.staff = member(&r->ana, 1000, "ana", ROLE__ALL);
    write_entry(&s, &e, &r->ana);
    assert_not_added(k, &s, "the first entry, and no other");
    keyring_free(&k);
    buf_free(&s.bytes);
}

static void a_root_signed_by_another_is_refused(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    struct keyring *k = keyring_new();
    assert_non_null(k);
    struct keyring_entry e = { .type = KEYRING_ROOT };
    assert_int_equal(staff_sign_public(e.signer, r->eva.identity), 0);
    e.staff = member(&r->ana, 1000, "ana", 0);
    memcpy(e.recipient, r->custody.recipient[0], AGE_KEY_LEN);
    write_entry(&s, &e, &r->eva);
    assert_not_added(k, &s, "a root signs itself");
    keyring_free(&k);
    buf_free(&s.bytes);
}

/* ---- signed by the officer, but against the rules ----------------------- */

/* Right members, but not the bytes that RFC 8785 gives for them. */
static void bytes_that_are_not_canonical_are_refused(void **state)
{
    static const struct {
        const char *from, *to;
    } edits[] = {
        { "{\"name\"", "{ \"name\"" },
        { "\"uid\":1001", "\"uid\":1001.0" },
        { "\"uid\":1001", "\"uid\":1.001e3" },
        { "\"name\":\"eva\"", "\"name\":\"\\u0065va\"" },
        { "\"v\":1}", "\"v\":1}\n" },
        { "\"v\":1}", "\"v\":1,\"z\":0}" },
        { "\"v\":1}", "\"v\":1,\"v\":1}" },
        { "\"v\":1}", "\"v\":2}" },
        { ".000Z", "Z" },
        { ".000Z", ".000+00:00" },
        { "[\"agent\",\"officer\"]", "[\"officer\",\"agent\"]" },
        { "[\"agent\",\"officer\"]", "[\"agent\",\"agent\",\"officer\"]" },
        { "[\"agent\",\"officer\"]", "[\"agent\",\"root\"]" },
        { "[\"agent\",\"officer\"]", "\"agent\"" },
        { "\"type\":\"staff\"", "\"type\":\"staf\"" },
        { "\"recipient\":\"age1", "\"recipient\":\"AGE1" },
        { "\"uid\":1001", "\"uid\":-1" },
        { "\"uid\":1001", "\"uid\":4294967296" },
        { "\"uid\":1001", "\"uid\":\"1001\"" },
        { "\"uid\":1001,", "" },
    };
    struct ring *r = *state;
    struct stored sound = { 0 };
    struct keyring_entry e = next_entry(r, KEYRING_STAFF);
    e.staff = member(&r->eva, 1001, "eva", ROLE_AGENT | ROLE_OFFICER);
    write_entry(&sound, &e, &r->ana);

    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        struct stored s = { 0 };
        const char *text = (const char *)sound.bytes.p;
        const char *at = strstr(text, edits[i].from);
        assert_non_null(at);
        assert_int_equal(buf_addf(&s.bytes, "%.*s%s%s", (int)(at - text), text,
                                  edits[i].to, at + strlen(edits[i].from)),
                         0);
        sign_bytes(&s, &r->ana);
        assert_not_added(r->k, &s, "");
        buf_free(&s.bytes);
    }
    assert_accepted(r->k, &sound);
    buf_free(&sound.bytes);
}

static void upper_case_hex_is_refused(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    struct keyring_entry e = next_entry(r, KEYRING_STAFF);
    e.staff = member(&r->eva, 1001, "eva", ROLE_AGENT);
    write_entry(&s, &e, &r->ana);

    char *at = strstr((char *)s.bytes.p, "\"prev\":\"");
    assert_non_null(at);
    at += strlen("\"prev\":\"");
    at += strcspn(at, "abcdef");
    *at = (char)(*at - 'a' + 'A');
    sign_bytes(&s, &r->ana);
    assert_not_added(r->k, &s, "");
    buf_free(&s.bytes);
}

static void bytes_that_are_no_entry_are_refused(void **state)
{
    static const char *const bad[] = { "",  "null", "[]", "{}",       "\"x\"",
                                       "{", "\x80", "1",  "{\"v\":1}" };
    struct ring *r = *state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct stored s = { 0 };
        assert_int_equal(buf_adds(&s.bytes, bad[i]), 0);
        sign_bytes(&s, &r->ana);
        assert_not_added(r->k, &s, "");
        buf_free(&s.bytes);
    }
}

static void an_entry_over_the_limit_is_refused(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    while (s.bytes.len <= LIMIT_LEDGER_ENTRY)
        assert_int_equal(buf_adds(&s.bytes, "                "), 0);
    sign_bytes(&s, &r->ana);
    assert_not_added(r->k, &s, "too long");
    buf_free(&s.bytes);
}

static void seq_and_prev_must_fit(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    struct keyring_entry e = next_entry(r, KEYRING_STAFF);
    e.staff = member(&r->eva, 1001, "eva", ROLE_AGENT);

    e.seq = 2;
    write_entry(&s, &e, &r->ana);
    assert_not_added(r->k, &s, "another seq");
    e.seq = 1;
    e.prev[31] ^= 1;
    write_entry(&s, &e, &r->ana);
    assert_not_added(r->k, &s, "prev is not");
    buf_free(&s.bytes);
}

static void refuse_staff(struct ring *r, const struct keyring_staff *m,
                         const char *why)
{
    struct stored s = { 0 };
    struct keyring_entry e = next_entry(r, KEYRING_STAFF);
    e.staff = *m;
    write_entry(&s, &e, &r->ana);
    assert_not_added(r->k, &s, why);
    buf_free(&s.bytes);
}

static void uids_that_are_nobodys_are_refused(void **state)
{
    struct ring *r = *state;
    struct keyring_staff m = member(&r->eva, 65534, "eva", ROLE_AGENT);
    refuse_staff(r, &m, "a uid that is nobody's");
    m.uid = UINT32_MAX;
    refuse_staff(r, &m, "a uid that is nobody's");
}

static void names_that_cannot_be_shown_are_refused(void **state)
{
    static const char *const bad[] = { "",         "a b",        "a\tb",
                                       "a\x1b[1m", "\u202eanne", "a\x7f" };
    struct ring *r = *state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct keyring_staff m = member(&r->eva, 1001, bad[i], ROLE_AGENT);
        refuse_staff(r, &m, "a name that is empty or cannot be shown");
    }
}

static void a_member_without_role_is_refused(void **state)
{
    struct ring *r = *state;
    struct keyring_staff m = member(&r->eva, 1001, "eva", 0);
    refuse_staff(r, &m, "no role");
}

static void nothing_is_signed_that_bytes_cannot_say(void **state)
{
    struct ring *r = *state;
    struct error err;
    struct buf entry = { 0 };
    uint8_t sig[SIGN_LEN];
    struct keyring_staff m = member(&r->eva, 1001, "eva", ROLE_AGENT | 16);

    assert_int_equal(
        keyring_sign_staff(r->k, r->ana.identity, &m, 0, &entry, sig, &err),
        -1);
    m = member(&r->eva, 1001, "\xff", ROLE_AGENT);
    assert_int_equal(
        keyring_sign_staff(r->k, r->ana.identity, &m, 0, &entry, sig, &err),
        -1);
    memset(m.name, 'a', sizeof(m.name));
    assert_int_equal(
        keyring_sign_staff(r->k, r->ana.identity, &m, 0, &entry, sig, &err),
        -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_int_equal(entry.len, 0);
    buf_free(&entry);
}

static void what_is_anothers_is_refused(void **state)
{
    struct ring *r = *state;
    const char *why = "name, recipient or sign_key of another member";
    struct keyring_staff ana = member(&r->ana, 1000, "ana", ROLE__ALL);
    struct keyring_staff m = member(&r->eva, 1001, "ana", ROLE_AGENT);

    refuse_staff(r, &m, why);
    m = member(&r->eva, 1001, "eva", ROLE_AGENT);
    memcpy(m.recipient, ana.recipient, AGE_KEY_LEN);
    refuse_staff(r, &m, why);
    m = member(&r->eva, 1001, "eva", ROLE_AGENT);
    memcpy(m.sign_key, ana.sign_key, SIGN_PUBLIC_LEN);
    refuse_staff(r, &m, why);
}

static void sign_keys_that_are_no_keys_are_refused(void **state)
{
    struct ring *r = *state;
    struct keyring_staff m = member(&r->eva, 1001, "eva", ROLE_AGENT);
    memset(m.sign_key, 0, sizeof(m.sign_key));
    refuse_staff(r, &m, "a sign_key that is not a key");
    m.sign_key[0] = 1;
    refuse_staff(r, &m, "a sign_key that is not a key");
}

static void low_order_recipients_are_refused(void **state)
{
    struct ring *r = *state;
    struct keyring_staff m = member(&r->eva, 1001, "eva", ROLE_AGENT);
    memset(m.recipient, 0, sizeof(m.recipient));
    refuse_staff(r, &m, "a member is missing or not sound");
}

static void the_last_officer_stays(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    struct keyring_staff m = member(&r->ana, 1000, "ana", ROLE_AGENT);
    refuse_staff(r, &m, "it would leave no officer");

    struct keyring_entry e = next_entry(r, KEYRING_REVOKE);
    e.staff.uid = 1000;
    write_entry(&s, &e, &r->ana);
    assert_not_added(r->k, &s, "it would leave no officer");
    e.staff.uid = 1002;
    write_entry(&s, &e, &r->ana);
    assert_not_added(r->k, &s, "the uid of no member");
    buf_free(&s.bytes);
}

static void refuse_epoch(struct ring *r, unsigned epoch,
                         const struct person *holder, const char *why)
{
    struct stored s = { 0 };
    struct keyring_entry e = next_entry(r, KEYRING_EPOCH);
    e.epoch = epoch;
    memcpy(e.recipient, holder->recipient[0], AGE_KEY_LEN);
    write_entry(&s, &e, &r->ana);
    assert_not_added(r->k, &s, why);
    buf_free(&s.bytes);
}

static void epochs_out_of_order_are_refused(void **state)
{
    struct ring *r = *state;
    struct person one = person_new(), two = person_new();
    refuse_epoch(r, 0, &one, "an epoch out of order");
    refuse_epoch(r, 2, &one, "an epoch out of order");
    add_epoch(r, &one);
    refuse_epoch(r, 1, &two, "an epoch out of order");
    refuse_epoch(r, 3, &two, "an epoch out of order");
    person_free(&one);
    person_free(&two);
}

static void custody_epochs_and_people_share_no_recipient(void **state)
{
    struct ring *r = *state;
    struct person one = person_new();
    refuse_epoch(r, 1, &r->ana, "a member's recipient");
    refuse_epoch(r, 1, &r->custody, "the recipient of custody");
    add_epoch(r, &one);
    refuse_epoch(r, 2, &one, "the recipient of custody or another epoch");
    struct keyring_staff m = member(&one, 1001, "eva", ROLE_AGENT);
    refuse_staff(r, &m, "a recipient that is not a person's");
    m = member(&r->custody, 1001, "eva", ROLE_AGENT);
    refuse_staff(r, &m, "a recipient that is not a person's");
    person_free(&one);
}

static void custody_is_not_with_the_officer(void **state)
{
    struct ring *r = *state;
    struct error err;
    struct buf entry = { 0 };
    uint8_t sig[SIGN_LEN];
    struct keyring *k = keyring_new();
    assert_non_null(k);
    assert_int_equal(keyring_sign_root(k, r->ana.identity, 1000, "ana",
                                       r->ana.recipient[0], 0, &entry, sig,
                                       &err),
                     -1);
    assert_int_equal(keyring_size(k), 0);
    keyring_free(&k);
    buf_free(&entry);
}

static void a_root_with_a_name_too_long_is_not_signed(void **state)
{
    struct ring *r = *state;
    struct error err;
    struct buf entry = { 0 };
    uint8_t sig[SIGN_LEN], zeros[SIGN_LEN] = { 0 };
    char name[STAFF_NAME_SIZE + 1];
    struct keyring *k = keyring_new();
    assert_non_null(k);

    memset(name, 'a', sizeof(name));
    name[STAFF_NAME_SIZE] = '\0';
    memset(sig, 7, sizeof(sig));
    assert_int_equal(buf_adds(&entry, "left from before"), 0);
    assert_int_equal(keyring_sign_root(k, r->ana.identity, 1000, name,
                                       r->custody.recipient[0], 0, &entry, sig,
                                       &err),
                     -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_int_equal(entry.len, 0);
    assert_memory_equal(sig, zeros, SIGN_LEN);
    name[STAFF_NAME_SIZE - 1] = '\0';
    assert_int_equal(keyring_sign_root(k, r->ana.identity, 1000, name,
                                       r->custody.recipient[0], 0, &entry, sig,
                                       &err),
                     0);
    keyring_free(&k);
    buf_free(&entry);
}

#define T(name) cmocka_unit_test_setup_teardown(name, ring_new, ring_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_flipped_bit_of_an_entry_is_refused),
        T(a_cut_or_extended_entry_is_refused),
        T(a_swapped_recipient_is_refused),
        T(a_dropped_entry_is_noticed),
        T(reordered_and_repeated_entries_are_refused),
        T(an_entry_of_another_branch_is_refused),
        T(a_rolled_back_log_has_another_head),
        T(another_root_has_another_hash),
        T(a_stranger_cannot_sign),
        T(an_officers_name_under_anothers_signature_is_refused),
        T(an_agent_cannot_sign),
        T(a_revoked_officer_cannot_sign),
        T(an_officers_former_key_cannot_sign),
        T(a_signature_over_the_bare_bytes_is_refused),
        T(a_second_root_is_refused),
        T(a_first_entry_that_is_no_root_is_refused),
        T(a_root_signed_by_another_is_refused),
        T(bytes_that_are_not_canonical_are_refused),
        T(upper_case_hex_is_refused),
        T(bytes_that_are_no_entry_are_refused),
        T(an_entry_over_the_limit_is_refused),
        T(seq_and_prev_must_fit),
        T(uids_that_are_nobodys_are_refused),
        T(names_that_cannot_be_shown_are_refused),
        T(a_member_without_role_is_refused),
        T(nothing_is_signed_that_bytes_cannot_say),
        T(what_is_anothers_is_refused),
        T(sign_keys_that_are_no_keys_are_refused),
        T(low_order_recipients_are_refused),
        T(the_last_officer_stays),
        T(epochs_out_of_order_are_refused),
        T(custody_epochs_and_people_share_no_recipient),
        T(custody_is_not_with_the_officer),
        T(a_root_with_a_name_too_long_is_not_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

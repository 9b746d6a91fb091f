/* Enrolments, grants, headers of another epoch, and signed requests. */
#include "vault_keyring_help.h"

/* eva, whose sign_key only eva's own CLI can give. */
static struct keyring_staff enrolling(const struct ring *r, unsigned roles)
{
    struct keyring_staff m = member(&r->eva, 1001, "eva", roles);
    struct error err;

    assert_int_equal(enrolment_seal(&m, &random_system, &err), 0);
    return m;
}

static void add_enrolling_as(struct ring *r, unsigned roles)
{
    struct keyring_staff m = enrolling(r, roles);
    struct stored *s = next_stored(r);
    struct error err;

    if (keyring_sign_staff(r->k, r->ana.identity, &m, 1000, &s->bytes, s->sig,
                           &err) != 0)
        fail_msg("%s", err.text);
}

static void add_enrolling(struct ring *r)
{
    add_enrolling_as(r, ROLE_AGENT);
}

static struct stored *add_key(struct ring *r, const struct secret *former,
                              const struct secret *own)
{
    struct stored *s = next_stored(r);
    struct error err;

    if (keyring_sign_key(r->k, former, 1001, own, 1000, &s->bytes, s->sig,
                         &err) != 0)
        fail_msg("%s", err.text);
    return s;
}

/* ---- enrolments --------------------------------------------------------- */

static void a_member_enrols_with_what_the_officer_sealed(void **state)
{
    struct ring *r = *state;
    struct keyring *again = keyring_new();
    const struct keyring_staff *eva;
    struct secret *once;
    uint8_t key[SIGN_PUBLIC_LEN];
    struct error err;

    add_enrolling(r);
    eva = keyring_find(r->k, 1001);
    assert_true(eva->enrols);
    assert_null(enrolment_open(eva, r->ana.identity, &err));
    once = enrolment_open(eva, r->eva.identity, &err);
    assert_non_null(once);
    (void)add_key(r, once, r->eva.identity);
    eva = keyring_find(r->k, 1001);
    assert_false(eva->enrols);
    assert_int_equal(staff_sign_public(key, r->eva.identity), 0);
    assert_memory_equal(eva->sign_key, key, sizeof(key));
    assert_string_equal(eva->name, "eva");

    for (size_t i = 0; i < r->n; i++)
        assert_accepted(again, &r->log[i]);
    assert_memory_equal(keyring_find(again, 1001)->sign_key, key, sizeof(key));
    keyring_free(&again);
    secret_free(&once);
}

/* As a member's CLI proves it, of an entry that is spoilt in some other way. */
static void prove(struct keyring_entry *e, const struct secret *own)
{
    struct buf bytes = { 0 };

    assert_int_equal(keyring_entry_proven(&bytes, e), 0);
    assert_int_equal(staff_sign(e->proof, own, bytes.p, bytes.len), 0);
    buf_free(&bytes);
}

/* Neither an officer nor the member's coming key can set it. */
static void only_the_former_key_signs_for_the_next(void **state)
{
    struct ring *r = *state;
    struct stored s = { 0 };
    struct keyring_entry e;

    add_enrolling(r);
    e = next_entry(r, KEYRING_KEY);
    e.staff.uid = 1001;
    assert_int_equal(staff_sign_public(e.staff.sign_key, r->eva.identity), 0);
    write_entry(&s, &e, &r->ana);
    assert_not_added(r->k, &s, "the signer is not the member");
    assert_int_equal(staff_sign_public(e.signer, r->eva.identity), 0);
    write_entry(&s, &e, &r->eva);
    assert_not_added(r->k, &s, "the signer is not the member");
    buf_free(&s.bytes);
}

static void an_enrolment_counts_once(void **state)
{
    struct ring *r = *state;
    struct person other = person_new();
    struct secret *once;
    struct stored s = { 0 };
    struct keyring_entry e;
    struct error err;

    add_enrolling(r);
    once = enrolment_open(keyring_find(r->k, 1001), r->eva.identity, &err);
    (void)add_key(r, once, r->eva.identity);
    e = next_entry(r, KEYRING_KEY);
    e.staff.uid = 1001;
    assert_int_equal(staff_sign_public(e.signer, once), 0);
    assert_int_equal(staff_sign_public(e.staff.sign_key, other.identity), 0);
    write_entry(&s, &e, &(struct person){ .identity = once });
    assert_not_added(r->k, &s, "the signer is not the member");
    buf_free(&s.bytes);
    secret_free(&once);
    person_free(&other);
}

/* The officer who made it may have kept it. */
static void an_enrolment_key_is_no_officers(void **state)
{
    struct ring *r = *state;
    struct person former = { 0 };
    struct stored s = { 0 };
    struct keyring_entry e;
    struct error err;

    add_enrolling_as(r, ROLE_OFFICER);
    former.identity =
        enrolment_open(keyring_find(r->k, 1001), r->eva.identity, &err);
    assert_non_null(former.identity);
    e = next_entry(r, KEYRING_REVOKE);
    e.staff.uid = 1000;
    assert_int_equal(staff_sign_public(e.signer, former.identity), 0);
    write_entry(&s, &e, &former);
    assert_not_added(r->k, &s, "the signer is no officer");
    buf_free(&s.bytes);
    secret_free(&former.identity);
}

static void a_key_that_is_a_members_is_refused(void **state)
{
    struct ring *r = *state;
    struct person once = { 0 };
    struct stored s = { 0 };
    struct keyring_entry e;
    struct error err;

    add_enrolling(r);
    once.identity =
        enrolment_open(keyring_find(r->k, 1001), r->eva.identity, &err);
    r->signer = &once;
    e = next_entry(r, KEYRING_KEY);
    e.staff.uid = 1001;
    assert_int_equal(staff_sign_public(e.staff.sign_key, r->ana.identity), 0);
    prove(&e, r->ana.identity);
    write_entry(&s, &e, &once);
    assert_not_added(r->k, &s, "the sign_key of a member");
    memset(e.staff.sign_key, 2, sizeof(e.staff.sign_key));
    write_entry(&s, &e, &once);
    assert_not_added(r->k, &s, "a sign_key that is not a key");
    buf_free(&s.bytes);
    secret_free(&once.identity);
}

/* Who made the enrolment, or opened it in the member's place, names the key of
 * somebody else who signs elsewhere: it is nobody's to give. */
static void a_key_is_proven_by_its_owner(void **state)
{
    struct ring *r = *state;
    struct person once = { 0 };
    struct stored s = { 0 };
    struct keyring_entry e;
    struct error err;

    add_enrolling(r);
    once.identity =
        enrolment_open(keyring_find(r->k, 1001), r->eva.identity, &err);
    r->signer = &once;
    e = next_entry(r, KEYRING_KEY);
    e.staff.uid = 1001;
    assert_int_equal(staff_sign_public(e.staff.sign_key, r->eva.identity), 0);
    prove(&e, once.identity);
    write_entry(&s, &e, &once);
    assert_not_added(r->k, &s, "the proof of the key does not hold");
    /* A true proof, of another place in the log. */
    e.seq++;
    prove(&e, r->eva.identity);
    e.seq--;
    write_entry(&s, &e, &once);
    assert_not_added(r->k, &s, "the proof of the key does not hold");
    prove(&e, r->eva.identity);
    write_entry(&s, &e, &once);
    assert_accepted(r->k, &s);
    buf_free(&s.bytes);
    secret_free(&once.identity);
}

/* A member whose key is known already takes no other: with a stolen identity
 * that would lock them out. */
static void only_who_enrols_takes_a_key(void **state)
{
    struct ring *r = *state;
    struct person other = person_new();
    struct stored s = { 0 };
    struct keyring_entry e;

    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    r->signer = &r->eva;
    e = next_entry(r, KEYRING_KEY);
    e.staff.uid = 1001;
    assert_int_equal(staff_sign_public(e.staff.sign_key, other.identity), 0);
    prove(&e, other.identity);
    write_entry(&s, &e, &r->eva);
    assert_not_added(r->k, &s, "the member has a key of their own");
    buf_free(&s.bytes);
    person_free(&other);
}

static void an_enrolment_of_another_size_is_no_entry(void **state)
{
    struct ring *r = *state;
    struct stored *s;
    struct keyring_entry e;
    struct error err;
    json_t *o;

    add_enrolling(r);
    s = &r->log[r->n - 1];
    o = json_parse(s->bytes.p, s->bytes.len, &err);
    assert_non_null(o);
    (void)json_object_set_new(o, "enrolment", json_string("AAAA"));
    buf_reset(&s->bytes);
    assert_int_equal(json_canonical(o, &s->bytes), 0);
    assert_int_equal(keyring_entry_parse(&e, s->bytes.p, s->bytes.len, &err),
                     -1);
    (void)json_object_set_new(o, "enrolment", json_null());
    buf_reset(&s->bytes);
    assert_int_equal(json_canonical(o, &s->bytes), 0);
    assert_int_equal(keyring_entry_parse(&e, s->bytes.p, s->bytes.len, &err),
                     -1);
    json_decref(o);
}

static void who_was_revoked_is_remembered_until_they_return(void **state)
{
    struct ring *r = *state;

    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    assert_false(keyring_revoked(r->k, 1001));
    add_revoke(r, 1001);
    assert_true(keyring_revoked(r->k, 1001));
    assert_false(keyring_revoked(r->k, 1002));
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    assert_false(keyring_revoked(r->k, 1001));
}

static void a_copy_goes_its_own_way(void **state)
{
    struct ring *r = *state;
    struct person one = person_new();
    struct keyring *copy;
    uint8_t a[KEYRING_HASH_LEN], b[KEYRING_HASH_LEN];

    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    add_revoke(r, 1001);
    add_epoch(r, &one);
    copy = keyring_copy(r->k);
    assert_non_null(copy);
    keyring_head(r->k, a);
    keyring_head(copy, b);
    assert_memory_equal(a, b, sizeof(a));
    add_staff(r, &r->eva, 1001, "eva", ROLE_AGENT);
    assert_null(keyring_find(copy, 1001));
    assert_true(keyring_revoked(copy, 1001));
    assert_int_equal(keyring_epoch(copy), 1);
    assert_accepted(copy, &r->log[r->n - 1]);
    keyring_free(&copy);
    person_free(&one);
}

/* ---- grants ------------------------------------------------------------- */

static void a_grant_opens_for_its_reader_and_its_epoch(void **state)
{
    struct ring *r = *state;
    struct person one = person_new(), two = person_new();
    struct buf file = { 0 };
    struct secret *got;
    struct error err;

    add_epoch(r, &one);
    add_epoch(r, &two);
    assert_int_equal(grant_seal(&file, one.identity, r->ana.recipient[0], 0,
                                &random_system, &err),
                     0);
    got = grant_open(r->k, 1, r->ana.identity, file.p, file.len, &err);
    assert_non_null(got);
    assert_memory_equal(got->p, one.identity->p, AGE_KEY_LEN);
    secret_free(&got);
    assert_null(grant_open(r->k, 2, r->ana.identity, file.p, file.len, &err));
    assert_int_equal(err.code, ERR_VERIFY);
    assert_null(grant_open(r->k, 3, r->ana.identity, file.p, file.len, &err));
    assert_null(grant_open(r->k, 1, r->eva.identity, file.p, file.len, &err));
    assert_begins(err.text, "the grant of epoch 1: no identity matched");
    buf_free(&file);
    person_free(&one);
    person_free(&two);
}

/* What a daemon can say of one without being able to open it. */
static void a_grant_is_a_small_file_to_one_reader(void **state)
{
    struct ring *r = *state;
    struct person one = person_new();
    uint8_t both[2][AGE_KEY_LEN];
    struct buf file = { 0 };
    size_t header = 0;
    struct error err;

    assert_int_equal(grant_seal(&file, one.identity, r->ana.recipient[0], 0,
                                &random_system, &err),
                     0);
    assert_int_equal(grant_check(file.p, file.len, &err), 0);
    /* Header, nonce and a tag are nothing yet. */
    assert_int_equal(age_header_check(file.p, file.len, &header, &err), 0);
    for (size_t cut = 0; cut < file.len; cut++)
        assert_int_equal(grant_check(file.p, cut, &err),
                         cut > header + AGE_NONCE_LEN + AGE_TAG_LEN ? 0 : -1);
    assert_int_equal(grant_check("a grant", 7, &err), -1);
    assert_begins(err.text, "a grant: header: not an age v1 file");
    buf_reset(&file);
    memcpy(both[0], r->ana.recipient[0], AGE_KEY_LEN);
    memcpy(both[1], r->eva.recipient[0], AGE_KEY_LEN);
    assert_int_equal(
        age_seal(&file, KEYS(both), 2, &random_system, "x", 1, &err), 0);
    assert_int_equal(grant_check(file.p, file.len, &err), -1);
    assert_begins(err.text, "a grant: header: not for one X25519 recipient");
    buf_reset(&file);
    assert_int_equal(
        age_seal(&file, KEYS(both), 1, &random_system, "", 0, &err), 0);
    assert_int_equal(grant_check(file.p, file.len, &err), -1);
    assert_begins(err.text, "a grant with nothing in it");
    buf_free(&file);
    person_free(&one);
}

/* ---- headers ------------------------------------------------------------ */

static int to_buffer(void *arg, const uint8_t *p, size_t n, struct error *err)
{
    (void)err;
    return buf_add(arg, p, n);
}

static void a_header_moves_to_another_epoch_and_the_payload_stays(void **state)
{
    struct person one = person_new(), two = person_new();
    struct buf header = { 0 }, payload = { 0 }, moved = { 0 }, plain = { 0 };
    struct age_writer *w = NULL;
    struct error err;

    (void)state;
    assert_int_equal(age_writer_new(&w, KEYS(one.recipient), 1, &random_system,
                                    &header, to_buffer, &payload, &err),
                     0);
    assert_int_equal(age_writer_add(w, "a document", 10, &err), 0);
    assert_int_equal(age_writer_finish(w, &err), 0);
    age_writer_free(&w);
    assert_int_equal(header_rewrap(&moved, header.p, header.len, one.identity,
                                   two.identity, &random_system, &err),
                     0);
    assert_int_equal(buf_add(&moved, payload.p, payload.len), 0);
    assert_int_equal(open_with(&plain, &two, moved.p, moved.len, &err), 0);
    assert_int_equal(plain.len, 10);
    assert_memory_equal(plain.p, "a document", 10);
    assert_int_equal(open_with(&plain, &one, moved.p, moved.len, &err), -1);

    /* Not with another's key, not damaged, not with anything behind it. */
    buf_reset(&moved);
    assert_int_equal(header_rewrap(&moved, header.p, header.len, two.identity,
                                   two.identity, &random_system, &err),
                     -1);
    assert_begins(err.text, "no identity matched");
    header.p[header.len - 3] ^= 1;
    assert_int_equal(header_rewrap(&moved, header.p, header.len, one.identity,
                                   two.identity, &random_system, &err),
                     -1);
    header.p[header.len - 3] ^= 1;
    assert_int_equal(buf_add(&header, "x", 1), 0);
    assert_int_equal(header_rewrap(&moved, header.p, header.len, one.identity,
                                   two.identity, &random_system, &err),
                     -1);
    assert_int_equal(moved.len, 0);
    buf_free(&header);
    buf_free(&payload);
    buf_free(&moved);
    buf_free(&plain);
    person_free(&one);
    person_free(&two);
}

/* ---- signed requests ---------------------------------------------------- */

static void a_request_is_signed_as_documented(void **state)
{
    struct ring *r = *state;
    struct buf bytes = { 0 };
    uint8_t key[SIGN_PUBLIC_LEN], sig[SIGN_LEN];

    assert_int_equal(
        staff_request(&bytes, "POST", "00ff", "/a/b", "why \"é\"", NULL), 0);
    assert_string_equal((const char *)bytes.p,
                        "resguardo staff-sign v1\n"
                        "{\"method\":\"POST\",\"nonce\":\"00ff\","
                        "\"path\":\"/a/b\",\"reason\":\"why \\\"é\\\"\"}");
    assert_int_equal(staff_sign_public(key, r->ana.identity), 0);
    assert_int_equal(staff_sign(sig, r->ana.identity, bytes.p, bytes.len), 0);
    assert_true(staff_signed(key, sig, bytes.p, bytes.len));
    assert_false(staff_signed(key, sig, bytes.p, bytes.len - 1));
    sig[5] ^= 1;
    assert_false(staff_signed(key, sig, bytes.p, bytes.len));
    buf_free(&bytes);
    assert_int_equal(staff_request(&bytes, "POST", "00", "/\xff", "", NULL),
                     -1);
    buf_free(&bytes);
    assert_int_equal(staff_request(&bytes, "POST", "00", "/a", "", "ab"), 0);
    assert_string_equal((const char *)bytes.p,
                        "resguardo staff-sign v1\n"
                        "{\"body_sha256\":\"ab\",\"method\":\"POST\","
                        "\"nonce\":\"00\",\"path\":\"/a\",\"reason\":\"\"}");
    buf_free(&bytes);
}

/* All that a request says beside its reason, however it was spelled. */
static void a_requests_body_is_hashed_without_its_signature(void **state)
{
    static const char said[] = "{\"b\":[1,\"x\"],\"a\":null}";
    static const char again[] =
        "{ \"signature\":\"s\", \"a\":null, \"nonce\":\"n\","
        " \"reason\":\"r\", \"b\": [1, \"\\u0078\"] }";
    char one[HEX_SIZE(SHA256_LEN)], two[HEX_SIZE(SHA256_LEN)];
    uint8_t hash[SHA256_LEN];
    struct error err;
    json_t *o = json_parse(said, strlen(said), &err);

    (void)state;
    assert_int_equal(staff_request_body(one, o), 1);
    json_decref(o);
    sha256_of(hash, "{\"a\":null,\"b\":[1,\"x\"]}", 22);
    hex_encode(two, hash, sizeof(hash));
    assert_string_equal(one, two);
    o = json_parse(again, strlen(again), &err);
    assert_int_equal(staff_request_body(two, o), 1);
    assert_string_equal(one, two);
    (void)json_object_set_new(o, "c", json_integer(0));
    assert_int_equal(staff_request_body(two, o), 1);
    assert_string_not_equal(one, two);
    json_decref(o);
    o = json_pack("{s:s, s:s}", "reason", "r", "nonce", "n");
    assert_int_equal(staff_request_body(two, o), 0);
    assert_string_equal(two, "");
    json_decref(o);
    assert_int_equal(staff_request_body(two, NULL), -1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, ring_new, ring_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_member_enrols_with_what_the_officer_sealed),
        T(only_the_former_key_signs_for_the_next),
        T(an_enrolment_counts_once),
        T(an_enrolment_key_is_no_officers),
        T(a_key_that_is_a_members_is_refused),
        T(a_key_is_proven_by_its_owner),
        T(only_who_enrols_takes_a_key),
        T(an_enrolment_of_another_size_is_no_entry),
        T(who_was_revoked_is_remembered_until_they_return),
        T(a_copy_goes_its_own_way),
        T(a_grant_opens_for_its_reader_and_its_epoch),
        T(a_grant_is_a_small_file_to_one_reader),
        cmocka_unit_test(a_header_moves_to_another_epoch_and_the_payload_stays),
        T(a_request_is_signed_as_documented),
        cmocka_unit_test(a_requests_body_is_hashed_without_its_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Recipients, identities and identity files. */
#include "vault_help.h"

/* From the specification of age. */
static const char spec_identity[] =
    "AGE-SECRET-KEY-"
    "1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
static const char spec_recipient[] =
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

static void identity_of_the_specification_gives_its_recipient(void **state)
{
    (void)state;
    struct error err;
    uint8_t point[AGE_KEY_LEN];
    char text[AGE_RECIPIENT_SIZE], again[AGE_IDENTITY_SIZE];
    struct secret *identity = age_identity_parse(spec_identity, &err);

    assert_non_null(identity);
    assert_int_equal(age_identity_recipient(point, identity), 0);
    age_recipient_format(text, point);
    assert_string_equal(text, spec_recipient);
    age_identity_format(again, identity);
    assert_string_equal(again, spec_identity);
    secret_free(&identity);
}

static void recipient_round_trip(void **state)
{
    (void)state;
    struct error err;
    uint8_t point[AGE_KEY_LEN];
    char text[AGE_RECIPIENT_SIZE];

    assert_int_equal(age_recipient_parse(point, spec_recipient, &err), 0);
    age_recipient_format(text, point);
    assert_string_equal(text, spec_recipient);
}

static void new_identities_differ(void **state)
{
    (void)state;
    struct person a = person_new(), b = person_new();
    assert_memory_not_equal(a.identity->p, b.identity->p, AGE_KEY_LEN);
    person_free(&a);
    person_free(&b);
}

static void malformed_recipients_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "age1",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujw",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwk",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj ",
        "AGE1ZVKYG2LQZRAA2LNJVQEJ32NKUU0UES2S82HZRYE869XEEXVN73EQUNUJWJ",
        "Age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error err;
        uint8_t point[AGE_KEY_LEN];
        assert_int_equal(age_recipient_parse(point, bad[i], &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
    }
}

static void low_order_recipients_are_refused(void **state)
{
    (void)state;
    static const char *const low[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++) {
        struct error err;
        uint8_t point[AGE_KEY_LEN];
        char text[AGE_RECIPIENT_SIZE];
        assert_int_equal(hex_decode(point, 32, low[i], 64, false), 0);
        age_recipient_format(text, point);
        assert_int_equal(age_recipient_parse(point, text, &err), -1);
    }
}

static void malformed_identities_are_refused_unquoted(void **state)
{
    (void)state;
    char text[AGE_IDENTITY_SIZE];
    struct error err;

    /* One character wrong, then lower case, then cut. */
    memcpy(text, spec_identity, sizeof(text));
    text[40] = text[40] == 'P' ? 'Q' : 'P';
    assert_null(age_identity_parse(text, &err));
    assert_int_equal(err.code, ERR_INPUT);
    assert_null(strstr(err.text, "GFPYY"));
    memcpy(text, spec_identity, sizeof(text));
    for (char *c = text; *c != '\0'; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    assert_null(age_identity_parse(text, &err));
    memcpy(text, spec_identity, sizeof(text));
    text[sizeof(text) - 2] = '\0';
    assert_null(age_identity_parse(text, &err));
    assert_null(age_identity_parse(spec_recipient, &err));
}

static void identity_file_round_trip(void **state)
{
    (void)state;
    struct error err;
    struct buf file = { 0 };
    struct person p = person_new();

    assert_int_equal(age_identity_file_format(&file, p.identity, 1000), 0);
    assert_begins((const char *)file.p,
                  "# created: 1970-01-01T00:00:01.000Z\n# public key: age1");
    struct secret *again = age_identity_file_parse(file.p, file.len, &err);
    assert_non_null(again);
    assert_memory_equal(again->p, p.identity->p, AGE_KEY_LEN);
    secret_free(&again);
    buf_free(&file);
    person_free(&p);
}

static void identity_file_with_comments_and_crlf_gives_the_first(void **state)
{
    (void)state;
    struct error err;
    struct buf file = { 0 };
    struct person p = person_new();
    char other[AGE_IDENTITY_SIZE];

    age_identity_format(other, p.identity);
    assert_int_equal(
        buf_addf(&file, "# one\r\n\r\n%s\r\n# two\n\n%s", spec_identity, other),
        0);
    struct secret *first = age_identity_file_parse(file.p, file.len, &err);
    assert_non_null(first);
    age_identity_format(other, first);
    assert_string_equal(other, spec_identity);
    secret_free(&first);
    buf_free(&file);
    person_free(&p);
}

/* Kinds that others have stand beside ours, and open nothing. */
static void all_identities_of_a_file_are_read(void **state)
{
    (void)state;
    struct error err;
    struct buf file = { 0 };
    struct age_identities ids = { 0 };
    struct person p = person_new();
    char other[AGE_IDENTITY_SIZE];

    age_identity_format(other, p.identity);
    assert_int_equal(buf_addf(&file,
                              "AGE-SECRET-KEY-PQ-1QQQ\n%s\n# x\n%s\r\n"
                              "AGE-PLUGIN-YUBIKEY-1QQQ",
                              other, spec_identity),
                     0);
    assert_int_equal(age_identities_parse(&ids, file.p, file.len, &err), 0);
    assert_int_equal(ids.n, 2);
    assert_int_equal(ids.foreign, 2);
    assert_memory_equal(ids.list[0]->p, p.identity->p, AGE_KEY_LEN);
    age_identities_free(&ids);
    assert_int_equal(ids.n, 0);

    /* Of a foreign kind alone nobody's own identity is made. */
    buf_reset(&file);
    assert_int_equal(buf_adds(&file, "AGE-SECRET-KEY-PQ-1QQQ\n"), 0);
    assert_int_equal(age_identities_parse(&ids, file.p, file.len, &err), 0);
    assert_null(age_identity_file_parse(file.p, file.len, &err));
    assert_int_equal(err.code, ERR_INPUT);
    age_identities_free(&ids);
    buf_free(&file);
    person_free(&p);
}

static void identity_file_error_names_the_line_alone(void **state)
{
    (void)state;
    struct error err;
    struct buf file = { 0 };

    assert_int_equal(
        buf_addf(&file, "# x\n%s\n%.60s\n", spec_identity, spec_identity), 0);
    assert_null(age_identity_file_parse(file.p, file.len, &err));
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, "line 3"));
    assert_null(strstr(err.text, "GFPYY"));
    buf_free(&file);
}

static void identity_file_without_identity_is_refused(void **state)
{
    (void)state;
    struct error err;
    assert_null(age_identity_file_parse("", 0, &err));
    assert_null(age_identity_file_parse("# only words\n\n", 14, &err));
    assert_int_equal(err.code, ERR_INPUT);
}

static void staff_signature_follows_from_the_identity(void **state)
{
    (void)state;
    struct error err;
    uint8_t seed[HKDF_LEN], want[SIGN_PUBLIC_LEN], got[SIGN_PUBLIC_LEN];
    uint8_t key[crypto_sign_SECRETKEYBYTES], sig[SIGN_LEN];
    struct secret *identity = age_identity_parse(spec_identity, &err);

    assert_non_null(identity);
    hkdf_sha256(seed, identity->p, 32, NULL, 0, "resguardo staff-sign v1", 23);
    assert_int_equal(crypto_sign_seed_keypair(want, key, seed), 0);
    assert_int_equal(staff_sign_public(got, identity), 0);
    assert_memory_equal(got, want, sizeof(got));

    /* It signs exactly what it was given. */
    assert_int_equal(staff_sign(sig, identity, "one", 3), 0);
    assert_int_equal(
        crypto_sign_verify_detached(sig, (const uint8_t *)"one", 3, got), 0);
    assert_int_not_equal(
        crypto_sign_verify_detached(sig, (const uint8_t *)"two", 3, got), 0);
    secret_free(&identity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_of_the_specification_gives_its_recipient),
        cmocka_unit_test(recipient_round_trip),
        cmocka_unit_test(new_identities_differ),
        cmocka_unit_test(malformed_recipients_are_refused),
        cmocka_unit_test(low_order_recipients_are_refused),
        cmocka_unit_test(malformed_identities_are_refused_unquoted),
        cmocka_unit_test(identity_file_round_trip),
        cmocka_unit_test(identity_file_with_comments_and_crlf_gives_the_first),
        cmocka_unit_test(all_identities_of_a_file_are_read),
        cmocka_unit_test(identity_file_error_names_the_line_alone),
        cmocka_unit_test(identity_file_without_identity_is_refused),
        cmocka_unit_test(staff_signature_follows_from_the_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Buffers, numbers and encodings, with known answers. */
#include "unit.h"

#include "resguardo/base.h"

static void buf_grows_and_stays_terminated(void **state)
{
    struct buf b = { 0 };

    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(buf_add(&b, "abc", 3), 0);
        assert_int_equal(b.p[b.len], 0);
    }
    assert_int_equal(b.len, 3000);
    assert_memory_equal(b.p + 2997, "abc", 3);
    buf_free(&b);
    assert_null(b.p);
    assert_int_equal(b.len, 0);
}

static void buf_add_of_nothing_gives_an_empty_string(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_int_equal(buf_add(&b, NULL, 0), 0);
    assert_string_equal((const char *)b.p, "");
    buf_free(&b);
}

static void buf_refuses_what_no_memory_can_hold(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_int_equal(buf_adds(&b, "x"), 0);
    assert_int_equal(buf_reserve(&b, SIZE_MAX), -1);
    assert_int_equal(buf_reserve(&b, SIZE_MAX / 2), -1);
    assert_string_equal((const char *)b.p, "x");
    buf_free(&b);
}

static void buf_reset_wipes(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_int_equal(buf_adds(&b, "secret"), 0);
    buf_reset(&b);
    assert_int_equal(b.len, 0);
    assert_memory_equal(b.p, "\0\0\0\0\0\0", 6);
    buf_free(&b);
}

static void buf_addf_formats(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_int_equal(buf_addf(&b, "%d-%s", 7, "x"), 0);
    assert_int_equal(buf_addf(&b, "%0200d", 1), 0);
    assert_int_equal(b.len, 203);
    buf_free(&b);
}

static void little_endian_both_ways(void **state)
{
    uint8_t b[8];

    (void)state;
    le32_put(b, 0x01020304);
    assert_memory_equal(b, "\x04\x03\x02\x01", 4);
    assert_int_equal(le32_get(b), 0x01020304);
    le64_put(b, 0xf102030405060708);
    assert_memory_equal(b, "\x08\x07\x06\x05\x04\x03\x02\xf1", 8);
    assert_true(le64_get(b) == 0xf102030405060708);
}

static void hex_both_ways(void **state)
{
    char text[HEX_SIZE(3)];
    uint8_t b[3];

    (void)state;
    hex_encode(text, (const uint8_t *)"\x00\xaf\x10", 3);
    assert_string_equal(text, "00af10");
    assert_int_equal(hex_decode(b, 3, "00af10", 6, false), 0);
    assert_memory_equal(b, "\x00\xaf\x10", 3);
    assert_int_equal(hex_decode(b, 3, "00AF10", 6, true), 0);
}

static void hex_is_strict(void **state)
{
    uint8_t b[3];

    (void)state;
    assert_int_equal(hex_decode(b, 3, "00AF10", 6, false), -1);
    assert_int_equal(hex_decode(b, 3, "00af1", 5, true), -1);
    assert_int_equal(hex_decode(b, 3, "00af1000", 8, true), -1);
    assert_int_equal(hex_decode(b, 3, "00af1g", 6, true), -1);
    assert_int_equal(hex_decode(b, 3, "00 af1", 6, true), -1);
    assert_int_equal(hex_decode(b, 3, "", 0, true), -1);
}

/* RFC 4648, section 10. */
static void base64_known_answers(void **state)
{
    static const struct {
        const char *plain, *padded, *bare;
    } known[] = {
        { "", "", "" },
        { "f", "Zg==", "Zg" },
        { "fo", "Zm8=", "Zm8" },
        { "foo", "Zm9v", "Zm9v" },
        { "foob", "Zm9vYg==", "Zm9vYg" },
        { "fooba", "Zm9vYmE=", "Zm9vYmE" },
        { "foobar", "Zm9vYmFy", "Zm9vYmFy" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const uint8_t *plain = (const uint8_t *)known[i].plain;
        size_t n = strlen(known[i].plain);
        char text[BASE64_SIZE(6)];
        uint8_t back[6];

        base64_encode(text, plain, n, true);
        assert_string_equal(text, known[i].padded);
        assert_int_equal(
            base64_decode(back, sizeof(back), text, strlen(text), true), n);
        assert_memory_equal(back, plain, n);
        base64_encode(text, plain, n, false);
        assert_string_equal(text, known[i].bare);
        assert_int_equal(
            base64_decode(back, sizeof(back), text, strlen(text), false), n);
    }
}

static void base64_is_strict(void **state)
{
    static const struct {
        const char *text;
        bool pad;
    } bad[] = {
        { "Zg", true },       /* padding missing */
        { "Zg=", true },      /* half of it */
        { "Zg==", false },    /* padding where there is none */
        { "Zh==", true },     /* not canonical: bits behind the last byte */
        { "Zm9=", true },     /* likewise */
        { "Zh", false },      /* likewise */
        { "Zg===", true },    /* too much padding */
        { "Zg==Zg==", true }, /* two of them */
        { "Zm 9v", true },      { "Zm9v\n", true }, { "\nZm9v", true },
        { "Zm9-", true },       { "Zm9_", true },   { "Z", true },
        { "Z", false },         { "=", true },      { "====", true },
        { "Zm9vYmFyZ", false },
    };
    uint8_t out[16];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(base64_decode(out, sizeof(out), bad[i].text,
                                       strlen(bad[i].text), bad[i].pad),
                         -1);
}

/* libsodium 1.0.18 reads some bytes past ASCII as '+' or '/'. */
static void base64_is_ascii(void **state)
{
    uint8_t out[8];

    (void)state;
    for (int byte = 0x80; byte <= 0xff; byte++) {
        const char text[] = { 'Z', 'm', (char)byte, 'v' };

        assert_int_equal(base64_decode(out, sizeof(out), text, 4, true), -1);
        assert_int_equal(base64_decode(out, sizeof(out), text, 4, false), -1);
    }
}

static void base64_keeps_to_the_buffer(void **state)
{
    uint8_t out[3] = { 0 };

    (void)state;
    assert_int_equal(base64_decode(out, 2, "Zm9v", 4, true), -1);
    assert_int_equal(out[2], 0);
}

static void decimal_takes_digits_up_to_the_limit(void **state)
{
    int64_t v;

    (void)state;
    assert_int_equal(decimal_parse("0", 1, 10, &v), 0);
    assert_int_equal(v, 0);
    assert_int_equal(decimal_parse("007x", 3, 10, &v), 0);
    assert_int_equal(v, 7);
    assert_int_equal(decimal_parse("9223372036854775807", 19, INT64_MAX, &v),
                     0);
    assert_true(v == INT64_MAX);
}

static void decimal_refuses_the_rest(void **state)
{
    static const char *const bad[] = { "",
                                       "-1",
                                       "+1",
                                       " 1",
                                       "1 ",
                                       "1a",
                                       "11",
                                       "9223372036854775808",
                                       "99999999999999999999999" };
    int64_t v;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(decimal_parse(bad[i], strlen(bad[i]), 10, &v), -1);
    assert_int_equal(decimal_parse("9223372036854775808", 19, INT64_MAX, &v),
                     -1);
}

/* 32 times 0x42: a key that age's own tests use. */
static const char age_secret[] = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGF"
                                 "PYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

static void bech32_decodes_an_age_key(void **state)
{
    uint8_t key[32], expected[32];

    (void)state;
    memset(expected, 0x42, sizeof(expected));
    assert_int_equal(
        bech32_decode(key, sizeof(key), "age-secret-key-", age_secret), 0);
    assert_memory_equal(key, expected, sizeof(key));
}

static void bech32_recipient_there_and_back(void **state)
{
    static const char recipient[] =
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    char text[sizeof(recipient)];
    uint8_t key[32];

    (void)state;
    assert_int_equal(bech32_decode(key, sizeof(key), "age", recipient), 0);
    assert_int_equal(bech32_encode(text, sizeof(text), "age", key, sizeof(key)),
                     0);
    assert_string_equal(text, recipient);
    assert_int_equal(
        bech32_encode(text, sizeof(text) - 1, "age", key, sizeof(key)), -1);
}

/* BIP 173, valid strings. */
static void bech32_known_answers(void **state)
{
    uint8_t bytes[20];
    char hex[HEX_SIZE(20)];

    (void)state;
    assert_int_equal(bech32_decode(bytes, 0, "a", "A12UEL5L"), 0);
    assert_int_equal(
        bech32_decode(bytes, 20, "abcdef",
                      "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"),
        0);
    hex_encode(hex, bytes, 20);
    assert_string_equal(hex, "00443214c74254b635cf84653a56d7c675be77df");
    assert_int_equal(
        bech32_decode(bytes, 0,
                      "an83characterlonghumanreadablepartthatcontainsthenum"
                      "ber1andtheexcludedcharactersbio",
                      "an83characterlonghumanreadablepartthatcontainsthenum"
                      "ber1andtheexcludedcharactersbio1tt5tgs"),
        0);
}

static void bech32_refuses_damage(void **state)
{
    char text[sizeof(age_secret)];
    uint8_t key[32];

    (void)state;
    for (size_t i = 0; i < sizeof(age_secret) - 1; i++) {
        memcpy(text, age_secret, sizeof(text));
        text[i] = text[i] == 'Q' ? 'P' : 'Q';
        assert_int_equal(
            bech32_decode(key, sizeof(key), "age-secret-key-", text), -1);
    }
}

static void bech32_refuses_other_shapes(void **state)
{
    char text[sizeof(age_secret)];
    uint8_t key[33];

    (void)state;
    assert_int_equal(bech32_decode(key, 31, "age-secret-key-", age_secret), -1);
    assert_int_equal(bech32_decode(key, 33, "age-secret-key-", age_secret), -1);
    assert_int_equal(bech32_decode(key, 32, "age", age_secret), -1);
    assert_int_equal(bech32_decode(key, 32, "age-secret-key-", ""), -1);
    memcpy(text, age_secret, sizeof(text));
    text[20] = (char)(text[20] - 'A' + 'a'); /* mixed case */
    assert_int_equal(bech32_decode(key, 32, "age-secret-key-", text), -1);
}

/* One byte is two characters, whose last two bits must be zero. "qp" with a
 * right checksum has a one there. */
static void bech32_refuses_filling_bits(void **state)
{
    uint8_t byte;
    char text[16];

    (void)state;
    assert_int_equal(
        bech32_encode(text, sizeof(text), "a", (const uint8_t *)"\0", 1), 0);
    assert_int_equal(bech32_decode(&byte, 1, "a", text), 0);
    assert_int_equal(bech32_decode(&byte, 1, "a", "a1qpamnt9j"), -1);
}

static void sha256_known_answers(void **state)
{
    struct sha256 *h = sha256_new();
    uint8_t out[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];

    (void)state;
    sha256_of(out, "", 0);
    hex_encode(hex, out, sizeof(out));
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb924"
                             "27ae41e4649b934ca495991b7852b855");
    sha256_add(h, "a", 1);
    sha256_add(h, "bc", 2);
    sha256_final(h, out);
    hex_encode(hex, out, sizeof(out));
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
                             "b00361a396177a9cb410ff61f20015ad");
    sha256_free(&h);
    assert_null(h);
    sha256_free(&h);
}

/* What is short is padded by us: at each length, also past where that ends, the
 * same as libcrypto's own way. */
static void tagged_hashes_are_those_of_all_bytes_in_a_row(void **state)
{
    uint8_t bytes[1200], want[SHA256_LEN], got[SHA256_LEN];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 31 + 7);
    for (size_t n = 0; n < sizeof(bytes) - 1; n++) {
        bytes[0] = (uint8_t)(n & 1);
        sha256_of(want, bytes, n + 1);
        sha256_of_tagged(got, n & 1, n == 0 ? NULL : bytes + 1, n);
        assert_memory_equal(got, want, sizeof(got));
    }
}

/* Lengths side by side that are far apart, also ones that are hashed alone; any
 * number of them, down to none. */
static void many_hashes_are_those_of_each(void **state)
{
    enum { TEXTS = 61 };
    uint8_t bytes[1200], want[SHA256_LEN], got[TEXTS][SHA256_LEN];
    struct sha256_text texts[TEXTS];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 31 + 7);
    for (size_t n = 0; n <= TEXTS; n++) {
        uint8_t tag = (uint8_t)(n & 1);

        memset(got, 0xaa, sizeof(got));
        for (size_t i = 0; i < n; i++)
            texts[i] =
                (struct sha256_text){ bytes + i, (i * 397 + n * 61) % 1100 };
        sha256_of_many(got, tag, texts, n);
        for (size_t i = 0; i < n; i++) {
            sha256_of_tagged(want, tag, texts[i].p, texts[i].len);
            assert_memory_equal(got[i], want, sizeof(want));
        }
        if (n < TEXTS)
            assert_int_equal(got[n][0], 0xaa);
    }
}

/* RFC 4231, cases 2 and 6: a short key, and one longer than a block. */
static void hmac_known_answers(void **state)
{
    static const char what[] = "what do ya want for nothing?";
    static const char large[] =
        "Test Using Larger Than Block-Size Key - Hash Key First";
    uint8_t out[SHA256_LEN], key[131];
    char hex[HEX_SIZE(SHA256_LEN)];

    (void)state;
    sha256_hmac(out, "Jefe", 4, what, strlen(what));
    hex_encode(hex, out, sizeof(out));
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
                             "5a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    sha256_hmac(out, key, sizeof(key), large, strlen(large));
    hex_encode(hex, out, sizeof(out));
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f"
                             "8e0bc6213728c5140546040f0ee37f54");
}

static void sha256_is_read_in_every_announced_form(void **state)
{
    static const char *const good[] = {
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0",
    };
    static const char *const bad[] = {
        NULL,
        "",
        "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=",
        "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa==",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ag",
    };
    uint8_t want[SHA256_LEN], got[SHA256_LEN];

    (void)state;
    sha256_of(want, "abc", 3);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        memset(got, 0, sizeof(got));
        assert_true(sha256_read(got, good[i]));
        assert_memory_equal(got, want, sizeof(want));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(sha256_read(got, bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_grows_and_stays_terminated),
        cmocka_unit_test(buf_add_of_nothing_gives_an_empty_string),
        cmocka_unit_test(buf_refuses_what_no_memory_can_hold),
        cmocka_unit_test(buf_reset_wipes),
        cmocka_unit_test(buf_addf_formats),
        cmocka_unit_test(little_endian_both_ways),
        cmocka_unit_test(hex_both_ways),
        cmocka_unit_test(hex_is_strict),
        cmocka_unit_test(base64_known_answers),
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(base64_is_ascii),
        cmocka_unit_test(base64_keeps_to_the_buffer),
        cmocka_unit_test(decimal_takes_digits_up_to_the_limit),
        cmocka_unit_test(decimal_refuses_the_rest),
        cmocka_unit_test(bech32_decodes_an_age_key),
        cmocka_unit_test(bech32_recipient_there_and_back),
        cmocka_unit_test(bech32_known_answers),
        cmocka_unit_test(bech32_refuses_damage),
        cmocka_unit_test(bech32_refuses_other_shapes),
        cmocka_unit_test(bech32_refuses_filling_bits),
        cmocka_unit_test(sha256_known_answers),
        cmocka_unit_test(tagged_hashes_are_those_of_all_bytes_in_a_row),
        cmocka_unit_test(many_hashes_are_those_of_each),
        cmocka_unit_test(hmac_known_answers),
        cmocka_unit_test(sha256_is_read_in_every_announced_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

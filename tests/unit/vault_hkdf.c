/* HKDF-SHA256 against RFC 5869 (first block of each output). */
#include "vault_help.h"

static void check(const char *ikm_hex, const char *salt_hex,
                  const char *info_hex, const char *okm_hex)
{
    uint8_t ikm[80], salt[80], info[80], want[HKDF_LEN], got[HKDF_LEN];
    size_t ikm_len = strlen(ikm_hex) / 2, salt_len = strlen(salt_hex) / 2,
           info_len = strlen(info_hex) / 2;

    assert_int_equal(hex_decode(ikm, ikm_len, ikm_hex, 2 * ikm_len, false), 0);
    assert_int_equal(hex_decode(salt, salt_len, salt_hex, 2 * salt_len, false),
                     0);
    assert_int_equal(hex_decode(info, info_len, info_hex, 2 * info_len, false),
                     0);
    assert_int_equal(hex_decode(want, HKDF_LEN, okm_hex, 2 * HKDF_LEN, false),
                     0);
    hkdf_sha256(got, ikm, ikm_len, salt_len > 0 ? salt : NULL, salt_len,
                info_len > 0 ? info : NULL, info_len);
    assert_memory_equal(got, want, HKDF_LEN);
}

static void rfc5869_case_1(void **state)
{
    (void)state;
    check("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
          "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

static void rfc5869_case_3_empty_salt_and_info(void **state)
{
    (void)state;
    check("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

static void rfc5869_case_2_salt_over_a_block(void **state)
{
    (void)state;
    char ikm[161], salt[161], info[161];
    for (unsigned i = 0; i < 80; i++) {
        (void)snprintf(ikm + 2 * i, 3, "%02x", i);
        (void)snprintf(salt + 2 * i, 3, "%02x", 0x60 + i);
        (void)snprintf(info + 2 * i, 3, "%02x", 0xb0 + i);
    }
    check(ikm, salt, info,
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc5869_case_1),
        cmocka_unit_test(rfc5869_case_2_salt_over_a_block),
        cmocka_unit_test(rfc5869_case_3_empty_salt_and_info),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

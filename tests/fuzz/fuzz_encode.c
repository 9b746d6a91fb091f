/*
 * Hex, base64 and bech32. Decoding is strict: what decodes is exactly what
 * encoding the result gives (hex and bech32 but for their case), and what was
 * encoded decodes to the same bytes.
 */
#include "fuzz.h"

#include <strings.h>

static void check_base64(const char *s, size_t len, bool pad)
{
    uint8_t *out = malloc(len + 1);
    char *back = malloc(BASE64_SIZE(len + 1));
    ssize_t n;

    FUZZ_CHECK(out != NULL && back != NULL);
    n = base64_decode(out, len, s, len, pad);
    if (n >= 0) {
        FUZZ_CHECK((size_t)n <= len);
        base64_encode(back, out, (size_t)n, pad);
        FUZZ_CHECK(strlen(back) == len && memcmp(back, s, len) == 0);
        if (n > 0)
            FUZZ_CHECK(base64_decode(out, (size_t)n - 1, s, len, pad) == -1);
    }
    free(out);
    free(back);
}

static void check_hex(const char *s, size_t len)
{
    uint8_t *out = malloc(len / 2 + 1);
    char *back = malloc(HEX_SIZE(len / 2 + 1));

    FUZZ_CHECK(out != NULL && back != NULL);
    for (int any = 0; any < 2; any++)
        if (hex_decode(out, len / 2, s, len, any != 0) == 0) {
            hex_encode(back, out, len / 2);
            FUZZ_CHECK(strlen(back) == len);
            FUZZ_CHECK(any != 0 ? strncasecmp(back, s, len) == 0
                                : memcmp(back, s, len) == 0);
        }
    free(out);
    free(back);
}

static void check_bech32(const char *s)
{
    uint8_t out[64];
    char back[160];
    size_t len = strlen(s);
    size_t n = len > 10 ? (len - 10) * 5 / 8 : 0;

    if (n > sizeof(out) || bech32_decode(out, n, "age", s) != 0)
        return;
    FUZZ_CHECK(bech32_encode(back, sizeof(back), "age", out, n) == 0);
    FUZZ_CHECK(strcasecmp(back, s) == 0);
}

/* The same bytes as a value: out and in again. */
static void check_value(const uint8_t *data, size_t size)
{
    char text[400];
    uint8_t out[100];

    if (size > sizeof(out))
        size = sizeof(out);
    for (int pad = 0; pad < 2; pad++) {
        base64_encode(text, data, size, pad != 0);
        FUZZ_CHECK(base64_decode(out, sizeof(out), text, strlen(text),
                                 pad != 0) == (ssize_t)size);
        FUZZ_CHECK(size == 0 || memcmp(out, data, size) == 0);
    }
    hex_encode(text, data, size);
    FUZZ_CHECK(hex_decode(out, size, text, 2 * size, false) == 0);
    FUZZ_CHECK(size == 0 || memcmp(out, data, size) == 0);
    FUZZ_CHECK(bech32_encode(text, sizeof(text), "age", data, size) == 0);
    FUZZ_CHECK(bech32_decode(out, size, "age", text) == 0);
    FUZZ_CHECK(size == 0 || memcmp(out, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = fuzz_string(data, size);

    check_base64(s, size, true);
    check_base64(s, size, false);
    check_hex(s, size);
    check_bech32(s);
    check_value(data, size);
    free(s);
    return 0;
}

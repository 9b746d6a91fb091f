/* UTF-8 (RFC 3629). */
#include "resguardo/base.h"

#include <string.h>

/* Bytes of the sequence that this first byte opens, 0 if it opens none. */
static size_t sequence_len(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    if (first >= 0xf0 && first <= 0xf4)
        return 4;
    return 0;
}

size_t utf8_next(const char *s, size_t len, uint32_t *code)
{
    static const uint32_t smallest[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n;
    uint32_t c;

    n = len == 0 ? 0 : sequence_len((uint8_t)s[0]);
    if (n == 0 || n > len)
        return 0;
    c = (uint8_t)s[0] & (n == 1 ? 0x7fu : 0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if (((uint8_t)s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((uint8_t)s[i] & 0x3f);
    }

    if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *code = c;
    return n;
}

bool utf8_valid(const char *s, size_t len)
{
    uint32_t code;

    for (size_t at = 0, n; at < len; at += n) {
        uint64_t four[4];

        /* Most of what there is, is ASCII. */
        if (len - at >= sizeof(four)) {
            memcpy(four, s + at, sizeof(four));
            if (((four[0] | four[1] | four[2] | four[3]) &
                 UINT64_C(0x8080808080808080)) == 0) {
                n = sizeof(four);
                continue;
            }
        }
        n = utf8_next(s + at, len - at, &code);
        if (n == 0)
            return false;
    }
    return true;
}

size_t utf8_count(const char *s)
{
    size_t count = 0;

    for (; *s != '\0'; s++)
        if (((uint8_t)*s & 0xc0) != 0x80)
            count++;
    return count;
}

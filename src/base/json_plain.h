/* json_plain: the way through a string of JSON, many bytes at once. Private to
 * base. */
#ifndef RESGUARDO_JSON_PLAIN_H
#define RESGUARDO_JSON_PLAIN_H

#include "resguardo/base.h"

#include <endian.h>
#include <string.h>
#ifdef __SSE2__ /* every x86-64 */
#include <emmintrin.h>
#endif

#define JSON_EVERY(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Is one of eight bytes below 0x20, past ASCII, a quote or a backslash? The
 * lowest bit that is set is of the first such byte (higher ones may be of bytes
 * behind it that are none). */
static inline uint64_t json_special(uint64_t eight)
{
    uint64_t quote = eight ^ JSON_EVERY(0x22), slash = eight ^ JSON_EVERY(0x5c);

    return ((eight - JSON_EVERY(0x20)) | (quote - JSON_EVERY(1)) |
            (slash - JSON_EVERY(1)) | eight) &
           JSON_EVERY(0x80);
}

/* Past what is printable ASCII, neither a quote nor a backslash, as far as it
 * can be told by steps of many bytes. */
static inline const char *json_plain_end(const char *p, const char *end)
{
    uint64_t eight;

#ifdef __SSE2__
    /* Signed: what is past ASCII is below 0x20, too. */
    for (; end - p >= 16; p += 16) {
        __m128i t = _mm_loadu_si128((const __m128i *)(const void *)p);
        int found = _mm_movemask_epi8(
            _mm_or_si128(_mm_cmplt_epi8(t, _mm_set1_epi8(0x20)),
                         _mm_or_si128(_mm_cmpeq_epi8(t, _mm_set1_epi8('"')),
                                      _mm_cmpeq_epi8(t, _mm_set1_epi8('\\')))));

        if (found != 0)
            return p + __builtin_ctz((unsigned)found);
    }
#endif
    for (; end - p >= 8; p += 8) {
        memcpy(&eight, p, sizeof(eight));
        if ((eight = json_special(le64toh(eight))) != 0)
            return p + __builtin_ctzll(eight) / 8;
    }
    return p;
}

#endif

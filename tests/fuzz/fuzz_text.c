/*
 * Text of strangers. Escaped it is UTF-8 that can be shown: no control
 * character, nothing that turns the direction or cannot be seen; escaping
 * twice changes nothing. Folded it is trimmed, has single spaces, no capital
 * ASCII letter, and folding twice changes nothing. utf8_valid agrees with a
 * decoder that was written by others (jansson's).
 */
#include "fuzz.h"

/* The next code point of valid UTF-8, written another way than in base. */
static uint32_t code_at(const uint8_t *p, size_t *len)
{
    if (p[0] < 0x80) {
        *len = 1;
        return p[0];
    }
    if (p[0] < 0xe0) {
        *len = 2;
        return (uint32_t)(p[0] & 31) << 6 | (p[1] & 63u);
    }
    if (p[0] < 0xf0) {
        *len = 3;
        return (uint32_t)(p[0] & 15) << 12 | (uint32_t)(p[1] & 63) << 6 |
               (p[2] & 63u);
    }
    *len = 4;
    return (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 63) << 12 |
           (uint32_t)(p[2] & 63) << 6 | (p[3] & 63u);
}

static bool shown(uint32_t c)
{
    return !(c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c ||
             (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
             (c >= 0x2060 && c <= 0x2069) || c == 0xfeff);
}

static void check_escape(const char *s)
{
    struct buf once = { 0 }, twice = { 0 };
    size_t n;

    FUZZ_CHECK(buf_adds(&once, "") == 0 && text_escape(&once, s) == 0);
    FUZZ_CHECK(utf8_valid((const char *)once.p, once.len));
    FUZZ_CHECK(once.len <= strlen(s) * 8);
    for (size_t at = 0; at < once.len; at += n)
        FUZZ_CHECK(shown(code_at(once.p + at, &n)));
    FUZZ_CHECK(buf_adds(&twice, "") == 0 &&
               text_escape(&twice, (const char *)once.p) == 0);
    FUZZ_CHECK(twice.len == once.len && memcmp(once.p, twice.p, once.len) == 0);
    buf_free(&once);
    buf_free(&twice);
}

static void check_fold(const char *s, bool valid)
{
    struct buf once = { 0 }, twice = { 0 };

    FUZZ_CHECK(text_fold(&once, s) == 0 && once.len <= strlen(s));
    for (size_t i = 0; i < once.len; i++) {
        FUZZ_CHECK(once.p[i] < 'A' || once.p[i] > 'Z');
        if (once.p[i] == ' ')
            FUZZ_CHECK(i > 0 && i + 1 < once.len && once.p[i - 1] != ' ');
    }
    FUZZ_CHECK(text_fold(&twice, (const char *)once.p) == 0);
    if (valid)
        FUZZ_CHECK(twice.len == once.len &&
                   memcmp(once.p, twice.p, once.len) == 0);
    buf_free(&once);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = fuzz_string(data, size);
    bool valid = utf8_valid(s, size);
    json_t *theirs = json_stringn(s, size);
    size_t count = 0, n;

    FUZZ_CHECK((theirs != NULL) == valid);
    json_decref(theirs);
    if (valid) {
        for (size_t at = 0; at < size; at += n, count++) {
            uint32_t code = 0;

            n = utf8_next(s + at, size - at, &code);
            FUZZ_CHECK(n > 0);
            FUZZ_CHECK(code == code_at(data + at, &n));
        }
        FUZZ_CHECK(strlen(s) != size || utf8_count(s) == count);
    }
    check_escape(s);
    check_fold(s, valid && strlen(s) == size);
    free(s);
    return 0;
}

/*
 * A customer's file name in a folder of ours. Whatever it is, what comes out
 * is one name that every file system takes: no separator, no control or bidi
 * character, no leading dot or dash, no trailing dot or space, at most 255
 * bytes, valid UTF-8, and it holds the document's id.
 */
#include "fuzz.h"

#include "cli/cli.h"

#define ID "d2al3hl7rnyl5hfb37ebuk2xbj6"

static void check_name(const char *name, size_t len)
{
    size_t n;

    FUZZ_CHECK(len > 0 && len <= 255 && utf8_valid(name, len));
    FUZZ_CHECK(strlen(name) == len && strstr(name, ID) != NULL);
    FUZZ_CHECK(strchr(".-~ ", name[0]) == NULL);
    FUZZ_CHECK(strchr(". ", name[len - 1]) == NULL);
    FUZZ_CHECK(strpbrk(name, "/\\:*?\"<>|") == NULL);
    for (size_t at = 0; at < len; at += n) {
        uint32_t c = 0;

        n = utf8_next(name + at, len - at, &c);
        FUZZ_CHECK(n > 0 && !text_is_dangerous(c));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *given = malloc(size + 1);
    struct buf out = { 0 };

    if (given == NULL)
        return 0;
    memcpy(given, data, size);
    given[size] = '\0';
    FUZZ_CHECK(file_name_add(&out, given, ID, "image/jpeg") == 0);
    check_name((const char *)out.p, out.len);
    free(given);
    buf_free(&out);
    return 0;
}

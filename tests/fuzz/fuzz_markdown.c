/*
 * A notice on a page. Whatever stands in it, the page has no markup but ours,
 * each element that begins ends, in order, and nothing that was escaped comes
 * through.
 */
#include "fuzz.h"

#include "cli/sheet.h"

#include <string.h>

static const char *const names[] = { "p", "ul",     "ol", "li", "h3",  "h4",
                                     "b", "strong", "em", "i",  "code" };
#define NAMES (sizeof(names) / sizeof(names[0]))

static size_t name_at(const char *at)
{
    for (size_t i = 0; i < NAMES; i++)
        if (strncmp(at, names[i], strlen(names[i])) == 0 &&
            at[strlen(names[i])] == '>')
            return i;
    return NAMES;
}

/* Elements that are open, innermost last: a handful at most. */
static void check(const char *page)
{
    size_t open[8], n = 0;

    for (const char *p = strchr(page, '<'); p != NULL; p = strchr(p + 1, '<')) {
        if (strncmp(p, "<br>", 4) == 0 || strncmp(p, "<hr>", 4) == 0)
            continue;
        if (p[1] == '/') {
            FUZZ_CHECK(n > 0 && name_at(p + 2) == open[--n]);
            continue;
        }
        FUZZ_CHECK(name_at(p + 1) < NAMES &&
                   n < sizeof(open) / sizeof(open[0]));
        open[n++] = name_at(p + 1);
    }
    FUZZ_CHECK(n == 0);
    for (const char *p = page; *p != '\0'; p++)
        FUZZ_CHECK((uint8_t)*p >= 0x20 || *p == '\n');
}

/* What can be read, but for ends of lines. */
static size_t length(const char *page)
{
    size_t n = 0;
    bool tag = false, entity = false;

    for (const char *p = page; *p != '\0'; p++) {
        tag |= *p == '<';
        entity |= !tag && *p == '&';
        n += !tag && !entity && *p != '\n';
        n += entity && *p == ';';
        tag &= *p != '>';
        entity &= *p != ';';
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out = { 0 }, plain = { 0 };
    struct sheet s = { .out = &out };
    char *text;

    if (!utf8_valid((const char *)data, size) || memchr(data, 0, size) != NULL)
        return 0; /* a policy with such a notice is not loaded */
    text = fuzz_string(data, size);
    markdown_put(&s, text);
    FUZZ_CHECK(!s.failed);
    check(out.len > 0 ? (const char *)out.p : "");
    /* Each word of it is there once at most. */
    FUZZ_CHECK(html_text(&plain, text) == 0 && buf_adds(&plain, "") == 0 &&
               buf_adds(&out, "") == 0);
    FUZZ_CHECK(out.len == 0 ||
               length((const char *)out.p) <= length((const char *)plain.p));
    buf_free(&plain);
    buf_free(&out);
    free(text);
    return 0;
}

/*
 * A row of an export on its page. Whatever a customer wrote, the page has no
 * markup but ours, no link but into its own folder, and nothing that cannot be
 * seen; it is valid UTF-8.
 */
#include "fuzz.h"

#include "cli/subject_page.h"

static const char *const records[] = { "person",   "handle",   "consent",
                                       "case",     "document", "attachment",
                                       "message",  "event",    "notice",
                                       "no_record" };

/* Every tag that the page is made of. */
static bool is_ours(const char *at)
{
    static const char *const tags[] = {
        "!DOCTYPE html>",
        "html lang=\"es\">",
        "/html>",
        "head>",
        "/head>",
        "meta ",
        "title>",
        "/title>",
        "style>",
        "/style>",
        "body>",
        "/body>",
        "h1>",
        "/h1>",
        "h2>",
        "/h2>",
        "p>",
        "/p>",
        "b>",
        "/b>",
        "i>",
        "/i>",
        "br>",
        "pre>",
        "/pre>",
        "table>",
        "/table>",
        "tr>",
        "/tr>",
        "th>",
        "/th>",
        "td>",
        "/td>",
        "/a>",
        "a href=\"data.json\">",
        "a href=\"documents/",
    };

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        if (strncmp(at, tags[i], strlen(tags[i])) == 0)
            return true;
    return false;
}

static void check_page(const char *text, size_t len)
{
    size_t n;

    FUZZ_CHECK(utf8_valid(text, len));
    for (size_t at = 0; at < len; at += n) {
        uint32_t c = 0;

        n = utf8_next(text + at, len - at, &c);
        FUZZ_CHECK(n > 0 && (c == '\n' || !text_is_dangerous(c)));
        FUZZ_CHECK(c != '<' || is_ours(text + at + 1));
    }
}

/* A link's rest is escaped: its quote is the one that ends it. */
static void check_links(const char *text)
{
    static const char link[] = "<a href=\"documents/";

    for (const char *at = strstr(text, link); at != NULL;
         at = strstr(at, link)) {
        at += sizeof(link) - 1;
        at += strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789-._~%");
        FUZZ_CHECK(strncmp(at, "\">", 2) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    json_t *row = json_parse(data, size, &e);
    struct page *page = page_new();
    struct buf html = { 0 };

    FUZZ_CHECK(page != NULL);
    for (size_t i = 0; row != NULL && i < sizeof(records) / sizeof(*records);
         i++)
        FUZZ_CHECK(page_add(page, records[i], row) == 0);
    FUZZ_CHECK(page_write(page, &html) == 0);
    check_page((const char *)html.p, html.len);
    check_links((const char *)html.p);
    buf_free(&html);
    page_free(&page);
    json_decref(row);
    return 0;
}

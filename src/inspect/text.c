/* HTML and plain text, where libmagic knows no type. */
#include "text.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char *const html_starts[] = {
    "<!doctype html", "<html", "<head", "<body", "<script", "<!--", NULL
};

/* Length of a byte order mark and white space at the front. */
static size_t blank_start(const uint8_t *p, size_t len)
{
    size_t at = len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (at < len && memchr(" \t\r\n\f", p[at], 5) != NULL)
        at++;
    return at;
}

/* No control characters but those of text; bytes past ASCII may be UTF-8. */
static bool printable(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((p[i] < 0x20 && memchr("\t\r\n\f", p[i], 4) == NULL) ||
            p[i] == 0x7f)
            return false;
    return true;
}

const char *inspect_text_type(const uint8_t *p, size_t len)
{
    size_t at = blank_start(p, len);

    for (const char *const *s = html_starts; *s != NULL; s++)
        if (len - at >= strlen(*s) &&
            strncasecmp((const char *)p + at, *s, strlen(*s)) == 0)
            return "text/html";
    return len > 0 && printable(p, len) ? "text/plain" : NULL;
}

/* What of a request's framing is clear, and what could smuggle another. */
#include "framing.h"

#include <string.h>
#include <strings.h>

/* tchar of RFC 9110 §5.6.2. */
static bool token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool token_valid(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!token_char(s[i]))
            return false;
    return len > 0;
}

static bool value_valid(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f)
            return false;
    return true;
}

static bool named(const char *name, size_t len, const char *wanted)
{
    return len == strlen(wanted) && strncasecmp(name, wanted, len) == 0;
}

void gateway_framing_note(struct gateway_framing *f, const char *name,
                          size_t name_len, const char *value, size_t value_len)
{
    if (value == NULL) {
        value = "";
        value_len = 0;
    }
    if (!token_valid(name, name_len) || !value_valid(value, value_len))
        f->broken = true;

    if (named(name, name_len, "Content-Length")) {
        f->lengths++;
        if (decimal_parse(value, value_len, INT64_MAX, &f->length) != 0)
            f->broken = true;
    } else if (named(name, name_len, "Transfer-Encoding")) {
        f->encodings++;
        f->chunked = named(value, value_len, "chunked");
        if (!f->chunked)
            f->broken = true;
    } else if (named(name, name_len, "Host")) {
        f->hosts++;
    } else if (named(name, name_len, "X-Hub-Signature-256")) {
        f->signatures++;
        f->signature = value;
    }
}

bool gateway_framing_clear(const struct gateway_framing *f, const char *version)
{
    bool one_dot_one = strcmp(version, "HTTP/1.1") == 0;

    if (!one_dot_one && strcmp(version, "HTTP/1.0") != 0)
        return false;
    if (f->broken || f->lengths > 1 || f->encodings > 1 || f->hosts > 1 ||
        f->signatures > 1)
        return false;
    if (f->encodings > 0 && (f->lengths > 0 || !one_dot_one))
        return false;
    return f->hosts == 1 || !one_dot_one;
}

/* The verdict as bytes, and back, distrusted. */
#include "verdict.h"

#include <string.h>

static bool lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* One restricted-name of RFC 6838: starts with a letter or a digit. */
static bool name_valid(const char *s, size_t len)
{
    if (len == 0 || !lower_or_digit(s[0]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!lower_or_digit(s[i]) && memchr("!#$&-^_.+", s[i], 9) == NULL)
            return false;
    return true;
}

static bool type_valid(const char *s)
{
    const char *slash = strchr(s, '/');

    if (*s == '\0')
        return true;
    return slash != NULL && name_valid(s, (size_t)(slash - s)) &&
           name_valid(slash + 1, strlen(slash + 1));
}

static bool finding_valid(const char *s)
{
    for (; *s != '\0'; s++)
        if (!lower_or_digit(*s) && *s != '-' && *s != '_')
            return false;
    return true;
}

void inspect_verdict_type(struct inspect_verdict *v, const char *type)
{
    size_t len = strlen(type);

    memset(v->media_type, 0, sizeof(v->media_type));
    if (len >= sizeof(v->media_type))
        return;
    for (size_t i = 0; i < len; i++)
        v->media_type[i] = type[i] >= 'A' && type[i] <= 'Z'
                               ? (char)(type[i] - 'A' + 'a')
                               : type[i];
    if (!type_valid(v->media_type))
        memset(v->media_type, 0, sizeof(v->media_type));
}

int inspect_verdict_encode(const struct inspect_verdict *v, struct buf *out)
{
    if (buf_add(out, v->media_type, strlen(v->media_type) + 1) != 0)
        return -1;
    return buf_add(out, v->finding, strlen(v->finding) + 1);
}

/* Copies the terminated string at the front; its size with NUL, or 0. */
static size_t take(char *out, size_t cap, const uint8_t *p, size_t len)
{
    const uint8_t *end = len > 0 ? memchr(p, 0, len) : NULL;
    size_t n = end != NULL ? (size_t)(end - p) + 1 : 0;

    if (n > cap)
        return 0;
    if (n > 0)
        memcpy(out, p, n);
    return n;
}

int inspect_verdict_decode(struct inspect_verdict *v, const uint8_t *p,
                           size_t len)
{
    size_t type, finding;

    memset(v, 0, sizeof(*v));
    type = take(v->media_type, sizeof(v->media_type), p, len);
    finding = take(v->finding, sizeof(v->finding), p + type, len - type);

    if (type > 0 && finding > 0 && type + finding == len &&
        type_valid(v->media_type) && finding_valid(v->finding))
        return 0;

    memset(v, 0, sizeof(*v));
    return -1;
}

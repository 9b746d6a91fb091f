/*
 * Canonical JSON (RFC 8785) at a look: one pass over the bytes, no tree, no
 * memory. It knows the plain part of the language only, which is nearly all
 * that we write; a text that it does not know may still be canonical.
 */
#include "json_plain.h"

#include "resguardo/limits.h"

#include <string.h>

/* Integers of so many digits are doubles exactly, and written as they are. */
#define DIGITS_MAX 15
/* Of our own entries; well below what json_parse takes. */
#define DEPTH_MAX 8u

struct looking {
    const char *p, *end;
    struct json_look *look;
};

static bool take(struct looking *l, char c)
{
    if (l->p == l->end || *l->p != c)
        return false;
    l->p++;
    return true;
}

/* Printable ASCII without escapes. */
static inline bool string(struct looking *l, struct json_span *out)
{
    const char *p;

    if (!take(l, '"'))
        return false;
    p = json_plain_end(l->p, l->end);
    while (p < l->end && (uint8_t)*p >= 0x20 && (uint8_t)*p < 0x80 &&
           *p != '"' && *p != '\\')
        p++;
    *out = (struct json_span){ l->p, (size_t)(p - l->p), true };
    l->p = p;
    return take(l, '"');
}

static bool number(struct looking *l)
{
    const char *first;

    if (take(l, '-') && (l->p == l->end || *l->p == '0'))
        return false;
    first = l->p;
    while (l->p < l->end && *l->p >= '0' && *l->p <= '9')
        l->p++;
    return l->p > first && l->p - first <= DIGITS_MAX &&
           (*first != '0' || l->p - first == 1) &&
           (l->p == l->end || strchr(".eE", *l->p) == NULL);
}

static bool word(struct looking *l, const char *text)
{
    size_t len = strlen(text);

    if ((size_t)(l->end - l->p) < len || memcmp(l->p, text, len) != 0)
        return false;
    l->p += len;
    return true;
}

static bool value(struct looking *l, unsigned depth, struct json_span *out);

static bool array(struct looking *l, unsigned depth)
{
    struct json_span item;

    l->p++;
    if (take(l, ']'))
        return true;
    do
        if (!value(l, depth, &item))
            return false;
    while (take(l, ','));
    return take(l, ']');
}

/* In ASCII the order of bytes is that of UTF-16; strictly, so that no key comes
 * twice. */
static bool comes_before(const struct json_span *a, const struct json_span *b)
{
    size_t n = a->len < b->len ? a->len : b->len;
    int order;

    if (n > 0 && *a->p != *b->p)
        return *a->p < *b->p;
    order = memcmp(a->p, b->p, n);
    return order < 0 || (order == 0 && a->len < b->len);
}

static void note(const struct looking *l, const struct json_span *key,
                 const struct json_span *is)
{
#define IS(name)                                                               \
    (key->len == sizeof(#name) - 1 &&                                          \
     memcmp(key->p, #name, sizeof(#name) - 1) == 0)
    if (IS(v))
        l->look->v = *is;
    else if (IS(index))
        l->look->index = *is;
    else if (IS(time))
        l->look->time = *is;
    else if (IS(event_type))
        l->look->event_type = *is;
#undef IS
}

static bool object(struct looking *l, unsigned depth)
{
    struct json_span key, before = { "", 0, true }, is;

    l->p++;
    if (take(l, '}'))
        return true;
    do {
        if (!string(l, &key) || !comes_before(&before, &key) || !take(l, ':') ||
            !value(l, depth, &is))
            return false;
        if (depth == 1)
            note(l, &key, &is);
        before = key;
    } while (take(l, ','));
    return take(l, '}');
}

static bool value(struct looking *l, unsigned depth, struct json_span *out)
{
    const char *first = l->p;
    bool ok;

    if (l->p == l->end || depth == DEPTH_MAX)
        return false;
    switch (*l->p) {
    case '"':
        return string(l, out);
    case '{':
        ok = object(l, depth + 1);
        break;
    case '[':
        ok = array(l, depth + 1);
        break;
    case 't':
        ok = word(l, "true");
        break;
    case 'f':
        ok = word(l, "false");
        break;
    case 'n':
        ok = word(l, "null");
        break;
    default:
        ok = number(l);
    }
    *out = (struct json_span){ first, (size_t)(l->p - first), false };
    return ok;
}

bool json_look(const void *text, size_t len, struct json_look *look)
{
    struct looking l = { .p = text, .end = (const char *)text + len };
    struct json_span whole;

    *look = (struct json_look){ 0 };
    l.look = look;
    return len > 0 && *l.p == '{' && value(&l, 0, &whole) && l.p == l.end;
}

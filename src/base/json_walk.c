/* Members of a compact JSON object, one after the other, where they stand. */
#include "json_plain.h"

void json_walk_begin(struct json_walk *s, const void *text, size_t len)
{
    *s = (struct json_walk){ .at = text, .end = (const char *)text + len };
}

/* Past a string that begins here; NULL: it does not end, or holds a raw
 * control character. */
static const char *after_string(const char *at, const char *end)
{
    for (at = json_plain_end(at + 1, end); at < end;
         at = json_plain_end(at + 1, end)) {
        if (*at == '"')
            return at + 1;
        if (*at == '\\')
            at++;
        else if ((unsigned char)*at < 0x20)
            return NULL;
    }
    return NULL;
}

/* Past an object or a list; only brackets and strings matter for that. */
static const char *after_nested(const char *at, const char *end)
{
    size_t depth = 0;

    while (at < end) {
        char c = *at;

        if (c == '"') {
            at = after_string(at, end);
            if (at == NULL)
                return NULL;
            continue;
        }
        at++;
        depth += c == '{' || c == '[';
        if ((c == '}' || c == ']') && --depth == 0)
            return at;
        if ((unsigned char)c <= 0x20)
            return NULL;
    }
    return NULL;
}

static const char *after_value(const char *at, const char *end)
{
    const char *from = at;

    if (at == end)
        return NULL;
    if (*at == '"')
        return after_string(at, end);
    if (*at == '{' || *at == '[')
        return after_nested(at, end);
    while (at < end &&
           ((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
            *at == '-' || *at == '+' || *at == '.' || *at == 'E'))
        at++;
    return at > from ? at : NULL;
}

int json_walk_next(struct json_walk *s, struct json_member *m)
{
    const char *at = s->at, *end = s->end;

    if (at == end)
        return -1;
    if (*at == '}')
        return at + 1 == end && s->any ? 0 : -1;
    if (*at != (s->any ? ',' : '{'))
        return -1;
    at++;
    if (!s->any && at < end && *at == '}') {
        s->at = at;
        s->any = true;
        return at + 1 == end ? 0 : -1;
    }
    if (at == end || *at != '"')
        return -1;
    m->key = at + 1;
    at = after_string(at, end);
    if (at == NULL || at == end || *at != ':')
        return -1;
    m->key_len = (size_t)(at - 1 - m->key);
    m->value = ++at;
    at = after_value(at, end);
    if (at == NULL)
        return -1;
    m->value_len = (size_t)(at - m->value);
    s->at = at;
    s->any = true;
    return 1;
}

bool json_member_is(const struct json_member *m, const char *key)
{
    size_t len = strlen(key);

    return m->key_len == len && memcmp(m->key, key, len) == 0;
}

/* ---- strings ------------------------------------------------------------ */

static int hex4(const char *at, const char *end, uint32_t *out)
{
    *out = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16u;
        if (digit > 15)
            return -1;
        *out = *out << 4 | digit;
    }
    return 0;
}

static size_t put_utf8(char out[static 4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* What follows a backslash and u; half a pair is U+FFFD, as json_parse has it.
 * Returns how many bytes it takes, 0: no such thing. */
static size_t code_point(const char *at, const char *end, uint32_t *out)
{
    uint32_t low;

    if (hex4(at, end, out) != 0)
        return 0;
    if (*out < 0xd800 || *out > 0xdfff)
        return 4;
    if (*out < 0xdc00 && end - at >= 10 && at[4] == '\\' && at[5] == 'u' &&
        hex4(at + 6, end, &low) == 0 && low >= 0xdc00 && low <= 0xdfff) {
        *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
        return 10;
    }
    *out = 0xfffd;
    return 4;
}

/* One escape, from its backslash on. Returns what it takes, 0: none. */
static size_t unescape_one(const char *at, const char *end, char out[static 4],
                           size_t *n)
{
    static const char from[] = "/bfnrt", to[] = "/\b\f\n\r\t";
    const char *known;
    uint32_t code;
    size_t taken;

    if (end - at < 2 || at[1] == '\0')
        return 0;
    if (at[1] == 'u') {
        taken = code_point(at + 2, end, &code);
        *n = taken > 0 ? put_utf8(out, code) : 0;
        return taken > 0 ? taken + 2 : 0;
    }
    *n = 1;
    out[0] = at[1];
    if (at[1] == '"' || at[1] == '\\') /* what there is most of */
        return 2;
    known = strchr(from, at[1]);
    if (known == NULL)
        return 0;
    out[0] = to[known - from];
    return 2;
}

int json_unescape(struct buf *out, const char *value, size_t len)
{
    const char *at = value + 1, *end = value + len - 1;
    char *to;

    if (len < 2 || *value != '"' || *end != '"')
        return -2;
    /* What is meant is never longer than how it is written. */
    if (buf_reserve(out, len) != 0)
        return -1;
    to = (char *)out->p + out->len;
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t n = (size_t)((escape != NULL ? escape : end) - at), taken;

        memcpy(to, at, n);
        to += n;
        at += n;
        if (escape == NULL)
            break;
        taken = unescape_one(at, end, to, &n);
        if (taken == 0)
            return -2;
        at += taken;
        to += n;
    }
    *to = '\0';
    out->len = (size_t)(to - (char *)out->p);
    return 0;
}

/* Outside JSON in one pass and without a tree. */
#include "json_plain.h"
#include "resguardo/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Objects with more members look for a key given twice by sorting. */
#define FEW 16u

struct json_doc {
    struct json_node *nodes;
    size_t n, cap;
    struct buf copy; /* of the source; strings are resolved in place */
};

struct scan {
    struct json_doc *doc;
    const char *source;
    char *p; /* the copy; a NUL follows its end */
    size_t at, len;
    const char *wrong; /* what ended the scan; NULL: no memory */
};

static int wrong(struct scan *s, const char *what)
{
    s->wrong = s->at >= s->len ? "it ends too early" : what;
    return -1;
}

static int broken(struct scan *s)
{
    return wrong(s, "it breaks the grammar");
}

/* Index of a new node, -1: no memory. Later nodes may move it. */
static ssize_t node_add(struct scan *s, enum json_kind kind)
{
    struct json_doc *d = s->doc;
    struct json_node *more;

    if (d->n == d->cap) {
        size_t cap = d->cap * 2;

        more = reallocarray(d->nodes, cap, sizeof(*more));
        if (more == NULL)
            return -1;
        d->nodes = more;
        d->cap = cap;
    }
    d->nodes[d->n] = (struct json_node){ .kind = kind, .span = 1 };
    d->nodes[d->n].p = s->source + s->at;
    return (ssize_t)d->n++;
}

/* Ends a node that began in the source: its bytes and what is inside. */
static void node_end(struct scan *s, ssize_t i)
{
    struct json_node *node = &s->doc->nodes[i];

    node->len = (uint32_t)(s->source + s->at - node->p);
    node->span = (uint32_t)(s->doc->n - (size_t)i);
}

static void skip_space(struct scan *s)
{
    while (s->p[s->at] == ' ' || s->p[s->at] == '\n' || s->p[s->at] == '\r' ||
           s->p[s->at] == '\t')
        s->at++;
}

/* ---- strings ------------------------------------------------------------ */

/* The code unit of an escape \uXXXX at p, -1 if it is none. */
static int32_t code_unit(const char *p)
{
    uint8_t two[2];

    if (p[0] != '\\' || p[1] != 'u' || strnlen(p + 2, 4) < 4 ||
        hex_decode(two, sizeof(two), p + 2, 4, true) != 0)
        return -1;
    return two[0] << 8 | two[1];
}

static size_t utf8_put(char *out, uint32_t code)
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(first[n] | code);
    return n;
}

/* Resolves \uXXXX at s->at; half a pair is U+FFFD, and so is NUL in a key. */
static int take_unit(struct scan *s, char **out, bool key)
{
    int32_t unit = code_unit(s->p + s->at), low;
    uint32_t code = (uint32_t)unit;

    if (unit < 0)
        return broken(s);
    s->at += 6;
    if (unit >= 0xd800 && unit <= 0xdfff) {
        low = unit <= 0xdbff ? code_unit(s->p + s->at) : -1;
        if (low >= 0xdc00 && low <= 0xdfff) {
            code = 0x10000 + ((code - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
            s->at += 6;
        } else {
            code = 0xfffd;
        }
    } else if (unit == 0 && key) {
        code = 0xfffd;
    }
    *out += utf8_put(*out, code);
    return 0;
}

static int take_escape(struct scan *s, char **out, bool key)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = s->p[s->at + 1];
    const char *found;

    if (c == 'u')
        return take_unit(s, out, key);
    found = c == '\0' ? NULL : strchr(from, c);
    if (found == NULL) {
        s->at++;
        return broken(s);
    }
    *(*out)++ = to[found - from];
    s->at += 2;
    return 0;
}

/* Bytes that stand for themselves, moved to where the string is resolved. */
static int take_plain(struct scan *s, char **out)
{
    size_t from = s->at, n = 1;
    uint32_t code;

    while (n > 0) {
        uint8_t c;

        s->at = (size_t)(json_plain_end(s->p + s->at, s->p + s->len) - s->p);
        c = (uint8_t)s->p[s->at];
        if (c >= 0x80)
            n = utf8_next(s->p + s->at, s->len - s->at, &code);
        else if (c == '"' || c == '\\')
            break;
        else
            n = c >= 0x20 ? 1 : 0;
        s->at += n;
    }
    if (n == 0 && (uint8_t)s->p[s->at] >= 0x80) {
        s->wrong = "it is not UTF-8";
        return -1;
    }
    if (n == 0)
        return broken(s);
    if (*out != s->p + from)
        memmove(*out, s->p + from, s->at - from);
    *out += s->at - from;
    return 0;
}

/* The opening quote is at s->at. A resolved string is never longer than its
 * source, and its NUL stands at the closing quote at the latest. */
static int take_string(struct scan *s, bool key)
{
    ssize_t i = node_add(s, JSON_KIND_STRING);
    char *start = s->p + ++s->at, *out = start;

    if (i < 0)
        return -1;
    while (s->p[s->at] != '"') {
        if (take_plain(s, &out) != 0)
            return -1;
        if (s->p[s->at] == '\\' && take_escape(s, &out, key) != 0)
            return -1;
    }
    *out = '\0';
    s->at++;
    s->doc->nodes[i].p = start;
    s->doc->nodes[i].len = (uint32_t)(out - start);
    return 0;
}

/* ---- numbers and words -------------------------------------------------- */

static size_t skip_digits(struct scan *s)
{
    size_t from = s->at;

    while (s->p[s->at] >= '0' && s->p[s->at] <= '9')
        s->at++;
    return s->at - from;
}

/* What no double holds is null, as json_parse has it. */
static int take_number(struct scan *s)
{
    ssize_t i = node_add(s, JSON_KIND_NUMBER);
    size_t from = s->at;
    bool power = false;

    if (i < 0)
        return -1;
    if (s->p[s->at] == '-')
        s->at++;
    if (s->p[s->at] == '0')
        s->at++;
    else if (skip_digits(s) == 0)
        return broken(s);
    if (s->p[s->at] == '.') {
        s->at++;
        if (skip_digits(s) == 0)
            return broken(s);
    }
    if (s->p[s->at] == 'e' || s->p[s->at] == 'E') {
        power = true;
        s->at++;
        if (s->p[s->at] == '+' || s->p[s->at] == '-')
            s->at++;
        if (skip_digits(s) == 0)
            return broken(s);
    }
    node_end(s, i);
    if ((power || s->at - from > 300) && isinf(strtod(s->p + from, NULL)))
        s->doc->nodes[i].kind = JSON_KIND_NULL;
    return 0;
}

static int take_word(struct scan *s, const char *word, enum json_kind kind)
{
    ssize_t i = node_add(s, kind);

    if (i < 0)
        return -1;
    if (strncmp(s->p + s->at, word, strlen(word)) != 0)
        return broken(s);
    s->at += strlen(word);
    node_end(s, i);
    return 0;
}

/* ---- keys given twice --------------------------------------------------- */

static int compare(const struct json_node *a, const struct json_node *b)
{
    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    return memcmp(a->p, b->p, a->len);
}

static int compare_places(const void *a, const void *b)
{
    return compare(*(const struct json_node *const *)a,
                   *(const struct json_node *const *)b);
}

/* 1: two keys are the same, -1: no memory. */
static int sort_and_compare(const struct json_node *first,
                            const struct json_node *end, size_t n)
{
    const struct json_node **keys = reallocarray(NULL, n, sizeof(*keys));
    int twice = 0;

    if (keys == NULL)
        return -1;
    n = 0;
    for (const struct json_node *k = first; k < end; k += 1 + k[1].span)
        keys[n++] = k;
    qsort(keys, n, sizeof(*keys), compare_places);
    for (size_t i = 1; i < n && twice == 0; i++)
        twice = compare(keys[i - 1], keys[i]) == 0;
    free(keys);
    return twice;
}

/* All members of the object at i are there. */
static int check_keys(struct scan *s, ssize_t i, size_t members)
{
    const struct json_node *first = s->doc->nodes + i + 1;
    const struct json_node *end = s->doc->nodes + s->doc->n;
    int twice = 0;

    if (members > FEW)
        twice = sort_and_compare(first, end, members);
    else
        for (const struct json_node *k = first; k < end; k += 1 + k[1].span)
            for (const struct json_node *o = first; o < k; o += 1 + o[1].span)
                twice = twice || compare(o, k) == 0;
    if (twice > 0)
        s->wrong = "a key is given twice";
    return twice == 0 ? 0 : -1;
}

/* ---- values ------------------------------------------------------------- */

static int take_value(struct scan *s, unsigned depth);

static int take_member(struct scan *s, unsigned depth)
{
    if (s->p[s->at] != '"')
        return broken(s);
    if (take_string(s, true) != 0)
        return -1;
    skip_space(s);
    if (s->p[s->at] != ':')
        return broken(s);
    s->at++;
    return take_value(s, depth);
}

/* An array or an object, its bracket at s->at. */
static int take_list(struct scan *s, unsigned depth, bool object)
{
    const char close = object ? '}' : ']';
    ssize_t i = node_add(s, object ? JSON_KIND_OBJECT : JSON_KIND_ARRAY);
    size_t members = 0;

    if (i < 0)
        return -1;
    if (depth == LIMIT_JSON_DEPTH) {
        s->wrong = "it is nested too deep";
        return -1;
    }
    s->at++;
    skip_space(s);
    while (s->p[s->at] != close) {
        if (members > 0 && s->p[s->at] != ',')
            return broken(s);
        s->at += members > 0 ? 1 : 0;
        skip_space(s);
        if ((object ? take_member : take_value)(s, depth + 1) != 0)
            return -1;
        members++;
        skip_space(s);
    }
    s->at++;
    node_end(s, i);
    return object ? check_keys(s, i, members) : 0;
}

static int take_value(struct scan *s, unsigned depth)
{
    skip_space(s);
    switch (s->p[s->at]) {
    case '{':
        return take_list(s, depth, true);
    case '[':
        return take_list(s, depth, false);
    case '"':
        return take_string(s, false);
    case 't':
        return take_word(s, "true", JSON_KIND_TRUE);
    case 'f':
        return take_word(s, "false", JSON_KIND_FALSE);
    case 'n':
        return take_word(s, "null", JSON_KIND_NULL);
    default:
        return take_number(s);
    }
}

/* ---- documents ---------------------------------------------------------- */

static int scan(struct scan *s)
{
    if (take_value(s, 0) != 0)
        return -1;
    skip_space(s);
    if (s->at == s->len)
        return 0;
    s->wrong = "something follows its end";
    return -1;
}

struct json_doc *json_scan(const void *bytes, size_t len, struct error *err)
{
    struct scan s = { .source = bytes, .len = len };
    struct json_doc *d = calloc(1, sizeof(*d));

    s.doc = d;
    if (d == NULL || len > UINT32_MAX || buf_add(&d->copy, bytes, len) != 0)
        goto out;

    /* Webhooks have a node for every dozen bytes. */
    d->cap = 16 + len / 8;
    d->nodes = reallocarray(NULL, d->cap, sizeof(*d->nodes));
    if (d->nodes == NULL)
        goto out;
    s.p = (char *)d->copy.p;
    if (scan(&s) == 0)
        return d;
out:
    if (s.wrong == NULL)
        (void)error_set(err, ERR_NOMEM, "no memory to read JSON");
    else
        (void)error_set(err, ERR_INPUT,
                        "not JSON that we accept: %s at byte %zu", s.wrong,
                        s.at);
    json_doc_free(&d);
    return NULL;
}

void json_doc_free(struct json_doc **doc)
{
    if (*doc == NULL)
        return;
    buf_free(&(*doc)->copy);
    free((*doc)->nodes);
    free(*doc);
    *doc = NULL;
}

const struct json_node *json_root(const struct json_doc *doc)
{
    return doc->nodes;
}

/* ---- reading ------------------------------------------------------------ */

const struct json_node *json_node_get(const struct json_node *object,
                                      const char *key)
{
    size_t len = strlen(key);

    if (object == NULL || object->kind != JSON_KIND_OBJECT)
        return NULL;
    for (const struct json_node *k = object + 1; k < object + object->span;
         k += 1 + k[1].span)
        if (k->len == len && memcmp(k->p, key, len) == 0)
            return k + 1;
    return NULL;
}

const struct json_node *json_node_next(const struct json_node *array,
                                       const struct json_node *item)
{
    if (array == NULL || array->kind != JSON_KIND_ARRAY)
        return NULL;
    item = item == NULL ? array + 1 : item + item->span;
    return item < array + array->span ? item : NULL;
}

const char *json_node_str(const struct json_node *object, const char *key)
{
    const struct json_node *value = json_node_get(object, key);

    return value != NULL && value->kind == JSON_KIND_STRING &&
                   strlen(value->p) == value->len
               ? value->p
               : NULL;
}

bool json_node_integer(const struct json_node *node, int64_t *out)
{
    size_t sign;
    int64_t n = 0;

    if (node == NULL || node->kind != JSON_KIND_NUMBER)
        return false;
    sign = node->p[0] == '-' ? 1 : 0;
    for (size_t i = sign; i < node->len; i++) {
        int digit = node->p[i] - '0';

        if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_sub_overflow(n, digit, &n))
            return false;
    }
    if (sign == 0 && n == INT64_MIN)
        return false;
    *out = sign == 0 ? -n : n;
    return true;
}

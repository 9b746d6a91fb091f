/* RFC 8785, the form of JSON that is hashed and signed. */
#include "resguardo/base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers, as ECMAScript writes them (ECMA-262, Number::toString) ---- */

#define DIGITS_MAX 17 /* enough for any double */
/* Integers up to here are doubles exactly. */
#define EXACT_MAX ((json_int_t)1 << 53)

/* value = 0.DIGITS x 10^point */
struct decimal {
    char digits[DIGITS_MAX + 1];
    int count;
    int point;
};

static bool reads_back(const struct decimal *d, double value)
{
    char text[48];

    (void)snprintf(text, sizeof(text), "0.%se%d", d->digits, d->point);
    return strtod(text, NULL) == value;
}

/* value rounded to count digits. */
static void round_to(struct decimal *d, double value, int count)
{
    char text[48];
    char *e;

    (void)snprintf(text, sizeof(text), "%.*e", count - 1, value);
    e = strchr(text, 'e');
    d->point = (int)strtol(e + 1, NULL, 10) + 1;
    *e = '\0';

    /* "d.ddd" without its point. */
    d->digits[0] = text[0];
    memcpy(d->digits + 1, text + (count > 1 ? 2 : 1), (size_t)count);
    d->count = count;
}

/* The next higher run of digits; false if it would be longer. */
static bool round_up(struct decimal *d)
{
    for (int i = d->count - 1; i >= 0; i--) {
        if (d->digits[i] != '9') {
            d->digits[i]++;
            return true;
        }
        d->digits[i] = '0';
    }
    return false;
}

/* Fewest digits that read back as value (positive). Next to a power of two
 * the gap above is twice that below, so the shortest may be the one above the
 * nearest. */
static void shortest(struct decimal *d, double value)
{
    for (int count = 1; count < DIGITS_MAX; count++) {
        round_to(d, value, count);
        if (reads_back(d, value) || (round_up(d) && reads_back(d, value)))
            return;
    }
    round_to(d, value, DIGITS_MAX);
}

static int add_exponent(struct buf *out, const struct decimal *d)
{
    const char *point = d->count > 1 ? "." : "";

    return buf_addf(out, "%c%s%se%+d", d->digits[0], point, d->digits + 1,
                    d->point - 1);
}

static int add_double(struct buf *out, double value)
{
    struct decimal d = { 0 };

    if (!isfinite(value))
        return -1;
    if (value == 0)
        return buf_adds(out, "0");
    if (value < 0 && buf_adds(out, "-") != 0)
        return -1;
    shortest(&d, fabs(value));

    if (d.point > 21 || d.point < -5)
        return add_exponent(out, &d);
    if (d.point <= 0)
        return buf_addf(out, "0.%.*s%s", -d.point, "00000", d.digits);
    if (d.point < d.count)
        return buf_addf(out, "%.*s.%s", d.point, d.digits, d.digits + d.point);
    return buf_addf(out, "%s%.*s", d.digits, d.point - d.count,
                    "00000000000000000000");
}

/* RFC 8785 knows doubles only: past 2^53 other tools would read one. */
static int add_integer(struct buf *out, json_int_t value)
{
    if (value > EXACT_MAX || value < -EXACT_MAX)
        return add_double(out, (double)value);

    char text[20], *end = text + sizeof(text), *first = end;
    json_int_t left = value < 0 ? -value : value;

    do
        *--first = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (value < 0)
        *--first = '-';
    return buf_add(out, first, (size_t)(end - first));
}

/* ---- strings ------------------------------------------------------------ */

/* The escape of a byte that must not stand for itself. */
static const char *escape_of(char c, char unicode[static 7])
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\t':
        return "\\t";
    case '\n':
        return "\\n";
    case '\f':
        return "\\f";
    case '\r':
        return "\\r";
    default:
        (void)snprintf(unicode, 7, "\\u%04x", (unsigned)(uint8_t)c);
        return unicode;
    }
}

static bool plain(char c)
{
    return (uint8_t)c >= 0x20 && c != '"' && c != '\\';
}

static int add_escaped(struct buf *out, const char *s, size_t len)
{
    size_t run = 0;

    (void)buf_add(out, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        char unicode[7];

        if (plain(s[i]))
            continue;
        if (buf_add(out, s + run, i - run) != 0 ||
            buf_adds(out, escape_of(s[i], unicode)) != 0)
            return -1;
        run = i + 1;
    }
    if (buf_add(out, s + run, len - run) != 0)
        return -1;
    return buf_add(out, "\"", 1);
}

/* Nearly all of them stand for themselves. */
static int add_string(struct buf *out, const char *s, size_t len)
{
    size_t i = 0;

    if (buf_reserve(out, len + 2) != 0)
        return -1;
    while (i < len && plain(s[i]))
        i++;
    if (i < len)
        return add_escaped(out, s, len);
    out->p[out->len++] = '"';
    memcpy(out->p + out->len, s, len);
    out->len += len;
    out->p[out->len++] = '"';
    out->p[out->len] = '\0';
    return 0;
}

/* ---- containers --------------------------------------------------------- */

#define MEMBERS_FEW 24

struct member {
    const char *key;
    json_t *value;
};

/*
 * Order by UTF-16 code units. In UTF-8 the bytes order alike, but for code
 * points past the first plane (first byte F0 and up): their surrogates come
 * before U+E000 to U+FFFF (first byte EE or EF).
 */
static int compare_keys(const void *one, const void *two)
{
    const uint8_t *a = (const uint8_t *)((const struct member *)one)->key;
    const uint8_t *b = (const uint8_t *)((const struct member *)two)->key;

    while (*a == *b && *a != 0) {
        a++;
        b++;
    }
    if (*a >= 0xf0 && (*b == 0xee || *b == 0xef))
        return -1;
    if (*b >= 0xf0 && (*a == 0xee || *a == 0xef))
        return 1;
    return *a - *b;
}

/* Nearly all objects are small, and come in some order already. */
static void sort_members(struct member *m, size_t n)
{
    if (n > MEMBERS_FEW) {
        qsort(m, n, sizeof(*m), compare_keys);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        struct member moved = m[i];
        size_t at = i;

        for (; at > 0 && compare_keys(&m[at - 1], &moved) > 0; at--)
            m[at] = m[at - 1];
        m[at] = moved;
    }
}

static int add_members(struct buf *out, const struct member *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((i > 0 && buf_add(out, ",", 1) != 0) ||
            add_string(out, m[i].key, strlen(m[i].key)) != 0 ||
            buf_add(out, ":", 1) != 0 || json_canonical(m[i].value, out) != 0)
            return -1;
    return 0;
}

static int add_object(struct buf *out, json_t *object)
{
    struct member few[MEMBERS_FEW], *members = few;
    size_t n = json_object_size(object), at = 0;
    const char *key;
    json_t *value;
    int ok = -1;

    if (n > MEMBERS_FEW && (members = calloc(n, sizeof(*members))) == NULL)
        return -1;
    json_object_foreach(object, key, value) members[at++] =
        (struct member){ key, value };
    sort_members(members, n);
    if (buf_add(out, "{", 1) == 0 && add_members(out, members, n) == 0)
        ok = buf_add(out, "}", 1);
    if (members != few)
        free(members);
    return ok;
}

static int add_array(struct buf *out, const json_t *array)
{
    size_t n = json_array_size(array);

    if (buf_adds(out, "[") != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if ((i > 0 && buf_adds(out, ",") != 0) ||
            json_canonical(json_array_get(array, i), out) != 0)
            return -1;
    return buf_adds(out, "]");
}

int json_canonical(const json_t *value, struct buf *out)
{
    if (value == NULL)
        return -1;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return add_object(out, (json_t *)(uintptr_t)value);
    case JSON_ARRAY:
        return add_array(out, value);
    case JSON_STRING:
        return add_string(out, json_string_value(value),
                          json_string_length(value));
    case JSON_INTEGER:
        return add_integer(out, json_integer_value(value));
    case JSON_REAL:
        return add_double(out, json_real_value(value));
    case JSON_TRUE:
        return buf_adds(out, "true");
    case JSON_FALSE:
        return buf_adds(out, "false");
    default:
        return buf_adds(out, "null");
    }
}

/* Outside JSON, mended where jansson is too strict, then parsed by it. */
#include "resguardo/base.h"
#include "resguardo/limits.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What the prescan knows of its place. It understands no more of JSON than it
 * needs and refuses only depth; jansson, which reads the same bytes after it,
 * refuses all the rest.
 */
struct scan {
    char *p; /* NUL-terminated private copy */
    size_t len, at;
    size_t depth;
    bool in_object[LIMIT_JSON_DEPTH + 1];
    char last; /* last significant character outside strings */
};

/* A string is a key where an object has just begun or gone on. */
static bool at_key(const struct scan *s)
{
    return s->in_object[s->depth] && (s->last == '{' || s->last == ',');
}

/* The code unit of an escape \uXXXX at p, -1 if it is none. */
static int32_t code_unit(const char *p)
{
    uint8_t two[2];

    if (p[0] != '\\' || p[1] != 'u' || strnlen(p + 2, 4) < 4 ||
        hex_decode(two, sizeof(two), p + 2, 4, true) != 0)
        return -1;
    return two[0] << 8 | two[1];
}

static bool is_high(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* One escape, the backslash at s->at: rewritten where jansson would refuse a
 * whole document for it. */
static void scan_escape(struct scan *s, bool key)
{
    char *p = s->p + s->at;
    int32_t unit = code_unit(p);

    if (unit < 0) {
        s->at += s->len - s->at > 1 ? 2 : 1;
        return;
    }
    if (is_high(unit) && is_low(code_unit(p + 6))) {
        s->at += 12;
        return;
    }
    if (is_high(unit) || is_low(unit) || (unit == 0 && key))
        memcpy(p + 2, "fffd", 4);
    s->at += 6;
}

static void scan_string(struct scan *s)
{
    bool key = at_key(s);

    s->last = '"';
    s->at++;
    while (s->at < s->len && s->p[s->at] != '"') {
        if (s->p[s->at] == '\\')
            scan_escape(s, key);
        else
            s->at++;
    }
    s->at++;
}

static size_t digits(const char *p)
{
    return strspn(p, "0123456789");
}

/* Length of the number at p by JSON's grammar, 0 if it is none; says whether
 * it has a fraction or an exponent. */
static size_t number_len(const char *p, bool *real)
{
    size_t at = p[0] == '-' ? 1 : 0, n;

    *real = false;
    n = p[at] == '0' ? 1 : digits(p + at);
    if (n == 0)
        return 0;
    at += n;
    if (p[at] == '.' && digits(p + at + 1) > 0) {
        *real = true;
        at += 1 + digits(p + at + 1);
    }
    if (p[at] == 'e' || p[at] == 'E') {
        size_t sign = p[at + 1] == '+' || p[at + 1] == '-' ? 1 : 0;

        n = digits(p + at + 1 + sign);
        if (n > 0) {
            *real = true;
            at += 1 + sign + n;
        }
    }
    return at;
}

/* A number without fraction that int64 cannot hold, as the nearest double: 17
 * digits and an exponent, for which its 19 digits or more have the room. */
static void write_real(char *number, size_t n, double value)
{
    char text[40], real[40];
    size_t len;

    /* d.dddddddddddddddde+XX without its point. */
    (void)snprintf(text, sizeof(text), "%.16e", fabs(value));
    len = (size_t)snprintf(real, sizeof(real), "%c%.16se%ld", text[0], text + 2,
                           strtol(text + 19, NULL, 10) - 16);
    if (number[0] == '-') {
        number++;
        n--;
    }
    memcpy(number, real, len);
    memset(number + len, ' ', n - len);
}

/* Rewrites what jansson would refuse a whole document for: past int64 it is a
 * double, as other readers of JSON have it, past double null. */
static void fit(char *number, size_t n, bool real)
{
    double value;

    errno = 0;
    (void)strtoll(number, NULL, 10);
    if (!real && errno != ERANGE)
        return;

    value = strtod(number, NULL);
    if (isinf(value)) {
        memcpy(number, "null", 4);
        memset(number + 4, ' ', n - 4);
    } else if (!real) {
        write_real(number, n, value);
    }
}

/* A number is cut out by a NUL to be judged: "0999" is the number 0 and then
 * another. What is shorter than null fits. */
static void scan_number(struct scan *s)
{
    char *p = s->p + s->at, after;
    bool real;
    size_t n = number_len(p, &real);

    s->last = '0';
    if (n == 0) {
        s->at++;
        return;
    }
    after = p[n];
    p[n] = '\0';
    if (n >= 4)
        fit(p, n, real);
    p[n] = after;
    s->at += n;
}

/* Brackets, commas and the like. -1: too deep. */
static int scan_mark(struct scan *s)
{
    char c = s->p[s->at++];

    if (c == '{' || c == '[') {
        if (s->depth == LIMIT_JSON_DEPTH)
            return -1;
        s->in_object[++s->depth] = c == '{';
    } else if ((c == '}' || c == ']') && s->depth > 0) {
        s->depth--;
    }
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
        s->last = c;
    return 0;
}

static int prescan(struct scan *s)
{
    while (s->at < s->len) {
        char c = s->p[s->at];

        if (c == '"')
            scan_string(s);
        else if (c == '-' || (c >= '0' && c <= '9'))
            scan_number(s);
        else if (scan_mark(s) != 0)
            return -1;
    }
    return 0;
}

/* jansson's own sentence quotes the document: what a customer wrote must not
 * reach a log, so only the kind and the place are said. A malloc that failed
 * inside a string is "an invalid token" to it: errno tells. */
static int refuse(struct error *e, const json_error_t *why, bool no_memory)
{
    const char *what;

    if (no_memory)
        return error_set(e, ERR_NOMEM, "no memory to read JSON");
    switch (json_error_code(why)) {
    case json_error_duplicate_key:
        what = "a key is given twice";
        break;
    case json_error_invalid_utf8:
        what = "it is not UTF-8";
        break;
    case json_error_premature_end_of_input:
        what = "it ends too early";
        break;
    case json_error_end_of_input_expected:
        what = "something follows its end";
        break;
    default:
        what = "it breaks the grammar";
        break;
    }
    return error_set(e, ERR_INPUT, "not JSON that we accept: %s at byte %d",
                     what, why->position);
}

json_t *json_parse(const void *bytes, size_t len, struct error *e)
{
    struct buf copy = { 0 };
    struct scan s = { .len = len };
    json_error_t why;
    json_t *root = NULL;

    if (buf_add(&copy, bytes, len) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory to read JSON");
        goto out;
    }
    s.p = (char *)copy.p;
    /* jansson overlooks a NUL behind a number. */
    if (len > 0 && memchr(bytes, 0, len) != NULL) {
        (void)error_set(e, ERR_INPUT,
                        "not JSON that we accept: it holds a NUL");
        goto out;
    }
    if (prescan(&s) != 0) {
        (void)error_set(e, ERR_INPUT, "JSON is nested deeper than %u levels",
                        LIMIT_JSON_DEPTH);
        goto out;
    }
    errno = 0;
    root = json_loadb(s.p, len,
                      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY,
                      &why);
    if (root == NULL)
        (void)refuse(e, &why, errno == ENOMEM);
out:
    buf_free(&copy);
    return root;
}

json_t *json_base64(const void *bytes, size_t len)
{
    char *text = malloc(BASE64_SIZE(len));
    json_t *value = NULL;

    if (text != NULL) {
        base64_encode(text, bytes, len, true);
        value = json_string(text);
    }
    free(text);
    return value;
}

const char *json_str(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    const char *s = json_string_value(value);

    return s != NULL && strlen(s) == json_string_length(value) ? s : NULL;
}

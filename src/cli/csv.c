/* CSV as RFC 4180 has it, safe to open in a spreadsheet. */
#include "cli.h"

#include <limits.h>
#include <string.h>

static bool starts_formula(char c)
{
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' ||
           c == '\r' || c == '\n';
}

/* Looked up rather than compared: most of an export's time went there. */
static bool needs_quotes(const char *text, size_t len)
{
    static const bool which[UCHAR_MAX + 1] = {
        ['"'] = true, [','] = true, ['\r'] = true, ['\n'] = true
    };
    bool needs = false;

    for (size_t i = 0; i < len; i++)
        needs |= which[(unsigned char)text[i]];
    return needs;
}

/* Quotes are doubled on the way. */
static char *put_quoted(char *to, const char *text, size_t len, bool formula)
{
    *to++ = '"';
    if (formula)
        *to++ = '\'';
    for (size_t i = 0; i < len; i++) {
        *to = '"';
        to += text[i] == '"';
        *to++ = text[i];
    }
    *to++ = '"';
    return to;
}

static int add_cell(struct buf *out, const char *text, size_t len)
{
    bool formula = len > 0 && starts_formula(text[0]);
    char *to;

    if (buf_reserve(out, 2 * len + 4) != 0)
        return -1;
    to = (char *)out->p + out->len;
    if (needs_quotes(text, len)) {
        to = put_quoted(to, text, len, formula);
    } else {
        if (formula)
            *to++ = '\'';
        memcpy(to, text, len);
        to += len;
    }
    *to = '\0';
    out->len = (size_t)(to - (char *)out->p);
    return 0;
}

int csv_cell(struct buf *out, const char *text)
{
    return text == NULL ? 0 : add_cell(out, text, strlen(text));
}

int csv_object(struct buf *out, const json_t *row,
               const struct output_column *columns)
{
    for (size_t i = 0; columns[i].key != NULL; i++) {
        const json_t *value = json_object_get(row, columns[i].key);
        int ok = i > 0 ? buf_adds(out, ",") : 0;

        if (ok == 0 && row == NULL)
            ok = csv_cell(out, columns[i].key);
        else if (ok == 0 && json_is_string(value))
            ok = csv_cell(out, json_string_value(value));
        else if (ok == 0 && json_is_integer(value))
            ok = buf_addf(out, "%lld", (long long)json_integer_value(value));
        if (ok != 0)
            return -1;
    }
    return buf_adds(out, "\r\n");
}

/* -2: a value that no row has. `text` is room to decode in. */
static int add_value(struct buf *out, struct buf *text,
                     const struct json_member *m)
{
    const char *value = m->value;
    int64_t number;

    if (value[0] == '"' && memchr(value, '\\', m->value_len) == NULL)
        return add_cell(out, value + 1, m->value_len - 2);
    if (value[0] == '"') {
        int ok;

        buf_reset(text);
        ok = json_unescape(text, value, m->value_len);
        return ok != 0 ? ok : add_cell(out, (const char *)text->p, text->len);
    }
    if (m->value_len == 4 && memcmp(value, "null", 4) == 0)
        return 0;
    return decimal_parse(value, m->value_len, INT64_MAX, &number) != 0
               ? -2
               : buf_add(out, value, m->value_len);
}

int csv_row(struct buf *out, const char *const *columns, const char *line,
            size_t len)
{
    struct json_walk walk;
    struct json_member m;
    struct buf text = { 0 };
    int ok = 0;

    json_walk_begin(&walk, line, len);
    for (size_t i = 0; ok == 0 && columns[i] != NULL; i++) {
        if (json_walk_next(&walk, &m) != 1 || !json_member_is(&m, columns[i]))
            ok = -2;
        else if (i > 0 && buf_add(out, ",", 1) != 0)
            ok = -1;
        else
            ok = add_value(out, &text, &m);
    }
    if (ok == 0 && json_walk_next(&walk, &m) != 0)
        ok = -2;
    if (ok == 0)
        ok = buf_add(out, "\n", 1);
    buf_free(&text);
    return ok;
}

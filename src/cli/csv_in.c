/* CSV that somebody's spreadsheet wrote. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

struct csv_in {
    char *at, *end;
    char sign; /* between cells */
    size_t line;
    size_t n; /* names */
    const char *names[LIMIT_CSV_CELLS], *cells[LIMIT_CSV_CELLS];
};

/* What parts the names: the sign that is there most, outside of quotes. */
static char guess_sign(const char *p, const char *end)
{
    static const char signs[] = ",;\t";
    size_t count[3] = { 0 }, best = 0;
    bool quoted = false;

    for (; p < end && (quoted || (*p != '\n' && *p != '\r')); p++) {
        quoted ^= *p == '"';
        for (size_t i = 0; !quoted && i < 3; i++)
            count[i] += *p == signs[i];
    }
    for (size_t i = 1; i < 3; i++)
        if (count[i] > count[best])
            best = i;
    return signs[best];
}

/* Where the quote that is open at p ends: at its sign, or at the end. */
static char *end_of_quote(char *p, const char *end)
{
    for (; p < end; p++)
        if (*p == '"' && (p + 1 >= end || *++p != '"'))
            return *p == '"' ? p : p - 1;
    return p;
}

/* A quoted cell, in place: two quotes are one. NULL, or what is wrong. */
static const char *take_quoted(struct csv_in *c, const char **cell, char **stop)
{
    char *to = ++c->at, *close = end_of_quote(c->at, c->end);

    if (close >= c->end)
        return "a quote is not closed";
    if (close + 1 < c->end && close[1] != c->sign && close[1] != '\n' &&
        close[1] != '\r')
        return "something stands behind a quote";
    *cell = to;
    for (; c->at < close; c->at++) {
        c->at += *c->at == '"';
        c->line += *c->at == '\n';
        *to++ = *c->at;
    }
    c->at++;
    *stop = to;
    return NULL;
}

static const char *take_plain(struct csv_in *c, const char **cell, char **stop)
{
    *cell = c->at;
    for (; c->at < c->end && *c->at != c->sign && *c->at != '\n' &&
           *c->at != '\r';
         c->at++)
        if (*c->at == '"')
            return "a quote stands in the middle of a cell";
    *stop = c->at;
    return NULL;
}

/* The cells of one line; *n of them. The line's end is passed. */
static const char *take_line(struct csv_in *c, const char **cells, size_t *n)
{
    for (*n = 0;;) {
        char *stop = NULL, sign;
        const char *what;

        if (*n == LIMIT_CSV_CELLS)
            return "has too many cells";
        what = c->at < c->end && *c->at == '"'
                   ? take_quoted(c, &cells[*n], &stop)
                   : take_plain(c, &cells[*n], &stop);
        if (what != NULL)
            return what;
        ++*n;
        sign = c->at < c->end ? *c->at : '\n';
        if (sign == c->sign) {
            c->at++;
            *stop = '\0';
            continue;
        }
        if (c->at < c->end && *c->at == '\r')
            c->at++;
        if (c->at < c->end && *c->at == '\n')
            c->at++;
        *stop = '\0';
        return NULL;
    }
}

static void pass_empty(struct csv_in *c)
{
    while (c->at < c->end && (*c->at == '\n' || *c->at == '\r'))
        c->line += *c->at++ == '\n';
}

static int take_names(struct csv_in *c, struct error *e)
{
    const char *what;

    pass_empty(c);
    c->sign = guess_sign(c->at, c->end);
    if (c->at >= c->end)
        return error_set(e, ERR_INPUT, "the list is empty");
    what = take_line(c, c->names, &c->n);
    for (size_t i = 0; what == NULL && i < c->n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->names[i], c->names[k]) == 0)
                what = "two columns have the same name";
    if (what != NULL)
        return error_set(e, ERR_INPUT, "line %zu: %s", c->line, what);
    c->line++;
    return 0;
}

int csv_open(struct csv_in **out, struct buf *bytes, struct error *e)
{
    struct csv_in *c = calloc(1, sizeof(*c));
    size_t skip = 0;

    *out = c;
    if (c == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a list");
    if (bytes->len >= 3 && memcmp(bytes->p, "\xef\xbb\xbf", 3) == 0)
        skip = 3;
    c->line = 1;
    if (buf_reserve(bytes, 1) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a list");
    else if (memchr(bytes->p, '\0', bytes->len) != NULL ||
             !utf8_valid((const char *)bytes->p, bytes->len))
        (void)error_set(e, ERR_INPUT, "the list is no UTF-8 text");
    else {
        c->at = (char *)bytes->p + skip;
        c->end = (char *)bytes->p + bytes->len;
        if (take_names(c, e) == 0)
            return 0;
    }
    csv_close(out);
    return -1;
}

size_t csv_names(const struct csv_in *c, const char *const **names)
{
    *names = c->names;
    return c->n;
}

/* Goes on behind the line that a wrong row begins with. */
static void pass_line(struct csv_in *c, char *from, size_t line)
{
    char *stop = memchr(from, '\n', (size_t)(c->end - from));

    c->at = stop == NULL ? c->end : stop + 1;
    c->line = line + 1;
}

enum csv_row csv_next(struct csv_in *c, const char *const **cells, size_t *line,
                      const char **what)
{
    char *from;
    size_t n;

    pass_empty(c);
    *cells = c->cells;
    *line = c->line;
    if (c->at >= c->end)
        return CSV_END;
    from = c->at;
    *what = take_line(c, c->cells, &n);
    if (*what != NULL) {
        pass_line(c, from, *line);
        return CSV_WRONG;
    }
    c->line++;
    if (n == c->n)
        return CSV_ROW;
    *what = "has not as many cells as there are columns";
    return CSV_WRONG;
}

void csv_close(struct csv_in **c)
{
    free(*c);
    *c = NULL;
}

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

static int wrong(const struct csv_in *c, struct error *e, const char *what)
{
    return error_set(e, ERR_INPUT, "line %zu: %s", c->line, what);
}

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

/* A quoted cell, in place: two quotes are one. */
static int take_quoted(struct csv_in *c, const char **cell, char **stop,
                       struct error *e)
{
    char *to = ++c->at;

    *cell = to;
    for (; c->at < c->end; c->at++) {
        if (*c->at == '"') {
            if (c->at + 1 >= c->end || c->at[1] != '"')
                break;
            c->at++;
        }
        c->line += *c->at == '\n';
        *to++ = *c->at;
    }
    if (c->at >= c->end)
        return wrong(c, e, "a quote is not closed");
    c->at++;
    *stop = to;
    if (c->at < c->end && *c->at != c->sign && *c->at != '\n' && *c->at != '\r')
        return wrong(c, e, "something stands behind a quote");
    return 0;
}

static int take_plain(struct csv_in *c, const char **cell, char **stop,
                      struct error *e)
{
    *cell = c->at;
    for (; c->at < c->end && *c->at != c->sign && *c->at != '\n' &&
           *c->at != '\r';
         c->at++)
        if (*c->at == '"')
            return wrong(c, e, "a quote stands in the middle of a cell");
    *stop = c->at;
    return 0;
}

/* The cells of one line; *n of them. The line's end is passed. */
static int take_line(struct csv_in *c, const char **cells, size_t *n,
                     struct error *e)
{
    for (*n = 0;;) {
        char *stop = NULL, sign;

        if (*n == LIMIT_CSV_CELLS)
            return wrong(c, e, "has too many cells");
        if ((c->at < c->end && *c->at == '"'
                 ? take_quoted(c, &cells[*n], &stop, e)
                 : take_plain(c, &cells[*n], &stop, e)) != 0)
            return -1;
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
        return 0;
    }
}

static void pass_empty(struct csv_in *c)
{
    while (c->at < c->end && (*c->at == '\n' || *c->at == '\r'))
        c->line += *c->at++ == '\n';
}

static int take_names(struct csv_in *c, struct error *e)
{
    pass_empty(c);
    c->sign = guess_sign(c->at, c->end);
    if (c->at >= c->end)
        return error_set(e, ERR_INPUT, "the list is empty");
    if (take_line(c, c->names, &c->n, e) != 0)
        return -1;
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->names[i], c->names[k]) == 0)
                return wrong(c, e, "two columns have the same name");
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

int csv_next(struct csv_in *c, const char *const **cells, size_t *line,
             struct error *e)
{
    size_t n;

    pass_empty(c);
    *cells = c->cells;
    *line = c->line;
    if (c->at >= c->end)
        return 0;
    if (take_line(c, c->cells, &n, e) != 0)
        return -1;
    if (n != c->n)
        return wrong(c, e, "has not as many cells as there are columns");
    c->line++;
    return 1;
}

void csv_close(struct csv_in **c)
{
    free(*c);
    *c = NULL;
}

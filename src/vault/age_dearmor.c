/*
 * ASCII armor, read: strictly, so that a file has one spelling but for the
 * white space around it and CRLF. What is no armor passes as it is.
 */
#include "vault_private.h"

#include <stdlib.h>
#include <string.h>

/* White space that may stand before the first line; also what is looked at
 * before a file is said to be no armor. */
#define PEEK ((size_t)1024)

enum state {
    STATE_PEEK,   /* is it armor at all? */
    STATE_BINARY, /* it is not */
    STATE_LINES,
    STATE_LAST,  /* after a short line: only the end may come */
    STATE_SPACE, /* after the end: only white space */
    STATE_DEAD
};

struct age_dearmor {
    enum state state;
    age_sink sink;
    void *arg;
    size_t held; /* bytes of `peek`, then of `line` */
    uint8_t peek[PEEK];
    char line[AGE_COLUMNS + 1]; /* a CR too */
    size_t ready;               /* bytes of `out` */
    uint8_t out[128 * AGE_LINE_BYTES];
};

int age_dearmor_new(struct age_dearmor **dearmor, age_sink sink, void *arg,
                    struct error *err)
{
    struct age_dearmor *d = calloc(1, sizeof(*d));

    *dearmor = d;
    if (d == NULL)
        return error_set(err, ERR_NOMEM, "no memory for armor");
    d->sink = sink;
    d->arg = arg;
    return 0;
}

void age_dearmor_free(struct age_dearmor **dearmor)
{
    free(*dearmor);
    *dearmor = NULL;
}

static int armor_error(struct error *err, const char *what)
{
    return error_set(err, ERR_INPUT, "armor: %s", what);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ---- lines -------------------------------------------------------------- */

static int flush(struct age_dearmor *d, struct error *err)
{
    size_t n = d->ready;

    d->ready = 0;
    return n > 0 ? d->sink(d->arg, d->out, n, err) : 0;
}

static int take_base64(struct age_dearmor *d, size_t len, struct error *err)
{
    ssize_t n;

    if (d->state == STATE_LAST)
        return armor_error(err, "a line after a short one");
    if (len == 0)
        return armor_error(err, "an empty line");
    if (len > AGE_COLUMNS)
        return armor_error(err, "a line of more than 64 characters");
    if (sizeof(d->out) - d->ready < AGE_LINE_BYTES && flush(d, err) != 0)
        return -1;
    n = base64_decode(d->out + d->ready, AGE_LINE_BYTES, d->line, len, true);
    if (n < 0)
        return armor_error(err, "a line that is no canonical base64");
    d->ready += (size_t)n;
    if ((size_t)n < AGE_LINE_BYTES)
        d->state = STATE_LAST;
    return 0;
}

/* A whole line, without its end. */
static int take_line(struct age_dearmor *d, size_t len, struct error *err)
{
    if (len > 0 && d->line[len - 1] == '\r')
        len--;
    if (len == strlen(AGE_ARMOR_END) &&
        memcmp(d->line, AGE_ARMOR_END, len) == 0) {
        d->state = STATE_SPACE;
        return flush(d, err);
    }
    return take_base64(d, len, err);
}

static int add_lines(struct age_dearmor *d, const uint8_t **p, size_t *len,
                     struct error *err)
{
    const uint8_t *nl = memchr(*p, '\n', *len);
    size_t take = nl != NULL ? (size_t)(nl - *p) : *len;
    size_t room = sizeof(d->line) - d->held;

    if (take > room)
        return armor_error(err, "a line of more than 64 characters");
    memcpy(d->line + d->held, *p, take);
    d->held += take;
    *p += take;
    *len -= take;
    if (nl == NULL)
        return 0;
    ++*p;
    --*len;
    take = d->held;
    d->held = 0;
    return take_line(d, take, err);
}

static int add_space(const uint8_t **p, size_t *len, struct error *err)
{
    for (; *len > 0; ++*p, --*len)
        if (!is_space(**p))
            return armor_error(err, "something after its end");
    return 0;
}

/* ---- what it is --------------------------------------------------------- */

/* Where the first line of an armor starts, if that is what is held. A file
 * with something before it is a broken armor, not another kind of file. */
static int find_begin(struct age_dearmor *d, size_t *start, struct error *err)
{
    size_t at = 0;

    while (at < d->held && is_space(d->peek[at]))
        at++;
    *start = at;
    if (d->held - at >= 5 && memcmp(d->peek + at, "-----", 5) == 0)
        return 1;
    if (memmem(d->peek, d->held, AGE_ARMOR_BEGIN, strlen(AGE_ARMOR_BEGIN)) !=
        NULL)
        return armor_error(err, "something before its beginning");
    return 0;
}

/* The first line, at the start of what is held, and all after it. */
static int begin_lines(struct age_dearmor *d, size_t start, struct error *err)
{
    const uint8_t *p = d->peek + start;
    size_t len = d->held - start, mark = strlen(AGE_ARMOR_BEGIN);
    bool begins = len > mark && memcmp(p, AGE_ARMOR_BEGIN, mark) == 0;

    if (begins && p[mark] == '\r')
        mark++;
    if (!begins || len <= mark || p[mark] != '\n')
        return armor_error(err, "its first line is not " AGE_ARMOR_BEGIN);
    d->state = STATE_LINES;
    d->held = 0;
    return age_dearmor_add(d, p + mark + 1, len - mark - 1, err);
}

/* Enough was seen: armor, or something else that others judge. */
static int decide(struct age_dearmor *d, struct error *err)
{
    size_t start = 0;
    int armor = find_begin(d, &start, err);

    if (armor < 0)
        return -1;
    if (armor > 0)
        return begin_lines(d, start, err);
    d->state = STATE_BINARY;
    return d->held > 0 ? d->sink(d->arg, d->peek, d->held, err) : 0;
}

static int add_peek(struct age_dearmor *d, const uint8_t **p, size_t *len,
                    struct error *err)
{
    static const char magic[] = "age-encryption.org/";
    size_t room = sizeof(d->peek) - d->held;
    size_t take = *len < room ? *len : room;

    memcpy(d->peek + d->held, *p, take);
    d->held += take;
    *p += take;
    *len -= take;
    if (d->held >= sizeof(magic) - 1 &&
        memcmp(d->peek, magic, sizeof(magic) - 1) == 0) {
        d->state = STATE_BINARY;
        return d->sink(d->arg, d->peek, d->held, err);
    }
    return d->held == sizeof(d->peek) ? decide(d, err) : 0;
}

/* ---- the way through ---------------------------------------------------- */

static int step(struct age_dearmor *d, const uint8_t **p, size_t *len,
                struct error *err)
{
    size_t n = *len;

    switch (d->state) {
    case STATE_PEEK:
        return add_peek(d, p, len, err);
    case STATE_BINARY:
        *len = 0;
        return d->sink(d->arg, *p, n, err);
    case STATE_LINES:
    case STATE_LAST:
        return add_lines(d, p, len, err);
    case STATE_SPACE:
        return add_space(p, len, err);
    case STATE_DEAD:
    default:
        return error_set(err, ERR_INTERNAL, "reading has already ended");
    }
}

int age_dearmor_add(struct age_dearmor *d, const void *data, size_t len,
                    struct error *err)
{
    const uint8_t *p = data;

    while (len > 0)
        if (step(d, &p, &len, err) != 0) {
            d->state = STATE_DEAD;
            return -1;
        }
    return 0;
}

int age_dearmor_finish(struct age_dearmor *d, struct error *err)
{
    if (d->state == STATE_PEEK && decide(d, err) != 0)
        goto fail;
    if (d->state == STATE_DEAD) {
        (void)error_set(err, ERR_INTERNAL, "reading has already ended");
        goto fail;
    }
    /* The last line may lack its end. */
    if ((d->state == STATE_LINES || d->state == STATE_LAST) && d->held > 0 &&
        take_line(d, d->held, err) != 0)
        goto fail;
    if (d->state == STATE_BINARY || d->state == STATE_SPACE)
        return 0;
    (void)armor_error(err, "ends early");
fail:
    d->state = STATE_DEAD;
    return -1;
}

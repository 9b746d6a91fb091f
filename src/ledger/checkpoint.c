/* The text of a checkpoint: origin, size, root. */
#include "resguardo/ledger.h"

#include <inttypes.h>
#include <string.h>

#define MALFORMED "the checkpoint is malformed: "

int ledger_checkpoint_format(const struct ledger_checkpoint *c, struct buf *out)
{
    char root[BASE64_SIZE(LEDGER_HASH_LEN)];

    if (c->origin[0] == 0 || strchr(c->origin, '\n') != NULL)
        return -1;
    base64_encode(root, c->root, sizeof(c->root), true);
    return buf_addf(out, "%s\n%" PRIu64 "\n%s\n", c->origin, c->size, root);
}

/* Takes the next line off the text; its length without the newline, or -1. */
static ssize_t next_line(const char **text, size_t *len, const char **line)
{
    const char *end = *len == 0 ? NULL : memchr(*text, '\n', *len);
    size_t n;

    if (end == NULL)
        return -1;
    n = (size_t)(end - *text);
    *line = *text;
    *text += n + 1;
    *len -= n + 1;
    return (ssize_t)n;
}

static int parse_size(const char *line, ssize_t n, uint64_t *out)
{
    int64_t size;

    if (n < 1 || (n > 1 && line[0] == '0') ||
        decimal_parse(line, (size_t)n, INT64_MAX, &size) != 0)
        return -1;
    *out = (uint64_t)size;
    return 0;
}

int ledger_checkpoint_parse(struct ledger_checkpoint *c, const char *text,
                            size_t len, struct error *e)
{
    const char *line;
    ssize_t n;

    memset(c, 0, sizeof(*c));
    n = next_line(&text, &len, &line);
    if (n < 1 || n >= LEDGER_ORIGIN_SIZE || memchr(line, 0, (size_t)n) != NULL)
        return error_set(e, ERR_INPUT, MALFORMED "it has no origin");
    memcpy(c->origin, line, (size_t)n);

    n = next_line(&text, &len, &line);
    if (parse_size(line, n, &c->size) != 0)
        return error_set(e, ERR_INPUT, MALFORMED "it has no size");
    n = next_line(&text, &len, &line);
    if (n < 1 || base64_decode(c->root, sizeof(c->root), line, (size_t)n,
                               true) != LEDGER_HASH_LEN)
        return error_set(e, ERR_INPUT, MALFORMED "it has no root");

    /* Extension lines say nothing to us, but there are no empty ones. */
    while (len > 0)
        if (next_line(&text, &len, &line) < 1)
            return error_set(e, ERR_INPUT, MALFORMED "a line is empty or cut");
    return 0;
}

int ledger_checkpoint_open(struct ledger_checkpoint *c, const char *note,
                           size_t len, const char *vkey, struct error *e)
{
    char name[LEDGER_ORIGIN_SIZE];
    uint8_t public_key[32];
    size_t text_len;

    if (note_vkey_parse(vkey, name, public_key, e) != 0 ||
        note_open(note, len, vkey, &text_len, e) != 0 ||
        ledger_checkpoint_parse(c, note, text_len, e) != 0)
        return -1;
    if (strcmp(c->origin, name) != 0)
        return error_set(e, ERR_VERIFY,
                         "the checkpoint is of another log than its key");
    return 0;
}

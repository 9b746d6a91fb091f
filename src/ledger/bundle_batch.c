/* Entries of a bundle, many at a time, and what its leaves say of each. */
#include "bundle_batch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LEAF_TEXT ((size_t)HEX_SIZE(LEDGER_HASH_LEN) - 1)

int batches_open(struct batches *b, const char *folder, uint64_t size,
                 struct error *e)
{
    *b = (struct batches){ .size = size };
    for (size_t i = 0; i < 2; i++) {
        b->two[i].lines = calloc(LEDGER_LINES_MAX, sizeof(*b->two[i].lines));
        b->two[i].hashes = calloc(LEDGER_LINES_MAX, sizeof(*b->two[i].hashes));
        if (b->two[i].lines == NULL || b->two[i].hashes == NULL)
            return error_set(e, ERR_NOMEM, "no memory to verify");
    }
    return lines_open(&b->entries, folder, "entries.jsonl", e) != 0
               ? -1
               : lines_open(&b->leaves, folder, "leaves", e);
}

void batches_close(struct batches *b)
{
    lines_close(&b->leaves);
    lines_close(&b->entries);
    for (size_t i = 0; i < 2; i++) {
        free(b->two[i].hashes);
        free(b->two[i].lines);
    }
    *b = (struct batches){ 0 };
}

/* The line that was just read, and the leaf hash that it must have. */
static int take_line(struct batches *b, struct batch *to, struct error *e)
{
    uint64_t n = to->from + to->n;
    uint8_t *leaf = to->hashes[to->n];
    const struct lines *l = &b->leaves;
    int more;

    if (n == b->size)
        return error_set(e, ERR_VERIFY,
                         "entry %" PRIu64 ": it is more than was signed", n);

    /* No leaf hash, or one that is none, is as good as a wrong one. */
    if ((more = lines_next(&b->leaves, n, e)) < 0)
        return -1;
    if (more == 0 ||
        hex_decode(leaf, LEDGER_HASH_LEN, (const char *)l->line,
                   l->len == LEAF_TEXT ? LEAF_TEXT : 0, false) != 0)
        memset(leaf, 0, LEDGER_HASH_LEN);
    to->lines[to->n] =
        (struct ledger_line){ b->entries.line, b->entries.len, leaf };
    return 0;
}

struct batch *batches_next(struct batches *b)
{
    struct batch *to = &b->two[b->turn];

    b->turn = !b->turn;
    to->from = b->next;
    to->n = 0;
    to->more = 1;
    to->behind = (struct error){ 0 };
    while (to->n < LEDGER_LINES_MAX &&
           (to->n == 0 || lines_ready(&b->entries))) {
        to->more = lines_next(&b->entries, to->from + to->n, &to->behind);
        if (to->more <= 0 || (to->more = take_line(b, to, &to->behind)) < 0)
            break;
        to->more = 1;
        to->n++;
    }
    b->next = to->from + to->n;
    return to;
}

int batches_end(struct batches *b, struct error *e)
{
    int more = lines_next(&b->leaves, b->next, e);

    return more <= 0 ? more
                     : error_set(e, ERR_VERIFY,
                                 "entry %" PRIu64
                                 ": there are more leaves than entries",
                                 b->next);
}

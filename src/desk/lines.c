/*
 * Lines made of ledger entries, sent while they are read: a page of rows a
 * read transaction, so that neither memory nor the WAL grows with the log.
 */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

struct lines {
    struct store *store;
    uint64_t next, to;
    lines_entry entry;
    void *arg;
    void (*done)(void *);
    struct buf page; /* made and not yet sent, from `sent` on */
    size_t sent;
};

static void lines_free(void *arg)
{
    struct lines *l = arg;

    store_close(&l->store);
    l->done(l->arg);
    buf_free(&l->page);
    free(l);
}

static int add_row(void *arg, uint64_t index, const uint8_t *entry, size_t len,
                   const uint8_t *leaf)
{
    struct lines *l = arg;

    return l->entry(l->arg, index, entry, len, leaf, &l->page);
}

static int next_page(struct lines *l)
{
    struct error e = { 0 };
    uint64_t end = l->next + LIMIT_READER_ROWS;

    if (end > l->to)
        end = l->to;
    buf_reset(&l->page);
    l->sent = 0;
    if (ledger_row_list(l->store, l->next, end, add_row, l, &e) != 0)
        return -1;
    l->next = end;
    return 0;
}

static ssize_t read_lines(void *arg, uint64_t position, char *out, size_t max)
{
    struct lines *l = arg;

    (void)position;
    while (l->sent == l->page.len) {
        if (l->next >= l->to)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (next_page(l) != 0)
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    return answer_part(&l->page, &l->sent, out, max);
}

int lines_answer(struct request *r, uint64_t from, uint64_t to,
                 lines_entry entry, void *arg, void (*done)(void *),
                 struct error *e)
{
    struct lines *l = calloc(1, sizeof(*l));

    if (l == NULL) {
        done(arg);
        return error_set(e, ERR_NOMEM, "no memory for an answer");
    }
    *l = (struct lines){ .store = r->store,
                         .next = from,
                         .to = to,
                         .entry = entry,
                         .arg = arg,
                         .done = done };
    r->store = NULL;
    return answer_stream(r, "application/jsonl", MHD_SIZE_UNKNOWN, read_lines,
                         l, lines_free, e);
}

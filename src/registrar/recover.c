/*
 * Where we begin. Only what was under way is looked at: payload files that
 * may have no row, transfers without an end, messages without an answer.
 */
#include "attachment_private.h"
#include "mail_private.h"
#include "registrar_private.h"
#include "upkeep_private.h"

#include <string.h>

struct recovery {
    struct registrar *r;
    struct error *err;
};

static int unlink_loose(void *arg, const char *payload)
{
    struct recovery *rec = arg;

    if (blob_unlink(rec->r->store, payload, rec->err) != 0)
        return -1;
    return 0;
}

static int forget_loose(void *arg, const char *payload)
{
    struct recovery *rec = arg;
    return loose_remove(rec->r->store, payload, rec->err);
}

static int requeue(void *arg, const struct attachment_row *lost)
{
    struct recovery *rec = arg;
    struct attachment_row row = *lost;

    return attachment_enqueue(rec->r, &row, rec->err);
}

/* The attempt may have had an effect: its status will tell. Until then nobody
 * can say that the question was ever put, so no typed word answers it. */
static int unsure(void *arg, const struct outbox_row *lost)
{
    struct recovery *rec = arg;
    struct outbox_row row = *lost;
    struct prompt_row prompt;
    int found = prompt_by_outbox(rec->r->store, row.id, &prompt, rec->err);

    if (found < 0)
        return -1;
    if (found > 0) {
        prompt.handed_s = 0;
        if (prompt_update(rec->r->store, &prompt, rec->err) != 0)
            return -1;
    }
    mail_unsure(rec->r, &row);
    return outbox_update(rec->r->store, &row, NULL, rec->err);
}

/* Until no row is left that somebody else was at work on. */
static int recover_all(struct recovery *rec)
{
    struct registrar *r = rec->r;
    int64_t n;

    while ((n = attachment_under_way(r->store, rec->err)) > 0)
        if (attachment_overdue(r->store, INT64_MAX, LIMIT_READER_ROWS, requeue,
                               rec, rec->err) != 0)
            return -1;
    if (n < 0)
        return -1;
    while ((n = outbox_under_way(r->store, rec->err)) > 0)
        if (outbox_overdue(r->store, INT64_MAX, LIMIT_READER_ROWS, unsure, rec,
                           rec->err) != 0)
            return -1;
    return (int)n;
}

int recover_run(struct registrar *r, struct error *err)
{
    struct recovery rec = { r, err };

    /* Files first, then their ids: a crash between the two finds ENOENT. */
    if (loose_list(r->store, unlink_loose, &rec, err) != 0 ||
        loose_list(r->store, forget_loose, &rec, err) != 0)
        return -1;
    if ((r->turn = attachment_first_turn(r->store, err)) < 0)
        return -1;
    if (r->turn == 0)
        r->turn = 1;
    return recover_all(&rec);
}

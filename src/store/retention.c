/*
 * What is to go by the rules of retention: found by indexes of the times that
 * the rules count from, so that a look costs what it finds.
 */
#include "store_private.h"

#include <string.h>

enum {
    STORED,
    CASE_CLOSED,
    WITHDRAWN,
    BLOCKED,
    APART,
    TYPE,
    REVIEW,
    REVIEW_PUT,
    CONTACT
};

#define HELD                                                                   \
    "EXISTS (SELECT 1 FROM hold h WHERE h.subject = d.subject"                 \
    " AND h.lifted IS NULL AND (h.case_id IS NULL OR h.case_id = d.case_id))"
#define ORDERED "EXISTS (SELECT 1 FROM erasure_item i WHERE i.document = d.id)"
#define DUE(time, which)                                                       \
    "SELECT " DOCUMENT_COLUMNS ", " time ", d.rowid, " HELD                    \
    " FROM document d WHERE " which " AND " time " <= ?3"                      \
    " AND (" time ", d.rowid) > (?4, ?5)"                                      \
    " AND (?7 OR NOT (" HELD " OR " ORDERED "))"                               \
    " ORDER BY " time ", d.rowid LIMIT ?6"
#define OF_TYPE "d.policy = ?1 AND d.media_type = ?2 AND "

static const char *const sql[] = {
    [STORED] = DUE("d.received", OF_TYPE "d.blocked IS NULL"),
    [CASE_CLOSED] = DUE("d.case_closed", OF_TYPE
                        "d.blocked IS NULL AND d.case_closed IS NOT NULL"),
    [WITHDRAWN] = DUE("d.blocked", OF_TYPE "d.block_cause = 'withdrawn'"),
    [BLOCKED] = DUE("d.block_until", "d.block_until IS NOT NULL"),
    [APART] =
        DUE("d.apart_until", "d.apart_until IS NOT NULL AND d.blocked IS NULL"),
    [TYPE] = "SELECT min(t) FROM (SELECT min(media_type) AS t FROM document"
             "  WHERE policy = ?1 AND media_type > ?2 AND blocked IS NULL"
             " UNION ALL SELECT min(media_type) FROM document"
             "  WHERE policy = ?1 AND media_type > ?2"
             "  AND block_cause = 'withdrawn')",
    [REVIEW] = "SELECT s.id, s.contact, s.review, s.rowid,"
               " EXISTS (SELECT 1 FROM document d WHERE d.subject = s.id)"
               " OR EXISTS (SELECT 1 FROM cases c WHERE c.subject = s.id"
               "  AND c.state <> 'closed')"
               " OR EXISTS (SELECT 1 FROM attachment a WHERE a.subject = s.id"
               "  AND a.turn > 0)"
               " OR EXISTS (SELECT 1 FROM attachment a WHERE a.subject = s.id"
               "  AND a.state IN ('held', 'queued', 'fetching', 'judging')),"
               " EXISTS (SELECT 1 FROM hold h WHERE h.subject = s.id"
               "  AND h.lifted IS NULL),"
               " EXISTS (SELECT 1 FROM erasure e WHERE e.subject = s.id"
               "  AND e.kind = 'subject')"
               " FROM subject s WHERE s.review <= ?1 AND s.blocked IS NULL"
               " AND (s.review, s.rowid) > (?2, ?3)"
               " ORDER BY s.review, s.rowid LIMIT ?4",
    [REVIEW_PUT] = "UPDATE subject SET review = ?2 WHERE id = ?1",
    [CONTACT] = "UPDATE subject SET contact = ?2 WHERE id = ?1",
};
STATEMENTS(SQL_RETENTION)

static void bind_due(sqlite3_stmt *st, const struct due_query *q,
                     const struct due_place *from)
{
    if (q->by != DUE_BLOCKED && q->by != DUE_APART) {
        sql_text(st, 1, q->policy);
        sql_text(st, 2, q->media_type);
    }
    sql_int(st, 3, q->before);
    sql_int(st, 4, from->time);
    sql_int(st, 5, from->place);
    sql_int(st, 6, (int64_t)q->max);
    sql_int(st, 7, q->all);
}

struct placed_due {
    struct due_row row;
    struct due_place place;
};

static int due_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct placed_due *due = out;

    due->row.time = sqlite3_column_int64(st, DOCUMENT_NCOLUMNS);
    due->place.time = due->row.time;
    due->place.place = sqlite3_column_int64(st, DOCUMENT_NCOLUMNS + 1);
    due->row.held = sqlite3_column_int(st, DOCUMENT_NCOLUMNS + 2) != 0;
    return document_row_read(st, &due->row.document, err);
}

int retention_due(struct store *store, const struct due_query *q,
                  struct due_place *place, due_each each, void *arg,
                  struct error *err)
{
    static const int statements[DUE__MAX] = {
        [DUE_STORED] = STORED,       [DUE_CASE_CLOSED] = CASE_CLOSED,
        [DUE_WITHDRAWN] = WITHDRAWN, [DUE_BLOCKED] = BLOCKED,
        [DUE_APART] = APART,
    };
    sqlite3_stmt *st = get(store, statements[q->by], err);
    const struct placed_due *due;
    struct rows rows;
    int stop;

    if (st == NULL)
        return -1;
    bind_due(st, q, place);
    stop = rows_read(store, st, due_read, sizeof(*due), &rows, err);
    while (stop == 0 && (due = rows_next(&rows)) != NULL) {
        *place = due->place;
        stop = each(arg, &due->row);
    }
    rows_free(&rows);
    return stop;
}

int retention_type(struct store *store, const char *policy, const char *after,
                   char out[static STORE_TYPE_SIZE], struct error *err)
{
    sqlite3_stmt *st = get(store, TYPE, err);
    int row;

    if (st == NULL)
        return -1;
    sql_text(st, 1, policy);
    sql_text(st, 2, after);
    if ((row = sql_step(store, st, err)) == 1) {
        row = sqlite3_column_type(st, 0) != SQLITE_NULL;
        sql_column_text(st, 0, out, STORE_TYPE_SIZE);
    }
    sql_done(st);
    return row;
}

/* ---- persons ------------------------------------------------------------ */

struct placed_review {
    struct review_row row;
    struct due_place place;
};

static int review_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct placed_review *review = out;

    (void)err;
    *review = (struct placed_review){ 0 };
    COLUMN_TEXT(st, 0, review->row.subject);
    review->row.contact = sqlite3_column_int64(st, 1);
    review->place.time = sqlite3_column_int64(st, 2);
    review->place.place = sqlite3_column_int64(st, 3);
    review->row.busy = sqlite3_column_int(st, 4) != 0;
    review->row.held = sqlite3_column_int(st, 5) != 0;
    review->row.ordered = sqlite3_column_int(st, 6) != 0;
    return 0;
}

int review_due(struct store *store, msec before, size_t max,
               struct due_place *place, review_each each, void *arg,
               struct error *err)
{
    sqlite3_stmt *st = get(store, REVIEW, err);
    const struct placed_review *review;
    struct rows rows;
    int stop;

    if (st == NULL)
        return -1;
    sql_int(st, 1, before);
    sql_int(st, 2, place->time);
    sql_int(st, 3, place->place);
    sql_int(st, 4, (int64_t)max);
    stop = rows_read(store, st, review_read, sizeof(*review), &rows, err);
    while (stop == 0 && (review = rows_next(&rows)) != NULL) {
        *place = review->place;
        stop = each(arg, &review->row);
    }
    rows_free(&rows);
    return stop;
}

static int put_time(struct store *store, int which, const char *subject,
                    msec time, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    subject_changed(store);
    sql_text(st, 1, subject);
    sql_int(st, 2, time);
    return sql_run_one(store, st, err);
}

int review_put(struct store *store, const char *subject, msec next,
               struct error *err)
{
    return put_time(store, REVIEW_PUT, subject, next, err);
}

int contact_put(struct store *store, const char *subject, msec now,
                struct error *err)
{
    return put_time(store, CONTACT, subject, now, err);
}

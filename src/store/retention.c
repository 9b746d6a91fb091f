/*
 * What is to go by the rules of retention: found by indexes of the times that
 * the rules count from, so that a look costs what it finds.
 */
#include "store_private.h"

#include <stdlib.h>
#include <string.h>

enum {
    STORED,
    CASE_CLOSED,
    WITHDRAWN,
    BLOCKED,
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

static sqlite3_stmt *get(struct store *store, int which, struct error *err)
{
    return sql_get(store, BASE_RETENTION + which, sql[which], err);
}

static void bind_due(sqlite3_stmt *st, const struct due_query *q,
                     const struct due_place *from)
{
    if (q->by != DUE_BLOCKED) {
        sql_text(st, 1, q->policy);
        sql_text(st, 2, q->media_type);
    }
    sql_int(st, 3, q->before);
    sql_int(st, 4, from->time);
    sql_int(st, 5, from->place);
    sql_int(st, 6, (int64_t)q->max);
    sql_int(st, 7, q->all);
}

int retention_due(struct store *store, const struct due_query *q,
                  struct due_place *place, due_each each, void *arg,
                  struct error *err)
{
    static const int statements[DUE__MAX] = {
        [DUE_STORED] = STORED,
        [DUE_CASE_CLOSED] = CASE_CLOSED,
        [DUE_WITHDRAWN] = WITHDRAWN,
        [DUE_BLOCKED] = BLOCKED,
    };
    struct due_row *rows = calloc(q->max, sizeof(*rows));
    sqlite3_stmt *st = get(store, statements[q->by], err);
    size_t n = 0;
    int row = -1, stop = 0;

    if (rows == NULL)
        row = error_set(err, ERR_NOMEM, "no memory for a list");
    else if (st != NULL) {
        bind_due(st, q, place);
        while (n < q->max && (row = sql_step(store, st, err)) > 0) {
            if (document_row_read(st, &rows[n].document, err) != 0) {
                row = -1;
                break;
            }
            rows[n].time = sqlite3_column_int64(st, DOCUMENT_NCOLUMNS);
            place->time = rows[n].time;
            place->place = sqlite3_column_int64(st, DOCUMENT_NCOLUMNS + 1);
            rows[n++].held = sqlite3_column_int(st, DOCUMENT_NCOLUMNS + 2) != 0;
        }
        sql_done(st);
    }
    for (size_t i = 0; row >= 0 && stop == 0 && i < n; i++)
        stop = each(arg, &rows[i]);
    free(rows);
    return row < 0 ? -1 : stop;
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

int review_due(struct store *store, msec before, size_t max,
               struct due_place *place, review_each each, void *arg,
               struct error *err)
{
    struct review_row *rows = calloc(max, sizeof(*rows));
    sqlite3_stmt *st = get(store, REVIEW, err);
    size_t n = 0;
    int row = -1, stop = 0;

    if (rows == NULL)
        row = error_set(err, ERR_NOMEM, "no memory for a list");
    else if (st != NULL) {
        sql_int(st, 1, before);
        sql_int(st, 2, place->time);
        sql_int(st, 3, place->place);
        sql_int(st, 4, (int64_t)max);
        while (n < max && (row = sql_step(store, st, err)) > 0) {
            COLUMN_TEXT(st, 0, rows[n].subject);
            rows[n].contact = sqlite3_column_int64(st, 1);
            place->time = sqlite3_column_int64(st, 2);
            place->place = sqlite3_column_int64(st, 3);
            rows[n].busy = sqlite3_column_int(st, 4) != 0;
            rows[n].held = sqlite3_column_int(st, 5) != 0;
            rows[n++].ordered = sqlite3_column_int(st, 6) != 0;
        }
        sql_done(st);
    }
    for (size_t i = 0; row >= 0 && stop == 0 && i < n; i++)
        stop = each(arg, &rows[i]);
    free(rows);
    return row < 0 ? -1 : stop;
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

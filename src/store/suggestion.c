/* What Meta says of somebody's new number or user id. */
#include "store_private.h"

#include <string.h>

enum { PUT, REMOVE, OLD, NOW, LIST };

static const char *const sql[] = {
    [PUT] = "INSERT INTO suggestion (subject, how, now_sealed, made)"
            " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (subject) DO UPDATE SET"
            " how = excluded.how, now_sealed = excluded.now_sealed,"
            " made = excluded.made",
    [REMOVE] = "DELETE FROM suggestion WHERE subject = ?1",
    [OLD] = "DELETE FROM suggestion WHERE made < ?1",
    [NOW] = "SELECT g.now_sealed, s.content_slot FROM suggestion g"
            " JOIN subject s ON s.id = g.subject WHERE g.subject = ?1",
    [LIST] = "SELECT subject, how, made FROM suggestion"
             " INDEXED BY suggestion_made WHERE made >= 0"
             " ORDER BY made DESC LIMIT ?1",
};
STATEMENTS(SQL_SUGGESTION)

int suggestion_put(struct store *store, const struct suggestion_row *row,
                   const void *now, size_t len, struct error *err)
{
    struct subject_row subject;
    struct buf sealed = { 0 };
    sqlite3_stmt *st = get(store, OLD, err);
    int ok = -1;

    if (st == NULL)
        return -1;
    sql_int(st, 1, row->made - LIMIT_SUGGESTION_D * MSEC_D);
    if (sql_run(store, st, err) != 0 ||
        subject_need(store, row->subject, &subject, err) != 0 ||
        field_seal(store, subject.content_slot, "suggestion", "now",
                   row->subject, now, len, &sealed, err) != 0 ||
        (st = get(store, PUT, err)) == NULL)
        goto out;
    sql_text(st, 1, row->subject);
    sql_text(st, 2, row->how);
    sql_bytes(st, 3, sealed.p, sealed.len);
    sql_int(st, 4, row->made);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

int suggestion_remove(struct store *store, const char *subject,
                      struct error *err)
{
    sqlite3_stmt *st = get(store, REMOVE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return sql_run(store, st, err);
}

int suggestion_now(struct store *store, const char *subject, struct buf *out,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, NOW, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return row_open(store, st, "suggestion", "now", subject, out, err);
}

static int row_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct suggestion_row *row = out;

    (void)err;
    COLUMN_TEXT(st, 0, row->subject);
    COLUMN_TEXT(st, 1, row->how);
    row->made = sqlite3_column_int64(st, 2);
    return 0;
}

ROWS_EACH(each_row, struct suggestion_row, row_read)

int suggestion_list(struct store *store,
                    int (*each)(void *arg, const struct suggestion_row *),
                    void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, LIMIT_READER_ROWS);
    return each_row(store, st, each, arg, err);
}

/* ---- who moved ----------------------------------------------------------- */

int suggestion_moved(struct store *store, const char *subject,
                     struct error *err)
{
    return subject_has(store, subject, PERSON_MOVED, err);
}

int suggestion_set_moved(struct store *store, const char *subject,
                         struct error *err)
{
    return subject_gains(store, subject, PERSON_MOVED, err);
}

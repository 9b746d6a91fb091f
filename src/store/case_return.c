/* A document that staff send back: its item is missing again. */
#include "store_private.h"

enum { APART, APART_ATTACHMENT, REOPEN };

static const char *const sql[] = {
    [APART] = "UPDATE document SET item = '-', apart_until = ?2 WHERE id = ?1",
    [APART_ATTACHMENT] = "UPDATE attachment SET item = '-' WHERE id = ?1",
    [REOPEN] = ("UPDATE cases SET state = 'open', completed = NULL"
                " WHERE id = ?1 AND state = 'complete'"),
};
STATEMENTS(SQL_CASE_RETURN)

int document_set_apart(struct store *store, const struct document_row *row,
                       msec until, struct error *err)
{
    sqlite3_stmt *st = get(store, APART, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_int(st, 2, until);
    if (sql_run_one(store, st, err) != 0 ||
        (st = get(store, APART_ATTACHMENT, err)) == NULL)
        return -1;
    sql_text(st, 1, row->attachment);
    return sql_run_one(store, st, err);
}

int case_reopen(struct store *store, const char *id, struct error *err)
{
    sqlite3_stmt *st = get(store, REOPEN, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return sql_run_one(store, st, err);
}

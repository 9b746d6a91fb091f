/* Which entries of the ledger are a person's history. */
#include "store_private.h"

enum { ADD, NEWEST };

static const char *const sql[] = {
    [ADD] = "INSERT INTO happened (idx, subject) VALUES (?1, ?2)",
    [NEWEST] = ("SELECT idx FROM happened WHERE subject = ?1"
                " ORDER BY idx DESC LIMIT ?2"),
};
STATEMENTS(SQL_HAPPENED)

int happened_add(struct store *store, const char *subject, uint64_t idx,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)idx);
    sql_text(st, 2, subject);
    return sql_run(store, st, err);
}

int happened_newest(struct store *store, const char *subject, size_t max,
                    uint64_t *idx, size_t *n, struct error *err)
{
    sqlite3_stmt *st = get(store, NEWEST, err);
    int row;

    *n = 0;
    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, (int64_t)max);
    while ((row = sql_step(store, st, err)) > 0)
        idx[(*n)++] = (uint64_t)sqlite3_column_int64(st, 0);
    sql_done(st);
    return row < 0 ? -1 : 0;
}

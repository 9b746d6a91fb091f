/* What an authority of time said of checkpoints: rows that only grow. */
#include "store_private.h"

#include <string.h>

enum { ADD, NEXT, LAST };

static const char *const sql[] = {
    [ADD] = "INSERT INTO stamp (idx, size, note, query, answer, stamped,"
            " received) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [NEXT] = "SELECT id, idx, size, note, query, answer, stamped, received"
             " FROM stamp WHERE id > ?1 ORDER BY id LIMIT 1",
    [LAST] = "SELECT received FROM stamp ORDER BY id DESC LIMIT 1",
};
STATEMENTS(SQL_STAMP)

int stamp_add(struct store *store, struct stamp_row *row, struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)row->idx);
    sql_int(st, 2, (int64_t)row->size);
    sql_bytes(st, 3, row->note.p, row->note.len);
    sql_bytes(st, 4, row->query.p, row->query.len);
    sql_bytes(st, 5, row->answer.p, row->answer.len);
    sql_int(st, 6, row->stamped);
    sql_int(st, 7, row->received);
    if (sql_run(store, st, err) != 0)
        return -1;
    row->id = sqlite3_last_insert_rowid(store->db);
    return 0;
}

int stamp_next(struct store *store, int64_t after, struct stamp_row *row,
               struct error *err)
{
    sqlite3_stmt *st = get(store, NEXT, err);
    int found;

    memset(row, 0, sizeof(*row));
    if (st == NULL)
        return -1;
    sql_int(st, 1, after);
    if ((found = sql_step(store, st, err)) > 0) {
        row->id = sqlite3_column_int64(st, 0);
        row->idx = (uint64_t)sqlite3_column_int64(st, 1);
        row->size = (uint64_t)sqlite3_column_int64(st, 2);
        row->stamped = sqlite3_column_int64(st, 6);
        row->received = sqlite3_column_int64(st, 7);
        if (sql_column_bytes(st, 3, &row->note, err) != 0 ||
            sql_column_bytes(st, 4, &row->query, err) != 0 ||
            sql_column_bytes(st, 5, &row->answer, err) != 0)
            found = -1;
    }
    sql_done(st);
    if (found < 0)
        stamp_row_free(row);
    return found;
}

int stamp_last(struct store *store, msec *received, struct error *err)
{
    sqlite3_stmt *st = get(store, LAST, err);
    int found;

    *received = 0;
    if (st == NULL)
        return -1;
    if ((found = sql_step(store, st, err)) > 0)
        *received = sqlite3_column_int64(st, 0);
    sql_done(st);
    return found < 0 ? -1 : 0;
}

void stamp_row_free(struct stamp_row *row)
{
    buf_free(&row->note);
    buf_free(&row->query);
    buf_free(&row->answer);
}

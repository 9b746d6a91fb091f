/* The words of the questions that people are asked. */
#include "store_private.h"

enum { ADD, GET };

static const char *const sql[] = {
    [ADD] = "INSERT OR IGNORE INTO question (sha256, text) VALUES (?1, ?2)",
    [GET] = "SELECT text FROM question WHERE sha256 = ?1",
};
STATEMENTS(SQL_QUESTION)

int question_add(struct store *store, const uint8_t sha256[static SHA256_LEN],
                 const char *text, struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    sql_bytes(st, 1, sha256, SHA256_LEN);
    sql_text(st, 2, text);
    return sql_run(store, st, err);
}

int question_get(struct store *store, const uint8_t sha256[static SHA256_LEN],
                 struct buf *out, struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_bytes(st, 1, sha256, SHA256_LEN);
    return row_one(store, st, row_bytes, out, err);
}

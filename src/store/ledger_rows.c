/* Ledger entries and what is kept with them: rows that only grow. */
#include "store_private.h"

#include <string.h>

enum { ADD, LIST, GET, C_PUT, C_GET, T_ADD, T_LIST, LEAVES };

static const char *const sql[] = {
    [ADD] = "INSERT INTO ledger (idx, entry, leaf) VALUES (?1, ?2, ?3)",
    [LIST] = "SELECT idx, entry, leaf FROM ledger WHERE idx >= ?1"
             " AND idx < ?2 ORDER BY idx LIMIT ?3",
    [GET] = "SELECT entry FROM ledger WHERE idx = ?1",
    [C_PUT] = "INSERT INTO cosigned (size, note) VALUES (?1, ?2)"
              " ON CONFLICT (size) DO UPDATE SET note = excluded.note",
    [C_GET] = "SELECT size, note FROM cosigned WHERE size <= ?1"
              " ORDER BY size DESC LIMIT 1",
    [T_ADD] = "INSERT INTO tile (level, n, hash) VALUES (?1, ?2, ?3)",
    [T_LIST] = "SELECT n, hash FROM tile WHERE level = ?3 AND n >= ?1"
               " AND n < ?2 ORDER BY n",
    [LEAVES] = "SELECT idx, leaf FROM ledger WHERE idx >= ?1 AND idx < ?2"
               " ORDER BY idx",
};
STATEMENTS(SQL_LEDGER)

int ledger_row_add(struct store *store, uint64_t idx, const void *entry,
                   size_t len, const uint8_t leaf[static SHA256_LEN],
                   struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)idx);
    sql_bytes(st, 2, entry, len);
    sql_bytes(st, 3, leaf, SHA256_LEN);
    return sql_run(store, st, err);
}

/* More than most entries and what is kept beside them. */
#define USUAL_ROW ((size_t)640)

/* One page, read whole before it is told: the callback may take its time
 * without pinning the WAL. */
static int page(struct store *store, uint64_t *from, uint64_t to,
                ledger_row_each each, void *arg, size_t *n, struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);
    struct buf rows = { 0 };
    uint64_t wanted = to - *from;
    uint8_t head[16];
    int row, stop = 0;

    *n = 0;
    if (st == NULL || *from >= to)
        return st == NULL ? -1 : 0;
    if (wanted > LIMIT_READER_ROWS)
        wanted = LIMIT_READER_ROWS;
    /* A buffer that grows is copied and wiped each time. */
    if (buf_reserve(&rows, (size_t)wanted * USUAL_ROW) != 0)
        return error_set(err, ERR_NOMEM, "no memory for ledger rows");
    sql_int(st, 1, (int64_t)*from);
    sql_int(st, 2, (int64_t)to);
    sql_int(st, 3, LIMIT_READER_ROWS);
    while ((row = sql_step(store, st, err)) > 0) {
        uint8_t leaf[SHA256_LEN] = { 0 };
        size_t len = (size_t)sqlite3_column_bytes(st, 1);

        /* A leaf of a wrong length is as good as a wrong leaf. */
        if (sqlite3_column_bytes(st, 2) == SHA256_LEN)
            memcpy(leaf, sqlite3_column_blob(st, 2), SHA256_LEN);
        le64_put(head, (uint64_t)sqlite3_column_int64(st, 0));
        le64_put(head + 8, len);
        if (buf_add(&rows, head, sizeof(head)) != 0 ||
            buf_add(&rows, leaf, sizeof(leaf)) != 0 ||
            sql_column_bytes(st, 1, &rows, err) != 0) {
            row = error_set(err, ERR_NOMEM, "no memory for ledger rows");
            break;
        }
        (*n)++;
    }
    sql_done(st);
    for (size_t at = 0; row == 0 && stop == 0 && at < rows.len;) {
        uint64_t idx = le64_get(rows.p + at);
        size_t len = (size_t)le64_get(rows.p + at + 8);
        const uint8_t *leaf = rows.p + at + sizeof(head);

        stop = each(arg, idx, leaf + SHA256_LEN, len, leaf);
        at += sizeof(head) + SHA256_LEN + len;
        *from = idx + 1;
    }
    buf_free(&rows);
    return row < 0 ? -1 : stop;
}

int ledger_row_list(struct store *store, uint64_t from, uint64_t to,
                    ledger_row_each each, void *arg, struct error *err)
{
    uint64_t end = to > INT64_MAX ? INT64_MAX : to;
    size_t n;
    int stop;

    do
        stop = page(store, &from, end, each, arg, &n, err);
    while (stop == 0 && n == LIMIT_READER_ROWS);
    return stop;
}

int tile_hash_add(struct store *store, unsigned level, uint64_t n,
                  const uint8_t hash[static SHA256_LEN], struct error *err)
{
    sqlite3_stmt *st = get(store, T_ADD, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, level);
    sql_int(st, 2, (int64_t)n);
    sql_bytes(st, 3, hash, SHA256_LEN);
    return sql_run(store, st, err);
}

int tile_hashes(struct store *store, unsigned level, uint64_t from, size_t n,
                uint8_t (*out)[SHA256_LEN], struct error *err)
{
    sqlite3_stmt *st = get(store, level == 0 ? LEAVES : T_LIST, err);
    size_t got = 0;
    int row, ok = 0;

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)from);
    sql_int(st, 2, (int64_t)(from + n));
    if (level != 0)
        sql_int(st, 3, level);
    while ((row = sql_step(store, st, err)) > 0 && ok == 0) {
        if (got == n || sqlite3_column_int64(st, 0) != (int64_t)(from + got))
            break;
        ok = sql_column_fixed(st, 1, out[got++], SHA256_LEN, err);
    }
    sql_done(st);
    if (row < 0 || ok != 0)
        return -1;
    return got == n ? 0
                    : error_set(err, ERR_VERIFY,
                                "hashes of the ledger's tree are missing");
}

int ledger_row_get(struct store *store, uint64_t idx, struct buf *out,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);
    int row;

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)idx);
    if ((row = sql_step(store, st, err)) == 1 &&
        sql_column_bytes(st, 0, out, err) != 0)
        row = -1;
    sql_done(st);
    return row;
}

int cosigned_put(struct store *store, uint64_t size, const void *note,
                 size_t len, struct error *err)
{
    sqlite3_stmt *st = get(store, C_PUT, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)size);
    sql_bytes(st, 2, note, len);
    return sql_run(store, st, err);
}

int cosigned_get(struct store *store, uint64_t most, uint64_t *size,
                 struct buf *note, struct error *err)
{
    sqlite3_stmt *st = get(store, C_GET, err);
    int row;

    if (st == NULL)
        return -1;
    sql_int(st, 1, most > INT64_MAX ? INT64_MAX : (int64_t)most);
    if ((row = sql_step(store, st, err)) == 1) {
        *size = (uint64_t)sqlite3_column_int64(st, 0);
        if (sql_column_bytes(st, 1, note, err) != 0)
            row = -1;
    }
    sql_done(st);
    return row;
}

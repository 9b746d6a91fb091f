/* Where the consent log is in the ledger: rows that only grow. */
#include "store_private.h"

#include <string.h>

enum {
    KIND_ADD,
    KIND_GET,
    KIND_LIST,
    BLOCK_PUT,
    BLOCK_NEXT,
    PERSON_PUT,
    PERSON_LIST,
    PEOPLE_LIST,
    STEP_PUT,
    STEP_LIST,
    EXPORTED_ADD,
    EXPORTED_LIST
};

static const char *const sql[] = {
    [KIND_ADD] = "INSERT INTO consent_kind (name) VALUES (?1)"
                 " ON CONFLICT (name) DO NOTHING",
    [KIND_GET] = "SELECT id FROM consent_kind WHERE name = ?1",
    [KIND_LIST] = "SELECT id, name FROM consent_kind WHERE id > ?1"
                  " ORDER BY id",
    [BLOCK_PUT] = "INSERT INTO consent_block (kind, block) VALUES (?1, ?2)"
                  " ON CONFLICT (kind, block) DO NOTHING",
    [BLOCK_NEXT] = "SELECT block FROM consent_block WHERE kind = ?1"
                   " AND block >= ?2 ORDER BY block LIMIT 1",
    [PERSON_PUT] = "INSERT INTO consent_person (subject, idx, kind)"
                   " VALUES (?1, ?2, ?3)",
    [PERSON_LIST] = "SELECT idx, kind FROM consent_person WHERE subject = ?1"
                    " AND idx >= ?2 AND idx < ?3 ORDER BY idx LIMIT ?4",
    [PEOPLE_LIST] = "SELECT subject, idx, kind FROM consent_person"
                    " WHERE (subject, idx) > (?1, ?2) ORDER BY subject, idx"
                    " LIMIT ?3",
    [STEP_PUT] = "INSERT INTO ledger_step (idx) VALUES (?1)"
                 " ON CONFLICT (idx) DO NOTHING",
    [STEP_LIST] = "SELECT idx FROM ledger_step WHERE idx >= ?1 ORDER BY idx"
                  " LIMIT ?2",
    [EXPORTED_ADD] = "INSERT INTO exported (id, salt, filter)"
                     " VALUES (?1, ?2, ?3)",
    [EXPORTED_LIST] = "SELECT id, salt, filter FROM exported WHERE id > ?1"
                      " ORDER BY id LIMIT ?2",
};
STATEMENTS(SQL_CONSENT_LOG)

/* ---- kinds and their blocks --------------------------------------------- */

int consent_kind_get(struct store *store, const char *name, int64_t *id,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, KIND_GET, err);
    int row;

    if (st == NULL)
        return -1;
    sql_text(st, 1, name);
    row = sql_step(store, st, err);
    if (row == 1)
        *id = sqlite3_column_int64(st, 0);
    sql_done(st);
    return row;
}

int consent_kind_put(struct store *store, const char *name, int64_t *id,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, KIND_ADD, err);
    int row;

    if (st == NULL)
        return -1;
    sql_text(st, 1, name);
    if (sql_run(store, st, err) != 0)
        return -1;
    row = consent_kind_get(store, name, id, err);
    if (row == 0)
        return error_set(err, ERR_INVARIANT, "a kind that is not there");
    return row < 0 ? -1 : 0;
}

int consent_kind_list(struct store *store,
                      int (*each)(void *arg, int64_t id, const char *name),
                      void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, KIND_LIST, err);
    int row, stop = 0;

    if (st == NULL)
        return -1;
    sql_int(st, 1, 0);
    while (stop == 0 && (row = sql_step(store, st, err)) > 0)
        stop = each(arg, sqlite3_column_int64(st, 0),
                    (const char *)sqlite3_column_text(st, 1));
    sql_done(st);
    return stop != 0 ? stop : row < 0 ? -1 : 0;
}

int consent_block_put(struct store *store, int64_t kind, uint64_t block,
                      struct error *err)
{
    sqlite3_stmt *st = get(store, BLOCK_PUT, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, kind);
    sql_int(st, 2, (int64_t)block);
    return sql_run(store, st, err);
}

int consent_block_next(struct store *store, int64_t kind, uint64_t from,
                       uint64_t *block, struct error *err)
{
    sqlite3_stmt *st = get(store, BLOCK_NEXT, err);
    int row;

    if (st == NULL)
        return -1;
    sql_int(st, 1, kind);
    sql_int(st, 2, (int64_t)from);
    row = sql_step(store, st, err);
    if (row == 1)
        *block = (uint64_t)sqlite3_column_int64(st, 0);
    sql_done(st);
    return row;
}

/* ---- people ------------------------------------------------------------- */

int consent_person_put(struct store *store, const char *subject, uint64_t idx,
                       int64_t kind, struct error *err)
{
    sqlite3_stmt *st = get(store, PERSON_PUT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, (int64_t)idx);
    sql_int(st, 3, kind);
    return sql_run(store, st, err);
}

int consent_person_list(struct store *store, const char *subject, uint64_t from,
                        uint64_t to, struct consent_place *out, size_t max,
                        size_t *n, struct error *err)
{
    sqlite3_stmt *st = get(store, PERSON_LIST, err);
    int row = 0;

    *n = 0;
    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, (int64_t)from);
    sql_int(st, 3, (int64_t)to);
    sql_int(st, 4, (int64_t)max);
    while (*n < max && (row = sql_step(store, st, err)) > 0)
        out[(*n)++] = (struct consent_place){
            .idx = (uint64_t)sqlite3_column_int64(st, 0),
            .kind = sqlite3_column_int64(st, 1),
        };
    sql_done(st);
    return row < 0 ? -1 : 0;
}

int consent_people_list(struct store *store, const struct consent_theirs *after,
                        struct consent_theirs *out, size_t max, size_t *n,
                        struct error *err)
{
    sqlite3_stmt *st = get(store, PEOPLE_LIST, err);
    int row = 0;

    *n = 0;
    if (st == NULL)
        return -1;
    sql_text(st, 1, after->subject);
    sql_int(st, 2, (int64_t)after->place.idx);
    sql_int(st, 3, (int64_t)max);
    while (*n < max && (row = sql_step(store, st, err)) > 0) {
        sql_column_text(st, 0, out[*n].subject, sizeof(out[*n].subject));
        out[(*n)++].place = (struct consent_place){
            .idx = (uint64_t)sqlite3_column_int64(st, 1),
            .kind = sqlite3_column_int64(st, 2),
        };
    }
    sql_done(st);
    return row < 0 ? -1 : 0;
}

/* ---- the clock ---------------------------------------------------------- */

int ledger_step_put(struct store *store, uint64_t idx, struct error *err)
{
    sqlite3_stmt *st = get(store, STEP_PUT, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)idx);
    return sql_run(store, st, err);
}

int ledger_step_list(struct store *store, uint64_t from, uint64_t *out,
                     size_t max, size_t *n, struct error *err)
{
    sqlite3_stmt *st = get(store, STEP_LIST, err);
    int row = 0;

    *n = 0;
    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)from);
    sql_int(st, 2, (int64_t)max);
    while (*n < max && (row = sql_step(store, st, err)) > 0)
        out[(*n)++] = (uint64_t)sqlite3_column_int64(st, 0);
    sql_done(st);
    return row < 0 ? -1 : 0;
}

/* ---- exports ------------------------------------------------------------ */

int exported_add(struct store *store, const char *id, const uint8_t *salt,
                 size_t salt_len, const char *filter, struct error *err)
{
    sqlite3_stmt *st = get(store, EXPORTED_ADD, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_bytes(st, 2, salt, salt_len);
    sql_text(st, 3, filter);
    return sql_run(store, st, err);
}

int exported_list(struct store *store, const char *after, exported_each each,
                  void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, EXPORTED_LIST, err);
    int row = 0, stop = 0;

    if (st == NULL)
        return -1;
    sql_text(st, 1, after);
    sql_int(st, 2, LIMIT_READER_ROWS);
    while (stop == 0 && (row = sql_step(store, st, err)) > 0)
        stop = each(arg, (const char *)sqlite3_column_text(st, 0),
                    sqlite3_column_blob(st, 1),
                    (size_t)sqlite3_column_bytes(st, 1),
                    (const char *)sqlite3_column_text(st, 2));
    sql_done(st);
    return stop != 0 ? stop : row < 0 ? -1 : 0;
}

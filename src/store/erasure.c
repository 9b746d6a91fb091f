/* What is destroyed, when, and what came of it. */
#include "columns_private.h"

#include <string.h>

enum {
    ADD,
    UPDATE,
    GET,
    OF_SUBJECT,
    OF_DOCUMENT,
    DUE,
    RUNNING,
    SET_CERTIFICATE,
    CERTIFICATE,
    I_PUT,
    I_LIST,
    I_OPEN,
    I_DROP
};

#define COLUMNS                                                                \
    "id, kind, subject, ground, cause, state, step, requested, requested_by,"  \
    " approved_by, due, executed, finished, documents, rekey, leaf,"           \
    " asked_until"
#define SELECT "SELECT " COLUMNS " FROM erasure "

static const char *const sql[] = {
    [ADD] = "INSERT INTO erasure (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
            " ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    [UPDATE] = "UPDATE erasure SET state = ?6, step = ?7, approved_by = ?10,"
               " due = ?11, executed = ?12, finished = ?13, documents = ?14,"
               " rekey = ?15, leaf = ?16, asked_until = ?17 WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [OF_SUBJECT] = SELECT "WHERE subject = ?1 AND kind = ?2"
                          " ORDER BY rowid DESC LIMIT 1",
    [OF_DOCUMENT] =
        "SELECT e.id, e.kind, e.subject, e.ground, e.cause,"
        " e.state, e.step, e.requested, e.requested_by,"
        " e.approved_by, e.due, e.executed, e.finished,"
        " e.documents, e.rekey, e.leaf, e.asked_until FROM erasure_item i"
        " JOIN erasure e ON e.id = i.erasure WHERE i.document = ?1"
        " AND e.state <> 'done' LIMIT 1",
    [DUE] = SELECT "WHERE state = 'waiting' AND due <= ?1 ORDER BY due",
    [RUNNING] = SELECT "WHERE state = 'running' AND step = ?1"
                       " ORDER BY requested LIMIT ?2",
    [SET_CERTIFICATE] = "UPDATE erasure SET certificate = ?2 WHERE id = ?1",
    [CERTIFICATE] = "SELECT certificate FROM erasure WHERE id = ?1"
                    " AND certificate IS NOT NULL",
    [I_PUT] = "INSERT INTO erasure_item (erasure, document, slot, payload,"
              " payload_sha256) VALUES (?1, ?2, ?3, ?4, ?5)"
              " ON CONFLICT (erasure, document) DO UPDATE SET"
              " slot = excluded.slot, payload = excluded.payload,"
              " payload_sha256 = excluded.payload_sha256",
    [I_LIST] = "SELECT document, slot, payload, payload_sha256"
               " FROM erasure_item WHERE erasure = ?1 AND document > ?2"
               " ORDER BY document LIMIT ?3",
    [I_OPEN] = "SELECT document, slot, payload, payload_sha256"
               " FROM erasure_item WHERE erasure = ?1 AND document > ?2"
               " AND slot IS NULL ORDER BY document LIMIT ?3",
    [I_DROP] = "DELETE FROM erasure_item WHERE erasure = ?1",
};
STATEMENTS(SQL_ERASURE)

/* ---- rows --------------------------------------------------------------- */

#define ROW struct erasure_row
static const struct column columns[] = {
    VALUE(id),         VALUE(kind),      VALUE(subject), VALUE(ground),
    VALUE(cause),      VALUE(state),     VALUE(step),    VALUE(requested),
    WHO(requested_by), WHO(approved_by), VALUE(due),     MAYBE(executed),
    MAYBE(finished),   VALUE(documents), VALUE(rekey),   WHO(leaf),
    MAYBE(asked_until)
};
ROW_READ(row_read, columns)

int erasure_add(struct store *store, const struct erasure_row *row,
                struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run(store, st, err);
}

int erasure_update(struct store *store, const struct erasure_row *row,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, UPDATE, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run_one(store, st, err);
}

int erasure_get(struct store *store, const char *id, struct erasure_row *out,
                struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

int erasure_of_subject(struct store *store, const char *subject,
                       const char *kind, struct erasure_row *out,
                       struct error *err)
{
    sqlite3_stmt *st = get(store, OF_SUBJECT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, kind);
    return row_one(store, st, row_read, out, err);
}

int erasure_of_document(struct store *store, const char *document,
                        struct erasure_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_DOCUMENT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, document);
    return row_one(store, st, row_read, out, err);
}

/* ---- what is to be done ------------------------------------------------- */

int erasure_is_held(struct store *store, const struct erasure_row *row,
                    struct error *err)
{
    struct hold_row hold;

    return hold_covers(store, row, &hold, err);
}

int erasure_due(struct store *store, msec now, size_t max, erasure_each each,
                void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, DUE, err);
    const struct erasure_row *row;
    struct rows rows;
    size_t given = 0;
    int stop;

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    stop = rows_read(store, st, row_read, sizeof(*row), &rows, err);
    while (stop == 0 && given < max && (row = rows_next(&rows)) != NULL) {
        int held = erasure_is_held(store, row, err);

        if (held == 0) {
            given++;
            stop = each(arg, row);
        } else if (held < 0) {
            stop = -1;
        }
    }
    rows_free(&rows);
    return stop;
}

ROWS_EACH(each_row, struct erasure_row, row_read)

int erasure_running(struct store *store, const char *step, size_t max,
                    erasure_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, RUNNING, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, step);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

/* ---- bytes of a row ----------------------------------------------------- */

static int bytes_get(struct store *store, int which, const char *id,
                     struct buf *out, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_bytes, out, err);
}

int erasure_set_certificate(struct store *store, const char *id, const void *p,
                            size_t len, struct error *err)
{
    sqlite3_stmt *st = get(store, SET_CERTIFICATE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_text_of(st, 2, p, len);
    return sql_run_one(store, st, err);
}

int erasure_certificate(struct store *store, const char *id, struct buf *out,
                        struct error *err)
{
    return bytes_get(store, CERTIFICATE, id, out, err);
}

/* ---- items -------------------------------------------------------------- */

int erasure_item_put(struct store *store, const char *erasure,
                     const struct erasure_item *item, struct error *err)
{
    sqlite3_stmt *st = get(store, I_PUT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, erasure);
    sql_text(st, 2, item->document);
    if (item->slot != 0) {
        sql_int(st, 3, (int64_t)item->slot);
        sql_text(st, 4, item->payload);
        sql_bytes(st, 5, item->payload_sha256, SHA256_LEN);
    } else if (item->gone) {
        sql_int(st, 3, 0);
    }
    return sql_run(store, st, err);
}

static int item_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct erasure_item *item = out;

    memset(item, 0, sizeof(*item));
    COLUMN_TEXT(st, 0, item->document);
    item->slot = (uint64_t)sqlite3_column_int64(st, 1);
    COLUMN_TEXT(st, 2, item->payload);
    return item->slot == 0
               ? 0
               : sql_column_fixed(st, 3, item->payload_sha256, SHA256_LEN, err);
}

ROWS_EACH(each_item, struct erasure_item, item_read)

static int items(struct store *store, int which, const char *erasure,
                 const char *after, size_t max, erasure_item_each each,
                 void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, erasure);
    sql_text(st, 2, after);
    sql_int(st, 3, (int64_t)max);
    return each_item(store, st, each, arg, err);
}

int erasure_item_list(struct store *store, const char *erasure,
                      const char *after, size_t max, erasure_item_each each,
                      void *arg, struct error *err)
{
    return items(store, I_LIST, erasure, after, max, each, arg, err);
}

int erasure_item_open(struct store *store, const char *erasure, size_t max,
                      erasure_item_each each, void *arg, struct error *err)
{
    return items(store, I_OPEN, erasure, "", max, each, arg, err);
}

int erasure_items_drop(struct store *store, const char *erasure,
                       struct error *err)
{
    sqlite3_stmt *st = get(store, I_DROP, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, erasure);
    return sql_run(store, st, err);
}

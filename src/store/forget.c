/* What Meta has still to be asked to delete. */
#include "columns_private.h"

#include <string.h>

enum {
    ADD,
    GET,
    WHAT,
    UPDATE,
    END,
    DUE,
    ENDED,
    REMOVE,
    HASTEN,
    UNTIL,
    HASTEN_ALL
};

#define COLUMNS "id, kind, number, slot, until, next_try, tries"
#define SELECT  "SELECT " COLUMNS " FROM forget "

static const char *const sql[] = {
    [ADD] = "INSERT INTO forget (" COLUMNS ", state, what_sealed) VALUES (?1,"
            " ?2, ?3, ?4, ?5, ?6, ?7, 'open', ?8)",
    [GET] = SELECT "WHERE id = ?1 AND state = 'open'",
    [WHAT] = "SELECT what_sealed FROM forget WHERE id = ?1",
    [UPDATE] = "UPDATE forget SET next_try = ?6, tries = ?7 WHERE id = ?1",
    [END] = "UPDATE forget SET state = 'done' WHERE id = ?1",
    [DUE] = SELECT "WHERE state = 'open' AND next_try <= ?1"
                   " ORDER BY next_try LIMIT ?2",
    [ENDED] = SELECT "WHERE state = 'done' AND until > ?1 LIMIT ?2",
    [REMOVE] = "DELETE FROM forget WHERE id = ?1",
    [HASTEN] = "UPDATE forget SET next_try = min(next_try, ?2) WHERE id = ?1"
               " AND tries = 0",
    [UNTIL] = "SELECT coalesce(max(f.until), 0) FROM delivery d CROSS JOIN"
              " forget f ON f.id = d.forget WHERE d.subject = ?1"
              " AND f.state = 'open'",
    [HASTEN_ALL] =
        "UPDATE forget SET next_try = min(next_try, ?2) WHERE tries = 0"
        " AND id IN"
        " (SELECT forget FROM delivery WHERE subject = ?1"
        " AND forget IS NOT NULL)",
};

/* Rows that one question gives at most. */
#define ROWS_MAX 256u

STATEMENTS(SQL_FORGET)

#define ROW struct forget_row
static const struct column columns[] = { VALUE(id),     VALUE(kind),
                                         VALUE(number), VALUE(slot),
                                         VALUE(until),  VALUE(next_try),
                                         VALUE(tries) };
ROW_READ(row_read, columns)

int forget_add(struct store *store, struct forget_row *row, const char *what,
               struct error *err)
{
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    int ok = -1;

    if (slot_alloc(store, &row->slot, err) != 0 ||
        field_seal(store, row->slot, "forget", "what", row->id, what,
                   strlen(what), &sealed, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        goto out;
    columns_bind(st, columns, row);
    sql_bytes(st, 8, sealed.p, sealed.len);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

int forget_get(struct store *store, const char *id, struct forget_row *out,
               struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

int forget_what(struct store *store, const struct forget_row *row,
                struct buf *out, struct error *err)
{
    sqlite3_stmt *st = get(store, WHAT, err);
    struct buf sealed = { 0 };
    int found;

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    if ((found = sql_step(store, st, err)) == 1 &&
        sql_column_bytes(st, 0, &sealed, err) != 0)
        found = -1;
    sql_done(st);
    if (found == 0)
        (void)error_set(err, ERR_NOT_FOUND, "nothing to forget");
    if (found == 1 && field_open(store, row->slot, "forget", "what", row->id,
                                 sealed.p, sealed.len, out, err) != 0)
        found = -1;
    buf_free(&sealed);
    return found == 1 ? 0 : -1;
}

int forget_update(struct store *store, const struct forget_row *row,
                  struct error *err)
{
    sqlite3_stmt *st = get(store, UPDATE, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run_one(store, st, err);
}

static int by_id(struct store *store, int which, const char *id,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return sql_run(store, st, err);
}

int forget_end(struct store *store, const char *id, struct error *err)
{
    return by_id(store, END, id, err);
}

int forget_remove(struct store *store, const char *id, struct error *err)
{
    return by_id(store, REMOVE, id, err);
}

static int hasten(struct store *store, int which, const char *of, msec now,
                  struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, of);
    sql_int(st, 2, now);
    return sql_run(store, st, err);
}

int forget_hasten(struct store *store, const char *id, msec now,
                  struct error *err)
{
    return hasten(store, HASTEN, id, now, err);
}

int forget_of_deliveries(struct store *store, const char *subject, msec now,
                         msec *until, struct error *err)
{
    sqlite3_stmt *st = get(store, UNTIL, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    *until = row_number(store, st, err);
    return *until < 0 ? -1 : hasten(store, HASTEN_ALL, subject, now, err);
}

ROWS_EACH(each_forget, struct forget_row, row_read)

static int each_row(struct store *store, int which, msec now, size_t max,
                    forget_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)(max < ROWS_MAX ? max : ROWS_MAX));
    return each_forget(store, st, each, arg, err);
}

int forget_due(struct store *store, msec now, size_t max, forget_each each,
               void *arg, struct error *err)
{
    return each_row(store, DUE, now, max, each, arg, err);
}

int forget_ended(struct store *store, size_t max, forget_each each, void *arg,
                 struct error *err)
{
    return each_row(store, ENDED, 0, max, each, arg, err);
}

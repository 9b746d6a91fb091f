/* What needs a second officer, and who is too new to be one. */
#include "columns_private.h"

enum {
    ADD,
    UPDATE,
    GET,
    WHAT,
    OF,
    OF_SUBJECT,
    LIST,
    OVERDUE,
    ENDED,
    REMOVE,
    NEW_PUT,
    NEW_GET,
    POLICIES
};

#define SELECT                                                                 \
    "SELECT id, action, slot, subject, asked_by, asked, expires, approved_by," \
    " approved, state FROM approval "

static const char *const sql[] = {
    [ADD] = "INSERT INTO approval (id, action, slot, subject, asked_by,"
            " asked, expires, state, what_sealed)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'asked', ?11)",
    [UPDATE] = "UPDATE approval SET state = ?10, approved = ?9,"
               " approved_by = iif(?9 IS NULL, NULL, ?8) WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [WHAT] = "SELECT what_sealed, slot FROM approval WHERE id = ?1",
    [OF] = SELECT "WHERE asked_by = ?1 AND action = ?2 AND state <> 'ended'"
                  " ORDER BY rowid",
    [OF_SUBJECT] = SELECT "WHERE subject = ?1 AND state <> 'ended'"
                          " ORDER BY rowid",
    [LIST] = SELECT "WHERE state <> 'ended' ORDER BY expires",
    [OVERDUE] = SELECT "WHERE expires <= ?1 AND state <> 'ended'"
                       " ORDER BY expires LIMIT ?2",
    [ENDED] = SELECT "WHERE state = 'ended' ORDER BY slot LIMIT ?1",
    [REMOVE] = "DELETE FROM approval WHERE id = ?1 AND state = 'ended'",
    [NEW_PUT] = "INSERT INTO newcomer (uid, added) VALUES (?1, ?2)"
                " ON CONFLICT (uid) DO UPDATE SET added = excluded.added",
    [NEW_GET] = "SELECT added FROM newcomer WHERE uid = ?1",
    [POLICIES] = "SELECT policy FROM consent WHERE subject = ?1"
                 " UNION SELECT policy FROM cases WHERE subject = ?1"
                 " UNION SELECT policy FROM attachment WHERE subject = ?1"
                 /* Who was asked and has not answered. */
                 " UNION SELECT policy FROM prompt WHERE subject = ?1"
                 " UNION SELECT policy FROM outbox WHERE subject = ?1",
};
STATEMENTS(SQL_APPROVAL)

#define ROW struct approval_row
static const struct column columns[] = { VALUE(id),       VALUE(action),
                                         VALUE(slot),     MAYBE(subject),
                                         VALUE(asked_by), VALUE(asked),
                                         VALUE(expires),  VALUE(approved_by),
                                         MAYBE(approved), VALUE(state) };
ROW_READ(row_read, columns)

int approval_add(struct store *store, struct approval_row *row,
                 const void *what, size_t len, struct error *err)
{
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    int ok = -1;

    if (slot_alloc(store, &row->slot, err) != 0 ||
        field_seal(store, row->slot, "approval", "what", row->id, what, len,
                   &sealed, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        goto out;
    columns_bind(st, columns, row);
    sql_bytes(st, 11, sealed.p, sealed.len);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

int approval_update(struct store *store, const struct approval_row *row,
                    struct error *err)
{
    sqlite3_stmt *st = get(store, UPDATE, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run_one(store, st, err);
}

int approval_get(struct store *store, const char *id, struct approval_row *out,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

int approval_what(struct store *store, const char *id, struct buf *out,
                  struct error *err)
{
    sqlite3_stmt *st = get(store, WHAT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_open(store, st, "approval", "what", id, out, err);
}

/* ---- lists -------------------------------------------------------------- */

ROWS_EACH(each_row, struct approval_row, row_read)

int approval_of(struct store *store, uint32_t asked_by, const char *action,
                approval_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, asked_by);
    sql_text(st, 2, action);
    return each_row(store, st, each, arg, err);
}

int approval_of_subject(struct store *store, const char *subject,
                        approval_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_SUBJECT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return each_row(store, st, each, arg, err);
}

int approval_list(struct store *store, approval_each each, void *arg,
                  struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);

    return st == NULL ? -1 : each_row(store, st, each, arg, err);
}

int approval_overdue(struct store *store, msec now, size_t max,
                     approval_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OVERDUE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int approval_ended(struct store *store, size_t max, approval_each each,
                   void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, ENDED, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int approval_remove(struct store *store, const char *id, struct error *err)
{
    sqlite3_stmt *st = get(store, REMOVE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return sql_run(store, st, err);
}

/* ---- newcomers, policies ------------------------------------------------ */

int newcomer_put(struct store *store, uint32_t uid, msec added,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, NEW_PUT, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, uid);
    sql_int(st, 2, added);
    return sql_run(store, st, err);
}

int newcomer_get(struct store *store, uint32_t uid, msec *added,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, NEW_GET, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, uid);
    return row_one(store, st, row_int, added, err);
}

int subject_policies(struct store *store, const char *subject,
                     int (*each)(void *arg, const char *policy), void *arg,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, POLICIES, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return rows_each_text(store, st, STORE_NAME_SIZE, each, arg, err);
}

/* Legal holds, and what they keep from being destroyed. */
#include "columns_private.h"

#include <string.h>

enum {
    ADD,
    LIFT,
    GET,
    FIND,
    COVERS,
    COVERS_ITEMS,
    LATE,
    LIST,
    LIST_ALL,
    OVERDUE,
    OF_KIND
};

const char *const hold_kind_names[HOLD__MAX] = {
    [HOLD_LEGAL] = "legal",
    [HOLD_IMPERSONATION] = "impersonation",
    [HOLD_JUDICIAL] = "judicial",
};

#define SELECT                                                                 \
    "SELECT h.id, h.subject, h.case_id, h.placed, h.placed_by, h.until,"       \
    " h.lifted, h.lifted_by, h.kind FROM hold h "

static const char *const sql[] = {
    [ADD] = "INSERT INTO hold (id, subject, case_id, placed, placed_by, until,"
            " kind) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?9)",
    [LIFT] = "UPDATE hold SET lifted = ?7, lifted_by = ?8 WHERE id = ?1"
             " AND lifted IS NULL",
    [GET] = SELECT "WHERE h.id = ?1",
    [FIND] = SELECT "WHERE h.subject = ?1 AND h.lifted IS NULL"
                    " AND (h.case_id IS NULL OR h.case_id = ?2) LIMIT 1",
    /* All of a person: a hold on any of their cases keeps them, too. */
    [COVERS] = SELECT "WHERE h.subject = ?1 AND h.lifted IS NULL LIMIT 1",
    [COVERS_ITEMS] = SELECT
    "WHERE h.subject = ?1 AND h.lifted IS NULL AND (h.case_id IS NULL OR EXISTS"
    " (SELECT 1 FROM erasure_item i JOIN document d ON d.id = i.document"
    "  WHERE i.erasure = ?2 AND d.case_id = h.case_id)) LIMIT 1",
    [LATE] = "SELECT 1 FROM erasure e JOIN erasure_item i ON i.erasure = e.id"
             " JOIN document d ON d.id = i.document WHERE e.subject = ?1"
             " AND e.kind = 'documents' AND e.state = 'running'"
             " AND i.slot IS NULL AND (?2 IS NULL OR d.case_id = ?2) LIMIT 1",
    [LIST] = SELECT "WHERE h.lifted IS NULL ORDER BY h.subject, h.rowid",
    [LIST_ALL] = SELECT "ORDER BY h.rowid",
    [OVERDUE] = SELECT "WHERE h.until <= ?1 AND h.lifted IS NULL"
                       " AND h.until IS NOT NULL ORDER BY h.until LIMIT ?2",
    [OF_KIND] = SELECT "WHERE h.subject = ?1 AND h.lifted IS NULL"
                       " AND h.kind = ?2 AND (?3 IS NULL OR h.case_id IS NULL"
                       " OR h.case_id = ?3) LIMIT 1",
};
STATEMENTS(SQL_HOLD)

#define ROW struct hold_row
static const struct column columns[] = { VALUE(id),        VALUE(subject),
                                         MAYBE(case_id),   VALUE(placed),
                                         VALUE(placed_by), MAYBE(until),
                                         MAYBE(lifted),    WHO(lifted_by),
                                         VALUE(kind) };
ROW_READ(row_read, columns)

int hold_add(struct store *store, const struct hold_row *row, struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run(store, st, err);
}

int hold_lift(struct store *store, const struct hold_row *row,
              struct error *err)
{
    sqlite3_stmt *st = get(store, LIFT, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run_one(store, st, err);
}

int hold_is_late(struct store *store, const char *subject, const char *case_id,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, LATE, err);
    int row;

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text_or_null(st, 2, case_id);
    row = sql_step(store, st, err);
    sql_done(st);
    return row;
}

int hold_get(struct store *store, const char *id, struct hold_row *out,
             struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

int hold_find(struct store *store, const char *subject, const char *case_id,
              struct hold_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, FIND, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    if (case_id != NULL)
        sql_text(st, 2, case_id);
    return row_one(store, st, row_read, out, err);
}

/* What hangs on a key that is destroyed is kept by no hold: a restored copy has
 * rows of it, and they open nothing. 1, 0, -1. */
static int nothing_left(struct store *store, const struct erasure_row *erasure,
                        struct error *err)
{
    bool proof = strcmp(erasure->kind, "evidence") == 0;
    struct subject_row row;
    int found;

    if (strcmp(erasure->cause, "restored") == 0)
        return 1;
    found = subject_get(store, erasure->subject, &row, err);
    if (found <= 0)
        return found;
    return slot_state(store, proof ? row.evidence_slot : row.content_slot,
                      err) == 0;
}

int hold_covers(struct store *store, const struct erasure_row *erasure,
                struct hold_row *out, struct error *err)
{
    bool items = strcmp(erasure->kind, "documents") == 0;
    sqlite3_stmt *st;
    int gone = nothing_left(store, erasure, err);

    if (gone != 0)
        return gone < 0 ? -1 : 0;
    if ((st = get(store, items ? COVERS_ITEMS : COVERS, err)) == NULL)
        return -1;
    sql_text(st, 1, erasure->subject);
    if (items)
        sql_text(st, 2, erasure->id);
    return row_one(store, st, row_read, out, err);
}

ROWS_EACH(each_row, struct hold_row, row_read)

int hold_list(struct store *store, bool all, hold_each each, void *arg,
              struct error *err)
{
    sqlite3_stmt *st = get(store, all ? LIST_ALL : LIST, err);

    return st == NULL ? -1 : each_row(store, st, each, arg, err);
}

int hold_overdue(struct store *store, msec now, size_t max, hold_each each,
                 void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OVERDUE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int hold_of_kind(struct store *store, const char *subject, enum hold_kind kind,
                 const char *case_id, struct hold_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_KIND, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, hold_kind_names[kind]);
    if (case_id != NULL)
        sql_text(st, 3, case_id);
    return row_one(store, st, row_read, out, err);
}

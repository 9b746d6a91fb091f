/* Cases: what a customer's documents are filed under. */
#include "store_private.h"

#include <string.h>

enum {
    ADD,
    GET,
    FIND_OPEN,
    LIST,
    LIST_STATE,
    OF_PERSON,
    CLOSE,
    CLOSE_DOCUMENTS,
    WORK,
    DUE,
    MOVE,
    MOVE_ATTACHMENT,
    FIND_PROCEDURE,
    COMPLETE,
    FIND_PICKED,
    SET_PICKED,
    SET_MANDATE,
    OVERDUE
};

#define SELECT                                                                 \
    "SELECT c.id, c.subject, c.policy, c.state, c.opened, c.closed,"           \
    " (SELECT count(*) FROM document d WHERE d.case_id = c.id"                 \
    "  AND d.state <> 'erased'), coalesce(c.owner, -1), c.priority,"           \
    " c.touched, coalesce(c.due, 0), c.step, c.procedure,"                     \
    " coalesce(c.completed, 0), c.relation, c.mandate, c.mandated,"            \
    " c.represented FROM cases c "

static const char *const sql[] = {
    [ADD] = "INSERT INTO cases (id, subject, policy, state, opened, touched,"
            " due, procedure, represented) VALUES (?1, ?2, ?3, ?4, ?5, ?5,"
            " nullif(?6, 0), ?7, ?8)",
    [GET] = SELECT "WHERE c.id = ?1",
    [FIND_OPEN] = SELECT "WHERE c.subject = ?1 AND c.policy = ?2"
                         " AND c.state = 'open' ORDER BY c.opened DESC,"
                         " c.rowid DESC LIMIT 1",
    [FIND_PROCEDURE] = SELECT "WHERE c.subject = ?1 AND c.policy = ?2"
                              " AND c.procedure <> '' AND c.state <> 'closed'"
                              " ORDER BY c.picked DESC, c.rowid DESC LIMIT 1",
    [FIND_PICKED] = SELECT "WHERE c.subject = ?1 AND c.policy = ?2"
                           " AND c.procedure = ?3 AND c.state = 'open'"
                           " AND c.represented = ?4"
                           " ORDER BY c.picked DESC, c.rowid DESC LIMIT 1",
    [SET_PICKED] = "UPDATE cases SET picked = ?2 WHERE id = ?1",
    [COMPLETE] = "UPDATE cases SET state = 'complete', completed = ?2"
                 " WHERE id = ?1 AND state = 'open'",
    [LIST] = SELECT "ORDER BY c.opened, c.rowid",
    [CLOSE] = "UPDATE cases SET state = 'closed', closed = ?2, due = NULL"
              " WHERE id = ?1 AND state <> 'closed'",
    [CLOSE_DOCUMENTS] = "UPDATE document SET case_closed = ?2"
                        " WHERE case_id = ?1",
    [LIST_STATE] = SELECT "WHERE c.state = ?1 ORDER BY c.opened, c.rowid",
    [OF_PERSON] = SELECT "WHERE c.subject = ?1 ORDER BY c.policy, c.opened",
    [WORK] = "UPDATE cases SET owner = nullif(?2, -1), priority = ?3,"
             " touched = ?4, due = nullif(?5, 0), step = ?6 WHERE id = ?1",
    [DUE] = SELECT "WHERE c.due <= ?1 ORDER BY c.due LIMIT ?2",
    [OVERDUE] = SELECT "WHERE c.id IN (SELECT q.case_id FROM request q"
                       " WHERE q.closed IS NULL AND q.due_early_at < ?1"
                       " AND q.due_at <= ?1 AND q.type = 'sla')"
                       " ORDER BY c.completed, c.rowid",
    /* Where staff put it, it is wanted. */
    [MOVE] = "UPDATE document SET case_id = ?2, case_closed = ?3,"
             " apart_until = NULL WHERE id = ?1",
    [MOVE_ATTACHMENT] = "UPDATE attachment SET case_id = ?2 WHERE id = ?1",
    [SET_MANDATE] = "UPDATE cases SET relation = ?2, mandate = ?3,"
                    " mandated = ?4 WHERE id = ?1",
};
STATEMENTS(SQL_CASES)

static int row_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct case_row *row = out;

    (void)err;
    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->id);
    COLUMN_TEXT(st, 1, row->subject);
    COLUMN_TEXT(st, 2, row->policy);
    COLUMN_TEXT(st, 3, row->state);
    row->opened = sqlite3_column_int64(st, 4);
    row->closed = sqlite3_column_int64(st, 5);
    row->documents = sqlite3_column_int64(st, 6);
    row->owner = sqlite3_column_int64(st, 7);
    row->priority = sqlite3_column_int(st, 8);
    row->touched = sqlite3_column_int64(st, 9);
    row->due = sqlite3_column_int64(st, 10);
    row->step = sqlite3_column_int(st, 11);
    COLUMN_TEXT(st, 12, row->procedure);
    row->completed = sqlite3_column_int64(st, 13);
    COLUMN_TEXT(st, 14, row->relation);
    COLUMN_TEXT(st, 15, row->mandate);
    row->mandated = sqlite3_column_int64(st, 16);
    row->represented = sqlite3_column_int(st, 17) != 0;
    return 0;
}

int case_add(struct store *store, const struct case_row *row, struct error *err)
{
    sqlite3_stmt *st;

    if (subject_gains(store, row->subject, PERSON_CASE, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->subject);
    sql_text(st, 3, row->policy);
    sql_text(st, 4, row->state);
    sql_int(st, 5, row->opened);
    sql_int(st, 6, row->due);
    sql_text(st, 7, row->procedure);
    sql_int(st, 8, row->represented);
    return sql_run(store, st, err);
}

int case_get(struct store *store, const char *id, struct case_row *out,
             struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

static int find(struct store *store, int which, const char *subject,
                const char *policy, struct case_row *out, struct error *err)
{
    int has = subject_has(store, subject, PERSON_CASE, err);
    sqlite3_stmt *st;

    if (has <= 0)
        return has;
    if ((st = get(store, which, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    return row_one(store, st, row_read, out, err);
}

int case_find_open(struct store *store, const char *subject, const char *policy,
                   struct case_row *out, struct error *err)
{
    return find(store, FIND_OPEN, subject, policy, out, err);
}

int case_find_procedure(struct store *store, const char *subject,
                        const char *policy, struct case_row *out,
                        struct error *err)
{
    return find(store, FIND_PROCEDURE, subject, policy, out, err);
}

int case_find_picked(struct store *store, const char *subject,
                     const char *policy, const char *procedure,
                     bool represented, struct case_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, FIND_PICKED, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_text(st, 3, procedure);
    sql_int(st, 4, represented);
    return row_one(store, st, row_read, out, err);
}

static int set_time(struct store *store, int which, const char *id, msec now,
                    struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_int(st, 2, now);
    return sql_run_one(store, st, err);
}

int case_set_picked(struct store *store, const char *id, msec now,
                    struct error *err)
{
    return set_time(store, SET_PICKED, id, now, err);
}

int case_set_complete(struct store *store, const char *id, msec now,
                      struct error *err)
{
    return set_time(store, COMPLETE, id, now, err);
}

int case_set_mandate(struct store *store, const struct case_row *row,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, SET_MANDATE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->relation);
    sql_text(st, 3, row->mandate);
    sql_int(st, 4, row->mandated);
    return sql_run_one(store, st, err);
}

static int each_row(struct store *store, int which, const char *what,
                    int (*each)(void *arg, const struct case_row *), void *arg,
                    struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);
    struct case_row found;
    int row, stop = 0;

    if (st == NULL)
        return -1;
    if (what != NULL)
        sql_text(st, 1, what);
    while ((row = sql_step(store, st, err)) > 0) {
        (void)row_read(st, &found, err);
        if ((stop = each(arg, &found)) != 0)
            break;
    }
    sql_done(st);
    return row < 0 ? -1 : stop;
}

static int close_one(struct store *store, int which, const char *id, msec now,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_int(st, 2, now);
    return which == CLOSE ? sql_run_one(store, st, err)
                          : sql_run(store, st, err);
}

int case_close(struct store *store, const char *id, msec now, struct error *err)
{
    return close_one(store, CLOSE, id, now, err) != 0
               ? -1
               : close_one(store, CLOSE_DOCUMENTS, id, now, err);
}

int case_list(struct store *store, const char *state,
              int (*each)(void *arg, const struct case_row *), void *arg,
              struct error *err)
{
    return each_row(store, state == NULL ? LIST : LIST_STATE, state, each, arg,
                    err);
}

int case_of_person(struct store *store, const char *subject,
                   int (*each)(void *arg, const struct case_row *), void *arg,
                   struct error *err)
{
    return each_row(store, OF_PERSON, subject, each, arg, err);
}

/* ---- work --------------------------------------------------------------- */

int case_work(struct store *store, const struct case_row *row,
              struct error *err)
{
    sqlite3_stmt *st = get(store, WORK, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_int(st, 2, row->owner);
    sql_int(st, 3, row->priority);
    sql_int(st, 4, row->touched);
    sql_int(st, 5, row->due);
    sql_int(st, 6, row->step);
    return sql_run_one(store, st, err);
}

ROWS_EACH(each_due, struct case_row, row_read)

int case_due(struct store *store, msec now, size_t max,
             int (*each)(void *arg, const struct case_row *), void *arg,
             struct error *err)
{
    sqlite3_stmt *st = get(store, DUE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)max);
    return each_due(store, st, each, arg, err);
}

int case_overdue(struct store *store, msec now,
                 int (*each)(void *arg, const struct case_row *), void *arg,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, OVERDUE, err);
    struct case_row found;
    int row, stop = 0;

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    while ((row = sql_step(store, st, err)) > 0) {
        (void)row_read(st, &found, err);
        if ((stop = each(arg, &found)) != 0)
            break;
    }
    sql_done(st);
    return row < 0 ? -1 : stop;
}

int document_move(struct store *store, const struct document_row *row,
                  const struct case_row *to, struct error *err)
{
    sqlite3_stmt *st = get(store, MOVE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, to->id);
    if (to->closed != 0)
        sql_int(st, 3, to->closed);
    if (sql_run_one(store, st, err) != 0 ||
        (st = get(store, MOVE_ATTACHMENT, err)) == NULL)
        return -1;
    sql_text(st, 1, row->attachment);
    sql_text(st, 2, to->id);
    return sql_run_one(store, st, err);
}

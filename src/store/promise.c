/* By when people said that they will pay. */
#include "columns_private.h"

enum { ADD, UPDATE, GET, OPEN, RUNS, LIST, OF_PERSON };

#define SELECT                                                                 \
    "SELECT id, subject, policy, template, outbound, state, day, until, made," \
    " decided, decided_by FROM promise "

static const char *const sql[] = {
    [ADD] = "INSERT INTO promise (id, subject, policy, template, outbound,"
            " state, day, until, made) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
            " ?9)",
    [UPDATE] = "UPDATE promise SET state = ?6, decided = ?10, decided_by = ?11"
               " WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [OPEN] = SELECT "WHERE subject = ?1 AND policy = ?2 AND state = 'open'",
    [RUNS] = "SELECT count(*) FROM promise WHERE subject = ?1 AND state ="
             " 'open' AND until > ?2",
    [LIST] = SELECT "WHERE state = ?1 ORDER BY until",
    [OF_PERSON] = SELECT "WHERE subject = ?1 ORDER BY made",
};
STATEMENTS(SQL_PROMISE)

#define ROW struct promise_row
static const struct column columns[] = {
    VALUE(id),       VALUE(subject), VALUE(policy),  VALUE(template),
    VALUE(outbound), VALUE(state),   VALUE(day),     VALUE(until),
    VALUE(made),     MAYBE(decided), WHO(decided_by)
};
ROW_READ(row_read, columns)

int promise_add(struct store *store, const struct promise_row *row,
                struct error *err)
{
    sqlite3_stmt *st;

    if (subject_gains(store, row->subject, PERSON_PROMISE, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run(store, st, err);
}

int promise_update(struct store *store, const struct promise_row *row,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, UPDATE, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run_one(store, st, err);
}

int promise_get(struct store *store, const char *id, struct promise_row *out,
                struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

int promise_open(struct store *store, const char *subject, const char *policy,
                 struct promise_row *out, struct error *err)
{
    int has = subject_has(store, subject, PERSON_PROMISE, err);
    sqlite3_stmt *st;

    if (has <= 0)
        return has;
    if ((st = get(store, OPEN, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    return row_one(store, st, row_read, out, err);
}

int promise_runs(struct store *store, const char *subject, msec now,
                 struct error *err)
{
    int has = subject_has(store, subject, PERSON_PROMISE, err);
    sqlite3_stmt *st;
    int64_t n;

    if (has <= 0)
        return has;
    if ((st = get(store, RUNS, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, now);
    n = row_number(store, st, err);
    return n < 0 ? -1 : n > 0;
}

int promise_list(struct store *store, const char *state, promise_each each,
                 void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);
    struct promise_row found;
    int row = 0, stop = 0;

    if (st == NULL)
        return -1;
    sql_text(st, 1, state);
    while (stop == 0 && (row = sql_step(store, st, err)) > 0) {
        (void)row_read(st, &found, err);
        stop = each(arg, &found);
    }
    sql_done(st);
    return stop != 0 ? stop : row;
}

ROWS_EACH(each_of, struct promise_row, row_read)

int promise_of_person(struct store *store, const char *subject,
                      promise_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_PERSON, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return each_of(store, st, each, arg, err);
}

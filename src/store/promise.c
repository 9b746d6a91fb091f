/* By when people said that they will pay. */
#include "store_private.h"

#include <string.h>

enum { ADD, UPDATE, GET, OPEN, RUNS, LIST, OF_PERSON };

#define SELECT                                                                 \
    "SELECT id, subject, policy, template, outbound, state, day, until, made," \
    " coalesce(decided, 0), coalesce(decided_by, -1) FROM promise "

static const char *const sql[] = {
    [ADD] = "INSERT INTO promise (id, subject, policy, template, outbound,"
            " state, day, until, made) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
            " ?9)",
    [UPDATE] = "UPDATE promise SET state = ?2, decided = nullif(?3, 0),"
               " decided_by = nullif(?4, -1) WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [OPEN] = SELECT "WHERE subject = ?1 AND policy = ?2 AND state = 'open'",
    [RUNS] = "SELECT count(*) FROM promise WHERE subject = ?1 AND state ="
             " 'open' AND until > ?2",
    [LIST] = SELECT "WHERE state = ?1 ORDER BY until",
    [OF_PERSON] = SELECT "WHERE subject = ?1 ORDER BY made",
};
STATEMENTS(SQL_PROMISE)

static int row_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct promise_row *row = out;

    (void)err;
    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->id);
    COLUMN_TEXT(st, 1, row->subject);
    COLUMN_TEXT(st, 2, row->policy);
    COLUMN_TEXT(st, 3, row->template);
    COLUMN_TEXT(st, 4, row->outbound);
    COLUMN_TEXT(st, 5, row->state);
    row->day = sqlite3_column_int(st, 6);
    row->until = sqlite3_column_int64(st, 7);
    row->made = sqlite3_column_int64(st, 8);
    row->decided = sqlite3_column_int64(st, 9);
    row->decided_by = sqlite3_column_int64(st, 10);
    return 0;
}

int promise_add(struct store *store, const struct promise_row *row,
                struct error *err)
{
    sqlite3_stmt *st;

    if (subject_gains(store, row->subject, PERSON_PROMISE, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->subject);
    sql_text(st, 3, row->policy);
    sql_text(st, 4, row->template);
    sql_text(st, 5, row->outbound);
    sql_text(st, 6, row->state);
    sql_int(st, 7, row->day);
    sql_int(st, 8, row->until);
    sql_int(st, 9, row->made);
    return sql_run(store, st, err);
}

int promise_update(struct store *store, const struct promise_row *row,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, UPDATE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->state);
    sql_int(st, 3, row->decided);
    sql_int(st, 4, row->decided_by);
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

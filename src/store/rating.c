/* How it was: the one question about a case or a hand-over, and its answer. */
#include "columns_private.h"

enum { ADD, UPDATE, MARK, GET, OF_MESSAGE, OPEN, LAST, DUE, OF_PERSON };

#define SELECT                                                                 \
    "SELECT id, subject, policy, number, case_id, handover, state, due, made," \
    " asked, rated, outbox, score FROM rating "

static const char *const sql[] = {
    [ADD] = "INSERT INTO rating (id, subject, policy, number, case_id,"
            " handover, state, due, made) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
            " 'waiting', ?8, ?9) ON CONFLICT DO NOTHING",
    [UPDATE] = "UPDATE rating SET state = ?7, due = ?8, asked = ?10,"
               " rated = ?11, outbox = ?12, score = ?13 WHERE id = ?1",
    [MARK] = "UPDATE subject SET asks = (SELECT max(due) FROM rating"
             " WHERE rating.subject = ?1 AND due IS NOT NULL"
             " AND state <> 'waiting') WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [OF_MESSAGE] = SELECT "WHERE outbox = ?1 AND outbox IS NOT NULL",
    [OPEN] = SELECT "WHERE subject = ?1 AND policy = ?2 AND due IS NOT NULL"
                    " AND asked IS NOT NULL ORDER BY asked DESC LIMIT 1",
    [LAST] = "SELECT coalesce(max(asked), 0) FROM rating WHERE subject = ?1",
    [DUE] = SELECT "WHERE due <= ?1 AND due IS NOT NULL ORDER BY due LIMIT ?2",
    [OF_PERSON] = SELECT "WHERE subject = ?1 ORDER BY policy, asked",
};
STATEMENTS(SQL_RATING)

#define ROW struct rating_row
static const struct column columns[] = {
    VALUE(id),      VALUE(subject),  VALUE(policy), VALUE(number),
    MAYBE(case_id), MAYBE(handover), VALUE(state),  MAYBE(due),
    VALUE(made),    MAYBE(asked),    MAYBE(rated),  MAYBE(outbox),
    MAYBE(score)
};
ROW_READ(row_read, columns)

int rating_add(struct store *store, const struct rating_row *row,
               struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run(store, st, err) == 0 ? sqlite3_changes(store->db) : -1;
}

int rating_update(struct store *store, const struct rating_row *row,
                  struct error *err)
{
    sqlite3_stmt *st = get(store, UPDATE, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    if (sql_run_one(store, st, err) != 0 ||
        (st = get(store, MARK, err)) == NULL)
        return -1;
    sql_text(st, 1, row->subject);
    if (sql_run_one(store, st, err) != 0)
        return -1;
    subject_changed(store);
    return 0;
}

static int one(struct store *store, int which, const char *key,
               struct rating_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, key);
    return row_one(store, st, row_read, out, err);
}

int rating_get(struct store *store, const char *id, struct rating_row *out,
               struct error *err)
{
    return one(store, GET, id, out, err);
}

int rating_of_message(struct store *store, const char *outbox,
                      struct rating_row *out, struct error *err)
{
    return one(store, OF_MESSAGE, outbox, out, err);
}

int rating_open(struct store *store, const char *subject, const char *policy,
                struct rating_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, OPEN, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    return row_one(store, st, row_read, out, err);
}

msec rating_last(struct store *store, const char *subject, struct error *err)
{
    sqlite3_stmt *st = get(store, LAST, err);
    msec last = -1;

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    if (sql_step(store, st, err) == 1)
        last = sqlite3_column_int64(st, 0);
    sql_done(st);
    return last;
}

static int each_row(struct store *store, sqlite3_stmt *st, rating_each each,
                    void *arg, struct error *err)
{
    const struct rating_row *row;
    struct rows rows;
    int stop = rows_read(store, st, row_read, sizeof(*row), &rows, err);

    while (stop == 0 && (row = rows_next(&rows)) != NULL)
        stop = each(arg, row);
    rows_free(&rows);
    return stop;
}

int rating_due(struct store *store, msec now, size_t max, rating_each each,
               void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, DUE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int rating_of_person(struct store *store, const char *subject, rating_each each,
                     void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_PERSON, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return each_row(store, st, each, arg, err);
}

/* Reminders and notices: what went to whom, and what a rule forbade. */
#include "columns_private.h"

#include <string.h>

enum { ADD, UPDATE, OF_ROW, OF_MESSAGE, CONTACTS, GET, RECENT, ANSWER };

#define SELECT                                                                 \
    "SELECT b.id, b.subject, b.outbox, b.policy, b.template, b.class,"         \
    " b.state, b.rule, b.batch, b.row, b.counts, b.day, b.made, b.answered"    \
    " FROM outbound b "

static const char *const sql[] = {
    [ADD] = "INSERT INTO outbound (id, subject, outbox, policy, template,"
            " class, state, rule, batch, row, counts, day, made) VALUES (?1,"
            " ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [UPDATE] = "UPDATE outbound SET state = ?7, rule = ?8, outbox = ?3,"
               " day = ?12, made = ?13, answered = 0 WHERE id = ?1",
    [OF_ROW] = SELECT "WHERE b.batch = ?1 AND b.row = ?2",
    [OF_MESSAGE] = SELECT "WHERE b.outbox = ?1",
    /* What may have arrived is a contact. */
    [CONTACTS] = "SELECT count(*) FROM outbound b JOIN outbox o"
                 " ON o.id = b.outbox WHERE b.subject = ?1 AND b.day = ?2"
                 " AND b.counts = 1 AND b.state = 'queued' AND b.id <> ?3"
                 " AND o.state <> 'failed' AND coalesce(o.delivery, '') <>"
                 " 'failed'",
    [GET] = SELECT "WHERE b.id = ?1",
    [RECENT] = SELECT "WHERE b.subject = ?1 AND b.day >= ?2 AND b.policy = ?3"
                      " AND b.state = 'queued' ORDER BY b.day DESC, b.made"
                      " DESC LIMIT ?4",
    [ANSWER] = "UPDATE outbound SET answered = ?14 WHERE id = ?1",
};
STATEMENTS(SQL_OUTBOUND)

#define ROW struct outbound_row
static const struct column columns[] = {
    VALUE(id),       VALUE(subject), MAYBE(outbox), VALUE(policy),
    VALUE(template), VALUE(class),   VALUE(state),  MAYBE(rule),
    VALUE(batch),    VALUE(row),     VALUE(counts), VALUE(day),
    VALUE(made),     VALUE(answered)
};
ROW_READ(row_read, columns)

/* A message of theirs looks for it from now on. */
static int mark(struct store *store, const struct outbound_row *row,
                struct error *err)
{
    return row->answerable && strcmp(row->state, "queued") == 0
               ? subject_gains(store, row->subject, PERSON_REMINDED, err)
               : 0;
}

int outbound_add(struct store *store, const struct outbound_row *row,
                 struct error *err)
{
    sqlite3_stmt *st;

    if (mark(store, row, err) != 0 || (st = get(store, ADD, err)) == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run(store, st, err);
}

int outbound_update(struct store *store, const struct outbound_row *row,
                    struct error *err)
{
    sqlite3_stmt *st;

    if (mark(store, row, err) != 0 || (st = get(store, UPDATE, err)) == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run_one(store, st, err);
}

int outbound_of_row(struct store *store, const char *batch, int64_t row,
                    struct outbound_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_ROW, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, batch);
    sql_int(st, 2, row);
    return row_one(store, st, row_read, out, err);
}

int outbound_of_message(struct store *store, const char *outbox,
                        struct outbound_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_MESSAGE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, outbox);
    return row_one(store, st, row_read, out, err);
}

int64_t outbound_contacts(struct store *store, const char *subject,
                          civil_day day, const char *besides, struct error *err)
{
    sqlite3_stmt *st = get(store, CONTACTS, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, day);
    sql_text(st, 3, besides);
    return row_number(store, st, err);
}

int outbound_get(struct store *store, const char *id, struct outbound_row *out,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

int outbound_recent(struct store *store, const char *subject,
                    const char *policy, civil_day since,
                    struct outbound_row *rows, size_t max, size_t *n,
                    struct error *err)
{
    int has = subject_has(store, subject, PERSON_REMINDED, err), row = 0;
    sqlite3_stmt *st;

    *n = 0;
    if (has <= 0)
        return has;
    if ((st = get(store, RECENT, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, since);
    sql_text(st, 3, policy);
    sql_int(st, 4, (int64_t)max);
    while (*n < max && (row = sql_step(store, st, err)) > 0)
        (void)row_read(st, &rows[(*n)++], err);
    sql_done(st);
    return row < 0 ? -1 : 0;
}

int outbound_answer(struct store *store, const struct outbound_row *row,
                    struct error *err)
{
    sqlite3_stmt *st = get(store, ANSWER, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run_one(store, st, err);
}

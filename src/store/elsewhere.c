/* Contacts with a person that were not in the chat. */
#include "columns_private.h"

enum { ADD, LAST, OF_PERSON };

static const char *const sql[] = {
    [ADD] = "INSERT INTO elsewhere (id, subject, policy, case_id, channel,"
            " ours, day, at, noted_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
            " ?9)",
    [LAST] = "SELECT max(day) FROM elsewhere WHERE subject = ?1 AND ours = 1",
    [OF_PERSON] =
        ("SELECT id, subject, policy, case_id, channel, ours, day, at,"
         " noted_by FROM elsewhere WHERE subject = ?1 ORDER BY at"),
};
STATEMENTS(SQL_ELSEWHERE)

#define ROW struct elsewhere_row
static const struct column columns[] = {
    VALUE(id),   VALUE(subject), VALUE(policy), VALUE(case_id), VALUE(channel),
    VALUE(ours), VALUE(day),     VALUE(at),     VALUE(noted_by)
};
ROW_READ(row_read, columns)

int elsewhere_add(struct store *store, const struct elsewhere_row *row,
                  struct error *err)
{
    sqlite3_stmt *st;

    if (subject_gains(store, row->subject, PERSON_ELSEWHERE, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run(store, st, err);
}

int elsewhere_last(struct store *store, const char *subject, civil_day *day,
                   struct error *err)
{
    int has = subject_has(store, subject, PERSON_ELSEWHERE, err);
    sqlite3_stmt *st;
    int row;

    if (has <= 0)
        return has;
    if ((st = get(store, LAST, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    row = sql_step(store, st, err);
    if (row > 0 && sqlite3_column_type(st, 0) == SQLITE_NULL)
        row = 0;
    if (row > 0)
        *day = (civil_day)sqlite3_column_int64(st, 0);
    sql_done(st);
    return row;
}

int elsewhere_of_person(struct store *store, const char *subject,
                        elsewhere_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_PERSON, err);
    struct elsewhere_row found;
    int row, stop = 0;

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    while ((row = sql_step(store, st, err)) > 0) {
        (void)row_read(st, &found, err);
        if ((stop = each(arg, &found)) != 0)
            break;
    }
    sql_done(st);
    return row < 0 ? -1 : stop;
}

/* Who talks to a person, and each time that it was an agent. */
#include "columns_private.h"

enum {
    ADD,
    UPDATE,
    GET,
    FIND,
    LIST,
    DUE,
    OF_PERSON,
    POSITION,
    H_ADD,
    H_UPDATE,
    H_OPEN,
    H_GET,
    H_WAITS
};

#define COLUMNS                                                                \
    "id, subject, policy, number, mode, since, who, heard, told, kept,"        \
    " priority, step, due"
#define SELECT "SELECT " COLUMNS " FROM conversation "
#define H_COLUMNS                                                              \
    "id, conversation, subject, policy, asked, taken, taken_by, ended, how,"   \
    " replied, outbound"
#define H_SELECT "SELECT " H_COLUMNS " FROM handover "

static const char *const sql[] = {
    [ADD] = "INSERT INTO conversation (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5,"
            " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [UPDATE] = "UPDATE conversation SET mode = ?5, since = ?6, who = ?7,"
               " heard = ?8, told = ?9, kept = ?10, priority = ?11, step = ?12,"
               " due = ?13 WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [FIND] = SELECT "WHERE subject = ?1 AND policy = ?2 AND number = ?3",
    [LIST] = SELECT "WHERE mode = ?1 ORDER BY priority DESC, since",
    [DUE] = SELECT "WHERE due <= ?1 ORDER BY due LIMIT ?2",
    [OF_PERSON] = SELECT "WHERE subject = ?1 ORDER BY policy, number"
                         " LIMIT ?2",
    [POSITION] = "SELECT count(*) FROM conversation WHERE mode = 'waiting'"
                 " AND policy = ?1 AND (since, id) <= (?2, ?3)",
    [H_ADD] = "INSERT INTO handover (" H_COLUMNS ") VALUES (?1, ?2, ?3, ?4,"
              " ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [H_UPDATE] = "UPDATE handover SET taken = ?6, taken_by = ?7, ended = ?8,"
                 " how = ?9, replied = ?10 WHERE id = ?1",
    [H_OPEN] = H_SELECT "WHERE conversation = ?1 AND ended IS NULL LIMIT 1",
    [H_GET] = H_SELECT "WHERE id = ?1",
    [H_WAITS] = "SELECT asked, taken FROM handover WHERE policy = ?1"
                " AND taken > ?3 AND asked IS NOT NULL"
                " ORDER BY taken DESC LIMIT ?2",
};
STATEMENTS(SQL_CONVERSATION)

#define ROW struct conversation_row
static const struct column columns[] = {
    VALUE(id),       VALUE(subject), VALUE(policy), VALUE(number), VALUE(mode),
    VALUE(since),    WHO(who),       VALUE(heard),  VALUE(told),   VALUE(kept),
    VALUE(priority), VALUE(step),    MAYBE(due)
};
ROW_READ(row_read, columns)

int conversation_add(struct store *store, const struct conversation_row *row,
                     struct error *err)
{
    sqlite3_stmt *st;

    if (subject_gains(store, row->subject, PERSON_CONVERSATION, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run(store, st, err);
}

int conversation_update(struct store *store, const struct conversation_row *row,
                        struct error *err)
{
    sqlite3_stmt *st = get(store, UPDATE, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run_one(store, st, err);
}

int conversation_get(struct store *store, const char *id,
                     struct conversation_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

int conversation_find(struct store *store, const char *subject,
                      const char *policy, const char *number,
                      struct conversation_row *out, struct error *err)
{
    int has = subject_has(store, subject, PERSON_CONVERSATION, err);
    sqlite3_stmt *st;

    if (has <= 0)
        return has;
    if ((st = get(store, FIND, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_text(st, 3, number);
    return row_one(store, st, row_read, out, err);
}

int conversation_list(struct store *store, const char *mode,
                      conversation_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);
    struct conversation_row found;
    int row, stop = 0;

    if (st == NULL)
        return -1;
    sql_text(st, 1, mode);
    while (stop == 0 && (row = sql_step(store, st, err)) > 0) {
        (void)row_read(st, &found, err);
        stop = each(arg, &found);
    }
    sql_done(st);
    return stop != 0 ? stop : row;
}

/* Those of a bound statement, read before the first callback. */
ROWS_EACH(each_of, struct conversation_row, row_read)

int conversation_due(struct store *store, msec now, size_t max,
                     conversation_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, DUE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)max);
    return each_of(store, st, each, arg, err);
}

int conversation_of_person(struct store *store, const char *subject,
                           conversation_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_PERSON, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, LIMIT_NUMBERS);
    return each_of(store, st, each, arg, err);
}

int64_t conversation_position(struct store *store,
                              const struct conversation_row *row,
                              struct error *err)
{
    sqlite3_stmt *st = get(store, POSITION, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->policy);
    sql_int(st, 2, row->since);
    sql_text(st, 3, row->id);
    return row_number(store, st, err);
}

/* ---- hand-overs --------------------------------------------------------- */

#undef ROW
#define ROW struct handover_row
static const struct column h_columns[] = {
    VALUE(id),    VALUE(conversation), VALUE(subject), VALUE(policy),
    MAYBE(asked), MAYBE(taken),        WHO(taken_by),  MAYBE(ended),
    MAYBE(how),   MAYBE(replied),      MAYBE(outbound)
};
ROW_READ(handover_read, h_columns)

int handover_add(struct store *store, const struct handover_row *row,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, H_ADD, err);

    if (st == NULL)
        return -1;
    columns_bind(st, h_columns, row);
    return sql_run(store, st, err);
}

int handover_update(struct store *store, const struct handover_row *row,
                    struct error *err)
{
    sqlite3_stmt *st = get(store, H_UPDATE, err);

    if (st == NULL)
        return -1;
    columns_bind(st, h_columns, row);
    return sql_run_one(store, st, err);
}

static int handover_one(struct store *store, int which, const char *id,
                        struct handover_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, handover_read, out, err);
}

int handover_open(struct store *store, const char *conversation,
                  struct handover_row *out, struct error *err)
{
    return handover_one(store, H_OPEN, conversation, out, err);
}

int handover_get(struct store *store, const char *id, struct handover_row *out,
                 struct error *err)
{
    return handover_one(store, H_GET, id, out, err);
}

int handover_waits(struct store *store, const char *policy, msec after,
                   struct handover_wait *waits, size_t max, size_t *n,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, H_WAITS, err);
    int row = -1;

    *n = 0;
    if (st == NULL)
        return -1;
    sql_text(st, 1, policy);
    sql_int(st, 2, (int64_t)max);
    sql_int(st, 3, after);
    while (*n < max && (row = sql_step(store, st, err)) > 0)
        waits[(*n)++] = (struct handover_wait){ sqlite3_column_int64(st, 0),
                                                sqlite3_column_int64(st, 1) };
    sql_done(st);
    return row < 0 ? -1 : 0;
}

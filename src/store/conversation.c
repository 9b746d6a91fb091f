/* Who talks to a person, and each time that it was an agent. */
#include "store_private.h"

#include <string.h>

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
#define SELECT                                                                 \
    "SELECT id, subject, policy, number, mode, since, coalesce(who, -1),"      \
    " heard, told, kept, priority, step, coalesce(due, 0) FROM conversation "
#define H_COLUMNS                                                              \
    "id, conversation, subject, policy, asked, taken, taken_by, ended, how,"   \
    " replied, outbound"
#define H_SELECT                                                               \
    "SELECT id, conversation, subject, policy, coalesce(asked, 0),"            \
    " coalesce(taken, 0), coalesce(taken_by, -1), coalesce(ended, 0),"         \
    " coalesce(how, ''), coalesce(replied, 0), coalesce(outbound, '')"         \
    " FROM handover "

static const char *const sql[] = {
    [ADD] = "INSERT INTO conversation (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5,"
            " ?6, nullif(?7, -1), ?8, ?9, ?10, ?11, ?12, nullif(?13, 0))",
    [UPDATE] = "UPDATE conversation SET mode = ?2, since = ?3,"
               " who = nullif(?4, -1), heard = ?5, told = ?6, kept = ?7,"
               " priority = ?8, step = ?9, due = nullif(?10, 0)"
               " WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [FIND] = SELECT "WHERE subject = ?1 AND policy = ?2 AND number = ?3",
    [LIST] = SELECT "WHERE mode = ?1 ORDER BY priority DESC, since",
    [DUE] = SELECT "WHERE due <= ?1 ORDER BY due LIMIT ?2",
    [OF_PERSON] = SELECT "WHERE subject = ?1 ORDER BY policy, number"
                         " LIMIT ?2",
    [POSITION] = "SELECT count(*) FROM conversation WHERE mode = 'waiting'"
                 " AND policy = ?1 AND (since, id) <= (?2, ?3)",
    [H_ADD] = "INSERT INTO handover (" H_COLUMNS ") VALUES (?1, ?2, ?3, ?4,"
              " nullif(?5, 0), nullif(?6, 0), nullif(?7, -1), nullif(?8, 0),"
              " nullif(?9, ''), nullif(?10, 0), nullif(?11, ''))",
    [H_UPDATE] = "UPDATE handover SET taken = nullif(?2, 0),"
                 " taken_by = nullif(?3, -1), ended = nullif(?4, 0),"
                 " how = nullif(?5, ''), replied = nullif(?6, 0)"
                 " WHERE id = ?1",
    [H_OPEN] = H_SELECT "WHERE conversation = ?1 AND ended IS NULL LIMIT 1",
    [H_GET] = H_SELECT "WHERE id = ?1",
    [H_WAITS] = "SELECT asked, taken FROM handover WHERE policy = ?1"
                " AND taken > ?3 AND asked IS NOT NULL"
                " ORDER BY taken DESC LIMIT ?2",
};
STATEMENTS(SQL_CONVERSATION)

static int row_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct conversation_row *row = out;

    (void)err;
    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->id);
    COLUMN_TEXT(st, 1, row->subject);
    COLUMN_TEXT(st, 2, row->policy);
    COLUMN_TEXT(st, 3, row->number);
    COLUMN_TEXT(st, 4, row->mode);
    row->since = sqlite3_column_int64(st, 5);
    row->who = sqlite3_column_int64(st, 6);
    row->heard = sqlite3_column_int64(st, 7);
    row->told = sqlite3_column_int64(st, 8);
    row->kept = sqlite3_column_int64(st, 9);
    row->priority = sqlite3_column_int(st, 10);
    row->step = sqlite3_column_int(st, 11);
    row->due = sqlite3_column_int64(st, 12);
    return 0;
}

/* Binds what changes, from parameter i on. */
static void bind_state(sqlite3_stmt *st, int i,
                       const struct conversation_row *row)
{
    sql_text(st, i, row->mode);
    sql_int(st, i + 1, row->since);
    sql_int(st, i + 2, row->who);
    sql_int(st, i + 3, row->heard);
    sql_int(st, i + 4, row->told);
    sql_int(st, i + 5, row->kept);
    sql_int(st, i + 6, row->priority);
    sql_int(st, i + 7, row->step);
    sql_int(st, i + 8, row->due);
}

int conversation_add(struct store *store, const struct conversation_row *row,
                     struct error *err)
{
    sqlite3_stmt *st;

    if (subject_gains(store, row->subject, PERSON_CONVERSATION, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->subject);
    sql_text(st, 3, row->policy);
    sql_text(st, 4, row->number);
    bind_state(st, 5, row);
    return sql_run(store, st, err);
}

int conversation_update(struct store *store, const struct conversation_row *row,
                        struct error *err)
{
    sqlite3_stmt *st = get(store, UPDATE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    bind_state(st, 2, row);
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

int handover_add(struct store *store, const struct handover_row *row,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, H_ADD, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->conversation);
    sql_text(st, 3, row->subject);
    sql_text(st, 4, row->policy);
    sql_int(st, 5, row->asked);
    sql_int(st, 6, row->taken);
    sql_int(st, 7, row->taken_by);
    sql_int(st, 8, row->ended);
    sql_text(st, 9, row->how);
    sql_int(st, 10, row->replied);
    sql_text(st, 11, row->outbound);
    return sql_run(store, st, err);
}

int handover_update(struct store *store, const struct handover_row *row,
                    struct error *err)
{
    sqlite3_stmt *st = get(store, H_UPDATE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_int(st, 2, row->taken);
    sql_int(st, 3, row->taken_by);
    sql_int(st, 4, row->ended);
    sql_text(st, 5, row->how);
    sql_int(st, 6, row->replied);
    return sql_run_one(store, st, err);
}

static int handover_read(sqlite3_stmt *st, void *to, struct error *err)
{
    struct handover_row *out = to;

    (void)err;
    memset(out, 0, sizeof(*out));
    COLUMN_TEXT(st, 0, out->id);
    COLUMN_TEXT(st, 1, out->conversation);
    COLUMN_TEXT(st, 2, out->subject);
    COLUMN_TEXT(st, 3, out->policy);
    out->asked = sqlite3_column_int64(st, 4);
    out->taken = sqlite3_column_int64(st, 5);
    out->taken_by = sqlite3_column_int64(st, 6);
    out->ended = sqlite3_column_int64(st, 7);
    COLUMN_TEXT(st, 8, out->how);
    out->replied = sqlite3_column_int64(st, 9);
    COLUMN_TEXT(st, 10, out->outbound);
    return 0;
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

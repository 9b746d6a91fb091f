/* References that are one person, as officers say. */
#include "columns_private.h"

#include <string.h>

enum { ADD, END, FIND, AS_SUBJECT, AS_FORMER, CARRY, DROP_CARRIED, CARRIED };

#define SELECT                                                                 \
    "SELECT id, subject, former, kind, proof, linked, linked_by, ended,"       \
    " ended_by FROM link "

static const char *const sql[] = {
    [ADD] = "INSERT INTO link (id, subject, former, kind, proof, linked,"
            " linked_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [END] = "UPDATE link SET ended = ?8, ended_by = ?9 WHERE id = ?1"
            " AND ended IS NULL",
    [FIND] = SELECT "WHERE subject = ?1 AND former = ?2 AND ended IS NULL",
    [AS_SUBJECT] = SELECT "WHERE subject = ?1 AND ended IS NULL"
                          " ORDER BY rowid",
    [AS_FORMER] = SELECT "WHERE former = ?1 AND ended IS NULL ORDER BY rowid",
    [CARRY] = "INSERT INTO carried (link, policy, purpose, yes_s)"
              " VALUES (?1, ?2, ?3, ?4)",
    [DROP_CARRIED] = "DELETE FROM carried WHERE link = ?1",
    [CARRIED] = "SELECT policy, purpose, yes_s FROM carried WHERE link = ?1",
};
STATEMENTS(SQL_LINK)

#define ROW struct link_row
static const struct column columns[] = {
    VALUE(id),     VALUE(subject),   VALUE(former), VALUE(kind),  VALUE(proof),
    VALUE(linked), VALUE(linked_by), MAYBE(ended),  WHO(ended_by)
};
ROW_READ(row_read, columns)

/* ---- one ---------------------------------------------------------------- */

int link_add(struct store *store, const struct link_row *row, struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run(store, st, err);
}

int link_end(struct store *store, const struct link_row *row, struct error *err)
{
    sqlite3_stmt *st = get(store, END, err);

    if (st == NULL)
        return -1;
    columns_bind(st, columns, row);
    if (sql_run_one(store, st, err) != 0 ||
        (st = get(store, DROP_CARRIED, err)) == NULL)
        return -1;
    sql_text(st, 1, row->id);
    return sql_run(store, st, err);
}

static int find_one_way(struct store *store, const char *subject,
                        const char *former, struct link_row *out,
                        struct error *err)
{
    sqlite3_stmt *st = get(store, FIND, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, former);
    return row_one(store, st, row_read, out, err);
}

int link_find(struct store *store, const char *one, const char *other,
              struct link_row *out, struct error *err)
{
    int found = find_one_way(store, one, other, out, err);

    return found != 0 ? found : find_one_way(store, other, one, out, err);
}

ROWS_EACH(each_link, struct link_row, row_read)

/* ---- a person's --------------------------------------------------------- */

static int each_row(struct store *store, int which, const char *what,
                    link_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, what);
    return each_link(store, st, each, arg, err);
}

int link_of(struct store *store, const char *subject, link_each each, void *arg,
            struct error *err)
{
    int stop = each_row(store, AS_SUBJECT, subject, each, arg, err);

    return stop != 0 ? stop
                     : each_row(store, AS_FORMER, subject, each, arg, err);
}

struct group {
    char (*ids)[ID_SIZE];
    size_t n;
};

static void join(struct group *g, const char *id)
{
    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->ids[i], id) == 0)
            return;
    if (g->n < LIMIT_LINKED)
        memcpy(g->ids[g->n++], id, ID_SIZE);
}

static int see(void *arg, const struct link_row *row)
{
    join(arg, row->subject);
    join(arg, row->former);
    return 0;
}

int link_group(struct store *store, const char *subject,
               char group[static LIMIT_LINKED][ID_SIZE], size_t *n,
               struct error *err)
{
    struct group g = { group, 1 };

    memset(group[0], 0, ID_SIZE);
    memcpy(group[0], subject, strnlen(subject, ID_SIZE - 1));
    *n = 0;
    for (size_t i = 0; i < g.n; i++)
        if (link_of(store, g.ids[i], see, &g, err) != 0)
            return -1;
    *n = g.n;
    return 0;
}

/* ---- carried consents --------------------------------------------------- */

int carried_add(struct store *store, const char *link,
                const struct carried_row *row, struct error *err)
{
    sqlite3_stmt *st = get(store, CARRY, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, link);
    sql_text(st, 2, row->policy);
    sql_text(st, 3, row->purpose);
    sql_int(st, 4, row->yes_s);
    return sql_run(store, st, err);
}

static int carried_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct carried_row *row = out;

    (void)err;
    COLUMN_TEXT(st, 0, row->policy);
    COLUMN_TEXT(st, 1, row->purpose);
    row->yes_s = sqlite3_column_int64(st, 2);
    return 0;
}

ROWS_EACH(each_carried, struct carried_row, carried_read)

int carried_of(struct store *store, const char *link,
               int (*each)(void *arg, const struct carried_row *), void *arg,
               struct error *err)
{
    sqlite3_stmt *st = get(store, CARRIED, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, link);
    return each_carried(store, st, each, arg, err);
}

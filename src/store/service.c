/* What a report of the service is counted from: rows by their times, with what
 * else is known of each. */
#include "store_private.h"

#include <string.h>

enum {
    FIRST = SERVICE__MAX, /* a person's first message of ours since then */
    AGENT,                /* who had an agent between two times */
    PROMISE,              /* what was promised for a case */
    GONE
};

/* A page goes on behind a time and a place: rows of one millisecond are none
 * that is left out or told twice. */
#define PAGE(alias, time) PAGE_OF(alias, time, "")
#define PAGE_OF(alias, time, which)                                            \
    "WHERE " alias "." time " >= ?1 AND " alias "." time " < ?2 " which        \
    "AND (" alias "." time ", " alias ".rowid) > (?3, ?4) ORDER BY " alias     \
    "." time ", " alias ".rowid LIMIT ?5"
#define CASES                                                                  \
    " c.policy, c.procedure, c.state, '', min(c.opened, coalesce((SELECT"      \
    " min(a.received) FROM attachment a WHERE a.case_id = c.id),"              \
    " c.opened)), 0, 0, coalesce(c.closed, 0), 0, 0, 0, EXISTS (SELECT 1"      \
    " FROM case_item i WHERE i.case_id = c.id AND i.received NOT NULL) OR"     \
    " EXISTS (SELECT 1"                                                        \
    " FROM elsewhere e WHERE e.case_id = c.id AND e.ours = 0),"                \
    " 0, 0, c.subject, c.id"                                                   \
    " FROM cases c "
#define REQUESTS                                                               \
    " q.policy, coalesce((SELECT c.procedure FROM cases c WHERE"               \
    " c.id = q.case_id), ''), q.clock, '', q.received, 0, 0,"                  \
    " coalesce(q.closed, 0), q.due_at, 0, 0, 0, q.type = 'sla', 0, '', ''"     \
    " FROM request q "

static const char *const sql[] = {
    [SERVICE_CASE_OPENED] =
        "SELECT c.rowid, c.opened," CASES PAGE("c", "opened"),
    [SERVICE_CASE_CLOSED] =
        "SELECT c.rowid, c.closed," CASES PAGE("c", "closed"),
    [SERVICE_HANDOVER] =
        "SELECT h.rowid, h.asked, h.policy, '', '', v.number, h.asked,"
        " coalesce(h.replied, 0), coalesce(h.taken, 0), coalesce(h.ended, 0),"
        " 0, 0, 0, 0, 0, 0, '', '' FROM handover h CROSS JOIN conversation v"
        " ON v.id = h.conversation " PAGE("h", "asked"),
    [SERVICE_REQUEST] =
        /* What a document that was sent back put off is promised anew. */
    "SELECT q.rowid, q.closed," REQUESTS PAGE_OF(
        "q", "closed", "AND q.outcome IS NOT 'reopened' "),
    [SERVICE_RATING] =
        "SELECT g.rowid, g.asked, g.policy, coalesce((SELECT c.procedure"
        " FROM cases c WHERE c.id = g.case_id), ''), g.state, g.number,"
        " g.asked, coalesce(g.rated, 0), 0, 0, 0, 0, 0, 0, 0,"
        " coalesce(g.score, 0), '', '' FROM rating g " PAGE("g", "asked"),
    [SERVICE_OVERDUE] = "SELECT q.rowid, q.due_early_at," REQUESTS
                        "WHERE q.closed IS NULL AND q.due_early_at >= ?1"
                        " AND q.due_early_at < ?2 AND q.due_at < ?2"
                        " AND q.subject IS NOT NULL"
                        " AND (q.due_early_at, q.rowid) > (?3, ?4)"
                        " ORDER BY q.due_early_at, q.rowid LIMIT ?5",
    [FIRST] = "SELECT coalesce(min(created), 0) FROM outbox WHERE subject = ?1"
              " AND policy = ?2 AND created >= ?3 AND (kind = 'prompt'"
              " OR kind = 'receipt' OR kind = 'say' OR kind = 'document')",
    [AGENT] = "SELECT EXISTS (SELECT 1 FROM handover WHERE subject = ?1"
              " AND policy = ?2 AND taken < ?4"
              " AND (ended IS NULL OR ended >= ?3))",
    [PROMISE] = "SELECT due_at, coalesce(closed, 0) FROM request"
                " WHERE subject = ?1 AND case_id = ?2 AND type = 'sla'"
                " ORDER BY opened DESC LIMIT 1",
    [GONE] = ("SELECT NOT EXISTS (SELECT 1 FROM handle"
              " INDEXED BY handle_subject WHERE subject = ?1)"),
};
STATEMENTS(SQL_SERVICE)

struct found {
    struct service_row row;
    char subject[ID_SIZE], case_id[STORE_CASE_SIZE];
};

static int row_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct found *f = out;
    struct service_row *row = &f->row;

    (void)err;
    memset(f, 0, sizeof(*f));
    row->place = (uint64_t)sqlite3_column_int64(st, 0);
    row->at = sqlite3_column_int64(st, 1);
    COLUMN_TEXT(st, 2, row->policy);
    COLUMN_TEXT(st, 3, row->procedure);
    COLUMN_TEXT(st, 4, row->state);
    COLUMN_TEXT(st, 5, row->number);
    row->begun = sqlite3_column_int64(st, 6);
    row->first = sqlite3_column_int64(st, 7);
    row->taken = sqlite3_column_int64(st, 8);
    row->ended = sqlite3_column_int64(st, 9);
    row->due = sqlite3_column_int64(st, 10);
    row->due_ended = sqlite3_column_int64(st, 11);
    row->person = sqlite3_column_int(st, 12) != 0;
    row->elsewhere = sqlite3_column_int(st, 13) != 0;
    row->promise = sqlite3_column_int(st, 14) != 0;
    row->score = sqlite3_column_int(st, 15);
    COLUMN_TEXT(st, 16, f->subject);
    COLUMN_TEXT(st, 17, f->case_id);
    return 0;
}

/* ---- what else is known of a case --------------------------------------- */

/* Binds whose it is, and steps: 1, 0, -1. The caller ends it. */
static int look(struct store *store, sqlite3_stmt *st, const char *subject,
                const char *second, msec from, msec until, struct error *err)
{
    sql_text(st, 1, subject);
    if (second != NULL)
        sql_text(st, 2, second);
    if (from != 0)
        sql_int(st, 3, from);
    if (until != 0)
        sql_int(st, 4, until);
    return sql_step(store, st, err);
}

static int number_of(struct store *store, int which, const struct found *f,
                     const char *second, msec from, msec until, int64_t *out,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);
    int row = -1;

    if (st != NULL &&
        (row = look(store, st, f->subject, second, from, until, err)) == 1)
        *out = sqlite3_column_int64(st, 0);
    if (st != NULL)
        sql_done(st);
    return row < 0 ? -1 : 0;
}

static int read_promise(struct store *store, struct found *f, struct error *err)
{
    sqlite3_stmt *st = get(store, PROMISE, err);
    int row = -1;

    if (st != NULL &&
        (row = look(store, st, f->subject, f->case_id, 0, 0, err)) == 1) {
        f->row.due = sqlite3_column_int64(st, 0);
        f->row.due_ended = sqlite3_column_int64(st, 1);
    }
    if (st != NULL)
        sql_done(st);
    return row < 0 ? -1 : 0;
}

/* Of who was erased, messages and hand-overs are gone: nothing is said that
 * nobody knows. */
static int look_closer(struct store *store, struct found *f, struct error *err)
{
    struct service_row *row = &f->row;
    int64_t person = 0, gone = 0;

    if (f->case_id[0] == '\0')
        return 0;
    if (number_of(store, GONE, f, NULL, 0, 0, &gone, err) != 0 ||
        read_promise(store, f, err) != 0)
        return -1;
    row->gone = gone != 0;
    if (row->gone)
        return 0;
    if (number_of(store, FIRST, f, row->policy, row->begun, 0, &row->first,
                  err) != 0 ||
        number_of(store, AGENT, f, row->policy, row->begun,
                  row->ended != 0 ? row->ended : INT64_MAX, &person, err) != 0)
        return -1;
    row->person = person != 0;
    return 0;
}

int64_t service_page(struct store *store, enum service_kind kind, msec from,
                     msec until, struct service_row *after, service_each each,
                     void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, (int)kind, err);
    const struct found *found;
    struct rows rows;
    int64_t n = 0;
    int ok;

    if (st == NULL)
        return -1;
    sql_int(st, 1, from);
    sql_int(st, 2, until);
    sql_int(st, 3, after->at);
    sql_int(st, 4, (int64_t)after->place);
    sql_int(st, 5, LIMIT_SERVICE_ROWS);
    ok = rows_read(store, st, row_read, sizeof(*found), &rows, err);
    while (ok == 0 && (found = rows_next(&rows)) != NULL) {
        struct found f = *found;

        ok = look_closer(store, &f, err);
        if (ok == 0)
            ok = each(arg, &f.row);
        *after = f.row;
        n++;
    }
    rows_free(&rows);
    return ok != 0 ? -1 : n;
}

/* Requests, what was promised for cases, and incidents, with their dates. */
#include "columns_private.h"

#include <string.h>

enum {
    ADD,
    UPDATE,
    GET,
    W_PUT,
    W_GET,
    W_GET_OWN,
    RUNNING,
    IN_STATE,
    OF_PERSON,
    RUNNING_OF,
    FIND,
    NEXT,
    STEP_NEXT,
    RECEIVED
};

#define SELECT                                                                 \
    "SELECT id, subject, policy, type, clock, case_id, number, state,"         \
    " outcome, ground, due, due_early, zone, calendar, received, opened,"      \
    " began, due_at, due_early_at, warn_at, next, step, extensions, asked,"    \
    " give_up_at, legend, closed, escalated, handler, slot, requester,"        \
    " assurance, hears, untold, ask_until, ask_at, ask_next, forward_until,"   \
    " forward_at, forward_next, then_until, then_at, then_next, step_next"     \
    " FROM request "

static const char *const sql[] = {
    [ADD] = "INSERT INTO request (id, subject, policy, type, clock, number,"
            " received, opened, escalated, slot, state, began, due, due_early,"
            " due_at, due_early_at, warn_at, zone, calendar)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?7, ?15, ?16, ?28, ?30, 'open',"
            " ?15, '', '', 0, 0, 0, '', '')",
    [UPDATE] = "UPDATE request SET state = ?8, outcome = ?9, ground = ?10,"
               " due = ?11, due_early = ?12, zone = ?13, calendar = ?14,"
               " began = ?17, due_at = ?18, due_early_at = ?19, warn_at = ?20,"
               " next = ?21, step = ?22, extensions = ?23, asked = ?24,"
               " give_up_at = ?25, legend = ?26, closed = ?27, handler = ?29,"
               " case_id = ?6, requester = ?31, assurance = ?32,"
               " hears = ?33, untold = ?34,"
               " ask_until = ?35, ask_at = ?36, ask_next = ?37,"
               " forward_until = ?38, forward_at = ?39, forward_next = ?40,"
               " then_until = ?41, then_at = ?42, then_next = ?43,"
               " step_next = ?44"
               " WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [W_PUT] = "UPDATE request SET words_sealed = ?2 WHERE id = ?1",
    [W_GET] = "SELECT r.words_sealed, s.content_slot FROM request r"
              " JOIN subject s ON s.id = r.subject WHERE r.id = ?1"
              " AND r.words_sealed IS NOT NULL",
    [W_GET_OWN] = "SELECT words_sealed, slot FROM request WHERE id = ?1"
                  " AND words_sealed IS NOT NULL AND slot IS NOT NULL",
    [RUNNING] = SELECT "WHERE closed IS NULL AND due_early_at < ?1"
                       " ORDER BY due_early_at",
    [IN_STATE] = SELECT "WHERE state = ?2 AND due_early_at < ?1"
                        " ORDER BY due_early_at",
    [OF_PERSON] = SELECT "WHERE subject = ?1 ORDER BY opened",
    [RUNNING_OF] = SELECT "WHERE subject = ?1 AND closed IS NULL"
                          " ORDER BY policy, type",
    /* requester is '' where nobody asked. */
    [FIND] = SELECT "WHERE subject = ?1 AND policy = ?2 AND type = ?3"
                    " AND (requester IN ('', 'subject')) = ?4"
                    " AND closed IS NULL LIMIT 1",
    [NEXT] = SELECT "WHERE next <= ?1 AND next IS NOT NULL ORDER BY next"
                    " LIMIT ?2",
    [STEP_NEXT] = SELECT "WHERE step_next <= ?1 AND step_next IS NOT NULL"
                         " ORDER BY step_next LIMIT ?2",
    [RECEIVED] = SELECT "WHERE policy = ?3 AND received >= ?1"
                        " AND received < ?2 ORDER BY received",
};
STATEMENTS(SQL_REQUEST)

#define ROW struct request_row
static const struct column columns[] = {
    VALUE(id),           MAYBE(subject),       VALUE(policy),
    VALUE(type),         VALUE(clock),         MAYBE(case_id),
    MAYBE(number),       VALUE(state),         MAYBE(outcome),
    MAYBE(ground),       VALUE(due),           VALUE(due_early),
    VALUE(zone),         VALUE(calendar),      VALUE(received),
    VALUE(opened),       VALUE(began),         VALUE(due_at),
    VALUE(due_early_at), VALUE(warn_at),       MAYBE(next),
    VALUE(step),         VALUE(extensions),    MAYBE(asked),
    MAYBE(give_up_at),   MAYBE(legend),        MAYBE(closed),
    MAYBE(escalated),    WHO(handler),         MAYBE(slot),
    VALUE(requester),    VALUE(assurance),     MAYBE(hears),
    VALUE(untold),       MAYBE(ask.until),     MAYBE(ask.at),
    MAYBE(ask.next),     MAYBE(forward.until), MAYBE(forward.at),
    MAYBE(forward.next), MAYBE(then.until),    MAYBE(then.at),
    MAYBE(then.next),    MAYBE(step_next)
};
ROW_READ(row_read, columns)

/* ---- one ---------------------------------------------------------------- */

int request_add(struct store *store, struct request_row *row, struct error *err)
{
    sqlite3_stmt *st;

    if (row->subject[0] == '\0' && slot_alloc(store, &row->slot, err) != 0)
        return -1;
    if ((st = get(store, ADD, err)) == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run(store, st, err) == 0 ? request_update(store, row, err) : -1;
}

int request_update(struct store *store, const struct request_row *row,
                   struct error *err)
{
    bool waits =
        strcmp(row->state, "incomplete") == 0 || row->hears != 0 || row->untold;
    sqlite3_stmt *st;

    if (waits && row->subject[0] != '\0' &&
        subject_gains(store, row->subject, PERSON_ASKED, err) != 0)
        return -1;
    if ((st = get(store, UPDATE, err)) == NULL)
        return -1;
    columns_bind(st, columns, row);
    return sql_run_one(store, st, err);
}

int request_get(struct store *store, const char *id, struct request_row *out,
                struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

/* ---- words -------------------------------------------------------------- */

/* Nobody opens what the person's slot seals once it is destroyed: then nothing
 * is written either. */
int request_words_put(struct store *store, const struct request_row *row,
                      const void *text, size_t len, struct error *err)
{
    struct subject_row subject = { .content_slot = row->slot };
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    int ok = -1, found = 1;

    if (row->subject[0] != '\0')
        found = subject_get(store, row->subject, &subject, err);
    if (found > 0)
        found = slot_state(store, subject.content_slot, err);
    if (found <= 0)
        return found;
    if (field_seal(store, subject.content_slot, "request", "words", row->id,
                   text, len, &sealed, err) != 0 ||
        (st = get(store, W_PUT, err)) == NULL)
        goto out;
    sql_text(st, 1, row->id);
    sql_bytes(st, 2, sealed.p, sealed.len);
    ok = sql_run_one(store, st, err) == 0 ? 1 : -1;
out:
    buf_free(&sealed);
    return ok;
}

int request_words_get(struct store *store, const struct request_row *row,
                      struct buf *out, struct error *err)
{
    sqlite3_stmt *st =
        get(store, row->subject[0] != '\0' ? W_GET : W_GET_OWN, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    return row_open(store, st, "request", "words", row->id, out, err);
}

/* ---- many --------------------------------------------------------------- */

ROWS_EACH(each_row, struct request_row, row_read)

int request_list(struct store *store, const char *state, msec before,
                 request_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, state == NULL ? RUNNING : IN_STATE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, before);
    if (state != NULL)
        sql_text(st, 2, state);
    return each_row(store, st, each, arg, err);
}

int request_of_person(struct store *store, const char *subject, bool running,
                      request_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, running ? RUNNING_OF : OF_PERSON, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return each_row(store, st, each, arg, err);
}

bool request_by_other(const struct request_row *row)
{
    return row->requester[0] != '\0' && strcmp(row->requester, "subject") != 0;
}

int request_asked_of(struct store *store, const char *subject,
                     request_each each, void *arg, struct error *err)
{
    int has = subject_has(store, subject, PERSON_ASKED, err);

    return has <= 0 ? has
                    : request_of_person(store, subject, true, each, arg, err);
}

struct lacking {
    const char *policy;
    msec now;
    struct request_row best;
    int rank;
};

/* What they are telling us of right now comes before what they were asked for,
 * and that before what they answered already; 0: it waits for no word. */
static int rank_of(const struct lacking *l, const struct request_row *row)
{
    if (strcmp(row->policy, l->policy) != 0 || request_by_other(row))
        return 0;
    if (strcmp(row->state, "incomplete") == 0)
        return row->give_up_at != 0 ? 2 : 1;
    return l->now != 0 && row->hears > l->now ? 3 : 0;
}

static int is_lacking(void *arg, const struct request_row *row)
{
    struct lacking *l = arg;
    int rank = rank_of(l, row);

    if (rank > l->rank ||
        (rank == 3 && rank == l->rank && row->hears > l->best.hears)) {
        l->best = *row;
        l->rank = rank;
    }
    return 0;
}

int request_lacking(struct store *store, const char *subject,
                    const char *policy, msec now, struct request_row *out,
                    struct error *err)
{
    struct lacking l = { .policy = policy, .now = now };

    if (request_asked_of(store, subject, is_lacking, &l, err) != 0)
        return -1;
    if (l.rank > 0 && out != NULL)
        *out = l.best;
    return l.rank > 0;
}

int request_find(struct store *store, const char *subject, const char *policy,
                 const char *type, bool own, struct request_row *out,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, FIND, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_text(st, 3, type);
    sql_int(st, 4, own);
    return row_one(store, st, row_read, out, err);
}

static int first_of(struct store *store, int what, msec now, size_t max,
                    request_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, what, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int request_next(struct store *store, msec now, size_t max, request_each each,
                 void *arg, struct error *err)
{
    return first_of(store, NEXT, now, max, each, arg, err);
}

int request_step_next(struct store *store, msec now, size_t max,
                      request_each each, void *arg, struct error *err)
{
    return first_of(store, STEP_NEXT, now, max, each, arg, err);
}

int request_received(struct store *store, const char *policy, msec from,
                     msec until, request_each each, void *arg,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, RECEIVED, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, from);
    sql_int(st, 2, until);
    sql_text(st, 3, policy);
    return each_row(store, st, each, arg, err);
}

/* Announced files. Lists that a writer walks are read before the first call. */
#include "store_private.h"

#include <string.h>

enum {
    ADD,
    UPDATE,
    GET,
    CLAIMS,
    OF_SUBJECT,
    WAITED,
    NEXT,
    LAST_TURN,
    FIRST_TURN,
    OVERDUE,
    UNDER_WAY,
    TO_WARN,
    EXPIRED,
    UNTOLD,
    ACTIVE,
    TO_DELETE,
    LIST,
    LIST_STATE,
    ROWID,
    HELD_PURPOSES,
    HELD,
    OF_PERSON,
    OF_EPOCH
};

#define COLUMNS                                                                \
    "id, subject, policy, number, kind, state, announced_type, purposes,"      \
    " received, provider_s, deadline, lifetime, next_try, tries,"              \
    " hash_failures, judge_deaths, payload, case_id, reason, told, meta_copy," \
    " warn_at, turn, slot, epoch, item, represented,"                          \
    " matched"
#define SELECT "SELECT " COLUMNS " FROM attachment "

static const char *const sql[] = {
    [ADD] = "INSERT INTO attachment (" COLUMNS ", claims_sealed) VALUES (?1,"
            " ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
            " ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25,"
            " ?26, ?27, ?28, ?29)",
    [UPDATE] = "UPDATE attachment SET state = ?2, deadline = ?3, next_try = ?4,"
               " tries = ?5, hash_failures = ?6, judge_deaths = ?7,"
               " payload = ?8, case_id = ?9, reason = ?10, told = ?11,"
               " meta_copy = ?12, warn_at = ?13, turn = ?14,"
               " epoch = ?15, item = ?16, purposes = ?17, represented = ?18,"
               " matched = ?19"
               " WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [CLAIMS] = "SELECT claims_sealed, slot FROM attachment WHERE id = ?1",
    /* The cast keeps SQLite from comparing the bound state with those of the
     * partial indexes, for which it would prepare the statement every time. */
    [OF_SUBJECT] = SELECT "WHERE subject = ?1 AND policy = ?2"
                          " AND state = CAST(?3 AS TEXT)"
                          " ORDER BY received, rowid",
    [WAITED] = SELECT "WHERE state = 'queued' AND turn = 0 AND next_try <= ?1"
                      " ORDER BY next_try, rowid LIMIT ?2",
    [NEXT] = SELECT "WHERE state = 'queued' AND turn > 0"
                    " ORDER BY turn, lifetime, rowid LIMIT ?1",
    [LAST_TURN] = "SELECT max(turn) FROM attachment WHERE subject = ?1"
                  " AND turn > 0",
    [FIRST_TURN] = "SELECT min(turn) FROM attachment"
                   " WHERE state = 'queued' AND turn > 0",
    [OVERDUE] = SELECT "WHERE state IN ('fetching', 'judging')"
                       " AND next_try <= ?1 ORDER BY next_try LIMIT ?2",
    [UNDER_WAY] = "SELECT count(*) FROM attachment"
                  " WHERE state IN ('fetching', 'judging')",
    [OF_EPOCH] = "SELECT count(*) FROM attachment"
                 " WHERE state IN ('fetching', 'judging') AND epoch = ?1",
    [TO_WARN] = SELECT "WHERE state = 'queued' AND warn_at IS NOT NULL"
                       " AND warn_at <= ?1 ORDER BY warn_at LIMIT ?2",
    [EXPIRED] = SELECT "WHERE (state = 'held' AND deadline <= ?1)"
                       " OR (state = 'queued' AND lifetime <= ?1) LIMIT ?2",
    [UNTOLD] = SELECT "WHERE subject = ?1 AND policy = ?2 AND number = ?3"
                      " AND told = 0 AND state IN ('stored', 'refused',"
                      " 'quarantined', 'expired') ORDER BY received, rowid",
    [ACTIVE] = "SELECT count(*) FROM attachment WHERE subject = ?1"
               " AND policy = ?2 AND state IN ('queued', 'fetching',"
               " 'judging')",
    [TO_DELETE] = SELECT "WHERE meta_copy = 1 AND next_try <= ?1"
                         " ORDER BY next_try LIMIT ?2",
    [LIST] = SELECT "WHERE ?1 IS NULL AND rowid < ?2 ORDER BY rowid DESC"
                    " LIMIT ?3",
    [LIST_STATE] = SELECT "WHERE state || '' = ?1 AND rowid < ?2"
                          " ORDER BY rowid DESC LIMIT ?3",
    [ROWID] = "SELECT rowid FROM attachment WHERE id = ?1",
    [HELD_PURPOSES] = "SELECT DISTINCT purposes FROM attachment"
                      " WHERE subject = ?1 AND policy = ?2 AND state = 'held'"
                      " AND (?3 OR kind <> 'audio')",
    [HELD] = "SELECT count(*) FROM attachment WHERE subject = ?1"
             " AND policy = ?2 AND state = CAST('held' AS TEXT)",
    [OF_PERSON] = SELECT "WHERE subject = ?1 LIMIT ?2",
};
STATEMENTS(SQL_ATTACHMENT)

static int row_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct attachment_row *row = out;

    (void)err;
    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->id);
    COLUMN_TEXT(st, 1, row->subject);
    COLUMN_TEXT(st, 2, row->policy);
    COLUMN_TEXT(st, 3, row->number);
    COLUMN_TEXT(st, 4, row->kind);
    COLUMN_TEXT(st, 5, row->state);
    COLUMN_TEXT(st, 6, row->announced_type);
    COLUMN_TEXT(st, 7, row->purposes);
    row->received = sqlite3_column_int64(st, 8);
    row->provider_s = sqlite3_column_int64(st, 9);
    row->deadline = sqlite3_column_int64(st, 10);
    row->lifetime = sqlite3_column_int64(st, 11);
    row->next_try = sqlite3_column_int64(st, 12);
    row->tries = sqlite3_column_int(st, 13);
    row->hash_failures = sqlite3_column_int(st, 14);
    row->judge_deaths = sqlite3_column_int(st, 15);
    COLUMN_TEXT(st, 16, row->payload);
    COLUMN_TEXT(st, 17, row->case_id);
    COLUMN_TEXT(st, 18, row->reason);
    row->told = sqlite3_column_int(st, 19);
    row->meta_copy = sqlite3_column_int(st, 20);
    row->warn_at = sqlite3_column_int64(st, 21);
    row->turn = sqlite3_column_int64(st, 22);
    row->slot = (uint64_t)sqlite3_column_int64(st, 23);
    row->epoch = (unsigned)sqlite3_column_int(st, 24);
    COLUMN_TEXT(st, 25, row->item);
    row->represented = sqlite3_column_int(st, 26) != 0;
    row->matched = (unsigned)sqlite3_column_int(st, 27);
    return 0;
}

/* 0 is written as NULL: nothing to warn of any more. */
static void bind_warn_at(sqlite3_stmt *st, int i, msec warn_at)
{
    if (warn_at != 0)
        sql_int(st, i, warn_at);
}

/* A file that is for no item yet is looked for with every message; what is
 * spoken, among those that wait. */
static int gained(struct store *store, const struct attachment_row *row,
                  struct error *err)
{
    if (strcmp(row->kind, "audio") == 0 &&
        subject_gains(store, row->subject, PERSON_VOICE, err) != 0)
        return -1;
    return strcmp(row->item, ITEM_UNCLEAR) != 0 &&
                   strcmp(row->item, ITEM_ASKED) != 0
               ? 0
               : subject_gains(store, row->subject, PERSON_UNCLEAR, err);
}

int attachment_add(struct store *store, const struct attachment_row *row,
                   const void *claims, size_t len, struct error *err)
{
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    uint64_t slot;
    int ok = -1;

    if (subject_gains(store, row->subject, PERSON_FILE, err) != 0 ||
        gained(store, row, err) != 0 || slot_alloc(store, &slot, err) != 0 ||
        field_seal(store, slot, "attachment", "claims", row->id, claims, len,
                   &sealed, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        goto out;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->subject);
    sql_text(st, 3, row->policy);
    sql_text(st, 4, row->number);
    sql_text(st, 5, row->kind);
    sql_text(st, 6, row->state);
    sql_text(st, 7, row->announced_type);
    sql_text(st, 8, row->purposes);
    sql_int(st, 9, row->received);
    sql_int(st, 10, row->provider_s);
    sql_int(st, 11, row->deadline);
    sql_int(st, 12, row->lifetime);
    sql_int(st, 13, row->next_try);
    sql_int(st, 14, row->tries);
    sql_int(st, 15, row->hash_failures);
    sql_int(st, 16, row->judge_deaths);
    sql_text_or_null(st, 17, row->payload);
    sql_text_or_null(st, 18, row->case_id);
    sql_text_or_null(st, 19, row->reason);
    sql_int(st, 20, row->told);
    sql_int(st, 21, row->meta_copy);
    bind_warn_at(st, 22, row->warn_at);
    sql_int(st, 23, row->turn);
    sql_int(st, 24, (int64_t)slot);
    sql_int(st, 25, row->epoch);
    sql_text(st, 26, row->item);
    sql_int(st, 27, row->represented);
    sql_int(st, 28, row->matched);
    sql_bytes(st, 29, sealed.p, sealed.len);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

int attachment_update(struct store *store, const struct attachment_row *row,
                      struct error *err)
{
    sqlite3_stmt *st;

    if (gained(store, row, err) != 0 || (st = get(store, UPDATE, err)) == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->state);
    sql_int(st, 3, row->deadline);
    sql_int(st, 4, row->next_try);
    sql_int(st, 5, row->tries);
    sql_int(st, 6, row->hash_failures);
    sql_int(st, 7, row->judge_deaths);
    sql_text_or_null(st, 8, row->payload);
    sql_text_or_null(st, 9, row->case_id);
    sql_text_or_null(st, 10, row->reason);
    sql_int(st, 11, row->told);
    sql_int(st, 12, row->meta_copy);
    bind_warn_at(st, 13, row->warn_at);
    sql_int(st, 14, row->turn);
    sql_int(st, 15, row->epoch);
    sql_text(st, 16, row->item);
    sql_text(st, 17, row->purposes);
    sql_int(st, 18, row->represented);
    sql_int(st, 19, row->matched);
    return sql_run_one(store, st, err);
}

int attachment_get(struct store *store, const char *id,
                   struct attachment_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

int attachment_claims(struct store *store, const char *id, struct buf *out,
                      struct error *err)
{
    sqlite3_stmt *st = get(store, CLAIMS, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_open(store, st, "attachment", "claims", id, out, err);
}

ROWS_EACH(each_row, struct attachment_row, row_read)

int attachment_of_subject(struct store *store, const char *subject,
                          const char *policy, const char *state,
                          attachment_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_SUBJECT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_text(st, 3, state);
    return each_row(store, st, each, arg, err);
}

int attachment_of_person(struct store *store, const char *subject, size_t max,
                         attachment_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, OF_PERSON, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int attachment_held_purposes(struct store *store, const char *subject,
                             const char *policy, bool spoken,
                             int (*each)(void *arg, const char *purposes),
                             void *arg, struct error *err)
{
    int has = subject_has(store, subject, PERSON_FILE, err), voice;
    sqlite3_stmt *st;

    if (has <= 0)
        return has;
    /* Where there is none the index alone is read, and no row. */
    if ((voice = subject_has(store, subject, PERSON_VOICE, err)) < 0 ||
        (st = get(store, HELD_PURPOSES, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_int(st, 3, spoken || voice == 0);
    return rows_each_text(store, st, STORE_LIST_SIZE, each, arg, err);
}

static int by_time(struct store *store, int which, msec now, size_t max,
                   attachment_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int attachment_waited(struct store *store, msec now, size_t max,
                      attachment_each each, void *arg, struct error *err)
{
    return by_time(store, WAITED, now, max, each, arg, err);
}

int attachment_next(struct store *store, size_t max, attachment_each each,
                    void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, NEXT, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int64_t attachment_last_turn(struct store *store, const char *subject,
                             struct error *err)
{
    sqlite3_stmt *st = get(store, LAST_TURN, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return row_number(store, st, err);
}

int64_t attachment_first_turn(struct store *store, struct error *err)
{
    sqlite3_stmt *st = get(store, FIRST_TURN, err);

    return st == NULL ? -1 : row_number(store, st, err);
}

int attachment_overdue(struct store *store, msec now, size_t max,
                       attachment_each each, void *arg, struct error *err)
{
    return by_time(store, OVERDUE, now, max, each, arg, err);
}

int64_t attachment_under_way(struct store *store, struct error *err)
{
    sqlite3_stmt *st = get(store, UNDER_WAY, err);

    return st == NULL ? -1 : row_number(store, st, err);
}

int64_t attachment_of_epoch(struct store *store, unsigned epoch,
                            struct error *err)
{
    sqlite3_stmt *st = get(store, OF_EPOCH, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, epoch);
    return row_number(store, st, err);
}

int attachment_to_warn(struct store *store, msec now, size_t max,
                       attachment_each each, void *arg, struct error *err)
{
    return by_time(store, TO_WARN, now, max, each, arg, err);
}

int attachment_expired(struct store *store, msec now, size_t max,
                       attachment_each each, void *arg, struct error *err)
{
    return by_time(store, EXPIRED, now, max, each, arg, err);
}

int attachment_untold(struct store *store, const char *subject,
                      const char *policy, const char *number,
                      attachment_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, UNTOLD, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_text(st, 3, number);
    return each_row(store, st, each, arg, err);
}

int64_t attachment_active(struct store *store, const char *subject,
                          const char *policy, struct error *err)
{
    sqlite3_stmt *st = get(store, ACTIVE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    return row_number(store, st, err);
}

int64_t attachment_held(struct store *store, const char *subject,
                        const char *policy, struct error *err)
{
    sqlite3_stmt *st = get(store, HELD, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    return row_number(store, st, err);
}

int attachment_to_delete(struct store *store, msec now, size_t max,
                         attachment_each each, void *arg, struct error *err)
{
    return by_time(store, TO_DELETE, now, max, each, arg, err);
}

/* Pages by row number, each page a read of its own. */
struct page {
    attachment_each each;
    void *arg;
    char last[ID_SIZE];
    size_t n;
};

static int page_one(void *arg, const struct attachment_row *row)
{
    struct page *page = arg;

    memcpy(page->last, row->id, ID_SIZE);
    page->n++;
    return page->each(page->arg, row);
}

static int64_t rowid_of(struct store *store, const char *id, struct error *err)
{
    sqlite3_stmt *st = get(store, ROWID, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_number(store, st, err);
}

int attachment_list(struct store *store, const char *state,
                    attachment_each each, void *arg, struct error *err)
{
    int64_t before = INT64_MAX;
    int stop;

    for (;;) {
        struct page page = { each, arg, "", 0 };
        sqlite3_stmt *st = get(store, state == NULL ? LIST : LIST_STATE, err);

        if (st == NULL)
            return -1;
        if (state != NULL)
            sql_text(st, 1, state);
        sql_int(st, 2, before);
        sql_int(st, 3, LIMIT_READER_ROWS);
        if ((stop = each_row(store, st, page_one, &page, err)) != 0 ||
            page.n < LIMIT_READER_ROWS)
            return stop;
        if ((before = rowid_of(store, page.last, err)) < 0)
            return -1;
    }
}

/* Decisions as they stand, and the questions put. */
#include "store_private.h"

#include <string.h>

enum {
    GET,
    PUT,
    LIST,
    OF_PERSON,
    DUE,
    P_ADD,
    P_UPDATE,
    P_GET,
    P_OUTBOX,
    P_OPEN,
    P_ASKED
};

#define CONSENT_COLUMNS                                                        \
    "subject, policy, purpose, state, yes_s, no_s, reprompted,"                \
    " notice_version, expires"
#define PROMPT_COLUMNS                                                         \
    "id, subject, policy, purpose, notice_version, language, with_notice,"     \
    " prompt_sha256, outbox, state, asked, handed_s, presented"

static const char *const sql[] = {
    [GET] = "SELECT " CONSENT_COLUMNS " FROM consent WHERE subject = ?1"
            " AND policy = ?2 AND purpose = ?3",
    [PUT] = "INSERT INTO consent (" CONSENT_COLUMNS ")"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, nullif(?9, 0))"
            " ON CONFLICT (subject, policy, purpose) DO UPDATE SET"
            " state = excluded.state, yes_s = excluded.yes_s,"
            " no_s = excluded.no_s, reprompted = excluded.reprompted,"
            " notice_version = excluded.notice_version,"
            " expires = excluded.expires",
    [LIST] = "SELECT " CONSENT_COLUMNS " FROM consent",
    [OF_PERSON] = "SELECT " CONSENT_COLUMNS " FROM consent WHERE subject = ?1",
    [DUE] = "SELECT " CONSENT_COLUMNS " FROM consent WHERE expires <= ?1"
            " ORDER BY expires LIMIT ?2",
    [P_ADD] = "INSERT INTO prompt (" PROMPT_COLUMNS ") VALUES (?1, ?2, ?3, ?4,"
              " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [P_UPDATE] = "UPDATE prompt SET state = ?2, handed_s = ?3, presented = ?4"
                 " WHERE id = ?1",
    [P_GET] = "SELECT " PROMPT_COLUMNS " FROM prompt WHERE id = ?1",
    [P_OUTBOX] = "SELECT " PROMPT_COLUMNS " FROM prompt WHERE outbox = ?1",
    [P_OPEN] = "SELECT " PROMPT_COLUMNS " FROM prompt WHERE subject = ?1"
               " AND policy = ?2 AND state = 'open' ORDER BY rowid",
    [P_ASKED] = "SELECT 1 FROM prompt WHERE subject = ?1 AND policy = ?2"
                " AND purpose = ?3 AND notice_version = ?4 LIMIT 1",
};
STATEMENTS(SQL_CONSENT)

/* ---- decisions ---------------------------------------------------------- */

static int consent_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct consent_row *row = out;

    (void)err;
    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->subject);
    COLUMN_TEXT(st, 1, row->policy);
    COLUMN_TEXT(st, 2, row->purpose);
    COLUMN_TEXT(st, 3, row->state);
    row->yes_s = sqlite3_column_int64(st, 4);
    row->no_s = sqlite3_column_int64(st, 5);
    row->reprompted = sqlite3_column_int64(st, 6);
    COLUMN_TEXT(st, 7, row->notice_version);
    row->expires = sqlite3_column_int64(st, 8);
    return 0;
}

int consent_get(struct store *store, const char *subject, const char *policy,
                const char *purpose, struct consent_row *out, struct error *err)
{
    int has = subject_has(store, subject, PERSON_CONSENT, err);
    sqlite3_stmt *st;

    if (has <= 0)
        return has;
    if ((st = get(store, GET, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_text(st, 3, purpose);
    return row_one(store, st, consent_read, out, err);
}

int consent_put(struct store *store, const struct consent_row *row,
                struct error *err)
{
    sqlite3_stmt *st;

    if (subject_gains(store, row->subject, PERSON_CONSENT, err) != 0 ||
        (st = get(store, PUT, err)) == NULL)
        return -1;
    sql_text(st, 1, row->subject);
    sql_text(st, 2, row->policy);
    sql_text(st, 3, row->purpose);
    sql_text(st, 4, row->state);
    sql_int(st, 5, row->yes_s);
    sql_int(st, 6, row->no_s);
    sql_int(st, 7, row->reprompted);
    sql_text(st, 8, row->notice_version);
    sql_int(st, 9, row->expires);
    return sql_run(store, st, err);
}

static int each_consent(struct store *store, int which, const char *subject,
                        int (*each)(void *arg, const struct consent_row *),
                        void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);
    struct consent_row consent;
    int row, stop = 0;

    if (st == NULL)
        return -1;
    if (subject != NULL)
        sql_text(st, 1, subject);
    while ((row = sql_step(store, st, err)) > 0) {
        (void)consent_read(st, &consent, err);
        if ((stop = each(arg, &consent)) != 0)
            break;
    }
    sql_done(st);
    return row < 0 ? -1 : stop;
}

int consent_list(struct store *store,
                 int (*each)(void *arg, const struct consent_row *), void *arg,
                 struct error *err)
{
    return each_consent(store, LIST, NULL, each, arg, err);
}

int consent_of_person(struct store *store, const char *subject,
                      int (*each)(void *arg, const struct consent_row *),
                      void *arg, struct error *err)
{
    return each_consent(store, OF_PERSON, subject, each, arg, err);
}

ROWS_EACH(each_row, struct consent_row, consent_read)

int consent_due(struct store *store, msec now, size_t max,
                int (*each)(void *arg, const struct consent_row *), void *arg,
                struct error *err)
{
    sqlite3_stmt *st = get(store, DUE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

/* ---- prompts ------------------------------------------------------------ */

static int prompt_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct prompt_row *row = out;

    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->id);
    COLUMN_TEXT(st, 1, row->subject);
    COLUMN_TEXT(st, 2, row->policy);
    COLUMN_TEXT(st, 3, row->purpose);
    COLUMN_TEXT(st, 4, row->notice_version);
    COLUMN_TEXT(st, 5, row->language);
    row->with_notice = sqlite3_column_int(st, 6) != 0;
    COLUMN_TEXT(st, 8, row->outbox);
    COLUMN_TEXT(st, 9, row->state);
    row->asked = sqlite3_column_int64(st, 10);
    row->handed_s = sqlite3_column_int64(st, 11);
    row->presented = sqlite3_column_int(st, 12) != 0;
    return sql_column_fixed(st, 7, row->prompt_sha256, SHA256_LEN, err);
}

int prompt_add(struct store *store, const struct prompt_row *row,
               struct error *err)
{
    sqlite3_stmt *st;

    if (subject_gains(store, row->subject, PERSON_PROMPT, err) != 0 ||
        (st = get(store, P_ADD, err)) == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->subject);
    sql_text(st, 3, row->policy);
    sql_text(st, 4, row->purpose);
    sql_text(st, 5, row->notice_version);
    sql_text(st, 6, row->language);
    sql_int(st, 7, row->with_notice);
    sql_bytes(st, 8, row->prompt_sha256, SHA256_LEN);
    sql_text(st, 9, row->outbox);
    sql_text(st, 10, row->state);
    sql_int(st, 11, row->asked);
    sql_int(st, 12, row->handed_s);
    sql_int(st, 13, row->presented);
    return sql_run(store, st, err);
}

int prompt_update(struct store *store, const struct prompt_row *row,
                  struct error *err)
{
    sqlite3_stmt *st = get(store, P_UPDATE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->state);
    sql_int(st, 3, row->handed_s);
    sql_int(st, 4, row->presented);
    return sql_run_one(store, st, err);
}

static int prompt_one(struct store *store, int which, const char *key,
                      struct prompt_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, key);
    return row_one(store, st, prompt_read, out, err);
}

int prompt_get(struct store *store, const char *id, struct prompt_row *out,
               struct error *err)
{
    return prompt_one(store, P_GET, id, out, err);
}

int prompt_by_outbox(struct store *store, const char *outbox,
                     struct prompt_row *out, struct error *err)
{
    return prompt_one(store, P_OUTBOX, outbox, out, err);
}

int prompt_list_open(struct store *store, const char *subject,
                     const char *policy, struct prompt_row *out, size_t cap,
                     size_t *n, struct error *err)
{
    int row, has = subject_has(store, subject, PERSON_PROMPT, err);
    sqlite3_stmt *st;

    *n = 0;
    if (has <= 0)
        return has;
    if ((st = get(store, P_OPEN, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    while ((row = sql_step(store, st, err)) > 0 && *n < cap)
        if (prompt_read(st, &out[(*n)++], err) != 0) {
            row = -1;
            break;
        }
    sql_done(st);
    return row < 0 ? -1 : 0;
}

int prompt_was_put(struct store *store, const char *subject, const char *policy,
                   const char *purpose, const char *version, struct error *err)
{
    sqlite3_stmt *st = get(store, P_ASKED, err);
    int found;

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_text(st, 3, purpose);
    sql_text(st, 4, version);
    found = sql_step(store, st, err);
    sql_done(st);
    return found;
}

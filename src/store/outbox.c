/* Messages to customers, and the bursts that become one receipt. */
#include "store_private.h"

#include <string.h>

enum {
    ADD,
    UPDATE,
    DELIVERED,
    GET,
    BODY,
    BY_WAMID,
    BY_ATTEMPT,
    DUE,
    OVERDUE,
    UNSURE,
    UNDER_WAY,
    WIPE,
    B_GET,
    B_PUT,
    B_DELETE,
    B_DUE,
    NEXT_DUE
};

#define COLUMNS                                                                \
    "id, subject, policy, number, kind, state, attempt, delivery, created,"    \
    " next_try, tries"
#define SELECT "SELECT " COLUMNS " FROM outbox "

static const char *const sql[] = {
    [ADD] = "INSERT INTO outbox (" COLUMNS ", body_sealed) VALUES (?1, ?2, ?3,"
            " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [UPDATE] = "UPDATE outbox SET state = ?2, attempt = ?3, delivery = ?4,"
               " next_try = ?5, tries = ?6,"
               " wamid_idx = coalesce(?7, wamid_idx) WHERE id = ?1",
    [DELIVERED] = "UPDATE outbox SET delivery = ?2 WHERE id = ?1",
    [GET] = SELECT "WHERE id = ?1",
    [BODY] = "SELECT o.body_sealed, s.content_slot FROM outbox o"
             " JOIN subject s ON s.id = o.subject WHERE o.id = ?1",
    [BY_WAMID] = SELECT "WHERE wamid_idx = ?1",
    [BY_ATTEMPT] = SELECT "WHERE attempt = ?1",
    [DUE] = SELECT "WHERE state = 'pending' AND next_try <= ?1"
                   " ORDER BY next_try, rowid LIMIT ?2",
    [OVERDUE] = SELECT "WHERE state = 'sending' AND next_try <= ?1"
                       " ORDER BY next_try, rowid LIMIT ?2",
    [UNSURE] = SELECT "WHERE state = 'unknown' AND kind = 'prompt'"
                      " AND next_try <= ?1 ORDER BY next_try, rowid LIMIT ?2",
    [UNDER_WAY] = "SELECT count(*) FROM outbox WHERE state = 'sending'",
    [WIPE] = "UPDATE outbox SET body_sealed = x'' WHERE id = ?1",
    [B_GET] = "SELECT first_end, due FROM burst WHERE subject = ?1"
              " AND policy = ?2 AND number = ?3",
    [B_PUT] = "INSERT INTO burst (subject, policy, number, first_end, due)"
              " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (subject, policy,"
              " number) DO UPDATE SET first_end = excluded.first_end,"
              " due = excluded.due",
    [B_DELETE] = "DELETE FROM burst WHERE subject = ?1 AND policy = ?2"
                 " AND number = ?3",
    [B_DUE] = "SELECT subject, policy, number, first_end, due FROM burst"
              " WHERE due <= ?1 ORDER BY due LIMIT ?2",
    [NEXT_DUE] = "SELECT min(t) FROM ("
                 "SELECT min(next_try) AS t FROM outbox WHERE state = 'pending'"
                 " UNION ALL "
                 "SELECT min(next_try) FROM outbox WHERE state = 'sending'"
                 " UNION ALL "
                 "SELECT min(next_try) FROM outbox WHERE state = 'unknown'"
                 " AND kind = 'prompt'"
                 " UNION ALL "
                 "SELECT min(next_try) FROM attachment WHERE state = 'queued'"
                 " AND turn = 0"
                 " UNION ALL "
                 "SELECT 0 * min(turn) FROM attachment WHERE state = 'queued'"
                 " AND turn > 0"
                 " UNION ALL "
                 "SELECT min(next_try) FROM attachment WHERE meta_copy = 1"
                 " UNION ALL "
                 "SELECT min(warn_at) FROM attachment WHERE state = 'queued'"
                 " AND warn_at IS NOT NULL"
                 " UNION ALL "
                 "SELECT min(next_try) FROM attachment"
                 " WHERE state IN ('fetching', 'judging')"
                 " UNION ALL "
                 "SELECT min(lifetime) FROM attachment WHERE state = 'queued'"
                 " UNION ALL "
                 "SELECT min(deadline) FROM attachment WHERE state = 'held'"
                 " UNION ALL "
                 "SELECT min(next_try) FROM forget WHERE state = 'open'"
                 " UNION ALL "
                 "SELECT min(due) FROM burst)",
};
STATEMENTS(SQL_OUTBOX)

static int row_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct outbox_row *row = out;

    (void)err;
    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->id);
    COLUMN_TEXT(st, 1, row->subject);
    COLUMN_TEXT(st, 2, row->policy);
    COLUMN_TEXT(st, 3, row->number);
    COLUMN_TEXT(st, 4, row->kind);
    COLUMN_TEXT(st, 5, row->state);
    COLUMN_TEXT(st, 6, row->attempt);
    COLUMN_TEXT(st, 7, row->delivery);
    row->created = sqlite3_column_int64(st, 8);
    row->next_try = sqlite3_column_int64(st, 9);
    row->tries = sqlite3_column_int(st, 10);
    return 0;
}

int outbox_add(struct store *store, const struct outbox_row *row,
               const void *body, size_t len, struct error *err)
{
    struct subject_row subject;
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    int ok = -1;

    if (subject_need(store, row->subject, &subject, err) != 0 ||
        field_seal(store, subject.content_slot, "outbox", "body", row->id, body,
                   len, &sealed, err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        goto out;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->subject);
    sql_text(st, 3, row->policy);
    sql_text(st, 4, row->number);
    sql_text(st, 5, row->kind);
    sql_text(st, 6, row->state);
    sql_text_or_null(st, 7, row->attempt);
    sql_text_or_null(st, 8, row->delivery);
    sql_int(st, 9, row->created);
    sql_int(st, 10, row->next_try);
    sql_int(st, 11, row->tries);
    sql_bytes(st, 12, sealed.p, sealed.len);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

int outbox_update(struct store *store, const struct outbox_row *row,
                  const char *wamid, struct error *err)
{
    uint8_t index[INDEX_LEN];
    sqlite3_stmt *st;

    if (wamid != NULL && (meta_numbers(store, err) != 0 ||
                          field_index(store, store->dedup_slot, "wamid", wamid,
                                      index, err) != 0))
        return -1;
    if ((st = get(store, UPDATE, err)) == NULL)
        return -1;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->state);
    sql_text_or_null(st, 3, row->attempt);
    sql_text_or_null(st, 4, row->delivery);
    sql_int(st, 5, row->next_try);
    sql_int(st, 6, row->tries);
    if (wamid != NULL)
        sql_bytes(st, 7, index, sizeof(index));
    return sql_run_one(store, st, err);
}

int outbox_delivered(struct store *store, const char *id, const char *delivery,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, DELIVERED, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_text(st, 2, delivery);
    return sql_run_one(store, st, err);
}

int outbox_wipe(struct store *store, const char *id, struct error *err)
{
    sqlite3_stmt *st = get(store, WIPE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return sql_run_one(store, st, err);
}

int outbox_get(struct store *store, const char *id, struct outbox_row *out,
               struct error *err)
{
    sqlite3_stmt *st = get(store, GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_one(store, st, row_read, out, err);
}

static int by_wamid_under(struct store *store, int64_t slot, const char *wamid,
                          struct outbox_row *out, struct error *err)
{
    uint8_t index[INDEX_LEN];
    sqlite3_stmt *st;

    if (field_index(store, slot, "wamid", wamid, index, err) != 0 ||
        (st = get(store, BY_WAMID, err)) == NULL)
        return -1;
    sql_bytes(st, 1, index, sizeof(index));
    return row_one(store, st, row_read, out, err);
}

/* Under the key of its day: that changes every ten days, and one is kept. */
int outbox_by_wamid(struct store *store, const char *wamid,
                    struct outbox_row *out, struct error *err)
{
    int found;

    if (meta_numbers(store, err) != 0)
        return -1;
    found = by_wamid_under(store, store->dedup_slot, wamid, out, err);
    if (found != 0 || store->dedup_former == 0)
        return found;
    return by_wamid_under(store, store->dedup_former, wamid, out, err);
}

int outbox_by_attempt(struct store *store, const char *attempt,
                      struct outbox_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, BY_ATTEMPT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, attempt);
    return row_one(store, st, row_read, out, err);
}

int outbox_body(struct store *store, const char *id, struct buf *out,
                struct error *err)
{
    sqlite3_stmt *st = get(store, BODY, err);
    int found;

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    found = row_open(store, st, "outbox", "body", id, out, err);
    if (found == 0)
        error_set(err, ERR_NOT_FOUND, "no such message");
    return found == 1 ? 0 : -1;
}

ROWS_EACH(each_row, struct outbox_row, row_read)

static int by_time(struct store *store, int which, msec now, size_t max,
                   outbox_each each, void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)max);
    return each_row(store, st, each, arg, err);
}

int outbox_due(struct store *store, msec now, size_t max, outbox_each each,
               void *arg, struct error *err)
{
    return by_time(store, DUE, now, max, each, arg, err);
}

int outbox_overdue(struct store *store, msec now, size_t max, outbox_each each,
                   void *arg, struct error *err)
{
    return by_time(store, OVERDUE, now, max, each, arg, err);
}

int outbox_unsure(struct store *store, msec now, size_t max, outbox_each each,
                  void *arg, struct error *err)
{
    return by_time(store, UNSURE, now, max, each, arg, err);
}

int64_t outbox_under_way(struct store *store, struct error *err)
{
    sqlite3_stmt *st = get(store, UNDER_WAY, err);

    return st == NULL ? -1 : row_number(store, st, err);
}

/* ---- bursts ------------------------------------------------------------- */

static sqlite3_stmt *burst_statement(struct store *store, int which,
                                     const char *subject, const char *policy,
                                     const char *number, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st != NULL) {
        sql_text(st, 1, subject);
        sql_text(st, 2, policy);
        sql_text(st, 3, number);
    }
    return st;
}

int burst_get(struct store *store, const char *subject, const char *policy,
              const char *number, struct burst_row *out, struct error *err)
{
    sqlite3_stmt *st =
        burst_statement(store, B_GET, subject, policy, number, err);
    int row;

    if (st == NULL)
        return -1;
    if ((row = sql_step(store, st, err)) == 1) {
        memset(out, 0, sizeof(*out));
        memcpy(out->subject, subject, strnlen(subject, ID_SIZE - 1));
        memcpy(out->policy, policy, strnlen(policy, STORE_NAME_SIZE - 1));
        memcpy(out->number, number, strnlen(number, STORE_NAME_SIZE - 1));
        out->first_end = sqlite3_column_int64(st, 0);
        out->due = sqlite3_column_int64(st, 1);
    }
    sql_done(st);
    return row;
}

int burst_put(struct store *store, const struct burst_row *row,
              struct error *err)
{
    sqlite3_stmt *st = burst_statement(store, B_PUT, row->subject, row->policy,
                                       row->number, err);

    if (st == NULL)
        return -1;
    sql_int(st, 4, row->first_end);
    sql_int(st, 5, row->due);
    return sql_run(store, st, err);
}

int burst_delete(struct store *store, const struct burst_row *row,
                 struct error *err)
{
    sqlite3_stmt *st = burst_statement(store, B_DELETE, row->subject,
                                       row->policy, row->number, err);

    return st == NULL ? -1 : sql_run(store, st, err);
}

static int burst_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct burst_row *row = out;

    (void)err;
    memset(row, 0, sizeof(*row));
    COLUMN_TEXT(st, 0, row->subject);
    COLUMN_TEXT(st, 1, row->policy);
    COLUMN_TEXT(st, 2, row->number);
    row->first_end = sqlite3_column_int64(st, 3);
    row->due = sqlite3_column_int64(st, 4);
    return 0;
}

ROWS_EACH(each_burst, struct burst_row, burst_read)

int burst_due(struct store *store, msec now, size_t max,
              int (*each)(void *arg, const struct burst_row *), void *arg,
              struct error *err)
{
    sqlite3_stmt *st = get(store, B_DUE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    sql_int(st, 2, (int64_t)(max < 64 ? max : 64));
    return each_burst(store, st, each, arg, err);
}

int store_next_due(struct store *store, msec *out, struct error *err)
{
    sqlite3_stmt *st = get(store, NEXT_DUE, err);

    if (st == NULL || sql_step(store, st, err) != 1)
        return -1;
    *out = sqlite3_column_type(st, 0) == SQLITE_NULL
               ? INT64_MAX
               : sqlite3_column_int64(st, 0);
    sql_done(st);
    return 0;
}

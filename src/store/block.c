/* What is blocked: there, and seen by nobody; and what is released of it. */
#include "store_private.h"

#include <string.h>

enum {
    DOCUMENT,
    DOCUMENTS,
    PERSON,
    UNSENT,
    UNASKED,
    UNTOLD,
    LIST,
    R_ADD,
    R_FIND,
    R_AUTHORITY,
    R_EXPIRE,
    R_REMOVE
};

static const char *const sql[] = {
    [DOCUMENT] = "UPDATE document SET state = 'blocked', block_cause = ?2,"
                 " blocked = ?3, block_until = ?4 WHERE id = ?1",
    [DOCUMENTS] = "UPDATE document SET state = 'blocked',"
                  " block_cause = 'erase', blocked = coalesce(blocked, ?2),"
                  " block_until = NULL WHERE subject = ?1",
    [PERSON] = "UPDATE subject SET blocked = ?2, block_until = ?3"
               " WHERE id = ?1",
    [UNSENT] = "UPDATE outbox SET state = 'failed' WHERE subject = ?1"
               " AND state <> 'sent' AND state <> 'failed'",
    [UNASKED] = "UPDATE prompt SET state = 'failed' WHERE subject = ?1"
                " AND state = 'open'",
    [UNTOLD] = "DELETE FROM burst WHERE subject = ?1",
    [LIST] = "SELECT id FROM subject WHERE blocked IS NOT NULL",
    [R_ADD] = "INSERT INTO released (id, subject, document, uid, until,"
              " authority_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [R_FIND] = "SELECT id, coalesce(document, ''), until FROM released"
               " WHERE subject = ?1 AND uid = ?3 AND until > ?4"
               " AND (document IS NULL OR document = ?2)"
               " ORDER BY until DESC LIMIT 1",
    [R_AUTHORITY] = "SELECT r.authority_sealed, s.content_slot FROM released r"
                    " JOIN subject s ON s.id = r.subject WHERE r.id = ?1",
    [R_EXPIRE] = "DELETE FROM released WHERE until <= ?1",
    [R_REMOVE] = "DELETE FROM released WHERE subject = ?1",
};
STATEMENTS(SQL_BLOCK)

int document_set_blocked(struct store *store, const char *id, const char *cause,
                         msec now, msec until, struct error *err)
{
    sqlite3_stmt *st = get(store, DOCUMENT, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_text(st, 2, cause);
    sql_int(st, 3, now);
    if (until != 0)
        sql_int(st, 4, until);
    return sql_run_one(store, st, err);
}

static int run_for(struct store *store, int which, const char *subject,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return sql_run(store, st, err);
}

static int block_documents(struct store *store, const char *subject, msec now,
                           int64_t *n, struct error *err)
{
    sqlite3_stmt *st = get(store, DOCUMENTS, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, now);
    if (sql_run(store, st, err) != 0)
        return -1;
    *n = sqlite3_changes64(store->db);
    return 0;
}

int person_set_blocked(struct store *store, const char *subject, msec now,
                       msec until, int64_t *documents, struct error *err)
{
    sqlite3_stmt *st = get(store, PERSON, err);

    if (st == NULL)
        return -1;
    subject_changed(store);
    sql_text(st, 1, subject);
    sql_int(st, 2, now);
    sql_int(st, 3, until);
    if (sql_run_one(store, st, err) != 0 ||
        block_documents(store, subject, now, documents, err) != 0 ||
        run_for(store, UNSENT, subject, err) != 0 ||
        run_for(store, UNASKED, subject, err) != 0)
        return -1;
    return run_for(store, UNTOLD, subject, err);
}

int person_blocked_list(struct store *store,
                        int (*each)(void *arg, const char *subject), void *arg,
                        struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);

    return st == NULL ? -1 : rows_each_text(store, st, ID_SIZE, each, arg, err);
}

/* ---- released ----------------------------------------------------------- */

int released_add(struct store *store, const struct released_row *row,
                 const char *authority, struct error *err)
{
    struct subject_row subject;
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    int ok = -1;

    if (subject_need(store, row->subject, &subject, err) != 0 ||
        field_seal(store, subject.content_slot, "released", "authority",
                   row->id, authority, strlen(authority), &sealed, err) != 0 ||
        (st = get(store, R_ADD, err)) == NULL)
        goto out;
    sql_text(st, 1, row->id);
    sql_text(st, 2, row->subject);
    sql_text_or_null(st, 3, row->document);
    sql_int(st, 4, row->uid);
    sql_int(st, 5, row->until);
    sql_bytes(st, 6, sealed.p, sealed.len);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

int released_find(struct store *store, const char *subject,
                  const char *document, uint32_t uid, msec now,
                  struct released_row *out, struct error *err)
{
    sqlite3_stmt *st = get(store, R_FIND, err);
    int row;

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, document);
    sql_int(st, 3, uid);
    sql_int(st, 4, now);
    if ((row = sql_step(store, st, err)) == 1) {
        memset(out, 0, sizeof(*out));
        COLUMN_TEXT(st, 0, out->id);
        COLUMN_TEXT(st, 1, out->document);
        out->until = sqlite3_column_int64(st, 2);
        out->uid = uid;
        memcpy(out->subject, subject, strnlen(subject, ID_SIZE - 1));
    }
    sql_done(st);
    return row;
}

int released_authority(struct store *store, const char *id, struct buf *out,
                       struct error *err)
{
    sqlite3_stmt *st = get(store, R_AUTHORITY, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return row_open(store, st, "released", "authority", id, out, err);
}

int released_expire(struct store *store, msec now, struct error *err)
{
    sqlite3_stmt *st = get(store, R_EXPIRE, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, now);
    return sql_run(store, st, err);
}

int released_remove(struct store *store, const char *subject, struct error *err)
{
    return run_for(store, R_REMOVE, subject, err);
}

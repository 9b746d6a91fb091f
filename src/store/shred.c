/* What a person leaves behind, found and taken away. */
#include "store_private.h"

enum {
    NUMBERS,
    D_REMOVE,
    A_REMOVE,
    CASE_CLOSE,
    OF_CONTENT,
    OF_EVIDENCE,
    OF_DOCUMENT,
    C_OUTBOX,
    C_PROMPT,
    C_NOTE,
    C_BURST,
    C_GUIDE,
    C_SUGGESTION,
    C_LANGUAGE,
    C_ITEM,
    C_ELSEWHERE,
    C_REQUEST,
    C_OUTBOUND,
    C_PROMISE,
    C_RATING,
    C_CHECK,
    C_DELIVERY,
    C_CHAT,
    C_HANDOVER,
    C_CONVERSATION,
    E_EVIDENCE,
    E_CONSENT,
    E_RATING,
    E_CASES,
    E_HAPPENED,
    E_SUBJECT
};

static const char *const sql[] = {
    [NUMBERS] = "SELECT number FROM attachment WHERE subject = ?1"
                " UNION SELECT number FROM outbox WHERE subject = ?1",
    [D_REMOVE] = "DELETE FROM document WHERE id = ?1",
    [A_REMOVE] = "DELETE FROM attachment WHERE id = ?1",
    [CASE_CLOSE] = "UPDATE cases SET state = 'closed', closed = ?2, due = NULL"
                   " WHERE subject = ?1 AND state <> 'closed'",
    [OF_CONTENT] = "SELECT id FROM subject WHERE content_slot = ?1",
    [OF_EVIDENCE] = "SELECT id FROM subject WHERE evidence_slot = ?1",
    [OF_DOCUMENT] = "SELECT subject, id FROM document WHERE slot = ?1",
    [C_OUTBOX] = "DELETE FROM outbox WHERE rowid IN (SELECT rowid FROM outbox"
                 " WHERE subject = ?1 LIMIT ?2)",
    [C_PROMPT] = "DELETE FROM prompt WHERE rowid IN (SELECT rowid FROM prompt"
                 " WHERE subject = ?1 LIMIT ?2)",
    [C_NOTE] = "DELETE FROM note WHERE rowid IN (SELECT rowid FROM note"
               " WHERE subject = ?1 LIMIT ?2)",
    [C_BURST] = "DELETE FROM burst WHERE subject = ?1",
    /* The row stays: it is nobody's word. */
    [C_REQUEST] = "UPDATE request SET words_sealed = NULL WHERE subject = ?1"
                  " AND words_sealed IS NOT NULL",
    /* So does the number that they said; nobody asks them any more. */
    [C_RATING] = "UPDATE rating SET due = NULL, state = CASE WHEN"
                 " score IS NULL THEN 'ended' ELSE state END"
                 " WHERE subject = ?1 AND due IS NOT NULL",
    [C_OUTBOUND] = "DELETE FROM outbound WHERE rowid IN (SELECT rowid"
                   " FROM outbound WHERE subject = ?1 LIMIT ?2)",
    [C_PROMISE] = "DELETE FROM promise WHERE rowid IN (SELECT rowid"
                  " FROM promise WHERE subject = ?1 LIMIT ?2)",
    [C_CHECK] = "DELETE FROM identity_check WHERE rowid IN (SELECT rowid"
                " FROM identity_check WHERE subject = ?1 LIMIT ?2)",
    [C_DELIVERY] = "DELETE FROM delivery WHERE rowid IN (SELECT rowid"
                   " FROM delivery WHERE subject = ?1 LIMIT ?2)",
    [C_CHAT] = "DELETE FROM chat WHERE rowid IN (SELECT rowid FROM chat"
               " WHERE subject = ?1 LIMIT ?2)",
    [C_HANDOVER] = "DELETE FROM handover WHERE rowid IN (SELECT rowid"
                   " FROM handover WHERE subject = ?1 LIMIT ?2)",
    [C_CONVERSATION] = "DELETE FROM conversation WHERE rowid IN (SELECT rowid"
                       " FROM conversation WHERE subject = ?1 LIMIT ?2)",
    [C_GUIDE] = "DELETE FROM guide WHERE subject = ?1",
    [C_LANGUAGE] = "UPDATE subject SET language = NULL WHERE id = ?1"
                   " AND language IS NOT NULL",
    [C_SUGGESTION] = "DELETE FROM suggestion WHERE subject = ?1",
    [C_ITEM] = "DELETE FROM case_item WHERE case_id IN (SELECT id FROM cases"
               " WHERE subject = ?1)",
    [C_ELSEWHERE] = "DELETE FROM elsewhere WHERE subject = ?1",
    [E_EVIDENCE] = "DELETE FROM evidence WHERE rowid IN (SELECT rowid"
                   " FROM evidence WHERE subject = ?1 LIMIT ?2)",
    [E_CONSENT] = "DELETE FROM consent WHERE subject = ?1",
    [E_RATING] = "DELETE FROM rating WHERE subject = ?1",
    [E_CASES] = "DELETE FROM cases WHERE subject = ?1",
    [E_HAPPENED] = "DELETE FROM happened WHERE subject = ?1",
    [E_SUBJECT] = "DELETE FROM subject WHERE id = ?1",
};
STATEMENTS(SQL_SHRED)

/* ---- what there is ------------------------------------------------------ */

int number_of_person(struct store *store, const char *subject,
                     int (*each)(void *arg, const char *number), void *arg,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, NUMBERS, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    return rows_each_text(store, st, STORE_NAME_SIZE, each, arg, err);
}

int slot_owner(struct store *store, uint64_t slot, enum slot_use *use,
               char subject[static ID_SIZE], char document[static ID_SIZE],
               struct error *err)
{
    static const struct {
        int statement;
        enum slot_use use;
    } uses[] = { { OF_CONTENT, SLOT_CONTENT },
                 { OF_EVIDENCE, SLOT_EVIDENCE },
                 { OF_DOCUMENT, SLOT_DOCUMENT } };

    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        sqlite3_stmt *st = get(store, uses[i].statement, err);
        int row;

        if (st == NULL)
            return -1;
        sql_int(st, 1, (int64_t)slot);
        if ((row = sql_step(store, st, err)) == 1) {
            sql_column_text(st, 0, subject, ID_SIZE);
            if (uses[i].use == SLOT_DOCUMENT)
                sql_column_text(st, 1, document, ID_SIZE);
            *use = uses[i].use;
        }
        sql_done(st);
        if (row != 0)
            return row;
    }
    return 0;
}

/* ---- taking it away ----------------------------------------------------- */

/* Changes of a statement about a person or a row; how many, or -1. `max` 0:
 * the statement has no limit. */
static int64_t change(struct store *store, int which, const char *id,
                      size_t max, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    if (max > 0)
        sql_int(st, 2, (int64_t)max);
    return sql_run(store, st, err) == 0 ? sqlite3_changes(store->db) : -1;
}

int document_remove(struct store *store, const struct document_row *row,
                    struct error *err)
{
    return loose_add(store, row->payload, err) != 0 ||
                   change(store, D_REMOVE, row->id, 0, err) < 0
               ? -1
               : attachment_remove(store, row->attachment, err);
}

int attachment_remove(struct store *store, const char *id, struct error *err)
{
    return change(store, A_REMOVE, id, 0, err) < 0 ? -1 : 0;
}

int case_close_all(struct store *store, const char *subject, msec now,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, CASE_CLOSE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_int(st, 2, now);
    return sql_run(store, st, err);
}

int64_t content_remove(struct store *store, const char *subject, size_t max,
                       struct error *err)
{
    /* Each before what it refers to. */
    static const int statements[] = { C_OUTBOX,   C_PROMPT,   C_NOTE,
                                      C_CHAT,     C_HANDOVER, C_CONVERSATION,
                                      C_OUTBOUND, C_PROMISE,  C_CHECK,
                                      C_DELIVERY };
    static const int whole[] = {
        C_BURST, C_REQUEST,    C_RATING,   C_GUIDE,
        C_ITEM,  C_SUGGESTION, C_LANGUAGE, C_ELSEWHERE
    };
    int64_t all = 0, n;

    subject_changed(store);
    for (size_t i = 0; all >= 0 && i < sizeof(whole) / sizeof(whole[0]); i++) {
        n = change(store, whole[i], subject, 0, err);
        all = n < 0 ? -1 : all + n;
    }
    for (size_t i = 0;
         all >= 0 && i < sizeof(statements) / sizeof(statements[0]); i++) {
        n = (int64_t)max - all;
        if (n <= 0)
            break;
        n = change(store, statements[i], subject, (size_t)n, err);
        all = n < 0 ? -1 : all + n;
    }
    return all;
}

int64_t evidence_remove(struct store *store, const char *subject, size_t max,
                        struct error *err)
{
    int64_t n = change(store, E_EVIDENCE, subject, max, err), last = 0;

    /* Bounded by policies, purposes and numbers. */
    if (n != 0)
        return n;
    for (int which = E_CONSENT; last >= 0 && which <= E_SUBJECT; which++)
        last = change(store, which, subject, 0, err);
    store->person_known = false;
    return last < 0 ? -1 : 0;
}

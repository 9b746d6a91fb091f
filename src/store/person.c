/* What there is of one person, for an export: pages of ids, and handles. */
#include "store_private.h"

#include <string.h>

enum { HANDLES = PERSON__MAX, CONSENTS, NOTES };

/* Of the tables' indexes the person's: by place alone SQLite would walk all
 * that came later. */
#define PAGE(table, index)                                                     \
    "SELECT id, rowid FROM " table " INDEXED BY " index " WHERE subject = ?1"  \
    " AND rowid > ?2 ORDER BY rowid LIMIT ?3"

static const char *const sql[] = {
    [PERSON_CASES] = PAGE("cases", "cases_subject"),
    [PERSON_ATTACHMENTS] = PAGE("attachment", "attachment_subject"),
    [PERSON_DOCUMENTS] = PAGE("document", "document_subject"),
    [PERSON_PROMPTS] = PAGE("prompt", "prompt_subject"),
    [PERSON_MESSAGES] = PAGE("outbox", "outbox_subject"),
    [PERSON_CHAT] = PAGE("chat", "chat_subject"),
    [PERSON_HANDOVERS] = PAGE("handover", "handover_subject"),
    [HANDLES] = "SELECT kind, idx, value_sealed, seen FROM handle"
                " INDEXED BY handle_subject WHERE subject = ?1"
                " ORDER BY kind, seen",
    [NOTES] = ("SELECT id, text_sealed FROM note INDEXED BY note_subject"
               " WHERE subject = ?1"),
    [CONSENTS] = "SELECT policy, purpose FROM consent WHERE subject = ?1",
};
STATEMENTS(SQL_PERSON)

static sqlite3_stmt *get_of(struct store *store, int which, const char *subject,
                            struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st != NULL)
        sql_text(st, 1, subject);
    return st;
}

int person_page(struct store *store, const char *subject,
                enum person_rows which, uint64_t *place,
                char ids[static PERSON_PAGE][ID_SIZE], size_t *n,
                struct error *err)
{
    sqlite3_stmt *st = get_of(store, (int)which, subject, err);
    int row = -1;

    *n = 0;
    if (st == NULL)
        return -1;
    sql_int(st, 2, (int64_t)*place);
    sql_int(st, 3, PERSON_PAGE);
    while (*n < PERSON_PAGE && (row = sql_step(store, st, err)) > 0) {
        sql_column_text(st, 0, ids[(*n)++], ID_SIZE);
        *place = (uint64_t)sqlite3_column_int64(st, 1);
    }
    sql_done(st);
    return row < 0 ? -1 : 0;
}

/* ---- handles ------------------------------------------------------------ */

struct handle {
    uint64_t slot;
    char kind[STORE_NAME_SIZE];
    uint8_t index[INDEX_LEN];
    struct buf sealed;
    msec seen;
};

static int read_handle(sqlite3_stmt *st, struct handle *h, struct error *err)
{
    COLUMN_TEXT(st, 0, h->kind);
    h->seen = sqlite3_column_int64(st, 3);
    buf_reset(&h->sealed);
    return sql_column_fixed(st, 1, h->index, sizeof(h->index), err) != 0
               ? -1
               : sql_column_bytes(st, 2, &h->sealed, err);
}

static int open_handle(struct store *store, const char *subject,
                       const struct handle *h, struct buf *value,
                       struct error *err)
{
    int kind = handle_kind_of(h->kind);
    char name[HANDLE_ROW_SIZE];

    if (kind < 0)
        return error_set(err, ERR_VERIFY, "a handle of no kind");
    handle_row_name(name, (enum handle_kind)kind, subject, h->index);
    return field_open(store, h->slot, "handle", "value", name, h->sealed.p,
                      h->sealed.len, value, err);
}

int person_handles(struct store *store, const char *subject,
                   int (*each)(void *arg, const char *kind, const char *value,
                               msec seen),
                   void *arg, struct error *err)
{
    struct subject_row person;
    struct handle h = { 0 };
    sqlite3_stmt *st;
    int row = -1, stop = 0;

    if (subject_need(store, subject, &person, err) != 0 ||
        (st = get_of(store, HANDLES, subject, err)) == NULL)
        return -1;
    h.slot = person.content_slot;
    while (stop == 0 && (row = sql_step(store, st, err)) > 0) {
        struct buf value = { 0 };

        if (read_handle(st, &h, err) != 0 ||
            open_handle(store, subject, &h, &value, err) != 0)
            stop = -1;
        else
            stop = each(arg, h.kind, (const char *)value.p, h.seen);
        buf_free(&value);
    }
    sql_done(st);
    buf_free(&h.sealed);
    return row < 0 ? -1 : stop;
}

/* ---- notes -------------------------------------------------------------- */

static int open_note(struct store *store, sqlite3_stmt *st, uint64_t slot,
                     struct buf *text, struct error *err)
{
    struct buf sealed = { 0 };
    char id[ID_SIZE];
    int ok = -1;

    COLUMN_TEXT(st, 0, id);
    if (sql_column_bytes(st, 1, &sealed, err) == 0)
        ok = field_open(store, slot, "note", "text", id, sealed.p, sealed.len,
                        text, err);
    buf_free(&sealed);
    return ok;
}

int person_notes(struct store *store, const char *subject,
                 int (*each)(void *arg, const struct buf *text), void *arg,
                 struct error *err)
{
    struct subject_row person;
    sqlite3_stmt *st;
    int row = -1, stop = 0;

    if (subject_need(store, subject, &person, err) != 0 ||
        (st = get_of(store, NOTES, subject, err)) == NULL)
        return -1;
    while (stop == 0 && (row = sql_step(store, st, err)) > 0) {
        struct buf text = { 0 };

        stop = open_note(store, st, person.content_slot, &text, err) != 0
                   ? -1
                   : each(arg, &text);
        buf_free(&text);
    }
    sql_done(st);
    return row < 0 ? -1 : stop;
}

/* ---- decisions ---------------------------------------------------------- */

int person_consents(struct store *store, const char *subject,
                    struct consent_row *out, size_t cap, size_t *n,
                    struct error *err)
{
    sqlite3_stmt *st = get_of(store, CONSENTS, subject, err);
    int row = -1;

    *n = 0;
    if (st == NULL)
        return -1;
    while (*n < cap && (row = sql_step(store, st, err)) > 0) {
        COLUMN_TEXT(st, 0, out[*n].policy);
        COLUMN_TEXT(st, 1, out[*n].purpose);
        (*n)++;
    }
    sql_done(st);
    for (size_t i = 0; row >= 0 && i < *n; i++) {
        char policy[STORE_NAME_SIZE], purpose[STORE_NAME_SIZE];

        memcpy(policy, out[i].policy, sizeof(policy));
        memcpy(purpose, out[i].purpose, sizeof(purpose));
        if (consent_get(store, subject, policy, purpose, &out[i], err) < 0)
            row = -1;
    }
    return row < 0 ? -1 : 0;
}

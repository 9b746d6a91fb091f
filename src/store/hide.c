/* A person taken out of the index: the values stay, and nothing finds them. */
#include "store_private.h"

#include <stdlib.h>
#include <string.h>

enum { HANDLES, HIDE, DROP };

static const char *const sql[] = {
    [HANDLES] = "SELECT kind, idx, value_sealed, seen FROM handle"
                " INDEXED BY handle_subject WHERE subject = ?1",
    /* No key made this index: a change of the key passes it over. */
    [HIDE] = "UPDATE handle SET idx = ?3, value_sealed = ?4, key_slot = 0"
             " WHERE kind = ?1 AND idx = ?2",
    [DROP] = "DELETE FROM handle WHERE kind = ?1 AND idx = ?2",
};
STATEMENTS(SQL_HIDE)

/* As read: still sealed under the former name. */
struct hidden {
    int kind;
    uint8_t index[INDEX_LEN];
    struct buf sealed;
    msec seen;
};

static int handles_read(struct store *store, const char *subject,
                        struct hidden **rows, size_t *n, struct error *err)
{
    sqlite3_stmt *st = get(store, HANDLES, err);
    struct hidden *grown;
    int row;

    if (st == NULL)
        return -1;
    sql_text(st, 1, subject);
    while ((row = sql_step(store, st, err)) > 0) {
        grown = reallocarray(*rows, *n + 1, sizeof(*grown));
        if (grown == NULL) {
            row = error_set(err, ERR_NOMEM, "no memory for handles");
            break;
        }
        *rows = grown;
        grown[*n] = (struct hidden){
            .kind = handle_kind_of((const char *)sqlite3_column_text(st, 0)),
            .seen = sqlite3_column_int64(st, 3),
        };
        if (sql_column_fixed(st, 1, grown[*n].index, INDEX_LEN, err) != 0 ||
            sql_column_bytes(st, 2, &grown[(*n)++].sealed, err) != 0) {
            row = -1;
            break;
        }
    }
    sql_done(st);
    return row;
}

/* Of a slot that is gone or damaged: it names nobody any more. */
static int handle_drop(struct store *store, const struct hidden *h,
                       struct error *err)
{
    sqlite3_stmt *st;

    if ((err->code != ERR_NOT_FOUND && err->code != ERR_VERIFY) ||
        (st = get(store, DROP, err)) == NULL)
        return -1;
    *err = (struct error){ 0 };
    sql_text(st, 1, handle_kinds[h->kind]);
    sql_bytes(st, 2, h->index, sizeof(h->index));
    return sql_run_one(store, st, err);
}

/* The same value under a name that nobody can compute. */
static int handle_hide(struct store *store, const struct subject_row *subject,
                       const struct hidden *h, struct error *err)
{
    enum handle_kind kind = (enum handle_kind)h->kind;
    uint8_t index[INDEX_LEN];
    struct buf plain = { 0 }, sealed = { 0 };
    char name[HANDLE_ROW_SIZE];
    sqlite3_stmt *st;
    int ok = -1;

    handle_row_name(name, kind, subject->id, h->index);
    if (field_open(store, subject->content_slot, "handle", "value", name,
                   h->sealed.p, h->sealed.len, &plain, err) != 0) {
        ok = handle_drop(store, h, err);
        goto out;
    }
    random_fill(store->random, index, sizeof(index));
    handle_row_name(name, kind, subject->id, index);
    if (field_seal(store, subject->content_slot, "handle", "value", name,
                   plain.p, plain.len, &sealed, err) != 0 ||
        (st = get(store, HIDE, err)) == NULL)
        goto out;
    sql_text(st, 1, handle_kinds[kind]);
    sql_bytes(st, 2, h->index, sizeof(h->index));
    sql_bytes(st, 3, index, sizeof(index));
    sql_bytes(st, 4, sealed.p, sealed.len);
    ok = sql_run_one(store, st, err);
out:
    buf_free(&plain);
    buf_free(&sealed);
    return ok;
}

int subject_handles_hide(struct store *store, const struct subject_row *subject,
                         struct error *err)
{
    struct hidden *rows = NULL;
    size_t n = 0;
    int ok = handles_read(store, subject->id, &rows, &n, err);

    for (size_t i = 0; i < n; i++) {
        if (ok == 0 && rows[i].kind >= 0)
            ok = handle_hide(store, subject, &rows[i], err);
        buf_free(&rows[i].sealed);
    }
    free(rows);
    return ok;
}

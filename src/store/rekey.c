/*
 * Another index key for all handles: whoever has an older copy of the database
 * and today's keys cannot find anybody in it by guessing. A handle says under
 * which key it is; the change walks the people in the order of their ids, and
 * whatever is written meanwhile is under the new key already.
 */
#include "store_private.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

enum { PAGE, DROP, PUT };

static const char *const sql[] = {
    [PAGE] = "SELECT kind, idx, subject, value_sealed, seen FROM handle"
             " INDEXED BY handle_subject WHERE subject >= ?1"
             /* 0: of somebody blocked, whom no key is to find. */
             " AND key_slot <> ?2 AND key_slot <> 0 ORDER BY subject LIMIT ?3",
    [DROP] = "DELETE FROM handle WHERE kind = ?1 AND idx = ?2",
    /* What came under the new key meanwhile is newer. */
    [PUT] = "INSERT INTO handle (kind, idx, key_slot, subject, value_sealed,"
            " seen) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            " ON CONFLICT (kind, idx) DO NOTHING",
};
STATEMENTS(SQL_REKEY)

static int number(struct store *store, const char *key, int64_t *out,
                  struct error *err)
{
    *out = 0;
    return meta_get_int(store, key, out, err) < 0 ? -1 : 0;
}

int rekey_counts(struct store *store, int64_t *begun, int64_t *done,
                 struct error *err)
{
    return number(store, "rekey_begun", begun, err) != 0 ||
                   number(store, "rekey_done", done, err) != 0
               ? -1
               : 0;
}

int rekey_begin(struct store *store, struct error *err)
{
    int64_t begun, done;
    uint64_t fresh;

    if (meta_numbers(store, err) != 0 ||
        rekey_counts(store, &begun, &done, err) != 0 ||
        slot_alloc(store, &fresh, err) != 0 ||
        meta_set_int(store, "index_slot_former", store->index_slot, err) != 0 ||
        meta_set_int(store, "index_slot", (int64_t)fresh, err) != 0 ||
        meta_set_bytes(store, "rekey_at", "", 0, err) != 0)
        return -1;
    return meta_set_int(store, "rekey_begun", begun + 1, err);
}

int rekey_lost(struct store *store, struct error *err)
{
    uint8_t key[SLOT_KEY_LEN];
    int ok;

    if (meta_numbers(store, err) != 0)
        return -1;
    ok = slot_key(store, (uint64_t)store->index_slot, key, err);
    sodium_memzero(key, sizeof(key));
    if (ok != 0)
        return err->code == ERR_NOT_FOUND ? 1 : -1;
    /* The former key outlives its change, but in a database that is older than
     * its end. */
    return store->index_former != 0 &&
                   slot_state(store, (uint64_t)store->index_former, err) == 0
               ? 2
               : 0;
}

/* ---- a page ------------------------------------------------------------- */

struct old_handle {
    enum handle_kind kind;
    char subject[ID_SIZE];
    uint8_t index[INDEX_LEN];
    struct buf sealed;
    msec seen;
};

static int page_read(struct store *store, const char *from, size_t max,
                     struct old_handle *out, size_t *n, struct error *err)
{
    sqlite3_stmt *st = get(store, PAGE, err);
    int row = -1;

    if (st == NULL)
        return -1;
    sql_text(st, 1, from);
    sql_int(st, 2, store->index_slot);
    sql_int(st, 3, (int64_t)max);
    while (*n < max && (row = sql_step(store, st, err)) > 0) {
        struct old_handle *h = &out[(*n)++];
        int kind = handle_kind_of((const char *)sqlite3_column_text(st, 0));

        h->kind = (enum handle_kind)kind;
        COLUMN_TEXT(st, 2, h->subject);
        h->seen = sqlite3_column_int64(st, 4);
        if (kind < 0 ||
            sql_column_fixed(st, 1, h->index, INDEX_LEN, err) != 0 ||
            sql_column_bytes(st, 3, &h->sealed, err) != 0) {
            row = -1;
            break;
        }
    }
    sql_done(st);
    return row < 0 ? -1 : 0;
}

static int put(struct store *store, const struct old_handle *h,
               const struct subject_row *subject, const char *value,
               struct error *err)
{
    struct buf sealed = { 0 };
    uint8_t index[INDEX_LEN];
    char name[HANDLE_ROW_SIZE];
    sqlite3_stmt *st;
    int ok = -1;

    if (handle_index(store, store->index_slot, h->subject, h->kind, value,
                     index, err) != 0)
        return -1;
    handle_row_name(name, h->kind, h->subject, index);
    if (field_seal(store, subject->content_slot, "handle", "value", name, value,
                   strlen(value), &sealed, err) == 0 &&
        (st = get(store, PUT, err)) != NULL) {
        sql_text(st, 1, handle_kinds[h->kind]);
        sql_bytes(st, 2, index, sizeof(index));
        sql_int(st, 3, store->index_slot);
        sql_text(st, 4, h->subject);
        sql_bytes(st, 5, sealed.p, sealed.len);
        sql_int(st, 6, h->seen);
        ok = sql_run(store, st, err);
    }
    buf_free(&sealed);
    return ok;
}

/* One handle to the new key. What does not open any more, because its slot is
 * gone or damaged, names nobody and is dropped: the former key has to end. */
static int move(struct store *store, const struct old_handle *h,
                struct error *err)
{
    struct subject_row subject;
    struct buf value = { 0 };
    char name[HANDLE_ROW_SIZE];
    sqlite3_stmt *st;
    int ok = -1;

    if (subject_need(store, h->subject, &subject, err) != 0 ||
        (st = get(store, DROP, err)) == NULL)
        return -1;
    sql_text(st, 1, handle_kinds[h->kind]);
    sql_bytes(st, 2, h->index, INDEX_LEN);
    if (sql_run(store, st, err) != 0)
        return -1;
    handle_row_name(name, h->kind, h->subject, h->index);
    if (field_open(store, subject.content_slot, "handle", "value", name,
                   h->sealed.p, h->sealed.len, &value, err) == 0)
        ok = put(store, h, &subject, (const char *)value.p, err);
    else if (err->code == ERR_NOT_FOUND || err->code == ERR_VERIFY)
        ok = 0;
    buf_free(&value);
    return ok;
}

/* ---- the end of a change ------------------------------------------------ */

static int finish(struct store *store, uint64_t *erase, struct error *err)
{
    int64_t begun, done;

    *erase = (uint64_t)store->index_former;
    if (rekey_counts(store, &begun, &done, err) != 0 ||
        meta_set_int(store, "index_slot_erase", (int64_t)*erase, err) != 0 ||
        meta_set_int(store, "index_slot_former", 0, err) != 0)
        return -1;
    return meta_set_int(store, "rekey_done", begun, err);
}

int rekey_left(struct store *store, uint64_t *erase, struct error *err)
{
    int64_t slot;

    *erase = 0;
    if (number(store, "index_slot_erase", &slot, err) != 0)
        return -1;
    if (slot != 0 && slot_state(store, (uint64_t)slot, err) != 0)
        *erase = (uint64_t)slot;
    return 0;
}

static int from_where(struct store *store, char out[static ID_SIZE],
                      struct error *err)
{
    struct buf at = { 0 };
    int found = meta_get_bytes(store, "rekey_at", &at, err);

    memset(out, 0, ID_SIZE);
    if (found > 0 && at.len < ID_SIZE)
        memcpy(out, at.p, at.len);
    buf_free(&at);
    return found < 0 ? -1 : 0;
}

int rekey_step(struct store *store, size_t max, uint64_t *erase,
               struct error *err)
{
    struct old_handle *page = calloc(max, sizeof(*page));
    char from[ID_SIZE];
    size_t n = 0;
    int ok = -1;

    *erase = 0;
    if (page == NULL)
        return error_set(err, ERR_NOMEM, "no memory for handles");
    if (meta_numbers(store, err) != 0)
        goto out;
    if (store->index_former == 0) {
        ok = 0;
        goto out;
    }
    if (from_where(store, from, err) != 0 ||
        page_read(store, from, max, page, &n, err) != 0)
        goto out;
    for (size_t i = 0; i < n; i++)
        if (move(store, &page[i], err) != 0)
            goto out;
    if (n == 0)
        ok = finish(store, erase, err);
    else if (meta_set_bytes(store, "rekey_at", page[n - 1].subject,
                            strlen(page[n - 1].subject), err) == 0)
        ok = 1;
out:
    for (size_t i = 0; i < n; i++)
        buf_free(&page[i].sealed);
    free(page);
    return ok;
}

/* Events that could not be applied, each sealed under a slot of its own. */
#include "store_private.h"

#include <string.h>

enum { ADD, COUNT, LIST, TRIED, END, REMOVE };

static const char *const sql[] = {
    [ADD] = "INSERT INTO dead_letter (id, slot, event_sealed, error, received,"
            " tries) VALUES (?1, ?2, ?3, ?4, ?5, 2)",
    [COUNT] = "SELECT count(*) FROM dead_letter",
    [LIST] = "SELECT id, slot, event_sealed, received, tries FROM dead_letter"
             " WHERE id > ?1 ORDER BY id LIMIT 1",
    [TRIED] = "UPDATE dead_letter SET tries = tries + 1, error = ?2"
              " WHERE id = ?1",
    [END] = "UPDATE dead_letter SET event_sealed = x'' WHERE id = ?1",
    [REMOVE] = "DELETE FROM dead_letter WHERE id = ?1",
};
STATEMENTS(SQL_DEAD_LETTER)

int dead_letter_add(struct store *store, const char *id, const void *event,
                    size_t len, const char *error, msec now, struct error *err)
{
    struct buf sealed = { 0 };
    sqlite3_stmt *st;
    uint64_t slot;
    int ok = -1;

    if (slot_alloc(store, &slot, err) != 0 ||
        field_seal(store, slot, "dead_letter", "event", id, event, len, &sealed,
                   err) != 0 ||
        (st = get(store, ADD, err)) == NULL)
        goto out;
    sql_text(st, 1, id);
    sql_int(st, 2, (int64_t)slot);
    sql_bytes(st, 3, sealed.p, sealed.len);
    sql_text(st, 4, error);
    sql_int(st, 5, now);
    ok = sql_run(store, st, err);
out:
    buf_free(&sealed);
    return ok;
}

int64_t dead_letter_count(struct store *store, struct error *err)
{
    sqlite3_stmt *st = get(store, COUNT, err);

    return st == NULL ? -1 : row_number(store, st, err);
}

int dead_letter_next(struct store *store, const char *after,
                     struct dead_letter_row *out, struct buf *event,
                     struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);
    struct buf sealed = { 0 };
    int row;

    if (st == NULL)
        return -1;
    sql_text(st, 1, after);
    if ((row = sql_step(store, st, err)) == 1) {
        memset(out, 0, sizeof(*out));
        COLUMN_TEXT(st, 0, out->id);
        out->slot = (uint64_t)sqlite3_column_int64(st, 1);
        out->received = sqlite3_column_int64(st, 3);
        out->tries = sqlite3_column_int(st, 4);
        if (sql_column_bytes(st, 2, &sealed, err) != 0)
            row = -1;
    }
    sql_done(st);

    /* One whose slot was erased is finished, but for its row. */
    if (row == 1 && sealed.len == 0) {
        out->ended = true;
        out->erased = slot_state(store, out->slot, err) == 0;
    } else if (row == 1 &&
               field_open(store, out->slot, "dead_letter", "event", out->id,
                          sealed.p, sealed.len, event, err) != 0) {
        out->erased = err->code == ERR_NOT_FOUND;
        if (!out->erased)
            row = -1;
    }
    buf_free(&sealed);
    return row;
}

int dead_letter_tried(struct store *store, const char *id, const char *error,
                      struct error *err)
{
    sqlite3_stmt *st = get(store, TRIED, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    sql_text(st, 2, error);
    return sql_run_one(store, st, err);
}

static int by_id(struct store *store, int which, const char *id,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, id);
    return sql_run_one(store, st, err);
}

int dead_letter_end(struct store *store, const char *id, struct error *err)
{
    return by_id(store, END, id, err);
}

int dead_letter_remove(struct store *store, const char *id, struct error *err)
{
    return by_id(store, REMOVE, id, err);
}

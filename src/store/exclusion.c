/* Numbers that want no advertising: an index of them, and nothing else. */
#include "store_private.h"

enum { ADD, REMOVE, HAS };

static const char *const sql[] = {
    [ADD] = ("INSERT INTO excluded (idx, added) VALUES (?1, ?2)"
             " ON CONFLICT (idx) DO NOTHING"),
    [REMOVE] = "DELETE FROM excluded WHERE idx = ?1",
    [HAS] = "SELECT 1 FROM excluded WHERE idx = ?1",
};
STATEMENTS(SQL_EXCLUSION)

/* The slot of the index key; it is allocated with the first number. 1, 0 there
 * is none yet, -1. */
static int key_slot(struct store *store, bool make, int64_t *slot,
                    struct error *err)
{
    uint64_t fresh;
    int found = meta_get_int(store, "excluded_slot", slot, err);

    if (found != 0 || !make)
        return found;
    if (slot_alloc(store, &fresh, err) != 0 ||
        meta_set_int(store, "excluded_slot", (int64_t)fresh, err) != 0)
        return -1;
    *slot = (int64_t)fresh;
    return 1;
}

/* The statement with the number's index bound; NULL with error, or (*none)
 * because nothing was ever excluded. The index lives until it was stepped. */
static sqlite3_stmt *bound(struct store *store, int which, const char *number,
                           uint8_t index[static INDEX_LEN], bool *none,
                           struct error *err)
{
    sqlite3_stmt *st;
    int64_t slot;
    int found = key_slot(store, which == ADD, &slot, err);

    *none = found == 0;
    if (found <= 0 ||
        field_index(store, slot, "excluded", number, index, err) != 0 ||
        (st = get(store, which, err)) == NULL)
        return NULL;
    sql_bytes(st, 1, index, INDEX_LEN);
    return st;
}

int exclusion_add(struct store *store, const char *number, msec now,
                  struct error *err)
{
    uint8_t index[INDEX_LEN];
    bool none;
    sqlite3_stmt *st = bound(store, ADD, number, index, &none, err);

    if (st == NULL)
        return -1;
    sql_int(st, 2, now);
    return sql_run(store, st, err);
}

int exclusion_remove(struct store *store, const char *number, struct error *err)
{
    uint8_t index[INDEX_LEN];
    bool none;
    sqlite3_stmt *st = bound(store, REMOVE, number, index, &none, err);

    return st != NULL ? sql_run(store, st, err) : none ? 0 : -1;
}

int exclusion_has(struct store *store, const char *number, struct error *err)
{
    uint8_t index[INDEX_LEN];
    bool none;
    sqlite3_stmt *st = bound(store, HAS, number, index, &none, err);
    int found;

    if (st == NULL)
        return none ? 0 : -1;
    found = sql_step(store, st, err);
    sql_done(st);
    return found;
}

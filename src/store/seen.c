/* Messages seen before, kept as digests under a key that is thrown away. */
#include "store_private.h"

#include <string.h>

#include <sodium.h>

enum { HAS, ADD, DROP };

#define INSERT "INSERT INTO seen (digest, slot) "

static const char *const sql[] = {
    [HAS] = "SELECT 1 FROM seen WHERE slot = ?1 AND digest = ?2",
    [ADD] = INSERT "VALUES (?1, ?2) ON CONFLICT (slot, digest) DO NOTHING",
    [DROP] = "DELETE FROM seen WHERE slot = ?1",
};

#define KEY_LIFE (10 * MSEC_D)

STATEMENTS(SQL_SEEN)

static int digest(struct store *store, uint64_t slot, const char *wamid,
                  uint8_t out[static INDEX_LEN], struct error *err)
{
    uint8_t key[SLOT_KEY_LEN];

    if (slot_key(store, slot, key, err) != 0)
        return -1;
    crypto_generichash(out, INDEX_LEN, (const uint8_t *)wamid, strlen(wamid),
                       key, sizeof(key));
    sodium_memzero(key, sizeof(key));
    return 0;
}

static int has(struct store *store, int64_t slot,
               const uint8_t value[static INDEX_LEN], struct error *err)
{
    sqlite3_stmt *st = get(store, HAS, err);
    int row;

    if (st == NULL)
        return -1;
    sql_int(st, 1, slot);
    sql_bytes(st, 2, value, INDEX_LEN);
    row = sql_step(store, st, err);
    sql_done(st);
    return row;
}

int seen_add(struct store *store, const char *wamid, struct error *err)
{
    uint8_t value[INDEX_LEN];
    sqlite3_stmt *st;
    int found;

    if (meta_numbers(store, err) != 0)
        return -1;
    if (store->dedup_former != 0) {
        if (digest(store, (uint64_t)store->dedup_former, wamid, value, err) !=
            0)
            return -1;
        if ((found = has(store, store->dedup_former, value, err)) != 0)
            return found < 0 ? -1 : 0;
    }
    if (digest(store, (uint64_t)store->dedup_slot, wamid, value, err) != 0)
        return -1;
    if ((st = get(store, ADD, err)) == NULL)
        return -1;
    sql_bytes(st, 1, value, sizeof(value));
    sql_int(st, 2, store->dedup_slot);
    if (sql_run(store, st, err) != 0)
        return -1;
    return sqlite3_changes(store->db);
}

/* The slot of the last rotation, if a crash came before it was erased. */
static int left_to_erase(struct store *store, uint64_t *erase,
                         struct error *err)
{
    uint8_t key[SLOT_KEY_LEN];
    int64_t slot;
    int found = meta_get_int(store, "dedup_slot_erase", &slot, err);

    *erase = 0;
    if (found <= 0)
        return found;
    if (slot_key(store, (uint64_t)slot, key, err) == 0)
        *erase = (uint64_t)slot;
    else if (err->code != ERR_NOT_FOUND)
        return -1;
    sodium_memzero(key, sizeof(key));
    return 0;
}

/* 1 when the slot is erased, 0, -1. */
static int is_gone(struct store *store, int64_t slot, struct error *err)
{
    uint8_t key[SLOT_KEY_LEN];
    int ok = slot_key(store, (uint64_t)slot, key, err);

    sodium_memzero(key, sizeof(key));
    return ok == 0 ? 0 : err->code == ERR_NOT_FOUND ? 1 : -1;
}

int seen_repair(struct store *store, msec now, struct error *err)
{
    uint64_t fresh;
    int gone = 0;

    if (meta_numbers(store, err) != 0)
        return -1;
    if (store->dedup_former != 0) {
        if ((gone = is_gone(store, store->dedup_former, err)) < 0 ||
            (gone > 0 && meta_set_int(store, "dedup_slot_former", 0, err) != 0))
            return -1;
    }
    if (meta_numbers(store, err) != 0 ||
        (gone = is_gone(store, store->dedup_slot, err)) <= 0)
        return gone;
    if (slot_alloc(store, &fresh, err) != 0 ||
        meta_set_int(store, "dedup_slot", (int64_t)fresh, err) != 0)
        return -1;
    return meta_set_int(store, "dedup_since", now, err);
}

int seen_rotate(struct store *store, msec now, uint64_t *erase,
                struct error *err)
{
    int64_t since, slot, former;
    uint64_t fresh;
    sqlite3_stmt *st;

    if (left_to_erase(store, erase, err) != 0)
        return -1;
    if (meta_need_int(store, "dedup_since", &since, err) != 0 ||
        meta_need_int(store, "dedup_slot", &slot, err) != 0 ||
        meta_need_int(store, "dedup_slot_former", &former, err) != 0)
        return -1;
    if (now - since < KEY_LIFE)
        return 0;

    /* The current key becomes the former, the former one's rows go. */
    if (former != 0) {
        if ((st = get(store, DROP, err)) == NULL)
            return -1;
        sql_int(st, 1, former);
        if (sql_run(store, st, err) != 0)
            return -1;
        *erase = (uint64_t)former;
        if (meta_set_int(store, "dedup_slot_erase", former, err) != 0)
            return -1;
    }
    if (slot_alloc(store, &fresh, err) != 0 ||
        meta_set_int(store, "dedup_slot_former", slot, err) != 0 ||
        meta_set_int(store, "dedup_slot", (int64_t)fresh, err) != 0)
        return -1;
    return meta_set_int(store, "dedup_since", now, err);
}

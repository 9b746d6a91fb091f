/* The keyring log, the grants, and the counts for `status`. */
#include "store_private.h"

#include <string.h>

enum { ADD, LIST, G_PUT, G_GET, G_DROP, COUNT, COUNT_STATE };

static const char *const sql[] = {
    [ADD] = "INSERT INTO keyring (seq, entry, signature) VALUES (?1, ?2, ?3)",
    [LIST] = "SELECT entry, signature FROM keyring ORDER BY seq",
    [G_PUT] = "INSERT INTO keyring_grant (epoch, uid, newer, age_file)"
              " VALUES (?1, ?2, EXISTS (SELECT 1 FROM keyring_grant"
              " WHERE epoch = ?1 AND uid = ?2 AND newer = 0), ?3)"
              " ON CONFLICT (epoch, uid, newer) DO UPDATE SET"
              " age_file = excluded.age_file",
    [G_GET] = "SELECT age_file FROM keyring_grant WHERE epoch = ?1"
              " AND uid = ?2 AND newer = ?3",
    [G_DROP] = "DELETE FROM keyring_grant WHERE epoch = ?1 AND uid = ?2",
    /* Each from an index alone, and from none that holds more than it counts
     * but the documents' (8 ms a million). */
    [COUNT] = "SELECT (SELECT count(*) FROM outbox WHERE state = 'pending')"
              " + (SELECT count(*) FROM outbox WHERE state = 'sending'),"
              " (SELECT count(*) FROM document)"
              " - (SELECT count(*) FROM document WHERE state = 'erased'),"
              " (SELECT count(*) FROM dead_letter)",
    [COUNT_STATE] = "SELECT count(*) FROM attachment WHERE state || '' = ?1",
};

static const char *const states[] = { "held",        "queued",  "fetching",
                                      "judging",     "stored",  "refused",
                                      "quarantined", "expired", "dropped" };
STATEMENTS(SQL_KEYRING)

int keyring_row_add(struct store *store, uint64_t seq, const void *entry,
                    size_t len, const void *signature, size_t signature_len,
                    struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, (int64_t)seq);
    sql_bytes(st, 2, entry, len);
    sql_bytes(st, 3, signature, signature_len);
    return sql_run(store, st, err);
}

int keyring_row_list(struct store *store,
                     int (*each)(void *arg, const uint8_t *entry, size_t,
                                 const uint8_t *signature, size_t),
                     void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);
    int row, stop = 0;

    if (st == NULL)
        return -1;
    while ((row = sql_step(store, st, err)) > 0) {
        stop = each(arg, sqlite3_column_blob(st, 0),
                    (size_t)sqlite3_column_bytes(st, 0),
                    sqlite3_column_blob(st, 1),
                    (size_t)sqlite3_column_bytes(st, 1));
        if (stop != 0)
            break;
    }
    sql_done(st);
    return row < 0 ? -1 : stop;
}

int keyring_grant_put(struct store *store, unsigned epoch, uint32_t uid,
                      const void *age_file, size_t len, struct error *err)
{
    sqlite3_stmt *st = get(store, G_PUT, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, epoch);
    sql_int(st, 2, uid);
    sql_bytes(st, 3, age_file, len);
    return sql_run(store, st, err);
}

static int get_one(struct store *store, unsigned epoch, uint32_t uid,
                   bool newer, struct buf *out, struct error *err)
{
    sqlite3_stmt *st = get(store, G_GET, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, epoch);
    sql_int(st, 2, uid);
    sql_int(st, 3, newer);
    return row_one(store, st, row_bytes, out, err);
}

int keyring_grant_get(struct store *store, unsigned epoch, uint32_t uid,
                      struct buf *out, struct error *err)
{
    int found = get_one(store, epoch, uid, true, out, err);

    return found == 0 ? get_one(store, epoch, uid, false, out, err) : found;
}

int keyring_grant_first(struct store *store, unsigned epoch, uint32_t uid,
                        struct buf *out, struct error *err)
{
    struct buf newer = { 0 };
    int found = get_one(store, epoch, uid, true, &newer, err);

    buf_free(&newer);
    return found > 0 ? get_one(store, epoch, uid, false, out, err) : found;
}

int keyring_grant_drop(struct store *store, unsigned epoch, uint32_t uid,
                       struct error *err)
{
    sqlite3_stmt *st = get(store, G_DROP, err);

    if (st == NULL)
        return -1;
    sql_int(st, 1, epoch);
    sql_int(st, 2, uid);
    return sql_run(store, st, err);
}

int store_count(struct store *store, struct store_counts *out,
                struct error *err)
{
    sqlite3_stmt *st = get(store, COUNT, err);

    memset(out, 0, sizeof(*out));
    if (st == NULL || sql_step(store, st, err) != 1)
        return -1;
    out->outbox_pending = sqlite3_column_int64(st, 0);
    out->documents = sqlite3_column_int64(st, 1);
    out->dead_letters = sqlite3_column_int64(st, 2);
    sql_done(st);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if ((st = get(store, COUNT_STATE, err)) == NULL)
            return -1;
        sql_text(st, 1, states[i]);
        if (sql_step(store, st, err) != 1)
            return -1;
        memcpy(out->attachments[i].state, states[i], strlen(states[i]));
        out->attachments[i].n = sqlite3_column_int64(st, 0);
        sql_done(st);
    }
    return 0;
}

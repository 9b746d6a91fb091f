/* Published notices, and which of them a later one changed. */
#include "store_private.h"

enum { ADD, GET, TERMS, SUPERSEDE, IS_SUPERSEDED, VERSION, ANY };

static const char *const sql[] = {
    [ADD] = "INSERT INTO notice (policy, version, language, sha256, bytes,"
            " published, terms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [GET] = "SELECT bytes FROM notice WHERE policy = ?1 AND version = ?2"
            " AND language = ?3",
    [TERMS] = "SELECT terms FROM notice WHERE policy = ?1 AND version = ?2"
              " LIMIT 1",
    [SUPERSEDE] = "INSERT OR IGNORE INTO superseded (policy, version, purpose)"
                  " SELECT policy, version, ?3 FROM notice WHERE policy = ?1"
                  " AND version <> ?2",
    [IS_SUPERSEDED] = "SELECT 1 FROM superseded WHERE policy = ?1"
                      " AND version = ?2 AND purpose = ?3",
    [VERSION] = "SELECT 1 FROM superseded WHERE policy = ?1 AND version = ?2"
                " LIMIT 1",
    [ANY] = "SELECT 1 FROM superseded WHERE policy > '' LIMIT 1",
};
STATEMENTS(SQL_NOTICE)

static sqlite3_stmt *get_of(struct store *store, int which, const char *policy,
                            const char *version, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);

    if (st != NULL && policy != NULL) {
        sql_text(st, 1, policy);
        sql_text(st, 2, version);
    }
    return st;
}

int notice_add(struct store *store, const struct notice_row *row,
               struct error *err)
{
    sqlite3_stmt *st = get_of(store, ADD, row->policy, row->version, err);
    uint8_t hash[SHA256_LEN];

    if (st == NULL)
        return -1;
    sha256_of(hash, row->bytes, row->len);
    sql_text(st, 3, row->language);
    sql_bytes(st, 4, hash, sizeof(hash));
    sql_bytes(st, 5, row->bytes, row->len);
    sql_int(st, 6, row->published);
    sql_text(st, 7, row->terms);
    return sql_run(store, st, err);
}

int notice_get(struct store *store, const char *policy, const char *version,
               const char *language, struct buf *out, struct error *err)
{
    sqlite3_stmt *st = get_of(store, GET, policy, version, err);

    if (st == NULL)
        return -1;
    sql_text(st, 3, language);
    return row_one(store, st, row_bytes, out, err);
}

int notice_terms(struct store *store, const char *policy, const char *version,
                 struct buf *out, struct error *err)
{
    sqlite3_stmt *st = get_of(store, TERMS, policy, version, err);

    return st == NULL ? -1 : row_one(store, st, row_bytes, out, err);
}

/* ---- superseded --------------------------------------------------------- */

int notice_supersede(struct store *store, const char *policy,
                     const char *version, const char *purpose,
                     struct error *err)
{
    sqlite3_stmt *st = get_of(store, SUPERSEDE, policy, version, err);

    if (st == NULL)
        return -1;
    sql_text(st, 3, purpose);
    return sql_run(store, st, err);
}

int notice_superseded(struct store *store, const char *policy,
                      const char *version, const char *purpose,
                      struct error *err)
{
    sqlite3_stmt *st = get_of(store, purpose != NULL ? IS_SUPERSEDED : VERSION,
                              policy, version, err);
    int64_t one;

    if (st == NULL)
        return -1;
    if (purpose != NULL)
        sql_text(st, 3, purpose);
    return row_one(store, st, row_int, &one, err);
}

int notice_any_superseded(struct store *store, struct error *err)
{
    sqlite3_stmt *st = get_of(store, ANY, NULL, NULL, err);
    int64_t one;

    return st == NULL ? -1 : row_one(store, st, row_int, &one, err);
}

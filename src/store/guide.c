/* What a case's procedure has and lacks, and how often we answered. */
#include "store_private.h"

#include <string.h>

enum { ITEMS, TAKE, RETURN, UNCLEAR, GET, PUT };

static const char *const sql[] = {
    /* A document that is blocked or gone is missing again; its attachment
     * still says that it was stored. */
    [ITEMS] = "SELECT item, sum(kept), sum(way), sum(refused), sum(taken) FROM"
              " (SELECT item, state = 'stored' AND received >= coalesce((SELECT"
              "   i.returned FROM case_item i WHERE i.case_id = ?1"
              "   AND i.item = document.item), 0) AS kept, 0 AS way,"
              "   0 AS refused, 0 AS taken FROM document WHERE case_id = ?1"
              "  UNION ALL SELECT item, 0, state = 'held' OR state = 'queued'"
              "   OR state = 'fetching' OR state = 'judging',"
              "   state = 'refused', 0 FROM attachment WHERE case_id = ?1"
              "  UNION ALL SELECT item, 0, 0, 0, received IS NOT NULL"
              "   FROM case_item WHERE case_id = ?1)"
              " GROUP BY item LIMIT ?2",
    [TAKE] = "INSERT INTO case_item (case_id, item, received, taken_by)"
             " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET received = ?3,"
             " taken_by = ?4 WHERE received IS NULL",
    [RETURN] = "INSERT INTO case_item (case_id, item, returned)"
               " VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET returned = ?3",
    [UNCLEAR] = "SELECT a.id, a.item = '!', (SELECT c.procedure FROM cases c"
                " WHERE c.id = a.case_id) FROM attachment a"
                " WHERE a.subject = ?1 AND a.policy = ?2"
                " AND a.state = CAST('held' AS TEXT)"
                " AND (a.item = '?' OR a.item = '!')"
                " ORDER BY a.received, a.rowid LIMIT ?3",
    [GET] = "SELECT since, answers, menu, hinted, lined FROM guide"
            " WHERE subject = ?1 AND policy = ?2",
    [PUT] = "INSERT INTO guide (subject, policy, since, answers, menu,"
            " hinted, lined) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            " ON CONFLICT (subject, policy) DO UPDATE SET since = ?3,"
            " answers = ?4, menu = ?5, hinted = ?6, lined = ?7",
};
STATEMENTS(SQL_GUIDE)

int case_items(struct store *store, const char *case_id,
               struct case_item_row *out, size_t max, size_t *n,
               struct error *err)
{
    sqlite3_stmt *st = get(store, ITEMS, err);
    int row = -1;

    *n = 0;
    if (st == NULL)
        return -1;
    sql_text(st, 1, case_id);
    sql_int(st, 2, (int64_t)max);
    while (*n < max && (row = sql_step(store, st, err)) > 0) {
        struct case_item_row *item = &out[(*n)++];

        memset(item, 0, sizeof(*item));
        COLUMN_TEXT(st, 0, item->item);
        item->kept = sqlite3_column_int64(st, 1);
        item->under_way = sqlite3_column_int64(st, 2);
        item->refused = sqlite3_column_int64(st, 3);
        item->taken = sqlite3_column_int64(st, 4) > 0;
    }
    sql_done(st);
    return row < 0 ? -1 : 0;
}

int case_item_take(struct store *store, const char *case_id, const char *item,
                   uint32_t uid, msec now, struct error *err)
{
    sqlite3_stmt *st = get(store, TAKE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, case_id);
    sql_text(st, 2, item);
    sql_int(st, 3, now);
    sql_int(st, 4, uid);
    return sql_run(store, st, err);
}

int case_item_return(struct store *store, const char *case_id, const char *item,
                     msec now, struct error *err)
{
    sqlite3_stmt *st = get(store, RETURN, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, case_id);
    sql_text(st, 2, item);
    sql_int(st, 3, now);
    return sql_run(store, st, err);
}

int attachment_unclear(struct store *store, const char *subject,
                       const char *policy, struct unclear_row *out, size_t max,
                       size_t *n, struct error *err)
{
    int row = -1, has = subject_has(store, subject, PERSON_UNCLEAR, err);
    sqlite3_stmt *st;

    *n = 0;
    if (has <= 0)
        return has;
    if ((st = get(store, UNCLEAR, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_int(st, 3, (int64_t)max);
    while (*n < max && (row = sql_step(store, st, err)) > 0) {
        COLUMN_TEXT(st, 0, out[*n].attachment);
        COLUMN_TEXT(st, 2, out[*n].procedure);
        out[(*n)++].asked = sqlite3_column_int(st, 1) != 0;
    }
    sql_done(st);
    return row < 0 ? -1 : 0;
}

/* ---- how often we answered ---------------------------------------------- */

static int guide_read(sqlite3_stmt *st, void *out, struct error *err)
{
    struct guide_row *row = out;

    (void)err;
    row->since = sqlite3_column_int64(st, 0);
    row->answers = sqlite3_column_int64(st, 1);
    row->menu = sqlite3_column_int64(st, 2);
    row->hinted = sqlite3_column_int64(st, 3);
    row->lined = sqlite3_column_int64(st, 4);
    return 0;
}

int guide_get(struct store *store, const char *subject, const char *policy,
              struct guide_row *out, struct error *err)
{
    int has = subject_has(store, subject, PERSON_GUIDE, err);
    sqlite3_stmt *st;

    memset(out, 0, sizeof(*out));
    if (has <= 0)
        return has;
    if ((st = get(store, GET, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    return row_one(store, st, guide_read, out, err);
}

int guide_put(struct store *store, const char *subject, const char *policy,
              const struct guide_row *row, struct error *err)
{
    sqlite3_stmt *st;

    if (subject_gains(store, subject, PERSON_GUIDE, err) != 0 ||
        (st = get(store, PUT, err)) == NULL)
        return -1;
    sql_text(st, 1, subject);
    sql_text(st, 2, policy);
    sql_int(st, 3, row->since);
    sql_int(st, 4, row->answers);
    sql_int(st, 5, row->menu);
    sql_int(st, 6, row->hinted);
    sql_int(st, 7, row->lined);
    return sql_run(store, st, err);
}

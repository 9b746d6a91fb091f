/* What waits for somebody: counts for `status`, each from an index alone. */
#include "store_private.h"

enum { WAITING };

static const char *const sql[] = {
    [WAITING] =
        "SELECT (SELECT count(*) FROM request WHERE state = 'overdue')"
        " + (SELECT count(*) FROM request WHERE state = 'deemed_accepted'"
        " AND closed IS NULL),"
        " (SELECT count(*) FROM request WHERE closed IS NULL"
        " AND due_early_at < ?1),"
        " (SELECT count(*) FROM conversation WHERE mode = 'waiting'),"
        " (SELECT min(since) FROM conversation WHERE mode = 'waiting'),"
        /* In the words of the index, which has none that ended. */
        " (SELECT count(*) FROM approval WHERE state <> 'ended'"
        " AND state = 'asked' AND expires > ?2)",
};
STATEMENTS(SQL_WAITING)

int store_waiting(struct store *store, msec now, msec soon,
                  struct store_waiting *out, struct error *err)
{
    sqlite3_stmt *st = get(store, WAITING, err);

    *out = (struct store_waiting){ 0 };
    if (st == NULL)
        return -1;
    sql_int(st, 1, soon);
    sql_int(st, 2, now);
    if (sql_step(store, st, err) != 1)
        return -1;
    out->overdue = sqlite3_column_int64(st, 0);
    out->due = sqlite3_column_int64(st, 1);
    out->handovers = sqlite3_column_int64(st, 2);
    out->handover_since = sqlite3_column_int64(st, 3);
    out->approvals = sqlite3_column_int64(st, 4);
    sql_done(st);
    return 0;
}

/* SQLite's own look at the database, in pieces, beside the running writer. */
#include "store_private.h"

#include <string.h>

/* Steps of SQLite's machine between two questions whether to stop. */
#define STOP_STEPS 20000

/* Every table with its indexes; the first one has the list of free pages, too.
 * Not the ledger: ledger_recheck reads and hashes all of it, which sees more,
 * and it is the largest by far. */
#define CHECK(table) "PRAGMA quick_check(" #table ")"
static const char *const sql[] = {
    CHECK(sqlite_schema), CHECK(meta),           CHECK(subject),
    CHECK(handle),        CHECK(consent),        CHECK(prompt),
    CHECK(cases),         CHECK(attachment),     CHECK(loose),
    CHECK(document),      CHECK(outbox),         CHECK(burst),
    CHECK(seen),          CHECK(evidence),       CHECK(note),
    CHECK(notice),        CHECK(keyring),        CHECK(keyring_grant),
    CHECK(dead_letter),   CHECK(erasure),        CHECK(erasure_item),
    CHECK(forget),        CHECK(approval),       CHECK(newcomer),
    CHECK(hold),          CHECK(released),       CHECK(consent_kind),
    CHECK(consent_block), CHECK(consent_person), CHECK(ledger_step),
    CHECK(exported),      CHECK(cosigned),       CHECK(tile),
    CHECK(stamp),         CHECK(request),        CHECK(conversation),
    CHECK(handover),      CHECK(chat),           CHECK(outbound),
    CHECK(guide),         CHECK(case_item),      CHECK(superseded),
    CHECK(link),          CHECK(carried),        CHECK(suggestion),
    CHECK(excluded),      CHECK(delivery),       CHECK(identity_check),
    CHECK(rating),        CHECK(promise),        CHECK(elsewhere),
    CHECK(question),      CHECK(happened)
};
STATEMENTS(SQL_QUICK_CHECK)

struct looking {
    store_stop stop;
    void *arg;
};

static int asked_to_stop(void *arg)
{
    const struct looking *l = arg;
    return l->stop(l->arg) ? 1 : 0;
}

/* One table, one snapshot. */
static int check_table(struct store *store, size_t i, struct error *err)
{
    sqlite3_stmt *st = get(store, (int)i, err);
    char said[128] = "";
    int row;

    if (st == NULL || (row = sql_step(store, st, err)) < 0)
        return -1;
    if (row > 0)
        COLUMN_TEXT(st, 0, said);
    sql_done(st);
    if (strcmp(said, "ok") != 0)
        return error_set(err, ERR_VERIFY, "the database is damaged: %s: %s",
                         sql[i], said);
    return 0;
}

void store_interrupt(struct store *store)
{
    sqlite3_interrupt(store->db);
}

int store_quick_check(struct store *store, store_stop stop, void *arg,
                      struct error *err)
{
    struct looking looking = { stop, arg };
    int ok = 0;

    sqlite3_progress_handler(store->db, STOP_STEPS, asked_to_stop, &looking);
    for (size_t i = 0; ok == 0 && i < sizeof(sql) / sizeof(sql[0]); i++)
        ok = stop(arg) ? 1 : check_table(store, i, err);
    sqlite3_progress_handler(store->db, 0, NULL, NULL);
    return ok < 0 && stop(arg) ? 1 : ok;
}

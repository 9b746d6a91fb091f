/* Erasures of a registrar without threads: ordered, carried out, looked at. */
#ifndef RESGUARDO_UNIT_ERASE_HELP_H
#define RESGUARDO_UNIT_ERASE_HELP_H

#include "registrar_help.h"

#include "registrar/keep_private.h"
#include "store/store_private.h"

/* ---- asking the rows ---------------------------------------------------- */

static inline int64_t ask(struct fixture *f, const char *sql)
{
    sqlite3_stmt *st = NULL;
    int64_t n;

    assert_int_equal(sqlite3_prepare_v2(f->r->store->db, sql, -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return n;
}

/* Rows of a person in every table that has such. */
static inline int64_t rows_of(struct fixture *f, const char *subject)
{
    static const char *const tables[] = {
        "handle", "prompt", "attachment", "document",     "outbox",   "burst",
        "note",   "chat",   "handover",   "conversation", "outbound", "promise"
    };
    char sql[160];
    int64_t n = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        (void)snprintf(sql, sizeof(sql),
                       "SELECT count(*) FROM %s WHERE subject = '%s'",
                       tables[i], subject);
        n += ask(f, sql);
    }
    return n;
}

static inline void who_is(struct fixture *f, const char *phone,
                          char out[ID_SIZE])
{
    assert_int_equal(subject_find(f->r->store, HANDLE_PHONE, phone, out, &f->e),
                     1);
}

static inline bool is_known(struct fixture *f, const char *phone)
{
    char id[ID_SIZE];
    int found = subject_find(f->r->store, HANDLE_PHONE, phone, id, &f->e);

    assert_true(found >= 0);
    return found > 0;
}

/* The event types of all leaves in a row, with spaces. */
static inline int add_event(void *arg, uint64_t index, const uint8_t *entry,
                            size_t len, const uint8_t *leaf)
{
    struct buf *out = arg;
    struct error e;
    json_t *value = json_parse(entry, len, &e);

    (void)index, (void)leaf;
    assert_int_equal(buf_addf(out, "%s ", json_str(value, "event_type")), 0);
    json_decref(value);
    return 0;
}

static inline size_t count_events(struct fixture *f, const char *type)
{
    struct buf all = { 0 };
    char word[64];
    size_t n = 0;

    (void)snprintf(word, sizeof(word), "%s ", type);
    assert_int_equal(
        ledger_row_list(f->r->store, 0, INT64_MAX, add_event, &all, &f->e), 0);
    for (const char *p = (char *)all.p; (p = strstr(p, word)) != NULL; p++)
        n++;
    buf_free(&all);
    return n;
}

/* ---- erasing ------------------------------------------------------------ */

static inline int step_order(struct registrar *r, void *arg, struct error *err)
{
    struct erasure_row *row = arg;

    return erasure_order(r, row, NULL, 0, NULL, err);
}

static inline struct erasure_row order(struct fixture *f, const char *kind,
                                       const char *subject, msec due)
{
    struct erasure_row row = { .requested_by = -1,
                               .approved_by = -1,
                               .due = due };

    SET(row.kind, kind);
    SET(row.subject, subject);
    SET(row.ground, "request");
    SET(row.cause, "request");
    if (batch_between(f->r, step_order, &row, &f->e) != 0)
        fail_msg("%s", f->e.text);
    return row;
}

static inline struct erasure_row row_of(struct fixture *f, const char *id)
{
    struct erasure_row row;

    assert_int_equal(erasure_get(f->r->store, id, &row, &f->e), 1);
    return row;
}

static inline bool is_done(struct fixture *f, const char *id)
{
    return strcmp(row_of(f, id).state, "done") == 0;
}

/* As the thread would go on. */
static inline void run_out(struct fixture *f)
{
    for (int i = 0; i < 200; i++) {
        f->now += 10;
        (void)registrar_step(f->r);
    }
}

static inline void finish(struct fixture *f, const char *id)
{
    for (int i = 0; i < 500 && !is_done(f, id); i++) {
        f->now += 10;
        (void)registrar_step(f->r);
    }
    assert_true(is_done(f, id));
}

/* A person with `n` documents and a file that is on its way. */
static inline void give_documents(struct fixture *f, const char *who, int n)
{
    char wamid[64];

    help_consenting(f, who);
    for (int i = 0; i <= n; i++) {
        size_t order = f->nfetches;

        (void)snprintf(wamid, sizeof(wamid), "wamid.%s.%d", who, i);
        help_photo(f, who, wamid);
        if (i < n)
            help_judged(f, order, "image/jpeg");
    }
}

static inline json_t *certificate_of(struct fixture *f, const char *id)
{
    struct buf text = { 0 };
    json_t *paper;

    assert_int_equal(erasure_certificate(f->r->store, id, &text, &f->e), 1);
    paper = json_parse(text.p, text.len, &f->e);
    assert_non_null(paper);
    buf_free(&text);
    return paper;
}

#endif

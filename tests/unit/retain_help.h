/* What officers ask of a registrar without threads: each request in a thread of
 * its own, while the test steps. */
#ifndef RESGUARDO_UNIT_RETAIN_HELP_H
#define RESGUARDO_UNIT_RETAIN_HELP_H

#include "registrar_help.h"

#include <sqlite3.h>
#include <stdatomic.h>

#define ANA 1u
#define BOB 2u

typedef int (*help_request)(struct registrar *, void *arg, struct error *);

struct calling {
    struct fixture *f;
    help_request request;
    void *arg;
    int result;
    atomic_bool done;
};

static inline void *call_main(void *arg)
{
    struct calling *c = arg;

    c->f->e = (struct error){ 0 };
    c->result = c->request(c->f->r, c->arg, &c->f->e);
    atomic_store(&c->done, true);
    return NULL;
}

/* Steps until it was answered. */
static inline int call(struct fixture *f, help_request request, void *arg)
{
    struct calling c = { .f = f, .request = request, .arg = arg };
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, call_main, &c), 0);
    while (!atomic_load(&c.done))
        (void)registrar_step(f->r);
    assert_int_equal(pthread_join(thread, NULL), 0);
    return c.result;
}

#define CALLS(f, request, arg) assert_int_equal(call(f, request, arg), 0)
#define REFUSES(f, request, arg, wanted)                                       \
    do {                                                                       \
        assert_int_equal(call(f, request, arg), -1);                           \
        assert_int_equal((f)->e.code, wanted);                                 \
    } while (0)

/* A second officer, known for long. */
static inline struct secret *help_bob(struct fixture *f, unsigned roles)
{
    struct secret *bob = age_identity_new(&random_system);
    struct keyring_staff staff = { .uid = BOB, .name = "bob", .roles = roles };
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    assert_int_equal(age_identity_recipient(staff.recipient, bob), 0);
    assert_int_equal(staff_sign_public(staff.sign_key, bob), 0);
    assert_int_equal(keyring_sign_staff(f->keyring, f->officer, &staff, T0,
                                        &entry, signature, &f->e),
                     0);
    buf_free(&entry);
    return bob;
}

static inline struct staff_access help_by(uint32_t uid)
{
    struct staff_access by = { .uid = uid, .role = "officer" };

    (void)snprintf(by.name, sizeof(by.name), "%s", uid == ANA ? "ana" : "bob");
    return by;
}

/* What the rows say: a number, by SQL of the test's own. */
static inline int64_t help_number(struct fixture *f, const char *sql)
{
    sqlite3_stmt *st = NULL;
    char path[192];
    sqlite3 *db = NULL;
    int64_t n;

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", f->dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

/* As no event does it: for states that take long to come about. */
static inline void help_change(struct fixture *f, const char *sql)
{
    char path[192];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", f->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
    assert_int_equal(sqlite3_changes(db), 1);
    sqlite3_close(db);
}

static inline int64_t help_leaves(struct fixture *f, const char *event)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM ledger WHERE"
                   " json_extract(CAST(entry AS TEXT), '$.event_type') = '%s'",
                   event);
    return help_number(f, sql);
}

/* A text that the rows hold. */
static inline void help_word(struct fixture *f, const char *sql, char *out,
                             size_t cap)
{
    sqlite3_stmt *st = NULL;
    char path[192];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", f->dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    (void)snprintf(out, cap, "%s", (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    sqlite3_close(db);
}

/* Until nothing goes on by itself: erasures take several steps. */
static inline void help_settle(struct fixture *f)
{
    for (int idle = 0; idle < 3; idle = f->r->more ? 0 : idle + 1)
        (void)registrar_step(f->r);
}

/* Time passes, and what is due by then is done. */
static inline void help_pass(struct fixture *f, msec time)
{
    f->now += time;
    help_settle(f);
}

/* One more file of who said yes under es-gdpr, stored as this type. */
static inline void help_stored(struct fixture *f, const char *from,
                               const char *wamid, const char *media_type)
{
    size_t order = f->nfetches;

    help_photo(f, from, wamid);
    help_settle(f);
    assert_int_equal(f->nfetches, order + 1);
    help_judged(f, order, media_type);
}

/* As help_setup loads them. */
#define SPAIN(f)    ((f)->policies->policies[0])
#define COLOMBIA(f) ((f)->policies->policies[1])

#endif

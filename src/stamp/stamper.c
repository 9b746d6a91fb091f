/*
 * When a checkpoint is stamped, and what is done about it. A thread of its own:
 * an authority that is slow, or not there, keeps nobody else waiting.
 */
#include "resguardo/registrar_keys.h"
#include "resguardo/registrar_staff.h"
#include "resguardo/stamp.h"

#include "authority.h"

#include <stdlib.h>
#include <string.h>

/* Clocks are set: how long one may sleep without a look at them. */
#define LOOK   (60 * MSEC_S)
#define MINUTE (60 * MSEC_S)

struct stamper {
    struct stamper_needs needs;
    pthread_t thread;
    pthread_mutex_t lock; /* due, failures, told and closing */
    pthread_cond_t wake;
    bool closing; /* atomic as well: curl's thread reads it */
    msec due;
    unsigned failures;       /* in a row */
    enum stamp_failure told; /* the last of them that is on record */
    pthread_mutex_t one;     /* at a time */
};

msec stamp_wait(unsigned failures, msec every)
{
    msec wait = MINUTE;

    if (failures == 0)
        return every;
    while (--failures > 0 && wait < MSEC_H)
        wait *= 2;
    if (wait > MSEC_H)
        wait = MSEC_H;
    return wait < every ? wait : every;
}

/* ---- one stamp ---------------------------------------------------------- */

static enum stamp_failure take_checkpoint(const struct stamper *s,
                                          struct stamp_record *record,
                                          struct error *e)
{
    struct registrar *registrar = s->needs.registrar;
    struct stamp_row *row = &record->row;
    struct ledger_checkpoint now;

    if (registrar_checkpoint(registrar, &row->note, e) != 0 ||
        ledger_checkpoint_open(&now, (const char *)row->note.p, row->note.len,
                               registrar_vkey(registrar), e) != 0 ||
        stamp_query(&row->query, row->note.p, row->note.len, s->needs.random,
                    e) != 0)
        return STAMP_INTERNAL;
    row->size = now.size;
    memcpy(record->root, now.root, sizeof(record->root));
    return STAMP_OK;
}

/* An authority's word counts once it holds under what the operator trusts. */
static enum stamp_failure fetch(const struct stamper *s,
                                struct stamp_record *record, struct error *e)
{
    const struct config *c = s->needs.config;
    const struct authority to = { c->stamp_url, c->proxy, c->ca_file,
                                  &s->closing };
    struct stamp_row *row = &record->row;
    struct buf ca = { 0 };
    const struct stamp_parts parts = { &row->note, &row->query, &row->answer,
                                       &ca };
    enum stamp_failure why = take_checkpoint(s, record, e);

    if (why == STAMP_OK &&
        file_read(c->stamp_ca_file, LIMIT_CA_BYTES, &ca, e) != 0)
        why = STAMP_INTERNAL;
    if (why == STAMP_OK)
        why = authority_ask(&to, &row->query, &row->answer, e);
    if (why == STAMP_OK)
        why = stamp_check(&parts, false, &row->stamped, e);
    buf_free(&ca);
    return why;
}

static bool is_closing(const struct stamper *s)
{
    return __atomic_load_n(&s->closing, __ATOMIC_RELAXED);
}

/* The next time; and is what came of this one to be entered? A failure that
 * goes on is entered once, so that a year without an authority is no ledger of
 * its own. */
static bool settle(struct stamper *s, enum stamp_failure why, bool asked)
{
    msec now = clock_now(s->needs.clock);
    bool enter;

    pthread_mutex_lock(&s->lock);
    enter = why == STAMP_OK || asked || why != s->told;
    s->told = why;
    s->failures = why == STAMP_OK ? 0 : s->failures + 1;
    s->due = now + stamp_wait(s->failures, s->needs.config->stamp_every);
    pthread_mutex_unlock(&s->lock);
    return enter;
}

static int stamp(struct stamper *s, struct stamp_record *record,
                 struct error *e)
{
    struct error other = { 0 };
    int ok = -1;

    pthread_mutex_lock(&s->one);
    record->why = fetch(s, record, e);
    if (!is_closing(s)) {
        bool enter = settle(s, record->why, record->by != NULL);

        if (record->why != STAMP_OK)
            log_error("checkpoint_not_stamped", e);
        ok = record->why == STAMP_OK ? 0 : -1;
        if (enter && record->why != STAMP_INTERNAL &&
            registrar_record_stamp(s->needs.registrar, record,
                                   ok == 0 ? e : &other) != 0)
            ok = -1;
    } else if (e->code == ERR_NONE) {
        (void)error_set(e, ERR_BUSY, "the daemon is stopping");
    }
    pthread_mutex_unlock(&s->one);
    return ok;
}

int stamper_stamp(struct stamper *s, const struct staff_access *by,
                  struct stamp_row *row, struct error *e)
{
    struct stamp_record record = { .by = by };
    int ok;

    memset(row, 0, sizeof(*row));
    if (s == NULL) {
        (void)error_set(e, ERR_CONFLICT, "no authority of time is configured");
        return error_hint(e, "set ledger.timestamp in the configuration");
    }
    ok = stamp(s, &record, e);
    if (ok == 0)
        *row = record.row;
    else
        stamp_row_free(&record.row);
    return ok;
}

/* ---- the thread --------------------------------------------------------- */

/* False: the daemon ends. */
static bool sleep_until_due(struct stamper *s)
{
    pthread_mutex_lock(&s->lock);
    while (!is_closing(s)) {
        msec now = clock_now(s->needs.clock), wait;
        struct timespec until;

        /* A clock that was set back delays nothing by more than that. */
        if (s->due - now > s->needs.config->stamp_every)
            s->due = now + s->needs.config->stamp_every;
        if ((wait = s->due - now) <= 0)
            break;
        until = clock_deadline(wait < LOOK ? wait : LOOK);
        (void)pthread_cond_timedwait(&s->wake, &s->lock, &until);
    }
    pthread_mutex_unlock(&s->lock);
    return !is_closing(s);
}

static void *thread_main(void *arg)
{
    struct stamper *s = arg;

    while (sleep_until_due(s)) {
        struct stamp_record record = { 0 };
        struct error e = { 0 };

        /* It is in the log already, if it is to be told. */
        (void)stamp(s, &record, &e);
        stamp_row_free(&record.row);
    }
    return NULL;
}

int stamper_open(struct stamper **out, const struct stamper_needs *needs,
                 struct error *e)
{
    struct stamper *s;

    *out = NULL;
    if (needs->config->stamp_url == NULL)
        return 0;
    if ((s = calloc(1, sizeof(*s))) == NULL)
        return error_set(e, ERR_NOMEM, "no memory for time stamps");
    s->needs = *needs;
    s->due = needs->last == 0 ? 0 : needs->last + needs->config->stamp_every;
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->one, NULL);
    (void)clock_cond_init(&s->wake);
    if (pthread_create(&s->thread, NULL, thread_main, s) != 0) {
        free(s);
        return error_set(e, ERR_NOMEM, "cannot start the thread for stamps");
    }
    *out = s;
    return 0;
}

void stamper_stop(struct stamper *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    __atomic_store_n(&s->closing, true, __ATOMIC_RELAXED);
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

void stamper_close(struct stamper **stamper)
{
    struct stamper *s = *stamper;

    if (s == NULL)
        return;
    stamper_stop(s);
    (void)pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->one);
    pthread_mutex_destroy(&s->lock);
    free(s);
    *stamper = NULL;
}

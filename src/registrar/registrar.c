/* The registrar's life: open, recover, run, close. */
#include "keep_private.h"
#include "keyring_private.h"
#include "mail_private.h"
#include "message_private.h"
#include "registrar_private.h"
#include "upkeep_private.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define CHECKPOINT_INTERVAL MSEC_S
/* Rows may become due by other clocks than ours; look at least this often. */
#define IDLE_LOOK (5 * MSEC_S)
/* Due, but held back: all places are taken (their ends wake us), the token is
 * refused, Meta refuses every id. */
#define HELD_BACK MSEC_S
#define SOON      ((msec)20)

int registrar_open(struct registrar **out, const struct registrar_needs *needs,
                   struct error *err)
{
    struct registrar *r = calloc(1, sizeof(*r));
    int ok = -1;

    *out = NULL;
    if (r == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the registrar");
    r->config = needs->config;
    r->policies = r->policies_now = needs->policies;
    r->store = needs->store;
    r->keyring = needs->keyring;
    r->effects = needs->effects;
    r->clock = needs->clock;
    r->random = needs->random;
    if (needs->instance != NULL)
        r->instance = *needs->instance;
    r->last = &r->first;
    r->now = clock_now(r->clock);
    r->bury = true; /* what a crash left of ended approvals */
    pthread_mutex_init(&r->lock, NULL);
    (void)clock_cond_init(&r->wake);
    pthread_cond_init(&r->answered, NULL);

    /* What a former daemon's failed COMMIT left readable need not be on the
     * disk: nothing is answered for before it is. */
    if (pace_open(r, err) != 0 || store_checkpoint(r->store, true, err) != 0 ||
        ledger_open(&r->ledger, r->store, err) != 0 ||
        ledger_key_show(r, err) != 0 || erasure_recover_keys(r, err) != 0)
        goto out;

    /* New notices and what a crash left behind, in one transaction. */
    if (store_begin(r->store, err) != 0)
        goto out;
    if (publish_notices(r, err) != 0 || recover_run(r, err) != 0 ||
        dead_letters_retry(r, err) != 0 || ledger_flush(r->ledger, err) != 0 ||
        store_commit(r->store, err) != 0) {
        store_rollback(r->store);
        goto out;
    }
    ledger_committed(r->ledger);
    if (dead_letters_bury(r, err) != 0 || erasure_recover(r, err) != 0)
        goto out;
    r->status.healthy = true;
    r->status.storage = "unchecked";
    r->status.ledger_size = r->opened_at = ledger_size(r->ledger);
    r->opened = r->now;
    *out = r;
    ok = 0;
out:
    if (ok != 0) {
        r->store = NULL; /* stays the caller's on failure */
        registrar_close(&r);
    }
    return ok;
}

/* A clock that was set back must not stop what is done every so often. */
static bool elapsed(msec now, msec last, msec interval)
{
    return now - last >= interval || now < last;
}

/* Signs what was committed, at most once a second; keeps the seen-keys
 * young. Between batches. */
static void housekeeping(struct registrar *r)
{
    struct error err = { 0 };
    struct buf note = { 0 };
    uint64_t erase = 0;

    if (r->broken || r->read_only || deep_check_failed(r))
        return;
    if (elapsed(r->now, r->last_checkpoint, CHECKPOINT_INTERVAL)) {
        r->last_checkpoint = r->now;
        if (ledger_key_checkpoint(r, &note, &err) != 0)
            log_error("checkpoint_failed", &err);
        buf_free(&note);
    }
    if (approval_bury(r, &err) != 0)
        log_error("approval_left", &err);
    if (!r->broken && elapsed(r->now, r->last_rotation, MSEC_H)) {
        r->last_rotation = r->now;
        if (store_begin(r->store, &err) != 0)
            return;
        if (seen_rotate(r->store, r->now, &erase, &err) != 0 ||
            batch_commit(r, &err) != 0) {
            store_rollback(r->store);
            log_error("rotation_failed", &err);
        } else if (erase != 0 && slot_erase(r->store, &erase, 1, &err) != 0)
            log_error("rotation_failed", &err);
    }
}

static void look_ahead(struct registrar *r)
{
    struct error err = { 0 };
    msec due = INT64_MAX;

    if (!r->broken && store_next_due(r->store, &due, &err) != 0)
        due = r->now + MSEC_S;
    if (r->retry_at != 0)
        due = r->retry_at;
    if (r->read_only) /* nothing is, before a restart */
        due = INT64_MAX;
    r->next_due = due;
}

/* Its storage was found sound, and the ledger does not know yet that it began.
 */
static bool start_is_due(const struct registrar *r)
{
    return r->instance.version != NULL && !r->said.started &&
           deep_check_passed(r);
}

int registrar_step(struct registrar *r)
{
    struct event *list = queue_take_batch(r);
    int n;

    if (start_is_due(r))
        r->last_upkeep = 0;
    n = batch_run(r, list);

    housekeeping(r);
    look_ahead(r);
    if (erasure_work(r)) {
        r->more = true;
        r->next_due = r->now;
    } else if (r->erase_waits && r->erase_again < r->next_due) {
        r->next_due = r->erase_again;
    }
    return n;
}

msec registrar_next_due(struct registrar *r)
{
    return r->next_due;
}

/* Is there something to do at once? Under the lock. */
static bool is_called(const struct registrar *r)
{
    return r->first != NULL ||
           (!r->read_only && (r->denied.fresh || start_is_due(r)));
}

/* Sleeps until an event, the next due row, or a stop. False: stop. */
static bool sleep_until_due(struct registrar *r)
{
    msec now = clock_now(r->clock), wait = IDLE_LOOK;
    struct timespec until;
    bool go_on;

    if (r->next_due - now < wait)
        wait = r->next_due - now;
    if (wait < SOON)
        wait = r->more ? 0 : r->held_back ? HELD_BACK : SOON;
    until = clock_deadline(wait);

    pthread_mutex_lock(&r->lock);
    while (!r->closing && (!is_called(r) || now < r->retry_at)) {
        if (pthread_cond_timedwait(&r->wake, &r->lock, &until) == ETIMEDOUT)
            break;
        now = clock_now(r->clock);
    }
    go_on = !r->closing;
    pthread_mutex_unlock(&r->lock);
    return go_on;
}

static void *thread_main(void *arg)
{
    struct registrar *r = arg;

    do
        registrar_step(r);
    while (sleep_until_due(r));
    return NULL;
}

int registrar_start(struct registrar *r, struct error *err)
{
    if (store_checkpoint_beside(r->store, err) != 0)
        return -1;
    r->started = true; /* the thread reads it */
    if (pthread_create(&r->thread, NULL, thread_main, r) != 0) {
        r->started = false;
        return error_set(err, ERR_NOMEM, "cannot start the registrar");
    }
    pthread_mutex_lock(&r->lock);
    r->status.ready = true;
    pthread_mutex_unlock(&r->lock);
    return 0;
}

void registrar_drain(struct registrar *r)
{
    pthread_mutex_lock(&r->lock);
    r->draining = true;
    pthread_mutex_unlock(&r->lock);
}

void registrar_close(struct registrar **registrar)
{
    struct registrar *r = *registrar;
    struct event *list;
    struct error err = { 0 };

    if (r == NULL)
        return;
    pthread_mutex_lock(&r->lock);
    r->closing = true;
    pthread_cond_broadcast(&r->wake);
    pthread_mutex_unlock(&r->lock);
    deep_check_end(r);
    if (r->started)
        pthread_join(r->thread, NULL);

    /* What was not begun is refused; our own results will be had again. */
    error_set(&err, ERR_BUSY, "the daemon is stopping");
    while ((list = queue_take(r, LIMIT_BATCH_EVENTS)) != NULL) {
        while (list != NULL) {
            struct event *e = list;
            list = e->next;
            if (e->kind == EVENT_WEBHOOK)
                batch_answer_one(r, e, 503);
            queue_answer(r, e, -1, &err);
            event_free(&e);
        }
    }
    batch_answered(r);
    /* What was committed last is promised too: the head covers it. */
    if (r->started && !r->broken && !r->read_only) {
        struct buf note = { 0 };
        if (ledger_checkpoint(r->ledger, &note, &err) != 0)
            log_error("checkpoint_failed", &err);
        buf_free(&note);
    }
    ledger_close(&r->ledger);
    ledger_key_close(r);

    /* A clean stop leaves one file: whoever copies it has everything. What is
     * damaged, or not on the disk for certain, stays as it is. */
    if (r->store != NULL && (r->read_only || deep_check_failed(r)))
        store_keep_wal(r->store);
    else if (r->store != NULL && store_checkpoint(r->store, true, &err) != 0)
        log_error("wal_not_moved", &err);
    store_close(&r->store);
    free(r->pending);
    keyring_close(r);
    buf_free(&r->buried);
    pace_close(r);
    pthread_cond_destroy(&r->answered);
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    free(r);
    *registrar = NULL;
}

void registrar_get_status(struct registrar *r, struct registrar_status *out)
{
    pthread_mutex_lock(&r->lock);
    *out = r->status;
    pthread_mutex_unlock(&r->lock);
    out->read_only |= deep_check_failed(r);
}

bool registrar_healthy(struct registrar *r)
{
    struct registrar_status status;

    registrar_get_status(r, &status);
    return status.ready && status.healthy && !status.read_only;
}

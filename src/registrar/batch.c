/*
 * Group commit: many events, one transaction. Each event has a savepoint;
 * effects are collected and released after the commit; what the environment
 * broke is undone as a whole and tried again or answered 503.
 */
#include "keyring_private.h"
#include "registrar_private.h"
#include "upkeep_private.h"

#include <stdlib.h>
#include <string.h>

#define IO_ERROR_WINDOW (60 * MSEC_S)
#define TELL_AGAIN      (60 * MSEC_S)

/* ---- one step ----------------------------------------------------------- */

int batch_guard(struct registrar *r, batch_step step, void *arg,
                struct error *err)
{
    /* Hopefully all of the batch applies, and none needs a savepoint. */
    if (r->hopeful) {
        *err = (struct error){ 0 };
        if (step(r, arg, err) == 0)
            return 0;
        r->disappointed = !error_is_environment(err->code);
        return -1;
    }

    for (int attempt = 0; attempt < 2; attempt++) {
        size_t effects = r->npending;

        *err = (struct error){ 0 };
        if (store_savepoint(r->store, err) != 0)
            return -1;
        ledger_mark(r->ledger);
        if (step(r, arg, err) == 0)
            return store_release(r->store, err) == 0 ? 0 : -1;
        store_rollback_to(r->store);
        ledger_rewind(r->ledger);
        effects_cut(r, effects);
        if (error_is_environment(err->code))
            return -1;
    }
    return 1;
}

/* ---- answers ------------------------------------------------------------ */

void batch_answer_one(struct registrar *r, const struct event *e,
                      unsigned status)
{
    r->effects->answer(r->effects->arg, e->request, status);
    r->answers = true;
}

void batch_answered(struct registrar *r)
{
    if (r->answers && r->effects->answered != NULL)
        r->effects->answered(r->effects->arg);
    r->answers = false;
}

/* What became of what staff asked for. A refusal of theirs is told as it is;
 * trouble of ours is for the log. */
static int staff_result(const struct event *e, struct error *err)
{
    if (e->flag)
        return 0;
    *err = e->waiter->err;
    if (err->code == ERR_CONFLICT || err->code == ERR_NOT_PERMITTED ||
        err->code == ERR_WAITS ||
        (e->kind == EVENT_STAFF &&
         (err->code == ERR_INPUT || err->code == ERR_NOT_PERMITTED ||
          err->code == ERR_NOT_FOUND || err->code == ERR_VERIFY)))
        return -1;
    return error_set(err, ERR_INTERNAL, "%s could not be recorded",
                     e->kind == EVENT_STAFF ? "it" : "the access");
}

/* After the commit: everyone who waited hears of it. */
static size_t batch_answer(struct registrar *r, struct event *list)
{
    struct error err = { 0 };
    uint64_t webhooks = 0;
    size_t n = 0;

    while (list != NULL) {
        struct event *e = list;
        int result = 0;

        list = e->next;
        n++;
        if (e->kind == EVENT_WEBHOOK) {
            webhooks++;
            r->counted.ignored += e->webhook->strange;
            batch_answer_one(r, e, 200);
        }
        if (e->kind == EVENT_RECORD || e->kind == EVENT_STAFF)
            result = staff_result(e, &err);
        if (e->kind == EVENT_CHECKPOINT) {
            batch_answered(r); /* no webhook waits for the head */
            result = ledger_key_checkpoint(r, e->note, &err);
        }
        queue_answer(r, e, result, &err);
        event_free(&e);
    }
    batch_answered(r);
    pthread_mutex_lock(&r->lock);
    r->status.webhooks += webhooks;
    if (webhooks > 0)
        r->status.webhook_at = r->now;
    r->status.ignored += r->counted.ignored;
    r->status.duplicates += r->counted.duplicates;
    pthread_mutex_unlock(&r->lock);
    return n;
}

/* Whoever looks for the damage needs one, and it writes nothing but the head.
 * After a COMMIT of unknown outcome there is nothing to sign. */
static void answer_checkpoint(struct registrar *r, struct event *e)
{
    struct error err = { 0 };
    int result = r->broken
                     ? error_set(&err, ERR_IO, "nobody knows what is committed")
                     : ledger_key_checkpoint(r, e->note, &err);

    queue_answer(r, e, result, &err);
}

/* After an undone batch: webhooks hear 503 (Meta sends them again), staff hear
 * why, results of our own work go back into the queue. */
static void batch_refuse(struct registrar *r, struct event *list,
                         const struct error *err)
{
    struct event *keep = NULL, **end = &keep;

    while (list != NULL) {
        struct event *e = list;

        list = e->next;
        e->next = NULL;
        if (e->kind == EVENT_WEBHOOK)
            batch_answer_one(r, e, 503);
        else if (e->kind == EVENT_CHECKPOINT && deep_check_failed(r))
            answer_checkpoint(r, e);
        else if (e->waiter != NULL)
            queue_answer(r, e, -1, err);
        else if (!r->read_only) {
            *end = e;
            end = &e->next;
            continue;
        }
        event_free(&e);
    }
    batch_answered(r);
    queue_return(r, keep);
}

/* ---- the transaction ---------------------------------------------------- */

/* A COMMIT with an I/O error is neither done nor undone: take a fresh handle,
 * get everything durable, read the rows again. Until that succeeds nothing is
 * acknowledged. */
static int batch_reopen(struct registrar *r, struct error *err)
{
    deep_check_pause(r);
    traffic_unsure(r);
    if (r->store != NULL)
        store_close(&r->store);
    if (store_open(&r->store, r->config->storage, r->config->slots_mirror,
                   STORE_WRITER, r->random, err) != 0)
        return -1;
    if (store_checkpoint(r->store, true, err) != 0 ||
        ledger_reload(r->ledger, r->store, err) != 0 ||
        keyring_reload(r, err) != 0 ||
        (r->started && store_checkpoint_beside(r->store, err) != 0))
        return -1;
    r->broken = false;
    return deep_check_resume(r, err);
}

int batch_commit(struct registrar *r, struct error *err)
{
    if (store_commit(r->store, err) == 0)
        return 0;
    if (err->code == ERR_IO) {
        r->broken = true;
        r->read_only = r->last_io_error != 0 &&
                       llabs(r->now - r->last_io_error) < IO_ERROR_WINDOW;
        r->last_io_error = r->now;
    }
    return -1;
}

static int batch_try(struct registrar *r, struct event *list, struct error *err)
{
    const struct policy_set *policies = r->policies;
    struct breaker breaker = r->breaker;
    size_t effects = r->npending;
    struct pace_bucket lines[LIMIT_NUMBERS];
    int64_t turn = r->turn;
    msec upkeep = r->last_upkeep;
    struct said_so said = r->said;

    memcpy(lines, r->pace.lines, r->config->nnumbers * sizeof(lines[0]));
    r->counted = (struct traffic){ 0 };
    if (store_begin(r->store, err) != 0)
        return -1;
    for (struct event *e = list; e != NULL; e = e->next)
        if (event_apply(r, e, err) != 0)
            goto undo;
    if (traffic_add(r, err) != 0 || pump_run(r, err) != 0 ||
        denied_enter(r, err) != 0 || ledger_flush(r->ledger, err) != 0)
        goto undo;
    if (batch_commit(r, err) != 0)
        goto undo;
    ledger_committed(r->ledger);
    keyring_committed(r);
    denied_committed(r);
    traffic_committed(r);
    return 0;
undo:
    store_rollback(r->store);
    ledger_undone(r->ledger);
    keyring_undone(r);
    effects_cut(r, effects);
    r->policies = policies;
    r->breaker = breaker;
    r->turn = turn;
    memcpy(r->pace.lines, lines, r->config->nnumbers * sizeof(lines[0]));
    r->last_upkeep = upkeep;
    r->said = said;
    denied_undone(r);
    return -1;
}

/* First without savepoints; when an event fails for a reason of its own, all
 * again with one for each. */
static int batch_transaction(struct registrar *r, struct event *list,
                             struct error *err)
{
    int ok;

    r->hopeful = true;
    r->disappointed = false;
    ok = batch_try(r, list, err);
    r->hopeful = false;
    if (ok != 0 && r->disappointed)
        ok = batch_try(r, list, err);
    return ok;
}

/* ---- the batch ---------------------------------------------------------- */

static void batch_health(struct registrar *r, bool healthy)
{
    pthread_mutex_lock(&r->lock);
    r->status.healthy = healthy;
    r->status.read_only = r->read_only;
    r->status.token_refused = r->token_refused;
    r->policies_now = r->policies;
    r->status.ledger_size = ledger_size(r->ledger);
    pthread_mutex_unlock(&r->lock);
}

/* After a sync that failed nobody knows what the disk holds: nothing more is
 * written, and the next start begins from the WAL. */
static void move_wal(struct registrar *r)
{
    struct error err = { 0 };

    if (store_checkpoint(r->store, false, &err) == 0)
        return;
    if (!store_unsynced(r->store)) {
        log_error("wal_not_moved", &err);
        return;
    }
    r->read_only = true;
    log_event(LOG_LEVEL_ALARM, "storage_unsynced", NULL);
    batch_health(r, false);
}

int batch_between(struct registrar *r, batch_step step, void *arg,
                  struct error *err)
{
    size_t effects = r->npending;

    if (store_begin(r->store, err) != 0)
        return -1;
    if (step(r, arg, err) != 0 || ledger_flush(r->ledger, err) != 0 ||
        batch_commit(r, err) != 0) {
        store_rollback(r->store);
        ledger_undone(r->ledger);
        effects_cut(r, effects);
        return -1;
    }
    ledger_committed(r->ledger);
    effects_release(r);
    return 0;
}

/* The first of a row is told, then how many there were, once a minute: what
 * lasts must not fill a disk that may be full. */
static void batch_told(struct registrar *r, const struct error *err)
{
    struct trouble *t = &r->trouble;

    t->n++;
    if (t->told != 0 && r->now - t->told < TELL_AGAIN && r->now >= t->told)
        return;
    log_error("batch_failed", err);
    if (t->n > 1)
        log_event(LOG_LEVEL_WARN, "batches_failed", "{s:I}", "count",
                  (json_int_t)t->n);
    *t = (struct trouble){ .told = r->now };
}

/* Damage does not heal: what the environment broke is tried again in a second.
 */
static void batch_gave_up(struct registrar *r, const struct error *err)
{
    if (err->code == ERR_VERIFY && !r->read_only) {
        r->read_only = true;
        deep_check_damaged(r, err);
    }
    batch_told(r, err);
    r->retry_at = r->read_only ? 0 : r->now + MSEC_S;
    batch_health(r, false);
}

int batch_run(struct registrar *r, struct event *list)
{
    struct error err = { 0 };
    int n;

    r->now = clock_now(r->clock);
    r->read_only |= deep_check_failed(r);
    if (r->read_only)
        error_set(&err, ERR_IO, "storage is read-only until a restart");
    if (r->read_only || (r->broken && batch_reopen(r, &err) != 0) ||
        batch_transaction(r, list, &err) != 0) {
        batch_gave_up(r, &err);
        batch_refuse(r, list, &err);
        return 0;
    }
    r->retry_at = 0;
    r->trouble = (struct trouble){ 0 };
    batch_health(r, true);
    effects_release(r);
    n = (int)batch_answer(r, list);
    move_wal(r);
    return n;
}

/*
 * Group commit: many events, one transaction. Each event has a savepoint;
 * effects are collected and released after the commit; what the environment
 * broke is undone as a whole and tried again or answered 503.
 */
#include "registrar_private.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define IO_ERROR_WINDOW (60 * MSEC_S)
#define TELL_AGAIN      (60 * MSEC_S)

/* ---- effects ------------------------------------------------------------ */

int effect_add(struct registrar *r, struct effect *effect, struct error *err)
{
    if (r->npending == r->cap_pending) {
        size_t cap = r->cap_pending == 0 ? 64 : 2 * r->cap_pending;
        struct effect *grown = realloc(r->pending, cap * sizeof(*grown));
        if (grown == NULL) {
            buf_free(&effect->body);
            return error_set(err, ERR_NOMEM, "no memory for an effect");
        }
        r->pending = grown;
        r->cap_pending = cap;
    }
    r->pending[r->npending++] = *effect;
    memset(effect, 0, sizeof(*effect)); /* handed over */
    return 0;
}

static void effects_cut(struct registrar *r, size_t n)
{
    while (r->npending > n)
        buf_free(&r->pending[--r->npending].body);
}

/* Off the disk, then off the list. What fails is done at the next start. */
static void release_unlink(struct registrar *r, const char *payload)
{
    struct error err = { 0 };

    if (blob_unlink(r->store, payload, &err) != 0)
        log_error("payload_left", &err);
    else
        (void)queue_unlinked(r, payload);
}

static void effects_release(struct registrar *r)
{
    const struct registrar_effects *to = r->effects;

    for (size_t i = 0; i < r->npending; i++) {
        struct effect *e = &r->pending[i];
        switch (e->kind) {
        case EFFECT_FETCH:
            to->fetch(to->arg, &e->order);
            break;
        case EFFECT_CANCEL:
            to->cancel(to->arg, e->id);
            break;
        case EFFECT_SEND:
            to->send(to->arg, e->id, e->number, (const char *)e->body.p,
                     e->body.len);
            break;
        case EFFECT_FORGET:
            to->forget(to->arg, e->id, e->number, e->media_id);
            break;
        case EFFECT_FORGET_CONTACT:
            to->forget_contact(to->arg, e->id, e->number,
                               (const char *)e->body.p);
            break;
        case EFFECT_UNLINK:
            release_unlink(r, e->id);
            break;
        }
    }
    effects_cut(r, 0);
}

/* ---- one event ---------------------------------------------------------- */

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

struct item_step {
    const struct webhook *webhook;
    const struct webhook_item *item;
};

static int apply_item(struct registrar *r, void *arg, struct error *err)
{
    const struct item_step *step = arg;
    return message_apply(r, step->webhook, step->item, err);
}

/* An item that was applied: it had an effect, or it was counted why not. */
static void count_applied(struct registrar *r, const struct webhook_item *item,
                          const struct traffic *before)
{
    if (r->counted.ignored != before->ignored ||
        r->counted.duplicates != before->duplicates)
        return;
    if (item->kind == WEBHOOK_STATUS)
        r->counted.statuses++;
    else
        r->counted.applied++;
}

/* An item that twice fails by itself is put aside, and the webhook still gets
 * its 200. A status has nothing to put aside: it is counted. */
static int apply_webhook(struct registrar *r, const struct webhook *webhook,
                         struct error *err)
{
    r->counted.webhooks++;
    r->counted.messages += webhook->n;
    for (size_t i = 0; i < webhook->n; i++) {
        struct item_step step = { webhook, &webhook->items[i] };
        struct traffic before = r->counted;
        int done = batch_guard(r, apply_item, &step, err);

        if (done < 0)
            return -1;
        if (done == 0) {
            count_applied(r, step.item, &before);
        } else if (step.item->raw.len == 0) {
            log_error("status_failed", err);
            r->counted.failed++;
        } else if (dead_letter_keep(r, webhook, step.item, err) != 0) {
            return -1;
        } else {
            r->counted.put_aside++;
        }
    }
    return 0;
}

/* Is the person still blocked, or still not, and released still? */
static int check_person(struct registrar *r, const struct staff_access *a,
                        struct error *err)
{
    struct subject_row row;
    struct released_row released;
    int found = subject_get(r->store, a->subject, &row, err);

    if (found < 0)
        return -1;
    if (found > 0 && row.blocked != 0 && a->authority != NULL)
        found = released_find(r->store, a->subject, "", a->uid, r->now,
                              &released, err);
    else if (found > 0)
        found = row.blocked == 0 && a->authority == NULL;
    if (found == 0)
        return error_set(err, ERR_CONFLICT, "the person changed meanwhile");
    return found < 0 ? -1 : 0;
}

/* Is the document still what the desk took it for? */
static int check_unchanged(struct registrar *r, const struct staff_access *a,
                           struct error *err)
{
    struct document_row row;
    int found;

    if (a->whole && check_person(r, a, err) != 0)
        return -1;
    if (a->state == NULL)
        return 0;
    found = document_get(r->store, a->document, &row, err);
    if (found < 0)
        return -1;
    if (found == 0 || strcmp(row.state, a->state) != 0)
        return error_set(err, ERR_CONFLICT, "the document changed meanwhile");
    return 0;
}

/* Free text of an access: why, on whose demand. The leaf commits to each. */
struct said {
    const char *text; /* or NULL */
    uint8_t salt[SALT_LEN];
    char commitment[65];
};

static void said_commit(struct registrar *r, struct said *said,
                        const char *text)
{
    said->text = text;
    if (text != NULL)
        leaf_commit(r, text, strlen(text), said->salt, said->commitment);
}

static void note_said(json_t *note, const char *salt_key, const char *key,
                      const struct said *said)
{
    char salt[HEX_SIZE(SALT_LEN)];

    if (said->text == NULL)
        return;
    hex_encode(salt, said->salt, SALT_LEN);
    leaf_text(note, salt_key, salt);
    leaf_text(note, key, said->text);
}

/* Is there a person to seal it under? Whose content is erased has no key for
 * words any more: the commitment is what stays of them. 1, 0, -1. */
static int has_key(struct registrar *r, const char *subject, struct error *err)
{
    struct subject_row row;
    int found = subject_get(r->store, subject, &row, err);

    return found <= 0 ? found
                      : slot_state(r->store, row.content_slot, err) != 0;
}

/* Sealed as a row where there is a person to seal it under. */
static int keep_note(struct registrar *r, const struct staff_access *a,
                     const struct said *why, const struct said *demand,
                     struct error *err)
{
    char signature[HEX_SIZE(SIGN_LEN)];
    char id[ID_SIZE];
    struct buf plain = { 0 };
    json_t *note;
    int ok = -1, key;

    if (a->subject[0] == '\0' || (why->text == NULL && demand->text == NULL))
        return 0;
    if ((key = has_key(r, a->subject, err)) <= 0)
        return key;
    note = json_object();
    (void)leaf_whole();
    note_said(note, "salt", "text", why);
    note_said(note, "authority_salt", "authority", demand);
    if (a->signature != NULL) {
        hex_encode(signature, a->signature->signature, SIGN_LEN);
        leaf_text(note, "signature", signature);
        leaf_text(note, "body_sha256", a->signature->body_sha256);
    }
    id_new_at(id, 'n', r->now, r->random);
    if (note == NULL || !leaf_whole() || json_canonical(note, &plain) != 0)
        error_set(err, ERR_NOMEM, "no memory for a reason");
    else
        ok = note_add(r->store, id, a->subject, plain.p, plain.len, err);
    json_decref(note);
    buf_free(&plain);
    return ok;
}

/* Whose key it was is said openly. The signature is of a text that can be
 * guessed, so it stands with the text, sealed. */
static json_t *signed_by(const struct staff_access *a, json_t *more)
{
    json_t *evidence = more != NULL ? more : json_object();

    if (a->signature != NULL) {
        leaf_text(evidence, "nonce", a->signature->nonce);
        leaf_hash(evidence, "sign_key", a->signature->sign_key,
                  SIGN_PUBLIC_LEN);
    }
    return evidence;
}

/* They may still do it, and the caller had memory for what it put together. */
static int may_enter(const struct registrar *r, const struct staff_access *a,
                     struct error *err)
{
    return leaf_whole()
               ? keyring_permits(r, a, err)
               : error_set(err, ERR_NOMEM, "no memory for a ledger entry");
}

int staff_record(struct registrar *r, const struct staff_access *a,
                 json_t *more, struct error *err)
{
    struct said why = { 0 }, demand = { 0 };
    json_t *leaf, *commitments = json_object();

    if (may_enter(r, a, err) != 0) {
        json_decref(more);
        json_decref(commitments);
        return -1;
    }
    said_commit(r, &why, a->reason != NULL ? a->reason : a->filter);
    said_commit(r, &demand, a->authority);
    if (keep_note(r, a, &why, &demand, err) != 0 ||
        (a->export_id != NULL &&
         exported_add(r->store, a->export_id, why.salt, sizeof(why.salt),
                      a->filter, err) != 0)) {
        json_decref(more);
        json_decref(commitments);
        return -1;
    }
    leaf = leaf_new(r, a->event_type, a->subject, a->policy);
    leaf_text(leaf, "actor", a->name);
    leaf_text(leaf, "role", a->role);
    leaf_text(leaf, "document_id", a->document);
    leaf_text(leaf, "case_id", a->case_id);
    leaf_text(leaf, "approval_id", a->approval_id);
    leaf_object(leaf, "evidence", signed_by(a, more));
    leaf_text(commitments, a->reason != NULL ? "reason" : "filter",
              why.commitment);
    leaf_text(commitments, "authority", demand.commitment);
    if (a->committed != NULL)
        leaf_text(commitments, a->committed, a->commitment);
    leaf_object(leaf, "commitments", commitments);
    return leaf_append(r, leaf, NULL, err);
}

static int apply_record(struct registrar *r, void *arg, struct error *err)
{
    const struct staff_access *a = arg;
    json_t *more = NULL;

    if (keyring_permits(r, a, err) != 0 || check_unchanged(r, a, err) != 0)
        return -1;
    if (a->approval != NULL && approval_use(r, a->approval, a, err) != 0)
        return -1;
    if (a->approval != NULL && a->approval->asked)
        return 0;
    if (a->evidence != NULL && (more = json_copy(a->evidence)) == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a ledger entry");
    if (a->approval != NULL) {
        more = more != NULL ? more : json_object();
        approval_evidence(more, a->approval);
    }
    /* For them, and for no authority: what they asked for is answered. */
    if (strcmp(a->event_type, "subject_exported") == 0 &&
        a->authority == NULL &&
        request_done(r, a->subject, REQUEST_ACCESS, err) != 0) {
        json_decref(more);
        return -1;
    }
    return staff_record(r, a, more, err);
}

static int apply_intake(struct registrar *r, void *arg, struct error *err)
{
    return intake_apply(r, arg, err);
}

static int apply_sent(struct registrar *r, void *arg, struct error *err)
{
    const struct event *e = arg;
    return mail_sent(r, e->id, e->send, e->code, e->wamid, err);
}

static int apply_unlinked(struct registrar *r, void *arg, struct error *err)
{
    const struct event *e = arg;
    return loose_remove(r->store, e->id, err);
}

static int apply_forgotten(struct registrar *r, void *arg, struct error *err)
{
    const struct event *e = arg;
    struct attachment_row row;
    int found;

    if (id_valid(e->id, 'f'))
        return forget_answered(r, e->id, e->flag, err);
    found = attachment_get(r->store, e->id, &row, err);
    if (found <= 0)
        return found;
    row.meta_copy = e->flag ? 2 : 1;
    row.next_try = r->now + 300 * MSEC_S;
    return attachment_update(r->store, &row, err);
}

/* All versions that are new, or none: a set that is refused leaves no notice
 * behind as published. */
static int apply_policies(struct registrar *r, void *arg, struct error *err)
{
    const struct event *e = arg;
    const struct policy_set *former = r->policies;

    r->policies = e->policies;
    if (publish_notices(r, err) == 0)
        return 0;
    r->policies = former;
    return -1;
}

/* 0, or -1 when the environment failed and the batch must be undone. */
static int apply_event(struct registrar *r, struct event *e, struct error *err)
{
    int done = 0;

    switch (e->kind) {
    case EVENT_WEBHOOK:
        return apply_webhook(r, e->webhook, err);
    case EVENT_INTAKE:
        done = batch_guard(r, apply_intake, &e->intake, err);
        break;
    case EVENT_SENT:
        done = batch_guard(r, apply_sent, e, err);
        break;
    case EVENT_FORGOTTEN:
        done = batch_guard(r, apply_forgotten, e, err);
        break;
    case EVENT_UNLINKED:
        done = batch_guard(r, apply_unlinked, e, err);
        break;
    case EVENT_RECORD: {
        struct staff_access access = *e->access;
        done = batch_guard(r, apply_record, &access, err);
        e->flag = done == 0;
        if (!e->flag)
            e->waiter->err = *err;
        break;
    }
    case EVENT_STAFF:
        done = batch_guard(r, e->step, e->arg, err);
        e->flag = done == 0;
        if (!e->flag)
            e->waiter->err = *err;
        break;
    case EVENT_POLICIES:
        done = batch_guard(r, apply_policies, e, err);
        break;
    case EVENT_TOKEN:
        r->token_refused = false;
        break;
    case EVENT_CHECKPOINT:
        break;
    }
    if (done > 0)
        log_error("event_failed", err);
    return done < 0 ? -1 : 0;
}

/* ---- the batch ---------------------------------------------------------- */

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
        if (apply_event(r, e, err) != 0)
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

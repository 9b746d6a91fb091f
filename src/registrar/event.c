/*
 * One event of a batch, applied: a webhook item by item, whatever else with
 * one step. What an event fails of by itself ends with it; only what the
 * environment broke is handed up, and undoes the batch.
 */
#include "attachment_private.h"
#include "keep_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "message_private.h"
#include "registrar_private.h"
#include "upkeep_private.h"

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

int event_apply(struct registrar *r, struct event *e, struct error *err)
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
        done = batch_guard(r, record_apply, &access, err);
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

/* The queue in front of the single writer; the only part with a lock. */
#include "keep_private.h"
#include "registrar_private.h"

#include <stdlib.h>
#include <string.h>

void event_free(struct event **event)
{
    struct event *e = *event;

    if (e == NULL)
        return;
    webhook_free(&e->webhook);
    buf_free(&e->intake.header);
    free(e->wamid);
    free(e);
    *event = NULL;
}

int queue_post(struct registrar *r, struct event *event)
{
    int ok = -1;

    pthread_mutex_lock(&r->lock);

    /* Only webhooks can be refused: Meta sends them again. */
    if (!r->closing &&
        (event->kind != EVENT_WEBHOOK || r->queued < LIMIT_QUEUE_EVENTS)) {
        event->next = NULL;
        *r->last = event;
        r->last = &event->next;
        r->queued++;
        ok = 0;
        pthread_cond_signal(&r->wake);
    }
    pthread_mutex_unlock(&r->lock);
    return ok;
}

struct event *queue_take_batch(struct registrar *r)
{
    size_t n;

    pthread_mutex_lock(&r->lock);
    n = r->queued / 2;
    pthread_mutex_unlock(&r->lock);
    n = n > LIMIT_BATCH_FEW ? n : LIMIT_BATCH_FEW;
    return queue_take(r, n < LIMIT_BATCH_EVENTS ? n : LIMIT_BATCH_EVENTS);
}

struct event *queue_take(struct registrar *r, size_t max)
{
    struct event *list, **end;
    size_t n = 0;

    pthread_mutex_lock(&r->lock);
    list = r->first;
    for (end = &r->first; *end != NULL && n < max; end = &(*end)->next)
        n++;
    r->first = *end;
    *end = NULL;
    if (list == NULL || r->first == NULL)
        r->last = &r->first;
    r->queued -= n;
    pthread_mutex_unlock(&r->lock);
    return n == 0 ? NULL : list;
}

void queue_return(struct registrar *r, struct event *list)
{
    struct event **end;
    size_t n = 0;

    if (list == NULL)
        return;
    for (end = &list; *end != NULL; end = &(*end)->next)
        n++;
    pthread_mutex_lock(&r->lock);
    *end = r->first;
    if (r->first == NULL)
        r->last = end;
    r->first = list;
    r->queued += n;
    pthread_mutex_unlock(&r->lock);
}

void queue_answer(struct registrar *r, struct event *event, int result,
                  const struct error *err)
{
    if (event->waiter == NULL)
        return;
    pthread_mutex_lock(&r->lock);
    event->waiter->done = true;
    event->waiter->result = result;
    if (err != NULL)
        event->waiter->err = *err;
    pthread_cond_broadcast(&r->answered);
    pthread_mutex_unlock(&r->lock);
}

/* ---- posting ------------------------------------------------------------ */

static struct event *event_new(enum event_kind kind)
{
    struct event *event = calloc(1, sizeof(*event));

    if (event != NULL)
        event->kind = kind;
    return event;
}

static int post(struct registrar *r, struct event *event)
{
    if (event == NULL)
        return -1;
    if (queue_post(r, event) != 0) {
        event_free(&event);
        return -1;
    }
    return 0;
}

int registrar_post_webhook(struct registrar *r, uint64_t request,
                           struct webhook *webhook)
{
    struct event *event = event_new(EVENT_WEBHOOK);

    if (event == NULL)
        return -1;
    event->request = request;
    event->webhook = webhook;
    if (queue_post(r, event) != 0) {
        event->webhook = NULL; /* still the caller's */
        event_free(&event);
        return -1;
    }
    return 0;
}

int registrar_post_intake(struct registrar *r, struct intake_result *result)
{
    struct event *event = event_new(EVENT_INTAKE);

    if (event == NULL) {
        buf_free(&result->header);
        return -1;
    }
    event->intake = *result;
    memset(&result->header, 0, sizeof(result->header)); /* handed over */
    return post(r, event);
}

int registrar_post_sent(struct registrar *r, const char *outbox,
                        enum send_end end, int code, const char *wamid)
{
    struct event *event = event_new(EVENT_SENT);

    if (event == NULL)
        return -1;
    memcpy(event->id, outbox, strnlen(outbox, ID_SIZE - 1));
    event->send = end;
    event->code = code;
    if (wamid != NULL && (event->wamid = strdup(wamid)) == NULL) {
        event_free(&event);
        return -1;
    }
    return post(r, event);
}

int registrar_post_forgotten(struct registrar *r, const char *what, bool done)
{
    struct event *event = event_new(EVENT_FORGOTTEN);

    if (event == NULL)
        return -1;
    memcpy(event->id, what, strnlen(what, ID_SIZE - 1));
    event->flag = done;
    return post(r, event);
}

int queue_unlinked(struct registrar *r, const char *payload)
{
    struct event *event = event_new(EVENT_UNLINKED);

    if (event == NULL)
        return -1;
    memcpy(event->id, payload, strnlen(payload, ID_SIZE - 1));
    return post(r, event);
}

int registrar_post_policies(struct registrar *r, const struct policy_set *set)
{
    struct event *event = event_new(EVENT_POLICIES);

    if (event != NULL)
        event->policies = set;
    return post(r, event);
}

int registrar_post_token(struct registrar *r)
{
    return post(r, event_new(EVENT_TOKEN));
}

/* Posts and waits until the event was answered. */
static int post_and_wait(struct registrar *r, struct event *event,
                         struct error *err)
{
    struct waiter waiter = { 0 };

    if (event == NULL)
        return error_set(err, ERR_NOMEM, "no memory for an event");
    /* Answered before this frame ends. */
    /* cppcheck-suppress autoVariables */
    event->waiter = &waiter;
    if (post(r, event) != 0)
        return error_set(err, ERR_BUSY, "the daemon is stopping");
    pthread_mutex_lock(&r->lock);
    while (!waiter.done)
        pthread_cond_wait(&r->answered, &r->lock);
    pthread_mutex_unlock(&r->lock);
    if (waiter.result != 0)
        *err = waiter.err;
    return waiter.result;
}

int registrar_record(struct registrar *r, const struct staff_access *access,
                     struct error *err)
{
    struct event *event = event_new(EVENT_RECORD);

    if (event != NULL)
        event->access = access;
    if (post_and_wait(r, event, err) != 0)
        return -1;
    return access->approval == NULL ? 0
                                    : approval_answer(access->approval, err);
}

int queue_staff(struct registrar *r, batch_step step, void *arg,
                struct error *err)
{
    struct event *event = event_new(EVENT_STAFF);

    if (event != NULL) {
        event->step = step;
        event->arg = arg;
    }
    return post_and_wait(r, event, err);
}

int registrar_checkpoint(struct registrar *r, struct buf *note,
                         struct error *err)
{
    struct event *event = event_new(EVENT_CHECKPOINT);

    if (event != NULL)
        event->note = note;
    return post_and_wait(r, event, err);
}

/* Requests on their way to the core, and the answers that come back. */
#include "exchange.h"
#include "wire.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

int gateway_exchange_init(struct gateway_exchange *x, int wire,
                          struct error *err)
{
    pthread_condattr_t monotonic;

    memset(x, 0, sizeof(*x));
    x->wire = wire;
    if (pthread_condattr_init(&monotonic) != 0 ||
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) != 0 ||
        pthread_mutex_init(&x->lock, NULL) != 0 ||
        pthread_cond_init(&x->queued, NULL) != 0 ||
        pthread_cond_init(&x->finished, &monotonic) != 0)
        return error_set(err, ERR_INTERNAL, "cannot make a lock");
    (void)pthread_condattr_destroy(&monotonic);
    return 0;
}

/* What of a body of this length is counted. */
static size_t counted(size_t len)
{
    return len > LIMIT_GATEWAY_SMALL_BODY ? len - LIMIT_GATEWAY_SMALL_BODY : 0;
}

int gateway_exchange_body(struct gateway_exchange *x, struct gateway_ask *a,
                          const void *p, size_t n)
{
    size_t more = counted(a->body.len + n) - counted(a->body.len);
    bool fits;

    (void)pthread_mutex_lock(&x->lock);
    fits = !x->closed && more <= LIMIT_GATEWAY_BODY_BYTES - x->counted;
    if (fits) {
        x->counted += more;
        a->counted += more;
    }
    (void)pthread_mutex_unlock(&x->lock);
    return fits ? buf_add(&a->body, p, n) : -1;
}

/* A free slot; LIMIT_GATEWAY_IN_FLIGHT when there is none. */
static size_t free_slot(const struct gateway_exchange *x)
{
    size_t slot = 0;

    while (slot < LIMIT_GATEWAY_IN_FLIGHT && x->waiting[slot] != NULL)
        slot++;
    return slot;
}

static int submit_locked(struct gateway_exchange *x, struct gateway_ask *a)
{
    struct gateway_outgoing out = { .counted = a->counted };
    size_t slot = free_slot(x);

    if (x->closed || slot == LIMIT_GATEWAY_IN_FLIGHT ||
        x->queue_len == EXCHANGE_QUEUE)
        return -1;
    a->id = x->rounds[slot] * LIMIT_GATEWAY_IN_FLIGHT + slot;
    if (gateway_request_encode(&out.frame, a->id, a->route, a->head, a->body.p,
                               a->body.len) != 0) {
        buf_free(&out.frame);
        return -1;
    }

    /* The body's bytes are counted on, now as those of its frame. */
    buf_free(&a->body);
    a->counted = 0;
    x->queue[(x->queue_first + x->queue_len++) % EXCHANGE_QUEUE] = out;
    x->waiting[slot] = a;
    x->rounds[slot]++;
    x->unfinished++;
    a->handed = true;
    MHD_suspend_connection(a->mhd);
    (void)pthread_cond_signal(&x->queued);
    return 0;
}

int gateway_exchange_submit(struct gateway_exchange *x, struct gateway_ask *a,
                            msec deadline)
{
    int ok;

    a->deadline = deadline;
    (void)pthread_mutex_lock(&x->lock);
    ok = submit_locked(x, a);
    (void)pthread_mutex_unlock(&x->lock);
    return ok;
}

/* Ends the wait in a slot; the lock is held. */
static void settle(struct gateway_exchange *x, size_t slot, unsigned status,
                   enum gateway_content content, const void *body, size_t len)
{
    struct gateway_ask *a = x->waiting[slot];

    if (len > 0 && buf_add(&a->answer, body, len) != 0) {
        status = MHD_HTTP_SERVICE_UNAVAILABLE;
        content = CONTENT_TEXT;
    }
    a->status = status;
    a->content = content;
    a->answered = true;
    x->waiting[slot] = NULL;
    MHD_resume_connection(a->mhd);
}

void gateway_exchange_answer(struct gateway_exchange *x, uint64_t id,
                             unsigned status, enum gateway_content content,
                             const void *body, size_t len)
{
    size_t slot = id % LIMIT_GATEWAY_IN_FLIGHT;

    (void)pthread_mutex_lock(&x->lock);
    if (x->waiting[slot] != NULL && x->waiting[slot]->id == id)
        settle(x, slot, status, content, body, len);
    (void)pthread_mutex_unlock(&x->lock);
}

static void expire_locked(struct gateway_exchange *x, msec now)
{
    for (size_t slot = 0; slot < LIMIT_GATEWAY_IN_FLIGHT; slot++)
        if (x->waiting[slot] != NULL && now >= x->waiting[slot]->deadline)
            settle(x, slot, MHD_HTTP_SERVICE_UNAVAILABLE, CONTENT_TEXT, NULL,
                   0);
}

void gateway_exchange_expire(struct gateway_exchange *x, msec now)
{
    (void)pthread_mutex_lock(&x->lock);
    expire_locked(x, now);
    (void)pthread_mutex_unlock(&x->lock);
}

void gateway_exchange_finish(struct gateway_exchange *x, struct gateway_ask *a)
{
    if (a == NULL)
        return;
    (void)pthread_mutex_lock(&x->lock);
    x->counted -= a->counted;
    if (a->handed && --x->unfinished == 0)
        (void)pthread_cond_broadcast(&x->finished);
    (void)pthread_mutex_unlock(&x->lock);

    buf_free(&a->body);
    buf_free(&a->answer);
    free(a->target);
    free(a);
}

/* Takes the next frame off the queue; waits for it. */
static struct gateway_outgoing next_frame(struct gateway_exchange *x)
{
    struct gateway_outgoing out;

    (void)pthread_mutex_lock(&x->lock);
    while (x->queue_len == 0)
        (void)pthread_cond_wait(&x->queued, &x->lock);
    out = x->queue[x->queue_first];
    x->queue_first = (x->queue_first + 1) % EXCHANGE_QUEUE;
    x->queue_len--;
    (void)pthread_mutex_unlock(&x->lock);
    return out;
}

void gateway_exchange_write(struct gateway_exchange *x)
{
    struct error err = { 0 };
    int ok = 0;

    while (ok == 0) {
        struct gateway_outgoing out = next_frame(x);

        ok = gateway_wire_send(x->wire, GATEWAY_REQUEST, &out.frame, &err);
        buf_free(&out.frame);
        (void)pthread_mutex_lock(&x->lock);
        x->counted -= out.counted;
        (void)pthread_mutex_unlock(&x->lock);
    }
}

void gateway_exchange_drain(struct gateway_exchange *x, msec limit)
{
    struct timespec until = clock_deadline(limit);

    (void)pthread_mutex_lock(&x->lock);
    x->closed = true;
    expire_locked(x, INT64_MAX);
    while (x->unfinished > 0 &&
           pthread_cond_timedwait(&x->finished, &x->lock, &until) == 0)
        continue;
    (void)pthread_mutex_unlock(&x->lock);
}

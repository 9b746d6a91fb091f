/* Requests on their way to the core, and the answers that come back. */
#include "exchange.h"
#include "wire.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Frames that leave with one call. */
#define FLUSH_FRAMES 64u

void gateway_exchange_init(struct gateway_exchange *x, int wire)
{
    memset(x, 0, sizeof(*x));
    x->wire = wire;
    while (x->nfree < LIMIT_GATEWAY_IN_FLIGHT) {
        x->free[x->nfree] = x->nfree;
        x->nfree++;
    }
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

    if (x->closed || more > LIMIT_GATEWAY_BODY_BYTES - x->counted)
        return -1;
    x->counted += more;
    a->counted += more;
    return buf_add(&a->body, p, n);
}

void gateway_exchange_drop(struct gateway_exchange *x, struct gateway_ask *a)
{
    x->counted -= a->counted;
    a->counted = 0;
    buf_free(&a->body);
}

/* The request as a frame; the buffer is empty when there is no memory. */
static int encode(struct buf *frame, const struct gateway_ask *a)
{
    if (gateway_wire_begin(frame, GATEWAY_REQUEST) != 0 ||
        gateway_request_encode(frame, a->id, a->route, a->head, a->body.p,
                               a->body.len) != 0) {
        buf_free(frame);
        return -1;
    }
    gateway_wire_end(frame, 0);
    return 0;
}

int gateway_exchange_submit(struct gateway_exchange *x, struct gateway_ask *a,
                            msec deadline)
{
    struct gateway_outgoing out = { .counted = a->counted };
    size_t slot;

    if (x->closed || x->nfree == 0 || x->queue_len == EXCHANGE_QUEUE)
        return -1;
    slot = x->free[x->nfree - 1];
    a->id = x->rounds[slot] * LIMIT_GATEWAY_IN_FLIGHT + slot;
    if (encode(&out.frame, a) != 0)
        return -1;

    /* The body's bytes are counted on, now as those of its frame. */
    buf_free(&a->body);
    a->counted = 0;
    x->queue[(x->queue_first + x->queue_len++) % EXCHANGE_QUEUE] = out;
    x->waiting[slot] = a;
    x->rounds[slot]++;
    x->nfree--;
    x->unfinished++;
    a->deadline = deadline;
    a->handed = true;
    MHD_suspend_connection(a->mhd);
    return 0;
}

/* Ends the wait in a slot. */
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
    x->free[x->nfree++] = slot;
    MHD_resume_connection(a->mhd);
}

void gateway_exchange_answer(struct gateway_exchange *x, uint64_t id,
                             unsigned status, enum gateway_content content,
                             const void *body, size_t len)
{
    size_t slot = id % LIMIT_GATEWAY_IN_FLIGHT;

    if (x->waiting[slot] != NULL && x->waiting[slot]->id == id)
        settle(x, slot, status, content, body, len);
}

void gateway_exchange_expire(struct gateway_exchange *x, msec now)
{
    for (size_t slot = 0; slot < LIMIT_GATEWAY_IN_FLIGHT; slot++)
        if (x->waiting[slot] != NULL && now >= x->waiting[slot]->deadline)
            settle(x, slot, MHD_HTTP_SERVICE_UNAVAILABLE, CONTENT_TEXT, NULL,
                   0);
}

void gateway_exchange_finish(struct gateway_exchange *x, struct gateway_ask *a)
{
    if (a == NULL)
        return;
    gateway_exchange_drop(x, a);
    if (a->handed)
        x->unfinished--;
    buf_free(&a->answer);
    free(a->target);
    free(a);
}

/* ---- towards the core --------------------------------------------------- */

/* Drops what is out: n bytes from the head of the queue. */
static void drop(struct gateway_exchange *x, size_t n)
{
    x->sent += n;
    while (x->queue_len > 0) {
        struct gateway_outgoing *first = &x->queue[x->queue_first];

        if (x->sent < first->frame.len)
            return;
        x->sent -= first->frame.len;
        x->counted -= first->counted;
        buf_free(&first->frame);
        x->queue_first = (x->queue_first + 1) % EXCHANGE_QUEUE;
        x->queue_len--;
    }
}

int gateway_exchange_flush(struct gateway_exchange *x, struct error *err)
{
    while (x->queue_len > 0) {
        struct iovec parts[FLUSH_FRAMES];
        struct msghdr message = { .msg_iov = parts };
        ssize_t sent;

        for (size_t i = 0; i < x->queue_len && i < FLUSH_FRAMES; i++) {
            struct buf *frame =
                &x->queue[(x->queue_first + i) % EXCHANGE_QUEUE].frame;
            size_t skip = i == 0 ? x->sent : 0;

            parts[i].iov_base = frame->p + skip;
            parts[i].iov_len = frame->len - skip;
            message.msg_iovlen = i + 1;
        }
        sent = sendmsg(x->wire, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN)
            return 0;
        if (sent < 0 && errno != EINTR)
            return error_errno(err, ERR_IO, "send a frame");
        if (sent > 0)
            drop(x, (size_t)sent);
    }
    return 0;
}

void gateway_exchange_close(struct gateway_exchange *x)
{
    x->closed = true;
    gateway_exchange_expire(x, INT64_MAX);
}

/*
 * exchange: requests that wait for the core. A connection is suspended while
 * its request is out and resumed by the answer, by the deadline (503) or by
 * the end of the wire (503). Requests and bytes held are counted. One thread
 * uses all of it, so there is no lock.
 */
#ifndef RESGUARDO_GATEWAY_EXCHANGE_H
#define RESGUARDO_GATEWAY_EXCHANGE_H

#include "resguardo/gateway.h"

struct MHD_Connection;

struct gateway_ask {
    struct MHD_Connection *mhd;
    char *target; /* as on the request line; NULL: too long */
    enum gateway_route route;
    char head[LIMIT_URL_BYTES + 1];
    struct buf body;
    bool checked, refused;
    size_t dropped; /* bytes that came after the refusal */
    /* Set by the exchange. */
    uint64_t id;
    msec deadline;
    bool handed, answered;
    size_t counted; /* bytes of body in the exchange's count */
    unsigned status;
    enum gateway_content content;
    struct buf answer;
};

/* A frame on its way to the core, with its share of the count. */
struct gateway_outgoing {
    struct buf frame;
    size_t counted;
};

/* Frames on their way to the core. More than requests in flight: one that ran
 * into its deadline may still wait to be written. */
#define EXCHANGE_QUEUE (2 * LIMIT_GATEWAY_IN_FLIGHT)

struct gateway_exchange {
    int wire;
    bool closed;
    struct gateway_ask *waiting[LIMIT_GATEWAY_IN_FLIGHT];
    uint64_t rounds[LIMIT_GATEWAY_IN_FLIGHT]; /* uses of each slot */
    size_t free[LIMIT_GATEWAY_IN_FLIGHT];     /* slots that nobody has */
    size_t nfree;
    struct gateway_outgoing queue[EXCHANGE_QUEUE];
    size_t queue_first, queue_len;
    size_t sent;         /* bytes of the first that are out */
    size_t counted;      /* bytes of bodies, received or queued */
    unsigned unfinished; /* handed over, answer not yet out */
};

void gateway_exchange_init(struct gateway_exchange *, int wire);
/* Takes n more bytes of a request's body. -1: over the limit, closed, or out
 * of memory. */
int gateway_exchange_body(struct gateway_exchange *, struct gateway_ask *,
                          const void *, size_t n);
/* Forgets the body of a request. */
void gateway_exchange_drop(struct gateway_exchange *, struct gateway_ask *);
/* Suspends the connection and queues the request. -1, nothing done: overload,
 * closed, or out of memory. */
int gateway_exchange_submit(struct gateway_exchange *, struct gateway_ask *,
                            msec deadline);
/* The core's answer; an id that nobody waits for (any more) is ignored. */
void gateway_exchange_answer(struct gateway_exchange *, uint64_t id,
                             unsigned status, enum gateway_content,
                             const void *body, size_t);
/* Answers 503 to what is past its deadline. */
void gateway_exchange_expire(struct gateway_exchange *, msec now);
/* libmicrohttpd is done with the request: frees it. NULL is accepted. */
void gateway_exchange_finish(struct gateway_exchange *, struct gateway_ask *);
/* Writes what is queued as far as the wire takes it without waiting, many
 * frames a call. -1: the wire is broken. */
int gateway_exchange_flush(struct gateway_exchange *, struct error *);
/* Takes no more requests and answers 503 to those that wait. */
void gateway_exchange_close(struct gateway_exchange *);

#endif

/*
 * gateway: the internet-facing process frames HTTP and nothing else. It holds
 * no secret, no database, no files and opens no connection; it hands raw bytes
 * to the core and repeats the core's answer.
 *
 * Program: resguardo-gateway, descriptor 3 the wire (socket pair), 4 the
 * listening socket, bound by the daemon. Frames (base.h) both ways:
 *
 *   gateway → core  GATEWAY_READY, empty: confined, and accepting from now on
 *   gateway → core  GATEWAY_REQUEST
 *       request id (8 bytes LE), route (1), length of head (2 LE), head, body
 *       head: POST  the one X-Hub-Signature-256 value, or empty
 *             GET   path, and for the handshake '?' and the raw query
 *   core → gateway  GATEWAY_ANSWER
 *       request id (8), status (2 LE), content type (1, enum), body
 *
 * The core distrusts the gateway: exact lengths, known routes, capped frames.
 * What the gateway settles by itself, in this order: framing 400, size 413
 * (then the core: signature 401, JSON 400), unknown path 404, method 405,
 * overload 503 with Retry-After. Every error closes the connection. When there
 * are too many connections, those that keep it waiting longest are cut. A
 * gateway whose wire ends exits; a daemon whose gateway ends starts another.
 */
#ifndef RESGUARDO_GATEWAY_H
#define RESGUARDO_GATEWAY_H

#include "resguardo/base.h"
#include "resguardo/limits.h"

enum gateway_frame {
    GATEWAY_REQUEST = 1,
    GATEWAY_ANSWER = 2,
    GATEWAY_READY = 3,
    GATEWAY__MAX
};

enum gateway_route {
    ROUTE_WEBHOOK_POST = 1,
    ROUTE_WEBHOOK_GET = 2,
    ROUTE_NOTICE = 3, /* GET /notice/… */
    ROUTE_HEALTH = 4, /* GET /healthz */
    ROUTE__MAX
};

enum gateway_content {
    CONTENT_TEXT,
    CONTENT_MARKDOWN,
    CONTENT_JSON,
    CONTENT__MAX
};

/* One request as the core sees it; pointers into the frame. */
struct gateway_request {
    uint64_t id;
    enum gateway_route route;
    const char *head; /* NUL-terminated copy */
    const uint8_t *body;
    size_t body_len;
};

/* ---- the wire, used by both sides --------------------------------------- */

int gateway_request_encode(struct buf *out, uint64_t id, enum gateway_route,
                           const char *head, const void *body, size_t);
/* `frame` must outlive the request; head is NUL-terminated in place. Any
 * deviation is ERR_INPUT. */
int gateway_request_decode(struct buf *frame, struct gateway_request *,
                           struct error *);
int gateway_answer_encode(struct buf *out, uint64_t id, unsigned status,
                          enum gateway_content, const void *body, size_t);
int gateway_answer_decode(const struct buf *frame, uint64_t *id,
                          unsigned *status, enum gateway_content *,
                          const uint8_t **body, size_t *len, struct error *);

/* ---- the daemon's side -------------------------------------------------- */

struct gateway; /* opaque: the child process and a thread reading its wire */

/* Called on the reading thread for each request. `answer` may be called from
 * any thread, once a request, now or later. */
typedef void (*gateway_handler)(void *arg, struct gateway *,
                                const struct gateway_request *);

/* Binds `listen_at` ("127.0.0.1:8080", "[::1]:0"; retried for 5 s while a
 * dying predecessor holds the port) and spawns `program`; a gateway that dies
 * is started again on the same socket (its open requests are lost, which Meta
 * redelivers), with a growing pause up to 5 s. */
int gateway_open(struct gateway **, const char *program, const char *listen_at,
                 gateway_handler, void *arg, struct error *);
/* The address really bound, such as "127.0.0.1:43211". */
const char *gateway_address(const struct gateway *);
void gateway_answer(struct gateway *, uint64_t id, unsigned status,
                    enum gateway_content, const void *body, size_t);
/* The same for many: they leave with gateway_release, if not before. */
void gateway_answer_held(struct gateway *, uint64_t id, unsigned status,
                         enum gateway_content, const void *body, size_t);
void gateway_release(struct gateway *);
/* Ends the child (end of file on its wire, then SIGKILL) and the thread. */
void gateway_close(struct gateway **);

#endif

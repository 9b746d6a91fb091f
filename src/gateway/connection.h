/*
 * connection: the clock of every connection. libmicrohttpd counts only idle
 * time, so that one byte a second keeps a connection for ever; here a request
 * has an absolute deadline and so has the wait for it.
 *
 * A connection is listed until just before its descriptor is closed, and is
 * shut down only while listed: a descriptor that was given to somebody else
 * meanwhile is never touched. One thread uses all of it.
 */
#ifndef RESGUARDO_GATEWAY_CONNECTION_H
#define RESGUARDO_GATEWAY_CONNECTION_H

#include "resguardo/base.h"
#include "resguardo/limits.h"

/* An answer that comes late gets this much to be written. */
#define CONNECTION_GRACE_S 2

struct gateway_connection; /* opaque */

struct gateway_connections {
    struct gateway_connection *first;
    unsigned n;    /* listed and not shut down */
    unsigned most; /* of them; 0: any number */
};

/* Lists a connection; NULL when out of memory. When there are too many, the
 * one that keeps us waiting longest is shut down: all peers look alike behind
 * a proxy, and an honest request waits for milliseconds. */
struct gateway_connection *gateway_connection_open(struct gateway_connections *,
                                                   int fd, msec now);
/* Takes it off the list; NULL is accepted. Call before fd is closed. */
void gateway_connection_close(struct gateway_connections *,
                              struct gateway_connection *);
/* A request has begun (nothing happens if it had): its deadline. */
msec gateway_connection_begin(struct gateway_connection *, msec now);
/* The core has the request: whoever waits for it has a deadline for that, and
 * the connection none until it is answered. */
void gateway_connection_handed(struct gateway_connection *);
void gateway_connection_answered(struct gateway_connection *, msec now);
/* The answer is out: idle from now on. */
void gateway_connection_idle(struct gateway_connection *, msec now);
/* Shuts down what is past its deadline; notices requests that have begun
 * without a whole first line. */
void gateway_connection_sweep(struct gateway_connections *, msec now);

#endif

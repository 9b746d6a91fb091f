/*
 * server: HTTP by libmicrohttpd on the inherited socket. Decides what needs no
 * core (framing, size, path, method, overload) and exchanges the rest.
 */
#ifndef RESGUARDO_GATEWAY_SERVER_H
#define RESGUARDO_GATEWAY_SERVER_H

#include "connection.h"
#include "exchange.h"

/* Connections that libmicrohttpd may have past the most that we keep: those
 * that were shut down and are not gone yet. */
#define GATEWAY_GOING 64u

struct gateway_server {
    struct gateway_exchange exchange;
    struct gateway_connections connections;
    struct MHD_Daemon *daemon;
    struct MHD_Response *done; /* the answer to a webhook that is committed */
};

/* Sets libmicrohttpd up for at most so many connections; it does nothing but
 * in turns, and starts no thread. */
int gateway_server_start(struct gateway_server *, int listener, int wire,
                         unsigned connections, struct error *);
/* Readable when there is something to do. */
int gateway_server_fd(struct gateway_server *);
/* Milliseconds until a turn is due anyway, at most `most`. */
int gateway_server_wait(struct gateway_server *, int most);
/* Accepts, reads, answers what can be without waiting. -1: libmicrohttpd is
 * broken. */
int gateway_server_turn(struct gateway_server *, struct error *);
/* Takes no more connections and requests; those that wait get 503. */
void gateway_server_close(struct gateway_server *);

#endif

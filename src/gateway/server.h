/*
 * server: HTTP by libmicrohttpd on the inherited socket. Decides what needs no
 * core (framing, size, path, method, overload) and exchanges the rest.
 */
#ifndef RESGUARDO_GATEWAY_SERVER_H
#define RESGUARDO_GATEWAY_SERVER_H

#include "connection.h"
#include "exchange.h"

struct gateway_server {
    struct gateway_exchange exchange;
    struct gateway_connections connections;
    pthread_mutex_t gate; /* held: no connection is accepted yet */
    struct MHD_Daemon *daemon;
};

/* Starts libmicrohttpd's thread with the gate shut, so that no byte is read
 * before the process is confined. */
int gateway_server_start(struct gateway_server *, int listener, int wire,
                         struct error *);
void gateway_server_open_gate(struct gateway_server *);
/* No new connections; waiting requests get 503 (see exchange_drain). */
void gateway_server_drain(struct gateway_server *, msec limit);

#endif

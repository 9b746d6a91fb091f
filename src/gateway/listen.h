/*
 * listen: the socket that the daemon binds and its gateways inherit.
 */
#ifndef RESGUARDO_GATEWAY_LISTEN_H
#define RESGUARDO_GATEWAY_LISTEN_H

#include "resguardo/base.h"

#define LISTEN_ADDRESS_SIZE 72

/* Binds and listens on "127.0.0.1:8080" or "[::1]:0" (numbers only), retrying
 * for 5 s while the port is taken. Returns the descriptor (close on exec) and
 * the address really bound, or -1: ERR_CONFIG for a malformed address,
 * ERR_NETWORK for one that cannot be had. */
int gateway_listen(const char *listen_at,
                   char address[static LISTEN_ADDRESS_SIZE], struct error *);

#endif

/*
 * wire: the frames between gateway and core, and their sending, which never
 * raises SIGPIPE.
 */
#ifndef RESGUARDO_GATEWAY_WIRE_H
#define RESGUARDO_GATEWAY_WIRE_H

#include "resguardo/gateway.h"

/* Sends one frame (base.h) on a socket. ERR_IO when the other end is gone or
 * takes nothing for as long as the socket's SO_SNDTIMEO. */
int gateway_wire_send(int fd, enum gateway_frame, const struct buf *payload,
                      struct error *);

#endif

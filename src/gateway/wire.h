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

/* A frame among others in a buffer: begin, append its payload, end. */
int gateway_wire_begin(struct buf *, enum gateway_frame);
void gateway_wire_end(struct buf *, size_t begun);
/* Sends whole frames; -1 with errno, and half of one may be out. */
int gateway_wire_send_all(int fd, const struct buf *frames);

#endif

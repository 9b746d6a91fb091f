/*
 * web: what the daemon answers to the gateway. The signature is checked over
 * the raw bytes before anything is parsed; a webhook is answered by the
 * registrar after its commit; the handshake, notices and health are answered
 * here. A room of its own, because it holds secrets and the gateway none.
 */
#ifndef RESGUARDO_WEB_H
#define RESGUARDO_WEB_H

#include "resguardo/config.h"
#include "resguardo/gateway.h"
#include "resguardo/registrar.h"
#include "resguardo/store.h"

struct web; /* opaque; thread-safe */
/* Opens a reader of its own for published notices. */
int web_open(struct web **, const struct config *, struct error *);
void web_close(struct web **);
/* Copies the secrets (open, SIGHUP). */
int web_set_secrets(struct web *, const struct config_secrets *,
                    struct error *);
/* From when on webhooks are taken; NULL: none any more, they hear 503. */
void web_set_registrar(struct web *, struct registrar *);
/* A gateway_handler, with the web as argument. */
void web_handle(void *web, struct gateway *, const struct gateway_request *);

#endif

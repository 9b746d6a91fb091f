/*
 * desk: the Unix socket where staff's CLI asks. It knows who asks by the
 * socket's peer credentials (re-read on every request), what they may do by
 * the signed keyring, and puts every reading on record before its first byte
 * leaves. HTTP over a Unix socket (libmicrohttpd); routes in docs/desk.md.
 */
#ifndef RESGUARDO_DESK_H
#define RESGUARDO_DESK_H

#include "resguardo/base.h"
#include "resguardo/config.h"
#include "resguardo/policy.h"
#include "resguardo/registrar.h"
#include "resguardo/stamp.h"
#include "resguardo/store.h"
#include "resguardo/vault.h"

/* A document that goes to a customer; its bytes are the desk's. */
struct desk_outgoing {
    const uint8_t *bytes;
    size_t len;
    char number[33];      /* that it goes from */
    char media_type[129]; /* as the judge finds it; "" unknown */
    char finding[65];     /* "" none */
    char media_id[LIMIT_MEDIA_ID + 1];
};

struct desk; /* opaque */
struct desk_needs {
    const struct config *config;
    struct registrar *registrar;
    struct stamper *stamper; /* or NULL */
    const struct clock_source *clock;
    msec started;
    const char *sandbox; /* JSON object for `status` */
    /* What it really is (media_type, finding), and then to Meta (media_id). On
     * the request's thread; they block. NULL where nothing is sent. */
    int (*judge)(void *arg, struct desk_outgoing *, struct error *);
    int (*upload)(void *arg, struct desk_outgoing *, struct error *);
    void *arg;
};
/* Makes the socket (0660, group resguardo if it exists); replaces the one of a
 * killed daemon, refuses a live one. */
int desk_open(struct desk **, const struct desk_needs *, struct error *);
void desk_close(struct desk **);

/* What a reload reads anew. */
enum desk_files { DESK_SECRETS, DESK_POLICIES, DESK_FILES__MAX };
/* They were taken up (fault NULL), or the former ones stay, and why: `status`
 * says so until the next reload. Any thread; copies. */
void desk_reloaded(struct desk *, enum desk_files, const struct error *fault);
/* Adds what does not fit between the hours of policies and the numbers of the
 * configuration, as {what, say, hint}. -1: no memory. */
int desk_hours_faults(const struct config *, const struct policy_set *,
                      json_t *list);

#endif

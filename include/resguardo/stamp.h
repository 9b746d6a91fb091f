/*
 * stamp: a checkpoint goes to an authority of time (RFC 3161) every day, so
 * that somebody outside knows when it was there. Off without `ledger.timestamp`
 * in the configuration.
 *
 * Promises: nothing of the daemon waits for the authority but who asked for a
 * stamp just now; what it answers is read up to LIMIT_STAMP_BYTES, within
 * LIMIT_STAMP_S, and counts only once it verified against ca_file; only hashes
 * leave the house. A stamp, and the first failure of a kind in a row, is an
 * entry of the ledger.
 *
 * It knows the registrar and the ledger; the desk knows it.
 */
#ifndef RESGUARDO_STAMP_H
#define RESGUARDO_STAMP_H

#include "resguardo/config.h"
#include "resguardo/registrar.h"
#include "resguardo/registrar_staff.h"

struct stamper; /* opaque */
struct stamper_needs {
    const struct config *config; /* outlives it, like the registrar */
    struct registrar *registrar;
    const struct clock_source *clock;
    const struct random_source *random;
    msec last; /* when the newest stamp was received; 0 never */
};
/* Starts the thread that stamps when it is time, at once if it is past. Where
 * no authority is configured *out is NULL. */
int stamper_open(struct stamper **, const struct stamper_needs *,
                 struct error *);
/* Stamps the checkpoint of now because somebody wants it; blocks the caller, at
 * most LIMIT_STAMP_S and what is before it. What was made goes to `row` (the
 * caller frees it). Failures are on record, too, and ERR_NETWORK or ERR_VERIFY;
 * NULL for the stamper: ERR_CONFLICT. */
int stamper_stamp(struct stamper *, const struct staff_access *by,
                  struct stamp_row *row, struct error *);
/* Gives up what is under way, and nobody is asked from now on: before the desk
 * closes, whose people may wait. Both take NULL. */
void stamper_stop(struct stamper *);
void stamper_close(struct stamper **);

/* When to try again after so many failures in a row: 1, 2, 4 … minutes, at most
 * an hour, never later than the ordinary time. */
msec stamp_wait(unsigned failures, msec every);

#endif

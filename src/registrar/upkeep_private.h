/*
 * What the registrar does of itself: what is due, where it begins, the look
 * for damage; and what it counts and says of itself.
 */
#ifndef RESGUARDO_UPKEEP_PRIVATE_H
#define RESGUARDO_UPKEEP_PRIVATE_H

#include "registrar_private.h"

/* ---- what is due (pump.c, upkeep.c), where we begin (recover.c) --------- */

int pump_run(struct registrar *, struct error *);
int upkeep_run(struct registrar *, struct error *);
int recover_run(struct registrar *, struct error *);
int publish_notices(struct registrar *, struct error *);

/* ---- after ready (deep_check.c) ------------------------------------------ */

/* It found damage: nothing may be written any more. */
bool deep_check_failed(const struct registrar *);
/* It ended, and nothing speaks against writing. */
bool deep_check_passed(const struct registrar *);
/* Somebody else came upon damage. */
void deep_check_damaged(struct registrar *, const struct error *why);
/* Stops it, if it runs. */
void deep_check_end(struct registrar *);
/* A look at a large table keeps the WAL from being emptied: it is ended, and
 * begun again later. On the registrar's thread. */
void deep_check_pause(struct registrar *);
int deep_check_resume(struct registrar *, struct error *);

/* ---- what we are (instance.c), refused (denied.c), had (traffic.c) ------ */

int instance_upkeep(struct registrar *, struct error *);
/* A message of this second came. */
void clock_compare(struct registrar *, int64_t provider_s);
/* In a batch: entries of the refusals that are due; then what became of it. */
int denied_enter(struct registrar *, struct error *);
void denied_committed(struct registrar *);
void denied_undone(struct registrar *);

/* Adds what the batch counted to the sums (traffic.c). */
int traffic_add(struct registrar *, struct error *);
void traffic_committed(struct registrar *);
/* Nobody knows what was committed: they are read again. */
void traffic_unsure(struct registrar *);

#endif

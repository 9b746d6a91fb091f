/* Data that are kept and not used (restriction.c). */
#ifndef RESGUARDO_RESTRICTION_PRIVATE_H
#define RESGUARDO_RESTRICTION_PRIVATE_H

#include "registrar_private.h"

struct hold_order;

/* No day ends one. ERR_INPUT. */
int restriction_place(const struct hold_order *, struct error *);
/* The person is told before one is lifted; *notice says how, for the leaf.
 * ERR_NOT_PERMITTED where they are not. Other holds: nothing. */
int restriction_lift(struct registrar *, const struct hold_row *,
                     const struct hold_order *, const char **notice,
                     struct error *);
/* A request for one is not granted where there is none: ERR_NOT_PERMITTED. */
int restriction_granted(struct registrar *, const struct request_row *,
                        const char *outcome, struct error *);

#endif

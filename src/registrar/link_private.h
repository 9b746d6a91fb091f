/* Two references of one person, inside the registrar: what link*.c share. */
#ifndef RESGUARDO_LINK_PRIVATE_H
#define RESGUARDO_LINK_PRIVATE_H

#include "people_private.h"
#include "registrar_private.h"

/* What one reference can have said, in all policies. */
#define CONSENTS ((size_t)LIMIT_POLICIES * LIMIT_PURPOSES)

/* One that ran out still bears what it brought. */
bool link_said_yes(const struct consent_row *);

/* An officer's link under way. */
struct linking {
    struct registrar *r;
    struct link_order *o;
    struct link_row row;
    struct subject_row subject, former;
    struct error *err;
};
int link_each_consent(struct linking *, const char *subject,
                      int (*one)(struct linking *, const struct consent_row *));
/* Nothing of somebody under age: whoever answers for them is asked. */
int link_carry(struct linking *);
/* A yes that is none any more: it is asked for anew, and what rests on it
 * waits, or is blocked. by NULL: nobody of staff. */
int link_take_back(struct registrar *, const struct staff_access *by,
                   const struct link_row *, const struct consent_row *given,
                   struct error *);

#endif

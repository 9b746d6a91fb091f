/*
 * What is due by the day and not by the second: looked at once a second at
 * most, each by an index of what is due. A clock that is set back makes nothing
 * due.
 */
#include "case_private.h"
#include "consent_private.h"
#include "keep_private.h"
#include "outward_private.h"
#include "registrar_private.h"
#include "request_private.h"
#include "talk_private.h"
#include "upkeep_private.h"

int upkeep_run(struct registrar *r, struct error *err)
{
    if (r->last_upkeep != 0 && r->now - r->last_upkeep < MSEC_S &&
        r->now >= r->last_upkeep)
        return 0;
    r->last_upkeep = r->now;
    if (instance_upkeep(r, err) != 0)
        return -1;
    if (approval_upkeep(r, err) != 0 || hold_upkeep(r, err) != 0 ||
        released_expire(r->store, r->now, err) != 0 ||
        conversation_upkeep(r, err) != 0 || case_upkeep(r, err) != 0 ||
        request_upkeep(r, err) != 0 || consent_upkeep(r, err) != 0 ||
        rating_upkeep(r, err) != 0 || delivery_upkeep(r, err) != 0)
        return -1;
    return retention_upkeep(r, err);
}

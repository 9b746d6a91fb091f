/*
 * What is due by the day and not by the second: looked at once a second at
 * most, each by an index of what is due. A clock that is set back makes nothing
 * due, and one that is set forward is not believed for what destroys (see
 * there).
 */
#include "registrar_private.h"

int upkeep_run(struct registrar *r, struct error *err)
{
    if (r->last_upkeep != 0 && r->now - r->last_upkeep < MSEC_S &&
        r->now >= r->last_upkeep)
        return 0;
    r->last_upkeep = r->now;
    return approval_upkeep(r, err);
}

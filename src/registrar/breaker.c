/*
 * Many ids in a row that Meta refuses for good say more about us than about
 * the files: a number moved, a permission gone. Then nothing is refused any
 * more; the files wait, one is tried now and again, and an officer hears of it.
 */
#include "attachment_private.h"
#include "registrar_private.h"

#define OPENS_AT     10
#define WAIT_FIRST   (60 * MSEC_S)
#define WAIT_LONGEST (300 * MSEC_S)

bool breaker_refused(struct registrar *r)
{
    struct breaker *b = &r->breaker;

    if (++b->refusals < OPENS_AT)
        return false;
    b->wait = b->wait == 0 ? WAIT_FIRST : 2 * b->wait;
    if (b->wait > WAIT_LONGEST)
        b->wait = WAIT_LONGEST;
    b->until = r->now + b->wait;
    log_event(LOG_LEVEL_ALARM, "media_ids_refused", "{s:i,s:I}", "in_a_row",
              b->refusals, "pause_seconds", (json_int_t)(b->wait / MSEC_S));
    return true;
}

void breaker_resolved(struct registrar *r)
{
    r->breaker = (struct breaker){ 0 };
}

size_t breaker_places(const struct registrar *r, size_t places)
{
    const struct breaker *b = &r->breaker;

    if (b->until == 0)
        return places;
    /* Open: none. Half open: one at a time. A clock that jumped back by more
     * than any wait does not keep it open. */
    if (r->now < b->until && b->until - r->now <= WAIT_LONGEST)
        return 0;
    return places < FETCHES_AT_ONCE ? 0 : 1;
}

/* What the kernel knows of our clock. */
#include "resguardo/base.h"

#include <sys/timex.h>

#define USEC_MSEC 1000
#define NSEC_MSEC 1000000

void clock_state(struct clock_state *out)
{
    struct timex t = { .modes = 0 }; /* asks, changes nothing */
    int state = adjtimex(&t);

    *out = (struct clock_state){ .known = state >= 0 };
    if (state < 0)
        return;
    out->synchronised = state != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
    out->offset =
        t.offset / ((t.status & STA_NANO) != 0 ? NSEC_MSEC : USEC_MSEC);
    out->error = t.maxerror / USEC_MSEC;
}

/* The real clocks; everything else takes a clock as an input. */
#include "resguardo/base.h"

#include <time.h>

static msec read_clock(clockid_t id)
{
    struct timespec t;

    (void)clock_gettime(id, &t);
    return (msec)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static msec now_system(void *arg)
{
    (void)arg;
    return read_clock(CLOCK_REALTIME);
}

const struct clock_source clock_system = { now_system, NULL };

msec clock_now(const struct clock_source *c)
{
    return c->now(c->arg);
}

msec clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

struct timespec clock_deadline(msec wait)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += wait / MSEC_S;
    at.tv_nsec += wait % MSEC_S * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

int clock_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;
    int failed = pthread_condattr_init(&monotonic);

    if (failed != 0)
        return -1;
    failed = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    if (failed == 0)
        failed = pthread_cond_init(cond, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    return failed == 0 ? 0 : -1;
}

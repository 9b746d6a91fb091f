/* Webhooks as Meta would send them, written and signed before the clock runs.
 * Each is different; the same seed gives the same bodies. */
#ifndef RESGUARDO_BENCH_BODIES_H
#define RESGUARDO_BENCH_BODIES_H

#include <stddef.h>
#include <stdint.h>

enum body_kind {
    BODY_STATUS, /* sent, delivered, read of messages that `fill` made */
    BODY_ALIEN,  /* statuses of messages that nobody sent */
    BODY_PHOTO   /* photos of `people`, bodies of 700 to 1,500 bytes */
};

struct body_plan {
    enum body_kind kind;
    size_t count;
    uint64_t seed;
    uint64_t first;       /* of the messages or people to speak of */
    size_t people;        /* BODY_PHOTO */
    const char *media_id; /* BODY_PHOTO: NULL for one of its own each */
    const char *secret, *number;
};

struct bodies {
    char *all;      /* whole requests, one after the other */
    size_t *starts; /* count + 1 */
    size_t count;
};

/* Ends the program when there is no memory. */
void bodies_make(struct bodies *, const struct body_plan *);

#endif

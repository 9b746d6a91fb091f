/* Seeded dice, and the trace: a running hash of all that happened. */
#ifndef SIMULATION_DICE_H
#define SIMULATION_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t s[2];
};
void dice_seed(struct dice *, uint64_t seed, uint64_t stream);
uint64_t dice_next(struct dice *);
uint32_t dice_below(struct dice *, uint32_t n); /* 0..n-1 */
bool dice_one_in(struct dice *, uint32_t n);    /* false for n == 0 */
bool dice_percent(struct dice *, uint32_t p);
int64_t dice_between(struct dice *, int64_t from, int64_t to);
/* About exponential around a mean. */
int64_t dice_around(struct dice *, int64_t mean);

struct trace {
    uint64_t h;
};
void trace_add(struct trace *, const void *, size_t);
void trace_text(struct trace *, const char *);
void trace_int(struct trace *, int64_t);

#endif

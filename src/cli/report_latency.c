/* How long things took, in constant memory. */
#include "report.h"

/* Below LATENCY_STEPS milliseconds a bucket is a millisecond; above, each
 * doubling has LATENCY_STEPS of them. */
static size_t bucket_of(msec t)
{
    size_t octave = 0, b;

    while (t >> octave >= (msec)(2 * LATENCY_STEPS))
        octave++;
    b = octave * LATENCY_STEPS + (size_t)(t >> octave);
    return b < LATENCY_BUCKETS ? b : LATENCY_BUCKETS - 1;
}

/* The longest time that falls into it. */
static msec bucket_end(size_t b)
{
    size_t octave = b < 2 * LATENCY_STEPS ? 0 : b / LATENCY_STEPS - 1;

    return (msec)((((uint64_t)(b - octave * LATENCY_STEPS) + 1) << octave) - 1);
}

void latency_add(struct latency *l, msec t)
{
    if (t < 0)
        t = 0;
    l->buckets[bucket_of(t)]++;
    l->n++;
    if (t > l->max)
        l->max = t;
}

msec latency_at(const struct latency *l, unsigned percent)
{
    uint64_t wanted = (l->n * percent + 99) / 100, seen = 0;

    if (l->n == 0)
        return 0;
    for (size_t b = 0; b < LATENCY_BUCKETS; b++) {
        seen += l->buckets[b];
        /* The last bucket has no end. */
        if (seen >= wanted && b + 1 < LATENCY_BUCKETS)
            return bucket_end(b) < l->max ? bucket_end(b) : l->max;
    }
    return l->max;
}

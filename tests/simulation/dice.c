#include "dice.h"

#include <string.h>

static uint64_t split(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void dice_seed(struct dice *d, uint64_t seed, uint64_t stream)
{
    uint64_t x = seed ^ (stream * 0xd1342543de82ef95u);

    d->s[0] = split(&x);
    d->s[1] = split(&x) | 1;
}

/* xoroshiro128+ */
uint64_t dice_next(struct dice *d)
{
    uint64_t a = d->s[0], b = d->s[1], sum = a + b;

    b ^= a;
    d->s[0] = (a << 24 | a >> 40) ^ b ^ (b << 16);
    d->s[1] = b << 37 | b >> 27;
    return sum;
}

uint32_t dice_below(struct dice *d, uint32_t n)
{
    return n == 0 ? 0 : (uint32_t)((dice_next(d) >> 32) * n >> 32);
}

bool dice_one_in(struct dice *d, uint32_t n)
{
    return n != 0 && dice_below(d, n) == 0;
}

bool dice_percent(struct dice *d, uint32_t p)
{
    return dice_below(d, 100) < p;
}

int64_t dice_between(struct dice *d, int64_t from, int64_t to)
{
    uint64_t span = (uint64_t)(to - from) + 1;

    return to <= from ? from : from + (int64_t)(dice_next(d) % span);
}

/* Without libm: the mean of a number of halvings. */
int64_t dice_around(struct dice *d, int64_t mean)
{
    int64_t part = dice_between(d, 0, mean);

    while (dice_below(d, 2) == 0 && part < 16 * mean)
        part += dice_between(d, 0, mean);
    return part;
}

void trace_add(struct trace *t, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t h = t->h ^ n;

    while (n > 0) {
        uint64_t word = 0;
        size_t step = n < 8 ? n : 8;

        memcpy(&word, p, step);
        h = (h ^ word) * 0x9ddfea08eb382d69u;
        h ^= h >> 29;
        p += step;
        n -= step;
    }
    t->h = h;
}

void trace_text(struct trace *t, const char *s)
{
    trace_add(t, s, strlen(s));
}

void trace_int(struct trace *t, int64_t n)
{
    trace_add(t, &n, sizeof(n));
}

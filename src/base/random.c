/* The real randomness; everything else takes a source as an input. */
#include "resguardo/base.h"

#include <sodium.h>

static void fill_system(void *arg, void *out, size_t n)
{
    (void)arg;
    randombytes_buf(out, n);
}

const struct random_source random_system = { fill_system, NULL };

void random_fill(const struct random_source *r, void *out, size_t n)
{
    r->fill(r->arg, out, n);
}

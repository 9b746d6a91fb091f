/*
 * The real randomness; everything else takes a source as an input. Ids, nonces
 * and salts are small and many: they come from what was asked of the kernel
 * ahead, a page a thread. Keys are asked for by themselves.
 */
#include "resguardo/base.h"

#include <pthread.h>
#include <string.h>

#include <sodium.h>

#define AHEAD 1024u
#define SMALL 32u /* a key is not */

static _Thread_local struct {
    size_t left;
    uint8_t bytes[AHEAD]; /* from its end on; what was given is wiped */
} ahead;

/* Two processes never give the same. */
static void forked(void)
{
    sodium_memzero(&ahead, sizeof(ahead));
}

static void watch_forks(void)
{
    (void)pthread_atfork(NULL, NULL, forked);
}

static void fill_system(void *arg, void *out, size_t n)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)arg;
    if (n >= SMALL) {
        randombytes_buf(out, n);
        return;
    }
    if (ahead.left < n) {
        (void)pthread_once(&once, watch_forks);
        randombytes_buf(ahead.bytes, AHEAD);
        ahead.left = AHEAD;
    }
    ahead.left -= n;
    memcpy(out, ahead.bytes + ahead.left, n);
    sodium_memzero(ahead.bytes + ahead.left, n);
}

const struct random_source random_system = { fill_system, NULL };

void random_fill(const struct random_source *r, void *out, size_t n)
{
    r->fill(r->arg, out, n);
}

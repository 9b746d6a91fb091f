/*
 * Two threads take runs until there are none left: whoever of them gets less of
 * its core does less of the work. The helper is called for each batch; where it
 * has not come by the time that all is done, nobody waits for it. Either looks
 * out for the other for a moment before it sleeps: to be woken takes longer
 * than most waits.
 */
#include "runs.h"

#include "leaf.h"
#include "tree.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#define pause_a_little() _mm_pause()
#else
#define pause_a_little() (void)0
#endif

enum helping { HELP_NONE, HELP_CALLED, HELP_WORKING, HELP_ENDING };

struct runs {
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t called, done;
    _Atomic enum helping state; /* changes under the lock */

    /* The batch: only written while the helper is not at work. */
    const struct ledger_line *lines;
    uint64_t from;
    size_t n;
    uint8_t roots[RUNS_MAX][LEDGER_HASH_LEN];
    atomic_size_t next; /* the first run that nobody took */
    atomic_bool bad;
};

/* Nodes above nodes, up to the one that is above all. */
static void root_of(uint8_t (*hashes)[LEDGER_HASH_LEN],
                    uint8_t root[static LEDGER_HASH_LEN])
{
    uint8_t room[RUN_LEN / 2][LEDGER_HASH_LEN], (*above)[LEDGER_HASH_LEN];
    struct sha256_text pairs[RUN_LEN / 2];

    above = room;
    for (size_t wide = RUN_LEN / 2; wide > 0; wide /= 2) {
        uint8_t(*below)[LEDGER_HASH_LEN] = hashes;

        for (size_t k = 0; k < wide; k++)
            pairs[k] =
                (struct sha256_text){ below[2 * k], 2 * LEDGER_HASH_LEN };
        sha256_of_many(above, 1, pairs, wide);
        hashes = above;
        above = below;
    }
    memcpy(root, hashes[0], LEDGER_HASH_LEN);
}

/* The root of the i-th run, unless one of its entries is not what it must be.
 */
static bool run_root(struct runs *r, size_t i)
{
    uint8_t hashes[RUN_LEN][LEDGER_HASH_LEN];
    struct sha256_text texts[RUN_LEN];
    const struct ledger_line *line = r->lines + i * RUN_LEN;
    uint64_t index = r->from + i * RUN_LEN;
    struct error ignored = { 0 };

    for (size_t k = 0; k < RUN_LEN; k++) {
        if (ledger_leaf_check(line[k].entry, line[k].len, index + k,
                              &ignored) != 0)
            return false;
        texts[k] = (struct sha256_text){ line[k].entry, line[k].len };
    }
    sha256_of_many(hashes, 0, texts, RUN_LEN);
    for (size_t k = 0; k < RUN_LEN; k++)
        if (line[k].leaf != NULL &&
            memcmp(hashes[k], line[k].leaf, LEDGER_HASH_LEN) != 0)
            return false;
    root_of(hashes, r->roots[i]);
    return true;
}

static void take_runs(struct runs *r)
{
    size_t i;

    while (!atomic_load(&r->bad) && (i = atomic_fetch_add(&r->next, 1)) < r->n)
        if (!run_root(r, i))
            atomic_store(&r->bad, true);
}

/* About 50 us. */
#define LOOKS 1000u

static void look_out(const struct runs *r, enum helping while_it_is)
{
    for (unsigned i = 0; i < LOOKS && atomic_load(&r->state) == while_it_is;
         i++)
        pause_a_little();
}

static void *help(void *arg)
{
    struct runs *r = arg;

    (void)pthread_mutex_lock(&r->lock);
    for (;;) {
        while (r->state == HELP_NONE)
            (void)pthread_cond_wait(&r->called, &r->lock);
        if (r->state == HELP_ENDING)
            break;
        r->state = HELP_WORKING;
        (void)pthread_mutex_unlock(&r->lock);
        take_runs(r);
        (void)pthread_mutex_lock(&r->lock);
        r->state = HELP_NONE;
        (void)pthread_cond_signal(&r->done);
        (void)pthread_mutex_unlock(&r->lock);
        look_out(r, HELP_NONE);
        (void)pthread_mutex_lock(&r->lock);
    }
    (void)pthread_mutex_unlock(&r->lock);
    return NULL;
}

struct runs *runs_new(void)
{
    struct runs *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return NULL;
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_cond_init(&r->called, NULL);
    (void)pthread_cond_init(&r->done, NULL);
    r->has_thread =
        process_cores() > 1 && pthread_create(&r->thread, NULL, help, r) == 0;
    return r;
}

void runs_free(struct runs **r)
{
    if (*r == NULL)
        return;
    if ((*r)->has_thread) {
        (void)pthread_mutex_lock(&(*r)->lock);
        (*r)->state = HELP_ENDING;
        (void)pthread_cond_signal(&(*r)->called);
        (void)pthread_mutex_unlock(&(*r)->lock);
        (void)pthread_join((*r)->thread, NULL);
    }
    (void)pthread_cond_destroy(&(*r)->done);
    (void)pthread_cond_destroy(&(*r)->called);
    (void)pthread_mutex_destroy(&(*r)->lock);
    free(*r);
    *r = NULL;
}

/* Between batches the helper is never at work. */
static void call(struct runs *r)
{
    (void)pthread_mutex_lock(&r->lock);
    r->state = HELP_CALLED;
    (void)pthread_cond_signal(&r->called);
    (void)pthread_mutex_unlock(&r->lock);
}

static void wait_for_helper(struct runs *r)
{
    look_out(r, HELP_WORKING);
    (void)pthread_mutex_lock(&r->lock);
    if (r->state == HELP_CALLED)
        r->state = HELP_NONE;
    while (r->state == HELP_WORKING)
        (void)pthread_cond_wait(&r->done, &r->lock);
    (void)pthread_mutex_unlock(&r->lock);
}

void runs_begin(struct runs *r, const struct ledger_line *lines, uint64_t from,
                size_t n)
{
    r->lines = lines;
    r->from = from;
    r->n = n;
    atomic_store(&r->next, 0);
    atomic_store(&r->bad, false);
    if (r->has_thread && n > 1)
        call(r);
}

bool runs_end(struct runs *r, const uint8_t (**roots)[LEDGER_HASH_LEN])
{
    take_runs(r);
    if (r->has_thread && r->n > 1)
        wait_for_helper(r);
    *roots = (const uint8_t(*)[LEDGER_HASH_LEN])r->roots;
    return !atomic_load(&r->bad);
}

/*
 * Two threads take runs until there are none left: whoever of them gets less of
 * its core does less of the work. The helper is called for each batch; where it
 * has not come by the time that all is done, nobody waits for it.
 */
#include "runs.h"

#include "leaf.h"
#include "tree.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum helping { HELP_NONE, HELP_CALLED, HELP_WORKING, HELP_ENDING };

struct runs {
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t called, done;
    enum helping state; /* under the lock */

    /* The batch: only written while the helper is not at work. */
    const struct ledger_line *lines;
    uint64_t from;
    size_t n;
    uint8_t (*roots)[LEDGER_HASH_LEN];
    atomic_size_t next; /* the first run that nobody took */
    atomic_bool bad;
};

/* The root of the i-th run, unless one of its entries is not what it must be.
 */
static bool run_root(const struct runs *r, size_t i)
{
    uint8_t hashes[RUN_LEN][LEDGER_HASH_LEN];
    const struct ledger_line *line = r->lines + i * RUN_LEN;
    uint64_t index = r->from + i * RUN_LEN;
    struct error ignored = { 0 };

    for (size_t k = 0; k < RUN_LEN; k++, line++, index++) {
        if (ledger_leaf_check(line->entry, line->len, index, &ignored) != 0)
            return false;
        ledger_leaf_hash(hashes[k], line->entry, line->len);
        if (line->leaf != NULL &&
            memcmp(hashes[k], line->leaf, LEDGER_HASH_LEN) != 0)
            return false;
    }
    for (size_t wide = RUN_LEN / 2; wide > 0; wide /= 2)
        for (size_t k = 0; k < wide; k++)
            ledger_tree_join(hashes[k], hashes[2 * k], hashes[2 * k + 1]);
    memcpy(r->roots[i], hashes[0], LEDGER_HASH_LEN);
    return true;
}

static void take_runs(struct runs *r)
{
    size_t i;

    while (!atomic_load(&r->bad) && (i = atomic_fetch_add(&r->next, 1)) < r->n)
        if (!run_root(r, i))
            atomic_store(&r->bad, true);
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
    (void)pthread_mutex_lock(&r->lock);
    if (r->state == HELP_CALLED)
        r->state = HELP_NONE;
    while (r->state == HELP_WORKING)
        (void)pthread_cond_wait(&r->done, &r->lock);
    (void)pthread_mutex_unlock(&r->lock);
}

bool runs_good(struct runs *r, const struct ledger_line *lines, uint64_t from,
               size_t n, uint8_t (*roots)[LEDGER_HASH_LEN])
{
    bool together = r->has_thread && n > 1;

    r->lines = lines;
    r->from = from;
    r->n = n;
    r->roots = roots;
    atomic_store(&r->next, 0);
    atomic_store(&r->bad, false);
    if (together)
        call(r);
    take_runs(r);
    if (together)
        wait_for_helper(r);
    return !atomic_load(&r->bad);
}

/*
 * A payload on its way, some chunks at once: whoever fills the batches and
 * whoever empties them do so in order, in one thread; what happens to a batch
 * in between may happen on any core. Small payloads know nothing of it: they
 * have one batch and no thread.
 */
#include "vault_private.h"

#include <signal.h>
#include <stdlib.h>

/* The caller reads and writes meanwhile: more would wait for it. */
#define WORKERS_MAX 3u
/* At most 4 MiB of them. */
#define BATCHES_MAX 8u
/* So many batches pass before threads are worth their start: 2 MiB. */
#define ALONE 8u

struct age_belt {
    age_work work;
    age_emit emit;
    void *arg;
    const struct secret *key;
    size_t chunks;    /* in a batch */
    unsigned threads; /* wanted, the caller's included */
    struct age_batch batches[BATCHES_MAX];
    uint64_t nbatches;
    uint64_t head, next, tail; /* oldest, next to be worked on, being filled */
    uint64_t chunk;            /* number of the first chunk at the tail */

    pthread_t workers[WORKERS_MAX];
    unsigned nworkers;
    bool stop;
    pthread_mutex_t lock; /* over next, tail, stop and what is done */
    pthread_cond_t filled, done;
};

static struct age_batch *batch_at(struct age_belt *b, uint64_t i)
{
    return &b->batches[i % b->nbatches];
}

static int batch_new(struct age_belt *b)
{
    struct age_batch *batch = &b->batches[b->nbatches];

    batch->plain = secret_new(b->chunks * AGE_CHUNK);
    batch->sealed = malloc(b->chunks * AGE_SEALED_CHUNK);
    if (batch->plain == NULL || batch->sealed == NULL) {
        secret_free(&batch->plain);
        free(batch->sealed);
        batch->sealed = NULL;
        return -1;
    }
    b->nbatches++;
    return 0;
}

struct age_belt *age_belt_new(size_t chunks, age_work work, age_emit emit,
                              void *arg)
{
    struct age_belt *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return NULL;
    b->work = work;
    b->emit = emit;
    b->arg = arg;
    b->chunks = chunks;
    b->threads = 1;
    if (batch_new(b) != 0) {
        free(b);
        return NULL;
    }
    (void)pthread_mutex_init(&b->lock, NULL);
    (void)pthread_cond_init(&b->filled, NULL);
    (void)pthread_cond_init(&b->done, NULL);
    return b;
}

void age_belt_free(struct age_belt **belt)
{
    struct age_belt *b = *belt;

    if (b == NULL)
        return;
    (void)pthread_mutex_lock(&b->lock);
    b->stop = true;
    (void)pthread_cond_broadcast(&b->filled);
    (void)pthread_mutex_unlock(&b->lock);
    for (unsigned i = 0; i < b->nworkers; i++)
        (void)pthread_join(b->workers[i], NULL);

    (void)pthread_mutex_destroy(&b->lock);
    (void)pthread_cond_destroy(&b->filled);
    (void)pthread_cond_destroy(&b->done);
    for (size_t i = 0; i < b->nbatches; i++) {
        secret_free(&b->batches[i].plain);
        free(b->batches[i].sealed);
    }
    free(b);
    *belt = NULL;
}

void age_belt_key(struct age_belt *b, const struct secret *key)
{
    b->key = key;
}

void age_belt_threads(struct age_belt *b, unsigned threads)
{
    b->threads = threads > WORKERS_MAX ? WORKERS_MAX + 1 : threads;
}

/* ---- the crew ----------------------------------------------------------- */

/* Works on the next batch. With the lock held, but not meanwhile. */
static void work_one(struct age_belt *b)
{
    struct age_batch *batch = batch_at(b, b->next++);

    (void)pthread_mutex_unlock(&b->lock);
    b->work(batch, b->key);
    (void)pthread_mutex_lock(&b->lock);
    batch->done = true;
    (void)pthread_cond_signal(&b->done);
}

static void *worker(void *arg)
{
    struct age_belt *b = arg;

    (void)pthread_mutex_lock(&b->lock);
    while (!b->stop) {
        if (b->next < b->tail)
            work_one(b);
        else
            (void)pthread_cond_wait(&b->filled, &b->lock);
    }
    (void)pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* Threads and batches, as many of both as can be had; nothing is under way.
 * Signals are the business of the thread that called. */
static void hire(struct age_belt *b)
{
    sigset_t all, before;
    unsigned threads = b->threads;
    size_t wanted = 2 * (size_t)threads;

    while (b->nbatches < wanted && b->nbatches < BATCHES_MAX)
        if (batch_new(b) != 0)
            break;
    b->head = b->next = b->tail = 0;
    b->threads = 1; /* this is done once */

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    while (b->nworkers + 1 < threads && b->nworkers + 1 < b->nbatches) {
        if (pthread_create(&b->workers[b->nworkers], NULL, worker, b) != 0)
            break;
        b->nworkers++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- filling and emptying ----------------------------------------------- */

struct age_batch *age_belt_batch(struct age_belt *b)
{
    return batch_at(b, b->tail);
}

/* Empties the oldest batch; helps until it is done. */
static int finish_head(struct age_belt *b, struct error *err)
{
    struct age_batch *batch = batch_at(b, b->head);

    (void)pthread_mutex_lock(&b->lock);
    while (!batch->done) {
        if (b->next < b->tail)
            work_one(b);
        else
            (void)pthread_cond_wait(&b->done, &b->lock);
    }
    batch->done = false;
    (void)pthread_mutex_unlock(&b->lock);
    b->head++;
    return b->emit(b->arg, batch, err);
}

static bool head_is_done(struct age_belt *b)
{
    bool done;

    if (b->head == b->tail)
        return false;
    (void)pthread_mutex_lock(&b->lock);
    done = batch_at(b, b->head)->done;
    (void)pthread_mutex_unlock(&b->lock);
    return done;
}

int age_belt_push(struct age_belt *b, bool last, struct error *err)
{
    struct age_batch *batch = age_belt_batch(b);

    batch->chunk = b->chunk;
    batch->last = last;
    b->chunk += b->chunks;
    (void)pthread_mutex_lock(&b->lock);
    b->tail++;
    if (b->nworkers > 0)
        (void)pthread_cond_signal(&b->filled);
    (void)pthread_mutex_unlock(&b->lock);

    /* One batch stays free to be filled. Alone, that means: all is done. */
    while (b->tail - b->head == b->nbatches || (last && b->head < b->tail) ||
           head_is_done(b))
        if (finish_head(b, err) != 0)
            return -1;
    if (!last && b->threads > 1 && b->tail == ALONE)
        hire(b);
    age_belt_batch(b)->len = 0;
    return 0;
}

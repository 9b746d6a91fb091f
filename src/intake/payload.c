/*
 * The sealed bytes: hashed and written, in order. Of a large file by a thread
 * of its own, so that one file alone keeps two cores busy; what it saves a
 * small one is less than what it costs.
 */
#include "intake_private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* From this size on a thread is worth it. */
#define LARGE_BYTES ((int64_t)16 * 1024 * 1024)
/* What the sealing side hands over at once (the vault's batch fits), and how
 * many of these may wait: memory a large transfer. */
#define PIECE_BYTES ((size_t)320 * 1024)
#define PIECES      2u

struct payload_thread {
    struct intake_file *file;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned first, waiting; /* ring of pieces */
    bool ended, failed;
    struct error err;
    size_t len[PIECES];
    uint8_t pieces[PIECES][PIECE_BYTES];
};

static int store(struct intake_file *file, const uint8_t *p, size_t len,
                 struct error *err)
{
    sha256_add(file->payload_hash, p, len);
    if (fd_write_all(file->fd, p, len) != 0)
        return error_errno(err, ERR_IO, "cannot write a payload");
    return 0;
}

/* After a failure the rest is thrown away, so that nobody waits for ever. */
static void *payload_main(void *arg)
{
    struct payload_thread *t = arg;

    pthread_mutex_lock(&t->lock);
    for (;;) {
        unsigned at = t->first;
        bool failed = t->failed;

        if (t->waiting == 0 && t->ended)
            break;
        if (t->waiting == 0) {
            pthread_cond_wait(&t->changed, &t->lock);
            continue;
        }
        pthread_mutex_unlock(&t->lock);
        if (!failed)
            failed = store(t->file, t->pieces[at], t->len[at], &t->err) != 0;
        pthread_mutex_lock(&t->lock);
        t->failed = failed;
        t->first = (at + 1) % PIECES;
        t->waiting--;
        pthread_cond_signal(&t->changed);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

/* Without memory or a thread the caller's own does it. */
void payload_begin(struct intake_file *file, int64_t announced)
{
    struct payload_thread *t;
    sigset_t all, before;

    if (announced < LARGE_BYTES || (t = calloc(1, sizeof(*t))) == NULL)
        return;
    t->file = file;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->changed, NULL);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&t->thread, NULL, payload_main, t) == 0) {
        file->thread = t;
    } else {
        pthread_cond_destroy(&t->changed);
        pthread_mutex_destroy(&t->lock);
        free(t);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int hand_over(struct payload_thread *t, const uint8_t *p, size_t len,
                     struct error *err)
{
    bool failed;
    unsigned at;

    /* The piece behind those that wait is nobody's but ours. */
    pthread_mutex_lock(&t->lock);
    while (t->waiting == PIECES)
        pthread_cond_wait(&t->changed, &t->lock);
    at = (t->first + t->waiting) % PIECES;
    failed = t->failed;
    pthread_mutex_unlock(&t->lock);
    if (failed) {
        *err = t->err;
        return -1;
    }
    memcpy(t->pieces[at], p, len);

    pthread_mutex_lock(&t->lock);
    t->len[at] = len;
    t->waiting++;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    return 0;
}

int payload_add(void *arg, const uint8_t *p, size_t len, struct error *err)
{
    struct intake_file *file = arg;

    file->payload_size += (int64_t)len;
    if (file->thread == NULL)
        return store(file, p, len, err);
    for (size_t n; len > 0; p += n, len -= n) {
        n = len < PIECE_BYTES ? len : PIECE_BYTES;
        if (hand_over(file->thread, p, n, err) != 0)
            return -1;
    }
    return 0;
}

int payload_end(struct intake_file *file)
{
    struct payload_thread *t = file->thread;
    int ok;

    if (t == NULL)
        return 0;
    pthread_mutex_lock(&t->lock);
    t->ended = true;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    (void)pthread_join(t->thread, NULL);
    if (t->failed)
        file->err = t->err;
    ok = t->failed ? -1 : 0;
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    free(t);
    file->thread = NULL;
    return ok;
}

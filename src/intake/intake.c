/* Orders, workers, ends. */
#include "intake_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How often an idle worker looks whether its judge still waits. */
#define SPARE_CHECK_S 10

/* The next file; NULL when there is none for a while, or ever (closing). */
static struct intake_file *next_file(struct intake *in, bool *closing)
{
    struct intake_file *file;
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += SPARE_CHECK_S;
    pthread_mutex_lock(&in->lock);
    while (in->first == NULL && !in->closing &&
           pthread_cond_timedwait(&in->wake, &in->lock, &until) == 0)
        continue;
    file = in->first;
    if (file != NULL) {
        in->first = file->next;
        if (in->first == NULL)
            in->last = &in->first;
    }
    *closing = in->closing;
    pthread_mutex_unlock(&in->lock);
    return file;
}

/* A look comes before the judgement, or the download's end was waiting for
 * it. */
static void work_on(struct intake_file *file, struct inspect_spare *spare)
{
    struct intake *in = file->intake;
    bool look, arrived;

    pthread_mutex_lock(&in->lock);
    look = file->looking && !file->arrived;
    pthread_mutex_unlock(&in->lock);
    if (look)
        look_file(file, spare);

    pthread_mutex_lock(&in->lock);
    file->looking = false;
    arrived = file->arrived;
    pthread_mutex_unlock(&in->lock);
    if (!arrived)
        return; /* done() queues it again */
    if (file->outcome == GRAPH_OK)
        judge_file(file, spare);
    else
        download_failed(file);
}

/* Each worker keeps a judge of its own waiting. One that cannot be started is
 * no fault yet: the next file asks again, and says what is wrong. */
static void *worker_main(void *arg)
{
    struct intake *in = arg;
    struct inspect_spare spare = INSPECT_SPARE_NONE;
    struct error err = { 0 };
    struct intake_file *file;
    bool closing = false;

    for (;;) {
        if (!closing)
            (void)inspect_spare_keep(&spare, in->needs.judge_program, &err);
        file = next_file(in, &closing);
        if (file != NULL)
            work_on(file, &spare);
        else if (closing)
            break;
    }
    inspect_spare_end(&spare);
    return NULL;
}

/* Waiting with a deadline goes by the clock that nobody sets. */
static int condition_new(pthread_cond_t *condition)
{
    pthread_condattr_t attr;
    int failed;

    if (pthread_condattr_init(&attr) != 0)
        return -1;
    failed = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
             pthread_cond_init(condition, &attr) != 0;
    (void)pthread_condattr_destroy(&attr);
    return failed ? -1 : 0;
}

int intake_open(struct intake **out, const struct intake_needs *needs,
                struct error *err)
{
    struct intake *in = calloc(1, sizeof(*in));

    *out = NULL;
    if (in == NULL ||
        (in->workers = calloc(needs->parallel, sizeof(*in->workers))) == NULL ||
        condition_new(&in->wake) != 0) {
        if (in != NULL)
            free(in->workers);
        free(in);
        return error_set(err, ERR_NOMEM, "no memory for the intake");
    }
    in->needs = *needs;
    in->last = &in->first;
    pthread_mutex_init(&in->lock, NULL);
    while (in->nworkers < needs->parallel) {
        if (pthread_create(&in->workers[in->nworkers], NULL, worker_main, in) !=
            0) {
            intake_close(&in);
            return error_set(err, ERR_NOMEM, "cannot start an intake worker");
        }
        in->nworkers++;
    }
    *out = in;
    return 0;
}

void intake_fetch(struct intake *in, const struct fetch_order *order)
{
    struct intake_file *file = calloc(1, sizeof(*file));
    struct graph_fetch job = { .max_bytes = order->max_bytes,
                               .sink = download_sink };

    if (file == NULL) {
        struct intake_result result = { .end = INTAKE_RETRY };
        memcpy(result.attachment, order->attachment, ID_SIZE);
        memcpy(result.payload, order->payload, ID_SIZE);
        in->needs.done(in->needs.arg, &result);
        return;
    }
    file->intake = in;
    file->order = *order;
    file->fd = -1;
    pthread_mutex_lock(&in->lock);
    file->ticket = ++in->tickets;
    file->living_next = in->living;
    in->living = file;
    pthread_mutex_unlock(&in->lock);

    job.ticket = file->ticket;
    job.arg = file;
    memcpy(job.phone_number_id, order->number, sizeof(job.phone_number_id));
    memcpy(job.media_id, order->media_id, sizeof(job.media_id));
    if (graph_fetch(in->needs.graph, &job) != 0)
        intake_end_file(&file, INTAKE_RETRY, "memory");
}

void intake_cancel(struct intake *in, const char *attachment)
{
    uint64_t ticket = 0;

    pthread_mutex_lock(&in->lock);
    for (struct intake_file *f = in->living; f != NULL; f = f->living_next)
        if (strcmp(f->order.attachment, attachment) == 0) {
            __atomic_store_n(&f->cancel, 1, __ATOMIC_RELEASE);
            ticket = f->ticket;
        }
    pthread_mutex_unlock(&in->lock);
    if (ticket != 0)
        graph_cancel(in->needs.graph, ticket);
}

void intake_queue(struct intake_file *file)
{
    struct intake *in = file->intake;

    pthread_mutex_lock(&in->lock);
    file->next = NULL;
    *in->last = file;
    in->last = &file->next;
    pthread_cond_signal(&in->wake);
    pthread_mutex_unlock(&in->lock);
}

static void living_remove(struct intake_file *file)
{
    struct intake *in = file->intake;

    pthread_mutex_lock(&in->lock);
    for (struct intake_file **f = &in->living; *f != NULL;
         f = &(*f)->living_next)
        if (*f == file) {
            *f = file->living_next;
            break;
        }
    pthread_mutex_unlock(&in->lock);
}

void intake_end_file(struct intake_file **file, enum intake_end end,
                     const char *reason)
{
    struct intake_file *f = *file;

    /* INTAKE__MAX: reported already. */
    living_remove(f);
    if (end != INTAKE__MAX) {
        struct intake_result result = { .end = end };

        memcpy(result.attachment, f->order.attachment, ID_SIZE);
        memcpy(result.payload, f->order.payload, ID_SIZE);
        if (reason != NULL)
            memcpy(result.reason, reason,
                   strnlen(reason, sizeof(result.reason) - 1));
        f->intake->needs.done(f->intake->needs.arg, &result);
    }
    (void)payload_end(f);
    age_writer_free(&f->writer);
    sha256_free(&f->plain_hash);
    sha256_free(&f->payload_hash);
    secret_free(&f->start);
    buf_free(&f->header);
    if (f->fd >= 0)
        (void)close(f->fd);
    free(f);
    *file = NULL;
}

void intake_close(struct intake **intake)
{
    struct intake *in = *intake;

    if (in == NULL)
        return;

    /* Whoever waits for a judge is let go quickly; the rows say "again". */
    pthread_mutex_lock(&in->lock);
    in->closing = true;
    for (struct intake_file *f = in->living; f != NULL; f = f->living_next)
        __atomic_store_n(&f->cancel, 1, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&in->wake);
    pthread_mutex_unlock(&in->lock);
    for (unsigned i = 0; i < in->nworkers; i++)
        pthread_join(in->workers[i], NULL);
    pthread_cond_destroy(&in->wake);
    pthread_mutex_destroy(&in->lock);
    free(in->workers);
    free(in);
    *intake = NULL;
}

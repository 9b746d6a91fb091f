/* The threads, their queues, and the life of a job. */
#include "graph_private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#define IDLE_MS 1000

static const size_t lane_share[GRAPH_LANE__MAX] = {
    [GRAPH_LANE_MEDIA] = LIMIT_GRAPH_TRANSFERS / 4 * 3,
    [GRAPH_LANE_MESSAGE] = LIMIT_GRAPH_TRANSFERS / 4,
};

static void wake_all(struct graph *g)
{
    for (size_t i = 0; i < g->nloops; i++)
        (void)curl_multi_wakeup(g->loops[i].multi);
}

/* Who is waiting for that. */
static void wake_lane(struct graph *g, enum graph_lane lane)
{
    for (size_t i = 0; i < g->nloops; i++)
        if (g->loops[i].lane == lane)
            (void)curl_multi_wakeup(g->loops[i].multi);
}

/* ---- lists (under the lock) --------------------------------------------- */

static void list_add(struct graph_list *list, struct graph_job *job)
{
    job->next = NULL;
    if (list->tail == NULL)
        list->head = job;
    else
        list->tail->next = job;
    list->tail = job;
}

static bool list_remove(struct graph_list *list, struct graph_job *job)
{
    struct graph_job *before = NULL;

    for (struct graph_job *j = list->head; j != NULL; before = j, j = j->next) {
        if (j != job)
            continue;
        if (before == NULL)
            list->head = j->next;
        else
            before->next = j->next;
        if (list->tail == j)
            list->tail = before;
        return true;
    }
    return false;
}

/* ---- jobs --------------------------------------------------------------- */

static void job_free(struct graph_job *job)
{
    graph_request_end(job);
    buf_free(&job->answer);
    buf_free(&job->body);
    sodium_memzero(job, sizeof(*job));
    free(job);
}

/* The first refusal of the token that is in use stops everything. */
static void stop_on_token(struct graph_job *job)
{
    struct graph *g = job->graph;

    pthread_mutex_lock(&g->lock);
    if (job->generation == g->generation)
        g->token_refused = true;
    pthread_mutex_unlock(&g->lock);
}

void graph_job_end(struct graph_job *job, enum graph_outcome outcome, int code,
                   const char *wamid, const char *why)
{
    struct graph *g = job->graph;

    pthread_mutex_lock(&g->lock);
    if (job->loop != NULL && list_remove(&job->loop->running, job))
        job->loop->nrunning--;
    pthread_mutex_unlock(&g->lock);
    if (outcome == GRAPH_TOKEN)
        stop_on_token(job);
    graph_request_end(job);
    switch (job->kind) {
    case GRAPH_KIND_FETCH:
        job->fetch.sink.done(job->fetch.arg, outcome, why);
        break;
    case GRAPH_KIND_SEND:
        job->send.done(job->send.arg, outcome, code, wamid);
        break;
    case GRAPH_KIND_DELETE:
        job->delete.done(job->delete.arg, outcome);
        break;
    case GRAPH_KIND_UPLOAD:
        job->upload.done(job->upload.arg, outcome, code, wamid);
        break;
    }
    job_free(job);
}

/* A message that was cut off in the middle may have arrived; one that never
 * left may go later. */
static enum graph_outcome cancelled_outcome(const struct graph_job *job)
{
    if (job->kind != GRAPH_KIND_SEND)
        return GRAPH_CANCELLED;
    return job->easy != NULL ? GRAPH_UNKNOWN : GRAPH_RETRY;
}

/* Takes a job that must end now out of its list: cancelled, or closing, or
 * waiting while the token is refused. */
static struct graph_job *take_ended(struct graph_loop *loop,
                                    enum graph_outcome *outcome)
{
    struct graph *g = loop->graph;
    struct graph_list *lists[] = { &g->waiting[loop->lane], &loop->running };
    struct graph_job *found = NULL;

    pthread_mutex_lock(&g->lock);
    for (size_t i = 0; i < 2 && found == NULL; i++) {
        bool waits = lists[i] != &loop->running;

        for (found = lists[i]->head; found != NULL; found = found->next)
            if (found->cancelled || g->closing || (waits && g->token_refused))
                break;
        if (found == NULL)
            continue;
        *outcome = found->cancelled || g->closing ? cancelled_outcome(found)
                                                  : GRAPH_TOKEN;

        /* A running one leaves its list in graph_job_end. */
        if (waits)
            (void)list_remove(lists[i], found);
    }
    pthread_mutex_unlock(&g->lock);
    return found;
}

/* Has this loop room for one more, and no other of its lane fewer jobs? That
 * one was woken as well, and takes it. */
static bool is_next(const struct graph_loop *loop)
{
    const struct graph *g = loop->graph;
    size_t running = 0;

    for (size_t i = 0; i < g->nloops; i++) {
        const struct graph_loop *other = &g->loops[i];

        if (other->lane != loop->lane)
            continue;
        if (other->nrunning < loop->nrunning)
            return false;
        running += other->nrunning;
    }
    return running < lane_share[loop->lane];
}

/* The next waiting job of the loop's lane, now running. */
static struct graph_job *take_ready(struct graph_loop *loop)
{
    struct graph *g = loop->graph;
    struct graph_job *job = NULL;

    pthread_mutex_lock(&g->lock);
    if (is_next(loop) && (job = g->waiting[loop->lane].head) != NULL) {
        (void)list_remove(&g->waiting[loop->lane], job);
        list_add(&loop->running, job);
        loop->nrunning++;
        job->loop = loop;
    }
    pthread_mutex_unlock(&g->lock);
    return job;
}

static bool ids_valid(const struct graph_job *job)
{
    const size_t max = sizeof(job->send.phone_number_id) - 1;

    switch (job->kind) {
    case GRAPH_KIND_FETCH:
        return graph_request_id_valid(job->fetch.phone_number_id, max) &&
               graph_request_id_valid(job->fetch.media_id, LIMIT_MEDIA_ID);
    case GRAPH_KIND_DELETE:
        return graph_request_id_valid(job->delete.phone_number_id, max) &&
               (job->delete.media_id[0] != '\0'
                    ? graph_request_id_valid(job->delete.media_id,
                                             LIMIT_MEDIA_ID)
                    : graph_request_bsuid_valid(job->delete.bsuid));
    case GRAPH_KIND_UPLOAD:
        return graph_request_id_valid(job->upload.phone_number_id, max);
    case GRAPH_KIND_SEND:
        break;
    }
    return graph_request_id_valid(job->send.phone_number_id, max);
}

static int start(struct graph_job *job)
{
    return job->kind == GRAPH_KIND_SEND     ? graph_message_start(job)
           : job->kind == GRAPH_KIND_UPLOAD ? graph_upload_start(job)
                                            : graph_media_start(job);
}

static void job_start(struct graph_job *job)
{
    if (!ids_valid(job))
        graph_job_end(job, GRAPH_PERMANENT, 0, NULL, "id");
    else if (start(job) != 0)
        graph_job_end(job, GRAPH_RETRY, 0, NULL, "not started");
}

/* ---- the threads -------------------------------------------------------- */

static bool finish_some(struct graph_loop *loop)
{
    CURLMsg *message;
    struct graph_job *job;
    bool any = false;
    int left;

    while ((message = curl_multi_info_read(loop->multi, &left)) != NULL) {
        CURLcode curl = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &job);
        any = true;
        if (job->kind == GRAPH_KIND_SEND)
            graph_message_finished(job, curl);
        else if (job->kind == GRAPH_KIND_UPLOAD)
            graph_upload_finished(job, curl);
        else
            graph_media_finished(job, curl);
    }
    return any;
}

static bool is_over(struct graph_loop *loop)
{
    struct graph *g = loop->graph;
    bool over;

    pthread_mutex_lock(&g->lock);
    over = g->closing && loop->running.head == NULL &&
           g->waiting[loop->lane].head == NULL;
    pthread_mutex_unlock(&g->lock);
    return over;
}

static void *work(void *arg)
{
    struct graph_loop *loop = arg;
    struct graph_job *job;
    enum graph_outcome outcome = GRAPH_CANCELLED;
    int running;

    while (!is_over(loop)) {
        while ((job = take_ended(loop, &outcome)) != NULL)
            graph_job_end(job, outcome, 0, NULL, graph_outcome_names[outcome]);
        while ((job = take_ready(loop)) != NULL)
            job_start(job);
        (void)curl_multi_perform(loop->multi, &running);
        if (!finish_some(loop) && !is_over(loop))
            (void)curl_multi_poll(loop->multi, NULL, 0, IDLE_MS, NULL);
    }
    return NULL;
}

/* Signals are for the main thread. */
static int start_thread(struct graph_loop *loop, struct error *err)
{
    sigset_t all, before;
    int failed;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&loop->thread, NULL, work, loop);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return error_set(err, ERR_NOMEM, "cannot start a graph thread");
    loop->has_thread = true;
    return 0;
}

/* A loop for messages, and one for media on each core up to four. All exist
 * before the first runs: they look at each other. */
static int start_loops(struct graph *g, struct error *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t media = cores < 1 ? 1 : (size_t)cores;

    if (media > GRAPH_MEDIA_LOOPS)
        media = GRAPH_MEDIA_LOOPS;
    for (; g->nloops < 1 + media; g->nloops++) {
        struct graph_loop *loop = &g->loops[g->nloops];

        loop->graph = g;
        loop->lane = g->nloops == 0 ? GRAPH_LANE_MESSAGE : GRAPH_LANE_MEDIA;
        if ((loop->multi = curl_multi_init()) == NULL)
            return error_set(err, ERR_INTERNAL, "cannot start the HTTP client");
    }
    for (size_t i = 0; i < g->nloops; i++)
        if (start_thread(&g->loops[i], err) != 0)
            return -1;
    return 0;
}

/* ---- open, close -------------------------------------------------------- */

/* -1: no memory. NULL stays NULL. */
static int copy(char **to, const char *from)
{
    *to = from == NULL ? NULL : strdup(from);
    return from != NULL && *to == NULL ? -1 : 0;
}

static int copy_config(struct graph *g, const struct graph_config *c)
{
    if (copy(&g->graph_url, c->graph_url) != 0 ||
        copy(&g->api_version, c->api_version) != 0 ||
        copy(&g->proxy, c->proxy) != 0 || copy(&g->ca_file, c->ca_file) != 0)
        return -1;
    g->media_hosts = calloc(c->nmedia_hosts + 1, sizeof(char *));
    if (g->media_hosts == NULL)
        return -1;
    for (; g->nmedia_hosts < c->nmedia_hosts; g->nmedia_hosts++)
        if (copy(&g->media_hosts[g->nmedia_hosts],
                 c->media_hosts[g->nmedia_hosts]) != 0)
            return -1;
    return 0;
}

int graph_open(struct graph **out, const struct graph_config *c,
               struct error *err)
{
    struct graph *g = calloc(1, sizeof(*g));
    int ok = -1;

    *out = NULL;
    if (g == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the graph");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        sodium_init() < 0) {
        (void)error_set(err, ERR_INTERNAL, "cannot start the HTTP client");
        goto out;
    }
    g->has_lock = pthread_mutex_init(&g->lock, NULL) == 0;
    if (!g->has_lock || copy_config(g, c) != 0) {
        (void)error_set(err, ERR_NOMEM, "no memory for the graph");
        goto out;
    }
    if (start_loops(g, err) != 0)
        goto out;
    *out = g;
    g = NULL;
    ok = 0;
out:
    graph_close(&g);
    return ok;
}

void graph_close(struct graph **gp)
{
    struct graph *g = *gp;

    if (g == NULL)
        return;
    if (g->has_lock) {
        pthread_mutex_lock(&g->lock);
        g->closing = true;
        pthread_mutex_unlock(&g->lock);
    }
    wake_all(g);
    for (size_t i = 0; i < g->nloops; i++) {
        if (g->loops[i].has_thread)
            (void)pthread_join(g->loops[i].thread, NULL);
        curl_multi_cleanup(g->loops[i].multi);
    }
    secret_free(&g->app_secret);
    secret_free(&g->token);
    for (size_t i = 0; i < g->nmedia_hosts; i++)
        free(g->media_hosts[i]);
    free(g->media_hosts);
    free(g->graph_url);
    free(g->api_version);
    free(g->proxy);
    free(g->ca_file);
    if (g->has_lock)
        pthread_mutex_destroy(&g->lock);
    free(g);
    *gp = NULL;
    curl_global_cleanup();
}

/* A token goes into a header line: visible ASCII only. */
static bool is_token(const struct secret *s)
{
    for (size_t i = 0; i < s->len; i++)
        if (s->p[i] <= ' ' || s->p[i] >= 0x7f)
            return false;
    return s->len > 0;
}

int graph_set_secrets(struct graph *g, const struct secret *app_secret,
                      const struct secret *access_token, struct error *err)
{
    struct secret *app = NULL, *token = NULL, *old;

    if (!is_token(access_token) || app_secret->len == 0)
        return error_set(err, ERR_CONFIG,
                         "an access token or app secret is empty or has "
                         "characters that cannot be sent");
    app = secret_copy(app_secret->p, app_secret->len);
    token = secret_copy(access_token->p, access_token->len);
    if (app == NULL || token == NULL) {
        secret_free(&app);
        secret_free(&token);
        return error_set(err, ERR_NOMEM, "no memory for the secrets");
    }
    pthread_mutex_lock(&g->lock);
    old = g->app_secret;
    g->app_secret = app;
    app = old;
    old = g->token;
    g->token = token;
    token = old;
    g->generation++;
    g->token_refused = false;
    pthread_mutex_unlock(&g->lock);
    secret_free(&app);
    secret_free(&token);
    wake_all(g);
    return 0;
}

/* ---- handing over ------------------------------------------------------- */

/* Frees the job when it cannot be taken. */
static int queue(struct graph *g, struct graph_job *job)
{
    enum graph_lane lane = job->lane; /* the job may be over soon */
    bool closing;

    job->graph = g;
    job->announced = -1;
    pthread_mutex_lock(&g->lock);
    closing = g->closing;
    if (!closing)
        list_add(&g->waiting[lane], job);
    pthread_mutex_unlock(&g->lock);
    if (closing) {
        job_free(job);
        return -1;
    }
    wake_lane(g, lane);
    return 0;
}

int graph_fetch(struct graph *g, const struct graph_fetch *fetch)
{
    struct graph_job *job = calloc(1, sizeof(*job));

    if (job == NULL)
        return -1;
    job->kind = GRAPH_KIND_FETCH;
    job->lane = GRAPH_LANE_MEDIA;
    job->fetch = *fetch;
    return queue(g, job);
}

int graph_send(struct graph *g, const struct graph_send *send)
{
    struct graph_job *job = calloc(1, sizeof(*job));

    if (job == NULL)
        return -1;
    job->kind = GRAPH_KIND_SEND;
    job->lane = GRAPH_LANE_MESSAGE;
    job->send = *send;
    job->send.body = NULL;
    if (buf_add(&job->body, send->body, send->len) != 0) {
        job_free(job);
        return -1;
    }
    return queue(g, job);
}

int graph_delete(struct graph *g, const struct graph_delete *delete)
{
    struct graph_job *job = calloc(1, sizeof(*job));

    if (job == NULL)
        return -1;
    job->kind = GRAPH_KIND_DELETE;
    job->lane = GRAPH_LANE_MEDIA;
    job->delete = *delete;
    return queue(g, job);
}

int graph_upload(struct graph *g, const struct graph_upload *upload)
{
    struct graph_job *job = calloc(1, sizeof(*job));

    if (job == NULL)
        return -1;
    job->kind = GRAPH_KIND_UPLOAD;
    job->lane = GRAPH_LANE_MEDIA;
    job->upload = *upload;
    return queue(g, job);
}

static void cancel_in(struct graph_list *list, uint64_t ticket)
{
    for (struct graph_job *j = list->head; j != NULL; j = j->next)
        if (j->kind == GRAPH_KIND_FETCH && j->fetch.ticket == ticket)
            j->cancelled = true;
}

void graph_cancel(struct graph *g, uint64_t ticket)
{
    pthread_mutex_lock(&g->lock);
    cancel_in(&g->waiting[GRAPH_LANE_MEDIA], ticket);
    for (size_t i = 0; i < g->nloops; i++)
        cancel_in(&g->loops[i].running, ticket);
    pthread_mutex_unlock(&g->lock);
    wake_all(g);
}

/* The graph thread: starts what has room, lets curl work, ends jobs. */
#include "graph_private.h"

#include <stdlib.h>
#include <string.h>

static enum graph_lane lane_of(const struct graph_job *job)
{
    return job->kind == GRAPH_FETCH ? LANE_MEDIA : LANE_CALLS;
}

bool graph_cancelled(const struct graph_job *job)
{
    bool cancelled;

    pthread_mutex_lock(&job->graph->lock);
    cancelled = job->cancelled;
    pthread_mutex_unlock(&job->graph->lock);
    return cancelled;
}

/* Off the running list, the one done, and away. */
static void end(struct graph_job *job, struct graph_verdict v,
                const char *wamid)
{
    struct graph *g = job->graph;
    struct graph_job **link;

    graph_transfer_close(job);
    pthread_mutex_lock(&g->lock);
    for (link = &g->running; *link != job; link = &(*link)->next)
        ;
    *link = job->next;
    g->nrunning[lane_of(job)]--;
    if (job->cancelled)
        v = (struct graph_verdict){ GRAPH_CANCELLED, 0, "cancelled" };
    /* A refusal of the former token says nothing of today's. */
    if (v.outcome == GRAPH_TOKEN && job->generation != g->generation)
        v = (struct graph_verdict){ GRAPH_RETRY, v.code, "secrets" };
    if (v.outcome == GRAPH_TOKEN)
        g->stopped = true;
    pthread_mutex_unlock(&g->lock);

    if (job->kind == GRAPH_FETCH)
        job->u.fetch.sink.done(job->u.fetch.arg, v.outcome, v.why);
    else if (job->kind == GRAPH_SEND)
        job->u.send.done(job->u.send.arg, v.outcome, v.code, wamid);
    else
        job->u.del.done(job->u.del.arg, v.outcome);
    graph_job_free(&job);
}

/* The next job that may run, on the running list already; NULL: none. */
static struct graph_job *take(struct graph *g, bool *stopped)
{
    static const unsigned share[LANE__MAX] = {
        [LANE_MEDIA] = GRAPH_MEDIA_SHARE,
        [LANE_CALLS] = GRAPH_CALLS_SHARE,
    };
    struct graph_job *job = NULL;

    pthread_mutex_lock(&g->lock);
    for (enum graph_lane l = 0; l < LANE__MAX && job == NULL; l++) {
        if (g->queue[l] == NULL || (g->nrunning[l] >= share[l] && !g->stopped))
            continue;
        job = g->queue[l];
        if ((g->queue[l] = job->next) == NULL)
            g->last[l] = &g->queue[l];
        job->next = g->running;
        job->generation = g->generation;
        g->running = job;
        g->nrunning[l]++;
    }
    *stopped = g->stopped;
    pthread_mutex_unlock(&g->lock);
    return job;
}

static void start_due(struct graph *g)
{
    struct graph_job *job;
    bool stopped;

    while ((job = take(g, &stopped)) != NULL) {
        struct graph_verdict v = { GRAPH_TOKEN, 0, "token" };

        if (!stopped && !graph_cancelled(job) &&
            (job->kind == GRAPH_SEND ? graph_message_start(job, &v)
                                     : graph_media_start(job, &v)) == 0)
            continue;
        end(job, v, NULL);
    }
}

/* True if a job ended, so that another may start. */
static bool reap(struct graph *g)
{
    bool any = false;
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(g->multi, &left)) != NULL) {
        struct graph_job *job = NULL;
        struct graph_verdict v = { 0 };
        char wamid[LIMIT_WAMID + 1] = "";
        CURLcode rc = m->data.result;

        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&job);
        any = true;
        if (job->kind == GRAPH_SEND)
            graph_message_ended(job, rc, &v, wamid);
        else if (graph_media_ended(job, rc, &v))
            continue;
        end(job, v, wamid[0] != '\0' ? wamid : NULL);
        sodium_memzero(wamid, sizeof(wamid));
    }
    return any;
}

/* The first cancelled job, on the running list whether it ran or not. */
static struct graph_job *find_cancelled(struct graph *g)
{
    struct graph_job **link, *job;

    for (job = g->running; job != NULL; job = job->next)
        if (job->cancelled)
            return job;
    for (link = &g->queue[LANE_MEDIA]; (job = *link) != NULL;
         link = &job->next) {
        if (!job->cancelled)
            continue;
        if ((*link = job->next) == NULL)
            g->last[LANE_MEDIA] = link;
        job->next = g->running;
        g->running = job;
        g->nrunning[LANE_MEDIA]++;
        return job;
    }
    return NULL;
}

static bool drop_cancelled(struct graph *g)
{
    struct graph_job *job;

    pthread_mutex_lock(&g->lock);
    job = find_cancelled(g);
    pthread_mutex_unlock(&g->lock);
    if (job == NULL)
        return false;
    end(job, (struct graph_verdict){ GRAPH_CANCELLED, 0, "cancelled" }, NULL);
    return true;
}

/* A message that was not handed over may go later; of one under way nobody
 * knows. */
static void end_for_closing(struct graph_job *job)
{
    struct graph_verdict v = { GRAPH_CANCELLED, 0, "closed" };
    long sent = 0;

    if (job->kind == GRAPH_SEND) {
        if (job->easy != NULL)
            curl_easy_getinfo(job->easy, CURLINFO_REQUEST_SIZE, &sent);
        v.outcome = sent > 0 ? GRAPH_UNKNOWN : GRAPH_RETRY;
    }
    end(job, v, NULL);
}

/* Everything that still waits or runs; jobs cannot be added any more. */
static void end_all(struct graph *g)
{
    for (;;) {
        struct graph_job *job;

        pthread_mutex_lock(&g->lock);
        for (enum graph_lane l = 0; l < LANE__MAX; l++)
            while ((job = g->queue[l]) != NULL) {
                g->queue[l] = job->next;
                job->next = g->running;
                g->running = job;
                g->nrunning[l]++;
            }
        job = g->running;
        pthread_mutex_unlock(&g->lock);
        if (job == NULL)
            return;
        end_for_closing(job);
    }
}

void *graph_loop(void *arg)
{
    struct graph *g = arg;
    int running;

    for (;;) {
        bool closing;

        pthread_mutex_lock(&g->lock);
        closing = g->closing;
        pthread_mutex_unlock(&g->lock);
        if (closing)
            break;

        start_due(g);
        while (drop_cancelled(g))
            ;
        curl_multi_perform(g->multi, &running);
        if (!reap(g))
            curl_multi_poll(g->multi, NULL, 0, 1000, NULL);
    }
    end_all(g);
    return NULL;
}

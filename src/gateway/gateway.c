/* The daemon's side: one gateway at a time, its wire, its successor. */
#include "listen.h"
#include "wire.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* A gateway that is not ready by then will never be: one that cannot be ends,
 * and is heard of at once. */
#define READY_MS ((msec)60000)
/* What a gateway gets to end by itself when it is told to; it takes about a
 * second where there is a processor for it. */
#define CLOSE_MS ((msec)6000)
/* A gateway that takes no answer for as long as a request has is broken; its
 * end is that of all connections. */
#define SEND_S LIMIT_REQUEST_S
/* Bytes of answers that may wait to be sent before no request is read. */
#define ANSWERS_ROOM ((size_t)1024 * 1024)
/* The pause before another start: doubled from first to last, back to the
 * first when a gateway lived for the time that counts as healthy. */
#define PAUSE_FIRST_MS ((msec)100)
#define PAUSE_LAST_MS  ((msec)5000)
#define HEALTHY_MS     ((msec)60000)

/* Ids of a gateway are below this; above it stands which gateway it was, so
 * that a late answer never meets a request of its successor. */
#define ID_BITS 40

struct gateway {
    char *program;
    char address[LISTEN_ADDRESS_SIZE];
    int listener;
    gateway_handler handler;
    void *arg;
    pthread_t thread, writer;
    bool threaded, writing;

    pthread_mutex_t lock; /* for all below */
    pthread_cond_t changed, queued;
    int wire;           /* -1: no gateway runs */
    struct buf answers; /* frames for the writer */
    bool sending;       /* the writer uses the wire */
    pid_t pid;
    uint64_t generation;
    bool ready;  /* some gateway was */
    bool failed; /* the first ended before that */
    bool closing, ended;
};

/* ---- one gateway's life, on the reading thread -------------------------- */

/* The socket pair of a wire; the daemon's end never blocks a sender long. */
static int make_wire(int pair[static 2], struct error *err)
{
    const struct timeval patience = { .tv_sec = SEND_S };

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return error_errno(err, ERR_INTERNAL, "socket pair for the gateway");
    if (setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience,
                   sizeof(patience)) == 0)
        return 0;
    (void)error_errno(err, ERR_INTERNAL, "socket pair for the gateway");
    (void)close(pair[0]);
    (void)close(pair[1]);
    return -1;
}

static int spawn(struct gateway *g, struct error *err)
{
    char *argv[] = { g->program, NULL };
    int pair[2], fds[2];
    pid_t pid;

    if (make_wire(pair, err) != 0)
        return -1;
    fds[0] = pair[1];
    fds[1] = g->listener;
    pid = process_spawn(g->program, argv, fds, 2, err);
    (void)close(pair[1]);
    if (pid < 0) {
        (void)close(pair[0]);
        return -1;
    }

    (void)pthread_mutex_lock(&g->lock);
    g->pid = pid;
    g->wire = pair[0];
    g->generation++;
    /* Closing was asked for while the gateway was being started. */
    if (g->closing)
        (void)shutdown(g->wire, SHUT_WR);
    (void)pthread_mutex_unlock(&g->lock);
    return 0;
}

static void reap(struct gateway *g)
{
    (void)pthread_mutex_lock(&g->lock);
    (void)shutdown(g->wire, SHUT_RDWR);
    while (g->sending)
        (void)pthread_cond_wait(&g->changed, &g->lock);
    g->answers.len = 0;
    (void)kill(g->pid, SIGKILL);
    while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    (void)close(g->wire);
    g->pid = -1;
    g->wire = -1;
    (void)pthread_mutex_unlock(&g->lock);
}

static int take_request(struct gateway *g, struct buf *frame, struct error *err)
{
    struct gateway_request r;

    if (gateway_request_decode(frame, &r, err) != 0)
        return -1;
    if (r.id >> ID_BITS != 0)
        return error_set(err, ERR_INPUT, "a request of unknown id");
    r.id |= g->generation << ID_BITS;
    g->handler(g->arg, g, &r);
    return 0;
}

static int take_ready(struct gateway *g, const struct buf *frame,
                      struct error *err)
{
    if (frame->len != 0)
        return error_set(err, ERR_INPUT, "a ready frame with bytes");
    (void)pthread_mutex_lock(&g->lock);
    g->ready = true;
    (void)pthread_cond_broadcast(&g->changed);
    (void)pthread_mutex_unlock(&g->lock);
    return 0;
}

static int take_frame(struct gateway *g, uint8_t type, struct buf *frame,
                      struct error *err)
{
    if (type == GATEWAY_REQUEST)
        return take_request(g, frame, err);
    if (type == GATEWAY_READY)
        return take_ready(g, frame, err);
    return error_set(err, ERR_INPUT, "a frame of unknown type");
}

/* Who takes no answers is given no more of them. */
static void wait_for_room(struct gateway *g)
{
    (void)pthread_mutex_lock(&g->lock);
    while (g->answers.len > ANSWERS_ROOM)
        (void)pthread_cond_wait(&g->changed, &g->lock);
    (void)pthread_mutex_unlock(&g->lock);
}

/* Takes the gateway's frames until it ends or breaks a rule. */
static void serve(struct gateway *g)
{
    struct frame_reader in = { .fd = g->wire };
    struct error err = { 0 };
    struct buf frame;
    uint8_t type;
    int rc = 0, taken;

    while (rc == 0) {
        taken = frame_take(&in, &type, &frame, LIMIT_FRAME_BYTES, &err);
        if (taken > 0) {
            rc = take_frame(g, type, &frame, &err);
        } else if (taken == 0) {
            wait_for_room(g);
            rc = frame_fill(&in, &err);
        } else {
            rc = -1;
        }
    }
    if (rc < 0)
        log_error("gateway_broke_a_rule", &err);
    frame_reader_free(&in);
}

static void live(struct gateway *g)
{
    struct error err = { 0 };

    if (spawn(g, &err) != 0) {
        log_error("gateway_not_started", &err);
        return;
    }
    serve(g);
    reap(g);
}

/* Waits before the next start; true when there shall be none. */
static bool pause_or_close(struct gateway *g, msec pause)
{
    const struct timespec until = clock_deadline(pause);
    bool closing;

    (void)pthread_mutex_lock(&g->lock);
    if (!g->ready) {
        g->failed = true;
        (void)pthread_cond_broadcast(&g->changed);
    }
    if (!g->closing && !g->failed)
        log_event(LOG_LEVEL_ALARM, "gateway_died", "{s:I}", "pause_ms",
                  (json_int_t)pause);
    while (!g->closing &&
           pthread_cond_timedwait(&g->changed, &g->lock, &until) == 0)
        continue;
    closing = g->closing;
    (void)pthread_mutex_unlock(&g->lock);
    return closing;
}

static void *reader_main(void *arg)
{
    struct gateway *g = arg;
    msec pause = 0;

    for (;;) {
        msec start = clock_monotonic();

        live(g);
        if (pause == 0 || clock_monotonic() - start >= HEALTHY_MS)
            pause = PAUSE_FIRST_MS;
        else if ((pause *= 2) > PAUSE_LAST_MS)
            pause = PAUSE_LAST_MS;
        if (pause_or_close(g, pause))
            break;
    }

    (void)pthread_mutex_lock(&g->lock);
    g->ended = true;
    (void)pthread_cond_broadcast(&g->changed);
    (void)pthread_cond_signal(&g->queued);
    (void)pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* ---- answers, on the writing thread ------------------------------------- */

/* Sends what has gathered, outside the lock: whoever answers never waits for
 * the gateway, and what is answered meanwhile leaves with one call. The lock is
 * held when called and when it returns. */
static void send_gathered(struct gateway *g, struct buf *frames)
{
    struct buf none = *frames;
    int wire = g->wire, ok;

    *frames = g->answers;
    g->answers = none;
    g->sending = true;
    (void)pthread_mutex_unlock(&g->lock);
    ok = gateway_wire_send_all(wire, frames);
    frames->len = 0;
    if (frames->cap > ANSWERS_ROOM)
        buf_free(frames);
    (void)pthread_mutex_lock(&g->lock);
    g->sending = false;
    if (ok != 0) {
        /* Half a frame may be out: the reading thread starts another. */
        (void)shutdown(wire, SHUT_RDWR);
        g->answers.len = 0;
    }
    (void)pthread_cond_broadcast(&g->changed);
}

static void *writer_main(void *arg)
{
    struct gateway *g = arg;
    struct buf frames = { 0 };

    (void)pthread_mutex_lock(&g->lock);
    while (!g->ended) {
        if (g->answers.len > 0)
            send_gathered(g, &frames);
        else
            (void)pthread_cond_wait(&g->queued, &g->lock);
    }
    (void)pthread_mutex_unlock(&g->lock);
    buf_free(&frames);
    return NULL;
}

/* ---- the daemon's calls ------------------------------------------------- */

static int init_locks(struct gateway *g, struct error *err)
{
    if (clock_cond_init(&g->changed) != 0 ||
        pthread_cond_init(&g->queued, NULL) != 0 ||
        pthread_mutex_init(&g->lock, NULL) != 0)
        return error_set(err, ERR_INTERNAL, "cannot make a lock");
    return 0;
}

/* Starts the thread and waits until the first gateway serves. */
static int start(struct gateway *g, struct error *err)
{
    const struct timespec until = clock_deadline(READY_MS);
    bool ready;

    g->threaded = pthread_create(&g->thread, NULL, reader_main, g) == 0;
    g->writing =
        g->threaded && pthread_create(&g->writer, NULL, writer_main, g) == 0;
    if (!g->writing)
        return error_set(err, ERR_INTERNAL, "cannot start a thread");

    (void)pthread_mutex_lock(&g->lock);
    while (!g->ready && !g->failed &&
           pthread_cond_timedwait(&g->changed, &g->lock, &until) == 0)
        continue;
    ready = g->ready;
    (void)pthread_mutex_unlock(&g->lock);
    if (!ready)
        return error_set(err, ERR_SANDBOX,
                         "the gateway did not start: %s; see its log line",
                         g->program);
    return 0;
}

int gateway_open(struct gateway **out, const char *program,
                 const char *listen_at, gateway_handler handler, void *arg,
                 struct error *err)
{
    struct gateway *g = calloc(1, sizeof(*g));

    *out = NULL;
    if (g == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the gateway");
    g->handler = handler;
    g->arg = arg;
    g->listener = -1;
    g->wire = -1;
    g->pid = -1;
    if (init_locks(g, err) != 0) {
        free(g);
        return -1;
    }

    g->program = strdup(program);
    if (g->program == NULL)
        (void)error_set(err, ERR_NOMEM, "no memory for the gateway");
    else
        g->listener = gateway_listen(listen_at, g->address, err);
    if (g->listener < 0 || start(g, err) != 0) {
        gateway_close(&g);
        return -1;
    }
    *out = g;
    return 0;
}

const char *gateway_address(const struct gateway *g)
{
    return g->address;
}

void gateway_answer_held(struct gateway *g, uint64_t id, unsigned status,
                         enum gateway_content content, const void *body,
                         size_t len)
{
    const uint64_t mask = (UINT64_C(1) << ID_BITS) - 1;
    size_t begun;

    (void)pthread_mutex_lock(&g->lock);
    begun = g->answers.len;
    if (g->wire < 0 || g->closing || g->generation != id >> ID_BITS)
        goto out;
    if (gateway_wire_begin(&g->answers, GATEWAY_ANSWER) != 0 ||
        gateway_answer_encode(&g->answers, id & mask, status, content, body,
                              len) != 0) {
        log_event(LOG_LEVEL_ALARM, "gateway_answer_lost", NULL);
        g->answers.len = begun;
        goto out;
    }
    gateway_wire_end(&g->answers, begun);
out:
    (void)pthread_mutex_unlock(&g->lock);
}

void gateway_release(struct gateway *g)
{
    (void)pthread_mutex_lock(&g->lock);
    if (g->answers.len > 0 && !g->sending)
        (void)pthread_cond_signal(&g->queued);
    (void)pthread_mutex_unlock(&g->lock);
}

void gateway_answer(struct gateway *g, uint64_t id, unsigned status,
                    enum gateway_content content, const void *body, size_t len)
{
    gateway_answer_held(g, id, status, content, body, len);
    gateway_release(g);
}

/* Lets the last answers out, then tells the thread to end, and the gateway by
 * the end of its wire; one that does not take the hint is killed. */
static void stop(struct gateway *g)
{
    const struct timespec until = clock_deadline(CLOSE_MS);

    (void)pthread_mutex_lock(&g->lock);
    g->closing = true;
    (void)pthread_cond_signal(&g->queued);
    while ((g->answers.len > 0 || g->sending) &&
           pthread_cond_timedwait(&g->changed, &g->lock, &until) == 0)
        continue;
    if (g->wire >= 0)
        (void)shutdown(g->wire, SHUT_WR);
    (void)pthread_cond_broadcast(&g->changed);
    while (!g->ended &&
           pthread_cond_timedwait(&g->changed, &g->lock, &until) == 0)
        continue;
    if (!g->ended && g->pid > 0)
        (void)kill(g->pid, SIGKILL);
    (void)pthread_mutex_unlock(&g->lock);
    (void)pthread_join(g->thread, NULL);
    if (g->writing)
        (void)pthread_join(g->writer, NULL);
}

void gateway_close(struct gateway **gateway)
{
    struct gateway *g = *gateway;

    *gateway = NULL;
    if (g == NULL)
        return;
    if (g->threaded)
        stop(g);
    if (g->listener >= 0)
        (void)close(g->listener);
    (void)pthread_mutex_destroy(&g->lock);
    (void)pthread_cond_destroy(&g->changed);
    (void)pthread_cond_destroy(&g->queued);
    buf_free(&g->answers);
    free(g->program);
    free(g);
}

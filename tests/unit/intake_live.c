/*
 * Orders from the first request to their one end, against a server of a few
 * lines and the real judge (RESGUARDO_BUILD, else `build`). A silent judge is
 * this program itself under another name.
 */
#include "store_help.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "inspect/mother.h"
#include "resguardo/intake.h"

#define DEADLINE_MS 300000 /* against what hangs */
#define BIG         (4 * 1000 * 1000)
#define PIECE       16384

/* ---- the server --------------------------------------------------------- */

struct server {
    int fd;
    uint16_t port;
    pthread_t thread;
    int closing; /* atomic */

    /* The file: `start`, then zeros up to size. */
    struct buf start;
    int64_t size;
    int64_t hold_at;   /* stops sending here and waits; -1 */
    bool hold_resolve; /* never answers a resolve */
    unsigned pause_us; /* between pieces */
    int64_t sent;      /* atomic: of the newest download */
    int resolves;      /* atomic */
};

/* Until the peer is gone, or we are. */
static void hold(struct server *s, int c)
{
    char byte;

    while (__atomic_load_n(&s->closing, __ATOMIC_ACQUIRE) == 0 &&
           recv(c, &byte, 1, MSG_DONTWAIT) != 0)
        (void)usleep(1000);
}

static void send_file(struct server *s, int c)
{
    static const uint8_t zeros[PIECE];
    char head[128];
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n"
                     "Connection: close\r\n\r\n",
                     (long long)s->size);

    (void)send(c, head, (size_t)n, MSG_NOSIGNAL);
    (void)send(c, s->start.p, s->start.len, MSG_NOSIGNAL);
    for (int64_t at = (int64_t)s->start.len; at < s->size;) {
        int64_t left = s->size - at;
        ssize_t got;

        if (s->hold_at >= 0 && at >= s->hold_at) {
            hold(s, c);
            return;
        }
        got = send(c, zeros, left < PIECE ? (size_t)left : PIECE, MSG_NOSIGNAL);
        if (got <= 0)
            return;
        at += got;
        __atomic_store_n(&s->sent, at, __ATOMIC_RELEASE);
        if (s->pause_us > 0)
            (void)usleep(s->pause_us);
    }
}

static void serve(struct server *s, int c)
{
    char request[2048] = "", answer[512];
    size_t len = 0;
    int n;

    while (len < sizeof(request) - 1 && strstr(request, "\r\n\r\n") == NULL) {
        ssize_t got = read(c, request + len, sizeof(request) - 1 - len);
        if (got <= 0)
            return;
        len += (size_t)got;
    }
    if (strncmp(request, "GET /media", 10) == 0) {
        send_file(s, c);
        return;
    }
    __atomic_add_fetch(&s->resolves, 1, __ATOMIC_ACQ_REL);
    if (s->hold_resolve) {
        hold(s, c);
        return;
    }
    n = snprintf(answer, sizeof(answer),
                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                 "Connection: close\r\n\r\n"
                 "{\"url\":\"http://127.0.0.1:%u/media/1\","
                 "\"file_size\":%lld}",
                 s->port, (long long)s->size);
    (void)send(c, answer, (size_t)n, MSG_NOSIGNAL);
}

static void *accept_all(void *arg)
{
    struct server *s = arg;
    int c;

    while ((c = accept(s->fd, NULL, NULL)) >= 0) {
        serve(s, c);
        (void)close(c);
    }
    return NULL;
}

static void server_open(struct server *s)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true((s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(s->fd, 16), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
    s->port = ntohs(at.sin_port);
    s->hold_at = -1;
}

/* ---- an intake to talk to it -------------------------------------------- */

struct live {
    struct fixture *store;
    struct server server;
    struct graph *graph;
    struct intake *intake;
    struct policy policy;
    char judge[256];

    pthread_mutex_t lock;
    pthread_cond_t changed;
    int judging, ends;
    struct intake_result last;
};

static void on_end(void *arg, struct intake_result *result)
{
    struct live *l = arg;

    pthread_mutex_lock(&l->lock);
    if (result->end == INTAKE_JUDGING) {
        l->judging++;
    } else {
        l->ends++;
        l->last = *result;
        memset(&l->last.header, 0, sizeof(l->last.header));
    }
    buf_free(&result->header);
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

static struct live *live_new(void **state, const char *judge)
{
    static const char *const hosts[] = { "127.0.0.1" };
    struct live *l = calloc(1, sizeof(*l));
    struct secret *word = secret_copy("word", 4);
    const char *build = getenv("RESGUARDO_BUILD");
    struct error err = { 0 };
    char url[64];

    assert_non_null(l);
    l->store = *state;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, NULL);
    l->policy.ntypes = 1;
    (void)strcpy(l->policy.types[0].media_type, "image/jpeg");
    l->policy.types[0].max_bytes = LIMIT_MEDIA_BYTES;
    if (judge != NULL)
        (void)snprintf(l->judge, sizeof(l->judge), "%s", judge);
    else
        (void)snprintf(l->judge, sizeof(l->judge), "%s/resguardo-inspect",
                       build != NULL ? build : "build");

    server_open(&l->server);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", l->server.port);
    struct graph_config c = { .graph_url = url,
                              .api_version = "v26.0",
                              .media_hosts = hosts,
                              .nmedia_hosts = 1 };
    assert_int_equal(graph_open(&l->graph, &c, &err), 0);
    assert_int_equal(graph_set_secrets(l->graph, word, word, &err), 0);
    secret_free(&word);
    struct intake_needs needs = { .graph = l->graph,
                                  .blobs = l->store->s,
                                  .judge_program = l->judge,
                                  .parallel = 2,
                                  .random = &random_system,
                                  .done = on_end,
                                  .arg = l };
    assert_int_equal(intake_open(&l->intake, &needs, &err), 0);
    return l;
}

/* Nothing is left behind: no order without an end, no child. */
static void live_free(struct live *l)
{
    graph_close(&l->graph);
    intake_close(&l->intake);
    assert_int_equal(l->ends, 1);
    assert_true(l->judging <= 1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    __atomic_store_n(&l->server.closing, 1, __ATOMIC_RELEASE);
    (void)shutdown(l->server.fd, SHUT_RDWR);
    pthread_join(l->server.thread, NULL);
    (void)close(l->server.fd);
    buf_free(&l->server.start);
    free(l);
}

static void order(struct live *l, const char *sample, int64_t size)
{
    struct fetch_order o = { .attachment = "a1",
                             .number = "8001",
                             .media_id = "551",
                             .max_bytes = LIMIT_MEDIA_BYTES,
                             .epoch = 1,
                             .policy = &l->policy };
    struct error err = { 0 };
    char path[128];

    (void)snprintf(path, sizeof(path), "tests/vectors/media/%s", sample);
    assert_int_equal(file_read(path, (size_t)1 << 20, &l->server.start, &err),
                     0);
    l->server.size = size > 0 ? size : (int64_t)l->server.start.len;
    assert_int_equal(
        pthread_create(&l->server.thread, NULL, accept_all, &l->server), 0);
    assert_int_equal(
        crypto_scalarmult_base(o.recipient, (const uint8_t[32]){ 9 }), 0);
    id_new(o.payload, 'p', &random_system);
    intake_fetch(l->intake, &o);
}

static enum intake_end wait_end(struct live *l)
{
    struct timespec end;
    enum intake_end got;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += DEADLINE_MS / 1000;
    pthread_mutex_lock(&l->lock);
    while (l->ends == 0)
        assert_int_equal(pthread_cond_timedwait(&l->changed, &l->lock, &end),
                         0);
    got = l->last.end;
    pthread_mutex_unlock(&l->lock);
    return got;
}

/* Polls until the server has sent so much. */
static void wait_sent(struct live *l, int64_t n)
{
    msec until = clock_monotonic() + DEADLINE_MS;

    while (__atomic_load_n(&l->server.sent, __ATOMIC_ACQUIRE) < n) {
        assert_true(clock_monotonic() < until);
        (void)usleep(1000);
    }
}

/* ---- a judge that says nothing, one that counts and dies ----------------- */

static void fake_path(const struct live *l, const char *name, char out[256])
{
    char self[256] = { 0 };

    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    (void)snprintf(out, 256, "%s/judge-%s", l->store->folder, name);
    assert_int_equal(symlink(self, out), 0);
}

static struct live *live_with_fake(void **state, const char *name)
{
    struct live at = { .store = *state };
    char path[256];

    fake_path(&at, name, path);
    return live_new(state, path);
}

/* The dying one leaves a mark beside its link for each file it got. */
static void maybe_fake(const char *path)
{
    const char *base = strrchr(path, '/');
    struct buf begin = { 0 };
    struct error err;
    uint8_t type;
    char mark[300];

    if (base == NULL || strncmp(base, "/judge-", 7) != 0)
        return;
    if (inspect_mother_serve() != 0 ||
        frame_read(3, &type, &begin, 8, &err) != 0)
        _exit(2);
    if (strcmp(base, "/judge-silent") == 0)
        (void)pause();
    (void)snprintf(mark, sizeof(mark), "%s.%d", path, (int)getpid());
    _exit(open(mark, O_CREAT | O_WRONLY, 0600) < 0 ? 3 : 1);
}

static int marks(struct live *l)
{
    char command[400];
    FILE *p;
    int n = -1;

    (void)snprintf(command, sizeof(command), "ls %s/judge-dies.* | wc -l",
                   l->store->folder);
    assert_non_null(p = popen(command, "r"));
    assert_int_equal(fscanf(p, "%d", &n), 1);
    (void)pclose(p);
    return n;
}

/* ---- tests -------------------------------------------------------------- */

static void a_small_file_is_stored(void **state)
{
    struct live *l = live_new(state, NULL);

    order(l, "photo.jpg", 0);
    assert_int_equal(wait_end(l), INTAKE_STORED);
    assert_string_equal(l->last.media_type, "image/jpeg");
    assert_true(l->last.linked);
    assert_int_equal(l->judging, 1);
    live_free(l);
}

static void a_large_file_is_judged_while_it_comes(void **state)
{
    struct live *l = live_new(state, NULL);

    l->server.pause_us = 1000;
    order(l, "photo.jpg", BIG);
    assert_int_equal(wait_end(l), INTAKE_STORED);
    assert_string_equal(l->last.media_type, "image/jpeg");
    assert_int_equal(l->last.size, BIG);
    assert_int_equal(l->last.payload_size, age_payload_size(BIG));
    live_free(l);
}

/* What is known is not waited for, and is not said to be. */
static void what_was_judged_on_the_way_ends_at_once(void **state)
{
    struct live *l = live_new(state, NULL);

    l->server.pause_us = 6000;
    order(l, "photo.jpg", BIG);
    assert_int_equal(wait_end(l), INTAKE_STORED);
    assert_int_equal(l->judging, 0);
    live_free(l);
}

/* Hashed and written by a thread of its own; the judge reads it back. */
static void a_very_large_file_is_whole(void **state)
{
    struct live *l = live_new(state, NULL);
    const int64_t size = (int64_t)20 * 1024 * 1024 + 12345;
    uint8_t hash[SHA256_LEN], piece[PIECE];
    struct sha256 *again = sha256_new();
    struct error err = { 0 };
    ssize_t n;
    int fd;

    (void)strcpy(l->policy.types[0].media_type, "application/zip");
    order(l, "plain.zip", size);
    assert_int_equal(wait_end(l), INTAKE_STORED);
    assert_int_equal(l->last.payload_size, age_payload_size(size));
    fd = blob_open(l->store->s, l->last.payload, &err);
    assert_true(fd >= 0 && again != NULL);
    while ((n = read(fd, piece, sizeof(piece))) > 0)
        sha256_add(again, piece, (size_t)n);
    sha256_final(again, hash);
    assert_memory_equal(hash, l->last.payload_sha256, SHA256_LEN);
    sha256_free(&again);
    (void)close(fd);
    live_free(l);
}

static void a_very_large_file_is_cancelled(void **state)
{
    struct live *l = live_new(state, NULL);

    l->server.hold_at = LIMIT_MEDIA_BYTES / 4;
    order(l, "photo.jpg", LIMIT_MEDIA_BYTES);
    wait_sent(l, LIMIT_MEDIA_BYTES / 4);
    intake_cancel(l->intake, "a1");
    assert_int_equal(wait_end(l), INTAKE_CANCELLED);
    live_free(l);
}

static void no_room_on_disk_is_for_later(void **state)
{
    struct live *l = live_new(state, NULL);
    const struct rlimit none = { 8u << 20, RLIM_INFINITY };
    struct rlimit before;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    order(l, "photo.jpg", LIMIT_MEDIA_BYTES);
    assert_int_equal(wait_end(l), INTAKE_RETRY);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    live_free(l);
}

/* Its directory is at the end: the start alone tells too little. */
static void a_large_zip_is_judged_when_it_is_whole(void **state)
{
    struct live *l = live_new(state, NULL);

    (void)strcpy(l->policy.types[0].media_type, "application/zip");
    l->server.pause_us = 1000;
    order(l, "plain.zip", BIG);
    assert_int_equal(wait_end(l), INTAKE_STORED);
    assert_string_equal(l->last.media_type, "application/zip");
    live_free(l);
}

static void a_type_that_nobody_takes_stops_the_transfer(void **state)
{
    struct live *l = live_new(state, NULL);

    l->server.pause_us = 2000;
    order(l, "program.jpg", LIMIT_MEDIA_BYTES);
    assert_int_equal(wait_end(l), INTAKE_REFUSED);
    assert_string_equal(l->last.reason, "type");
    assert_false(l->last.linked);
    assert_int_equal(l->judging, 0);
    assert_true(__atomic_load_n(&l->server.sent, __ATOMIC_ACQUIRE) <
                LIMIT_MEDIA_BYTES / 2);
    live_free(l);
}

static void two_judges_may_die_over_one_file(void **state)
{
    struct live *l = live_with_fake(state, "dies");

    l->server.pause_us = 1000;
    order(l, "photo.jpg", BIG);
    assert_int_equal(wait_end(l), INTAKE_JUDGE_DIED);
    assert_true(l->last.linked);
    assert_int_equal(marks(l), 2);
    live_free(l);
}

static void cancelled_before_an_answer(void **state)
{
    struct live *l = live_new(state, NULL);

    l->server.hold_resolve = true;
    order(l, "photo.jpg", BIG);
    while (__atomic_load_n(&l->server.resolves, __ATOMIC_ACQUIRE) == 0)
        (void)usleep(1000);
    intake_cancel(l->intake, "a1");
    assert_int_equal(wait_end(l), INTAKE_CANCELLED);
    live_free(l);
}

static void cancelled_in_the_middle(void **state)
{
    struct live *l = live_new(state, NULL);

    l->server.hold_at = BIG / 2;
    order(l, "photo.jpg", BIG);
    wait_sent(l, BIG / 2);
    intake_cancel(l->intake, "a1");
    assert_int_equal(wait_end(l), INTAKE_CANCELLED);
    live_free(l);
}

/* The transfer hangs, and so does the judge that looks at its start. */
static void cancelled_during_the_first_look(void **state)
{
    struct live *l = live_with_fake(state, "silent");

    l->server.hold_at = BIG / 2;
    order(l, "photo.jpg", BIG);
    wait_sent(l, BIG / 2);
    intake_cancel(l->intake, "a1");
    assert_int_equal(wait_end(l), INTAKE_CANCELLED);
    live_free(l);
}

static void cancelled_at_the_judge(void **state)
{
    struct live *l = live_with_fake(state, "silent");
    msec until = clock_monotonic() + DEADLINE_MS;
    int judging = 0;

    order(l, "photo.jpg", BIG);
    while (judging == 0) {
        assert_true(clock_monotonic() < until);
        (void)usleep(1000);
        pthread_mutex_lock(&l->lock);
        judging = l->judging;
        pthread_mutex_unlock(&l->lock);
    }
    intake_cancel(l->intake, "a1");
    assert_int_equal(wait_end(l), INTAKE_CANCELLED);
    assert_false(l->last.linked);
    live_free(l);
}

/* A cut ends the order at once, whatever the judge is doing. */
static void a_cut_does_not_wait_for_the_judge(void **state)
{
    struct live *l = live_with_fake(state, "silent");
    msec start = clock_monotonic();

    l->server.hold_at = BIG / 2;
    order(l, "photo.jpg", BIG);
    wait_sent(l, BIG / 2);
    __atomic_store_n(&l->server.closing, 1, __ATOMIC_RELEASE);
    assert_int_equal(wait_end(l), INTAKE_RETRY);
    assert_true(clock_monotonic() - start < LIMIT_JUDGE_WAIT_S * MSEC_S / 2);
    live_free(l);
}

static void closing_ends_what_is_under_way(void **state)
{
    struct live *l = live_with_fake(state, "silent");

    l->server.hold_at = BIG / 2;
    order(l, "photo.jpg", BIG);
    wait_sent(l, BIG / 2);
    live_free(l);
}

#define LIVE_TEST(f)                                                           \
    cmocka_unit_test_setup_teardown(f, help_setup, help_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        LIVE_TEST(a_small_file_is_stored),
        LIVE_TEST(a_large_file_is_judged_while_it_comes),
        LIVE_TEST(what_was_judged_on_the_way_ends_at_once),
        LIVE_TEST(a_very_large_file_is_whole),
        LIVE_TEST(a_very_large_file_is_cancelled),
        LIVE_TEST(no_room_on_disk_is_for_later),
        LIVE_TEST(a_large_zip_is_judged_when_it_is_whole),
        LIVE_TEST(a_type_that_nobody_takes_stops_the_transfer),
        LIVE_TEST(two_judges_may_die_over_one_file),
        LIVE_TEST(cancelled_before_an_answer),
        LIVE_TEST(cancelled_in_the_middle),
        LIVE_TEST(cancelled_during_the_first_look),
        LIVE_TEST(cancelled_at_the_judge),
        LIVE_TEST(a_cut_does_not_wait_for_the_judge),
        LIVE_TEST(closing_ends_what_is_under_way),
    };

    if (argc > 0)
        maybe_fake(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

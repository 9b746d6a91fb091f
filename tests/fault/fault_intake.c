/*
 * graph and intake: every call of a fetch (resolve, download, seal, judge,
 * link) and of a send fails, in whatever thread it is. Each order has one end,
 * what is said to be stored is there and right, and the next order passes.
 */
#include "fault.h"

#include "../unit/store_help.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "resguardo/intake.h"

#define DEADLINE_MS 20000

struct rig {
    struct fixture *store;
    int fd; /* Meta's side */
    uint16_t port;
    int bare; /* atomic: requests without the token */
    pthread_t meta;
    struct graph *graph;
    struct intake *intake;
    struct policy policy;
    struct buf photo;
    char judge[256];
    uint8_t recipient[AGE_KEY_LEN];

    pthread_mutex_t lock;
    pthread_cond_t changed;
    int wanted, ends;
    struct intake_result last;
    enum graph_outcome outcome;
    char wamid[32];
};

/* ---- Meta --------------------------------------------------------------- */

static void answer(int c, const char *head, const void *body, size_t len)
{
    char text[160];
    int n = snprintf(text, sizeof(text),
                     "HTTP/1.1 200 OK\r\nConnection: close\r\n%s"
                     "Content-Length: %zu\r\n\r\n",
                     head, len);

    (void)send(c, text, (size_t)n, MSG_NOSIGNAL);
    (void)send(c, body, len, MSG_NOSIGNAL);
}

static void serve(struct rig *rig, int c)
{
    char request[4096] = "", text[256];
    size_t len = 0;
    int n;

    while (strstr(request, "\r\n\r\n") == NULL && len < sizeof(request) - 1) {
        ssize_t got = recv(c, request + len, sizeof(request) - 1 - len, 0);
        if (got <= 0)
            return;
        len += (size_t)got;
    }
    if (strstr(request, "\r\nAuthorization: Bearer word\r\n") == NULL)
        __atomic_add_fetch(&rig->bare, 1, __ATOMIC_SEQ_CST);
    if (strncmp(request, "GET /media", 10) == 0) {
        answer(c, "", rig->photo.p, rig->photo.len);
        return;
    }
    if (strncmp(request, "POST", 4) == 0)
        n = snprintf(text, sizeof(text),
                     "{\"messages\":[{\"id\":\"wamid.1\"}]}");
    else
        n = snprintf(text, sizeof(text),
                     "{\"url\":\"http://127.0.0.1:%u/media/1\",\"file_size\":"
                     "%zu}",
                     rig->port, rig->photo.len);
    answer(c, "Content-Type: application/json\r\n", text, (size_t)n);
}

struct peer {
    struct rig *rig;
    int fd;
};

static void *meet(void *arg)
{
    struct peer *peer = arg;

    fault_aside(true);
    serve(peer->rig, peer->fd);
    (void)close(peer->fd);
    free(peer);
    return NULL;
}

/* A thread each: who is left without memory may connect and say nothing. */
static void *meta(void *arg)
{
    struct rig *rig = arg;
    int c;

    fault_aside(true);
    while ((c = accept(rig->fd, NULL, NULL)) >= 0) {
        struct peer *peer = malloc(sizeof(*peer));
        pthread_t thread;

        *peer = (struct peer){ rig, c };
        if (pthread_create(&thread, NULL, meet, peer) != 0)
            abort();
        (void)pthread_detach(thread);
    }
    return NULL;
}

static void meta_open(struct rig *rig)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    rig->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(rig->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(rig->fd, 16), 0);
    assert_int_equal(getsockname(rig->fd, (struct sockaddr *)&at, &len), 0);
    rig->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&rig->meta, NULL, meta, rig), 0);
}

/* ---- ends --------------------------------------------------------------- */

static void on_intake(void *arg, struct intake_result *result)
{
    struct rig *rig = arg;

    pthread_mutex_lock(&rig->lock);
    if (result->end != INTAKE_JUDGING) {
        rig->ends++;
        rig->last = *result;
        memset(&rig->last.header, 0, sizeof(rig->last.header));
    }
    buf_free(&result->header);
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

static void on_sent(void *arg, enum graph_outcome outcome, int code,
                    const char *wamid)
{
    struct rig *rig = arg;

    (void)code;
    pthread_mutex_lock(&rig->lock);
    rig->ends++;
    rig->outcome = outcome;
    (void)snprintf(rig->wamid, sizeof(rig->wamid), "%s",
                   wamid != NULL ? wamid : "");
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

/* One end an order, neither less nor more. */
static void wait_end(struct rig *rig)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += DEADLINE_MS / 1000;
    pthread_mutex_lock(&rig->lock);
    while (rig->ends < rig->wanted)
        assert_int_equal(
            pthread_cond_timedwait(&rig->changed, &rig->lock, &end), 0);
    assert_int_equal(rig->ends, rig->wanted);
    pthread_mutex_unlock(&rig->lock);
    assert_int_equal(__atomic_load_n(&rig->bare, __ATOMIC_SEQ_CST), 0);
}

static void nothing(void *arg)
{
    (void)arg;
}

/* ---- a fetch ------------------------------------------------------------ */

static void fetch_act(void *arg)
{
    struct rig *rig = arg;
    struct fetch_order o = { .attachment = "a1",
                             .number = "8001",
                             .media_id = "551",
                             .max_bytes = LIMIT_MEDIA_BYTES,
                             .epoch = 1,
                             .policy = &rig->policy };

    memcpy(o.recipient, rig->recipient, sizeof(o.recipient));
    id_new(o.payload, 'p', &random_system);
    rig->wanted++;
    intake_fetch(rig->intake, &o);
    wait_end(rig);
}

static void stored_is_right(struct rig *rig)
{
    struct fixture *f = rig->store;
    uint8_t hash[SHA256_LEN];
    struct buf payload = { 0 };
    char place[BLOB_PLACE_SIZE], path[320];

    assert_true(rig->last.linked);
    assert_string_equal(rig->last.media_type, "image/jpeg");
    assert_int_equal(rig->last.size, rig->photo.len);
    OK(blob_place(rig->last.payload, place, &f->e));
    (void)snprintf(path, sizeof(path), "%s/payloads/%s", f->dir, place);
    OK(file_read(path, (size_t)1 << 20, &payload, &f->e));
    sha256_of(hash, payload.p, payload.len);
    assert_int_equal(payload.len, rig->last.payload_size);
    assert_memory_equal(hash, rig->last.payload_sha256, SHA256_LEN);
    buf_free(&payload);
}

static void fetch_verify(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->store;
    bool linked = rig->last.linked;

    if (rig->last.end == INTAKE_STORED)
        stored_is_right(rig);
    else
        assert_true(rig->last.end == INTAKE_RETRY ||
                    rig->last.end == INTAKE_JUDGE_DIED);
    if (linked)
        OK(blob_unlink(f->s, rig->last.payload, &f->e));

    /* A judge that could not be had is had for the next one. */
    fetch_act(rig);
    assert_int_equal(rig->last.end, INTAKE_STORED);
    stored_is_right(rig);
    OK(blob_unlink(f->s, rig->last.payload, &f->e));
}

/* ---- a message ---------------------------------------------------------- */

static const char body[] = "{\"messaging_product\":\"whatsapp\"}";

/* Handed over and ended, or not handed over. */
static void send_act(void *arg)
{
    struct rig *rig = arg;
    const struct graph_send message = { .phone_number_id = "8001",
                                        .body = body,
                                        .len = sizeof(body) - 1,
                                        .done = on_sent,
                                        .arg = rig };

    rig->outcome = GRAPH__MAX;
    if (graph_send(rig->graph, &message) != 0)
        return;
    rig->wanted++;
    wait_end(rig);
}

static void send_verify(void *arg)
{
    struct rig *rig = arg;

    assert_true(rig->outcome == GRAPH__MAX || rig->outcome == GRAPH_OK ||
                rig->outcome == GRAPH_RETRY || rig->outcome == GRAPH_UNKNOWN);
    if (rig->outcome == GRAPH_OK)
        assert_string_equal(rig->wamid, "wamid.1");
    send_act(rig);
    assert_int_equal(rig->outcome, GRAPH_OK);
    assert_string_equal(rig->wamid, "wamid.1");
}

/* ---- both --------------------------------------------------------------- */

static int setup(void **state)
{
    static const char *const hosts[] = { "127.0.0.1" };
    struct rig *rig = calloc(1, sizeof(*rig));
    struct secret *word = secret_copy("word", 4);
    struct secret *identity = age_identity_new(&random_system);
    const char *build = getenv("RESGUARDO_BUILD");
    struct error err = { 0 };
    void *store = NULL;
    char url[64];

    assert_int_equal(help_setup(&store), 0);
    rig->store = store;
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->changed, NULL);
    rig->policy.ntypes = 1;
    (void)strcpy(rig->policy.types[0].media_type, "image/jpeg");
    rig->policy.types[0].max_bytes = LIMIT_MEDIA_BYTES;
    assert_int_equal(age_identity_recipient(rig->recipient, identity), 0);
    assert_int_equal(file_read("tests/vectors/media/photo.jpg", (size_t)1 << 20,
                               &rig->photo, &err),
                     0);
    (void)snprintf(rig->judge, sizeof(rig->judge), "%s/resguardo-inspect",
                   build != NULL ? build : "build");
    meta_open(rig);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", rig->port);
    struct graph_config c = { .graph_url = url,
                              .api_version = "v26.0",
                              .media_hosts = hosts,
                              .nmedia_hosts = 1 };
    assert_int_equal(graph_open(&rig->graph, &c, &err), 0);
    assert_int_equal(graph_set_secrets(rig->graph, word, word, &err), 0);
    struct intake_needs needs = { .graph = rig->graph,
                                  .blobs = rig->store->s,
                                  .judge_program = rig->judge,
                                  .parallel = 1,
                                  .random = &random_system,
                                  .done = on_intake,
                                  .arg = rig };
    assert_int_equal(intake_open(&rig->intake, &needs, &err), 0);
    secret_free(&word);
    secret_free(&identity);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    void *store = rig->store;

    graph_close(&rig->graph);
    intake_close(&rig->intake);
    assert_int_equal(rig->ends, rig->wanted);
    (void)shutdown(rig->fd, SHUT_RDWR);
    pthread_join(rig->meta, NULL);
    (void)close(rig->fd);
    buf_free(&rig->photo);
    free(rig);
    return help_teardown(&store);
}

static void every_call_of_fetch_fails(void **state)
{
    const struct fault_walk walk = { .name = "fetch",
                                     .prepare = nothing,
                                     .act = fetch_act,
                                     .verify = fetch_verify,
                                     .arg = *state,
                                     .threads = true };

    assert_true(fault_walk(&walk) > 0);
}

static void every_call_of_send_fails(void **state)
{
    const struct fault_walk walk = { .name = "send",
                                     .prepare = nothing,
                                     .act = send_act,
                                     .verify = send_verify,
                                     .arg = *state,
                                     .threads = true };

    assert_true(fault_walk(&walk) > 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_call_of_fetch_fails, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(every_call_of_send_fails, setup,
                                        teardown),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

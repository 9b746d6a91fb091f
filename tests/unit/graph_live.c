/* Against a server of a few lines that behaves badly on purpose. */
#include "unit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "resguardo/graph.h"

#define TOKEN      "EAAB-demo-token"
#define APP_SECRET "intake-demo-app-secret"
#define PROOF                                                                  \
    "appsecret_proof="                                                         \
    "48b36a43905c59a935fede39a00fbbc4e0bf2126b72a276ca7728d17d87f5c3c"
#define REQUESTS    16
#define DEADLINE_MS 300000 /* against what hangs */

/* ---- the server --------------------------------------------------------- */

/* One connection a request; the answer to path /media is `media`, to any
 * other `api`, in which %PORT% is our own. */
struct server {
    int fd;
    uint16_t port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closing, hold;
    const char *api, *media;
    char requests[REQUESTS][2048];
    size_t n;
};

static bool is_closing(struct server *s)
{
    bool closing;

    pthread_mutex_lock(&s->lock);
    closing = s->closing;
    pthread_mutex_unlock(&s->lock);
    return closing;
}

static void write_answer(struct server *s, int c, const char *answer)
{
    const char *mark = strstr(answer, "%PORT%");
    struct buf out = { 0 };

    if (mark != NULL)
        buf_addf(&out, "%.*s%u%s", (int)(mark - answer), answer, s->port,
                 mark + 6);
    else
        buf_adds(&out, answer);
    (void)send(c, out.p, out.len, MSG_NOSIGNAL);
    buf_free(&out);
}

static void serve(struct server *s, int c)
{
    char request[2048] = "", *body;
    size_t len = 0;
    bool media, hold;

    while (len < sizeof(request) - 1 && strstr(request, "\r\n\r\n") == NULL) {
        ssize_t n = read(c, request + len, sizeof(request) - 1 - len);
        if (n <= 0)
            return;
        len += (size_t)n;
        request[len] = '\0';
    }
    while ((body = strstr(request, "Content-Length: ")) != NULL &&
           strlen(strstr(request, "\r\n\r\n") + 4) <
               strtoul(body + 16, NULL, 10)) {
        ssize_t n = read(c, request + len, sizeof(request) - 1 - len);
        if (n <= 0)
            return;
        len += (size_t)n;
        request[len] = '\0';
    }
    media = strncmp(request, "GET /media", 10) == 0;
    pthread_mutex_lock(&s->lock);
    memcpy(s->requests[s->n++ % REQUESTS], request, sizeof(request));
    hold = s->hold && media;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    write_answer(s, c, media ? s->media : s->api);
    while (hold && !is_closing(s)) {
        char byte;
        ssize_t n = recv(c, &byte, 1, MSG_DONTWAIT);
        if (n == 0)
            break;
        usleep(1000);
    }
}

static void *accept_all(void *arg)
{
    struct server *s = arg;

    while (!is_closing(s)) {
        int c = accept(s->fd, NULL, NULL);
        if (c < 0)
            break;
        serve(s, c);
        close(c);
    }
    return NULL;
}

static void server_open(struct server *s)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);

    memset(s, 0, sizeof(*s));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    assert_true((s->fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(s->fd, 16), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, accept_all, s), 0);
}

static void server_close(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_mutex_unlock(&s->lock);
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
}

static void wait_for_requests(struct server *s, size_t n)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += DEADLINE_MS / 1000;
    pthread_mutex_lock(&s->lock);
    while (s->n < n)
        assert_int_equal(pthread_cond_timedwait(&s->changed, &s->lock, &end),
                         0);
    pthread_mutex_unlock(&s->lock);
}

/* ---- what came of a job ------------------------------------------------- */

struct result {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int done, begun, code;
    enum graph_outcome outcome;
    char why[32], wamid[64], hash[65];
    int64_t size, bytes;
    bool sink_fails;
};

static int on_begin(void *arg, const char *hash, const char *mime, int64_t size)
{
    struct result *r = arg;

    (void)mime;
    r->begun++;
    r->size = size;
    (void)snprintf(r->hash, sizeof(r->hash), "%s", hash != NULL ? hash : "");
    return 0;
}

static int on_data(void *arg, const uint8_t *p, size_t n)
{
    struct result *r = arg;

    (void)p;
    r->bytes += (int64_t)n;
    return r->sink_fails ? -1 : 0;
}

static void finish(struct result *r, enum graph_outcome outcome,
                   const char *why)
{
    pthread_mutex_lock(&r->lock);
    r->done++;
    r->outcome = outcome;
    (void)snprintf(r->why, sizeof(r->why), "%s", why != NULL ? why : "");
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

static void on_done(void *arg, enum graph_outcome outcome, const char *why)
{
    finish(arg, outcome, why);
}

static void on_sent(void *arg, enum graph_outcome outcome, int code,
                    const char *wamid)
{
    struct result *r = arg;

    r->code = code;
    (void)snprintf(r->wamid, sizeof(r->wamid), "%s",
                   wamid != NULL ? wamid : "");
    finish(r, outcome, NULL);
}

static void on_deleted(void *arg, enum graph_outcome outcome)
{
    finish(arg, outcome, NULL);
}

static void result_init(struct result *r)
{
    memset(r, 0, sizeof(*r));
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
}

static void wait_for(struct result *r)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += DEADLINE_MS / 1000;
    pthread_mutex_lock(&r->lock);
    while (r->done == 0)
        assert_int_equal(pthread_cond_timedwait(&r->changed, &r->lock, &end),
                         0);
    pthread_mutex_unlock(&r->lock);
}

/* ---- a graph to talk to it ---------------------------------------------- */

struct fixture {
    struct server server;
    struct graph *graph;
    struct result result;
};

static void set_secrets(struct graph *g)
{
    struct secret *app = secret_copy(APP_SECRET, strlen(APP_SECRET));
    struct secret *token = secret_copy(TOKEN, strlen(TOKEN));
    struct error err;

    assert_int_equal(graph_set_secrets(g, app, token, &err), 0);
    secret_free(&app);
    secret_free(&token);
}

static int setup(void **state)
{
    static const char *const hosts[] = { "127.0.0.1" };
    struct fixture *f = calloc(1, sizeof(*f));
    struct error err;
    char url[64];

    assert_non_null(f);
    server_open(&f->server);
    result_init(&f->result);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", f->server.port);
    struct graph_config c = { .graph_url = url,
                              .api_version = "v26.0",
                              .media_hosts = hosts,
                              .nmedia_hosts = 1 };
    assert_int_equal(graph_open(&f->graph, &c, &err), 0);
    set_secrets(f->graph);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    graph_close(&f->graph);
    server_close(&f->server);
    free(f);
    return 0;
}

static void fetch(struct fixture *f, const char *id, int64_t max)
{
    struct graph_fetch job = { .ticket = 7,
                               .phone_number_id = "8001",
                               .max_bytes = max,
                               .sink = { on_begin, on_data, on_done },
                               .arg = &f->result };

    (void)snprintf(job.media_id, sizeof(job.media_id), "%s", id);
    assert_int_equal(graph_fetch(f->graph, &job), 0);
}

static void fetch_and_wait(struct fixture *f, const char *api,
                           const char *media)
{
    f->server.api = api;
    f->server.media = media;
    fetch(f, "551", 1000);
    wait_for(&f->result);
    assert_int_equal(f->result.done, 1);
}

static void send_text(struct fixture *f, const char *api)
{
    struct graph_send job = { .phone_number_id = "8001",
                              .body = "{\"a\":1}",
                              .len = 7,
                              .done = on_sent,
                              .arg = &f->result };

    f->server.api = api;
    assert_int_equal(graph_send(f->graph, &job), 0);
    wait_for(&f->result);
}

#define JSON(status, body)                                                     \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\n"                \
    "Connection: close\r\n\r\n" body
#define URL "\"url\":\"http://127.0.0.1:%PORT%/media/1\""
#define TEN "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"

/* ---- media -------------------------------------------------------------- */

static void a_file_comes_whole_with_its_hash(void **state)
{
    struct fixture *f = *state;
    fetch_and_wait(f,
                   JSON("200 OK",
                        "{" URL ",\"file_size\":\"10\",\"sha256\":\"84d89877"
                        "f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f"
                        "7882\"}"),
                   TEN);
    assert_int_equal(f->result.outcome, GRAPH_OK);
    assert_int_equal(f->result.bytes, 10);
    assert_int_equal(f->result.size, 10);
    assert_int_equal(f->result.begun, 1);
    assert_memory_equal(f->result.hash, "84d89877", 8);
    assert_int_equal(f->server.n, 2);
    assert_non_null(strstr(f->server.requests[0], "GET /v26.0/551?"));
    assert_non_null(strstr(f->server.requests[0], "phone_number_id=8001"));
    assert_non_null(strstr(f->server.requests[0], PROOF));
    for (size_t i = 0; i < 2; i++) {
        const char *r = f->server.requests[i];
        assert_non_null(strstr(r, "Authorization: Bearer " TOKEN "\r\n"));
        assert_non_null(strstr(r, "User-Agent: resguardo/"));
        assert_null(strstr(r, "Accept-Encoding"));
    }
}

static void a_redirect_is_not_followed(void **state)
{
    struct fixture *f = *state;
    struct server other;
    char answer[128];

    server_open(&other);
    (void)snprintf(answer, sizeof(answer),
                   "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/x\r\n"
                   "Content-Length: 0\r\n\r\n",
                   other.port);
    fetch_and_wait(f, JSON("200 OK", "{" URL "}"), answer);
    assert_int_equal(f->result.outcome, GRAPH_RETRY);
    assert_string_equal(f->result.why, "redirect");
    assert_int_equal(other.n, 0);
    assert_int_equal(f->result.bytes, 0);
    server_close(&other);
}

static void the_token_never_reaches_a_host_off_the_list(void **state)
{
    struct fixture *f = *state;
    fetch_and_wait(f, JSON("200 OK", "{\"url\":\"http://127.0.0.2:%PORT%/\"}"),
                   TEN);
    assert_int_equal(f->result.outcome, GRAPH_RETRY);
    assert_string_equal(f->result.why, "host");
    assert_int_equal(f->server.n, 1);
    assert_int_equal(f->result.begun, 0);
}

static void fewer_bytes_than_announced_are_a_cut(void **state)
{
    struct fixture *f = *state;
    fetch_and_wait(f, JSON("200 OK", "{" URL "}"),
                   "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
    assert_int_equal(f->result.outcome, GRAPH_RETRY);
    assert_string_equal(f->result.why, "cut");
}

static void a_cut_without_a_length_is_seen_by_the_size(void **state)
{
    struct fixture *f = *state;
    fetch_and_wait(f, JSON("200 OK", "{" URL ",\"file_size\":20}"),
                   "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789");
    assert_int_equal(f->result.outcome, GRAPH_RETRY);
}

static void a_short_length_is_seen_by_the_size(void **state)
{
    struct fixture *f = *state;
    fetch_and_wait(f, JSON("200 OK", "{" URL ",\"file_size\":20}"), TEN);
    assert_int_equal(f->result.outcome, GRAPH_RETRY);
}

static void chunks_past_the_cap_are_stopped(void **state)
{
    static char answer[4096];
    struct fixture *f = *state;
    char zeros[2001];

    memset(zeros, '0', sizeof(zeros) - 1);
    zeros[sizeof(zeros) - 1] = '\0';
    (void)snprintf(answer, sizeof(answer),
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "7d0\r\n%s\r\n0\r\n\r\n",
                   zeros);
    fetch_and_wait(f, JSON("200 OK", "{" URL "}"), answer);
    assert_int_equal(f->result.outcome, GRAPH_TOO_LARGE);
    assert_true(f->result.bytes <= 1000);
}

static void an_announced_size_past_the_cap_is_not_fetched(void **state)
{
    struct fixture *f = *state;
    fetch_and_wait(f, JSON("200 OK", "{" URL ",\"file_size\":1001}"), TEN);
    assert_int_equal(f->result.outcome, GRAPH_TOO_LARGE);
    assert_int_equal(f->server.n, 1);
}

static void encoded_bytes_are_refused(void **state)
{
    struct fixture *f = *state;
    fetch_and_wait(f, JSON("200 OK", "{" URL "}"),
                   "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                   "Content-Length: 10\r\n\r\n0123456789");
    assert_int_equal(f->result.outcome, GRAPH_RETRY);
    assert_int_equal(f->result.bytes, 0);
}

static void the_page_of_a_refusal_is_no_file(void **state)
{
    struct fixture *f = *state;
    fetch_and_wait(f, JSON("200 OK", "{" URL "}"),
                   "HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\n0123456789");
    assert_int_equal(f->result.outcome, GRAPH_RETRY);
    assert_int_equal(f->result.bytes, 0);
}

static void a_sink_that_fails_ends_the_transfer(void **state)
{
    struct fixture *f = *state;
    f->result.sink_fails = true;
    fetch_and_wait(f, JSON("200 OK", "{" URL "}"), TEN);
    assert_int_equal(f->result.outcome, GRAPH_SINK);
}

static void an_id_that_is_no_number_is_never_asked_for(void **state)
{
    struct fixture *f = *state;
    fetch(f, "../me?x=1", 1000);
    wait_for(&f->result);
    assert_int_equal(f->result.outcome, GRAPH_PERMANENT);
    assert_int_equal(f->server.n, 0);
}

static void cancelling_stops_in_the_middle(void **state)
{
    struct fixture *f = *state;
    f->server.hold = true;
    f->server.api = JSON("200 OK", "{" URL "}");
    f->server.media = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n01234";
    fetch(f, "551", 1000);
    wait_for_requests(&f->server, 2);
    graph_cancel(f->graph, 8);
    graph_cancel(f->graph, 7);
    wait_for(&f->result);
    assert_int_equal(f->result.outcome, GRAPH_CANCELLED);
    assert_int_equal(f->result.done, 1);
}

static void closing_ends_what_is_open(void **state)
{
    struct fixture *f = *state;
    f->server.hold = true;
    f->server.api = JSON("200 OK", "{" URL "}");
    f->server.media = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n01234";
    for (int i = 0; i < 40; i++)
        fetch(f, "551", 1000);
    wait_for_requests(&f->server, 1);
    graph_close(&f->graph);
    assert_int_equal(f->result.done, 40);
    assert_int_equal(f->result.outcome, GRAPH_CANCELLED);
}

/* ---- messages, deletion, token ------------------------------------------ */

static void a_message_gets_its_wamid(void **state)
{
    struct fixture *f = *state;
    send_text(f, JSON("200 OK", "{\"messages\":[{\"id\":\"wamid.X\"}]}"));
    assert_int_equal(f->result.outcome, GRAPH_OK);
    assert_string_equal(f->result.wamid, "wamid.X");
    assert_non_null(
        strstr(f->server.requests[0], "POST /v26.0/8001/messages?" PROOF));
    assert_non_null(strstr(f->server.requests[0], "\r\n\r\n{\"a\":1}"));
}

static void a_refused_message_says_its_code(void **state)
{
    struct fixture *f = *state;
    send_text(f, JSON("400 Bad", "{\"error\":{\"code\":131047}}"));
    assert_int_equal(f->result.outcome, GRAPH_PERMANENT);
    assert_int_equal(f->result.code, 131047);
    assert_string_equal(f->result.wamid, "");
}

static void a_message_without_an_answer_is_unknown(void **state)
{
    struct fixture *f = *state;
    send_text(f, "");
    assert_int_equal(f->result.outcome, GRAPH_UNKNOWN);
    assert_int_equal(f->server.n, 1);
}

static void a_message_that_reaches_nobody_may_go_again(void **state)
{
    struct fixture *f = *state;
    shutdown(f->server.fd, SHUT_RDWR);
    send_text(f, "");
    assert_int_equal(f->result.outcome, GRAPH_RETRY);
}

static void deleting_says_so_only_on_success(void **state)
{
    struct fixture *f = *state;
    struct graph_delete job = { .phone_number_id = "8001",
                                .media_id = "551",
                                .done = on_deleted,
                                .arg = &f->result };
    f->server.api = JSON("200 OK", "{\"success\":true}");
    assert_int_equal(graph_delete(f->graph, &job), 0);
    wait_for(&f->result);
    assert_int_equal(f->result.outcome, GRAPH_OK);
    assert_non_null(strstr(f->server.requests[0], "DELETE /v26.0/551?"));
}

static void the_contact_book_is_asked_by_the_user_id(void **state)
{
    struct fixture *f = *state;
    struct graph_delete job = { .phone_number_id = "8001",
                                .bsuid = "CO.47-11_a~b",
                                .done = on_deleted,
                                .arg = &f->result };

    f->server.api = JSON("200 OK", "{\"success\":true}");
    assert_int_equal(graph_delete(f->graph, &job), 0);
    wait_for(&f->result);
    assert_int_equal(f->result.outcome, GRAPH_OK);
    assert_non_null(strstr(f->server.requests[0],
                           "DELETE /v26.0/8001/contact_book?messaging_product="
                           "whatsapp&bsuid=CO.47-11_a~b&appsecret_proof="));
}

/* As a form of three parts; its name says nothing. */
static void upload(struct fixture *f, const char *number, const char *api)
{
    struct graph_upload job = { .bytes = (const uint8_t *)"%PDF-1.7",
                                .len = 8,
                                .media_type = "application/pdf",
                                .done = on_sent,
                                .arg = &f->result };

    (void)snprintf(job.phone_number_id, sizeof(job.phone_number_id), "%s",
                   number);
    f->server.api = api;
    f->result.done = 0;
    f->result.wamid[0] = '\0';
    assert_int_equal(graph_upload(f->graph, &job), 0);
    wait_for(&f->result);
}

static void a_file_goes_out_as_a_form(void **state)
{
    struct fixture *f = *state;
    const char *request = f->server.requests[0];

    upload(f, "8001", JSON("200 OK", "{\"id\":\"5510\"}"));
    assert_int_equal(f->result.outcome, GRAPH_OK);
    assert_string_equal(f->result.wamid, "5510");
    assert_non_null(strstr(request, "POST /v26.0/8001/media?" PROOF));
    assert_non_null(strstr(request, "Authorization: Bearer " TOKEN "\r\n"));
    assert_non_null(strstr(request, "Content-Type: multipart/form-data;"));
    assert_non_null(strstr(request, "name=\"messaging_product\"\r\n\r\n"
                                    "whatsapp\r\n"));
    assert_non_null(
        strstr(request, "name=\"type\"\r\n\r\napplication/pdf\r\n"));
    assert_non_null(strstr(request, "name=\"file\"; filename=\"file\"\r\n"
                                    "Content-Type: application/pdf\r\n\r\n"
                                    "%PDF-1.7\r\n"));
}

static void an_upload_that_failed_names_no_file(void **state)
{
    static const struct {
        const char *api;
        enum graph_outcome outcome;
        int code;
    } answers[] = {
        { JSON("400 Bad Request", "{\"error\":{\"code\":100}}"),
          GRAPH_PERMANENT, 100 },
        { JSON("200 OK", "{\"id\":5510}"), GRAPH_UNKNOWN, 0 },
        { JSON("200 OK", "{\"id\":\"../x\"}"), GRAPH_UNKNOWN, 0 },
        { JSON("200 OK", "{}"), GRAPH_UNKNOWN, 0 },
        { JSON("500 Oops", "x"), GRAPH_UNKNOWN, 0 },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        upload(f, "8001", answers[i].api);
        assert_int_equal(f->result.outcome, answers[i].outcome);
        assert_int_equal(f->result.code, answers[i].code);
        assert_string_equal(f->result.wamid, "");
    }
    upload(f, "8001/x", "");
    assert_int_equal(f->result.outcome, GRAPH_PERMANENT);
    assert_int_equal(f->server.n, 5);
}

/* What would have to be escaped, or is neither, never leaves. */
static void an_odd_user_id_is_not_asked_for(void **state)
{
    static const char *const odd[] = { "", "CO.1&x=2", "CO.1/..", "CO 1" };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct graph_delete job = { .phone_number_id = "8001",
                                    .done = on_deleted,
                                    .arg = &f->result };

        (void)snprintf(job.bsuid, sizeof(job.bsuid), "%s", odd[i]);
        f->result.done = 0;
        assert_int_equal(graph_delete(f->graph, &job), 0);
        wait_for(&f->result);
        assert_int_equal(f->result.outcome, GRAPH_PERMANENT);
    }
    assert_int_equal(f->server.n, 0);
}

static void a_refused_token_stops_everything_until_a_new_one(void **state)
{
    struct fixture *f = *state;
    send_text(f, JSON("401 No", "{\"error\":{\"code\":190}}"));
    assert_int_equal(f->result.outcome, GRAPH_TOKEN);
    f->result.done = 0;
    send_text(f, JSON("200 OK", "{\"messages\":[{\"id\":\"w\"}]}"));
    assert_int_equal(f->result.outcome, GRAPH_TOKEN);
    assert_int_equal(f->server.n, 1);
    set_secrets(f->graph);
    f->result.done = 0;
    send_text(f, JSON("200 OK", "{\"messages\":[{\"id\":\"w\"}]}"));
    assert_int_equal(f->result.outcome, GRAPH_OK);
}

static void a_token_with_a_line_break_is_refused(void **state)
{
    struct fixture *f = *state;
    struct secret *app = secret_copy("a", 1);
    struct secret *token = secret_copy("a\r\nX: y", 7);
    struct error err;
    assert_int_equal(graph_set_secrets(f->graph, app, token, &err), -1);
    secret_free(&app);
    secret_free(&token);
}

#define LIVE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE(a_file_comes_whole_with_its_hash),
        LIVE(a_redirect_is_not_followed),
        LIVE(the_token_never_reaches_a_host_off_the_list),
        LIVE(fewer_bytes_than_announced_are_a_cut),
        LIVE(a_cut_without_a_length_is_seen_by_the_size),
        LIVE(a_short_length_is_seen_by_the_size),
        LIVE(chunks_past_the_cap_are_stopped),
        LIVE(an_announced_size_past_the_cap_is_not_fetched),
        LIVE(encoded_bytes_are_refused),
        LIVE(the_page_of_a_refusal_is_no_file),
        LIVE(a_sink_that_fails_ends_the_transfer),
        LIVE(an_id_that_is_no_number_is_never_asked_for),
        LIVE(cancelling_stops_in_the_middle),
        LIVE(closing_ends_what_is_open),
        LIVE(a_message_gets_its_wamid),
        LIVE(a_refused_message_says_its_code),
        LIVE(a_message_without_an_answer_is_unknown),
        LIVE(a_message_that_reaches_nobody_may_go_again),
        LIVE(deleting_says_so_only_on_success),
        LIVE(the_contact_book_is_asked_by_the_user_id),
        LIVE(an_odd_user_id_is_not_asked_for),
        LIVE(a_file_goes_out_as_a_form),
        LIVE(an_upload_that_failed_names_no_file),
        LIVE(a_refused_token_stops_everything_until_a_new_one),
        LIVE(a_token_with_a_line_break_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

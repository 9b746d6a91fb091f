/*
 * The real gateway program against raw sockets, with this test as the core at
 * the other end of its wire. The program is taken from RESGUARDO_BUILD, else
 * from `build`.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "gateway/listen.h"
#include "gateway/wire.h"
#include "resguardo/gateway.h"

static struct error err;
static int wire, port;
static pid_t pid;

/* ---- the rig ------------------------------------------------------------ */

static void core_read(uint8_t wanted, struct buf *frame)
{
    uint8_t type;

    assert_int_equal(frame_read(wire, &type, frame, LIMIT_FRAME_BYTES, &err),
                     0);
    assert_int_equal(type, wanted);
}

static int program_start(void **state)
{
    const struct timeval patience = { .tv_sec = 20 };
    const char *build = getenv("RESGUARDO_BUILD");
    char path[256], address[LISTEN_ADDRESS_SIZE], *argv[] = { path, NULL };
    struct buf frame = { 0 };
    int pair[2], fds[2];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/resguardo-gateway",
                   build != NULL ? build : "build");
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
                     0);
    fds[0] = pair[1];
    fds[1] = gateway_listen("127.0.0.1:0", address, &err);
    assert_true(fds[1] >= 0);
    port = atoi(strrchr(address, ':') + 1);
    pid = process_spawn(path, argv, fds, 2, &err);
    if (pid < 0)
        fail_msg("%s", err.text);
    (void)close(fds[0]);
    (void)close(fds[1]);
    wire = pair[0];
    assert_int_equal(
        setsockopt(wire, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)),
        0);
    core_read(GATEWAY_READY, &frame);
    assert_int_equal(frame.len, 0);
    buf_free(&frame);
    return 0;
}

/* The exit status, or 128 and the signal. */
static int program_wait(void)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Ends the program by its wire; whatever a test did, it must still live. */
static int program_stop(void **state)
{
    (void)state;
    if (wire >= 0)
        (void)close(wire);
    wire = -1;
    if (pid > 0)
        assert_int_equal(program_wait(), 0);
    return 0;
}

static int client_open(void)
{
    const struct timeval patience = { .tv_sec = 20 };
    struct sockaddr_in at = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    at.sin_port = htons((uint16_t)port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)),
        0);
    return fd;
}

/* Sends what it can: the gateway may have answered and closed before. */
static void client_send(int fd, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        p += sent;
        n -= (size_t)sent;
    }
}

static int client_ask(const char *text)
{
    int fd = client_open();

    client_send(fd, text, strlen(text));
    return fd;
}

/* Reads one answer with its body into `text`. */
static void client_answer(int fd, char text[4096])
{
    size_t len = 0, wanted = 4095;
    const char *end, *length;

    while (len < wanted) {
        ssize_t got = recv(fd, text + len, wanted - len, 0);

        if (got <= 0)
            break;
        len += (size_t)got;
        text[len] = '\0';
        end = strstr(text, "\r\n\r\n");
        length = strstr(text, "Content-Length: ");
        if (end != NULL && length != NULL)
            wanted = (size_t)(end - text) + 4 + (size_t)atoi(length + 16);
    }
    text[len] = '\0';
    if (wanted != len)
        fail_msg("no whole answer: %.60s", text);
}

static bool client_closed(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, 0);

    return got == 0 || (got < 0 && errno == ECONNRESET);
}

/* The answer begins with this status and the connection is closed. */
static void expect_closed(int fd, unsigned status)
{
    char text[4096], line[32];

    (void)snprintf(line, sizeof(line), "HTTP/1.1 %u ", status);
    client_answer(fd, text);
    if (strncmp(text, line, strlen(line)) != 0)
        fail_msg("%u expected, got: %.60s", status, text);
    assert_non_null(strstr(text, "Connection: close\r\n"));
    if (status == 503)
        assert_non_null(strstr(text, "Retry-After: 2\r\n"));
    assert_true(client_closed(fd));
    (void)close(fd);
}

static void expect_status(const char *request, unsigned status)
{
    expect_closed(client_ask(request), status);
}

static void core_answer(uint64_t id, unsigned status, const char *body)
{
    struct buf frame = { 0 };

    assert_int_equal(gateway_answer_encode(&frame, id, status, CONTENT_TEXT,
                                           body, strlen(body)),
                     0);
    assert_int_equal(gateway_wire_send(wire, GATEWAY_ANSWER, &frame, &err), 0);
    buf_free(&frame);
}

/* Takes one request at the core; the id. */
static uint64_t core_take(enum gateway_route route, const char *head,
                          const char *body)
{
    struct buf frame = { 0 };
    struct gateway_request r;
    uint64_t id;

    core_read(GATEWAY_REQUEST, &frame);
    assert_int_equal(gateway_request_decode(&frame, &r, &err), 0);
    assert_int_equal(r.route, route);
    if (head != NULL)
        assert_string_equal(r.head, head);
    if (body != NULL) {
        assert_int_equal(r.body_len, strlen(body));
        assert_memory_equal(r.body, body, r.body_len);
    }
    id = r.id;
    buf_free(&frame);
    return id;
}

static void expect_200(int fd, const char *body)
{
    char text[4096];

    client_answer(fd, text);
    assert_memory_equal(text, "HTTP/1.1 200 OK\r\n", 17);
    assert_null(strstr(text, "Connection: close"));
    assert_string_equal(strstr(text, "\r\n\r\n") + 4, body);
}

#define HOST "Host: intake.example.co\r\n"
#define POST "POST /webhook HTTP/1.1\r\n" HOST

/* ---- what reaches the core ---------------------------------------------- */

static void post_reaches_the_core_as_it_is(void **state)
{
    int fd = client_ask(POST "X-Hub-Signature-256: sha256=abc\r\n"
                             "Content-Length: 7\r\n\r\n{\"a\":0}");

    (void)state;
    core_answer(core_take(ROUTE_WEBHOOK_POST, "sha256=abc", "{\"a\":0}"), 200,
                "");
    expect_200(fd, "");
    (void)close(fd);
}

static void post_without_signature_has_an_empty_head(void **state)
{
    int fd = client_ask(POST "Content-Length: 2\r\n\r\n{}");

    (void)state;
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", "{}"), 401, "no");
    expect_closed(fd, 401);
}

static void overlong_signature_counts_as_none(void **state)
{
    static const char head[] = POST "Content-Length: 0\r\n"
                                    "X-Hub-Signature-256: ";
    char request[4096], value[3000];
    int fd;

    (void)state;
    memset(value, 'a', sizeof(value));
    (void)snprintf(request, sizeof(request), "%s%.2500s\r\n\r\n", head, value);
    fd = client_ask(request);
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", ""), 401, "no");
    expect_closed(fd, 401);
}

static void chunks_are_joined(void **state)
{
    int fd = client_ask(POST "Transfer-Encoding: chunked\r\n\r\n"
                             "3\r\n{\"a\r\n4\r\n\":0}\r\n0\r\n\r\n");

    (void)state;
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", "{\"a\":0}"), 200, "");
    expect_200(fd, "");
    (void)close(fd);
}

static void handshake_passes_the_raw_query(void **state)
{
    int fd = client_ask("GET /webhook?hub.mode=subscribe&hub.challenge=1%202 "
                        "HTTP/1.1\r\n" HOST "\r\n");

    (void)state;
    core_answer(core_take(ROUTE_WEBHOOK_GET,
                          "/webhook?hub.mode=subscribe&hub.challenge=1%202",
                          ""),
                200, "1 2");
    expect_200(fd, "1 2");
    (void)close(fd);
}

static void notice_and_health_pass_their_path(void **state)
{
    int fd = client_ask("GET /notice/co/v1/es-CO?x=1 HTTP/1.1\r\n" HOST "\r\n");

    (void)state;
    core_answer(core_take(ROUTE_NOTICE, "/notice/co/v1/es-CO", ""), 200, "n");
    expect_200(fd, "n");
    (void)close(fd);
    fd = client_ask("GET /healthz HTTP/1.1\r\n" HOST "\r\n");
    core_answer(core_take(ROUTE_HEALTH, "/healthz", ""), 503, "");
    expect_closed(fd, 503);
}

static void connection_serves_several_requests(void **state)
{
    static const char request[] = POST "Content-Length: 1\r\n\r\n1";
    int fd = client_open();

    (void)state;
    for (int i = 0; i < 3; i++) {
        client_send(fd, request, strlen(request));
        core_answer(core_take(ROUTE_WEBHOOK_POST, "", "1"), 200, "x");
        expect_200(fd, "x");
    }
    (void)close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    int fd = client_ask(POST "Content-Length: 1\r\n\r\n1" POST
                             "Content-Length: 1\r\n\r\n2");

    (void)state;
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", "1"), 200, "one");
    expect_200(fd, "one");
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", "2"), 200, "two");
    expect_200(fd, "two");
    (void)close(fd);
}

static void answers_find_their_requests_in_any_order(void **state)
{
    uint64_t ids[8];
    int fds[8];
    char body[2] = "0";

    (void)state;
    for (int i = 0; i < 8; i++) {
        char request[128];

        body[0] = (char)('0' + i);
        (void)snprintf(request, sizeof(request),
                       POST "Content-Length: 1\r\n\r\n%s", body);
        fds[i] = client_ask(request);
        ids[i] = core_take(ROUTE_WEBHOOK_POST, "", body);
    }
    for (int i = 7; i >= 0; i--) {
        body[0] = (char)('0' + i);
        core_answer(ids[i], 200, body);
    }
    for (int i = 0; i < 8; i++) {
        body[0] = (char)('0' + i);
        expect_200(fds[i], body);
        (void)close(fds[i]);
    }
}

static void body_of_3_mib_passes(void **state)
{
    static const char head[] = POST "Content-Length: 3145728\r\n\r\n";
    char *body = malloc(LIMIT_WEBHOOK_BYTES + 1);
    int fd = client_ask(head);

    (void)state;
    assert_non_null(body);
    memset(body, 'x', LIMIT_WEBHOOK_BYTES);
    body[LIMIT_WEBHOOK_BYTES] = '\0';
    client_send(fd, body, LIMIT_WEBHOOK_BYTES);
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", body), 200, "");
    expect_200(fd, "");
    (void)close(fd);
    free(body);
}

/* ---- what does not ------------------------------------------------------ */

static void ambiguous_framing_is_400(void **state)
{
    (void)state;
    expect_status(POST "Content-Length: 5\r\nContent-Length: 9\r\n\r\n12345",
                  400);
    expect_status(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345",
                  400);
    expect_status(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "0\r\n\r\n",
                  400);
    expect_status(POST "Transfer-Encoding: xchunked\r\n\r\n", 400);
    expect_status(POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400);
    expect_status(POST "Transfer-Encoding: chunked\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  400);
    expect_status("POST /webhook HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "0\r\n\r\n",
                  400);
    expect_status("GET /healthz HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n1",
                  400);
}

static void malformed_fields_are_400(void **state)
{
    (void)state;
    expect_status(POST "Content-Length : 5\r\n\r\n12345", 400);
    expect_status(POST "X Y: 5\r\nContent-Length: 0\r\n\r\n", 400);
    expect_status(POST "X-Y: a\001b\r\nContent-Length: 0\r\n\r\n", 400);
    expect_status(POST HOST "Content-Length: 0\r\n\r\n", 400);
    expect_status("GET /web\001hook HTTP/1.1\r\n" HOST "\r\n", 400);
}

/* libmicrohttpd glues what is folded to the name, so that a name which nobody
 * else reads becomes one that counts, or the other way round. */
static void a_folded_field_is_400(void **state)
{
    (void)state;
    expect_status(POST "Content-: 5\r\n Length\r\n\r\n12345", 400);
    expect_status(POST "Content-Length: 5\r\n x\r\n\r\n12345", 400);
    expect_status(POST "X-A: b\r\n\tc\r\nContent-Length: 0\r\n\r\n", 400);
    expect_status(POST "X-A: b\r\n \r\nContent-Length: 0\r\n\r\n", 400);
    expect_status(POST "Content-Length: 0\r\nX-A:\r\n b\r\n\r\n", 400);
    expect_status("GET /other HTTP/1.1\r\n" HOST "X-A: \t b \r\nX-B:\r\n"
                  "X-C:c\r\n\r\n",
                  404);
}

/* libmicrohttpd refuses these itself, and writes its header twice. */
static void what_the_library_refuses_is_400_too(void **state)
{
    static const char *const requests[] = {
        POST "Content-Length: -5\r\n\r\n",
        POST "Content-Length: +5\r\n\r\n12345",
        POST "Content-Length: 0x5\r\n\r\n12345",
        POST "Content-Length: 5, 5\r\n\r\n12345",
        "POST /webhook HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        int fd = client_ask(requests[i]);
        char text[1024];

        assert_int_equal(recv(fd, text, 13, MSG_WAITALL), 13);
        assert_memory_equal(text, "HTTP/1.1 400 ", 13);
        while (recv(fd, text, sizeof(text), 0) > 0)
            continue;
        assert_true(client_closed(fd));
        (void)close(fd);
    }
}

static void doubled_signature_is_400(void **state)
{
    (void)state;
    expect_status(POST "X-Hub-Signature-256: sha256=a\r\n"
                       "x-hub-signature-256: sha256=b\r\n"
                       "Content-Length: 2\r\n\r\n{}",
                  400);
}

static void announced_size_is_413_before_the_body(void **state)
{
    (void)state;
    expect_status(POST "Content-Length: 3145729\r\n\r\n", 413);
    expect_status(POST "Content-Length: 9223372036854775807\r\n\r\n", 413);
}

static void size_of_chunks_is_413_while_counting(void **state)
{
    static char chunk[65536];
    int fd = client_ask(POST "Transfer-Encoding: chunked\r\n\r\n");

    (void)state;
    memset(chunk, 'x', sizeof(chunk));
    for (int i = 0; i < 49; i++) {
        client_send(fd, "10000\r\n", 7);
        client_send(fd, chunk, sizeof(chunk));
        client_send(fd, "\r\n", 2);
    }
    expect_closed(fd, 413);
}

static void framing_comes_before_size_and_size_before_path(void **state)
{
    (void)state;
    expect_status(POST "Content-Length: 3145729\r\nContent-Length: 1\r\n\r\n",
                  400);
    expect_status("POST /nowhere HTTP/1.1\r\n" HOST
                  "Content-Length: 3145729\r\n\r\n",
                  413);
}

static void unknown_paths_are_404(void **state)
{
    (void)state;
    expect_status("GET / HTTP/1.1\r\n" HOST "\r\n", 404);
    expect_status("GET /webhook/ HTTP/1.1\r\n" HOST "\r\n", 404);
    expect_status("GET /webhoo%6b HTTP/1.1\r\n" HOST "\r\n", 404);
    expect_status("GET /notice HTTP/1.1\r\n" HOST "\r\n", 404);
    expect_status("POST /x HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}",
                  404);
}

static void other_methods_are_405(void **state)
{
    (void)state;
    expect_status(
        "PUT /webhook HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", 405);
    expect_status(
        "POST /healthz HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", 405);
    expect_status("DELETE /notice/a HTTP/1.1\r\n" HOST "\r\n", 405);
}

static void overlong_targets_and_headers_are_refused(void **state)
{
    static char request[70000];
    size_t len = 0;

    (void)state;
    memset(request, 'a', 3000);
    memcpy(request, "GET /webhook?", 13);
    memcpy(request + 3000, " HTTP/1.1\r\n" HOST "\r\n",
           sizeof(" HTTP/1.1\r\n" HOST "\r\n"));
    expect_status(request, 414);

    len = (size_t)snprintf(request, sizeof(request), POST);
    for (int i = 0; i < 3000; i++)
        len += (size_t)snprintf(request + len, sizeof(request) - len,
                                "X-%d: y\r\n", i);
    expect_status(request, 431);
}

static void overload_is_503(void **state)
{
    static int fds[LIMIT_GATEWAY_IN_FLIGHT];
    static uint64_t ids[LIMIT_GATEWAY_IN_FLIGHT];
    static const char request[] = POST "Content-Length: 1\r\n\r\n1";

    (void)state;
    for (size_t i = 0; i < LIMIT_GATEWAY_IN_FLIGHT; i++) {
        fds[i] = client_ask(request);
        ids[i] = core_take(ROUTE_WEBHOOK_POST, "", "1");
    }
    expect_status(request, 503);
    for (size_t i = 0; i < LIMIT_GATEWAY_IN_FLIGHT; i++) {
        core_answer(ids[i], 200, "");
        expect_200(fds[i], "");
        (void)close(fds[i]);
    }
    fds[0] = client_ask(request);
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", "1"), 200, "");
    expect_200(fds[0], "");
    (void)close(fds[0]);
}

/* Whether the kernel holds bytes or an end that the gateway has not read. */
static bool gateway_is_behind(void)
{
    FILE *f = fopen("/proc/net/tcp", "re");
    unsigned local, remote, state, sending, unread, ours = (unsigned)port;
    bool behind = false;
    char row[256];

    assert_non_null(f);
    while (fgets(row, sizeof(row), f) != NULL)
        if (sscanf(row, " %*d: %*x:%x %*x:%x %x %x:%x", &local, &remote, &state,
                   &sending, &unread) == 5)
            behind =
                behind ||
                (local == ours && (unread > 0 || state == TCP_CLOSE_WAIT)) ||
                (remote == ours && sending > 0);
    (void)fclose(f);
    return behind;
}

/* Waits until the gateway has read all that was sent: only then is it certain
 * what fills its room. */
static void wait_for_the_gateway(void)
{
    for (int tries = 0; gateway_is_behind(); tries++) {
        assert_true(tries < 1400);
        (void)usleep(10000);
    }
}

/* How many of them were answered, at least one and each with 503. */
static int count_refused(struct pollfd *clients, nfds_t n)
{
    int count = poll(clients, n, 10000);

    for (nfds_t i = 0; i < n; i++) {
        char text[64];

        if (clients[i].revents == 0)
            continue;
        assert_true(recv(clients[i].fd, text, sizeof(text), 0) > 13);
        assert_memory_equal(text, "HTTP/1.1 503 ", 13);
    }
    return count;
}

/* Bodies that never end fill the room for bodies; what comes next gets 503,
 * and when they have gone there is room again. */
static void too_many_bytes_held_are_503(void **state)
{
    static char body[3000000];
    static const char head[] = POST "Content-Length: 3100000\r\n\r\n";
    struct pollfd clients[23];

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 23; i++) {
            clients[i].fd = client_ask(head);
            clients[i].events = POLLIN;
            client_send(clients[i].fd, body, sizeof(body));
        }
        wait_for_the_gateway();
        assert_int_equal(count_refused(clients, 23), 1);
        for (int i = 0; i < 23; i++)
            (void)close(clients[i].fd);
        wait_for_the_gateway();
    }
}

/* ---- clients and cores that misbehave ----------------------------------- */

/* Whoever fills the room to the last byte keeps no ordinary webhook out. */
static void small_bodies_get_in_when_the_room_is_full(void **state)
{
    static char body[LIMIT_WEBHOOK_BYTES];
    static const char head[] = POST "Content-Length: 3145728\r\n\r\n";
    const size_t each = sizeof(body) - 1 - LIMIT_GATEWAY_SMALL_BODY;
    int fds[32], n = 0, large, small;

    (void)state;
    for (size_t left = LIMIT_GATEWAY_BODY_BYTES; left > 0; n++) {
        size_t take = left < each ? left : each;

        fds[n] = client_ask(head);
        client_send(fds[n], body, take + LIMIT_GATEWAY_SMALL_BODY);
        left -= take;
    }
    wait_for_the_gateway();
    large = client_ask(head);
    client_send(large, body, LIMIT_GATEWAY_SMALL_BODY + 1);
    expect_closed(large, 503);
    small = client_ask(POST "Content-Length: 5\r\n\r\nsmall");
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", "small"), 200, "");
    expect_200(small, "");
    (void)close(small);
    while (n-- > 0)
        (void)close(fds[n]);
}

static void client_that_left_does_not_disturb_others(void **state)
{
    int fd = client_ask(POST "Content-Length: 1\r\n\r\n1");
    uint64_t gone = core_take(ROUTE_WEBHOOK_POST, "", "1");

    (void)state;
    (void)close(fd);
    core_answer(gone, 200, "");
    fd = client_ask(POST "Content-Length: 1\r\n\r\n2");
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", "2"), 200, "");
    expect_200(fd, "");
    (void)close(fd);
}

static void answers_to_nobody_are_ignored(void **state)
{
    int fd = client_ask(POST "Content-Length: 1\r\n\r\n1");
    uint64_t id = core_take(ROUTE_WEBHOOK_POST, "", "1");

    (void)state;
    core_answer(id + LIMIT_GATEWAY_IN_FLIGHT, 500, "wrong");
    core_answer(id + 1, 500, "wrong");
    core_answer(UINT64_MAX, 500, "wrong");
    core_answer(id, 200, "right");
    core_answer(id, 500, "again");
    expect_200(fd, "right");
    (void)close(fd);
}

static void core_that_breaks_a_rule_ends_the_program(void **state)
{
    const struct buf nothing = { 0 };

    (void)state;
    assert_int_equal(gateway_wire_send(wire, GATEWAY_ANSWER, &nothing, &err),
                     0);
    assert_int_equal(program_wait(), 1);
}

static void end_of_the_wire_answers_503_and_exits(void **state)
{
    int fd = client_ask(POST "Content-Length: 1\r\n\r\n1");

    (void)state;
    (void)core_take(ROUTE_WEBHOOK_POST, "", "1");
    assert_int_equal(shutdown(wire, SHUT_WR), 0);
    expect_closed(fd, 503);
    assert_int_equal(program_wait(), 0);
}

static void answers_before_the_end_of_the_wire_get_out(void **state)
{
    int fd = client_ask(POST "Content-Length: 1\r\n\r\n1");

    (void)state;
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", "1"), 200, "done");
    assert_int_equal(shutdown(wire, SHUT_WR), 0);
    expect_200(fd, "done");
    (void)close(fd);
    assert_int_equal(program_wait(), 0);
}

static void signals_to_the_group_are_the_daemons_affair(void **state)
{
    int fd;

    (void)state;
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(kill(pid, SIGINT), 0);
    fd = client_ask(POST "Content-Length: 1\r\n\r\n1");
    core_answer(core_take(ROUTE_WEBHOOK_POST, "", "1"), 200, "");
    expect_200(fd, "");
    (void)close(fd);
}

static void program_is_confined(void **state)
{
    char path[64];
    struct buf status = { 0 };

    (void)state;
    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    assert_int_equal(file_read(path, 65536, &status, &err), 0);
    assert_non_null(strstr((char *)status.p, "\nSeccomp:\t2\n"));
    assert_non_null(strstr((char *)status.p, "\nNoNewPrivs:\t1\n"));
    buf_free(&status);
}

#define WITH_PROGRAM(test)                                                     \
    cmocka_unit_test_setup_teardown(test, program_start, program_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PROGRAM(post_reaches_the_core_as_it_is),
        WITH_PROGRAM(post_without_signature_has_an_empty_head),
        WITH_PROGRAM(overlong_signature_counts_as_none),
        WITH_PROGRAM(chunks_are_joined),
        WITH_PROGRAM(handshake_passes_the_raw_query),
        WITH_PROGRAM(notice_and_health_pass_their_path),
        WITH_PROGRAM(connection_serves_several_requests),
        WITH_PROGRAM(pipelined_requests_are_answered_in_order),
        WITH_PROGRAM(answers_find_their_requests_in_any_order),
        WITH_PROGRAM(body_of_3_mib_passes),
        WITH_PROGRAM(ambiguous_framing_is_400),
        WITH_PROGRAM(malformed_fields_are_400),
        WITH_PROGRAM(a_folded_field_is_400),
        WITH_PROGRAM(what_the_library_refuses_is_400_too),
        WITH_PROGRAM(doubled_signature_is_400),
        WITH_PROGRAM(announced_size_is_413_before_the_body),
        WITH_PROGRAM(size_of_chunks_is_413_while_counting),
        WITH_PROGRAM(framing_comes_before_size_and_size_before_path),
        WITH_PROGRAM(unknown_paths_are_404),
        WITH_PROGRAM(other_methods_are_405),
        WITH_PROGRAM(overlong_targets_and_headers_are_refused),
        WITH_PROGRAM(overload_is_503),
        WITH_PROGRAM(too_many_bytes_held_are_503),
        WITH_PROGRAM(small_bodies_get_in_when_the_room_is_full),
        WITH_PROGRAM(client_that_left_does_not_disturb_others),
        WITH_PROGRAM(answers_to_nobody_are_ignored),
        WITH_PROGRAM(core_that_breaks_a_rule_ends_the_program),
        WITH_PROGRAM(end_of_the_wire_answers_503_and_exits),
        WITH_PROGRAM(answers_before_the_end_of_the_wire_get_out),
        WITH_PROGRAM(signals_to_the_group_are_the_daemons_affair),
        WITH_PROGRAM(program_is_confined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

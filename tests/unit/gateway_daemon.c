/*
 * The daemon's side with the real program: open, answer, start again, close.
 * The program is taken from RESGUARDO_BUILD, else from `build`; a fake one is
 * this test itself under another name.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "gateway/wire.h"
#include "resguardo/gateway.h"

static struct error err;

/* Of 5 ms: against what hangs, not to measure. */
#define TRIES 60000

/* ---- fakes -------------------------------------------------------------- */

static void fake_silent(void)
{
    (void)frame_write(3, GATEWAY_READY, "", 0, &err);
    (void)signal(SIGTERM, SIG_IGN);
    for (;;)
        (void)pause();
}

/* Breaks a rule as soon as it is ready, after leaving a byte in PATH.log. */
static void fake_malformed(const char *path)
{
    char log[256];
    int fd;

    (void)snprintf(log, sizeof(log), "%s.log", path);
    fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    (void)fd_write_all(fd, "x", 1);
    (void)frame_write(3, GATEWAY_READY, "", 0, &err);
    (void)frame_write(3, GATEWAY_REQUEST, "x", 1, &err);
    (void)pause();
}

static void maybe_fake(const char *path)
{
    const char *name = strrchr(path, '/');

    name = name != NULL ? name + 1 : path;
    if (strcmp(name, "fake-silent") == 0)
        fake_silent();
    if (strcmp(name, "fake-malformed") == 0)
        fake_malformed(path);
    if (strcmp(name, "fake-exits") == 0)
        _exit(3);
}

static char *folder;

static int folder_setup(void **state)
{
    (void)state;
    folder = unit_folder_new();
    return 0;
}

static int folder_teardown(void **state)
{
    (void)state;
    unit_folder_free(folder);
    return 0;
}

static const char *fake(const char *name)
{
    static char path[256];
    char self[256] = { 0 };

    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    (void)snprintf(path, sizeof(path), "%s/fake-%s", folder, name);
    if (symlink(self, path) != 0)
        assert_int_equal(errno, EEXIST);
    return path;
}

static const char *program(void)
{
    static char path[256];
    const char *build = getenv("RESGUARDO_BUILD");

    (void)snprintf(path, sizeof(path), "%s/resguardo-gateway",
                   build != NULL ? build : "build");
    return path;
}

/* ---- the core: echoes, or keeps the id for later ------------------------ */

static uint64_t kept; /* atomic */

static void echo(void *arg, struct gateway *g, const struct gateway_request *r)
{
    (void)arg;
    gateway_answer(g, r->id, 200, CONTENT_JSON, r->body, r->body_len);
}

static void keep(void *arg, struct gateway *g, const struct gateway_request *r)
{
    (void)arg;
    (void)g;
    __atomic_store_n(&kept, r->id, __ATOMIC_SEQ_CST);
}

static uint64_t wait_kept(uint64_t other_than)
{
    for (int i = 0; i < TRIES; i++) {
        uint64_t id = __atomic_load_n(&kept, __ATOMIC_SEQ_CST);

        if (id != other_than)
            return id;
        (void)poll(NULL, 0, 5);
    }
    fail_msg("no request reached the core");
    return 0;
}

/* ---- clients ------------------------------------------------------------ */

static int client_ask(const struct gateway *g, const char *body)
{
    const struct timeval patience = { .tv_sec = 300 };
    struct sockaddr_in at = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char text[256];

    at.sin_port = htons((uint16_t)atoi(strrchr(gateway_address(g), ':') + 1));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)),
        0);
    (void)snprintf(text, sizeof(text),
                   "POST /webhook HTTP/1.1\r\nHost: a\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   strlen(body), body);
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    return fd;
}

/* Status of the answer, 0 when there was none; closes. */
static int client_status(int fd)
{
    char text[512];
    ssize_t got = recv(fd, text, sizeof(text) - 1, 0);

    (void)close(fd);
    if (got < 12)
        return 0;
    text[got] = '\0';
    return atoi(text + 9);
}

/* The child of this process; -1 when there is none. */
static pid_t child(void)
{
    char path[64];
    struct buf list = { 0 };
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    pid_t pid = -1;

    assert_non_null(tasks);
    while (pid < 0 && (task = readdir(tasks)) != NULL) {
        if (task->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "/proc/self/task/%.16s/children",
                       task->d_name);
        buf_reset(&list);
        if (file_read(path, 4096, &list, &err) == 0 && list.len > 0)
            pid = (pid_t)atoi((char *)list.p);
    }
    (void)closedir(tasks);
    buf_free(&list);
    return pid;
}

/* ---- tests -------------------------------------------------------------- */

static struct gateway *open_real(gateway_handler handler)
{
    struct gateway *g = NULL;

    if (gateway_open(&g, program(), "127.0.0.1:0", handler, NULL, &err) != 0)
        fail_msg("%s", err.text);
    return g;
}

static void request_is_answered(void **state)
{
    struct gateway *g = open_real(echo);

    (void)state;
    assert_int_equal(client_status(client_ask(g, "{}")), 200);
    gateway_close(&g);
    assert_null(g);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void address_is_the_one_really_bound(void **state)
{
    struct gateway *g = NULL;

    (void)state;
    assert_int_equal(
        gateway_open(&g, fake("silent"), "[::1]:0", echo, NULL, &err), 0);
    assert_memory_equal(gateway_address(g), "[::1]:", 6);
    assert_true(atoi(gateway_address(g) + 6) > 0);
    gateway_close(&g);
}

static void answer_may_come_from_another_thread_later(void **state)
{
    struct gateway *g = open_real(keep);
    int fd;

    (void)state;
    kept = UINT64_MAX;
    fd = client_ask(g, "{}");
    gateway_answer(g, wait_kept(UINT64_MAX), 401, CONTENT_TEXT, "no", 2);
    assert_int_equal(client_status(fd), 401);
    gateway_close(&g);
}

static void killed_gateway_is_started_again_on_the_same_port(void **state)
{
    struct gateway *g = open_real(echo);

    (void)state;
    assert_int_equal(client_status(client_ask(g, "{}")), 200);
    assert_int_equal(kill(child(), SIGKILL), 0);
    assert_int_equal(client_status(client_ask(g, "{}")), 200);
    gateway_close(&g);
}

static void late_answer_never_meets_a_request_of_the_next_gateway(void **state)
{
    struct gateway *g = open_real(keep);
    uint64_t first, second;
    int fd;

    (void)state;
    kept = UINT64_MAX;
    fd = client_ask(g, "{}");
    first = wait_kept(UINT64_MAX);
    assert_int_equal(kill(child(), SIGKILL), 0);
    assert_int_equal(client_status(fd), 0);

    fd = client_ask(g, "{}");
    second = wait_kept(first);
    gateway_answer(g, first, 500, CONTENT_TEXT, "", 0);
    gateway_answer(g, second, 200, CONTENT_TEXT, "", 0);
    assert_int_equal(client_status(fd), 200);
    gateway_close(&g);
}

static void waiting_requests_get_503_at_close(void **state)
{
    struct gateway *g = open_real(keep);
    int fd;

    (void)state;
    kept = UINT64_MAX;
    fd = client_ask(g, "{}");
    (void)wait_kept(UINT64_MAX);
    gateway_close(&g);
    assert_int_equal(client_status(fd), 503);
}

static void answers_given_before_close_get_out(void **state)
{
    struct gateway *g = open_real(keep);
    int fd;

    (void)state;
    kept = UINT64_MAX;
    fd = client_ask(g, "{}");
    gateway_answer(g, wait_kept(UINT64_MAX), 200, CONTENT_TEXT, "", 0);
    gateway_close(&g);
    assert_int_equal(client_status(fd), 200);
}

static void gateway_that_does_not_start_is_an_error(void **state)
{
    struct gateway *g = NULL;

    (void)state;
    assert_int_equal(
        gateway_open(&g, "/nonexistent", "127.0.0.1:0", echo, NULL, &err), -1);
    assert_int_equal(err.code, ERR_SANDBOX);
    assert_int_equal(
        gateway_open(&g, fake("exits"), "127.0.0.1:0", echo, NULL, &err), -1);
    assert_int_equal(err.code, ERR_SANDBOX);
    assert_null(g);
}

static void gateway_that_breaks_a_rule_is_replaced(void **state)
{
    struct gateway *g = NULL;
    struct buf log = { 0 };
    char path[256];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s.log", fake("malformed"));
    assert_int_equal(
        gateway_open(&g, fake("malformed"), "127.0.0.1:0", echo, NULL, &err),
        0);
    for (int i = 0; i < TRIES && log.len < 2; i++) {
        (void)poll(NULL, 0, 5);
        buf_reset(&log);
        assert_int_equal(file_read(path, 4096, &log, &err), 0);
    }
    assert_true(log.len >= 2);
    gateway_close(&g);
    buf_free(&log);
}

static void gateway_that_does_not_end_is_killed(void **state)
{
    struct gateway *g = NULL;

    (void)state;
    assert_int_equal(
        gateway_open(&g, fake("silent"), "127.0.0.1:0", echo, NULL, &err), 0);
    gateway_close(&g);
    assert_int_equal(child(), -1);
}

static void malformed_addresses_are_refused(void **state)
{
    static const char *const addresses[] = {
        "",           ":80",         "127.0.0.1",
        "127.0.0.1:", "::1:80",      "localhost:80",
        "[::1]80",    "127.0.0.1:x", "127.0.0.1:70000"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct gateway *g = NULL;

        assert_int_equal(
            gateway_open(&g, program(), addresses[i], echo, NULL, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_is_answered),
        cmocka_unit_test(address_is_the_one_really_bound),
        cmocka_unit_test(answer_may_come_from_another_thread_later),
        cmocka_unit_test(killed_gateway_is_started_again_on_the_same_port),
        cmocka_unit_test(late_answer_never_meets_a_request_of_the_next_gateway),
        cmocka_unit_test(waiting_requests_get_503_at_close),
        cmocka_unit_test(answers_given_before_close_get_out),
        cmocka_unit_test(gateway_that_does_not_start_is_an_error),
        cmocka_unit_test(gateway_that_breaks_a_rule_is_replaced),
        cmocka_unit_test(gateway_that_does_not_end_is_killed),
        cmocka_unit_test(malformed_addresses_are_refused),
    };

    if (argc > 0)
        maybe_fake(argv[0]);
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}

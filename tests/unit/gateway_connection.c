/* The clock of connections, on real sockets and a clock of the test's own. */
#include "unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include "gateway/connection.h"

/* A connected pair over TCP: the server's end and the client's. */
static void pair_open(int fds[2])
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    fds[1] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fds[1], (struct sockaddr *)&at, len), 0);
    fds[0] = accept(listener, NULL, NULL);
    assert_true(fds[0] >= 0);
    (void)close(listener);
}

/* Was the server's end shut down? */
static bool cut(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    assert_true(poll(&p, 1, 0) >= 0);
    return (p.revents & POLLHUP) != 0;
}

static struct gateway_connections all;
static struct gateway_connection *c;
static int fds[2];

static int setup(void **state)
{
    (void)state;
    pair_open(fds);
    c = gateway_connection_open(&all, fds[0], 1000);
    return c == NULL;
}

static int teardown(void **state)
{
    (void)state;
    gateway_connection_close(&all, c);
    c = NULL;
    (void)close(fds[0]);
    (void)close(fds[1]);
    return 0;
}

/* Bytes from the client that have arrived at the server's end. */
static void client_sends(const char *bytes)
{
    struct pollfd p = { .fd = fds[0], .events = POLLIN };
    char sink[64];

    assert_int_equal(send(fds[1], bytes, strlen(bytes), 0), strlen(bytes));
    assert_int_equal(poll(&p, 1, 60000), 1);
    assert_int_equal(recv(fds[0], sink, sizeof(sink), 0), strlen(bytes));
}

static void idle_connection_is_cut_after_60_seconds(void **state)
{
    (void)state;
    gateway_connection_sweep(&all, 1000 + 59999);
    assert_false(cut(fds[0]));
    gateway_connection_sweep(&all, 1000 + 60000);
    assert_true(cut(fds[0]));
}

static void request_is_cut_after_15_seconds(void **state)
{
    (void)state;
    assert_int_equal(gateway_connection_begin(c, 5000), 20000);
    gateway_connection_sweep(&all, 19999);
    assert_false(cut(fds[0]));
    gateway_connection_sweep(&all, 20000);
    assert_true(cut(fds[0]));
}

static void deadline_does_not_move_with_progress(void **state)
{
    (void)state;
    assert_int_equal(gateway_connection_begin(c, 5000), 20000);
    assert_int_equal(gateway_connection_begin(c, 9000), 20000);
}

static void half_a_first_line_starts_the_request(void **state)
{
    (void)state;
    client_sends("P");
    gateway_connection_sweep(&all, 2000);
    client_sends("O");
    gateway_connection_sweep(&all, 16999);
    assert_false(cut(fds[0]));
    gateway_connection_sweep(&all, 17000);
    assert_true(cut(fds[0]));
}

/* However late somebody looks: who waits for the core is told so first. */
static void answer_of_the_core_gets_two_seconds_at_least(void **state)
{
    (void)state;
    (void)gateway_connection_begin(c, 1000);
    gateway_connection_handed(c);
    gateway_connection_sweep(&all, 40000);
    assert_false(cut(fds[0]));
    gateway_connection_answered(c, 40000);
    gateway_connection_sweep(&all, 41999);
    assert_false(cut(fds[0]));
    gateway_connection_sweep(&all, 42000);
    assert_true(cut(fds[0]));
}

static void answer_in_time_has_the_time_of_its_request(void **state)
{
    (void)state;
    (void)gateway_connection_begin(c, 1000);
    gateway_connection_handed(c);
    gateway_connection_answered(c, 2000);
    gateway_connection_sweep(&all, 15999);
    assert_false(cut(fds[0]));
    gateway_connection_sweep(&all, 16000);
    assert_true(cut(fds[0]));
}

static void answered_connection_is_idle_again(void **state)
{
    (void)state;
    client_sends("GET");
    (void)gateway_connection_begin(c, 1000);
    gateway_connection_handed(c);
    gateway_connection_idle(c, 2000);
    gateway_connection_sweep(&all, 61999);
    assert_false(cut(fds[0]));
    gateway_connection_sweep(&all, 62000);
    assert_true(cut(fds[0]));
}

static void closed_connection_is_never_touched(void **state)
{
    (void)state;
    gateway_connection_close(&all, c);
    c = NULL;
    gateway_connection_sweep(&all, INT64_MAX / 2);
    assert_false(cut(fds[0]));
    gateway_connection_close(&all, NULL);
}

static void only_the_late_one_of_many_is_cut(void **state)
{
    struct gateway_connection *second;
    int other[2];

    (void)state;
    pair_open(other);
    second = gateway_connection_open(&all, other[0], 30000);
    gateway_connection_sweep(&all, 61000);
    assert_true(cut(fds[0]));
    assert_false(cut(other[0]));
    gateway_connection_close(&all, second);
    (void)close(other[0]);
    (void)close(other[1]);
}

static void past_the_most_the_longest_waiting_is_cut(void **state)
{
    struct gateway_connection *some[3];
    int more[3][2];

    (void)state;
    all.most = 3;
    for (int i = 0; i < 3; i++)
        pair_open(more[i]);

    /* A request at the core and a newcomer stay, however old. */
    (void)gateway_connection_begin(c, 1000);
    gateway_connection_handed(c);
    some[0] = gateway_connection_open(&all, more[0][0], 2000);
    some[1] = gateway_connection_open(&all, more[1][0], 3000);
    (void)gateway_connection_begin(some[0], 4000);
    some[2] = gateway_connection_open(&all, more[2][0], 5000);
    assert_false(cut(fds[0]));
    assert_false(cut(more[0][0]));
    assert_true(cut(more[1][0]));
    assert_false(cut(more[2][0]));
    assert_int_equal(all.n, 3);

    all.most = 0;
    for (int i = 0; i < 3; i++) {
        gateway_connection_close(&all, some[i]);
        (void)close(more[i][0]);
        (void)close(more[i][1]);
    }
    assert_int_equal(all.n, 1);
}

#define TIMED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TIMED(idle_connection_is_cut_after_60_seconds),
        TIMED(request_is_cut_after_15_seconds),
        TIMED(deadline_does_not_move_with_progress),
        TIMED(half_a_first_line_starts_the_request),
        TIMED(answer_of_the_core_gets_two_seconds_at_least),
        TIMED(answer_in_time_has_the_time_of_its_request),
        TIMED(answered_connection_is_idle_again),
        TIMED(closed_connection_is_never_touched),
        TIMED(only_the_late_one_of_many_is_cut),
        TIMED(past_the_most_the_longest_waiting_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

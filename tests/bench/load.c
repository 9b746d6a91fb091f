/*
 * Webhooks at full speed (closed loop: each connection sends its next when the
 * last was answered) or at a given rate (open loop: latency counts from the
 * moment a request was due, whether or not a connection was free). One thread,
 * epoll, bodies signed beforehand. One line of JSON on stdout.
 */
#include "bodies.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX      4096
#define CONNECTIONS_MAX 1024
#define STALLED_NS      INT64_C(30000000000)

struct connection {
    int fd;
    size_t request; /* in flight; SIZE_MAX: none */
    size_t sent;    /* of its bytes */
    int64_t due;    /* its latency counts from here */
    char answer[ANSWER_MAX];
    size_t got;
};

static struct {
    struct bodies bodies;
    struct connection connections[CONNECTIONS_MAX];
    size_t idle[CONNECTIONS_MAX], nidle, nconnections;
    size_t next, answered, acked;
    size_t total; /* requests: the bodies, times over */
    unsigned statuses[600];
    int64_t *latency; /* of acks, nanoseconds */
    int64_t start;
    double rate; /* 0: closed loop */
    int epoll;
    in_port_t port;
} load;

static int64_t now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
    (void)fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void connection_open(size_t i)
{
    struct connection *c = &load.connections[i];
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(load.port) };
    struct epoll_event ev = { .events = EPOLLIN, .data.u64 = i };
    int one = 1;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 ||
        connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
        die("connect");
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, c->fd, &ev) != 0)
        die("epoll_ctl");
    c->request = SIZE_MAX;
    c->got = 0;
}

/* A webhook fits the socket's buffer, so sending may block. */
static void request_send(struct connection *c, int64_t due)
{
    size_t i = load.next % load.bodies.count;
    const char *p = load.bodies.all + load.bodies.starts[i];
    size_t n = load.bodies.starts[i + 1] - load.bodies.starts[i];

    c->request = load.next++;
    c->due = due;
    c->got = 0;
    while (n > 0) {
        ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return; /* closed under us: its end of file tells */
        p += sent;
        n -= (size_t)sent;
    }
}

/* Length of the whole answer once its header is there, else 0. */
static size_t answer_size(struct connection *c, unsigned *status)
{
    const char *end, *length;

    c->answer[c->got] = '\0';
    end = strstr(c->answer, "\r\n\r\n");
    if (end == NULL || strncmp(c->answer, "HTTP/1.1 ", 9) != 0)
        return 0;
    *status = (unsigned)strtoul(c->answer + 9, NULL, 10) % 600;
    length = strcasestr(c->answer, "\r\nContent-Length:");
    if (length == NULL || length > end)
        return 0;
    return (size_t)(end + 4 - c->answer) + strtoul(length + 17, NULL, 10);
}

static void connection_idle(size_t i)
{
    load.connections[i].request = SIZE_MAX;
    if (load.rate > 0)
        load.idle[load.nidle++] = i;
    else if (load.next < load.total)
        request_send(&load.connections[i], now());
}

static void answer_take(size_t i, unsigned status)
{
    struct connection *c = &load.connections[i];

    load.answered++;
    load.statuses[status]++;
    if (status == 200)
        load.latency[load.acked++] = now() - c->due;
}

static void connection_read(size_t i)
{
    struct connection *c = &load.connections[i];
    ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_MAX - 1 - c->got, 0);
    unsigned status = 0;
    size_t size;

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        (void)close(c->fd);
        if (c->request != SIZE_MAX)
            answer_take(i, 0);
        connection_open(i);
        connection_idle(i);
        return;
    }
    c->got += (size_t)n;
    size = answer_size(c, &status);
    if (size == 0 || c->got < size || c->request == SIZE_MAX)
        return;
    answer_take(i, status);
    if (status >= 400) {
        (void)close(c->fd);
        connection_open(i);
    }
    connection_idle(i);
}

/* Open loop: sends what is due; nanoseconds until the next is. */
static int64_t send_due(void)
{
    for (;;) {
        int64_t due =
            load.start + (int64_t)((double)load.next / load.rate * 1e9);
        int64_t wait = due - now();

        if (load.next == load.total || load.nidle == 0)
            return 1000000000;
        if (wait > 0)
            return wait;
        request_send(&load.connections[load.idle[--load.nidle]], due);
    }
}

static void run(void)
{
    struct epoll_event events[256];
    int64_t last = now();

    load.start = now();
    for (size_t i = 0; i < load.nconnections; i++)
        connection_idle(i);
    while (load.answered < load.total) {
        int64_t wait = load.rate > 0 ? send_due() : 1000000000;
        struct timespec until = { .tv_sec = wait / 1000000000,
                                  .tv_nsec = wait % 1000000000 };
        int n = epoll_pwait2(load.epoll, events, 256, &until, NULL);

        if (n < 0 && errno != EINTR)
            die("epoll_pwait2");
        for (int e = 0; e < n; e++)
            connection_read(events[e].data.u64);
        if (n > 0)
            last = now();
        else if (now() - last > STALLED_NS) {
            errno = ETIMEDOUT;
            die("no answer");
        }
    }
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double quantile_us(double q)
{
    size_t i = (size_t)((double)load.acked * q);

    if (load.acked == 0)
        return 0;
    return (double)load.latency[i < load.acked ? i : load.acked - 1] / 1e3;
}

static void report(double seconds)
{
    const char *comma = "";

    qsort(load.latency, load.acked, sizeof(*load.latency), by_value);
    (void)printf("{\"acks\":%zu,\"seconds\":%.6f,\"rate\":%.1f,\"p50_us\":%.1f,"
                 "\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,"
                 "\"max_us\":%.1f,\"bytes\":%zu,\"other\":{",
                 load.acked, seconds, (double)load.acked / seconds,
                 quantile_us(0.5), quantile_us(0.9), quantile_us(0.99),
                 quantile_us(0.999), quantile_us(1),
                 load.bodies.starts[load.bodies.count]);
    for (unsigned s = 0; s < 600; s++)
        if (s != 200 && load.statuses[s] > 0) {
            (void)printf("%s\"%u\":%u", comma, s, load.statuses[s]);
            comma = ",";
        }
    (void)printf("}}\n");
}

static void usage(void)
{
    (void)fprintf(stderr,
                  "usage: load --port P --kind status|alien|photo --count N\n"
                  "            [--connections 64] [--rate R] [--seed S]\n"
                  "            [--first N] [--people N] [--media ID]\n"
                  "            [--secret TEXT] [--number ID] [--times 1]\n");
    exit(2);
}

static void options(int argc, char **argv, struct body_plan *plan)
{
    static const struct option names[] = {
        { "port", 1, NULL, 'p' },
        { "kind", 1, NULL, 'k' },
        { "count", 1, NULL, 'n' },
        { "connections", 1, NULL, 'c' },
        { "rate", 1, NULL, 'r' },
        { "seed", 1, NULL, 's' },
        { "first", 1, NULL, 'f' },
        { "people", 1, NULL, 'P' },
        { "media", 1, NULL, 'm' },
        { "secret", 1, NULL, 'S' },
        { "times", 1, NULL, 't' },
        { "number", 1, NULL, 'N' },
        { 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (c) {
        case 'p':
            load.port = (in_port_t)atoi(optarg);
            break;
        case 'n':
            plan->count = strtoull(optarg, NULL, 10);
            break;
        case 'c':
            load.nconnections = strtoull(optarg, NULL, 10);
            break;
        case 'r':
            load.rate = strtod(optarg, NULL);
            break;
        case 's':
            plan->seed = strtoull(optarg, NULL, 10);
            break;
        case 't':
            load.total = strtoull(optarg, NULL, 10);
            break;
        case 'f':
            plan->first = strtoull(optarg, NULL, 10);
            break;
        case 'P':
            plan->people = strtoull(optarg, NULL, 10);
            break;
        case 'm':
            plan->media_id = optarg;
            break;
        case 'S':
            plan->secret = optarg;
            break;
        case 'N':
            plan->number = optarg;
            break;
        case 'k':
            plan->kind = optarg[0] == 's'   ? BODY_STATUS
                         : optarg[0] == 'a' ? BODY_ALIEN
                                            : BODY_PHOTO;
            break;
        default:
            usage();
        }
    }
    if (load.port == 0 || plan->count == 0 || plan->people == 0 ||
        load.nconnections == 0 || load.nconnections > CONNECTIONS_MAX)
        usage();
}

int main(int argc, char **argv)
{
    struct body_plan plan = { .kind = BODY_STATUS,
                              .people = 5000,
                              .seed = 1,
                              .secret = "sim-app-secret",
                              .number = "106540352242922" };

    load.nconnections = 64;
    load.total = 1;
    options(argc, argv, &plan);
    load.total *= plan.count;
    bodies_make(&load.bodies, &plan);
    load.latency = calloc(load.total, sizeof(*load.latency));
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load.latency == NULL || load.epoll < 0)
        die("start");

    /* Sleeps end when they should, not 50 us later. */
    (void)prctl(PR_SET_TIMERSLACK, 1);
    for (size_t i = 0; i < load.nconnections; i++)
        connection_open(i);
    run();
    report((double)(now() - load.start) / 1e9);
    return 0;
}

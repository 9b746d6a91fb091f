/*
 * resguardo-gateway: the internet-facing process. It frames HTTP and nothing
 * else: no secret, no database, no file, no outgoing connection. See
 * resguardo/gateway.h for its wire to the daemon that spawns it.
 */
#include "server.h"
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Inherited descriptors. */
#define WIRE     3
#define LISTENER 4

/* Descriptors besides those of connections. */
#define OTHER_FILES (GATEWAY_GOING + 32u)
#define SWEEP_MS    250
/* What answers get to leave after the daemon has gone. */
#define DRAIN_MS    ((msec)1000)
#define DRAIN_TURNS 4u

/* What libmicrohttpd, the wire and the one thread that serves both need.
 * Nothing here makes a socket, opens a file or starts a thread; no fcntl,
 * because F_SETOWN and F_SETSIG send a signal to any process of our user. */
static const int gateway_syscalls[] = {
    SYS_read,         SYS_write,         SYS_close,
    SYS_accept4,      SYS_recvfrom,      SYS_sendto,
    SYS_sendmsg,      SYS_writev,        SYS_shutdown,
    SYS_setsockopt,   SYS_getsockopt,    SYS_epoll_ctl,
    SYS_epoll_wait,   SYS_epoll_pwait,   SYS_poll,
    SYS_futex,        SYS_clock_gettime, SYS_brk,
    SYS_mmap,         SYS_munmap,        SYS_mremap,
    SYS_mprotect,     SYS_madvise,       SYS_restart_syscall,
    SYS_rt_sigreturn, SYS_exit_group,    -1,
};

static struct gateway_server server;

/* Descriptors that connections may have: the limit of files can be lowered but
 * not raised past the hard one. */
static int room(unsigned *connections, struct error *err)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return error_errno(err, ERR_SANDBOX, "cannot read the limit NOFILE");
    *connections = LIMIT_GATEWAY_CONNECTIONS;
    if (files.rlim_max < *connections + OTHER_FILES)
        *connections = files.rlim_max > 2 * OTHER_FILES
                           ? (unsigned)files.rlim_max - OTHER_FILES
                           : OTHER_FILES;
    return 0;
}

static int confine(unsigned connections, struct error *err)
{
    struct sandbox box = { .syscalls = gateway_syscalls,
                           .open_files = connections + OTHER_FILES };

    return sandbox_enter(&box, err);
}

/* Repeats the core's answers that have come. 1: the wire has ended. */
static int take_answers(struct frame_reader *in, struct error *err)
{
    struct buf frame;
    uint8_t type;
    int rc = frame_fill(in, err), taken;

    while (rc == 0 && (taken = frame_take(in, &type, &frame, LIMIT_FRAME_BYTES,
                                          err)) != 0) {
        enum gateway_content content;
        const uint8_t *body;
        unsigned status;
        uint64_t id;
        size_t len;

        if (taken < 0)
            return -1;
        if (type != GATEWAY_ANSWER)
            return error_set(err, ERR_INPUT, "a frame of unknown type");
        if (gateway_answer_decode(&frame, &id, &status, &content, &body, &len,
                                  err) != 0)
            return -1;
        gateway_exchange_answer(&server.exchange, id, status, content, body,
                                len);
    }
    return rc;
}

/* Waits for something to do, at most until the next sweep. */
static int wait_for(struct pollfd *fds, nfds_t n, msec swept, struct error *err)
{
    int most = (int)(swept + SWEEP_MS - clock_monotonic());

    if (poll(fds, n, gateway_server_wait(&server, most > 0 ? most : 0)) < 0 &&
        errno != EINTR)
        return error_errno(err, ERR_INTERNAL, "wait for connections");
    return 0;
}

/* After a turn: where we were kept from running, what came meanwhile was read
 * and answered before anybody is cut. */
static void sweep(msec *swept)
{
    msec now = clock_monotonic();

    if (now - *swept < SWEEP_MS)
        return;
    gateway_exchange_expire(&server.exchange, now);
    gateway_connection_sweep(&server.connections, now);
    *swept = now;
}

/* Answers first: they make room. Until the wire ends. */
static int serve(struct error *err)
{
    struct frame_reader in = { .fd = WIRE, .flags = MSG_DONTWAIT };
    struct pollfd fds[] = {
        { .fd = WIRE }, { .fd = gateway_server_fd(&server), .events = POLLIN }
    };
    msec swept = clock_monotonic();
    int rc = 0;

    while (rc == 0) {
        fds[0].events =
            server.exchange.queue_len > 0 ? POLLIN | POLLOUT : POLLIN;
        rc = wait_for(fds, 2, swept, err);
        if (rc == 0 && (fds[0].revents & ~POLLOUT) != 0)
            rc = take_answers(&in, err);
        if (rc == 0)
            rc = gateway_server_turn(&server, err);
        if (rc == 0)
            rc = gateway_exchange_flush(&server.exchange, err);
        sweep(&swept);
    }
    frame_reader_free(&in);
    return rc < 0 ? -1 : 0;
}

/* Lets the last answers out: each gets a turn, however late that comes. */
static void drain(void)
{
    struct error err = { 0 };
    struct pollfd fd = { .fd = gateway_server_fd(&server), .events = POLLIN };
    msec end = clock_monotonic() + DRAIN_MS, swept = clock_monotonic();
    unsigned turns = 0;
    int rc = 0;

    gateway_server_close(&server);
    while (rc == 0 && server.exchange.unfinished > 0 &&
           (clock_monotonic() < end || turns < DRAIN_TURNS)) {
        rc = gateway_server_turn(&server, &err);
        sweep(&swept);
        turns++;
        if (rc == 0 && server.exchange.unfinished > 0)
            rc = wait_for(&fd, 1, swept, &err);
    }
}

/* The daemon alone ends us: a signal to its group is its own to handle. */
static void ignore_signals(void)
{
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
}

int main(void)
{
    const struct buf nothing = { 0 };
    struct error err = { 0 };
    unsigned connections;
    int status = 1;

    if (process_check_spawned(2, &err) != 0) {
        (void)fprintf(stderr, "resguardo-gateway: %s\n", err.text);
        return 2;
    }
    log_open("resguardo-gateway");
    ignore_signals();
    /* gmtime_r would open the time zone's file at the first Date field. */
    tzset();

    /* Nothing is accepted or read before the first turn. */
    if (process_harden(&err) != 0 || room(&connections, &err) != 0 ||
        gateway_server_start(&server, LISTENER, WIRE, connections, &err) != 0 ||
        confine(connections, &err) != 0)
        goto out;
    if (gateway_wire_send(WIRE, GATEWAY_READY, &nothing, &err) != 0)
        goto out;
    if (serve(&err) == 0)
        status = 0;
    drain();

out:
    if (status != 0)
        log_error("gateway_ended", &err);
    _exit(status);
}

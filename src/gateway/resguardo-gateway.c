/*
 * resguardo-gateway: the internet-facing process. It frames HTTP and nothing
 * else: no secret, no database, no file, no outgoing connection. See
 * resguardo/gateway.h for its wire to the daemon that spawns it.
 */
#include "server.h"
#include "wire.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Inherited descriptors. */
#define WIRE     3
#define LISTENER 4

/* Descriptors besides those of connections. */
#define OTHER_FILES 32u
#define SWEEP_MS    ((msec)250)
/* What answers get to leave after the daemon has gone. */
#define DRAIN_MS ((msec)1000)

/* What libmicrohttpd's thread, the wire and their locks need. Nothing here
 * makes a socket, opens a file or starts a thread; no fcntl, because F_SETOWN
 * and F_SETSIG send a signal to any process of our user. The last five are for
 * threads that have been made but do not run yet (libmicrohttpd's sets its
 * name). */
static const int gateway_syscalls[] = {
    SYS_read,
    SYS_write,
    SYS_close,
    SYS_accept4,
    SYS_recvfrom,
    SYS_sendto,
    SYS_sendmsg,
    SYS_writev,
    SYS_shutdown,
    SYS_setsockopt,
    SYS_getsockopt,
    SYS_epoll_ctl,
    SYS_epoll_wait,
    SYS_epoll_pwait,
    SYS_futex,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_brk,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_restart_syscall,
    SYS_rt_sigreturn,
    SYS_exit_group,
    SYS_exit,
    SYS_rseq,
    SYS_set_robust_list,
    SYS_rt_sigprocmask,
    SYS_prctl,
    -1,
};

static struct gateway_server server;

static void *writer_main(void *arg)
{
    (void)arg;
    gateway_exchange_write(&server.exchange);
    return NULL;
}

static void *watchdog_main(void *arg)
{
    const struct timespec pause = { .tv_nsec = SWEEP_MS * 1000000 };

    (void)arg;
    for (;;) {
        msec now = clock_monotonic();

        gateway_exchange_expire(&server.exchange, now);
        gateway_connection_sweep(&server.connections, now);
        (void)nanosleep(&pause, NULL);
    }
    return NULL;
}

/* All threads exist before the process is confined: later none can start. */
static int start_threads(struct error *err)
{
    pthread_t thread;

    if (gateway_server_start(&server, LISTENER, WIRE, err) != 0)
        return -1;
    if (pthread_create(&thread, NULL, writer_main, NULL) != 0 ||
        pthread_create(&thread, NULL, watchdog_main, NULL) != 0)
        return error_set(err, ERR_INTERNAL, "cannot start a thread");
    return 0;
}

/* The limit of files can be lowered but not raised past the hard one. */
static int confine(struct error *err)
{
    struct sandbox box = { .syscalls = gateway_syscalls,
                           .open_files =
                               LIMIT_GATEWAY_CONNECTIONS + OTHER_FILES };
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return error_errno(err, ERR_SANDBOX, "cannot read the limit NOFILE");
    if (files.rlim_max < box.open_files)
        box.open_files = (unsigned)files.rlim_max;
    return sandbox_enter(&box, err);
}

/* Repeats the core's answers until the wire ends. */
static int serve(struct error *err)
{
    struct buf frame = { 0 };
    uint8_t type;
    int rc;

    while ((rc = frame_read(WIRE, &type, &frame, LIMIT_FRAME_BYTES, err)) ==
           0) {
        enum gateway_content content;
        const uint8_t *body;
        unsigned status;
        uint64_t id;
        size_t len;

        if (type != GATEWAY_ANSWER)
            rc = error_set(err, ERR_INPUT, "a frame of unknown type");
        else
            rc = gateway_answer_decode(&frame, &id, &status, &content, &body,
                                       &len, err);
        if (rc != 0)
            break;
        gateway_exchange_answer(&server.exchange, id, status, content, body,
                                len);
    }
    buf_free(&frame);
    return rc < 0 ? -1 : 0;
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
    int status = 1;

    if (process_check_spawned(2, &err) != 0) {
        (void)fprintf(stderr, "resguardo-gateway: %s\n", err.text);
        return 2;
    }
    log_open("resguardo-gateway");
    ignore_signals();
    /* A second arena opens a file of /proc when it shrinks. */
    (void)mallopt(M_ARENA_MAX, 1);
    /* gmtime_r would open the time zone's file at the first Date field. */
    tzset();

    if (process_harden(&err) != 0 || start_threads(&err) != 0 ||
        confine(&err) != 0)
        goto out;
    gateway_server_open_gate(&server);
    if (gateway_wire_send(WIRE, GATEWAY_READY, &nothing, &err) != 0)
        goto out;
    if (serve(&err) == 0)
        status = 0;
    gateway_server_drain(&server, DRAIN_MS);

out:
    if (status != 0)
        log_error("gateway_ended", &err);
    _exit(status);
}

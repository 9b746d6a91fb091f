/* The daemon's side of a mother: start it, ask it, replace it. */
#include "mother.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nobody can take a file back while its worker waits for her; but to load
 * libmagic's data takes its time where others want the disk and the processor,
 * and another mother would not be quicker. */
#define ANSWER_MS ((msec)20 * MSEC_S)

bool inspect_mother_fit(const struct inspect_mother *m)
{
    struct pollfd p = { .fd = m->fd, .events = POLLIN };

    /* She has nothing to say unasked; one that ended is at its end of file. */
    return m->pid > 0 && m->judges < LIMIT_JUDGE_SIBLINGS &&
           clock_monotonic() - m->born < LIMIT_JUDGE_IDLE &&
           poll(&p, 1, 0) == 0;
}

void inspect_mother_end(struct inspect_mother *m)
{
    if (m->pid > 0) {
        (void)kill(m->pid, SIGKILL);
        while (waitpid(m->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (m->fd >= 0)
        (void)close(m->fd);
    *m = INSPECT_MOTHER_NONE;
}

static int start(struct inspect_mother *m, const char *program,
                 struct error *err)
{
    char *argv[] = { strdup(program), NULL };
    int pair[2] = { -1, -1 }, ok = -1;

    if (argv[0] == NULL) {
        (void)error_set(err, ERR_NOMEM, "no memory for a judge");
        goto out;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        (void)error_errno(err, ERR_INTERNAL, "socket pair for judges");
        goto out;
    }
    m->fd = pair[0];
    m->pid = process_spawn(program, argv, &pair[1], 1, err);
    m->born = clock_monotonic();
    ok = m->pid < 0 ? -1 : 0;
out:
    if (pair[1] >= 0)
        (void)close(pair[1]);
    free(argv[0]);
    if (ok != 0)
        inspect_mother_end(m);
    return ok;
}

/* One byte, and the judge's end of its socket. */
static int send_socket(const struct inspect_mother *m, int fd)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct iovec byte = { .iov_base = (char[]){ 0 }, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &byte,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof(control.room) };

    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
    return sendmsg(m->fd, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* The judge's process id, or her errno with its sign changed; -ETIMEDOUT and
 * -EPIPE when she says nothing. */
static int receive_pid(const struct inspect_mother *m)
{
    struct pollfd p = { .fd = m->fd, .events = POLLIN };
    msec until = clock_monotonic() + ANSWER_MS;
    int pid = 0, n = 0;

    while (n == 0 && clock_monotonic() < until) {
        n = poll(&p, 1, (int)(until - clock_monotonic()));
        if (n < 0 && errno == EINTR)
            n = 0;
    }
    if (n <= 0)
        return -ETIMEDOUT;
    if (recv(m->fd, &pid, sizeof(pid), MSG_DONTWAIT) != (ssize_t)sizeof(pid) ||
        pid == 0)
        return -EPIPE;
    return pid;
}

static pid_t ask(struct inspect_mother *m, int *fd, struct error *err)
{
    int pair[2], pid = -EPIPE;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        (void)error_errno(err, ERR_INTERNAL, "socket pair for a judge");
        return -1;
    }
    if (send_socket(m, pair[1]) == 0)
        pid = receive_pid(m);
    (void)close(pair[1]);
    if (pid > 0) {
        m->judges++;
        *fd = pair[0];
        return pid;
    }
    (void)close(pair[0]);
    errno = -pid;
    (void)error_errno(err, ERR_INTERNAL, "cannot start a judge");
    return -1;
}

pid_t inspect_mother_bear(struct inspect_mother *m, const char *program,
                          int *fd, struct error *err)
{
    pid_t pid;

    if (!inspect_mother_fit(m)) {
        inspect_mother_end(m);
        if (start(m, program, err) != 0)
            return -1;
    }
    pid = ask(m, fd, err);
    if (pid < 0)
        inspect_mother_end(m);
    return pid;
}

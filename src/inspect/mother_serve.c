/* The program's side of a mother: a judge for each socket that comes. */
#include "mother.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* To the daemon; in a judge, its own. */
#define WIRE 3

/* -1: the daemon is gone, or sent no socket. */
static int receive_socket(void)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    char byte;
    struct iovec part = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof(control.room) };
    int fd;

    if (recvmsg(WIRE, &message, MSG_CMSG_CLOEXEC) != 1 ||
        message.msg_controllen < CMSG_LEN(sizeof(int)) ||
        control.head.cmsg_type != SCM_RIGHTS)
        return -1;
    memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
    return fd;
}

/* A judge dies with the daemon, who may be dead before the kernel knew. */
static int become_judge(int fd, pid_t daemon)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != daemon ||
        dup3(fd, WIRE, 0) < 0)
        return -1;
    return close(fd);
}

int inspect_mother_serve(void)
{
    pid_t daemon = getppid();

    for (;;) {
        int fd = receive_socket(), answer;

        if (fd < 0)
            _exit(0);
        /* As a fork does it, but that the daemon is the parent: it waits for
         * the judge and nobody else can. No handler of the C library's runs,
         * and none is needed with one thread and no open stream. */
        answer = (int)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (answer == 0)
            return become_judge(fd, daemon);
        if (answer < 0)
            answer = -errno;
        (void)close(fd);
        if (write(WIRE, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
            _exit(0);
    }
}

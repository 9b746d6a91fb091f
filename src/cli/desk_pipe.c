/*
 * desk-pipe: what ssh runs on the desk's machine. Copies bytes between stdin,
 * stdout and the desk's socket, and knows nothing of them: they are requests,
 * sealed files and lists, as the socket would carry them for anybody here.
 */
#include "cli.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define COPY_SIZE 65536u

/* To the end of `from`; -1 with errno when either breaks. */
static int copy(int from, int to)
{
    uint8_t bytes[COPY_SIZE];

    for (;;) {
        ssize_t got = read(from, bytes, sizeof(bytes));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        if (fd_write_all(to, bytes, (size_t)got) != 0)
            return -1;
    }
}

/* The client's half ends alone: the desk may still be answering. */
static void *copy_requests(void *arg)
{
    const int *fd = arg;

    (void)copy(STDIN_FILENO, *fd);
    (void)shutdown(*fd, SHUT_WR);
    return NULL;
}

static int connect_desk(const char *path, struct error *e)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if (ssh_is(path))
        return error_set(e, ERR_USAGE,
                         "desk-pipe goes to a socket of this "
                         "machine");
    if (strlen(path) >= sizeof(address.sun_path))
        return error_set(e, ERR_USAGE, "the path of the socket is too long");
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (errno == EACCES || errno == EPERM)
        (void)error_set(e, ERR_NOT_PERMITTED,
                        "you may not use the socket of the desk at %s", path);
    else
        (void)error_errno(e, ERR_NETWORK, "cannot reach the daemon at %s",
                          path);
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* When the desk has ended, nothing that still comes has an answer: the process
 * ends, and with it the thread that copies and its socket. */
int desk_pipe_run(const struct cli *cli, struct error *e)
{
    static int fd;
    pthread_t requests;

    fd = connect_desk(cli->socket, e);
    if (fd < 0)
        return -1;
    if (pthread_create(&requests, NULL, copy_requests, &fd) != 0)
        return error_set(e, ERR_NOMEM, "no thread to copy requests");
    (void)pthread_detach(requests);
    return copy(fd, STDOUT_FILENO) == 0
               ? 0
               : error_errno(e, ERR_NETWORK, "the pipe to the desk broke");
}

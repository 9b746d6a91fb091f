/* A local command that takes an event: no words, no shell, JSON on stdin. */
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_GENTLY (2 * MSEC_S)

extern char **environ;

/* Its stdout goes where our words go: ours is for data. */
static int prepare(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr,
                   int in)
{
    sigset_t all, none;

    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    return posix_spawn_file_actions_adddup2(files, in, STDIN_FILENO) == 0 &&
                   posix_spawn_file_actions_adddup2(files, STDERR_FILENO,
                                                    STDOUT_FILENO) == 0 &&
                   posix_spawnattr_setsigdefault(attr, &all) == 0 &&
                   posix_spawnattr_setsigmask(attr, &none) == 0 &&
                   posix_spawnattr_setpgroup(attr, 0) == 0 &&
                   posix_spawnattr_setflags(
                       attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                 POSIX_SPAWN_SETPGROUP) == 0
               ? 0
               : -1;
}

/* A group of its own, so that what it started ends with it. */
static pid_t start(const char *path, int in, struct error *e)
{
    char *argv[] = { strdup(path), NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    int number = ENOMEM;
    pid_t pid = -1;

    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawnattr_init(&attr);
    if (argv[0] != NULL && prepare(&files, &attr, in) == 0)
        number = posix_spawn(&pid, path, &files, &attr, argv, environ);
    if (number != 0) {
        pid = -1;
        (void)error_set(e, ERR_NETWORK, "cannot run %s: %s", path,
                        strerror(number));
    }
    (void)posix_spawnattr_destroy(&attr);
    (void)posix_spawn_file_actions_destroy(&files);
    free(argv[0]);
    return pid;
}

static void end(pid_t pid, int fd)
{
    struct pollfd gone = { .fd = fd, .events = POLLIN };

    (void)kill(-pid, SIGTERM);
    (void)poll(&gone, 1, (int)END_GENTLY);
    (void)kill(-pid, SIGKILL);
}

/* Until it ended by itself; true when it had to be ended. */
static bool wait_for(pid_t pid)
{
    struct pollfd fds[2] = { { .fd = pidfd_open(pid, 0), .events = POLLIN },
                             { .fd = stop_fd(), .events = POLLIN } };
    msec until = clock_monotonic() + LIMIT_HANDOUT_S * MSEC_S, now;
    bool late = true;

    while (fds[0].fd >= 0 && (now = clock_monotonic()) < until) {
        (void)poll(fds, 2, (int)(until - now));
        if ((fds[0].revents & POLLIN) != 0) {
            late = false;
            break;
        }
        if ((fds[1].revents & POLLIN) != 0)
            break;
    }
    if (late)
        end(pid, fds[0].fd);
    if (fds[0].fd >= 0)
        (void)close(fds[0].fd);
    return late;
}

static int verdict(const char *path, int status, bool late, struct error *e)
{
    if (late)
        return error_set(e, ERR_NETWORK, "%s did not end in time", path);
    if (WIFSIGNALED(status))
        return error_set(e, ERR_NETWORK, "%s died of signal %d", path,
                         WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return error_set(e, ERR_NETWORK, "%s ended with %d", path,
                         WEXITSTATUS(status));
    return 0;
}

int runner_run(const char *path, const struct buf *body, struct error *e)
{
    int ends[2] = { -1, -1 }, status = 0, ok = -1;
    bool late;
    pid_t pid;

    /* An event is shorter than what a pipe takes at once. */
    if (pipe2(ends, O_CLOEXEC) != 0 ||
        fcntl(ends[1], F_SETPIPE_SZ, (int)LIMIT_EVENT_BYTES) < 0 ||
        fd_write_all(ends[1], body->p, body->len) != 0) {
        (void)error_errno(e, ERR_IO, "cannot hand an event to %s", path);
        goto out;
    }
    (void)close(ends[1]);
    ends[1] = -1;
    pid = start(path, ends[0], e);
    if (pid < 0)
        goto out;
    late = wait_for(pid);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    ok = verdict(path, status, late, e);
out:
    for (size_t i = 0; i < 2; i++)
        if (ends[i] >= 0)
            (void)close(ends[i]);
    return ok;
}

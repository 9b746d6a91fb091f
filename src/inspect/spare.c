/* A judge that is started ahead and waits for its one file. */
#include "spare.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A judge has nothing to say before its file, and none that ended waits. */
static bool is_quiet(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) == 0;
}

bool inspect_spare_fit(const struct inspect_spare *s)
{
    return s->pid > 0 && clock_monotonic() - s->born < LIMIT_JUDGE_IDLE &&
           is_quiet(s->fd) && is_quiet(s->pidfd);
}

void inspect_spare_end(struct inspect_spare *s)
{
    if (s->pid > 0) {
        (void)kill(s->pid, SIGKILL);
        while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (s->pidfd >= 0)
        (void)close(s->pidfd);
    if (s->fd >= 0)
        (void)close(s->fd);
    *s = INSPECT_SPARE_NONE;
}

static int start(struct inspect_spare *s, const char *program,
                 struct error *err)
{
    char *argv[] = { strdup(program), NULL };
    int pair[2] = { -1, -1 }, ok = -1;

    if (argv[0] == NULL) {
        (void)error_set(err, ERR_NOMEM, "no memory for a judge");
        goto out;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        (void)error_errno(err, ERR_INTERNAL, "socket pair for a judge");
        goto out;
    }
    s->fd = pair[0];
    s->pid = process_spawn(program, argv, &pair[1], 1, err);
    if (s->pid < 0)
        goto out;
    s->pidfd = pidfd_open(s->pid, 0);
    if (s->pidfd < 0) {
        (void)error_errno(err, ERR_INTERNAL, "descriptor of a judge");
        goto out;
    }
    s->born = clock_monotonic();
    ok = 0;

out:
    if (pair[1] >= 0)
        (void)close(pair[1]);
    free(argv[0]);
    if (ok != 0)
        inspect_spare_end(s);
    return ok;
}

int inspect_spare_keep(struct inspect_spare *s, const char *program,
                       struct error *err)
{
    if (inspect_spare_fit(s))
        return 0;
    inspect_spare_end(s);
    return start(s, program, err);
}

/* A judge that is started ahead and waits for its one file. */
#include "mother.h"
#include "spare.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
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

static void judge_end(struct inspect_spare *s)
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
    inspect_spare_take(s);
}

void inspect_spare_end(struct inspect_spare *s)
{
    judge_end(s);
    inspect_mother_end(&s->mother);
}

int inspect_spare_keep(struct inspect_spare *s, const char *program,
                       struct error *err)
{
    if (inspect_spare_fit(s))
        return 0;
    judge_end(s);
    s->pid = inspect_mother_bear(&s->mother, program, &s->fd, err);
    if (s->pid < 0)
        return -1;
    /* What it was made of is as old as she is. */
    s->born = s->mother.born;
    s->pidfd = pidfd_open(s->pid, 0);
    if (s->pidfd >= 0)
        return 0;
    (void)error_errno(err, ERR_INTERNAL, "descriptor of a judge");
    inspect_spare_end(s);
    return -1;
}

void inspect_spare_take(struct inspect_spare *s)
{
    struct inspect_mother mother = s->mother;

    *s = INSPECT_SPARE_NONE;
    s->mother = mother;
}

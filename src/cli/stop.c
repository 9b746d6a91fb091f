/* Signals that end a long command between two of its steps. */
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* What a handler may do is write a byte; who waits, waits for it. */
static int ends[2] = { -1, -1 };

static void on_signal(int number)
{
    int saved = errno;

    (void)number;
    (void)!write(ends[1], "", 1);
    errno = saved;
}

int stop_listen(struct error *e)
{
    struct sigaction action = { .sa_handler = on_signal };

    (void)sigemptyset(&action.sa_mask);
    if (ends[0] < 0 && pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_errno(e, ERR_IO, "cannot listen for signals");
    if (sigaction(SIGTERM, &action, NULL) != 0 ||
        sigaction(SIGINT, &action, NULL) != 0)
        return error_errno(e, ERR_IO, "cannot listen for signals");
    return 0;
}

int stop_fd(void)
{
    return ends[0];
}

void stop_wait(msec wait)
{
    struct pollfd fd = { .fd = ends[0], .events = POLLIN };
    msec until = clock_monotonic() + wait, now;

    /* A signal interrupts the wait; whether it was one of ours shows next. */
    while ((now = clock_monotonic()) < until) {
        if (poll(&fd, 1, (int)(until - now)) > 0 || ends[0] < 0)
            return;
    }
}

bool stop_asked(void)
{
    struct pollfd fd = { .fd = ends[0], .events = POLLIN };

    return poll(&fd, 1, 0) > 0;
}

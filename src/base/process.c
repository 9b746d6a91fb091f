/* Helper programs: spawning one, and hardening oneself. */
#include "resguardo/base.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FDS_MAX  8u
#define FIRST_FD 3

/* What the child needs, all prepared before: until it has executed its program
 * it shares our memory (vfork), so it calls nothing but the kernel and writes
 * nothing but its own copy of this. */
struct plan {
    const char *path;
    char *const *argv;
    int fds[FDS_MAX];
    size_t nfds;
    int null, report; /* /dev/null; the pipe that tells why exec failed */
    pid_t parent;
};

/* A helper starts with default signals, whatever the daemon ignores. */
static void child_signals(void)
{
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int i = 1; i < NSIG; i++)
        (void)sigaction(i, &action, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Moves descriptors to their places: first all of them out of the way, then
 * each to its own, then everything above is marked to close at exec. */
static int child_descriptors(struct plan *p)
{
    int above = FIRST_FD + (int)p->nfds;

    p->report = fcntl(p->report, F_DUPFD_CLOEXEC, above);
    p->null = fcntl(p->null, F_DUPFD_CLOEXEC, above);
    if (p->report < 0 || p->null < 0)
        return -1;
    for (size_t i = 0; i < p->nfds; i++) {
        p->fds[i] = fcntl(p->fds[i], F_DUPFD_CLOEXEC, above);
        if (p->fds[i] < 0)
            return -1;
    }

    for (size_t i = 0; i < p->nfds; i++)
        if (dup2(p->fds[i], FIRST_FD + (int)i) < 0)
            return -1;
    if (dup2(p->null, STDIN_FILENO) < 0 || dup2(p->null, STDOUT_FILENO) < 0)
        return -1;
    return close_range((unsigned)above, ~0u, CLOSE_RANGE_CLOEXEC);
}

static _Noreturn void child_run(const struct plan *plan)
{
    char *const environment[] = { NULL };
    struct plan p = *plan;
    int number;

    /* The daemon may have died before the kernel knew our wish. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == p.parent &&
        child_descriptors(&p) == 0) {
        child_signals();
        (void)execve(p.path, p.argv, environment);
    }
    number = errno;
    (void)!write(p.report, &number, sizeof(number));
    _exit(127);
}

/* With all signals blocked, so that no handler of ours runs in the child.
 * vfork: copying the page tables of a daemon that works costs more than the
 * helper's own start, and stalls every thread that faults meanwhile. */
static pid_t fork_child(const struct plan *p)
{
    sigset_t all, before;
    pid_t pid;
    int number;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = vfork();
    if (pid == 0)
        child_run(p);
    number = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = number;
    return pid;
}

/* Waits until the child has executed its program (end of file) or has said
 * why not (an errno); that child is then gone. */
static int wait_exec(pid_t pid, int report)
{
    int number = 0;

    if (fd_read_all(report, &number, sizeof(number)) != 0)
        return 0;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    errno = number;
    return -1;
}

pid_t process_spawn(const char *path, char *const argv[], const int *fds,
                    size_t nfds, struct error *e)
{
    struct plan p = { .path = path, .argv = argv, .parent = getpid() };
    int pipe_fds[2] = { -1, -1 };
    pid_t pid = -1;

    if (nfds > FDS_MAX) {
        (void)error_set(e, ERR_INTERNAL, "too many descriptors for %s", path);
        return -1;
    }
    for (p.nfds = 0; p.nfds < nfds; p.nfds++)
        p.fds[p.nfds] = fds[p.nfds];

    p.null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (p.null < 0 || pipe2(pipe_fds, O_CLOEXEC) != 0) {
        (void)error_errno(e, ERR_IO, "cannot prepare %s", path);
        goto out;
    }
    p.report = pipe_fds[1];
    pid = fork_child(&p);
    (void)close(pipe_fds[1]);
    pipe_fds[1] = -1;
    if (pid < 0 || wait_exec(pid, pipe_fds[0]) != 0) {
        (void)error_errno(e, ERR_IO, "cannot start %s", path);
        pid = -1;
    }
out:
    for (size_t i = 0; i < 2; i++)
        if (pipe_fds[i] >= 0)
            (void)close(pipe_fds[i]);
    if (p.null >= 0)
        (void)close(p.null);
    return pid;
}

int process_check_spawned(size_t n, struct error *e)
{
    for (size_t i = 0; i < n; i++) {
        int type;
        socklen_t len = sizeof(type);

        if (getsockopt(FIRST_FD + (int)i, SOL_SOCKET, SO_TYPE, &type, &len) !=
            0)
            return error_set(e, ERR_USAGE, "only resguardod starts this");
    }
    return 0;
}

int process_harden(struct error *e)
{
    const struct rlimit none = { 0, 0 };

    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return error_errno(e, ERR_SANDBOX, "cannot switch off core dumps");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return error_errno(e, ERR_SANDBOX, "cannot become undumpable");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_errno(e, ERR_SANDBOX, "cannot give up new privileges");
    return 0;
}

unsigned process_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return (unsigned)CPU_COUNT(&set);
}

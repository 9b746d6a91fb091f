/* Helper programs: how they start, and what a sandbox takes from them. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "resguardo/base.h"

/* ---- process_spawn ------------------------------------------------------ */

/* Runs a shell line whose descriptor 3 is a pipe; gives what it wrote. */
static void shell_says(const char *script, struct buf *out)
{
    char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, strdup(script),
                     NULL };
    int pipe_fds[2], status;
    struct error e = { 0 };
    uint8_t byte;
    pid_t pid;

    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    pid = process_spawn("/bin/sh", argv, &pipe_fds[1], 1, &e);
    assert_true(pid > 0);
    (void)close(pipe_fds[1]);
    while (read(pipe_fds[0], &byte, 1) == 1)
        assert_int_equal(buf_add(out, &byte, 1), 0);
    assert_int_equal(buf_add(out, "", 0), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)close(pipe_fds[0]);
    free(argv[2]);
}

static void a_helper_gets_its_descriptors_and_no_other(void **state)
{
    int leak = open("/dev/null", O_RDONLY); /* not close-on-exec */
    struct buf out = { 0 };

    (void)state;
    assert_true(leak >= 0);
    /* 4 is the folder that ls itself has open. */
    shell_says("exec ls /proc/self/fd >&3", &out);
    assert_string_equal((const char *)out.p, "0\n1\n2\n3\n4\n");
    buf_reset(&out);
    shell_says("x=$(readlink /proc/$$/fd/0 /proc/$$/fd/1); echo \"$x\" >&3",
               &out);
    assert_string_equal((const char *)out.p, "/dev/null\n/dev/null\n");
    (void)close(leak);
    buf_free(&out);
}

static void a_helper_gets_an_empty_environment(void **state)
{
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(setenv("RESGUARDO_CANARY", "1", 1), 0);
    shell_says("cat /proc/$$/environ >&3", &out);
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static void a_helper_starts_with_default_signals(void **state)
{
    struct buf out = { 0 };
    sigset_t block;

    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&block);
    (void)sigaddset(&block, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &block, NULL);
    /* Signals 32 and 33 are the C library's own. */
    shell_says("sed -nE 's/^SigIgn:.*[08](0{7})$/\\1/p; "
               "s/^SigBlk:.*(0{16})$/\\1/p' /proc/self/status >&3",
               &out);
    assert_string_equal((const char *)out.p, "0000000000000000\n0000000\n");
    (void)sigprocmask(SIG_UNBLOCK, &block, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    buf_free(&out);
}

/* Descriptors handed over in crossed order land in the order asked for. */
static void descriptors_keep_their_order(void **state)
{
    char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" },
                     (char[]){ "echo one >&3; echo two >&4" }, NULL };
    int a[2], b[2], fds[2], status;
    char text[8] = { 0 };
    struct error e = { 0 };
    pid_t pid;

    (void)state;
    assert_int_equal(pipe2(a, O_CLOEXEC), 0);
    assert_int_equal(pipe2(b, O_CLOEXEC), 0);
    fds[0] = b[1];
    fds[1] = a[1];
    pid = process_spawn("/bin/sh", argv, fds, 2, &e);
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(read(b[0], text, sizeof(text)), 4);
    assert_memory_equal(text, "one\n", 4);
    assert_int_equal(read(a[0], text, sizeof(text)), 4);
    assert_memory_equal(text, "two\n", 4);
    for (size_t i = 0; i < 2; i++) {
        (void)close(a[i]);
        (void)close(b[i]);
    }
}

static void a_missing_program_is_an_error_and_leaves_no_child(void **state)
{
    char *argv[] = { (char[]){ "/nonexistent" }, NULL };
    struct error e = { 0 };

    (void)state;
    assert_int_equal(process_spawn("/nonexistent", argv, NULL, 0, &e), -1);
    assert_int_equal(e.code, ERR_IO);
    assert_string_equal(e.text, "cannot start /nonexistent: No such file or "
                                "directory");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* A process in between spawns a helper that would live for a minute, and
 * dies: the helper's end of the pipe must close. */
static void a_helper_dies_with_its_parent(void **state)
{
    char *argv[] = { (char[]){ "/bin/sleep" }, (char[]){ "60" }, NULL };
    int pipe_fds[2];
    struct pollfd wait;
    pid_t between;

    (void)state;
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    between = fork();
    if (between == 0) {
        struct error e;

        _exit(process_spawn("/bin/sleep", argv, &pipe_fds[1], 1, &e) > 0 ? 7
                                                                         : 1);
    }
    (void)close(pipe_fds[1]);
    wait = (struct pollfd){ .fd = pipe_fds[0], .events = POLLIN };
    assert_int_equal(poll(&wait, 1, 20000), 1);
    assert_true(wait.revents & POLLHUP);
    assert_int_equal(waitpid(between, NULL, 0), between);
    (void)close(pipe_fds[0]);
}

/* ---- sandbox ------------------------------------------------------------ */

/* What a small C program cannot do without. */
static const int few[] = {
    SYS_read,    SYS_write, SYS_exit_group,     SYS_exit,
    SYS_brk,     SYS_mmap,  SYS_munmap,         SYS_mprotect,
    SYS_madvise, SYS_futex, SYS_rt_sigprocmask, -1
};

/* Runs body in a confined child and gives the status of waitpid. */
static int confined(void (*body)(void))
{
    const struct sandbox s = { few, (size_t)512 << 20, 16, 0, false };
    int status;
    pid_t pid;

    (void)fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct error e;

        if (process_harden(&e) != 0 || sandbox_enter(&s, &e) != 0)
            _exit(99);
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void killed(void (*body)(void))
{
    int status = confined(body);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
    assert_false(WCOREDUMP(status));
}

static void do_listed(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED || munmap(p, 4096) != 0)
        _exit(1);
    free(malloc(1 << 20));
}

static void listed_calls_go_on(void **state)
{
    int status = confined(do_listed);

    (void)state;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void do_open(void)
{
    (void)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static void do_socket(void)
{
    (void)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static void do_exec(void)
{
    (void)syscall(SYS_execve, "/bin/true", NULL, NULL);
}

static void do_fork(void)
{
    (void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void do_getppid(void)
{
    (void)syscall(SYS_getppid);
}

static void unlisted_calls_kill(void **state)
{
    (void)state;
    killed(do_open);
    killed(do_socket);
    killed(do_exec);
    killed(do_fork);
    killed(do_getppid);
}

static void do_mmap_exec(void)
{
    (void)syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void do_mprotect_exec(void)
{
    static char page[8192];
    uintptr_t at = ((uintptr_t)page + 4095) & ~(uintptr_t)4095;

    (void)syscall(SYS_mprotect, at, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static void executable_memory_kills(void **state)
{
    (void)state;
    killed(do_mmap_exec);
    killed(do_mprotect_exec);
}

/* ---- calls that some arguments make dangerous --------------------------- */

static const int with_sockets[] = { SYS_exit_group, SYS_shutdown,
                                    SYS_sendto,     SYS_sendmsg,
                                    SYS_setsockopt, SYS_prctl,
                                    SYS_write,      -1 };

static int listener; /* made before the filter */

static int confined_with_sockets(void (*body)(void))
{
    const struct sandbox s = { with_sockets, 0, 16, 0, false };
    struct sockaddr_in any = { .sin_family = AF_INET };
    int status;
    pid_t pid;

    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&any, sizeof(any)), 0);
    assert_int_equal(listen(listener, 1), 0);
    (void)fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct error e;

        if (process_harden(&e) != 0 || sandbox_enter(&s, &e) != 0)
            _exit(99);
        body();
        _exit(0);
    }
    (void)close(listener);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* A listening socket that is shut down connects by sending. */
static void do_fastopen(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)shutdown(listener, SHUT_RDWR);
    (void)sendto(listener, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to,
                 sizeof(to));
}

static void do_fastopen_message(void)
{
    struct msghdr message = { 0 };

    (void)sendmsg(listener, &message, MSG_FASTOPEN);
}

static void do_socket_option(void)
{
    int one = 1;

    (void)setsockopt(listener, SOL_SOCKET, SO_DEBUG, &one, sizeof(one));
}

static void do_outlive(void)
{
    (void)syscall(SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0);
}

static void do_become_dumpable(void)
{
    (void)syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void do_harmless(void)
{
    int one = 1;

    (void)setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    (void)syscall(SYS_prctl, PR_SET_NAME, "worker", 0, 0, 0);
    (void)sendto(listener, "x", 1, MSG_NOSIGNAL | MSG_MORE, NULL, 0);
}

static void dangerous_arguments_kill(void **state)
{
    static void (*const bodies[])(void) = { do_fastopen, do_fastopen_message,
                                            do_socket_option, do_outlive,
                                            do_become_dumpable };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        int status = confined_with_sockets(bodies[i]);

        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
    }
    assert_int_equal(confined_with_sockets(do_harmless), 0);
}

/* The sanitizers' runtime reports on stderr, so that the rule is not there. */
static void only_one_descriptor_is_written_to(void **state)
{
#if defined(__SANITIZE_ADDRESS__)
    (void)state;
    skip();
#else
    const struct sandbox s = { few, 0, 16, 7, false };
    int pair[2], status;
    pid_t pid;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(pair), 0);
        assert_int_equal(dup2(pair[1], 7), 7);
        (void)fflush(NULL);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct error e;

            if (process_harden(&e) != 0 || sandbox_enter(&s, &e) != 0)
                _exit(99);
            _exit(write(i == 0 ? 7 : pair[1], "x", 1) == 1 ? 0 : 1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        (void)close(pair[0]);
        (void)close(pair[1]);
        assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                         i == 0 ? 0 : SIGSYS);
    }
    (void)close(7);
#endif
}

/* ---- one that forks ----------------------------------------------------- */

static const int forking[] = { SYS_read,         SYS_write,    SYS_exit_group,
                               SYS_exit,         SYS_brk,      SYS_mmap,
                               SYS_munmap,       SYS_mprotect, SYS_madvise,
                               SYS_futex,        SYS_clone,    SYS_wait4,
                               SYS_rt_sigreturn, SYS_prctl,    SYS_mremap,
                               SYS_getpid,       SYS_getppid,  -1 };

/* Runs body in a process of a confined one; the first is its parent's child
 * too, so that we wait for both. The status of the second. */
static int confined_sibling(int flags, void (*body)(void))
{
    const struct sandbox s = { forking, (size_t)512 << 20, 16, 0, true };
    int report[2], status, pid = 0;
    pid_t mother;

    assert_int_equal(pipe(report), 0);
    (void)fflush(NULL);
    mother = fork();
    assert_true(mother >= 0);
    if (mother == 0) {
        struct error e;

        if (process_harden(&e) != 0 || sandbox_enter(&s, &e) != 0)
            _exit(99);
        pid = (int)syscall(SYS_clone, flags, 0, 0, 0, 0);
        if (pid == 0) {
            body();
            _exit(0);
        }
        _exit(write(report[1], &pid, sizeof(pid)) == sizeof(pid) ? 0 : 98);
    }
    (void)close(report[1]);
    assert_int_equal(waitpid(mother, &status, 0), mother);
    if (read(report[0], &pid, sizeof(pid)) == sizeof(pid) && pid > 0)
        assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)close(report[0]);
    return status;
}

/* As strict as if it had been the first; what the first forbids, it cannot
 * allow. */
static void enter_again(void)
{
    static const int more[] = { SYS_read, SYS_write,  SYS_exit_group, SYS_brk,
                                SYS_mmap, SYS_munmap, SYS_openat,     -1 };
    const struct sandbox s = { more, (size_t)512 << 20, 16, 0, false };
    struct error e;

    if (sandbox_enter(&s, &e) != 0)
        _exit(97);
}

static void do_again(void)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        _exit(96);
    enter_again();
}

static void do_again_and_open(void)
{
    enter_again();
    do_open();
}

static void do_again_and_fork(void)
{
    enter_again();
    (void)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
}

static void do_dumpable(void)
{
    (void)prctl(PR_SET_DUMPABLE, 1);
}

static void do_nothing(void)
{
}

static int signal_of(int status)
{
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void new_process_enters_a_narrower_one(void **state)
{
    const int sibling = CLONE_PARENT | SIGCHLD;
    int status = confined_sibling(sibling, do_again);

    (void)state;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(signal_of(confined_sibling(sibling, do_again_and_fork)),
                     SIGSYS);
    assert_int_equal(signal_of(confined_sibling(sibling, do_again_and_open)),
                     SIGSYS);
    assert_int_equal(signal_of(confined_sibling(sibling, do_dumpable)), SIGSYS);
}

static void nothing_but_siblings_is_made(void **state)
{
    (void)state;
    assert_int_equal(signal_of(confined_sibling(SIGCHLD, do_nothing)), SIGSYS);
    assert_int_equal(signal_of(confined_sibling(
                         CLONE_PARENT | CLONE_NEWUSER | SIGCHLD, do_nothing)),
                     SIGSYS);
    assert_int_equal(signal_of(confined_sibling(
                         CLONE_PARENT | CLONE_FILES | SIGCHLD, do_nothing)),
                     SIGSYS);
}

static pthread_barrier_t barrier;

static void *thread_forbidden(void *arg)
{
    (void)pthread_barrier_wait(&barrier);
    (void)syscall(SYS_getppid);
    return arg;
}

/* The thread is there before the filter is, and calls after it. */
static void threads_that_run_already_are_confined_too(void **state)
{
    const struct sandbox s = { few, 0, 16, 0, false };
    int status;
    pid_t pid;

    (void)state;
    (void)fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        pthread_t thread;
        struct error e;

        if (pthread_barrier_init(&barrier, NULL, 2) != 0 ||
            pthread_create(&thread, NULL, thread_forbidden, NULL) != 0 ||
            process_harden(&e) != 0 || sandbox_enter(&s, &e) != 0)
            _exit(99);
        (void)pthread_barrier_wait(&barrier);
        (void)pthread_join(thread, NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static int grown = -1;

static void do_grow(void)
{
    static const char zeros[1 << 20];

    /* A log file may grow a little, nothing grows without end. */
    for (int i = 0; i < 32; i++)
        if (write(grown, zeros, sizeof(zeros)) < (ssize_t)sizeof(zeros))
            _exit(5);
}

static void files_do_not_grow_and_that_kills_nobody(void **state)
{
    int status;

    (void)state;
    grown = memfd_create("grown", MFD_CLOEXEC);
    assert_true(grown >= 0);
    status = confined(do_grow);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 5);
    (void)close(grown);
}

static void what_was_not_spawned_is_told_so(void **state)
{
    struct error e = { 0 };
    int pair[2], saved = dup(3);

    (void)state;
    (void)close(3);
    assert_int_equal(process_check_spawned(1, &e), -1);
    assert_int_equal(e.code, ERR_USAGE);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(dup2(pair[0], 3), 3);
    assert_int_equal(process_check_spawned(1, &e), 0);
    (void)close(3);
    if (saved >= 0)
        (void)dup2(saved, 3);
    for (int i = 0; i < 2; i++)
        if (pair[i] != 3)
            (void)close(pair[i]);
}

static void harden_takes_dumps_and_privileges(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        struct rlimit core;
        struct error e;

        if (process_harden(&e) != 0 || getrlimit(RLIMIT_CORE, &core) != 0)
            _exit(99);
        _exit(core.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0 &&
                      prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_helper_gets_its_descriptors_and_no_other),
        cmocka_unit_test(a_helper_gets_an_empty_environment),
        cmocka_unit_test(a_helper_starts_with_default_signals),
        cmocka_unit_test(descriptors_keep_their_order),
        cmocka_unit_test(a_missing_program_is_an_error_and_leaves_no_child),
        cmocka_unit_test(a_helper_dies_with_its_parent),
        cmocka_unit_test(listed_calls_go_on),
        cmocka_unit_test(unlisted_calls_kill),
        cmocka_unit_test(executable_memory_kills),
        cmocka_unit_test(dangerous_arguments_kill),
        cmocka_unit_test(only_one_descriptor_is_written_to),
        cmocka_unit_test(new_process_enters_a_narrower_one),
        cmocka_unit_test(nothing_but_siblings_is_made),
        cmocka_unit_test(threads_that_run_already_are_confined_too),
        cmocka_unit_test(files_do_not_grow_and_that_kills_nobody),
        cmocka_unit_test(what_was_not_spawned_is_told_so),
        cmocka_unit_test(harden_takes_dumps_and_privileges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

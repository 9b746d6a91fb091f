/* Limits and a seccomp filter for a helper: what is not listed kills. */
#include "resguardo/base.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <seccomp.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* A log that is a file may grow by this much; nothing else may. */
#define LOG_GROWTH ((rlim_t)16 * 1024 * 1024)

/* Memory, locks and reports of the sanitizers' runtime. */
static const int sanitizer_syscalls[] = {
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(write),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(sched_getaffinity),
    -1,
};

/* Never up again, where one was entered before. */
static int set_limit(__rlimit_resource_t what, rlim_t value, const char *name,
                     struct error *e)
{
    struct rlimit limit;

    if (getrlimit(what, &limit) == 0 && limit.rlim_max < value)
        value = limit.rlim_max;
    limit = (struct rlimit){ value, value };
    if (setrlimit(what, &limit) != 0)
        return error_errno(e, ERR_SANDBOX, "cannot set the limit %s", name);
    return 0;
}

/* 0, or what a log file on stderr needs to go on. */
static rlim_t file_growth(void)
{
    struct stat st;

    if (fstat(STDERR_FILENO, &st) != 0 || !S_ISREG(st.st_mode))
        return 0;
    return (rlim_t)st.st_size + LOG_GROWTH;
}

static int set_limits(const struct sandbox *s, struct error *e)
{
    /* A full log is a lost line, not the end of the process. */
    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        return error_errno(e, ERR_SANDBOX, "cannot ignore SIGXFSZ");
    if (set_limit(RLIMIT_CORE, 0, "CORE", e) != 0 ||
        set_limit(RLIMIT_FSIZE, file_growth(), "FSIZE", e) != 0 ||
        (!s->forks && set_limit(RLIMIT_NPROC, 0, "NPROC", e) != 0) ||
        set_limit(RLIMIT_NOFILE, s->open_files, "NOFILE", e) != 0)
        return -1;

    /* The shadow memory of a sanitizer alone is larger than any limit. */
    if (s->address_space > 0 && !SANITIZED &&
        set_limit(RLIMIT_AS, s->address_space, "AS", e) != 0)
        return -1;
    return 0;
}

/* As the kernel reads an int: its low half. SCMP_CMP_EQ compares both halves,
 * and its macro does not compile with clang -Wpedantic. */
#define INT_IS(arg, value)                                                     \
    SCMP_CMP32(arg, SCMP_CMP_MASKED_EQ, UINT32_MAX, value)

/* Some calls are harmless only with some arguments: nothing executable, no
 * connection opened by sending, no option but those of TCP, no leaving of
 * PDEATHSIG or of being undumpable, no process but a sibling. */
static int allow(scmp_filter_ctx filter, int number, int write_to)
{
    const struct {
        int number;
        struct scmp_arg_cmp only;
    } conditions[] = {
        { SCMP_SYS(mmap), SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
        { SCMP_SYS(mprotect), SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
        { SCMP_SYS(sendto), SCMP_A3_32(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0) },
        { SCMP_SYS(sendmsg), SCMP_A2_32(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0) },
        { SCMP_SYS(setsockopt), INT_IS(1, IPPROTO_TCP) },
        { SCMP_SYS(prctl), INT_IS(0, PR_SET_NAME) },
        { SCMP_SYS(clone),
          SCMP_A0_64(SCMP_CMP_MASKED_EQ, UINT64_MAX, CLONE_PARENT | SIGCHLD) },
        { write_to > 0 ? SCMP_SYS(write) : -1, INT_IS(0, write_to) },
    };

    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
        if (conditions[i].number == number)
            return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1,
                                          &conditions[i].only);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 0, NULL);
}

/* libseccomp says -EEXIST for a call that is listed twice. */
static int allow_all(scmp_filter_ctx filter, const int *list, int write_to)
{
    for (; *list != -1; list++) {
        int rc = allow(filter, *list, write_to);

        if (rc != 0 && rc != -EEXIST)
            return rc;
    }
    return 0;
}

/* What a new process of one that forks does before it enters its own. */
static int allow_tightening(scmp_filter_ctx filter)
{
    static const int calls[] = { SCMP_SYS(seccomp),      SCMP_SYS(prlimit64),
                                 SCMP_SYS(rt_sigaction), SCMP_SYS(newfstatat),
                                 SCMP_SYS(fstat),        -1 };
    static const int options[] = { PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS };
    int rc = allow_all(filter, calls, 0);

    for (size_t i = 0; rc == 0 && i < sizeof(options) / sizeof(options[0]); i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                              INT_IS(0, options[i]));
    return rc;
}

static int load_filter(const struct sandbox *s)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc;

    if (filter == NULL)
        return -ENOMEM;
    rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
                          SCMP_ACT_KILL_PROCESS);
    if (rc == 0)
        rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1);
    if (rc == 0)
        rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (rc == 0)
        rc = allow_all(filter, s->syscalls, s->write_to);
    if (rc == 0 && s->forks)
        rc = allow_tightening(filter);
    if (rc == 0 && SANITIZED)
        rc = allow_all(filter, sanitizer_syscalls, 0);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc;
}

int sandbox_enter(const struct sandbox *s, struct error *e)
{
    int rc;

    if (set_limits(s, e) != 0)
        return -1;
    rc = load_filter(s);
    if (rc != 0) {
        errno = -rc;
        return error_errno(e, ERR_SANDBOX,
                           "cannot load the system call filter");
    }
    return 0;
}

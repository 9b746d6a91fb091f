/* The calls that fail to order. */
#undef _FORTIFY_SOURCE
#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <jansson.h>

#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name
void __sanitizer_print_stack_trace(void);
#else
#define REAL(name) __libc_##name
#endif
void *REAL(malloc)(size_t);
void *REAL(calloc)(size_t, size_t);
void *REAL(realloc)(void *, size_t);

const char *const fault_names[FAULT__MAX] = {
    [FAULT_MEMORY] = "memory",
    [FAULT_IO] = "io",
    [FAULT_FULL] = "full",
    [FAULT_SHORT] = "short",
};

static _Thread_local bool armed, aside;
static bool all; /* every thread's calls; atomic, as is `left` */
static enum fault_kind kind;
static long left;
static bool lasting, hit;
static const char *where = "";

static void prepare(enum fault_kind which, long nth, bool from_then_on)
{
    kind = which;
    lasting = from_then_on;
    hit = false;
    where = "";
    __atomic_store_n(&left, nth, __ATOMIC_SEQ_CST);
}

void fault_arm(enum fault_kind which, long nth, bool from_then_on)
{
    prepare(which, nth, from_then_on);
    armed = true;
}

void fault_arm_all(enum fault_kind which, long nth, bool from_then_on)
{
    prepare(which, nth, from_then_on);
    __atomic_store_n(&all, true, __ATOMIC_SEQ_CST);
}

void fault_aside(bool is)
{
    aside = is;
}

bool fault_disarm(void)
{
    armed = false;
    __atomic_store_n(&all, false, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&hit, __ATOMIC_SEQ_CST);
}

const char *fault_where(void)
{
    return where;
}

static bool fails(enum fault_kind which, const char *name)
{
    long n;

    if (aside || !(armed || __atomic_load_n(&all, __ATOMIC_SEQ_CST)) ||
        which != kind)
        return false;
    n = __atomic_sub_fetch(&left, 1, __ATOMIC_SEQ_CST);
    if (n > 0 || (n < 0 && !lasting))
        return false;
    if (n == 0) {
        where = name;
        __atomic_store_n(&hit, true, __ATOMIC_SEQ_CST);
    }
#ifdef __SANITIZE_ADDRESS__
    if (getenv("FAULT_TRACE") != NULL) {
        aside = true;
        __sanitizer_print_stack_trace();
        aside = false;
    }
#endif
    return true;
}

static int fail(int code)
{
    errno = code;
    return -1;
}

/* ---- memory ------------------------------------------------------------- */

void *malloc(size_t n)
{
    if (fails(FAULT_MEMORY, "malloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return REAL(malloc)(n);
}

void *calloc(size_t n, size_t size)
{
    if (fails(FAULT_MEMORY, "calloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return REAL(calloc)(n, size);
}

void *realloc(void *p, size_t n)
{
    if (n != 0 && fails(FAULT_MEMORY, "realloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return REAL(realloc)(p, n);
}

/* A thread is memory too: its stack. */
int __real_pthread_create(pthread_t *, const pthread_attr_t *,
                          void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *, const pthread_attr_t *,
                          void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how,
                          void *(*run)(void *), void *arg)
{
    return fails(FAULT_MEMORY, "pthread_create")
               ? EAGAIN
               : __real_pthread_create(thread, how, run, arg);
}

#ifdef __SANITIZE_ADDRESS__
/* The sanitizer asks for this when a thread begins, and needs an answer. */
int pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
    int (*real)(pthread_t, pthread_attr_t *);
    bool was = aside;
    int code;

    aside = true;
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_getattr_np");
    code = real(thread, attr);
    aside = was;
    return code;
}
#endif

/* jansson's parser does not survive a malloc that fails under its string
 * buffer: it reads past what it kept. Its other calls do, and fail here. */
json_t *__real_json_loadb(const char *, size_t, size_t, json_error_t *);
json_t *__wrap_json_loadb(const char *, size_t, size_t, json_error_t *);
json_t *__wrap_json_loadb(const char *p, size_t len, size_t flags,
                          json_error_t *why)
{
    bool was = aside;
    json_t *value;

    aside = aside || kind == FAULT_MEMORY;
    value = __real_json_loadb(p, len, flags, why);
    aside = was;
    return value;
}

json_t *__wrap_json_loads(const char *, size_t, json_error_t *);
json_t *__wrap_json_loads(const char *text, size_t flags, json_error_t *why)
{
    return __wrap_json_loadb(text, strlen(text), flags, why);
}

/* ---- files -------------------------------------------------------------- */

/* 0: go on with *n bytes; else the error. */
static int before_write(const char *name, size_t *n)
{
    if (fails(FAULT_IO, name))
        return EIO;
    if (fails(FAULT_FULL, name))
        return ENOSPC;
    if (*n > 1 && fails(FAULT_SHORT, name))
        *n /= 2;
    return 0;
}

/* The log goes nowhere: what fails on purpose is said a thousand times. */
ssize_t write(int fd, const void *p, size_t n)
{
    int code = 0;

    if (fd == STDERR_FILENO)
        return (ssize_t)n;
    if (fd > STDERR_FILENO)
        code = before_write("write", &n);
    return code != 0 ? fail(code) : syscall(SYS_write, fd, p, n);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    int code = before_write("pwrite", &n);

    return code != 0 ? fail(code) : syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return pwrite64(fd, p, n, at);
}

ssize_t read(int fd, void *p, size_t n)
{
    return fails(FAULT_IO, "read") ? fail(EIO) : syscall(SYS_read, fd, p, n);
}

ssize_t pread64(int fd, void *p, size_t n, off64_t at)
{
    return fails(FAULT_IO, "pread") ? fail(EIO)
                                    : syscall(SYS_pread64, fd, p, n, at);
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
    return pread64(fd, p, n, at);
}

/* No power is cut here: a sync that does not fail has nothing to do. */
int fsync(int fd)
{
    (void)fd;
    return fails(FAULT_IO, "fsync") ? fail(EIO) : 0;
}

int fdatasync(int fd)
{
    (void)fd;
    return fails(FAULT_IO, "fdatasync") ? fail(EIO) : 0;
}

int ftruncate64(int fd, off64_t size)
{
    return fails(FAULT_IO, "ftruncate") ? fail(EIO)
                                        : (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

/* ---- names -------------------------------------------------------------- */

static int open_any(int folder, const char *path, int flags, int mode)
{
    if (fails(FAULT_IO, "open"))
        return fail(EMFILE);
    if ((flags & O_CREAT) != 0 && fails(FAULT_FULL, "open"))
        return fail(ENOSPC);
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define OPEN(name, params, folder)                                             \
    int name params                                                            \
    {                                                                          \
        int mode = 0;                                                          \
        if ((flags & (O_CREAT | O_TMPFILE)) != 0) {                            \
            va_list ap;                                                        \
            va_start(ap, flags);                                               \
            mode = va_arg(ap, int);                                            \
            va_end(ap);                                                        \
        }                                                                      \
        return open_any(folder, path, flags, mode);                            \
    }
OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat, (int folder, const char *path, int flags, ...), folder)
OPEN(openat64, (int folder, const char *path, int flags, ...), folder)

int linkat(int from, const char *a, int to, const char *b, int flags)
{
    return fails(FAULT_IO, "linkat")
               ? fail(EIO)
               : (int)syscall(SYS_linkat, from, a, to, b, flags);
}

int unlinkat(int folder, const char *name, int flags)
{
    return fails(FAULT_IO, "unlinkat")
               ? fail(EIO)
               : (int)syscall(SYS_unlinkat, folder, name, flags);
}

int unlink(const char *name)
{
    return fails(FAULT_IO, "unlink")
               ? fail(EIO)
               : (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
}

int rename(const char *from, const char *to)
{
    return fails(FAULT_IO, "rename")
               ? fail(EIO)
               : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

/* The C library's own declaration takes a union that ISO C does not have. */
int connect(int fd, const void *to, unsigned len);
int connect(int fd, const void *to, unsigned len)
{
    return fails(FAULT_IO, "connect") ? fail(ECONNREFUSED)
                                      : (int)syscall(SYS_connect, fd, to, len);
}

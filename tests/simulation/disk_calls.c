/*
 * Calls of the C library that the product writes its own files with. This
 * program's stand before them: a dead process changes nothing, and an armed
 * fault hits here too. Syncs cost nothing: the folder is in memory.
 */
#include "disk_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(int code)
{
    errno = code;
    return -1;
}

static int refuse_write(void)
{
    if (disk.dead)
        return EIO;
    if (disk_fails(DISK_FULL))
        return disk.dead ? EIO : ENOSPC;
    return disk_fails(DISK_WRITE_ERR) ? EIO : 0;
}

static int sync_one(void)
{
    return disk.dead || disk_fails(DISK_SYNC_ERR) ? fail(EIO) : 0;
}

int fsync(int fd)
{
    (void)fd;
    return sync_one();
}

int fdatasync(int fd)
{
    (void)fd;
    return sync_one();
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    int code = refuse_write();

    return code != 0 ? fail(code) : syscall(SYS_pwrite64, fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
    return pwrite(fd, bytes, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    int code = 0;

    /* The log of a product under fire says the same things all day. */
    if (fd == STDERR_FILENO && disk.quiet)
        return (ssize_t)n;
    if (fd > STDERR_FILENO)
        code = refuse_write();
    return code != 0 ? fail(code) : syscall(SYS_write, fd, bytes, n);
}

int ftruncate(int fd, off_t size)
{
    int code = refuse_write();

    return code != 0 ? fail(code) : (int)syscall(SYS_ftruncate, fd, size);
}

int rename(const char *from, const char *to)
{
    int code = refuse_write();

    return code != 0 ? fail(code)
                     : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int linkat(int from, const char *a, int to, const char *b, int flags)
{
    int code = refuse_write();

    return code != 0 ? fail(code)
                     : (int)syscall(SYS_linkat, from, a, to, b, flags);
}

int unlinkat(int folder, const char *name, int flags)
{
    int code = refuse_write();

    return code != 0 ? fail(code)
                     : (int)syscall(SYS_unlinkat, folder, name, flags);
}

/* Small files, read whole; written so that a crash leaves all or none. */
#include "resguardo/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_STEP 65536u

/* Reads to the end of the file, at most max bytes, appended to out. */
static int read_rest(int fd, const char *path, size_t max, struct buf *out,
                     struct error *e)
{
    size_t start = out->len;

    for (;;) {
        ssize_t got;

        if (buf_reserve(out, READ_STEP) != 0)
            return error_set(e, ERR_NOMEM, "no memory to read %s", path);
        got = read(fd, out->p + out->len, READ_STEP);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(e, ERR_IO, "cannot read %s", path);
        out->len += (size_t)got;
        out->p[out->len] = 0;
        if (out->len - start > max)
            return error_set(e, ERR_INPUT, "%s is longer than %zu bytes", path,
                             max);
        if (got == 0)
            return 0;
    }
}

int file_read(const char *path, size_t max, struct buf *out, struct error *e)
{
    size_t start = out->len;
    int fd, ok;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_errno(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                           "cannot open %s", path);
    ok = read_rest(fd, path, max, out, e);
    if (ok != 0) {
        out->len = start;
        if (out->p != NULL)
            out->p[start] = 0;
    }
    (void)close(fd);
    return ok;
}

/* Makes the name of a file durable. */
static int sync_folder(const char *path, struct error *e)
{
    struct buf folder = { 0 };
    int fd = -1, ok = -1;

    if (path_beside(&folder, path, ".") != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    fd = open((const char *)folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        (void)error_errno(e, ERR_IO, "cannot sync the folder of %s", path);
        goto out;
    }
    ok = 0;
out:
    if (fd >= 0)
        (void)close(fd);
    buf_free(&folder);
    return ok;
}

/* Writes, syncs and closes in any case. */
static int fill_and_close(int fd, const char *path, const void *bytes, size_t n,
                          struct error *e)
{
    int ok = 0;

    if (fd_write_all(fd, bytes, n) != 0 || fsync(fd) != 0)
        ok = error_errno(e, ERR_IO, "cannot write %s", path);
    if (close(fd) != 0 && ok == 0)
        ok = error_errno(e, ERR_IO, "cannot close %s", path);
    return ok;
}

int file_create(const char *path, const void *bytes, size_t n, struct error *e)
{
    int fd;

    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_errno(e, errno == EEXIST ? ERR_CONFLICT : ERR_IO,
                           "cannot create %s", path);
    if (fill_and_close(fd, path, bytes, n, e) != 0) {
        (void)unlink(path);
        return -1;
    }
    return sync_folder(path, e);
}

int file_replace(const char *path, const void *bytes, size_t n, struct error *e)
{
    struct buf temporary = { 0 };
    const char *name;
    int fd, ok = -1;

    if (buf_addf(&temporary, "%s.new-XXXXXX", path) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    name = (const char *)temporary.p;
    fd = mkostemp((char *)temporary.p, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        (void)error_errno(e, ERR_IO, "cannot create a file beside %s", path);
        goto out;
    }
    if (fill_and_close(fd, name, bytes, n, e) != 0) {
        (void)unlink(name);
        goto out;
    }
    if (rename(name, path) != 0) {
        (void)error_errno(e, ERR_IO, "cannot replace %s", path);
        (void)unlink(name);
        goto out;
    }
    ok = sync_folder(path, e);
out:
    buf_free(&temporary);
    return ok;
}

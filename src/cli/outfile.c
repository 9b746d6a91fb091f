/*
 * A result's place. A file is written without a name (O_TMPFILE), so that not
 * even a kill leaves half of it; where the file system cannot, under a
 * temporary one.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct outfile {
    int fd;
    char *path;           /* NULL: stdout */
    struct buf temporary; /* its name, once it has one */
};

/* A device or a folder is not replaced by a file. */
static int check_target(const char *path, struct error *e)
{
    struct stat st;

    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(e, ERR_INPUT, "%s is there and is no regular file",
                         path);
    return 0;
}

static int open_named(struct outfile *f)
{
    if (buf_addf(&f->temporary, "%s.part-XXXXXX", f->path) != 0)
        return -1;
    f->fd = mkostemp((char *)f->temporary.p, O_CLOEXEC);
    if (f->fd < 0)
        buf_reset(&f->temporary);
    return f->fd < 0 ? -1 : 0;
}

static int open_file(struct outfile *f, struct error *e)
{
    struct buf folder = { 0 };
    int ok = -1;

    if (path_beside(&folder, f->path, ".") != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    f->fd =
        open((const char *)folder.p, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (f->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
        (void)open_named(f);
    if (f->fd < 0)
        (void)error_errno(e, ERR_IO, "cannot write beside %s", f->path);
    else
        ok = 0;
out:
    buf_free(&folder);
    return ok;
}

int outfile_open(struct outfile **out, const char *path, struct error *e)
{
    struct outfile *f = calloc(1, sizeof(*f));

    *out = NULL;
    if (f == NULL)
        return error_set(e, ERR_NOMEM, "no memory for the result");
    f->fd = STDOUT_FILENO;
    if (path != NULL) {
        f->fd = -1;
        f->path = strdup(path);
        if (f->path == NULL) {
            (void)error_set(e, ERR_NOMEM, "no memory for a path");
            goto fail;
        }
        if (check_target(path, e) != 0 || open_file(f, e) != 0)
            goto fail;
    }
    *out = f;
    return 0;
fail:
    outfile_close(&f);
    return -1;
}

int outfile_write(struct outfile *f, const void *bytes, size_t n,
                  struct error *e)
{
    if (fd_write_all(f->fd, bytes, n) != 0)
        return error_errno(e, ERR_IO, "cannot write %s",
                           f->path != NULL ? f->path : "to stdout");
    return 0;
}

/* Gives the nameless file a temporary name. */
static int name_it(struct outfile *f)
{
    char self[64];
    uint8_t random[8];
    char hex[HEX_SIZE(sizeof(random))];

    random_fill(&random_system, random, sizeof(random));
    hex_encode(hex, random, sizeof(random));
    (void)snprintf(self, sizeof(self), "/proc/self/fd/%d", f->fd);
    if (buf_addf(&f->temporary, "%s.part-%s", f->path, hex) != 0)
        return -1;
    if (linkat(AT_FDCWD, self, AT_FDCWD, (const char *)f->temporary.p,
               AT_SYMLINK_FOLLOW) == 0)
        return 0;
    buf_reset(&f->temporary);
    return -1;
}

int outfile_commit(struct outfile *f, struct error *e)
{
    if (f->path == NULL)
        return 0;
    if (fsync(f->fd) != 0 || (f->temporary.len == 0 && name_it(f) != 0) ||
        rename((const char *)f->temporary.p, f->path) != 0)
        return error_errno(e, ERR_IO, "cannot write %s", f->path);
    buf_reset(&f->temporary);
    return 0;
}

void outfile_close(struct outfile **file)
{
    struct outfile *f = *file;

    if (f == NULL)
        return;
    if (f->temporary.len > 0)
        (void)unlink((const char *)f->temporary.p);
    if (f->path != NULL && f->fd >= 0)
        (void)close(f->fd);
    buf_free(&f->temporary);
    free(f->path);
    free(f);
    *file = NULL;
}

/*
 * A result's place. A file is written without a name (O_TMPFILE), so that not
 * even a kill leaves half of it; where the file system cannot, under a
 * temporary one, which a signal removes.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct outfile {
    int fd;
    char *path;           /* NULL: stdout */
    struct buf temporary; /* its name, once it has one */
    struct trail *trail;  /* that name's */
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

int outfile_check(const char *path, struct error *e)
{
    struct buf folder = { 0 };
    int ok = -1;

    if (path == NULL)
        return 0;
    if (path_beside(&folder, path, ".") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
    else if (access((const char *)folder.p, W_OK | X_OK) != 0)
        (void)error_errno(e, ERR_IO, "cannot write beside %s", path);
    else
        ok = check_target(path, e);
    buf_free(&folder);
    return ok;
}

static int open_named(struct outfile *f)
{
    sigset_t before;

    if (buf_addf(&f->temporary, "%s.part-XXXXXX", f->path) != 0)
        return -1;
    trail_hold(&before);
    f->fd = mkostemp((char *)f->temporary.p, O_CLOEXEC);
    if (f->fd < 0)
        buf_reset(&f->temporary);
    else
        f->trail = trail_add((const char *)f->temporary.p, false);
    trail_go_on(&before);
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

/* ---- the end ------------------------------------------------------------ */

static void forget_temporary(struct outfile *f)
{
    trail_drop(&f->trail);
    buf_reset(&f->temporary);
}

/* The name that the kernel has for a file without one. */
static void nameless(const struct outfile *f, char out[static 64])
{
    (void)snprintf(out, 64, "/proc/self/fd/%d", f->fd);
}

/* Gives the nameless file a temporary name. */
static int name_it(struct outfile *f)
{
    char self[64];
    uint8_t random[8];
    char hex[HEX_SIZE(sizeof(random))];

    random_fill(&random_system, random, sizeof(random));
    hex_encode(hex, random, sizeof(random));
    nameless(f, self);
    if (buf_addf(&f->temporary, "%s.part-%s", f->path, hex) != 0)
        return -1;
    f->trail = trail_add((const char *)f->temporary.p, false);
    if (linkat(AT_FDCWD, self, AT_FDCWD, (const char *)f->temporary.p,
               AT_SYMLINK_FOLLOW) == 0)
        return 0;
    forget_temporary(f);
    return -1;
}

/* Makes the name durable, as far as the file system knows of that. */
static int sync_folder(const struct outfile *f)
{
    struct buf folder = { 0 };
    int fd = -1, ok = 0;

    if (path_beside(&folder, f->path, ".") == 0)
        fd = open((const char *)folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && fsync(fd) != 0 && errno != EINVAL)
        ok = -1;
    if (fd >= 0)
        (void)close(fd);
    buf_free(&folder);
    return ok;
}

int outfile_commit(struct outfile *f, struct error *e)
{
    if (f->path == NULL)
        return 0;
    if (fsync(f->fd) != 0 || (f->temporary.len == 0 && name_it(f) != 0) ||
        rename((const char *)f->temporary.p, f->path) != 0)
        return error_errno(e, ERR_IO, "cannot write %s", f->path);
    forget_temporary(f);
    if (sync_folder(f) != 0)
        return error_errno(e, ERR_IO, "cannot sync the folder of %s", f->path);
    return 0;
}

/* A link does not replace; where there are none, a careful rename. */
static int name_new(struct outfile *f)
{
    const char *temporary = (const char *)f->temporary.p;
    char self[64];

    nameless(f, self);
    if (f->temporary.len == 0)
        return linkat(AT_FDCWD, self, AT_FDCWD, f->path, AT_SYMLINK_FOLLOW);
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, f->path, RENAME_NOREPLACE) ==
        0) {
        forget_temporary(f);
        return 0;
    }
    return errno == EINVAL ? link(temporary, f->path) : -1;
}

int outfile_commit_new(struct outfile *f, struct error *e)
{
    if (fsync(f->fd) != 0 || name_new(f) != 0)
        return error_errno(e, errno == EEXIST ? ERR_CONFLICT : ERR_IO,
                           "cannot write %s", f->path);
    return 0;
}

void outfile_undo(struct outfile *f)
{
    (void)unlink(f->path);
}

void outfile_close(struct outfile **file)
{
    struct outfile *f = *file;

    if (f == NULL)
        return;
    if (f->temporary.len > 0)
        (void)unlink((const char *)f->temporary.p);
    trail_drop(&f->trail);
    if (f->path != NULL && f->fd >= 0)
        (void)close(f->fd);
    buf_free(&f->temporary);
    free(f->path);
    free(f);
    *file = NULL;
}

/*
 * A folder that several files come into, all or none: they stay without a name
 * until the last is whole. Nothing that is there is touched.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct outfolder {
    char *path;
    struct outfile **files;
    size_t n, cap;
    struct trail *trail; /* NULL: it was there, and stays */
};

/* Each file is open until all are whole. */
static void want_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int make(struct outfolder *f, struct error *e)
{
    struct stat st;
    sigset_t before;
    int made;

    trail_hold(&before);
    made = mkdir(f->path, 0700);
    if (made == 0)
        f->trail = trail_add(f->path, true);
    trail_go_on(&before);
    if (made == 0)
        return 0;
    if (errno != EEXIST)
        return error_errno(e, ERR_IO, "cannot make the folder %s", f->path);
    if (stat(f->path, &st) != 0 || !S_ISDIR(st.st_mode))
        return error_set(e, ERR_INPUT, "%s is there and is no folder", f->path);
    if (access(f->path, W_OK | X_OK) != 0)
        return error_errno(e, ERR_IO, "cannot write into %s", f->path);
    return 0;
}

int outfolder_open(struct outfolder **out, const char *path, struct error *e)
{
    struct outfolder *f = calloc(1, sizeof(*f));

    *out = f;
    if (f == NULL || (f->path = strdup(path)) == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a folder");
    for (size_t n = strlen(f->path); n > 1 && f->path[n - 1] == '/';)
        f->path[--n] = '\0';
    want_descriptors();
    return make(f, e);
}

static int path_of(const struct outfolder *f, const char *name, struct buf *out,
                   struct error *e)
{
    return buf_addf(out, "%s/%s", f->path, name) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a path");
}

int outfolder_check(const struct outfolder *f, const char *name,
                    struct error *e)
{
    struct buf path = { 0 };
    struct stat st;
    int ok = path_of(f, name, &path, e);

    if (ok == 0 && lstat((const char *)path.p, &st) == 0) {
        (void)error_set(e, ERR_CONFLICT, "%s is there already",
                        (const char *)path.p);
        ok = error_hint(e, "nothing is overwritten: name another folder");
    }
    buf_free(&path);
    return ok;
}

static int grow(struct outfolder *f)
{
    size_t cap = f->cap == 0 ? 16 : 2 * f->cap;
    struct outfile **files;

    if (f->n < f->cap)
        return 0;
    files = realloc(f->files, cap * sizeof(struct outfile *));
    if (files == NULL)
        return -1;
    f->files = files;
    f->cap = cap;
    return 0;
}

struct outfile *outfolder_add(struct outfolder *f, const char *name,
                              struct error *e)
{
    struct buf path = { 0 };
    struct outfile *file = NULL;

    if (grow(f) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a file");
        return NULL;
    }
    if (path_of(f, name, &path, e) == 0 &&
        outfile_open(&file, (const char *)path.p, e) == 0)
        f->files[f->n++] = file;
    buf_free(&path);
    return file;
}

static int sync_it(const struct outfolder *f, struct error *e)
{
    int fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int ok = fd < 0 || fsync(fd) == 0 || errno == EINVAL
                 ? 0
                 : error_errno(e, ERR_IO, "cannot sync %s", f->path);

    if (fd >= 0)
        (void)close(fd);
    return ok;
}

/* No signal comes between the first name and the last. */
int outfolder_commit(struct outfolder *f, struct error *e)
{
    sigset_t before;
    size_t done = 0;
    int ok = -1;

    trail_hold(&before);
    while (done < f->n && outfile_commit_new(f->files[done], e) == 0)
        done++;
    if (done == f->n && sync_it(f, e) == 0) {
        trail_drop(&f->trail);
        ok = 0;
    }
    while (ok != 0 && done > 0)
        outfile_undo(f->files[--done]);
    trail_go_on(&before);
    return ok;
}

void outfolder_close(struct outfolder **folder)
{
    struct outfolder *f = *folder;

    if (f == NULL)
        return;
    for (size_t i = 0; i < f->n; i++)
        outfile_close(&f->files[i]);
    if (f->trail != NULL)
        (void)rmdir(f->path);
    trail_drop(&f->trail);
    free(f->files);
    free(f->path);
    free(f);
    *folder = NULL;
}

/* Bytes in locked, guarded memory, wiped when freed. */
#include "resguardo/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

struct secret *secret_new(size_t len)
{
    struct secret *s;

    if (len == SIZE_MAX || sodium_init() < 0)
        return NULL;
    s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    s->p = sodium_malloc(len + 1);
    if (s->p == NULL) {
        free(s);
        return NULL;
    }
    sodium_memzero(s->p, len + 1);
    s->len = len;
    return s;
}

struct secret *secret_copy(const void *bytes, size_t len)
{
    struct secret *s = secret_new(len);

    if (s != NULL && len > 0)
        memcpy(s->p, bytes, len);
    return s;
}

void secret_free(struct secret **s)
{
    if (*s == NULL)
        return;
    sodium_free((*s)->p); /* wipes */
    free(*s);
    *s = NULL;
}

/* Regular, not too long, and nobody else's business? */
static int check_file(const char *path, const struct stat *st, size_t max,
                      bool strict, struct error *e)
{
    if (!S_ISREG(st->st_mode))
        return error_set(e, ERR_INPUT, "%s is not a regular file", path);
    if (strict && (st->st_mode & 077) != 0) {
        (void)error_set(e, ERR_INPUT, "%s is open to group or others", path);
        return error_hint(e, "chmod 600 %s", path);
    }
    if ((uint64_t)st->st_size > max)
        return error_set(e, ERR_INPUT, "%s is longer than %zu bytes", path,
                         max);
    return 0;
}

struct secret *secret_read_file(const char *path, size_t max, bool strict,
                                struct error *e)
{
    struct secret *s = NULL, *done = NULL;
    struct stat st;
    int fd;

    /* Non-blocking: a pipe put in its place must not hang us. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)error_errno(e, ERR_IO, "cannot open %s", path);
        goto out;
    }
    if (check_file(path, &st, max, strict, e) != 0)
        goto out;

    s = secret_new((size_t)st.st_size);
    if (s == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for %s", path);
        goto out;
    }
    if (fd_read_all(fd, s->p, s->len) != 0) {
        (void)error_errno(e, ERR_IO, "cannot read %s", path);
        goto out;
    }
    done = s;
    s = NULL;
out:
    secret_free(&s);
    if (fd >= 0)
        (void)close(fd);
    return done;
}

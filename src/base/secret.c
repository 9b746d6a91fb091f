/* Bytes in locked, guarded memory, wiped when freed. */
#include "resguardo/base.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

/* Large ones come and go with every file, and to map, lock and guard one costs
 * more than its bytes' sealing: some stay, wiped, for the next of that size. */
#define SHELF_PLACES 16u
#define SHELF_BYTES  ((size_t)64 * 1024)
static struct secret *shelf[SHELF_PLACES];
static pthread_mutex_t shelf_lock = PTHREAD_MUTEX_INITIALIZER;

static struct secret *shelf_take(size_t len)
{
    struct secret *s = NULL;

    (void)pthread_mutex_lock(&shelf_lock);
    for (size_t i = 0; i < SHELF_PLACES && s == NULL; i++)
        if (shelf[i] != NULL && shelf[i]->len == len) {
            s = shelf[i];
            shelf[i] = NULL;
        }
    (void)pthread_mutex_unlock(&shelf_lock);
    return s;
}

/* false: no place is free. */
static bool shelf_put(struct secret *s)
{
    bool put = false;

    sodium_memzero(s->p, s->len + 1);
    (void)pthread_mutex_lock(&shelf_lock);
    for (size_t i = 0; i < SHELF_PLACES && !put; i++)
        if (shelf[i] == NULL) {
            shelf[i] = s;
            put = true;
        }
    (void)pthread_mutex_unlock(&shelf_lock);
    return put;
}

struct secret *secret_new(size_t len)
{
    struct secret *s;

    if (len == SIZE_MAX || sodium_init() < 0)
        return NULL;
    if (len >= SHELF_BYTES && (s = shelf_take(len)) != NULL)
        return s;
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
    if ((*s)->len < SHELF_BYTES || !shelf_put(*s)) {
        sodium_free((*s)->p); /* wipes */
        free(*s);
    }
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

/*
 * A judge that this program plays itself under another name (a symbolic link
 * `judge-NAME`), and the file of 100 bytes that it is given.
 */
#ifndef INSPECT_HELP_H
#define INSPECT_HELP_H

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "inspect/client.h"
#include "inspect/mother.h"
#include "inspect/spare.h"
#include "inspect/verdict.h"
#include "resguardo/inspect.h"

#define WIRE 3

static struct error ignored;

static void say(uint8_t type, const void *p, size_t n)
{
    (void)frame_write(WIRE, type, p, n, &ignored);
}

static void verdict(void)
{
    say(JUDGE_VERDICT, "image/png\0", 11);
}

/* One READ; the length of the answer, or -1. */
static ssize_t ask(uint64_t offset, uint32_t len)
{
    struct buf answer = { 0 };
    uint8_t request[12], type = 0;
    ssize_t got;

    le64_put(request, offset);
    le32_put(request + 8, len);
    say(JUDGE_READ, request, sizeof(request));
    if (frame_read(WIRE, &type, &answer, LIMIT_JUDGE_READ, &ignored) != 0)
        return -1;
    got = type == JUDGE_BYTES ? (ssize_t)answer.len : -1;
    buf_free(&answer);
    return got;
}

static char *folder;

static int folder_setup(void **state)
{
    (void)state;
    folder = unit_folder_new();
    return 0;
}

static int folder_teardown(void **state)
{
    (void)state;
    unit_folder_free(folder);
    return 0;
}

/* A file of 100 bytes. */
static int hundred_read(void *arg, int64_t offset, uint8_t *out, size_t len,
                        size_t *got, struct error *err)
{
    unsigned *calls = arg;

    (void)err;
    assert_true(offset >= 0 && offset < 100 && len > 0);
    assert_true((size_t)offset + len <= 100);
    memset(out, 'x', len);
    *got = len;
    if (calls != NULL)
        (*calls)++;
    return 0;
}

static void fake_path(char out[256], const char *name)
{
    char self[256] = { 0 };

    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    (void)snprintf(out, 256, "%s/judge-%s", folder, name);
    if (symlink(self, out) != 0)
        assert_int_equal(errno, EEXIST);
}

/* Nothing is left behind: no child, no descriptor. */
static int next_descriptor(void)
{
    int fd = dup(STDERR_FILENO);

    assert_true(fd >= 0);
    (void)close(fd);
    return fd;
}

/* In a judge of this name: the NAME, once it was given a file. NULL when this
 * program is started as a test. */
static const char *judge_name(const char *path)
{
    const char *base = strrchr(path, '/');
    struct buf begin = { 0 };
    uint8_t type;

    base = base != NULL ? base + 1 : path;
    if (strncmp(base, "judge-", 6) != 0)
        return NULL;
    if (inspect_mother_serve() != 0)
        _exit(3);
    if (frame_read(WIRE, &type, &begin, 8, &ignored) != 0 ||
        type != JUDGE_BEGIN || begin.len != 8)
        _exit(2);
    return base + 6;
}

#endif

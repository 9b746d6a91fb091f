/*
 * The daemon's side of the judge's wall, with the input as what a judge that
 * was taken over sends. However that goes on, the file is read only inside
 * its bounds and at most LIMIT_JUDGE_READS times, and a verdict is either
 * none or inside the closed alphabets.
 */
#include <sys/types.h>

/* The judge of this conversation is no process. */
#define waitpid judge_waitpid
static pid_t judge_waitpid(pid_t pid, int *status, int options)
{
    (void)options;
    *status = 0;
    return pid;
}

#include <sys/wait.h>

#include "inspect/client.c"

#include "fuzz.h"

#include <sys/eventfd.h>

#define FILE_SIZE 100000

static unsigned reads;
static int peer; /* the judge's end */

/* A judge that takes its answers. */
static int read_file(void *arg, int64_t offset, uint8_t *out, size_t len,
                     size_t *got, struct error *e)
{
    static uint8_t sink[LIMIT_JUDGE_READ];

    (void)arg;
    (void)e;
    while (recv(peer, sink, sizeof(sink), MSG_DONTWAIT) > 0)
        continue;
    FUZZ_CHECK(offset >= 0 && len > 0 && len <= LIMIT_JUDGE_READ);
    FUZZ_CHECK(offset + (int64_t)len <= FILE_SIZE);
    FUZZ_CHECK(++reads <= LIMIT_JUDGE_READS);
    memset(out, 'x', len);
    *got = len;
    return 0;
}

static void check_verdict(const struct inspect_verdict *v)
{
    static const char type[] = "abcdefghijklmnopqrstuvwxyz0123456789"
                               "!#$&-^_.+/";

    FUZZ_CHECK(v->media_type[strspn(v->media_type, type)] == '\0');
    FUZZ_CHECK(v->media_type[0] == '\0' ||
               strchr(v->media_type, '/') == strrchr(v->media_type, '/'));
    FUZZ_CHECK(v->finding[strspn(v->finding, type)] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct inspect_job job = { .size = FILE_SIZE,
                               .read = read_file,
                               .limit = MSEC_D };
    struct inspect_verdict verdict = { 0 };
    struct error e = { 0 };
    struct client *c = calloc(1, sizeof(*c));
    int pair[2], rc;

    if (size > 60000)
        size = 60000;
    FUZZ_CHECK(c != NULL && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    peer = pair[1];
    FUZZ_CHECK(send(pair[1], data, size, MSG_DONTWAIT) == (ssize_t)size ||
               size == 0);
    FUZZ_CHECK(shutdown(pair[1], SHUT_WR) == 0);
    *c = (struct client){ .job = &job,
                          .pid = 1,
                          .pidfd = eventfd(1, 0),
                          .fd = pair[0],
                          .deadline = clock_monotonic() + 100,
                          .err = &e };
    reads = 0;
    rc = converse(c, &verdict);
    FUZZ_CHECK(rc == 0 || (rc == DEAD && e.code == ERR_SANDBOX));
    if (rc == 0)
        check_verdict(&verdict);
    (void)close(c->pidfd);
    (void)close(pair[0]);
    (void)close(pair[1]);
    free(c);
    return 0;
}

/* The daemon's side of a judge: serve it, believe little. */
#include "client.h"
#include "spare.h"
#include "verdict.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The cancel flag is looked at this often while waiting. */
#define SLICE_MS ((msec)100)

#define HEADER_LEN  5u  /* type, length */
#define BEGIN_LEN   8u  /* size */
#define REQUEST_LEN 12u /* offset, length */

/* What the functions of this file return besides 0: the judge's fault, ours. */
enum { DEAD = 1, FAILED = -1 };

struct client {
    const struct inspect_job *job;
    pid_t pid;
    int pidfd, fd;
    msec deadline;
    unsigned reads;
    uint8_t in[VERDICT_BYTES]; /* the longest frame a judge may send */
    uint8_t out[HEADER_LEN + LIMIT_JUDGE_READ];
    struct error *err;
};

static int dead(struct client *c, const char *what)
{
    (void)error_set(c->err, ERR_SANDBOX, "the judge %s", what);
    return DEAD;
}

/* What it has had of a processor; 0 once it is dead. */
static msec used(const struct client *c)
{
    struct timespec t;
    clockid_t id;

    if (c->pid <= 0 || clock_getcpuclockid(c->pid, &id) != 0 ||
        clock_gettime(id, &t) != 0)
        return 0;
    return (msec)t.tv_sec * MSEC_S + t.tv_nsec / 1000000;
}

/* A judge that got no processor is not late: twice late is a good file put
 * aside for good. */
static bool late(const struct client *c, msec left)
{
    return left <= 0 || used(c) > c->job->limit;
}

/* Waits until fd is ready; ends at the deadline or when cancelled. */
static int wait_ready(struct client *c, int fd, short events)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = events };
        msec left = c->deadline - clock_monotonic();
        int n;

        if (c->job->cancel != NULL &&
            __atomic_load_n(c->job->cancel, __ATOMIC_RELAXED) != 0)
            return error_set(c->err, ERR_BUSY, "the judging was cancelled");
        if (late(c, left))
            return dead(c, "was late");

        n = poll(&p, 1, (int)(left < SLICE_MS ? left : SLICE_MS));
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return error_errno(c->err, ERR_INTERNAL, "poll on the judge");
    }
}

/* Receives exactly n bytes. */
static int receive(struct client *c, uint8_t *p, size_t n)
{
    while (n > 0) {
        int rc = wait_ready(c, c->fd, POLLIN);
        ssize_t got;

        if (rc != 0)
            return rc;
        got = recv(c->fd, p, n, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return dead(c, "died before its verdict");
        p += got;
        n -= (size_t)got;
    }
    return 0;
}

/* Sends the frame whose payload of n bytes lies in c->out already. */
static int send_frame(struct client *c, enum judge_frame type, size_t n)
{
    const uint8_t *p = c->out;
    size_t left = HEADER_LEN + n;

    c->out[0] = (uint8_t)type;
    le32_put(c->out + 1, (uint32_t)n);
    while (left > 0) {
        int rc = wait_ready(c, c->fd, POLLOUT);
        ssize_t sent;

        if (rc != 0)
            return rc;
        sent = send(c->fd, p, left, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (sent < 0)
            return dead(c, "died before its verdict");
        p += sent;
        left -= (size_t)sent;
    }
    return 0;
}

static int begin(struct client *c)
{
    le64_put(c->out + HEADER_LEN, (uint64_t)c->job->size);
    return send_frame(c, JUDGE_BEGIN, BEGIN_LEN);
}

/* Receives a frame into c->in; its length is checked before its payload. */
static int receive_frame(struct client *c, uint8_t *type, size_t *len)
{
    uint8_t header[HEADER_LEN];
    int rc = receive(c, header, sizeof(header));

    if (rc != 0)
        return rc;
    *type = header[0];
    *len = le32_get(header + 1);

    if (*type != JUDGE_READ && *type != JUDGE_VERDICT)
        return dead(c, "sent a frame of unknown type");
    if (*type == JUDGE_READ && *len != REQUEST_LEN)
        return dead(c, "sent a READ of wrong length");
    if (*len > sizeof(c->in))
        return dead(c, "sent an overlong verdict");
    return receive(c, c->in, *len);
}

/* Answers the READ in c->in. */
static int serve_read(struct client *c)
{
    uint64_t offset = le64_get(c->in), size = (uint64_t)c->job->size;
    size_t len = le32_get(c->in + 8), got = 0;

    if (++c->reads > LIMIT_JUDGE_READS)
        return dead(c, "made too many reads");
    if (len == 0 || len > LIMIT_JUDGE_READ)
        return dead(c, "asked for a wrong length");
    if (offset >= size)
        return dead(c, "asked for an offset past the end");

    if (len > size - offset)
        len = (size_t)(size - offset);
    if (c->job->read(c->job->arg, (int64_t)offset, c->out + HEADER_LEN, len,
                     &got, c->err) != 0)
        return FAILED;
    if (got != len)
        return error_set(c->err, ERR_INTERNAL,
                         "the file to judge is shorter than announced");
    return send_frame(c, JUDGE_BYTES, len);
}

/* After its verdict the judge says no more and exits with 0. */
static int expect_exit(struct client *c)
{
    uint8_t byte;
    int status, rc = wait_ready(c, c->fd, POLLIN);

    if (rc != 0)
        return rc;
    if (recv(c->fd, &byte, 1, MSG_DONTWAIT) != 0)
        return dead(c, "said more than its verdict");

    rc = wait_ready(c, c->pidfd, POLLIN);
    if (rc != 0)
        return rc;
    if (waitpid(c->pid, &status, 0) != c->pid)
        return error_errno(c->err, ERR_INTERNAL, "wait for the judge");
    c->pid = -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return dead(c, "failed after its verdict");
    return 0;
}

/* One conversation, from BEGIN to the judge's exit. */
static int converse(struct client *c, struct inspect_verdict *verdict)
{
    uint8_t type;
    size_t len;
    int rc = begin(c);

    while (rc == 0) {
        rc = receive_frame(c, &type, &len);
        if (rc != 0 || type == JUDGE_VERDICT)
            break;
        rc = serve_read(c);
    }
    if (rc == 0 && inspect_verdict_decode(verdict, c->in, len) != 0)
        rc = dead(c, "sent a malformed verdict");
    return rc != 0 ? rc : expect_exit(c);
}

/* The judge that waits, or a new one. */
static int start(struct client *c, struct inspect_spare *spare)
{
    if (inspect_spare_keep(spare, c->job->program, c->err) != 0)
        return FAILED;
    c->pid = spare->pid;
    c->pidfd = spare->pidfd;
    c->fd = spare->fd;
    inspect_spare_take(spare);
    return 0;
}

/* Kills and reaps; a judge that a signal had ended before is named by it. */
static void stop(struct client *c, int rc)
{
    int status = 0;

    if (c->pid > 0) {
        (void)kill(c->pid, SIGKILL);
        while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
            continue;
        if (rc == DEAD && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
            (void)error_set(c->err, ERR_SANDBOX,
                            "the judge was killed by signal %d",
                            WTERMSIG(status));
    }
    if (c->pidfd >= 0)
        (void)close(c->pidfd);
    if (c->fd >= 0)
        (void)close(c->fd);
}

int inspect_client_run(const struct inspect_job *job,
                       struct inspect_verdict *verdict, struct error *err)
{
    struct inspect_spare own = INSPECT_SPARE_NONE;
    struct inspect_spare *spare = job->spare == NULL ? &own : job->spare;
    struct client *c = calloc(1, sizeof(*c));
    int rc;

    memset(verdict, 0, sizeof(*verdict));
    if (c == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a judge");
    c->job = job;
    c->err = err;
    c->pid = -1;
    c->pidfd = -1;
    c->fd = -1;

    rc = start(c, spare);
    c->deadline = clock_monotonic() + job->patience;
    if (rc == 0)
        rc = converse(c, verdict);
    stop(c, rc);
    /* Whoever killed it may have learnt where its memory lies: the next judge
     * is of another mother. */
    if (rc == DEAD || spare == &own)
        inspect_spare_end(spare);
    if (rc != 0)
        memset(verdict, 0, sizeof(*verdict));

    /* The last answer is plaintext of the file. */
    explicit_bzero(c, sizeof(*c));
    free(c);
    return rc;
}

int inspect_file(const char *judge_program, struct inspect_spare *spare,
                 int64_t size, inspect_read read, void *arg, const int *cancel,
                 struct inspect_verdict *verdict, struct error *err)
{
    struct inspect_job job = { .program = judge_program,
                               .spare = spare,
                               .size = size,
                               .read = read,
                               .arg = arg,
                               .cancel = cancel,
                               .limit = LIMIT_JUDGE_S * MSEC_S,
                               .patience = LIMIT_JUDGE_WAIT_S * MSEC_S };

    return inspect_client_run(&job, verdict, err);
}

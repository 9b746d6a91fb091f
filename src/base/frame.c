/* Frames between our own processes: type, length, payload. */
#include "resguardo/base.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#define HEADER_LEN 5u
/* Frames up to this leave in one write. */
#define SMALL_LEN 4096u
/* What a reader asks for at once, and the most that it keeps when empty. */
#define FILL_LEN ((size_t)65536)
#define KEEP_LEN (4 * FILL_LEN)

int frame_write(int fd, uint8_t type, const void *bytes, size_t n,
                struct error *e)
{
    uint8_t whole[SMALL_LEN];
    size_t with_header = 0;
    int ok;

    if (n > UINT32_MAX)
        return error_set(e, ERR_INPUT, "a frame of %zu bytes is too long", n);
    whole[0] = type;
    le32_put(whole + 1, (uint32_t)n);
    if (n <= sizeof(whole) - HEADER_LEN)
        with_header = n;
    if (with_header > 0)
        memcpy(whole + HEADER_LEN, bytes, with_header);

    ok = fd_write_all(fd, whole, HEADER_LEN + with_header);
    if (ok == 0 && n > with_header)
        ok = fd_write_all(fd, bytes, n);
    if (ok != 0)
        (void)error_errno(e, ERR_IO, "cannot write a frame");
    sodium_memzero(whole, sizeof(whole));
    return ok;
}

/* 1: the end, 0: one byte, -1: error. */
static int read_first(int fd, uint8_t *byte, struct error *e)
{
    ssize_t got;

    do
        got = read(fd, byte, 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_errno(e, ERR_IO, "cannot read a frame");
    return got == 0 ? 1 : 0;
}

static int check_len(uint32_t n, size_t max, struct error *e)
{
    if (n <= max)
        return 0;
    return error_set(e, ERR_INPUT, "a frame of %u bytes where %zu are allowed",
                     (unsigned)n, max);
}

int frame_read(int fd, uint8_t *type, struct buf *out, size_t max,
               struct error *e)
{
    uint8_t length[4];
    uint32_t n;
    int first;

    buf_reset(out);
    first = read_first(fd, type, e);
    if (first != 0)
        return first;
    if (fd_read_all(fd, length, sizeof(length)) != 0)
        return error_errno(e, ERR_IO, "a frame is cut short");

    n = le32_get(length);
    if (check_len(n, max, e) != 0)
        return -1;
    if (buf_reserve(out, n) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a frame");
    if (fd_read_all(fd, out->p, n) != 0)
        return error_errno(e, ERR_IO, "a frame is cut short");
    out->len = n;
    out->p[n] = 0;
    return 0;
}

int frame_take(struct frame_reader *r, uint8_t *type, struct buf *out,
               size_t max, struct error *e)
{
    const uint8_t *p = r->in.p + r->at;
    size_t left = r->in.len - r->at;
    uint32_t n;

    if (left < HEADER_LEN)
        return 0;
    n = le32_get(p + 1);
    if (check_len(n, max, e) != 0)
        return -1;
    if (left - HEADER_LEN < n)
        return 0;
    *type = p[0];
    *out = (struct buf){ .p = r->in.p + r->at + HEADER_LEN, .len = n };
    r->at += HEADER_LEN + n;
    return 1;
}

/* Wipes what was taken, brings the rest to the front and makes room for the
 * frame that has begun. */
static int make_room(struct frame_reader *r)
{
    struct buf *in = &r->in;
    size_t left = in->len - r->at, want = FILL_LEN;

    if (in->len > 0) {
        memmove(in->p, in->p + r->at, left);
        sodium_memzero(in->p + left, in->len - left);
    }
    in->len = left;
    r->at = 0;
    if (left == 0 && in->cap > KEEP_LEN)
        buf_free(in);
    if (left >= HEADER_LEN && HEADER_LEN + le32_get(in->p + 1) > left + want)
        want = HEADER_LEN + le32_get(in->p + 1) - left;
    return buf_reserve(in, want);
}

int frame_fill(struct frame_reader *r, struct error *e)
{
    ssize_t got;

    if (make_room(r) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a frame");
    do
        got = recv(r->fd, r->in.p + r->in.len, r->in.cap - r->in.len - 1,
                   r->flags);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN && (r->flags & MSG_DONTWAIT) != 0)
        return 0;
    if (got < 0)
        return error_errno(e, ERR_IO, "cannot read a frame");
    if (got == 0 && r->in.len > 0)
        return error_set(e, ERR_IO, "a frame is cut short");
    r->in.len += (size_t)got;
    return got == 0 ? 1 : 0;
}

void frame_reader_free(struct frame_reader *r)
{
    buf_free(&r->in);
    r->at = 0;
}

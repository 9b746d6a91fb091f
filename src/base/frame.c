/* Frames between our own processes: type, length, payload. */
#include "resguardo/base.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#define HEADER_LEN 5u
/* Frames up to this leave in one write. */
#define SMALL_LEN 4096u

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
    if (n > max)
        return error_set(e, ERR_INPUT,
                         "a frame of %u bytes where %zu are allowed",
                         (unsigned)n, max);
    if (buf_reserve(out, n) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a frame");
    if (fd_read_all(fd, out->p, n) != 0)
        return error_errno(e, ERR_IO, "a frame is cut short");
    out->len = n;
    out->p[n] = 0;
    return 0;
}

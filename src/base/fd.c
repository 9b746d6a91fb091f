/* Whole reads and writes, through interruptions. */
#include "resguardo/base.h"

#include <errno.h>
#include <unistd.h>

int fd_read_all(int fd, void *out, size_t n)
{
    uint8_t *p = out;

    while (n > 0) {
        ssize_t got = read(fd, p, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = EPIPE;
        if (got <= 0)
            return -1;
        p += got;
        n -= (size_t)got;
    }
    return 0;
}

int fd_write_all(int fd, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    while (n > 0) {
        ssize_t put = write(fd, p, n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put == 0)
            errno = EIO;
        if (put <= 0)
            return -1;
        p += put;
        n -= (size_t)put;
    }
    return 0;
}

int fd_pwrite_all(int fd, const void *bytes, size_t n, off_t offset)
{
    const uint8_t *p = bytes;

    while (n > 0) {
        ssize_t put = pwrite(fd, p, n, offset);

        if (put < 0 && errno == EINTR)
            continue;
        if (put == 0)
            errno = EIO;
        if (put <= 0)
            return -1;
        p += put;
        n -= (size_t)put;
        offset += put;
    }
    return 0;
}

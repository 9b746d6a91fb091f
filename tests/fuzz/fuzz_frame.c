/*
 * Frames between our own processes. Whatever comes, a frame that is read is
 * within the cap and is written as the very bytes it was read from; the end
 * is told from a cut. From a socket, read many at once, they are the same.
 */
#include "fuzz.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Frames of the bytes as the reader of many sees them, written to `out`; the
 * verdict of the last. */
static int read_many(struct fuzz_input in, size_t max, struct buf *out)
{
    struct frame_reader r = { .flags = MSG_DONTWAIT };
    struct error e = { 0 };
    struct buf frame;
    uint8_t type, head[5];
    int pair[2], rc = 0, taken;

    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    r.fd = pair[1];
    while (rc == 0) {
        size_t n = in.len < 7000 ? in.len : 7000;

        FUZZ_CHECK(n == 0 || send(pair[0], in.p, n, 0) == (ssize_t)n);
        (void)fuzz_bytes(&in, n, &n);
        if (n == 0)
            (void)shutdown(pair[0], SHUT_WR);
        rc = frame_fill(&r, &e);
        while (rc == 0 && (taken = frame_take(&r, &type, &frame, max, &e))) {
            if (taken < 0) {
                rc = -1;
                break;
            }
            head[0] = type;
            le32_put(head + 1, (uint32_t)frame.len);
            FUZZ_CHECK(buf_add(out, head, sizeof(head)) == 0 &&
                       buf_add(out, frame.p, frame.len) == 0);
        }
    }
    frame_reader_free(&r);
    (void)close(pair[0]);
    (void)close(pair[1]);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    size_t max = fuzz_short(&in), at = 0;
    int from = memfd_create("in", 0), to = memfd_create("out", 0), rc;
    struct buf frame = { 0 }, many = { 0 };
    struct error e = { 0 };
    uint8_t type, *back;

    FUZZ_CHECK(from >= 0 && to >= 0);
    FUZZ_CHECK(fd_pwrite_all(from, in.p, in.len, 0) == 0);
    while ((rc = frame_read(from, &type, &frame, max, &e)) == 0) {
        FUZZ_CHECK(frame.len <= max && frame.p[frame.len] == 0);
        FUZZ_CHECK(frame_write(to, type, frame.p, frame.len, &e) == 0);
        at += 5 + frame.len;
    }
    FUZZ_CHECK(rc == 1 ? at == in.len
                       : e.code == ERR_INPUT || e.code == ERR_IO);
    FUZZ_CHECK(lseek(to, 0, SEEK_CUR) == (off_t)at);
    back = malloc(at + 1);
    FUZZ_CHECK(back != NULL && pread(to, back, at, 0) == (ssize_t)at);
    FUZZ_CHECK(at == 0 || memcmp(back, in.p, at) == 0);
    FUZZ_CHECK(read_many(in, max, &many) == rc && many.len == at &&
               (at == 0 || memcmp(back, many.p, at) == 0));
    free(back);
    buf_free(&many);
    buf_free(&frame);
    (void)close(from);
    (void)close(to);
    return 0;
}

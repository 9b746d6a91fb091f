/*
 * Frames between our own processes. Whatever comes, a frame that is read is
 * within the cap and is written as the very bytes it was read from; the end
 * is told from a cut.
 */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    size_t max = fuzz_short(&in), at = 0;
    int from = memfd_create("in", 0), to = memfd_create("out", 0), rc;
    struct buf frame = { 0 };
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
    free(back);
    buf_free(&frame);
    (void)close(from);
    (void)close(to);
    return 0;
}

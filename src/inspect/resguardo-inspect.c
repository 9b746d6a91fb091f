/*
 * resguardo-inspect: the judge. It parses one customer's file and holds
 * nothing else: no secret, no file, no network. See resguardo/inspect.h for
 * the wall between it and the daemon. What the daemon spawns is the mother of
 * some judges (mother.h), who sees no file.
 */
#include "mother.h"
#include "resguardo/inspect.h"
#include "verdict.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The socket to the daemon. */
#define WIRE 3

/* What a mother does herself; and all that a judge may, who is one for a few
 * calls more. */
static const int mother_syscalls[] = {
    SYS_recvmsg, SYS_clone,  SYS_close,      SYS_dup3,         SYS_getppid,
    SYS_prctl,   SYS_read,   SYS_write,      SYS_brk,          SYS_mmap,
    SYS_munmap,  SYS_mremap, SYS_exit_group, SYS_rt_sigreturn, -1,
};

static const struct sandbox mother_sandbox = {
    .syscalls = mother_syscalls,
    .address_space = (size_t)512 * 1024 * 1024,
    .open_files = 5,
    .write_to = WIRE,
    .forks = true,
};

/* What libmagic and the frames need once the database is loaded; mmap only
 * for memory (no descriptor can be opened any more). */
static const int judge_syscalls[] = {
    SYS_read,   SYS_write,      SYS_brk,          SYS_mmap, SYS_munmap,
    SYS_mremap, SYS_exit_group, SYS_rt_sigreturn, -1,
};

static const struct sandbox judge_sandbox = {
    .syscalls = judge_syscalls,
    .address_space = (size_t)512 * 1024 * 1024,
    .open_files = 4,
    /* Never to stderr: that is the daemon's log, and no place for a file. */
    .write_to = WIRE,
};

/* inspect_read over the wire; arg is the buffer for answers. */
static int wire_read(void *arg, int64_t offset, uint8_t *out, size_t len,
                     size_t *got, struct error *err)
{
    uint8_t request[12], type;
    struct buf *answer = arg;

    le64_put(request, (uint64_t)offset);
    le32_put(request + 8, (uint32_t)len);
    if (frame_write(WIRE, JUDGE_READ, request, sizeof(request), err) != 0)
        return -1;

    buf_reset(answer);
    if (frame_read(WIRE, &type, answer, len, err) != 0 || type != JUDGE_BYTES)
        return error_set(err, ERR_IO, "no answer to a READ");
    if (answer->len > 0)
        memcpy(out, answer->p, answer->len);
    *got = answer->len;
    return 0;
}

static int receive_begin(int64_t *size, struct error *err)
{
    struct buf begin = { 0 };
    uint8_t type;
    int ok = -1;

    if (frame_read(WIRE, &type, &begin, 8, err) == 0 && type == JUDGE_BEGIN &&
        begin.len == 8) {
        *size = (int64_t)le64_get(begin.p);
        ok = 0;
    }
    buf_free(&begin);
    return ok;
}

static int judge(void *magic, struct error *err)
{
    struct buf answer = { 0 }, out = { 0 };
    struct inspect_verdict verdict;
    int64_t size;
    int ok = -1;

    if (receive_begin(&size, err) != 0)
        return -1;
    if (inspect_judge(magic, size, wire_read, &answer, &verdict, err) == 0 &&
        inspect_verdict_encode(&verdict, &out) == 0)
        ok = frame_write(WIRE, JUDGE_VERDICT, out.p, out.len, err);
    buf_free(&answer);
    buf_free(&out);
    return ok;
}

/* Errors are not printed: the daemon sees a judge that died. _exit, because
 * nothing of the runtime's farewell is needed or allowed. */
int main(void)
{
    struct error err = { 0 };
    void *magic;

    if (process_check_spawned(1, &err) != 0) {
        (void)fprintf(stderr, "resguardo-inspect: %s\n", err.text);
        return 2;
    }
    log_open("resguardo-inspect");
    if (process_harden(&err) != 0)
        goto fail;
    magic = inspect_magic_open(&err);
    if (magic == NULL)
        goto fail;
    if (sandbox_enter(&mother_sandbox, &err) != 0)
        goto fail;
    if (inspect_mother_serve() != 0)
        _exit(1);
    if (sandbox_enter(&judge_sandbox, &err) != 0)
        goto fail;

    _exit(judge(magic, &err) == 0 ? 0 : 1);

fail:
    log_error("judge_not_started", &err);
    _exit(1);
}

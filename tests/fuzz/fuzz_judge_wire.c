/*
 * The judge's side of its wall, with the input as what the daemon sends: the
 * judge ends with a verdict that the daemon would take or without one, and
 * asks for nothing outside the size that it was told.
 */
#include "fuzz.h"

#include "inspect/magic.h"
#include "inspect/verdict.h"

/* The wire is memory: frames in the input, frames out checked. */
static struct fuzz_input wire;
static int64_t told;
static unsigned verdicts;

static int wire_in(int fd, uint8_t *type, struct buf *out, size_t max,
                   struct error *e)
{
    size_t len, got;
    const uint8_t *p;

    (void)fd;
    buf_reset(out);
    if (wire.len == 0)
        return 1;
    *type = fuzz_byte(&wire) % 8;
    len = fuzz_short(&wire);
    if (len > max)
        return error_set(e, ERR_INPUT, "a frame too long");
    p = fuzz_bytes(&wire, len, &got);
    FUZZ_CHECK(buf_add(out, p, got) == 0);
    if (*type == JUDGE_BEGIN && out->len == 8)
        told = (int64_t)le64_get(out->p);
    return 0;
}

static int wire_out(int fd, uint8_t type, const void *bytes, size_t n,
                    struct error *e)
{
    const uint8_t *p = bytes;
    struct inspect_verdict v;

    (void)fd;
    (void)e;
    FUZZ_CHECK(verdicts == 0);
    if (type == JUDGE_VERDICT) {
        verdicts++;
        FUZZ_CHECK(n <= VERDICT_BYTES && inspect_verdict_decode(&v, p, n) == 0);
        return 0;
    }
    FUZZ_CHECK(type == JUDGE_READ && n == 12);
    FUZZ_CHECK(le32_get(p + 8) >= 1 && le32_get(p + 8) <= LIMIT_JUDGE_READ);
    FUZZ_CHECK((int64_t)le64_get(p) >= 0 && (int64_t)le64_get(p) < told);
    FUZZ_CHECK(le32_get(p + 8) <= told - (int64_t)le64_get(p));
    return 0;
}

#define frame_read  wire_in
#define frame_write wire_out
#define main        judge_main
int judge_main(void);
#include "inspect/resguardo-inspect.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *magic;
    struct error e = { 0 };
    int ok;

    if (magic == NULL)
        magic = inspect_magic_open(&e);
    FUZZ_CHECK(magic != NULL);
    wire = (struct fuzz_input){ data, size };
    told = -1;
    verdicts = 0;
    ok = judge(magic, &e);
    FUZZ_CHECK((ok == 0) == (verdicts == 1));
    return 0;
}

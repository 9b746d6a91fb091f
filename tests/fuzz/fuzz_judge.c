/*
 * What a file is, by the whole judge with libmagic. Every file gets a verdict
 * that the daemon accepts on its wire, the same each time, and reads lie
 * inside the file. A file that is called DOCX has the two parts of one.
 */
#include "fuzz.h"

#include "inspect/magic.h"
#include "inspect/verdict.h"

static int read_file(void *arg, int64_t offset, uint8_t *out, size_t len,
                     size_t *got, struct error *e)
{
    const struct fuzz_input *f = arg;

    (void)e;
    FUZZ_CHECK(offset >= 0 && len > 0 && len <= LIMIT_JUDGE_READ);
    FUZZ_CHECK((uint64_t)offset + len <= f->len);
    memcpy(out, f->p + offset, len);
    *got = len;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *magic;
    struct fuzz_input file = { data, size };
    struct inspect_verdict one, two, wire;
    struct buf bytes = { 0 };
    struct error e = { 0 };

    if (magic == NULL)
        magic = inspect_magic_open(&e);
    FUZZ_CHECK(magic != NULL);
    FUZZ_CHECK(
        inspect_judge(magic, (int64_t)size, read_file, &file, &one, &e) == 0);
    FUZZ_CHECK(
        inspect_judge(magic, (int64_t)size, read_file, &file, &two, &e) == 0);
    FUZZ_CHECK(strcmp(one.media_type, two.media_type) == 0 &&
               strcmp(one.finding, two.finding) == 0);
    FUZZ_CHECK(inspect_verdict_encode(&one, &bytes) == 0 &&
               inspect_verdict_decode(&wire, bytes.p, bytes.len) == 0);
    FUZZ_CHECK(strcmp(one.media_type, wire.media_type) == 0 &&
               strcmp(one.finding, wire.finding) == 0);
    if (strstr(one.media_type, "wordprocessingml") != NULL &&
        strcmp(one.finding, "damaged") != 0)
        FUZZ_CHECK(memmem(data, size, "PK\1\2", 4) != NULL);
    buf_free(&bytes);
    return 0;
}

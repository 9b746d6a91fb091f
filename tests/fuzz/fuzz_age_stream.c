/*
 * A sealed file that was damaged, cut or extended, and one that is no age
 * file at all. Whatever is released is a prefix of what was sealed; only the
 * file as it was sealed opens to its end; the size of the pieces in which it
 * comes changes nothing; random access gives the same bytes or an error.
 */
#include "vault/vault_private.h"

#include "fuzz.h"

#include <sodium.h>

#define PLAIN_MAX (2 * (size_t)AGE_CHUNK + 100)

static struct secret *identity;
static uint8_t plain[PLAIN_MAX];

struct got {
    struct buf bytes;
};

static int take(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    struct got *g = arg;

    return buf_add(&g->bytes, p, n) == 0 ? 0
                                         : error_set(e, ERR_NOMEM, "memory");
}

static void set_up(void)
{
    uint64_t seed = 1;
    const struct random_source random = { fuzz_random_fill, &seed };

    if (identity != NULL)
        return;
    FUZZ_CHECK(sodium_init() >= 0);
    identity = age_identity_new(&random);
    FUZZ_CHECK(identity != NULL);
    for (size_t i = 0; i < sizeof(plain); i++)
        plain[i] = (uint8_t)(i * 31 + i / 256);
}

static int open_in_pieces(const struct buf *file, size_t piece, struct got *got)
{
    struct error e = { 0 };
    struct age_opener *o = NULL;
    int ok = 0;

    FUZZ_CHECK(age_opener_new(&o, (const struct secret *const *)&identity, 1,
                              take, got, &e) == 0);
    for (size_t at = 0; ok == 0 && at < file->len; at += piece) {
        size_t n = file->len - at < piece ? file->len - at : piece;

        ok = age_opener_add(o, file->p + at, n, &e);
    }
    if (ok == 0)
        ok = age_opener_finish(o, &e);
    FUZZ_CHECK(ok == 0 || e.text[0] != '\0');
    age_opener_free(&o);
    return ok;
}

static int read_at(void *arg, int64_t offset, uint8_t *out, size_t len,
                   struct error *e)
{
    const struct buf *payload = arg;

    FUZZ_CHECK(offset >= 0 && (uint64_t)offset + len <= payload->len);
    (void)e;
    memcpy(out, payload->p + offset, len);
    return 0;
}

/* Reads here and there; the key is the right one. */
static void check_reader(struct buf *payload, const struct secret *key,
                         size_t len, bool intact, struct fuzz_input *in)
{
    static uint8_t out[1000];
    struct error e = { 0 };
    struct age_reader *r = NULL;
    int ok =
        age_reader_new(&r, key, (int64_t)payload->len, read_at, payload, &e);

    FUZZ_CHECK(ok == 0 || !intact);
    for (int i = 0; ok == 0 && i < 4; i++) {
        int64_t offset = (int64_t)fuzz_short(in) * 3;
        size_t want = fuzz_short(in) % sizeof(out), got = 0;

        FUZZ_CHECK(!intact || age_reader_size(r) == (int64_t)len);
        if (age_reader_read(r, offset, out, want, &got, &e) != 0) {
            FUZZ_CHECK(!intact && got == 0);
            continue;
        }
        FUZZ_CHECK((size_t)offset + got <= len || got == 0);
        if (got > 0)
            FUZZ_CHECK(memcmp(out, plain + offset, got) == 0);
        if (got < want)
            FUZZ_CHECK(offset + (int64_t)got >= age_reader_size(r));
    }
    age_reader_free(&r);
}

/* What the input does to a sealed file. */
static void damage(struct buf *file, struct fuzz_input *in)
{
    unsigned edits = fuzz_byte(in) % 4;

    for (unsigned i = 0; i < edits; i++) {
        unsigned what = fuzz_byte(in);
        size_t at = ((size_t)fuzz_short(in) << 2) % (file->len + 1);

        if (what % 4 == 0 && at < file->len) {
            file->p[at] ^= fuzz_byte(in);
        } else if (what % 4 == 1) {
            file->len = at; /* cut */
        } else if (what % 4 == 2) {
            size_t n;
            const uint8_t *more = fuzz_bytes(in, what, &n);

            FUZZ_CHECK(buf_add(file, more, n) == 0);
        } else if (file->len > at + what) {
            memmove(file->p + at, file->p + at + what, file->len - at - what);
            file->len -= what; /* a piece is missing */
        }
    }
}

static void check_damaged(struct fuzz_input *in)
{
    uint64_t seed = 2;
    const struct random_source random = { fuzz_random_fill, &seed };
    static const size_t lengths[] = { 0,
                                      1,
                                      AGE_CHUNK,
                                      AGE_CHUNK + 1,
                                      1000,
                                      2 * AGE_CHUNK,
                                      AGE_CHUNK - 1,
                                      PLAIN_MAX };
    size_t len = lengths[fuzz_byte(in) % 8], header = 0;
    struct error e = { 0 };
    struct buf file = { 0 }, before = { 0 };
    struct got whole = { 0 }, pieces = { 0 };
    struct secret *file_key, *key;
    uint8_t to[1][AGE_KEY_LEN];
    bool intact;
    int ok;

    FUZZ_CHECK(age_identity_recipient(to[0], identity) == 0);
    FUZZ_CHECK(age_seal(&file, (const uint8_t(*)[AGE_KEY_LEN])to, 1, &random,
                        plain, len, &e) == 0);
    FUZZ_CHECK(buf_add(&before, file.p, file.len) == 0);
    damage(&file, in);
    intact = before.len == file.len && memcmp(before.p, file.p, file.len) == 0;

    ok = open_in_pieces(&file, file.len + 1, &whole);
    FUZZ_CHECK((ok == 0) == intact);
    FUZZ_CHECK(whole.bytes.len <= len &&
               (whole.bytes.len == 0 ||
                memcmp(whole.bytes.p, plain, whole.bytes.len) == 0));
    FUZZ_CHECK(ok != 0 || whole.bytes.len == len);
    FUZZ_CHECK(open_in_pieces(&file, (size_t)fuzz_short(in) + 1, &pieces) ==
               ok);
    FUZZ_CHECK(pieces.bytes.len == whole.bytes.len);

    /* The payload alone, under the key of the file as it was. */
    file_key = age_header_open(before.p, before.len,
                               (const struct secret *const *)&identity, 1,
                               &header, &e);
    FUZZ_CHECK(file_key != NULL);
    key = age_payload_key(file_key, before.p + header);
    FUZZ_CHECK(key != NULL);
    if (file.len > header) {
        struct buf payload = { 0 };

        FUZZ_CHECK(buf_add(&payload, file.p + header, file.len - header) == 0);
        check_reader(&payload, key, len, intact, in);
        buf_free(&payload);
    }
    secret_free(&file_key);
    secret_free(&key);
    buf_free(&file);
    buf_free(&before);
    buf_free(&whole.bytes);
    buf_free(&pieces.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };

    set_up();
    if (fuzz_byte(&in) % 8 == 7) {
        struct buf file = { 0 };
        struct got got = { 0 };

        FUZZ_CHECK(buf_add(&file, in.p, in.len) == 0);
        FUZZ_CHECK(open_in_pieces(&file, 1 + in.len / 3, &got) != 0);
        FUZZ_CHECK(got.bytes.len == 0);
        buf_free(&file);
        return 0;
    }
    check_damaged(&in);
    return 0;
}

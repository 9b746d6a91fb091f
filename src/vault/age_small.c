/* Whole age files in memory, for grants and evidence: mostly one chunk. */
#include "vault_private.h"

static int into_buf(void *arg, const uint8_t *p, size_t len, struct error *err)
{
    if (buf_add(arg, p, len) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a small file");
    return 0;
}

int age_seal(struct buf *out, const uint8_t (*recipients)[AGE_KEY_LEN],
             size_t n, const struct random_source *random, const void *data,
             size_t len, struct error *err)
{
    int ok = -1;
    struct age_writer *writer = NULL;
    struct buf header = { 0 }, payload = { 0 };
    const struct age_seal_for to = { .recipients = recipients, .n = n };

    if (age_writer_begin(&writer, 1, &to, random, &header, into_buf, &payload,
                         err) != 0 ||
        age_writer_add(writer, data, len, err) != 0 ||
        age_writer_finish(writer, err) != 0 ||
        into_buf(&header, payload.p, payload.len, err) != 0)
        goto out;
    ok = into_buf(out, header.p, header.len, err);
out:
    age_writer_free(&writer);
    buf_free(&header);
    buf_free(&payload);
    return ok;
}

int age_open(struct buf *out, const struct secret *const *identities, size_t n,
             const void *data, size_t len, struct error *err)
{
    int ok = -1;
    struct age_opener *opener = NULL;
    struct buf plain = { 0 };

    /* All of it or nothing: out is touched after the end was seen. */
    if (age_opener_begin(&opener, 1, identities, n, into_buf, &plain, err) !=
            0 ||
        age_opener_add(opener, data, len, err) != 0 ||
        age_opener_finish(opener, err) != 0)
        goto out;
    ok = into_buf(out, plain.p, plain.len, err);
out:
    age_opener_free(&opener);
    buf_free(&plain);
    return ok;
}

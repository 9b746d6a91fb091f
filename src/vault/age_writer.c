/* Seals one payload while its bytes come, in chunks of 64 KiB; some of them go
 * out together, so that a file costs fewer writes. */
#include "vault_private.h"

#include <stdlib.h>
#include <string.h>

enum state {
    STATE_OPEN,
    STATE_DONE,
    STATE_DEAD /* a chunk may be half written: no nonce is used twice */
};

struct age_writer {
    enum state state;
    struct secret *key;
    struct age_belt *belt;
    size_t room; /* plaintext bytes of a batch */
    age_sink sink;
    void *arg;
};

void age_writer_free(struct age_writer **writer)
{
    if (*writer == NULL)
        return;
    age_belt_free(&(*writer)->belt);
    secret_free(&(*writer)->key);
    free(*writer);
    *writer = NULL;
}

static void seal_batch(struct age_batch *batch, const struct secret *key)
{
    const size_t chunks =
        batch->len == 0 ? 1 : (batch->len - 1) / AGE_CHUNK + 1;

    for (size_t i = 0; i < chunks; i++) {
        size_t left = batch->len - i * AGE_CHUNK;

        age_payload_seal(batch->sealed + i * AGE_SEALED_CHUNK,
                         batch->plain->p + i * AGE_CHUNK,
                         left < AGE_CHUNK ? left : AGE_CHUNK, key,
                         batch->chunk + i, batch->last && i + 1 == chunks);
    }
    batch->good = batch->len + chunks * AGE_TAG_LEN;
}

static int emit_batch(void *arg, const struct age_batch *batch,
                      struct error *err)
{
    struct age_writer *w = arg;

    return w->sink(w->arg, batch->sealed, batch->good, err);
}

static int seal_header(struct buf *out, const struct age_seal_for *to,
                       const struct secret *file_key,
                       const struct random_source *random, struct error *err)
{
    if (to->passphrase != NULL)
        return age_header_seal_passphrase(out, to->passphrase, to->work,
                                          file_key, random, err);
    return age_header_seal(out, to->recipients, to->n, file_key, random, err);
}

/* Draws the keys, writes the header and the nonce. */
static int begin(struct age_writer *w, const struct age_seal_for *to,
                 const struct random_source *random, struct buf *header,
                 struct error *err)
{
    int ok = -1;
    uint8_t nonce[AGE_NONCE_LEN];
    struct buf text = { 0 };
    struct secret *file_key = secret_new(AGE_FILE_KEY_LEN);

    if (file_key == NULL)
        goto nomem;
    random_fill(random, file_key->p, file_key->len);
    random_fill(random, nonce, sizeof(nonce));
    w->key = age_payload_key(file_key, nonce);
    if (w->key == NULL)
        goto nomem;
    if (seal_header(&text, to, file_key, random, err) != 0 ||
        w->sink(w->arg, nonce, sizeof(nonce), err) != 0)
        goto out;
    if (buf_add(header, text.p, text.len) != 0)
        goto nomem;
    ok = 0;
    goto out;
nomem:
    (void)error_set(err, ERR_NOMEM, "no memory for sealing");
out:
    buf_free(&text);
    secret_free(&file_key);
    return ok;
}

int age_writer_begin(struct age_writer **writer, size_t chunks,
                     const struct age_seal_for *to,
                     const struct random_source *random, struct buf *header,
                     age_sink sink, void *arg, struct error *err)
{
    struct age_writer *w = calloc(1, sizeof(*w));

    *writer = NULL;
    if (w == NULL ||
        (w->belt = age_belt_new(chunks, seal_batch, emit_batch, w)) == NULL) {
        age_writer_free(&w);
        return error_set(err, ERR_NOMEM, "no memory for sealing");
    }
    w->room = chunks * AGE_CHUNK;
    w->sink = sink;
    w->arg = arg;
    if (begin(w, to, random, header, err) != 0) {
        age_writer_free(&w);
        return -1;
    }
    age_belt_key(w->belt, w->key);
    *writer = w;
    return 0;
}

int age_writer_new(struct age_writer **writer,
                   const uint8_t (*recipients)[AGE_KEY_LEN], size_t n,
                   const struct random_source *random, struct buf *header,
                   age_sink sink, void *arg, struct error *err)
{
    const struct age_seal_for to = { .recipients = recipients, .n = n };

    return age_writer_begin(writer, AGE_BATCH, &to, random, header, sink, arg,
                            err);
}

int age_writer_new_passphrase(struct age_writer **writer,
                              const struct secret *passphrase, unsigned work,
                              const struct random_source *random,
                              struct buf *header, age_sink sink, void *arg,
                              struct error *err)
{
    const struct age_seal_for to = { .passphrase = passphrase, .work = work };

    return age_writer_begin(writer, AGE_BATCH, &to, random, header, sink, arg,
                            err);
}

void age_writer_threads(struct age_writer *w, unsigned threads)
{
    age_belt_threads(w->belt, threads);
}

static int push(struct age_writer *w, bool last, struct error *err)
{
    if (age_belt_push(w->belt, last, err) == 0)
        return 0;
    w->state = STATE_DEAD;
    return -1;
}

int age_writer_add(struct age_writer *w, const void *data, size_t len,
                   struct error *err)
{
    const uint8_t *p = data;

    if (w->state != STATE_OPEN)
        return error_set(err, ERR_INTERNAL, "sealing has already ended");
    while (len > 0) {
        struct age_batch *batch = age_belt_batch(w->belt);

        /* A full one waits for the byte that shows it is not the last. */
        if (batch->len == w->room) {
            if (push(w, false, err) != 0)
                return -1;
            continue;
        }
        size_t room = w->room - batch->len;
        size_t take = len < room ? len : room;
        memcpy(batch->plain->p + batch->len, p, take);
        batch->len += take;
        p += take;
        len -= take;
    }
    return 0;
}

int age_writer_finish(struct age_writer *w, struct error *err)
{
    if (w->state != STATE_OPEN)
        return error_set(err, ERR_INTERNAL, "sealing has already ended");
    if (push(w, true, err) != 0)
        return -1;
    w->state = STATE_DONE;
    return 0;
}

struct secret *age_writer_payload_key(const struct age_writer *w)
{
    if (w->state != STATE_DONE)
        return NULL;
    return secret_copy(w->key->p, w->key->len);
}

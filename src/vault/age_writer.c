/* Seals one payload while its bytes come, in chunks of 64 KiB; some of them go
 * out together, so that a file costs fewer writes. */
#include "vault_private.h"

#include <stdlib.h>
#include <string.h>

/* Sealed chunks that leave at once. */
#define BATCH 4u

enum state {
    STATE_OPEN,
    STATE_DONE,
    STATE_DEAD /* a chunk may be half written: no nonce is used twice */
};

struct age_writer {
    enum state state;
    struct secret *key;
    struct secret *plain; /* AGE_CHUNK bytes, `held` of them waiting */
    size_t held;
    uint64_t chunk; /* number of the next */
    age_sink sink;
    void *arg;
    size_t ready; /* bytes of `sealed` that wait to leave */
    uint8_t sealed[BATCH * AGE_SEALED_CHUNK];
};

void age_writer_free(struct age_writer **writer)
{
    if (*writer == NULL)
        return;
    secret_free(&(*writer)->key);
    secret_free(&(*writer)->plain);
    free(*writer);
    *writer = NULL;
}

/* Draws the keys, writes the header and the nonce. */
static int begin(struct age_writer *w, const uint8_t (*recipients)[AGE_KEY_LEN],
                 size_t n, const struct random_source *random,
                 struct buf *header, struct error *err)
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
    if (age_header_seal(&text, recipients, n, file_key, random, err) != 0 ||
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

int age_writer_new(struct age_writer **writer,
                   const uint8_t (*recipients)[AGE_KEY_LEN], size_t n,
                   const struct random_source *random, struct buf *header,
                   age_sink sink, void *arg, struct error *err)
{
    struct age_writer *w = calloc(1, sizeof(*w));

    *writer = NULL;
    if (w == NULL || (w->plain = secret_new(AGE_CHUNK)) == NULL) {
        age_writer_free(&w);
        return error_set(err, ERR_NOMEM, "no memory for sealing");
    }
    w->sink = sink;
    w->arg = arg;
    if (begin(w, recipients, n, random, header, err) != 0) {
        age_writer_free(&w);
        return -1;
    }
    *writer = w;
    return 0;
}

static int flush(struct age_writer *w, bool last, struct error *err)
{
    age_payload_seal(w->sealed + w->ready, w->plain->p, w->held, w->key,
                     w->chunk, last);
    w->ready += w->held + AGE_TAG_LEN;
    w->chunk++;
    w->held = 0;
    if (!last && w->ready < sizeof(w->sealed))
        return 0;
    if (w->sink(w->arg, w->sealed, w->ready, err) != 0) {
        w->state = STATE_DEAD;
        return -1;
    }
    w->ready = 0;
    return 0;
}

int age_writer_add(struct age_writer *w, const void *data, size_t len,
                   struct error *err)
{
    const uint8_t *p = data;

    if (w->state != STATE_OPEN)
        return error_set(err, ERR_INTERNAL, "sealing has already ended");
    while (len > 0) {
        /* A full chunk waits for the byte that shows it is not the last. */
        if (w->held == AGE_CHUNK && flush(w, false, err) != 0)
            return -1;
        size_t room = AGE_CHUNK - w->held;
        size_t take = len < room ? len : room;
        memcpy(w->plain->p + w->held, p, take);
        w->held += take;
        p += take;
        len -= take;
    }
    return 0;
}

int age_writer_finish(struct age_writer *w, struct error *err)
{
    if (w->state != STATE_OPEN)
        return error_set(err, ERR_INTERNAL, "sealing has already ended");
    if (flush(w, true, err) != 0)
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

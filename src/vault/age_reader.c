/* Random access to a sealed payload, one opened chunk kept. */
#include "vault_private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NO_CHUNK (-1)

struct age_reader {
    struct secret *key;
    struct secret *plain; /* the chunk that is open */
    int64_t chunk;        /* its number, or NO_CHUNK */
    int64_t last;         /* number of the last chunk */
    int64_t size;         /* plaintext bytes */
    age_read_at read_at;
    void *arg;
    uint8_t sealed[AGE_SEALED_CHUNK];
};

void age_reader_free(struct age_reader **reader)
{
    if (*reader == NULL)
        return;
    secret_free(&(*reader)->key);
    secret_free(&(*reader)->plain);
    free(*reader);
    *reader = NULL;
}

/* Plaintext bytes of a chunk. */
static size_t chunk_size(const struct age_reader *r, int64_t chunk)
{
    return chunk < r->last ? AGE_CHUNK : (size_t)(r->size - chunk * AGE_CHUNK);
}

static int load(struct age_reader *r, int64_t chunk, struct error *err)
{
    size_t len = chunk_size(r, chunk) + AGE_TAG_LEN;
    int64_t offset = AGE_NONCE_LEN + chunk * (int64_t)AGE_SEALED_CHUNK;

    if (chunk == r->chunk)
        return 0;
    r->chunk = NO_CHUNK;
    if (r->read_at(r->arg, offset, r->sealed, len, err) != 0)
        return -1;
    if (age_payload_open(r->plain->p, r->sealed, len, r->key, (uint64_t)chunk,
                         chunk == r->last) != 0)
        return error_set(err, ERR_VERIFY,
                         "payload: chunk %lld is damaged or the end missing",
                         (long long)chunk);
    r->chunk = chunk;
    return 0;
}

int age_reader_new(struct age_reader **reader, const struct secret *payload_key,
                   int64_t payload_size, age_read_at read_at, void *arg,
                   struct error *err)
{
    struct age_reader *r = NULL;
    int64_t size = age_plain_size(payload_size);

    *reader = NULL;
    if (size < 0)
        return error_set(err, ERR_VERIFY, "payload: cut or extended");
    r = calloc(1, sizeof(*r));
    if (r == NULL || (r->plain = secret_new(AGE_CHUNK)) == NULL ||
        (r->key = secret_copy(payload_key->p, payload_key->len)) == NULL) {
        age_reader_free(&r);
        return error_set(err, ERR_NOMEM, "no memory for reading");
    }
    r->size = size;
    r->last = size == 0 ? 0 : (size - 1) / AGE_CHUNK;
    r->chunk = NO_CHUNK;
    r->read_at = read_at;
    r->arg = arg;

    /* The end first: what was cut off is known before anything is shown. */
    if (load(r, r->last, err) != 0) {
        age_reader_free(&r);
        return -1;
    }
    *reader = r;
    return 0;
}

int64_t age_reader_size(const struct age_reader *r)
{
    return r->size;
}

int age_reader_read(struct age_reader *r, int64_t offset, uint8_t *out,
                    size_t len, size_t *got, struct error *err)
{
    *got = 0;
    if (offset < 0)
        return error_set(err, ERR_INPUT, "a read before the start");
    if (offset >= r->size)
        return 0;
    if ((uint64_t)len > (uint64_t)(r->size - offset))
        len = (size_t)(r->size - offset);

    for (size_t done = 0; done < len;) {
        int64_t at = offset + (int64_t)done;
        if (load(r, at / AGE_CHUNK, err) != 0) {
            sodium_memzero(out, done);
            return -1;
        }
        size_t skip = (size_t)(at % AGE_CHUNK);
        size_t take = chunk_size(r, r->chunk) - skip;
        if (take > len - done)
            take = len - done;
        memcpy(out + done, r->plain->p + skip, take);
        done += take;
    }
    *got = len;
    return 0;
}

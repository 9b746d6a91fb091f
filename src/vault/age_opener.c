/* Opens an age file that comes as a stream: header, nonce, chunks. */
#include "vault_private.h"

#include <stdlib.h>
#include <string.h>

enum state {
    STATE_HEADER,
    STATE_NONCE,
    STATE_PAYLOAD,
    STATE_DONE,
    STATE_DEAD /* something did not hold: nothing more is released */
};

struct age_opener {
    enum state state;
    struct secret **identities;
    size_t n;
    age_sink sink;
    void *arg;

    struct buf header;
    size_t line; /* where its newest line starts */
    struct secret *file_key;
    struct secret *key; /* of the payload */
    struct secret *plain;
    uint64_t chunk; /* number of the next */
    size_t held;    /* bytes of nonce or chunk in `sealed` */
    uint8_t sealed[AGE_SEALED_CHUNK];
};

void age_opener_free(struct age_opener **opener)
{
    struct age_opener *o = *opener;

    if (o == NULL)
        return;
    for (size_t i = 0; i < o->n; i++)
        secret_free(&o->identities[i]);
    free(o->identities);
    buf_free(&o->header);
    secret_free(&o->file_key);
    secret_free(&o->key);
    secret_free(&o->plain);
    free(o);
    *opener = NULL;
}

/* The opener outlives the caller's identities. */
static int copy_identities(struct age_opener *o,
                           const struct secret *const *identities, size_t n)
{
    o->identities = calloc(n > 0 ? n : 1, sizeof(*o->identities));
    if (o->identities == NULL)
        return -1;
    for (; o->n < n; o->n++) {
        struct secret *copy =
            secret_copy(identities[o->n]->p, identities[o->n]->len);
        if (copy == NULL)
            return -1;
        o->identities[o->n] = copy;
    }
    return 0;
}

int age_opener_new(struct age_opener **opener,
                   const struct secret *const *identities, size_t n,
                   age_sink sink, void *arg, struct error *err)
{
    struct age_opener *o = calloc(1, sizeof(*o));

    *opener = NULL;
    if (o == NULL || (o->plain = secret_new(AGE_CHUNK)) == NULL ||
        copy_identities(o, identities, n) != 0) {
        age_opener_free(&o);
        return error_set(err, ERR_NOMEM, "no memory for opening");
    }
    o->sink = sink;
    o->arg = arg;
    *opener = o;
    return 0;
}

/* Takes bytes through the newline that ends the header. */
static int add_header(struct age_opener *o, const uint8_t **p, size_t *len,
                      struct error *err)
{
    const uint8_t *nl = memchr(*p, '\n', *len);
    size_t take = nl != NULL ? (size_t)(nl - *p) + 1 : *len;

    if (take > LIMIT_AGE_HEADER - o->header.len)
        return error_set(err, ERR_INPUT, "header: too long");
    if (buf_add(&o->header, *p, take) != 0)
        return error_set(err, ERR_NOMEM, "no memory for a header");
    *p += take;
    *len -= take;
    if (nl == NULL)
        return 0;

    /* A line with the mark of the MAC is the last one. */
    size_t line = o->line, used = 0;
    o->line = o->header.len;
    if (o->header.len - line < sizeof(AGE_MAC_MARK) ||
        memcmp(o->header.p + line, AGE_MAC_MARK, sizeof(AGE_MAC_MARK) - 1) != 0)
        return 0;
    o->file_key = age_header_open(o->header.p, o->header.len,
                                  (const struct secret *const *)o->identities,
                                  o->n, &used, err);
    if (o->file_key == NULL)
        return -1;
    o->state = STATE_NONCE;
    return 0;
}

/* Fills `sealed` up to `size`. */
static void fill(struct age_opener *o, size_t size, const uint8_t **p,
                 size_t *len)
{
    size_t room = size - o->held;
    size_t take = *len < room ? *len : room;

    memcpy(o->sealed + o->held, *p, take);
    o->held += take;
    *p += take;
    *len -= take;
}

static int add_nonce(struct age_opener *o, const uint8_t **p, size_t *len,
                     struct error *err)
{
    fill(o, AGE_NONCE_LEN, p, len);
    if (o->held < AGE_NONCE_LEN)
        return 0;
    o->key = age_payload_key(o->file_key, o->sealed);
    secret_free(&o->file_key);
    if (o->key == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a key");
    o->held = 0;
    o->state = STATE_PAYLOAD;
    return 0;
}

/* Authenticates the chunk that is held. */
static int open_chunk(struct age_opener *o, bool last)
{
    return age_payload_open(o->plain->p, o->sealed, o->held, o->key, o->chunk,
                            last);
}

/* Hands out a chunk that was opened. */
static int release(struct age_opener *o, struct error *err)
{
    size_t len = o->held - AGE_TAG_LEN;

    o->chunk++;
    o->held = 0;
    return len > 0 ? o->sink(o->arg, o->plain->p, len, err) : 0;
}

/* Opens the held chunk, which is the last one or is not. A full chunk that is
 * sound in the other role is still released, as the format's own tests
 * expect, and the error says what is wrong with the place. */
static int take_chunk(struct age_opener *o, bool last, struct error *err)
{
    if (open_chunk(o, last) == 0)
        return release(o, err);
    if (o->held < AGE_SEALED_CHUNK || open_chunk(o, !last) != 0)
        return error_set(err, ERR_VERIFY,
                         "payload: chunk %llu is damaged or the end missing",
                         (unsigned long long)o->chunk);
    if (release(o, err) != 0)
        return -1;
    return error_set(err, ERR_VERIFY, "payload: %s",
                     last ? "ends early" : "goes on after its end");
}

static int add_payload(struct age_opener *o, const uint8_t **p, size_t *len,
                       struct error *err)
{
    /* A full chunk waits for the byte that shows it is not the last. */
    if (o->held == AGE_SEALED_CHUNK)
        return take_chunk(o, false, err);
    fill(o, AGE_SEALED_CHUNK, p, len);
    return 0;
}

int age_opener_add(struct age_opener *o, const void *data, size_t len,
                   struct error *err)
{
    static int (*const steps[])(struct age_opener *, const uint8_t **, size_t *,
                                struct error *) = {
        [STATE_HEADER] = add_header,
        [STATE_NONCE] = add_nonce,
        [STATE_PAYLOAD] = add_payload,
    };
    const uint8_t *p = data;

    if (o->state >= STATE_DONE)
        return error_set(err, ERR_INTERNAL, "opening has already ended");
    while (len > 0) {
        if (steps[o->state](o, &p, &len, err) != 0) {
            o->state = STATE_DEAD;
            return -1;
        }
    }
    return 0;
}

/* The end of the stream: what is held must be the last chunk. */
static int finish(struct age_opener *o, struct error *err)
{
    if (o->state == STATE_HEADER)
        return error_set(err, ERR_INPUT, "header: ends early");
    if (o->state == STATE_NONCE)
        return error_set(err, ERR_INPUT, "header: no payload after it");
    if (o->held < AGE_TAG_LEN)
        return error_set(err, ERR_VERIFY, "payload: ends early");
    if (o->held == AGE_TAG_LEN && o->chunk > 0)
        return error_set(err, ERR_VERIFY, "payload: an empty last chunk");
    return take_chunk(o, true, err);
}

int age_opener_finish(struct age_opener *o, struct error *err)
{
    if (o->state >= STATE_DONE)
        return error_set(err, ERR_INTERNAL, "opening has already ended");
    int ok = finish(o, err);
    o->state = ok == 0 ? STATE_DONE : STATE_DEAD;
    return ok;
}

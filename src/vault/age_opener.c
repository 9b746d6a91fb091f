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
    age_ask ask;
    void *ask_arg;
    unsigned work;
    age_sink sink;
    void *arg;

    struct age_dearmor *dearmor; /* NULL: armor is not expected */
    struct buf header;
    size_t line; /* where its newest line starts */
    struct secret *file_key;
    struct secret *key; /* of the payload */
    struct age_belt *belt;
    size_t room; /* sealed bytes of a batch */
    size_t held; /* bytes of the nonce */
    uint8_t nonce[AGE_NONCE_LEN];
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
    age_dearmor_free(&o->dearmor);
    age_belt_free(&o->belt);
    secret_free(&o->file_key);
    secret_free(&o->key);
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

/* ---- payload ------------------------------------------------------------ */

static const char damaged[] = "damaged";

/* Opens a chunk, which is the payload's last or is not. A full chunk that is
 * sound in the other role is still good, as the format's own tests expect, but
 * nothing after it is; the fault says what is wrong with the place. */
static size_t open_chunk(struct age_batch *batch, size_t at, size_t len,
                         bool last, const struct secret *key)
{
    uint8_t *out = batch->plain->p + at * AGE_CHUNK;
    const uint8_t *in = batch->sealed + at * AGE_SEALED_CHUNK;
    uint64_t chunk = batch->chunk + at;

    if (len < AGE_TAG_LEN) {
        batch->fault = "ends early";
        return 0;
    }
    if (len == AGE_TAG_LEN && chunk > 0) {
        batch->fault = "an empty last chunk";
        return 0;
    }
    if (age_payload_open(out, in, len, key, chunk, last) == 0)
        return len - AGE_TAG_LEN;
    batch->fault = damaged;
    if (len < AGE_SEALED_CHUNK ||
        age_payload_open(out, in, len, key, chunk, !last) != 0)
        return 0;
    batch->fault = last ? "ends early" : "goes on after its end";
    return AGE_CHUNK;
}

static void open_batch(struct age_batch *batch, const struct secret *key)
{
    batch->good = 0;
    batch->fault = NULL;
    for (size_t at = 0; batch->fault == NULL; at++) {
        size_t left = batch->len - at * AGE_SEALED_CHUNK;
        bool end = left <= AGE_SEALED_CHUNK;

        batch->good += open_chunk(batch, at, end ? left : AGE_SEALED_CHUNK,
                                  end && batch->last, key);
        if (end)
            break;
    }
}

/* Hands out what is good, and then says what was not. */
static int emit_batch(void *arg, const struct age_batch *batch,
                      struct error *err)
{
    struct age_opener *o = arg;

    if (batch->good > 0 &&
        o->sink(o->arg, batch->plain->p, batch->good, err) != 0)
        return -1;
    if (batch->fault == NULL)
        return 0;
    if (batch->fault != damaged)
        return error_set(err, ERR_VERIFY, "payload: %s", batch->fault);
    return error_set(
        err, ERR_VERIFY, "payload: chunk %llu is damaged or the end missing",
        (unsigned long long)(batch->chunk + batch->good / AGE_CHUNK));
}

int age_opener_begin(struct age_opener **opener, size_t chunks,
                     const struct secret *const *identities, size_t n,
                     age_sink sink, void *arg, struct error *err)
{
    struct age_opener *o = calloc(1, sizeof(*o));

    *opener = NULL;
    if (o == NULL ||
        (o->belt = age_belt_new(chunks, open_batch, emit_batch, o)) == NULL ||
        copy_identities(o, identities, n) != 0) {
        age_opener_free(&o);
        return error_set(err, ERR_NOMEM, "no memory for opening");
    }
    o->room = chunks * AGE_SEALED_CHUNK;
    o->sink = sink;
    o->arg = arg;
    *opener = o;
    return 0;
}

int age_opener_new(struct age_opener **opener,
                   const struct secret *const *identities, size_t n,
                   age_sink sink, void *arg, struct error *err)
{
    return age_opener_begin(opener, AGE_BATCH, identities, n, sink, arg, err);
}

void age_opener_ask(struct age_opener *o, unsigned most, age_ask ask, void *arg)
{
    o->work = most;
    o->ask = ask;
    o->ask_arg = arg;
}

void age_opener_threads(struct age_opener *o, unsigned threads)
{
    age_belt_threads(o->belt, threads);
}

/* ---- the way through a file ---------------------------------------------- */

/* The first line tells what a file is, as soon as it can. */
static int check_version(const struct age_opener *o, struct error *err)
{
    static const char line[] = AGE_VERSION "\n";
    size_t len = sizeof(line) - 1;

    if (o->header.len < len)
        len = o->header.len;
    if (len > 0 && memcmp(o->header.p, line, len) != 0)
        return error_set(err, ERR_INPUT, "header: not an age v1 file");
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
    if (check_version(o, err) != 0)
        return -1;
    if (nl == NULL)
        return 0;

    /* A line with the mark of the MAC is the last one. */
    size_t line = o->line, used = 0;
    o->line = o->header.len;
    if (o->header.len - line < sizeof(AGE_MAC_MARK) ||
        memcmp(o->header.p + line, AGE_MAC_MARK, sizeof(AGE_MAC_MARK) - 1) != 0)
        return 0;
    const struct age_keys keys = { (const struct secret *const *)o->identities,
                                   o->n, o->ask, o->ask_arg, o->work };
    o->file_key =
        age_header_open_with(o->header.p, o->header.len, &keys, &used, err);
    if (o->file_key == NULL)
        return -1;
    o->state = STATE_NONCE;
    return 0;
}

/* Moves what `out` has room for. */
static size_t take(uint8_t *out, size_t room, const uint8_t **p, size_t *len)
{
    size_t n = *len < room ? *len : room;

    memcpy(out, *p, n);
    *p += n;
    *len -= n;
    return n;
}

static int add_nonce(struct age_opener *o, const uint8_t **p, size_t *len,
                     struct error *err)
{
    o->held += take(o->nonce + o->held, AGE_NONCE_LEN - o->held, p, len);
    if (o->held < AGE_NONCE_LEN)
        return 0;
    o->key = age_payload_key(o->file_key, o->nonce);
    secret_free(&o->file_key);
    if (o->key == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a key");
    age_belt_key(o->belt, o->key);
    o->state = STATE_PAYLOAD;
    return 0;
}

static int add_payload(struct age_opener *o, const uint8_t **p, size_t *len,
                       struct error *err)
{
    struct age_batch *batch = age_belt_batch(o->belt);

    /* A full one waits for the byte that shows it is not the last. */
    if (batch->len == o->room)
        return age_belt_push(o->belt, false, err);
    batch->len +=
        take(batch->sealed + batch->len, o->room - batch->len, p, len);
    return 0;
}

static int add(struct age_opener *o, const uint8_t *p, size_t len,
               struct error *err)
{
    static int (*const steps[])(struct age_opener *, const uint8_t **, size_t *,
                                struct error *) = {
        [STATE_HEADER] = add_header,
        [STATE_NONCE] = add_nonce,
        [STATE_PAYLOAD] = add_payload,
    };

    while (len > 0)
        if (steps[o->state](o, &p, &len, err) != 0)
            return -1;
    return 0;
}

int age_opener_add(struct age_opener *o, const void *data, size_t len,
                   struct error *err)
{
    int ok;

    if (o->state >= STATE_DONE)
        return error_set(err, ERR_INTERNAL, "opening has already ended");
    ok = o->dearmor != NULL ? age_dearmor_add(o->dearmor, data, len, err)
                            : add(o, data, len, err);
    if (ok != 0)
        o->state = STATE_DEAD;
    return ok;
}

/* What is in the armor. */
static int add_bare(void *arg, const uint8_t *p, size_t len, struct error *err)
{
    return add(arg, p, len, err);
}

int age_opener_dearmor(struct age_opener *o, struct error *err)
{
    return age_dearmor_new(&o->dearmor, add_bare, o, err);
}

/* The end of the stream: what waits must end with the last chunk. */
static int finish(struct age_opener *o, struct error *err)
{
    if (o->dearmor != NULL && age_dearmor_finish(o->dearmor, err) != 0)
        return -1;
    if (o->state == STATE_HEADER)
        return error_set(err, ERR_INPUT,
                         o->line == 0 ? "header: not an age v1 file"
                                      : "header: ends early");
    if (o->state == STATE_NONCE)
        return error_set(err, ERR_INPUT, "header: no payload after it");
    return age_belt_push(o->belt, true, err);
}

int age_opener_finish(struct age_opener *o, struct error *err)
{
    if (o->state >= STATE_DONE)
        return error_set(err, ERR_INTERNAL, "opening has already ended");
    int ok = finish(o, err);
    o->state = ok == 0 ? STATE_DONE : STATE_DEAD;
    return ok;
}

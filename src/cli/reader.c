/*
 * What opens a document: own identity, grant, epoch identity. The keyring is
 * checked here, back to the root that this person pinned and past the longest
 * log that they saw, so that neither the daemon nor its database can slip in a
 * key of its own, or bring a revoked one back.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define RING_MAX ((size_t)LIMIT_LEDGER_ENTRY)

/* Text in base64 to bytes; -1 with ERR_VERIFY. */
static int decode(const char *text, struct buf *out, struct error *e)
{
    size_t len = text != NULL ? strlen(text) : 0;
    ssize_t got;

    if (text == NULL || len > BASE64_SIZE(RING_MAX))
        return error_set(e, ERR_VERIFY, "the desk's keyring is malformed");
    if (buf_reserve(out, len) != 0)
        return error_set(e, ERR_NOMEM, "no memory for the keyring");
    got = base64_decode(out->p + out->len, len, text, len, true);
    if (got < 0)
        return error_set(e, ERR_VERIFY, "the desk's keyring is malformed");
    out->len += (size_t)got;
    return 0;
}

/* ---- the keyring -------------------------------------------------------- */

static int add_entry(struct keyring *ring, const json_t *item, struct error *e)
{
    struct buf entry = { 0 }, signature = { 0 };
    int ok = -1;

    if (decode(json_str(item, "entry"), &entry, e) != 0 ||
        decode(json_str(item, "signature"), &signature, e) != 0)
        goto out;
    if (signature.len != SIGN_LEN)
        (void)error_set(e, ERR_VERIFY, "the desk's keyring is malformed");
    else
        ok = keyring_add(ring, entry.p, entry.len, signature.p, e);
out:
    buf_free(&entry);
    buf_free(&signature);
    return ok;
}

/* The longest log that was seen here: "SIZE HASH". A log that is shorter, or
 * has another entry in that place, is not the same one. */
struct seen {
    uint64_t size;
    char head[HEX_SIZE(KEYRING_HASH_LEN)];
    bool met;
};

static void read_seen(struct seen *seen, const char *text)
{
    const char *space = text != NULL ? strchr(text, ' ') : NULL;
    int64_t size = 0;

    *seen = (struct seen){ 0 };
    if (space == NULL || strlen(space + 1) != sizeof(seen->head) - 1 ||
        decimal_parse(text, (size_t)(space - text), INT64_MAX, &size) != 0)
        return;
    seen->size = (uint64_t)size;
    memcpy(seen->head, space + 1, sizeof(seen->head));
}

static void head_hex(const struct keyring *ring,
                     char out[static HEX_SIZE(KEYRING_HASH_LEN)])
{
    uint8_t head[KEYRING_HASH_LEN];

    keyring_head(ring, head);
    hex_encode(out, head, sizeof(head));
}

static void meet(struct seen *seen, const struct keyring *ring)
{
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];

    if (keyring_size(ring) != seen->size)
        return;
    head_hex(ring, hex);
    seen->met = strcmp(hex, seen->head) == 0;
}

static int pin_head(struct known *known, const struct keyring *ring,
                    struct error *e)
{
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];
    struct buf text = { 0 };
    int ok;

    head_hex(ring, hex);
    if (buf_addf(&text, "%llu %s", (unsigned long long)keyring_size(ring),
                 hex) != 0)
        ok = error_set(e, ERR_NOMEM, "no memory for the keyring");
    else
        ok = known_set(known, "keyring_head", (const char *)text.p, e);
    buf_free(&text);
    return ok;
}

static int pin(const struct cli *cli, struct known *known,
               const struct keyring *ring, struct error *e)
{
    uint8_t root[KEYRING_HASH_LEN];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];
    bool first;

    keyring_root(ring, root);
    hex_encode(hex, root, sizeof(root));
    if (known_pin(known, "keyring_root", hex, "the root of the keyring", &first,
                  e) != 0 ||
        pin_head(known, ring, e) != 0)
        return -1;
    if (known_keep(known, e) != 0)
        return -1;
    if (first && known_kept(known))
        (void)fprintf(stderr,
                      "first contact with %s: its keyring root %s is pinned\n",
                      cli->socket, hex);
    return 0;
}

static int replay(struct keyring *ring, const json_t *answer, struct seen *seen,
                  struct error *e)
{
    const json_t *entries = json_object_get(answer, "entries"), *item;
    size_t i;

    json_array_foreach(entries, i, item)
    {
        if (add_entry(ring, item, e) != 0)
            return -1;
        meet(seen, ring);
    }
    if (keyring_size(ring) == 0)
        return error_set(e, ERR_VERIFY, "the desk's keyring is empty");
    if (seen->size > 0 && !seen->met) {
        (void)error_set(e, ERR_VERIFY,
                        "the keyring is not the one seen here before: an entry "
                        "is missing or another");
        return error_hint(e, "somebody put back an older database, or worse; "
                             "ask another officer what they see");
    }
    return 0;
}

struct keyring *reader_keyring(const struct cli *cli, const json_t *answer,
                               struct error *e)
{
    struct keyring *ring = keyring_new();
    struct known *known = NULL;
    struct seen seen;
    int ok = -1;

    if (ring == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for the keyring");
        return NULL;
    }
    if (known_open(&known, cli->identity, cli->socket, e) != 0)
        goto out;
    read_seen(&seen, known_get(known, "keyring_head"));
    if (replay(ring, answer, &seen, e) == 0)
        ok = pin(cli, known, ring, e);
out:
    known_close(&known);
    if (ok != 0)
        keyring_free(&ring);
    return ring;
}

struct keyring *reader_keyring_then(const json_t *answer, uint64_t size,
                                    struct error *e)
{
    const json_t *entries = json_object_get(answer, "entries"), *item;
    struct keyring *ring = keyring_new();
    size_t i;

    if (ring == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for the keyring");
        return NULL;
    }
    json_array_foreach(entries, i, item)
    {
        if (keyring_size(ring) == size)
            break;
        if (add_entry(ring, item, e) != 0)
            goto fail;
    }
    if (keyring_size(ring) == size)
        return ring;
    (void)error_set(e, ERR_VERIFY, "the keyring never had %llu entries",
                    (unsigned long long)size);
fail:
    keyring_free(&ring);
    return NULL;
}

uint64_t reader_keyring_seen(const struct known *known)
{
    struct seen seen;

    read_seen(&seen, known_get(known, "keyring_head"));
    return seen.size;
}

/* ---- grants ------------------------------------------------------------- */

static int add_epoch(struct epochs *out, const struct keyring *ring,
                     const struct secret *me, const json_t *grant,
                     struct error *e)
{
    json_int_t epoch = json_integer_value(json_object_get(grant, "epoch"));
    struct buf file = { 0 };
    struct secret *secret = NULL;

    if (epoch < 1 || epoch > (json_int_t)out->n)
        return error_set(e, ERR_VERIFY,
                         "a grant of an epoch that nobody signed");
    if (decode(json_str(grant, "file"), &file, e) == 0)
        secret = grant_open(ring, (unsigned)epoch, me, file.p, file.len, e);
    buf_free(&file);
    if (secret == NULL)
        return -1;
    secret_free(&out->secrets[epoch - 1]);
    out->secrets[epoch - 1] = secret;
    return 0;
}

/* One that does not open takes the others with it for nobody. */
static void pass_over(const struct error *why)
{
    struct buf text = { 0 };

    if (text_escape(&text, why->text) == 0)
        (void)fprintf(stderr,
                      "warning: %s\nan officer repairs it: resguardo vault "
                      "regrant NAME\n",
                      (const char *)text.p);
    buf_free(&text);
}

/* One that was given again is there twice, and one of them is enough. */
static void tell_missing(struct epochs *out, const struct keyring *ring,
                         const struct secret *me, const json_t *grants)
{
    const json_t *grant;
    size_t i;

    json_array_foreach(grants, i, grant)
    {
        json_int_t epoch = json_integer_value(json_object_get(grant, "epoch"));
        struct error why = { 0 };

        if (epoch >= 1 && epoch <= (json_int_t)out->n &&
            out->secrets[epoch - 1] != NULL)
            continue;
        if (add_epoch(out, ring, me, grant, &why) != 0)
            pass_over(&why);
    }
}

static int no_epoch(struct epochs *out, struct error *e)
{
    out->n = 0;
    (void)error_set(e, ERR_NOT_PERMITTED, "no epoch was granted to you");
    return error_hint(e, "an officer grants epochs: resguardo vault regrant "
                         "NAME");
}

int epochs_open(struct epochs *out, const struct keyring *ring,
                const struct secret *me, const json_t *grants, struct error *e)
{
    struct error why = { 0 };
    const json_t *grant;
    size_t i, opened = 0;

    *out = (struct epochs){ .n = keyring_epoch(ring) };
    if (json_array_size(grants) == 0 || out->n == 0)
        return no_epoch(out, e);
    out->secrets = calloc(out->n, sizeof(struct secret *));
    if (out->secrets == NULL) {
        out->n = 0;
        return error_set(e, ERR_NOMEM, "no memory for the grants");
    }
    json_array_foreach(grants, i, grant)
    {
        if (add_epoch(out, ring, me, grant, &why) == 0)
            opened++;
        else if (why.code == ERR_NOMEM)
            goto fail;
    }
    if (json_array_size(grants) > 1)
        tell_missing(out, ring, me, grants);
    if (opened > 0)
        return 0;
fail:
    *e = why;
    epochs_close(out);
    return -1;
}

static int add_identity(struct epochs *epochs, const struct keyring *ring,
                        struct secret **identity)
{
    uint8_t own[AGE_KEY_LEN], epoch[AGE_KEY_LEN];

    if (age_identity_recipient(own, *identity) != 0)
        return 0;
    for (unsigned n = 1; n <= epochs->n; n++) {
        if (keyring_epoch_recipient(ring, n, epoch) != 0 ||
            memcmp(own, epoch, sizeof(own)) != 0)
            continue;
        secret_free(&epochs->secrets[n - 1]);
        epochs->secrets[n - 1] = *identity;
        *identity = NULL;
        return 1;
    }
    return 0;
}

int epochs_add(struct epochs *epochs, const struct keyring *ring,
               const char *const *files, size_t n, struct error *e)
{
    int ok = 0;

    if (epochs->secrets == NULL) {
        epochs->n = keyring_epoch(ring);
        epochs->secrets = calloc(epochs->n + 1, sizeof(struct secret *));
        if (epochs->secrets == NULL)
            return error_set(e, ERR_NOMEM, "no memory for the epochs");
    }
    for (size_t i = 0; ok == 0 && i < n; i++) {
        struct age_identities ids = { 0 };
        int used = 0;

        ok = identity_load_all(&ids, files[i], NULL, e);
        for (size_t k = 0; ok == 0 && k < ids.n; k++)
            used += add_identity(epochs, ring, &ids.list[k]);
        if (ok == 0 && used == 0)
            ok = error_set(e, ERR_INPUT,
                           "%s: no identity of an epoch of this "
                           "keyring in it",
                           files[i]);
        age_identities_free(&ids);
    }
    return ok;
}

void epochs_close(struct epochs *epochs)
{
    for (size_t i = 0; i < epochs->n; i++)
        secret_free(&epochs->secrets[i]);
    free(epochs->secrets);
    *epochs = (struct epochs){ 0 };
}

const struct secret *epochs_get(const struct epochs *epochs, unsigned epoch,
                                struct error *e)
{
    const struct secret *secret =
        epoch >= 1 && epoch <= epochs->n ? epochs->secrets[epoch - 1] : NULL;

    if (secret == NULL) {
        (void)error_set(e, ERR_NOT_PERMITTED, "epoch %u was not granted to you",
                        epoch);
        (void)error_hint(e, "an officer who has it must do this");
    }
    return secret;
}

int epochs_opener(struct age_opener **out, const struct epochs *epochs,
                  age_sink sink, void *arg, struct error *e)
{
    const struct secret **have = calloc(epochs->n + 1, sizeof(*have));
    size_t n = 0;
    int ok;

    if (have == NULL)
        return error_set(e, ERR_NOMEM, "no memory for the grants");

    /* What is read is mostly new. */
    for (size_t i = epochs->n; i-- > 0;)
        if (epochs->secrets[i] != NULL)
            have[n++] = epochs->secrets[i];
    ok = age_opener_new(out, have, n, sink, arg, e);
    free(have);
    return ok;
}

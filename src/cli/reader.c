/*
 * What opens a document: own identity, grant, epoch identity. The keyring is
 * checked here, back to the root that this person pinned, so that neither the
 * daemon nor its database can slip in a key of its own.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* Epochs are few: one a rotation. */
#define EPOCHS_MAX 1024u
#define RING_MAX   ((size_t)LIMIT_LEDGER_ENTRY)

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

static int pin_root(const struct cli *cli, const struct keyring *ring,
                    struct error *e)
{
    uint8_t root[KEYRING_HASH_LEN];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];
    struct known *known = NULL;
    bool first;
    int ok = -1;

    keyring_root(ring, root);
    hex_encode(hex, root, sizeof(root));
    if (known_open(&known, cli->identity, cli->socket, e) != 0 ||
        known_pin(known, "keyring_root", hex, "the root of the keyring", &first,
                  e) != 0)
        goto out;
    if (first)
        (void)fprintf(stderr,
                      "first contact with %s: its keyring root %s is pinned\n",
                      cli->socket, hex);
    known_keep(known);
    ok = 0;
out:
    known_close(&known);
    return ok;
}

static struct keyring *checked_keyring(const struct cli *cli,
                                       const json_t *answer, struct error *e)
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
        if (add_entry(ring, item, e) != 0)
            goto fail;
    }
    if (keyring_size(ring) == 0) {
        (void)error_set(e, ERR_VERIFY, "the desk's keyring is empty");
        goto fail;
    }
    if (pin_root(cli, ring, e) == 0)
        return ring;
fail:
    keyring_free(&ring);
    return NULL;
}

/* ---- grants ------------------------------------------------------------- */

/* The secret of an epoch must be that of the recipient which officers signed.
 */
static int check_epoch(const struct keyring *ring, unsigned epoch,
                       const struct secret *identity, struct error *e)
{
    uint8_t own[AGE_KEY_LEN], signed_one[AGE_KEY_LEN];

    if (age_identity_recipient(own, identity) != 0 ||
        keyring_epoch_recipient(ring, epoch, signed_one) != 0 ||
        sodium_memcmp(own, signed_one, sizeof(own)) != 0)
        return error_set(e, ERR_VERIFY,
                         "the grant of epoch %u is not of the signed epoch",
                         epoch);
    return 0;
}

static struct secret *open_grant(const struct keyring *ring,
                                 const struct secret *me, const json_t *grant,
                                 struct error *e)
{
    const json_t *number = json_object_get(grant, "epoch");
    json_int_t epoch = json_integer_value(number);
    struct buf file = { 0 }, text = { 0 };
    struct secret *identity = NULL;

    if (epoch < 1 || epoch > (json_int_t)keyring_epoch(ring)) {
        (void)error_set(e, ERR_VERIFY,
                        "a grant of an epoch that nobody signed");
        goto out;
    }
    if (decode(json_str(grant, "file"), &file, e) != 0)
        goto out;
    if (age_open(&text, &me, 1, file.p, file.len, e) != 0) {
        (void)error_set(e, e->code, "the grant of epoch %u: %s",
                        (unsigned)epoch, e->text);
        (void)error_hint(e, "is this the identity that officers added?");
        goto out;
    }
    identity = age_identity_file_parse(text.p, text.len, e);
    if (identity != NULL &&
        check_epoch(ring, (unsigned)epoch, identity, e) != 0)
        secret_free(&identity);
out:
    buf_free(&file);
    buf_free(&text);
    return identity;
}

static int open_with(struct age_opener **out, const struct keyring *ring,
                     const struct secret *me, const json_t *grants,
                     age_sink sink, void *arg, struct error *e)
{
    size_t n = json_array_size(grants), have = 0;
    struct secret **epochs;
    int ok = -1;

    if (n == 0 || n > EPOCHS_MAX) {
        (void)error_set(e, ERR_INPUT, "no epoch was granted to you");
        return error_hint(e, "an officer grants epochs");
    }
    epochs = calloc(n, sizeof(struct secret *));
    if (epochs == NULL)
        return error_set(e, ERR_NOMEM, "no memory for the grants");
    for (; have < n; have++) {
        epochs[have] = open_grant(ring, me, json_array_get(grants, have), e);
        if (epochs[have] == NULL)
            goto out;
    }
    ok = age_opener_new(out, (const struct secret *const *)epochs, n, sink, arg,
                        e);
out:
    for (size_t i = 0; i < have; i++)
        secret_free(&epochs[i]);
    free(epochs);
    return ok;
}

int reader_open(struct age_opener **out, const struct cli *cli, age_sink sink,
                void *arg, struct error *e)
{
    struct secret *me = identity_load(cli->identity, e);
    struct client *client = NULL;
    struct keyring *ring = NULL;
    json_t *answer = NULL;
    int ok = -1;

    *out = NULL;
    if (me == NULL || client_open(&client, cli->socket, e) != 0)
        goto out;
    answer = client_get_json(client, "/keyring", e);
    if (answer == NULL)
        goto out;
    ring = checked_keyring(cli, answer, e);
    if (ring != NULL)
        ok = open_with(out, ring, me, json_object_get(answer, "grants"), sink,
                       arg, e);
out:
    keyring_free(&ring);
    json_decref(answer);
    client_close(&client);
    secret_free(&me);
    return ok;
}

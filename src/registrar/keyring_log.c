/* The keyring's rows, and what is pinned of them beside the keys. */
#include "registrar_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "resguardo/registrar_keys.h"

#define ROOT_FILE "keyring-root"
#define HEAD_FILE "keyring-head"
#define PIN_MAX   256u

/* The longest log that was worked with: "SIZE HASH". Size 0: nothing known. */
struct pin {
    uint64_t size;
    uint8_t head[KEYRING_HASH_LEN];
    bool met;
};

struct replay {
    struct keyring *keyring;
    struct pin *pin; /* or NULL */
    struct error *err;
};

static int meet(struct pin *pin, const struct keyring *k, struct error *err)
{
    uint8_t head[KEYRING_HASH_LEN];

    if (pin == NULL || keyring_size(k) != pin->size)
        return 0;
    keyring_head(k, head);
    pin->met = memcmp(head, pin->head, sizeof(head)) == 0;
    return pin->met ? 0
                    : error_set(err, ERR_VERIFY,
                                "the keyring is not the one worked with "
                                "before");
}

static int add_row(void *arg, const uint8_t *entry, size_t len,
                   const uint8_t *signature, size_t signature_len)
{
    struct replay *r = arg;

    if (signature_len != SIGN_LEN)
        return error_set(r->err, ERR_VERIFY, "a keyring signature is cut");
    if (keyring_add(r->keyring, entry, len, signature, r->err) != 0)
        return -1;
    return meet(r->pin, r->keyring, r->err);
}

static int replay(struct store *store, struct keyring *keyring, struct pin *pin,
                  struct error *err)
{
    struct replay r = { keyring, pin, err };

    return keyring_row_list(store, add_row, &r, err);
}

int keyring_log_replay(struct store *store, struct keyring *keyring,
                       struct error *err)
{
    return replay(store, keyring, NULL, err);
}

/* ---- pins --------------------------------------------------------------- */

static int pin_path(struct store *store, const char *name, struct buf *out,
                    struct error *err)
{
    if (buf_addf(out, "%s%s", store_keys_dir(store), name) != 0)
        return error_set(err, ERR_NOMEM, "no memory for the keyring");
    return 0;
}

static int check_root(struct store *store, const struct keyring *k,
                      struct error *err)
{
    uint8_t root[KEYRING_HASH_LEN];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];
    struct buf path = { 0 }, pinned = { 0 };
    int ok = -1;

    keyring_root(k, root);
    hex_encode(hex, root, sizeof(root));
    if (pin_path(store, ROOT_FILE, &path, err) != 0 ||
        file_read((const char *)path.p, PIN_MAX, &pinned, err) != 0)
        goto out;
    if (pinned.len < sizeof(hex) - 1 ||
        memcmp(pinned.p, hex, sizeof(hex) - 1) != 0)
        (void)error_set(err, ERR_VERIFY,
                        "the keyring does not begin at its root");
    else
        ok = 0;
out:
    buf_free(&path);
    buf_free(&pinned);
    return ok;
}

static int parse_pin(struct pin *pin, const struct buf *text)
{
    const char *at = (const char *)text->p;
    const char *space = text->len > 0 ? memchr(at, ' ', text->len) : NULL;
    int64_t size;

    if (space == NULL ||
        decimal_parse(at, (size_t)(space - at), INT64_MAX, &size) != 0 ||
        text->len - (size_t)(space + 1 - at) < 2 * KEYRING_HASH_LEN ||
        hex_decode(pin->head, KEYRING_HASH_LEN, space + 1, 2 * KEYRING_HASH_LEN,
                   false) != 0)
        return -1;
    pin->size = (uint64_t)size;
    return 0;
}

static int read_pin(struct store *store, struct pin *pin, struct error *err)
{
    struct buf path = { 0 }, text = { 0 };
    int ok = -1;

    if (pin_path(store, HEAD_FILE, &path, err) != 0)
        goto out;
    if (file_read((const char *)path.p, PIN_MAX, &text, err) != 0) {
        if (err->code == ERR_NOT_FOUND) { /* init has written one */
            (void)error_set(err, ERR_VERIFY, "%s is missing",
                            (const char *)path.p);
            (void)error_hint(err, "without it an older keyring could be put "
                                  "back unnoticed: restore it from a copy of "
                                  "the keys");
        }
        goto out;
    }
    ok = parse_pin(pin, &text);
    if (ok != 0)
        (void)error_set(err, ERR_VERIFY, "%s is malformed",
                        (const char *)path.p);
out:
    buf_free(&path);
    buf_free(&text);
    return ok;
}

int keyring_log_pin(struct store *store, const struct keyring *k,
                    struct error *err)
{
    uint8_t head[KEYRING_HASH_LEN];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];
    struct buf path = { 0 }, text = { 0 };
    int ok = -1;

    keyring_head(k, head);
    hex_encode(hex, head, sizeof(head));
    if (pin_path(store, HEAD_FILE, &path, err) != 0)
        goto out;
    if (buf_addf(&text, "%llu %s\n", (unsigned long long)keyring_size(k),
                 hex) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for the keyring");
    else
        ok = file_replace((const char *)path.p, text.p, text.len, err);
out:
    buf_free(&path);
    buf_free(&text);
    return ok;
}

int keyring_log_open(struct store *store, struct keyring **out,
                     struct error *err)
{
    struct keyring *k = keyring_new();
    struct pin pin = { 0 };

    *out = NULL;
    if (k == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the keyring");
    if (read_pin(store, &pin, err) != 0 || replay(store, k, &pin, err) != 0 ||
        check_root(store, k, err) != 0)
        goto fail;
    if (keyring_size(k) < pin.size) {
        (void)error_set(err, ERR_VERIFY,
                        "the keyring is older than what was worked with: "
                        "%llu entries, and there were %llu",
                        (unsigned long long)keyring_size(k),
                        (unsigned long long)pin.size);
        (void)error_hint(err, "put back the newest copy of the database");
        goto fail;
    }
    if (keyring_epoch(k) == 0) {
        (void)error_set(err, ERR_VERIFY, "the keyring has no epoch");
        goto fail;
    }
    *out = k;
    return 0;
fail:
    keyring_free(&k);
    return -1;
}

/* Values that only a slot's bytes and the field key together can open. */
#include "store_private.h"

#include <string.h>

#include <sodium.h>

#define NONCE_LEN crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_LEN   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define AD_MAX    256

static int seal(struct store *store, const uint8_t key[static 32],
                const void *ad, size_t ad_len, const void *plain, size_t len,
                struct buf *out, struct error *err)
{
    uint8_t nonce[NONCE_LEN];
    size_t start = out->len;

    random_fill(store->random, nonce, sizeof(nonce));
    if (buf_add(out, nonce, sizeof(nonce)) != 0 ||
        buf_reserve(out, len + TAG_LEN) != 0)
        return error_set(err, ERR_NOMEM, "no memory to seal a value");
    crypto_aead_xchacha20poly1305_ietf_encrypt(out->p + start + NONCE_LEN, NULL,
                                               plain, len, ad, ad_len, NULL,
                                               nonce, key);
    out->len = start + NONCE_LEN + len + TAG_LEN;
    out->p[out->len] = '\0';
    return 0;
}

static int unseal(const uint8_t key[static 32], const void *ad, size_t ad_len,
                  const uint8_t *sealed, size_t len, struct buf *out,
                  struct error *err)
{
    size_t plain = len - NONCE_LEN - TAG_LEN;

    if (len < NONCE_LEN + TAG_LEN)
        return error_set(err, ERR_VERIFY, "a sealed value is cut");
    if (buf_reserve(out, plain) != 0)
        return error_set(err, ERR_NOMEM, "no memory to open a value");
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            out->p + out->len, NULL, NULL, sealed + NONCE_LEN, len - NONCE_LEN,
            ad, ad_len, sealed, key) != 0)
        return error_set(err, ERR_VERIFY, "a sealed value does not open");
    out->len += plain;
    out->p[out->len] = '\0';
    return 0;
}

/* table ‖ 0 ‖ column [‖ 0 ‖ row] */
static size_t name(uint8_t out[static AD_MAX], const char *table,
                   const char *column, const char *row)
{
    const char *parts[] = { table, column, row };
    size_t n = 0;

    for (int i = 0; i < 3 && parts[i] != NULL; i++) {
        size_t len;

        if (i > 0 && n < AD_MAX - 1)
            out[n++] = '\0';
        len = strnlen(parts[i], AD_MAX - 1 - n);
        memcpy(out + n, parts[i], len);
        n += len;
    }
    return n;
}

/* BLAKE2b(field key, slot ‖ table ‖ column) */
static int field_key(struct store *store, uint64_t slot, const char *table,
                     const char *column, uint8_t out[static 32],
                     struct error *err)
{
    uint8_t bytes[SLOT_KEY_LEN], what[AD_MAX];
    crypto_generichash_state state;
    size_t len = name(what, table, column, NULL);

    if (slot_key(store, slot, bytes, err) != 0)
        return -1;
    crypto_generichash_init(&state, store->field_key->p, FIELD_KEY_LEN, 32);
    crypto_generichash_update(&state, bytes, sizeof(bytes));
    crypto_generichash_update(&state, what, len);
    crypto_generichash_final(&state, out, 32);
    sodium_memzero(bytes, sizeof(bytes));
    sodium_memzero(&state, sizeof(state));
    return 0;
}

int field_seal(struct store *store, uint64_t slot, const char *table,
               const char *column, const char *row, const void *plain,
               size_t len, struct buf *out, struct error *err)
{
    uint8_t key[32], ad[AD_MAX];
    size_t ad_len = name(ad, table, column, row);
    int ok = field_key(store, slot, table, column, key, err);

    if (ok == 0)
        ok = seal(store, key, ad, ad_len, plain, len, out, err);
    sodium_memzero(key, sizeof(key));
    return ok;
}

int field_open(struct store *store, uint64_t slot, const char *table,
               const char *column, const char *row, const void *sealed,
               size_t len, struct buf *out, struct error *err)
{
    uint8_t key[32], ad[AD_MAX];
    size_t ad_len = name(ad, table, column, row);
    int ok = field_key(store, slot, table, column, key, err);

    if (ok == 0)
        ok = unseal(key, ad, ad_len, sealed, len, out, err);
    sodium_memzero(key, sizeof(key));
    return ok;
}

int field_wrap(struct store *store, uint64_t slot, const void *ad,
               size_t ad_len, const void *plain, size_t len, struct buf *out,
               struct error *err)
{
    uint8_t key[SLOT_KEY_LEN];
    int ok = slot_key(store, slot, key, err);

    if (ok == 0)
        ok = seal(store, key, ad, ad_len, plain, len, out, err);
    sodium_memzero(key, sizeof(key));
    return ok;
}

int field_unwrap(struct store *store, uint64_t slot, const void *ad,
                 size_t ad_len, const void *wrapped, size_t len,
                 struct buf *out, struct error *err)
{
    uint8_t key[SLOT_KEY_LEN];
    int ok = slot_key(store, slot, key, err);

    if (ok == 0)
        ok = unseal(key, ad, ad_len, wrapped, len, out, err);
    sodium_memzero(key, sizeof(key));
    return ok;
}

int field_index(struct store *store, int64_t slot, const char *kind,
                const char *value, uint8_t out[static INDEX_LEN],
                struct error *err)
{
    uint8_t bytes[SLOT_KEY_LEN], key[32];
    crypto_generichash_state state;

    if (slot_key(store, (uint64_t)slot, bytes, err) != 0)
        return -1;
    crypto_generichash(key, sizeof(key), bytes, sizeof(bytes),
                       store->index_key->p, store->index_key->len);
    crypto_generichash_init(&state, key, sizeof(key), INDEX_LEN);
    crypto_generichash_update(&state, (const uint8_t *)kind, strlen(kind) + 1);
    crypto_generichash_update(&state, (const uint8_t *)value, strlen(value));
    crypto_generichash_final(&state, out, INDEX_LEN);
    sodium_memzero(bytes, sizeof(bytes));
    sodium_memzero(key, sizeof(key));
    sodium_memzero(&state, sizeof(state));
    return 0;
}

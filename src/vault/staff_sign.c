/* Signatures of staff: an Ed25519 key pair that follows from an identity. */
#include "vault_private.h"

#include <sodium.h>

_Static_assert(HKDF_LEN == crypto_sign_SEEDBYTES, "the seed is one HKDF block");
_Static_assert(SIGN_PUBLIC_LEN == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(SIGN_LEN == crypto_sign_BYTES, "Ed25519");

static int key_pair(uint8_t public[static SIGN_PUBLIC_LEN],
                    uint8_t secret[static crypto_sign_SECRETKEYBYTES],
                    const struct secret *identity)
{
    static const char info[] = "resguardo staff-sign v1";
    uint8_t seed[HKDF_LEN];

    if (identity->len != AGE_KEY_LEN)
        return -1;
    hkdf_sha256(seed, identity->p, identity->len, NULL, 0, info,
                sizeof(info) - 1);
    int ok = crypto_sign_seed_keypair(public, secret, seed);
    sodium_memzero(seed, sizeof(seed));
    return ok;
}

int staff_sign_public(uint8_t out[static SIGN_PUBLIC_LEN],
                      const struct secret *identity)
{
    uint8_t key[crypto_sign_SECRETKEYBYTES];
    int ok = key_pair(out, key, identity);

    sodium_memzero(key, sizeof(key));
    return ok;
}

bool staff_signed(const uint8_t sign_key[static SIGN_PUBLIC_LEN],
                  const uint8_t signature[static SIGN_LEN], const void *data,
                  size_t len)
{
    return crypto_sign_verify_detached(signature, data, len, sign_key) == 0;
}

int staff_request_body(char hex[static HEX_SIZE(SHA256_LEN)],
                       const json_t *body)
{
    static const char *const others[] = { "nonce", "signature", "reason" };
    json_t *rest = json_copy((json_t *)(uintptr_t)body);
    struct buf bytes = { 0 };
    uint8_t hash[SHA256_LEN];
    int ok = -1;

    hex[0] = '\0';
    if (!json_is_object(rest))
        goto out;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        (void)json_object_del(rest, others[i]);
    ok = 0;
    if (json_object_size(rest) == 0)
        goto out;
    ok = json_canonical(rest, &bytes) == 0 ? 1 : -1;
    if (ok > 0) {
        sha256_of(hash, bytes.p, bytes.len);
        hex_encode(hex, hash, sizeof(hash));
    }
out:
    json_decref(rest);
    buf_free(&bytes);
    return ok;
}

int staff_request(struct buf *out, const char *method, const char *nonce,
                  const char *path, const char *reason, const char *body_sha256)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s*}", "method", method,
                          "nonce", nonce, "path", path, "reason", reason,
                          "body_sha256", body_sha256);
    int ok = -1;

    if (o != NULL && buf_adds(out, "resguardo staff-sign v1\n") == 0)
        ok = json_canonical(o, out);
    json_decref(o);
    return ok;
}

int staff_sign(uint8_t out[static SIGN_LEN], const struct secret *identity,
               const void *data, size_t len)
{
    uint8_t public[SIGN_PUBLIC_LEN];
    uint8_t key[crypto_sign_SECRETKEYBYTES];
    int ok = key_pair(public, key, identity);

    if (ok == 0)
        ok = crypto_sign_detached(out, NULL, data, len, key);
    sodium_memzero(key, sizeof(key));
    return ok;
}

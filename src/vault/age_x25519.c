/* The X25519 recipient type: wraps a file key for one public key. */
#include "vault_private.h"

#include <sodium.h>
#include <string.h>

static const char info[] = "age-encryption.org/v1/X25519";
/* The wrap key is used once, so the nonce is fixed. */
static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

bool age_x25519_valid(const uint8_t point[static AGE_KEY_LEN])
{
    /* crypto_scalarmult refuses an all-zero result, whatever the scalar: a
     * clamped one is a multiple of the cofactor. */
    static const uint8_t scalar[AGE_KEY_LEN] = { 8 };
    uint8_t shared[AGE_KEY_LEN];
    return crypto_scalarmult(shared, scalar, point) == 0;
}

/* Wrap key from a Diffie-Hellman; -1 when the point is of low order. */
static int derive(uint8_t key[static HKDF_LEN],
                  const uint8_t scalar[static AGE_KEY_LEN],
                  const uint8_t point[static AGE_KEY_LEN],
                  const uint8_t share[static AGE_KEY_LEN],
                  const uint8_t recipient[static AGE_KEY_LEN])
{
    int ok = -1;
    uint8_t shared[AGE_KEY_LEN];
    uint8_t salt[2 * AGE_KEY_LEN];

    if (crypto_scalarmult(shared, scalar, point) != 0)
        goto out;
    memcpy(salt, share, AGE_KEY_LEN);
    memcpy(salt + AGE_KEY_LEN, recipient, AGE_KEY_LEN);
    hkdf_sha256(key, shared, sizeof(shared), salt, sizeof(salt), info,
                sizeof(info) - 1);
    ok = 0;
out:
    sodium_memzero(shared, sizeof(shared));
    return ok;
}

int age_x25519_wrap(uint8_t share[static AGE_KEY_LEN],
                    uint8_t body[static AGE_WRAPPED_LEN],
                    const uint8_t recipient[static AGE_KEY_LEN],
                    const uint8_t file_key[static AGE_FILE_KEY_LEN],
                    const struct random_source *random)
{
    int ok = -1;
    uint8_t ephemeral[AGE_KEY_LEN];
    uint8_t key[HKDF_LEN];

    random_fill(random, ephemeral, sizeof(ephemeral));
    if (crypto_scalarmult_base(share, ephemeral) != 0 ||
        derive(key, ephemeral, recipient, share, recipient) != 0)
        goto out;
    ok = crypto_aead_chacha20poly1305_ietf_encrypt(
        body, NULL, file_key, AGE_FILE_KEY_LEN, NULL, 0, NULL, nonce, key);
out:
    sodium_memzero(ephemeral, sizeof(ephemeral));
    sodium_memzero(key, sizeof(key));
    return ok;
}

int age_x25519_unwrap(uint8_t file_key[static AGE_FILE_KEY_LEN],
                      const uint8_t share[static AGE_KEY_LEN],
                      const uint8_t body[static AGE_WRAPPED_LEN],
                      const struct secret *identity)
{
    int found = -1;
    uint8_t recipient[AGE_KEY_LEN];
    uint8_t key[HKDF_LEN];

    if (age_identity_recipient(recipient, identity) != 0 ||
        derive(key, identity->p, share, share, recipient) != 0)
        goto out;
    found = crypto_aead_chacha20poly1305_ietf_decrypt(file_key, NULL, NULL,
                                                      body, AGE_WRAPPED_LEN,
                                                      NULL, 0, nonce, key) == 0;
out:
    sodium_memzero(key, sizeof(key));
    return found;
}

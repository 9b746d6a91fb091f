/* The scrypt recipient type: wraps a file key with a passphrase. */
#include "vault_private.h"

#include <sodium.h>
#include <string.h>

static const char label[] = "age-encryption.org/v1/scrypt";
#define LABEL_LEN (sizeof(label) - 1)
/* Salt and passphrase make a key of their own, so the nonce is fixed. */
static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

/* r = 8, p = 1: 1 KiB a round, all of it held at once. */
static int derive(uint8_t key[static HKDF_LEN],
                  const uint8_t salt[static AGE_SALT_LEN], unsigned work,
                  const struct secret *passphrase)
{
    uint8_t whole[LABEL_LEN + AGE_SALT_LEN];

    memcpy(whole, label, LABEL_LEN);
    memcpy(whole + LABEL_LEN, salt, AGE_SALT_LEN);
    return crypto_pwhash_scryptsalsa208sha256_ll(
        passphrase->p, passphrase->len, whole, sizeof(whole),
        (uint64_t)1 << work, 8, 1, key, HKDF_LEN);
}

int age_scrypt_wrap(uint8_t body[static AGE_WRAPPED_LEN],
                    const uint8_t salt[static AGE_SALT_LEN], unsigned work,
                    const struct secret *passphrase,
                    const uint8_t file_key[static AGE_FILE_KEY_LEN])
{
    uint8_t key[HKDF_LEN];
    int ok = derive(key, salt, work, passphrase);

    if (ok == 0)
        ok = crypto_aead_chacha20poly1305_ietf_encrypt(
            body, NULL, file_key, AGE_FILE_KEY_LEN, NULL, 0, NULL, nonce, key);
    sodium_memzero(key, sizeof(key));
    return ok;
}

int age_scrypt_unwrap(uint8_t file_key[static AGE_FILE_KEY_LEN],
                      const uint8_t body[static AGE_WRAPPED_LEN],
                      const uint8_t salt[static AGE_SALT_LEN], unsigned work,
                      const struct secret *passphrase)
{
    uint8_t key[HKDF_LEN];
    int found = -1;

    if (derive(key, salt, work, passphrase) == 0)
        found = crypto_aead_chacha20poly1305_ietf_decrypt(
                    file_key, NULL, NULL, body, AGE_WRAPPED_LEN, NULL, 0, nonce,
                    key) == 0;
    sodium_memzero(key, sizeof(key));
    return found;
}

/* The payload of an age file: key, sizes, single chunks of its STREAM. */
#include "vault_private.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

_Static_assert(AGE_TAG_LEN == crypto_aead_chacha20poly1305_ietf_ABYTES,
               "tag of ChaCha20-Poly1305");
_Static_assert(HKDF_LEN == crypto_aead_chacha20poly1305_ietf_KEYBYTES,
               "key of ChaCha20-Poly1305");

#define STREAM_NONCE_LEN crypto_aead_chacha20poly1305_ietf_NPUBBYTES

struct secret *age_payload_key(const struct secret *file_key,
                               const uint8_t nonce[static AGE_NONCE_LEN])
{
    static const char info[] = "payload";
    struct secret *key = secret_new(HKDF_LEN);

    if (key != NULL)
        hkdf_sha256(key->p, file_key->p, file_key->len, nonce, AGE_NONCE_LEN,
                    info, sizeof(info) - 1);
    return key;
}

int64_t age_payload_size(int64_t plain)
{
    if (plain < 0 || plain > INT64_MAX / 2)
        return -1;
    int64_t chunks = plain == 0 ? 1 : (plain - 1) / AGE_CHUNK + 1;
    return AGE_NONCE_LEN + plain + chunks * AGE_TAG_LEN;
}

int64_t age_plain_size(int64_t payload)
{
    if (payload < AGE_NONCE_LEN + AGE_TAG_LEN)
        return -1;
    int64_t sealed = payload - AGE_NONCE_LEN;
    int64_t full = sealed / AGE_SEALED_CHUNK;
    int64_t rest = sealed % AGE_SEALED_CHUNK;

    /* The last chunk is full, or has a byte at least unless it is alone. */
    if (rest == 0)
        return full * AGE_CHUNK;
    if (rest < AGE_TAG_LEN || (rest == AGE_TAG_LEN && full > 0))
        return -1;
    return full * AGE_CHUNK + rest - AGE_TAG_LEN;
}

/* Eleven bytes of counter, big endian, and the flag of the last chunk. */
static void stream_nonce(uint8_t nonce[static STREAM_NONCE_LEN], uint64_t chunk,
                         bool last)
{
    memset(nonce, 0, STREAM_NONCE_LEN);
    for (size_t i = 0; i < sizeof(chunk); i++)
        nonce[STREAM_NONCE_LEN - 2 - i] = (uint8_t)(chunk >> (8 * i));
    nonce[STREAM_NONCE_LEN - 1] = last ? 1 : 0;
}

/* libcrypto's code for the same cipher takes half of libsodium's time, and
 * this is where all bytes of all files pass. -1: no memory for its context. */
static int seal_fast(uint8_t *out, const uint8_t *in, size_t len,
                     const uint8_t *key, const uint8_t *nonce)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0, end = 0, ok = -1;

    if (c != NULL &&
        EVP_EncryptInit_ex(c, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
        EVP_EncryptUpdate(c, out, &n, in, (int)len) == 1 &&
        EVP_EncryptFinal_ex(c, out + n, &end) == 1 &&
        (size_t)(n + end) == len &&
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, AGE_TAG_LEN, out + len) ==
            1)
        ok = 0;
    EVP_CIPHER_CTX_free(c); /* wipes the key */
    return ok;
}

void age_payload_seal(uint8_t *out, const uint8_t *in, size_t len,
                      const struct secret *key, uint64_t chunk, bool last)
{
    uint8_t nonce[STREAM_NONCE_LEN];

    stream_nonce(nonce, chunk, last);
    if (seal_fast(out, in, len, key->p, nonce) != 0)
        (void)crypto_aead_chacha20poly1305_ietf_encrypt(
            out, NULL, in, len, NULL, 0, NULL, nonce, key->p);
}

/* 1: authentic, 0: not (out holds what nobody may see), -1: no memory. */
static int open_fast(uint8_t *out, const uint8_t *in, size_t len,
                     const uint8_t *key, const uint8_t *nonce)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    uint8_t tag[AGE_TAG_LEN];
    int n = 0, end = 0, ok = -1;

    memcpy(tag, in + len, sizeof(tag));
    if (c != NULL &&
        EVP_DecryptInit_ex(c, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, AGE_TAG_LEN, tag) == 1 &&
        EVP_DecryptUpdate(c, out, &n, in, (int)len) == 1)
        ok = EVP_DecryptFinal_ex(c, out + n, &end) == 1 &&
             (size_t)(n + end) == len;
    EVP_CIPHER_CTX_free(c);
    return ok;
}

int age_payload_open(uint8_t *out, const uint8_t *in, size_t len,
                     const struct secret *key, uint64_t chunk, bool last)
{
    uint8_t nonce[STREAM_NONCE_LEN];

    if (len < AGE_TAG_LEN)
        return -1;
    stream_nonce(nonce, chunk, last);
    switch (open_fast(out, in, len - AGE_TAG_LEN, key->p, nonce)) {
    case 1:
        return 0;
    case 0:
        sodium_memzero(out, len - AGE_TAG_LEN);
        return -1;
    default:
        return crypto_aead_chacha20poly1305_ietf_decrypt(
            out, NULL, NULL, in, len, NULL, 0, nonce, key->p);
    }
}

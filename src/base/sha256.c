/* SHA-256 by libcrypto, which knows the processor's own instructions. */
#define OPENSSL_SUPPRESS_DEPRECATED /* see sha256_of */
#include "sha256_private.h"

#include <endian.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sodium.h>

/* All that is read of it is written first; to zero it before, as the compiler
 * does with everything, would cost as much as a block. */
#define UNSET __attribute__((uninitialized))

struct sha256 {
    EVP_MD_CTX *md;
};

static const EVP_MD *algorithm;

/* Kept for good: EVP_sha256() is looked up again at each use, under locks. */
static void algorithm_fetch(void)
{
    algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (algorithm == NULL)
        algorithm = EVP_sha256();
}

static const EVP_MD *md(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, algorithm_fetch);
    return algorithm;
}

struct sha256 *sha256_new(void)
{
    struct sha256 *h = calloc(1, sizeof(*h));

    if (h == NULL)
        return NULL;
    h->md = EVP_MD_CTX_new();
    if (h->md == NULL || EVP_DigestInit_ex(h->md, md(), NULL) != 1)
        sha256_free(&h);
    return h;
}

/* After a successful start SHA-256 cannot fail; a hash that is not one must
 * never be used. */
void sha256_add(struct sha256 *h, const void *bytes, size_t n)
{
    if (EVP_DigestUpdate(h->md, bytes, n) != 1)
        abort();
}

void sha256_final(struct sha256 *h, uint8_t out[static SHA256_LEN])
{
    if (EVP_DigestFinal_ex(h->md, out, NULL) != 1)
        abort();
}

void sha256_free(struct sha256 **h)
{
    if (*h == NULL)
        return;
    EVP_MD_CTX_free((*h)->md); /* wipes its state */
    free(*h);
    *h = NULL;
}

/* The old calls: they neither allocate nor fail, and for what is as short as a
 * node of a tree EVP costs as much again as the hash itself. */
void sha256_of(uint8_t out[static SHA256_LEN], const void *bytes, size_t n)
{
    SHA256_CTX c;

    (void)SHA256_Init(&c);
    (void)SHA256_Update(&c, bytes, n);
    (void)SHA256_Final(out, &c);
}

size_t sha256_pad(uint8_t *bytes, size_t n)
{
    size_t end = SHA256_PADDED(n);
    uint64_t bits = htobe64((uint64_t)n * 8);

    bytes[n] = 0x80;
    memset(bytes + n + 1, 0, end - n - 1 - SHA256_COUNT);
    memcpy(bytes + end - SHA256_COUNT, &bits, sizeof(bits));
    return end;
}

/* Whole blocks in one call: libcrypto's own way to pad costs two calls more and
 * as much as two blocks, and a tree has as many nodes as entries. */
static void short_tagged(uint8_t out[static SHA256_LEN], uint8_t tag,
                         const void *bytes, size_t n)
{
    UNSET SHA256_CTX c;
    UNSET uint8_t block[SHA256_SHORT];

    block[0] = tag;
    if (n > 0)
        memcpy(block + 1, bytes, n);
    (void)SHA256_Init(&c);
    (void)SHA256_Update(&c, block, sha256_pad(block, n + 1));
    for (size_t i = 0; i < SHA256_LEN / 4; i++) {
        uint32_t word = htobe32(c.h[i]);

        memcpy(out + 4 * i, &word, sizeof(word));
    }
}

void sha256_of_tagged(uint8_t out[static SHA256_LEN], uint8_t tag,
                      const void *bytes, size_t n)
{
    SHA256_CTX c;

    if (SHA256_PADDED(n + 1) <= SHA256_SHORT) {
        short_tagged(out, tag, bytes, n);
        return;
    }
    (void)SHA256_Init(&c);
    (void)SHA256_Update(&c, &tag, 1);
    (void)SHA256_Update(&c, bytes, n);
    (void)SHA256_Final(out, &c);
}

/* One of HMAC's two passes: the padded key, then what is authenticated. */
static int pass(EVP_MD_CTX *c, uint8_t out[static SHA256_LEN],
                const uint8_t key[static SHA256_BLOCK], uint8_t with,
                const void *bytes, size_t n)
{
    uint8_t block[SHA256_BLOCK];
    int ok = -1;

    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = key[i] ^ with;
    if (EVP_DigestInit_ex(c, md(), NULL) == 1 &&
        EVP_DigestUpdate(c, block, sizeof(block)) == 1 &&
        EVP_DigestUpdate(c, bytes, n) == 1 &&
        EVP_DigestFinal_ex(c, out, NULL) == 1)
        ok = 0;
    sodium_memzero(block, sizeof(block));
    return ok;
}

void sha256_hmac(uint8_t out[static SHA256_LEN], const void *key,
                 size_t key_len, const void *bytes, size_t n)
{
    uint8_t block[SHA256_BLOCK] = { 0 };
    crypto_auth_hmacsha256_state state;
    EVP_MD_CTX *c = EVP_MD_CTX_new();

    if (key_len > sizeof(block))
        sha256_of(block, key, key_len);
    else if (key_len > 0)
        memcpy(block, key, key_len);

    if (c == NULL || pass(c, out, block, 0x36, bytes, n) != 0 ||
        pass(c, out, block, 0x5c, out, SHA256_LEN) != 0) {
        (void)crypto_auth_hmacsha256_init(&state, block, sizeof(block));
        (void)crypto_auth_hmacsha256_update(&state, bytes, n);
        (void)crypto_auth_hmacsha256_final(&state, out);
        sodium_memzero(&state, sizeof(state));
    }
    EVP_MD_CTX_free(c);
    sodium_memzero(block, sizeof(block));
}

bool sha256_read(uint8_t out[static SHA256_LEN], const char *text)
{
    size_t len = text == NULL ? 0 : strlen(text);

    if (len == HEX_SIZE(SHA256_LEN) - 1)
        return hex_decode(out, SHA256_LEN, text, len, true) == 0;
    if (len == 43 || len == 44)
        return base64_decode(out, SHA256_LEN, text, len, len == 44) ==
               SHA256_LEN;
    return false;
}

/* SHA-256 by libcrypto, which is faster than libsodium in bulk. */
#include "resguardo/base.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <sodium.h>

struct sha256 {
    EVP_MD_CTX *md;
};

struct sha256 *sha256_new(void)
{
    struct sha256 *h = calloc(1, sizeof(*h));

    if (h == NULL)
        return NULL;
    h->md = EVP_MD_CTX_new();
    if (h->md == NULL || EVP_DigestInit_ex(h->md, EVP_sha256(), NULL) != 1)
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

/* libcrypto allocates, libsodium does not: this one cannot fail. */
void sha256_of(uint8_t out[static SHA256_LEN], const void *bytes, size_t n)
{
    if (EVP_Digest(bytes, n, out, NULL, EVP_sha256(), NULL) != 1)
        (void)crypto_hash_sha256(out, bytes, n);
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

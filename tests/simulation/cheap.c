/*
 * What costs much and proves nothing here: guarded memory, SQLite's locks, and
 * curves. The product's calls of libsodium meet these stand-ins, which keep
 * what the product may rely on: both sides of an exchange get one secret, and
 * a signature verifies by its key, over its message, and by no other.
 */
#include "disk_calls.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <sqlite3.h>

#include "resguardo/base.h"

void cheap_sqlite(void)
{
    /* One thread; and rows come and go in a few sizes. */
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 1024, 400);
}

void *sodium_malloc(size_t n)
{
    return malloc(n == 0 ? 1 : n);
}

void sodium_free(void *p)
{
    free(p);
}

/* The same bytes, sooner: libsodium's is in plain C. */
int crypto_hash_sha256(unsigned char *out, const unsigned char *in,
                       unsigned long long n)
{
    sha256_of(out, in, (size_t)n);
    return 0;
}

/* ---- X25519 ------------------------------------------------------------ */

int crypto_scalarmult_base(unsigned char *q, const unsigned char *n)
{
    memcpy(q, n, crypto_scalarmult_BYTES);
    return 0;
}

int crypto_scalarmult(unsigned char *q, const unsigned char *n,
                      const unsigned char *p)
{
    for (size_t i = 0; i < crypto_scalarmult_BYTES; i++)
        q[i] = n[i] ^ p[i];
    return 0;
}

/* ---- Ed25519: real keys, each made once -------------------------------- */

int crypto_sign_seed_keypair(unsigned char *public, unsigned char *secret,
                             const unsigned char *seed)
{
    static unsigned char known[crypto_sign_SECRETKEYBYTES];
    static bool have;

    if (!have || memcmp(known, seed, crypto_sign_SEEDBYTES) != 0)
        (void)crypto_sign_ed25519_seed_keypair(public, known, seed);
    have = true;
    memcpy(secret, known, sizeof(known));
    memcpy(public, known + crypto_sign_SEEDBYTES, crypto_sign_PUBLICKEYBYTES);
    return 0;
}

static void sign(unsigned char *out, const unsigned char *p,
                 unsigned long long n, const unsigned char *public)
{
    (void)crypto_generichash(out, crypto_sign_BYTES, p, n, public,
                             crypto_sign_PUBLICKEYBYTES);
}

int crypto_sign_detached(unsigned char *out, unsigned long long *len,
                         const unsigned char *p, unsigned long long n,
                         const unsigned char *secret)
{
    sign(out, p, n, secret + crypto_sign_SEEDBYTES);
    if (len != NULL)
        *len = crypto_sign_BYTES;
    return 0;
}

int crypto_sign_verify_detached(const unsigned char *signature,
                                const unsigned char *p, unsigned long long n,
                                const unsigned char *public)
{
    unsigned char mine[crypto_sign_BYTES];

    sign(mine, p, n, public);
    return memcmp(mine, signature, sizeof(mine)) == 0 ? 0 : -1;
}

/*
 * The raw primitive of an age payload: libsodium's ChaCha20-Poly1305 over
 * chunks of 64 KiB that lie in memory, on the one thread that there is.
 *
 * usage: aead seal|open MIB
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define CHUNK ((size_t)64 * 1024)
/* More than the caches hold, as a file's pages are. */
#define CHUNKS 512u

static uint8_t plain[CHUNKS][CHUNK], sealed[CHUNKS][CHUNK + 16];
static uint8_t key[32] = { 1 }, nonce[12] = { 2 };

static void seal(size_t i)
{
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(
        sealed[i], NULL, plain[i], CHUNK, NULL, 0, NULL, nonce, key);
}

static void open(size_t i)
{
    if (crypto_aead_chacha20poly1305_ietf_decrypt(plain[i], NULL, NULL,
                                                  sealed[i], CHUNK + 16, NULL,
                                                  0, nonce, key) != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    long chunks = argc == 3 ? strtol(argv[2], NULL, 10) * 16 : 0;
    void (*work)(size_t) =
        argc == 3 && strcmp(argv[1], "open") == 0 ? open : seal;

    if (chunks <= 0 || sodium_init() < 0)
        return 2;
    randombytes_buf(plain, sizeof(plain));
    for (size_t i = 0; work == open && i < CHUNKS; i++)
        seal(i);
    for (long n = 0; n < chunks; n++)
        work((size_t)n % CHUNKS);
    return 0;
}

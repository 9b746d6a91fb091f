/*
 * The floor of a megabyte of intake, step by step, on this machine: CPU time
 * in microseconds a megabyte (1,000,000 bytes). JSON on stdout.
 *
 * usage: bytes FILE     (a place on the storage's file system)
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <sodium.h>

#define TOTAL ((size_t)64 * 1024 * 1024)
#define CHUNK ((size_t)64 * 1024)

static double cpu(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double per_mb(double from)
{
    return (cpu() - from) * 1e6 / ((double)TOTAL / 1e6);
}

static double hash(const uint8_t *p)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t out[EVP_MAX_MD_SIZE];
    double from = cpu();

    (void)EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
    for (size_t at = 0; at < TOTAL; at += CHUNK)
        (void)EVP_DigestUpdate(ctx, p + at, CHUNK);
    (void)EVP_DigestFinal_ex(ctx, out, NULL);
    EVP_MD_CTX_free(ctx);
    return per_mb(from);
}

static double chacha(const uint8_t *p, bool openssl)
{
    uint8_t key[32] = { 1 }, nonce[12] = { 2 };
    uint8_t *out = malloc(CHUNK + 16);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    double from = cpu();

    for (size_t at = 0; at < TOTAL; at += CHUNK) {
        int n;

        nonce[10]++;
        if (!openssl) {
            (void)crypto_aead_chacha20poly1305_ietf_encrypt(
                out, NULL, p + at, CHUNK, NULL, 0, NULL, nonce, key);
            continue;
        }
        (void)EVP_EncryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key,
                                 nonce);
        (void)EVP_EncryptUpdate(ctx, out, &n, p + at, (int)CHUNK);
        (void)EVP_EncryptFinal_ex(ctx, out + n, &n);
        (void)EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, out + CHUNK);
    }
    EVP_CIPHER_CTX_free(ctx);
    free(out);
    return per_mb(from);
}

static double tls(const uint8_t *p)
{
    uint8_t key[16] = { 1 }, nonce[12] = { 2 }, out[16384 + 16];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    double from = cpu();

    /* A record of TLS 1.3: AES-128-GCM of 16 KiB. */
    for (size_t at = 0; at < TOTAL; at += 16384) {
        int n;

        nonce[10]++;
        (void)EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, nonce);
        (void)EVP_DecryptUpdate(ctx, out, &n, p + at, 16384);
    }
    EVP_CIPHER_CTX_free(ctx);
    return per_mb(from);
}

static double disk(const uint8_t *p, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    double from = cpu(), took;

    for (size_t at = 0; at < TOTAL; at += CHUNK)
        if (write(fd, p + at, CHUNK) != (ssize_t)CHUNK)
            exit(1);
    if (fsync(fd) != 0)
        exit(1);
    took = per_mb(from);
    (void)close(fd);
    (void)unlink(path);
    return took;
}

static double copy(const uint8_t *p)
{
    uint8_t *out = malloc(CHUNK);
    double from = cpu();

    for (size_t at = 0; at < TOTAL; at += CHUNK) {
        memcpy(out, p + at, CHUNK);
        __asm__ volatile("" ::"r"(out) : "memory");
    }
    free(out);
    return per_mb(from);
}

int main(int argc, char **argv)
{
    uint8_t *p = malloc(TOTAL);

    if (argc != 2 || p == NULL || sodium_init() < 0)
        return 2;
    randombytes_buf(p, TOTAL);
    (void)printf("{\"sha256\":%.0f,\"chacha20poly1305_libsodium\":%.0f,"
                 "\"chacha20poly1305_openssl\":%.0f,"
                 "\"tls_aes128gcm\":%.0f,\"write_fsync\":%.0f,\"copy\":%.0f}\n",
                 hash(p), chacha(p, false), chacha(p, true), tls(p),
                 disk(p, argv[1]), copy(p));
    return 0;
}

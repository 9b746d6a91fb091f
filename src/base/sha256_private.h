/* sha256: what hashing one message and hashing many share. Private to base. */
#ifndef RESGUARDO_SHA256_PRIVATE_H
#define RESGUARDO_SHA256_PRIVATE_H

#include "resguardo/base.h"

/* What SHA-256 takes at once; HMAC pads its key to that. */
#define SHA256_BLOCK 64u

/* What has room for its padding in so many blocks is handed over at once. */
#define SHA256_SHORT ((size_t)16 * SHA256_BLOCK)
#define SHA256_COUNT 8u /* of bits, big endian, at the very end */
#define SHA256_PADDED(n)                                                       \
    (((n) + 1 + SHA256_COUNT + SHA256_BLOCK - 1) / SHA256_BLOCK * SHA256_BLOCK)

/* The padding of FIPS 180-4, 5.1.1, behind n bytes; returns where it ends. */
size_t sha256_pad(uint8_t *bytes, size_t n);

#endif

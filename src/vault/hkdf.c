/* HKDF-SHA256 (RFC 5869); libsodium 1.0.18 has HMAC, but no HKDF. */
#include "vault_private.h"

#include <sodium.h>

_Static_assert(HKDF_LEN == crypto_auth_hmacsha256_BYTES, "one HMAC block");

void hkdf_sha256(uint8_t out[static HKDF_LEN], const void *ikm, size_t ikm_len,
                 const void *salt, size_t salt_len, const void *info,
                 size_t info_len)
{
    static const uint8_t first_block = 1;
    crypto_auth_hmacsha256_state state;
    uint8_t prk[HKDF_LEN];

    /* Extract. An empty salt is an empty HMAC key, the same as zeros; not
     * even an empty one may be NULL for libsodium. */
    crypto_auth_hmacsha256_init(&state, salt_len > 0 ? salt : (const void *)"",
                                salt_len);
    crypto_auth_hmacsha256_update(&state, ikm, ikm_len);
    crypto_auth_hmacsha256_final(&state, prk);

    /* Expand: T(1) alone. */
    crypto_auth_hmacsha256_init(&state, prk, sizeof(prk));
    if (info_len > 0)
        crypto_auth_hmacsha256_update(&state, info, info_len);
    crypto_auth_hmacsha256_update(&state, &first_block, 1);
    crypto_auth_hmacsha256_final(&state, out);

    sodium_memzero(prk, sizeof(prk));
    sodium_memzero(&state, sizeof(state));
}

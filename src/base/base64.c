/* Base64, standard alphabet; libsodium does the work and is strict. */
#include "resguardo/base.h"

#include <string.h>

#include <sodium.h>

static int variant(bool pad)
{
    return pad ? sodium_base64_VARIANT_ORIGINAL
               : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
}

void base64_encode(char *out, const uint8_t *in, size_t n, bool pad)
{
    (void)sodium_bin2base64(out, sodium_base64_encoded_len(n, variant(pad)), in,
                            n, variant(pad));
}

ssize_t base64_decode(uint8_t *out, size_t cap, const char *in, size_t in_len,
                      bool pad)
{
    const char *end;
    size_t got;

    if (in_len == 0)
        return 0;

    /* libsodium 1.0.18 takes the bytes ab and af for '+' and '/'. */
    for (size_t i = 0; i < in_len; i++)
        if ((uint8_t)in[i] >= 0x80)
            return -1;
    if (sodium_base642bin(out, cap, in, in_len, NULL, &got, &end,
                          variant(pad)) != 0 ||
        end != in + in_len)
        return -1;
    return (ssize_t)got;
}

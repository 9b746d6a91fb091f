/* Hexadecimal, both ways. */
#include "resguardo/base.h"

#include <sodium.h>

void hex_encode(char *out, const uint8_t *in, size_t n)
{
    sodium_bin2hex(out, HEX_SIZE(n), in, n);
}

int hex_decode(uint8_t *out, size_t n, const char *in, size_t in_len,
               bool any_case)
{
    size_t got;

    if (in_len % 2 != 0 || in_len / 2 != n)
        return -1;
    for (size_t i = 0; !any_case && i < in_len; i++)
        if (in[i] >= 'A' && in[i] <= 'F')
            return -1;
    if (n == 0)
        return 0;
    if (sodium_hex2bin(out, n, in, in_len, NULL, &got, NULL) != 0)
        return -1;
    return got == n ? 0 : -1;
}

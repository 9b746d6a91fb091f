/* Little-endian integers. */
#include "resguardo/base.h"

void le32_put(uint8_t out[static 4], uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

void le64_put(uint8_t out[static 8], uint64_t v)
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

uint32_t le32_get(const uint8_t in[static 4])
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 4; i++)
        v |= (uint32_t)in[i] << (8 * i);
    return v;
}

uint64_t le64_get(const uint8_t in[static 8])
{
    uint64_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        v |= (uint64_t)in[i] << (8 * i);
    return v;
}

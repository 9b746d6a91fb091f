/* Opaque ids: a letter and 128 random bits in base32. */
#include "resguardo/base.h"

#include <string.h>

/* RFC 4648 base32 in lower case. */
static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

#define RANDOM_LEN 16u
#define CHARS      26u /* 130 bits: the last character holds three of them */
_Static_assert(ID_SIZE == 1 + CHARS + 1, "kind, characters, NUL");

void id_new(char out[static ID_SIZE], char kind, const struct random_source *r)
{
    uint8_t bytes[RANDOM_LEN + 1] = { 0 };

    random_fill(r, bytes, RANDOM_LEN);
    out[0] = kind;
    for (size_t i = 0; i < CHARS; i++) {
        size_t bit = i * 5, at = bit / 8;
        unsigned two = (unsigned)bytes[at] << 8 | bytes[at + 1];

        out[1 + i] = alphabet[two >> (11 - bit % 8) & 31];
    }
    out[1 + CHARS] = '\0';
}

bool id_valid(const char *s, char kind)
{
    const char *last;

    if (s[0] != kind || strspn(s + 1, alphabet) != CHARS ||
        s[1 + CHARS] != '\0')
        return false;
    last = strchr(alphabet, s[CHARS]);
    return ((last - alphabet) & 3) == 0;
}

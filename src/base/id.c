/* Opaque ids: a letter and 128 bits in base32. */
#include "resguardo/base.h"

#include <string.h>

/* RFC 4648's characters in lower case, in the order in which they sort. */
static const char alphabet[] = "234567abcdefghijklmnopqrstuvwxyz";

#define ID_LEN   16u
#define TIME_LEN 6u
#define CHARS    26u /* 130 bits: the last character holds three of them */
_Static_assert(ID_SIZE == 1 + CHARS + 1, "kind, characters, NUL");

static void encode(char out[static ID_SIZE], char kind,
                   const uint8_t bytes[static ID_LEN + 1])
{
    out[0] = kind;
    for (size_t i = 0; i < CHARS; i++) {
        size_t bit = i * 5, at = bit / 8;
        unsigned two = (unsigned)bytes[at] << 8 | bytes[at + 1];

        out[1 + i] = alphabet[two >> (11 - bit % 8) & 31];
    }
    out[1 + CHARS] = '\0';
}

void id_new(char out[static ID_SIZE], char kind, const struct random_source *r)
{
    uint8_t bytes[ID_LEN + 1] = { 0 };

    random_fill(r, bytes, ID_LEN);
    encode(out, kind, bytes);
}

void id_new_at(char out[static ID_SIZE], char kind, msec now,
               const struct random_source *r)
{
    uint8_t bytes[ID_LEN + 1] = { 0 };

    random_fill(r, bytes + TIME_LEN, ID_LEN - TIME_LEN);
    for (size_t i = TIME_LEN; i-- > 0; now >>= 8)
        bytes[i] = (uint8_t)now;
    encode(out, kind, bytes);
}

msec id_time(const char *id)
{
    uint64_t bits = 0;

    for (size_t i = 1; i <= 10; i++) {
        const char *at = strchr(alphabet, id[i]);

        bits = bits << 5 | (at != NULL ? (uint64_t)(at - alphabet) : 0);
    }
    return (msec)(bits >> 2); /* 50 bits, and 48 are of the time */
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

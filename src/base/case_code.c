/* The code of a case, made to be read over the phone. */
#include "resguardo/base.h"

#include <ctype.h>

/* No vowels, no 0, 1 and L: nothing that is misread or spells a word. */
static const char alphabet[] = "23456789BCDFGHJKMNPQRSTVWXYZ";

#define BASE (sizeof(alphabet) - 1)
_Static_assert(BASE == 28, "28 characters: 38 bits in eight of them");

/* 64 random bits leave a bias below 2^-25: no rejection, no loop. */
void case_code_new(char out[static CASE_CODE_SIZE],
                   const struct random_source *r)
{
    uint8_t bytes[8];
    uint64_t v;

    random_fill(r, bytes, sizeof(bytes));
    v = le64_get(bytes);
    for (size_t i = 0; i < CASE_CODE_SIZE - 1; i++) {
        if (i == 4) {
            out[i] = '-';
            continue;
        }
        out[i] = alphabet[v % BASE];
        v /= BASE;
    }
    out[CASE_CODE_SIZE - 1] = '\0';
}

void case_code_read(char out[static CASE_CODE_SIZE], const char *said)
{
    size_t n = 0;

    for (; *said != '\0' && n < CASE_CODE_SIZE - 1; said++) {
        if (n == 4 && *said != '-')
            out[n++] = '-';
        if (n < CASE_CODE_SIZE - 1)
            out[n++] = (char)toupper((unsigned char)*said);
    }
    out[*said == '\0' ? n : 0] = '\0';
}

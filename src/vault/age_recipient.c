/* Recipients: X25519 points written as age1… */
#include "vault_private.h"

#include <stdlib.h>
#include <string.h>

static const char hrp[] = "age";

int age_recipient_parse(uint8_t out[static AGE_KEY_LEN], const char *text,
                        struct error *err)
{
    uint8_t point[AGE_KEY_LEN];

    /* Lower case only, as age itself: one recipient has one spelling. */
    if (strlen(text) != AGE_RECIPIENT_SIZE - 1 ||
        strncmp(text, "age1", 4) != 0 ||
        bech32_decode(point, sizeof(point), hrp, text) != 0)
        return error_set(err, ERR_INPUT, "not an age recipient (age1…)");
    if (!age_x25519_valid(point))
        return error_set(err, ERR_INPUT,
                         "an age recipient that protects nothing (low order)");
    memcpy(out, point, sizeof(point));
    return 0;
}

void age_recipient_format(char out[static AGE_RECIPIENT_SIZE],
                          const uint8_t in[static AGE_KEY_LEN])
{
    if (bech32_encode(out, AGE_RECIPIENT_SIZE, hrp, in, AGE_KEY_LEN) != 0)
        abort();
}

/*
 * keys/keyring-head, as somebody may have left it. What is read is written
 * again as it was; anything else is refused.
 */
#include "fuzz.h"

#include "registrar/keyring_log.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct buf text = { .p = (uint8_t *)fuzz_string(data, size),
                              .len = size };
    struct pin pin = { 0 };
    char hex[HEX_SIZE(KEYRING_HASH_LEN)], again[128];

    if (parse_pin(&pin, &text) == 0) {
        size_t digits = strcspn((const char *)text.p, " ");

        hex_encode(hex, pin.head, sizeof(pin.head));
        (void)snprintf(again, sizeof(again), " %s", hex);
        FUZZ_CHECK(memcmp(text.p + digits, again, strlen(again)) == 0);
    }
    free(text.p);
    return 0;
}

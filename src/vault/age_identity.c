/* Identities: 32 secret bytes, written as AGE-SECRET-KEY-1… */
#include "vault_private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char hrp[] = "age-secret-key-";
static const char prefix[] = "AGE-SECRET-KEY-1";

struct secret *age_identity_new(const struct random_source *random)
{
    struct secret *identity = secret_new(AGE_KEY_LEN);
    if (identity != NULL)
        random_fill(random, identity->p, identity->len);
    return identity;
}

struct secret *age_identity_parse(const char *text, struct error *err)
{
    struct secret *identity = NULL;

    /* Upper case only, as age itself. */
    if (strlen(text) != AGE_IDENTITY_SIZE - 1 ||
        strncmp(text, prefix, sizeof(prefix) - 1) != 0) {
        (void)error_set(err, ERR_INPUT, "not an age identity");
        return NULL;
    }
    identity = secret_new(AGE_KEY_LEN);
    if (identity == NULL) {
        (void)error_set(err, ERR_NOMEM, "no memory for an identity");
        return NULL;
    }
    if (bech32_decode(identity->p, identity->len, hrp, text) != 0) {
        secret_free(&identity);
        (void)error_set(err, ERR_INPUT, "a mistyped or damaged age identity");
    }
    return identity;
}

void age_identity_format(char out[static AGE_IDENTITY_SIZE],
                         const struct secret *identity)
{
    if (bech32_encode(out, AGE_IDENTITY_SIZE, hrp, identity->p,
                      identity->len) != 0)
        abort();
    for (char *c = out; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
}

int age_identity_recipient(uint8_t out[static AGE_KEY_LEN],
                           const struct secret *identity)
{
    if (identity->len != AGE_KEY_LEN)
        return -1;
    return crypto_scalarmult_base(out, identity->p);
}

/*
 * Identity files and recipients. What parses is written again as the same
 * text, and the file that we write of an identity parses as that identity;
 * errors name a line and never quote it.
 */
#include "fuzz.h"

#include "resguardo/vault.h"

#include <sodium.h>

static void check_one(const char *s)
{
    uint8_t point[AGE_KEY_LEN];
    char back[AGE_IDENTITY_SIZE], recipient[AGE_RECIPIENT_SIZE];
    struct error e = { 0 };
    struct secret *identity = age_identity_parse(s, &e);

    if (identity != NULL) {
        FUZZ_CHECK(identity->len == AGE_KEY_LEN);
        age_identity_format(back, identity);
        FUZZ_CHECK(strcmp(back, s) == 0);
        secret_free(&identity);
    }
    if (age_recipient_parse(point, s, &e) == 0) {
        age_recipient_format(recipient, point);
        FUZZ_CHECK(strcmp(recipient, s) == 0);
    }
}

static void check_file(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    struct buf text = { 0 };
    struct secret *identity = age_identity_file_parse(data, size, &e), *again;

    if (identity == NULL) {
        FUZZ_CHECK(e.code == ERR_INPUT &&
                   strncmp(e.text, "identity file", 13) == 0);
        FUZZ_CHECK(strstr(e.text, "AGE-SECRET") == NULL);
        return;
    }
    FUZZ_CHECK(age_identity_file_format(&text, identity, 0) == 0);
    again = age_identity_file_parse(text.p, text.len, &e);
    FUZZ_CHECK(again != NULL && again->len == identity->len &&
               memcmp(again->p, identity->p, again->len) == 0);
    secret_free(&identity);
    secret_free(&again);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s;

    FUZZ_CHECK(sodium_init() >= 0);
    s = fuzz_string(data, size);
    check_one(s);
    check_file(data, size);
    free(s);
    return 0;
}

/*
 * Headers of age files. As it comes, no input opens, because nobody but us
 * has the key. With a first stanza and a MAC that are ours and the input in
 * between, only what the grammar allows opens: then the key is ours, exactly
 * the header is taken whatever follows, and no shorter piece opens.
 */
#include "vault/age_header.c"

#include "fuzz.h"

static struct secret *identity, *file_key;
static uint8_t recipient[AGE_KEY_LEN];

static void set_up(void)
{
    uint64_t seed = 1;
    const struct random_source random = { fuzz_random_fill, &seed };

    if (identity != NULL)
        return;
    FUZZ_CHECK(sodium_init() >= 0);
    identity = age_identity_new(&random);
    file_key = secret_copy("sixteen bytes ok", AGE_FILE_KEY_LEN);
    FUZZ_CHECK(identity != NULL && file_key != NULL &&
               age_identity_recipient(recipient, identity) == 0);
}

static struct secret *try(const uint8_t *p, size_t len, size_t *used)
{
    struct error e = { 0 };
    const uint8_t *exact = (const uint8_t *)fuzz_string(p, len);
    struct secret *key = age_header_open(
        exact, len, (const struct secret *const *)&identity, 1, used, &e);

    FUZZ_CHECK(key != NULL || e.text[0] != '\0');
    free((void *)(uintptr_t)exact);
    return key;
}

/* Our stanza, then the input as further stanzas, then a MAC that holds. */
static void make(struct buf *header, const uint8_t *data, size_t size)
{
    uint64_t seed = 2;
    const struct random_source random = { fuzz_random_fill, &seed };
    struct error e = { 0 };
    uint8_t mac[HKDF_LEN];
    char mac_text[BASE64_SIZE(sizeof(mac))];

    FUZZ_CHECK(buf_addf(header, "%s\n", version_line) == 0 &&
               add_stanza(header, recipient, file_key, &random, &e) == 0 &&
               buf_add(header, data, size) == 0 &&
               buf_adds(header, mac_mark) == 0);
    header_mac(mac, file_key, header->p, header->len);
    base64_encode(mac_text, mac, sizeof(mac), false);
    FUZZ_CHECK(buf_addf(header, " %s\n", mac_text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf header = { 0 };
    struct secret *key;
    size_t used = 0, len;

    set_up();
    FUZZ_CHECK(try(data, size, &used) == NULL);

    make(&header, data, size);
    len = header.len;
    key = try(header.p, len, &used);
    FUZZ_CHECK(size > 0 || key != NULL);
    if (key != NULL) {
        FUZZ_CHECK(used == len);
        FUZZ_CHECK(key->len == AGE_FILE_KEY_LEN &&
                   memcmp(key->p, file_key->p, key->len) == 0);
        secret_free(&key);
        FUZZ_CHECK(try(header.p, len - 1, &used) == NULL);
        FUZZ_CHECK(buf_adds(&header, "--- x\nmore") == 0);
        key = try(header.p, header.len, &used);
        FUZZ_CHECK(key != NULL && used == len);
        secret_free(&key);
        if (size > 0) {
            header.p[len - 50 - size % 7] ^= 1;
            FUZZ_CHECK(try(header.p, len, &used) == NULL);
        }
    }
    buf_free(&header);
    return 0;
}

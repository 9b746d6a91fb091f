/*
 * Stanzas of passphrases. The input stands where salt, work factor and body
 * do, under a MAC that holds. It opens if, and only if, it has the one form
 * that the format allows; the passphrase is asked for only then, and never
 * costs more than the limit.
 */
#include "vault/vault_private.h"

/* What it costs is not to be paid here; any passphrase is the right one. */
#define age_scrypt_unwrap unwrap
static int unwrap(uint8_t file_key[static AGE_FILE_KEY_LEN],
                  const uint8_t body[static AGE_WRAPPED_LEN],
                  const uint8_t salt[static AGE_SALT_LEN], unsigned work,
                  const struct secret *passphrase);

#include "vault/age_header.c"

#include "fuzz.h"

static const uint8_t key_bytes[AGE_FILE_KEY_LEN + 1] = "sixteen bytes ok";
static unsigned asked, unwrapped;

static int unwrap(uint8_t file_key[static AGE_FILE_KEY_LEN],
                  const uint8_t body[static AGE_WRAPPED_LEN],
                  const uint8_t salt[static AGE_SALT_LEN], unsigned work,
                  const struct secret *passphrase)
{
    (void)body;
    (void)salt;
    FUZZ_CHECK(work >= 1 && work <= LIMIT_AGE_WORK);
    FUZZ_CHECK(passphrase->len == 1);
    unwrapped++;
    memcpy(file_key, key_bytes, AGE_FILE_KEY_LEN);
    return 1;
}

static struct secret *ask(void *arg, struct error *e)
{
    (void)arg;
    (void)e;
    asked++;
    return secret_copy("x", 1);
}

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* n characters of base64, the last with so many low bits of nothing. */
static bool is_base64(const uint8_t *p, size_t n, unsigned spare)
{
    size_t value = 0;

    for (size_t i = 0; i < n; i++) {
        const char *at = p[i] != 0 ? strchr(alphabet, p[i]) : NULL;

        if (at == NULL)
            return false;
        value = (size_t)(at - alphabet);
    }
    return (value & ((1u << spare) - 1)) == 0;
}

/* The one form: 22 characters, a space, 1 to 22, a line of 43 characters. */
static bool allowed(const uint8_t *p, size_t n)
{
    const size_t salt = 22, body = 43;
    size_t digits = n - salt - body - 3;
    unsigned work = 0;

    if (n < salt + body + 4 || digits > 2)
        return false;
    for (size_t i = 0; i < digits; i++) {
        uint8_t c = p[salt + 1 + i];

        if (c < (i == 0 ? '1' : '0') || c > '9')
            return false;
        work = work * 10 + (unsigned)(c - '0');
    }
    return work <= LIMIT_AGE_WORK && is_base64(p, salt, 4) && p[salt] == ' ' &&
           p[salt + 1 + digits] == '\n' &&
           is_base64(p + salt + digits + 2, body, 2) && p[n - 1] == '\n';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct age_keys keys = { .ask = ask };
    struct secret *file_key = secret_copy(key_bytes, AGE_FILE_KEY_LEN), *key;
    struct buf header = { 0 }, whole = { 0 };
    struct error e = { 0 };
    size_t used = 0;

    FUZZ_CHECK(sodium_init() >= 0 && file_key != NULL);
    asked = unwrapped = 0;
    FUZZ_CHECK(buf_addf(&header, "%s\n%s%s ", version_line, stanza_mark,
                        scrypt) == 0 &&
               buf_add(&header, data, size) == 0 &&
               add_mac(&whole, &header, file_key, &e) == 0);

    key = age_header_open_with(whole.p, whole.len, &keys, &used, &e);
    FUZZ_CHECK((key != NULL) == allowed(data, size));
    FUZZ_CHECK(asked == unwrapped && asked <= 1);
    FUZZ_CHECK(key == NULL || (asked == 1 && used == whole.len));
    FUZZ_CHECK(key != NULL || e.text[0] != '\0');
    secret_free(&key);

    /* Nobody to ask: the same is refused, and as what it is. */
    key = age_header_open(whole.p, whole.len, NULL, 0, &used, &e);
    FUZZ_CHECK(key == NULL);
    FUZZ_CHECK(!allowed(data, size) ||
               strcmp(e.text, "no identity matched") == 0);
    secret_free(&file_key);
    buf_free(&header);
    buf_free(&whole);
    return 0;
}

/*
 * Entries of the keyring, a line each. As they come none is taken, because
 * none is signed. Signed by an officer, one is taken only in its canonical
 * form, in its place, and if the keyring stays sound: an officer remains,
 * people differ in everything, vault keys are nobody's, epochs rise by one. A
 * refused entry changes nothing.
 */
#include "vault/vault_private.h"

#include "fuzz.h"

#include <sodium.h>

static struct secret *officer, *other;
static uint8_t custody[AGE_KEY_LEN];

static void set_up(void)
{
    uint64_t seed = 1;
    const struct random_source random = { fuzz_random_fill, &seed };
    struct secret *third;

    if (officer != NULL)
        return;
    FUZZ_CHECK(sodium_init() >= 0);
    officer = age_identity_new(&random);
    other = age_identity_new(&random);
    third = age_identity_new(&random);
    FUZZ_CHECK(officer != NULL && other != NULL && third != NULL);
    FUZZ_CHECK(age_identity_recipient(custody, third) == 0);
    secret_free(&third);
}

static void check_sound(const struct keyring *k)
{
    const struct keyring_staff *a, *b;
    uint8_t epoch[AGE_KEY_LEN];
    size_t officers = 0;

    for (size_t i = 0; (a = keyring_staff_at(k, i)) != NULL; i++) {
        officers += (a->roles & ROLE_OFFICER) != 0;
        FUZZ_CHECK(a->roles != 0 && (a->roles & ~(unsigned)ROLE__ALL) == 0);
        FUZZ_CHECK(a->name[0] != '\0' && utf8_valid(a->name, strlen(a->name)));
        FUZZ_CHECK(keyring_find(k, a->uid) == a);
        FUZZ_CHECK(memcmp(a->recipient, custody, AGE_KEY_LEN) != 0);
        for (unsigned n = 1; n <= keyring_epoch(k); n++) {
            FUZZ_CHECK(keyring_epoch_recipient(k, n, epoch) == 0);
            FUZZ_CHECK(memcmp(a->recipient, epoch, AGE_KEY_LEN) != 0);
        }
        for (size_t j = 0; j < i; j++) {
            b = keyring_staff_at(k, j);
            FUZZ_CHECK(a->uid != b->uid && strcmp(a->name, b->name) != 0);
            FUZZ_CHECK(memcmp(a->recipient, b->recipient, AGE_KEY_LEN) != 0);
            FUZZ_CHECK(memcmp(a->sign_key, b->sign_key, SIGN_PUBLIC_LEN) != 0);
        }
    }
    FUZZ_CHECK(officers > 0);
}

static void check_entry(const uint8_t *p, size_t len)
{
    struct keyring_entry entry;
    struct error e = { 0 };
    struct buf again = { 0 };

    if (keyring_entry_parse(&entry, p, len, &e) != 0)
        return;
    FUZZ_CHECK(keyring_entry_format(&entry, &again) == 0);
    FUZZ_CHECK(again.len == len && memcmp(again.p, p, len) == 0);
    buf_free(&again);
}

/* The line as an entry, with what the chain asks for put in: place, former
 * hash, signer. */
static void compose(struct buf *out, const struct keyring *k, const uint8_t *p,
                    size_t len)
{
    struct error e = { 0 };
    json_t *o = json_parse(p, len, &e);
    uint8_t head[KEYRING_HASH_LEN], key[SIGN_PUBLIC_LEN];
    char hex[HEX_SIZE(32)];

    if (!json_is_object(o)) {
        json_decref(o);
        (void)buf_add(out, p, len);
        return;
    }
    keyring_head(k, head);
    hex_encode(hex, head, sizeof(head));
    (void)json_object_set_new(o, "prev", json_string(hex));
    (void)staff_sign_public(key, officer);
    hex_encode(hex, key, sizeof(key));
    (void)json_object_set_new(o, "signer", json_string(hex));
    (void)json_object_set_new(o, "seq",
                              json_integer((json_int_t)keyring_size(k)));
    (void)json_canonical(o, out);
    json_decref(o);
}

static void add(struct keyring *k, const uint8_t *p, size_t len)
{
    struct error e = { 0 };
    struct buf entry = { 0 }, bytes = { 0 };
    uint8_t sig[SIGN_LEN] = { 0 };
    uint64_t size = keyring_size(k);
    unsigned epochs = keyring_epoch(k);
    uint8_t before[KEYRING_HASH_LEN], after[KEYRING_HASH_LEN];

    FUZZ_CHECK(keyring_add(k, p, len, sig, &e) != 0 && e.code == ERR_VERIFY);
    compose(&entry, k, p, len);
    keyring_head(k, before);
    FUZZ_CHECK(keyring_entry_signed(&bytes, entry.p, entry.len) == 0 &&
               staff_sign(sig, officer, bytes.p, bytes.len) == 0);
    if (keyring_add(k, entry.p, entry.len, sig, &e) != 0) {
        keyring_head(k, after);
        FUZZ_CHECK(e.code == ERR_VERIFY && keyring_size(k) == size &&
                   keyring_epoch(k) == epochs &&
                   memcmp(before, after, sizeof(before)) == 0);
    } else {
        check_entry(entry.p, entry.len);
        FUZZ_CHECK(keyring_size(k) == size + 1 &&
                   keyring_epoch(k) <= epochs + 1);
    }
    check_sound(k);
    buf_free(&entry);
    buf_free(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    struct error e = { 0 };
    struct buf entry = { 0 };
    uint8_t sig[SIGN_LEN];
    struct keyring *k;

    set_up();
    k = keyring_new();
    FUZZ_CHECK(k != NULL && keyring_sign_root(k, officer, 1000, "ana", custody,
                                              0, &entry, sig, &e) == 0);
    for (int i = 0; in.len > 0 && i < 16; i++) {
        size_t len;
        const uint8_t *line = fuzz_until(&in, '\n', &len);

        check_entry(line, len);
        add(k, line, len);
    }
    keyring_free(&k);
    buf_free(&entry);
    return 0;
}

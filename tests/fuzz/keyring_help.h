/* A keyring log as init makes it, for targets about bundles. */
#ifndef RESGUARDO_FUZZ_KEYRING_HELP_H
#define RESGUARDO_FUZZ_KEYRING_HELP_H

#include "fuzz.h"

#include "resguardo/vault.h"

#include <string.h>

static inline struct secret *keyring_person(uint8_t key[static AGE_KEY_LEN],
                                            uint8_t byte)
{
    struct secret *s = secret_new(AGE_KEY_LEN);

    FUZZ_CHECK(s != NULL);
    memset(s->p, byte, AGE_KEY_LEN);
    FUZZ_CHECK(age_identity_recipient(key, s) == 0);
    return s;
}

static inline void keyring_line(struct buf *lines, const struct buf *entry,
                                const uint8_t signature[static SIGN_LEN])
{
    char hex[HEX_SIZE(SIGN_LEN)];
    json_t *o;

    hex_encode(hex, signature, SIGN_LEN);
    o = json_pack("{s:s%, s:s}", "entry", entry->p, entry->len, "signature",
                  hex);
    FUZZ_CHECK(json_canonical(o, lines) == 0 && buf_adds(lines, "\n") == 0);
    json_decref(o);
}

/* keyring.jsonl of an instance where ana (uid 1000) is all that there is; *head
 * is its last hash, NULL: not wanted. */
static inline void keyring_lines(struct buf *lines, uint8_t *head)
{
    struct keyring_staff me = { .uid = 1000, .name = "ana", .roles = 7 };
    uint8_t custody[AGE_KEY_LEN], epoch[AGE_KEY_LEN], signature[SIGN_LEN];
    struct secret *s[] = { keyring_person(me.recipient, 1),
                           keyring_person(custody, 2),
                           keyring_person(epoch, 3) };
    struct keyring *k = keyring_new();
    struct buf entry = { 0 };
    struct error e;

    FUZZ_CHECK(k != NULL && staff_sign_public(me.sign_key, s[0]) == 0);
    FUZZ_CHECK(keyring_sign_root(k, s[0], me.uid, me.name, custody, 1, &entry,
                                 signature, &e) == 0);
    keyring_line(lines, &entry, signature);
    FUZZ_CHECK(keyring_sign_staff(k, s[0], &me, 1, &entry, signature, &e) == 0);
    keyring_line(lines, &entry, signature);
    FUZZ_CHECK(keyring_sign_epoch(k, s[0], epoch, 1, &entry, signature, &e) ==
               0);
    keyring_line(lines, &entry, signature);
    if (head != NULL)
        keyring_head(k, head);
    buf_free(&entry);
    keyring_free(&k);
    for (size_t i = 0; i < sizeof(s) / sizeof(s[0]); i++)
        secret_free(&s[i]);
}

#endif

/* Composes the next entry of a keyring, signs it and applies it. */
#include "vault_private.h"

#include <sodium.h>
#include <string.h>

/* Can the bytes of an entry say what the struct says? */
static bool staff_sound(const struct keyring_staff *staff)
{
    const char *end = memchr(staff->name, '\0', sizeof(staff->name));

    return end != NULL &&
           utf8_valid(staff->name, (size_t)(end - staff->name)) &&
           (staff->roles & ~(unsigned)ROLE__KNOWN) == 0;
}

/* What every entry has but its signer. */
static void fill(const struct keyring *k, struct keyring_entry *e, msec now)
{
    e->seq = keyring_size(k);
    e->time = now;
    keyring_head(k, e->prev);
}

/* Fills what every entry has, then signs what the caller filled. */
static int sign(struct keyring *k, const struct secret *officer,
                struct keyring_entry *e, msec now, struct buf *entry,
                uint8_t sig[static SIGN_LEN], struct error *err)
{
    int ok = -1;
    struct buf signed_bytes = { 0 };

    buf_reset(entry);
    fill(k, e, now);
    if (staff_sign_public(e->signer, officer) != 0) {
        (void)error_set(err, ERR_INTERNAL, "not an identity of staff");
        goto out;
    }
    if (!staff_sound(&e->staff)) {
        (void)error_set(err, ERR_INPUT, "a name or role that no entry holds");
        goto out;
    }
    if (keyring_entry_format(e, entry) != 0 ||
        keyring_entry_signed(&signed_bytes, entry->p, entry->len) != 0 ||
        staff_sign(sig, officer, signed_bytes.p, signed_bytes.len) != 0) {
        (void)error_set(err, ERR_NOMEM, "no memory for a keyring entry");
        goto out;
    }
    ok = keyring_add(k, entry->p, entry->len, sig, err);
out:
    /* What was refused is not left where it could be stored. */
    if (ok != 0) {
        buf_reset(entry);
        sodium_memzero(sig, SIGN_LEN);
    }
    buf_free(&signed_bytes);
    return ok;
}

int keyring_sign_root(struct keyring *k, const struct secret *officer,
                      uint32_t uid, const char *name,
                      const uint8_t custody[static AGE_KEY_LEN], msec now,
                      struct buf *entry, uint8_t sig[static SIGN_LEN],
                      struct error *err)
{
    struct keyring_entry e = { .type = KEYRING_ROOT, .staff.uid = uid };

    /* A name that is too long or an identity that is none fails in sign, as
     * with every entry. */
    memcpy(e.staff.name, name, strnlen(name, sizeof(e.staff.name)));
    memcpy(e.recipient, custody, AGE_KEY_LEN);
    (void)age_identity_recipient(e.staff.recipient, officer);
    (void)staff_sign_public(e.staff.sign_key, officer);
    return sign(k, officer, &e, now, entry, sig, err);
}

int keyring_sign_staff(struct keyring *k, const struct secret *officer,
                       const struct keyring_staff *staff, msec now,
                       struct buf *entry, uint8_t sig[static SIGN_LEN],
                       struct error *err)
{
    struct keyring_entry e = { .type = KEYRING_STAFF, .staff = *staff };

    return sign(k, officer, &e, now, entry, sig, err);
}

int keyring_sign_revoke(struct keyring *k, const struct secret *officer,
                        uint32_t uid, msec now, struct buf *entry,
                        uint8_t sig[static SIGN_LEN], struct error *err)
{
    struct keyring_entry e = { .type = KEYRING_REVOKE, .staff.uid = uid };

    return sign(k, officer, &e, now, entry, sig, err);
}

int keyring_sign_epoch(struct keyring *k, const struct secret *officer,
                       const uint8_t recipient[static AGE_KEY_LEN], msec now,
                       struct buf *entry, uint8_t sig[static SIGN_LEN],
                       struct error *err)
{
    struct keyring_entry e = { .type = KEYRING_EPOCH,
                               .epoch = keyring_epoch(k) + 1 };

    memcpy(e.recipient, recipient, AGE_KEY_LEN);
    return sign(k, officer, &e, now, entry, sig, err);
}

int keyring_sign_key(struct keyring *k, const struct secret *enrolment,
                     uint32_t uid, const struct secret *own, msec now,
                     struct buf *entry, uint8_t sig[static SIGN_LEN],
                     struct error *err)
{
    struct keyring_entry e = { .type = KEYRING_KEY, .staff.uid = uid };
    struct buf proven = { 0 };
    int ok = -1;

    /* The proof covers what both signers will have signed. */
    fill(k, &e, now);
    if (staff_sign_public(e.signer, enrolment) != 0 ||
        staff_sign_public(e.staff.sign_key, own) != 0)
        (void)error_set(err, ERR_INTERNAL, "not an identity of staff");
    else if (keyring_entry_proven(&proven, &e) != 0 ||
             staff_sign(e.proof, own, proven.p, proven.len) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a keyring entry");
    else
        ok = sign(k, enrolment, &e, now, entry, sig, err);
    if (ok != 0)
        buf_reset(entry);
    buf_free(&proven);
    return ok;
}

/*
 * What a keyring begins with. Made on the machine that init runs on, or on the
 * officer's own: then only a file comes to the server, and no secret of an
 * epoch, no identity and no chance to swap either ever was there.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a keyring");
}

void founding_free(struct founding *f)
{
    for (size_t i = 0; i < FOUNDING_ENTRIES; i++)
        buf_free(&f->entries[i]);
    buf_free(&f->grant);
    keyring_free(&f->ring);
}

const struct keyring_staff *founding_officer(const struct founding *f)
{
    return keyring_staff_at(f->ring, 0);
}

void founding_root(const struct founding *f,
                   char out[static HEX_SIZE(KEYRING_HASH_LEN)])
{
    uint8_t root[KEYRING_HASH_LEN];

    keyring_root(f->ring, root);
    hex_encode(out, root, sizeof(root));
}

/* ---- making it ---------------------------------------------------------- */

static int sign_people(struct founding *f, const struct keys *keys,
                       uint32_t uid, const char *name, msec now,
                       struct error *e)
{
    const struct secret *own = keys->own.identity;
    struct keyring_staff me = { .uid = uid, .roles = ROLE__ALL };

    memcpy(me.name, name, strnlen(name, sizeof(me.name)));
    if (age_identity_recipient(me.recipient, own) != 0 ||
        staff_sign_public(me.sign_key, own) != 0)
        return error_set(e, ERR_INTERNAL, "not an identity of staff");
    if (keyring_sign_root(f->ring, own, uid, name, keys->custody_recipient, now,
                          &f->entries[0], f->signatures[0], e) != 0)
        return -1;
    return keyring_sign_staff(f->ring, own, &me, now, &f->entries[1],
                              f->signatures[1], e);
}

static int sign_epoch(struct founding *f, const struct keys *keys, msec now,
                      struct error *e)
{
    struct secret *epoch = age_identity_new(&random_system);
    uint8_t recipient[AGE_KEY_LEN];
    int ok = -1;

    if (epoch == NULL || age_identity_recipient(recipient, epoch) != 0)
        (void)no_memory(e);
    else if (keyring_sign_epoch(f->ring, keys->own.identity, recipient, now,
                                &f->entries[2], f->signatures[2], e) == 0)
        ok = grant_seal(&f->grant, epoch, founding_officer(f)->recipient, now,
                        &random_system, e);
    secret_free(&epoch);
    return ok;
}

int founding_make(struct founding *f, const struct keys *keys, uint32_t uid,
                  const char *name, msec now, struct error *e)
{
    f->ring = keyring_new();
    if (f->ring == NULL)
        return no_memory(e);
    return sign_people(f, keys, uid, name, now, e) == 0
               ? sign_epoch(f, keys, now, e)
               : -1;
}

/* ---- as a file ---------------------------------------------------------- */

int founding_format(const struct founding *f, struct buf *out, struct error *e)
{
    json_t *entries = json_array();
    json_t *o = json_pack("{s:i, s:o, s:[{s:i, s:I, s:o}]}", "v", 1, "entries",
                          entries, "grants", "epoch", 1, "uid",
                          (json_int_t)founding_officer(f)->uid, "file",
                          json_base64(f->grant.p, f->grant.len));
    int ok = o != NULL ? 0 : -1;

    for (size_t i = 0; ok == 0 && i < FOUNDING_ENTRIES; i++)
        ok = json_array_append_new(
            entries,
            json_pack("{s:o, s:o}", "entry",
                      json_base64(f->entries[i].p, f->entries[i].len),
                      "signature", json_base64(f->signatures[i], SIGN_LEN)));
    if (ok == 0)
        ok = json_canonical(o, out);
    if (ok == 0)
        ok = buf_adds(out, "\n");
    json_decref(o);
    return ok == 0 ? 0 : no_memory(e);
}

static int decode(const json_t *o, const char *key, struct buf *out,
                  struct error *e)
{
    const char *text = json_str(o, key);
    size_t len = text != NULL ? strlen(text) : 0;
    ssize_t got;

    if (len == 0 || len > BASE64_SIZE(LIMIT_LEDGER_ENTRY))
        return error_set(e, ERR_INPUT, "not a keyring of vault init: %s", key);
    if (buf_reserve(out, len) != 0)
        return no_memory(e);
    got = base64_decode(out->p, len, text, len, true);
    if (got <= 0)
        return error_set(e, ERR_INPUT, "not a keyring of vault init: %s", key);
    out->len = (size_t)got;
    return 0;
}

static int read_entry(struct founding *f, size_t i, const json_t *item,
                      struct error *e)
{
    struct buf signature = { 0 };
    int ok = -1;

    if (decode(item, "entry", &f->entries[i], e) == 0 &&
        decode(item, "signature", &signature, e) == 0) {
        if (signature.len != SIGN_LEN)
            (void)error_set(e, ERR_INPUT,
                            "not a keyring of vault init: signature");
        else
            ok = keyring_add(f->ring, f->entries[i].p, f->entries[i].len,
                             signature.p, e);
    }
    if (ok == 0)
        memcpy(f->signatures[i], signature.p, SIGN_LEN);
    buf_free(&signature);
    return ok;
}

/* One officer with all roles and no enrolment, one epoch, one grant of it. */
static int check_founding(const struct founding *f, const json_t *o,
                          struct error *e)
{
    const json_t *grants = json_object_get(o, "grants");
    const json_t *grant = json_array_get(grants, 0);
    const struct keyring_staff *officer = founding_officer(f);

    if (keyring_staff_at(f->ring, 1) != NULL || officer->roles != ROLE__ALL ||
        officer->enrols || keyring_epoch(f->ring) != 1 ||
        json_array_size(grants) != 1 ||
        json_integer_value(json_object_get(grant, "epoch")) != 1 ||
        json_integer_value(json_object_get(grant, "uid")) !=
            (json_int_t)officer->uid)
        return error_set(e, ERR_INPUT,
                         "not what vault init makes: an officer, epoch 1 and "
                         "its grant");
    return grant_check(f->grant.p, f->grant.len, e);
}

int founding_parse(struct founding *f, const void *bytes, size_t len,
                   struct error *e)
{
    json_t *o = json_parse(bytes, len, e);
    const json_t *entries = json_object_get(o, "entries");
    int ok = -1;

    if (o == NULL)
        return -1;
    f->ring = keyring_new();
    if (f->ring == NULL) {
        (void)no_memory(e);
        goto out;
    }
    if (json_integer_value(json_object_get(o, "v")) != 1 ||
        json_array_size(entries) != FOUNDING_ENTRIES) {
        (void)error_set(e, ERR_INPUT, "not a keyring of vault init");
        goto out;
    }
    for (size_t i = 0; i < FOUNDING_ENTRIES; i++)
        if (read_entry(f, i, json_array_get(entries, i), e) != 0)
            goto out;
    if (decode(json_array_get(json_object_get(o, "grants"), 0), "file",
               &f->grant, e) == 0)
        ok = check_founding(f, o, e);
out:
    json_decref(o);
    return ok;
}

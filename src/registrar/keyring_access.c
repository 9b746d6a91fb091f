/* Who may do what they ask for, and how it is entered that they did. */
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include <string.h>

const struct keyring *keyring_newest(const struct registrar *r)
{
    return r->ring_next != NULL ? r->ring_next : r->keyring;
}

/* One of their roles; "any" is everybody's. */
static bool has_role(const struct keyring_staff *staff, const char *role)
{
    if (role == NULL || strcmp(role, "any") == 0)
        return true;
    for (const struct role_name *n = role_names; n->name != NULL; n++)
        if (strcmp(n->name, role) == 0)
            return (staff->roles & n->role) != 0;
    return false;
}

int keyring_permits(const struct registrar *r, const struct staff_access *a,
                    struct error *err)
{
    const struct keyring_staff *me = keyring_find(keyring_newest(r), a->uid);

    if (me == NULL)
        return error_set(err, ERR_NOT_PERMITTED,
                         "user %u was revoked meanwhile", (unsigned)a->uid);
    if (!has_role(me, a->role))
        return error_set(err, ERR_NOT_PERMITTED,
                         "user %u has not the role %s any more",
                         (unsigned)a->uid, a->role);
    if (a->signature != NULL &&
        memcmp(me->sign_key, a->signature->sign_key, SIGN_PUBLIC_LEN) != 0)
        return error_set(err, ERR_NOT_PERMITTED,
                         "user %u signs with another key by now",
                         (unsigned)a->uid);
    return 0;
}

json_t *keyring_leaf(struct registrar *r, const char *event,
                     const struct staff_access *by)
{
    json_t *leaf = leaf_new(r, event, NULL, NULL);

    leaf_text(leaf, "actor", by->name);
    leaf_text(leaf, "role", by->role);
    return leaf;
}

/* Nothing here names a customer, so the signature itself may be shown. */
void keyring_leaf_signed(json_t *evidence, const struct staff_access *by)
{
    const struct staff_signature *s = by->signature;
    char hex[HEX_SIZE(SIGN_LEN)];

    if (s == NULL)
        return;
    leaf_text(evidence, "nonce", s->nonce);
    leaf_text(evidence, "body_sha256", s->body_sha256);
    leaf_hash(evidence, "sign_key", s->sign_key, SIGN_PUBLIC_LEN);
    hex_encode(hex, s->signature, SIGN_LEN);
    leaf_text(evidence, "signature", hex);
}

/* The checked state of the keyring: who may do what, which epochs exist. */
#include "vault_private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct keyring {
    uint64_t size;
    uint8_t root[KEYRING_HASH_LEN];
    uint8_t head[KEYRING_HASH_LEN];
    uint8_t custody[AGE_KEY_LEN];
    struct keyring_staff *staff;
    size_t staff_n;
    uint8_t (*epochs)[AGE_KEY_LEN]; /* epoch i + 1 */
    unsigned epochs_n;
    uint32_t *revoked; /* uids, as often as they were */
    size_t revoked_n;
};

/* The kernel shows uids of other namespaces as 65534; -1 means "no user". */
#define UID_OVERFLOW 65534u
#define UID_NONE     UINT32_MAX

struct keyring *keyring_new(void)
{
    return calloc(1, sizeof(struct keyring));
}

struct keyring *keyring_copy(const struct keyring *from)
{
    struct keyring *k = keyring_new();

    if (k == NULL)
        return NULL;
    *k = *from;
    k->staff = calloc(from->staff_n + 1, sizeof(*k->staff));
    k->epochs = calloc((size_t)from->epochs_n + 1, sizeof(*k->epochs));
    k->revoked = calloc(from->revoked_n + 1, sizeof(*k->revoked));
    if (k->staff == NULL || k->epochs == NULL || k->revoked == NULL) {
        keyring_free(&k);
        return NULL;
    }
    for (size_t i = 0; i < from->staff_n; i++)
        k->staff[i] = from->staff[i];
    for (unsigned i = 0; i < from->epochs_n; i++)
        memcpy(k->epochs[i], from->epochs[i], AGE_KEY_LEN);
    for (size_t i = 0; i < from->revoked_n; i++)
        k->revoked[i] = from->revoked[i];
    return k;
}

void keyring_free(struct keyring **keyring)
{
    if (*keyring == NULL)
        return;
    free((*keyring)->staff);
    free((*keyring)->epochs);
    free((*keyring)->revoked);
    free(*keyring);
    *keyring = NULL;
}

/* ---- questions ---------------------------------------------------------- */

uint64_t keyring_size(const struct keyring *k)
{
    return k->size;
}

void keyring_root(const struct keyring *k, uint8_t out[static KEYRING_HASH_LEN])
{
    memcpy(out, k->root, KEYRING_HASH_LEN);
}

void keyring_head(const struct keyring *k, uint8_t out[static KEYRING_HASH_LEN])
{
    memcpy(out, k->head, KEYRING_HASH_LEN);
}

const struct keyring_staff *keyring_staff_at(const struct keyring *k, size_t i)
{
    return i < k->staff_n ? &k->staff[i] : NULL;
}

const struct keyring_staff *keyring_find(const struct keyring *k, uint32_t uid)
{
    for (size_t i = 0; i < k->staff_n; i++)
        if (k->staff[i].uid == uid)
            return &k->staff[i];
    return NULL;
}

bool keyring_revoked(const struct keyring *k, uint32_t uid)
{
    if (keyring_find(k, uid) != NULL)
        return false;
    for (size_t i = 0; i < k->revoked_n; i++)
        if (k->revoked[i] == uid)
            return true;
    return false;
}

unsigned keyring_epoch(const struct keyring *k)
{
    return k->epochs_n;
}

int keyring_epoch_recipient(const struct keyring *k, unsigned epoch,
                            uint8_t out[static AGE_KEY_LEN])
{
    if (epoch == 0 || epoch > k->epochs_n)
        return -1;
    memcpy(out, k->epochs[epoch - 1], AGE_KEY_LEN);
    return 0;
}

int keyring_custody(const struct keyring *k, uint8_t out[static AGE_KEY_LEN])
{
    if (k->size == 0)
        return -1;
    memcpy(out, k->custody, AGE_KEY_LEN);
    return 0;
}

/* ---- rules: NULL, or what is wrong -------------------------------------- */

static bool same_key(const uint8_t a[static 32], const uint8_t b[static 32])
{
    return memcmp(a, b, 32) == 0;
}

/* Whoever added a member knows the key that this one enrols with: it signs
 * nothing but the member's own. */
static bool is_officer_key(const struct keyring *k,
                           const uint8_t key[static SIGN_PUBLIC_LEN])
{
    for (size_t i = 0; i < k->staff_n; i++)
        if (same_key(k->staff[i].sign_key, key))
            return (k->staff[i].roles & ROLE_OFFICER) != 0 &&
                   !k->staff[i].enrols;
    return false;
}

/* Is there an officer besides this uid? */
static bool officer_besides(const struct keyring *k, uint32_t uid)
{
    for (size_t i = 0; i < k->staff_n; i++)
        if (k->staff[i].uid != uid && (k->staff[i].roles & ROLE_OFFICER) != 0)
            return true;
    return false;
}

/* Does custody or an epoch, now or before, have this recipient? */
static bool recipient_of_vault(const struct keyring *k,
                               const uint8_t recipient[static AGE_KEY_LEN])
{
    if (same_key(k->custody, recipient))
        return true;
    for (unsigned i = 0; i < k->epochs_n; i++)
        if (same_key(k->epochs[i], recipient))
            return true;
    return false;
}

/* A name that can be shown as it is, without a space. */
static bool name_sane(const char *name)
{
    bool sane = false;
    struct buf shown = { 0 };

    if (*name == '\0' || strchr(name, ' ') != NULL ||
        !utf8_valid(name, strlen(name)) || text_escape(&shown, name) != 0)
        goto out;
    sane = shown.len == strlen(name) && memcmp(shown.p, name, shown.len) == 0;
out:
    buf_free(&shown);
    return sane;
}

static bool is_sign_key(const uint8_t key[static SIGN_PUBLIC_LEN])
{
    return crypto_core_ed25519_is_valid_point(key) == 1;
}

/* Who enrols has the key that they name. Out of memory is no proof. */
static bool is_proven(const struct keyring_entry *e)
{
    struct buf bytes = { 0 };
    bool proven = keyring_entry_proven(&bytes, e) == 0 &&
                  staff_signed(e->staff.sign_key, e->proof, bytes.p, bytes.len);

    buf_free(&bytes);
    return proven;
}

/* A member takes their own key: not one that is, or was just, somebody's. */
static const char *check_key(const struct keyring *k,
                             const struct keyring_entry *e)
{
    const struct keyring_staff *staff = &e->staff;

    if (!is_sign_key(staff->sign_key))
        return "a sign_key that is not a key";
    for (size_t i = 0; i < k->staff_n; i++)
        if (same_key(k->staff[i].sign_key, staff->sign_key))
            return "the sign_key of a member";
    return is_proven(e) ? NULL : "the proof of the key does not hold";
}

static const char *check_staff(const struct keyring *k,
                               const struct keyring_staff *staff)
{
    if (staff->uid == UID_OVERFLOW || staff->uid == UID_NONE)
        return "a uid that is nobody's";
    if (!name_sane(staff->name))
        return "a name that is empty or cannot be shown";
    if (staff->roles == 0)
        return "no role";
    if (!is_sign_key(staff->sign_key))
        return "a sign_key that is not a key";
    if (recipient_of_vault(k, staff->recipient))
        return "a recipient that is not a person's";
    for (size_t i = 0; i < k->staff_n; i++) {
        const struct keyring_staff *other = &k->staff[i];
        if (other->uid == staff->uid)
            continue;
        if (strcmp(other->name, staff->name) == 0 ||
            same_key(other->recipient, staff->recipient) ||
            same_key(other->sign_key, staff->sign_key))
            return "name, recipient or sign_key of another member";
    }
    if ((staff->roles & ROLE_OFFICER) == 0 && !officer_besides(k, staff->uid))
        return "it would leave no officer";
    return NULL;
}

static const char *check_epoch(const struct keyring *k,
                               const struct keyring_entry *e)
{
    if (e->epoch != k->epochs_n + 1)
        return "an epoch out of order";
    if (e->epoch > LIMIT_EPOCHS)
        return "too many epochs";
    if (recipient_of_vault(k, e->recipient))
        return "the recipient of custody or another epoch";
    for (size_t i = 0; i < k->staff_n; i++)
        if (same_key(k->staff[i].recipient, e->recipient))
            return "a member's recipient";
    return NULL;
}

static const char *check_details(const struct keyring *k,
                                 const struct keyring_entry *e)
{
    switch (e->type) {
    case KEYRING_ROOT:
        return same_key(e->recipient, e->staff.recipient)
                   ? "custody with the officer"
                   : check_staff(k, &e->staff);
    case KEYRING_STAFF:
        return check_staff(k, &e->staff);
    case KEYRING_REVOKE:
        if (keyring_find(k, e->staff.uid) == NULL)
            return "the uid of no member";
        return officer_besides(k, e->staff.uid) ? NULL
                                                : "it would leave no officer";
    case KEYRING_EPOCH:
        return check_epoch(k, e);
    case KEYRING_KEY:
        return check_key(k, e);
    case KEYRING_TYPE__MAX:
        break;
    }
    return "an unknown type";
}

/* Place in the chain and right to sign, for every type. */
static const char *check_place(const struct keyring *k,
                               const struct keyring_entry *e)
{
    if (e->seq != k->size)
        return "another seq than its place";
    if (!same_key(e->prev, k->head))
        return "prev is not the hash of the former entry";
    if ((e->type == KEYRING_ROOT) != (k->size == 0))
        return "the first entry, and no other, is a root";
    if (e->type == KEYRING_ROOT)
        return same_key(e->signer, e->staff.sign_key) ? NULL
                                                      : "a root signs itself";
    if (e->type == KEYRING_KEY) {
        const struct keyring_staff *me = keyring_find(k, e->staff.uid);

        if (me == NULL || !same_key(me->sign_key, e->signer))
            return "the signer is not the member";
        return me->enrols ? NULL : "the member has a key of their own";
    }
    return is_officer_key(k, e->signer) ? NULL : "the signer is no officer";
}

/* ---- change ------------------------------------------------------------- */

static int put_staff(struct keyring *k, const struct keyring_staff *staff)
{
    for (size_t i = 0; i < k->staff_n; i++)
        if (k->staff[i].uid == staff->uid) {
            k->staff[i] = *staff;
            return 0;
        }
    struct keyring_staff *more =
        reallocarray(k->staff, k->staff_n + 1, sizeof(*more));
    if (more == NULL)
        return -1;
    k->staff = more;
    k->staff[k->staff_n++] = *staff;
    return 0;
}

static int drop_staff(struct keyring *k, uint32_t uid)
{
    size_t kept = 0;
    uint32_t *more = reallocarray(k->revoked, k->revoked_n + 1, sizeof(*more));

    if (more == NULL)
        return -1;
    k->revoked = more;
    k->revoked[k->revoked_n++] = uid;
    for (size_t i = 0; i < k->staff_n; i++)
        if (k->staff[i].uid != uid)
            k->staff[kept++] = k->staff[i];
    k->staff_n = kept;
    return 0;
}

static void put_key(struct keyring *k, const struct keyring_staff *staff)
{
    for (size_t i = 0; i < k->staff_n; i++)
        if (k->staff[i].uid == staff->uid) {
            memcpy(k->staff[i].sign_key, staff->sign_key, SIGN_PUBLIC_LEN);
            k->staff[i].enrols = false;
        }
}

static int put_epoch(struct keyring *k,
                     const uint8_t recipient[static AGE_KEY_LEN])
{
    uint8_t(*more)[AGE_KEY_LEN] =
        reallocarray(k->epochs, (size_t)k->epochs_n + 1, sizeof(*more));

    if (more == NULL)
        return -1;
    k->epochs = more;
    memcpy(k->epochs[k->epochs_n++], recipient, AGE_KEY_LEN);
    return 0;
}

/* -1: no memory, nothing changed. */
static int apply(struct keyring *k, const struct keyring_entry *e)
{
    switch (e->type) {
    case KEYRING_ROOT:
        if (put_staff(k, &e->staff) != 0)
            return -1;
        memcpy(k->custody, e->recipient, AGE_KEY_LEN);
        return 0;
    case KEYRING_STAFF:
        return put_staff(k, &e->staff);
    case KEYRING_REVOKE:
        return drop_staff(k, e->staff.uid);
    case KEYRING_EPOCH:
        return put_epoch(k, e->recipient);
    case KEYRING_KEY:
        put_key(k, &e->staff);
        return 0;
    case KEYRING_TYPE__MAX:
        break;
    }
    abort();
}

static void move_head(struct keyring *k, const void *entry, size_t len,
                      const uint8_t signature[static SIGN_LEN],
                      struct sha256 *hash)
{
    sha256_add(hash, entry, len);
    sha256_add(hash, signature, SIGN_LEN);
    sha256_final(hash, k->head);
    if (k->size++ == 0)
        memcpy(k->root, k->head, KEYRING_HASH_LEN);
}

/* Everything that must hold before an entry is applied. */
static const char *check(const struct keyring *k, const struct keyring_entry *e,
                         const struct buf *signed_bytes,
                         const uint8_t signature[static SIGN_LEN])
{
    const char *why = check_place(k, e);

    if (why != NULL)
        return why;
    if (crypto_sign_verify_detached(signature, signed_bytes->p,
                                    signed_bytes->len, e->signer) != 0)
        return "the signature does not hold";
    return check_details(k, e);
}

int keyring_add(struct keyring *k, const void *entry, size_t len,
                const uint8_t signature[static SIGN_LEN], struct error *err)
{
    int ok = -1;
    const char *why = NULL;
    struct error reason;
    struct keyring_entry e;
    struct buf signed_bytes = { 0 };
    struct sha256 *hash = sha256_new();

    if (hash == NULL || keyring_entry_signed(&signed_bytes, entry, len) != 0)
        goto nomem;
    if (keyring_entry_parse(&e, entry, len, &reason) != 0) {
        if (reason.code == ERR_NOMEM)
            goto nomem;
        why = reason.text;
    } else {
        /* The root's officer is the first of each kind. */
        if (e.type == KEYRING_ROOT)
            e.staff.roles = ROLE__ALL;
        why = check(k, &e, &signed_bytes, signature);
    }
    if (why != NULL) {
        (void)error_set(err, ERR_VERIFY, "keyring entry %llu: %s",
                        (unsigned long long)k->size, why);
        goto out;
    }
    if (apply(k, &e) != 0)
        goto nomem;
    move_head(k, entry, len, signature, hash);
    ok = 0;
    goto out;
nomem:
    (void)error_set(err, ERR_NOMEM, "no memory for a keyring entry");
out:
    sha256_free(&hash);
    buf_free(&signed_bytes);
    return ok;
}

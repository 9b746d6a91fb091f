/* The keyring log, for anyone on it to check, and the caller's own grants. */
#include "desk_private.h"

#include <string.h>

static int add_entry(void *arg, const uint8_t *entry, size_t len,
                     const uint8_t *signature, size_t signature_len)
{
    return json_array_append_new(
        arg, json_pack("{s:o, s:o}", "entry", json_base64(entry, len),
                       "signature", json_base64(signature, signature_len)));
}

typedef int (*grant_get)(struct store *, unsigned, uint32_t, struct buf *,
                         struct error *);

static int add_grant(struct request *r, grant_get get, unsigned epoch,
                     json_t *grants, struct error *e)
{
    struct buf file = { 0 };
    int found = get(r->store, epoch, r->staff.uid, &file, e);

    if (found > 0 &&
        json_array_append_new(
            grants, json_pack("{s:I, s:o}", "epoch", (json_int_t)epoch, "file",
                              json_base64(file.p, file.len))) != 0)
        found = error_set(e, ERR_NOMEM, "no memory for a grant");
    buf_free(&file);
    return found < 0 ? -1 : 0;
}

/* Every epoch that the caller was granted; one that was given again twice, as
 * either may be what opens. */
static int add_grants(struct request *r, json_t *grants, struct error *e)
{
    unsigned newest = keyring_epoch(r->keyring);

    for (unsigned epoch = 1; epoch <= newest; epoch++)
        if (add_grant(r, keyring_grant_get, epoch, grants, e) != 0 ||
            add_grant(r, keyring_grant_first, epoch, grants, e) != 0)
            return -1;
    return 0;
}

int serve_keyring(struct request *r, struct error *e)
{
    json_t *entries = json_array(), *grants = json_array();
    uint8_t root[KEYRING_HASH_LEN];
    char hex[HEX_SIZE(KEYRING_HASH_LEN)];

    e->code = ERR_NONE;
    if (keyring_row_list(r->store, add_entry, entries, e) != 0 ||
        add_grants(r, grants, e) != 0) {
        json_decref(entries);
        json_decref(grants);
        return e->code != ERR_NONE
                   ? -1
                   : error_set(e, ERR_NOMEM, "no memory for the keyring");
    }
    keyring_root(r->keyring, root);
    hex_encode(hex, root, sizeof(root));
    return answer_json(r,
                       json_pack("{s:s, s:I, s:o, s:o}", "root", hex, "uid",
                                 (json_int_t)r->staff.uid, "entries", entries,
                                 "grants", grants),
                       e);
}

/* One grant of one's own, as it is stored. */
int serve_grant(struct request *r, struct error *e)
{
    struct buf file = { 0 };
    int64_t epoch;
    int ok = -1, found;

    if (decimal_parse(r->id, strlen(r->id), INT32_MAX, &epoch) != 0 ||
        epoch < 1 || epoch > (int64_t)keyring_epoch(r->keyring))
        return error_set(e, ERR_NOT_FOUND, "no such epoch");
    found =
        keyring_grant_get(r->store, (unsigned)epoch, r->staff.uid, &file, e);
    if (found == 0) {
        (void)error_set(e, ERR_NOT_PERMITTED, "epoch %u was not granted to you",
                        (unsigned)epoch);
        (void)error_hint(e, "an officer grants epochs: staff revoke, staff "
                            "add");
    } else if (found > 0) {
        ok = answer_text(r, file.p, file.len, e);
    }
    buf_free(&file);
    return ok;
}

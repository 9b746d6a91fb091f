/* The keyring log, for anyone on it to check, and the caller's own grants. */
#include "desk_private.h"

#include <stdlib.h>

static json_t *base64_json(const void *bytes, size_t len)
{
    char *text = malloc(BASE64_SIZE(len));
    json_t *value = NULL;

    if (text != NULL) {
        base64_encode(text, bytes, len, true);
        value = json_string(text);
    }
    free(text);
    return value;
}

static int add_entry(void *arg, const uint8_t *entry, size_t len,
                     const uint8_t *signature, size_t signature_len)
{
    return json_array_append_new(
        arg, json_pack("{s:o, s:o}", "entry", base64_json(entry, len),
                       "signature", base64_json(signature, signature_len)));
}

/* Every epoch that the caller was granted. */
static int add_grants(struct request *r, json_t *grants, struct error *e)
{
    unsigned newest = keyring_epoch(r->desk->needs.keyring);

    for (unsigned epoch = 1; epoch <= newest; epoch++) {
        struct buf file = { 0 };
        int found = keyring_grant_get(r->store, epoch, r->staff.uid, &file, e);

        if (found > 0 &&
            json_array_append_new(
                grants, json_pack("{s:I, s:o}", "epoch", (json_int_t)epoch,
                                  "file", base64_json(file.p, file.len))) != 0)
            found = error_set(e, ERR_NOMEM, "no memory for a grant");
        buf_free(&file);
        if (found < 0)
            return -1;
    }
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
    keyring_root(r->desk->needs.keyring, root);
    hex_encode(hex, root, sizeof(root));
    return answer_json(r,
                       json_pack("{s:s, s:o, s:o}", "root", hex, "entries",
                                 entries, "grants", grants),
                       e);
}

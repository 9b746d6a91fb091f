/*
 * What a customer and an agent write to each other, and notes on a case: sealed
 * to the readers of the newest epoch as they come, so that this machine opens
 * none of it afterwards.
 */
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "talk_private.h"

/* {text}, of staff {body_sha256, salt, signature, text}: what the leaf's
 * commitment is of, and who signed it. */
static json_t *content_of(struct registrar *r, const char *text,
                          const struct staff_access *by, char *commitment)
{
    char signature[HEX_SIZE(SIGN_LEN)], salt_hex[HEX_SIZE(SALT_LEN)];
    uint8_t salt[SALT_LEN];
    json_t *o = json_pack("{s:s}", "text", text);

    if (commitment != NULL) {
        leaf_commit(r, text, strlen(text), salt, commitment);
        hex_encode(salt_hex, salt, sizeof(salt));
        leaf_text(o, "salt", salt_hex);
    }
    if (by != NULL && by->signature != NULL) {
        hex_encode(signature, by->signature->signature, SIGN_LEN);
        leaf_text(o, "signature", signature);
        leaf_text(o, "body_sha256", by->signature->body_sha256);
    }
    return o;
}

int chat_keep(struct registrar *r, struct chat_row *row, const char *text,
              const struct staff_access *by, char *hex, struct error *err)
{
    const struct keyring *ring = keyring_newest(r);
    uint8_t to[1][AGE_KEY_LEN];
    struct buf plain = { 0 }, file = { 0 };
    json_t *content;
    int ok = -1;

    (void)leaf_whole();
    content = content_of(r, text, by, hex);
    id_new_at(row->id, 'k', r->now, r->random);
    row->made = r->now;
    row->author = by != NULL ? (int64_t)by->uid : -1;
    row->epoch = keyring_epoch(ring);
    if (keyring_epoch_recipient(ring, row->epoch, to[0]) != 0) {
        (void)error_set(err, ERR_INVARIANT, "the keyring has no epoch");
        goto out;
    }
    if (!leaf_whole() || content == NULL ||
        json_canonical(content, &plain) != 0) {
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
        goto out;
    }
    if (age_seal(&file, (const uint8_t(*)[AGE_KEY_LEN])to, 1, r->random,
                 plain.p, plain.len, err) == 0)
        ok = chat_add(r->store, row, file.p, file.len,
                      file.len - (size_t)age_payload_size((int64_t)plain.len),
                      err);
out:
    json_decref(content);
    buf_free(&plain);
    buf_free(&file);
    return ok;
}

/*
 * What proves a decision later: sealed to the custody recipient, so that
 * neither this machine nor its staff can read it; the ledger only commits.
 */
#include "consent_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

#include <string.h>

static int seal(struct registrar *r, const struct subject_row *subject,
                const char *kind, const char *id, json_t *content,
                struct error *err)
{
    uint8_t custody[1][AGE_KEY_LEN];
    struct buf plain = { 0 }, file = { 0 };
    size_t header;
    int ok = -1;

    if (keyring_custody(r->keyring, custody[0]) != 0) {
        error_set(err, ERR_INVARIANT, "the keyring names no custody recipient");
        goto out;
    }
    if (content == NULL || json_canonical(content, &plain) != 0) {
        error_set(err, ERR_NOMEM, "no memory for evidence");
        goto out;
    }
    if (age_seal(&file, (const uint8_t(*)[AGE_KEY_LEN])custody, 1, r->random,
                 plain.p, plain.len, err) != 0)
        goto out;
    header = file.len - (size_t)age_payload_size((int64_t)plain.len);
    ok = evidence_add(r->store, id, subject, kind, file.p, file.len, header,
                      r->now, err);
out:
    json_decref(content);
    buf_free(&plain);
    buf_free(&file);
    return ok;
}

/* Once a person: how they were reached, for the day it is disputed. */
static int evidence_person(struct registrar *r, const struct deciding *d,
                           struct error *err)
{
    int64_t n = evidence_count(r->store, d->subject->id, "person", err);
    char id[ID_SIZE];
    json_t *content;

    if (n != 0)
        return n < 0 ? -1 : 0;
    id_new_at(id, 'e', r->now, r->random);
    content = json_pack("{s:s,s:s,s:s}", "subject", d->subject->id, "phone",
                        d->item->phone, "user_id", d->item->bsuid);
    return seal(r, d->subject, "person", id, content, err);
}

/* The exact bytes of the question, if the policy still has them. */
static const char *prompt_text(const struct policy *policy,
                               const struct prompt_row *prompt)
{
    for (size_t l = 0; prompt != NULL && l < policy->nlanguages; l++)
        for (size_t i = 0; i < policy->npurposes; i++)
            for (int k = 0; k < PROMPT__MAX; k++) {
                const struct policy_prompt *p =
                    &policy->languages[l].prompts[i][k];
                if (p->interactive != NULL &&
                    memcmp(p->sha256, prompt->prompt_sha256, SHA256_LEN) == 0)
                    return p->interactive;
            }
    return "";
}

int evidence_erasure(struct registrar *r, const struct erase_order *order,
                     json_t *evidence, json_t *commitments, struct error *err)
{
    const char *reason = order->by.reason != NULL ? order->by.reason : "";
    char commitment[65], salt_hex[HEX_SIZE(SALT_LEN)], id[ID_SIZE];
    char signature[HEX_SIZE(SIGN_LEN)] = "";
    struct subject_row subject;
    uint8_t salt[SALT_LEN];
    json_t *content;

    if (subject_get(r->store, order->by.subject, &subject, err) != 1)
        return error_set(err, ERR_NOT_FOUND, "no such person");
    leaf_commit(r, reason, strlen(reason), salt, commitment);
    id_new_at(id, 'e', r->now, r->random);
    leaf_text(evidence, "evidence_id", id);
    leaf_text(commitments, "reason", commitment);
    hex_encode(salt_hex, salt, SALT_LEN);
    if (order->by.signature != NULL)
        hex_encode(signature, order->by.signature->signature, SIGN_LEN);
    content = json_pack("{s:s,s:s,s:s,s:s,s:s}", "actor", order->by.name,
                        "ground", order->ground, "reason", reason,
                        "salt_reason", salt_hex, "signature", signature);
    return seal(r, &subject, "erasure", id, content, err);
}

int evidence_decision(struct registrar *r, const struct deciding *d,
                      const struct prompt_row *prompt, json_t *evidence,
                      json_t *commitments, struct error *err)
{
    const struct webhook_item *item = d->item;
    uint8_t salt_message[SALT_LEN], salt_wamid[SALT_LEN];
    char message[65], wamid[65], body[HEX_SIZE(SHA256_LEN)], id[ID_SIZE];
    char salt_m[HEX_SIZE(SALT_LEN)], salt_w[HEX_SIZE(SALT_LEN)];
    json_t *content;

    if (evidence_person(r, d, err) != 0)
        return -1;

    /* The leaf says which file proves it, and commits to its content. */
    leaf_commit(r, item->raw.p, item->raw.len, salt_message, message);
    leaf_commit(r, item->wamid, strlen(item->wamid), salt_wamid, wamid);
    id_new_at(id, 'e', r->now, r->random);
    leaf_text(evidence, "evidence_id", id);
    leaf_text(commitments, "message", message);
    leaf_text(commitments, "wamid", wamid);

    hex_encode(body, d->webhook->body_sha256, SHA256_LEN);
    hex_encode(salt_m, salt_message, SALT_LEN);
    hex_encode(salt_w, salt_wamid, SALT_LEN);
    content = json_pack("{s:s%,s:s,s:s,s:s,s:s,s:s,s:s}", "message",
                        (const char *)item->raw.p, item->raw.len, "wamid",
                        item->wamid, "salt_message", salt_m, "salt_wamid",
                        salt_w, "prompt", prompt_text(d->policy, prompt),
                        "webhook_sha256", body, "signature", "valid");
    return seal(r, d->subject, "decision", id, content, err);
}

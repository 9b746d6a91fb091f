/*
 * Who people are, for an officer who says why. On record twice before the first
 * byte leaves: that so many were asked for, with the signature and whoever
 * approved it; and each of them.
 */
#include "desk_private.h"

#include <string.h>

#include <sodium.h>

/* ---- what is asked ------------------------------------------------------ */

/* Of whom nothing is left at all (the evidence was erased, too) nothing is
 * told, and it is no revelation. *known are the others. */
static int check_list(struct request *r, const json_t *list, json_t *known,
                      struct error *e)
{
    size_t n = json_array_size(list);

    if (n == 0 || n > LIMIT_REVEAL)
        return error_set(e, ERR_INPUT, "subjects: 1 to %u ids", LIMIT_REVEAL);
    for (size_t i = 0; i < n; i++) {
        const char *id = json_string_value(json_array_get(list, i));
        struct subject_row row;
        int found = id != NULL && id_valid(id, 's')
                        ? subject_get(r->store, id, &row, e)
                        : 0;

        if (found < 0)
            return -1;
        if (found > 0 && json_array_append_new(known, json_string(id)) != 0)
            return error_set(e, ERR_NOMEM, "no memory for a list");
    }
    return json_array_size(known) > 0
               ? 0
               : error_set(e, ERR_NOT_FOUND, "no such person");
}

static int record_all(struct request *r, const json_t *list,
                      const struct staff_signature *signature,
                      const char *reason, struct error *e)
{
    struct staff_access access = request_access(r, "identities_revealed");
    struct approval approval = { .action = ACTION_REVEAL };
    json_t *what = json_pack("{s:s, s:O, s:s}", "action", "reveal", "subjects",
                             list, "reason", reason);
    struct buf text = { 0 };
    int ok = -1;

    access.signature = signature;
    access.reason = reason;
    access.approval = &approval;
    approval.what = &text;
    access.evidence =
        json_pack("{s:I}", "subjects", (json_int_t)json_array_size(list));
    if (what == NULL || access.evidence == NULL ||
        json_canonical(what, &text) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a record");
    else
        ok = request_record(r, &access, e);
    json_decref(access.evidence);
    json_decref(what);
    buf_free(&text);
    return ok;
}

/* ---- what is told ------------------------------------------------------- */

static int see_handle(void *arg, const char *kind, const char *value, msec seen)
{
    (void)seen; /* the latest stands */
    return json_object_set_new(arg, kind, json_string(value));
}

/* The hash that a leaf has of salt and words. */
static int add_reason(json_t *reasons, const json_t *note, const char *salt_key,
                      const char *key)
{
    const char *salt = json_str(note, salt_key), *text = json_str(note, key);
    char hex[HEX_SIZE(SHA256_LEN)];
    crypto_hash_sha256_state state;
    uint8_t bytes[16], hash[SHA256_LEN];

    if (salt == NULL || text == NULL ||
        hex_decode(bytes, sizeof(bytes), salt, strlen(salt), false) != 0)
        return 0;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, bytes, sizeof(bytes));
    crypto_hash_sha256_update(&state, (const uint8_t *)text, strlen(text));
    crypto_hash_sha256_final(&state, hash);
    hex_encode(hex, hash, sizeof(hash));
    return json_object_set_new(reasons, hex, json_string(text));
}

static int see_note(void *arg, const struct buf *text)
{
    struct error ignored = { 0 };
    json_t *note = json_parse(text->p, text->len, &ignored);
    int ok = note == NULL || add_reason(arg, note, "salt", "text") != 0 ||
                     add_reason(arg, note, "authority_salt", "authority") != 0
                 ? -1
                 : 0;

    json_decref(note);
    return ok;
}

/* Of somebody who was erased nothing opens; of somebody who is blocked nothing
 * is told. */
static int tell_one(struct request *r, const char *id, json_t *list,
                    struct error *e)
{
    json_t *o = json_pack("{s:s}", "subject", id);
    json_t *reasons = json_object();
    struct subject_row row;
    int ok = -1, state;

    if (subject_get(r->store, id, &row, e) != 1)
        goto out;
    state = slot_state(r->store, row.content_slot, e);
    if (state < 0)
        goto out;
    if (state > 0 && row.blocked == 0 &&
        (person_handles(r->store, id, see_handle, o, e) != 0 ||
         person_notes(r->store, id, see_note, reasons, e) != 0))
        goto out;
    ok = json_object_set(o, "reasons", reasons);
    if (state == 0)
        ok |= json_object_set_new(o, "erased", json_true());
    if (row.blocked != 0)
        ok |= json_object_set_new(o, "blocked", json_true());
    if (ok != 0 || json_array_append(list, o) != 0)
        ok = error_set(e, ERR_NOMEM, "no memory for a person");
out:
    if (ok != 0 && e->code == ERR_NONE)
        (void)error_set(e, ERR_NOT_FOUND, "the person changed meanwhile");
    json_decref(reasons);
    json_decref(o);
    return ok;
}

static int record_and_tell(struct request *r, const json_t *list,
                           const char *reason, struct error *e)
{
    json_t *answer = json_array();
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < json_array_size(list); i++) {
        struct staff_access access = request_access(r, "subject_revealed");
        const char *id = json_string_value(json_array_get(list, i));

        memcpy(access.subject, id, strlen(id) + 1);
        access.reason = reason;
        ok = request_record(r, &access, e);
    }
    for (size_t i = 0; ok == 0 && i < json_array_size(list); i++)
        ok = tell_one(r, json_string_value(json_array_get(list, i)), answer, e);
    if (ok == 0)
        return answer_json(r, answer, e);
    json_decref(answer);
    return -1;
}

int serve_reveal(struct request *r, struct error *e)
{
    struct staff_signature signature;
    json_t *body = NULL;
    const char *reason = request_reason(r, &body, e);
    const json_t *list = json_object_get(body, "subjects");
    json_t *known = json_array();
    int ok = -1;

    if (reason != NULL && check_list(r, list, known, e) == 0 &&
        request_signature(r, body, reason, &signature, e) == 0 &&
        record_all(r, known, &signature, reason, e) == 0)
        ok = record_and_tell(r, known, reason, e);
    json_decref(known);
    json_decref(body);
    return ok;
}

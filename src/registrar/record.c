/*
 * What staff's accesses leave on record: a leaf that names who did what, to
 * which document, case or person, and commits to their words; the words
 * themselves sealed as a note of the person, who may be forgotten with them.
 * All of it is written before anything leaves.
 */
#include "keep_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "request_private.h"

#include <string.h>

/* Is the person still blocked, or still not, and released still? */
static int check_person(struct registrar *r, const struct staff_access *a,
                        struct error *err)
{
    struct subject_row row;
    struct released_row released;
    int found = subject_get(r->store, a->subject, &row, err);

    if (found < 0)
        return -1;
    if (found > 0 && row.blocked != 0 && a->authority != NULL)
        found = released_find(r->store, a->subject, "", a->uid, r->now,
                              &released, err);
    else if (found > 0)
        found = row.blocked == 0 && a->authority == NULL;
    if (found == 0)
        return error_set(err, ERR_CONFLICT, "the person changed meanwhile");
    return found < 0 ? -1 : 0;
}

/* Is the document still what the desk took it for? */
static int check_unchanged(struct registrar *r, const struct staff_access *a,
                           struct error *err)
{
    struct document_row row;
    int found;

    if (a->whole && check_person(r, a, err) != 0)
        return -1;
    if (a->state == NULL)
        return 0;
    found = document_get(r->store, a->document, &row, err);
    if (found < 0)
        return -1;
    if (found == 0 || strcmp(row.state, a->state) != 0)
        return error_set(err, ERR_CONFLICT, "the document changed meanwhile");
    return 0;
}

/* Free text of an access: why, on whose demand. The leaf commits to each. */
struct said {
    const char *text; /* or NULL */
    uint8_t salt[SALT_LEN];
    char commitment[65];
};

static void said_commit(struct registrar *r, struct said *said,
                        const char *text)
{
    said->text = text;
    if (text != NULL)
        leaf_commit(r, text, strlen(text), said->salt, said->commitment);
}

static void note_said(json_t *note, const char *salt_key, const char *key,
                      const struct said *said)
{
    char salt[HEX_SIZE(SALT_LEN)];

    if (said->text == NULL)
        return;
    hex_encode(salt, said->salt, SALT_LEN);
    leaf_text(note, salt_key, salt);
    leaf_text(note, key, said->text);
}

/* Is there a person to seal it under? Whose content is erased has no key for
 * words any more: the commitment is what stays of them. 1, 0, -1. */
static int has_key(struct registrar *r, const char *subject, struct error *err)
{
    struct subject_row row;
    int found = subject_get(r->store, subject, &row, err);

    return found <= 0 ? found
                      : slot_state(r->store, row.content_slot, err) != 0;
}

/* Sealed as a row where there is a person to seal it under. */
static int keep_note(struct registrar *r, const struct staff_access *a,
                     const struct said *why, const struct said *demand,
                     struct error *err)
{
    char signature[HEX_SIZE(SIGN_LEN)];
    char id[ID_SIZE];
    struct buf plain = { 0 };
    json_t *note;
    int ok = -1, key;

    if (a->subject[0] == '\0' || (why->text == NULL && demand->text == NULL))
        return 0;
    if ((key = has_key(r, a->subject, err)) <= 0)
        return key;
    note = json_object();
    (void)leaf_whole();
    note_said(note, "salt", "text", why);
    note_said(note, "authority_salt", "authority", demand);
    if (a->signature != NULL) {
        hex_encode(signature, a->signature->signature, SIGN_LEN);
        leaf_text(note, "signature", signature);
        leaf_text(note, "body_sha256", a->signature->body_sha256);
    }
    id_new_at(id, 'n', r->now, r->random);
    if (note == NULL || !leaf_whole() || json_canonical(note, &plain) != 0)
        error_set(err, ERR_NOMEM, "no memory for a reason");
    else
        ok = note_add(r->store, id, a->subject, plain.p, plain.len, err);
    json_decref(note);
    buf_free(&plain);
    return ok;
}

/* Whose key it was is said openly. The signature is of a text that can be
 * guessed, so it stands with the text, sealed. */
static json_t *signed_by(const struct staff_access *a, json_t *more)
{
    json_t *evidence = more != NULL ? more : json_object();

    if (a->signature != NULL) {
        leaf_text(evidence, "nonce", a->signature->nonce);
        leaf_hash(evidence, "sign_key", a->signature->sign_key,
                  SIGN_PUBLIC_LEN);
    }
    return evidence;
}

/* They may still do it, and the caller had memory for what it put together. */
static int may_enter(const struct registrar *r, const struct staff_access *a,
                     struct error *err)
{
    return leaf_whole()
               ? keyring_permits(r, a, err)
               : error_set(err, ERR_NOMEM, "no memory for a ledger entry");
}

int staff_record(struct registrar *r, const struct staff_access *a,
                 json_t *more, struct error *err)
{
    struct said why = { 0 }, demand = { 0 };
    json_t *leaf, *commitments = json_object();

    if (may_enter(r, a, err) != 0) {
        json_decref(more);
        json_decref(commitments);
        return -1;
    }
    said_commit(r, &why, a->reason != NULL ? a->reason : a->filter);
    said_commit(r, &demand, a->authority);
    if (keep_note(r, a, &why, &demand, err) != 0 ||
        (a->export_id != NULL &&
         exported_add(r->store, a->export_id, why.salt, sizeof(why.salt),
                      a->filter, err) != 0)) {
        json_decref(more);
        json_decref(commitments);
        return -1;
    }
    leaf = leaf_new(r, a->event_type, a->subject, a->policy);
    leaf_text(leaf, "actor", a->name);
    leaf_text(leaf, "role", a->role);
    leaf_text(leaf, "document_id", a->document);
    leaf_text(leaf, "case_id", a->case_id);
    leaf_text(leaf, "approval_id", a->approval_id);
    leaf_object(leaf, "evidence", signed_by(a, more));
    leaf_text(commitments, a->reason != NULL ? "reason" : "filter",
              why.commitment);
    leaf_text(commitments, "authority", demand.commitment);
    if (a->committed != NULL)
        leaf_text(commitments, a->committed, a->commitment);
    leaf_object(leaf, "commitments", commitments);
    return leaf_append(r, leaf, NULL, err);
}

int record_apply(struct registrar *r, void *arg, struct error *err)
{
    const struct staff_access *a = arg;
    json_t *more = NULL;

    if (keyring_permits(r, a, err) != 0 || check_unchanged(r, a, err) != 0)
        return -1;
    if (a->approval != NULL && approval_use(r, a->approval, a, err) != 0)
        return -1;
    if (a->approval != NULL && a->approval->asked)
        return 0;
    if (a->evidence != NULL && (more = json_copy(a->evidence)) == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a ledger entry");
    if (a->approval != NULL) {
        more = more != NULL ? more : json_object();
        approval_evidence(more, a->approval);
    }
    /* For them, and for no authority: what they asked for is answered. */
    if (strcmp(a->event_type, "subject_exported") == 0 &&
        a->authority == NULL &&
        request_done(r, a->subject, REQUEST_ACCESS, err) != 0) {
        json_decref(more);
        return -1;
    }
    return staff_record(r, a, more, err);
}

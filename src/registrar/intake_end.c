/* How a fetch ended, and what that makes of the attachment. */
#include "attachment_private.h"
#include "case_private.h"
#include "consent_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "people_private.h"
#include "registrar_private.h"

#include <string.h>

/* A link whose folder could not be synced failed, and may be there. */
static bool may_exist(struct registrar *r, const struct intake_result *result)
{
    char place[BLOB_PLACE_SIZE];
    struct error ignored;

    return result->linked ||
           (blob_place(result->payload, place, &ignored) == 0 &&
            blob_is_there(r->store, place));
}

/* A payload that no row will name. A file goes only after the commit that
 * decided so: were it undone, the same result might be kept the next time. */
static int discard(struct registrar *r, const struct intake_result *result,
                   struct error *err)
{
    struct effect effect = { .kind = EFFECT_UNLINK };

    if (!may_exist(r, result))
        return loose_remove(r->store, result->payload, err);
    SET(effect.id, result->payload);
    return effect_add(r, &effect, err);
}

/* The gate closed while the file was on its way. */
static int discarded_leaf(struct registrar *r, const struct attachment_row *row,
                          struct error *err)
{
    json_t *leaf = leaf_new(r, "media_discarded", row->subject, row->policy);

    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "attachment_id", row->id);
    return leaf_append(r, leaf, NULL, err);
}

/* ---- stored and quarantined --------------------------------------------- */

static int case_for(struct registrar *r, const struct attachment_row *row,
                    struct case_row *out, struct error *err)
{
    int found = row->case_id[0] == '\0'
                    ? 0
                    : case_get(r->store, row->case_id, out, err);

    if (found > 0 && strcmp(out->state, "closed") != 0)
        return 0;
    if (found >= 0)
        found = case_find_open(r->store, row->subject, row->policy, out, err);
    if (found != 0)
        return found < 0 ? -1 : 0;
    memset(out, 0, sizeof(*out));
    SET(out->subject, row->subject);
    SET(out->policy, row->policy);
    return case_new(r, out, NULL, err);
}

/* What no item asked for has a short life. */
static msec apart_until(const struct registrar *r,
                        const struct attachment_row *row,
                        const struct case_row *of)
{
    const struct policy *policy = policy_find(r->policies, row->policy);
    int procedure =
        policy == NULL ? -1 : policy_procedure(policy, of->procedure);

    if (strcmp(row->item, ITEM_UNREQUESTED) != 0 || procedure < 0)
        return 0;
    return r->now + policy->procedures[procedure].unrequested_life;
}

static int document_make(struct registrar *r, const struct attachment_row *row,
                         const struct case_row *file_case, const char *state,
                         struct intake_result *result,
                         struct document_row *document, struct error *err)
{
    json_t *claims;
    int ok;

    memset(document, 0, sizeof(*document));
    id_new_at(document->id, 'd', r->now, r->random);
    SET(document->attachment, row->id);
    SET(document->subject, row->subject);
    SET(document->payload, result->payload);
    SET(document->case_id, file_case->id);
    SET(document->policy, row->policy);
    SET(document->state, state);
    SET(document->media_type, result->media_type[0] != '\0'
                                  ? result->media_type
                                  : "application/octet-stream");
    SET(document->purposes, row->purposes);
    SET(document->item, row->item);
    document->apart_until = apart_until(r, row, file_case);
    document->size = result->size;
    document->payload_size = result->payload_size;
    document->received = row->received;
    document->epoch = result->epoch;
    memcpy(document->payload_sha256, result->payload_sha256, SHA256_LEN);

    if ((claims = claims_read(r, row->id, err)) == NULL)
        return -1;
    ok = document_add(r->store, document, result->header.p, result->header.len,
                      json_str(claims, "file_name"),
                      json_str(claims, "caption"), err);
    json_decref(claims);
    return ok;
}

static int document_leaf(struct registrar *r,
                         const struct document_row *document,
                         const struct buf *header, const char *reason,
                         struct error *err)
{
    uint8_t hash[SHA256_LEN];
    bool stored = strcmp(document->state, "stored") == 0;
    json_t *leaf = leaf_new(r, stored ? "media_stored" : "media_quarantined",
                            document->subject, document->policy);

    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "document_id", document->id);
    leaf_text(leaf, "attachment_id", document->attachment);
    leaf_text(leaf, "case_id", document->case_id);
    leaf_text(leaf, "purpose", document->purposes);
    leaf_text(leaf, "item", item_said(document->item));
    leaf_text(leaf, "reason", reason);
    leaf_hash(leaf, "payload_sha256", document->payload_sha256, SHA256_LEN);
    sha256_of(hash, header->p, header->len);
    leaf_hash(leaf, "header_sha256", hash, SHA256_LEN);
    leaf_value(leaf, "epoch", json_integer((json_int_t)document->epoch));
    return leaf_append(r, leaf, NULL, err);
}

static int keep(struct registrar *r, struct attachment_row *row,
                const char *state, const char *reason,
                struct intake_result *result, struct error *err)
{
    struct document_row document;
    struct case_row file_case;

    if (case_for(r, row, &file_case, err) != 0)
        return -1;
    /* What asked for it ended with its case: it is no item of another one, by
     * whatever name. */
    if (row->case_id[0] != '\0' && strcmp(row->case_id, file_case.id) != 0 &&
        strcmp(row->item, ITEM_UNREQUESTED) != 0)
        SET(row->item, "");
    if (document_make(r, row, &file_case, state, result, &document, err) != 0 ||
        document_leaf(r, &document, &result->header, reason, err) != 0 ||
        loose_remove(r->store, result->payload, err) != 0)
        return -1;
    SET(row->state, state);
    SET(row->reason, reason);
    SET(row->case_id, file_case.id);
    row->turn = 0;
    if (attachment_update(r->store, row, err) != 0)
        return -1;
    return receipt_note(r, row, err);
}

/* ---- again, or never ---------------------------------------------------- */

static int again(struct registrar *r, struct attachment_row *row,
                 const struct intake_result *result, struct error *err)
{
    if (discard(r, result, err) != 0)
        return -1;
    if (result->end == INTAKE_BAD_HASH)
        row->hash_failures++;
    if (strcmp(result->reason, "host") == 0 ||
        strcmp(result->reason, "redirect") == 0)
        log_event(LOG_LEVEL_ALARM, "media_url_refused", "{s:s,s:s}",
                  "attachment", row->id, "why", result->reason);
    SET(row->state, "queued");
    SET(row->payload, "");
    row->turn = 0;
    row->next_try = r->now + backoff(row->tries);
    row->tries++;
    if (result->end == INTAKE_TOKEN || result->end == INTAKE_CANCELLED)
        return attachment_enqueue(r, row, err);
    return attachment_update(r->store, row, err);
}

/* What it really is may need more than what it was announced as: a photo that
 * came under a document's name waits for no purpose that it was not asked for,
 * so it is not kept. */
static bool needs_more(const struct policy *policy,
                       const struct attachment_row *row,
                       const struct policy_item *item,
                       const struct intake_result *result)
{
    unsigned asked = purposes_mask(policy, row->purposes);
    unsigned needed =
        policy_gates(policy, media_kind_of(row->kind), result->media_type);

    /* A procedure's item says what it needs, and of which types it may be. */
    if (item != NULL)
        return !dialogue_item_takes(policy, item, media_kind_of(row->kind),
                                    result->media_type);
    return result->media_type[0] != '\0' && (needed & ~asked) != 0;
}

/* The item that a file is for; NULL: for none. */
static int item_of(struct registrar *r, const struct policy *policy,
                   const struct attachment_row *row,
                   const struct policy_item **out, struct error *err)
{
    struct case_row of;
    int found = row->item[0] == '\0' || row->case_id[0] == '\0'
                    ? 0
                    : case_get(r->store, row->case_id, &of, err);
    int item = found <= 0 ? -1 : item_find(policy, &of, row->item);

    *out = item < 0
               ? NULL
               : &policy->procedures[policy_procedure(policy, of.procedure)]
                      .items[item];
    return found < 0 ? -1 : 0;
}

static int apply_end(struct registrar *r, struct attachment_row *row,
                     struct intake_result *result, struct error *err)
{
    bool unavailable = result->end == INTAKE_REFUSED &&
                       strcmp(result->reason, "unavailable") == 0;

    if (unavailable && breaker_refused(r))
        return again(r, row, result, err);
    /* It came whole; who was judged on the way says so only at its end. */
    if (result->end == INTAKE_JUDGING || result->linked)
        breaker_resolved(r);
    switch (result->end) {
    case INTAKE_JUDGING:
        SET(row->state, "judging");
        return attachment_update(r->store, row, err);
    case INTAKE_STORED:
        if (result->finding[0] != '\0')
            return keep(r, row, "quarantined", "finding", result, err);
        return keep(r, row, "stored", "", result, err);
    case INTAKE_BAD_HASH:
        if (result->linked)
            return keep(r, row, "quarantined", "hash", result, err);
        return again(r, row, result, err);
    case INTAKE_JUDGE_DIED:
        return keep(r, row, "quarantined", "judge", result, err);
    case INTAKE_REFUSED:
        if (discard(r, result, err) != 0)
            return -1;
        return attachment_end(r, row, "refused", result->reason, err);
    case INTAKE_TOKEN:
        if (!r->token_refused)
            log_event(LOG_LEVEL_ALARM, "access_token_refused", NULL);
        r->token_refused = true;
        return again(r, row, result, err);
    case INTAKE_RETRY:
    case INTAKE_CANCELLED:
        return again(r, row, result, err);
    case INTAKE__MAX:
        break;
    }
    return error_set(err, ERR_INVARIANT, "a fetch with an unknown end");
}

int intake_apply(struct registrar *r, struct intake_result *result,
                 struct error *err)
{
    const struct policy *policy;
    const struct policy_item *item = NULL;
    struct attachment_row row;
    bool open = false;
    int found = attachment_get(r->store, result->attachment, &row, err);

    if (found < 0)
        return -1;
    /* Its person was erased while it was on its way. */
    if (found == 0)
        return result->end == INTAKE_JUDGING ? 0 : discard(r, result, err);

    /* A result whose commit was of unknown outcome comes twice; an answer to
     * a former try comes late. */
    if (strcmp(row.state, "fetching") != 0 &&
        strcmp(row.state, "judging") != 0) {
        if (result->end == INTAKE_JUDGING || strcmp(row.state, "stored") == 0 ||
            strcmp(row.state, "quarantined") == 0)
            return 0;
        if (strcmp(row.state, "dropped") == 0 &&
            discarded_leaf(r, &row, err) != 0)
            return -1;
        return discard(r, result, err);
    }
    if (result->end != INTAKE_JUDGING &&
        strcmp(row.payload, result->payload) != 0)
        return discard(r, result, err);

    /* The gate once more: what is not open now is not kept. */
    policy = policy_find(r->policies, row.policy);
    if (policy != NULL && (mandate_open(r, &row, &open, err) != 0 ||
                           (open && gate_open(r, policy, row.subject,
                                              row.purposes, &open, err) != 0)))
        return -1;
    if (!open && result->end != INTAKE_JUDGING) {
        if (discard(r, result, err) != 0 || discarded_leaf(r, &row, err) != 0)
            return -1;
        return policy != NULL
                   ? attachment_closed(r, policy, &row, err)
                   : attachment_end(r, &row, "dropped", "no_consent", err);
    }
    if (policy != NULL && item_of(r, policy, &row, &item, err) != 0)
        return -1;
    if (result->linked && needs_more(policy, &row, item, result)) {
        if (discard(r, result, err) != 0)
            return -1;
        return attachment_end(r, &row, "refused", "type", err);
    }
    return apply_end(r, &row, result, err);
}

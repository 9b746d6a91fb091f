/*
 * The life of an attachment up to its fetch: held → queued → fetching, or an
 * early end. Every step is a row and, where somebody will ask later, a leaf.
 */
#include "attachment_private.h"
#include "case_private.h"
#include "consent_private.h"
#include "leaf_private.h"
#include "people_private.h"
#include "registrar_private.h"

#include <string.h>

/* ---- held --------------------------------------------------------------- */

json_t *claims_read(struct registrar *r, const char *attachment,
                    struct error *err)
{
    struct buf bytes = { 0 };
    json_t *claims = NULL;
    int found = attachment_claims(r->store, attachment, &bytes, err);

    if (found > 0)
        claims = json_parse(bytes.p, bytes.len, err);
    else if (found == 0 && (claims = json_object()) == NULL)
        (void)error_set(err, ERR_NOMEM, "no memory for claims");
    buf_free(&bytes);
    return claims;
}

/* The marks are the rows' own. */
const char *item_said(const char *item)
{
    return strcmp(item, ITEM_UNREQUESTED) == 0 ? "unrequested" : item;
}

static int media_leaf(struct registrar *r, const struct attachment_row *row,
                      const char *event, struct error *err)
{
    const struct ledger_text more[] = {
        { "actor", "system" },        { "attachment_id", row->id },
        { "purpose", row->purposes }, { "item", item_said(row->item) },
        { "reason", row->reason },
    };

    return leaf_enter(r, event, row->subject, row->policy, more,
                      sizeof(more) / sizeof(more[0]), err);
}

/* Papers of somebody else say so. */
static int represented_leaf(struct registrar *r,
                            const struct attachment_row *row,
                            const struct ledger_text *more, size_t n,
                            struct error *err)
{
    json_t *leaf = leaf_new(r, "media_held", row->subject, row->policy);

    leaf_object(leaf, "evidence", json_pack("{s:b}", "represented", 1));
    for (size_t i = 0; i < n; i++)
        leaf_text(leaf, more[i].key, more[i].value);
    return leaf_append(r, leaf, NULL, err);
}

static int held_leaf(struct registrar *r, const struct attachment_row *row,
                     bool odd_sha256, struct error *err)
{
    char provider_time[TIME_SIZE];
    const struct ledger_text more[] = {
        { "actor", "system" },
        { "announced_sha256", odd_sha256 ? "undecodable" : NULL },
        { "attachment_id", row->id },
        { "case_id", row->case_id },
        { "item", item_said(row->item) },
        { "provider_time", provider_time },
        { "purpose", row->purposes },
    };

    time_format(provider_time, row->provider_s * MSEC_S);
    if (row->represented)
        return represented_leaf(r, row, more, sizeof(more) / sizeof(more[0]),
                                err);
    return leaf_enter(r, "media_held", row->subject, row->policy, more,
                      sizeof(more) / sizeof(more[0]), err);
}

/* How long before Meta's id dies somebody should know. */
static msec warn_before(msec media_lifetime)
{
    msec part = media_lifetime / 6;

    return part < MSEC_H ? part : MSEC_H;
}

/* What needs nothing more goes on at once. */
static int release(struct registrar *r, const struct policy *policy,
                   struct attachment_row *row, struct error *err)
{
    bool open;

    if (item_unclear(row))
        return 0;
    if (mandate_open(r, row, &open, err) != 0 ||
        (open &&
         gate_open(r, policy, row->subject, row->purposes, &open, err) != 0))
        return -1;
    return open ? attachment_enqueue(r, row, err) : 0;
}

int attachment_hold(struct registrar *r, const struct policy *policy,
                    const struct subject_row *subject,
                    const struct webhook_item *item, unsigned *needs,
                    struct error *err)
{
    const struct config_number *number =
        config_find_number(r->config, item->number);
    struct attachment_row row = { .received = r->now,
                                  .provider_s = item->provider_s };
    const char *refused;

    id_new_at(row.id, 'a', r->now, r->random);
    SET(row.subject, subject->id);
    SET(row.policy, policy->id);
    SET(row.number, item->number);
    SET(row.kind, media_kind_names[item->media]);
    SET(row.state, "held");
    SET(row.announced_type, item->announced_type);
    *needs = policy_gates(policy, item->media, item->announced_type);
    if (procedure_match(r, policy, item, &row, needs, &refused, err) != 0)
        return -1;
    purposes_list(policy, *needs, row.purposes);
    row.lifetime = item->provider_s * MSEC_S + number->media_lifetime;
    row.deadline = r->now + policy->hold_time;
    if (row.deadline > row.lifetime)
        row.deadline = row.lifetime;
    row.warn_at = row.lifetime - warn_before(number->media_lifetime);

    if (attachment_add(r->store, &row, item->claims.p, item->claims.len, err) !=
            0 ||
        (!item_unclear(&row) && held_leaf(r, &row, item->odd_sha256, err) != 0))
        return -1;

    if (item_unclear(&row) && item->odd_sha256)
        log_event(LOG_LEVEL_INFO, "undecodable_sha256", "{s:s}", "attachment",
                  row.id);

    /* What can never be fetched ends here, and is told. */
    if (item->too_large)
        return attachment_end(r, &row, "refused", "size", err);
    if (item->media_id[0] == '\0')
        return attachment_end(r, &row, "refused", "unavailable", err);
    if (refused != NULL)
        return attachment_end(r, &row, "refused", refused, err);
    return release(r, policy, &row, err);
}

/* ---- unclear ------------------------------------------------------------ */

/* On record once it is known what it is for: what a file needs never changes
 * from then on. */
int attachment_explain(struct registrar *r, const struct policy *policy,
                       struct attachment_row *row,
                       const struct policy_item *item, struct error *err)
{
    enum media_kind kind = media_kind_of(row->kind);

    SET(row->item, item != NULL ? item->id : ITEM_UNREQUESTED);
    purposes_list(policy,
                  item != NULL
                      ? item->purposes
                      : policy_gates(policy, kind, row->announced_type),
                  row->purposes);
    if (attachment_update(r->store, row, err) != 0 ||
        held_leaf(r, row, false, err) != 0)
        return -1;
    if (item != NULL &&
        !dialogue_item_takes(policy, item, kind, row->announced_type))
        return attachment_end(r, row, "refused", "type", err);
    return release(r, policy, row, err);
}

int attachment_unexplained(struct registrar *r, struct attachment_row *row,
                           struct error *err)
{
    const struct policy *policy = policy_find(r->policies, row->policy);

    if (policy == NULL)
        return error_set(err, ERR_INVARIANT, "a file of an unknown policy");
    return attachment_explain(r, policy, row, NULL, err);
}

/* ---- held → queued ------------------------------------------------------ */

int attachment_enqueue(struct registrar *r, struct attachment_row *row,
                       struct error *err)
{
    int64_t last = attachment_last_turn(r->store, row->subject, err);

    if (last < 0)
        return -1;
    row->turn = last + 1 > r->turn ? last + 1 : r->turn;
    SET(row->state, "queued");
    SET(row->payload, "");
    return attachment_update(r->store, row, err);
}

struct walk {
    struct registrar *r;
    const struct policy *policy;
    const char *subject, *purpose; /* purpose NULL: whatever it needs */
    const char *reason;
    bool any_open;
    struct error *err;
};

static int see_open(void *arg, const char *purposes)
{
    struct walk *w = arg;
    bool open;

    if (gate_open(w->r, w->policy, w->subject, purposes, &open, w->err) != 0)
        return -1;
    w->any_open |= open;
    return 0;
}

static int release_one(void *arg, const struct attachment_row *held)
{
    struct walk *w = arg;
    struct attachment_row row = *held;

    return release(w->r, w->policy, &row, w->err);
}

int attachment_release(struct registrar *r, const struct policy *policy,
                       const char *subject, struct error *err)
{
    struct walk w = {
        .r = r, .policy = policy, .subject = subject, .err = err
    };

    /* Few lists of purposes, maybe very many files: those only for a reason. */
    if (attachment_held_purposes(r->store, subject, policy->id, true, see_open,
                                 &w, err) != 0)
        return -1;
    if (!w.any_open)
        return 0;
    return attachment_of_subject(r->store, subject, policy->id, "held",
                                 release_one, &w, err);
}

/* ---- ends --------------------------------------------------------------- */

/* What does not open any more names no copy to ask for, and keeps no file from
 * its end. */
static int unreadable(struct attachment_row *row, struct error *err)
{
    if (error_is_environment(err->code))
        return -1;
    log_error("claims_unreadable", err);
    *err = (struct error){ 0 };
    row->meta_copy = 2;
    return 0;
}

/* Meta need not keep what we will not fetch. */
int attachment_forget(struct registrar *r, struct attachment_row *row,
                      struct error *err)
{
    struct effect effect = { .kind = EFFECT_FORGET };
    json_t *claims = claims_read(r, row->id, err);
    const char *media_id;
    int ok = -1;

    if (claims == NULL)
        return unreadable(row, err);
    media_id = json_str(claims, "media_id");
    ok = 0;
    if (media_id == NULL)
        goto out;
    row->meta_copy = 1;
    row->next_try = r->now + SEND_LEASE; /* again, should no answer come */
    SET(effect.id, row->id);
    SET(effect.number, row->number);
    SET(effect.media_id, media_id);
    ok = effect_add(r, &effect, err);
out:
    json_decref(claims);
    return ok;
}

static const char *leaf_of_end(const char *state)
{
    static const char *const events[][2] = {
        { "refused", "media_refused" }, { "quarantined", "media_quarantined" },
        { "expired", "media_expired" }, { "dropped", "media_dropped" },
        { "stored", "media_stored" },
    };

    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strcmp(events[i][0], state) == 0)
            return events[i][1];
    return "media_ended";
}

int attachment_end(struct registrar *r, struct attachment_row *row,
                   const char *state, const char *reason, struct error *err)
{
    bool tell = strcmp(state, "dropped") != 0;

    /* Who never answered is not written to about what ran out. */
    if (strcmp(state, "expired") == 0 && strcmp(row->state, "held") == 0)
        tell = false;
    if (item_unclear(row)) {
        SET(row->item, ITEM_UNREQUESTED);
        if (held_leaf(r, row, false, err) != 0)
            return -1;
    }
    SET(row->state, state);
    SET(row->reason, reason);
    row->turn = 0;
    row->told = !tell;
    if (media_leaf(r, row, leaf_of_end(state), err) != 0 ||
        attachment_forget(r, row, err) != 0 ||
        attachment_update(r->store, row, err) != 0)
        return -1;
    /* What its case waited for may have been this. */
    return tell || (row->item[0] != '\0' && row->case_id[0] != '\0')
               ? receipt_note(r, row, err)
               : 0;
}

static int drop_one(void *arg, const struct attachment_row *active)
{
    struct walk *w = arg;
    struct attachment_row row = *active;
    struct effect effect = { .kind = EFFECT_CANCEL };

    if (w->purpose != NULL && !purposes_has(row.purposes, w->purpose))
        return 0;

    /* A transfer under way is cancelled; its payload, if any, is discarded
     * when its result comes. */
    if (strcmp(row.state, "fetching") == 0 ||
        strcmp(row.state, "judging") == 0) {
        SET(effect.id, row.id);
        if (effect_add(w->r, &effect, w->err) != 0)
            return -1;
    }
    return attachment_end(w->r, &row, "dropped", w->reason, w->err);
}

static int drop(struct walk *w, const char *policy)
{
    static const char *const states[] = { "held", "queued", "fetching",
                                          "judging" };

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (attachment_of_subject(w->r->store, w->subject, policy, states[i],
                                  drop_one, w, w->err) != 0)
            return -1;
    return 0;
}

int attachment_drop(struct registrar *r, const struct policy *policy,
                    const char *subject, const char *purpose, struct error *err)
{
    struct walk w = { .r = r,
                      .subject = subject,
                      .purpose = purpose,
                      .reason = "no_consent",
                      .err = err };

    return drop(&w, policy->id);
}

int attachment_drop_all(struct registrar *r, const char *policy,
                        const char *subject, const char *reason,
                        struct error *err)
{
    struct walk w = {
        .r = r, .subject = subject, .reason = reason, .err = err
    };

    return drop(&w, policy);
}

/* What rests on another basis, too, stays; not what is sensitive, which needs
 * its own yes. */
static bool is_kept(const struct walk *w, const struct document_row *document)
{
    int purpose = policy_purpose(w->policy, w->purpose);

    return purpose >= 0 && !w->policy->purposes[purpose].sensitive &&
           (purposes_mask(w->policy, document->purposes) &
            w->policy->informs) != 0;
}

static int block_one(void *arg, const struct document_row *document)
{
    struct walk *w = arg;
    json_t *leaf, *evidence;
    /* What nobody keeps apart for the law the person may still see. */
    bool open_to = w->policy->block_for == 0;

    if (!purposes_has(document->purposes, w->purpose) || is_kept(w, document))
        return 0;
    if (document_set_blocked(w->r->store, document, "withdrawn", w->r->now, 0,
                             open_to, w->err) != 0)
        return -1;
    leaf =
        leaf_new(w->r, "document_blocked", document->subject, document->policy);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "document_id", document->id);
    leaf_text(leaf, "case_id", document->case_id);
    leaf_text(leaf, "purpose", w->purpose);
    if (open_to) {
        evidence = json_object();
        leaf_text(evidence, "open_to", "subject");
        leaf_object(leaf, "evidence", evidence);
    }
    return leaf_append(w->r, leaf, NULL, w->err) != 0
               ? -1
               : case_loses(w->r, document, "withdrawn", w->err);
}

int document_block(struct registrar *r, const struct policy *policy,
                   const char *subject, const char *purpose, struct error *err)
{
    struct walk w = {
        .r = r, .policy = policy, .purpose = purpose, .err = err
    };

    /* Quarantined ones rest on the same purposes. */
    if (document_of_subject(r->store, subject, policy->id, "stored", block_one,
                            &w, err) != 0)
        return -1;
    return document_of_subject(r->store, subject, policy->id, "quarantined",
                               block_one, &w, err);
}

/* ---- queued → fetching -------------------------------------------------- */

static int order_fill(struct registrar *r, const struct policy *policy,
                      const struct attachment_row *row,
                      struct fetch_order *order, struct error *err)
{
    json_t *claims = NULL;
    const char *text;
    int ok = -1;

    SET(order->attachment, row->id);
    SET(order->number, row->number);
    order->policy = policy;
    order->max_bytes = policy_max_bytes(policy);
    order->last_hash_try = row->hash_failures > 0;
    order->epoch = keyring_epoch(r->keyring);
    if (keyring_epoch_recipient(r->keyring, order->epoch, order->recipient) !=
        0) {
        error_set(err, ERR_INVARIANT, "the keyring has no epoch");
        goto out;
    }
    if ((claims = claims_read(r, row->id, err)) == NULL)
        goto out;
    if ((text = json_str(claims, "media_id")) != NULL)
        SET(order->media_id, text);
    if ((text = json_str(claims, "sha256")) != NULL)
        order->has_sha256 = hex_decode(order->sha256, SHA256_LEN, text,
                                       strlen(text), false) == 0;
    ok = 0;
out:
    json_decref(claims);
    return ok;
}

static int order_give(struct registrar *r, const struct policy *policy,
                      struct attachment_row *row, struct error *err)
{
    struct effect effect = { .kind = EFFECT_FETCH };

    if (order_fill(r, policy, row, &effect.order, err) != 0)
        return -1;
    id_new(effect.order.payload, 'p', r->random);
    SET(row->payload, effect.order.payload);
    SET(row->state, "fetching");
    row->epoch = effect.order.epoch;
    r->turn = row->turn > r->turn ? row->turn : r->turn;
    row->next_try = r->now + FETCH_LEASE;
    if (loose_add(r->store, row->payload, err) != 0 ||
        attachment_update(r->store, row, err) != 0 ||
        media_leaf(r, row, "media_fetching", err) != 0)
        return -1;
    return effect_add(r, &effect, err);
}

int attachment_fetch(struct registrar *r, const struct attachment_row *due,
                     struct error *err)
{
    struct attachment_row row = *due;
    const struct policy *policy = policy_find(r->policies, row.policy);
    bool open;

    if (policy == NULL)
        return error_set(err, ERR_INVARIANT, "a file of an unknown policy");

    /* The gate is asked again for every try: only this commit permits the
     * request. */
    if (mandate_open(r, &row, &open, err) != 0 ||
        (open &&
         gate_open(r, policy, row.subject, row.purposes, &open, err) != 0))
        return -1;
    if (!open)
        return attachment_closed(r, policy, &row, err);
    if (policy_rules_out(policy, media_kind_of(row.kind)))
        return attachment_end(r, &row, "refused", "type", err);
    return order_give(r, policy, &row, err);
}

/* A decision: the state row, and the leaf that says how it came about. */
#include "consent_private.h"
#include "leaf_private.h"
#include "message_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

/* The hash of a notice as it was published: of the version in force it is
 * known, of a former one the store has the words. */
static int notice_hash(struct registrar *r, const struct policy *policy,
                       const char *version, const char *language,
                       uint8_t out[static SHA256_LEN], struct error *err)
{
    struct buf bytes = { 0 };
    int found;

    for (size_t i = 0;
         strcmp(version, policy->notice_version) == 0 && i < policy->nlanguages;
         i++)
        if (strcmp(policy->languages[i].tag, language) == 0) {
            memcpy(out, policy->languages[i].notice_sha256, SHA256_LEN);
            return 0;
        }
    found = notice_get(r->store, policy->id, version, language, &bytes, err);
    if (found > 0)
        sha256_of(out, bytes.p, bytes.len);
    buf_free(&bytes);
    if (found == 0)
        return error_set(err, ERR_INVARIANT, "an unpublished notice");
    return found < 0 ? -1 : 0;
}

int leaf_notice(struct registrar *r, json_t *leaf, const struct policy *policy,
                const char *version, const char *language, struct error *err)
{
    uint8_t hash[SHA256_LEN];

    if (notice_hash(r, policy, version, language, hash, err) != 0)
        return -1;
    leaf_text(leaf, "notice_version", version);
    leaf_hash(leaf, "notice_sha256", hash, sizeof(hash));
    leaf_text(leaf, "language", language);
    leaf_text(leaf, "channel", "whatsapp");
    return 0;
}

void leaf_purpose(json_t *leaf, const struct policy *policy, int purpose)
{
    if (purpose < 0)
        return;
    leaf_text(leaf, "purpose", policy->purposes[purpose].id);
    leaf_text(leaf, "legal_basis",
              legal_basis_names[policy->purposes[purpose].basis]);
}

void leaf_exemption(json_t *evidence, const struct policy *policy, int purpose)
{
    enum exemption exemption = policy->purposes[purpose].exemption;

    if (exemption != EXEMPTION_NONE)
        leaf_text(evidence, "exemption", exemption_names[exemption]);
}

/* ---- prompts ------------------------------------------------------------ */

static int presented_leaf(struct registrar *r, const struct policy *policy,
                          const struct prompt_row *row, const char *event,
                          int purpose, struct error *err)
{
    json_t *leaf = leaf_new(r, event, row->subject, row->policy);
    json_t *evidence = json_object();

    if (leaf_notice(r, leaf, policy, row->notice_version, row->language, err) !=
        0) {
        json_decref(leaf);
        json_decref(evidence);
        return -1;
    }
    leaf_purpose(leaf, policy, purpose);
    leaf_text(leaf, "actor", "system");
    leaf_hash(evidence, "prompt_sha256", row->prompt_sha256, SHA256_LEN);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

int prompt_presented(struct registrar *r, struct prompt_row *row,
                     struct error *err)
{
    const struct policy *policy = policy_find(r->policies, row->policy);
    int purpose = policy == NULL ? -1 : policy_purpose(policy, row->purpose);

    if (row->presented || policy == NULL)
        return 0;
    if (row->with_notice &&
        presented_leaf(r, policy, row, "notice_presented", -1, err) != 0)
        return -1;
    if ((purpose < 0 || basis_asks(policy->purposes[purpose].basis)) &&
        presented_leaf(r, policy, row, "consent_requested", purpose, err) != 0)
        return -1;
    row->presented = true;
    return prompt_update(r->store, row, err);
}

/* ---- decisions ---------------------------------------------------------- */

struct decided {
    const struct dialogue_action *action;
    const struct prompt_row *prompt; /* answered, or NULL */
    int64_t provider_s;
    const char *role; /* for somebody else; NULL: for themselves */
    enum consent_state before;
    msec expires; /* of the yes */
};

static const char *event_of(enum dialogue_action_kind kind)
{
    switch (kind) {
    case DO_GRANT:
        return "consent_given";
    case DO_ACK:
        return "notice_acknowledged";
    case DO_REFUSE:
    case DO_OTHER:
        return "consent_refused";
    case DO_WITHDRAW:
        return "consent_withdrawn";
    default:
        return "consent_ignored";
    }
}

static const char *state_after(enum dialogue_action_kind kind)
{
    return kind == DO_GRANT      ? "given"
           : kind == DO_ACK      ? "acknowledged"
           : kind == DO_WITHDRAW ? "withdrawn"
                                 : "refused";
}

/* What a yes, or that they read it, does to the row. */
static int move_yes(struct registrar *r, const struct deciding *d,
                    const struct decided *x, struct consent_row *row,
                    struct error *err)
{
    const char *version = x->prompt != NULL ? x->prompt->notice_version
                                            : d->policy->notice_version;

    SET(row->notice_version, version);
    if (x->action->kind != DO_GRANT)
        return 0;
    if (x->provider_s > row->yes_s)
        row->yes_s = x->provider_s;
    return consent_until(r, d->policy, x->action->purpose, version, row->yes_s,
                         &row->expires, err);
}

/* Moves the row of one purpose. Seconds only rise. */
static int move_row(struct registrar *r, const struct deciding *d,
                    struct decided *x, struct error *err)
{
    enum dialogue_action_kind kind = x->action->kind;
    bool yes = kind == DO_GRANT || kind == DO_ACK;
    struct consent_row row;
    enum consent_state ignored;

    if (purpose_standing(r, d->policy, d->subject->id, x->action->purpose, &row,
                         &ignored, err) != 0)
        return -1;
    SET(row.state, state_after(kind));
    row.expires = 0;
    if (yes && move_yes(r, d, x, &row, err) != 0)
        return -1;
    if (!yes && x->provider_s > row.no_s)
        row.no_s = x->provider_s;
    x->expires = row.expires;
    return consent_put(r->store, &row, err);
}

/* Does the reply quote the message that asked? */
static const char *context_of(struct registrar *r, const struct deciding *d,
                              const struct prompt_row *prompt)
{
    struct outbox_row row;
    struct error ignored;

    if (d->item->context[0] == '\0')
        return "absent";
    if (prompt != NULL &&
        outbox_by_wamid(r->store, d->item->context, &row, &ignored) == 1 &&
        strcmp(row.id, prompt->outbox) == 0)
        return "match";
    return "other";
}

/* Who decided for whom, where it is not for themselves. */
static const char *decider_role(const struct dialogue_state *state)
{
    bool other = state->guide.mandate == MANDATE_DECLARED &&
                 state->guide.relation != RELATION_ADULT;

    return other || state->minor == MINOR_REPRESENTED ? "representative" : NULL;
}

/* Of a yes: until when it is one, and what it renews. Of what needs none in
 * Colombia: why. */
static void add_validity(json_t *evidence, const struct policy *policy,
                         const struct decided *x)
{
    const struct dialogue_action *action = x->action;

    if (action->kind == DO_ACK)
        leaf_exemption(evidence, policy, action->purpose);
    if (action->kind != DO_GRANT)
        return;
    if (x->expires != 0)
        leaf_time(evidence, "valid_until", x->expires);
    if (x->before == CONSENT_EXPIRED || x->before == CONSENT_RENEWAL)
        leaf_text(evidence, "renews",
                  x->before == CONSENT_EXPIRED ? "expired" : "notice");
}

static int decision_leaf(struct registrar *r, const struct deciding *d,
                         const struct decided *x, struct error *err)
{
    const struct dialogue_action *action = x->action;
    const struct prompt_row *prompt = x->prompt;
    const char *version =
        prompt ? prompt->notice_version : d->policy->notice_version;
    const char *language = prompt ? prompt->language : language_of(r, d)->tag;
    json_t *leaf =
        leaf_new(r, event_of(action->kind), d->subject->id, d->policy->id);
    json_t *evidence = json_object(), *commitments = json_object();
    int ok = leaf_notice(r, leaf, d->policy, version, language, err);

    leaf_purpose(leaf, d->policy, action->purpose);
    leaf_text(leaf, "actor", "subject");
    leaf_time(leaf, "provider_time", x->provider_s * MSEC_S);
    if (prompt != NULL)
        leaf_hash(evidence, "prompt_sha256", prompt->prompt_sha256, SHA256_LEN);
    leaf_text(evidence, "decision",
              d->item->kind == WEBHOOK_BUTTON ? "button" : "text");
    leaf_text(evidence, "context", context_of(r, d, prompt));
    leaf_text(evidence, "signature", "valid");
    leaf_text(evidence, "decider_role", x->role);
    if (action->kind == DO_OTHER)
        leaf_text(evidence, "reason", "other_channel");
    if (action->kind == DO_WITHDRAW) /* NULL, where they just said so */
        leaf_text(evidence, "reason", action->why);
    if (action->kind == DO_IGNORE)
        leaf_text(evidence, "reason", action->why);
    else if (ok == 0)
        ok = evidence_decision(r, d, prompt, evidence, commitments, err);
    if (action->purpose >= 0)
        add_validity(evidence, d->policy, x);

    leaf_object(leaf, "evidence", evidence);
    leaf_object(leaf, "commitments", commitments);
    if (ok != 0) {
        json_decref(leaf);
        return -1;
    }
    return leaf_append(r, leaf, NULL, err);
}

int decision_record(struct registrar *r, const struct deciding *d,
                    const struct dialogue_state *state,
                    const struct dialogue_action *action, struct error *err)
{
    struct decided x = { .action = action,
                         .provider_s = message_said_s(r, d->item),
                         .role = decider_role(state) };
    struct prompt_row row;

    if (action->purpose >= 0)
        x.before = state->purposes[action->purpose].state;

    /* A reply proves that its question was seen. */
    if (action->prompt >= 0) {
        int found =
            prompt_get(r->store, state->prompts[action->prompt].id, &row, err);
        if (found < 0)
            return -1;
        if (found > 0)
            x.prompt = &row;
    }
    if (x.prompt != NULL && action->kind != DO_IGNORE) {
        if (prompt_presented(r, &row, err) != 0)
            return -1;
        SET(row.state, "answered");
        if (prompt_update(r->store, &row, err) != 0)
            return -1;
        /* A no may be said without having read anything. */
        if ((action->kind == DO_GRANT || action->kind == DO_ACK) &&
            notice_reached(r, &row, "reply", err) != 0)
            return -1;
    }

    if (action->kind != DO_IGNORE && move_row(r, d, &x, err) != 0)
        return -1;
    return decision_leaf(r, d, &x, err);
}

int decision_by_itself(struct registrar *r, const struct policy *policy,
                       const char *subject, int purpose, const char *reason,
                       int64_t provider_s, struct error *err)
{
    struct consent_row row;
    json_t *leaf, *evidence;
    int found = consent_get(r->store, subject, policy->id,
                            policy->purposes[purpose].id, &row, err);

    if (found <= 0 ||
        (strcmp(row.state, "given") != 0 && strcmp(row.state, "expired") != 0))
        return found < 0 ? -1 : 0;
    SET(row.state, "withdrawn");
    row.expires = 0;
    if (provider_s > row.no_s)
        row.no_s = provider_s;
    if (consent_put(r->store, &row, err) != 0)
        return -1;

    leaf = leaf_new(r, "consent_withdrawn", subject, policy->id);
    if (leaf_notice(r, leaf, policy, policy->notice_version,
                    person_language(r, policy, subject)->tag, err) != 0) {
        json_decref(leaf);
        return -1;
    }
    evidence = json_object();
    leaf_purpose(leaf, policy, purpose);
    leaf_text(leaf, "actor", "system");
    leaf_time(leaf, "provider_time", provider_s * MSEC_S);
    leaf_text(evidence, "reason", reason);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

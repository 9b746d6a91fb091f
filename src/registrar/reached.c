/*
 * What rests on another basis than consent is open once the notice reached the
 * person: Meta says that it was delivered or read, or their reply proves it.
 * Only of the notice in force is it known what it says that rests on what.
 */
#include "attachment_private.h"
#include "consent_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

static int delivered_leaf(struct registrar *r, const struct policy *policy,
                          const struct prompt_row *prompt, int purpose,
                          const char *how, struct error *err)
{
    json_t *leaf =
        leaf_new(r, "notice_delivered", prompt->subject, prompt->policy);
    json_t *evidence = json_object();

    if (leaf_notice(r, leaf, policy, prompt->notice_version, prompt->language,
                    err) != 0) {
        json_decref(leaf);
        json_decref(evidence);
        return -1;
    }
    leaf_purpose(leaf, policy, purpose);
    leaf_text(leaf, "actor", "system");
    leaf_hash(evidence, "prompt_sha256", prompt->prompt_sha256, SHA256_LEN);
    leaf_text(evidence, "delivery", how);
    leaf_exemption(evidence, policy, purpose);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

/* One purpose, once. */
static int inform(struct registrar *r, const struct policy *policy,
                  const struct prompt_row *prompt, int purpose, const char *how,
                  bool *any, struct error *err)
{
    struct consent_row row;
    enum consent_state state;

    if (purpose_standing(r, policy, prompt->subject, purpose, &row, &state,
                         err) != 0)
        return -1;
    if (!dialogue_untold(state))
        return 0;
    *any = true;
    SET(row.state, "informed");
    SET(row.notice_version, prompt->notice_version);
    row.expires = 0;
    return consent_put(r->store, &row, err) != 0
               ? -1
               : delivered_leaf(r, policy, prompt, purpose, how, err);
}

/* What asked nothing is answered by having arrived. */
static int close_plain(struct registrar *r, const struct policy *policy,
                       struct prompt_row *prompt, struct error *err)
{
    int purpose = policy_purpose(policy, prompt->purpose);

    if (purpose < 0 || (policy->informs & 1u << purpose) == 0 ||
        (policy->acknowledges & 1u << purpose) != 0 ||
        strcmp(prompt->state, "open") != 0)
        return 0;
    SET(prompt->state, "answered");
    return prompt_update(r->store, prompt, err);
}

int notice_reached(struct registrar *r, struct prompt_row *prompt,
                   const char *how, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, prompt->policy);
    bool any = false;

    if (policy == NULL || policy->informs == 0 || !prompt->with_notice ||
        strcmp(prompt->notice_version, policy->notice_version) != 0)
        return 0;
    if (prompt_presented(r, prompt, err) != 0 ||
        close_plain(r, policy, prompt, err) != 0)
        return -1;
    for (size_t i = 0; i < policy->npurposes; i++)
        if ((policy->informs & 1u << i) != 0 &&
            inform(r, policy, prompt, (int)i, how, &any, err) != 0)
            return -1;
    return any ? attachment_release(r, policy, prompt->subject, err) : 0;
}

int notice_quoted(struct registrar *r, const struct deciding *d,
                  struct error *err)
{
    struct prompt_row prompt;
    struct outbox_row row;
    int found;

    if (d->policy->informs == 0 || d->item->context[0] == '\0')
        return 0;
    found = outbox_by_wamid(r->store, d->item->context, &row, err);
    if (found > 0)
        found = prompt_by_outbox(r->store, row.id, &prompt, err);
    if (found <= 0)
        return found;
    return strcmp(prompt.subject, d->subject->id) == 0
               ? notice_reached(r, &prompt, "reply", err)
               : 0;
}

/* Rows → the dialogue's state, and its plan → rows, leaves, messages. */
#include "registrar_private.h"

#include <string.h>

static enum consent_state state_of(const char *name)
{
    for (int i = 0; i < CONSENT__MAX; i++)
        if (strcmp(consent_state_names[i], name) == 0)
            return (enum consent_state)i;
    return CONSENT_NONE;
}

struct held_masks {
    const struct policy *policy;
    struct dialogue_state *state;
};

static int add_mask(void *arg, const char *purposes)
{
    struct held_masks *held = arg;
    unsigned mask = purposes_mask(held->policy, purposes);

    for (size_t i = 0; i < held->state->nheld; i++)
        if (held->state->held[i] == mask)
            return 0;
    held->state->held[held->state->nheld++] = mask;
    return 0;
}

static int read_prompts(struct registrar *r, const struct policy *policy,
                        const char *subject, struct dialogue_state *state,
                        struct error *err)
{
    struct prompt_row rows[DIALOGUE_PROMPTS];
    size_t n;

    if (prompt_list_open(r->store, subject, policy->id, rows, DIALOGUE_PROMPTS,
                         &n, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct dialogue_prompt *p = &state->prompts[state->nprompts];
        p->purpose = policy_purpose(policy, rows[i].purpose);
        if (p->purpose < 0)
            continue; /* the policy has dropped this purpose */
        memcpy(p->id, rows[i].id, sizeof(p->id));
        memcpy(p->version, rows[i].notice_version, sizeof(p->version) - 1);
        p->handed_s = rows[i].handed_s;
        state->nprompts++;
    }
    return 0;
}

int plan_state(struct registrar *r, const struct policy *policy,
               const char *subject, struct dialogue_state *state,
               struct error *err)
{
    struct held_masks held = { .policy = policy };

    memset(state, 0, sizeof(*state));
    held.state = state;
    state->policy = policy;
    for (size_t i = 0; i < policy->npurposes; i++) {
        struct consent_row row;
        int found = consent_get(r->store, subject, policy->id,
                                policy->purposes[i].id, &row, err);
        if (found < 0)
            return -1;
        if (found == 0)
            continue;
        state->purposes[i].state = state_of(row.state);
        state->purposes[i].yes_s = row.yes_s;
        state->purposes[i].no_s = row.no_s;
        state->purposes[i].reprompted = row.reprompted;
    }
    if (read_prompts(r, policy, subject, state, err) != 0)
        return -1;
    return attachment_held_purposes(r->store, subject, policy->id, add_mask,
                                    &held, err) != 0
               ? -1
               : procedure_state(r, policy, subject, state, err);
}

/* ---- carrying out ------------------------------------------------------- */

static int close_prompt(struct registrar *r, const char *id, struct error *err)
{
    struct prompt_row row;
    int found = prompt_get(r->store, id, &row, err);

    if (found <= 0)
        return found;
    memcpy(row.state, "answered", sizeof("answered"));
    return prompt_update(r->store, &row, err);
}

static int note_reprompt(struct registrar *r, const struct deciding *d,
                         int purpose, struct error *err)
{
    const char *id = d->policy->purposes[purpose].id;
    struct consent_row row;
    int found =
        consent_get(r->store, d->subject->id, d->policy->id, id, &row, err);

    if (found < 0)
        return -1;
    if (found == 0) {
        memset(&row, 0, sizeof(row));
        memcpy(row.subject, d->subject->id, sizeof(row.subject));
        memcpy(row.policy, d->policy->id, strlen(d->policy->id) + 1);
        memcpy(row.purpose, id, strlen(id) + 1);
        memcpy(row.state, "none", sizeof("none"));
    }
    row.reprompted = r->now;
    return consent_put(r->store, &row, err);
}

static int ask(struct registrar *r, const struct deciding *d,
               const struct dialogue_action *action, struct error *err)
{
    if (action->repeated && note_reprompt(r, d, action->purpose, err) != 0)
        return -1;
    return mail_prompt(r, d, action->purpose, action->with_notice, err);
}

/* What procedures are about: counted, then answered. */
static int guide(struct registrar *r, const struct deciding *d,
                 const struct dialogue_state *state,
                 const struct dialogue_action *action, struct error *err)
{
    if (procedure_answered(r, d, action->kind, err) != 0)
        return -1;
    switch (action->kind) {
    case DO_MENU:
        return guide_send_menu(r, d, err);
    case DO_STATUS:
        return guide_say_status(r, d, err);
    case DO_MISSING:
        return guide_say_missing(r, d, err);
    case DO_DATA:
        return guide_say_data(r, d, state, err);
    case DO_NOTICES:
        return notices_answer(r, d, action->purpose, err);
    case DO_PROCEDURE:
        return procedure_pick(r, d, action->value, err);
    case DO_REQUEST:
        return guide_request(r, d, state, (enum request_type)action->value,
                             err);
    case DO_ITEM:
        return procedure_item(r, d, action, err);
    default:
        return error_set(err, ERR_INVARIANT, "a plan with an unknown action");
    }
}

static int carry_out(struct registrar *r, const struct deciding *d,
                     const struct dialogue_state *state,
                     const struct dialogue_action *action, struct error *err)
{
    const char *subject = d->subject->id;
    const char *purpose =
        action->purpose < 0 ? NULL : d->policy->purposes[action->purpose].id;

    switch (action->kind) {
    case DO_GRANT:
        if (decision_record(r, d, state, action, err) != 0)
            return -1;
        return attachment_release(r, d->policy, subject, err);
    case DO_REFUSE:
    case DO_OTHER:
    case DO_WITHDRAW:
        if (decision_record(r, d, state, action, err) != 0 ||
            attachment_drop(r, d->policy, subject, purpose, err) != 0)
            return -1;
        return document_block(r, d->policy, subject, purpose, err);
    case DO_IGNORE:
        return decision_record(r, d, state, action, err);
    case DO_CLOSE:
        return close_prompt(r, state->prompts[action->prompt].id, err);
    case DO_PROMPT:
        return ask(r, d, action, err);
    case DO_SAY:
        return mail_say(r, d->policy, subject, d->item->number, "say",
                        d->policy->languages[0].texts[action->say], err);
    case DO_ASK_PERSON:
        return conversation_ask(r, d, action->repeated, err);
    case DO_BACK:
        return conversation_back(r, d, err);
    case DO_KEEP:
        return conversation_keep(r, d, err);
    case DO_MENU:
    case DO_STATUS:
    case DO_MISSING:
    case DO_DATA:
    case DO_NOTICES:
    case DO_PROCEDURE:
    case DO_REQUEST:
    case DO_ITEM:
        return guide(r, d, state, action, err);
    case DO_ASK_ITEM:
        return guide_ask_item(r, d, action->ref, err);
    case DO_CONTACT:
        return mail_say(r, d->policy, subject, d->item->number, "say",
                        d->policy->languages[0].contact[action->value], err);
    case DO__MAX:
        break;
    }
    return error_set(err, ERR_INVARIANT, "a plan with an unknown action");
}

int plan_carry_out(struct registrar *r, const struct deciding *d,
                   const struct dialogue_state *state,
                   const struct dialogue_plan *plan, struct error *err)
{
    bool withdrawn = false;

    for (size_t i = 0; i < plan->n; i++) {
        withdrawn |= plan->actions[i].kind == DO_WITHDRAW;
        if (carry_out(r, d, state, &plan->actions[i], err) != 0)
            return -1;
    }
    return withdrawn ? request_withdrawn(r, d, err) : 0;
}

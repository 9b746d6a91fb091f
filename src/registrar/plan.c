/* Rows → the dialogue's state, and its plan → rows, leaves, messages. */
#include "attachment_private.h"
#include "case_private.h"
#include "consent_private.h"
#include "mail_private.h"
#include "message_private.h"
#include "outward_private.h"
#include "people_private.h"
#include "registrar_private.h"
#include "request_private.h"
#include "talk_private.h"

#include <string.h>

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

/* Was the question about a notice that changed this purpose since? */
static int is_superseded(struct registrar *r, const struct policy *policy,
                         const struct prompt_row *row, bool *is,
                         struct error *err)
{
    int found = 0;

    if (r->superseded &&
        strcmp(row->notice_version, policy->notice_version) != 0)
        found = notice_superseded(r->store, policy->id, row->notice_version,
                                  row->purpose, err);
    *is = found > 0;
    return found < 0 ? -1 : 0;
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
        p->with_notice = rows[i].with_notice;
        if (is_superseded(r, policy, &rows[i], &p->superseded, err) != 0)
            return -1;
        state->nprompts++;
    }
    return 0;
}

int plan_state(struct registrar *r, const struct policy *policy,
               const char *subject, struct dialogue_state *state,
               struct error *err)
{
    struct held_masks held = { .policy = policy };
    int lacks;

    memset(state, 0, sizeof(*state));
    held.state = state;
    state->policy = policy;
    for (size_t i = 0; i < policy->npurposes; i++) {
        struct consent_row row;

        if (purpose_standing(r, policy, subject, (int)i, &row,
                             &state->purposes[i].state, err) != 0)
            return -1;
        state->purposes[i].yes_s = row.yes_s;
        state->purposes[i].no_s = row.no_s;
        state->purposes[i].reprompted = row.reprompted;
    }
    if (read_prompts(r, policy, subject, state, err) != 0 ||
        (lacks = request_lacking(r->store, subject, policy->id, NULL, err)) < 0)
        return -1;
    state->lacks = lacks > 0;
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
    struct consent_row row;
    enum consent_state ignored;

    if (purpose_standing(r, d->policy, d->subject->id, purpose, &row, &ignored,
                         err) != 0)
        return -1;
    row.reprompted = r->now;
    return consent_put(r->store, &row, err);
}

static int ask(struct registrar *r, const struct deciding *d,
               const struct dialogue_action *action, struct error *err)
{
    if (action->repeated && note_reprompt(r, d, action->purpose, err) != 0)
        return -1;
    return mail_prompt(r, d, action->purpose,
                       action->renewed       ? PROMPT_RENEWED
                       : action->with_notice ? PROMPT_FIRST
                                             : PROMPT_SHORT,
                       err);
}

/* What no withdrawal ends, a line each: what people call it, and why. What is
 * not open yet is named where nothing is. */
static int add_stays(struct buf *out, const struct policy *policy,
                     const struct policy_language *l,
                     const struct dialogue_state *state)
{
    unsigned open = 0;

    for (size_t i = 0; i < policy->npurposes; i++)
        if (dialogue_stands(policy, (int)i, state->purposes[i].state))
            open |= policy->informs & 1u << i;
    if (open == 0)
        open = policy->informs;
    for (size_t i = 0; i < policy->npurposes; i++)
        if ((open & 1u << i) != 0 &&
            buf_addf(out, "%s• %s (%s)", out->len > 0 ? "\n" : "", l->titles[i],
                     l->bases[policy->purposes[i].basis]) != 0)
            return -1;
    return 0;
}

static int say_all(struct registrar *r, const struct deciding *d,
                   const struct dialogue_state *state,
                   const struct dialogue_action *action, struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct buf list = { 0 }, text = { 0 };
    int ok = -1;

    if (action->kind == DO_SAY_OF)
        return persons_say(r, d, (enum persons_text)action->value, err);
    if (action->kind == DO_LANGUAGE_SAY)
        return language_changed(r, d, err);
    if (!action->stays)
        return mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                        action->kind == DO_CONTACT ? l->contact[action->value]
                                                   : l->texts[action->say],
                        err);
    if (add_stays(&list, d->policy, l, state) == 0 &&
        (action->say == TEXT_STAYS ||
         buf_addf(&text, "%s\n\n", l->texts[action->say]) == 0)) {
        const char *const pairs[] = { "stays", (const char *)list.p, NULL };

        ok = policy_fill(&text, l->texts[TEXT_STAYS], pairs);
    }
    if (ok != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                      (const char *)text.p, err);
    buf_free(&list);
    buf_free(&text);
    return ok;
}

int plan_say_withdrawn(struct registrar *r, const struct deciding *d,
                       bool notices, struct error *err)
{
    struct dialogue_action action = { .kind = notices ? DO_CONTACT : DO_SAY,
                                      .value = CONTACT_WITHDRAWN,
                                      .say = TEXT_WITHDRAWN };
    struct dialogue_state state;

    if (plan_state(r, d->policy, d->subject->id, &state, err) != 0)
        return -1;
    for (size_t i = 0; !notices && i < d->policy->npurposes; i++)
        action.stays |=
            (d->policy->informs & 1u << i) != 0 &&
            dialogue_stands(d->policy, (int)i, state.purposes[i].state);
    return say_all(r, d, &state, &action, err);
}

/* What procedures are about: counted, then answered. */
static int guide(struct registrar *r, const struct deciding *d,
                 const struct dialogue_state *state,
                 const struct dialogue_action *action, struct error *err)
{
    /* What a file asks of them is no answer of ours. */
    if ((action->kind != DO_ASK_RELATION || action->value != ABOUT_CASE) &&
        procedure_answered(r, d, action, err) != 0)
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
    case DO_CHANNEL:
        return guide_say_own(r, d, CHAT_CHANNEL, err);
    case DO_HINT:
        return guide_say_own(r, d, CHAT_LOST, err);
    case DO_NOTICES:
        return notices_answer(r, d, action->purpose, err);
    case DO_PROCEDURE:
        return procedure_pick(r, d, action->value, err);
    case DO_REQUEST:
        return guide_request(r, d, state, (enum request_type)action->value,
                             err);
    case DO_ITEM:
        return procedure_item(r, d, action, err);
    case DO_ASK_RELATION:
        return persons_ask_relation(r, d, state, action, err);
    case DO_PICK_FOR:
        return persons_pick_for(r, d, action, err);
    case DO_FOR:
        return persons_open_for(r, d, action, err);
    case DO_DECLARE:
        return persons_declare(r, d, action, err);
    case DO_MINOR:
        return persons_mark_minor(r, d, err);
    case DO_LANGUAGE:
        return language_choose(r, d, action->value, err);
    case DO_LANGUAGE_ASK:
        return language_ask(r, d, err);
    case DO_ASK_PROMISE:
        return promise_ask(r, d, state, err);
    case DO_PROMISE:
        return promise_make(r, d, state, action->value, err);
    default:
        return error_set(err, ERR_INVARIANT, "a plan with an unknown action");
    }
}

/* What they say to something that we asked, or reminded them of. */
static int replied(struct registrar *r, const struct deciding *d,
                   const struct dialogue_state *state,
                   const struct dialogue_action *action, struct error *err)
{
    switch (action->kind) {
    case DO_ANSWERED:
        return answer_record(r, d, state, (enum answer_kind)action->value, err);
    case DO_RATE:
        return rating_take(r, d, state, action->value, err);
    case DO_ANSWER:
        return request_answer(r, d, err);
    case DO_COMMENT:
        return rating_comment(r, d, state, err);
    case DO_COMMENT_END:
        return rating_comment_end(r, state, err);
    default:
        return error_set(err, ERR_INVARIANT, "a plan with an unknown action");
    }
}

/* For an agent, or from one. */
static int to_person(struct registrar *r, const struct deciding *d,
                     const struct dialogue_state *state,
                     const struct dialogue_action *action, struct error *err)
{
    switch (action->kind) {
    case DO_ASK_PERSON:
        return conversation_ask(r, d, state->reminder.id, action->repeated,
                                err);
    case DO_BACK:
        return conversation_back(r, d, err);
    case DO_KEEP:
        return conversation_keep(r, d, err);
    default:
        return error_set(err, ERR_INVARIANT, "a plan with an unknown action");
    }
}

/* What waits for it is dropped, what rests on it blocked, under all their
 * references. */
static int take_no(struct registrar *r, const struct deciding *d,
                   const struct dialogue_state *state,
                   const struct dialogue_action *action, struct error *err)
{
    const char *subject = d->subject->id;
    const char *purpose = d->policy->purposes[action->purpose].id;

    if (decision_record(r, d, state, action, err) != 0 ||
        attachment_drop(r, d->policy, subject, purpose, err) != 0 ||
        link_spread(r, d, state, action, err) != 0)
        return -1;
    return document_block(r, d->policy, subject, purpose, err);
}

static int carry_out(struct registrar *r, const struct deciding *d,
                     const struct dialogue_state *state,
                     const struct dialogue_action *action, struct error *err)
{
    switch (action->kind) {
    case DO_GRANT:
    case DO_ACK:
        if (decision_record(r, d, state, action, err) != 0)
            return -1;
        return attachment_release(r, d->policy, d->subject->id, err);
    case DO_REFUSE:
    case DO_OTHER:
    case DO_WITHDRAW:
        return take_no(r, d, state, action, err);
    case DO_IGNORE:
        return decision_record(r, d, state, action, err);
    case DO_CLOSE:
        return close_prompt(r, state->prompts[action->prompt].id, err);
    case DO_PROMPT:
        return ask(r, d, action, err);
    case DO_SAY:
    case DO_SAY_OF:
    case DO_CONTACT:
    case DO_LANGUAGE_SAY:
        return say_all(r, d, state, action, err);
    case DO_ASK_PERSON:
    case DO_BACK:
    case DO_KEEP:
        return to_person(r, d, state, action, err);
    case DO_MENU:
    case DO_STATUS:
    case DO_MISSING:
    case DO_DATA:
    case DO_CHANNEL:
    case DO_HINT:
    case DO_NOTICES:
    case DO_PROCEDURE:
    case DO_REQUEST:
    case DO_ITEM:
    case DO_ASK_RELATION:
    case DO_PICK_FOR:
    case DO_FOR:
    case DO_DECLARE:
    case DO_MINOR:
    case DO_LANGUAGE:
    case DO_LANGUAGE_ASK:
    case DO_ASK_PROMISE:
    case DO_PROMISE:
        return guide(r, d, state, action, err);
    case DO_ASK_ITEM:
        return guide_ask_item(r, d, action->ref, err);
    case DO_ASK_HEARD:
        return persons_ask_heard(r, d, action, err);
    case DO_UNMANDATED:
        return mandate_say_ended(r, d, action, err);
    case DO_ANSWERED:
    case DO_RATE:
    case DO_ANSWER:
    case DO_COMMENT:
    case DO_COMMENT_END:
        return replied(r, d, state, action, err);
    case DO__MAX:
        break;
    }
    return error_set(err, ERR_INVARIANT, "a plan with an unknown action");
}

/* A no to what this reference was never asked: it has nothing to end here, and
 * is known when the person turns out to have said yes under another one. */
static int note_no(struct registrar *r, const struct deciding *d,
                   const struct dialogue_state *state,
                   const struct dialogue_plan *plan, int purpose,
                   struct error *err)
{
    const struct dialogue_action action = { .kind = DO_IGNORE,
                                            .purpose = purpose,
                                            .prompt = -1,
                                            .why = "never_asked" };
    const int64_t said = message_said_s(r, d->item);
    struct consent_row row;
    enum consent_state ignored;

    if (!basis_asks(d->policy->purposes[purpose].basis))
        return 0;
    if (purpose_standing(r, d->policy, d->subject->id, purpose, &row, &ignored,
                         err) != 0)
        return -1;
    if (strcmp(row.state, "none") != 0 || said <= row.no_s)
        return 0;
    row.no_s = said;
    if (consent_put(r->store, &row, err) != 0)
        return -1;
    /* Said of this one alone it is on record already, with nothing to end. */
    for (size_t i = 0; i < plan->n; i++)
        if (plan->actions[i].kind == DO_IGNORE &&
            plan->actions[i].purpose == purpose)
            return 0;
    return decision_record(r, d, state, &action, err);
}

/* What was said no to under this reference, though maybe only another of
 * theirs ever said yes to it. */
static int end_linked(struct registrar *r, const struct deciding *d,
                      const struct dialogue_state *state,
                      const struct dialogue_plan *plan, struct error *err)
{
    for (int i = 0; i < (int)d->policy->npurposes; i++) {
        const struct dialogue_action action = { .kind = DO_WITHDRAW,
                                                .purpose = i,
                                                .prompt = -1 };

        if ((plan->no & 1u << i) != 0 &&
            (note_no(r, d, state, plan, i, err) != 0 ||
             link_spread(r, d, state, &action, err) != 0))
            return -1;
    }
    return 0;
}

int plan_carry_out(struct registrar *r, const struct deciding *d,
                   const struct dialogue_state *state,
                   const struct dialogue_plan *plan, struct error *err)
{
    const char *subject = d->subject->id;
    bool withdrawn = false;

    for (size_t i = 0; i < plan->n; i++) {
        /* Not where they could not have given it. */
        withdrawn |= plan->actions[i].kind == DO_WITHDRAW &&
                     plan->actions[i].why == NULL;
        if (carry_out(r, d, state, &plan->actions[i], err) != 0)
            return -1;
    }
    if (plan->no != 0 && end_linked(r, d, state, plan, err) != 0)
        return -1;
    if (!withdrawn)
        return 0;
    return rating_stop(r, subject, err) != 0 ? -1
                                             : request_withdrawn(r, d, err);
}

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
        (lacks = request_lacking(r->store, subject, policy->id, r->now, NULL,
                                 err)) < 0)
        return -1;
    state->lacks = lacks > 0;
    /* What is spoken, and not taken, waits for no answer: it is refused. */
    return attachment_held_purposes(r->store, subject, policy->id,
                                    !policy_rules_out(policy, KIND_AUDIO),
                                    add_mask, &held, err) != 0
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

static const char *words_of(const struct policy_language *l,
                            const struct dialogue_action *action)
{
    const char *text;

    if (action->kind != DO_CONTACT)
        return l->texts[action->say];
    text = l->contact[action->value];
    if (text != NULL)
        return text;
    return l
        ->contact[action->value == CONTACT_HOURS_GRANTED ? CONTACT_GRANTED
                                                         : CONTACT_WITHDRAWN];
}

/* After a yes: with what they had sent before, and nobody opens any more. */
static int say_granted(struct registrar *r, const struct deciding *d,
                       struct error *err)
{
    struct buf text = { 0 };
    int ok = -1;

    if (buf_adds(&text, language_of(r, d)->texts[TEXT_GRANTED]) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else if (guide_add_lost(r, d, &text, err) == 0)
        ok = mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                      (const char *)text.p, err);
    buf_free(&text);
    return ok;
}

static int say_text(struct registrar *r, const struct deciding *d,
                    const struct dialogue_state *state,
                    const struct dialogue_action *action, struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    struct buf list = { 0 }, text = { 0 };
    int ok = -1;

    if (action->kind == DO_SAY && action->say == TEXT_GRANTED)
        return say_granted(r, d, err);
    if (!action->stays)
        return mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                        words_of(l, action), err);
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
    return say_text(r, d, &state, &action, err);
}

static int take_yes(struct registrar *r, const struct deciding *d,
                    const struct dialogue_state *state,
                    const struct dialogue_action *action, struct error *err)
{
    if (decision_record(r, d, state, action, err) != 0)
        return -1;
    return attachment_release(r, d->policy, d->subject->id, err);
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

/* A row of the table: this action is that call. The compiler says which action
 * has none. */
#define ON(action, call)                                                       \
    case action:                                                               \
        return call

static int carry_out(struct registrar *r, const struct deciding *d,
                     const struct dialogue_state *state,
                     const struct dialogue_action *action, struct error *err)
{
    const int value = action->value;

    if (procedure_answered(r, d, action, err) != 0)
        return -1;
    switch (action->kind) {
        /* consent */
        ON(DO_GRANT, take_yes(r, d, state, action, err));
        ON(DO_ACK, take_yes(r, d, state, action, err));
        ON(DO_REFUSE, take_no(r, d, state, action, err));
        ON(DO_OTHER, take_no(r, d, state, action, err));
        ON(DO_WITHDRAW, take_no(r, d, state, action, err));
        ON(DO_IGNORE, decision_record(r, d, state, action, err));
        ON(DO_CLOSE, close_prompt(r, state->prompts[action->prompt].id, err));
        ON(DO_PROMPT, ask(r, d, action, err));
        /* words of the policy */
        ON(DO_SAY, say_text(r, d, state, action, err));
        ON(DO_CONTACT, say_text(r, d, state, action, err));
        ON(DO_SAY_OF, persons_say(r, d, (enum persons_text)value, err));
        /* for an agent, or from one */
        ON(DO_ASK_PERSON,
           conversation_ask(r, d, state->reminder.id, action->repeated, err));
        ON(DO_BACK, conversation_back(r, d, err));
        ON(DO_KEEP, conversation_keep(r, d, err));
        /* what procedures are about */
        ON(DO_MENU, guide_send_menu(r, d, err));
        ON(DO_STATUS, guide_say_status(r, d, state, err));
        ON(DO_MISSING, guide_say_missing(r, d, state, err));
        ON(DO_DATA, guide_say_data(r, d, state, err));
        ON(DO_ANOTHER, case_another(r, d, state, err));
        ON(DO_CHANNEL, guide_say_own(r, d, CHAT_CHANNEL, err));
        ON(DO_HINT, guide_say_own(r, d, CHAT_LOST, err));
        ON(DO_SPOKEN, spoken_say(r, d, (enum spoken_text)value, err));
        ON(DO_ASK_END, spoken_ask_end(r, d, state, err));
        ON(DO_NOTICES, notices_answer(r, d, action->purpose, err));
        ON(DO_PROCEDURE, procedure_pick(r, d, value, err));
        ON(DO_REQUEST,
           guide_request(r, d, state, (enum request_type)value, err));
        ON(DO_ITEM, procedure_item(r, d, action, err));
        ON(DO_ASK_ITEM, guide_ask_item(r, d, action->ref, err));
        /* whose papers they are */
        ON(DO_ASK_RELATION, persons_ask_relation(r, d, state, action, err));
        ON(DO_ASK_HEARD, persons_ask_heard(r, d, action, err));
        ON(DO_DECLARE, persons_declare(r, d, action, err));
        ON(DO_PICK_FOR, persons_pick_for(r, d, action, err));
        ON(DO_FOR, persons_open_for(r, d, action, err));
        ON(DO_MINOR, persons_mark_minor(r, d, err));
        ON(DO_UNMANDATED, mandate_say_ended(r, d, action, err));
        /* which language */
        ON(DO_LANGUAGE, language_choose(r, d, value, err));
        ON(DO_LANGUAGE_SAY, language_changed(r, d, err));
        ON(DO_LANGUAGE_ASK, language_ask(r, d, err));
        /* to something that we asked, or reminded them of */
        ON(DO_RATE, rating_take(r, d, state, value, err));
        ON(DO_COMMENT, rating_comment(r, d, state, action, err));
        ON(DO_COMMENT_END, rating_comment_end(r, state, err));
        ON(DO_ANSWER, request_answer(r, d, (enum dialogue_answer)value, err));
        ON(DO_ANSWERED,
           answer_record(r, d, state, (enum answer_kind)value, err));
        ON(DO_ASK_PROMISE, promise_ask(r, d, state, err));
        ON(DO_PROMISE, promise_make(r, d, state, value, err));
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
    return conversation_withdrawn(r, d, err) != 0 ||
                   rating_stop(r, subject, err) != 0
               ? -1
               : request_withdrawn(r, d, err);
}

/* Which questions are open, and which is put next. */
#include "dialogue_private.h"

#include <string.h>

#define REPROMPT_INTERVAL MSEC_H

/* ---- what is needed ----------------------------------------------------- */

bool decide_open(const struct decide *d, int purpose)
{
    return dialogue_stands(d->state.policy, purpose,
                           d->state.purposes[purpose].state);
}

bool decide_answers(const struct decide *d, int purpose)
{
    const struct policy_purpose *p = &d->state.policy->purposes[purpose];

    return basis_asks(p->basis) || p->acknowledge;
}

/* ---- prompts ------------------------------------------------------------ */

bool decide_any_open(const struct decide *d)
{
    for (size_t i = 0; i < d->state.nprompts; i++)
        if (!d->closed[i])
            return true;
    return false;
}

static bool is_fresh(const struct decide *d, size_t i)
{
    msec handed = d->state.prompts[i].handed_s * MSEC_S;

    return !d->closed[i] &&
           (handed == 0 || d->now - handed < d->state.policy->hold_time);
}

/* A question that is still in front of the person. The files that an older one
 * asked about have expired: it may be answered, but holds no other back.
 * Neither does one that no file waits for. */
bool decide_any_fresh(const struct decide *d)
{
    for (size_t i = 0; i < d->state.nprompts; i++)
        if (is_fresh(d, i) && decide_answers(d, d->state.prompts[i].purpose) &&
            !notices_are(d, d->state.prompts[i].purpose))
            return true;
    return false;
}

/* Is the notice on its way to them, or there? */
static bool any_fresh_notice(const struct decide *d)
{
    for (size_t i = 0; i < d->state.nprompts; i++)
        if (is_fresh(d, i) && d->state.prompts[i].with_notice)
            return true;
    return false;
}

/* Every open question about a purpose is answered at once; `prompt` is the one
 * that the answer itself closes. */
void decide_close(struct decide *d, int purpose, int prompt)
{
    for (size_t i = 0; i < d->state.nprompts; i++)
        if (!d->closed[i] && d->state.prompts[i].purpose == purpose) {
            if ((int)i != prompt)
                decide_add(d, DO_CLOSE, purpose, (int)i);
            d->closed[i] = true;
        }
}

/* The state shows a bounded number of open prompts: the oldest makes room, so
 * that the newest is always among them. */
void decide_make_room(struct decide *d)
{
    size_t open = 0;
    int oldest = -1;

    for (size_t i = d->state.nprompts; i-- > 0;)
        if (!d->closed[i]) {
            open++;
            oldest = (int)i;
        }
    if (open < DIALOGUE_PROMPTS)
        return;
    decide_add(d, DO_CLOSE, d->state.prompts[oldest].purpose, oldest);
    d->closed[oldest] = true;
}

/* Newest open prompt; of a purpose (>= 0) and version (not NULL) if given. */
int decide_newest(const struct decide *d, int purpose, const char *version)
{
    for (size_t i = d->state.nprompts; i-- > 0;) {
        const struct dialogue_prompt *p = &d->state.prompts[i];
        if (!d->closed[i] &&
            (purpose < 0 ? !notices_stale(d, p) : p->purpose == purpose) &&
            (version == NULL || strcmp(p->version, version) == 0))
            return (int)i;
    }
    return -1;
}

/* The newest that a typed word answers: a question, or (`ack`) what is to be
 * read. */
int decide_newest_typed(const struct decide *d, bool ack)
{
    for (size_t i = d->state.nprompts; i-- > 0;) {
        int purpose = d->state.prompts[i].purpose;

        if (!d->closed[i] && decide_answers(d, purpose) &&
            basis_asks(d->state.policy->purposes[purpose].basis) != ack &&
            !notices_stale(d, &d->state.prompts[i]))
            return (int)i;
    }
    return -1;
}

/* The next purpose that a held file waits for; -1 none. A no dropped all files
 * that were there, so what is held now is a new reason to ask. */
int decide_next_needed(const struct decide *d, unsigned needs)
{
    int told = -1;

    for (int i = 0; i < (int)d->state.policy->npurposes; i++) {
        if ((needs & (1u << i)) == 0 || decide_open(d, i))
            continue;
        if (decide_answers(d, i))
            return i;
        told = told < 0 ? i : told;
    }
    return told;
}

/* The first that gates anything. Where that one only tells, what is necessary
 * and wants an answer is asked with the same message. */
int decide_first_purpose(const struct decide *d)
{
    int told = -1;

    for (int i = 0; i < (int)d->state.policy->npurposes; i++) {
        const struct policy_purpose *p = &d->state.policy->purposes[i];

        if (p->gates == 0)
            continue;
        if (decide_answers(d, i) &&
            (told < 0 || strcmp(p->data_class, "necessary") == 0))
            return i;
        told = told < 0 ? i : told;
    }
    return told;
}

/* What rests on another basis is open by the notice, whatever it comes with. */
bool decide_notice(const struct decide *d, int purpose, unsigned needs)
{
    unsigned told = d->state.policy->informs;

    if (purpose < 0)
        return false;
    if (!basis_asks(d->state.policy->purposes[purpose].basis) ||
        d->state.purposes[purpose].state == CONSENT_RENEWAL)
        return true;
    for (int i = 0; i < (int)d->state.policy->npurposes; i++)
        if ((told & needs & (1u << i)) != 0 &&
            dialogue_untold(d->state.purposes[i].state))
            return true;
    return false;
}

bool decide_undecided(const struct decide *d)
{
    for (size_t i = 0; i < d->state.policy->npurposes; i++)
        if (d->state.purposes[i].state != CONSENT_NONE &&
            !notices_are(d, (int)i))
            return false;
    return true;
}

/* What asks nothing holds nothing back, and does not go out twice. */
void decide_ask(struct decide *d, int purpose, bool with_notice)
{
    struct dialogue_action *action;

    if (purpose < 0 || d->state.minor == MINOR_SAID ||
        (!decide_answers(d, purpose) && any_fresh_notice(d)))
        return;
    decide_make_room(d);
    d->asked |= decide_answers(d, purpose);
    action = decide_add(d, DO_PROMPT, purpose, -1);
    action->renewed = d->state.purposes[purpose].state == CONSENT_RENEWAL;
    action->with_notice = with_notice || action->renewed;
}

/* After a yes: what held files still wait for, one question at a time. */
void decide_ask_for_held(struct decide *d)
{
    for (size_t i = 0; !decide_any_fresh(d) && i < d->state.nheld; i++) {
        int purpose = decide_next_needed(d, d->state.held[i]);
        if (purpose >= 0) {
            decide_ask(d, purpose, decide_notice(d, purpose, d->state.held[i]));
            return;
        }
    }
}

/* Does a held file wait for this purpose? */
bool decide_holds(const struct decide *d, int purpose)
{
    for (size_t i = 0; i < d->state.nheld; i++)
        if ((d->state.held[i] & (1u << purpose)) != 0)
            return true;
    return false;
}

/* What a word without an open question is about: the purpose whose turn it is,
 * else the first. */
int decide_waited_for(const struct decide *d)
{
    for (size_t i = 0; i < d->state.nheld; i++) {
        int purpose = decide_next_needed(d, d->state.held[i]);
        if (purpose >= 0)
            return purpose;
    }
    return decide_first_purpose(d);
}

/* Is it this purpose's turn: does a held file wait for it and for none that is
 * asked before it? */
static bool is_next(const struct decide *d, int purpose)
{
    for (size_t i = 0; i < d->state.nheld; i++)
        if (decide_next_needed(d, d->state.held[i]) == purpose)
            return true;
    return false;
}

/* A decision that did not count: the question again, rarely. */
static void ask_again(struct decide *d, int purpose)
{
    const struct dialogue_purpose *p = &d->state.purposes[purpose];
    struct dialogue_action *action;

    if (!is_next(d, purpose) || d->state.minor == MINOR_SAID ||
        (!decide_answers(d, purpose) && any_fresh_notice(d)) ||
        (p->reprompted != 0 && d->now - p->reprompted < REPROMPT_INTERVAL))
        return;
    decide_make_room(d);
    d->asked = true;
    action = decide_add(d, DO_PROMPT, purpose, -1);
    action->repeated = true;
    action->renewed = p->state == CONSENT_RENEWAL;
    action->with_notice = purpose == decide_first_purpose(d) ||
                          decide_notice(d, purpose, d->state.policy->informs);
}

/* Where the first question was answered no, all else waits for it. */
void decide_think_over(struct decide *d)
{
    const int purpose = decide_first_purpose(d);
    const struct dialogue_purpose *p =
        purpose < 0 ? NULL : &d->state.purposes[purpose];
    struct dialogue_action *action;

    if (p == NULL || d->asked || decide_any_fresh(d) ||
        d->state.minor == MINOR_SAID || d->state.mode == MODE_PERSON ||
        p->state == CONSENT_NONE || decide_open(d, purpose) ||
        !basis_asks(d->state.policy->purposes[purpose].basis) ||
        (p->reprompted != 0 && d->now - p->reprompted < REPROMPT_INTERVAL))
        return;
    decide_make_room(d);
    d->asked = true;
    action = decide_add(d, DO_PROMPT, purpose, -1);
    action->repeated = action->with_notice = true;
    action->renewed = p->state == CONSENT_RENEWAL;
}

void decide_ignore(struct decide *d, int purpose, const char *why)
{
    decide_add(d, DO_IGNORE, purpose, -1)->why = why;
    if (purpose >= 0)
        ask_again(d, purpose);
}

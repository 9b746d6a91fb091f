/* What a message means (the rules are in the header and docs/consent.md). */
#include "dialogue_private.h"

#include <string.h>

/* A prompt's clock is ours, a reply's is the provider's. */
#define TYPED_YES_SKEW_S  2
#define REPROMPT_INTERVAL MSEC_H

const char *const consent_state_names[CONSENT__MAX] = {
    [CONSENT_NONE] = "none",
    [CONSENT_GIVEN] = "given",
    [CONSENT_REFUSED] = "refused",
    [CONSENT_WITHDRAWN] = "withdrawn",
};

const char *const conversation_mode_names[MODE__MAX] = {
    [MODE_BOT] = "bot",
    [MODE_WAITING] = "waiting",
    [MODE_PERSON] = "person",
};

struct dialogue_action *decide_add(struct decide *d,
                                   enum dialogue_action_kind kind, int purpose,
                                   int prompt)
{
    static struct dialogue_action overflow;
    struct dialogue_action *action = d->plan->n < DIALOGUE_ACTIONS
                                         ? &d->plan->actions[d->plan->n++]
                                         : &overflow;

    memset(action, 0, sizeof(*action));
    action->kind = kind;
    action->purpose = purpose;
    action->prompt = prompt;
    action->value = -1;
    return action;
}

static void say(struct decide *d, enum policy_text text)
{
    decide_add(d, DO_SAY, -1, -1)->say = text;
}

bool dialogue_open(const struct dialogue_state *state, unsigned mask)
{
    for (size_t i = 0; i < state->policy->npurposes; i++)
        if ((mask & (1u << i)) != 0 &&
            state->purposes[i].state != CONSENT_GIVEN)
            return false;
    return mask != 0;
}

/* ---- prompts ------------------------------------------------------------ */

bool decide_any_open(const struct decide *d)
{
    for (size_t i = 0; i < d->state.nprompts; i++)
        if (!d->closed[i])
            return true;
    return false;
}

/* A question that is still in front of the person. The files that an older one
 * asked about have expired: it may be answered, but holds no other back.
 * Neither does one that no file waits for. */
bool decide_any_fresh(const struct decide *d)
{
    for (size_t i = 0; i < d->state.nprompts; i++) {
        msec handed = d->state.prompts[i].handed_s * MSEC_S;
        if (!d->closed[i] && !notices_are(d, d->state.prompts[i].purpose) &&
            (handed == 0 || d->now - handed < d->state.policy->hold_time))
            return true;
    }
    return false;
}

/* Every open question about a purpose is answered at once; `prompt` is the one
 * that the answer itself closes. */
static void close_prompts(struct decide *d, int purpose, int prompt)
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
int decide_newest_open(const struct decide *d, int purpose, const char *version)
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

/* The next purpose that a held file waits for; -1 none. A no dropped all files
 * that were there, so what is held now is a new reason to ask. */
int decide_next_needed(const struct decide *d, unsigned needs)
{
    const struct dialogue_state *s = &d->state;

    for (size_t i = 0; i < s->policy->npurposes; i++)
        if ((needs & (1u << i)) != 0 && s->purposes[i].state != CONSENT_GIVEN)
            return (int)i;
    return -1;
}

/* First purpose that gates anything: what a conversation begins with. */
int decide_first_purpose(const struct decide *d)
{
    for (size_t i = 0; i < d->state.policy->npurposes; i++)
        if (d->state.policy->purposes[i].gates != 0)
            return (int)i;
    return -1;
}

bool decide_undecided(const struct decide *d)
{
    for (size_t i = 0; i < d->state.policy->npurposes; i++)
        if (d->state.purposes[i].state != CONSENT_NONE &&
            !notices_are(d, (int)i))
            return false;
    return true;
}

void decide_ask(struct decide *d, int purpose, bool with_notice)
{
    if (purpose < 0)
        return;
    decide_make_room(d);
    d->asked = true;
    decide_add(d, DO_PROMPT, purpose, -1)->with_notice = with_notice;
}

/* After a yes: what held files still wait for, one question at a time. */
static void ask_for_held(struct decide *d)
{
    for (size_t i = 0; !decide_any_fresh(d) && i < d->state.nheld; i++) {
        int purpose = decide_next_needed(d, d->state.held[i]);
        if (purpose >= 0) {
            decide_ask(d, purpose, false);
            return;
        }
    }
}

/* Does a held file wait for this purpose? */
static bool holds(const struct decide *d, int purpose)
{
    for (size_t i = 0; i < d->state.nheld; i++)
        if ((d->state.held[i] & (1u << purpose)) != 0)
            return true;
    return false;
}

/* What a word without an open question is about: the purpose whose turn it is,
 * else the first. */
static int waited_for(const struct decide *d)
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

    if (!is_next(d, purpose) ||
        (p->reprompted != 0 && d->now - p->reprompted < REPROMPT_INTERVAL))
        return;
    decide_make_room(d);
    d->asked = true;
    action = decide_add(d, DO_PROMPT, purpose, -1);
    action->repeated = true;
    action->with_notice = purpose == decide_first_purpose(d);
}

static void ignore(struct decide *d, int purpose, const char *why)
{
    decide_add(d, DO_IGNORE, purpose, -1)->why = why;
    if (purpose >= 0)
        ask_again(d, purpose);
}

/* ---- yes ---------------------------------------------------------------- */

static void grant(struct decide *d, int purpose, int prompt)
{
    struct dialogue_purpose *p = &d->state.purposes[purpose];

    /* Our clock is behind Meta's: nobody could say when it was given. */
    if (d->input->provider_s * MSEC_S >
        d->now + LIMIT_CLOCK_REFUSE_S * MSEC_S) {
        ignore(d, purpose, "clock_behind");
        return;
    }
    if (p->no_s != 0 && d->input->provider_s <= p->no_s) {
        ignore(d, purpose, "older_than_decision");
        return;
    }
    if (prompt < 0) {
        ignore(d, purpose, "no_open_prompt");
        return;
    }
    decide_add(d, DO_GRANT, purpose, prompt);
    close_prompts(d, purpose, prompt);
    p->state = CONSENT_GIVEN;
    p->yes_s = d->input->provider_s;
    if (notices_are(d, purpose)) {
        notices_say(d, CONTACT_GRANTED);
    } else if (d->state.nheld == 0) {
        say(d, TEXT_GRANTED);
    } else {
        ask_for_held(d);
        intent_ask_item(d);
    }
}

static void typed_yes(struct decide *d)
{
    int prompt = decide_newest_open(d, -1, NULL);
    const struct dialogue_prompt *p =
        prompt < 0 ? NULL : &d->state.prompts[prompt];

    if (p == NULL) {
        ignore(d, waited_for(d), "no_open_prompt");
    } else if (p->handed_s == 0 ||
               d->input->provider_s < p->handed_s - TYPED_YES_SKEW_S) {
        decide_add(d, DO_IGNORE, p->purpose, prompt)->why = "before_prompt";
    } else {
        grant(d, p->purpose, prompt);
    }
}

/* ---- no ----------------------------------------------------------------- */

/* One purpose's no. True when it had an effect. */
bool decide_deny(struct decide *d, enum dialogue_action_kind kind, int purpose,
                 int prompt)
{
    struct dialogue_purpose *p = &d->state.purposes[purpose];

    if (p->state == CONSENT_GIVEN && d->input->provider_s < p->yes_s) {
        ignore(d, purpose, "older_than_decision");
        return false;
    }
    if (p->state == CONSENT_GIVEN)
        kind = DO_WITHDRAW;
    decide_add(d, kind, purpose, prompt);
    p->state = kind == DO_WITHDRAW ? CONSENT_WITHDRAWN : CONSENT_REFUSED;
    if (d->input->provider_s > p->no_s)
        p->no_s = d->input->provider_s;

    close_prompts(d, purpose, prompt);
    return true;
}

static void refuse(struct decide *d, enum dialogue_action_kind kind,
                   int purpose, int prompt)
{
    bool given = d->state.purposes[purpose].state == CONSENT_GIVEN;

    /* A later no is on record too: no yes from before it may count. */
    if (prompt < 0 && !given &&
        d->input->provider_s <= d->state.purposes[purpose].no_s) {
        ignore(d, purpose, "older_than_decision");
        return;
    }
    if (!decide_deny(d, kind, purpose, prompt))
        return;
    if (notices_are(d, purpose))
        notices_say(d, given ? CONTACT_WITHDRAWN : CONTACT_REFUSED);
    else
        say(d, kind == DO_OTHER ? TEXT_OTHER
               : given          ? TEXT_WITHDRAWN
                                : TEXT_REFUSED);
}

/* Does a withdrawal say anything new about this purpose? It does to a question
 * and to a file that waits for it, whose question may never have arrived. Later
 * than the last no it does: no yes from before it may count. */
bool decide_concerned(const struct decide *d, int purpose)
{
    const struct dialogue_purpose *p = &d->state.purposes[purpose];

    if (decide_newest_open(d, purpose, NULL) >= 0 || holds(d, purpose))
        return true;
    if (p->state == CONSENT_NONE)
        return false;
    return p->state == CONSENT_GIVEN || d->input->provider_s > p->no_s;
}

/* purpose -1: all of them. Confirmed, unless a later yes keeps one in force:
 * then "done" would not be true. Where there is nothing to withdraw, that it
 * was said is on record all the same. */
void decide_withdraw(struct decide *d, int purpose)
{
    bool done = true, any = false;

    for (int i = 0; i < (int)d->state.policy->npurposes; i++)
        if ((purpose < 0 || i == purpose) && decide_concerned(d, i)) {
            done &=
                decide_deny(d, DO_REFUSE, i, decide_newest_open(d, i, NULL));
            any = true;
        }
    if (!any)
        decide_add(d, DO_IGNORE, purpose, -1)->why = "nothing_to_withdraw";
    if (done && purpose >= 0 && notices_are(d, purpose))
        notices_say(d, CONTACT_WITHDRAWN);
    else if (done)
        say(d, TEXT_WITHDRAWN);
}

/* ---- inputs ------------------------------------------------------------- */

static void on_button(struct decide *d)
{
    char id[PURPOSE_SIZE], version[VERSION_SIZE];
    enum button_verb verb;
    int purpose;

    if (intent_of_id(d, d->input->text) ||
        intent_of_button_words(d, d->input->text))
        return;
    if (button_parse(d->input->text, &verb, id, version) != 0) {
        decide_add(d, DO_IGNORE, -1, -1)->why = "unknown_button";
        return;
    }
    purpose = policy_purpose(d->state.policy, id);
    if (verb == BUTTON_WITHDRAW && (purpose >= 0 || strcmp(id, "all") == 0)) {
        decide_withdraw(d, purpose);
        return;
    }
    if (purpose < 0) {
        decide_add(d, DO_IGNORE, -1, -1)->why = "unknown_purpose";
        return;
    }
    if (verb == BUTTON_GRANT)
        grant(d, purpose, decide_newest_open(d, purpose, version));
    else
        refuse(d, verb == BUTTON_OTHER ? DO_OTHER : DO_REFUSE, purpose,
               decide_newest_open(d, purpose, NULL));
}

/* A typed no answers only the newest open prompt. */
static void typed_no(struct decide *d, enum dialogue_action_kind kind)
{
    int prompt = decide_newest_open(d, -1, NULL);

    if (prompt < 0)
        ignore(d, waited_for(d), "no_open_prompt");
    else
        refuse(d, kind, d->state.prompts[prompt].purpose, prompt);
}

/* What is written to a person. A yes that answers them is none to a question of
 * ours; buttons are. */
static void to_person(struct decide *d, enum policy_word word)
{
    int prompt = decide_newest_open(d, -1, NULL);

    if (prompt >= 0 &&
        (word == WORD_YES || word == WORD_NO || word == WORD_OTHER))
        decide_add(d, DO_IGNORE, d->state.prompts[prompt].purpose, prompt)
            ->why = "person_answers";
}

static void on_text(struct decide *d)
{
    enum policy_word word = policy_word_of(d->state.policy, d->input->text);
    bool stranger = decide_undecided(d) && !decide_any_open(d);

    if (intent_of_word(d, word))
        return;
    if (d->state.mode != MODE_BOT)
        decide_add(d, DO_KEEP, -1, -1);
    if (d->state.mode == MODE_PERSON) {
        to_person(d, word);
        return;
    }

    /* The first words of somebody who was never asked: they decide nothing,
     * whatever they are, and are answered with the question; not where they
     * want to talk to a person. */
    if (stranger) {
        if (word == WORD_YES || word == WORD_NO || word == WORD_OTHER)
            decide_add(d, DO_IGNORE, decide_first_purpose(d), -1)->why =
                "no_open_prompt";
        if (d->state.mode == MODE_BOT)
            decide_ask(d, decide_first_purpose(d), true);
    } else if (word == WORD_YES) {
        typed_yes(d);
    } else if (word == WORD_NO || word == WORD_OTHER) {
        typed_no(d, word == WORD_OTHER ? DO_OTHER : DO_REFUSE);
    } else if (d->state.mode == MODE_BOT) {
        intent_other_text(d);
    }
}

static void on_file(struct decide *d)
{
    bool first = decide_undecided(d);
    int purpose;

    if (decide_any_fresh(d))
        return;
    purpose = decide_next_needed(d, d->input->needs);
    decide_ask(d, purpose,
               first || (purpose >= 0 && purpose == decide_first_purpose(d)));
    intent_ask_item(d);
}

void dialogue_decide(const struct dialogue_state *state,
                     const struct dialogue_input *input, msec now,
                     struct dialogue_plan *plan)
{
    struct decide d = {
        .state = *state, .input = input, .now = now, .plan = plan
    };

    plan->n = 0;
    switch (input->kind) {
    case INPUT_TEXT:
        on_text(&d);
        break;
    case INPUT_BUTTON:
        on_button(&d);
        break;
    case INPUT_FILE:
        on_file(&d);
        break;
    case INPUT__MAX:
        break;
    }
}

/* What a message means (the rules are in the header and docs/consent.md). */
#include "dialogue_private.h"

#include <string.h>

/* A prompt's clock is ours, a reply's is the provider's. */
#define TYPED_YES_SKEW_S 2

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

/* Was there a yes that a no takes back, though it opens nothing any more? */
static bool said_yes(enum consent_state state)
{
    return state == CONSENT_GIVEN || state == CONSENT_EXPIRED ||
           state == CONSENT_RENEWAL;
}

/* ---- yes ---------------------------------------------------------------- */

/* Who answers a message with the notice was reached by it. */
static void reached(struct decide *d, int prompt)
{
    const struct policy *policy = d->state.policy;
    const struct dialogue_prompt *p = &d->state.prompts[prompt];

    if (!p->with_notice || strcmp(p->version, policy->notice_version) != 0)
        return;
    for (size_t i = 0; i < policy->npurposes; i++)
        if ((policy->informs & 1u << i) != 0 &&
            dialogue_untold(d->state.purposes[i].state))
            d->state.purposes[i].state = CONSENT_INFORMED;
}

static void grant(struct decide *d, int purpose, int prompt)
{
    struct dialogue_purpose *p = &d->state.purposes[purpose];

    if (!basis_asks(d->state.policy->purposes[purpose].basis)) {
        decide_ignore(d, purpose, "not_consent");
        return;
    }
    /* Our clock is behind Meta's: nobody could say when it was given. */
    if (d->input->provider_s * MSEC_S >
        d->now + LIMIT_CLOCK_REFUSE_S * MSEC_S) {
        decide_ignore(d, purpose, "clock_behind");
        return;
    }
    /* Nobody under age gives it alone. */
    if (d->state.minor == MINOR_SAID) {
        decide_ignore(d, purpose, "minor");
        return;
    }
    if (p->no_s != 0 && d->input->provider_s <= p->no_s) {
        decide_ignore(d, purpose, "older_than_decision");
        return;
    }
    if (prompt < 0) {
        decide_ignore(d, purpose, "no_open_prompt");
        return;
    }
    if (d->state.prompts[prompt].superseded) {
        decide_ignore(d, purpose, "notice_changed");
        return;
    }
    decide_add(d, DO_GRANT, purpose, prompt);
    reached(d, prompt);
    decide_close(d, purpose, prompt);
    p->state = CONSENT_GIVEN;
    p->yes_s = d->input->provider_s;
    if (notices_are(d, purpose)) {
        notices_say(d, CONTACT_GRANTED);
    } else if (d->state.nheld == 0) {
        say(d, TEXT_GRANTED);
    } else {
        decide_ask_for_held(d);
        pick_ask_item(d);
        persons_ask(d);
    }
}

/* The first necessary consent that nobody asked them about. */
static int next_necessary(const struct decide *d)
{
    const struct policy *policy = d->state.policy;

    for (int i = 0; i < (int)policy->npurposes; i++)
        if (policy->purposes[i].gates != 0 &&
            basis_asks(policy->purposes[i].basis) &&
            strcmp(policy->purposes[i].data_class, "necessary") == 0 &&
            d->state.purposes[i].state == CONSENT_NONE)
            return i;
    return -1;
}

/* They read what asks for no consent. Only of the notice in force it is known
 * what it says that rests on what. */
static void acknowledge(struct decide *d, int purpose, int prompt)
{
    const struct policy *policy = d->state.policy;

    if (!policy->purposes[purpose].acknowledge) {
        decide_ignore(d, purpose, "not_asked");
    } else if (d->state.minor == MINOR_SAID) {
        decide_ignore(d, purpose, "minor");
    } else if (prompt < 0) {
        decide_ignore(d, purpose, "no_open_prompt");
    } else if (strcmp(d->state.prompts[prompt].version,
                      policy->notice_version) != 0) {
        decide_ignore(d, purpose, "notice_changed");
    } else {
        decide_add(d, DO_ACK, purpose, prompt);
        reached(d, prompt);
        decide_close(d, purpose, prompt);
        d->state.purposes[purpose].state = CONSENT_ACKNOWLEDGED;
        if (d->state.nheld == 0 && next_necessary(d) >= 0) {
            decide_ask(d, next_necessary(d), false);
        } else if (d->state.nheld == 0) {
            say(d, TEXT_ACKNOWLEDGED);
        } else {
            decide_ask_for_held(d);
            pick_ask_item(d);
        }
    }
}

static void typed_yes(struct decide *d, bool ack)
{
    int prompt = decide_newest_typed(d, ack);
    const struct dialogue_prompt *p =
        prompt < 0 ? NULL : &d->state.prompts[prompt];

    if (p == NULL) {
        decide_ignore(d, decide_waited_for(d), "no_open_prompt");
    } else if (p->handed_s == 0 ||
               d->input->provider_s < p->handed_s - TYPED_YES_SKEW_S) {
        decide_add(d, DO_IGNORE, p->purpose, prompt)->why = "before_prompt";
    } else if (ack) {
        acknowledge(d, p->purpose, prompt);
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

    if (said_yes(p->state) && d->input->provider_s < p->yes_s) {
        decide_ignore(d, purpose, "older_than_decision");
        return false;
    }
    if (said_yes(p->state))
        kind = DO_WITHDRAW;
    decide_add(d, kind, purpose, prompt);
    p->state = kind == DO_WITHDRAW ? CONSENT_WITHDRAWN : CONSENT_REFUSED;
    if (d->input->provider_s > p->no_s)
        p->no_s = d->input->provider_s;

    decide_close(d, purpose, prompt);
    return true;
}

/* What rests on another basis, and is open. */
static bool anything_stays(const struct decide *d)
{
    for (int i = 0; i < (int)d->state.policy->npurposes; i++)
        if ((d->state.policy->informs & 1u << i) != 0 && decide_open(d, i))
            return true;
    return false;
}

static void say_withdrawn(struct decide *d)
{
    const struct policy *p = d->state.policy;
    bool all = p->informs == (1u << p->npurposes) - 1;

    /* Where there is nothing to withdraw, "done" would not be true. */
    say(d, all ? TEXT_STAYS : TEXT_WITHDRAWN);
    d->plan->actions[d->plan->n - 1].stays = all || anything_stays(d);
}

/* Nobody refuses what nobody is asked about; the way elsewhere is open. */
static void stays(struct decide *d, enum dialogue_action_kind kind, int purpose)
{
    decide_add(d, DO_IGNORE, purpose, -1)->why = "not_consent";
    say(d, kind == DO_OTHER ? TEXT_OTHER : TEXT_STAYS);
    d->plan->actions[d->plan->n - 1].stays = kind != DO_OTHER;
}

static void refuse(struct decide *d, enum dialogue_action_kind kind,
                   int purpose, int prompt)
{
    bool given = said_yes(d->state.purposes[purpose].state);

    if (!basis_asks(d->state.policy->purposes[purpose].basis)) {
        stays(d, kind, purpose);
        return;
    }

    /* A later no is on record too: no yes from before it may count. */
    if (prompt < 0 && !given &&
        d->input->provider_s <= d->state.purposes[purpose].no_s) {
        decide_ignore(d, purpose, "older_than_decision");
        return;
    }
    if (!decide_deny(d, kind, purpose, prompt))
        return;
    if (notices_are(d, purpose))
        notices_say(d, given ? CONTACT_WITHDRAWN : CONTACT_REFUSED);
    else if (kind != DO_OTHER && given)
        say_withdrawn(d);
    else
        say(d, kind == DO_OTHER ? TEXT_OTHER : TEXT_REFUSED);
}

/* Does a withdrawal say anything new about this purpose? It does to a question
 * and to a file that waits for it, whose question may never have arrived. Later
 * than the last no it does: no yes from before it may count. */
bool decide_concerned(const struct decide *d, int purpose)
{
    const struct dialogue_purpose *p = &d->state.purposes[purpose];

    if (!basis_asks(d->state.policy->purposes[purpose].basis))
        return false;
    if (decide_newest(d, purpose, NULL) >= 0 || decide_holds(d, purpose))
        return true;
    if (p->state == CONSENT_NONE)
        return false;
    return said_yes(p->state) || d->input->provider_s > p->no_s;
}

/* purpose -1: all of them. Confirmed, unless a later yes keeps one in force:
 * then "done" would not be true. Where there is nothing to withdraw, that it
 * was said is on record all the same. */
void decide_withdraw(struct decide *d, int purpose)
{
    bool done = true, any = false;

    for (int i = 0; i < (int)d->state.policy->npurposes; i++)
        if (purpose < 0 || i == purpose)
            d->plan->no |= 1u << i;
    for (int i = 0; i < (int)d->state.policy->npurposes; i++)
        if ((purpose < 0 || i == purpose) && decide_concerned(d, i)) {
            done &= decide_deny(d, DO_REFUSE, i, decide_newest(d, i, NULL));
            any = true;
        }
    if (!any)
        decide_add(d, DO_IGNORE, purpose, -1)->why = "nothing_to_withdraw";
    if (done && purpose >= 0 && notices_are(d, purpose))
        notices_say(d, CONTACT_WITHDRAWN);
    else if (done)
        say_withdrawn(d);
}

void decide_minor(struct decide *d)
{
    for (int i = 0; i < (int)d->state.policy->npurposes; i++)
        if (said_yes(d->state.purposes[i].state)) {
            decide_add(d, DO_WITHDRAW, i, -1)->why = "minor";
            d->state.purposes[i].state = CONSENT_WITHDRAWN;
        }
    for (size_t i = 0; i < d->state.nprompts; i++)
        if (!d->closed[i]) {
            decide_add(d, DO_CLOSE, d->state.prompts[i].purpose, (int)i);
            d->closed[i] = true;
        }
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
    if (verb == BUTTON_WITHDRAW &&
        (purpose >= 0 ? basis_asks(d->state.policy->purposes[purpose].basis)
                      : strcmp(id, "all") == 0)) {
        decide_withdraw(d, purpose);
        return;
    }
    if (purpose < 0) {
        decide_add(d, DO_IGNORE, -1, -1)->why = "unknown_purpose";
        return;
    }
    if (verb == BUTTON_GRANT)
        grant(d, purpose, decide_newest(d, purpose, version));
    else if (verb == BUTTON_ACK)
        acknowledge(d, purpose, decide_newest(d, purpose, version));
    else
        refuse(d, verb == BUTTON_OTHER ? DO_OTHER : DO_REFUSE, purpose,
               decide_newest(d, purpose, NULL));
}

/* A typed no answers only the newest open question; where there is none, but
 * something to be read, that it is not for them to refuse. */
static void typed_no(struct decide *d, enum dialogue_action_kind kind)
{
    int prompt = decide_newest_typed(d, false);

    if (prompt < 0)
        prompt = decide_newest_typed(d, true);

    if (prompt < 0) {
        decide_ignore(d, decide_waited_for(d), "no_open_prompt");
        if (kind == DO_OTHER && !d->asked)
            tell_channel(d);
    } else {
        refuse(d, kind, d->state.prompts[prompt].purpose, prompt);
    }
}

static bool is_decision(enum policy_word word)
{
    return word == WORD_YES || word == WORD_NO || word == WORD_OTHER ||
           word == WORD_ACK;
}

/* What is written to a person. A yes that answers them is none to a question of
 * ours; buttons are. */
static void to_person(struct decide *d, enum policy_word word)
{
    int prompt = decide_newest_typed(d, word == WORD_ACK);

    if (prompt >= 0 && is_decision(word))
        decide_add(d, DO_IGNORE, d->state.prompts[prompt].purpose, prompt)
            ->why = "person_answers";
}

/* To what staff asked about a request of theirs: who never agreed to anything
 * may have made one, too. */
static bool answers_request(const struct decide *d)
{
    return d->state.lacks && d->state.mode == MODE_BOT &&
           !policy_courtesy(d->input->text);
}

/* A yes or a no, where no question of the notice's is open, is to that one,
 * too: it decides nothing else. */
static void keep_yes_or_no(struct decide *d, enum policy_word word)
{
    if ((word == WORD_YES || word == WORD_NO) && answers_request(d) &&
        decide_newest_typed(d, false) < 0 && decide_newest_typed(d, true) < 0)
        decide_add(d, DO_ANSWER, -1, -1);
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

    if (d->state.minor == MINOR_SAID) {
        persons_remind(d);
        return;
    }

    if (stranger && word == WORD_NONE && answers_request(d)) {
        decide_add(d, DO_ANSWER, -1, -1);
        return;
    }
    if ((word != WORD_NONE || !d->state.lacks) && rights_spoken_of(d, word))
        return;
    keep_yes_or_no(d, word);

    /* The first words of somebody who was never asked: they decide nothing,
     * whatever they are, and are answered with the question; not where they
     * want to talk to a person. */
    if (stranger) {
        if (is_decision(word))
            decide_add(d, DO_IGNORE, decide_first_purpose(d), -1)->why =
                "no_open_prompt";
        if (d->state.mode == MODE_BOT)
            decide_ask(d, decide_first_purpose(d), true);
    } else if (word == WORD_YES || word == WORD_ACK) {
        typed_yes(d, word == WORD_ACK);
    } else if (word == WORD_NO || word == WORD_OTHER) {
        typed_no(d, word == WORD_OTHER ? DO_OTHER : DO_REFUSE);
    } else if (d->state.mode == MODE_BOT && !rating_text_means(d)) {
        if (answers_request(d))
            decide_add(d, DO_ANSWER, -1, -1);
        else
            tell_other_text(d);
    }
}

static void on_file(struct decide *d)
{
    bool first = decide_undecided(d);
    int purpose;

    if (d->state.minor == MINOR_SAID) {
        persons_remind(d);
        return;
    }
    if (decide_any_fresh(d))
        return;
    purpose = decide_next_needed(d, d->input->needs);
    decide_ask(d, purpose,
               first || (purpose >= 0 && purpose == decide_first_purpose(d)) ||
                   decide_notice(d, purpose, d->input->needs));
    pick_ask_item(d);
    persons_ask(d);
}

/* A stranger learns what this is for, as with any message. */
static void on_lost(struct decide *d)
{
    if (d->state.mode == MODE_PERSON || d->state.minor == MINOR_SAID ||
        decide_any_fresh(d))
        return;
    if (decide_undecided(d) && !decide_any_open(d))
        decide_ask(d, decide_first_purpose(d), true);
    else
        tell_hint(d);
}

void dialogue_decide(const struct dialogue_state *state,
                     const struct dialogue_input *input, msec now,
                     struct dialogue_plan *plan)
{
    struct decide d = {
        .state = *state, .input = input, .now = now, .plan = plan
    };

    plan->n = 0;
    plan->no = 0;
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
    case INPUT_LOST:
        on_lost(&d);
        break;
    case INPUT__MAX:
        break;
    }
    rating_settle(&d);
}

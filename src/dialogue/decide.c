/* A yes, a no: what counts, what it changes, and what is said to it. */
#include "dialogue_private.h"

#include <string.h>

/* A prompt's clock is ours, a reply's is the provider's. */
#define TYPED_YES_SKEW_S 2

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

void decide_grant(struct decide *d, int purpose, int prompt)
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
        notices_say_of(d, purpose, CONTACT_GRANTED);
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
void decide_acknowledge(struct decide *d, int purpose, int prompt)
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

void decide_typed_yes(struct decide *d, bool ack)
{
    int prompt = decide_newest_typed(d, ack);
    const struct dialogue_prompt *p =
        prompt < 0 ? NULL : &d->state.prompts[prompt];

    if (p == NULL) {
        decide_ignore(d, decide_waited_for(d), "no_open_prompt");
        if (!ack)
            decide_think_over(d);
    } else if (p->handed_s == 0 ||
               d->input->provider_s < p->handed_s - TYPED_YES_SKEW_S) {
        decide_add(d, DO_IGNORE, p->purpose, prompt)->why = "before_prompt";
    } else if (ack) {
        decide_acknowledge(d, p->purpose, prompt);
    } else {
        decide_grant(d, p->purpose, prompt);
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

void decide_refuse(struct decide *d, enum dialogue_action_kind kind,
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
        notices_say_of(d, purpose, given ? CONTACT_WITHDRAWN : CONTACT_REFUSED);
    else if (kind != DO_OTHER && given)
        say_withdrawn(d);
    else
        say(d, kind == DO_OTHER ? TEXT_OTHER : TEXT_REFUSED);
}

/* A typed no answers only the newest open question; where there is none, but
 * something to be read, that it is not for them to refuse. */
void decide_typed_no(struct decide *d, enum dialogue_action_kind kind)
{
    int prompt = decide_newest_typed(d, false);

    if (prompt < 0)
        prompt = decide_newest_typed(d, true);

    if (prompt < 0) {
        decide_ignore(d, decide_waited_for(d), "no_open_prompt");
        if (kind == DO_OTHER && !d->asked)
            tell_channel(d);
    } else {
        decide_refuse(d, kind, d->state.prompts[prompt].purpose, prompt);
    }
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

bool decide_given(const struct decide *d, bool notices)
{
    for (int i = 0; i < (int)d->state.policy->npurposes; i++)
        if (basis_asks(d->state.policy->purposes[i].basis) &&
            notices_are(d, i) == notices &&
            said_yes(d->state.purposes[i].state))
            return true;
    return false;
}

/* Of who never said yes nothing was withdrawn; what another number of theirs
 * agreed to ends with it. */
static void say_done(struct decide *d, bool given)
{
    if (given || d->state.policy->informs != 0 || !tell_can(d, SPOKEN_NOTHING))
        say_withdrawn(d);
    else
        (void)tell_spoken(d, SPOKEN_NOTHING);
}

/* purpose -1: all of them. Confirmed, unless a later yes keeps one in force:
 * then "done" would not be true. Where there is nothing to withdraw, that it
 * was said is on record all the same. */
void decide_withdraw(struct decide *d, int purpose)
{
    const bool given = decide_given(d, true) || decide_given(d, false);
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
        notices_say_of(d, purpose, CONTACT_WITHDRAWN);
    else if (done)
        say_done(d, given);
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

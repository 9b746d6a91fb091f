/* What people are told who ask, or who do not know what to ask: as often as no
 * machine would. */
#include "dialogue_private.h"

/* Who writes anything at all sees the menu once in so long. */
#define MENU_INTERVAL (5 * 60 * MSEC_S)
/* Whoever sends ten of what does not get here hears it once. */
#define HINT_INTERVAL MSEC_D
/* Answers of our own in an hour without a choice: nobody asks so often, and a
 * machine stops us here. */
#define ANSWERS_MAX 10

bool tell_may(const struct decide *d)
{
    return d->state.answers < ANSWERS_MAX;
}

/* An answer to somebody who asks for it; the first contact is the notice's, and
 * an agent's conversation the agent's. */
static bool answer(struct decide *d, enum dialogue_action_kind kind)
{
    if (d->state.policy->nprocedures == 0 || d->state.mode == MODE_PERSON ||
        decide_undecided(d))
        return false;
    if (tell_may(d))
        decide_add(d, kind, -1, -1);
    return true;
}

bool tell_menu(struct decide *d)
{
    return answer(d, DO_MENU);
}

bool tell_status(struct decide *d)
{
    return answer(d, DO_STATUS);
}

bool tell_missing(struct decide *d)
{
    return answer(d, DO_MISSING);
}

bool tell_another(struct decide *d)
{
    return answer(d, DO_ANOTHER);
}

bool tell_data(struct decide *d)
{
    return answer(d, DO_DATA);
}

/* A row of the menu, where the policy asks about anything by itself. */
bool tell_notices(struct decide *d)
{
    bool may = tell_may(d);

    if (d->state.policy->asked == 0 || !answer(d, DO_NOTICES))
        return false;
    if (may) {
        d->plan->actions[d->plan->n - 1].purpose = notices_next(d);
        decide_make_room(d);
    }
    return true;
}

/* The menu did not help: what they write now is for a person, where the policy
 * has somebody look at it. */
static void unanswered(struct decide *d)
{
    if (!d->state.policy->unanswered_person || !tell_may(d) ||
        decide_undecided(d))
        return;
    (void)agent_ask(d);
    decide_add(d, DO_KEEP, -1, -1);
}

/* ---- in their own words -------------------------------------------------- */

bool tell_can(const struct decide *d, enum spoken_text which)
{
    const struct policy *policy = d->state.policy;

    return policy->languages[d->state.language].spoken[which] != NULL;
}

bool tell_spoken(struct decide *d, enum spoken_text which)
{
    if (!tell_can(d, which) || !tell_may(d))
        return false;
    decide_add(d, DO_SPOKEN, -1, -1)->value = (int)which;
    return true;
}

/* Who waits for a person writes to them. After the menu, that it can be asked
 * otherwise, once. */
bool tell_help(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (s->mode != MODE_BOT || decide_undecided(d) || decide_any_fresh(d))
        return false;
    if (s->menu == 0 || d->now - s->menu >= MENU_INTERVAL)
        return answer(d, DO_MENU);
    if (s->lined < s->menu && tell_spoken(d, SPOKEN_UNKNOWN))
        return true;
    unanswered(d);
    return true;
}

/* Between two times that their place is told: that they have one, once. Nobody
 * waits: how their case is. */
bool tell_place(struct decide *d)
{
    const struct dialogue_state *s = &d->state;
    const size_t before = d->plan->n;

    if (s->mode == MODE_BOT)
        return tell_status(d);
    if (s->mode == MODE_PERSON || !tell_may(d))
        return false;
    if (agent_ask(d) && d->plan->n == before && s->lined < s->told)
        (void)tell_spoken(d, SPOKEN_QUEUE);
    return true;
}

/* It asks for nothing, so it may be told before anything was decided; the first
 * contact is the notice's. */
bool tell_where(struct decide *d)
{
    if (d->state.mode == MODE_PERSON ||
        (decide_undecided(d) && !decide_any_open(d)))
        return false;
    if (tell_can(d, SPOKEN_WHERE))
        (void)tell_spoken(d, SPOKEN_WHERE);
    else
        tell_channel(d);
    return true;
}

static bool wants_past(const struct policy_meaning *said)
{
    switch (said->word) {
    case WORD_MENU:
    case WORD_STATUS:
    case WORD_MISSING:
    case WORD_DATA:
    case WORD_HELP:
    case WORD_PLACE:
    case WORD_BEHALF:
        return true;
    default:
        return said->nearly || said->id != NULL;
    }
}

void tell_how_to_answer(struct decide *d)
{
    int prompt = decide_newest_typed(d, false);
    msec handed = prompt < 0 ? 0 : d->state.prompts[prompt].handed_s * MSEC_S;

    /* Of the question before, if it was said before this one's second ended. */
    if (handed != 0 && d->state.lined < handed + MSEC_S &&
        d->state.mode == MODE_BOT && wants_past(&d->said))
        (void)tell_spoken(d, SPOKEN_ANSWER);
}

void tell_voice(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (d->input->spoken && s->mode == MODE_BOT && decide_any_fresh(d) &&
        (s->hinted == 0 || d->now - s->hinted >= HINT_INTERVAL))
        (void)tell_spoken(d, SPOKEN_VOICE);
}

/* ---- whatever else they write -------------------------------------------- */

void tell_other_text(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (decide_any_fresh(d)) {
        tell_how_to_answer(d);
        return;
    }
    if (policy_courtesy(d->input->text))
        return;
    if (s->menu != 0 && d->now - s->menu < MENU_INTERVAL)
        unanswered(d);
    else
        (void)answer(d, DO_MENU);
}

void tell_hint(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (s->hinted == 0 || d->now - s->hinted >= HINT_INTERVAL)
        (void)answer(d, DO_HINT);
}

void tell_channel(struct decide *d)
{
    (void)answer(d, DO_CHANNEL);
}

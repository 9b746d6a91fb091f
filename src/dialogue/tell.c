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

void tell_other_text(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (decide_any_fresh(d) || policy_courtesy(d->input->text))
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

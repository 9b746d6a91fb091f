/* Purposes that no file waits for: what people agree to be written to for. */
#include "dialogue_private.h"

bool notices_are(const struct decide *d, int purpose)
{
    return (d->state.policy->asked & (1u << purpose)) != 0;
}

/* The question may be weeks old, and a "yes" of today about something else. */
bool notices_stale(const struct decide *d, const struct dialogue_prompt *p)
{
    return notices_are(d, p->purpose) && p->handed_s != 0 &&
           d->now - p->handed_s * MSEC_S >= d->state.policy->hold_time;
}

void notices_say(struct decide *d, enum contact_text text)
{
    decide_add(d, DO_CONTACT, -1, -1)->value = (int)text;
}

int notices_next(const struct decide *d)
{
    const struct dialogue_state *s = &d->state;
    int refused = -1;

    /* What was never decided first; then a no that they may think over. */
    for (int i = 0; i < (int)s->policy->npurposes; i++) {
        if (!notices_are(d, i) || s->purposes[i].state == CONSENT_GIVEN)
            continue;
        if (s->purposes[i].state == CONSENT_NONE)
            return i;
        if (refused < 0)
            refused = i;
    }
    return refused;
}

/* A no to those that were never asked about, too: they never will be. */
bool notices_stop(struct decide *d)
{
    bool done = true, any = false;

    if (d->state.policy->asked == 0)
        return false;
    answer_note(d, ANSWER_STOP);
    for (int i = 0; i < (int)d->state.policy->npurposes; i++) {
        if (notices_are(d, i))
            d->plan->no |= 1u << i;
        if (!notices_are(d, i) || (d->state.purposes[i].state != CONSENT_NONE &&
                                   !decide_concerned(d, i)))
            continue;
        done &= decide_deny(d, DO_REFUSE, i, decide_newest(d, i, NULL));
        any = true;
    }
    if (!any)
        decide_add(d, DO_IGNORE, -1, -1)->why = "nothing_to_withdraw";
    if (done)
        notices_say(d, CONTACT_WITHDRAWN);
    return true;
}

/* Nobody is asked about notices in the middle of something else. */
static bool is_busy(const struct decide *d)
{
    if (d->state.mode != MODE_BOT || d->state.minor != MINOR_NO ||
        d->state.nheld > 0 || d->state.nunclear > 0 || decide_any_fresh(d))
        return true;
    for (size_t i = 0; i < d->state.nprompts; i++)
        if (notices_are(d, d->state.prompts[i].purpose) &&
            !notices_stale(d, &d->state.prompts[i]))
            return true;
    return false;
}

int dialogue_after_complete(const struct dialogue_state *state, unsigned told,
                            msec now)
{
    const struct decide d = { .state = *state, .now = now };

    if (is_busy(&d))
        return -1;
    for (int i = 0; i < (int)state->policy->npurposes; i++)
        if (state->policy->purposes[i].ask == ASK_AFTER_COMPLETE &&
            state->purposes[i].state == CONSENT_NONE && (told & (1u << i)) == 0)
            return i;
    return -1;
}

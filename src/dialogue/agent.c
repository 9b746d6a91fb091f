/* A person of staff: asked for, and left again. */
#include "dialogue_private.h"

/* Whoever asks for a person again wants to know how long still. */
#define RETELL_INTERVAL (5 * 60 * MSEC_S)

bool agent_ask(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (s->mode == MODE_PERSON)
        return false;
    if (s->mode == MODE_WAITING && d->now - s->told < RETELL_INTERVAL)
        return true;
    answer_note(d, ANSWER_PERSON);
    decide_add(d, DO_ASK_PERSON, -1, -1)->repeated = s->mode == MODE_WAITING;
    return true;
}

bool agent_leave(struct decide *d)
{
    if (d->state.mode == MODE_BOT)
        return false;
    decide_add(d, DO_BACK, -1, -1);
    return true;
}

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

/* What an answer to staff speaks of is part of it. The first words from a new
 * number are answered with the notice, as anybody's. */
bool agent_spoken_of(struct decide *d)
{
    const struct dialogue_state *s = &d->state;
    const enum policy_phrase phrase = d->said.phrase;
    const bool number = phrase == PHRASE_NUMBER;

    if ((phrase != PHRASE_PERSON && !number) || s->mode == MODE_PERSON ||
        (s->lacks && s->mode == MODE_BOT) ||
        (number && decide_undecided(d) && !decide_any_open(d)))
        return false;
    if (number && s->mode == MODE_BOT)
        (void)tell_spoken(d, SPOKEN_NUMBER);
    (void)agent_ask(d);
    decide_add(d, DO_KEEP, -1, -1);
    return true;
}

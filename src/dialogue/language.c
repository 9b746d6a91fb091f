/* "In English, please": whoever says so is answered in it from then on. */
#include "dialogue_private.h"

#include <string.h>

/* What they were asked in a language that is not theirs, with the notice, again
 * in the one that is. The former question can still be answered. */
static bool ask_anew(struct decide *d)
{
    int prompt = decide_newest(d, -1, NULL);
    int purpose = prompt >= 0 ? d->state.prompts[prompt].purpose
                              : decide_first_purpose(d);
    struct dialogue_action *action;

    if (purpose < 0 || d->state.minor == MINOR_SAID ||
        (prompt < 0 && !decide_undecided(d)))
        return false;
    decide_make_room(d);
    d->asked |= decide_answers(d, purpose);
    action = decide_add(d, DO_PROMPT, purpose, -1);
    action->with_notice = true;
    action->renewed = d->state.purposes[purpose].state == CONSENT_RENEWAL;
    return true;
}

bool language_offered(const struct decide *d)
{
    return d->state.policy->nlanguages > 1 &&
           d->state.policy->languages[0].name != NULL;
}

/* Who says what is so already said nothing new. To an agent it is an answer,
 * too: the message is theirs. Two machines that take turns at it stop. */
bool language_said(struct decide *d, int which)
{
    const struct policy *policy = d->state.policy;

    if (!language_offered(d) || which < 0 || which >= (int)policy->nlanguages ||
        policy->languages[which].name == NULL || which == d->state.language)
        return false;
    if (!tell_may(d))
        return d->state.mode != MODE_PERSON;
    decide_add(d, DO_LANGUAGE, -1, -1)->value = which;
    d->state.language = which;
    if (d->state.mode == MODE_PERSON)
        return false;
    if (!ask_anew(d))
        decide_add(d, DO_LANGUAGE_SAY, -1, -1);
    return true;
}

/* "show", or the tag of one; of a list that is older than the policy: the
 * list. */
void language_pick(struct decide *d, const char *tag)
{
    const struct policy *policy = d->state.policy;

    for (size_t i = 0; i < policy->nlanguages; i++)
        if (strcmp(policy->languages[i].tag, tag) == 0) {
            (void)language_said(d, (int)i);
            return;
        }
    if (language_offered(d) && d->state.mode != MODE_PERSON && tell_may(d))
        decide_add(d, DO_LANGUAGE_ASK, -1, -1);
}

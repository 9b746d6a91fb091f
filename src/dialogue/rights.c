/* What the law lets them ask for, whatever was decided or said before. */
#include "dialogue_private.h"

bool rights_withdraw(struct decide *d)
{
    decide_withdraw(d, -1);
    return true;
}

/* A tap counts whoever answers in the chat. Words that are typed to an agent
 * are the agent's, and a machine that says one over and over stops us. What the
 * policy does not offer is told with what it does. */
static bool ask_request(struct decide *d, enum request_type type)
{
    const struct policy *policy = d->state.policy;
    const bool typed = d->input->kind == INPUT_TEXT;
    struct dialogue_action *action;

    if (typed && (d->state.mode == MODE_PERSON || !tell_may(d) ||
                  policy->requests[type] < 0))
        return false;
    if (policy->requests[type] < 0 && policy->nprocedures == 0)
        return false;
    action = decide_add(d, DO_REQUEST, -1, -1);
    action->value = (int)type;
    action->typed = typed;
    return true;
}

bool rights_access(struct decide *d)
{
    return ask_request(d, REQUEST_ACCESS);
}

bool rights_correct(struct decide *d)
{
    return ask_request(d, REQUEST_CORRECT);
}

bool rights_erase(struct decide *d)
{
    return ask_request(d, REQUEST_ERASE);
}

bool rights_complaint(struct decide *d)
{
    return ask_request(d, REQUEST_COMPLAINT);
}

bool rights_object(struct decide *d)
{
    return ask_request(d, REQUEST_OBJECT);
}

/* Also to a stranger: whose data we have from elsewhere may ask here. */
bool rights_tell(struct decide *d)
{
    if (d->state.policy->nprocedures == 0 || d->state.mode == MODE_PERSON)
        return false;
    if (tell_may(d))
        decide_add(d, DO_DATA, -1, -1);
    return true;
}

/* Whom a question is in front of, and who asks what we have of them, is told:
 * the notice they have. */
bool rights_spoken_of(struct decide *d, enum policy_word word)
{
    return d->state.mode == MODE_BOT &&
           (word == WORD_NONE
                ? policy_speaks_of_rights(d->state.policy, d->input->text)
                : word == WORD_DATA && decide_any_open(d)) &&
           rights_tell(d);
}

/* What the law lets them ask for, whatever was decided or said before. */
#include "dialogue_private.h"

bool rights_withdraw(struct decide *d)
{
    decide_withdraw(d, -1);
    return true;
}

/* What is to end? Counted, so who can be told no more is not asked. */
static bool ask_end(struct decide *d)
{
    if (!tell_can(d, SPOKEN_END) || !tell_can(d, SPOKEN_END_LIST) ||
        !tell_can(d, SPOKEN_END_ALL) || !tell_can(d, SPOKEN_END_PERSON) ||
        (d->state.policy->asked != 0 && !tell_can(d, SPOKEN_END_NOTICES)))
        return false;
    decide_add(d, DO_ASK_END, -1, -1);
    return true;
}

bool rights_end(struct decide *d)
{
    const bool notices = decide_given(d, true), rest = decide_given(d, false);

    if (notices && rest && tell_may(d) && ask_end(d))
        return true;
    /* The less of the two, which they can give back by a tap. */
    return notices ? notices_stop(d) : rights_withdraw(d);
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

bool rights_restrict(struct decide *d)
{
    return ask_request(d, REQUEST_RESTRICT);
}

bool rights_port(struct decide *d)
{
    return ask_request(d, REQUEST_PORTABILITY);
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

/* Words inside a longer text end nothing by themselves. Who agreed to nothing
 * is told what there is of them. */
static bool end_spoken_of(struct decide *d)
{
    if (d->state.mode == MODE_PERSON)
        return false;
    if (!tell_may(d))
        return true;
    if ((decide_given(d, true) || decide_given(d, false)) && ask_end(d))
        return true;
    return rights_tell(d);
}

/* Whom a question is in front of, and who asks what we have of them, is told:
 * the notice they have. */
bool rights_spoken_of(struct decide *d, enum policy_word word)
{
    if (d->said.phrase == PHRASE_END)
        return end_spoken_of(d);
    return d->state.mode == MODE_BOT &&
           (word == WORD_NONE ? d->said.phrase == PHRASE_RIGHTS
                              : word == WORD_DATA && decide_any_open(d)) &&
           rights_tell(d);
}

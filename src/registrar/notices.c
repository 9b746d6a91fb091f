/* Asking people whether they want to be written to: by itself, at the end of
 * something, never as a condition of it. */
#include "consent_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "registrar_private.h"
#include "talk_private.h"

/* The question comes behind the receipt, not beside it. */
#define ASK_GAP (5 * MSEC_S)

static int see_mode(void *arg, const struct conversation_row *row)
{
    struct dialogue_state *state = arg;

    for (int m = 0; m < MODE__MAX; m++)
        if (m > (int)state->mode &&
            strcmp(conversation_mode_names[m], row->mode) == 0)
            state->mode = (enum conversation_mode)m;
    return 0;
}

/* Those that the person was asked about under the notice in force. -1. */
static int asked_before(struct registrar *r, const struct policy *policy,
                        const char *subject, unsigned *told, struct error *err)
{
    *told = 0;
    for (size_t i = 0; i < policy->npurposes; i++) {
        int put = policy->purposes[i].ask != ASK_AFTER_COMPLETE
                      ? 0
                      : prompt_was_put(r->store, subject, policy->id,
                                       policy->purposes[i].id,
                                       policy->notice_version, err);

        if (put < 0)
            return -1;
        *told |= (unsigned)put << i;
    }
    return 0;
}

static bool is_any_asked(const struct policy *policy)
{
    for (size_t i = 0; i < policy->npurposes; i++)
        if (policy->purposes[i].ask == ASK_AFTER_COMPLETE)
            return true;
    return false;
}

int notices_ask(struct registrar *r, const struct policy *policy,
                const char *subject, const char *number, bool writes,
                struct error *err)
{
    struct question q = { policy, subject,      number,
                          -1,     PROMPT_SHORT, r->now + ASK_GAP };
    struct dialogue_state state;
    struct subject_row person;
    bool open = writes;
    unsigned told;

    if (!is_any_asked(policy))
        return 0;
    if (subject_get(r->store, subject, &person, err) != 1)
        return error_set(err, ERR_INVARIANT, "a case of nobody");
    /* Who did not write within the day can be sent nothing that is no
     * template. */
    if (!writes && window_open(r, &person, policy->id, number, &open, err) != 0)
        return -1;
    if (person.blocked != 0 || !open)
        return 0;
    if (plan_state(r, policy, subject, &state, err) != 0 ||
        conversation_of_person(r->store, subject, see_mode, &state, err) != 0 ||
        asked_before(r, policy, subject, &told, err) != 0)
        return -1;
    state.minor = (enum minor_state)person.minor;
    q.purpose = dialogue_after_complete(&state, told, r->now);
    return q.purpose < 0 ? 0 : mail_question(r, &q, err);
}

int notices_answer(struct registrar *r, const struct deciding *d, int purpose,
                   struct error *err)
{
    return purpose >= 0
               ? mail_prompt(r, d, purpose, PROMPT_SHORT, err)
               : mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                          language_of(r, d)->contact[CONTACT_ON], err);
}

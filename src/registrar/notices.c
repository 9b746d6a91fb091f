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

/* What the person is asked by themselves, if they may be: a purpose, or -1. */
static int next_question(struct registrar *r, const struct policy *policy,
                         const struct subject_row *person, unsigned told,
                         const struct prompt_row *but, int *purpose,
                         struct error *err)
{
    struct dialogue_state state;
    size_t n = 0;

    if (plan_state(r, policy, person->id, &state, err) != 0 ||
        conversation_of_person(r->store, person->id, see_mode, &state, err) !=
            0)
        return -1;
    state.minor = (enum minor_state)person->minor;
    /* The question itself is not in its own way. */
    for (size_t i = 0; i < state.nprompts; i++)
        if (but == NULL || strcmp(state.prompts[i].id, but->id) != 0)
            state.prompts[n++] = state.prompts[i];
    state.nprompts = n;
    *purpose = dialogue_after_complete(&state, told, r->now);
    return 0;
}

int notices_ask(struct registrar *r, const struct policy *policy,
                const char *subject, const char *number, bool writes,
                struct error *err)
{
    struct question q = { policy,       subject,          number,      -1,
                          PROMPT_SHORT, r->now + ASK_GAP, HEEDS_ASKING };
    struct subject_row person;
    struct waits w = { .late = false };
    bool open = writes;
    unsigned told;

    if (!is_any_asked(policy))
        return 0;
    if (subject_get(r->store, subject, &person, err) != 1)
        return error_set(err, ERR_INVARIANT, "a case of nobody");
    /* Who did not write within the day can be sent nothing that is no
     * template; and who did not write now is asked in the hours of contact. */
    if (!writes &&
        (window_open(r, &person, policy->id, number, &open, err) != 0 ||
         waits_look(r, policy, &person, number, -1, &w, err) != 0))
        return -1;
    if (person.blocked != 0 || !open || w.late)
        return 0;
    if (!writes) {
        q.at = w.at + ASK_GAP;
        q.heeds |= HEEDS_HOURS;
    }
    if (asked_before(r, policy, subject, &told, err) != 0 ||
        next_question(r, policy, &person, told, NULL, &q.purpose, err) != 0)
        return -1;
    return q.purpose < 0 ? 0 : mail_question(r, &q, err);
}

/* It was put to nobody: the next case that is complete may bring it. */
static int drop(struct registrar *r, const struct outbox_row *due,
                const struct prompt_row *prompt, struct error *err)
{
    struct prompt_row question = *prompt;
    struct outbox_row row = *due;

    SET(question.state, "failed");
    SET(row.state, "failed");
    return prompt_update(r->store, &question, err) != 0
               ? -1
               : outbox_update(r->store, &row, NULL, err);
}

int notices_recheck(struct registrar *r, const struct outbox_row *due,
                    const struct prompt_row *prompt, bool *ended,
                    struct error *err)
{
    const struct policy *policy = policy_find(r->policies, due->policy);
    struct subject_row person;
    int wanted = policy == NULL ? -1 : policy_purpose(policy, prompt->purpose);
    int purpose = -1;
    bool open = r->now - due->created < WHATSAPP_WINDOW;

    if (subject_get(r->store, due->subject, &person, err) != 1)
        return error_set(err, ERR_INVARIANT, "a question to nobody");
    if (wanted >= 0 &&
        (((due->heeds & HEEDS_HOURS) != 0 &&
          window_open(r, &person, policy->id, due->number, &open, err) != 0) ||
         next_question(r, policy, &person, ~(1u << wanted), prompt, &purpose,
                       err) != 0))
        return -1;
    *ended = wanted < 0 || !open || person.blocked != 0 || purpose != wanted;
    return *ended ? drop(r, due, prompt, err) : 0;
}

int notices_answer(struct registrar *r, const struct deciding *d, int purpose,
                   struct error *err)
{
    return purpose >= 0
               ? mail_prompt(r, d, purpose, PROMPT_SHORT, err)
               : mail_say(r, d->policy, d->subject->id, d->item->number, "say",
                          language_of(r, d)->contact[CONTACT_ON], err);
}

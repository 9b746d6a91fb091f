/*
 * What is said to a person who did not just write: an officer decided something
 * about them. The same words and questions as ever, within WhatsApp's window,
 * and none of ours while an agent has the conversation.
 */
#include "attachment_private.h"
#include "consent_private.h"
#include "registrar_private.h"
#include "talk_private.h"

int unasked_open(struct registrar *r, const struct policy *policy,
                 const char *subject, struct unasked *u, struct error *err)
{
    struct dialogue_state state = { .mode = MODE_BOT };
    char number[STORE_NAME_SIZE];
    bool open;
    int found;

    *u = (struct unasked){ .item = { .kind = WEBHOOK_OTHER } };
    u->d = (struct deciding){ policy, &u->subject, NULL, &u->item, &u->talk };
    found = subject_get(r->store, subject, &u->subject, err);
    if (found <= 0 || u->subject.blocked != 0)
        return found < 0 ? -1 : 0;
    if (number_at(r, policy, subject, number, err) != 0)
        return -1;
    if (number[0] == '\0')
        return 0;
    SET(u->item.number, number);
    u->item.provider_s = r->now / MSEC_S;
    if (conversation_look(r, &u->d, &state, err) < 0 ||
        window_open(r, &u->subject, policy->id, number, &open, err) != 0)
        return -1;
    u->silent = state.mode == MODE_PERSON;
    return open;
}

/* ---- files that wait ----------------------------------------------------- */

/* What all of them need, and the newest. */
struct waiting {
    const struct policy *policy;
    struct attachment_row newest;
    unsigned needs;
};

static int see_waiting(void *arg, const struct attachment_row *row)
{
    struct waiting *w = arg;

    w->newest = *row;
    w->needs |= purposes_mask(w->policy, row->purposes);
    return 0;
}

/* As if it had just come: the dialogue says what is asked. */
static int ask_about(struct registrar *r, const struct policy *policy,
                     const struct attachment_row *row, unsigned needs,
                     struct error *err)
{
    struct webhook_item item = { .kind = WEBHOOK_FILE,
                                 .provider_s = row->provider_s };
    struct conversation_row talk;
    struct subject_row subject;
    struct deciding d = { policy, &subject, NULL, &item, &talk };
    struct dialogue_input input = { .kind = INPUT_FILE,
                                    .text = "",
                                    .provider_s = row->provider_s,
                                    .needs = needs };
    struct dialogue_state state;
    struct dialogue_plan plan;

    if (subject_get(r->store, row->subject, &subject, err) != 1)
        return error_set(err, ERR_INVARIANT, "a file of nobody");
    SET(item.number, row->number);
    if (plan_state(r, policy, row->subject, &state, err) != 0 ||
        conversation_look(r, &d, &state, err) < 0)
        return -1;
    state.minor = (enum minor_state)subject.minor;
    dialogue_decide(&state, &input, r->now, &plan);
    return plan_carry_out(r, &d, &state, &plan, err);
}

int attachment_ask(struct registrar *r, const struct policy *policy,
                   const struct attachment_row *row, struct error *err)
{
    return ask_about(r, policy, row, purposes_mask(policy, row->purposes), err);
}

int attachment_ask_all(struct registrar *r, const struct policy *policy,
                       const char *subject, struct error *err)
{
    struct waiting w = { .policy = policy };

    if (attachment_of_subject(r->store, subject, policy->id, "held",
                              see_waiting, &w, err) != 0)
        return -1;
    /* Nothing that they could be sent would reach them. */
    if (w.newest.id[0] == '\0' || r->now - w.newest.received >= WHATSAPP_WINDOW)
        return 0;
    return ask_about(r, policy, &w.newest, w.needs, err);
}

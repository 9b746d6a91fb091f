/* One item of a webhook: recognised, de-duplicated, then put to the dialogue.
 */
#include "attachment_private.h"
#include "consent_private.h"
#include "mail_private.h"
#include "message_private.h"
#include "outward_private.h"
#include "people_private.h"
#include "registrar_private.h"
#include "request_private.h"
#include "talk_private.h"
#include "upkeep_private.h"

#include <string.h>

/* A sender's clock may run ahead of ours; never by more than this. */
#define CLOCK_AHEAD_S 300

int64_t message_said_s(const struct registrar *r,
                       const struct webhook_item *item)
{
    const int64_t ahead = r->now / MSEC_S + CLOCK_AHEAD_S;

    return item->provider_s < ahead ? item->provider_s : ahead;
}

/* An item that is acknowledged and has no effect. */
static int count(uint64_t *counter)
{
    ++*counter;
    return 0;
}

static int to_dialogue(struct registrar *r, const struct deciding *d,
                       struct dialogue_input *input, struct error *err)
{
    struct dialogue_state state;
    struct dialogue_plan plan;
    bool was;

    if (notice_quoted(r, d, err) != 0 ||
        plan_state(r, d->policy, d->subject->id, &state, err) != 0 ||
        conversation_heard(r, d, &state, err) != 0 ||
        delivery_code(r, d, &was, err) != 0)
        return -1;
    if (was)
        return 0;
    if (rating_state(r, d, &state, err) != 0 ||
        answer_state(r, d, &state, err) != 0)
        return -1;
    state.minor = (enum minor_state)d->subject->minor;
    state.language = (int)(policy_language(d->policy, d->subject->language) -
                           d->policy->languages);
    dialogue_decide(&state, input, r->now, &plan);
    if (plan_carry_out(r, d, &state, &plan, err) != 0)
        return -1;
    return state.mode == MODE_BOT ? request_say_owed(r, d, err) : 0;
}

static int apply_file(struct registrar *r, const struct deciding *d,
                      struct dialogue_input *input, struct error *err)
{
    input->kind = INPUT_FILE;
    input->spoken =
        d->item->media == KIND_AUDIO && policy_rules_out(d->policy, KIND_AUDIO);
    if (attachment_hold(r, d->policy, d->subject, d->item, &input->needs,
                        err) != 0)
        return -1;

    return to_dialogue(r, d, input, err);
}

/* Of somebody who is known: an officer may look at it. */
static int apply_moved(struct registrar *r, const struct webhook_item *item,
                       struct error *err)
{
    int new;

    if (item->provider_s < r->now / MSEC_S - LIMIT_MESSAGE_AGE_S)
        return count(&r->counted.ignored);
    if ((new = seen_add(r->store, item->wamid, err)) < 0)
        return -1;
    if (new == 0)
        return count(&r->counted.duplicates);
    return link_suggest(r, item, err);
}

int message_apply(struct registrar *r, const struct webhook *webhook,
                  const struct webhook_item *item, struct error *err)
{
    const struct config_number *number =
        config_find_number(r->config, item->number);
    struct subject_row subject;
    struct conversation_row talk;
    struct deciding d = { NULL, &subject, webhook, item, &talk };
    struct dialogue_input input = { .text = item->text };
    int64_t now_s = r->now / MSEC_S;
    int new;

    if (item->kind == WEBHOOK_OTHER || number == NULL)
        return count(&r->counted.ignored);
    if (item->kind == WEBHOOK_STATUS)
        return mail_status(r, item, err);
    if (item->kind == WEBHOOK_MOVED)
        return apply_moved(r, item, err);
    clock_compare(r, item->provider_s);
    if (item->provider_s < now_s - LIMIT_MESSAGE_AGE_S)
        return count(&r->counted.ignored);
    if ((d.policy = policy_find(r->policies, number->policy)) == NULL)
        return error_set(err, ERR_INVARIANT, "a number without its policy");

    if ((new = seen_add(r->store, item->wamid, err)) < 0)
        return -1;
    if (new == 0)
        return count(&r->counted.duplicates);
    if (person_resolve(r, item, &subject, err) != 0)
        return -1;

    input.provider_s = message_said_s(r, item);
    if (item->kind == WEBHOOK_FILE)
        return apply_file(r, &d, &input, err);
    input.kind = item->kind == WEBHOOK_BUTTON ? INPUT_BUTTON
                 : item->kind == WEBHOOK_LOST ? INPUT_LOST
                                              : INPUT_TEXT;
    return to_dialogue(r, &d, &input, err);
}

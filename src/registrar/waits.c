/*
 * Messages that nothing set off which the person wrote: staff work on a case at
 * night, an officer answers a request on a Sunday. They keep the hours of
 * contact, which their day is about, though the law frees what somebody asked
 * for (Ley 2300 de 2023, art. 8); who is in the conversation now is answered
 * now. A message that waits is looked at again when it goes.
 */
#include "consent_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "talk_private.h"

#include <string.h>

/* Nothing of ours comes between an agent and a person; looked at again. */
#define LOOK_AGAIN (10 * 60 * MSEC_S)

/* Do they write with us now, for all that is known? */
static int is_talking(struct registrar *r, const struct subject_row *subject,
                      const char *policy, const char *number, msec since,
                      struct error *err)
{
    const msec from = r->now - LIMIT_TALKING_S * MSEC_S;
    struct conversation_row talk;
    int found;

    if (subject->contact > from || since > from)
        return 1;
    found =
        conversation_find(r->store, subject->id, policy, number, &talk, err);
    return found <= 0 ? found : talk.heard > from;
}

/* By the hours alone. */
static int by_hours(struct registrar *r, const struct policy *policy,
                    const struct subject_row *subject, struct waits *w,
                    struct error *err)
{
    const struct contact_rules *rules = &policy->contact;
    bool any_hour =
        !rules->any || hours_open(&rules->hours, &policy->calendar, r->now);

    if (!any_hour && rules->out_of_hours >= 0 &&
        gate_open(r, policy, subject->id,
                  policy->purposes[rules->out_of_hours].id, &any_hour,
                  err) != 0)
        return -1;
    if (any_hour)
        return 0;
    w->late = hours_next(&rules->hours, &policy->calendar, r->now, &w->at) != 0;
    w->waits = true;
    return 0;
}

int waits_look(struct registrar *r, const struct policy *policy,
               const struct subject_row *subject, const char *number,
               msec since, struct waits *w, struct error *err)
{
    msec until;
    int talking = 0;

    *w = (struct waits){ .at = r->now, .heeds = HEEDS_HOURS };
    if (by_hours(r, policy, subject, w, err) != 0)
        return -1;
    if (!w->waits)
        return 0;
    if (since >= 0)
        talking = is_talking(r, subject, policy->id, number, since, err);
    if (talking < 0 ||
        window_until(r, subject, policy->id, number, &until, err) != 0)
        return -1;
    if (talking > 0)
        *w = (struct waits){ .at = r->now };
    else
        w->late |= w->at >= until;
    return 0;
}

void waits_not(struct waits *w, msec now)
{
    w->at = now;
    w->heeds = 0;
    w->late = false;
    w->at_once = true;
}

msec waits_until(const struct waits *w)
{
    return w->waits && !w->at_once && !w->late ? w->at : 0;
}

void waits_said(json_t *evidence, const struct waits *w)
{
    leaf_text(evidence, "class", contact_class_names[CLASS_REQUESTED_INFO]);
    if (w->waits && w->at_once)
        leaf_value(evidence, "at_once", json_true());
    if (waits_until(w) != 0)
        leaf_time(evidence, "waits_until", w->at);
}

/* ---- when it goes -------------------------------------------------------- */

static int put_off(struct registrar *r, struct outbox_row *row, msec at,
                   struct error *err)
{
    row->next_try = at;
    return outbox_update(r->store, row, NULL, err);
}

/* WhatsApp takes it no more; a question was put to nobody. */
static int drop(struct registrar *r, struct outbox_row *row, struct error *err)
{
    struct prompt_row prompt;
    int found = prompt_by_outbox(r->store, row->id, &prompt, err);

    log_event(LOG_LEVEL_WARN, "message_not_sent", "{s:s,s:s}", "kind",
              row->kind, "why", "contact_hours");
    SET(row->state, "failed");
    if (found < 0 || outbox_update(r->store, row, NULL, err) != 0)
        return -1;
    if (found == 0)
        return 0;
    SET(prompt.state, "failed");
    return prompt_update(r->store, &prompt, err);
}

static int is_with_person(void *arg, const struct conversation_row *row)
{
    (void)arg;
    return strcmp(row->mode, conversation_mode_names[MODE_PERSON]) == 0;
}

int waits_recheck(struct registrar *r, const struct outbox_row *due,
                  bool *ended, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, due->policy);
    struct outbox_row row = *due;
    struct subject_row subject;
    struct waits w;
    int busy;

    *ended = false;
    if (policy == NULL || (due->heeds & HEEDS_HOURS) == 0)
        return 0;
    if (subject_get(r->store, due->subject, &subject, err) != 1)
        return error_set(err, ERR_INVARIANT, "a message to nobody");
    if (waits_look(r, policy, &subject, due->number,
                   (due->heeds & HEEDS_ASKING) != 0 ? -1 : 0, &w, err) != 0)
        return -1;
    *ended = w.waits;
    if (w.waits)
        return w.late ? drop(r, &row, err) : put_off(r, &row, w.at, err);
    if (due->about[0] == '\0')
        return 0;
    busy = conversation_of_person(r->store, due->subject, is_with_person, NULL,
                                  err);
    *ended = busy > 0;
    return busy <= 0 ? busy : put_off(r, &row, r->now + LOOK_AGAIN, err);
}

/*
 * What time does to a conversation: who waits gets more urgent, and so does who
 * has an agent and no answer; and an agent's silence ends it. Whose words stand
 * unanswered then waits again, at the place of those words, and is no business
 * of the assistant's.
 */
#include "leaf_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

#define MINUTE (60 * MSEC_S)

void conversation_schedule(struct conversation_row *row,
                           const struct policy *policy)
{
    msec next = 0, end, from;

    row->due = 0;
    if (policy == NULL || conversation_is(row, MODE_BOT))
        return;
    if (conversation_is(row, MODE_WAITING)) {
        row->due = policy_escalates(
            policy, ESCALATE_WAITING,
            policy_open_since(policy, row->number, row->since), row->step);
        return;
    }
    end = row->spoke + policy->handover_silence;
    /* Who waited long and was just taken is about to be answered. */
    from = row->unanswered > row->spoke ? row->unanswered : row->spoke;
    if (row->unanswered != 0)
        next = policy_escalates(policy, ESCALATE_UNANSWERED,
                                policy_open_since(policy, row->number, from),
                                row->step);
    row->due = next != 0 && next < end ? next : end;
}

/* ---- more urgent -------------------------------------------------------- */

/* More urgent than it was, never less: somebody may have said so. */
static int escalate(struct registrar *r, struct conversation_row *row,
                    const struct policy *policy, enum escalation_of of,
                    struct error *err)
{
    const struct policy_escalation *rule = &policy->escalations[of][row->step];
    const msec since = of == ESCALATE_WAITING ? row->since : row->unanswered;
    json_t *leaf, *evidence;

    if ((int)rule->priority > row->priority)
        row->priority = (int)rule->priority;
    row->step++;
    conversation_schedule(row, policy);
    if (conversation_update(r->store, row, err) != 0)
        return -1;
    log_event(LOG_LEVEL_ALARM,
              of == ESCALATE_WAITING ? "handover_waits" : "handover_unanswered",
              "{s:s,s:s,s:I}", "conversation", row->id, "priority",
              priority_names[row->priority], "seconds",
              (json_int_t)((r->now - since) / MSEC_S));
    leaf = leaf_new(r, "handover_escalated", row->subject, row->policy);
    leaf_text(leaf, "actor", "system");
    if (of == ESCALATE_UNANSWERED)
        leaf_text(leaf, "reason", "unanswered");
    evidence = conversation_evidence(row, NULL);
    leaf_text(evidence, "priority", priority_names[row->priority]);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

/* ---- it waits again ------------------------------------------------------ */

/* They are in the middle of something, and before those who came after the
 * words that stand unanswered. The hand-over goes on: they asked once. */
static int wait_again(struct registrar *r, struct conversation_row *row,
                      const char *why, struct error *err)
{
    struct handover_row handover;
    int found = handover_open(r->store, row->id, &handover, err);
    json_t *leaf;

    if (found <= 0)
        return found < 0 ? -1
                         : error_set(err, ERR_INVARIANT,
                                     "no hand-over to be waited in");
    conversation_set(r, row, MODE_WAITING);
    if (row->unanswered != 0)
        row->since = row->unanswered;
    if (row->priority < PRIORITY_HIGH)
        row->priority = PRIORITY_HIGH;
    conversation_schedule(row, policy_find(r->policies, row->policy));
    if (conversation_update(r->store, row, err) != 0)
        return -1;
    leaf = leaf_new(r, "handover_returned", row->subject, row->policy);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "reason", why);
    leaf_object(leaf, "evidence", conversation_evidence(row, &handover));
    return leaf_append(r, leaf, NULL, err);
}

struct looking {
    struct registrar *r;
    int64_t *n;
    struct error *err;
};

static int leave_one(void *arg, const struct conversation_row *found)
{
    const struct looking *l = arg;
    struct conversation_row row = *found;

    ++*l->n;
    return wait_again(l->r, &row, "revoked", l->err);
}

int conversation_leave(struct registrar *r, int64_t uid, int64_t *n,
                       struct error *err)
{
    struct looking l = { r, n, err };

    *n = 0;
    return conversation_of_agent(r->store, uid, LIMIT_AGENT_TALKS, leave_one,
                                 &l, err);
}

/* ---- what is due --------------------------------------------------------- */

static int end_by_silence(struct registrar *r, struct conversation_row *row,
                          struct error *err)
{
    if (row->unanswered == 0)
        return conversation_end(r, row, "silence", NULL, err);
    log_event(LOG_LEVEL_ALARM, "handover_returned", "{s:s,s:I}", "conversation",
              row->id, "seconds",
              (json_int_t)((r->now - row->unanswered) / MSEC_S));
    return wait_again(r, row, "silence", err);
}

static int step_due(struct registrar *r, void *arg, struct error *err)
{
    struct conversation_row *row = arg;
    const struct policy *policy = policy_find(r->policies, row->policy);
    const bool talks = conversation_is(row, MODE_PERSON);

    if (talks &&
        (policy == NULL || row->spoke + policy->handover_silence <= r->now))
        return end_by_silence(r, row, err);
    /* The policy may have changed: it has no such step any more, or a later
     * one. */
    conversation_schedule(row, policy);
    if (row->due == 0 || row->due > r->now)
        return conversation_update(r->store, row, err);
    return escalate(r, row, policy,
                    talks ? ESCALATE_UNANSWERED : ESCALATE_WAITING, err);
}

static int each_due(void *arg, const struct conversation_row *due)
{
    const struct looking *l = arg;
    struct conversation_row row = *due;
    int done = batch_guard(l->r, step_due, &row, l->err);

    if (done <= 0)
        return done;
    log_error("conversation_put_off", l->err);
    row = *due;
    row.due = l->r->now + 5 * MINUTE;
    return conversation_update(l->r->store, &row, l->err);
}

int conversation_upkeep(struct registrar *r, struct error *err)
{
    struct looking l = { r, NULL, err };

    return conversation_due(r->store, r->now, PUMP_ROWS, each_due, &l, err);
}

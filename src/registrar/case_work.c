/* Cases as work: opened, owned, more or less urgent, noted, put together. */
#include "case_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

msec case_escalates(const struct registrar *r, const char *policy)
{
    const struct policy *p = policy_find(r->policies, policy);

    return p == NULL ? 0 : policy_escalates(p, ESCALATE_UNTOUCHED, r->now, 0);
}

/* ---- a new one ---------------------------------------------------------- */

static int opened_leaf(struct registrar *r, const struct case_row *row,
                       struct error *err)
{
    json_t *leaf = leaf_new(r, "case_opened", row->subject, row->policy);

    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "case_id", row->id);
    leaf_text(leaf, "procedure", row->procedure);
    return leaf_append(r, leaf, NULL, err);
}

static int record(struct registrar *r, const struct case_row *row,
                  const struct staff_access *by, const char *event,
                  json_t *more, struct error *err)
{
    struct staff_access access = *by;

    access.event_type = event;
    access.policy = row->policy;
    SET(access.subject, row->subject);
    SET(access.case_id, row->id);
    return staff_record(r, &access, more, err);
}

int case_new(struct registrar *r, struct case_row *row,
             const struct staff_access *by, struct error *err)
{
    struct case_row taken;
    int found;

    do {
        case_code_new(row->id, r->random);
        if ((found = case_get(r->store, row->id, &taken, err)) < 0)
            return -1;
    } while (found > 0);
    SET(row->state, "open");
    row->opened = r->now;
    row->due = case_escalates(r, row->policy);
    if (case_add(r->store, row, err) != 0)
        return -1;
    return by == NULL ? opened_leaf(r, row, err)
                      : record(r, row, by, "case_opened", NULL, err);
}

static int open_case(struct registrar *r, struct case_order *o,
                     struct error *err)
{
    struct subject_row subject;
    struct case_row row = { .owner = -1 };
    int found = subject_get(r->store, o->by.subject, &subject, err);

    if (found < 0)
        return -1;
    if (found == 0 || subject.blocked != 0)
        return error_set(err, ERR_NOT_FOUND, "no such person");
    if (policy_find(r->policies, o->by.policy) == NULL)
        return error_set(err, ERR_NOT_FOUND, "no such policy");
    if (slot_state(r->store, subject.content_slot, err) != 1)
        return error_set(err, ERR_NOT_FOUND, "the person was erased");
    SET(row.subject, subject.id);
    SET(row.policy, o->by.policy);
    if (case_new(r, &row, &o->by, err) != 0)
        return -1;
    SET(o->by.case_id, row.id);
    return 0;
}

/* ---- one that is there -------------------------------------------------- */

/* Somebody works on it: it lies from now on. */
static int touch(struct registrar *r, struct case_row *row, struct error *err)
{
    row->touched = r->now;
    row->step = 0;
    row->due =
        strcmp(row->state, "closed") == 0 ? 0 : case_escalates(r, row->policy);
    return case_work(r->store, row, err);
}

static int note(struct registrar *r, const struct case_order *o,
                struct case_row *row, struct error *err)
{
    struct chat_row chat = { .author = -1 };
    struct staff_access by = o->by;
    char commitment[65];
    int64_t n = chat_case_count(r->store, row->id, err);
    json_t *more;

    if (n < 0)
        return -1;
    if (n >= LIMIT_CHAT_KEPT)
        return error_set(err, ERR_CONFLICT,
                         "the case has %d notes: no more are kept",
                         LIMIT_CHAT_KEPT);
    SET(chat.subject, row->subject);
    SET(chat.policy, row->policy);
    SET(chat.case_id, row->id);
    SET(chat.kind, "note");
    if (chat_keep(r, &chat, o->text, &by, commitment, err) != 0)
        return -1;
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "note_id", chat.id);
    by.committed = "note";
    by.commitment = commitment;
    return record(r, row, &by, "case_noted", more, err);
}

static int assign(struct registrar *r, const struct case_order *o,
                  struct case_row *row, struct error *err)
{
    const struct keyring_staff *to = keyring_find(keyring_newest(r), o->to);
    json_t *more;

    if (to == NULL || (to->roles & ROLE_AGENT) == 0)
        return error_set(err, ERR_NOT_FOUND, "no such agent");
    row->owner = o->to;
    (void)leaf_whole();
    more = json_object();
    leaf_value(more, "uid", json_integer((json_int_t)o->to));
    return record(r, row, &o->by, "case_assigned", more, err);
}

static int prioritise(struct registrar *r, const struct case_order *o,
                      struct case_row *row, struct error *err)
{
    json_t *more;

    row->priority = (int)o->priority;
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "priority", priority_names[o->priority]);
    return record(r, row, &o->by, "case_prioritised", more, err);
}

/* What a hold or another policy's rules keep stays where they find it. */
static int check_move(struct registrar *r, const struct document_row *document,
                      const struct case_row *to, struct error *err)
{
    struct hold_row hold;
    int held;

    if (strcmp(document->subject, to->subject) != 0)
        return error_set(err, ERR_NOT_FOUND,
                         "the document is of another person than the case");
    if (strcmp(document->policy, to->policy) != 0)
        return error_set(err, ERR_NOT_FOUND,
                         "the document came under another policy than the "
                         "case");
    if (strcmp(document->case_id, to->id) == 0)
        return error_set(err, ERR_CONFLICT, "it is in this case already");
    held =
        hold_find(r->store, document->subject, document->case_id, &hold, err);
    if (held > 0)
        return error_set(err, ERR_CONFLICT,
                         "legal hold %s keeps the document where it is",
                         hold.id);
    return held;
}

static int move(struct registrar *r, const struct case_order *o,
                struct case_row *row, struct error *err)
{
    struct document_row document;
    int found = document_get(r->store, o->by.document, &document, err);
    json_t *more;

    if (found < 0)
        return -1;
    if (found == 0 || strcmp(document.state, "erased") == 0 ||
        strcmp(document.state, "blocked") == 0)
        return error_set(err, ERR_NOT_FOUND, "no such document");
    if (check_move(r, &document, row, err) != 0 ||
        document_move(r->store, &document, row, err) != 0)
        return -1;
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "from_case", document.case_id);
    return record(r, row, &o->by, "document_moved", more, err);
}

/* A document of the procedure came by post, over the counter, by a link. The
 * customer is told when that makes the case complete. */
static int receive(struct registrar *r, const struct case_order *o,
                   struct case_row *row, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, row->policy);
    struct procedure_look look;
    json_t *more;

    if (policy == NULL || item_find(policy, row, o->item) < 0)
        return error_set(err, ERR_NOT_FOUND, "no such item in this case");
    if (case_item_take(r->store, row->id, o->item, o->by.uid, r->now, err) !=
            0 ||
        procedure_look(r, policy, row, &look, err) != 0)
        return -1;
    (void)leaf_whole();
    more = json_object();
    leaf_text(more, "item", o->item);
    if (record(r, row, &o->by, "case_item_received", more, err) != 0)
        return -1;
    if (!look.complete || look.under_way || strcmp(row->state, "open") != 0)
        return 0;
    return case_complete(r, row, err) != 0
               ? -1
               : guide_say_complete(r, policy, row, err);
}

static int work_on(struct registrar *r, struct case_order *o,
                   struct case_row *row, struct error *err)
{
    switch (o->work) {
    case CASE_NOTE:
        return note(r, o, row, err);
    case CASE_ASSIGN:
        return assign(r, o, row, err);
    case CASE_PRIORITY:
        return prioritise(r, o, row, err);
    case CASE_MOVE:
        return move(r, o, row, err);
    case CASE_RECEIVED:
        return receive(r, o, row, err);
    case CASE_RETURN:
        return case_return(r, o, row, err);
    case CASE_CONTACT:
        if (case_contact(r, o, row, err) != 0)
            return -1;
        return o->text == NULL ? 0 : note(r, o, row, err);
    case CASE_OPEN:
        break;
    }
    return error_set(err, ERR_INVARIANT, "no such work on a case");
}

static int work(struct registrar *r, void *arg, struct error *err)
{
    struct case_order *o = arg;
    struct subject_row subject;
    struct case_row row;
    int found;

    if (keyring_permits(r, &o->by, err) != 0)
        return -1;
    if (o->work == CASE_OPEN)
        return open_case(r, o, err);
    found = case_get(r->store, o->by.case_id, &row, err);
    if (found > 0)
        found = subject_get(r->store, row.subject, &subject, err);
    if (found < 0)
        return -1;
    if (found == 0 || subject.blocked != 0)
        return error_set(err, ERR_NOT_FOUND, "no such case");
    if (o->work != CASE_NOTE && o->work != CASE_CONTACT &&
        strcmp(row.state, "closed") == 0)
        return error_set(err, ERR_CONFLICT, "the case is closed");
    if (slot_state(r->store, subject.content_slot, err) != 1)
        return error_set(err, ERR_NOT_FOUND, "the person was erased");
    return work_on(r, o, &row, err) == 0 ? touch(r, &row, err) : -1;
}

int registrar_work_case(struct registrar *r, struct case_order *o,
                        struct error *err)
{
    return queue_staff(r, work, o, err);
}

/* ---- escalation --------------------------------------------------------- */

static int escalate(struct registrar *r, struct case_row *row,
                    const struct policy *policy, struct error *err)
{
    const struct policy_escalation *rule =
        &policy->escalations[ESCALATE_UNTOUCHED][row->step];
    json_t *leaf, *evidence;

    if ((int)rule->priority > row->priority)
        row->priority = (int)rule->priority;
    row->step++;
    row->due =
        policy_escalates(policy, ESCALATE_UNTOUCHED, row->touched, row->step);
    if (case_work(r->store, row, err) != 0)
        return -1;
    log_event(LOG_LEVEL_ALARM, "case_lies", "{s:s,s:s,s:I}", "case", row->id,
              "priority", priority_names[row->priority], "seconds",
              (json_int_t)((r->now - row->touched) / MSEC_S));
    leaf = leaf_new(r, "case_escalated", row->subject, row->policy);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "case_id", row->id);
    evidence = json_object();
    leaf_text(evidence, "priority", priority_names[row->priority]);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

static int step_due(struct registrar *r, void *arg, struct error *err)
{
    struct case_row *row = arg;
    const struct policy *policy = policy_find(r->policies, row->policy);

    if (policy != NULL &&
        (size_t)row->step < policy->nescalations[ESCALATE_UNTOUCHED])
        return escalate(r, row, policy, err);
    row->due = 0; /* the policy has no such step any more */
    return case_work(r->store, row, err);
}

struct looking {
    struct registrar *r;
    struct error *err;
};

static int each_due(void *arg, const struct case_row *due)
{
    struct looking *l = arg;
    struct case_row row = *due;
    int done = batch_guard(l->r, step_due, &row, l->err);

    if (done <= 0)
        return done;
    log_error("case_put_off", l->err);
    row = *due;
    row.due = l->r->now + 5 * 60 * MSEC_S;
    return case_work(l->r->store, &row, l->err);
}

int case_upkeep(struct registrar *r, struct error *err)
{
    struct looking l = { r, err };

    return case_due(r->store, r->now, PUMP_ROWS, each_due, &l, err);
}

/*
 * Reminders and notices: messages to people who did not just write. Each row of
 * a list is put to the rules of contact when it is ordered, and again just
 * before it goes; what a rule forbids is on record with that rule's name.
 */
#include "consent_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "registrar_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

/* Where a message goes from, and on what it rests. */
struct outgoing {
    const struct policy *policy;
    const struct policy_template *template;
    struct outbound_row row;
    /* Every reference of theirs: whoever has two numbers is one person. */
    char theirs[LIMIT_LINKED][ID_SIZE];
    size_t ntheirs;
};

/* ---- what is known of a person ------------------------------------------ */

int64_t outbound_today(struct registrar *r, const char *subject, civil_day day,
                       const char *but, struct error *err)
{
    char group[LIMIT_LINKED][ID_SIZE];
    int64_t sum = 0, one;
    size_t n;

    if (link_group(r->store, subject, group, &n, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if ((one = outbound_contacts(r->store, group[i], day, but, err)) < 0)
            return -1;
        sum += one;
    }
    return sum;
}

/* -1, or fills whether the purpose at that place is open, or was taken back.
 */
static int read_consent(struct registrar *r, const struct outgoing *o,
                        int purpose, bool *given, bool *no, struct error *err)
{
    struct consent_row row;
    enum consent_state state;

    *given = *no = false;
    if (purpose < 0)
        return 0;
    if (purpose_standing(r, o->policy, o->row.subject, purpose, &row, &state,
                         err) != 0)
        return -1;
    *given = dialogue_stands(o->policy, purpose, state);
    *no = state == CONSENT_WITHDRAWN || state == CONSENT_REFUSED;
    return 0;
}

/* Did they say no to all that they can be asked about? Other hours are no part
 * of it: who refuses those is still to be written to by day. */
static int read_opt_out(struct registrar *r, const struct outgoing *o,
                        bool *out, struct error *err)
{
    const struct policy *p = o->policy;
    bool given, no;

    *out = false;
    for (int i = 0; i < (int)p->npurposes; i++) {
        if ((p->asked & (1u << i)) == 0 || i == p->contact.out_of_hours)
            continue;
        if (read_consent(r, o, i, &given, &no, err) != 0)
            return -1;
        *out = no;
        if (!no)
            return 0;
    }
    return 0;
}

/* What stands against a message of this class, whoever agreed to it. */
static int read_bars(struct registrar *r, const struct outgoing *o,
                     struct contact_facts *facts, struct error *err)
{
    struct buf phone = { 0 };
    struct hold_row hold;
    int found = 0;

    for (size_t i = 0; found == 0 && i < o->ntheirs; i++)
        found = hold_of_kind(r->store, o->theirs[i], HOLD_IMPERSONATION, NULL,
                             &hold, err);
    facts->impersonated = found > 0;
    found = found < 0 ? -1 : 0;
    for (size_t i = 0; found == 0 && i < o->ntheirs; i++)
        found = hold_of_kind(r->store, o->theirs[i], HOLD_RESTRICTION, NULL,
                             &hold, err);
    facts->restricted = found > 0;
    if (found >= 0 && facts->class == CLASS_ADVERTISING) {
        found = subject_handle_get(r->store, o->row.subject, HANDLE_PHONE,
                                   &phone, err);
        if (found > 0)
            found = exclusion_has(r->store, (const char *)phone.p, err);
        facts->excluded = found > 0;
    }
    buf_free(&phone);
    return found < 0 ? -1 : read_opt_out(r, o, &facts->opted_out, err);
}

static int read_promise(struct registrar *r, const struct outgoing *o,
                        struct contact_facts *facts, struct error *err)
{
    int runs = 0;

    for (size_t i = 0; runs == 0 && i < o->ntheirs; i++)
        runs = promise_runs(r->store, o->theirs[i], r->now, err);
    facts->promised = runs > 0;
    return runs < 0 ? -1 : 0;
}

/* The day of their last contact over another channel: what the list says, or
 * staff noted, under any reference of theirs. */
static int read_elsewhere(struct registrar *r, const struct outgoing *o,
                          const struct outbound_item *item,
                          struct contact_facts *facts, struct error *err)
{
    if (item != NULL) {
        facts->has_other = item->has_other;
        facts->other = item->other;
    }
    for (size_t i = 0; i < o->ntheirs; i++) {
        civil_day noted;
        int found = elsewhere_last(r->store, o->theirs[i], &noted, err);

        if (found < 0)
            return -1;
        if (found > 0 && (!facts->has_other || noted > facts->other)) {
            facts->has_other = true;
            facts->other = noted;
        }
    }
    return 0;
}

/* Did they leave the number that they wrote from, and is nothing else known? */
static int read_left(struct registrar *r, const char *subject, bool *left,
                     struct error *err)
{
    struct buf value = { 0 };
    enum handle_kind ignored;
    int found = suggestion_moved(r->store, subject, err);

    *left = false;
    if (found > 0) {
        found = mail_reach(r, subject, &ignored, &value, err);
        *left = found == 0;
    }
    buf_free(&value);
    return found < 0 ? -1 : 0;
}

static int read_facts(struct registrar *r, const struct outgoing *o,
                      struct contact_facts *facts, struct error *err)
{
    struct subject_row subject;
    bool ignored;

    facts->class = o->template->class;
    if (subject_get(r->store, o->row.subject, &subject, err) != 1)
        return error_set(err, ERR_INVARIANT, "a notice to nobody");
    facts->wrote = subject.contact;
    facts->under_age = subject.minor == MINOR_SAID;
    if (read_left(r, o->row.subject, &facts->left, err) != 0 ||
        read_bars(r, o, facts, err) != 0 ||
        read_consent(r, o, o->template->purpose, &facts->consented,
                     &facts->withdrawn, err) != 0 ||
        read_consent(r, o, o->policy->contact.out_of_hours, &facts->any_hour,
                     &ignored, err) != 0)
        return -1;
    if (facts->class == CLASS_COLLECTION && read_promise(r, o, facts, err) != 0)
        return -1;
    facts->today =
        outbound_today(r, o->row.subject, o->row.day, o->row.id, err);
    return facts->today < 0 ? -1 : 0;
}

static int is_with_person(void *arg, const struct conversation_row *row)
{
    (void)arg;
    return strcmp(row->mode, "person") == 0;
}

/* The rule that forbids it now, or NULL. */
static int ask_rules(struct registrar *r, struct outgoing *o,
                     const struct outbound_item *item, const char **rule,
                     struct error *err)
{
    struct contact_facts facts = { 0 };
    struct erasure_row erasure;
    int busy = 0, ordered;

    if (link_group(r->store, o->row.subject, o->theirs, &o->ntheirs, err) != 0)
        return -1;
    ordered =
        erasure_of_subject(r->store, o->row.subject, "subject", &erasure, err);
    for (size_t i = 0; busy == 0 && i < o->ntheirs; i++)
        busy = conversation_of_person(r->store, o->theirs[i], is_with_person,
                                      NULL, err);
    if (ordered < 0 || busy < 0 || read_facts(r, o, &facts, err) != 0 ||
        read_elsewhere(r, o, item, &facts, err) != 0)
        return -1;
    if (ordered > 0)
        *rule = "being_erased";
    else if (busy > 0) /* nothing interrupts whom an agent talks to */
        *rule = "person_has_conversation";
    else
        *rule = contact_forbids(&o->policy->contact, &o->policy->calendar,
                                &facts, r->now);
    return 0;
}

/* ---- on record ---------------------------------------------------------- */

void outbound_stage(json_t *evidence, const struct policy_template *t)
{
    if (t != NULL)
        leaf_text(evidence, "stage", template_stage_names[t->stage]);
}

static int enter(struct registrar *r, const struct outgoing *o,
                 const char *rule, struct error *err)
{
    json_t *evidence = json_object();
    json_t *leaf =
        leaf_new(r, rule == NULL ? "outbound_queued" : "outbound_denied",
                 o->row.subject, o->row.policy);

    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "channel", "whatsapp");
    if (o->template != NULL)
        leaf_text(leaf, "purpose",
                  o->policy->purposes[o->template->purpose].id);
    leaf_text(evidence, "outbound_id", o->row.id);
    leaf_text(evidence, "template", o->row.template);
    leaf_text(evidence, "class", o->row.class);
    outbound_stage(evidence, o->template);
    leaf_text(evidence, "batch", o->row.batch);
    leaf_value(evidence, "row", json_integer(o->row.row));
    leaf_text(evidence, "rule", rule);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

/* ---- one row of a list -------------------------------------------------- */

struct numbers {
    const struct registrar *r;
    const char *policy, *found;
};

static int number_fits(void *arg, const char *number)
{
    struct numbers *n = arg;
    const struct config_number *entry =
        config_find_number(n->r->config, number);

    if (entry == NULL || strcmp(entry->policy, n->policy) != 0)
        return 0;
    n->found = entry->phone_number_id;
    return 1;
}

/* The number of ours that they know; else the policy's first. NULL with error.
 */
static const char *number_for(struct registrar *r, const struct outgoing *o,
                              struct error *err)
{
    struct numbers n = { r, o->policy->id, NULL };

    if (number_of_person(r->store, o->row.subject, number_fits, &n, err) < 0)
        return NULL;
    for (size_t i = 0; n.found == NULL && i < r->config->nnumbers; i++)
        (void)number_fits(&n, r->config->numbers[i].phone_number_id);
    if (n.found == NULL)
        (void)error_set(err, ERR_INPUT,
                        "the policy has no number to send from");
    return n.found;
}

static int queue_message(struct registrar *r, struct outgoing *o,
                         const struct outbound_item *item, struct error *err)
{
    const char *number = number_for(r, o, err);
    struct buf body = { 0 };
    int ok = -1;

    if (number == NULL)
        goto out;
    if (template_message(o->template, item->values, NULL, o->row.id, &body) !=
        0)
        (void)error_set(err, ERR_NOMEM, "no memory for a message");
    else
        ok = mail_notice(r, o->policy, o->row.subject, number, &body,
                         o->row.outbox, err);
out:
    buf_free(&body);
    return ok;
}

/* 1 the row is there already and went, 0 it is to be looked at (again), -1. */
static int find_row(struct registrar *r, struct outgoing *o,
                    struct outbound_item *item, bool *there, struct error *err)
{
    struct outbound_row before;
    int found =
        outbound_of_row(r->store, o->row.batch, item->row, &before, err);

    *there = found > 0;
    if (found <= 0)
        return found;
    if (strcmp(before.subject, o->row.subject) != 0 ||
        strcmp(before.template, o->row.template) != 0)
        return error_set(err, ERR_INPUT,
                         "row %lld of this list was somebody else's",
                         (long long)item->row);
    SET(o->row.id, before.id);
    SET(item->id, before.id);
    if (strcmp(before.state, "queued") != 0)
        return 0;
    item->state = "known";
    item->rule = NULL;
    return 1;
}

static int decide(struct registrar *r, struct outgoing *o,
                  struct outbound_item *item, struct error *err)
{
    const char *rule = NULL;
    bool there;
    int known;

    id_new_at(o->row.id, 'n', r->now, r->random);
    if ((known = find_row(r, o, item, &there, err)) != 0)
        return known > 0 ? 0 : -1;
    SET(item->id, o->row.id);
    o->row.outbox[0] = '\0';
    if (ask_rules(r, o, item, &rule, err) != 0 ||
        (rule == NULL && queue_message(r, o, item, err) != 0))
        return -1;
    item->state = rule == NULL ? "queued" : "denied";
    item->rule = rule;
    SET(o->row.state, item->state);
    SET(o->row.rule, rule == NULL ? "" : rule);
    if ((there ? outbound_update(r->store, &o->row, err)
               : outbound_add(r->store, &o->row, err)) != 0)
        return -1;
    return enter(r, o, rule, err);
}

/* Who never wrote here did not agree to anything. */
static int deny_unknown(struct registrar *r, struct outgoing *o,
                        struct outbound_item *item, struct error *err)
{
    o->row.id[0] = o->row.subject[0] = item->id[0] = '\0';
    item->state = "denied";
    item->rule = "unknown_person";
    return enter(r, o, item->rule, err);
}

static int take_row(struct registrar *r, struct outgoing *o,
                    struct outbound_item *item, struct error *err)
{
    int found =
        subject_find(r->store, item->phone ? HANDLE_PHONE : HANDLE_BSUID,
                     item->to, o->row.subject, err);

    o->row.row = item->row;
    if (found < 0)
        return -1;
    return found == 0 ? deny_unknown(r, o, item, err) : decide(r, o, item, err);
}

/* ---- a list ------------------------------------------------------------- */

/* The CLI looked before; what decides is here. */
static int check_values(const struct outbound_order *order,
                        const struct policy_template *t, struct error *err)
{
    for (size_t i = 0; i < order->n; i++)
        for (size_t k = 0; k < t->nparameters; k++) {
            const char *fault =
                template_fault(&t->parameters[k], order->items[i].values[k]);

            if (fault != NULL)
                return error_set(err, ERR_INPUT, "row %lld: %s: %s",
                                 (long long)order->items[i].row,
                                 t->parameters[k].name, fault);
        }
    return 0;
}

/* What a row has of its template, and of today. */
static void row_begin(const struct registrar *r, struct outgoing *o,
                      const char *batch)
{
    SET(o->row.policy, o->policy->id);
    SET(o->row.template, o->template->id);
    SET(o->row.class, contact_class_names[o->template->class]);
    SET(o->row.batch, batch);
    o->row.counts = contact_counts(o->template->class);
    o->row.answerable = o->template->nanswers > 0;
    o->row.day = contact_day(&o->policy->calendar, r->now);
    o->row.made = r->now;
}

static int take_list(struct registrar *r, void *arg, struct error *err)
{
    struct outbound_order *order = arg;
    struct staff_access by = order->by;
    struct outgoing o = { .policy = policy_find(r->policies, order->policy) };
    json_t *more;

    if (keyring_permits(r, &by, err) != 0)
        return -1;
    if (o.policy == NULL)
        return error_set(err, ERR_INPUT, "there is no such policy here");
    o.template = policy_template(o.policy, order->template);
    if (o.template == NULL)
        return error_set(err, ERR_INPUT, "the policy has no such template");
    if (o.template->carries)
        return error_set(err, ERR_INPUT,
                         "the template carries a document: resguardo document "
                         "send");
    if (check_values(order, o.template, err) != 0)
        return -1;
    row_begin(r, &o, order->batch);
    by.event_type = "outbound_ordered";
    by.policy = o.policy->id;
    more = json_object();
    leaf_text(more, "template", o.template->id);
    leaf_text(more, "batch", order->batch);
    leaf_value(more, "rows", json_integer((json_int_t)order->n));
    if (staff_record(r, &by, more, err) != 0)
        return -1;
    for (size_t i = 0; i < order->n; i++)
        if (take_row(r, &o, &order->items[i], err) != 0)
            return -1;
    return 0;
}

int registrar_outbound(struct registrar *r, struct outbound_order *order,
                       struct error *err)
{
    return queue_staff(r, take_list, order, err);
}

/* ---- one message, in no list -------------------------------------------- */

/* It stands by itself: a batch of its own, with one row. */
static void outgoing_alone(struct registrar *r, const struct outbound_one *one,
                           struct outgoing *o)
{
    uint8_t batch[16];
    char hex[HEX_SIZE(sizeof(batch))];

    *o = (struct outgoing){ .policy = one->policy, .template = one->template };
    random_fill(r->random, batch, sizeof(batch));
    hex_encode(hex, batch, sizeof(batch));
    row_begin(r, o, hex);
    SET(o->row.id, one->id);
    SET(o->row.subject, one->subject);
    o->row.row = 1;
}

static int enter_alone(struct registrar *r, struct outgoing *o,
                       const char *rule, struct error *err)
{
    SET(o->row.state, rule == NULL ? "queued" : "denied");
    SET(o->row.rule, rule == NULL ? "" : rule);
    return outbound_add(r->store, &o->row, err) != 0 ? -1
                                                     : enter(r, o, rule, err);
}

int outbound_ask(struct registrar *r, struct outbound_one *one,
                 struct error *err)
{
    struct outgoing o;

    id_new_at(one->id, 'n', r->now, r->random);
    one->rule = NULL;
    outgoing_alone(r, one, &o);
    if (ask_rules(r, &o, NULL, &one->rule, err) != 0)
        return -1;
    return one->rule == NULL ? 0 : enter_alone(r, &o, one->rule, err);
}

int outbound_enter(struct registrar *r, const struct outbound_one *one,
                   const char *outbox, struct error *err)
{
    struct outgoing o;

    outgoing_alone(r, one, &o);
    SET(o.row.outbox, outbox);
    return enter_alone(r, &o, NULL, err);
}

/* ---- just before it goes ------------------------------------------------ */

static int end(struct registrar *r, struct outgoing *o,
               const struct outbox_row *due, const char *rule,
               struct error *err)
{
    struct outbox_row message = *due;

    SET(message.state, "failed");
    SET(o->row.state, "denied");
    SET(o->row.rule, rule);
    if (outbox_update(r->store, &message, NULL, err) != 0 ||
        outbound_update(r->store, &o->row, err) != 0)
        return -1;
    return enter(r, o, rule, err);
}

int outbound_recheck(struct registrar *r, const struct outbox_row *due,
                     bool *ended, struct error *err)
{
    struct outgoing o = { .policy = policy_find(r->policies, due->policy) };
    const char *rule = "template_gone";
    int found = outbound_of_message(r->store, due->id, &o.row, err);

    *ended = false;
    if (found <= 0)
        return found < 0 ? -1
                         : error_set(err, ERR_INVARIANT, "a notice of no list");
    if (o.policy != NULL)
        o.template = policy_template(o.policy, o.row.template);
    if (o.template != NULL) {
        o.row.day = contact_day(&o.policy->calendar, r->now);
        if (ask_rules(r, &o, NULL, &rule, err) != 0)
            return -1;
        if (rule == NULL) /* a contact of the day on which it goes */
            return outbound_update(r->store, &o.row, err);
    }
    *ended = true;
    return end(r, &o, due, rule, err);
}

/* ---- what Meta says of them --------------------------------------------- */

int outbound_opted_out(struct registrar *r, const struct outbox_row *message,
                       int64_t provider_s, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, message->policy);
    const struct policy_template *t;
    struct outbound_row row;
    int found = strcmp(message->kind, "notice") != 0 || policy == NULL
                    ? 0
                    : outbound_of_message(r->store, message->id, &row, err);

    if (found <= 0)
        return found;
    /* Meta knows it of marketing only; nothing else may be ended by it. */
    t = policy_template(policy, row.template);
    if (t == NULL || t->class != CLASS_ADVERTISING)
        return 0;
    return decision_by_itself(r, policy, row.subject, t->purpose,
                              "meta_opt_out", provider_s, err);
}

/* ---- who wants no advertising ------------------------------------------- */

static int exclude(struct registrar *r, void *arg, struct error *err)
{
    struct exclusion_order *o = arg;
    struct staff_access by = o->by;
    json_t *more;

    if (keyring_permits(r, &by, err) != 0)
        return -1;
    o->changed = 0;
    for (size_t i = 0; i < o->n; i++) {
        int n = o->leave ? exclusion_remove(r->store, o->numbers[i], err)
                         : exclusion_add(r->store, o->numbers[i], r->now, err);

        if (n < 0)
            return -1;
        o->changed += (size_t)n;
    }
    by.event_type = o->leave ? "numbers_readmitted" : "numbers_excluded";
    more = json_object();
    leaf_value(more, "numbers", json_integer((json_int_t)o->n));
    leaf_text(more, "list_sha256", o->list);
    return staff_record(r, &by, more, err);
}

int registrar_exclude(struct registrar *r, struct exclusion_order *order,
                      struct error *err)
{
    return queue_staff(r, exclude, order, err);
}

/*
 * Retention: what the policies in force say is due now, whatever they said when
 * it was stored. Rules name media types and what they count from; the earliest
 * of those that fit a document is done, each once: what is blocked or ordered
 * to be destroyed is found no more. Held is not found at all.
 */
#include "keep_private.h"
#include "leaf_private.h"
#include "registrar_private.h"

struct look {
    struct registrar *r;
    const struct policy *policy;    /* DUE_BLOCKED: NULL */
    const struct policy_rule *rule; /* NULL: erasure: block says it */
    enum due_by by;
    struct due_row rows[PUMP_ROWS];
    size_t n;
    struct error *err;
};

static int collect(void *arg, const struct due_row *row)
{
    struct look *l = arg;

    l->rows[l->n++] = *row;
    return 0;
}

/* ---- what is done ------------------------------------------------------- */

static const char *trigger_of(const struct look *l)
{
    static const char *const names[DUE__MAX] = {
        [DUE_STORED] = "stored",       [DUE_CASE_CLOSED] = "case_closed",
        [DUE_WITHDRAWN] = "withdrawn", [DUE_BLOCKED] = "blocking_over",
        [DUE_APART] = "unrequested",
    };

    return names[l->by];
}

/* What a leaf says of the rule. */
static json_t *rule_said(const struct look *l)
{
    json_t *evidence = json_object();

    leaf_text(evidence, "trigger", trigger_of(l));
    if (l->rule != NULL)
        leaf_text(evidence, "rule_ground", l->rule->ground);
    return evidence;
}

static int block(const struct look *l, const struct document_row *d)
{
    struct registrar *r = l->r;
    json_t *leaf, *evidence;
    msec until = r->now + l->rule->block_for;

    if (document_set_blocked(r->store, d->id, "retention", r->now, until,
                             l->err) != 0)
        return -1;
    leaf = leaf_new(r, "document_blocked", d->subject, d->policy);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "document_id", d->id);
    leaf_text(leaf, "case_id", d->case_id);
    leaf_text(leaf, "reason", "retention");
    evidence = rule_said(l);
    leaf_time(evidence, "until", until);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, l->err);
}

/* Those of one person in one erasure. */
static int destroy(struct look *l, size_t first)
{
    char ids[PUMP_ROWS][ID_SIZE];
    const struct document_row *d = &l->rows[first].document;
    bool over = l->by == DUE_BLOCKED || l->by == DUE_WITHDRAWN;
    struct erasure_row row = {
        .due = l->r->now, .requested_by = -1, .approved_by = -1, .leaf = -1
    };
    json_t *leaf;
    size_t n = 0;

    for (size_t i = first; i < l->n; i++)
        if (strcmp(l->rows[i].document.subject, d->subject) == 0 &&
            strcmp(l->rows[i].document.policy, d->policy) == 0) {
            memcpy(ids[n++], l->rows[i].document.id, ID_SIZE);
            l->rows[i].held = true; /* done */
        }
    SET(row.kind, "documents");
    SET(row.subject, d->subject);
    SET(row.ground, l->by == DUE_WITHDRAWN ? "withdrawn" : "retention");
    SET(row.cause, over ? "blocking_over" : "retention");
    leaf = leaf_new(l->r, "erasure_ordered", d->subject, d->policy);
    leaf_text(leaf, "actor", "system");
    leaf_object(leaf, "evidence", rule_said(l));
    return erasure_order(l->r, &row, (const char(*)[ID_SIZE])ids, n, leaf,
                         l->err);
}

static int carry_out(struct look *l)
{
    bool blocks = l->rule != NULL && l->by != DUE_WITHDRAWN && l->rule->block;

    for (size_t i = 0; i < l->n; i++) {
        if (l->rows[i].held)
            continue;
        if ((blocks ? block(l, &l->rows[i].document) : destroy(l, i)) != 0)
            return -1;
    }
    return 0;
}

/* ---- looking ------------------------------------------------------------ */

static int look(struct look *l, const char *media_type, msec period)
{
    struct due_query q = { .by = l->by,
                           .media_type = media_type,
                           .before = l->r->now - period,
                           .max = PUMP_ROWS };
    struct due_place place = { .time = INT64_MIN };

    if (l->policy != NULL)
        q.policy = l->policy->id;
    l->n = 0;
    if (retention_due(l->r->store, &q, &place, collect, l, l->err) != 0)
        return -1;
    if (l->n == PUMP_ROWS) {
        l->r->more = true; /* at once, not in a second */
        l->r->last_upkeep = 0;
    }
    return carry_out(l);
}

/* How long after a withdrawal what rests on it goes; -1: never by itself. */
static msec withdrawn_period(const struct policy *policy,
                             const struct policy_rule *rule)
{
    if (rule != NULL)
        return rule->after + (rule->block ? rule->block_for : 0);
    return policy->erasure_blocks ? policy->block_for : -1;
}

msec retention_period(const struct policy *policy, enum due_by by,
                      const char *media_type, const struct policy_rule **rule)
{
    static const enum retention_trigger triggers[] = {
        [DUE_STORED] = TRIGGER_STORED,
        [DUE_CASE_CLOSED] = TRIGGER_CASE_CLOSED,
        [DUE_WITHDRAWN] = TRIGGER_WITHDRAWN,
    };

    *rule = policy_rule_for(policy, triggers[by], media_type);
    if (by == DUE_WITHDRAWN)
        return withdrawn_period(policy, *rule);
    return *rule == NULL ? -1 : (*rule)->after;
}

static int look_type(struct look *l, const char *media_type)
{
    for (l->by = DUE_STORED; l->by <= DUE_WITHDRAWN; l->by++) {
        msec period = retention_period(l->policy, l->by, media_type, &l->rule);

        if (period >= 0 && look(l, media_type, period) != 0)
            return -1;
    }
    return 0;
}

static int look_policy(struct look *l)
{
    char type[STORE_TYPE_SIZE] = "", next[STORE_TYPE_SIZE];
    int found;

    while ((found = retention_type(l->r->store, l->policy->id, type, next,
                                   l->err)) > 0) {
        if (look_type(l, next) != 0)
            return -1;
        memcpy(type, next, sizeof(type));
    }
    return found;
}

/* ---- persons ------------------------------------------------------------ */

struct persons {
    struct registrar *r;
    struct error *err;
};

/* After how long without word; -1: never, a policy of theirs does not say. */
static int quiet_period(struct registrar *r, const char *subject, msec *out,
                        struct error *err)
{
    const struct policy *policies[LIMIT_POLICIES];
    int n = person_policies(r, subject, policies, err);

    *out = n > 0 ? 0 : -1;
    for (int i = 0; i < n; i++) {
        if (policies[i] == NULL || policies[i]->persons_after == 0) {
            *out = -1;
            return 0;
        }
        if (policies[i]->persons_after > *out)
            *out = policies[i]->persons_after;
    }
    return n < 0 ? -1 : 0;
}

static int erase_person(struct registrar *r, const char *subject,
                        struct error *err)
{
    struct erasure_row row = { .requested_by = -1,
                               .approved_by = -1,
                               .leaf = -1 };
    msec blocked = 0;

    if (subject_block_for(r, subject, &blocked, err) != 0)
        return -1;
    row.due = r->now + blocked;
    SET(row.kind, "subject");
    SET(row.subject, subject);
    SET(row.ground, "retention");
    SET(row.cause, blocked > 0 ? "blocking_over" : "retention");
    if (erasure_order(r, &row, NULL, 0, NULL, err) != 0)
        return -1;
    return blocked > 0 ? subject_block(r, subject, row.due, &row, err) : 0;
}

static int step_review(struct registrar *r, void *arg, struct error *err)
{
    const struct review_row *row = arg;
    msec now = r->now, period, next = now + LIMIT_REVIEW_D * MSEC_D;

    if (quiet_period(r, row->subject, &period, err) != 0)
        return -1;
    if (row->ordered)
        next = INT64_MAX; /* their erasure is under way, or was */
    else if (period >= 0 && !row->busy && !row->held &&
             row->contact + period <= now) {
        if (erase_person(r, row->subject, err) != 0)
            return -1;
        next = INT64_MAX;
    } else if (period >= 0 && row->contact + period > now &&
               row->contact + period < next)
        next = row->contact + period;
    return review_put(r->store, row->subject, next, err);
}

/* One that fails for a reason of its own keeps nobody else waiting. */
static int review(void *arg, const struct review_row *row)
{
    struct persons *p = arg;
    struct review_row own = *row;
    int done = batch_guard(p->r, step_review, &own, p->err);

    if (done <= 0)
        return done;
    log_error("review_put_off", p->err);
    return review_put(p->r->store, row->subject, p->r->now + MSEC_D, p->err);
}

static int review_persons(struct registrar *r, struct error *err)
{
    struct persons p = { r, err };
    struct due_place place = { .time = INT64_MIN };

    return review_due(r->store, r->now, PUMP_ROWS, &place, review, &p, err);
}

/* ---- all of it ---------------------------------------------------------- */

int retention_upkeep(struct registrar *r, struct error *err)
{
    struct look l = { .r = r, .err = err };

    for (size_t i = 0; i < r->policies->n; i++) {
        l.policy = r->policies->policies[i];
        if (look_policy(&l) != 0)
            return -1;
    }
    l.policy = NULL;
    l.rule = NULL;
    l.by = DUE_BLOCKED;
    if (look(&l, NULL, 0) != 0)
        return -1;
    l.by = DUE_APART;
    if (look(&l, NULL, 0) != 0)
        return -1;
    return review_persons(r, err);
}

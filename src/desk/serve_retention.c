/*
 * What will go when: a dry run of retention, out of the same indexes and rules.
 * It is sent while it is read, a page of rows a read transaction: first all
 * groups with their counts, then the rows of each. A document that several
 * rules fit stands under the one that comes first.
 */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

#include "resguardo/registrar_person.h"

enum pass { COUNTS, ROWS, PASSES };

struct plan {
    struct store *store;
    const struct policy_set *policies;
    msec until;
    bool shows_blocked; /* or only how many there are */

    /* Where we are: pass, group, place in it. */
    enum pass pass;
    size_t policy;
    char type[STORE_TYPE_SIZE]; /* "": before the first */
    enum due_by by;
    struct due_place place;
    bool in_group; /* of place; its rule and period: */
    const struct policy_rule *rule;
    msec period;
    int64_t n, held;
    enum { DOCUMENTS, BLOCKED, PERSONS, DONE } kind;

    struct buf page;
    size_t sent;
    struct error err;
};

#define FROM_START ((struct due_place){ .time = INT64_MIN })

static void plan_free(void *arg)
{
    struct plan *p = arg;

    store_close(&p->store);
    buf_free(&p->page);
    free(p);
}

/* ---- lines -------------------------------------------------------------- */

static int put_line(struct plan *p, json_t *line)
{
    char *text = line == NULL ? NULL : json_dumps(line, JSON_COMPACT);
    int ok = text == NULL || buf_adds(&p->page, text) != 0 ||
                     buf_adds(&p->page, "\n") != 0
                 ? error_set(&p->err, ERR_NOMEM, "no memory for a plan")
                 : 0;

    free(text);
    json_decref(line);
    return ok;
}

static const struct policy *policy_of(const struct plan *p)
{
    return p->kind == DOCUMENTS ? p->policies->policies[p->policy] : NULL;
}

static const char *trigger_of(const struct plan *p)
{
    static const char *const names[] = { [DUE_STORED] = "stored",
                                         [DUE_CASE_CLOSED] = "case_closed",
                                         [DUE_WITHDRAWN] = "withdrawn" };

    return p->kind == BLOCKED   ? "blocking_over"
           : p->kind == PERSONS ? "persons_after"
                                : names[p->by];
}

/* Blocked first, where the rule says so: but a withdrawal has done that. */
static const char *action_of(const struct plan *p)
{
    return p->kind == DOCUMENTS && p->by != DUE_WITHDRAWN && p->rule->block
               ? "block"
               : "destroy";
}

static int put_count(struct plan *p)
{
    const struct policy *policy = policy_of(p);

    if (p->n == 0)
        return 0;
    return put_line(
        p, json_pack("{s:s?, s:s?, s:s, s:s, s:s?, s:s?, s:I, s:I}", "policy",
                     policy != NULL ? policy->id : NULL, "media_type",
                     policy != NULL ? p->type : NULL, "trigger", trigger_of(p),
                     "action", action_of(p), "ground",
                     p->rule != NULL ? p->rule->ground : NULL, "citation",
                     p->rule != NULL && p->rule->citation[0] != '\0'
                         ? p->rule->citation
                         : NULL,
                     "count", (json_int_t)p->n, "held", (json_int_t)p->held));
}

/* ---- documents ---------------------------------------------------------- */

/* What a rule counts from; -1: it has not happened. */
static msec counted_from(const struct document_row *d, enum due_by by)
{
    bool withdrawn = strcmp(d->block_cause, "withdrawn") == 0;

    if (by == DUE_WITHDRAWN)
        return withdrawn ? d->blocked : -1;
    if (d->blocked != 0)
        return -1;
    return by == DUE_STORED      ? d->received
           : d->case_closed != 0 ? d->case_closed
                                 : -1;
}

/* Does another of its rules come first? */
static bool is_earliest(const struct plan *p, const struct document_row *d,
                        msec due)
{
    const struct policy *policy = p->policies->policies[p->policy];

    for (enum due_by by = DUE_STORED; by <= DUE_WITHDRAWN; by++) {
        const struct policy_rule *rule;
        msec from = counted_from(d, by);
        msec period = retention_period(policy, by, d->media_type, &rule);

        if (by == p->by || from < 0 || period < 0)
            continue;
        if (from + period < due || (from + period == due && by < p->by))
            return false;
    }
    return true;
}

static int see_document(void *arg, const struct due_row *row)
{
    struct plan *p = arg;
    const struct document_row *d = &row->document;
    msec due = row->time + p->period, then = 0;

    if (p->kind == DOCUMENTS && !is_earliest(p, d, due))
        return 0;
    p->n++;
    p->held += row->held;
    if (p->pass == COUNTS ||
        (!p->shows_blocked && strcmp(d->state, "blocked") == 0))
        return 0;
    if (strcmp(action_of(p), "block") == 0)
        then = due + p->rule->block_for;
    return put_line(
        p, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:b}",
                     "document", d->id, "subject", d->subject, "case_id",
                     d->case_id, "policy", d->policy, "media_type",
                     d->media_type, "trigger", trigger_of(p), "action",
                     action_of(p), "due_at", shape_time(due), "blocked_until",
                     shape_time(then), "held", row->held));
}

/* A page of the group; 1: more of it may be left. */
static int document_page(struct plan *p)
{
    const struct policy *policy = policy_of(p);
    struct due_query q = { .by = p->kind == BLOCKED ? DUE_BLOCKED : p->by,
                           .policy = policy != NULL ? policy->id : NULL,
                           .media_type = p->type,
                           .before = p->until - p->period,
                           .max = LIMIT_READER_ROWS,
                           .all = true };
    struct due_place before = p->place;

    if (retention_due(p->store, &q, &p->place, see_document, p, &p->err) != 0)
        return -1;
    return p->place.time != before.time || p->place.place != before.place;
}

/* ---- persons ------------------------------------------------------------ */

static int see_policy(void *arg, const char *id)
{
    struct plan *p = arg;
    const struct policy *policy = policy_find(p->policies, id);

    if (policy == NULL || policy->persons_after == 0)
        p->period = -1;
    else if (p->period >= 0 && policy->persons_after > p->period)
        p->period = policy->persons_after;
    return 0;
}

static int see_person(void *arg, const struct review_row *row)
{
    struct plan *p = arg;

    if (row->busy || row->ordered)
        return 0;
    p->period = 0;
    if (subject_policies(p->store, row->subject, see_policy, p, &p->err) != 0)
        return -1;
    for (size_t i = 0; p->period == 0 && i < p->policies->n; i++)
        (void)see_policy(p, p->policies->policies[i]->id);
    if (p->period <= 0 || row->contact + p->period > p->until)
        return 0;
    p->n++;
    p->held += row->held;
    if (p->pass == COUNTS)
        return 0;
    return put_line(
        p,
        json_pack("{s:n, s:s, s:n, s:n, s:n, s:s, s:s, s:o, s:n, s:b}",
                  "document", "subject", row->subject, "case_id", "policy",
                  "media_type", "trigger", trigger_of(p), "action",
                  action_of(p), "due_at", shape_time(row->contact + p->period),
                  "blocked_until", "held", row->held));
}

static int people_page(struct plan *p)
{
    struct due_place before = p->place;

    if (review_due(p->store, p->until, LIMIT_READER_ROWS, &p->place, see_person,
                   p, &p->err) != 0)
        return -1;
    return p->place.time != before.time || p->place.place != before.place;
}

/* ---- from group to group ------------------------------------------------ */

static void group_begin(struct plan *p)
{
    p->place = FROM_START;
    p->in_group = true;
    p->n = p->held = 0;
}

/* The next media type of the policy, or the next policy. */
static int next_type(struct plan *p)
{
    char next[STORE_TYPE_SIZE];
    int found = retention_type(p->store, p->policies->policies[p->policy]->id,
                               p->type, next, &p->err);

    if (found < 0)
        return -1;
    if (found > 0)
        memcpy(p->type, next, sizeof(next));
    else
        p->type[0] = '\0', p->policy++;
    return 0;
}

/* To the next group of documents that a rule is for. */
static int next_documents(struct plan *p)
{
    for (;;) {
        if (p->type[0] != '\0' && p->by < DUE_WITHDRAWN) {
            p->by++;
        } else {
            p->by = DUE_STORED;
            if (p->policy < p->policies->n && next_type(p) != 0)
                return -1;
        }
        if (p->policy == p->policies->n) {
            p->kind = BLOCKED;
            p->rule = NULL;
            p->period = 0;
            group_begin(p);
            return 0;
        }
        if (p->type[0] == '\0')
            continue;
        p->period = retention_period(p->policies->policies[p->policy], p->by,
                                     p->type, &p->rule);
        if (p->period >= 0) {
            group_begin(p);
            return 0;
        }
    }
}

static int next_group(struct plan *p)
{
    if (p->in_group && p->pass == COUNTS && put_count(p) != 0)
        return -1;
    p->in_group = false;
    if (p->kind == DOCUMENTS)
        return next_documents(p);
    if (p->kind == BLOCKED) {
        p->kind = PERSONS;
        group_begin(p);
        return 0;
    }
    p->pass++;
    p->policy = 0;
    p->by = DUE_STORED;
    p->type[0] = '\0';
    p->kind = p->pass == PASSES ? DONE : DOCUMENTS;
    return 0;
}

static int next_page(struct plan *p)
{
    int more = 0;

    buf_reset(&p->page);
    p->sent = 0;
    if (p->in_group)
        more = p->kind == PERSONS ? people_page(p) : document_page(p);
    if (more < 0)
        return -1;
    return more > 0 ? 0 : next_group(p);
}

static ssize_t read_plan(void *arg, uint64_t position, char *out, size_t max)
{
    struct plan *p = arg;

    (void)position;
    while (p->sent == p->page.len) {
        if (p->kind == DONE)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (next_page(p) != 0) {
            log_error("retention_plan", &p->err);
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    return answer_part(&p->page, &p->sent, out, max);
}

int serve_retention(struct request *r, struct error *e)
{
    struct plan *p = calloc(1, sizeof(*p));

    if (p == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a plan");
    p->until = clock_now(r->desk->needs.clock);
    p->shows_blocked = blocked_shown(r);
    p->policies = registrar_policies(r->desk->needs.registrar);
    if (request_query_time(r, "until", &p->until, e) != 0) {
        plan_free(p);
        return -1;
    }
    p->store = r->store;
    r->store = NULL;
    return answer_stream(r, "application/jsonl", MHD_SIZE_UNKNOWN, read_plan, p,
                         plan_free, e);
}

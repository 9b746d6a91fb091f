/* The laws about dates: what is asked for has a last day, counted here in
 * another way, and what is late is known to be. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

static int rolled(int policy, int day)
{
    while (!business(policy, day))
        day++;
    return day;
}

static int after_months(int day, int n)
{
    int y, m, d, last;

    day_split(day, &y, &m, &d);
    m += n;
    y += (m - 1) / 12;
    m = (m - 1) % 12 + 1;
    last =
        day_of(m == 12 ? y + 1 : y, m == 12 ? 1 : m + 1, 1) - day_of(y, m, 1);
    return day_of(y, m, d < last ? d : last);
}

/* The n-th business day when `day` itself is looked at first. */
static int nth_business(int policy, int day, int n)
{
    for (;; day++)
        if (business(policy, day) && --n == 0)
            return day;
}

static const struct legal_clock *clock_of(struct world *w,
                                          const struct request *r)
{
    const struct policy *p = policy_at(w, r->policy);

    for (size_t i = 0; i < p->nclocks; i++)
        if (strcmp(p->clocks[i].id, r->clock) == 0)
            return &p->clocks[i];
    broken(w, -1, "a request by no clock: %s", r->clock);
}

static int counted(const struct legal_clock *k, int policy, int day, int n,
                   bool strict)
{
    switch (k->term.unit) {
    case TERM_BUSINESS_DAYS:
        return nth_business(policy, strict && k->receipt_counts ? day : day + 1,
                            n);
    case TERM_MONTHS:
        day = after_months(day, n);
        break;
    default:
        day += n;
        break;
    }
    return strict ? day : rolled(policy, day);
}

static void count(struct world *w, struct request *r)
{
    const struct legal_clock *k = clock_of(w, r);
    int day = local_day(r->policy, r->began);
    int n = k->term.n + r->extensions * k->extension.n;

    if (k->term.unit == TERM_HOURS) {
        r->due_at = r->began + n * MSEC_H;
        r->due = r->due_early = local_day(r->policy, r->due_at);
        return;
    }
    r->due = counted(k, r->policy, day, n, false);
    r->due_early = counted(k, r->policy, day, n, true);
    r->due_at = midnight(r->policy, r->due + 1);
}

/* ---- what the ledger says ----------------------------------------------- */

static int person_of(const struct world *w, const struct request *r)
{
    return r->subject < 0 ? -1 : w->subjects[r->subject].person;
}

static void dates_are(struct world *w, const struct request *r,
                      json_t *evidence)
{
    const char *due = json_str(evidence, "due");
    const char *early = json_str(evidence, "due_early");

    if (due == NULL || early == NULL)
        broken(w, person_of(w, r), "a request without a date");
    if (parse_day(due) != r->due)
        broken(w, person_of(w, r), "%s is due on %s, by our count %+d days",
               r->clock, due, r->due - parse_day(due));
    if (parse_day(early) != r->due_early)
        broken(w, person_of(w, r), "%s: to be safe on %s, by our count %+d",
               r->clock, early, r->due_early - parse_day(early));
}

static void opened(struct world *w, json_t *leaf, json_t *evidence)
{
    const char *subject = json_str(leaf, "subject");
    const char *role = json_str(evidence, "requester_role");
    const char *received = json_str(evidence, "received");
    struct request *r;

    w->requests =
        grown(w->requests, w->nrequests, &w->requests_cap, sizeof(*r));
    r = &w->requests[w->nrequests++];
    memset(r, 0, sizeof(*r));
    SET(r->id, json_str(evidence, "request_id"));
    SET(r->type, json_str(evidence, "type"));
    SET(r->clock, json_str(evidence, "clock"));
    r->subject =
        subject == NULL ? -1 : (int)(subject_by_id(w, subject) - w->subjects);
    r->policy = policy_index(w, json_str(leaf, "policy"));
    r->opened = r->began = w->now;
    if (received != NULL && time_parse(received, &r->began) != 0)
        broken(w, -1, "a request received at no time");
    r->running = true;
    r->for_other = role != NULL && strcmp(role, "subject") != 0;
    count(w, r);
    dates_are(w, r, evidence);
    w->seen.requests++;
}

static void extended(struct world *w, struct request *r, json_t *evidence)
{
    const struct legal_clock *k = clock_of(w, r);
    int former = r->due, due = parse_day(json_str(evidence, "due"));

    if (w->now >= r->due_at)
        broken(w, person_of(w, r), "extended when it was over");
    if (++r->extensions > k->extensions)
        broken(w, person_of(w, r), "extended once too often");
    count(w, r);
    if (due > r->due || due <= former)
        broken(w, person_of(w, r), "extended to where the law does not go");
    if (json_str(evidence, "notice") == NULL)
        broken(w, person_of(w, r), "extended, and nobody was told");
    r->due = due;
    r->due_at = midnight(r->policy, due + 1);
    if (r->due_early > due)
        r->due_early = due;
}

static void over(struct world *w, struct request *r, bool accepted)
{
    if (w->now < r->due_at || r->waits || r->over)
        broken(w, person_of(w, r), "%s is overdue, and is not", r->clock);
    if (accepted != clock_of(w, r)->deemed_accepted)
        broken(w, person_of(w, r),
               "silence is a yes only where the law says "
               "so (%s)",
               r->clock);
    r->over = true;
    w->seen.overdue += !accepted;
    w->seen.accepted += accepted;
}

/* Whoever does not say what lacks has taken it back: a claim after two months
 * (Ley 1581, art. 15), a petition after one (Ley 1755, art. 17). */
static int given_up(const struct world *w, const struct request *r)
{
    int months = strncmp(r->clock, "peticion", 8) == 0 ? 1 : 2;

    return rolled(r->policy,
                  after_months(local_day(r->policy, w->now), months));
}

static void closed(struct world *w, struct request *r, json_t *evidence)
{
    const json_t *in_time = json_object_get(evidence, "in_time");

    if (in_time != NULL && json_is_true(in_time) != (w->now < r->due_at))
        broken(w, person_of(w, r), "said to be in time, or late, wrongly");
    if (r->over && clock_of(w, r)->deemed_accepted && in_time != NULL &&
        strcmp(json_str(evidence, "outcome"), "granted") != 0)
        broken(w, person_of(w, r), "the law's yes became a no");
    r->running = false;
}

void request_leaf_seen(struct world *w, const char *event, json_t *leaf)
{
    json_t *evidence = json_object_get(leaf, "evidence");
    const char *id = json_str(evidence, "request_id");
    struct request *r = NULL;

    if (strcmp(event, "request_opened") == 0) {
        opened(w, leaf, evidence);
        r = &w->requests[w->nrequests - 1];
        tell(w, person_of(w, r), "  %s %s %s", event, r->type,
             json_str(evidence, "due"));
        return;
    }
    for (size_t i = w->nrequests; id != NULL && i-- > 0 && r == NULL;)
        if (strcmp(w->requests[i].id, id) == 0)
            r = &w->requests[i];
    if (r == NULL)
        broken(w, -1, "%s of no request", event);
    tell(w, person_of(w, r), "  %s %s", event, r->type);
    if (!r->running && strcmp(event, "request_shown") != 0)
        broken(w, person_of(w, r), "%s after its end", event);
    if (strcmp(event, "request_asked") == 0) {
        r->waits = true;
        r->due_at = midnight(r->policy, given_up(w, r) + 1);
        r->asked = w->now;
    } else if (strcmp(event, "request_replied") == 0) {
        r->waits = false; /* for staff, not for the person */
        r->began = w->now;
        count(w, r);
        dates_are(w, r, evidence);
    } else if (strcmp(event, "request_completed") == 0) {
        r->waits = false;
        if (r->began <= r->asked) /* nobody answered in the chat */
            r->began = w->now;
        count(w, r);
        dates_are(w, r, evidence);
    } else if (strcmp(event, "request_extended") == 0) {
        extended(w, r, evidence);
    } else if (strcmp(event, "request_overdue") == 0) {
        over(w, r, false);
    } else if (strcmp(event, "request_deemed_accepted") == 0) {
        over(w, r, true);
    } else if (strcmp(event, "request_closed") == 0) {
        closed(w, r, evidence);
    }
}

/* What is late is on record within some seconds; what was asked back and never
 * answered has ended. */
#define LATE (5 * MSEC_S)
void request_settled(struct world *w)
{
    for (size_t i = 0; i < w->nrequests; i++) {
        const struct request *r = &w->requests[i];

        if (r->running && !r->over && w->now >= r->due_at + LATE &&
            w->now >= r->opened + LATE)
            broken(w, person_of(w, r), "%s %s is late, and nobody knows",
                   r->clock, r->id);
    }
}

msec request_next_end(const struct world *w)
{
    msec next = INT64_MAX;

    for (size_t i = 0; i < w->nrequests; i++) {
        const struct request *r = &w->requests[i];

        for (msec at = r->due_at + MSEC_S;
             r->running && !r->over && at <= r->due_at + LATE; at += MSEC_S)
            if (at > w->now && at < next)
                next = at;
    }
    return next;
}

/* They asked for it: it runs, and so has a date. */
void request_must_run(struct world *w, int person, int policy, const char *type)
{
    const struct policy *p = policy_at(w, policy);
    int subject = w->people[person].subject, kind = 0;

    while (strcmp(request_type_names[kind], type) != 0)
        kind++;
    if (p->requests[kind] < 0 || subject < 0 || w->subjects[subject].gone)
        return;
    for (size_t i = 0; i < w->nrequests; i++)
        if (w->requests[i].running && w->requests[i].subject == subject &&
            w->requests[i].policy == policy && !w->requests[i].for_other &&
            strcmp(w->requests[i].type, type) == 0)
            return;
    broken(w, person, "they asked (%s), and nothing is to be done", type);
}

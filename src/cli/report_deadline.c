/* What is open and until when: erasures, holds, approvals, and what people
 * asked for or were promised. Those of a table by their ids, so that a log of
 * millions of cases is read in one pass. */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const report_request_types[REPORT_TYPE__MAX] = {
    "access",    "correct", "erase", "withdraw",
    "complaint", "other",   "sla",   "incident",
};

/* Open addressing; a place holds an index, plus one. */
static size_t place_of(const struct report_deadlines *t, const char *id)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *id != '\0'; id++)
        h = (h ^ (uint8_t)*id) * 0x100000001b3u;
    return (size_t)(h ^ h >> 32) & (t->cap - 1);
}

static size_t find(const struct report_deadlines *t, const char *id)
{
    size_t i = place_of(t, id);

    while (t->places[i] != 0 && strcmp(t->list[t->places[i] - 1].id, id) != 0)
        i = (i + 1) & (t->cap - 1);
    return i;
}

static int grow(struct report_deadlines *t)
{
    size_t cap = t->cap == 0 ? 64 : t->cap * 2;
    size_t *places = calloc(cap, sizeof(*places));
    void *list = places == NULL
                     ? NULL
                     : reallocarray(t->list, cap / 2, sizeof(*t->list));

    if (list == NULL) {
        free(places);
        return -1;
    }
    free(t->places);
    t->list = list;
    t->places = places;
    t->cap = cap;
    for (size_t i = 0; i < t->n; i++)
        t->places[find(t, t->list[i].id)] = i + 1;
    return 0;
}

/* Empties a place, and moves up what stood behind it for want of a better. */
static void give_back(struct report_deadlines *t, size_t hole)
{
    size_t mask = t->cap - 1;

    for (size_t i = (hole + 1) & mask; t->places[i] != 0; i = (i + 1) & mask) {
        size_t home = place_of(t, t->list[t->places[i] - 1].id);

        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        t->places[hole] = t->places[i];
        hole = i;
    }
    t->places[hole] = 0;
}

static struct report_deadline *get(const struct report_deadlines *t,
                                   const char *id)
{
    size_t place = t->cap == 0 ? 0 : t->places[find(t, id)];

    return place == 0 ? NULL : &t->list[place - 1];
}

/* Finds or makes; NULL: no memory. Valid until the next one. */
static struct report_deadline *add(struct report_deadlines *t, const char *id)
{
    struct report_deadline *d = get(t, id);

    if (d != NULL)
        return d;
    if ((t->n + 1) * 2 > t->cap && grow(t) != 0)
        return NULL;
    d = &t->list[t->n];
    *d = (struct report_deadline){ .since = 0 };
    (void)snprintf(d->id, sizeof(d->id), "%s", id);
    t->places[find(t, d->id)] = ++t->n;
    return d;
}

static void drop(struct report_deadlines *t, const char *id)
{
    size_t i = t->cap == 0 ? 0 : find(t, id), at;

    if (t->cap == 0 || t->places[i] == 0)
        return;
    at = t->places[i] - 1;
    give_back(t, i);
    if (at + 1 < t->n) { /* the last one takes its place */
        t->places[find(t, t->list[t->n - 1].id)] = at + 1;
        t->list[at] = t->list[t->n - 1];
    }
    t->n--;
}

void report_deadlines_free(struct report_deadlines *t)
{
    free(t->list);
    free(t->places);
    *t = (struct report_deadlines){ .n = 0 };
}

/* ---- erasures, holds, approvals ----------------------------------------- */

struct seeing {
    struct report *r;
    const json_t *entry;
    const char *event;
    msec time;
    bool inside;
};

static const char *get_text(const json_t *o, const char *key)
{
    const char *text = json_str(o, key);

    return text != NULL ? text : "";
}

static const char *evidence(const struct seeing *s, const char *key)
{
    return get_text(json_object_get(s->entry, "evidence"), key);
}

static const struct {
    const char *opens;
    const char *closes[3]; /* NULL ends them */
    const char *id, *due, *what;
    bool in_evidence; /* where id and due stand */
} kinds[REPORT_REQUEST] = {
    [REPORT_ERASURE] = { "erasure_ordered",
                         { "subject_erased", "documents_erased",
                           "evidence_erased" },
                         "erasure_id",
                         "due",
                         "scope",
                         false },
    [REPORT_HOLD] = { "hold_placed",
                      { "hold_lifted", NULL, NULL },
                      "hold_id",
                      "until",
                      "case_id",
                      true },
    [REPORT_APPROVAL] = { "approval_requested",
                          { "approval_granted", "approval_refused",
                            "approval_expired" },
                          "approval_id",
                          "expires",
                          "action",
                          false },
};

static msec time_of(const char *text)
{
    msec t;

    return time_parse(text, &t) == 0 ? t : 0;
}

static int open_one(const struct seeing *s, enum report_deadline_kind k,
                    const char *id)
{
    const char *due = get_text(s->entry, kinds[k].due);
    struct report_deadline *d = add(&s->r->deadlines, id);

    if (d == NULL)
        return -1;
    d->kind = k;
    d->since = s->time;
    (void)snprintf(d->what, sizeof(d->what), "%s",
                   get_text(s->entry, kinds[k].what));
    d->due = time_of(due[0] != '\0' ? due : evidence(s, kinds[k].due));
    return 0;
}

static int see_kind(const struct seeing *s, enum report_deadline_kind k)
{
    const char *id = kinds[k].in_evidence ? evidence(s, kinds[k].id)
                                          : get_text(s->entry, kinds[k].id);

    if (strcmp(kinds[k].opens, s->event) == 0)
        return open_one(s, k, id);
    for (size_t i = 0; i < 3 && kinds[k].closes[i] != NULL; i++)
        if (strcmp(kinds[k].closes[i], s->event) == 0)
            drop(&s->r->deadlines, id);
    return 0;
}

/* ---- requests ----------------------------------------------------------- */

/* By what happened, and what it makes of the request. */
static const struct {
    const char *event;
    enum report_request_state state;
    enum report_request_count counts;
} requests[] = {
    { "request_opened", REQUEST_RUNS, REPORT_OPENED },
    { "request_asked", REQUEST_LACKS, REPORT_COUNT__MAX },
    { "request_completed", REQUEST_RUNS, REPORT_COUNT__MAX },
    { "request_extended", REQUEST_EXTENDED, REPORT_EXTENDED },
    { "request_overdue", REQUEST_OVERDUE, REPORT_OVERDUE },
    { "request_deemed_accepted", REQUEST_DEEMED, REPORT_DEEMED },
    { "request_closed", REQUEST_STATE__MAX, REPORT_CLOSED },
};
#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

/* Dates are of the policy's calendar: a day is over at its end, in the zone of
 * the report. 0 for what is none. */
static msec day_end(const char *day)
{
    struct tm tm = { .tm_isdst = -1 };
    const char *end = strptime(day, "%Y-%m-%d", &tm);

    if (end == NULL || *end != '\0')
        return 0;
    tm.tm_mday++;
    tm.tm_isdst = -1;
    return (msec)mktime(&tm) * MSEC_S;
}

static enum report_request_type type_of(const char *name)
{
    int i = 0;

    while (i < REPORT_TYPE_OTHER && strcmp(report_request_types[i], name) != 0)
        i++;
    for (int k = REPORT_TYPE_OTHER + 1; k < REPORT_TYPE__MAX; k++)
        if (strcmp(report_request_types[k], name) == 0)
            i = k;
    return (enum report_request_type)i;
}

static int see_request(const struct seeing *s, size_t what)
{
    const char *id = evidence(s, "request_id");
    struct report_deadline *d = get(&s->r->deadlines, id);
    enum report_request_type type = type_of(evidence(s, "type"));

    if (s->inside && requests[what].counts != REPORT_COUNT__MAX)
        s->r->requests[type][requests[what].counts]++;
    if (requests[what].state == REQUEST_STATE__MAX) {
        drop(&s->r->deadlines, id);
        return 0;
    }
    if (d == NULL && (d = add(&s->r->deadlines, id)) == NULL)
        return -1;
    if (d->since == 0)
        d->since = s->time;
    d->kind = REPORT_REQUEST;
    d->state = requests[what].state;
    d->extensions += d->state == REQUEST_EXTENDED;
    d->due = day_end(evidence(s, "due"));
    (void)snprintf(d->day, sizeof(d->day), "%s", evidence(s, "due"));
    (void)snprintf(d->what, sizeof(d->what), "%s", evidence(s, "clock"));
    if (d->state == REQUEST_EXTENDED)
        d->told_elsewhere = strcmp(evidence(s, "notice"), "elsewhere") == 0;
    return 0;
}

int report_deadline_see(struct report *r, const json_t *entry,
                        const char *event, msec time, bool inside)
{
    struct seeing s = { r, entry, event, time, inside };

    if (strncmp(event, "request_", strlen("request_")) == 0) {
        for (size_t i = 0; i < REQUESTS; i++)
            if (strcmp(requests[i].event, event) == 0)
                return see_request(&s, i);
        return 0;
    }
    for (int k = 0; k < REPORT_REQUEST; k++)
        if (see_kind(&s, (enum report_deadline_kind)k) != 0)
            return -1;
    return 0;
}

/* What has no end comes last. */
static int by_due(const void *a, const void *b)
{
    const struct report_deadline *x = a, *y = b;
    msec dx = x->due != 0 ? x->due : INT64_MAX;
    msec dy = y->due != 0 ? y->due : INT64_MAX;

    return dx != dy ? (dx < dy ? -1 : 1) : strcmp(x->id, y->id);
}

void report_deadlines_sort(struct report_deadlines *t)
{
    if (t->n == 0)
        return;
    qsort(t->list, t->n, sizeof(*t->list), by_due);
    memset(t->places, 0, t->cap * sizeof(*t->places));
    for (size_t i = 0; i < t->n; i++)
        t->places[find(t, t->list[i].id)] = i + 1;
}

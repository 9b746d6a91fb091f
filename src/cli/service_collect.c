/* From the desk's lines to the figures of the service, in one pass. */
#include "service.h"

#include <stdlib.h>
#include <string.h>

int64_t service_permille(const struct service_part *p)
{
    return p->of == 0 ? -1 : (int64_t)((p->n * 2000 + p->of) / (2 * p->of));
}

uint64_t service_mean(const struct service_figures *f)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < 5; i++)
        sum += (i + 1) * f->scores[i];
    return f->rated.n == 0 ? 0 : (sum * 200 + f->rated.n) / (2 * f->rated.n);
}

/* ---- where a line counts ------------------------------------------------ */

static struct service_figures *figures_new(const char *scope)
{
    struct service_figures *f = calloc(1, sizeof(*f));

    if (f != NULL)
        f->scope = scope;
    return f;
}

/* Room for one more, at its end; NULL: no memory. */
static struct service_figures *grow(struct service_figures ***list, size_t *n,
                                    const char *scope)
{
    struct service_figures **more = reallocarray(*list, *n + 1, sizeof(**list));

    if (more == NULL)
        return NULL;
    *list = more;
    if ((more[*n] = figures_new(scope)) == NULL)
        return NULL;
    return more[(*n)++];
}

static struct service_figures *procedure_at(struct service *s,
                                            const char *policy,
                                            const char *name)
{
    struct service_figures *f;

    for (size_t i = 0; i < s->nprocedures; i++)
        if (strcmp(s->procedures[i]->policy, policy) == 0 &&
            strcmp(s->procedures[i]->name, name) == 0)
            return s->procedures[i];
    if ((f = grow(&s->procedures, &s->nprocedures, "procedure")) == NULL)
        return NULL;
    (void)snprintf(f->policy, sizeof(f->policy), "%s", policy);
    (void)snprintf(f->name, sizeof(f->name), "%s", name);
    return f;
}

/* The Monday, in the process's zone. 1970 began on a Thursday. */
static int64_t week_of(msec at)
{
    time_t t = (time_t)(at / MSEC_S);
    struct tm tm = { 0 };
    int64_t day;

    (void)localtime_r(&t, &tm);
    day = (at / MSEC_S + tm.tm_gmtoff) / (MSEC_D / MSEC_S);
    return day - (day + 3) % 7;
}

/* Lines of a kind come in order, so that the week is the last one or near. */
static struct service_figures *week_at(struct service *s, msec at)
{
    int64_t day = week_of(at);
    size_t i = s->nweeks;
    struct service_figures *f;

    while (i > 0 && s->weeks[i - 1]->day > day)
        i--;
    if (i > 0 && s->weeks[i - 1]->day == day)
        return s->weeks[i - 1];
    if ((f = grow(&s->weeks, &s->nweeks, "week")) == NULL)
        return NULL;
    memmove(&s->weeks[i + 1], &s->weeks[i],
            (s->nweeks - 1 - i) * sizeof(struct service_figures *));
    s->weeks[i] = f;
    f->day = day;
    date_format(f->name, (civil_day)day);
    return f;
}

/* ---- what it says ------------------------------------------------------- */

static void count(struct service_part *p, const json_t *yes)
{
    if (!json_is_boolean(yes))
        return;
    p->of++;
    p->n += json_is_true(yes);
}

static void count_not(struct service_part *p, const json_t *no)
{
    if (!json_is_boolean(no))
        return;
    p->of++;
    p->n += json_is_false(no);
}

static void time_of(struct latency *l, const json_t *t)
{
    if (json_is_integer(t))
        latency_add(l, json_integer_value(t));
}

static void see_opened(struct service_figures *f, const json_t *o)
{
    f->opened++;
    time_of(&f->assistant, json_object_get(o, "first"));
}

static void see_closed(struct service_figures *f, const json_t *o)
{
    f->closed++;
    time_of(&f->resolution, json_object_get(o, "took"));
    count_not(&f->alone, json_object_get(o, "person"));
    count_not(&f->in_chat, json_object_get(o, "elsewhere"));
}

static void see_handover(struct service_figures *f, const json_t *o)
{
    f->handovers++;
    count(&f->taken, json_object_get(o, "taken"));
    time_of(&f->person, json_object_get(o, "first"));
    time_of(&f->person_open, json_object_get(o, "first_open"));
}

static void see_ended(struct service_figures *f, const json_t *o)
{
    count(json_is_true(json_object_get(o, "promise")) ? &f->promised
                                                      : &f->answered,
          json_object_get(o, "in_time"));
}

static void see_overdue(struct service_figures *f, const json_t *o)
{
    (void)o;
    f->overdue++;
}

static void see_rating(struct service_figures *f, const json_t *o)
{
    json_int_t score = json_integer_value(json_object_get(o, "score"));

    f->rated.of++;
    if (score < 1 || score > 5)
        return;
    f->rated.n++;
    f->scores[score - 1]++;
}

static int see_clock(struct service *s, const json_t *o, bool overdue)
{
    const char *policy = json_str(o, "policy"), *name = json_str(o, "clock");
    bool promise = json_is_true(json_object_get(o, "promise"));
    struct service_clock *c = NULL;
    void *more;

    for (size_t i = 0; c == NULL && i < s->nclocks; i++)
        if (strcmp(s->clocks[i].policy, policy) == 0 &&
            strcmp(s->clocks[i].name, name) == 0 &&
            s->clocks[i].promise == promise)
            c = &s->clocks[i];
    if (c == NULL) {
        more = reallocarray(s->clocks, s->nclocks + 1, sizeof(*s->clocks));
        if (more == NULL)
            return -1;
        s->clocks = more;
        c = &s->clocks[s->nclocks++];
        *c = (struct service_clock){ .promise = promise };
        (void)snprintf(c->policy, sizeof(c->policy), "%s", policy);
        (void)snprintf(c->name, sizeof(c->name), "%s", name);
    }
    if (overdue)
        c->overdue++;
    else
        count(&c->in_time, json_object_get(o, "in_time"));
    return 0;
}

/* ---- lines -------------------------------------------------------------- */

static const struct {
    const char *row;
    void (*see)(struct service_figures *, const json_t *);
    bool weekly, clock;
} kinds[] = {
    { "opened", see_opened, true, false },
    { "closed", see_closed, true, false },
    { "handover", see_handover, true, false },
    { "ended", see_ended, true, true },
    { "overdue", see_overdue, false, true }, /* it is so now */
    { "rating", see_rating, true, false },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int count_line(struct service *s, const json_t *o, size_t kind)
{
    const char *policy = json_str(o, "policy");
    const char *procedure = json_str(o, "procedure");
    struct service_figures *f;

    kinds[kind].see(s->total, o);
    /* A case without a procedure has the name "", as the desk says it. */
    if (procedure != NULL && !(kinds[kind].clock && procedure[0] == '\0')) {
        if ((f = procedure_at(s, policy, procedure)) == NULL)
            return -1;
        kinds[kind].see(f, o);
    }
    if (kinds[kind].weekly) {
        f = week_at(s, json_integer_value(json_object_get(o, "at")));
        if (f == NULL)
            return -1;
        kinds[kind].see(f, o);
    }
    return kinds[kind].clock ? see_clock(s, o, !kinds[kind].weekly) : 0;
}

/* What a desk of ours says. */
static bool is_line(const json_t *o, size_t kind)
{
    return json_str(o, "policy") != NULL &&
           json_is_integer(json_object_get(o, "at")) &&
           json_integer_value(json_object_get(o, "at")) >= 0 &&
           (!kinds[kind].clock || json_str(o, "clock") != NULL);
}

int service_add(struct service *s, const char *line, size_t len,
                struct error *e)
{
    json_t *o = json_parse(line, len, e);
    const char *row = json_str(o, "row");
    size_t kind = 0;
    int ok = -1;

    if (o == NULL)
        return -1;
    while (kind < KINDS && (row == NULL || strcmp(kinds[kind].row, row) != 0))
        kind++;
    if (kind == KINDS || !is_line(o, kind))
        (void)error_set(e, ERR_INPUT, "the desk said what is no line");
    else if (count_line(s, o, kind) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a report");
    else if (s->nweeks > LIMIT_SERVICE_WEEKS)
        (void)error_set(e, ERR_INPUT, "the report is of over %u weeks",
                        LIMIT_SERVICE_WEEKS);
    else
        ok = 0;
    json_decref(o);
    return ok;
}

/* ---- begin, sort, end --------------------------------------------------- */

int service_begin(struct service *s)
{
    *s = (struct service){ .total = figures_new("total") };
    return s->total != NULL ? 0 : -1;
}

static int by_name(const void *a, const void *b)
{
    const struct service_figures *x = *(struct service_figures *const *)a;
    const struct service_figures *y = *(struct service_figures *const *)b;
    int order = strcmp(x->policy, y->policy);

    return order != 0 ? order : strcmp(x->name, y->name);
}

static int by_clock(const void *a, const void *b)
{
    const struct service_clock *x = a, *y = b;
    int order = strcmp(x->policy, y->policy);

    if (order != 0)
        return order;
    if (x->promise != y->promise)
        return x->promise ? -1 : 1;
    return strcmp(x->name, y->name);
}

void service_sort(struct service *s)
{
    if (s->nprocedures > 0)
        qsort(s->procedures, s->nprocedures, sizeof(*s->procedures), by_name);
    if (s->nclocks > 0)
        qsort(s->clocks, s->nclocks, sizeof(*s->clocks), by_clock);
}

void service_free(struct service *s)
{
    for (size_t i = 0; i < s->nprocedures; i++)
        free(s->procedures[i]);
    for (size_t i = 0; i < s->nweeks; i++)
        free(s->weeks[i]);
    free(s->procedures);
    free(s->weeks);
    free(s->clocks);
    free(s->total);
    *s = (struct service){ .total = NULL };
}

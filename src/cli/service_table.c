/* The figures of the service for programs: one row a group, in JSON or CSV, of
 * the same members. */
#include "service.h"

#include <stdlib.h>

static int put(json_t *o, const char *key, int64_t value, bool known)
{
    return json_object_set_new(o, key,
                               known ? json_integer(value) : json_null());
}

/* "name", "name_of" and "name_permille". */
static int put_part(json_t *o, const char *name, const struct service_part *p)
{
    char of[48], permille[48];

    (void)snprintf(of, sizeof(of), "%s_of", name);
    (void)snprintf(permille, sizeof(permille), "%s_permille", name);
    return put(o, name, (int64_t)p->n, true) != 0 ||
                   put(o, of, (int64_t)p->of, true) != 0
               ? -1
               : put(o, permille, service_permille(p), p->of > 0);
}

/* How many, and half and nine in ten of them by when, in milliseconds. */
static int put_time(json_t *o, const char *name, const struct latency *l)
{
    char n[48], half[48], most[48];

    (void)snprintf(n, sizeof(n), "%s_n", name);
    (void)snprintf(half, sizeof(half), "%s_median_ms", name);
    (void)snprintf(most, sizeof(most), "%s_p90_ms", name);
    return put(o, n, (int64_t)l->n, true) != 0 ||
                   put(o, half, latency_at(l, 50), l->n > 0) != 0
               ? -1
               : put(o, most, latency_at(l, 90), l->n > 0);
}

static int put_scores(json_t *o, const struct service_figures *f)
{
    char name[16];

    for (unsigned i = 0; i < 5; i++) {
        (void)snprintf(name, sizeof(name), "score_%u", i + 1);
        if (put(o, name, (int64_t)f->scores[i], true) != 0)
            return -1;
    }
    return put(o, "score_mean_hundredths", (int64_t)service_mean(f),
               f->rated.n > 0);
}

static json_t *group(const struct service_figures *f)
{
    json_t *o = json_pack("{s:s, s:s?, s:s?}", "group", f->scope, "policy",
                          f->policy[0] != '\0' ? f->policy : NULL, "name",
                          f->name[0] != '\0' ? f->name : NULL);

    if (o == NULL || put(o, "opened", (int64_t)f->opened, true) != 0 ||
        put(o, "closed", (int64_t)f->closed, true) != 0 ||
        put_time(o, "assistant_first", &f->assistant) != 0 ||
        put_time(o, "person_first", &f->person) != 0 ||
        put_time(o, "person_first_open", &f->person_open) != 0 ||
        put_time(o, "resolution", &f->resolution) != 0 ||
        put_part(o, "without_person", &f->alone) != 0 ||
        put_part(o, "without_other_channel", &f->in_chat) != 0 ||
        put_part(o, "promise_kept", &f->promised) != 0 ||
        put_part(o, "request_in_time", &f->answered) != 0 ||
        put(o, "overdue", (int64_t)f->overdue, true) != 0 ||
        put(o, "handovers", (int64_t)f->handovers, true) != 0 ||
        put_part(o, "handover_taken", &f->taken) != 0 ||
        put_part(o, "rated", &f->rated) != 0 || put_scores(o, f) != 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static json_t *clock_row(const struct service_clock *c)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:I}", "policy", c->policy, "clock",
                          c->name, "of", c->promise ? "case" : "request",
                          "overdue", (json_int_t)c->overdue);

    if (o == NULL || put_part(o, "in_time", &c->in_time) != 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

/* All groups: the total, procedures, weeks. */
static json_t *groups(const struct service *s)
{
    json_t *list = json_array();
    int ok = json_array_append_new(list, group(s->total));

    for (size_t i = 0; ok == 0 && i < s->nprocedures; i++)
        ok = json_array_append_new(list, group(s->procedures[i]));
    for (size_t i = 0; ok == 0 && i < s->nweeks; i++)
        ok = json_array_append_new(list, group(s->weeks[i]));
    if (ok == 0)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *time_or_null(msec t)
{
    char text[TIME_SIZE];

    if (t == INT64_MIN || t == INT64_MAX)
        return json_null();
    time_format(text, t);
    return json_string(text);
}

int service_json(struct buf *out, const struct service *s,
                 const struct service_about *about)
{
    json_t *clocks = json_array(), *o;
    char *text;
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < s->nclocks; i++)
        ok = json_array_append_new(clocks, clock_row(&s->clocks[i]));
    o = json_pack("{s:o, s:o, s:s, s:s?, s:o, s:o, s:o}", "since",
                  time_or_null(about->since), "until",
                  time_or_null(about->until), "zone", about->zone, "policy",
                  about->policy, "made_at", time_or_null(about->made), "groups",
                  groups(s), "clocks", clocks);
    text = o == NULL || ok != 0 ? NULL : json_dumps(o, JSON_INDENT(2));
    ok = text == NULL || buf_adds(out, text) != 0 || buf_adds(out, "\n") != 0
             ? -1
             : 0;
    free(text);
    json_decref(o);
    return ok;
}

/* Columns are the members, as they stand. */
#define COLUMNS_MAX 64
static size_t columns_of(const json_t *row,
                         struct output_column out[static COLUMNS_MAX])
{
    const char *key;
    json_t *value;
    size_t n = 0;

    json_object_foreach((json_t *)(uintptr_t)row, key, value)
    {
        if (n + 1 < COLUMNS_MAX)
            out[n++].key = key;
    }
    out[n].key = NULL;
    return n;
}

int service_csv(struct buf *out, const struct service *s)
{
    struct output_column columns[COLUMNS_MAX];
    json_t *list = groups(s);
    const json_t *row;
    size_t i;
    int ok = list == NULL || columns_of(json_array_get(list, 0), columns) == 0
                 ? -1
                 : csv_object(out, NULL, columns);

    json_array_foreach(list, i, row)
    {
        if (ok == 0)
            ok = csv_object(out, row, columns);
    }
    json_decref(list);
    return ok;
}

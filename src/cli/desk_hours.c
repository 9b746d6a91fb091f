/*
 * When somebody is to be there, as the policies of a desk say: their opening
 * hours, each in its own zone, with the days on which it is closed.
 */
#include "access.h"

#include "resguardo/calendar.h"

#include <stdlib.h>
#include <string.h>

/* One table of hours, with its policy's days. */
struct table {
    struct hours hours;
    size_t policy;
};
struct desk_hours {
    struct calendar calendars[LIMIT_POLICIES];
    size_t npolicies;
    struct table *tables;
    size_t n;
};

/* What a desk says is its own, but it is a file's worth of trust: what does not
 * fit is refused, not cut. */
static int wrong(struct error *e)
{
    return error_set(e, ERR_INPUT, "the desk said hours that are none");
}

static int read_day(const json_t *list, struct opening_day *out)
{
    const json_t *pair;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) > LIMIT_OPENINGS)
        return -1;
    json_array_foreach(list, i, pair)
    {
        json_int_t from = json_integer_value(json_array_get(pair, 0));
        json_int_t until = json_integer_value(json_array_get(pair, 1));

        if (from < 0 || from >= until || until > 24 * 60)
            return -1;
        out->openings[i] = (struct opening){ (int)from, (int)until };
    }
    out->n = json_array_size(list);
    return 0;
}

static int read_table(const json_t *o, struct hours *out)
{
    const json_t *week = json_object_get(o, "week"), *day;
    const json_t *special = json_object_get(o, "special");
    size_t i;

    if (json_array_size(week) != 7 ||
        json_array_size(special) > LIMIT_HOUR_DAYS)
        return -1;
    json_array_foreach(week, i, day)
    {
        if (read_day(day, &out->week[i]) != 0)
            return -1;
    }
    json_array_foreach(special, i, day)
    {
        const char *name = json_str(day, "day");

        if (name == NULL || date_parse(name, &out->special[i].day) != 0 ||
            read_day(json_object_get(day, "open"), &out->special[i].open) != 0)
            return -1;
    }
    out->nspecial = json_array_size(special);
    return 0;
}

static int read_closed(const json_t *list, struct calendar *c)
{
    const json_t *day;
    size_t i;

    if (json_array_size(list) > LIMIT_CLOSED_DAYS)
        return -1;
    c->days = calloc(json_array_size(list) + 1, sizeof(*c->days));
    if (c->days == NULL)
        return -1;
    json_array_foreach(list, i, day)
    {
        const char *name = json_string_value(day);

        if (name == NULL || date_parse(name, &c->days[i].day) != 0 ||
            (i > 0 && c->days[i].day <= c->days[i - 1].day))
            return -1;
        c->days[i].effect = DAY_CLOSED;
        c->ndays = i + 1;
    }
    return 0;
}

static int read_policy(struct desk_hours *h, const json_t *o, struct error *e)
{
    struct calendar *c = &h->calendars[h->npolicies];
    const char *zone = json_str(o, "timezone");
    const json_t *tables = json_object_get(o, "tables"), *table;
    struct table *more;
    size_t i;

    if (zone == NULL || json_array_size(tables) > LIMIT_HOURS)
        return wrong(e);
    if ((c->zone = zone_load(zone, e)) == NULL)
        return -1;
    h->npolicies++;
    if (read_closed(json_object_get(o, "closed"), c) != 0)
        return wrong(e);
    more = reallocarray(h->tables, h->n + json_array_size(tables) + 1,
                        sizeof(*more));
    if (more == NULL)
        return error_set(e, ERR_NOMEM, "no memory for hours");
    h->tables = more;
    json_array_foreach(tables, i, table)
    {
        more[h->n] = (struct table){ .policy = h->npolicies - 1 };
        if (read_table(table, &more[h->n].hours) != 0)
            return wrong(e);
        h->n++;
    }
    return 0;
}

int desk_hours_read(struct desk_hours **out, const json_t *policies,
                    struct error *e)
{
    struct desk_hours *h = calloc(1, sizeof(*h));
    const json_t *policy;
    size_t i;

    *out = NULL;
    if (h == NULL)
        return error_set(e, ERR_NOMEM, "no memory for hours");
    json_array_foreach(policies, i, policy)
    {
        const json_t *hours = json_object_get(policy, "hours");

        if (hours == NULL || json_is_null(hours))
            continue;
        if (i >= LIMIT_POLICIES || read_policy(h, hours, e) != 0) {
            desk_hours_free(&h);
            return i >= LIMIT_POLICIES ? wrong(e) : -1;
        }
    }
    if (h->n == 0)
        desk_hours_free(&h);
    *out = h;
    return 0;
}

int desk_hours_ask(struct desk_hours **out, const struct cli *cli,
                   struct client *client, struct error *e)
{
    json_t *policies;
    int ok;

    *out = NULL;
    if (cli->options[OPTION_HOURS] != NULL)
        return 0;
    if ((policies = client_get_json(client, "/policies", e)) == NULL)
        return -1;
    ok = desk_hours_read(out, policies, e);
    json_decref(policies);
    return ok;
}

void desk_hours_free(struct desk_hours **hours)
{
    struct desk_hours *h = *hours;

    if (h == NULL)
        return;
    for (size_t i = 0; i < h->npolicies; i++) {
        zone_free(&h->calendars[i].zone);
        free(h->calendars[i].days);
    }
    free(h->tables);
    free(h);
    *hours = NULL;
}

bool desk_hours_open(const struct desk_hours *h, msec time)
{
    for (size_t i = 0; i < h->n; i++)
        if (hours_open(&h->tables[i].hours, &h->calendars[h->tables[i].policy],
                       time))
            return true;
    return false;
}

bool desk_hours_usual(const struct desk_hours *h, int day, int minute)
{
    for (size_t i = 0; i < h->n; i++) {
        const struct opening_day *open = &h->tables[i].hours.week[day];

        for (size_t k = 0; k < open->n; k++)
            if (minute >= open->openings[k].from &&
                minute < open->openings[k].until)
                return true;
    }
    return false;
}

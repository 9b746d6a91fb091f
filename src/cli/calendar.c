/* calendar show, calendar due: dates by a policy, without a daemon. */
#include "cli.h"

#include "resguardo/policy.h"

#include <string.h>

static const char *const weekdays[] = { "Monday",   "Tuesday", "Wednesday",
                                        "Thursday", "Friday",  "Saturday",
                                        "Sunday" };

static civil_day today(const struct policy *p)
{
    return zone_day(p->calendar.zone, clock_now(&clock_system), NULL);
}

static json_t *date_json(civil_day day)
{
    char text[DATE_SIZE];

    date_format(text, day);
    return json_string(text);
}

static json_t *time_json(msec t)
{
    char text[TIME_SIZE];

    time_format(text, t);
    return json_string(text);
}

/* ---- show --------------------------------------------------------------- */

/* The name the house gave to a day of its own. */
static const struct calendar_day *own_day(const struct calendar *c,
                                          civil_day day)
{
    for (size_t i = 0; i < c->ndays; i++)
        if (c->days[i].day == day)
            return &c->days[i];
    return NULL;
}

static int add_day(json_t *list, const struct calendar *c, civil_day day)
{
    const char *name = calendar_holiday(c, day);
    const struct calendar_day *own = own_day(c, day);
    enum day_effect effect = name != NULL  ? DAY_HOLIDAY
                             : own != NULL ? own->effect
                                           : DAY__MAX;

    if (effect == DAY__MAX)
        return 0;
    return json_array_append_new(
        list, json_pack("{s:o, s:s, s:s, s:b, s:s}", "date", date_json(day),
                        "weekday", weekdays[date_weekday(day)], "effect",
                        day_effect_names[effect], "business",
                        calendar_business(c, day), "name",
                        name != NULL ? name : own->name));
}

/* An ordinary week needs no listing; what is unlike it does. */
static json_t *year_json(const struct calendar *c, int year)
{
    json_t *list = json_array();
    civil_day day = date_day(year, 1, 1), end = date_day(year + 1, 1, 1);
    json_int_t business = 0;

    for (; day < end; day++) {
        business += calendar_business(c, day) ? 1 : 0;
        if (add_day(list, c, day) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return json_pack("{s:i, s:s, s:b, s:I, s:s, s:o}", "year", year, "timezone",
                     c->timezone, "known",
                     calendar_known(c, date_day(year, 1, 1)), "business_days",
                     business, "version", c->version, "days", list);
}

static int year_print(const json_t *o, struct error *e)
{
    static const struct output_column columns[] = {
        { "date", "DATE" },     { "weekday", "WEEKDAY" },
        { "effect", "EFFECT" }, { "business", "BUSINESS DAY" },
        { "name", "NAME" },     { NULL, NULL }
    };

    if (!json_is_true(json_object_get(o, "known")))
        (void)fputs("warning: no holidays of that year are known: all but "
                    "weekends counts as business days\n",
                    stderr);
    if (output_table(stdout, json_object_get(o, "days"), columns, e) != 0)
        return -1;
    (void)printf(
        "%lld business days; calendar version %s\n",
        (long long)json_integer_value(json_object_get(o, "business_days")),
        json_str(o, "version"));
    return 0;
}

int calendar_run_show(const struct cli *cli, struct error *e)
{
    struct policy *p;
    int64_t year = 0;
    json_t *o = NULL;
    int ok = -1;

    if (cli->argument != NULL &&
        (strlen(cli->argument) != 4 ||
         decimal_parse(cli->argument, 4, 2400, &year) != 0 || year < 1984))
        return error_set(e, ERR_USAGE, "not a year from 1984 to 2400: %s",
                         cli->argument);
    if ((p = policy_open(cli->options[OPTION_POLICY], e)) == NULL)
        return -1;
    if (cli->argument == NULL)
        year = date_of(today(p)).year;
    if ((o = year_json(&p->calendar, (int)year)) == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory to show a year");
    else
        ok = cli->json ? output_json(stdout, o, e) : year_print(o, e);
    json_decref(o);
    policy_free(&p);
    return ok != 0 ? -1 : output_end(stdout, e);
}

/* ---- due ---------------------------------------------------------------- */

static int add_due(json_t *list, const struct policy *p,
                   const struct legal_clock *k, msec received)
{
    for (int n = 0; n <= k->extensions; n++) {
        struct due d;

        if (due_find(k, &p->calendar, received, n, &d) != 0 ||
            json_array_append_new(
                list,
                json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, "
                          "s:s?, s:s}",
                          "clock", k->id, "extensions", n, "received",
                          date_json(d.received), "due", date_json(d.due),
                          "due_early", date_json(d.due_early), "due_at",
                          time_json(d.due_at), "due_early_at",
                          time_json(d.due_early_at), "warn_at",
                          time_json(d.warn_at), "unknown_year", d.unknown_year,
                          "deemed_accepted", k->deemed_accepted, "citation",
                          k->citation[0] != '\0' ? k->citation : NULL,
                          "calendar", p->calendar.version)) != 0)
            return -1;
    }
    return 0;
}

static int due_print(const json_t *list, struct error *e)
{
    static const struct output_column columns[] = {
        { "clock", "CLOCK" },
        { "extensions", "EXTENDED" },
        { "received", "RECEIVED" },
        { "due", "DUE" },
        { "due_early", "TO BE SAFE" },
        { "due_at", "BEFORE (UTC)" },
        { "warn_at", "WARN (UTC)" },
        { "citation", "CITATION" },
        { NULL, NULL }
    };
    const json_t *one;
    bool unknown = false;
    size_t i;

    json_array_foreach(list, i, one)
    {
        unknown |= json_is_true(json_object_get(one, "unknown_year"));
    }
    if (unknown)
        (void)fputs("warning: holidays of a year in between are not known: "
                    "dates may be earlier than the law asks\n",
                    stderr);
    return output_table(stdout, list, columns, e);
}

/* A date is its noon there, as the clock of no zone disputes; an instant is
 * itself. */
static int received_read(const struct cli *cli, const struct policy *p,
                         msec *out)
{
    const char *text = cli->options[OPTION_FROM];
    civil_day day;

    if (text == NULL)
        *out = clock_now(&clock_system);
    else if (date_parse(text, &day) == 0)
        *out = zone_instant(p->calendar.zone, day, 12 * MSEC_H);
    else
        return time_parse(text, out);
    return 0;
}

int calendar_run_due(const struct cli *cli, struct error *e)
{
    struct policy *p = NULL;
    json_t *list = NULL;
    int ok = -1, only = -1;
    msec received;

    if (command_check_time(cli, OPTION_FROM, e) != 0 ||
        (p = policy_open(cli->options[OPTION_POLICY], e)) == NULL)
        return -1;
    if (cli->argument != NULL && (only = policy_clock(p, cli->argument)) < 0) {
        (void)error_set(e, ERR_NOT_FOUND, "%s has no clock %s", p->id,
                        cli->argument);
        goto out;
    }
    (void)received_read(cli, p, &received);
    list = json_array();
    ok = 0;
    for (size_t i = 0; ok == 0 && i < p->nclocks; i++)
        if (only < 0 || (size_t)only == i)
            ok = add_due(list, p, &p->clocks[i], received);
    if (ok != 0)
        (void)error_set(e, ERR_NOMEM, "no memory to show dates");
    else
        ok = cli->json ? output_json(stdout, list, e) : due_print(list, e);
out:
    json_decref(list);
    policy_free(&p);
    return ok != 0 ? -1 : output_end(stdout, e);
}

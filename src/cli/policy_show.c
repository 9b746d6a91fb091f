/* policy show: hours, clocks and procedures as they were understood. */
#include "cli.h"

#include "resguardo/policy.h"

#include <string.h>

static const char *const weekdays[] = { "monday",   "tuesday", "wednesday",
                                        "thursday", "friday",  "saturday",
                                        "sunday" };

/* ---- as JSON ------------------------------------------------------------ */

static json_t *term_json(const struct term *term)
{
    char text[40];

    if (term->n == 0)
        return json_null();
    term_format(text, term);
    return json_string(text);
}

/* NULL: it has no such step. */
static const char *step_id(const struct policy *p, int clock)
{
    return clock >= 0 ? p->clocks[clock].id : NULL;
}

static json_t *clocks_json(const struct policy *p)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->nclocks; i++) {
        const struct legal_clock *k = &p->clocks[i];

        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:o, s:b, s:b, s:b,"
                      " s:s?, s:s?, s:s?, s:s?, s:s?}",
                      "id", k->id, "title", p->languages[0].clocks[i], "kind",
                      clock_kind_names[k->kind], "term", term_json(&k->term),
                      "extension", term_json(&k->extension), "extensions",
                      (json_int_t)k->extensions, "warn", term_json(&k->warn),
                      "receipt_day_may_count", k->receipt_counts,
                      "deemed_accepted", k->deemed_accepted, "legend",
                      k->legend, "citation",
                      k->citation[0] != '\0' ? k->citation : NULL, "ask",
                      step_id(p, k->ask), "give_up", step_id(p, k->give_up),
                      "forward", step_id(p, k->forward), "then",
                      step_id(p, k->then)));
    }
    return list;
}

static json_t *openings_json(const struct opening_day *day)
{
    json_t *list = json_array();

    for (size_t i = 0; i < day->n; i++) {
        const struct opening *o = &day->openings[i];

        (void)json_array_append_new(
            list, json_sprintf("%02d:%02d-%02d:%02d", o->from / 60,
                               o->from % 60, o->until / 60, o->until % 60));
    }
    return list;
}

static json_t *hours_json(const struct policy *p)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->nhours; i++) {
        const struct hours *h = &p->hours[i];
        json_t *numbers = json_array(), *week = json_object(),
               *special = json_object();
        char date[DATE_SIZE];

        for (size_t k = 0; k < h->nnumbers; k++)
            (void)json_array_append_new(numbers, json_string(h->numbers[k]));
        for (int k = 0; k < 7; k++)
            (void)json_object_set_new(week, weekdays[k],
                                      openings_json(&h->week[k]));
        for (size_t k = 0; k < h->nspecial; k++) {
            date_format(date, h->special[k].day);
            (void)json_object_set_new(special, date,
                                      openings_json(&h->special[k].open));
        }
        (void)json_array_append_new(list, json_pack("{s:o, s:o, s:o}",
                                                    "numbers", numbers, "week",
                                                    week, "special", special));
    }
    return list;
}

static json_t *kinds_json(const struct policy_item *item)
{
    json_t *list = json_array();

    for (int i = 0; i < KIND__MAX; i++)
        if ((item->kinds & 1u << i) != 0)
            (void)json_array_append_new(list, json_string(media_kind_names[i]));
    return list;
}

static json_t *types_json(const struct policy *p,
                          const struct policy_item *item)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->ntypes; i++)
        if ((item->types & UINT32_C(1) << i) != 0)
            (void)json_array_append_new(list,
                                        json_string(p->types[i].media_type));
    return list;
}

static json_t *purposes_json(const struct policy *p,
                             const struct policy_item *item)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->npurposes; i++)
        if ((item->purposes & 1u << i) != 0)
            (void)json_array_append_new(list, json_string(p->purposes[i].id));
    return list;
}

static json_t *item_json(const struct policy *p, size_t procedure, size_t i)
{
    const struct policy_item *item = &p->procedures[procedure].items[i];
    char *const *texts = p->languages[0].procedures[procedure].items[i];

    return json_pack(
        "{s:s, s:s, s:s, s:b, s:b, s:s, s:o, s:o, s:o, s:I, s:s, s:s?}", "id",
        item->id, "title", texts[ITEM_TITLE], "why", texts[ITEM_WHY],
        "required", item->required, "sensitive", item->sensitive, "channel",
        item_channel_names[item->channel], "kinds", kinds_json(item), "types",
        types_json(p, item), "purposes", purposes_json(p, item), "files_max",
        (json_int_t)item->files_max, "minors",
        item->minors == MINORS_NO      ? "false"
        : item->minors == MINORS_MAYBE ? "true"
                                       : "representative",
        "retention", item->retention < 0 ? NULL : p->rules[item->retention].id);
}

static json_t *procedures_json(const struct policy *p)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->nprocedures; i++) {
        const struct policy_procedure *procedure = &p->procedures[i];
        char *const *own = p->languages[0].procedures[i].own;
        json_t *items = json_array();

        for (size_t k = 0; k < procedure->nitems; k++)
            (void)json_array_append_new(items, item_json(p, i, k));
        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:s, s:I, s:o}", "id", procedure->id,
                      "title", own[PROCEDURE_TITLE], "description",
                      own[PROCEDURE_DESCRIPTION], "sla",
                      p->clocks[procedure->sla].id, "unrequested_life_ms",
                      (json_int_t)procedure->unrequested_life, "items", items));
    }
    return list;
}

/* ---- for people --------------------------------------------------------- */

static void hours_print(const json_t *list)
{
    const json_t *table, *open;
    const char *day;
    size_t i;

    json_array_foreach(list, i, table)
    {
        struct buf numbers = { 0 };

        (void)buf_adds(&numbers, "");
        (void)output_value(&numbers, json_object_get(table, "numbers"));
        (void)printf("\nopen (%s)\n",
                     numbers.len > 0 ? (const char *)numbers.p : "all numbers");
        for (int k = 0; k < 2; k++)
            json_object_foreach(
                json_object_get(table, k == 0 ? "week" : "special"), day, open)
            {
                buf_reset(&numbers);
                (void)buf_adds(&numbers, "");
                (void)output_value(&numbers, open);
                (void)printf("  %-10s  %s\n", day,
                             numbers.len > 0 ? (const char *)numbers.p
                                             : "closed");
            }
        buf_free(&numbers);
    }
}

static int clocks_print(const json_t *list, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "CLOCK" },
        { "kind", "KIND" },
        { "term", "TERM" },
        { "extension", "EXTENSION" },
        { "extensions", "TIMES" },
        { "warn", "WARN" },
        { "deemed_accepted", "SILENCE IS YES" },
        { "then", "THEN" },
        { "citation", "CITATION" },
        { NULL, NULL }
    };

    if (json_array_size(list) == 0)
        return 0;
    (void)putchar('\n');
    return output_table(stdout, list, columns, e);
}

static int procedures_print(const json_t *list, struct error *e)
{
    static const struct output_column columns[] = {
        { "id", "ITEM" },
        { "title", "TITLE" },
        { "required", "NEEDED" },
        { "sensitive", "SENSITIVE" },
        { "channel", "CHANNEL" },
        { "kinds", "KINDS" },
        { "purposes", "PURPOSES" },
        { "files_max", "FILES" },
        { "retention", "RETENTION" },
        { NULL, NULL }
    };
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        (void)printf("\n%s: %s (clock %s)\n", json_str(one, "id"),
                     json_str(one, "title"), json_str(one, "sla"));
        if (output_table(stdout, json_object_get(one, "items"), columns, e) !=
            0)
            return -1;
    }
    return 0;
}

static int show(const struct policy *p, const json_t *o, struct error *e)
{
    const struct calendar *c = &p->calendar;

    (void)printf("%s: %s, notice %s\n", p->id, p->jurisdiction,
                 p->notice_version);
    (void)printf("days: %s, holidays %s, Saturday is %s business day, version "
                 "%s\n",
                 c->timezone, c->colombia ? "by Ley 51 de 1983" : "as listed",
                 c->saturday ? "a" : "no", c->version);
    hours_print(json_object_get(o, "hours"));
    if (clocks_print(json_object_get(o, "clocks"), e) != 0)
        return -1;
    return procedures_print(json_object_get(o, "procedures"), e);
}

int policy_run_show(const struct cli *cli, struct error *e)
{
    struct policy *p = policy_open(cli->argument, e);
    json_t *o = NULL;
    int ok = -1;

    if (p == NULL)
        return -1;
    o = json_pack("{s:s, s:s, s:s, s:{s:s, s:b, s:b, s:s}, s:o, s:o, s:o}",
                  "id", p->id, "jurisdiction", p->jurisdiction,
                  "notice_version", p->notice_version, "calendar", "timezone",
                  p->calendar.timezone, "computed", p->calendar.colombia,
                  "saturday", p->calendar.saturday, "version",
                  p->calendar.version, "hours", hours_json(p), "clocks",
                  clocks_json(p), "procedures", procedures_json(p));
    if (o == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory to show a policy");
    else
        ok = cli->json ? output_json(stdout, o, e) : show(p, o, e);
    json_decref(o);
    policy_free(&p);
    return ok != 0 ? -1 : output_end(stdout, e);
}

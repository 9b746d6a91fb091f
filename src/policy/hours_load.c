/* hours: of policy.yaml. */
#include "policy_private.h"

#include <string.h>

static const char *const table_keys[] = { "numbers", "week", "special", NULL };
static const char *const special_keys[] = { "date", "open", NULL };
/* As struct hours counts them. */
static const char *const weekdays[] = { "monday",   "tuesday", "wednesday",
                                        "thursday", "friday",  "saturday",
                                        "sunday",   NULL };

/* hh:mm, up to 24:00. */
static bool take_minute(const char *text, int *out)
{
    int64_t hour, minute;

    if (decimal_parse(text, 2, 24, &hour) != 0 || text[2] != ':' ||
        decimal_parse(text + 3, 2, 59, &minute) != 0 ||
        (hour == 24 && minute != 0))
        return false;
    *out = (int)(hour * 60 + minute);
    return true;
}

/* 08:00-12:00, after what opened before. */
static int take_opening(const struct reading *r, struct yaml_node *node,
                        const char *key, struct opening_day *day)
{
    const char *text = yaml_text(node);
    struct opening *o = &day->openings[day->n];

    if (text == NULL || strlen(text) != 11 || text[5] != '-' ||
        !take_minute(text, &o->from) || !take_minute(text + 6, &o->until) ||
        o->from >= o->until)
        return reading_wrong(r, node, key,
                             "is no opening such as \"08:00-12:00\"");
    if (day->n > 0 && o->from <= day->openings[day->n - 1].until)
        return reading_wrong(r, node, key,
                             "begins before the one before it has ended");
    day->n++;
    return 0;
}

static int take_openings(const struct reading *r, struct yaml_node *list,
                         const char *key, struct opening_day *day)
{
    if (!yaml_is_list(list) || yaml_count(list) > LIMIT_OPENINGS)
        return reading_wrong(r, list, key,
                             "needs a list of at most four openings");
    for (size_t i = 0; i < yaml_count(list); i++)
        if (take_opening(r, yaml_item(r->file, list, i), key, day) != 0)
            return -1;
    return 0;
}

int hours_week(const struct reading *r, struct yaml_node *map, struct hours *h)
{
    struct yaml_node *week = yaml_get(r->file, map, "week"), *list;
    bool ever = false;

    if (week == NULL)
        return reading_wrong(r, map, "week", "is missing");
    if (yaml_check_keys(r->file, week, weekdays, r->err) != 0)
        return -1;
    for (int i = 0; weekdays[i] != NULL; i++) {
        list = yaml_get(r->file, week, weekdays[i]);
        if (list != NULL &&
            take_openings(r, list, weekdays[i], &h->week[i]) != 0)
            return -1;
        ever |= h->week[i].n > 0;
    }
    return ever ? 0 : reading_wrong(r, week, "week", "is never open");
}

static int take_special(const struct reading *r, struct yaml_node *map,
                        struct hours *h)
{
    struct yaml_node *open;
    civil_day day;

    if (!yaml_is_map(map))
        return reading_wrong(r, map, "special", "is no day with openings");
    open = yaml_get(r->file, map, "open");
    if (yaml_check_keys(r->file, map, special_keys, r->err) != 0 ||
        reading_day(r, map, "date", &day) != 0)
        return -1;
    for (size_t i = 0; i < h->nspecial; i++)
        if (h->special[i].day == day)
            return reading_wrong(r, map, "date", "is given twice");
    if (open == NULL)
        return reading_wrong(r, map, "open", "is missing; [] is closed");
    h->special[h->nspecial].day = day;
    return take_openings(r, open, "open", &h->special[h->nspecial++].open);
}

static int take_specials(const struct reading *r, struct yaml_node *map,
                         struct hours *h)
{
    struct yaml_node *list =
        reading_list(r, map, "special", LIMIT_HOUR_DAYS, false,
                     "needs a list of one to 64 days");

    if (list == NULL)
        return yaml_get(r->file, map, "special") == NULL ? 0 : -1;
    for (size_t i = 0; i < yaml_count(list); i++)
        if (take_special(r, yaml_item(r->file, list, i), h) != 0)
            return -1;
    return 0;
}

/* all, or ids; none that a table above has already. */
static int take_numbers(const struct reading *r, struct yaml_node *map,
                        struct hours *h)
{
    struct yaml_node *list = yaml_get(r->file, map, "numbers");
    const char *text = yaml_text(list);

    if (text != NULL && strcmp(text, "all") == 0)
        return 0;
    list = reading_list(r, map, "numbers", LIMIT_HOUR_NUMBERS, true,
                        "needs a list of phone_number_ids, or all");
    if (list == NULL)
        return -1;
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *item = yaml_item(r->file, list, i);

        text = yaml_text(item);
        if (text == NULL || text[0] == '\0' ||
            strlen(text) >= sizeof(h->numbers[0]) ||
            text[strspn(text, "0123456789")] != '\0')
            return reading_wrong(r, item, "numbers", "is no phone_number_id");
        if (policy_hours(r->policy, text) != NULL)
            return reading_wrong(r, item, "numbers",
                                 "has hours in a table above");
        memcpy(h->numbers[h->nnumbers++], text, strlen(text) + 1);
    }
    return 0;
}

int hours_load(const struct reading *r, struct yaml_node *root)
{
    struct policy *p = r->policy;
    struct yaml_node *list = reading_list(r, root, "hours", LIMIT_HOURS, false,
                                          "needs a list of tables");

    if (list == NULL)
        return yaml_get(r->file, root, "hours") == NULL ? 0 : -1;
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *map = yaml_item(r->file, list, i);
        struct hours *h = &p->hours[i];

        if (!yaml_is_map(map))
            return reading_wrong(r, map, "hours", "is no table");
        if (i > 0 && p->hours[i - 1].nnumbers == 0)
            return reading_wrong(r, map, "numbers",
                                 "is never reached: a table above is for all");
        if (yaml_check_keys(r->file, map, table_keys, r->err) != 0 ||
            take_numbers(r, map, h) != 0 || hours_week(r, map, h) != 0 ||
            take_specials(r, map, h) != 0)
            return -1;
        p->nhours = i + 1;
    }
    return 0;
}

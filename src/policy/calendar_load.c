/* calendar: of policy.yaml, and the lists of days that it names. */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>

static const char *const calendar_keys[] = { "timezone", "holidays", "regions",
                                             "saturday", "days",     NULL };
static const char *const holiday_keys[] = { "date", "name", NULL };
static const char *const day_keys[] = { "date", "name", "effect", NULL };
#define NATIONAL "national"

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

struct days {
    struct reading r; /* of the file that is being read */
    struct calendar *calendar;
    const char *folder;
    char regions[LIMIT_REGIONS][17];
    size_t nregions;
};

/* ---- days --------------------------------------------------------------- */

static struct calendar_day *there(const struct calendar *c, civil_day day)
{
    for (size_t i = 0; i < c->ndays; i++)
        if (c->days[i].day == day)
            return &c->days[i];
    return NULL;
}

/* What was taken before goes before, but a house that is closed on a holiday
 * does not make it a business day. */
static int add(struct days *d, struct yaml_node *node, civil_day day,
               enum day_effect effect, const char *name)
{
    struct calendar *c = d->calendar;
    struct calendar_day *former = there(c, day);

    if (former != NULL && former->effect == DAY_CLOSED)
        former->effect = effect;
    if (former != NULL)
        return 0;
    if (c->ndays == LIMIT_CALENDAR_DAYS)
        return reading_wrong(&d->r, node, "date", "are more than 1024 days");
    if ((c->days[c->ndays].name = strdup(name)) == NULL)
        return error_set(d->r.err, ERR_NOMEM, "no memory for a calendar");
    c->days[c->ndays].day = day;
    c->days[c->ndays].effect = effect;
    c->ndays++;
    return 0;
}

/* A day with its name, which people see. */
static int take_day(struct days *d, struct yaml_node *map,
                    const char *const *keys, civil_day *day, const char **name)
{
    if (!yaml_is_map(map))
        return reading_wrong(&d->r, map, "date", "is no day with a name");
    if (yaml_check_keys(d->r.file, map, keys, d->r.err) != 0 ||
        reading_day(&d->r, map, "date", day) != 0 ||
        (*name = yaml_need(d->r.file, map, "name", d->r.err)) == NULL)
        return -1;
    if ((*name)[strspn(*name, " ")] == '\0' || strpbrk(*name, "\r\n\t") ||
        utf8_count(*name) > LIMIT_DAY_NAME)
        return reading_wrong(&d->r, yaml_get(d->r.file, map, "name"), "name",
                             "is empty, not one line or longer than 64 "
                             "characters");
    return 0;
}

/* ---- holidays.yaml ------------------------------------------------------ */

/* One list of a year: of the whole country, or of a region. Each date once,
 * and in its year; `wanted`: does this office observe it? */
static int take_holidays(struct days *d, struct yaml_node *list,
                         const char *key, int year, bool wanted)
{
    civil_day former = INT32_MIN, day;
    const char *name;

    if (!yaml_is_list(list))
        return reading_wrong(&d->r, list, key, "needs a list of days");
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *map = yaml_item(d->r.file, list, i);

        if (take_day(d, map, holiday_keys, &day, &name) != 0)
            return -1;
        if (date_of(day).year != year)
            return reading_wrong(&d->r, map, "date", "is not of that year");
        if (day <= former)
            return reading_wrong(&d->r, map, "date",
                                 "does not come after the day before it");
        former = day;
        if (wanted && add(d, map, day, DAY_HOLIDAY, name) != 0)
            return -1;
    }
    return 0;
}

static bool observes(const struct days *d, const char *region)
{
    for (size_t i = 0; i < d->nregions; i++)
        if (strcmp(d->regions[i], region) == 0)
            return true;
    return strcmp(region, NATIONAL) == 0;
}

static int take_year(struct days *d, struct yaml_node *map, const char *name,
                     const char *file)
{
    struct calendar *c = d->calendar;
    int64_t year;

    if (strlen(name) != 4 || decimal_parse(name, 4, 2400, &year) != 0 ||
        year < 1984)
        return reading_wrong(&d->r, map, name, "is no year");
    if (c->nyears == LIMIT_CALENDAR_YEARS)
        return reading_wrong(&d->r, map, name, "are more than 32 years");
    if (!yaml_is_map(map) || yaml_get(d->r.file, map, NATIONAL) == NULL)
        return reading_wrong(&d->r, map, name, "has no list national");
    for (size_t i = 0; i < yaml_count(map); i++) {
        const char *region = yaml_key(d->r.file, map, i);

        if (strcmp(region, NATIONAL) != 0 &&
            region[strspn(region, UPPER DIGIT "-")] != '\0')
            return reading_wrong(&d->r, map, region,
                                 "is not national or a region such as ES-MD");
        if (take_holidays(d, yaml_get(d->r.file, map, region), region,
                          (int)year, observes(d, region)) != 0)
            return -1;
    }
    for (size_t i = 0; i < d->nregions; i++)
        if (yaml_get(d->r.file, map, d->regions[i]) == NULL &&
            policy_warn(d->r.policy, d->r.err,
                        "%s: %s: has no days of %s; they count as business "
                        "days",
                        file, name, d->regions[i]) != 0)
            return -1;
    c->years[c->nyears++] = (int)year;
    return 0;
}

static int take_years(struct days *d, const char *file)
{
    struct yaml_node *root = yaml_root(d->r.file);

    if (!yaml_is_map(root))
        return reading_wrong(&d->r, root, NULL, "needs years");
    for (size_t i = 0; i < yaml_count(root); i++) {
        const char *name = yaml_key(d->r.file, root, i);

        if (take_year(d, yaml_get(d->r.file, root, name), name, file) != 0)
            return -1;
    }
    return 0;
}

/* ---- days.yaml ---------------------------------------------------------- */

static int take_own_days(struct days *d, const char *file)
{
    static const char *const keys[] = { "days", NULL };
    struct yaml_node *root = yaml_root(d->r.file), *list;

    (void)file;
    if (yaml_check_keys(d->r.file, root, keys, d->r.err) != 0)
        return -1;
    list = yaml_get(d->r.file, root, "days");
    if (list == NULL || !yaml_is_list(list))
        return reading_wrong(&d->r, root, "days", "needs a list of days");
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *map = yaml_item(d->r.file, list, i);
        const char *name;
        civil_day day;
        int effect;

        if (take_day(d, map, day_keys, &day, &name) != 0)
            return -1;
        effect = reading_word(&d->r, map, "effect", day_effect_names, DAY__MAX,
                              "is not holiday, closed or working");
        if (effect < 0)
            return -1;
        if (there(d->calendar, day) != NULL)
            return reading_wrong(&d->r, map, "date", "is given twice");
        if (add(d, map, day, (enum day_effect)effect, name) != 0)
            return -1;
    }
    return 0;
}

/* ---- files -------------------------------------------------------------- */

/* A file of the policy's own folder. */
static int take_file(struct days *d, struct yaml_node *node, const char *key,
                     int (*take)(struct days *, const char *))
{
    struct yaml_file *policy_file = d->r.file;
    const char *name = yaml_text(node);
    struct buf path = { 0 };
    int ok = -1;

    if (name == NULL || name[0] == '.' ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyz" DIGIT "._-")] != '\0' ||
        strlen(name) < 6 || strcmp(name + strlen(name) - 5, ".yaml") != 0)
        return reading_wrong(&d->r, node, key,
                             "is no file of this folder, such as days.yaml");
    if (buf_addf(&path, "%s/%s", d->folder, name) != 0)
        error_set(d->r.err, ERR_NOMEM, "no memory for a calendar");
    else if ((d->r.file = yaml_load((char *)path.p, d->r.err)) != NULL)
        ok = take(d, name);
    yaml_close(&d->r.file);
    d->r.file = policy_file;
    buf_free(&path);
    return ok;
}

static int take_regions(struct days *d, struct yaml_node *map)
{
    struct yaml_node *list =
        reading_list(&d->r, map, "regions", LIMIT_REGIONS, false,
                     "needs a list of one to four regions");

    if (list == NULL)
        return yaml_get(d->r.file, map, "regions") == NULL ? 0 : -1;
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *item = yaml_item(d->r.file, list, i);
        const char *text = yaml_text(item);

        if (text == NULL || text[0] == '\0' ||
            strlen(text) >= sizeof(d->regions[0]) ||
            text[strspn(text, UPPER DIGIT "-")] != '\0')
            return reading_wrong(&d->r, item, "regions",
                                 "is no region such as ES-MD");
        memcpy(d->regions[d->nregions++], text, strlen(text) + 1);
    }
    return 0;
}

static int take_holiday_source(struct days *d, struct yaml_node *map)
{
    struct yaml_node *node = yaml_get(d->r.file, map, "holidays");
    const char *text = yaml_text(node);

    if (node == NULL)
        return 0;
    d->calendar->colombia = text != NULL && strcmp(text, "colombia") == 0;
    if (!d->calendar->colombia)
        return take_file(d, node, "holidays", take_years);
    return d->nregions == 0
               ? 0
               : reading_wrong(&d->r, yaml_get(d->r.file, map, "regions"),
                               "regions", "are for a file of holidays");
}

/* The house's own days first: they go before the lists. */
static int take_sources(struct days *d, struct yaml_node *map)
{
    struct yaml_node *own = yaml_get(d->r.file, map, "days");

    if (map != NULL &&
        yaml_check_keys(d->r.file, map, calendar_keys, d->r.err) != 0)
        return -1;
    if (reading_flag(&d->r, map, "saturday", &d->calendar->saturday) != 0 ||
        take_regions(d, map) != 0 ||
        (own != NULL && take_file(d, own, "days", take_own_days) != 0))
        return -1;
    return take_holiday_source(d, map);
}

/* ---- the calendar ------------------------------------------------------- */

static int compare(const void *one, const void *two)
{
    const struct calendar_day *a = one, *b = two;

    return a->day < b->day ? -1 : a->day > b->day;
}

/* The same days give the same version, wherever they were written. */
static int version_make(struct calendar *c, struct error *err)
{
    uint8_t hash[SHA256_LEN];
    struct buf all = { 0 };
    int bad = buf_addf(&all, "%s\n%d\n%d\n", c->timezone, (int)c->colombia,
                       (int)c->saturday);

    for (size_t i = 0; i < c->nyears; i++)
        bad |= buf_addf(&all, "%d\n", c->years[i]);
    for (size_t i = 0; i < c->ndays; i++)
        bad |= buf_addf(&all, "%d %s\n", (int)c->days[i].day,
                        day_effect_names[c->days[i].effect]);
    if (bad == 0) {
        sha256_of(hash, all.p, all.len);
        hex_encode(c->version, hash, 8);
    }
    buf_free(&all);
    return bad == 0 ? 0 : error_set(err, ERR_NOMEM, "no memory for a calendar");
}

static int take_zone(struct days *d, struct yaml_node *map)
{
    struct calendar *c = d->calendar;
    struct yaml_node *node = yaml_get(d->r.file, map, "timezone");
    const char *name = strcmp(d->r.policy->jurisdiction, "ES") == 0
                           ? "Europe/Madrid"
                           : "America/Bogota";
    struct error why = { 0 };

    if (node != NULL && (name = yaml_text(node)) == NULL)
        return reading_wrong(&d->r, node, "timezone", "is no time zone");
    if ((c->zone = zone_load(name, &why)) != NULL) {
        memcpy(c->timezone, name, strlen(name) + 1);
        return 0;
    }
    if (why.code == ERR_NOMEM)
        return error_set(d->r.err, ERR_NOMEM, "no memory for a time zone");
    (void)yaml_error(d->r.file, node, "timezone", d->r.err, "%s", why.text);
    return error_hint(d->r.err, "zones come with the package tzdata");
}

int calendar_load(const struct reading *r, struct yaml_node *root,
                  const char *folder)
{
    struct calendar *c = &r->policy->calendar;
    struct days d = { .r = *r, .calendar = c, .folder = folder };
    struct yaml_node *map = yaml_get(r->file, root, "calendar");

    /* Room for all, so that nothing moves while lists are read. */
    c->days = calloc(LIMIT_CALENDAR_DAYS, sizeof(*c->days));
    if (c->days == NULL)
        return error_set(r->err, ERR_NOMEM, "no memory for a calendar");
    c->colombia = strcmp(r->policy->jurisdiction, "CO") == 0;
    if (take_zone(&d, map) != 0 || take_sources(&d, map) != 0)
        return -1;
    qsort(c->days, c->ndays, sizeof(*c->days), compare);
    return version_make(c, r->err);
}

void calendar_free(struct calendar *c)
{
    for (size_t i = 0; i < c->ndays; i++)
        free(c->days[i].name);
    free(c->days);
    c->days = NULL;
    c->ndays = 0;
    zone_free(&c->zone);
}

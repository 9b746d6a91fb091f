/* policy check: a folder by itself, before a daemon is started with it. */
#include "cli.h"

#include "resguardo/dialogue.h"
#include "resguardo/policy.h"

#include <stdlib.h>
#include <string.h>

/* What a daemon's configuration would fill in. */
#define CONTROLLER "Controller"
#define PUBLIC_URL "https://intake.example"

/* A folder's name is its policy's id: "x/" is x, and "." says none. */
static char *folder_named(const char *argument)
{
    char *folder = strdup(argument);
    const char *last;

    for (size_t n = folder == NULL ? 0 : strlen(folder);
         n > 1 && folder[n - 1] == '/'; n--)
        folder[n - 1] = '\0';
    if (folder == NULL)
        return NULL;
    last = strrchr(folder, '/');
    last = last == NULL ? folder : last + 1;
    if (strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
        free(folder);
        return realpath(argument, NULL);
    }
    return folder;
}

struct policy *policy_open(const char *argument, struct error *e)
{
    char *folder = folder_named(argument);
    struct policy *p = NULL;

    if (folder == NULL)
        (void)error_errno(e, ERR_CONFIG, "cannot open %s", argument);
    else
        p = policy_load(folder, CONTROLLER, PUBLIC_URL, e);
    free(folder);
    return p;
}

/* Dates of this year and the next are what people ask for today. */
static int years_warn(struct policy *p, struct error *e)
{
    const struct calendar *c = &p->calendar;
    int year = date_of(zone_day(c->zone, clock_now(&clock_system), NULL)).year;
    int last = year + 1;

    for (; year <= last; year++)
        if (p->nclocks + p->nhours > 0 &&
            !calendar_known(c, date_day(year, 1, 1)) &&
            policy_warn(p, e,
                        "calendar: has no holidays of %d: all but weekends "
                        "counts as business days",
                        year) != 0)
            return -1;
    return 0;
}

/* A document whose title no caption can name is taken for another, or asked
 * about each time. */
static int titles_warn(struct policy *p, struct error *e)
{
    for (size_t k = 0; k < p->nlanguages; k++)
        for (size_t n = 0; n < p->nprocedures; n++)
            for (size_t i = 0; i < p->procedures[n].nitems; i++)
                if (!dialogue_title_names(p, (int)k, (int)n, (int)i) &&
                    policy_warn(p, e,
                                "texts.%s.yaml: procedures.%s.items.%s.title:"
                                " has no word that tells it from others in the"
                                " caption of a file",
                                p->languages[k].tag, p->procedures[n].id,
                                p->procedures[n].items[i].id) != 0)
                    return -1;
    return 0;
}

/* Another language's text stands in: seldom what somebody has to know first. */
static bool is_missing_text(const char *warning)
{
    return strncmp(warning, "texts.", 6) == 0 &&
           strstr(warning, ": is missing; ") != NULL;
}

/* Words about what works all the same go beside the data: what a language lacks
 * behind all others. */
static void warnings_print(const struct policy *p)
{
    const json_t *one;
    size_t i, missing = 0;

    for (int last = 0; last < 2; last++)
        json_array_foreach(p->warnings, i, one)
        {
            if (is_missing_text(json_string_value(one)) != (last == 1))
                continue;
            missing += last == 1;
            (void)fprintf(stderr, "warning: %s\n", json_string_value(one));
        }
    if (missing > 1)
        (void)fprintf(stderr,
                      "%zu texts are missing in one language, and another's "
                      "stand in\n",
                      missing);
}

static int checked_print(const struct cli *cli, const struct policy *p,
                         struct error *e)
{
    json_t *o;
    int ok;

    if (!cli->json) {
        warnings_print(p);
        (void)printf("%s is sound: notice %s, %zu purposes, %zu languages\n",
                     p->id, p->notice_version, p->npurposes, p->nlanguages);
        return 0;
    }
    o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "id", p->id,
                  "jurisdiction", p->jurisdiction, "notice_version",
                  p->notice_version, "purposes", (json_int_t)p->npurposes,
                  "languages", (json_int_t)p->nlanguages, "procedures",
                  (json_int_t)p->nprocedures, "clocks", (json_int_t)p->nclocks,
                  "hours", (json_int_t)p->nhours, "warnings",
                  p->warnings == NULL ? json_array()
                                      : json_incref(p->warnings));
    ok = output_json(stdout, o, e);
    json_decref(o);
    return ok;
}

int policy_run_check(const struct cli *cli, struct error *e)
{
    struct policy *p = policy_open(cli->argument, e);
    int ok;

    if (p == NULL)
        return -1;
    ok = years_warn(p, e) != 0 || titles_warn(p, e) != 0
             ? -1
             : checked_print(cli, p, e);
    policy_free(&p);
    return ok != 0 ? -1 : output_end(stdout, e);
}

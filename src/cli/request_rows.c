/* Rows of requests and incidents as people read them: days as the law counts
 * them, hours by the clock of the place, and what was said of one in lines. */
#include "request_rows.h"

#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a request");
}

/* ---- days and minutes --------------------------------------------------- */

static int put_minute(json_t *row, const char *key, const struct zone *zone,
                      const char *name, msec at)
{
    char day[DATE_SIZE];
    msec of_day;

    date_format(day, zone_day(zone, at, &of_day));
    return json_object_set_new(
        row, key,
        json_sprintf("%s %02lld:%02lld %s", day,
                     (long long)(of_day / MSEC_S / 3600),
                     (long long)(of_day / MSEC_S / 60 % 60), name));
}

static bool time_at(const json_t *row, const char *key, msec *out)
{
    const char *text = json_str(row, key);

    return text != NULL && time_parse(text, out) == 0;
}

/* A term in hours ends at a minute, of the clock where it counts or where who
 * looks wants it; one in days when its last day is over. */
static int put_due(json_t *row, const struct zone *own, const struct zone *zone,
                   const char *name)
{
    const char *text = json_str(row, "due");
    civil_day day;
    msec at;

    if (text == NULL || date_parse(text, &day) != 0 ||
        !time_at(row, "due_at", &at) || at == zone_instant(own, day + 1, 0))
        return 0;
    /* An incomplete request waits for another day than its own. */
    if (zone_day(own, at, NULL) != day)
        return 0;
    return put_minute(row, "due", zone, name, at) != 0 ||
                   put_minute(row, "due_early", zone, name, at) != 0
               ? -1
               : 0;
}

static int show_row(json_t *row, const struct zone *wanted, const char *name,
                    struct error *e)
{
    const char *place = json_str(row, "zone");
    struct error unknown = { 0 };
    struct zone *own = place != NULL ? zone_load(place, &unknown) : NULL;
    int ok = 0;
    msec found;

    if (own == NULL)
        return 0; /* as the desk said it */
    if (wanted == NULL)
        name = place;
    ok = put_due(row, own, wanted != NULL ? wanted : own, name);
    if (ok == 0 && time_at(row, "received_at", &found))
        ok = put_minute(row, "received_at", wanted != NULL ? wanted : own, name,
                        found);
    zone_free(&own);
    return ok == 0 ? 0 : no_memory(e);
}

int request_rows_local(json_t *list, const char *zone, struct error *e)
{
    struct zone *wanted = NULL;
    int ok = 0;

    if (zone != NULL && (wanted = zone_load(zone, e)) == NULL)
        return -1;
    for (size_t i = 0; ok == 0 && i < json_array_size(list); i++)
        ok = show_row(json_array_get(list, i), wanted, zone, e);
    zone_free(&wanted);
    return ok;
}

/* ---- which columns ------------------------------------------------------ */

static bool is_somewhere(const json_t *list, const char *key)
{
    const json_t *row;
    size_t i;

    json_array_foreach(list, i, row)
    {
        if (json_str(row, key) != NULL)
            return true;
    }
    return false;
}

void request_rows_columns(const json_t *list, const struct output_column *all,
                          struct output_column *out)
{
    static const char *const may_lack[] = { "ask_until", "forward_until",
                                            "then_until" };

    for (; all->key != NULL; all++) {
        bool shown = true;

        for (size_t i = 0; i < sizeof(may_lack) / sizeof(may_lack[0]); i++)
            if (strcmp(all->key, may_lack[i]) == 0)
                shown = is_somewhere(list, all->key);
        if (shown)
            *out++ = *all;
    }
    *out = *all;
}

/* ---- one ---------------------------------------------------------------- */

/* What a customer wrote is a cell of its own, and no field. */
static int print_words(const json_t *words, struct error *e)
{
    static const struct output_column columns[] = {
        { "at", "AT" },     { "by", "BY" }, { "what", "WHAT" },
        { "text", "TEXT" }, { NULL, NULL },
    };

    if (json_array_size(words) == 0)
        return 0;
    (void)putchar('\n');
    return output_table(stdout, words, columns, e);
}

int request_row_print(json_t *row, struct error *e)
{
    json_t *words = json_incref(json_object_get(row, "words"));
    int ok;

    (void)json_object_del(row, "words");
    ok = output_object(stdout, row, e);
    if (ok == 0)
        ok = print_words(words, e);
    json_decref(words);
    return ok;
}

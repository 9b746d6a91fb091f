/* What an entry says about a reading, and what is odd about it. */
#include "access.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct access {
    struct office hours;
    struct ledger_gate *gate;
    struct access_bulk *bulk;
};

/* ---- hours -------------------------------------------------------------- */

static int clock_minutes(const char *text, int *out)
{
    int hour, minute;

    if (strlen(text) < 5 || text[2] != ':' || strspn(text, "0123456789") != 2 ||
        strspn(text + 3, "0123456789") != 2)
        return -1;
    hour = (text[0] - '0') * 10 + text[1] - '0';
    minute = (text[3] - '0') * 10 + text[4] - '0';
    *out = hour * 60 + minute;
    return minute < 60 && *out <= 24 * 60 ? 0 : -1;
}

int hours_parse(struct office *h, const char *text, struct error *e)
{
    *h = OFFICE_USUAL;
    if (text == NULL)
        return 0;
    if (strlen(text) == 11 && text[5] == '-' &&
        clock_minutes(text, &h->from) == 0 &&
        clock_minutes(text + 6, &h->to) == 0 && h->from < h->to)
        return 0;
    (void)error_set(e, ERR_USAGE, "--hours: no hours of a day: %s", text);
    return error_hint(e, "such as 08:00-18:00");
}

/* A name that the C library does not know would count as UTC, silently. */
int hours_zone(const char *zone, struct error *e)
{
    char path[256];
    int n;

    if (zone == NULL)
        zone = ZONE_USUAL;
    n = snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
    if (n < 0 || (size_t)n >= sizeof(path) || strstr(zone, "..") != NULL ||
        zone[0] == '/' || access(path, R_OK) != 0) {
        (void)error_set(e, ERR_USAGE, "--zone: no such zone: %s", zone);
        return error_hint(e, "such as America/Bogota or Europe/Madrid; is "
                             "tzdata installed?");
    }
    if (setenv("TZ", zone, 1) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a zone");
    tzset();
    return 0;
}

bool hours_over(const struct office *h, msec time)
{
    time_t seconds = (time_t)(time / MSEC_S);
    struct tm local;
    int minute;

    if (h->policies != NULL)
        return !desk_hours_open(h->policies, time);
    if (localtime_r(&seconds, &local) == NULL)
        return true;
    minute = local.tm_hour * 60 + local.tm_min;
    return local.tm_wday == 0 || local.tm_wday == 6 || minute < h->from ||
           minute >= h->to;
}

bool hours_usually_over(const struct office *h, int day, int hour)
{
    int minute = hour * 60;

    return h->policies != NULL
               ? !desk_hours_usual(h->policies, day, minute)
               : day >= 5 || minute < h->from || minute >= h->to;
}

/* ---- what is a reading -------------------------------------------------- */

enum {
    ALL = 1,   /* of many at once */
    ONE = 2,   /* one file: many in an hour are bulk, too */
    ABOUT = 4, /* of no case by its nature */
    NO = 8     /* refused */
};
static const struct {
    const char *event;
    unsigned how;
} readings[] = {
    { "document_read", ONE },
    { "document_shown", 0 },
    { "documents_listed", ALL | ABOUT },
    { "case_read", ALL },
    { "subject_exported", ALL },
    { "subject_searched", ABOUT },
    { "subject_revealed", ABOUT },
    { "identities_revealed", ABOUT },
    { "approval_shown", ABOUT },
    { "access_denied", ABOUT | NO },
};
#define READINGS (sizeof(readings) / sizeof(readings[0]))

static int kind_of(const char *event)
{
    for (size_t i = 0; event != NULL && i < READINGS; i++)
        if (strcmp(event, readings[i].event) == 0)
            return (int)i;
    return -1;
}

/* ---- what is bulk ------------------------------------------------------- */

struct access_bulk {
    json_t *readers; /* actor: the times of the last readings, oldest first */
};

struct access_bulk *access_bulk_new(void)
{
    struct access_bulk *b = calloc(1, sizeof(*b));

    if (b != NULL && (b->readers = json_object()) == NULL)
        access_bulk_free(&b);
    return b;
}

void access_bulk_free(struct access_bulk **bulk)
{
    if (*bulk == NULL)
        return;
    json_decref((*bulk)->readers);
    free(*bulk);
    *bulk = NULL;
}

/* Is this one of so many files that somebody read within an hour? 1, 0, -1. */
static int is_many(struct access_bulk *b, const char *actor, msec time)
{
    json_t *times = json_object_get(b->readers, actor);

    if (times == NULL) {
        times = json_array();
        if (json_object_set_new(b->readers, actor, times) != 0)
            return -1;
    }
    if (json_array_append_new(times, json_integer(time)) != 0)
        return -1;
    while (time - json_integer_value(json_array_get(times, 0)) >= MSEC_H ||
           json_array_size(times) > LIMIT_BULK_READS)
        if (json_array_remove(times, 0) != 0)
            return -1;
    return json_array_size(times) == LIMIT_BULK_READS;
}

int access_bulk_is(struct access_bulk *b, const json_t *entry)
{
    int kind = kind_of(json_str(entry, "event_type"));
    const char *who = json_str(entry, "actor"), *text = json_str(entry, "time");
    unsigned how = kind < 0 ? 0 : readings[kind].how;
    msec time = 0;

    if ((how & ONE) != 0 && who != NULL && text != NULL)
        return time_parse(text, &time) != 0 ? 0 : is_many(b, who, time);
    return (how & ALL) != 0 && (json_str(entry, "case_id") == NULL ||
                                json_str(entry, "subject") != NULL);
}

/* ---- a row -------------------------------------------------------------- */

struct access *access_new(const struct office *hours)
{
    struct access *a = calloc(1, sizeof(*a));

    if (a == NULL)
        return NULL;
    a->hours = *hours;
    a->gate = ledger_gate_new();
    a->bulk = access_bulk_new();
    if (a->gate == NULL || a->bulk == NULL)
        access_free(&a);
    return a;
}

void access_free(struct access **access)
{
    if (*access == NULL)
        return;
    ledger_gate_free(&(*access)->gate);
    access_bulk_free(&(*access)->bulk);
    free(*access);
    *access = NULL;
}

static int add_flag(struct buf *flags, bool is, const char *flag)
{
    return !is ? 0 : buf_addf(flags, "%s%s", flags->len > 0 ? " " : "", flag);
}

static int judge(struct access *a, const json_t *entry, unsigned how,
                 const char *violation, struct buf *flags)
{
    const char *text = json_str(entry, "time");
    bool has_case = json_str(entry, "case_id") != NULL;
    msec time = 0;
    int bulk;

    if (text == NULL || time_parse(text, &time) != 0)
        return -1;
    bulk = access_bulk_is(a->bulk, entry);
    return bulk < 0 || buf_adds(flags, "") != 0 ||
                   add_flag(flags, (how & NO) != 0, "denied") != 0 ||
                   add_flag(flags, hours_over(&a->hours, time),
                            "out_of_hours") != 0 ||
                   add_flag(flags, bulk > 0, "bulk") != 0 ||
                   add_flag(flags, !has_case && (how & ABOUT) == 0,
                            "no_case") != 0 ||
                   add_flag(flags, violation != NULL, "after_withdrawal") != 0
               ? -1
               : 0;
}

static json_t *row_of(const json_t *entry, const char *flags)
{
    static const char *const members[] = { "event_type", "actor",
                                           "role",       "subject",
                                           "case_id",    "document_id",
                                           "reason" };
    const json_t *evidence = json_object_get(entry, "evidence");
    const char *approval = json_str(entry, "approval_id");
    json_t *o =
        json_pack("{s:O, s:O}", "index", json_object_get(entry, "index"),
                  "time", json_object_get(entry, "time"));
    int ok = 0;

    if (approval == NULL)
        approval = json_str(evidence, "approval_id");
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        ok |= json_object_set_new(o, members[i],
                                  json_pack("s?", json_str(entry, members[i])));
    ok |= json_object_set_new(o, "approval_id", json_pack("s?", approval));
    ok |= json_object_set_new(
        o, "uid", json_pack("O?", json_object_get(evidence, "uid")));
    ok |= json_object_set_new(o, "route",
                              json_pack("s?", json_str(evidence, "route")));
    ok |= json_object_set_new(
        o, "count", json_pack("O?", json_object_get(evidence, "count")));
    ok |= json_object_set_new(
        o, "flags", flags[0] != '\0' ? json_string(flags) : json_null());
    if (ok == 0)
        return o;
    json_decref(o);
    return NULL;
}

int access_add(struct access *a, const json_t *entry, json_t **row,
               struct error *e)
{
    int kind = kind_of(json_str(entry, "event_type"));
    const char *violation = NULL;
    struct buf flags = { 0 };

    *row = NULL;
    if (ledger_gate_add(a->gate, entry, &violation, e) != 0)
        return -1;
    if (kind < 0)
        return 0;
    if (judge(a, entry, readings[kind].how, violation, &flags) == 0)
        *row = row_of(entry, (const char *)flags.p);
    buf_free(&flags);
    return *row != NULL ? 0 : error_set(e, ERR_NOMEM, "no memory for a row");
}

/* The TZ string of POSIX (CET-1CEST,M3.5.0,M10.5.0/3): years without end. */
#include "zone_private.h"

#include <string.h>

#define DAY_S ((int32_t)86400)
/* RFC 9636 lets a change be this many hours from its day's midnight. */
#define HOURS_MAX 167

/* ---- reading ------------------------------------------------------------ */

struct text {
    const char *p, *end;
};

static bool next_is(struct text *t, char c)
{
    if (t->p == t->end || *t->p != c)
        return false;
    t->p++;
    return true;
}

static int take_number(struct text *t, int max, int *out)
{
    size_t n = 0;
    int64_t value;

    while (t->p + n < t->end && n < 4 && t->p[n] >= '0' && t->p[n] <= '9')
        n++;
    if (n == 0 || decimal_parse(t->p, n, max, &value) != 0)
        return -1;
    t->p += n;
    *out = (int)value;
    return 0;
}

/* At least three letters, or anything of <+-0A>. */
static int take_name(struct text *t)
{
    bool quoted = next_is(t, '<');
    size_t n = 0;

    for (; t->p < t->end; t->p++, n++) {
        char c = *t->p;
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool other = (c >= '0' && c <= '9') || c == '+' || c == '-';

        if (!letter && !(quoted && other))
            break;
    }
    return n >= 3 && (!quoted || next_is(t, '>')) ? 0 : -1;
}

/* [+-]h[hh][:mm[:ss]] in seconds. */
static int take_time(struct text *t, int hours_max, int32_t *out)
{
    int hours, minutes = 0, seconds = 0, sign = 1;

    if (next_is(t, '-'))
        sign = -1;
    else
        (void)next_is(t, '+');
    if (take_number(t, hours_max, &hours) != 0 ||
        (next_is(t, ':') &&
         (take_number(t, 59, &minutes) != 0 ||
          (next_is(t, ':') && take_number(t, 59, &seconds) != 0))))
        return -1;
    *out = sign * (hours * 3600 + minutes * 60 + seconds);
    return 0;
}

/* A TZ string says what to add to get UTC; we say how far east. */
static int take_offset(struct text *t, int32_t *out)
{
    if (take_time(t, 24, out) != 0)
        return -1;
    *out = -*out;
    return *out >= ZONE_OFFSET_MIN && *out <= ZONE_OFFSET_MAX ? 0 : -1;
}

static int take_change(struct text *t, struct zone_change *c)
{
    c->seconds = 2 * 3600;
    if (!next_is(t, ','))
        return -1;
    if (next_is(t, 'M')) {
        c->form = CHANGE_WEEKDAY;
        if (take_number(t, 12, &c->month) != 0 || c->month < 1 ||
            !next_is(t, '.') || take_number(t, 5, &c->week) != 0 ||
            c->week < 1 || !next_is(t, '.') || take_number(t, 6, &c->day) != 0)
            return -1;
    } else if (next_is(t, 'J')) {
        c->form = CHANGE_JULIAN;
        if (take_number(t, 365, &c->day) != 0 || c->day < 1)
            return -1;
    } else {
        c->form = CHANGE_ORDINAL;
        if (take_number(t, 365, &c->day) != 0)
            return -1;
    }
    return next_is(t, '/') ? take_time(t, HOURS_MAX, &c->seconds) : 0;
}

int zone_rule_parse(struct zone_rule *rule, const char *text, size_t n)
{
    struct text t = { text, text + n };

    memset(rule, 0, sizeof(*rule));
    if (n == 0)
        return 0;
    rule->given = true;
    if (take_name(&t) != 0 || take_offset(&t, &rule->standard) != 0)
        return -1;
    if (t.p == t.end)
        return 0;
    rule->summer = true;
    rule->daylight = rule->standard + 3600;
    if (take_name(&t) != 0 ||
        (t.p < t.end && *t.p != ',' && take_offset(&t, &rule->daylight) != 0) ||
        take_change(&t, &rule->begin) != 0 || take_change(&t, &rule->end) != 0)
        return -1;
    return t.p == t.end ? 0 : -1;
}

/* ---- asking ------------------------------------------------------------- */

static civil_day change_day(const struct zone_change *c, int year)
{
    civil_day first;
    int ahead;

    if (c->form == CHANGE_ORDINAL)
        return date_day(year, 1, 1) + c->day;
    if (c->form == CHANGE_JULIAN) /* 29 February is never counted */
        return date_day(year, 1, 1) + c->day - 1 +
               (c->day > 59 && date_month_length(year, 2) == 29 ? 1 : 0);

    /* Sunday is 0 in a TZ string, and week 5 the last. */
    first = date_day(year, c->month, 1);
    ahead = (c->day + 6) % 7 - date_weekday(first);
    ahead = (ahead < 0 ? ahead + 7 : ahead) + 7 * (c->week - 1);
    if (ahead >= date_month_length(year, c->month))
        ahead -= 7;
    return first + ahead;
}

static int64_t change_second(const struct zone_change *c, int year,
                             int32_t offset)
{
    return (int64_t)change_day(c, year) * DAY_S + c->seconds - offset;
}

int32_t zone_rule_offset(const struct zone_rule *rule, int64_t second)
{
    int64_t local = second + rule->standard, begin, end;
    int year;
    bool inside;

    if (!rule->summer)
        return rule->standard;
    year =
        date_of((civil_day)((local >= 0 ? local : local - (DAY_S - 1)) / DAY_S))
            .year;
    begin = change_second(&rule->begin, year, rule->standard);
    end = change_second(&rule->end, year, rule->daylight);

    /* South of the equator summer lies around the new year. */
    inside = begin < end ? second >= begin && second < end
                         : second >= begin || second < end;
    return inside ? rule->daylight : rule->standard;
}

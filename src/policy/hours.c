/* When somebody is there. Minutes are those that pass, also on the days on
 * which clocks change. */
#include "resguardo/calendar.h"

#define MINUTE ((msec)60 * 1000)

static const struct opening_day closed = { .n = 0 };

/* A special day goes before a holiday, and both before the week. */
static const struct opening_day *on(const struct hours *h,
                                    const struct calendar *c, civil_day day)
{
    for (size_t i = 0; i < h->nspecial; i++)
        if (h->special[i].day == day)
            return &h->special[i].open;
    return calendar_closed(c, day) ? &closed : &h->week[date_weekday(day)];
}

static void span(const struct calendar *c, civil_day day,
                 const struct opening *o, msec *from, msec *until)
{
    *from = zone_instant(c->zone, day, o->from * MINUTE);
    *until = zone_instant(c->zone, day, o->until * MINUTE);
}

int hours_next(const struct hours *h, const struct calendar *c, msec t,
               msec *out)
{
    civil_day first = zone_day(c->zone, t, NULL);

    for (civil_day day = first; day < first + LIMIT_OPENS_WITHIN; day++) {
        const struct opening_day *open = on(h, c, day);
        bool found = false;

        /* The earliest: clocks that jump may put one past another. */
        for (size_t i = 0; i < open->n; i++) {
            msec from, until;

            span(c, day, &open->openings[i], &from, &until);
            from = from > t ? from : t;
            if (t >= until || (found && from >= *out))
                continue;
            *out = from;
            found = true;
        }
        if (found)
            return 0;
    }
    return -1;
}

bool hours_open(const struct hours *h, const struct calendar *c, msec t)
{
    msec next;

    return hours_next(h, c, t, &next) == 0 && next == t;
}

int64_t hours_between(const struct hours *h, const struct calendar *c,
                      msec from, msec until)
{
    civil_day first = zone_day(c->zone, from, NULL);
    civil_day last = zone_day(c->zone, until, NULL);
    msec sum = 0;

    if (last > first + LIMIT_TERM_D)
        last = first + LIMIT_TERM_D;
    for (civil_day day = first; day <= last; day++) {
        const struct opening_day *open = on(h, c, day);

        for (size_t i = 0; i < open->n; i++) {
            msec begin, end;

            span(c, day, &open->openings[i], &begin, &end);
            begin = begin > from ? begin : from;
            end = end < until ? end : until;
            sum += end > begin ? end - begin : 0;
        }
    }
    return sum / MINUTE;
}

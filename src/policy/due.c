/* When an answer is due, by the letter and by the stricter reading. */
#include "resguardo/calendar.h"

#include <stdio.h>
#include <string.h>

const char *const clock_kind_names[CLOCK__MAX] = {
    [CLOCK_REQUEST] = "request",
    [CLOCK_STEP] = "step",
    [CLOCK_INCIDENT] = "incident",
    [CLOCK_SERVICE] = "service",
};
static const char *const unit_names[TERM__MAX][2] = {
    [TERM_HOURS] = { "hour", "hours" },
    [TERM_DAYS] = { "day", "days" },
    [TERM_BUSINESS_DAYS] = { "business day", "business days" },
    [TERM_MONTHS] = { "month", "months" },
};

void term_format(char out[static 40], const struct term *term)
{
    (void)snprintf(out, 40, "%d %s", term->n,
                   unit_names[term->unit][term->n != 1]);
}

/* The day's end is the first instant of the next. */
static msec end_of(const struct calendar *c, civil_day day)
{
    return zone_instant(c->zone, day + 1, 0);
}

/* A last day that is no business day is none: Ley 4 de 1913, art. 62; Reg.
 * 1182/71, art. 3. The stricter reading does not rely on it. */
static void count_days(const struct legal_clock *k, const struct calendar *c,
                       int n, struct due *d)
{
    switch (k->term.unit) {
    case TERM_BUSINESS_DAYS:
        d->due = calendar_add(c, d->received, n);
        /* Receipt on a day that is none counts as received on the next, so
         * that there the readings agree. */
        d->due_early =
            k->receipt_counts ? calendar_add(c, d->received - 1, n) : d->due;
        break;
    case TERM_MONTHS:
        d->due_early = date_add_months(d->received, n);
        d->due = calendar_roll(c, d->due_early);
        break;
    default:
        d->due_early = d->received + n;
        d->due = calendar_roll(c, d->due_early);
        break;
    }
    if (k->receipt_counts && k->term.unit != TERM_BUSINESS_DAYS)
        d->due_early--;
    d->due_at = end_of(c, d->due);
    d->due_early_at = end_of(c, d->due_early);
}

static msec warn_time(const struct legal_clock *k, const struct calendar *c,
                      const struct due *d)
{
    civil_day day = zone_day(c->zone, d->due_early_at - 1, NULL);

    switch (k->warn.unit) {
    case TERM_HOURS:
        return d->due_early_at - k->warn.n * MSEC_H;
    case TERM_BUSINESS_DAYS:
        day = calendar_add(c, day, -k->warn.n);
        break;
    case TERM_MONTHS:
        day = date_add_months(day, -k->warn.n);
        break;
    default:
        day -= k->warn.n;
        break;
    }
    return zone_instant(c->zone, day, 0);
}

int due_find(const struct legal_clock *k, const struct calendar *c,
             msec received, int extensions, struct due *d)
{
    int n = k->term.n + extensions * k->extension.n;

    memset(d, 0, sizeof(*d));
    if (extensions < 0 || extensions > k->extensions)
        return -1;
    d->received = zone_day(c->zone, received, NULL);
    if (k->term.unit == TERM_HOURS) {
        d->due_at = d->due_early_at = received + n * MSEC_H;
        d->due = d->due_early = zone_day(c->zone, d->due_at, NULL);
    } else {
        count_days(k, c, n, d);
    }
    d->warn_at = warn_time(k, c, d);

    /* Hours need no holidays. */
    if (k->term.unit != TERM_HOURS)
        for (int year = date_of(d->received).year; year <= date_of(d->due).year;
             year++)
            d->unknown_year |= !calendar_known(c, date_day(year, 1, 1));
    return 0;
}

/* Which days count. */
#include "resguardo/calendar.h"

#define SATURDAY 5
#define SUNDAY   6

const char *const day_effect_names[DAY__MAX] = {
    [DAY_HOLIDAY] = "holiday",
    [DAY_CLOSED] = "closed",
    [DAY_WORKING] = "working",
};

static const struct calendar_day *listed(const struct calendar *c,
                                         civil_day day)
{
    size_t low = 0, high = c->ndays;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c->days[middle].day == day)
            return &c->days[middle];
        if (c->days[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *calendar_holiday(const struct calendar *c, civil_day day)
{
    const struct calendar_day *own = listed(c, day);
    struct holiday all[COLOMBIA_HOLIDAYS];

    if (own != NULL && own->effect == DAY_HOLIDAY)
        return own->name;
    if (!c->colombia || (own != NULL && own->effect == DAY_WORKING))
        return NULL;
    holiday_colombia(date_of(day).year, all);
    for (size_t i = 0; i < COLOMBIA_HOLIDAYS; i++)
        if (all[i].day == day)
            return all[i].name;
    return NULL;
}

bool calendar_business(const struct calendar *c, civil_day day)
{
    const struct calendar_day *own = listed(c, day);
    int weekday = date_weekday(day);

    if (own != NULL && own->effect == DAY_WORKING)
        return true;
    if (weekday == SUNDAY || (weekday == SATURDAY && !c->saturday))
        return false;
    return calendar_holiday(c, day) == NULL;
}

bool calendar_closed(const struct calendar *c, civil_day day)
{
    const struct calendar_day *own = listed(c, day);

    return (own != NULL && own->effect == DAY_CLOSED) ||
           calendar_holiday(c, day) != NULL;
}

bool calendar_known(const struct calendar *c, civil_day day)
{
    int year = date_of(day).year;

    for (size_t i = 0; i < c->nyears; i++)
        if (c->years[i] == year)
            return true;
    return c->colombia;
}

/* Ends, because the days that a calendar lists do: all other weeks have
 * business days. */
civil_day calendar_add(const struct calendar *c, civil_day day, int n)
{
    int step = n < 0 ? -1 : 1;

    for (int left = n * step; left > 0;) {
        day += step;
        left -= calendar_business(c, day) ? 1 : 0;
    }
    return day;
}

civil_day calendar_roll(const struct calendar *c, civil_day day)
{
    while (!calendar_business(c, day))
        day++;
    return day;
}

/* The test's own calendar: what the law says, worked out in another way than
 * the product does, and held to the vectors that were looked up by hand. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

static bool leap(int y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int days_in(int y, int m)
{
    static const int days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    return m == 2 && leap(y) ? 29 : days[m - 1];
}

int day_of(int year, int month, int day)
{
    int n = day - 1;

    for (int y = 1970; y < year; y++)
        n += leap(y) ? 366 : 365;
    for (int m = 1; m < month; m++)
        n += days_in(year, m);
    return n;
}

void day_split(int day, int *year, int *month, int *dom)
{
    for (*year = 1970; day >= (leap(*year) ? 366 : 365); ++*year)
        day -= leap(*year) ? 366 : 365;
    for (*month = 1; day >= days_in(*year, *month); ++*month)
        day -= days_in(*year, *month);
    *dom = day + 1;
}

int weekday(int day)
{
    return (day + 3) % 7; /* 1 January 1970 was a Thursday */
}

int parse_day(const char *s)
{
    int y, m, d;

    if (s == NULL || sscanf(s, "%4d-%2d-%2d", &y, &m, &d) != 3)
        return -1;
    return day_of(y, m, d);
}

/* ---- Colombia ----------------------------------------------------------- */

/* The Sunday of Easter, by the algorithm of Gauss. */
static int easter(int y)
{
    int a = y % 19, b = y % 4, c = y % 7, k = y / 100;
    int p = (13 + 8 * k) / 25, q = k / 4;
    int m = (15 - p + k - q) % 30, n = (4 + k - q) % 7;
    int d = (19 * a + m) % 30, e = (2 * b + 4 * c + 6 * d + n) % 7;

    if (d == 29 && e == 6)
        return day_of(y, 4, 19);
    if (d == 28 && e == 6 && (11 * m + 11) % 30 < 19)
        return day_of(y, 4, 18);
    return day_of(y, 3, 22) + d + e;
}

static int next_monday(int day)
{
    while (weekday(day) != 0)
        day++;
    return day;
}

/* Ley 51 de 1983. */
bool holiday_co(int day)
{
    static const int fixed[][2] = { { 1, 1 }, { 5, 1 },  { 7, 20 },
                                    { 8, 7 }, { 12, 8 }, { 12, 25 } };
    static const int moved[][2] = { { 1, 6 },   { 3, 19 }, { 6, 29 }, { 8, 15 },
                                    { 10, 12 }, { 11, 1 }, { 11, 11 } };
    static const int of_easter[] = { -3, -2, 43, 64, 71 };
    int y, m, d;

    day_split(day, &y, &m, &d);
    for (size_t i = 0; i < 6; i++)
        if (day == day_of(y, fixed[i][0], fixed[i][1]))
            return true;
    for (size_t i = 0; i < 7; i++)
        if (day == next_monday(day_of(y, moved[i][0], moved[i][1])))
            return true;
    for (size_t i = 0; i < 5; i++)
        if (day == easter(y) + of_easter[i])
            return true;
    return false;
}

/* ---- Madrid: what the policies list ------------------------------------- */

bool holiday_es(int day)
{
    static const int listed[][3] = {
        { 2026, 1, 1 },   { 2026, 1, 6 },  { 2026, 4, 2 },  { 2026, 4, 3 },
        { 2026, 5, 1 },   { 2026, 5, 2 },  { 2026, 5, 15 }, { 2026, 8, 15 },
        { 2026, 10, 12 }, { 2026, 11, 1 }, { 2026, 11, 2 }, { 2026, 11, 9 },
        { 2026, 12, 6 },  { 2026, 12, 7 }, { 2026, 12, 8 }, { 2026, 12, 25 },
        { 2027, 1, 1 },   { 2027, 3, 26 }, { 2027, 5, 1 },  { 2027, 8, 15 },
        { 2027, 10, 12 }, { 2027, 11, 1 }, { 2027, 12, 6 }, { 2027, 12, 8 },
        { 2027, 12, 25 },
    };

    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
        if (day == day_of(listed[i][0], listed[i][1], listed[i][2]))
            return true;
    return false;
}

bool business(int policy, int day)
{
    return weekday(day) < 5 &&
           !(policy == CO ? holiday_co(day) : holiday_es(day));
}

/* ---- clocks ------------------------------------------------------------- */

static int last_sunday(int y, int m)
{
    int day = day_of(y, m, 31);

    while (weekday(day) != 6)
        day--;
    return day;
}

/* Colombia has no summer time; the Union's is from the last Sunday of March to
 * that of October, 01:00 UTC. */
int ahead(int policy, msec at)
{
    int day = (int)(at / MSEC_D), y, m, d;

    if (policy == CO)
        return -5 * 60;
    day_split(day, &y, &m, &d);
    return at >= last_sunday(y, 3) * MSEC_D + MSEC_H &&
                   at < last_sunday(y, 10) * MSEC_D + MSEC_H
               ? 120
               : 60;
}

int local_day(int policy, msec at)
{
    return (int)((at + ahead(policy, at) * 60 * MSEC_S) / MSEC_D);
}

int local_minute(int policy, msec at)
{
    return (int)((at + ahead(policy, at) * 60 * MSEC_S) % MSEC_D /
                 (60 * MSEC_S));
}

msec midnight(int policy, int day)
{
    msec at = day * MSEC_D - ahead(policy, day * MSEC_D) * 60 * MSEC_S;

    /* No clock changes within two hours of a midnight in Madrid. */
    return day * MSEC_D - ahead(policy, at) * 60 * MSEC_S;
}

/* ---- vectors ------------------------------------------------------------ */

static void hold(bool true_, const char *what)
{
    if (true_)
        return;
    (void)fprintf(stderr, "the test's own calendar is wrong: %s\n", what);
    exit(2);
}

static void holidays_are(int year, const char *const *days)
{
    int n = 0, found = 0;

    for (; days[n] != NULL; n++) {
        char full[16];

        (void)snprintf(full, sizeof(full), "%d-%s", year, days[n]);
        hold(holiday_co(parse_day(full)), full);
    }
    for (int d = day_of(year, 1, 1); d <= day_of(year, 12, 31); d++)
        found += holiday_co(d);
    hold(found == n, "number of holidays");
}

static int counted(const char *from, int n)
{
    int day = parse_day(from);

    while (n > 0)
        n -= business(CO, ++day);
    return day;
}

void days_self_check(void)
{
    static const char *const of_2026[] = { "01-01", "01-12", "03-23", "04-02",
                                           "04-03", "05-01", "05-18", "06-08",
                                           "06-15", "06-29", "07-20", "08-07",
                                           "08-17", "10-12", "11-02", "11-16",
                                           "12-08", "12-25", NULL };
    static const char *const of_2027[] = { "01-01", "01-11", "03-22", "03-25",
                                           "03-26", "05-01", "05-10", "05-31",
                                           "06-07", "07-05", "07-20", "08-07",
                                           "08-16", "10-18", "11-01", "11-15",
                                           "12-08", "12-25", NULL };

    holidays_are(2026, of_2026);
    holidays_are(2027, of_2027);
    hold(counted("2026-11-23", 10) == parse_day("2026-12-07"), "CAL-4");
    hold(counted("2026-11-23", 23) == parse_day("2026-12-28"), "CAL-4");
    hold(counted("2026-12-18", 10) == parse_day("2027-01-05"), "CAL-4");
    hold(counted("2026-12-18", 15) == parse_day("2027-01-13"), "CAL-4");
    hold(counted("2026-03-27", 15) == parse_day("2026-04-21"), "CAL-4");
    hold(holiday_co(parse_day("2030-07-01")), "two on one day");
}

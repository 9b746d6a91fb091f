/* Days of the Gregorian calendar, without any clock. */
#include "resguardo/base.h"

#include <string.h>

/* Years are counted from March, so that the leap day is the last one of its
 * year. */
civil_day date_day(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           719468;
}

struct date date_of(civil_day days)
{
    int64_t shifted = (int64_t)days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t in_era = shifted - era * 146097;
    int64_t year =
        (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t march = (5 * in_year + 2) / 153;
    struct date d;

    d.day = (int)(in_year - (153 * march + 2) / 5 + 1);
    d.month = (int)(march < 10 ? march + 3 : march - 9);
    d.year = (int)(year + era * 400 + (d.month <= 2 ? 1 : 0));
    return d;
}

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int date_month_length(int year, int month)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31 };

    return lengths[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

int date_weekday(civil_day day)
{
    /* 1970-01-01 was a Thursday. */
    int rest = (int)(((int64_t)day + 3) % 7);

    return rest < 0 ? rest + 7 : rest;
}

civil_day date_add_months(civil_day day, int n)
{
    struct date d = date_of(day);
    int months = d.year * 12 + d.month - 1 + n, last;

    d.year = (months >= 0 ? months : months - 11) / 12;
    d.month = months - d.year * 12 + 1;
    last = date_month_length(d.year, d.month);
    return date_day(d.year, d.month, d.day < last ? d.day : last);
}

void date_format(char out[static DATE_SIZE], civil_day day)
{
    char text[TIME_SIZE];

    time_format(text, day * MSEC_D);
    memcpy(out, text, DATE_SIZE - 1);
    out[DATE_SIZE - 1] = '\0';
}

int date_parse(const char *text, civil_day *out)
{
    msec t;

    if (strlen(text) != DATE_SIZE - 1 || time_parse(text, &t) != 0)
        return -1;
    /* Midnight UTC, also of a day before 1970, is a whole number of days. */
    *out = (civil_day)(t / MSEC_D);
    return 0;
}

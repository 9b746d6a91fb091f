/* RFC 3339, both ways, without the C library's time zones. */
#include "resguardo/base.h"

#include <stdio.h>
#include <string.h>

#define YEAR_MAX 9999

/* Years 0000 to 9999, which is all that RFC 3339 can write. */
static msec clamp(msec t)
{
    const msec first = date_day(0, 1, 1) * MSEC_D;
    const msec end = date_day(YEAR_MAX + 1, 1, 1) * MSEC_D;

    if (t < first)
        return first;
    return t >= end ? end - 1 : t;
}

/* value in exactly n digits. */
static char *put_digits(char *out, int64_t value, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + n;
}

void time_format(char out[static TIME_SIZE], msec t)
{
    int64_t days, rest;
    struct date d;
    char *p = out;

    t = clamp(t);
    days = (t >= 0 ? t : t - (MSEC_D - 1)) / MSEC_D;
    rest = t - days * MSEC_D;
    d = date_of((civil_day)days);

    p = put_digits(p, d.year, 4);
    *p++ = '-';
    p = put_digits(p, d.month, 2);
    *p++ = '-';
    p = put_digits(p, d.day, 2);
    *p++ = 'T';
    p = put_digits(p, rest / MSEC_H, 2);
    *p++ = ':';
    p = put_digits(p, rest / 60000 % 60, 2);
    *p++ = ':';
    p = put_digits(p, rest / 1000 % 60, 2);
    *p++ = '.';
    p = put_digits(p, rest % 1000, 3);
    *p++ = 'Z';
    *p = '\0';
}

/* Reads exactly n digits at *p into *out, which must lie in [min, max]. */
static int take(const char **p, size_t n, int min, int max, int *out)
{
    int64_t value;

    if (strnlen(*p, n) < n || decimal_parse(*p, n, max, &value) != 0 ||
        value < min)
        return -1;
    *out = (int)value;
    *p += n;
    return 0;
}

static int take_char(const char **p, char upper)
{
    if (**p != upper && **p != upper + ('a' - 'A') * (upper >= 'A'))
        return -1;
    (*p)++;
    return 0;
}

static int take_date(const char **p, msec *out)
{
    int year, month, day;

    if (take(p, 4, 0, YEAR_MAX, &year) != 0 || take_char(p, '-') != 0 ||
        take(p, 2, 1, 12, &month) != 0 || take_char(p, '-') != 0 ||
        take(p, 2, 1, 31, &day) != 0)
        return -1;
    if (day > date_month_length(year, month))
        return -1;
    *out = date_day(year, month, day) * MSEC_D;
    return 0;
}

/* hh:mm:ss and an optional fraction, cut to milliseconds. A leap second is
 * the first second of the next minute. */
static int take_clock(const char **p, msec *out)
{
    int hour, minute, second, fraction = 0, scale = 100;

    if (take(p, 2, 0, 23, &hour) != 0 || take_char(p, ':') != 0 ||
        take(p, 2, 0, 59, &minute) != 0 || take_char(p, ':') != 0 ||
        take(p, 2, 0, 60, &second) != 0)
        return -1;
    if (**p == '.') {
        (*p)++;
        if (**p < '0' || **p > '9')
            return -1;
        for (; **p >= '0' && **p <= '9'; (*p)++, scale /= 10)
            fraction += (**p - '0') * scale;
    }
    *out = ((msec)hour * 60 + minute) * 60000 + second * MSEC_S + fraction;
    return 0;
}

static int take_offset(const char **p, msec *out)
{
    int sign, hour, minute;

    *out = 0;
    if (take_char(p, 'Z') == 0)
        return 0;
    if (**p != '+' && **p != '-')
        return -1;
    sign = **p == '-' ? -1 : 1;
    (*p)++;
    if (take(p, 2, 0, 23, &hour) != 0 || take_char(p, ':') != 0 ||
        take(p, 2, 0, 59, &minute) != 0)
        return -1;
    *out = sign * ((msec)hour * 60 + minute) * 60000;
    return 0;
}

int time_parse(const char *s, msec *out)
{
    msec date, clock = 0, offset = 0;

    if (take_date(&s, &date) != 0)
        return -1;
    if (*s != '\0' && (take_char(&s, 'T') != 0 || take_clock(&s, &clock) != 0 ||
                       take_offset(&s, &offset) != 0 || *s != '\0'))
        return -1;
    *out = date + clock - offset;
    return 0;
}

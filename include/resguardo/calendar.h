/*
 * calendar: which days count, when an office is open, and when an answer is
 * due. Pure: an instant and a policy's data go in, a date comes out, and the
 * same ones always give the same. Where the law or the data leave a doubt the
 * earlier date is told beside the later one.
 *
 * Part of the room policy, which reads all of it from a policy's folder
 * (docs/procedures.md). Immutable after load; safe to share between threads.
 */
#ifndef RESGUARDO_CALENDAR_H
#define RESGUARDO_CALENDAR_H

#include "resguardo/base.h"
#include "resguardo/limits.h"

#define CLOCK_ID_SIZE 41 /* [a-z0-9_]{1,40} */

/* ---- business days: calendar.c, holiday.c ------------------------------- */

/* What a day is by decree or by the house's own will. */
enum day_effect {
    DAY_HOLIDAY, /* no business day, and closed */
    DAY_CLOSED,  /* closed, but terms go on: nobody's law stops for it */
    DAY_WORKING, /* a business day, whatever else it would be */
    DAY__MAX
};
extern const char *const day_effect_names[DAY__MAX];

struct calendar_day {
    civil_day day;
    enum day_effect effect;
    char *name;
};
struct calendar {
    struct zone *zone;
    char timezone[ZONE_NAME_SIZE];
    bool colombia; /* holidays by Ley 51 de 1983, else those of `days` only */
    bool saturday; /* is a business day */
    struct calendar_day *days; /* by day, each once */
    size_t ndays;
    int years[LIMIT_CALENDAR_YEARS]; /* that a list of holidays tells of */
    size_t nyears;
    /* Of all that decides which days count; to be kept with each date that was
     * computed from it: hex of 8 bytes of a SHA-256. */
    char version[17];
};

#define COLOMBIA_HOLIDAYS 18u
struct holiday {
    civil_day day;
    const char *name; /* constant */
};
/* The holidays of Colombia by Ley 51 de 1983, ordered by day. Two of them may
 * be on one day: 18 holidays, at times 17 days. */
void holiday_colombia(int year, struct holiday out[static COLOMBIA_HOLIDAYS]);

/* Name of the holiday, or NULL: Sundays and the house's own closures are none.
 */
const char *calendar_holiday(const struct calendar *, civil_day);
/* Monday to Friday (and Saturday, if so configured) and no holiday: Ley 4 de
 * 1913, art. 62. */
bool calendar_business(const struct calendar *, civil_day);
/* A holiday, or a day on which the house is closed. */
bool calendar_closed(const struct calendar *, civil_day);
/* False in a year that the list of holidays does not tell of: there only
 * weekends are taken out, which makes terms shorter, never longer. */
bool calendar_known(const struct calendar *, civil_day);
/* The n-th business day after (n > 0) or before (n < 0) that day, which is not
 * counted itself. 0 is the day. */
civil_day calendar_add(const struct calendar *, civil_day, int n);
/* The day, or the next business day where it is none. */
civil_day calendar_roll(const struct calendar *, civil_day);

/* ---- opening hours: hours.c --------------------------------------------- */

struct opening {
    int from, until; /* minutes since midnight; until may be 1440 */
};
struct opening_day {
    struct opening openings[LIMIT_OPENINGS]; /* in order, none touch */
    size_t n;                                /* 0: closed */
};
struct hours {
    char numbers[LIMIT_HOUR_NUMBERS][33]; /* phone_number_ids */
    size_t nnumbers;                      /* 0: all */
    struct opening_day week[7];           /* 0 is Monday */
    struct {
        civil_day day;
        struct opening_day open;
    } special[LIMIT_HOUR_DAYS]; /* go before week and holidays */
    size_t nspecial;
};
/* Is somebody there at that instant? */
bool hours_open(const struct hours *, const struct calendar *, msec);
/* The instant itself if it is open, else when it opens next. -1: not within
 * LIMIT_OPENS_WITHIN days. */
int hours_next(const struct hours *, const struct calendar *, msec, msec *out);
/* Whole minutes of opening in [from, until); 0 when until is not after from.
 * Spans longer than LIMIT_TERM_D days are cut. */
int64_t hours_between(const struct hours *, const struct calendar *, msec from,
                      msec until);

/* ---- clocks: due.c ------------------------------------------------------ */

enum term_unit {
    TERM_HOURS, /* by the clock, without regard to nights and holidays */
    TERM_DAYS,  /* days and months are the calendar's: a last day that is no */
    TERM_BUSINESS_DAYS, /* business day moves to the next one */
    TERM_MONTHS,
    TERM__MAX
};
struct term {
    int n;
    enum term_unit unit;
};
enum clock_kind {
    CLOCK_REQUEST,  /* what a customer asks for */
    CLOCK_STEP,     /* something to be done within a request */
    CLOCK_INCIDENT, /* counts from when it was found */
    CLOCK_SERVICE,  /* our own promise */
    CLOCK__MAX
};
extern const char *const clock_kind_names[CLOCK__MAX];

struct legal_clock {
    char id[CLOCK_ID_SIZE];
    enum clock_kind kind;
    char citation[LIMIT_CITATION + 1];
    struct term term, extension; /* extension.n 0: none */
    int extensions;              /* how often it may be extended */
    struct term warn;            /* so long before, n 0: on the day */
    /* The law can be read so that the day of receipt is the first one. */
    bool receipt_counts;
    bool deemed_accepted; /* no answer in time is a yes */
    bool legend;          /* data that it is about are marked meanwhile */
    /* Places in the policy's clocks, -1 none: until when somebody may be asked
     * for what a request lacks, and when it is given up if they stay silent. */
    int ask, give_up;
    int forward; /* likewise: until when who does not answer for it sends it
                  * to who does */
    int then;    /* … and what no answer in time granted is done */
};

/* Dates are of the calendar's zone; keep calendar->version with them. */
struct due {
    civil_day received;
    civil_day due;       /* the last day for an answer */
    civil_day due_early; /* by the stricter reading; alarms follow this one */
    msec due_at;         /* the answer must be out before this instant */
    msec due_early_at;
    msec warn_at;
    bool unknown_year; /* holidays of a year in between were not known */
};
/* When an answer to what was received then is due, after so many extensions
 * (which count on from the first term, all from the day of receipt). A term in
 * days begins with the day after; whatever the hour of receipt, its local day
 * is that of receipt. -1: more extensions than the clock allows. */
int due_find(const struct legal_clock *, const struct calendar *, msec received,
             int extensions, struct due *);
/* "10 business days", as policies write it. */
void term_format(char out[static 40], const struct term *);

#endif

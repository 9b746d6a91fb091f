/* What a zone's file is read into; see base.h for what it is for. */
#ifndef RESGUARDO_ZONE_PRIVATE_H
#define RESGUARDO_ZONE_PRIVATE_H

#include "resguardo/base.h"

/* RFC 9636 lets offsets be between these. */
#define ZONE_OFFSET_MIN (-(24 * 3600 + 59 * 60 + 59))
#define ZONE_OFFSET_MAX (25 * 3600 + 59 * 60 + 59)

/* One of the two days of a year on which clocks change. */
struct zone_change {
    enum { CHANGE_WEEKDAY, CHANGE_JULIAN, CHANGE_ORDINAL } form;
    int month, week, day; /* Mm.w.d; Jn and n have only a day */
    int32_t seconds;      /* of the wall clock, may be past the day */
};
/* What holds after the last change that the file lists. */
struct zone_rule {
    bool given, summer;
    int32_t standard, daylight; /* seconds east of UTC */
    struct zone_change begin, end;
};

/* The TZ string at a file's end, of n bytes; "" gives none. -1: not one. */
int zone_rule_parse(struct zone_rule *, const char *, size_t n);
/* Seconds east of UTC at that second. */
int32_t zone_rule_offset(const struct zone_rule *, int64_t);

#endif

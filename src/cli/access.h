/*
 * access: who opened what, entry by entry. Pure but for the zone, which is the
 * process's own. Private to the report of it.
 */
#ifndef RESGUARDO_CLI_ACCESS_H
#define RESGUARDO_CLI_ACCESS_H

#include "cli.h"

#include "resguardo/ledger.h"

/* Hours of work, Monday to Friday. */
struct hours {
    int from, to; /* minutes of the day: from <= t < to */
};
/* "08:00-18:00"; NULL: those of LIMIT_OFFICE_*. ERR_USAGE. */
int hours_parse(struct hours *, const char *text, struct error *);
/* All that follows counts in this zone (NULL: the machine's). ERR_USAGE where
 * the system does not know it. */
int hours_zone(const char *zone, struct error *);
bool hours_over(const struct hours *, msec time);

struct access; /* opaque: what must be remembered to judge an entry */
struct access *access_new(const struct hours *);
void access_free(struct access **);
/* Every entry, in order. *row is NULL, or the report's row of a reading or a
 * refusal {index, time, event_type, actor, role, subject, case_id, document_id,
 * approval_id, route, reason, count, flags}: flags are those of out_of_hours,
 * bulk, no_case, denied, after_withdrawal, parted by spaces. */
int access_add(struct access *, const json_t *entry, json_t **row,
               struct error *);

#endif

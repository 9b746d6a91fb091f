/*
 * access: who opened what, entry by entry. Pure but for the zone, which is the
 * process's own. Private to the report of it.
 */
#ifndef RESGUARDO_CLI_ACCESS_H
#define RESGUARDO_CLI_ACCESS_H

#include "cli.h"

#include "resguardo/ledger.h"

/* Opening hours of a desk's policies (desk_hours.c). */
struct desk_hours; /* opaque */
/* Of the answer to GET /policies; *out is NULL where no policy has any. */
int desk_hours_read(struct desk_hours **out, const json_t *policies,
                    struct error *);
/* Those of a desk, unless --hours says others: one rule for all that tells
 * what is out of hours. *out is NULL where nothing says any. */
int desk_hours_ask(struct desk_hours **out, const struct cli *, struct client *,
                   struct error *);
void desk_hours_free(struct desk_hours **);
/* Is any of them open at that time? In an ordinary week, 0 is Monday? */
bool desk_hours_open(const struct desk_hours *, msec);
bool desk_hours_usual(const struct desk_hours *, int day, int minute);

/* Hours of work: those of the policies (borrowed), else Monday to Friday. */
struct office {
    int from, to;                      /* minutes of the day: from <= t < to */
    const struct desk_hours *policies; /* or NULL */
};
#define OFFICE_USUAL                                                           \
    ((struct office){ LIMIT_OFFICE_FROM_H * 60, LIMIT_OFFICE_TO_H * 60, NULL })
/* "08:00-18:00"; NULL: the usual ones. ERR_USAGE. */
int hours_parse(struct office *, const char *text, struct error *);
/* All that follows counts in this zone (NULL: ZONE_USUAL). ERR_USAGE where the
 * system does not know it. */
int hours_zone(const char *zone, struct error *);
bool hours_over(const struct office *, msec time);
/* Is an hour of an ordinary week none of work? */
bool hours_usually_over(const struct office *, int day, int hour);

/* Is an entry a reading in bulk? All that is told of it asks here, every entry
 * in order: the twentieth file of somebody within an hour is, and what opens
 * all of something at once. 1, 0, -1: no memory. */
struct access_bulk; /* opaque */
struct access_bulk *access_bulk_new(void);
void access_bulk_free(struct access_bulk **);
int access_bulk_is(struct access_bulk *, const json_t *entry);

struct access; /* opaque: what must be remembered to judge an entry */
struct access *access_new(const struct office *);
void access_free(struct access **);
/* Every entry, in order. *row is NULL, or the report's row of a reading or a
 * refusal {index, time, event_type, actor, role, subject, case_id, document_id,
 * approval_id, uid, route, reason, count, flags}: flags are those of
 * out_of_hours, bulk, no_case, denied, after_withdrawal, parted by spaces. */
int access_add(struct access *, const json_t *entry, json_t **row,
               struct error *);

#endif

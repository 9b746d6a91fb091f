/*
 * report: the ledger as a page to look at. The collector (report_collect.c,
 * report_people.c, report_latency.c) is pure: entries go in one by one, numbers
 * come out; its memory is that of days, staff, notices and open deadlines, and
 * some 60 bytes a person. The page (report_page.c and its charts) is
 * made of those numbers alone.
 */
#ifndef RESGUARDO_CLI_REPORT_H
#define RESGUARDO_CLI_REPORT_H

#include "access.h"

/* ---- how long something took (report_latency.c) ------------------------- */

/* Buckets grow by a 32nd of a power of two: what is read off is at most 3 %
 * too long. The longest is exact. */
#define LATENCY_STEPS   32u
#define LATENCY_BUCKETS (44u * LATENCY_STEPS)
struct latency {
    uint64_t n, buckets[LATENCY_BUCKETS];
    msec max;
};
/* What is negative counts as nothing: clocks differ. */
void latency_add(struct latency *, msec);
/* The time in which so many percent of them were done; 0 when there are none.
 */
msec latency_at(const struct latency *, unsigned percent);

/* ---- what is known of each person (report_people.c) --------------------- */

#define REPORT_NO_NOTICE UINT32_MAX
struct report_person {
    char id[ID_SIZE]; /* "": an empty place */
    bool erased, informed;
    uint32_t notice; /* the last one that they saw */
    msec withdrawn;  /* by the provider's clock; 0: not */
};
struct report_people {
    struct report_person *places;
    size_t n, cap; /* cap is 0 or a power of two */
};
/* Finds or makes; NULL: no memory. Valid until the next call. */
struct report_person *report_person(struct report_people *, const char *id);
void report_people_free(struct report_people *);

/* ---- the numbers (report_collect.c) ------------------------------------- */

enum report_decision {
    REPORT_GIVEN,
    REPORT_REFUSED,
    REPORT_WITHDRAWN,
    REPORT_EXPIRED,
    REPORT_DECISION__MAX
};
struct report_day {
    int64_t day; /* local days since 1970-01-01 */
    uint64_t n[REPORT_DECISION__MAX];
};

enum report_access {
    REPORT_READ,     /* a document's file */
    REPORT_SHOWN,    /* a row of one, a search */
    REPORT_LISTED,   /* a list */
    REPORT_WHOLE,    /* all of a case, or of a person */
    REPORT_EXPORTED, /* the log, a receipt, a report */
    REPORT_DENIED,
    REPORT_ACCESS__MAX
};
struct report_staff {
    char name[64];
    uint64_t n[REPORT_ACCESS__MAX];
    uint64_t late, bulk; /* of these: out of hours; in bulk (access_bulk) */
};

struct report_notice {
    char policy[48], version[40], languages[64];
    msec published;
    uint64_t people; /* whose last notice it is */
    bool newest;     /* of its policy */
};

enum report_deadline_kind {
    REPORT_ERASURE,
    REPORT_HOLD,
    REPORT_APPROVAL,
    REPORT_REQUEST, /* what somebody asked for, or was promised for a case */
    REPORT_DEADLINE__MAX
};
enum report_request_state {
    REQUEST_RUNS,
    REQUEST_LACKS, /* they were asked for something: the term waits */
    REQUEST_EXTENDED,
    REQUEST_OVERDUE,
    REQUEST_DEEMED, /* accepted, for want of an answer */
    REQUEST_STATE__MAX
};
struct report_deadline {
    enum report_deadline_kind kind;
    char id[ID_SIZE], what[48];
    msec since, due; /* due 0: no end was set */
    /* Of a request: its last day, by the policy's calendar. */
    char day[DATE_SIZE];
    enum report_request_state state;
    unsigned extensions;
    bool told_elsewhere; /* of the last extension, and not by message */
};
struct report_deadlines {
    struct report_deadline *list;
    size_t n;
    size_t *places, cap; /* where each is, by its id; cap a power of two */
};

/* What happened with requests inside, by their type. */
enum report_request_type {
    REPORT_TYPE_ACCESS,
    REPORT_TYPE_CORRECT,
    REPORT_TYPE_ERASE,
    REPORT_TYPE_WITHDRAW,
    REPORT_TYPE_COMPLAINT,
    REPORT_TYPE_OTHER,
    REPORT_TYPE_SLA,
    REPORT_TYPE_INCIDENT,
    REPORT_TYPE__MAX
};
extern const char *const report_request_types[REPORT_TYPE__MAX];
enum report_request_count {
    REPORT_OPENED,
    REPORT_EXTENDED,
    REPORT_OVERDUE,
    REPORT_DEEMED,
    REPORT_CLOSED,
    REPORT_COUNT__MAX
};

enum report_rejection {
    REPORT_TYPE,
    REPORT_SIZE,
    REPORT_UNAVAILABLE,
    REPORT_FINDING,
    REPORT_HASH,
    REPORT_JUDGE,
    REPORT_NO_CONSENT,
    REPORT_LATE,
    REPORT_DISCARDED,
    REPORT_OTHER,
    REPORT_REJECTION__MAX
};

struct report_violation {
    uint64_t index;
    char event[40];
    const char *what; /* static */
};

struct report {
    msec since, until; /* since <= time < until; set before the first entry */
    struct office office;     /* the usual ones, unless set before, too */
    uint64_t entries, inside; /* until then; and since then */
    msec first, last;         /* time of the first and last of inside */
    uint64_t decisions[REPORT_DECISION__MAX];
    struct report_day *days; /* ascending */
    size_t ndays, days_cap;
    struct latency to_closed, to_blocked;
    struct report_staff *staff;
    size_t nstaff, staff_cap;
    uint64_t hours[7][24]; /* accesses; Monday first */
    uint64_t accesses, late;
    struct report_notice *notices;
    size_t nnotices, notices_cap;
    uint64_t people;   /* who saw a notice and is not erased */
    uint64_t informed; /* to whom one was shown inside; erased since or not */
    struct report_deadlines deadlines;
    uint64_t requests[REPORT_TYPE__MAX][REPORT_COUNT__MAX];
    uint64_t rejections[REPORT_REJECTION__MAX], stored, erased;
    struct report_violation violations[LIMIT_REPORT_VIOLATIONS];
    uint64_t nviolations;
    struct ledger_gate_counts gate_counts;

    struct ledger_gate *gate;
    struct access_bulk *bulk;
    struct report_people table;
};
/* Takes its range from since and until. -1: no memory. */
int report_begin(struct report *, msec since, msec until);
/* An entry that verified, in order; what is past `until` is passed over. */
int report_add(struct report *, uint64_t index, const json_t *entry,
               struct error *);
/* Counts up and sorts: people on each notice, staff by what they opened,
 * deadlines by when they are due. */
void report_finish(struct report *);
void report_free(struct report *);

/* ---- what is open (report_deadline.c) ----------------------------------- */

/* -1: no memory. */
int report_deadline_see(struct report *, const json_t *entry, const char *event,
                        msec time, bool inside);
/* What is due first comes first, what has no end last. */
void report_deadlines_sort(struct report_deadlines *);
void report_deadlines_free(struct report_deadlines *);

/* ---- the page (report_page.c, report_chart.c, sheet.c) ----------- */

struct report_about {
    bool english;
    const char *origin;
    const char *zone; /* of hours and days, which the process is in */
    bool bundle;      /* and not a desk's */
    struct ledger_checkpoint now;
    const char *note; /* the signed checkpoint */
    msec made;
};
int report_page(struct buf *, const struct report *,
                const struct report_about *);

#endif

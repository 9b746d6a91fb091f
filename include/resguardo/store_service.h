/*
 * store: how people say it was, what a report of the service is counted from,
 * and what `status` counts. Promises and conventions of store.h hold here.
 */
#ifndef RESGUARDO_STORE_SERVICE_H
#define RESGUARDO_STORE_SERVICE_H

#include "resguardo/store_cases.h"

/* ---- how it was (rating.c) ---------------------------------------------- */

struct rating_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    char case_id[STORE_CASE_SIZE]; /* of one of these two */
    char handover[ID_SIZE];
    char state[STORE_NAME_SIZE]; /* waiting, asked, rated, ended */
    msec due;                    /* 0: it is over */
    msec made, asked, rated;     /* 0: not */
    char outbox[ID_SIZE];
    int score; /* 0: none */
};
/* 1; 0 when the case or hand-over has one already, and nothing was added. */
int rating_add(struct store *, const struct rating_row *, struct error *);
/* Writes state, due, asked, rated, outbox and score, and the person's mark that
 * an answer is taken now (subject_row.asks). */
int rating_update(struct store *, const struct rating_row *, struct error *);
int rating_get(struct store *, const char *id, struct rating_row *,
               struct error *);
/* By the message that asks. */
int rating_of_message(struct store *, const char *outbox, struct rating_row *,
                      struct error *);
/* The newest of a person under a policy that is asked or rated, and not over.
 */
int rating_open(struct store *, const char *subject, const char *policy,
                struct rating_row *, struct error *);
/* When the person was last asked, under any policy; 0 never; -1. */
msec rating_last(struct store *, const char *subject, struct error *);
typedef int (*rating_each)(void *arg, const struct rating_row *);
/* due <= now, nearest first, at most max; of a person all (both read before the
 * first callback). */
int rating_due(struct store *, msec now, size_t max, rating_each, void *arg,
               struct error *);
int rating_of_person(struct store *, const char *subject, rating_each,
                     void *arg, struct error *);

/* ---- counted from (service.c) ------------------------------------------- */

/* Rows of one kind in the order of a time of theirs, a page at a time. */
enum service_kind {
    SERVICE_CASE_OPENED,
    SERVICE_CASE_CLOSED,
    SERVICE_HANDOVER, /* by when a person was asked for */
    SERVICE_REQUEST,  /* that ended, by when */
    SERVICE_RATING,   /* by when it was asked */
    SERVICE_OVERDUE,  /* requests that run, and whose last day was over before
                       * `until`; by their stricter date */
    SERVICE__MAX
};
/* What does not apply is 0 or "". */
struct service_row {
    uint64_t place; /* with `at`: where it stands */
    msec at;
    char policy[STORE_NAME_SIZE];
    char procedure[STORE_NAME_SIZE]; /* of the case */
    char state[STORE_NAME_SIZE];     /* of the case; of a request its clock */
    char number[STORE_NAME_SIZE];
    msec begun;     /* case: when it began; hand-over: asked; request: received
                     */
    msec first;     /* case: the first message of the assistant since then;
                     * hand-over: the first of an agent */
    msec taken;     /* hand-over */
    msec ended;     /* closed, ended */
    msec due;       /* case: of what was promised for it; request: its last day
                     * is over */
    msec due_ended; /* case: when that ended, 0: it runs */
    bool person;    /* case: an agent had the conversation meanwhile */
    bool elsewhere; /* case: something of it came by another channel */
    bool gone;      /* case: its person was erased; only begun, ended and due
                     * are known */
    bool promise;   /* request: it is what was promised for a case */
    int score;      /* rating */
};
typedef int (*service_each)(void *arg, const struct service_row *);
/* Those with `from` <= at < `until` that stand after (at, place) of *after, at
 * most LIMIT_SERVICE_ROWS, read before the first callback; *after moves to the
 * last one. How many there were, or -1. */
int64_t service_page(struct store *, enum service_kind, msec from, msec until,
                     struct service_row *after, service_each, void *arg,
                     struct error *);
/* What waits for somebody (waiting.c). */
struct store_waiting {
    int64_t overdue; /* requests whose last day is over */
    int64_t due; /* requests that run and are due before `soon`, those too */
    int64_t handovers;
    msec handover_since; /* who waits longest for a person; 0: nobody */
    int64_t approvals;
};
int store_waiting(struct store *, msec now, msec soon, struct store_waiting *,
                  struct error *);
/* Cases whose promised date is over, and which are not closed: what was
 * complete first at the top. */
int case_overdue(struct store *, msec now,
                 int (*each)(void *arg, const struct case_row *), void *arg,
                 struct error *);

/* ---- counts for `status` (keyring_rows.c) ------------------------------- */

struct store_counts {
    int64_t outbox_pending, documents, dead_letters;
    struct {
        char state[STORE_NAME_SIZE];
        int64_t n;
    } attachments[9];
};
int store_count(struct store *, struct store_counts *, struct error *);

#endif

/*
 * service: how people are served, counted from the desk's lines. The collector
 * (service_collect.c) is pure: lines go in one by one, figures come out; its
 * memory is that of weeks, procedures and clocks, not of cases. What each
 * figure is stands in docs/service.md.
 */
#ifndef RESGUARDO_CLI_SERVICE_H
#define RESGUARDO_CLI_SERVICE_H

#include "report.h"

/* So many of them. */
struct service_part {
    uint64_t n, of;
};
/* In tenths of a percent, rounded; -1: of none. */
int64_t service_permille(const struct service_part *);

struct service_figures {
    const char *scope;         /* static: total, procedure, week */
    char policy[48], name[48]; /* procedure: both; week: name, its Monday */
    int64_t day;               /* of a week: its Monday */
    uint64_t opened, closed, handovers, overdue;
    struct latency assistant;   /* first response of the assistant */
    struct latency person;      /* … of an agent, who was asked for */
    struct latency person_open; /* the same in opening hours */
    struct latency resolution;
    struct service_part alone, in_chat; /* of closed: without a person, without
                                         * another channel */
    struct service_part promised, answered; /* in time: what was promised for
                                             * cases, what people asked for */
    struct service_part taken, rated;       /* of hand-overs, of questions */
    uint64_t scores[5];                     /* 1 to 5 */
};
/* In hundredths, rounded; 0: nobody rated. */
uint64_t service_mean(const struct service_figures *);

struct service_clock {
    char policy[48], name[48];
    bool promise; /* of a procedure */
    struct service_part in_time;
    uint64_t overdue;
};

struct service {
    struct service_figures *total;
    struct service_figures **procedures, **weeks; /* weeks ascending */
    size_t nprocedures, nweeks;
    struct service_clock *clocks;
    size_t nclocks;
};
int service_begin(struct service *); /* -1: no memory */
/* A line of GET /service. Weeks are those of the process's zone. */
int service_add(struct service *, const char *line, size_t len, struct error *);
/* By their names, so that the same lines give the same figures. */
void service_sort(struct service *);
void service_free(struct service *);

struct service_about {
    bool english;
    const char *zone, *policy; /* policy NULL: all */
    msec since, until;         /* INT64_MIN, INT64_MAX: open */
    msec made;
};
int service_json(struct buf *, const struct service *,
                 const struct service_about *);
int service_csv(struct buf *, const struct service *);
int service_sheet(struct buf *, const struct service *,
                  const struct service_about *);

#endif

/*
 * store, continued: what a case's procedure has and lacks, and how often a
 * person was answered. Included by store.h, whose promises and conventions hold
 * here.
 */
#ifndef RESGUARDO_STORE_GUIDE_H
#define RESGUARDO_STORE_GUIDE_H

#include "resguardo/store.h"

/* What there is for one item of a case. */
struct case_item_row {
    char item[STORE_NAME_SIZE]; /* or one of ITEM_ */
    int64_t kept;      /* documents that can be read, since one was sent back */
    int64_t under_way; /* announced, not at their end */
    int64_t refused;
    bool taken; /* staff have it by another channel */
};
/* Those of which there is anything, at most max; *n is out. */
int case_items(struct store *, const char *case_id, struct case_item_row *,
               size_t max, size_t *n, struct error *);
/* Staff have it. Done twice it stays as it was. */
int case_item_take(struct store *, const char *case_id, const char *item,
                   uint32_t uid, msec now, struct error *);
/* A document of it was sent back: it lacks until another comes. */
int case_item_return(struct store *, const char *case_id, const char *item,
                     msec now, struct error *);
/* Announced, not at their end and theirs to explain: oldest first. */
struct unclear_row {
    char attachment[ID_SIZE];
    bool asked;
};
int attachment_unclear(struct store *, const char *subject, const char *policy,
                       struct unclear_row *, size_t max, size_t *n,
                       struct error *);

/* Answers since `since`; all 0 when there is no row. */
struct guide_row {
    msec since, menu, hinted;
    int64_t answers;
};
int guide_get(struct store *, const char *subject, const char *policy,
              struct guide_row *, struct error *);
int guide_put(struct store *, const char *subject, const char *policy,
              const struct guide_row *, struct error *);

#endif

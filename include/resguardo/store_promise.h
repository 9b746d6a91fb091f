/*
 * store, continued: what people promised in answer to a reminder. Included by
 * store.h, whose promises and conventions hold here.
 */
#ifndef RESGUARDO_STORE_PROMISE_H
#define RESGUARDO_STORE_PROMISE_H

#include "resguardo/store.h"

/* ---- promises (promise.c) ----------------------------------------------- */

struct promise_row {
    char id[ID_SIZE]; /* m… */
    char subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], template[STORE_NAME_SIZE];
    char outbound[ID_SIZE];      /* the reminder that it answers */
    char state[STORE_NAME_SIZE]; /* open, kept, broken, replaced */
    civil_day day;
    msec until; /* over from then on */
    msec made, decided;
    int64_t decided_by; /* uid; -1: nobody, or the person changed it */
};
int promise_add(struct store *, const struct promise_row *, struct error *);
/* Writes state, decided, decided_by. */
int promise_update(struct store *, const struct promise_row *, struct error *);
/* 1, 0, -1, as the next two. */
int promise_get(struct store *, const char *id, struct promise_row *,
                struct error *);
/* The one of a person and policy that is neither kept, broken nor replaced. */
int promise_open(struct store *, const char *subject, const char *policy,
                 struct promise_row *, struct error *);
/* Does one of theirs, under any policy, run at that time? */
int promise_runs(struct store *, const char *subject, msec now, struct error *);
typedef int (*promise_each)(void *arg, const struct promise_row *);
/* Of a state, nearest day first; a callback that returns not 0 ends it. */
int promise_list(struct store *, const char *state, promise_each, void *arg,
                 struct error *);
/* All of a person, oldest first; read before the first callback. */
int promise_of_person(struct store *, const char *subject, promise_each,
                      void *arg, struct error *);

#endif

/*
 * store: what two officers decide, what stays how long, and what is there and
 * seen by nobody. Promises and conventions of store.h hold here.
 */
#ifndef RESGUARDO_STORE_KEEP_H
#define RESGUARDO_STORE_KEEP_H

#include "resguardo/store_cases.h"
#include "resguardo/store_erase.h"

/* ---- a second officer (approval.c) -------------------------------------- */

struct approval_row {
    char id[ID_SIZE], subject[ID_SIZE]; /* subject "": nobody */
    char action[STORE_NAME_SIZE];
    char state[STORE_NAME_SIZE]; /* asked, granted; ended: to be removed */
    uint64_t slot;               /* its own; allocated by approval_add */
    uint32_t asked_by, approved_by;
    msec asked, expires, approved; /* approved 0: not yet */
};
/* what: exactly what is asked, canonical JSON {salt, what}; sealed under the
 * row's own slot, because it may name a person. */
int approval_add(struct store *, struct approval_row *, const void *what,
                 size_t, struct error *);
/* Writes state, approved_by and approved. */
int approval_update(struct store *, const struct approval_row *,
                    struct error *);
int approval_get(struct store *, const char *id, struct approval_row *,
                 struct error *);
/* Appends what is asked, as it was added. */
int approval_what(struct store *, const char *id, struct buf *, struct error *);
/* Lists: rows are read before the first callback, which may write. */
typedef int (*approval_each)(void *arg, const struct approval_row *);
/* Not ended, of who asked for an action; oldest first. */
int approval_of(struct store *, uint32_t asked_by, const char *action,
                approval_each, void *arg, struct error *);
/* Not ended, about a person. */
int approval_of_subject(struct store *, const char *subject, approval_each,
                        void *arg, struct error *);
/* Not ended, all; what expires first comes first. */
int approval_list(struct store *, approval_each, void *arg, struct error *);
/* Not ended and expires <= now; at most max. */
int approval_overdue(struct store *, msec now, size_t max, approval_each,
                     void *arg, struct error *);
/* Ended: erase the slot, then remove the row. At most max. */
int approval_ended(struct store *, size_t max, approval_each, void *arg,
                   struct error *);
int approval_remove(struct store *, const char *id, struct error *);
/* Added to the keyring by one officer alone, at this time; 0: by two. */
int newcomer_put(struct store *, uint32_t uid, msec added, struct error *);
int newcomer_get(struct store *, uint32_t uid, msec *added, struct error *);
/* The policies that a person has decisions, cases or files under, or was
 * written to. */
int subject_policies(struct store *, const char *subject,
                     int (*each)(void *arg, const char *policy), void *arg,
                     struct error *);

/* ---- legal holds (hold.c) ----------------------------------------------- */

enum hold_kind {
    HOLD_LEGAL,
    HOLD_IMPERSONATION, /* somebody used the person's name: nobody collects */
    HOLD_JUDICIAL,      /* the data are in dispute before a court */
    HOLD__MAX
};
extern const char *const hold_kind_names[HOLD__MAX];

struct hold_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char case_id[STORE_CASE_SIZE]; /* "": all of the person */
    msec placed, until, lifted;    /* until 0: open; lifted 0: in force */
    uint32_t placed_by;
    int64_t lifted_by;          /* uid; -1 time, or not lifted */
    char kind[STORE_NAME_SIZE]; /* hold_kind_names */
};
int hold_add(struct store *, const struct hold_row *, struct error *);
/* Writes lifted and lifted_by. */
int hold_lift(struct store *, const struct hold_row *, struct error *);
int hold_get(struct store *, const char *id, struct hold_row *, struct error *);
/* One in force on the person, or (case_id not NULL) on that case of theirs. */
int hold_find(struct store *, const char *subject, const char *case_id,
              struct hold_row *, struct error *);
/* One of that kind in force: on the person or (case_id NULL) on any of their
 * cases, else on that one. 1, 0, -1. */
int hold_of_kind(struct store *, const char *subject, enum hold_kind,
                 const char *case_id, struct hold_row *, struct error *);
/* One that keeps an erasure from being carried out: not of what a restored
 * copy brought back and no key opens any more. */
int hold_covers(struct store *, const struct erasure_row *, struct hold_row *,
                struct error *);
/* Documents that a hold on the person, or (case_id not "") on that case, would
 * have to keep are being destroyed: 1, 0, -1. */
int hold_is_late(struct store *, const char *subject, const char *case_id,
                 struct error *);
typedef int (*hold_each)(void *arg, const struct hold_row *);
/* In force; or all that ever were. */
int hold_list(struct store *, bool all, hold_each, void *arg, struct error *);
/* In force and until <= now, at most max; read before the first callback. */
int hold_overdue(struct store *, msec now, size_t max, hold_each, void *arg,
                 struct error *);

/* ---- requests and their dates (request.c) ------------------------------- */

struct request_row {
    char id[ID_SIZE];      /* g… */
    char subject[ID_SIZE]; /* "": an incident */
    char policy[STORE_NAME_SIZE];
    char type[STORE_NAME_SIZE], clock[STORE_NAME_SIZE];
    char case_id[STORE_CASE_SIZE], number[STORE_NAME_SIZE]; /* "" none */
    char state[STORE_NAME_SIZE];
    char outcome[STORE_NAME_SIZE], ground[STORE_NAME_SIZE]; /* "" none */
    char requester[STORE_NAME_SIZE]; /* who asks; "": nobody did */
    char assurance[STORE_NAME_SIZE]; /* how it is known that they are it */
    char due[DATE_SIZE], due_early[DATE_SIZE];
    char zone[ZONE_NAME_SIZE], calendar[17];
    msec received, opened, began;
    msec due_at, due_early_at, warn_at;
    msec next; /* 0: it ended */
    int step, extensions;
    msec asked, give_up_at, legend, closed, escalated; /* 0: not */
    int64_t handler;                                   /* uid; -1 nobody */
    uint64_t slot; /* of an incident; allocated by request_add */
};
/* Somebody else than the person asked for it. */
bool request_by_other(const struct request_row *);
int request_add(struct store *, struct request_row *, struct error *);
/* Writes all but who, what and when it was opened. */
int request_update(struct store *, const struct request_row *, struct error *);
int request_get(struct store *, const char *id, struct request_row *,
                struct error *);
/* What was written down of it, sealed in place of what was: JSON. 1, 0 nothing
 * (yet, or any more), -1. */
int request_words_put(struct store *, const struct request_row *, const void *,
                      size_t, struct error *);
int request_words_get(struct store *, const struct request_row *, struct buf *,
                      struct error *);
/* Lists: rows are read before the first callback, which may write. */
typedef int (*request_each)(void *arg, const struct request_row *);
/* Those that run (state NULL), or are in a state, and have their stricter date
 * before a time; nearest first. */
int request_list(struct store *, const char *state, msec before, request_each,
                 void *arg, struct error *);
/* Of a person: all, oldest first, or those that run. */
int request_of_person(struct store *, const char *subject, bool running,
                      request_each, void *arg, struct error *);
/* The person's own that waits for what it lacks; 1, 0, -1. Out may be NULL. */
int request_lacking(struct store *, const char *subject, const char *policy,
                    struct request_row *, struct error *);
/* One of a type that runs: asked for by the person, or by somebody else. */
int request_find(struct store *, const char *subject, const char *policy,
                 const char *type, bool own, struct request_row *,
                 struct error *);
/* To be looked at by now, at most max. */
int request_next(struct store *, msec now, size_t max, request_each, void *arg,
                 struct error *);
/* Received in [from, until) under a policy. */
int request_received(struct store *, const char *policy, msec from, msec until,
                     request_each, void *arg, struct error *);

/* ---- what retention finds (retention.c) --------------------------------- */

/* Which documents: by their message, their closed case, their withdrawal (the
 * times that a rule counts from), by the end of a rule's blocking, or by that
 * of what no procedure asked for. */
enum due_by {
    DUE_STORED,
    DUE_CASE_CLOSED,
    DUE_WITHDRAWN,
    DUE_BLOCKED,
    DUE_APART,
    DUE__MAX
};
struct due_place {
    msec time;
    int64_t place; /* with it, the last one's; both 0: from the beginning */
};
struct due_row {
    struct document_row document;
    msec
        time; /* that the period counts from; DUE_BLOCKED, DUE_APART: its end */
    bool held;
};
typedef int (*due_each)(void *arg, const struct due_row *);
/* From after a place, time <= before, nearest first, at most max; policy and
 * media_type are not asked for with those two. `all`: also what is held, or
 * named by an erasure already. Rows are read before the first callback. */
struct due_query {
    enum due_by by;
    const char *policy, *media_type;
    msec before;
    size_t max;
    bool all;
};
int retention_due(struct store *, const struct due_query *, struct due_place *,
                  due_each, void *arg, struct error *);
/* The next media type, in order, that a policy has documents of. */
int retention_type(struct store *, const char *policy, const char *after,
                   char out[static STORE_TYPE_SIZE], struct error *);

/* Persons to be looked at, from after a place, review <= before; those that are
 * blocked are not among them. */
struct review_row {
    char subject[ID_SIZE];
    msec contact;
    bool busy; /* has documents, an open case, or files under way */
    bool held, ordered;
};
typedef int (*review_each)(void *arg, const struct review_row *);
int review_due(struct store *, msec before, size_t max, struct due_place *,
               review_each, void *arg, struct error *);
int review_put(struct store *, const char *subject, msec next, struct error *);
/* Heard of. */
int contact_put(struct store *, const char *subject, msec now, struct error *);

/* ---- blocking (block.c) ------------------------------------------------- */

/* One document, from now; until 0: see document_row. */
int document_set_blocked(struct store *, const char *id, const char *cause,
                         msec now, msec until, struct error *);
/* A person and all their documents; how many. What is unsent is never sent,
 * what was asked is asked no more. */
int person_set_blocked(struct store *, const char *subject, msec now,
                       msec until, int64_t *documents, struct error *);
/* Who is. */
int person_blocked_list(struct store *,
                        int (*each)(void *arg, const char *subject), void *arg,
                        struct error *);

struct released_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char document[ID_SIZE]; /* "": all of the person */
    uint32_t uid;
    msec until;
};
/* authority: on whose demand; sealed. */
int released_add(struct store *, const struct released_row *,
                 const char *authority, struct error *);
/* That lets this officer read this document now. */
int released_find(struct store *, const char *subject, const char *document,
                  uint32_t uid, msec now, struct released_row *,
                  struct error *);
int released_authority(struct store *, const char *id, struct buf *,
                       struct error *);
/* Those that ran out; of a person. */
int released_expire(struct store *, msec now, struct error *);
int released_remove(struct store *, const char *subject, struct error *);

/* ---- time stamps of checkpoints (stamp.c) ------------------------------- */

struct stamp_row {
    int64_t id;                     /* filled by stamp_add */
    uint64_t idx, size;             /* of the entry that says so, of the tree */
    struct buf note, query, answer; /* stamp_add borrows them */
    msec stamped, received;         /* the authority's time, ours */
};
int stamp_add(struct store *, struct stamp_row *, struct error *);
/* The first after this id (0: the first of all): 1, 0 none, -1. The caller
 * frees. */
int stamp_next(struct store *, int64_t after, struct stamp_row *,
               struct error *);
/* When the last one was received; 0 never. */
int stamp_last(struct store *, msec *received, struct error *);
void stamp_row_free(struct stamp_row *);

#endif

/*
 * store, continued: references that are one person, and what Meta says of
 * somebody's new number. Included by store.h, whose promises and conventions
 * hold here.
 */
#ifndef RESGUARDO_STORE_LINK_H
#define RESGUARDO_STORE_LINK_H

#include "resguardo/store.h"

/* ---- links (link.c) ----------------------------------------------------- */

struct link_row {
    char id[ID_SIZE];                       /* l… */
    char subject[ID_SIZE], former[ID_SIZE]; /* the newer one, and the other */
    char kind[STORE_NAME_SIZE];             /* number_change, two_numbers */
    char proof[STORE_NAME_SIZE]; /* "": consent was not carried over */
    msec linked, ended;          /* ended 0: in force */
    uint32_t linked_by;
    int64_t ended_by; /* uid; -1 not ended, or one of the two was erased */
};
int link_add(struct store *, const struct link_row *, struct error *);
/* Writes ended and ended_by; what it carried is nothing any more. */
int link_end(struct store *, const struct link_row *, struct error *);
/* In force, between the two, whichever is the newer one. */
int link_find(struct store *, const char *one, const char *other,
              struct link_row *, struct error *);
typedef int (*link_each)(void *arg, const struct link_row *);
/* In force, that name this reference; read before the first callback. */
int link_of(struct store *, const char *subject, link_each, void *arg,
            struct error *);
/* Every reference that is the same person, by links of links; the one that is
 * asked about comes first. At most LIMIT_LINKED; *n is out. */
int link_group(struct store *, const char *subject,
               char group[static LIMIT_LINKED][ID_SIZE], size_t *n,
               struct error *);

struct carried_row {
    char policy[STORE_NAME_SIZE], purpose[STORE_NAME_SIZE];
    int64_t yes_s;
};
int carried_add(struct store *, const char *link, const struct carried_row *,
                struct error *);
/* Read before the first callback. */
int carried_of(struct store *, const char *link,
               int (*each)(void *arg, const struct carried_row *), void *arg,
               struct error *);

/* ---- what Meta says (suggestion.c) -------------------------------------- */

/* They have another number or user id now: from here on the number that they
 * had is no proof of who writes. Getter: 1, 0, -1. */
int suggestion_moved(struct store *, const char *subject, struct error *);
int suggestion_set_moved(struct store *, const char *subject, struct error *);

struct suggestion_row {
    char subject[ID_SIZE];     /* as they were known */
    char how[STORE_NAME_SIZE]; /* user_changed_number, user_changed_user_id */
    msec made;
};
/* now: JSON {phone?, user_id?}, sealed with the person. Takes the place of
 * what was said of them before; what is older than LIMIT_SUGGESTION_D goes. */
int suggestion_put(struct store *, const struct suggestion_row *,
                   const void *now, size_t, struct error *);
int suggestion_remove(struct store *, const char *subject, struct error *);
/* Appends what it says. 1, 0 none, -1. */
int suggestion_now(struct store *, const char *subject, struct buf *,
                   struct error *);
/* The newest first, at most LIMIT_READER_ROWS; read before the first callback.
 */
int suggestion_list(struct store *,
                    int (*each)(void *arg, const struct suggestion_row *),
                    void *arg, struct error *);

#endif

/*
 * Requests, inside the registrar: what its files about them share. A row has
 * its date from the policy's clock when it is opened, extended or completed;
 * it keeps that date whatever the policy says later.
 */
#ifndef RESGUARDO_REQUEST_PRIVATE_H
#define RESGUARDO_REQUEST_PRIVATE_H

#include "registrar_private.h"

/* What a row is about, in the policies of now. ERR_NOT_FOUND: the policy or
 * its clock is no more. */
struct request_of {
    const struct policy *policy;
    const struct legal_clock *clock;
    const struct policy_language *language; /* the person's */
    const char *title; /* in it: of the type, else of the clock */
};
int request_policy(struct registrar *, const struct request_row *,
                   struct request_of *, struct error *);

/* Fills the row's dates by its clock, from where it began and as often as it
 * was extended, and when it is to be looked at. */
int request_count(struct registrar *, struct request_row *, struct error *);
/* The same for a last day that is nearer than the clock's. */
void request_shorten(struct request_row *, const struct calendar *,
                     civil_day last);
/* When the row is to be looked at next, by its state and its steps. */
msec request_next_of(const struct request_row *);
bool request_runs(const struct request_row *);
/* The last day for sending it to who answers for it is over; false where the
 * clock knows none. */
bool request_forward_over(const struct registrar *, const struct request_row *,
                          const struct request_of *);
/* Runs no more. */
void request_end(struct request_row *, const char *state, const char *outcome,
                 const char *ground, msec now);

/* A new row, added. type, policy, subject, number, received and case are set;
 * the clock is a place in the policy's. */
int request_start(struct registrar *, struct request_row *, int clock,
                  struct error *);

/* ---- on record (request_say.c) ------------------------------------------ */

/* What a leaf says of a row; members of its evidence. NULL: no memory. */
json_t *request_evidence(const struct request_row *);
/* A leaf of ours or of the person's, with more of its evidence (taken). */
int request_leaf(struct registrar *, const struct request_row *,
                 const char *event, const char *actor, json_t *evidence,
                 struct error *);
/* Adds to the words that are kept sealed with it. ERR_NOT_PERMITTED when there
 * are LIMIT_REQUEST_WORDS. */
int request_note(struct registrar *, const struct request_row *, const char *by,
                 const char *what, const char *text, struct error *);
/* Says it to the person; the reason (or NULL) as staff wrote it. */
int request_tell(struct registrar *, const struct request_row *,
                 enum request_text, const char *due, const char *reason,
                 struct error *);
/* May who asked be written to now? WhatsApp: within 24 hours of a message of
 * theirs. Where it is not known for certain they may not; and who asked for
 * somebody else is not in that person's chat. */
int request_window(struct registrar *, const struct request_row *, bool *open,
                   struct error *);

#endif

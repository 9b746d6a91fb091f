/*
 * Requests about one's data, and promises with a last day: what others have to
 * say to them, and what their files share. A row has its date from the
 * policy's clock when it is opened, extended or completed; it keeps that date
 * whatever the policy says later.
 */
#ifndef RESGUARDO_REQUEST_PRIVATE_H
#define RESGUARDO_REQUEST_PRIVATE_H

#include "registrar_private.h"

#include "resguardo/dialogue.h"

/* ---- what others say to them (request.c, _due.c, _say.c) ---------------- */

/* Somebody asked for it in the chat; `words` (or NULL) are kept sealed. 0: it
 * is on record and the person was told by when they hear of it; 1: one of the
 * type runs already, nothing is said; 3: the same, and what they write next
 * belongs to it; 2: the policy has no clock for it, nothing happened; -1. */
int request_open(struct registrar *, const struct deciding *, enum request_type,
                 const char *words, struct error *);
/* What they write, or send, is kept with the request that takes it: silence
 * ends it no more, and staff are told until they go on with it. */
int request_answer(struct registrar *, const struct deciding *,
                   enum dialogue_answer, struct error *);
/* What they have to be told and were not yet, now that they wrote. */
int request_say_owed(struct registrar *, const struct deciding *,
                     struct error *);
/* A line of text for each request of the person that runs: what they asked for
 * (case_id ""), or what is promised for that case. */
int request_words(struct registrar *, const struct policy *,
                  const char *subject, const char *case_id, struct buf *out,
                  struct error *);
/* Consents were taken back: opened, done and answered at once. */
int request_withdrawn(struct registrar *, const struct deciding *,
                      struct error *);
/* Somebody else than the person asked for it, and who they are is not known: it
 * cannot be granted. */
bool request_unproven(const struct request_row *);
/* What was asked for was done: those of the type end as granted, but what
 * somebody else asked for without showing who they are. */
int request_done(struct registrar *, const char *subject, enum request_type,
                 const char *notice, struct error *);
/* The person is erased: all end. `notice`: how they were told, "" nobody was.
 */
int request_person_gone(struct registrar *, const char *subject,
                        const char *notice, struct error *);
/* A case is complete, or closed: what was promised for it begins, or ends. The
 * clock is a place in the policy's. */
int request_sla(struct registrar *, const struct case_row *, const char *number,
                int clock, struct error *);
int request_case_closed(struct registrar *, const struct case_row *,
                        struct error *);
/* Those whose time came, some at a time. */
int request_upkeep(struct registrar *, struct error *);
/* Nobody sees the person any more: what was promised for their cases ends. */
int request_promises_end(struct registrar *, const char *subject,
                         struct error *);
/* It is complete no more: what was promised for it will be anew. */
int request_case_reopened(struct registrar *, const struct case_row *,
                          struct error *);

/* ---- what their files share (request*.c) -------------------------------- */

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
/* Its steps: what the clock knows of asking and sending on begins with it; what
 * the law granted by silence, on the day after the last one; asking ends when
 * they were asked, or the term changed. */
void request_steps_begin(struct request_row *, const struct policy *,
                         const struct legal_clock *);
void request_step_then(struct request_row *, const struct policy *,
                       const struct legal_clock *);
void request_step_asked(struct request_row *);
void request_steps_end(struct request_row *);
/* Those whose time came, some at a time. */
int request_steps_upkeep(struct registrar *, struct error *);
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
/* The same; id is out, "" where the policy has no such text. */
int request_tell_as(struct registrar *, const struct request_row *,
                    enum request_text, const char *due, const char *reason,
                    char id[static ID_SIZE], struct error *);
/* May who asked be written to now? WhatsApp: within 24 hours of a message of
 * theirs. Where it is not known for certain they may not; and who asked for
 * somebody else is not in that person's chat. */
int request_window(struct registrar *, const struct request_row *, bool *open,
                   struct error *);

#endif

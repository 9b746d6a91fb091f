/*
 * The conversation with a person: who has it, what is kept of it, in which
 * language and until when they may be written to, and how it was for them.
 */
#ifndef RESGUARDO_TALK_PRIVATE_H
#define RESGUARDO_TALK_PRIVATE_H

#include "consent_private.h"
#include "registrar_private.h"
#include "resguardo/registrar_work.h"

/* ---- a person in the conversation (conversation.c, chat.c) --------------- */

bool conversation_is(const struct conversation_row *, enum conversation_mode);
/* It changes hands, now; what goes on in it is for whoever has it then. */
void conversation_set(struct registrar *, struct conversation_row *,
                      enum conversation_mode);
/* {conversation_id, handover_id?} */
json_t *conversation_evidence(const struct conversation_row *,
                              const struct handover_row *);

/* Whom this item is for, read into d->talk; that they wrote is noted. */
int conversation_heard(struct registrar *, const struct deciding *,
                       struct dialogue_state *, struct error *);
/* What the plan wants done; the reminder ("" none) that it answers. */
int conversation_ask(struct registrar *, const struct deciding *,
                     const char *reminder, bool again, struct error *);
int conversation_back(struct registrar *, const struct deciding *,
                      struct error *);
int conversation_keep(struct registrar *, const struct deciding *,
                      struct error *);
/* The hand-over ends, if one is open, and the conversation is the bot's: how is
 * customer, agent, silence, blocked or erased. `by` NULL: nobody of staff. */
int conversation_end(struct registrar *, struct conversation_row *,
                     const char *how, const struct staff_access *by,
                     struct error *);
/* All of a person: they are blocked or erased. */
int conversation_end_all(struct registrar *, const char *subject,
                         const char *how, struct error *);
/* They took something back: who has the conversation is to know it first. */
int conversation_withdrawn(struct registrar *, const struct deciding *,
                           struct error *);
/* An access as a leaf about a conversation; takes `more`. */
int conversation_record(struct registrar *, const struct conversation_row *,
                        const struct staff_access *, const char *event,
                        json_t *more, struct error *);
/* A text, sealed to those who read the newest epoch. `by` of staff, or NULL;
 * the commitment to it is written to hex, where that is not NULL. */
int chat_keep(struct registrar *, struct chat_row *, const char *text,
              const struct staff_access *by, char *hex, struct error *);
/* Whom the item would be for, read into d->talk; nobody wrote. 1, 0, -1. */
int conversation_look(struct registrar *, const struct deciding *,
                      struct dialogue_state *, struct error *);

/* ---- whose it is (take.c) ------------------------------------------------ */

/* The one that staff are at: of nobody who is blocked or gone. */
int conversation_ordered(struct registrar *, const struct conversation_order *,
                         struct conversation_row *, struct error *);
/* ERR_NOT_PERMITTED: who has it instead, since when, and what to do. -1. */
int conversation_not_yours(struct registrar *, const struct conversation_row *,
                           struct error *);

/* ---- the queue (place.c) ------------------------------------------------- */

/* Their place, how long it takes, or when somebody is there. */
int conversation_tell(struct registrar *, struct conversation_row *,
                      const struct policy *, int64_t place, struct error *);

/* ---- silence (silence.c) ------------------------------------------------- */

/* When it is to be looked at next. policy NULL: never. */
void conversation_schedule(struct conversation_row *, const struct policy *);
/* Silence and escalations, in a batch. */
int conversation_upkeep(struct registrar *, struct error *);
/* Who is on the staff no more has none: they wait again, all; how many. */
int conversation_leave(struct registrar *, int64_t uid, int64_t *n,
                       struct error *);

/* ---- which language (language.c) ----------------------------------------- */

/* What the person is written to in: for all texts that they read. Those that
 * staff read are in the policy's first. */
const struct policy_language *person_language(struct registrar *,
                                              const struct policy *,
                                              const char *subject);
const struct policy_language *language_of(struct registrar *,
                                          const struct deciding *);
/* A day as they write it (date_words). */
#define DAY_SIZE DATE_WORDS_SIZE
void language_day(char out[static DAY_SIZE], const struct policy_language *,
                  civil_day);
/* What the plan wants done. */
int language_choose(struct registrar *, const struct deciding *, int which,
                    struct error *);
int language_changed(struct registrar *, const struct deciding *,
                     struct error *);
int language_ask(struct registrar *, const struct deciding *, struct error *);

/* ---- a list (list.c) ----------------------------------------------------- */

struct list_message {
    json_t *rows;
    size_t room;
    bool failed;
};
/* Nothing where there is no room any more. */
void list_row(struct list_message *, const char *id, const char *title,
              const char *description);
/* Takes the rows. */
int list_send(struct registrar *, const struct deciding *,
              struct list_message *, const char *header, const char *body,
              const char *button, const char *quoted, struct error *);

/* ---- who writes in their own words (spoken.c) ---------------------------- */

int spoken_say(struct registrar *, const struct deciding *, enum spoken_text,
               struct error *);
/* A row for each of what they agreed to, where it is more than one, that
 * withdraws it alone. */
void spoken_end_rows(struct list_message *, const struct policy *,
                     const struct policy_language *,
                     const struct dialogue_state *);
/* Which of all that they agreed to is to end? Nothing has, yet. */
int spoken_ask_end(struct registrar *, const struct deciding *,
                   const struct dialogue_state *, struct error *);

/* ---- WhatsApp's window (window.c) ---------------------------------------- */

/* Until when may they be written to freely at that number, for all that is
 * known? */
int window_until(struct registrar *, const struct subject_row *,
                 const char *policy, const char *number, msec *until,
                 struct error *);
/* And is that still to come? */
int window_open(struct registrar *, const struct subject_row *,
                const char *policy, const char *number, bool *open,
                struct error *);

/* ---- to who did not just write (unasked.c) ------------------------------- */

struct unasked {
    struct deciding d; /* of no message; points into this very struct */
    struct subject_row subject;
    struct webhook_item item; /* at a number of the policy that they know */
    struct conversation_row talk;
    bool silent; /* an agent has the conversation: no words of ours */
};
/* 1; 0: they cannot be written to (blocked, gone, no number of the policy, or
 * they wrote more than a day ago, for all that is known); -1. */
int unasked_open(struct registrar *, const struct policy *, const char *subject,
                 struct unasked *, struct error *);
/* A number of the policy that they exchanged messages with; "" none. */
int number_at(struct registrar *, const struct policy *, const char *subject,
              char out[static STORE_NAME_SIZE], struct error *);

/* ---- how it was (rating.c) ----------------------------------------------- */

/* A case was closed by staff, or a hand-over has ended: they are asked later,
 * if the policy says so and if they may be. */
int rating_case_closed(struct registrar *, const struct case_row *,
                       struct error *);
int rating_handover_ended(struct registrar *, const struct conversation_row *,
                          const struct handover_row *, struct error *);
/* What is due, in a batch. */
int rating_upkeep(struct registrar *, struct error *);
/* Just before the question goes. *ended: it does not, and was never asked. */
int rating_recheck(struct registrar *, const struct outbox_row *, bool *ended,
                   struct error *);
/* Is there a question that this item may answer? */
int rating_state(struct registrar *, const struct deciding *,
                 struct dialogue_state *, struct error *);
/* What the plan wants done. */
int rating_take(struct registrar *, const struct deciding *,
                const struct dialogue_state *, int score, struct error *);
int rating_comment(struct registrar *, const struct deciding *,
                   const struct dialogue_state *,
                   const struct dialogue_action *, struct error *);
int rating_comment_end(struct registrar *, const struct dialogue_state *,
                       struct error *);
/* They took something back: nothing is asked any more. */
int rating_stop(struct registrar *, const char *subject, struct error *);

#endif

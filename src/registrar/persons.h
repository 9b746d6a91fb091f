/*
 * Whose papers they are, and who is one person: what the registrar's files
 * share about it, and the lists that it is asked with.
 */
#ifndef RESGUARDO_REGISTRAR_PERSONS_H
#define RESGUARDO_REGISTRAR_PERSONS_H

#include "registrar_private.h"

/* ---- references of one person (link.c, link_end.c, link_settle.c) -------- */

/* A no of one is a no of all: whatever the others gave for this purpose ends.
 */
int link_spread(struct registrar *, const struct deciding *,
                const struct dialogue_state *, const struct dialogue_action *,
                struct error *);
/* They were just linked: what was said last counts under all. */
int link_settle(struct registrar *, const char *subject, struct error *);
/* All of a reference that is to be erased. */
int link_end_all(struct registrar *, const char *subject, struct error *);
/* Meta says that somebody is reached otherwise now: for an officer to see. Who
 * that was until now: 1, 0, -1. */
int link_former(struct registrar *, const struct webhook_item *,
                char id[static ID_SIZE], struct error *);
int link_suggest(struct registrar *, const struct webhook_item *,
                 struct error *);

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
/* Whom the item would be for, read into d->talk; nobody wrote. 1, 0, -1. */
int conversation_look(struct registrar *, const struct deciding *,
                      struct dialogue_state *, struct error *);
/* That what they agreed to was taken back, and what stays; notices: only what
 * they are written to for was. */
int plan_say_withdrawn(struct registrar *, const struct deciding *,
                       bool notices, struct error *);
/* As if this file had just come; or, once, all of theirs that wait. */
int attachment_ask(struct registrar *, const struct policy *,
                   const struct attachment_row *, struct error *);
int attachment_ask_all(struct registrar *, const struct policy *,
                       const char *subject, struct error *);

/* ---- work on cases (case_return.c, elsewhere.c) ------------------------- */

/* by->document is no good; told and reopened are out. */
int case_return(struct registrar *, struct case_order *, struct case_row *,
                struct error *);
/* What is wrong with it, and how to do it better. */
int guide_say_returned(struct registrar *, const struct deciding *,
                       const struct case_row *, int item, enum return_ground,
                       struct error *);
/* What was promised for it is not any more; it will be anew. */
int request_case_reopened(struct registrar *, const struct case_row *,
                          struct error *);
/* A contact that was not in the chat. */
int case_contact(struct registrar *, const struct case_order *,
                 const struct case_row *, struct error *);
/* A text that is filled already; nothing, where the policy has none. */
int guide_say_own(struct registrar *, const struct deciding *, enum chat_text,
                  struct error *);

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

/* ---- which language (language.c) -------------------------------------- */

/* What the person is written to in: for all texts that they read. Those that
 * staff read are in the policy's first. */
const struct policy_language *person_language(struct registrar *,
                                              const struct policy *,
                                              const char *subject);
const struct policy_language *language_of(struct registrar *,
                                          const struct deciding *);
/* A day as they write it. */
#define DAY_SIZE 16
void language_day(char out[static DAY_SIZE], const struct policy_language *,
                  civil_day);
/* What the plan wants done. */
int language_choose(struct registrar *, const struct deciding *, int which,
                    struct error *);
int language_changed(struct registrar *, const struct deciding *,
                     struct error *);
int language_ask(struct registrar *, const struct deciding *, struct error *);

/* ---- papers of others, and children (represent.c) ------------------------ */

/* Was said what this file waits for? One that is nobody else's waits for
 * nothing. */
int mandate_open(struct registrar *, const struct attachment_row *, bool *open,
                 struct error *);
/* A file of the case waits for it, from now on. */
int mandate_need(struct registrar *, struct case_row *, struct error *);
void mandate_state(const struct case_row *, struct dialogue_guide *);
/* Only of one that ended: is a file held that needs it? */
int mandate_waits(struct registrar *, const struct policy *,
                  const char *subject, struct dialogue_guide *, struct error *);
int mandate_say_ended(struct registrar *, const struct deciding *,
                      const struct dialogue_action *, struct error *);
/* Files of theirs that wait for nothing any more go on, under every policy. */
int persons_release(struct registrar *, const char *subject, struct error *);
/* A case for somebody else that was begun for the same kind of person and has
 * nothing yet: two children are two cases. 1; 0: the row is of a new one, not
 * there yet; -1. */
int persons_find_case(struct registrar *, const struct policy *,
                      const char *subject, int procedure, const char *relation,
                      struct case_row *, struct error *);
int persons_ask_relation(struct registrar *, const struct deciding *,
                         const struct dialogue_state *,
                         const struct dialogue_action *, struct error *);
int persons_ask_heard(struct registrar *, const struct deciding *,
                      const struct dialogue_action *, struct error *);
int persons_pick_for(struct registrar *, const struct deciding *,
                     const struct dialogue_action *, struct error *);
int persons_open_for(struct registrar *, const struct deciding *,
                     const struct dialogue_action *, struct error *);
int persons_declare(struct registrar *, const struct deciding *,
                    const struct dialogue_action *, struct error *);
int persons_mark_minor(struct registrar *, const struct deciding *,
                       struct error *);
int persons_say(struct registrar *, const struct deciding *, enum persons_text,
                struct error *);

#endif

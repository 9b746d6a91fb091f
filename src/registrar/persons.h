/*
 * Whose papers they are, and who is one person: what the registrar's files
 * share about it, and the lists that it is asked with.
 */
#ifndef RESGUARDO_REGISTRAR_PERSONS_H
#define RESGUARDO_REGISTRAR_PERSONS_H

#include "registrar_private.h"

/* ---- references of one person (link.c) ----------------------------------- */

/* A no of one is a no of all: whatever the others gave for this purpose ends.
 */
int link_spread(struct registrar *, const struct deciding *,
                const struct dialogue_state *, const struct dialogue_action *,
                struct error *);
/* All of a reference that is to be erased. */
int link_end_all(struct registrar *, const char *subject, struct error *);
/* Meta says that somebody is reached otherwise now: for an officer to see. Who
 * that was until now: 1, 0, -1. */
int link_former(struct registrar *, const struct webhook_item *,
                char id[static ID_SIZE], struct error *);
int link_suggest(struct registrar *, const struct webhook_item *,
                 struct error *);

/* ---- work on cases (case_return.c, elsewhere.c) ------------------------- */

/* by->document is no good; told and reopened are out. */
int case_return(struct registrar *, struct case_order *, struct case_row *,
                struct error *);
/* To who is written to at `number`: what is wrong with it, and how to do it
 * better. */
int guide_say_returned(struct registrar *, const struct policy *,
                       const struct case_row *, const char *number, int item,
                       enum return_ground, struct error *);
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
/* Do people who read it write the day before the month? */
bool language_day_first(const struct policy_language *);
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

/*
 * Whose papers they are, and who is one person.
 */
#ifndef RESGUARDO_PEOPLE_PRIVATE_H
#define RESGUARDO_PEOPLE_PRIVATE_H

#include "registrar_private.h"

#include "resguardo/dialogue.h"

/* ---- references of one person (link.c, link_end.c, link_settle.c) -------- */

/* A no of one is a no of all: whatever the others gave for this purpose ends.
 */
int link_spread(struct registrar *, const struct deciding *,
                const struct dialogue_state *, const struct dialogue_action *,
                struct error *);
/* They were just linked: what was said last counts under all (link_settle.c).
 */
int link_settle(struct registrar *, const char *subject, struct error *);
/* All of a reference that is to be erased. */
int link_end_all(struct registrar *, const char *subject, struct error *);
/* Meta says that somebody is reached otherwise now: for an officer to see. Who
 * that was until now: 1, 0, -1. */
int link_former(struct registrar *, const struct webhook_item *,
                char id[static ID_SIZE], struct error *);
int link_suggest(struct registrar *, const struct webhook_item *,
                 struct error *);

/* ---- papers of others, and children (represent.c, mandate.c) ------------- */

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

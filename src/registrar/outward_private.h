/* What goes out to people who did not just write, and what they say to that.
 * Included by registrar_private.h, whose conventions hold here. */
#ifndef RESGUARDO_OUTWARD_PRIVATE_H
#define RESGUARDO_OUTWARD_PRIVATE_H

/* ---- reminders and notices (outbound.c) --------------------------------- */

/* Just before one goes: the rules are asked again, the clock went on. *ended:
 * it does not go, and that is on record. */
int outbound_recheck(struct registrar *, const struct outbox_row *, bool *ended,
                     struct error *);

/* Meta says of a message (131050), at that second, that its person wants no
 * more advertising: the purpose that it rests on is taken back. */
int outbound_opted_out(struct registrar *, const struct outbox_row *,
                       int64_t provider_s, struct error *);

/* ---- what people answer (answer.c) --------------------------------------- */

/* Does this item answer a reminder of theirs? */
int answer_state(struct registrar *, const struct deciding *,
                 struct dialogue_state *, struct error *);
/* What the plan wants done: it is on record; a list of days; a day. */
int answer_record(struct registrar *, const struct deciding *,
                  const struct dialogue_state *, enum answer_kind,
                  struct error *);
int promise_ask(struct registrar *, const struct deciding *,
                const struct dialogue_state *, struct error *);
int promise_make(struct registrar *, const struct deciding *,
                 const struct dialogue_state *, civil_day, struct error *);
/* What leaves say of a template beside its name. */
void outbound_stage(json_t *evidence, const struct policy_template *);

/* ---- documents to customers (delivery.c) -------------------------------- */

/* Is this message a code that is awaited? Then (*was) it is judged, answered
 * and on record, and means nothing else. */
int delivery_code(struct registrar *, const struct deciding *, bool *was,
                  struct error *);
/* Orders whose bytes never came. */
int delivery_upkeep(struct registrar *, struct error *);

/* ---- what people are written to for (notices.c) ------------------------- */

/* A case of theirs is complete: they may be asked, by themselves, whether they
 * want to be written to. `writes`: they did within the day. */
int notices_ask(struct registrar *, const struct policy *, const char *subject,
                const char *number, bool writes, struct error *);
/* The menu's row: puts the question (purpose), or says that all is agreed to
 * (-1). */
int notices_answer(struct registrar *, const struct deciding *, int purpose,
                   struct error *);

#endif

/* What goes out to people who did not just write, and what they say to that. */
#ifndef RESGUARDO_OUTWARD_PRIVATE_H
#define RESGUARDO_OUTWARD_PRIVATE_H

#include "registrar_private.h"

#include "resguardo/dialogue.h"

/* ---- reminders and notices (outbound.c) --------------------------------- */

/* Just before one goes: the rules are asked again, the clock went on. *ended:
 * it does not go, and that is on record. */
int outbound_recheck(struct registrar *, const struct outbox_row *, bool *ended,
                     struct error *);

/* Contacts of that day that may have arrived, under any reference of theirs,
 * but for the row `but`. -1 with error. */
int64_t outbound_today(struct registrar *, const char *subject, civil_day,
                       const char *but, struct error *);

/* One message to one person, in no list. rule: NULL, or what forbids it, which
 * is on record then. */
struct outbound_one {
    const struct policy *policy;
    const struct policy_template *template;
    const char *subject, *number;
    char id[ID_SIZE]; /* out: of the contact */
    const char *rule; /* out; constant */
};
/* Asks the rules, and puts nothing on record but a no; draws the id. */
int outbound_ask(struct registrar *, struct outbound_one *, struct error *);
/* A contact by that message (an id of outbox), on record. The rules were asked
 * in this transaction. */
int outbound_enter(struct registrar *, const struct outbound_one *,
                   const char *outbox, struct error *);

/* Meta says of a message (131050), at that second, that its person wants no
 * more advertising: the purpose that it rests on is taken back. */
int outbound_opted_out(struct registrar *, const struct outbox_row *,
                       int64_t provider_s, struct error *);
/* What leaves say of a template beside its name. */
void outbound_stage(json_t *evidence, const struct policy_template *);

/* ---- what staff set off (waits.c) ---------------------------------------- */

/* When it goes: now, or when the hours of contact begin. late: WhatsApp takes
 * it no more by then. */
struct waits {
    msec at;
    unsigned heeds;
    const char *about; /* the case that it is said of, or NULL */
    bool waits, late;
    bool at_once; /* staff wanted it now */
};
/* since: when what it answers came, 0 unknown; -1: it answers nothing, so that
 * it waits whatever they write now. */
int waits_look(struct registrar *, const struct policy *,
               const struct subject_row *, const char *number, msec since,
               struct waits *, struct error *);
/* It goes now, whatever the hour. */
void waits_not(struct waits *, msec now);
/* When it goes, if it is to wait; 0. */
msec waits_until(const struct waits *);
/* Why it may go at all, and when it does. */
void waits_said(json_t *evidence, const struct waits *);
/* Just before one goes that heeds the hours. *ended: not now, or never. */
int waits_recheck(struct registrar *, const struct outbox_row *, bool *ended,
                  struct error *);

/* ---- what people answer (answer.c, promise.c) --------------------------- */

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
/* ---- documents to customers (identity.c, delivery*.c) ------------------- */

/* ERR_NOT_PERMITTED "RULE: why". */
int delivery_forbids(struct error *, const char *rule, const char *why);
/* Did somebody use their name, under any reference? Who has the phone may be
 * anybody then. 1, 0, -1. */
int person_impersonated(struct registrar *, const char *subject,
                        struct error *);
/* Of a case: may anything be sent to its person at all? Its policy, too. */
int delivery_allowed(struct registrar *, const char *case_id, struct case_row *,
                     const struct policy **, struct error *);
/* The template that an order names, and its values in their order. carries: it
 * has a document in its header. ERR_NOT_FOUND, ERR_INPUT. */
int delivery_template(const struct policy *, const struct template_given *,
                      bool carries, const struct policy_template **,
                      const char *values[static LIMIT_PARAMETERS],
                      struct error *);
/* What staff do, about this case. */
struct staff_access delivery_access(const struct staff_access *,
                                    const struct case_row *, const char *event);
/* Did they write the code of this case, and does it count still? *row is that
 * check. ERR_NOT_PERMITTED identity_not_checked. */
int identity_counts(struct registrar *, const struct policy *,
                    const struct case_row *, struct identity_check_row *row,
                    struct error *);
/* May they be written to freely, at that number? */
int identity_window(struct registrar *, const char *subject, const char *policy,
                    const char *number, bool *open, struct error *);
/* Just before it goes: may it still? *ended: it does not, and that is on
 * record. */
int delivery_recheck(struct registrar *, const struct outbox_row *, bool *ended,
                     struct error *);
/* Its message arrived, or (failed) never will: Meta's copy is to go. */
int delivery_settled(struct registrar *, const char *outbox, bool failed,
                     struct error *);
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
/* Just before a question goes that nobody asked for: may it still? *ended: it
 * does not, and was never put. */
int notices_recheck(struct registrar *, const struct outbox_row *,
                    const struct prompt_row *, bool *ended, struct error *);
/* The menu's row: puts the question (purpose), or says that all is agreed to
 * (-1). */
int notices_answer(struct registrar *, const struct deciding *, int purpose,
                   struct error *);

#endif

/*
 * What a person agrees to: the plan of an answer, each decision with what
 * proves it, and what is open by all that was decided.
 */
#ifndef RESGUARDO_CONSENT_PRIVATE_H
#define RESGUARDO_CONSENT_PRIVATE_H

#include "registrar_private.h"

#include "resguardo/dialogue.h"
#include "resguardo/registrar_person.h"

/* ---- decisions (decision.c, plan.c, evidence.c) -------------------------- */

/* What a decision was made with; NULL item for none (a policy's own doing). */
struct deciding {
    const struct policy *policy;
    const struct subject_row *subject;
    const struct webhook *webhook;
    const struct webhook_item *item;
    struct conversation_row *talk; /* id "": a person was never asked for */
};
int plan_state(struct registrar *, const struct policy *, const char *subject,
               struct dialogue_state *, struct error *);
int plan_carry_out(struct registrar *, const struct deciding *,
                   const struct dialogue_state *, const struct dialogue_plan *,
                   struct error *);
/* One decision: state row and leaf with evidence, the prompt answered. */
int decision_record(struct registrar *, const struct deciding *,
                    const struct dialogue_state *,
                    const struct dialogue_action *, struct error *);
/* A yes that ends without a word of the person about it: Meta says so (reason
 * "meta_opt_out"), or who gave it was under age ("minor"). Nothing where there
 * is none, or only a no. */
int decision_by_itself(struct registrar *, const struct policy *,
                       const char *subject, int purpose, const char *reason,
                       int64_t provider_s, struct error *);
/* Seals what proves it to the custody recipient; fills the leaf's evidence
 * and commitments. */
int evidence_decision(struct registrar *, const struct deciding *,
                      const struct prompt_row *, json_t *evidence,
                      json_t *commitments, struct error *);
/* Why a person was erased, in the officer's words and with their signature; for
 * who holds the custody identity. Fills the leaf's evidence and commitments. */
int evidence_erasure(struct registrar *, const struct erase_order *,
                     json_t *evidence, json_t *commitments, struct error *);
/* Leaves notice_presented and consent_requested, once a prompt. */
int prompt_presented(struct registrar *, struct prompt_row *, struct error *);
/* That what they agreed to was taken back, and what stays; notices: only what
 * they are written to for was. */
int plan_say_withdrawn(struct registrar *, const struct deciding *,
                       bool notices, struct error *);

/* What of a notice a leaf names; of a purpose (-1: none). */
int leaf_notice(struct registrar *, json_t *leaf, const struct policy *,
                const char *version, const char *language, struct error *);
void leaf_purpose(json_t *leaf, const struct policy *, int purpose);
/* Why nobody has to be asked (Colombia), if that is so. */
void leaf_exemption(json_t *evidence, const struct policy *, int purpose);

/* ---- what is open (purposes.c, reached.c, validity.c) -------------------- */

/* The row of a purpose (one that says nothing, where there is none), and what
 * it means now. */
int purpose_standing(struct registrar *, const struct policy *,
                     const char *subject, int purpose, struct consent_row *,
                     enum consent_state *, struct error *);
enum gate {
    GATE_OPEN,
    GATE_WAITS, /* what is needed was not said, or is said no more */
    GATE_SHUT   /* refused or withdrawn, or nothing that could be asked for */
};
/* All purposes of the list together. */
int gate_of(struct registrar *, const struct policy *, const char *subject,
            const char *purposes, enum gate *, struct error *);
/* The message of a prompt reached the person: `how` is delivered, read or
 * reply. What rests on another basis than consent is open from here on. */
int notice_reached(struct registrar *, struct prompt_row *, const char *how,
                   struct error *);
/* The same, where a message of theirs quotes it. */
int notice_quoted(struct registrar *, const struct deciding *, struct error *);
/* When a yes of that second, to that version, runs out; 0 never. */
int consent_until(struct registrar *, const struct policy *, int purpose,
                  const char *version, int64_t yes_s, msec *, struct error *);
/* Yeses that ran out, some at a time. */
int consent_upkeep(struct registrar *, struct error *);
/* Are all of them open? */
int gate_open(struct registrar *, const struct policy *, const char *subject,
              const char *purposes, bool *open, struct error *);
unsigned purposes_mask(const struct policy *, const char *list);
void purposes_list(const struct policy *, unsigned mask,
                   char out[static STORE_LIST_SIZE]);
bool purposes_has(const char *list, const char *purpose);

#endif

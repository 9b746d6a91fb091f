/*
 * Cases: what their procedures ask for, how a person is led through them, and
 * what staff do with them.
 */
#ifndef RESGUARDO_CASE_PRIVATE_H
#define RESGUARDO_CASE_PRIVATE_H

#include "registrar_private.h"

#include "outward_private.h"

#include "resguardo/dialogue.h"
#include "resguardo/registrar_work.h"

/* ---- procedures (procedure.c) ------------------------------------------- */

/* What a case's procedure has. */
struct procedure_look {
    struct dialogue_guide guide; /* procedure -1: it has none */
    bool has[LIMIT_ITEMS];       /* kept, or taken by another channel */
    bool here;                   /* all that is for this chat and required */
    bool complete;               /* all that is required */
    bool under_way;
    /* Missing here, and they said no to what it needs: it goes elsewhere. Only
     * what procedure_refusals filled. */
    bool refused[LIMIT_ITEMS];
};
int procedure_look(struct registrar *, const struct policy *,
                   const struct case_row *, struct procedure_look *,
                   struct error *);
/* What of the missing they refused; nothing, where the policy has no words for
 * it. */
int procedure_refusals(struct registrar *, const struct policy *,
                       const struct policy_language *, const struct case_row *,
                       struct procedure_look *, struct error *);
/* Place of an item in the case's procedure, -1. */
int item_find(const struct policy *, const struct case_row *, const char *item);
/* As records name it. */
const char *item_said(const char *item);
/* Does this file wait until the person says what it is? */
bool item_unclear(const struct attachment_row *);
int procedure_state(struct registrar *, const struct policy *,
                    const char *subject, struct dialogue_state *,
                    struct error *);
/* Counts an answer of ours; a choice of theirs begins anew. Of all else
 * nothing. */
int procedure_answered(struct registrar *, const struct deciding *,
                       const struct dialogue_action *, struct error *);
int procedure_pick(struct registrar *, const struct deciding *, int procedure,
                   struct error *);
/* The case that files are for now: 1; 0 (guide->procedure is -1); -1. */
int procedure_current(struct registrar *, const struct policy *,
                      const char *subject, struct case_row *,
                      struct dialogue_guide *, struct error *);

/* ---- which item a file is for (procedure_match.c) ------------------------ */

/* A new file's item, case and purposes; *refused: why it is never fetched, NULL
 * if it may be. */
int procedure_match(struct registrar *, const struct policy *,
                    const struct webhook_item *, struct attachment_row *,
                    unsigned *needs, const char **refused, struct error *);
/* The person said which. */
int procedure_item(struct registrar *, const struct deciding *,
                   const struct dialogue_action *, struct error *);

/* ---- complete (procedure.c) ---------------------------------------------- */

/* open → complete, on record; what the policy promises for it begins. */
int case_complete(struct registrar *, struct case_row *, struct error *);

/* ---- how a person is led (guide*.c, menu.c) ----------------------------- */

int guide_send_menu(struct registrar *, const struct deciding *,
                    struct error *);
int guide_ask_item(struct registrar *, const struct deciding *,
                   const char *attachment, struct error *);
int guide_say_needed(struct registrar *, const struct deciding *,
                     const struct case_row *, struct error *);
int guide_say_status(struct registrar *, const struct deciding *,
                     const struct dialogue_state *, struct error *);
int guide_say_missing(struct registrar *, const struct deciding *,
                      const struct dialogue_state *, struct error *);
int guide_say_data(struct registrar *, const struct deciding *,
                   const struct dialogue_state *, struct error *);
/* Sends the text with what can be asked about one's data, as far as the policy
 * has a clock for it; without any the text alone. */
int guide_send_data(struct registrar *, const struct deciding *,
                    const struct dialogue_state *, const char *text,
                    struct error *);
/* Opens what they picked there; one that runs already is told. */
int guide_request(struct registrar *, const struct deciding *,
                  const struct dialogue_state *, enum request_type,
                  struct error *);
/* At a number of the policy that they wrote to. */
int guide_say_complete(struct registrar *, const struct policy *,
                       const struct case_row *, struct error *);
/* What a burst brought for a procedure's case: its items, by what happened. */
#define BURST_ITEMS 4
enum burst_of {
    BURST_STORED,
    BURST_WRONG,   /* no file for it */
    BURST_MORE,    /* had all that it takes */
    BURST_FULL,    /* … and more than that */
    BURST_GUESSED, /* nobody said that they are that */
    BURST__MAX
};
struct burst_items {
    char item[BURST_ITEMS][STORE_NAME_SIZE];
    size_t n;
};
struct guide_burst {
    char case_id[STORE_CASE_SIZE]; /* "" none */
    struct burst_items of[BURST__MAX];
    /* Files that were called something that is not for the chat. */
    char elsewhere[BURST_ITEMS][ID_SIZE];
    size_t nelsewhere;
    bool unrequested;
    bool named;     /* the case is named: the person may think of another */
    bool completed; /* out: its case needs nothing more */
};
/* Appends what that means for the case; nothing for one without a procedure. */
int guide_receipt(struct registrar *, const struct policy *,
                  struct guide_burst *, struct buf *, struct error *);
/* Open cases of theirs that have all that they need, though no receipt is about
 * them: complete, and told. */
int guide_settle(struct registrar *, const struct policy *, const char *subject,
                 struct error *);
/* Their open cases that lack what is blocked, one by one; nothing, where there
 * is none. */
int guide_add_lost(struct registrar *, const struct deciding *, struct buf *,
                   struct error *);
/* The customer says that it is another document than this item; where it is
 * kept apart, and what to do. */
int guide_say_another(struct registrar *, const struct deciding *,
                      const struct case_row *, int item, struct error *);
/* What is wrong with a document that is no good, and how to do it better. */
int guide_say_returned(struct registrar *, const struct deciding *,
                       const struct case_row *, int item, enum return_ground,
                       struct error *);
/* A text that is filled already; nothing, where the policy has none. */
int guide_say_own(struct registrar *, const struct deciding *, enum chat_text,
                  struct error *);

/* ---- what was there and is no more (case_lost.c) ------------------------- */

/* complete → open, on record with the reason (NULL: a document of it was no
 * good, by staff's word or the person's): what was promised for it ends. */
int case_open_again(struct registrar *, struct case_row *, const char *reason,
                    struct error *);
/* A document that was just blocked, or goes: if its case was complete and lacks
 * it now, it is open again. */
int case_loses(struct registrar *, const struct document_row *,
               const char *reason, struct error *);

/* ---- work on cases (case_work.c, case_return.c, elsewhere.c) ------------ */

/* When a case that was touched now gets more urgent; 0 never. */
msec case_escalates(const struct registrar *, const char *policy);
int case_upkeep(struct registrar *, struct error *);
/* A new one, with its leaf: by staff or (NULL) of itself. The row comes with
 * subject and policy. */
int case_new(struct registrar *, struct case_row *, const struct staff_access *,
             struct error *);
/* When the person of the order is told: fills its late and waits_until. */
int case_waits(struct registrar *, struct case_order *, const struct policy *,
               const struct subject_row *, const char *number, msec since,
               struct waits *, struct error *);
/* by->document is no good; told, late, waits_until and reopened are out. */
int case_return(struct registrar *, struct case_order *, struct case_row *,
                struct error *);
/* The newest document that was taken for something without a word of theirs is
 * another (case_another.c). */
int case_another(struct registrar *, const struct deciding *,
                 const struct dialogue_state *, struct error *);
/* A contact that was not in the chat. */
int case_contact(struct registrar *, struct case_order *,
                 const struct case_row *, struct error *);

#endif

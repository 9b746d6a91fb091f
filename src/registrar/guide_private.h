/*
 * What is said of a case: sentences of the policy, put together one a line
 * (guide_words.c). Those that add to a text return -1 without memory for it;
 * what there is nothing to say about they leave as it is.
 */
#ifndef RESGUARDO_GUIDE_PRIVATE_H
#define RESGUARDO_GUIDE_PRIVATE_H

#include "case_private.h"
#include "registrar_private.h"

/* A sentence as a line, or (gap) a paragraph, of its own; filled from pairs
 * (NULL: none), or from one. */
int guide_add(struct buf *out, const char *gap, const char *text,
              const char *const *pairs);
int guide_add_one(struct buf *out, const char *gap, const char *text,
                  const char *key, const char *value);
/* Is it a message yet? The limits of single texts add up to less than one, but
 * for lists of cases: what is too much is taken off again. */
bool guide_fits(const struct buf *);
void guide_cut(struct buf *, size_t len);

/* Items of a case that a sentence names. */
enum guide_items { ITEMS_THERE, ITEMS_LACK_HERE, ITEMS_LACK_ELSEWHERE };
int guide_add_titles(struct buf *, const struct policy *,
                     const struct policy_language *,
                     const struct procedure_look *, enum guide_items,
                     enum chat_text sentence);
/* What is handed in over a link, and the link: of a procedure that was picked
 * (look NULL) all of it, else what is missing. */
int guide_add_link(struct buf *, const struct policy *,
                   const struct policy_language *, const struct case_row *,
                   const struct procedure_look *);
/* What there is and what is missing. */
int guide_add_progress(struct buf *, const struct policy *,
                       const struct policy_language *, const struct case_row *,
                       const struct procedure_look *);
/* How the first missing document is done well. */
int guide_add_help(struct buf *, const struct policy *,
                   const struct policy_language *,
                   const struct procedure_look *);
/* How many files wait for an answer of theirs; nothing of none. */
int guide_add_held(struct buf *, const struct policy_language *, int64_t held);
/* Whose it is, where several people use one phone: in the words of the menu's
 * row. Of one's own nothing is said. */
int guide_add_whose(struct buf *, const char *gap,
                    const struct policy_language *, const struct case_row *);
/* Whose documents a case for somebody else wants: a text that may lack. */
int guide_add_theirs(struct buf *, const char *gap,
                     const struct policy_language *, const struct case_row *);
/* All of that: which case it is, whose, and how far. */
int guide_add_case(struct buf *, const struct policy *,
                   const struct policy_language *, const struct case_row *,
                   const struct procedure_look *);
/* That what they had sent for it is blocked, where it is and lacks. -1 with the
 * error. */
int guide_add_blocked(struct registrar *, const struct policy *,
                      const struct policy_language *, const struct case_row *,
                      const struct procedure_look *, struct buf *,
                      struct error *);
/* How many of theirs are, where that still fits. -1 with the error. */
int guide_add_data_blocked(struct registrar *, const struct deciding *,
                           struct buf *, struct error *);
/* Sends the text to who wrote, and frees it; composed is 0, or what failed. */
int guide_say(struct registrar *, const struct deciding *, struct buf *text,
              int composed, struct error *);

#endif

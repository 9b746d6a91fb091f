/* What the parts of the dialogue share: a plan under construction. */
#ifndef RESGUARDO_DIALOGUE_PRIVATE_H
#define RESGUARDO_DIALOGUE_PRIVATE_H

#include "resguardo/dialogue.h"

struct decide {
    /* A copy, changed along the way: later steps see earlier ones. */
    struct dialogue_state state;
    bool closed[DIALOGUE_PROMPTS];
    bool asked; /* a question goes out with this plan */
    const struct dialogue_input *input;
    msec now;
    struct dialogue_plan *plan;
};

struct dialogue_action *decide_add(struct decide *, enum dialogue_action_kind,
                                   int purpose, int prompt);
/* A question that was not answered; one that is still in front of them. */
bool decide_any_open(const struct decide *);
bool decide_any_fresh(const struct decide *);
/* The next purpose of these that is not given, -1 none. */
int decide_next_needed(const struct decide *, unsigned needs);
int decide_first_purpose(const struct decide *);
bool decide_undecided(const struct decide *);
void decide_ask(struct decide *, int purpose, bool with_notice);
/* purpose -1: all. */
void decide_withdraw(struct decide *, int purpose);

/* True when the word meant something now; when the id is one of ours. */
bool intent_of_word(struct decide *, enum policy_word);
bool intent_of_id(struct decide *, const char *id);
/* A text that is no word, of somebody who has decided. */
void intent_other_text(struct decide *);
/* How it was (rating.c). True when the text was the answer, or the comment on
 * it. */
bool rating_text_means(struct decide *);
/* "ID/N", of a list's row. */
void rating_pick(struct decide *, const char *rest);
/* After all else: whoever did something else writes no comment any more. */
void rating_settle(struct decide *);
/* Which item is the oldest unclear file for? Once, and after consent. */
void intent_ask_item(struct decide *);

#endif

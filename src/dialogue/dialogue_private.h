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
/* The state shows so many open questions: the oldest gives way. */
void decide_make_room(struct decide *);
void decide_ask(struct decide *, int purpose, bool with_notice);
/* purpose -1: all. */
void decide_withdraw(struct decide *, int purpose);

/* One purpose's no: true when it had an effect. Whether a withdrawal says
 * anything new about it. The newest open question about it, -1 none. */
bool decide_deny(struct decide *, enum dialogue_action_kind, int purpose,
                 int prompt);
bool decide_concerned(const struct decide *, int purpose);
int decide_newest_open(const struct decide *, int purpose, const char *version);

/* ---- notices.c: what people are written to for -------------------------- */

/* Is the purpose one of those? */
bool notices_are(const struct decide *, int purpose);
/* Is this open question about one, and too old for a typed word? */
bool notices_stale(const struct decide *, const struct dialogue_prompt *);
void notices_say(struct decide *, enum contact_text);
/* What the menu's row asks, or says; -1: nothing more to ask. */
int notices_next(const struct decide *);
/* No more of them. */
void notices_stop(struct decide *);

/* True when the word meant something now; when the id is one of ours. */
bool intent_of_word(struct decide *, enum policy_word);
bool intent_of_id(struct decide *, const char *id);
/* The button of a template comes with the words on it: those that end something
 * count as if they were typed. */
bool intent_of_button_words(struct decide *, const char *words);
/* A text that is no word, of somebody who has decided. */
void intent_other_text(struct decide *);
/* Which item is the oldest unclear file for? Once, and after consent. */
void intent_ask_item(struct decide *);

#endif

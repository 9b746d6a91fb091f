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
    struct policy_meaning said; /* of a text */
    msec now;
    struct dialogue_plan *plan;
};

struct dialogue_action *decide_add(struct decide *, enum dialogue_action_kind,
                                   int purpose, int prompt);
/* Is the purpose open? */
bool decide_open(const struct decide *, int purpose);
/* A decision that does not count, and the question again, rarely. purpose -1:
 * none. */
void decide_ignore(struct decide *, int purpose, const char *why);

/* ---- questions (prompt.c) ----------------------------------------------- */

/* Every open question about a purpose is answered at once; `prompt` is the one
 * that the answer itself closes. */
void decide_close(struct decide *, int purpose, int prompt);
/* The newest open one; of a purpose (>= 0) and version (not NULL) if given. */
int decide_newest(const struct decide *, int purpose, const char *version);
/* The newest that a typed word answers: a question, or (`ack`) what is to be
 * read. */
int decide_newest_typed(const struct decide *, bool ack);
/* Who said no, or whose yes ended, comes back to it: the question once more,
 * rarely. */
void decide_think_over(struct decide *);
/* After a yes: what held files still wait for, one question at a time. */
void decide_ask_for_held(struct decide *);
/* Does a held file wait for this purpose? */
bool decide_holds(const struct decide *, int purpose);
/* What a word without an open question is about: the purpose whose turn it is,
 * else the first. */
int decide_waited_for(const struct decide *);
/* A question that was not answered; one that is still in front of them. */
bool decide_any_open(const struct decide *);
bool decide_any_fresh(const struct decide *);
/* The next purpose of these that is not open, -1 none: one that they have to
 * answer first, because its message tells the others. */
int decide_next_needed(const struct decide *, unsigned needs);
/* What a conversation begins with. */
int decide_first_purpose(const struct decide *);
/* Do they have to answer: a yes, or that they read it? */
bool decide_answers(const struct decide *, int purpose);
/* Does the message about it have the notice before it, for a file with these
 * needs? */
bool decide_notice(const struct decide *, int purpose, unsigned needs);
bool decide_undecided(const struct decide *);
/* The state shows so many open questions: the oldest gives way. */
void decide_make_room(struct decide *);
void decide_ask(struct decide *, int purpose, bool with_notice);
/* ---- a yes, a no (decide.c) ---------------------------------------------- */

/* What they tapped, of an open question or (-1) of none. */
void decide_grant(struct decide *, int purpose, int prompt);
/* They read what asks for no consent. */
void decide_acknowledge(struct decide *, int purpose, int prompt);
void decide_refuse(struct decide *, enum dialogue_action_kind, int purpose,
                   int prompt);
/* What they typed: `ack`, that they read it. */
void decide_typed_yes(struct decide *, bool ack);
void decide_typed_no(struct decide *, enum dialogue_action_kind);
/* One purpose's no, without a word: true when it had an effect. Whether a
 * withdrawal says anything new about it. */
bool decide_deny(struct decide *, enum dialogue_action_kind, int purpose,
                 int prompt);
bool decide_concerned(const struct decide *, int purpose);
/* Is there a yes to what asks for one: to notices, or to anything else? */
bool decide_given(const struct decide *, bool notices);
/* purpose -1: all. */
void decide_withdraw(struct decide *, int purpose);
/* What was given was no yes of theirs to give: it ends, and so do questions. */
void decide_minor(struct decide *);

/* ---- notices.c: what people are written to for -------------------------- */

/* Is the purpose one of those? */
bool notices_are(const struct decide *, int purpose);
/* Is this open question about one, and too old for a typed word? */
bool notices_stale(const struct decide *, const struct dialogue_prompt *);
/* After a yes to this purpose, or a no: of the one for other hours it is said
 * that it was about when, not about whether. */
void notices_say_of(struct decide *, int purpose, enum contact_text);
/* What the menu's row asks, or says; -1: nothing more to ask. */
int notices_next(const struct decide *);
/* By word: no more of them, those never asked about included. */
bool notices_stop(struct decide *);

/* ---- words and ids (intent.c) -------------------------------------------- */

/* True when the word meant something now; when the id is one of ours. What runs
 * by word, and is declared below, says the same. */
bool intent_of_word(struct decide *, enum policy_word);
/* The title of a row was typed: as its tap, as far as nobody has to tap it. */
bool intent_of_title(struct decide *, const char *id);
bool intent_of_id(struct decide *, const char *id);
/* The button of a template comes with the words on it: those that end something
 * count as if they were typed. */
bool intent_of_button_words(struct decide *, const char *words);

/* ---- what is told who asks (tell.c): counted as answers ------------------ */

/* One more answer within the hour? */
bool tell_may(const struct decide *);
bool tell_menu(struct decide *);
bool tell_status(struct decide *);
bool tell_missing(struct decide *);
/* What we took for a document, and nobody had said so, is another. */
bool tell_another(struct decide *);
bool tell_data(struct decide *);
/* A row of the menu, where the policy asks about anything by itself. */
bool tell_notices(struct decide *);
/* A text that is no word, of somebody who has decided. */
void tell_other_text(struct decide *);
/* Is there such a text; then it is said, if one more answer may be. */
bool tell_can(const struct decide *, enum spoken_text);
bool tell_spoken(struct decide *, enum spoken_text);
/* By word: how to go on; how long still; where else. */
bool tell_help(struct decide *);
bool tell_place(struct decide *);
bool tell_where(struct decide *);
/* A question is in front of them, and they try to get past it, or nearly answer
 * it: how that is done, once a question. */
void tell_how_to_answer(struct decide *);
/* Nobody hears what they spoke, and a question keeps it from being told soon.
 */
void tell_voice(struct decide *);
/* What they sent does not get here: once a day. Where else it can be done. */
void tell_hint(struct decide *);
void tell_channel(struct decide *);

/* ---- a procedure, and its documents (pick.c) ----------------------------- */

/* By what follows "procedure/" and "item/". */
void pick_procedure(struct decide *, const char *id);
void pick_item(struct decide *, const char *id);
/* Which item is the oldest unclear file for? Once, and after consent. */
void pick_ask_item(struct decide *);

/* ---- a person of staff (agent.c) ----------------------------------------- */

/* A place in the queue; the assistant again. */
bool agent_ask(struct decide *);
bool agent_leave(struct decide *);
/* A text that speaks of it: what they write is for the person. */
bool agent_spoken_of(struct decide *);

/* ---- what the law lets them ask for (rights.c) --------------------------- */

bool rights_withdraw(struct decide *);
/* A word that may mean notices, or all: where it can be both they are asked. */
bool rights_end(struct decide *);
bool rights_access(struct decide *);
bool rights_correct(struct decide *);
bool rights_erase(struct decide *);
bool rights_complaint(struct decide *);
bool rights_object(struct decide *);
bool rights_restrict(struct decide *);
bool rights_port(struct decide *);
/* What there is of them, and what they can ask for. */
bool rights_tell(struct decide *);
/* Of a text that speaks of it: true when it was answered. */
bool rights_spoken_of(struct decide *, enum policy_word);

/* ---- how it was (rating.c) ----------------------------------------------- */

/* True when the text was the answer, or the comment on it. */
bool rating_text_means(struct decide *);
/* "ID/N", of a list's row. */
void rating_pick(struct decide *, const char *rest);
/* After all else: whoever did something else writes no comment any more. */
void rating_settle(struct decide *);

/* ---- answers to a reminder (answer.c) ------------------------------------ */

/* By what follows "answer/" and "promise/". */
void answer_pick(struct decide *, const char *rest);
void answer_promise_day(struct decide *, const char *rest);
/* By word: they will pay, or have paid. */
bool answer_promise(struct decide *);
bool answer_proof(struct decide *);
/* They did this, by whatever means: where it answers a reminder, that is on
 * record. */
void answer_note(struct decide *, enum answer_kind);

/* ---- which language (language.c) ---------------------------------------- */

/* Is there a choice? */
bool language_offered(const struct decide *);
/* By word: its place. By what follows "language/". */
bool language_said(struct decide *, int which);
void language_pick(struct decide *, const char *tag);

/* ---- papers of others, and children (persons.c) -------------------------- */

/* After all other questions: what are you to the child? */
void persons_ask(struct decide *);
/* A child who writes on. */
void persons_remind(struct decide *);
/* By word: it is for another person; I am under age. */
bool persons_for_other(struct decide *);
bool persons_minor(struct decide *);
/* By what follows "for/", "child/" and "minor/". */
void persons_for(struct decide *, const char *id);
void persons_child(struct decide *, const char *id);
void persons_self(struct decide *, const char *id);

#endif

/*
 * dialogue: what a message means. Pure: state, input, now → a plan. No I/O, no
 * SQL, no clock of its own, no memory of its own; the registrar reads the
 * state before and carries the plan out after.
 *
 * The rules (docs/consent.md tells them in words):
 * - A grant counts only if its provider second is later than that purpose's
 *   last no (same second: no wins) and it answers a prompt that is open: asked
 *   (queued, in flight or sent), same notice version, not yet answered.
 * - A grant that is over a minute ahead of our clock does not count: the clock
 *   is behind, and nobody could say when it was given. A no always counts.
 * - A typed yes or no answers only the newest open prompt; a typed yes counts
 *   only if its provider second is not before the one in which the prompt was
 *   handed to Graph, less 2 s (a prompt not yet handed over cannot be answered
 *   by typing). The first words of a person who was never asked decide
 *   nothing.
 * - A no (refuse, other, withdraw) counts unless it is older than the yes that
 *   is in force; it closes the prompts it answers (withdraw: all of that
 *   purpose). refuse/ after a grant withdraws it. BAJA withdraws all purposes
 *   that are given, and counts as a no for all of the others that were asked
 *   or that a held file waits for; it is confirmed even if there are none.
 * - A button or decision word that does not count is an ignored decision; the
 *   prompt goes out again at most once an hour, only if a file is held for it
 *   and none is asked before it.
 * - The first text or file of a person without a decision gets the notice and
 *   the first prompt. While a prompt is open no other goes out. Further
 *   purposes are asked one at a time, when the former is answered yes, and
 *   only if a held file needs them. Who said no is asked again with their next
 *   file, and by a yes or a procedure picked; not with other text.
 * - A person can be asked for at any time, by anybody, consent or not; it is
 *   answered with the place in the queue, again after 5 minutes at the
 *   earliest. From then on what they write is kept for that person. While a
 *   person has the conversation the bot answers no text, and a typed yes or no
 *   is an answer to the person: it decides nothing (an ignored decision if a
 *   question is open). Buttons and withdrawals count as ever, and files are
 *   asked about as ever.
 * - Whoever has decided, and has no question in front of them, is answered
 *   other text with a menu: rarely, and not more than a few times before they
 *   choose something, so that two machines never keep each other talking.
 *   Courtesies are not answered. The menu's rows, and words for them, work at
 *   any time that no agent has the conversation.
 * - A purpose on another basis than consent asks for nothing: it is open once
 *   the notice reached the person (CONSENT_INFORMED), and, where the policy
 *   wants it, once they said that they read it: by the button, or by a word of
 *   the ack lists that answers the newest such message. Nobody refuses or
 *   withdraws it: who tries is told what stays and why.
 * - A yes that ran out, or that was to a notice which changed that purpose
 *   since, opens nothing. The person is asked anew with their next file, and
 *   told what changed. A no after such a yes withdraws it like any other.
 * - A procedure that is picked says which documents it needs; from then on
 *   each file is matched to one of them before anything is asked or fetched
 *   (dialogue_match). One that could be several waits until the person says
 *   which; one question at a time, and consent before it. What was taken for
 *   one without a word of theirs they can say no to.
 * - Papers of somebody else wait, too, until it was said what the person is to
 *   them; a child's, until it was said that the child was heard. Who says that
 *   they are under age gets a representative and a person: no yes of theirs
 *   counts, and their files stay held.
 * - Once a case is over they may have been asked how it was: a row of that
 *   list, or for a day a typed 1 to 5 as the whole message, is the answer; the
 *   next text that is no word and no courtesy may be the comment on it. Never
 *   while a person is waited for or has the conversation.
 * - Purposes that no file waits for (`ask` in policy.yaml) are what people are
 *   written to for. They are asked about by themselves, never at the
 *   beginning: from the menu, or once when a case is complete
 *   (dialogue_after_complete). A question about them holds no other back, and
 *   a typed yes or no answers it only as long as a file would have waited. The
 *   word that stops them takes back those purposes and nothing else, and is a
 *   no to those never asked.
 * - A reminder may be answered, by its buttons, or for some days by a word:
 *   the status, a person, no more notices are what they always are; proof
 *   opens the procedure that the template names; a promise is asked for by
 *   when, from a list of days, never why. A button of a reminder that is not
 *   theirs, or that the policy has no more, shows the menu; but a stop, and
 *   the wish for a person, count whatever they hang on. A word counts once for
 *   a reminder, so that two machines fall silent.
 * - Words inside a longer text (policy's phrases) decide nothing. They lead to
 * a person, or to a message with what may end, to be tapped. Courtesies may
 *   stand around a word that decides nothing; the title of a row is its tap.
 * - Who tries to get past the question in front of them, or nearly answers it,
 *   is told how it is answered, once a question. Who said no to the first one
 *   and says yes, or picks a procedure, gets it again, at most once an hour.
 * - Who names another of the policy's languages is written to in it from then
 *   on, before any consent, too: the question in front of them, and the
 *   notice, come again in it, and either can be answered. Silently while a
 *   person has the conversation.
 */
#ifndef RESGUARDO_DIALOGUE_H
#define RESGUARDO_DIALOGUE_H

#include "resguardo/base.h"
#include "resguardo/policy.h"

enum consent_state {
    CONSENT_NONE,
    CONSENT_GIVEN,
    CONSENT_REFUSED,
    CONSENT_WITHDRAWN,
    CONSENT_EXPIRED,      /* was given, and ran out */
    CONSENT_RENEWAL,      /* was open, by a notice that changed it since */
    CONSENT_INFORMED,     /* on another basis: the notice reached them */
    CONSENT_ACKNOWLEDGED, /* … and they say that they read it */
    CONSENT__MAX
};
extern const char *const consent_state_names[CONSENT__MAX];
/* What is on record of a purpose. */
struct dialogue_record {
    const char *state; /* by its name */
    msec expires;      /* a yes ends then; 0 never */
    bool superseded;   /* it was by a notice that changed the purpose since */
};
/* What that means now. What was said while the purpose rested on something else
 * means nothing. */
enum consent_state dialogue_standing(const struct policy *, int purpose,
                                     const struct dialogue_record *, msec now);
/* Of a purpose on another basis than consent: does the notice that is in force
 * have to reach them yet? */
bool dialogue_untold(enum consent_state);
/* Does a purpose in this state open the gate? */
bool dialogue_stands(const struct policy *, int purpose, enum consent_state);

struct dialogue_purpose {
    enum consent_state state;
    int64_t yes_s;   /* provider second of the yes in force or last; 0 none */
    int64_t no_s;    /* of the last no; 0 none */
    msec reprompted; /* when a repeated prompt last went out; 0 never */
};

struct dialogue_prompt {
    char id[ID_SIZE];
    int purpose;
    char version[VERSION_SIZE];
    int64_t handed_s; /* second it was handed to Graph; 0: not yet */
    bool with_notice;
    bool superseded; /* of a notice that changed the purpose since */
};

#define DIALOGUE_PROMPTS 16

/* Who answers this person. */
enum conversation_mode {
    MODE_BOT,
    MODE_WAITING, /* the bot, until somebody takes it */
    MODE_PERSON,
    MODE__MAX
};
extern const char *const conversation_mode_names[MODE__MAX];

/* What who writes is to the person whose papers these are. */
enum relation {
    RELATION_NONE, /* nothing was said: their own */
    RELATION_PARENT_GUARDIAN,
    RELATION_LEGAL_REPRESENTATIVE,
    RELATION_HEIR,
    RELATION_ATTORNEY,
    RELATION_OTHER,
    RELATION_ADULT, /* it might have been a child's, and is not */
    RELATION__MAX
};
extern const char *const relation_names[RELATION__MAX];
/* May they? Of a case. */
enum mandate {
    MANDATE_NONE,   /* nobody has to say anything */
    MANDATE_NEEDED, /* a file waits for it */
    MANDATE_ASKED,
    MANDATE_DECLARED,
    MANDATE_ENDED, /* an officer said so: only one opens it again */
    MANDATE__MAX
};
extern const char *const mandate_names[MANDATE__MAX];
/* The child's own say (Ley 1581 de 2012, art. 7; Decreto 1377 de 2013, art.
 * 12).
 */
enum child_heard { HEARD_NONE, HEARD_YES, HEARD_YOUNG, HEARD_NO, HEARD__MAX };
extern const char *const heard_names[HEARD__MAX];
/* Who writes is under age: as they say, and with somebody who answers. */
enum minor_state { MINOR_NO, MINOR_SAID, MINOR_REPRESENTED };

/* The newest case with a procedure, and what of it is there. */
struct dialogue_guide {
    int procedure; /* place in policy->procedures, -1 none */
    char case_id[CASE_CODE_SIZE];
    enum mandate mandate;
    enum relation relation;
    msec mandated; /* last asked, or told that it waits */
    bool waits;    /* the mandate ended, and a file is held that needs it */
    /* Files kept or under way for each item; one that staff have by another
     * channel counts as full. */
    int files[LIMIT_ITEMS];
};

/* Files that could be for several items. */
#define DIALOGUE_UNCLEAR 8
struct dialogue_unclear {
    char attachment[ID_SIZE];
    int procedure; /* of its case; -1 none any more */
    bool asked;
};

/* The question how it was. */
enum rating_stage {
    RATING_NONE,
    RATING_ASKED,  /* and not answered */
    RATING_COMMENT /* answered: what they write next may say why */
};
struct dialogue_rating {
    enum rating_stage stage;
    char id[ID_SIZE];
    msec asked;
};

/* What they were reminded of, if this message may answer it. */
struct dialogue_reminder {
    char id[ID_SIZE];  /* of what went out; "" none */
    int template;      /* place in policy->templates */
    unsigned answered; /* 1 << enum answer_kind, or-ed: before this message */
};

struct dialogue_state {
    const struct policy *policy;
    struct dialogue_purpose purposes[LIMIT_PURPOSES];
    /* Open prompts, oldest first. */
    struct dialogue_prompt prompts[DIALOGUE_PROMPTS];
    size_t nprompts;
    /* One mask of needed purposes for each kind of file that is held. */
    unsigned held[1u << LIMIT_PURPOSES > 256 ? 256 : 1u << LIMIT_PURPOSES];
    size_t nheld; /* distinct masks, the new file's included */
    enum conversation_mode mode;
    msec told; /* when their place in the queue was last told; 0 never */
    struct dialogue_guide guide;
    struct dialogue_unclear unclear[DIALOGUE_UNCLEAR]; /* oldest first */
    size_t nunclear;
    /* Answers within the hour, since they last chose something; when the menu
     * was last shown, 0 never. */
    int64_t answers;
    msec menu;
    msec hinted; /* when they were last told that something did not arrive */
    msec lined;  /* … how to answer, or that they were not understood */
    enum minor_state minor;
    int language; /* place in policy->languages that they are written to in */
    struct dialogue_rating rating;
    struct dialogue_reminder reminder;
    bool lacks; /* a request of theirs waits for what they write */
};

enum dialogue_input_kind {
    INPUT_TEXT,   /* text: the whole body */
    INPUT_BUTTON, /* text: the button id */
    INPUT_FILE,   /* a file that is now held; its mask is in state.held */
    INPUT_LOST,   /* a file that WhatsApp does not hand over */
    INPUT__MAX
};

struct dialogue_input {
    enum dialogue_input_kind kind;
    const char *text;
    int64_t provider_s;
    unsigned needs; /* INPUT_FILE: the purposes that gate it */
    bool spoken;    /* … a voice message, which the policy does not take */
};

/* To a request: in words, in words to a person, by a file. */
enum dialogue_answer { ANSWER_WORDS, ANSWER_TO_PERSON, ANSWER_FILE };

enum dialogue_action_kind {
    DO_GRANT,      /* purpose; prompt answered */
    DO_REFUSE,     /* purpose; prompt answered, or -1 */
    DO_OTHER,      /* like refuse, evidence other_channel */
    DO_WITHDRAW,   /* purpose; was given */
    DO_CLOSE,      /* prompt: answered by a no without an effect of its own */
    DO_IGNORE,     /* purpose (or -1); why */
    DO_PROMPT,     /* purpose; with_notice; repeated */
    DO_ACK,        /* purpose; prompt answered: they read it */
    DO_SAY,        /* text; stays: what no withdrawal ends is told with it */
    DO_ASK_PERSON, /* waits for a person from now on, or (repeated) does; is
                    * told the place */
    DO_BACK,       /* the bot answers again; is told so */
    DO_KEEP,       /* this message is for the person */
    /* Answers to what they want to know; counted. */
    DO_MENU,
    DO_STATUS,
    DO_MISSING,
    DO_DATA,
    DO_ANOTHER,   /* the newest file that was taken for something is not that */
    DO_CHANNEL,   /* where else it can be done */
    DO_HINT,      /* that what they sent does not get here, and what does */
    DO_SPOKEN,    /* value: enum spoken_text, is said */
    DO_ASK_END,   /* what is to end: notices, one purpose, all of them? */
    DO_NOTICES,   /* purpose: is asked about; -1: all of it is agreed to */
    DO_PROCEDURE, /* value: place of the procedure; a case, and what it needs */
    DO_REQUEST,   /* value: enum request_type; what they ask for has a date.
                   * typed: counted as an answer */
    DO_ITEM,      /* ref is for the item (value; -1: for none) */
    DO_ASK_ITEM,  /* which item is ref for? */
    /* value of these: enum persons_about; ref: the case */
    DO_ASK_RELATION, /* what are you to them? Counted as an answer */
    DO_ASK_HEARD,    /* relation: was the child heard? */
    DO_DECLARE,      /* relation, heard: they may; what waited goes on */
    DO_PICK_FOR,     /* relation: for which procedure? Counted */
    DO_FOR,          /* value: place of the procedure; relation: a case for
                      * somebody else */
    DO_MINOR,        /* they said that they are under age */
    DO_UNMANDATED,   /* ref: its mandate ended; a person looks at it first */
    DO_SAY_OF,       /* value: enum persons_text */
    DO_RATE,        /* value: 1 to 5; of the question that state.rating names */
    DO_ANSWER,      /* this message goes with a request of theirs, which lacked
                     * it or asked for it; value: enum dialogue_answer */
    DO_COMMENT,     /* this message is the comment on it */
    DO_COMMENT_END, /* they went on to something else: none comes */
    DO_CONTACT,     /* value: enum contact_text, is said */
    DO_LANGUAGE,    /* value: place of the one they want; what follows is in it.
                     * Counted as an answer */
    DO_LANGUAGE_SAY, /* that it is so */
    DO_LANGUAGE_ASK, /* which one? Counted */
    /* Of state.reminder. */
    DO_ANSWERED,    /* value: enum answer_kind; on record, once */
    DO_ASK_PROMISE, /* by when? Counted */
    DO_PROMISE,     /* value: the day */
    DO__MAX
};

/* Whose papers a question is about. */
enum persons_about {
    ABOUT_OTHER, /* a case that is yet to be opened */
    ABOUT_CASE,  /* the case in ref */
    ABOUT_SELF   /* of who writes: a child */
};

struct dialogue_action {
    enum dialogue_action_kind kind;
    int purpose;
    int prompt; /* index in state.prompts, -1 none */
    bool with_notice;
    bool renewed; /* DO_PROMPT: they had said yes, tell what changed */
    bool repeated;
    bool typed;
    bool stays;
    bool silent; /* DO_COMMENT: what follows answers it, no thanks are needed */
    const char *why; /* static: "older_than_decision", "no_open_prompt", …; of
                      * a withdrawal: "minor", or NULL where they said so */
    enum policy_text say;
    int value;
    char ref[ID_SIZE]; /* attachment; case */
    enum relation relation;
    enum child_heard heard;
};

#define DIALOGUE_ACTIONS 64
struct dialogue_plan {
    struct dialogue_action actions[DIALOGUE_ACTIONS];
    size_t n;
    /* What they said no to (1 << place, or-ed), though they may never have
     * agreed to it under this reference: it ends under all of theirs. */
    unsigned no;
};

/* Decides. The plan's order is the order in which it is carried out. */
void dialogue_decide(const struct dialogue_state *,
                     const struct dialogue_input *, msec now,
                     struct dialogue_plan *);
/* A case is complete: the purpose to ask about now, by itself; -1 none. `told`:
 * the purposes (1 << place, or-ed) that this person was asked about under the
 * notice in force already. */
int dialogue_after_complete(const struct dialogue_state *, unsigned told,
                            msec now);
/* What an announced file says of itself. Texts may be "" or NULL. */
struct dialogue_file {
    enum media_kind kind;
    const char *type; /* media type */
    const char *caption, *name;
};
enum dialogue_match_kind {
    MATCH_NONE,        /* no procedure was picked */
    MATCH_ITEM,        /* for this one */
    MATCH_WRONG,       /* meant for this one, which does not take such files */
    MATCH_UNCLEAR,     /* they have to say */
    MATCH_UNREQUESTED, /* no open item takes it */
    MATCH_ELSEWHERE,   /* for this one, which is not for the chat */
    MATCH_FULL,        /* for this one, which has more than enough */
    MATCH__MAX
};
struct dialogue_match {
    enum dialogue_match_kind kind;
    int item;     /* of those that are for one; else -1 */
    bool named;   /* words of theirs say so */
    bool more;    /* they do, and it has all that it takes */
    bool guessed; /* they say nothing of it: it may be another */
};
void dialogue_match(const struct policy *, const struct dialogue_guide *,
                    const struct dialogue_file *, struct dialogue_match *);
/* Do words of theirs name an item of the procedure, whatever is there? Reads no
 * more than the policy. */
bool dialogue_names(const struct policy *, int procedure,
                    const struct dialogue_file *);
/* Is there a word in this title, in the language of this place, that could name
 * the item in a caption? */
bool dialogue_title_names(const struct policy *, int language, int procedure,
                          int item);
/* Has the item room for one more file, in the chat? */
bool dialogue_item_open(const struct policy *, const struct dialogue_guide *,
                        int item);
/* Does it take files of this kind and announced type? */
bool dialogue_item_takes(const struct policy *, const struct policy_item *,
                         enum media_kind, const char *type);
/* Can a child's document of the procedure be a grown-up's? */
bool dialogue_may_be_adult(const struct policy *, int procedure);
/* Is every purpose in the mask open? */
bool dialogue_open(const struct dialogue_state *, unsigned mask);

#endif

/*
 * dialogue: what a message means. Pure: state, input, now → a plan. No I/O, no
 * SQL, no clock of its own, no memory of its own; the registrar reads the
 * state before and carries the plan out after.
 *
 * The rules (docs/consent.md tells them in words):
 * - A grant counts only if its provider second is later than that purpose's
 *   last no (same second: no wins) and it answers a prompt that is open: asked
 *   (queued, in flight or sent), same notice version, not yet answered.
 * - A typed yes or no answers only the newest open prompt; a typed yes counts
 *   only if its provider second is not before the one in which the prompt was
 *   handed to Graph, less 2 s (a prompt not yet handed over cannot be answered
 *   by typing). The first words of a person who was never asked decide nothing.
 * - A no (refuse, other, withdraw) counts unless it is older than the yes that
 *   is in force; it closes the prompts it answers (withdraw: all of that
 *   purpose). refuse/ after a grant withdraws it. BAJA withdraws all purposes
 *   that are given, and counts as a no for all of the others that were asked or
 *   that a held file waits for; it is confirmed even if there are none.
 * - A button or decision word that does not count is an ignored decision; the
 *   prompt goes out again at most once an hour, only if a file is held for it
 *   and none is asked before it.
 * - The first text or file of a person without a decision gets the notice and
 *   the first prompt. While a prompt is open no other goes out. Further
 *   purposes are asked one at a time, when the former is answered yes, and
 *   only if a held file needs them. Who said no is asked again with their next
 *   file, not with text.
 * - A person can be asked for at any time, by anybody, consent or not; it is
 *   answered with the place in the queue, again after 5 minutes at the
 * earliest. From then on what they write is kept for that person. While a
 * person has the conversation the bot answers no text, and a typed yes or no is
 * an answer to the person: it decides nothing (an ignored decision if a
 * question is open). Buttons and withdrawals count as ever, and files are asked
 * about as ever.
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
    CONSENT__MAX
};
extern const char *const consent_state_names[CONSENT__MAX];

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
};

enum dialogue_input_kind {
    INPUT_TEXT,   /* text: the whole body */
    INPUT_BUTTON, /* text: the button id */
    INPUT_FILE,   /* a file that is now held; its mask is in state.held */
    INPUT__MAX
};

struct dialogue_input {
    enum dialogue_input_kind kind;
    const char *text;
    int64_t provider_s;
    unsigned needs; /* INPUT_FILE: the purposes that gate it */
};

enum dialogue_action_kind {
    DO_GRANT,      /* purpose; prompt answered */
    DO_REFUSE,     /* purpose; prompt answered, or NULL id */
    DO_OTHER,      /* like refuse, evidence other_channel */
    DO_WITHDRAW,   /* purpose; was given */
    DO_CLOSE,      /* prompt: answered by a no without an effect of its own */
    DO_IGNORE,     /* purpose (or -1); why */
    DO_PROMPT,     /* purpose; with_notice; repeated */
    DO_SAY,        /* text */
    DO_ASK_PERSON, /* waits for a person from now on, or (repeated) does; is
                    * told the place */
    DO_BACK,       /* the bot answers again; is told so */
    DO_KEEP,       /* this message is for the person */
    DO__MAX
};

struct dialogue_action {
    enum dialogue_action_kind kind;
    int purpose;
    int prompt; /* index in state.prompts, -1 none */
    bool with_notice;
    bool repeated;
    const char *why; /* static: "older_than_decision", "no_open_prompt", … */
    enum policy_text say;
};

#define DIALOGUE_ACTIONS 64
struct dialogue_plan {
    struct dialogue_action actions[DIALOGUE_ACTIONS];
    size_t n;
};

/* Decides. The plan's order is the order in which it is carried out. */
void dialogue_decide(const struct dialogue_state *,
                     const struct dialogue_input *, msec now,
                     struct dialogue_plan *);
/* Is every purpose in the mask given? */
bool dialogue_open(const struct dialogue_state *, unsigned mask);

#endif

/* What can be said at any time: words, and ids of buttons and of lists' rows.
 * Each row answers whether it meant something now: what did not is like any
 * other message. What each means to people: docs/dialogue.md, Words and ids. */
#include "dialogue_private.h"

#include <string.h>

/* One of the others is no row of ours. */
static void ask_no_request(struct decide *d, const char *type)
{
    (void)d;
    (void)type;
}

/* By a typed word, or by the id of a button or of a list's row. */
static const struct intent {
    enum policy_word word;
    const char *id; /* or NULL */
    bool (*run)(struct decide *);
} intents[] = {
    { WORD_WITHDRAW, NULL, rights_withdraw },
    { WORD_PERSON, "person/ask", agent_ask },
    { WORD_BACK, "person/back", agent_leave },
    { WORD_MENU, "menu/show", tell_menu },
    { WORD_STATUS, "menu/status", tell_status },
    { WORD_MISSING, "menu/missing", tell_missing },
    { WORD_DATA, "menu/data", tell_data },
    { WORD_BEHALF, NULL, persons_for_other },
    { WORD_MINOR, NULL, persons_minor },
    { WORD_STOP, "notices/stop", notices_stop },
    { WORD_ACCESS, "request/access", rights_access },
    { WORD_CORRECT, "request/correct", rights_correct },
    { WORD_ERASE, "request/erase", rights_erase },
    { WORD_COMPLAINT, "request/complaint", rights_complaint },
    { WORD_OBJECT, "request/object", rights_object },
    { WORD_RESTRICT, "request/restrict", rights_restrict },
    { WORD_PORTABILITY, "request/portability", rights_port },
    { WORD_RIGHTS, NULL, rights_tell },
    { WORD_NONE, "menu/notices", tell_notices },
    { WORD_ANOTHER, NULL, tell_another },
    { WORD_PROMISE, NULL, answer_promise },
    { WORD_PROOF, NULL, answer_proof },
    { WORD_END, NULL, rights_end },
    { WORD_HELP, NULL, tell_help },
    { WORD_PLACE, NULL, tell_place },
    { WORD_WHERE, NULL, tell_where },
};
#define INTENTS (sizeof(intents) / sizeof(intents[0]))

/* By how the id begins; the rest says which. */
static const struct choice {
    const char *prefix;
    void (*run)(struct decide *, const char *rest);
} choices[] = {
    { "procedure/", pick_procedure }, { "item/", pick_item },
    { "request/", ask_no_request },   { "for/", persons_for },
    { "child/", persons_child },      { "minor/", persons_self },
    { "rate/", rating_pick },         { "language/", language_pick },
    { "answer/", answer_pick },       { "promise/", answer_promise_day },
};
#define CHOICES (sizeof(choices) / sizeof(choices[0]))

bool intent_of_word(struct decide *d, enum policy_word word)
{
    if (word >= WORD_LANGUAGE && word <= WORD_LANGUAGE_LAST)
        return language_said(d, (int)word - (int)WORD_LANGUAGE);
    for (size_t i = 0; i < INTENTS; i++)
        if (word != WORD_NONE && intents[i].word == word)
            return intents[i].run(d);
    return false;
}

bool intent_of_id(struct decide *d, const char *id)
{
    for (size_t i = 0; i < INTENTS; i++)
        if (intents[i].id != NULL && strcmp(intents[i].id, id) == 0) {
            (void)intents[i].run(d);
            return true;
        }
    for (size_t i = 0; i < CHOICES; i++)
        if (strncmp(id, choices[i].prefix, strlen(choices[i].prefix)) == 0) {
            choices[i].run(d, id + strlen(choices[i].prefix));
            return true;
        }
    return false;
}

/* A person and a request count in every state, as their taps; an agent reads
 * what is typed. A machine may say titles, too. */
bool intent_of_title(struct decide *d, const char *id)
{
    const bool always = strcmp(id, "person/ask") == 0 ||
                        strncmp(id, "request/", strlen("request/")) == 0;

    if (d->state.mode == MODE_PERSON || (decide_undecided(d) && !always))
        return false;
    return !tell_may(d) || intent_of_id(d, id);
}

bool intent_of_button_words(struct decide *d, const char *words)
{
    enum policy_word word = policy_word_of(d->state.policy, words);

    return (word == WORD_STOP || word == WORD_WITHDRAW || word == WORD_END) &&
           intent_of_word(d, word);
}

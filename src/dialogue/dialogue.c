/* What a message means (the rules are in the header and docs/consent.md). */
#include "dialogue_private.h"

#include <string.h>

const char *const conversation_mode_names[MODE__MAX] = {
    [MODE_BOT] = "bot",
    [MODE_WAITING] = "waiting",
    [MODE_PERSON] = "person",
};

struct dialogue_action *decide_add(struct decide *d,
                                   enum dialogue_action_kind kind, int purpose,
                                   int prompt)
{
    static struct dialogue_action overflow;
    struct dialogue_action *action = d->plan->n < DIALOGUE_ACTIONS
                                         ? &d->plan->actions[d->plan->n++]
                                         : &overflow;

    memset(action, 0, sizeof(*action));
    action->kind = kind;
    action->purpose = purpose;
    action->prompt = prompt;
    action->value = -1;
    return action;
}

static void on_button(struct decide *d)
{
    char id[PURPOSE_SIZE], version[VERSION_SIZE];
    enum button_verb verb;
    int purpose;

    if (intent_of_id(d, d->input->text) ||
        intent_of_button_words(d, d->input->text))
        return;
    if (button_parse(d->input->text, &verb, id, version) != 0) {
        decide_add(d, DO_IGNORE, -1, -1)->why = "unknown_button";
        return;
    }
    purpose = policy_purpose(d->state.policy, id);
    if (verb == BUTTON_WITHDRAW &&
        (purpose >= 0 ? basis_asks(d->state.policy->purposes[purpose].basis)
                      : strcmp(id, "all") == 0)) {
        decide_withdraw(d, purpose);
        return;
    }
    if (purpose < 0) {
        decide_add(d, DO_IGNORE, -1, -1)->why = "unknown_purpose";
        return;
    }
    if (verb == BUTTON_GRANT)
        decide_grant(d, purpose, decide_newest(d, purpose, version));
    else if (verb == BUTTON_ACK)
        decide_acknowledge(d, purpose, decide_newest(d, purpose, version));
    else
        decide_refuse(d, verb == BUTTON_OTHER ? DO_OTHER : DO_REFUSE, purpose,
                      decide_newest(d, purpose, NULL));
}

static bool is_decision(enum policy_word word)
{
    return word == WORD_YES || word == WORD_NO || word == WORD_OTHER ||
           word == WORD_ACK;
}

/* What is written to a person. A yes that answers them is none to a question of
 * ours; buttons are. */
static void to_person(struct decide *d, enum policy_word word)
{
    int prompt = decide_newest_typed(d, word == WORD_ACK);

    if (prompt >= 0 && is_decision(word))
        decide_add(d, DO_IGNORE, d->state.prompts[prompt].purpose, prompt)
            ->why = "person_answers";
}

static void answers(struct decide *d, enum dialogue_answer how)
{
    decide_add(d, DO_ANSWER, -1, -1)->value = (int)how;
}

/* To what staff asked about a request of theirs: who never agreed to anything
 * may have made one, too. */
static bool answers_request(const struct decide *d)
{
    return d->state.lacks && d->state.mode == MODE_BOT &&
           !policy_courtesy(d->input->text);
}

/* Whoever reads it: they are not silent, and silence is what ends a request. */
static void not_silent(struct decide *d, enum dialogue_answer how)
{
    if (d->state.lacks &&
        (how == ANSWER_FILE || !policy_courtesy(d->input->text)))
        answers(d, how);
}

/* A yes or a no, where no question of the notice's is open, is to that one,
 * too: it decides nothing else. */
static void keep_yes_or_no(struct decide *d, enum policy_word word)
{
    if ((word == WORD_YES || word == WORD_NO) && answers_request(d) &&
        decide_newest_typed(d, false) < 0 && decide_newest_typed(d, true) < 0)
        answers(d, ANSWER_WORDS);
}

/* For a day after they asked for something all they write is told of it. What
 * is to end is that, too, and they are asked what. */
static bool ends_beside_request(struct decide *d, enum policy_word word)
{
    if (word != WORD_NONE || d->said.phrase != PHRASE_END ||
        !answers_request(d) ||
        !(decide_given(d, true) || decide_given(d, false)))
        return false;
    answers(d, ANSWER_WORDS);
    return rights_spoken_of(d, word);
}

/* What the message means; an age below that of the law says what "I am under
 * age" says, whatever else stands beside it. */
static enum policy_word word_of(struct decide *d)
{
    const struct policy *policy = d->state.policy;
    int age;

    policy_meaning_of(policy, d->input->text, &d->said);
    age = d->said.word != WORD_NONE || d->said.id != NULL || !policy->represents
              ? 0
              : policy_age_said(policy, d->input->text);
    if (age > 0 && age < policy->minor_age)
        d->said.word = WORD_MINOR;
    return d->said.word;
}

static void on_text(struct decide *d)
{
    enum policy_word word = word_of(d);
    bool stranger = decide_undecided(d) && !decide_any_open(d);

    if (d->said.id != NULL ? intent_of_title(d, d->said.id)
                           : intent_of_word(d, word) || agent_spoken_of(d))
        return;
    if (d->state.mode != MODE_BOT) {
        decide_add(d, DO_KEEP, -1, -1);
        not_silent(d, ANSWER_TO_PERSON);
    }
    if (d->state.mode == MODE_PERSON) {
        to_person(d, word);
        return;
    }

    if (d->state.minor == MINOR_SAID) {
        persons_remind(d);
        return;
    }

    if (stranger && word == WORD_NONE && answers_request(d)) {
        answers(d, ANSWER_WORDS);
        return;
    }
    if (ends_beside_request(d, word) ||
        ((word != WORD_NONE || !d->state.lacks) && rights_spoken_of(d, word)))
        return;
    keep_yes_or_no(d, word);

    /* The first words of somebody who was never asked: they decide nothing,
     * whatever they are, and are answered with the question; not where they
     * want to talk to a person. */
    if (stranger) {
        if (is_decision(word))
            decide_add(d, DO_IGNORE, decide_first_purpose(d), -1)->why =
                "no_open_prompt";
        if (d->state.mode == MODE_BOT)
            decide_ask(d, decide_first_purpose(d), true);
    } else if (word == WORD_YES || word == WORD_ACK) {
        decide_typed_yes(d, word == WORD_ACK);
    } else if (word == WORD_NO || word == WORD_OTHER) {
        decide_typed_no(d, word == WORD_OTHER ? DO_OTHER : DO_REFUSE);
    } else if (d->state.mode == MODE_BOT && !rating_text_means(d)) {
        if (answers_request(d))
            answers(d, ANSWER_WORDS);
        else
            tell_other_text(d);
    }
}

static void on_file(struct decide *d)
{
    bool first = decide_undecided(d);
    int purpose;

    if (d->state.minor == MINOR_SAID) {
        persons_remind(d);
        return;
    }
    not_silent(d, ANSWER_FILE);
    tell_voice(d);
    if (decide_any_fresh(d))
        return;
    purpose = decide_next_needed(d, d->input->needs);
    decide_ask(d, purpose,
               first || (purpose >= 0 && purpose == decide_first_purpose(d)) ||
                   decide_notice(d, purpose, d->input->needs));
    pick_ask_item(d);
    persons_ask(d);
}

/* A stranger learns what this is for, as with any message. */
static void on_lost(struct decide *d)
{
    if (d->state.mode == MODE_PERSON || d->state.minor == MINOR_SAID ||
        decide_any_fresh(d))
        return;
    if (decide_undecided(d) && !decide_any_open(d))
        decide_ask(d, decide_first_purpose(d), true);
    else
        tell_hint(d);
}

void dialogue_decide(const struct dialogue_state *state,
                     const struct dialogue_input *input, msec now,
                     struct dialogue_plan *plan)
{
    struct decide d = {
        .state = *state, .input = input, .now = now, .plan = plan
    };

    plan->n = 0;
    plan->no = 0;
    switch (input->kind) {
    case INPUT_TEXT:
        on_text(&d);
        break;
    case INPUT_BUTTON:
        on_button(&d);
        break;
    case INPUT_FILE:
        on_file(&d);
        break;
    case INPUT_LOST:
        on_lost(&d);
        break;
    case INPUT__MAX:
        break;
    }
    rating_settle(&d);
}

/* What can be said at any time: words, and ids of buttons and of lists' rows.
 */
#include "dialogue_private.h"

#include <string.h>

/* Whoever asks for a person again wants to know how long still. */
#define RETELL_INTERVAL (5 * 60 * MSEC_S)
/* Who writes anything at all sees the menu once in so long. */
#define MENU_INTERVAL (5 * 60 * MSEC_S)
/* Whoever sends ten of what does not get here hears it once. */
#define HINT_INTERVAL MSEC_D
/* Answers of our own in an hour without a choice: nobody asks so often, and a
 * machine stops us here. */
#define ANSWERS_MAX 10

/* ---- a person, and no more ---------------------------------------------- */

/* These answer whether it meant something now; what did not is like any other
 * message. */
static bool withdraw_all(struct decide *d)
{
    decide_withdraw(d, -1);
    return true;
}

static bool ask_person(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (s->mode == MODE_PERSON)
        return false;
    if (s->mode == MODE_WAITING && d->now - s->told < RETELL_INTERVAL)
        return true;
    answer_note(d, ANSWER_PERSON);
    decide_add(d, DO_ASK_PERSON, -1, -1)->repeated = s->mode == MODE_WAITING;
    return true;
}

static bool leave_person(struct decide *d)
{
    if (d->state.mode == MODE_BOT)
        return false;
    decide_add(d, DO_BACK, -1, -1);
    return true;
}

void intent_ask_person(struct decide *d)
{
    (void)ask_person(d);
}

/* ---- answers ------------------------------------------------------------ */

bool intent_may_answer(const struct decide *d)
{
    return d->state.answers < ANSWERS_MAX;
}

/* An answer to somebody who asks for it; the first contact is the notice's, and
 * an agent's conversation the agent's. */
static bool answer(struct decide *d, enum dialogue_action_kind kind)
{
    if (d->state.policy->nprocedures == 0 || d->state.mode == MODE_PERSON ||
        decide_undecided(d))
        return false;
    if (intent_may_answer(d))
        decide_add(d, kind, -1, -1);
    return true;
}

static bool show_menu(struct decide *d)
{
    return answer(d, DO_MENU);
}

static bool show_status(struct decide *d)
{
    return answer(d, DO_STATUS);
}

void intent_menu(struct decide *d)
{
    (void)show_menu(d);
}

void intent_status(struct decide *d)
{
    (void)show_status(d);
}

static bool show_missing(struct decide *d)
{
    return answer(d, DO_MISSING);
}

void intent_missing(struct decide *d)
{
    (void)show_missing(d);
}

static bool show_data(struct decide *d)
{
    return answer(d, DO_DATA);
}

/* A row of the menu, where the policy asks about anything by itself. */
static bool show_notices(struct decide *d)
{
    bool answers = d->state.answers < ANSWERS_MAX;

    if (d->state.policy->asked == 0 || !answer(d, DO_NOTICES))
        return false;
    if (answers) {
        d->plan->actions[d->plan->n - 1].purpose = notices_next(d);
        decide_make_room(d);
    }
    return true;
}

static bool stop_notices(struct decide *d)
{
    if (d->state.policy->asked == 0)
        return false;
    answer_note(d, ANSWER_STOP);
    notices_stop(d);
    return true;
}

bool intent_stop(struct decide *d)
{
    return stop_notices(d);
}

/* The menu did not help: what they write now is for a person, where the policy
 * has somebody look at it. */
static void unanswered(struct decide *d)
{
    if (!d->state.policy->unanswered_person || !intent_may_answer(d) ||
        decide_undecided(d))
        return;
    intent_ask_person(d);
    decide_add(d, DO_KEEP, -1, -1);
}

void intent_other_text(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (decide_any_fresh(d) || policy_courtesy(d->input->text))
        return;
    if (s->menu != 0 && d->now - s->menu < MENU_INTERVAL)
        unanswered(d);
    else
        (void)answer(d, DO_MENU);
}

/* ---- choices ------------------------------------------------------------ */

static void pick_procedure(struct decide *d, const char *id)
{
    int procedure = policy_procedure(d->state.policy, id);

    if (procedure < 0)
        (void)answer(d, DO_MENU); /* of a list that is older than the policy */
    else if (d->state.mode != MODE_PERSON && !decide_undecided(d))
        decide_add(d, DO_PROCEDURE, -1, -1)->value = procedure;
}

void intent_ask_item(struct decide *d)
{
    const struct dialogue_state *s = &d->state;
    struct dialogue_action *action;

    if (decide_any_fresh(d) || d->asked)
        return;
    for (size_t i = 0; i < s->nunclear; i++)
        if (s->unclear[i].asked)
            return;
    if (s->nunclear == 0)
        return;
    action = decide_add(d, DO_ASK_ITEM, -1, -1);
    memcpy(action->ref, s->unclear[0].attachment, sizeof(action->ref));
}

/* The place of the unclear file, -1. */
static int find_unclear(const struct decide *d, const char *attachment,
                        size_t len)
{
    for (size_t i = 0; i < d->state.nunclear; i++)
        if (strlen(d->state.unclear[i].attachment) == len &&
            memcmp(d->state.unclear[i].attachment, attachment, len) == 0)
            return (int)i;
    return -1;
}

static int find_item(const struct decide *d, const char *id)
{
    const struct dialogue_state *s = &d->state;
    const struct policy_procedure *p;

    if (s->guide.procedure < 0)
        return -1;
    p = &s->policy->procedures[s->guide.procedure];
    for (int i = 0; i < (int)p->nitems; i++)
        if (strcmp(p->items[i].id, id) == 0)
            return dialogue_item_open(s->policy, &s->guide, i) ? i : -1;
    return -1;
}

/* "ATTACHMENT/ITEM": what was said to be an item that is full meanwhile is one
 * more that nobody asked for. */
static void pick_item(struct decide *d, const char *id)
{
    struct dialogue_state *s = &d->state;
    size_t len = strcspn(id, "/");
    int place = find_unclear(d, id, len), item, purpose;
    struct dialogue_action *action;

    if (place < 0 || id[len] == '\0') {
        (void)answer(d, DO_MISSING); /* a question that was answered before */
        return;
    }
    item = find_item(d, id + len + 1);
    action = decide_add(d, DO_ITEM, -1, -1);
    action->value = item;
    memcpy(action->ref, s->unclear[place].attachment, sizeof(action->ref));
    s->nunclear--;
    memmove(&s->unclear[place], &s->unclear[place + 1],
            (s->nunclear - (size_t)place) * sizeof(s->unclear[0]));

    /* What it needs is known only now. */
    if (item >= 0 && !decide_any_fresh(d)) {
        const struct policy_procedure *p =
            &s->policy->procedures[s->guide.procedure];

        purpose = decide_next_needed(d, p->items[item].purposes);
        decide_ask(d, purpose,
                   purpose == decide_first_purpose(d) ||
                       decide_notice(d, purpose, p->items[item].purposes));
    }
    if (item >= 0 && s->guide.mandate == MANDATE_NONE &&
        s->policy->procedures[s->guide.procedure].items[item].minors !=
            MINORS_NO)
        s->guide.mandate = MANDATE_NEEDED;
    intent_ask_item(d);
    persons_ask(d);
}

/* ---- the law's: whatever was decided, whatever was said before ---------- */

/* A tap counts whoever answers in the chat. Words that are typed to an agent
 * are the agent's, and a machine that says one over and over stops us. What the
 * policy does not offer is told with what it does. */
static bool ask_request(struct decide *d, enum request_type type)
{
    const struct policy *policy = d->state.policy;
    const bool typed = d->input->kind == INPUT_TEXT;
    struct dialogue_action *action;

    if (typed && (d->state.mode == MODE_PERSON || !intent_may_answer(d) ||
                  policy->requests[type] < 0))
        return false;
    if (policy->requests[type] < 0 && policy->nprocedures == 0)
        return false;
    action = decide_add(d, DO_REQUEST, -1, -1);
    action->value = (int)type;
    action->typed = typed;
    return true;
}

static bool ask_access(struct decide *d)
{
    return ask_request(d, REQUEST_ACCESS);
}

static bool ask_correct(struct decide *d)
{
    return ask_request(d, REQUEST_CORRECT);
}

static bool ask_erase(struct decide *d)
{
    return ask_request(d, REQUEST_ERASE);
}

static bool ask_complaint(struct decide *d)
{
    return ask_request(d, REQUEST_COMPLAINT);
}

static bool ask_object(struct decide *d)
{
    return ask_request(d, REQUEST_OBJECT);
}

/* One of the others is no row of ours. */
static void ask_no_request(struct decide *d, const char *type)
{
    (void)d;
    (void)type;
}

/* Also to a stranger: whose data we have from elsewhere may ask here. */
static bool show_rights(struct decide *d)
{
    if (d->state.policy->nprocedures == 0 || d->state.mode == MODE_PERSON)
        return false;
    if (intent_may_answer(d))
        decide_add(d, DO_DATA, -1, -1);
    return true;
}

/* Whom a question is in front of, and who asks what we have of them, is told:
 * the notice they have. */
bool intent_rights(struct decide *d, enum policy_word word)
{
    return d->state.mode == MODE_BOT &&
           (word == WORD_NONE
                ? policy_speaks_of_rights(d->state.policy, d->input->text)
                : word == WORD_DATA && decide_any_open(d)) &&
           show_rights(d);
}

void intent_hint(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (s->hinted == 0 || d->now - s->hinted >= HINT_INTERVAL)
        (void)answer(d, DO_HINT);
}

void intent_channel(struct decide *d)
{
    (void)answer(d, DO_CHANNEL);
}

/* ---- all of them -------------------------------------------------------- */

/* By a typed word, or by the id of a button or of a list's row. */
static const struct intent {
    enum policy_word word;
    const char *id; /* or NULL */
    bool (*run)(struct decide *);
} intents[] = {
    { WORD_WITHDRAW, NULL, withdraw_all },
    { WORD_PERSON, "person/ask", ask_person },
    { WORD_BACK, "person/back", leave_person },
    { WORD_MENU, "menu/show", show_menu },
    { WORD_STATUS, "menu/status", show_status },
    { WORD_MISSING, "menu/missing", show_missing },
    { WORD_DATA, "menu/data", show_data },
    { WORD_BEHALF, NULL, persons_for_other },
    { WORD_MINOR, NULL, persons_minor },
    { WORD_STOP, "notices/stop", stop_notices },
    { WORD_ACCESS, "request/access", ask_access },
    { WORD_CORRECT, "request/correct", ask_correct },
    { WORD_ERASE, "request/erase", ask_erase },
    { WORD_COMPLAINT, "request/complaint", ask_complaint },
    { WORD_OBJECT, "request/object", ask_object },
    { WORD_RIGHTS, NULL, show_rights },
    { WORD_NONE, "menu/notices", show_notices },
    { WORD_PROMISE, NULL, answer_promise },
    { WORD_PROOF, NULL, answer_proof },
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

bool intent_of_button_words(struct decide *d, const char *words)
{
    enum policy_word word = policy_word_of(d->state.policy, words);

    return (word == WORD_STOP || word == WORD_WITHDRAW) &&
           intent_of_word(d, word);
}

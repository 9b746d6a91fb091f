/*
 * Papers of somebody else, and of children. Whoever sends them says what they
 * are to that person; of a child, that it was heard, too. Nothing of it is
 * fetched before that. A child who writes gets a representative and a person,
 * and no yes of theirs counts.
 */
#include "dialogue_private.h"

#include <string.h>

/* A question that got no answer is put again with another file, at most so
 * often; a child who writes on sees it as rarely as the menu. */
#define AGAIN (60 * 60 * MSEC_S)
#define RARE  (5 * 60 * MSEC_S)

const char *const relation_names[RELATION__MAX] = {
    [RELATION_NONE] = "",
    [RELATION_PARENT_GUARDIAN] = "parent_guardian",
    [RELATION_LEGAL_REPRESENTATIVE] = "legal_representative",
    [RELATION_HEIR] = "heir",
    [RELATION_ATTORNEY] = "attorney",
    [RELATION_OTHER] = "other",
    [RELATION_ADULT] = "adult",
};
const char *const mandate_names[MANDATE__MAX] = {
    [MANDATE_NONE] = "",       [MANDATE_NEEDED] = "needed",
    [MANDATE_ASKED] = "asked", [MANDATE_DECLARED] = "declared",
    [MANDATE_ENDED] = "ended",
};
const char *const heard_names[HEARD__MAX] = {
    [HEARD_NONE] = "",
    [HEARD_YES] = "heard",
    [HEARD_YOUNG] = "too_young",
    [HEARD_NO] = "not_heard",
};

/* The place of a name that is not "", 0. */
static int place_of(const char *const *names, int n, const char *name,
                    size_t len)
{
    for (int i = 1; i < n; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return i;
    return 0;
}

/* The next part of an id, which it moves past. */
static int part(const char **id, const char *const *names, int n)
{
    size_t len = strcspn(*id, "/");
    int place = place_of(names, n, *id, len);

    *id += len + ((*id)[len] == '/');
    return place;
}

static struct dialogue_action *about(struct decide *d,
                                     enum dialogue_action_kind kind,
                                     enum persons_about whom,
                                     enum relation relation)
{
    struct dialogue_action *action = decide_add(d, kind, -1, -1);

    action->value = (int)whom;
    action->relation = relation;
    if (whom == ABOUT_CASE)
        memcpy(action->ref, d->state.guide.case_id,
               sizeof(d->state.guide.case_id));
    return action;
}

static void say(struct decide *d, enum persons_text text)
{
    decide_add(d, DO_SAY_OF, -1, -1)->value = (int)text;
}

/* A person looks at it: what nobody can decide by a tap. */
static void hand_over(struct decide *d, enum persons_text text)
{
    say(d, text);
    (void)agent_ask(d);
}

bool dialogue_may_be_adult(const struct policy *policy, int procedure)
{
    const struct policy_procedure *p = &policy->procedures[procedure];

    for (size_t i = 0; i < p->nitems; i++)
        if (p->items[i].minors == MINORS_ALWAYS)
            return false;
    return true;
}

/* ---- a document that may be a child's ----------------------------------- */

void persons_ask(struct decide *d)
{
    const struct dialogue_guide *g = &d->state.guide;
    bool late = d->now - g->mandated >= AGAIN;
    bool again = g->mandate == MANDATE_ASKED && late;
    bool ended = g->mandate == MANDATE_ENDED && g->waits && late &&
                 d->state.mode != MODE_PERSON;

    if (g->procedure < 0 || !d->state.policy->represents || d->asked ||
        decide_any_fresh(d) || d->state.nunclear > 0 ||
        d->state.minor == MINOR_SAID ||
        (g->mandate != MANDATE_NEEDED && !again && !ended))
        return;
    if (ended) {
        about(d, DO_UNMANDATED, ABOUT_CASE, RELATION_NONE);
        (void)agent_ask(d);
        return;
    }
    /* Of a case for somebody else the relation is known. */
    d->asked = true;
    if (g->relation != RELATION_NONE)
        about(d, DO_ASK_HEARD, ABOUT_CASE, g->relation);
    else
        about(d, DO_ASK_RELATION, ABOUT_CASE, RELATION_NONE);
}

static void declare(struct decide *d, enum persons_about whom,
                    enum relation relation, enum child_heard heard)
{
    about(d, DO_DECLARE, whom, relation)->heard = heard;
}

/* "CASE/RELATION", "CASE/RELATION/HEARD". An answer about another case than the
 * one in hand says nothing any more. */
void persons_child(struct decide *d, const char *id)
{
    struct dialogue_guide *g = &d->state.guide;
    size_t len = strcspn(id, "/");
    enum relation relation;
    enum child_heard heard;

    if (g->procedure < 0 || len == 0 || strlen(g->case_id) != len ||
        memcmp(g->case_id, id, len) != 0 || id[len] == '\0' ||
        (g->mandate != MANDATE_NEEDED && g->mandate != MANDATE_ASKED)) {
        (void)tell_missing(d);
        return;
    }
    id += len + 1;
    relation = (enum relation)part(&id, relation_names, RELATION__MAX);
    heard = (enum child_heard)part(&id, heard_names, HEARD__MAX);
    if (g->relation != RELATION_NONE)
        relation = g->relation;
    if (relation == RELATION_ADULT &&
        dialogue_may_be_adult(d->state.policy, g->procedure)) {
        declare(d, ABOUT_CASE, relation, HEARD_NONE);
        g->mandate = MANDATE_DECLARED;
    } else if (relation != RELATION_PARENT_GUARDIAN &&
               relation != RELATION_LEGAL_REPRESENTATIVE) {
        hand_over(d, PERSONS_WAITS);
    } else if (heard == HEARD_NONE) {
        about(d, DO_ASK_HEARD, ABOUT_CASE, relation);
    } else if (heard == HEARD_NO) {
        say(d, PERSONS_UNHEARD);
    } else {
        declare(d, ABOUT_CASE, relation, heard);
        g->mandate = MANDATE_DECLARED;
    }
}

/* ---- a case for somebody else ------------------------------------------- */

/* The bot answers, it was decided, and nobody is under age. */
static bool open_to(const struct decide *d)
{
    return d->state.policy->represents && d->state.policy->nprocedures > 0 &&
           d->state.mode != MODE_PERSON && !decide_undecided(d) &&
           d->state.minor != MINOR_SAID;
}

bool persons_for_other(struct decide *d)
{
    if (!open_to(d))
        return false;
    if (tell_may(d))
        about(d, DO_ASK_RELATION, ABOUT_OTHER, RELATION_NONE);
    return true;
}

/* "another", "son_daughter", "RELATION", "RELATION/PROCEDURE" */
void persons_for(struct decide *d, const char *id)
{
    enum relation relation;
    int procedure;

    if (!open_to(d))
        return;
    if (strcmp(id, "another") == 0) {
        (void)persons_for_other(d);
        return;
    }
    /* Who helps a parent is nobody's representative: nothing is declared. */
    relation = strcmp(id, "son_daughter") == 0
                   ? RELATION_OTHER
                   : (enum relation)part(&id, relation_names, RELATION__MAX);
    procedure = policy_procedure(d->state.policy, id);
    if (relation == RELATION_NONE || relation == RELATION_ADULT) {
        (void)persons_for_other(d);
    } else if (relation == RELATION_OTHER) {
        hand_over(d, PERSONS_HELPS);
    } else if (procedure >= 0) {
        decide_add(d, DO_FOR, -1, -1)->value = procedure;
        d->plan->actions[d->plan->n - 1].relation = relation;
    } else if (tell_may(d)) {
        decide_add(d, DO_PICK_FOR, -1, -1)->relation = relation;
    }
}

/* ---- somebody who is under age ------------------------------------------ */

bool persons_minor(struct decide *d)
{
    if (!d->state.policy->represents || d->state.minor == MINOR_REPRESENTED)
        return false;
    if (d->state.minor == MINOR_SAID) {
        persons_remind(d);
        return true;
    }
    decide_add(d, DO_MINOR, -1, -1);
    decide_minor(d);
    d->state.minor = MINOR_SAID;
    if (d->state.mode == MODE_PERSON)
        return false; /* theirs to read, too */
    about(d, DO_ASK_RELATION, ABOUT_SELF, RELATION_NONE);
    if (d->state.mode == MODE_BOT)
        (void)agent_ask(d);
    return true;
}

void persons_remind(struct decide *d)
{
    const struct dialogue_state *s = &d->state;

    if (s->mode != MODE_PERSON && s->policy->represents && tell_may(d) &&
        (s->menu == 0 || d->now - s->menu >= RARE))
        about(d, DO_ASK_RELATION, ABOUT_SELF, RELATION_NONE);
}

/* From here on the questions are the representative's. */
static void represented(struct decide *d, enum relation relation,
                        enum child_heard heard)
{
    int purpose = -1;

    declare(d, ABOUT_SELF, relation, heard);
    d->state.minor = MINOR_REPRESENTED;
    for (size_t i = 0; purpose < 0 && i < d->state.nheld; i++)
        purpose = decide_next_needed(d, d->state.held[i]);
    if (purpose < 0)
        purpose = decide_first_purpose(d);
    if (!decide_any_fresh(d))
        decide_ask(d, purpose, true);
}

/* "me", "RELATION", "RELATION/HEARD" */
void persons_self(struct decide *d, const char *id)
{
    enum relation relation;
    enum child_heard heard;

    if (strcmp(id, "me") == 0) {
        (void)persons_minor(d);
        return;
    }
    if (d->state.minor != MINOR_SAID || d->state.mode == MODE_PERSON)
        return;
    /* Under age by what they said elsewhere; here are no words about it. */
    if (!d->state.policy->represents) {
        (void)agent_ask(d);
        return;
    }
    relation = (enum relation)part(&id, relation_names, RELATION__MAX);
    heard = (enum child_heard)part(&id, heard_names, HEARD__MAX);
    if (relation != RELATION_PARENT_GUARDIAN &&
        relation != RELATION_LEGAL_REPRESENTATIVE)
        hand_over(d, PERSONS_WAITS);
    else if (heard == HEARD_NONE)
        about(d, DO_ASK_HEARD, ABOUT_SELF, relation);
    else if (heard == HEARD_NO)
        say(d, PERSONS_UNHEARD);
    else
        represented(d, relation, heard);
}

/*
 * Papers of somebody else, and of children: the questions, what was declared,
 * and what waits for it. Nothing is asked that names the other person: who they
 * are, staff see in the papers.
 */
#include "attachment_private.h"
#include "case_private.h"
#include "consent_private.h"
#include "leaf_private.h"
#include "mail_private.h"
#include "message_private.h"
#include "people_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <stdlib.h>
#include <string.h>

static char *const *texts(struct registrar *r, const struct deciding *d)
{
    return language_of(r, d)->persons;
}

/* ---- what waits --------------------------------------------------------- */

int mandate_open(struct registrar *r, const struct attachment_row *row,
                 bool *open, struct error *err)
{
    struct case_row of;
    int found;

    *open = !row->represented;
    if (*open)
        return 0;
    found = case_get(r->store, row->case_id, &of, err);
    *open =
        found > 0 && strcmp(of.mandate, mandate_names[MANDATE_DECLARED]) == 0;
    return found < 0 ? -1 : 0;
}

int mandate_need(struct registrar *r, struct case_row *of, struct error *err)
{
    if (of->mandate[0] != '\0')
        return 0;
    SET(of->mandate, mandate_names[MANDATE_NEEDED]);
    return case_set_mandate(r->store, of, err);
}

static int place_of(const char *const *names, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

void mandate_state(const struct case_row *of, struct dialogue_guide *guide)
{
    SET(guide->case_id, of->id);
    guide->mandate =
        (enum mandate)place_of(mandate_names, MANDATE__MAX, of->mandate);
    guide->relation =
        (enum relation)place_of(relation_names, RELATION__MAX, of->relation);
    guide->mandated = of->mandated;
}

/* ---- questions ---------------------------------------------------------- */

/* What the ids of an answer begin with. */
static int prefix(const struct dialogue_action *action,
                  char out[static BUTTON_ID_SIZE])
{
    const char *case_id = action->ref;
    int n;

    switch ((enum persons_about)action->value) {
    case ABOUT_CASE:
        n = snprintf(out, BUTTON_ID_SIZE, "child/%s", case_id);
        break;
    case ABOUT_SELF:
        n = snprintf(out, BUTTON_ID_SIZE, "minor");
        break;
    default:
        n = snprintf(out, BUTTON_ID_SIZE, "for");
        break;
    }
    return n > 0 && n < BUTTON_ID_SIZE ? 0 : -1;
}

static void add_relation(struct registrar *r, const struct deciding *d,
                         struct list_message *list, const char *before,
                         enum relation relation)
{
    static const enum persons_text titles[RELATION__MAX] = {
        [RELATION_PARENT_GUARDIAN] = PERSONS_PARENT_GUARDIAN,
        [RELATION_LEGAL_REPRESENTATIVE] = PERSONS_LEGAL_REPRESENTATIVE,
        [RELATION_HEIR] = PERSONS_HEIR,
        [RELATION_ATTORNEY] = PERSONS_ATTORNEY,
        [RELATION_OTHER] = PERSONS_OTHER,
        [RELATION_ADULT] = PERSONS_ADULT,
    };
    char id[2 * BUTTON_ID_SIZE];

    (void)snprintf(id, sizeof(id), "%s/%s", before, relation_names[relation]);
    list_row(list, id, texts(r, d)[titles[relation]], NULL);
}

static int note_asked(struct registrar *r, const char *case_id,
                      enum mandate mandate, struct error *err)
{
    struct case_row of;
    int found = case_get(r->store, case_id, &of, err);

    if (found <= 0)
        return found;
    SET(of.mandate, mandate_names[mandate]);
    of.mandated = r->now;
    return case_set_mandate(r->store, &of, err);
}

int mandate_say_ended(struct registrar *r, const struct deciding *d,
                      const struct dialogue_action *action, struct error *err)
{
    return note_asked(r, action->ref, MANDATE_ENDED, err) != 0
               ? -1
               : persons_say(r, d, PERSONS_WAITS, err);
}

int persons_ask_relation(struct registrar *r, const struct deciding *d,
                         const struct dialogue_state *state,
                         const struct dialogue_action *action,
                         struct error *err)
{
    const enum persons_about whom = (enum persons_about)action->value;
    struct list_message list = { json_array(), LIMIT_ROWS, false };
    char before[BUTTON_ID_SIZE];

    (void)prefix(action, before);
    add_relation(r, d, &list, before, RELATION_PARENT_GUARDIAN);
    /* Beside it, so that who helps a parent does not say that they are one. */
    if (whom == ABOUT_OTHER && texts(r, d)[PERSONS_SON_DAUGHTER] != NULL)
        list_row(&list, "for/son_daughter", texts(r, d)[PERSONS_SON_DAUGHTER],
                 NULL);
    add_relation(r, d, &list, before, RELATION_LEGAL_REPRESENTATIVE);
    if (whom == ABOUT_OTHER) {
        add_relation(r, d, &list, before, RELATION_HEIR);
        add_relation(r, d, &list, before, RELATION_ATTORNEY);
    }
    add_relation(r, d, &list, before, RELATION_OTHER);
    if (whom == ABOUT_CASE &&
        dialogue_may_be_adult(d->policy, state->guide.procedure))
        add_relation(r, d, &list, before, RELATION_ADULT);
    if (whom != ABOUT_SELF)
        list_row(&list, "minor/me", texts(r, d)[PERSONS_ME], NULL);
    if (whom == ABOUT_CASE &&
        note_asked(r, action->ref, MANDATE_ASKED, err) != 0) {
        json_decref(list.rows);
        return -1;
    }
    return list_send(r, d, &list, NULL,
                     texts(r, d)[whom == ABOUT_OTHER  ? PERSONS_RELATION
                                 : whom == ABOUT_CASE ? PERSONS_CHILD
                                                      : PERSONS_MINOR],
                     texts(r, d)[PERSONS_BUTTON], NULL, err);
}

static json_t *heard_button(const char *before, enum relation relation,
                            enum child_heard heard, const char *title)
{
    char id[2 * BUTTON_ID_SIZE];

    (void)snprintf(id, sizeof(id), "%s/%s/%s", before, relation_names[relation],
                   heard_names[heard]);
    return json_pack("{s:s,s:{s:s,s:s}}", "type", "reply", "reply", "id", id,
                     "title", title);
}

int persons_ask_heard(struct registrar *r, const struct deciding *d,
                      const struct dialogue_action *action, struct error *err)
{
    char before[BUTTON_ID_SIZE];
    json_t *buttons;

    (void)prefix(action, before);
    if (action->value == ABOUT_CASE &&
        note_asked(r, action->ref, MANDATE_ASKED, err) != 0)
        return -1;
    buttons = json_pack("{s:s,s:{s:s},s:{s:[o,o,o]}}", "type", "button", "body",
                        "text", texts(r, d)[PERSONS_HEARD], "action", "buttons",
                        heard_button(before, action->relation, HEARD_YES,
                                     texts(r, d)[PERSONS_HEARD_YES]),
                        heard_button(before, action->relation, HEARD_YOUNG,
                                     texts(r, d)[PERSONS_HEARD_YOUNG]),
                        heard_button(before, action->relation, HEARD_NO,
                                     texts(r, d)[PERSONS_HEARD_NO]));
    if (buttons == NULL)
        return error_set(err, ERR_NOMEM, "no memory for buttons");
    return mail_interactive(r, d->policy, d->subject->id, d->item->number,
                            buttons, NULL, err);
}

/* Whoever picks here declares that they may: the body says so. */
int persons_pick_for(struct registrar *r, const struct deciding *d,
                     const struct dialogue_action *action, struct error *err)
{
    const struct policy_language *l = language_of(r, d);
    const struct policy *policy = d->policy;
    struct list_message list = { json_array(), LIMIT_ROWS - 1, false };

    for (size_t i = 0; i < policy->nprocedures; i++) {
        const struct procedure_texts *own = &l->procedures[i];
        char id[BUTTON_ID_SIZE];

        (void)snprintf(id, sizeof(id), "for/%s/%s",
                       relation_names[action->relation],
                       policy->procedures[i].id);
        list_row(&list, id, own->own[PROCEDURE_TITLE],
                 own->own[PROCEDURE_DESCRIPTION]);
    }
    list.room++;
    list_row(&list, "person/ask", l->menu[MENU_PERSON], NULL);
    return list_send(r, d, &list, NULL, texts(r, d)[PERSONS_PICK],
                     texts(r, d)[PERSONS_PICK_BUTTON], NULL, err);
}

int persons_say(struct registrar *r, const struct deciding *d,
                enum persons_text text, struct error *err)
{
    const char *words = texts(r, d)[text];

    /* The one of these that may lack is about what a person looks at. */
    if (words == NULL)
        words = texts(r, d)[PERSONS_WAITS];
    return mail_say(r, d->policy, d->subject->id, d->item->number, "say", words,
                    err);
}

/* ---- on record ---------------------------------------------------------- */

/* Of what the person just said, with the message that proves it. */
static int said_leaf(struct registrar *r, const struct deciding *d,
                     const char *event, const char *case_id, json_t *evidence,
                     struct error *err)
{
    json_t *leaf = leaf_new(r, event, d->subject->id, d->policy->id);
    json_t *commitments = json_object();
    int ok;

    leaf_text(leaf, "actor", "subject");
    leaf_text(leaf, "case_id", case_id);
    leaf_text(leaf, "channel", "whatsapp");
    leaf_time(leaf, "provider_time", message_said_s(r, d->item) * MSEC_S);
    leaf_text(evidence, "decision",
              d->item->kind == WEBHOOK_BUTTON ? "button" : "text");
    leaf_text(evidence, "signature", "valid");
    ok = evidence_decision(r, d, NULL, evidence, commitments, err);
    leaf_object(leaf, "evidence", evidence);
    leaf_object(leaf, "commitments", commitments);
    if (ok != 0) {
        json_decref(leaf);
        return -1;
    }
    return leaf_append(r, leaf, NULL, err);
}

static int declared_leaf(struct registrar *r, const struct deciding *d,
                         const char *case_id, enum relation relation,
                         enum child_heard heard, struct error *err)
{
    json_t *evidence = json_object();

    leaf_text(evidence, "relation", relation_names[relation]);
    leaf_text(evidence, "child_heard", heard_names[heard]);
    leaf_text(evidence, "decider_role",
              relation == RELATION_ADULT ? "subject" : "representative");
    return said_leaf(r, d, "representation_declared", case_id, evidence, err);
}

static int declare_case(struct registrar *r, const struct deciding *d,
                        const struct dialogue_action *action,
                        struct case_row *of, struct error *err)
{
    SET(of->relation, relation_names[action->relation]);
    SET(of->mandate, mandate_names[MANDATE_DECLARED]);
    of->mandated = r->now;
    return case_set_mandate(r->store, of, err) != 0
               ? -1
               : declared_leaf(r, d, of->id, action->relation, action->heard,
                               err);
}

/* What rests on no consent waited for nothing else. */
int persons_release(struct registrar *r, const char *subject, struct error *err)
{
    for (size_t i = 0; i < r->policies->n; i++)
        if (attachment_release(r, r->policies->policies[i], subject, err) != 0)
            return -1;
    return 0;
}

static int declare_self(struct registrar *r, const struct deciding *d,
                        const struct dialogue_action *action, struct error *err)
{
    const char *subject = d->subject->id;

    if (subject_set_minor(r->store, subject, MINOR_REPRESENTED, err) != 0 ||
        declared_leaf(r, d, NULL, action->relation, action->heard, err) != 0)
        return -1;
    return persons_release(r, subject, err);
}

int persons_declare(struct registrar *r, const struct deciding *d,
                    const struct dialogue_action *action, struct error *err)
{
    struct case_row of;
    int found;

    if (action->value == ABOUT_SELF)
        return declare_self(r, d, action, err);
    found = case_get(r->store, action->ref, &of, err);
    if (found <= 0)
        return found;
    if (strcmp(of.subject, d->subject->id) != 0)
        return error_set(err, ERR_INVARIANT, "a declaration for another");
    if (declare_case(r, d, action, &of, err) != 0 ||
        attachment_release(r, d->policy, of.subject, err) != 0)
        return -1;
    return of.represented ? guide_say_needed(r, d, &of, err)
                          : persons_say(r, d, PERSONS_DECLARED, err);
}

/* ---- a case for somebody else ------------------------------------------- */

int persons_find_case(struct registrar *r, const struct policy *policy,
                      const char *subject, int procedure, const char *relation,
                      struct case_row *row, struct error *err)
{
    const char *id = policy->procedures[procedure].id;
    struct procedure_look look;
    int found =
        case_find_picked(r->store, subject, policy->id, id, true, row, err);

    if (found < 0 ||
        (found > 0 && procedure_look(r, policy, row, &look, err) != 0))
        return -1;
    for (size_t i = 0; found > 0 && i < LIMIT_ITEMS; i++)
        found = !look.has[i] && look.guide.files[i] == 0;
    if (found > 0 && strcmp(row->relation, relation) == 0 &&
        strcmp(row->mandate, mandate_names[MANDATE_ENDED]) != 0)
        return 1;
    memset(row, 0, sizeof(*row));
    row->owner = -1;
    row->represented = true;
    SET(row->subject, subject);
    SET(row->policy, policy->id);
    SET(row->procedure, id);
    return 0;
}

static int find_case(struct registrar *r, const struct deciding *d,
                     const struct dialogue_action *action, struct case_row *row,
                     struct error *err)
{
    int found = persons_find_case(r, d->policy, d->subject->id, action->value,
                                  relation_names[action->relation], row, err);

    return found != 0 ? (found < 0 ? -1 : 0) : case_new(r, row, NULL, err);
}

int persons_open_for(struct registrar *r, const struct deciding *d,
                     const struct dialogue_action *action, struct error *err)
{
    struct dialogue_action next = *action;
    struct case_row row;

    if (find_case(r, d, action, &row, err) != 0 ||
        case_set_picked(r->store, row.id, r->now, err) != 0)
        return -1;
    SET(row.relation, relation_names[action->relation]);
    if (action->relation != RELATION_PARENT_GUARDIAN)
        return declare_case(r, d, action, &row, err) != 0
                   ? -1
                   : guide_say_needed(r, d, &row, err);
    SET(row.mandate, mandate_names[MANDATE_NEEDED]);
    if (case_set_mandate(r->store, &row, err) != 0)
        return -1;
    next.value = ABOUT_CASE;
    SET(next.ref, row.id);
    return persons_ask_heard(r, d, &next, err);
}

/* ---- somebody who is under age ------------------------------------------ */

/* A yes that a child gave, under whichever policy. What the chat that it says
 * so in is about, the dialogue ends. */
static int end_consent(struct registrar *r, const struct deciding *d,
                       const struct consent_row *row, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, row->policy);
    int purpose = policy == NULL ? -1 : policy_purpose(policy, row->purpose);

    if (purpose < 0 ||
        (policy == d->policy && strcmp(row->subject, d->subject->id) == 0))
        return 0;
    if (decision_by_itself(r, policy, row->subject, purpose, "minor",
                           d->item->provider_s, err) != 0 ||
        attachment_drop(r, policy, row->subject, row->purpose, err) != 0)
        return -1;
    return document_block(r, policy, row->subject, row->purpose, err);
}

static int end_consents(struct registrar *r, const struct deciding *d,
                        const char *subject, struct error *err)
{
    size_t n = 0, room = (size_t)LIMIT_POLICIES * LIMIT_PURPOSES;
    struct consent_row *rows = calloc(room, sizeof(*rows));
    int ok = rows == NULL
                 ? error_set(err, ERR_NOMEM, "no memory for consents")
                 : person_consents(r->store, subject, rows, room, &n, err);

    for (size_t i = 0; ok == 0 && i < n; i++)
        if (strcmp(rows[i].state, "given") == 0 ||
            strcmp(rows[i].state, "expired") == 0)
            ok = end_consent(r, d, &rows[i], err);
    free(rows);
    return ok;
}

/* With all their references: it is one person. */
int persons_mark_minor(struct registrar *r, const struct deciding *d,
                       struct error *err)
{
    char group[LIMIT_LINKED][ID_SIZE];
    struct subject_row row;
    struct deciding theirs = *d;
    size_t n;

    if (link_group(r->store, d->subject->id, group, &n, err) != 0)
        return -1;
    theirs.subject = &row;
    for (size_t i = 0; i < n; i++) {
        json_t *evidence;
        int found = subject_get(r->store, group[i], &row, err);

        if (found < 0)
            return -1;
        if (found == 0 || row.minor != MINOR_NO)
            continue;
        if (subject_set_minor(r->store, row.id, MINOR_SAID, err) != 0)
            return -1;
        evidence = json_pack("{s:i}", "age", d->policy->minor_age);
        if (said_leaf(r, &theirs, "minor_declared", NULL, evidence, err) != 0 ||
            end_consents(r, d, row.id, err) != 0)
            return -1;
    }
    return 0;
}

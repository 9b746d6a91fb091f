/*
 * What officers say of who answers for whom, where the chat cannot settle it:
 * somebody is of age, has a representative, or has none any more; and for whose
 * papers a case is.
 */
#include "attachment_private.h"
#include "case_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "people_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

/* ---- what waits ---------------------------------------------------------- */

struct search {
    const char *case_id;
    bool found;
};

static int is_of_case(void *arg, const struct attachment_row *row)
{
    struct search *s = arg;

    s->found |= row->represented && strcmp(row->case_id, s->case_id) == 0;
    return 0;
}

int mandate_waits(struct registrar *r, const struct policy *policy,
                  const char *subject, struct dialogue_guide *guide,
                  struct error *err)
{
    struct search s = { .case_id = guide->case_id };

    if (guide->mandate != MANDATE_ENDED)
        return 0;
    if (attachment_of_subject(r->store, subject, policy->id, "held", is_of_case,
                              &s, err) != 0)
        return -1;
    guide->waits = s.found;
    return 0;
}

/* Under every policy, what waited for nothing else goes on, and about the rest
 * they are asked: once. */
static int go_on(struct registrar *r, const char *subject, struct error *err)
{
    if (persons_release(r, subject, err) != 0)
        return -1;
    for (size_t i = 0; i < r->policies->n; i++)
        if (attachment_ask_all(r, r->policies->policies[i], subject, err) != 0)
            return -1;
    return 0;
}

/* ---- of age -------------------------------------------------------------- */

static int clear(struct registrar *r, void *arg, struct error *err)
{
    struct staff_access by = *(const struct staff_access *)arg;
    char group[LIMIT_LINKED][ID_SIZE];
    struct subject_row row;
    size_t n, any = 0;

    if (keyring_permits(r, &by, err) != 0 ||
        link_group(r->store, by.subject, group, &n, err) != 0)
        return -1;
    by.event_type = "minor_cleared";
    for (size_t i = 0; i < n; i++) {
        int found = subject_get(r->store, group[i], &row, err);

        if (found < 0)
            return -1;
        if (found == 0 || row.minor == MINOR_NO)
            continue;
        any++;
        SET(by.subject, row.id);
        if (subject_set_minor(r->store, row.id, MINOR_NO, err) != 0 ||
            staff_record(r, &by, NULL, err) != 0 || go_on(r, row.id, err) != 0)
            return -1;
    }
    return any > 0 ? 0
                   : error_set(err, ERR_CONFLICT,
                               "nobody said that they are under age");
}

int registrar_clear_minor(struct registrar *r, const struct staff_access *by,
                          struct error *err)
{
    return queue_staff(r, clear, (void *)(uintptr_t)by, err);
}

/* ---- who answers for whom ------------------------------------------------ */

struct declaring {
    struct registrar *r;
    struct represent_order *o;
    struct subject_row subject;
    struct case_row of; /* id "": the subject's own affairs */
    bool is_new;
    struct error *err;
};

static bool is_name(const char *const *names, int first, int end,
                    const char *name)
{
    for (int i = first; name != NULL && i < end; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static int check_words(const struct represent_order *o, struct error *err)
{
    if (o->ends)
        return 0;
    if (!is_name(relation_names, RELATION_PARENT_GUARDIAN, RELATION_ADULT,
                 o->relation))
        return error_set(err, ERR_INPUT, "no such relation");
    if (o->heard != NULL &&
        !is_name(heard_names, HEARD_YES, HEARD_NO, o->heard))
        return error_set(err, ERR_INPUT,
                         "a child was heard or is too_young for it");
    return 0;
}

static int find_person(struct declaring *x)
{
    const char *id = x->o->by.subject;
    int found = subject_get(x->r->store, id, &x->subject, x->err);

    if (found > 0)
        found = slot_state(x->r->store, x->subject.content_slot, x->err);
    if (found == 0 || (found > 0 && x->subject.blocked != 0))
        return error_set(x->err, ERR_NOT_FOUND, "no such person");
    return found < 0 ? -1 : 0;
}

/* A case that is there, and theirs. */
static int find_case(struct declaring *x)
{
    int found = case_get(x->r->store, x->o->by.case_id, &x->of, x->err);

    if (found == 0 || (found > 0 && strcmp(x->of.subject, x->subject.id) != 0))
        return error_set(x->err, ERR_NOT_FOUND, "they have no such case");
    if (found > 0 && strcmp(x->of.state, "closed") == 0)
        return error_set(x->err, ERR_CONFLICT, "the case is closed");
    return found < 0 ? -1 : 0;
}

/* One of that procedure, for papers of somebody else. */
static int need_case(struct declaring *x)
{
    const struct policy *policy = policy_find(
        x->r->policies, x->o->by.policy != NULL ? x->o->by.policy : "");
    int procedure =
        policy == NULL ? -1 : policy_procedure(policy, x->o->procedure);
    int found;

    if (procedure < 0)
        return error_set(x->err, ERR_NOT_FOUND,
                         "no such policy, or procedure of it");
    found = persons_find_case(x->r, policy, x->subject.id, procedure,
                              x->o->relation, &x->of, x->err);
    x->is_new = found == 0;
    return found < 0 ? -1 : 0;
}

static int find(struct declaring *x)
{
    if (find_person(x) != 0)
        return -1;
    if (x->o->by.case_id[0] != '\0')
        return find_case(x);
    return x->o->procedure != NULL ? need_case(x) : 0;
}

/* What is a child's has to say whether it was heard, whoever declares. */
static int check_heard(const struct declaring *x)
{
    bool own = x->of.subject[0] == '\0' || !x->of.represented;

    if (x->o->heard != NULL ||
        (!own &&
         strcmp(x->o->relation, relation_names[RELATION_PARENT_GUARDIAN]) != 0))
        return 0;
    return error_set(x->err, ERR_INPUT,
                     "of a child it has to be said whether it was heard");
}

static bool is_mandate(const struct case_row *of, enum mandate mandate)
{
    return strcmp(of->mandate, mandate_names[mandate]) == 0;
}

static int enter(struct declaring *x, const char *event)
{
    struct staff_access by = x->o->by;
    bool declares = !x->o->ends;
    json_t *more = json_object();

    by.event_type = event;
    by.policy = x->of.policy[0] != '\0' ? x->of.policy : NULL;
    SET(by.case_id, x->of.id);
    SET(x->o->by.case_id, x->of.id);
    leaf_text(more, "relation", declares ? x->o->relation : NULL);
    leaf_text(more, "child_heard", declares ? x->o->heard : NULL);
    leaf_text(more, "decider_role", declares ? "representative" : NULL);
    return staff_record(x->r, &by, more, x->err);
}

/* ---- declared ------------------------------------------------------------ */

static int declare_case(struct declaring *x)
{
    struct registrar *r = x->r;

    if (!x->is_new && is_mandate(&x->of, MANDATE_DECLARED))
        return error_set(x->err, ERR_CONFLICT,
                         "somebody answers for it already");
    if (!x->of.represented && is_mandate(&x->of, MANDATE_NONE))
        return error_set(x->err, ERR_CONFLICT,
                         "the papers of this case are their own");
    if (x->is_new && case_new(r, &x->of, &x->o->by, x->err) != 0)
        return -1;
    if (x->of.represented &&
        case_set_picked(r->store, x->of.id, r->now, x->err) != 0)
        return -1;
    SET(x->of.relation, x->o->relation);
    SET(x->of.mandate, mandate_names[MANDATE_DECLARED]);
    x->of.mandated = r->now;
    return case_set_mandate(r->store, &x->of, x->err);
}

static int declare_self(struct declaring *x)
{
    if (x->subject.minor != MINOR_SAID)
        return error_set(x->err, ERR_CONFLICT,
                         "they did not say that they are under age, or "
                         "somebody answers for them");
    return subject_set_minor(x->r->store, x->subject.id, MINOR_REPRESENTED,
                             x->err);
}

/* What they waited to hear, if they can be told. */
static int tell(struct declaring *x)
{
    const struct policy *policy = policy_find(x->r->policies, x->of.policy);
    struct unasked u;
    int open;

    if (policy == NULL || !policy->represents)
        return 0;
    open = unasked_open(x->r, policy, x->subject.id, &u, x->err);
    if (open <= 0 || u.silent)
        return open < 0 ? -1 : 0;
    return x->of.represented && policy_procedure(policy, x->of.procedure) >= 0
               ? guide_say_needed(x->r, &u.d, &x->of, x->err)
               : persons_say(x->r, &u.d, PERSONS_DECLARED, x->err);
}

static int declare(struct declaring *x)
{
    bool of_case = x->of.subject[0] != '\0';

    if (check_heard(x) != 0 ||
        (of_case ? declare_case(x) : declare_self(x)) != 0 ||
        enter(x, "representation_declared") != 0 || (of_case && tell(x) != 0))
        return -1;
    return go_on(x->r, x->subject.id, x->err);
}

/* ---- ended --------------------------------------------------------------- */

/* Under each of their references: it is one child. */
static int end_self(struct declaring *x)
{
    char group[LIMIT_LINKED][ID_SIZE];
    struct subject_row row;
    size_t n;

    if (x->subject.minor != MINOR_REPRESENTED)
        return error_set(x->err, ERR_CONFLICT,
                         "nobody answers for them, or they need nobody");
    if (link_group(x->r->store, x->subject.id, group, &n, x->err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int found = subject_get(x->r->store, group[i], &row, x->err);

        if (found < 0)
            return -1;
        if (found == 0 || row.minor != MINOR_REPRESENTED)
            continue;
        SET(x->o->by.subject, row.id);
        if (subject_set_minor(x->r->store, row.id, MINOR_SAID, x->err) != 0 ||
            enter(x, "representation_ended") != 0)
            return -1;
    }
    SET(x->o->by.subject, x->subject.id);
    return 0;
}

/* Nothing more is taken; what was, was taken with a mandate. */
static int end(struct declaring *x)
{
    if (x->of.subject[0] == '\0')
        return end_self(x);
    if (!is_mandate(&x->of, MANDATE_DECLARED) ||
        strcmp(x->of.relation, relation_names[RELATION_ADULT]) == 0)
        return error_set(x->err, ERR_CONFLICT, "nobody answers for it");
    SET(x->of.mandate, mandate_names[MANDATE_ENDED]);
    x->of.mandated = 0;
    return case_set_mandate(x->r->store, &x->of, x->err) != 0
               ? -1
               : enter(x, "representation_ended");
}

static int apply_represent(struct registrar *r, void *arg, struct error *err)
{
    struct declaring x = { .r = r, .o = arg, .err = err };

    if (keyring_permits(r, &x.o->by, err) != 0 || find(&x) != 0)
        return -1;
    return x.o->ends ? end(&x) : declare(&x);
}

int registrar_represent(struct registrar *r, struct represent_order *order,
                        struct error *err)
{
    return check_words(order, err) != 0
               ? -1
               : queue_staff(r, apply_represent, order, err);
}

/*
 * Which item of which of their cases a file is for: fixed here, before anything
 * is asked or fetched. The case that was picked last comes first; another one
 * of theirs is looked at only where words of theirs name what it asks for.
 */
#include "attachment_private.h"
#include "case_private.h"
#include "consent_private.h"
#include "people_private.h"
#include "registrar_private.h"

#include <string.h>

/* Where a file may belong. */
struct place {
    struct case_row of;
    struct dialogue_guide guide;
    struct dialogue_match match;
};

/* What all items need that might be meant: nobody is asked for more before
 * they said which it is. */
static unsigned common_purposes(const struct policy *policy,
                                const struct dialogue_guide *guide,
                                const struct dialogue_file *file)
{
    const struct policy_procedure *p = &policy->procedures[guide->procedure];
    unsigned all = ~0u;

    for (int i = 0; i < (int)p->nitems; i++)
        if (dialogue_item_open(policy, guide, i) &&
            dialogue_item_takes(policy, &p->items[i], file->kind, file->type))
            all &= p->items[i].purposes;
    return all == ~0u ? 0 : all;
}

static void apply(const struct policy *policy, const struct place *at,
                  const struct dialogue_file *file, struct attachment_row *row,
                  unsigned *needs)
{
    const struct dialogue_match *match = &at->match;
    const struct policy_item *items =
        policy->procedures[at->guide.procedure].items;
    unsigned common;

    SET(row->case_id, at->of.id);
    row->matched |= (match->guessed ? MATCHED_GUESS : 0u) |
                    (match->more ? MATCHED_MORE : 0u) |
                    (match->kind == MATCH_ELSEWHERE ? MATCHED_ELSEWHERE : 0u);
    switch (match->kind) {
    case MATCH_ITEM:
    case MATCH_WRONG:
    case MATCH_FULL:
        SET(row->item, items[match->item].id);
        *needs = items[match->item].purposes;
        break;
    case MATCH_UNCLEAR:
        SET(row->item, ITEM_UNCLEAR);
        common = common_purposes(policy, &at->guide, file);
        *needs = common != 0 ? common : *needs;
        break;
    case MATCH_UNREQUESTED:
    case MATCH_ELSEWHERE:
        SET(row->item, ITEM_UNREQUESTED);
        break;
    case MATCH_NONE:
    case MATCH__MAX:
        break;
    }
}

/* ---- another case of theirs ---------------------------------------------- */

#define CASES_LOOKED 8

struct others {
    const struct policy *policy;
    const char *current;
    unsigned named; /* 1 << place of a procedure: a word names what it takes */
    struct case_row rows[CASES_LOOKED];
    size_t n;
};

static int collect(void *arg, const struct case_row *row)
{
    struct others *o = arg;
    int procedure = policy_procedure(o->policy, row->procedure);

    if (procedure < 0 || (o->named & 1u << procedure) == 0 ||
        strcmp(row->state, "closed") == 0 ||
        strcmp(row->policy, o->policy->id) != 0 ||
        strcmp(row->id, o->current) == 0)
        return 0;
    if (o->n == CASES_LOOKED)
        memmove(&o->rows[0], &o->rows[1], --o->n * sizeof(o->rows[0]));
    o->rows[o->n++] = *row;
    return 0;
}

/* The newest that has room for what they named, or says where it goes. */
static int find_other(struct registrar *r, const struct policy *policy,
                      const struct dialogue_file *file, struct others *o,
                      struct place *out, struct error *err)
{
    while (o->n-- > 0) {
        struct place at = { .of = o->rows[o->n] };
        struct procedure_look look;

        if (procedure_look(r, policy, &at.of, &look, err) != 0)
            return -1;
        at.guide = look.guide;
        mandate_state(&at.of, &at.guide);
        dialogue_match(policy, &at.guide, file, &at.match);
        if (!at.match.named || at.match.more)
            continue;
        *out = at;
        return 1;
    }
    return 0;
}

/* The case that was picked last does not want it, or nobody said so. */
static int look_elsewhere(struct registrar *r, const struct policy *policy,
                          const char *subject, const struct dialogue_file *file,
                          struct place *at, struct error *err)
{
    struct others o = { .policy = policy, .current = at->of.id };
    struct place other;
    int found;

    if (at->match.named && !at->match.more)
        return 0;
    for (int i = 0; i < (int)policy->nprocedures; i++)
        if (i != at->guide.procedure && dialogue_names(policy, i, file))
            o.named |= 1u << i;
    if (o.named == 0)
        return 0;
    if (case_of_person(r->store, subject, collect, &o, err) != 0)
        return -1;
    found = find_other(r, policy, file, &o, &other, err);
    if (found > 0)
        *at = other;
    return found;
}

/* ---- whose it is --------------------------------------------------------- */

/* Can it be a child's? */
static bool may_be_a_childs(const struct policy *policy, const struct place *at)
{
    return at->match.kind == MATCH_ITEM &&
           policy->procedures[at->guide.procedure]
                   .items[at->match.item]
                   .minors != MINORS_NO;
}

/* It waits until that is said. Of the case that they pick is asked, so this is
 * the one now. */
static int need_mandate(struct registrar *r, struct case_row *of, bool other,
                        struct error *err)
{
    if (other && case_set_picked(r->store, of->id, r->now, err) != 0)
        return -1;
    return mandate_need(r, of, err);
}

static const char *refused_for(const struct dialogue_match *match)
{
    return match->kind == MATCH_WRONG  ? "type"
           : match->kind == MATCH_FULL ? "full"
                                       : NULL;
}

static int match(struct registrar *r, const struct policy *policy,
                 const struct dialogue_file *file, struct place *at,
                 struct attachment_row *row, unsigned *needs, struct error *err)
{
    int other;

    dialogue_match(policy, &at->guide, file, &at->match);
    other = look_elsewhere(r, policy, row->subject, file, at, err);
    if (other < 0)
        return -1;
    /* What comes after all is there has its own case. */
    if (at->match.kind == MATCH_UNREQUESTED &&
        strcmp(at->of.state, "complete") == 0)
        return 0;
    row->matched = other > 0 ? MATCHED_OTHER : 0;
    apply(policy, at, file, row, needs);
    row->represented = at->of.represented || may_be_a_childs(policy, at);
    return row->represented ? need_mandate(r, &at->of, other > 0, err) : 0;
}

int procedure_match(struct registrar *r, const struct policy *policy,
                    const struct webhook_item *item, struct attachment_row *row,
                    unsigned *needs, const char **refused, struct error *err)
{
    struct dialogue_file file = { .kind = item->media,
                                  .type = item->announced_type };
    struct place at;
    json_t *claims;
    int found, ok;

    *refused = NULL;
    found = procedure_current(r, policy, row->subject, &at.of, &at.guide, err);
    if (found <= 0)
        return found;
    if ((claims = json_parse(item->claims.p, item->claims.len, err)) == NULL)
        return -1;
    file.caption = json_str(claims, "caption");
    file.name = json_str(claims, "file_name");
    ok = match(r, policy, &file, &at, row, needs, err);
    json_decref(claims);
    *refused = refused_for(&at.match);
    return ok;
}

/* ---- the person said which ----------------------------------------------- */

/* Fixed now, before anything is fetched. The value is a place in the procedure
 * of the file's own case. */
int procedure_item(struct registrar *r, const struct deciding *d,
                   const struct dialogue_action *action, struct error *err)
{
    struct attachment_row row;
    struct case_row of;
    int found = attachment_get(r->store, action->ref, &row, err);
    const struct policy_item *item = NULL;

    if (found <= 0)
        return found;
    if (strcmp(row.subject, d->subject->id) != 0 || !item_unclear(&row) ||
        strcmp(row.state, "held") != 0)
        return error_set(err, ERR_INVARIANT, "an answer about another file");
    if ((found = case_get(r->store, row.case_id, &of, err)) < 0)
        return -1;
    if (action->value >= 0 && found > 0) {
        int procedure = policy_procedure(d->policy, of.procedure);

        item = procedure < 0
                   ? NULL
                   : &d->policy->procedures[procedure].items[action->value];
    }
    if (item != NULL && item->minors != MINORS_NO) {
        row.represented = true;
        if (need_mandate(r, &of, true, err) != 0)
            return -1;
    }
    return attachment_explain(r, d->policy, &row, item, err);
}

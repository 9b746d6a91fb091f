/*
 * Procedures: the case that one is picked for, and when it has all that it
 * needs. Which of its items a file is for: procedure_match.c. What is said of
 * it: guide*.c, menu.c.
 */
#include "attachment_private.h"
#include "case_private.h"
#include "consent_private.h"
#include "leaf_private.h"
#include "people_private.h"
#include "registrar_private.h"
#include "request_private.h"
#include "talk_private.h"

#include <string.h>

#include <sodium.h>

bool item_unclear(const struct attachment_row *row)
{
    return strcmp(row->item, ITEM_UNCLEAR) == 0 ||
           strcmp(row->item, ITEM_ASKED) == 0;
}

int item_find(const struct policy *policy, const struct case_row *of,
              const char *item)
{
    int place = policy_procedure(policy, of->procedure);
    const struct policy_procedure *p;

    if (place < 0)
        return -1;
    p = &policy->procedures[place];
    for (int i = 0; i < (int)p->nitems; i++)
        if (strcmp(p->items[i].id, item) == 0)
            return i;
    return -1;
}

/* ---- what is there ------------------------------------------------------ */

int procedure_look(struct registrar *r, const struct policy *policy,
                   const struct case_row *of, struct procedure_look *look,
                   struct error *err)
{
    /* Items of a procedure that was changed, and the marks, count, too. */
    struct case_item_row rows[2 * LIMIT_ITEMS];
    const struct policy_procedure *p;
    size_t n;

    memset(look, 0, sizeof(*look));
    look->guide.procedure = policy_procedure(policy, of->procedure);
    if (look->guide.procedure < 0)
        return 0;
    p = &policy->procedures[look->guide.procedure];
    if (case_items(r->store, of->id, rows, 2 * LIMIT_ITEMS, &n, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int item = item_find(policy, of, rows[i].item);

        look->under_way |= rows[i].under_way > 0;
        if (item < 0)
            continue;
        look->has[item] = rows[i].kept > 0 || rows[i].taken;
        look->guide.files[item] = rows[i].taken
                                      ? p->items[item].files_max
                                      : (int)(rows[i].kept + rows[i].under_way);
    }
    look->here = look->complete = true;
    for (size_t i = 0; i < p->nitems; i++)
        if (p->items[i].required && !look->has[i]) {
            look->complete = false;
            look->here &= p->items[i].channel != CHANNEL_IN_CHAT;
        }
    return 0;
}

/* Did they say no to any of these? */
static int is_refused(struct registrar *r, const struct policy *policy,
                      const char *subject, unsigned purposes, bool *is,
                      struct error *err)
{
    struct consent_row row;
    enum consent_state state;

    *is = false;
    for (int i = 0; !*is && i < (int)policy->npurposes; i++) {
        if ((purposes & 1u << i) == 0)
            continue;
        if (purpose_standing(r, policy, subject, i, &row, &state, err) != 0)
            return -1;
        *is = state == CONSENT_REFUSED;
    }
    return 0;
}

int procedure_refusals(struct registrar *r, const struct policy *policy,
                       const struct policy_language *l,
                       const struct case_row *of, struct procedure_look *look,
                       struct error *err)
{
    const struct policy_procedure *p;

    if (look->guide.procedure < 0 || l->chat[CHAT_ALSO] == NULL ||
        look->complete)
        return 0;
    p = &policy->procedures[look->guide.procedure];
    for (size_t i = 0; i < p->nitems; i++)
        if (p->items[i].required && !look->has[i] &&
            p->items[i].channel == CHANNEL_IN_CHAT &&
            is_refused(r, policy, of->subject, p->items[i].purposes,
                       &look->refused[i], err) != 0)
            return -1;
    return 0;
}

int procedure_current(struct registrar *r, const struct policy *policy,
                      const char *subject, struct case_row *row,
                      struct dialogue_guide *guide, struct error *err)
{
    struct procedure_look look;
    int found = 0;

    *guide = (struct dialogue_guide){ .procedure = -1 };
    if (policy->nprocedures > 0)
        found = case_find_procedure(r->store, subject, policy->id, row, err);
    if (found <= 0)
        return found;
    if (procedure_look(r, policy, row, &look, err) != 0)
        return -1;
    *guide = look.guide;
    mandate_state(row, guide);
    return guide->procedure >= 0;
}

int procedure_state(struct registrar *r, const struct policy *policy,
                    const char *subject, struct dialogue_state *state,
                    struct error *err)
{
    struct unclear_row rows[DIALOGUE_UNCLEAR];
    struct guide_row answers;
    struct case_row of;

    if (procedure_current(r, policy, subject, &of, &state->guide, err) < 0 ||
        mandate_waits(r, policy, subject, &state->guide, err) != 0)
        return -1;
    if ((policy->nprocedures > 0 &&
         attachment_unclear(r->store, subject, policy->id, rows,
                            DIALOGUE_UNCLEAR, &state->nunclear, err) != 0) ||
        guide_get(r->store, subject, policy->id, &answers, err) < 0)
        return -1;
    for (size_t i = 0; i < state->nunclear; i++) {
        SET(state->unclear[i].attachment, rows[i].attachment);
        state->unclear[i].procedure =
            policy_procedure(policy, rows[i].procedure);
        state->unclear[i].asked = rows[i].asked;
    }
    state->menu = answers.menu;
    state->hinted = answers.hinted;
    state->lined = answers.lined;
    if (r->now - answers.since < MSEC_H)
        state->answers = answers.answers;
    return 0;
}

/* What an action is to the count of answers. */
enum counted {
    COUNTED_NOT,
    COUNTED_ANSWER, /* of ours, to words that a machine could say again */
    COUNTED_CHOICE  /* of theirs: no machine chooses */
};
static const enum counted counted[DO__MAX] = {
    [DO_MENU] = COUNTED_ANSWER,        [DO_STATUS] = COUNTED_ANSWER,
    [DO_MISSING] = COUNTED_ANSWER,     [DO_DATA] = COUNTED_ANSWER,
    [DO_ANOTHER] = COUNTED_ANSWER,     [DO_CHANNEL] = COUNTED_ANSWER,
    [DO_HINT] = COUNTED_ANSWER,        [DO_ASK_RELATION] = COUNTED_ANSWER,
    [DO_PICK_FOR] = COUNTED_ANSWER,    [DO_SPOKEN] = COUNTED_ANSWER,
    [DO_ASK_END] = COUNTED_ANSWER,     [DO_NOTICES] = COUNTED_ANSWER,
    [DO_LANGUAGE] = COUNTED_ANSWER,    [DO_LANGUAGE_ASK] = COUNTED_ANSWER,
    [DO_ASK_PROMISE] = COUNTED_ANSWER, [DO_PROCEDURE] = COUNTED_CHOICE,
    [DO_REQUEST] = COUNTED_CHOICE,     [DO_ITEM] = COUNTED_CHOICE,
    [DO_FOR] = COUNTED_CHOICE,         [DO_DECLARE] = COUNTED_CHOICE,
    [DO_MINOR] = COUNTED_CHOICE,       [DO_PROMISE] = COUNTED_CHOICE,
};

int procedure_answered(struct registrar *r, const struct deciding *d,
                       const struct dialogue_action *action, struct error *err)
{
    const enum dialogue_action_kind kind = action->kind;
    const bool answer = counted[kind] == COUNTED_ANSWER || action->typed;
    struct guide_row row;
    int found;

    /* What a file asks of them is no answer of ours. */
    if (counted[kind] == COUNTED_NOT ||
        (kind == DO_ASK_RELATION && action->value == ABOUT_CASE))
        return 0;
    found = guide_get(r->store, d->subject->id, d->policy->id, &row, err);
    if (found < 0)
        return -1;
    if (!answer && (found == 0 || row.answers == 0))
        return 0;
    if (!answer || r->now - row.since >= MSEC_H) {
        row.since = r->now;
        row.answers = 0;
    }
    row.answers += answer;
    if (kind == DO_MENU || kind == DO_ASK_RELATION)
        row.menu = r->now;
    if (kind == DO_HINT || (kind == DO_SPOKEN && action->value == SPOKEN_VOICE))
        row.hinted = r->now;
    else if (kind == DO_SPOKEN)
        row.lined = r->now;
    return guide_put(r->store, d->subject->id, d->policy->id, &row, err);
}

/* ---- picked ------------------------------------------------------------- */

int procedure_pick(struct registrar *r, const struct deciding *d, int procedure,
                   struct error *err)
{
    const char *id = d->policy->procedures[procedure].id;
    struct case_row row;
    int found = case_find_picked(r->store, d->subject->id, d->policy->id, id,
                                 false, &row, err);

    if (found < 0)
        return -1;
    if (found == 0) {
        memset(&row, 0, sizeof(row));
        row.owner = -1;
        SET(row.subject, d->subject->id);
        SET(row.policy, d->policy->id);
        SET(row.procedure, id);
        if (case_new(r, &row, NULL, err) != 0)
            return -1;
    }
    if (case_set_picked(r->store, row.id, r->now, err) != 0)
        return -1;
    return guide_say_needed(r, d, &row, err);
}

/* ---- complete ----------------------------------------------------------- */

struct number {
    const struct config *config;
    const struct policy *policy;
    char number[STORE_NAME_SIZE]; /* "" none */
};

static int take_number(void *arg, const char *number)
{
    struct number *n = arg;
    const struct config_number *ours = config_find_number(n->config, number);

    if (ours != NULL && strcmp(ours->policy, n->policy->id) == 0)
        SET(n->number, number);
    return 0;
}

int number_at(struct registrar *r, const struct policy *policy,
              const char *subject, char out[static STORE_NAME_SIZE],
              struct error *err)
{
    struct number n = { r->config, policy, "" };

    if (number_of_person(r->store, subject, take_number, &n, err) != 0)
        return -1;
    memcpy(out, n.number, sizeof(n.number));
    return 0;
}

/* What was promised for it has a date from now on. */
static int promise(struct registrar *r, const struct case_row *of,
                   struct error *err)
{
    const struct policy *policy = policy_find(r->policies, of->policy);
    int procedure =
        policy == NULL ? -1 : policy_procedure(policy, of->procedure);
    char number[STORE_NAME_SIZE];

    if (procedure < 0)
        return error_set(err, ERR_INVARIANT, "complete by no procedure");
    if (number_at(r, policy, of->subject, number, err) != 0)
        return -1;
    return request_sla(r, of, number, policy->procedures[procedure].sla, err);
}

int case_complete(struct registrar *r, struct case_row *of, struct error *err)
{
    json_t *leaf;

    if (case_set_complete(r->store, of->id, r->now, err) != 0 ||
        outbox_drop_about(r->store, of->id, err) != 0)
        return -1;
    SET(of->state, "complete");
    of->completed = r->now;
    leaf = leaf_new(r, "case_completed", of->subject, of->policy);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "case_id", of->id);
    leaf_text(leaf, "procedure", of->procedure);
    return leaf_append(r, leaf, NULL, err) != 0 ? -1 : promise(r, of, err);
}

/* A procedure that is picked, and which of its documents an unclear file is. */
#include "dialogue_private.h"

#include <string.h>

void pick_procedure(struct decide *d, const char *id)
{
    int procedure = policy_procedure(d->state.policy, id);

    if (procedure < 0)
        (void)tell_menu(d); /* of a list that is older than the policy */
    else if (d->state.mode != MODE_PERSON && !decide_undecided(d)) {
        struct dialogue_action *action = decide_add(d, DO_PROCEDURE, -1, -1);

        action->value = procedure;
        action->typed = d->input->kind == INPUT_TEXT;
        decide_think_over(d);
    }
}

void pick_ask_item(struct decide *d)
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

/* In the procedure of the file's own case, whichever was picked since. */
static int find_item(const struct decide *d, int procedure, const char *id)
{
    const struct dialogue_state *s = &d->state;
    const struct policy_procedure *p;

    if (procedure < 0)
        return -1;
    p = &s->policy->procedures[procedure];
    for (int i = 0; i < (int)p->nitems; i++)
        if (p->items[i].channel == CHANNEL_IN_CHAT &&
            strcmp(p->items[i].id, id) == 0)
            return procedure != s->guide.procedure ||
                           dialogue_item_open(s->policy, &s->guide, i)
                       ? i
                       : -1;
    return -1;
}

/* "ATTACHMENT/ITEM": what was said to be an item that is full meanwhile is one
 * more that nobody asked for. */
void pick_item(struct decide *d, const char *id)
{
    struct dialogue_state *s = &d->state;
    size_t len = strcspn(id, "/");
    int place = find_unclear(d, id, len), item, procedure, purpose;
    const struct policy_item *it;
    struct dialogue_action *action;

    if (place < 0 || id[len] == '\0') {
        (void)tell_missing(d); /* a question that was answered before */
        return;
    }
    procedure = s->unclear[place].procedure;
    item = find_item(d, procedure, id + len + 1);
    action = decide_add(d, DO_ITEM, -1, -1);
    action->value = item;
    memcpy(action->ref, s->unclear[place].attachment, sizeof(action->ref));
    s->nunclear--;
    memmove(&s->unclear[place], &s->unclear[place + 1],
            (s->nunclear - (size_t)place) * sizeof(s->unclear[0]));

    if (item < 0) {
        pick_ask_item(d);
        persons_ask(d);
        return;
    }

    /* What it needs is known only now. */
    it = &s->policy->procedures[procedure].items[item];
    if (!decide_any_fresh(d)) {
        purpose = decide_next_needed(d, it->purposes);
        decide_ask(d, purpose,
                   purpose == decide_first_purpose(d) ||
                       decide_notice(d, purpose, it->purposes));
    }
    if (it->minors != MINORS_NO && procedure == s->guide.procedure &&
        s->guide.mandate == MANDATE_NONE)
        s->guide.mandate = MANDATE_NEEDED;
    pick_ask_item(d);
    persons_ask(d);
}

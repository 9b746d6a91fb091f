/*
 * Which of a procedure's items is a file for? By words of its caption or name,
 * by what the items take, by what is missing. What stays open after that only
 * the person knows.
 */
#include "match_private.h"

#include <string.h>

#include <sodium.h>

bool dialogue_item_open(const struct policy *policy,
                        const struct dialogue_guide *guide, int item)
{
    const struct policy_item *it;

    if (guide->procedure < 0)
        return false;
    it = &policy->procedures[guide->procedure].items[item];
    return it->channel == CHANNEL_IN_CHAT && guide->files[item] < it->files_max;
}

static int type_of(const struct policy *policy, const char *type)
{
    for (size_t i = 0; type != NULL && i < policy->ntypes; i++)
        if (strcmp(policy->types[i].media_type, type) == 0)
            return (int)i;
    return -1;
}

static unsigned sensitive_gates(const struct policy *policy,
                                enum media_kind kind, const char *type)
{
    unsigned gates = policy_gates(policy, kind, type == NULL ? "" : type);

    for (size_t i = 0; i < policy->npurposes; i++)
        if (!policy->purposes[i].sensitive)
            gates &= ~(1u << i);
    return gates;
}

/* A type that the policy does not know may be a name for one that it does: what
 * the file really is comes out later. */
bool dialogue_item_takes(const struct policy *policy,
                         const struct policy_item *item, enum media_kind kind,
                         const char *type)
{
    int place = type_of(policy, type);

    /* What the policy holds to be sensitive is so under any item: a photo that
     * is sent as a document is no form. */
    if ((item->kinds & (1u << kind)) == 0 ||
        (sensitive_gates(policy, kind, type) & ~item->purposes) != 0)
        return false;
    return place < 0 || (item->types & (UINT32_C(1) << place)) != 0;
}

/* The one that the words name, for whichever channel; -1 none, -2 several. */
static int named(const struct policy *policy,
                 const struct dialogue_guide *guide, const struct buf *hint)
{
    const struct policy_procedure *p = &policy->procedures[guide->procedure];
    int best = 0, found = -1;

    for (int i = 0; i < (int)p->nitems; i++) {
        bool full = p->items[i].channel == CHANNEL_IN_CHAT &&
                    !dialogue_item_open(policy, guide, i);
        int n =
            full ? 0 : match_words_score(policy, guide->procedure, i, hint);

        if (n > best)
            found = i;
        else if (n > 0 && n == best)
            found = -2;
        best = n > best ? n : best;
    }
    return found;
}

/* ---- what is open ------------------------------------------------------- */

static bool same(const struct policy_item *a, const struct policy_item *b)
{
    return a->kinds == b->kinds && a->types == b->types &&
           a->purposes == b->purposes;
}

/* Among those that take it: the only one of which nothing is there, else the
 * only one; the first, where it makes no difference. -1 none, -2 unclear. */
static int fitting(const struct policy *policy,
                   const struct dialogue_guide *guide,
                   const struct dialogue_file *file, bool empty)
{
    const struct policy_procedure *p = &policy->procedures[guide->procedure];
    int found = -1;

    for (int i = 0; i < (int)p->nitems; i++) {
        if (!dialogue_item_open(policy, guide, i) ||
            (empty && guide->files[i] > 0) ||
            !dialogue_item_takes(policy, &p->items[i], file->kind, file->type))
            continue;
        if (found == -1)
            found = i;
        else if (!same(&p->items[found], &p->items[i]))
            return -2;
    }
    return found;
}

void dialogue_match(const struct policy *policy,
                    const struct dialogue_guide *guide,
                    const struct dialogue_file *file,
                    struct dialogue_match *out)
{
    const struct policy_item *items;
    struct buf hint = { 0 };
    int item;

    *out = (struct dialogue_match){ .kind = MATCH_NONE, .item = -1 };
    if (guide->procedure < 0)
        return;
    match_words_add(&hint, file->caption);
    match_words_add(&hint, file->name);
    item = named(policy, guide, &hint);
    if (hint.p != NULL)
        sodium_memzero(hint.p, hint.len);
    buf_free(&hint);
    items = policy->procedures[guide->procedure].items;
    out->named = item >= 0;
    if (item >= 0) {
        out->item = item;
        out->kind =
            items[item].channel != CHANNEL_IN_CHAT ? MATCH_ELSEWHERE
            : dialogue_item_takes(policy, &items[item], file->kind, file->type)
                ? MATCH_ITEM
                : MATCH_WRONG;
        return;
    }

    if ((item = fitting(policy, guide, file, true)) == -1)
        item = fitting(policy, guide, file, false);
    out->item = item < 0 ? -1 : item;
    out->kind = item >= 0    ? MATCH_ITEM
                : item == -2 ? MATCH_UNCLEAR
                             : MATCH_UNREQUESTED;
}

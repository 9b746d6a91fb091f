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

/* ---- by words ------------------------------------------------------------ */

static bool is_full(const struct policy *policy,
                    const struct dialogue_guide *guide, int item)
{
    return policy->procedures[guide->procedure].items[item].channel ==
               CHANNEL_IN_CHAT &&
           !dialogue_item_open(policy, guide, item);
}

/* The one that the words name, for whichever channel: before one that has all
 * that it takes one that has not. -1 none, -2 several. */
static int named(const struct policy *policy,
                 const struct dialogue_guide *guide, const struct buf *hint)
{
    const struct policy_procedure *p = &policy->procedures[guide->procedure];
    int best = 0, found = -1;

    for (int i = 0; hint->len > 0 && i < (int)p->nitems; i++) {
        bool full = is_full(policy, guide, i);
        int n = 2 * match_words_score(policy, guide->procedure, i, hint);

        n -= n > 0 && full;
        if (n > best)
            found = i;
        else if (n > 0 && n == best)
            found = -2;
        best = n > best ? n : best;
    }
    return found;
}

static void read_words(const struct dialogue_file *file, struct buf *hint)
{
    match_words_add(hint, file->caption);
    match_words_add(hint, file->name);
}

static void forget_words(struct buf *hint)
{
    if (hint->p != NULL)
        sodium_memzero(hint->p, hint->len);
    buf_free(hint);
}

bool dialogue_names(const struct policy *policy, int procedure,
                    const struct dialogue_file *file)
{
    struct dialogue_guide fresh = { .procedure = procedure };
    struct buf hint = { 0 };
    bool is;

    read_words(file, &hint);
    is = named(policy, &fresh, &hint) >= 0;
    forget_words(&hint);
    return is;
}

/* What they named is that one. */
static void match_named(const struct policy *policy,
                        const struct dialogue_guide *guide,
                        const struct dialogue_file *file, int item,
                        struct dialogue_match *out)
{
    const struct policy_item *it =
        &policy->procedures[guide->procedure].items[item];

    out->named = true;
    out->item = item;
    out->more = is_full(policy, guide, item);
    if (it->channel != CHANNEL_IN_CHAT)
        out->kind = MATCH_ELSEWHERE;
    else if (!dialogue_item_takes(policy, it, file->kind, file->type))
        out->kind = MATCH_WRONG;
    else if (guide->files[item] >= it->files_max + LIMIT_ITEM_MORE)
        out->kind = MATCH_FULL;
    else
        out->kind = MATCH_ITEM;
}

/* ---- by what is open ----------------------------------------------------- */

/* Does it make no difference which of the two a file is for? */
static bool same(const struct policy *policy, int procedure, int one, int other)
{
    const struct policy_item *a = &policy->procedures[procedure].items[one];
    const struct policy_item *b = &policy->procedures[procedure].items[other];
    const struct procedure_texts *texts =
        &policy->languages[0].procedures[procedure];

    return a->kinds == b->kinds && a->types == b->types &&
           a->purposes == b->purposes && a->minors == b->minors &&
           strcmp(texts->items[one][ITEM_TITLE],
                  texts->items[other][ITEM_TITLE]) == 0;
}

/* Among those that take it: the only one of which nothing is there, else the
 * only one. -1 none, -2 unclear. */
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
        else if (!same(policy, guide->procedure, found, i))
            return -2;
    }
    return found;
}

/* The other side of a card is no child's paper, and a child's paper no other
 * side: where a guess would decide whether that is asked, nobody guesses. */
static bool may_be_a_childs(const struct policy *policy,
                            const struct dialogue_guide *guide,
                            const struct dialogue_file *file, int found)
{
    const struct policy_procedure *p = &policy->procedures[guide->procedure];

    for (int i = 0; i < (int)p->nitems; i++)
        if (p->items[i].minors != p->items[found].minors &&
            dialogue_item_open(policy, guide, i) &&
            dialogue_item_takes(policy, &p->items[i], file->kind, file->type))
            return true;
    return false;
}

/* Could it be another one of the procedure as well, were there room? */
static bool is_guess(const struct policy *policy,
                     const struct dialogue_guide *guide,
                     const struct dialogue_file *file)
{
    const struct policy_procedure *p = &policy->procedures[guide->procedure];
    int n = 0;

    for (int i = 0; i < (int)p->nitems; i++)
        n += p->items[i].channel == CHANNEL_IN_CHAT &&
             dialogue_item_takes(policy, &p->items[i], file->kind, file->type);
    return n > 1;
}

static void match_fitting(const struct policy *policy,
                          const struct dialogue_guide *guide,
                          const struct dialogue_file *file,
                          struct dialogue_match *out)
{
    int item = fitting(policy, guide, file, true);

    if (item == -1)
        item = fitting(policy, guide, file, false);
    else if (item >= 0 && may_be_a_childs(policy, guide, file, item))
        item = -2;
    out->item = item < 0 ? -1 : item;
    out->kind = item >= 0    ? MATCH_ITEM
                : item == -2 ? MATCH_UNCLEAR
                             : MATCH_UNREQUESTED;
}

void dialogue_match(const struct policy *policy,
                    const struct dialogue_guide *guide,
                    const struct dialogue_file *file,
                    struct dialogue_match *out)
{
    struct buf hint = { 0 };
    int item;

    *out = (struct dialogue_match){ .kind = MATCH_NONE, .item = -1 };
    if (guide->procedure < 0)
        return;
    read_words(file, &hint);
    item = named(policy, guide, &hint);
    if (item >= 0)
        match_named(policy, guide, file, item, out);
    else
        match_fitting(policy, guide, file, out);
    /* Words of their own that say something else, or could be about another. */
    out->guessed =
        item < 0 && out->kind == MATCH_ITEM &&
        (is_guess(policy, guide, file) || match_words_said(file->caption));
    forget_words(&hint);
}

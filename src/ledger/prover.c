/*
 * Proofs of several entries in one pass over the leaves. What stands beside a
 * wanted leaf on its way up is written down when the two are joined: while the
 * tree grows those on perfect subtrees, at the end those on its right edge.
 */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

struct ledger_prover {
    struct ledger_tree tree;
    struct ledger_proof *wanted; /* in the order of their index */
    size_t n, cap;
    bool closed;
};

struct ledger_prover *ledger_prover_new(void)
{
    return calloc(1, sizeof(struct ledger_prover));
}

void ledger_prover_free(struct ledger_prover **p)
{
    if (*p == NULL)
        return;
    free((*p)->wanted);
    free(*p);
    *p = NULL;
}

static int want(struct ledger_prover *p)
{
    size_t cap = p->cap == 0 ? 8 : 2 * p->cap;

    if (p->n == p->cap) {
        struct ledger_proof *grown = realloc(p->wanted, cap * sizeof(*grown));

        if (grown == NULL)
            return -1;
        p->wanted = grown;
        p->cap = cap;
    }
    p->wanted[p->n++] = (struct ledger_proof){ .index = p->tree.size };
    return 0;
}

static void beside(struct ledger_proof *proof,
                   const uint8_t node[static LEDGER_HASH_LEN])
{
    memcpy(proof->path[proof->n++], node, LEDGER_HASH_LEN);
}

/* `left` of leaves from `from` on and `right` of those from `middle` on become
 * one node, at the end of the tree: each stands beside the leaves of the other.
 */
static void note(struct ledger_prover *p, uint64_t from, uint64_t middle,
                 const uint8_t left[static LEDGER_HASH_LEN],
                 const uint8_t right[static LEDGER_HASH_LEN])
{
    for (size_t i = p->n; i > 0 && p->wanted[i - 1].index >= from; i--)
        beside(&p->wanted[i - 1],
               p->wanted[i - 1].index >= middle ? left : right);
}

int ledger_prover_add(struct ledger_prover *p,
                      const uint8_t leaf[static LEDGER_HASH_LEN], bool wanted)
{
    uint64_t index = p->tree.size;
    size_t left = (size_t)__builtin_popcountll(index);
    uint8_t node[LEDGER_HASH_LEN];

    if (wanted && want(p) != 0)
        return -1;
    memcpy(node, leaf, sizeof(node));
    for (unsigned level = 0; ((index >> level) & 1) != 0; level++) {
        uint64_t width = (uint64_t)1 << level;
        uint64_t middle = index >> level << level, from = middle - width;

        left--;
        note(p, from, middle, p->tree.frontier[left], node);
        ledger_tree_join(node, p->tree.frontier[left], node);
    }
    ledger_tree_add(&p->tree, leaf);
    return 0;
}

/* Up the right edge: the smallest perfect subtree first. */
static void close_all(struct ledger_prover *p)
{
    size_t n = (size_t)__builtin_popcountll(p->tree.size);
    uint64_t middle = p->tree.size & (p->tree.size - 1);
    uint8_t node[LEDGER_HASH_LEN];

    p->closed = true;
    for (size_t i = 0; i < p->n; i++)
        p->wanted[i].size = p->tree.size;
    if (n == 0)
        return;
    memcpy(node, p->tree.frontier[--n], sizeof(node));
    while (n > 0) {
        uint64_t from = middle & (middle - 1);

        n--;
        note(p, from, middle, p->tree.frontier[n], node);
        ledger_tree_join(node, p->tree.frontier[n], node);
        middle = from;
    }
}

const struct ledger_proof *ledger_prover_get(struct ledger_prover *p, size_t i)
{
    if (!p->closed)
        close_all(p);
    return i < p->n ? &p->wanted[i] : NULL;
}

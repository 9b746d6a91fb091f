/*
 * That an entry is in a tree. The nodes to the left of a leaf are the frontier
 * of the tree that it was added to; those to the right are made of what came
 * after it.
 */
#include "tree.h"

#include <string.h>

#include <sodium.h>

struct making {
    struct ledger_proof *proof;
    const struct ledger_tree *before;
    const uint8_t (*leaves)[LEDGER_HASH_LEN]; /* from the leaf on */
};

/* The largest power of two below n > 1. */
static uint64_t split(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* The root of leaves [from, to), all of which come after the leaf. */
static void root_of(const struct making *m, uint64_t from, uint64_t to,
                    uint8_t out[static LEDGER_HASH_LEN])
{
    struct ledger_tree tree = { 0 };

    for (uint64_t i = from; i < to; i++)
        ledger_tree_add(&tree, m->leaves[i - m->before->size]);
    ledger_tree_root(&tree, out);
}

int ledger_proof_make(struct ledger_proof *proof,
                      const struct ledger_tree *before,
                      const uint8_t (*leaves)[LEDGER_HASH_LEN], size_t n)
{
    const struct making m = { proof, before, leaves };
    uint64_t from = 0, to = before->size + n, at = before->size;
    uint8_t down[LEDGER_PROOF_MAX][LEDGER_HASH_LEN];
    size_t left = 0, depth = 0;

    if (n == 0)
        return -1;
    *proof = (struct ledger_proof){ .index = at, .size = to };

    /* From the root down: what stands beside the way to the leaf. The parts to
     * the left come in the order of the frontier, largest first. */
    while (to - from > 1) {
        uint64_t middle = from + split(to - from);

        if (at < middle) {
            root_of(&m, middle, to, down[depth++]);
            to = middle;
        } else {
            memcpy(down[depth++], before->frontier[left++], LEDGER_HASH_LEN);
            from = middle;
        }
    }
    for (size_t i = 0; i < depth; i++)
        memcpy(proof->path[i], down[depth - 1 - i], LEDGER_HASH_LEN);
    proof->n = depth;
    return 0;
}

bool ledger_proof_verify(const struct ledger_proof *proof,
                         const uint8_t leaf[static LEDGER_HASH_LEN],
                         const uint8_t root[static LEDGER_HASH_LEN])
{
    uint64_t fn = proof->index, sn = proof->size - 1;
    uint8_t r[LEDGER_HASH_LEN];

    if (proof->index >= proof->size || proof->n > LEDGER_PROOF_MAX)
        return false;
    memcpy(r, leaf, sizeof(r));
    for (size_t i = 0; i < proof->n; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            ledger_tree_join(r, proof->path[i], r);
            for (; (fn & 1) == 0 && fn != 0; fn >>= 1)
                sn >>= 1;
        } else {
            ledger_tree_join(r, r, proof->path[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && sodium_memcmp(r, root, sizeof(r)) == 0;
}

/*
 * Proofs from what is stored: RFC 6962, 2.1.1 and 2.1.2. Every node that they
 * name is the root of a run of leaves; of a full run every eighth level is a
 * row, and what lies between is joined from at most 128 of them.
 */
#include "tree.h"

#include <string.h>

#include <sodium.h>

#define HALF (LEDGER_TILE_WIDTH / 2)

struct proving {
    struct store *store;
    struct error *e;
};

/* The largest power of two below n > 1. */
static uint64_t split(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* The root of the n-th full run of 2^height leaves. */
static int full_root(const struct proving *p, unsigned height, uint64_t n,
                     uint8_t out[static LEDGER_HASH_LEN])
{
    unsigned above = height % LEDGER_TILE_HEIGHT;
    uint8_t hashes[HALF][LEDGER_HASH_LEN];
    size_t wide = (size_t)1 << above;

    if (tile_hashes(p->store, height / LEDGER_TILE_HEIGHT, n << above, wide,
                    hashes, p->e) != 0)
        return -1;
    for (; wide > 1; wide /= 2)
        for (size_t i = 0; i < wide / 2; i++)
            ledger_tree_join(hashes[i], hashes[2 * i], hashes[2 * i + 1]);
    memcpy(out, hashes[0], LEDGER_HASH_LEN);
    return 0;
}

/* The root of the leaves [from, to), a run that some tree was split into: it
 * begins at a multiple of the power of two that it fits into. Its full parts
 * come largest first. */
static int root_of(const struct proving *p, uint64_t from, uint64_t to,
                   uint8_t out[static LEDGER_HASH_LEN])
{
    uint8_t parts[64][LEDGER_HASH_LEN];
    size_t n = 0;

    do {
        unsigned height = 63u - (unsigned)__builtin_clzll(to - from);

        if (full_root(p, height, from >> height, parts[n++]) != 0)
            return -1;
        from += (uint64_t)1 << height;
    } while (from < to);
    memcpy(out, parts[--n], LEDGER_HASH_LEN);
    while (n > 0)
        ledger_tree_join(out, parts[--n], out);
    return 0;
}

/* Nodes were found from the root down, and a proof has them the other way. */
static void turn(uint8_t (*path)[LEDGER_HASH_LEN], size_t n)
{
    uint8_t keep[LEDGER_HASH_LEN];

    for (size_t i = 0; i < n / 2; i++) {
        memcpy(keep, path[i], sizeof(keep));
        memcpy(path[i], path[n - 1 - i], sizeof(keep));
        memcpy(path[n - 1 - i], keep, sizeof(keep));
    }
}

int ledger_prove(struct store *s, uint64_t index, uint64_t size,
                 struct ledger_proof *proof, struct error *e)
{
    const struct proving p = { s, e };
    uint64_t from = 0, to = size;

    if (index >= size)
        return error_set(e, ERR_INPUT, "no such entry in a tree of that size");
    *proof = (struct ledger_proof){ .index = index, .size = size };
    while (to - from > 1) {
        uint64_t middle = from + split(to - from);
        bool left = index < middle;

        if (root_of(&p, left ? middle : from, left ? to : middle,
                    proof->path[proof->n++]) != 0)
            return -1;
        from = left ? from : middle;
        to = left ? middle : to;
    }
    turn(proof->path, proof->n);
    return 0;
}

int ledger_prove_growth(struct store *s, uint64_t before, uint64_t size,
                        struct ledger_growth *g, struct error *e)
{
    const struct proving p = { s, e };
    uint64_t from = 0, to = size;

    if (before == 0 || before > size)
        return error_set(e, ERR_INPUT, "no tree of that size came before");
    *g = (struct ledger_growth){ .before = before, .size = size };

    /* Down to the run that ends where the former tree did. */
    while (to != before) {
        uint64_t middle = from + split(to - from);
        bool left = before <= middle;

        if (root_of(&p, left ? middle : from, left ? to : middle,
                    g->path[g->n++]) != 0)
            return -1;
        from = left ? from : middle;
        to = left ? middle : to;
    }
    /* Where that is the whole former tree, its root is known. */
    if (from != 0 && root_of(&p, from, to, g->path[g->n++]) != 0)
        return -1;
    turn(g->path, g->n);
    return 0;
}

bool ledger_growth_verify(const struct ledger_growth *g,
                          const uint8_t before[static LEDGER_HASH_LEN],
                          const uint8_t now[static LEDGER_HASH_LEN])
{
    uint64_t fn = g->before - 1, sn = g->size - 1;
    uint8_t fr[LEDGER_HASH_LEN], sr[LEDGER_HASH_LEN];
    const uint8_t *first = before;
    size_t at = 0;

    if (g->before == 0 || g->before > g->size || g->n > LEDGER_PROOF_MAX + 1)
        return false;
    if (g->before == g->size)
        return g->n == 0 && sodium_memcmp(before, now, LEDGER_HASH_LEN) == 0;

    /* Of a perfect former tree the proof leaves its root out. */
    if ((g->before & (g->before - 1)) != 0) {
        if (g->n == 0)
            return false;
        first = g->path[at++];
    }
    for (; (fn & 1) != 0; fn >>= 1)
        sn >>= 1;
    memcpy(fr, first, sizeof(fr));
    memcpy(sr, first, sizeof(sr));
    for (; at < g->n; at++) {
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            ledger_tree_join(fr, g->path[at], fr);
            ledger_tree_join(sr, g->path[at], sr);
            for (; (fn & 1) == 0 && fn != 0; fn >>= 1)
                sn >>= 1;
        } else {
            ledger_tree_join(sr, sr, g->path[at]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && sodium_memcmp(fr, before, sizeof(fr)) == 0 &&
           sodium_memcmp(sr, now, sizeof(sr)) == 0;
}

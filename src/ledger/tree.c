/* The Merkle tree of RFC 6962, as its frontier. */
#include "tree.h"

#include <string.h>

static size_t frontier_len(uint64_t size)
{
    return (size_t)__builtin_popcountll(size);
}

/* RFC 6962, 2.1: an inner node is the hash of 0x01, left and right. */
void ledger_tree_join(uint8_t out[static LEDGER_HASH_LEN],
                      const uint8_t left[static LEDGER_HASH_LEN],
                      const uint8_t right[static LEDGER_HASH_LEN])
{
    uint8_t both[2 * LEDGER_HASH_LEN];

    memcpy(both, left, LEDGER_HASH_LEN);
    memcpy(both + LEDGER_HASH_LEN, right, LEDGER_HASH_LEN);
    sha256_of_tagged(out, 1, both, sizeof(both));
}

size_t ledger_tree_grow(struct ledger_tree *t,
                        const uint8_t leaf[static LEDGER_HASH_LEN],
                        uint8_t (*tiles)[LEDGER_HASH_LEN])
{
    size_t n = frontier_len(t->size), height = 0;
    uint8_t hash[LEDGER_HASH_LEN];

    memcpy(hash, leaf, sizeof(hash));

    /* Two perfect subtrees of one size become the next larger one. */
    for (uint64_t rest = t->size; (rest & 1) != 0; rest >>= 1) {
        ledger_tree_join(hash, t->frontier[--n], hash);
        if (++height % LEDGER_TILE_HEIGHT == 0 && tiles != NULL)
            memcpy(tiles[height / LEDGER_TILE_HEIGHT - 1], hash, sizeof(hash));
    }
    memcpy(t->frontier[n], hash, sizeof(hash));
    t->size++;
    return height / LEDGER_TILE_HEIGHT;
}

void ledger_tree_add(struct ledger_tree *t,
                     const uint8_t leaf[static LEDGER_HASH_LEN])
{
    (void)ledger_tree_grow(t, leaf, NULL);
}

void ledger_tree_add_run(struct ledger_tree *t, unsigned height,
                         const uint8_t root[static LEDGER_HASH_LEN])
{
    size_t n = frontier_len(t->size);
    uint8_t hash[LEDGER_HASH_LEN];

    memcpy(hash, root, sizeof(hash));
    for (uint64_t rest = t->size >> height; (rest & 1) != 0; rest >>= 1)
        ledger_tree_join(hash, t->frontier[--n], hash);
    memcpy(t->frontier[n], hash, sizeof(hash));
    t->size += (uint64_t)1 << height;
}

void ledger_tree_root(const struct ledger_tree *t,
                      uint8_t out[static LEDGER_HASH_LEN])
{
    size_t n = frontier_len(t->size);

    if (n == 0) {
        sha256_of(out, NULL, 0);
        return;
    }
    memcpy(out, t->frontier[--n], LEDGER_HASH_LEN);
    while (n > 0)
        ledger_tree_join(out, t->frontier[--n], out);
}

int ledger_tree_encode(const struct ledger_tree *t, struct buf *out)
{
    size_t n = frontier_len(t->size) * LEDGER_HASH_LEN;
    uint8_t size[8];

    le64_put(size, t->size);
    if (buf_reserve(out, sizeof(size) + n) != 0)
        return -1;
    (void)buf_add(out, size, sizeof(size));
    (void)buf_add(out, t->frontier, n);
    return 0;
}

int ledger_tree_decode(struct ledger_tree *t, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint64_t size;

    if (len < 8)
        return -1;
    size = le64_get(p);
    if (len - 8 != frontier_len(size) * LEDGER_HASH_LEN)
        return -1;
    memset(t, 0, sizeof(*t));
    t->size = size;
    memcpy(t->frontier, p + 8, len - 8);
    return 0;
}

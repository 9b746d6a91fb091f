/* An entry becomes rows: the one way in, for what happens and for a turn. */
#include "enter.h"

#include "tree.h"

/* The leaf is a row already: the tree grows, and the runs that are full now are
 * rows, too. */
static int grow(struct store *s, struct ledger_tree *tree,
                const uint8_t leaf[static LEDGER_HASH_LEN], struct error *e)
{
    uint8_t tiles[LEDGER_TILE_LEVELS][LEDGER_HASH_LEN];
    struct ledger_tree next = *tree;
    size_t full = ledger_tree_grow(&next, leaf, tiles);

    for (size_t i = 0; i < full; i++)
        if (tile_hash_add(s, (unsigned)i + 1,
                          (next.size >> ((i + 1) * LEDGER_TILE_HEIGHT)) - 1,
                          tiles[i], e) != 0)
            return -1;
    *tree = next;
    return 0;
}

int ledger_enter(struct store *s, struct ledger_index *index,
                 struct ledger_tree *tree, const void *entry, size_t len,
                 struct error *e)
{
    uint8_t leaf[LEDGER_HASH_LEN];

    ledger_leaf_hash(leaf, entry, len);
    if (ledger_row_add(s, tree->size, entry, len, leaf, e) != 0 ||
        ledger_index_add(index, s, tree->size, entry, len, e) != 0)
        return -1;
    return grow(s, tree, leaf, e);
}

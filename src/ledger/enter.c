/* An entry becomes rows: the one way in, for what happens and for a turn. */
#include "enter.h"

int ledger_enter(struct store *s, struct ledger_index *index,
                 struct ledger_tree *tree, const void *entry, size_t len,
                 struct error *e)
{
    uint8_t leaf[LEDGER_HASH_LEN];

    ledger_leaf_hash(leaf, entry, len);
    if (ledger_row_add(s, tree->size, entry, len, leaf, e) != 0 ||
        ledger_index_add(index, s, tree->size, entry, len, e) != 0)
        return -1;
    ledger_tree_add(tree, leaf);
    return 0;
}

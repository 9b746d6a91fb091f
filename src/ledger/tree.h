/* Inner nodes. */
#ifndef RESGUARDO_LEDGER_TREE_H
#define RESGUARDO_LEDGER_TREE_H

#include "resguardo/ledger.h"

/* The node above two; out may be one of them. */
void ledger_tree_join(uint8_t out[static LEDGER_HASH_LEN],
                      const uint8_t left[static LEDGER_HASH_LEN],
                      const uint8_t right[static LEDGER_HASH_LEN]);

/* Levels of the tree between two that are stored (c2sp.org/tlog-tiles): 256
 * hashes become one. */
#define LEDGER_TILE_HEIGHT 8u
#define LEDGER_TILE_WIDTH  (1u << LEDGER_TILE_HEIGHT)
#define LEDGER_TILE_LEVELS (64u / LEDGER_TILE_HEIGHT - 1)

/* ledger_tree_add; the roots of the runs of 256, 65,536 … leaves that this one
 * makes full go to tiles[0], tiles[1] … (NULL: nowhere). How many. */
size_t ledger_tree_grow(struct ledger_tree *,
                        const uint8_t leaf[static LEDGER_HASH_LEN],
                        uint8_t (*tiles)[LEDGER_HASH_LEN]);

/* As many leaves at once, 2^height, of which this is the root; the tree's size
 * is a multiple of that. */
void ledger_tree_add_run(struct ledger_tree *, unsigned height,
                         const uint8_t root[static LEDGER_HASH_LEN]);

#endif

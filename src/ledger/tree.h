/* Inner nodes. */
#ifndef RESGUARDO_LEDGER_TREE_H
#define RESGUARDO_LEDGER_TREE_H

#include "resguardo/ledger.h"

/* The node above two; out may be one of them. */
void ledger_tree_join(uint8_t out[static LEDGER_HASH_LEN],
                      const uint8_t left[static LEDGER_HASH_LEN],
                      const uint8_t right[static LEDGER_HASH_LEN]);

#endif

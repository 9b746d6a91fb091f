/* The rows that one entry makes. */
#ifndef RESGUARDO_LEDGER_ENTER_H
#define RESGUARDO_LEDGER_ENTER_H

#include "resguardo/ledger.h"

/* Inside the writer's transaction: the entry's row, where the consent log is,
 * and the tree, which grows by it only when all of that succeeded. */
int ledger_enter(struct store *, struct ledger_index *, struct ledger_tree *,
                 const void *entry, size_t, struct error *);

#endif

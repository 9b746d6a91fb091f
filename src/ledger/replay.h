/* replay: does the database still hold what the head promised? */
#ifndef LEDGER_REPLAY_H
#define LEDGER_REPLAY_H

#include "resguardo/ledger.h"

/* The tree that the database claims. ERR_VERIFY: it is none. */
int ledger_load_tree(struct store *, struct ledger_tree *, struct error *);

/* `now` is the tree that the database claims, `promised` the one of the head.
 * Reads the rows from the last promised one on. ERR_VERIFY when now is
 * smaller, does not grow out of promised, or is not what the rows give. */
int ledger_replay_check(struct store *, const struct ledger_tree *promised,
                        const struct ledger_tree *now, struct error *);

/* The same from the first row to the last of `now`; more may follow. 1: `stop`
 * said so. */
int ledger_replay_all(struct store *, const struct ledger_tree *now, store_stop,
                      void *arg, struct error *);

#endif

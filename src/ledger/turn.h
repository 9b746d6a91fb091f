/*
 * turn: a change of key or origin that is under way. Two files beside the keys
 * say what it is to be: ledger-next, the key, and turn, one line of JSON that
 * makes it count: {"index": N} for an exchange of the key, whose entry N the
 * database is about to have or not; {"entry": …, "index": N, "last": note} for
 * a reopening. Each step after that may be done again, so that whoever opens
 * the ledger after a crash finishes the change or, where an exchange was never
 * committed, drops it.
 */
#ifndef LEDGER_TURN_H
#define LEDGER_TURN_H

#include "head.h"
#include "key.h"

struct ledger_turn {
    struct ledger_key next;
    uint64_t index;
    bool reopening;
    struct buf entry, last; /* of a reopening */
};
void ledger_turn_free(struct ledger_turn *);

/* HOST/XXXXXXXX: a restored or second instance of a host is another log. */
int ledger_draw_origin(char out[static LEDGER_ORIGIN_SIZE], const char *host,
                       const struct random_source *, struct error *);

/* Durable when it returns 0. */
int ledger_turn_write(const struct ledger_turn *, const char *keys_dir,
                      struct error *);
/* 1: there is one, 0: none, -1. ERR_VERIFY: it is not one of ours. */
int ledger_turn_load(struct ledger_turn *, const char *keys_dir,
                     struct error *);
/* It is over, or never was. */
int ledger_turn_drop(const char *keys_dir, struct error *);

/* Is its entry in the database? 1, 0, -1. */
int ledger_turn_entered(struct store *, const struct ledger_turn *,
                        struct error *);
/* A reopening: puts entry, tree and origin into the database, unless they are
 * there. ERR_VERIFY: it was begun for another database. */
int ledger_turn_enter(struct store *, const struct ledger_turn *,
                      struct error *);
/* Its entry is committed, and `tree` is what is: writes history, head and key,
 * and ends. `former` signs, too (an exchange), or is NULL. `base`: the tree of
 * the first base->size entries, none of them after its own. Fills *head. */
int ledger_turn_finish(struct store *, const struct ledger_turn *,
                       const struct ledger_key *former,
                       const struct ledger_tree *base,
                       const struct ledger_tree *tree, struct ledger_head *head,
                       struct error *);
#endif

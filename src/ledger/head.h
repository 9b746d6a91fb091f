/*
 * head: the largest tree that this instance ever signed, in keys/head, outside
 * the database, so that a database which is older is noticed. One line of RFC
 * 8785 JSON: {"note": the signed checkpoint, "tree": hex of size and frontier}.
 */
#ifndef LEDGER_HEAD_H
#define LEDGER_HEAD_H

#include "key.h"

struct ledger_head {
    struct ledger_tree tree;
    struct buf note; /* the signed checkpoint of this tree */
};

/* Signs the tree, also with a second key of the same origin (or NULL): fills
 * head (zero or a former one), writes nothing. */
int ledger_head_sign(struct ledger_head *, const struct ledger_tree *,
                     const struct ledger_key *, const struct ledger_key *second,
                     struct error *);
/* Durable when it returns 0; atomic. */
int ledger_head_write(const struct ledger_head *, const char *keys_dir,
                      struct error *);
/* ERR_VERIFY: missing, malformed, or not signed by the key. */
int ledger_head_load(struct ledger_head *, const char *keys_dir,
                     const char *vkey, struct error *);
void ledger_head_free(struct ledger_head *);

#endif

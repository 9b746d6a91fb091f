/* leaf: what an entry must be to stand at its place in the log. */
#ifndef LEDGER_LEAF_H
#define LEDGER_LEAF_H

#include "resguardo/ledger.h"

/* RFC 8785 JSON object of at most LIMIT_LEDGER_ENTRY bytes; "v" is 1, "index"
 * is `index`, "time" is a time as time_format writes it. ERR_VERIFY names the
 * index and what is wrong; ERR_NOMEM. */
int ledger_leaf_check(const void *entry, size_t, uint64_t index,
                      struct error *);
/* The same of an entry that was written from this object: members and length,
 * its form is known. */
int ledger_leaf_check_members(const json_t *entry, size_t len, uint64_t index,
                              struct error *);
/* The bytes of ledger_append_texts: in canonical form by how they are put
 * together. */
int ledger_leaf_compose(const struct ledger_text *, size_t n, uint64_t index,
                        struct buf *out, struct error *);

#endif

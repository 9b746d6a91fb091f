/* bundle_batch: the entries of a bundle, each with the leaf hash that it must
 * have, as many as fit into a buffer at a time. */
#ifndef LEDGER_BUNDLE_BATCH_H
#define LEDGER_BUNDLE_BATCH_H

#include "bundle_lines.h"

struct batch {
    uint64_t from; /* the first one's index */
    size_t n;      /* at most LEDGER_LINES_MAX */
    struct ledger_line *lines;
    uint8_t (*hashes)[LEDGER_HASH_LEN]; /* of these, as `leaves` has them */
    int more;            /* 1: go on, 0: that was the last, -1: see behind */
    struct error behind; /* what is wrong with the entry after these */
};

struct batches {
    struct lines entries, leaves;
    uint64_t size; /* of what was signed */
    uint64_t next; /* index */
    struct batch two[2];
    unsigned turn;
};

/* Of the bundle in `folder`. ERR_NOT_FOUND, ERR_IO, ERR_NOMEM; batches_close
 * also then. */
int batches_open(struct batches *, const char *folder, uint64_t size,
                 struct error *);
void batches_close(struct batches *);
/* The next one. It stays until the second call from now. */
struct batch *batches_next(struct batches *);
/* After the last one: are there leaves of entries that there are not? */
int batches_end(struct batches *, struct error *);

#endif

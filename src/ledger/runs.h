/* runs: the leaves of 32 entries each, checked and hashed on two cores. */
#ifndef LEDGER_RUNS_H
#define LEDGER_RUNS_H

#include "resguardo/ledger.h"

/* A run is a perfect subtree: RUN_LEN entries from a multiple of it on. To hand
 * one out costs little beside its 25 us of work, and the last one that a thread
 * is busy with is what the other waits for. */
#define RUN_HEIGHT 5u
#define RUN_LEN    ((size_t)1 << RUN_HEIGHT)
#define RUNS_MAX   (LEDGER_LINES_MAX / RUN_LEN)

struct runs; /* opaque: a thread that helps, if there is a core for it */
/* NULL: no memory. With no core, or no thread, to be had it works alone. */
struct runs *runs_new(void);
void runs_free(struct runs **); /* joins */

/* Starts on `n` runs (at most RUNS_MAX) of lines that stay where they are until
 * runs_end, which comes before the next start; the caller has that time for
 * other work. The first line is entry `from`, a multiple of RUN_LEN. */
void runs_begin(struct runs *, const struct ledger_line *lines, uint64_t from,
                size_t n);
/* Does what is left of them. Is each good: every entry what must stand at its
 * place, and hashed to its leaf? Then *roots are theirs, until the next start.
 * False is no verdict, and no place: whoever wants to know looks at the entries
 * one by one. */
bool runs_end(struct runs *, const uint8_t (**roots)[LEDGER_HASH_LEN]);

#endif

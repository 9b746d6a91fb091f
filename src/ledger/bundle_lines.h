/* bundle_lines: a file of a bundle, line by line. Lines are looked at where
 * they were read to: there are millions. Those of one buffer stay until the
 * second time from then that one is filled. */
#ifndef LEDGER_BUNDLE_LINES_H
#define LEDGER_BUNDLE_LINES_H

#include "resguardo/ledger.h"

#include <stdio.h>

struct lines {
    FILE *file;
    const char *name;        /* borrowed */
    uint8_t *buffer, *other; /* by turns */
    size_t at, end;          /* what is in `buffer` */
    const uint8_t *line;
    size_t len;
};

/* `name` in `folder`. ERR_NOT_FOUND, ERR_IO; lines_close also then. */
int lines_open(struct lines *, const char *folder, const char *name,
               struct error *);
void lines_close(struct lines *);
/* 1 with line and len, 0 at the end, -1; `n` is the line's number, for words.
 */
int lines_next(struct lines *, uint64_t n, struct error *);
/* Is there a whole line to be had, so that those before it stay where they are?
 */
bool lines_ready(const struct lines *);

#endif

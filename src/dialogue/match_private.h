/* The words of a caption and of the name of a file: what they name. */
#ifndef RESGUARDO_MATCH_PRIVATE_H
#define RESGUARDO_MATCH_PRIVATE_H

#include "resguardo/dialogue.h"

/* Adds the words of a text, folded, each between two spaces; of NULL, and of
 * what is too long for a caption, none. */
void match_words_add(struct buf *hint, const char *text);
/* Does a caption (or NULL) say something, or has it no more than words of
 * every sentence? */
bool match_words_said(const char *caption);
/* How many words of the item's title they have, in the best language. */
int match_words_score(const struct policy *, int procedure, int item,
                      const struct buf *hint);

#endif

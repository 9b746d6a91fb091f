/* change: what the lines of a history are made of. */
#ifndef LEDGER_CHANGE_H
#define LEDGER_CHANGE_H

#include "resguardo/ledger.h"

/* Appends it: a line that says what it is, and the entry as RFC 8785 without
 * the two signatures. -1: no memory. */
int ledger_change_text(const json_t *entry, struct buf *out);

/* The key of evidence.MEMBER in the entry of a line of a history, as text that
 * nobody checked; -1: it has none. */
int ledger_change_key(const char *line, size_t, const char *member,
                      char out[static LEDGER_VKEY_SIZE]);
/* How much of a history leads to this key: what follows is of keys that never
 * signed. 0: no line does, it is the first key. */
size_t ledger_history_end(const char *text, size_t, const char *vkey);
/* Is its last line an exchange of the key, and when was that? */
bool ledger_history_rotated(const char *text, size_t, msec *when);

#endif

/* change: what officers sign when a ledger is reopened. */
#ifndef LEDGER_CHANGE_H
#define LEDGER_CHANGE_H

#include "resguardo/ledger.h"

/* Appends it: a line that says what it is, and the entry as RFC 8785 without
 * the two signatures. -1: no memory. */
int ledger_change_text(const json_t *entry, struct buf *out);

#endif

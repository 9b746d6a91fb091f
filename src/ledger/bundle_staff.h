/* Staff in a bundle: the keyring log that lies beside the entries, and whether
 * whoever an entry names was on it, in that role and with that key, at that
 * place of the log. Private to the bundle. */
#ifndef RESGUARDO_LEDGER_BUNDLE_STAFF_H
#define RESGUARDO_LEDGER_BUNDLE_STAFF_H

#include "resguardo/base.h"

struct bundle_staff; /* opaque */

/* Reads keyring.jsonl of the folder and checks it by itself: each entry is
 * chained to the one before it and signed by who was an officer then. *root is
 * the hash of the first. ERR_VERIFY names the line; ERR_NOT_FOUND. */
int bundle_staff_open(struct bundle_staff **, const char *folder,
                      uint8_t root[static SHA256_LEN], struct error *);
void bundle_staff_close(struct bundle_staff **);

/* May an entry of this type be of staff? Of others nothing need be read. */
bool bundle_staff_minds(const char *event_type, size_t);
/* NULL, or what is wrong with the next entry, in words (static). Fed in order
 * with all that it minds. */
const char *bundle_staff_wrong(struct bundle_staff *,
                               const struct json_node *entry);
/* The log told of every line. ERR_VERIFY. */
int bundle_staff_end(const struct bundle_staff *, struct error *);

#endif

/* bundle_stamp: time stamps in a bundle, which are outside bytes like all of
 * it. Each is three files: stamp-SIZE.checkpoint, .tsq and .tsr. */
#ifndef LEDGER_BUNDLE_STAMP_H
#define LEDGER_BUNDLE_STAMP_H

#include "resguardo/ledger.h"

/* The stamped trees must be ones that the log grew through. They may be signed
 * with a former key: what vouches for them is their stamp. ERR_VERIFY. */
int bundle_stamps_expect(const char *folder, const struct ledger_checkpoint *,
                         struct ledger_verifier *, struct error *);
/* The certificates that the bundle brings, if any. */
int bundle_authorities(const char *folder, struct buf *ca, struct error *);
/* What is wrong with the stamp of an entry checkpoint_stamped, or NULL; static.
 * Without certificates only what it is of is looked at. */
const char *bundle_stamp_wrong(const char *folder,
                               const struct json_node *entry,
                               const struct buf *ca, msec *time);

#endif

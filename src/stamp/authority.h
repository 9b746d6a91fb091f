/* authority: one question over HTTP, and its answer, which nobody trusts yet.
 */
#ifndef STAMP_AUTHORITY_H
#define STAMP_AUTHORITY_H

#include "resguardo/ledger.h"

struct authority {
    const char *url, *proxy, *ca_file; /* proxy, ca_file (of TLS): or NULL */
    const bool *stop;                  /* atomic: give up */
};
/* POSTs the query (RFC 3161, 3.4). *answer is replaced: at most
 * LIMIT_STAMP_BYTES, in LIMIT_STAMP_S. Not STAMP_OK: error says why. */
enum stamp_failure authority_ask(const struct authority *,
                                 const struct buf *query, struct buf *answer,
                                 struct error *);

#endif

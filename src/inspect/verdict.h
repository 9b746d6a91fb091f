/*
 * verdict: the judge's answer on the wire. Both sides use it; the daemon
 * takes nothing from it that is outside the closed alphabets.
 */
#ifndef RESGUARDO_INSPECT_VERDICT_H
#define RESGUARDO_INSPECT_VERDICT_H

#include "resguardo/inspect.h"

/* Longest payload of a JUDGE_VERDICT frame, both NULs included. */
#define VERDICT_BYTES ((size_t)MEDIA_TYPE_SIZE + FINDING_SIZE)

/* Sets the media type in lower case; "" when `type` is not of the form
 * name/name in the alphabet of RFC 6838 §4.2 or does not fit. */
void inspect_verdict_type(struct inspect_verdict *, const char *type);

/* Appends the payload of a JUDGE_VERDICT frame. -1: no memory. */
int inspect_verdict_encode(const struct inspect_verdict *, struct buf *out);

/* Takes the payload of a JUDGE_VERDICT frame: two terminated strings of the
 * closed alphabets (type: "" or lower-case name/name; finding: a-z, 0-9, "-"
 * and "_"), nothing after them. -1 on anything else, verdict wiped. */
int inspect_verdict_decode(struct inspect_verdict *, const uint8_t *, size_t);

#endif

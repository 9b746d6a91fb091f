/*
 * framing: what a request's header says about where it ends, read so that no
 * other reader can understand it differently. libmicrohttpd lets several
 * ambiguous forms through; all that can be seen are refused here.
 */
#ifndef RESGUARDO_GATEWAY_FRAMING_H
#define RESGUARDO_GATEWAY_FRAMING_H

#include "resguardo/base.h"

struct gateway_framing {
    int64_t length;        /* Content-Length, -1 when absent */
    bool chunked;          /* Transfer-Encoding: chunked */
    const char *signature; /* X-Hub-Signature-256, NULL when absent */
    unsigned lengths, encodings, hosts, signatures;
    bool broken;
};

/* Notes one header field; sizes as received. Keeps `value`. */
void gateway_framing_note(struct gateway_framing *, const char *name,
                          size_t name_len, const char *value, size_t value_len);

/* Is the whole unambiguous (RFC 9112 §6.3, RFC 9110 §5)? Two lengths, hosts,
 * encodings or signatures, a length beside an encoding, an encoding other than
 * chunked or under HTTP/1.0, a length that is not digits, a name that is no
 * token, a control character in a value, no host under HTTP/1.1: false. */
bool gateway_framing_clear(const struct gateway_framing *, const char *version);

#define GATEWAY_FRAMING_INIT                                                   \
    {                                                                          \
        .length = -1                                                           \
    }

#endif

/* Lines out of a stream that comes in pieces of any size. */
#include "cli.h"

#include <string.h>

/* An entry in base64 and what is around it is far shorter. */
#define LINE_MAX_BYTES ((size_t)1024 * 1024)

int splitter_add(struct splitter *s, const void *bytes, size_t len,
                 struct error *e)
{
    const char *at = bytes;

    while (len > 0) {
        const char *end = memchr(at, '\n', len);
        size_t n = end != NULL ? (size_t)(end - at) : len;

        if (s->rest.len + n > LINE_MAX_BYTES)
            return error_set(e, ERR_INPUT, "the desk sent too long a line");
        if (s->rest.len == 0 && end != NULL) { /* where it stands */
            if (s->line(s->arg, at, n, e) != 0)
                return -1;
            at += n + 1;
            len -= n + 1;
            continue;
        }
        if (buf_add(&s->rest, at, n) != 0)
            return error_set(e, ERR_NOMEM, "no memory for a line");
        if (end == NULL)
            return 0;
        if (s->line(s->arg, (const char *)s->rest.p, s->rest.len, e) != 0)
            return -1;
        buf_reset(&s->rest);
        at += n + 1;
        len -= n + 1;
    }
    return 0;
}

int splitter_end(struct splitter *s, struct error *e)
{
    size_t left = s->rest.len;

    buf_free(&s->rest);
    if (left > 0)
        return error_set(e, ERR_VERIFY, "the desk's last line is cut");
    return 0;
}

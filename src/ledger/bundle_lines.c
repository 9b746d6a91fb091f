/* Lines out of a large buffer. */
#include "bundle_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* At once: a batch of a verifier's entries, 4,000 of the usual size. */
#define PIECE ((size_t)2 * 1024 * 1024)

int lines_open(struct lines *l, const char *folder, const char *name,
               struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    l->name = name;
    l->buffer = malloc(PIECE + LIMIT_LEDGER_ENTRY + 1);
    l->other = malloc(PIECE + LIMIT_LEDGER_ENTRY + 1);
    if (l->buffer == NULL || l->other == NULL ||
        buf_addf(&path, "%s/%s", folder, name) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for lines");
    else if ((l->file = fopen((const char *)path.p, "re")) == NULL)
        (void)error_errno(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                          "cannot read %s", (const char *)path.p);
    else
        ok = 0;
    buf_free(&path);
    return ok;
}

void lines_close(struct lines *l)
{
    if (l->file != NULL)
        (void)fclose(l->file);
    free(l->other);
    free(l->buffer);
}

/* What is left of the buffer goes to the front of the other one, and more comes
 * behind it. */
static void lines_fill(struct lines *l)
{
    uint8_t *filled = l->other;

    memcpy(filled, l->buffer + l->at, l->end - l->at);
    l->other = l->buffer;
    l->buffer = filled;
    l->end -= l->at;
    l->at = 0;
    l->end += fread(l->buffer + l->end, 1, PIECE, l->file);
}

bool lines_ready(const struct lines *l)
{
    return memchr(l->buffer + l->at, '\n', l->end - l->at) != NULL;
}

int lines_next(struct lines *l, uint64_t n, struct error *e)
{
    const uint8_t *end = memchr(l->buffer + l->at, '\n', l->end - l->at);

    if (end == NULL && l->end - l->at <= LIMIT_LEDGER_ENTRY) {
        lines_fill(l);
        end = memchr(l->buffer, '\n', l->end);
    }
    l->line = l->buffer + l->at;
    l->len = (end == NULL ? l->end : (size_t)(end - l->buffer)) - l->at;
    if (ferror(l->file))
        return error_errno(e, ERR_IO, "cannot read %s", l->name);
    if (l->len > LIMIT_LEDGER_ENTRY)
        return error_set(e, ERR_VERIFY, "entry %" PRIu64 ": %s is too long", n,
                         l->name);
    if (end != NULL) {
        l->at += l->len + 1;
        return 1;
    }
    return l->len == 0 ? 0
                       : error_set(e, ERR_VERIFY,
                                   "entry %" PRIu64 ": %s is cut", n, l->name);
}

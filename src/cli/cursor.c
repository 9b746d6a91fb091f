/* How far a follower is: a file that is replaced whole, and a lock beside it.
 */
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define CURSOR_MAX ((size_t)1024)

/* The cursor itself gets a new inode each time, so the lock has its own. */
static int lock_beside(struct cursor *c, struct error *e)
{
    struct buf path = { 0 };
    int ok = -1;

    if (buf_addf(&path, "%s.lock", c->path) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    c->lock = open((const char *)path.p,
                   O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (c->lock < 0)
        (void)error_errno(e, ERR_IO, "cannot open %s", (const char *)path.p);
    else if (flock(c->lock, LOCK_EX | LOCK_NB) == 0)
        ok = 0;
    else if (errno == EWOULDBLOCK) {
        (void)error_set(e, ERR_CONFLICT, "%s is in use", c->path);
        (void)error_hint(e, "one follower a cursor: another needs its own "
                            "--cursor");
    } else
        (void)error_errno(e, ERR_IO, "cannot lock %s", (const char *)path.p);
out:
    buf_free(&path);
    return ok;
}

static int parse(struct cursor *c, const struct buf *text, struct error *e)
{
    struct error why = { 0 };
    json_t *o = json_parse(text->p, text->len, &why);
    const json_t *next = json_object_get(o, "next");
    const char *leaf = json_str(o, "leaf");
    int ok = -1;

    if (!json_is_integer(next) || json_integer_value(next) < 1 ||
        leaf == NULL ||
        hex_decode(c->leaf, sizeof(c->leaf), leaf, strlen(leaf), false) != 0) {
        (void)error_set(e, ERR_INPUT, "%s is no cursor", c->path);
        (void)error_hint(e, "restore it; without it, events begin anew");
    } else {
        c->next = (uint64_t)json_integer_value(next);
        c->there = true;
        ok = 0;
    }
    json_decref(o);
    return ok;
}

int cursor_open(struct cursor *c, const char *path, struct error *e)
{
    struct buf text = { 0 };
    int ok = -1;

    *c = (struct cursor){ .path = strdup(path), .lock = -1 };
    if (c->path == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a cursor");
    if (lock_beside(c, e) != 0)
        return -1;
    if (file_read(path, CURSOR_MAX, &text, e) == 0)
        ok = parse(c, &text, e);
    else if (e->code == ERR_NOT_FOUND) {
        *e = (struct error){ 0 };
        ok = 0;
    }
    buf_free(&text);
    return ok;
}

int cursor_move(struct cursor *c, uint64_t next,
                const uint8_t leaf[static LEDGER_HASH_LEN], struct error *e)
{
    char hex[HEX_SIZE(LEDGER_HASH_LEN)], line[128];
    int n;

    hex_encode(hex, leaf, LEDGER_HASH_LEN);
    n = snprintf(line, sizeof(line), "{\"leaf\":\"%s\",\"next\":%" PRIu64 "}\n",
                 hex, next);
    if (file_replace(c->path, line, (size_t)n, e) != 0)
        return -1;
    c->next = next;
    memcpy(c->leaf, leaf, LEDGER_HASH_LEN);
    c->there = true;
    return 0;
}

void cursor_close(struct cursor *c)
{
    if (c->lock >= 0)
        (void)close(c->lock);
    free(c->path);
    *c = (struct cursor){ .lock = -1 };
}

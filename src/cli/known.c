/*
 * IDENTITY.known: what this person has seen at each desk. It is how a CLI
 * notices that a daemon, or somebody in its place, tells another story today.
 *
 * Several may run at once. Nothing is locked while a desk is asked; what one of
 * them learnt is put into the file as it is then, under a lock, and nothing
 * that another learnt meanwhile is lost or goes back.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1024 * 1024)

struct known {
    char *path;
    json_t *lines; /* array of objects */
    json_t *mine;  /* the one of this address; borrowed from lines */
    json_t *read;  /* mine, as it was in the file */
    bool changed;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for what is known");
}

/* ---- reading ------------------------------------------------------------ */

static int add_line(struct known *k, const char *line, size_t len, size_t n,
                    struct error *e)
{
    struct error why;
    json_t *o = json_parse(line, len, &why);

    if (o == NULL || json_str(o, "address") == NULL) {
        json_decref(o);
        (void)error_set(e, ERR_INPUT, "%s:%zu: not a line of ours", k->path, n);
        return error_hint(e, "restore the file, or remove it and check by "
                             "other means whom you talk to");
    }
    return json_array_append_new(k->lines, o) == 0 ? 0 : no_memory(e);
}

static int read_lines(struct known *k, struct error *e)
{
    struct buf text = { 0 };
    size_t n = 0;
    int ok = -1;

    if (file_read(k->path, FILE_MAX, &text, e) != 0) {
        ok = e->code == ERR_NOT_FOUND ? 0 : -1;
        goto out;
    }
    for (size_t at = 0; at < text.len;) {
        const char *line = (const char *)text.p + at;
        const char *end = memchr(line, '\n', text.len - at);
        size_t len = end != NULL ? (size_t)(end - line) : text.len - at;

        if (len > 0 && add_line(k, line, len, ++n, e) != 0)
            goto out;
        at += len + 1;
    }
    ok = 0;
out:
    buf_free(&text);
    return ok;
}

static int find_mine(struct known *k, const char *address, struct error *e)
{
    json_t *line;
    size_t i;

    json_array_foreach(k->lines, i, line)
    {
        if (strcmp(json_str(line, "address"), address) == 0)
            k->mine = line;
    }
    if (k->mine == NULL) {
        k->mine = json_pack("{s:s, s:n, s:n, s:n}", "address", address,
                            "keyring_root", "ledger_key", "checkpoint");
        if (json_array_append_new(k->lines, k->mine) != 0)
            return no_memory(e);
    }
    k->read = json_deep_copy(k->mine);
    return k->read != NULL ? 0 : no_memory(e);
}

int known_open(struct known **out, const char *identity, const char *address,
               struct error *e)
{
    struct known *k = calloc(1, sizeof(*k));
    struct buf path = { 0 };

    *out = NULL;
    if (k == NULL)
        return no_memory(e);
    k->lines = json_array();
    if (identity == NULL) {
        (void)error_set(e, ERR_INPUT, "there is no identity");
        (void)error_hint(e, "name yours with --identity FILE");
        goto fail;
    }
    if (buf_addf(&path, "%s.known", identity) != 0) {
        (void)no_memory(e);
        goto fail;
    }
    k->path = (char *)path.p;
    if (read_lines(k, e) != 0 || find_mine(k, address, e) != 0)
        goto fail;
    *out = k;
    return 0;
fail:
    known_close(&k);
    return -1;
}

void known_close(struct known **known)
{
    struct known *k = *known;

    if (k == NULL)
        return;
    json_decref(k->read);
    json_decref(k->lines);
    free(k->path);
    free(k);
    *known = NULL;
}

const char *known_get(const struct known *k, const char *member)
{
    return json_str(k->mine, member);
}

/* ---- changing ----------------------------------------------------------- */

int known_set(struct known *k, const char *member, const char *value,
              struct error *e)
{
    const char *former = known_get(k, member);

    if (former != NULL && strcmp(former, value) == 0)
        return 0;
    if (json_object_set_new(k->mine, member, json_string(value)) != 0)
        return no_memory(e);
    k->changed = true;
    return 0;
}

int known_forget(struct known *k, const char *member, struct error *e)
{
    if (json_object_set_new(k->mine, member, json_null()) != 0)
        return no_memory(e);
    k->changed = true;
    return 0;
}

int known_pin(struct known *k, const char *member, const char *value,
              const char *what, bool *first, struct error *e)
{
    const char *former = known_get(k, member);

    if (first != NULL)
        *first = former == NULL;
    if (former == NULL)
        return known_set(k, member, value, e);
    if (strcmp(former, value) == 0)
        return 0;
    (void)error_set(e, ERR_VERIFY, "%s is not the one seen here before", what);
    return error_hint(e,
                      "what was seen before is in %s; ask an officer what "
                      "changed",
                      k->path);
}

/* ---- saving ------------------------------------------------------------- */

/* The folder's, so that no file is left for it; -1. */
static int lock_folder(const char *path, struct error *e)
{
    struct buf folder = { 0 };
    int fd = -1;

    if (path_beside(&folder, path, ".") != 0) {
        (void)no_memory(e);
        goto out;
    }
    fd = open((const char *)folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        if (errno == EINTR)
            continue;
        (void)close(fd);
        fd = -1;
    }
    if (fd < 0)
        (void)error_errno(e, ERR_IO, "cannot lock the folder of %s", path);
out:
    buf_free(&folder);
    return fd;
}

/* How far it had come: the number that a keyring's head begins with, or the
 * second line of a checkpoint. 0: nothing. */
static int64_t size_of(const char *member, const char *value)
{
    const char *at = value, *end;
    int64_t size = 0;

    if (at != NULL && strcmp(member, "keyring_head") != 0) {
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    end = at != NULL ? at + strcspn(at, " \n") : NULL;
    if (at == NULL || decimal_parse(at, (size_t)(end - at), INT64_MAX, &size))
        return 0;
    return size;
}

static bool same(const json_t *a, const json_t *b)
{
    return json_equal(a, b) ||
           ((a == NULL || json_is_null(a)) && (b == NULL || json_is_null(b)));
}

/* What we learnt beside what another run learnt meanwhile. What grows does not
 * shrink; two first contacts that met different keys cannot both be right. */
static int settle(const struct known *k, json_t *theirs, const char *member,
                  json_t *ours, struct error *e)
{
    const char *other = json_str(theirs, member);
    const char *value = json_string_value(ours);
    bool grows = strcmp(member, "keyring_root") != 0 &&
                 strcmp(member, "ledger_key") != 0;

    if (other != NULL && value != NULL && strcmp(other, value) != 0) {
        int64_t most = size_of(member, other), here = size_of(member, value);

        if (!grows || most == here) {
            (void)error_set(e, ERR_VERIFY,
                            "another run met another %s here at the same time",
                            member);
            return error_hint(e, "what it saw is in %s; ask an officer",
                              k->path);
        }
        if (most > here)
            return 0;
    }
    return json_object_set(theirs, member, ours) == 0 ? 0 : no_memory(e);
}

static int merge(const struct known *k, json_t *theirs, struct error *e)
{
    const char *member;
    json_t *ours;

    json_object_foreach(k->mine, member, ours)
    {
        const json_t *was = json_object_get(k->read, member);

        if (same(ours, was))
            continue;
        if (same(json_object_get(theirs, member), was)) {
            if (json_object_set(theirs, member, ours) != 0)
                return no_memory(e);
        } else if (settle(k, theirs, member, ours, e) != 0) {
            return -1;
        }
    }
    return 0;
}

static int write_lines(const struct known *k, struct error *e)
{
    struct buf text = { 0 };
    json_t *line;
    size_t i;
    int ok = 0;

    json_array_foreach(k->lines, i, line)
    {
        char *one = json_dumps(line, JSON_COMPACT);

        if (one == NULL || buf_addf(&text, "%s\n", one) != 0)
            ok = no_memory(e);
        free(one);
    }
    if (ok == 0)
        ok = file_replace(k->path, text.p, text.len, e);
    buf_free(&text);
    return ok;
}

int known_save(struct known *k, struct error *e)
{
    struct known now = { .path = k->path };
    int lock, ok = -1;

    if (!k->changed)
        return 0;
    /* Who has no identity (an auditor) may have no folder for it. */
    if (identity_folders(k->path, e) != 0)
        return -1;
    lock = lock_folder(k->path, e);
    if (lock < 0)
        return -1;
    now.lines = json_array();
    if (read_lines(&now, e) == 0 &&
        find_mine(&now, json_str(k->mine, "address"), e) == 0 &&
        merge(k, now.mine, e) == 0)
        ok = write_lines(&now, e);
    if (ok == 0) {
        json_decref(k->lines);
        k->lines = json_incref(now.lines);
        k->mine = now.mine;
        json_decref(k->read);
        k->read = json_deep_copy(now.mine);
        k->changed = false;
    }
    json_decref(now.read);
    json_decref(now.lines);
    (void)close(lock);
    return ok;
}

bool known_kept(const struct known *k)
{
    return !k->changed;
}

int known_keep(struct known *k, struct error *e)
{
    struct error why = { 0 };

    if (known_save(k, &why) == 0)
        return 0;
    if (why.code == ERR_VERIFY) {
        *e = why;
        return -1;
    }
    (void)fprintf(stderr, "warning: %s\n", why.text);
    return 0;
}

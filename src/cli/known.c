/*
 * IDENTITY.known: what this person has seen at each desk. It is how a CLI
 * notices that a daemon, or somebody in its place, tells another story today.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1024 * 1024)

struct known {
    char *path;
    json_t *lines; /* array of objects */
    json_t *mine;  /* the one of this address; borrowed from lines */
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
    if (k->mine != NULL)
        return 0;
    k->mine = json_pack("{s:s, s:n, s:n, s:n}", "address", address,
                        "keyring_root", "ledger_key", "checkpoint");
    return json_array_append_new(k->lines, k->mine) == 0 ? 0 : no_memory(e);
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

int known_save(struct known *k, struct error *e)
{
    struct buf text = { 0 };
    json_t *line;
    size_t i;
    int ok = 0;

    if (!k->changed)
        return 0;
    json_array_foreach(k->lines, i, line)
    {
        char *one = json_dumps(line, JSON_COMPACT);

        if (one == NULL || buf_addf(&text, "%s\n", one) != 0)
            ok = no_memory(e);
        free(one);
    }
    if (ok == 0)
        ok = file_replace(k->path, text.p, text.len, e);
    if (ok == 0)
        k->changed = false;
    buf_free(&text);
    return ok;
}

void known_keep(struct known *k)
{
    struct error e = { 0 };

    if (known_save(k, &e) != 0)
        (void)fprintf(stderr, "warning: %s\n", e.text);
}

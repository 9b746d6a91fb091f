/* keys/head: the largest tree that was ever signed. */
#include "head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "head"
/* A full frontier in hex, a note with one signature, and the braces. */
#define FILE_MAX ((size_t)8192)

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for the ledger's head");
}

/* ---- signing ------------------------------------------------------------ */

int ledger_head_sign(struct ledger_head *h, const struct ledger_tree *tree,
                     const struct ledger_key *key,
                     const struct ledger_key *second, struct error *e)
{
    struct ledger_checkpoint c = { .size = tree->size };
    struct buf text = { 0 };
    int ok = -1;

    (void)snprintf(c.origin, sizeof(c.origin), "%s", key->origin);
    ledger_tree_root(tree, c.root);
    if (ledger_checkpoint_format(&c, &text) != 0) {
        (void)no_memory(e);
        goto out;
    }
    buf_reset(&h->note);
    if (note_sign(&h->note, (const char *)text.p, key->origin, key->seed, e) !=
            0 ||
        (second != NULL && note_sign_too(&h->note, (const char *)text.p,
                                         key->origin, second->seed, e) != 0))
        goto out;
    h->tree = *tree;
    ok = 0;
out:
    buf_free(&text);
    return ok;
}

/* ---- writing ------------------------------------------------------------ */

/* Appends bytes in hex, quoted. */
static int add_hex(struct buf *out, const struct buf *bytes)
{
    size_t n = HEX_SIZE(bytes->len);

    if (buf_adds(out, "\"") != 0 || buf_reserve(out, n) != 0)
        return -1;
    hex_encode((char *)out->p + out->len, bytes->p, bytes->len);
    out->len += n - 1;
    return buf_adds(out, "\"");
}

static int format(const struct ledger_head *h, struct buf *out)
{
    json_t *note = json_stringn((const char *)h->note.p, h->note.len);
    struct buf tree = { 0 };
    int ok = -1;

    if (note != NULL && ledger_tree_encode(&h->tree, &tree) == 0 &&
        buf_adds(out, "{\"note\":") == 0 && json_canonical(note, out) == 0 &&
        buf_adds(out, ",\"tree\":") == 0 && add_hex(out, &tree) == 0 &&
        buf_adds(out, "}\n") == 0)
        ok = 0;
    buf_free(&tree);
    json_decref(note);
    return ok;
}

int ledger_head_write(const struct ledger_head *h, const char *keys_dir,
                      struct error *e)
{
    struct buf path = { 0 }, text = { 0 };
    int ok = -1;

    if (buf_addf(&path, "%s" FILE_NAME, keys_dir) != 0 || format(h, &text) != 0)
        (void)no_memory(e);
    else
        ok = file_replace((const char *)path.p, text.p, text.len, e);
    buf_free(&text);
    buf_free(&path);
    return ok;
}

/* ---- reading ------------------------------------------------------------ */

static int parse_tree(struct ledger_tree *tree, const char *hex)
{
    size_t n = hex == NULL ? 0 : strlen(hex) / 2;
    uint8_t bytes[8 + sizeof(tree->frontier)];

    if (n == 0 || n > sizeof(bytes) ||
        hex_decode(bytes, n, hex, strlen(hex), false) != 0)
        return -1;
    return ledger_tree_decode(tree, bytes, n);
}

/* The tree must be the one that the note was signed for. */
static int check(const struct ledger_head *h, const char *vkey, struct error *e)
{
    struct ledger_checkpoint c;
    uint8_t root[LEDGER_HASH_LEN];

    if (ledger_checkpoint_open(&c, (const char *)h->note.p, h->note.len, vkey,
                               e) != 0)
        return error_set(e, ERR_VERIFY,
                         "keys/" FILE_NAME
                         " is not signed by this ledger's key");
    ledger_tree_root(&h->tree, root);
    if (c.size != h->tree.size || memcmp(c.root, root, sizeof(root)) != 0)
        return error_set(e, ERR_VERIFY,
                         "keys/" FILE_NAME " contradicts its own checkpoint");
    return 0;
}

static int parse(struct ledger_head *h, const struct buf *text, struct error *e)
{
    json_t *json = json_parse(text->p, text->len, e);
    const char *note;
    int ok = -1;

    if (json == NULL && e->code == ERR_NOMEM)
        goto out;
    note = json == NULL ? NULL : json_str(json, "note");
    if (note == NULL || parse_tree(&h->tree, json_str(json, "tree")) != 0)
        (void)error_set(e, ERR_VERIFY, "keys/" FILE_NAME " is malformed");
    else if (buf_adds(&h->note, note) != 0)
        (void)no_memory(e);
    else
        ok = 0;
out:
    json_decref(json);
    return ok;
}

int ledger_head_load(struct ledger_head *h, const char *keys_dir,
                     const char *vkey, struct error *e)
{
    struct buf path = { 0 }, text = { 0 };
    int ok = -1;

    memset(h, 0, sizeof(*h));
    if (buf_addf(&path, "%s" FILE_NAME, keys_dir) != 0) {
        (void)no_memory(e);
        goto out;
    }
    if (file_read((const char *)path.p, FILE_MAX, &text, e) != 0) {
        if (e->code == ERR_NOT_FOUND || e->code == ERR_INPUT)
            e->code = ERR_VERIFY;
        goto out;
    }
    if (parse(h, &text, e) != 0 || check(h, vkey, e) != 0)
        goto out;
    ok = 0;
out:
    buf_free(&text);
    buf_free(&path);
    if (ok != 0)
        ledger_head_free(h);
    return ok;
}

void ledger_head_free(struct ledger_head *h)
{
    buf_free(&h->note);
    memset(h, 0, sizeof(*h));
}

/* A change of the ledger's key or origin, in steps that may be done again. */
#include "turn.h"

#include "change.h"
#include "enter.h"
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TURN    "turn"
#define HISTORY "history"
/* An entry, a note with many witnesses, and the braces. */
#define TURN_MAX ((size_t)256 * 1024)

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a change of the ledger");
}

void ledger_turn_free(struct ledger_turn *t)
{
    ledger_key_wipe(&t->next);
    buf_free(&t->entry);
    buf_free(&t->last);
    memset(t, 0, sizeof(*t));
}

static int path_of(struct buf *out, const char *keys_dir, const char *name,
                   struct error *e)
{
    return buf_addf(out, "%s%s", keys_dir, name) == 0 ? 0 : no_memory(e);
}

/* ---- what is to be ------------------------------------------------------ */

static json_t *text_of(const struct buf *b)
{
    return json_stringn((const char *)b->p, b->len);
}

int ledger_turn_write(const struct ledger_turn *t, const char *keys_dir,
                      struct error *e)
{
    json_t *o = json_pack("{s:I}", "index", (json_int_t)t->index);
    struct buf path = { 0 }, text = { 0 };
    int ok = -1;

    if (t->reopening &&
        (json_object_set_new(o, "entry", text_of(&t->entry)) != 0 ||
         json_object_set_new(o, "last", text_of(&t->last)) != 0)) {
        (void)no_memory(e);
        goto out;
    }
    if (path_of(&path, keys_dir, TURN, e) != 0)
        goto out;
    if (o == NULL || json_canonical(o, &text) != 0 || buf_adds(&text, "\n"))
        (void)no_memory(e);
    else if (ledger_turn_drop(keys_dir, e) == 0 &&
             ledger_key_replace(&t->next, keys_dir, LEDGER_KEY_NEXT, e) == 0)
        ok = file_replace((const char *)path.p, text.p, text.len, e);
out:
    json_decref(o);
    buf_free(&text);
    buf_free(&path);
    return ok;
}

static int parse(struct ledger_turn *t, const struct buf *text, struct error *e)
{
    json_t *o = json_parse(text->p, text->len, e);
    const json_t *index = json_object_get(o, "index");
    const char *entry = json_str(o, "entry"), *last = json_str(o, "last");
    int ok = -1;

    if (o == NULL && e->code == ERR_NOMEM)
        return -1;
    if (!json_is_integer(index) || json_integer_value(index) < 0 ||
        (entry == NULL) != (last == NULL)) {
        (void)error_set(e, ERR_VERIFY, "keys/" TURN " is malformed");
        goto out;
    }
    t->index = (uint64_t)json_integer_value(index);
    t->reopening = entry != NULL;
    if (t->reopening &&
        (buf_adds(&t->entry, entry) != 0 || buf_adds(&t->last, last) != 0))
        (void)no_memory(e);
    else
        ok = 0;
out:
    json_decref(o);
    return ok;
}

int ledger_turn_load(struct ledger_turn *t, const char *keys_dir,
                     struct error *e)
{
    struct buf path = { 0 }, text = { 0 };
    int ok = -1;

    memset(t, 0, sizeof(*t));
    if (path_of(&path, keys_dir, TURN, e) != 0)
        goto out;
    if (file_read((const char *)path.p, TURN_MAX, &text, e) != 0) {
        ok = e->code == ERR_NOT_FOUND ? 0 : -1;
        goto out;
    }
    if (parse(t, &text, e) == 0 &&
        ledger_key_load(&t->next, keys_dir, LEDGER_KEY_NEXT, e) == 0)
        ok = 1;
    else if (e->code == ERR_INPUT || e->code == ERR_NOT_FOUND)
        e->code = ERR_VERIFY;
out:
    if (ok < 0)
        ledger_turn_free(t);
    buf_free(&text);
    buf_free(&path);
    return ok;
}

/* 1 when it was there, 0, -1. */
static int drop_turn(const char *keys_dir, struct error *e)
{
    struct buf path = { 0 };
    int ok = path_of(&path, keys_dir, TURN, e);

    if (ok == 0 && unlink((const char *)path.p) == 0)
        ok = 1;
    else if (ok == 0 && errno != ENOENT)
        ok = error_errno(e, ERR_IO, "cannot remove %s", (const char *)path.p);
    buf_free(&path);
    return ok;
}

static int sync_keys(const char *keys_dir, struct error *e)
{
    int fd = open(keys_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int ok = fd >= 0 && fsync(fd) == 0
                 ? 0
                 : error_errno(e, ERR_IO, "cannot sync %s", keys_dir);

    if (fd >= 0)
        (void)close(fd);
    return ok;
}

/* First what makes it count; a key alone is nothing. */
int ledger_turn_drop(const char *keys_dir, struct error *e)
{
    int was_there = drop_turn(keys_dir, e);

    if (was_there < 0 || (was_there > 0 && sync_keys(keys_dir, e) != 0))
        return -1;
    return ledger_key_drop(keys_dir, LEDGER_KEY_NEXT, e);
}

/* ---- the database ------------------------------------------------------- */

struct entered {
    const struct ledger_turn *turn;
    struct buf *entry; /* out, or NULL */
    bool is;
};

static int look(void *arg, uint64_t idx, const uint8_t *entry, size_t len,
                const uint8_t *leaf)
{
    struct entered *x = arg;
    struct error ignored = { 0 };
    json_t *o = json_parse(entry, len, &ignored);
    const char *vkey = json_str(json_object_get(o, "evidence"), "vkey");

    (void)idx;
    (void)leaf;
    x->is = vkey != NULL && strcmp(vkey, x->turn->next.vkey) == 0;
    json_decref(o);
    return x->is && x->entry != NULL ? buf_add(x->entry, entry, len) : 0;
}

static int find_entry(struct store *s, const struct ledger_turn *t,
                      struct buf *entry, struct error *e)
{
    struct entered x = { t, entry, false };

    e->code = ERR_NONE;
    if (ledger_row_list(s, t->index, t->index + 1, look, &x, e) != 0)
        return e->code != ERR_NONE ? -1 : no_memory(e);
    return x.is;
}

int ledger_turn_entered(struct store *s, const struct ledger_turn *t,
                        struct error *e)
{
    return find_entry(s, t, NULL, e);
}

static int put_rows(struct store *s, const struct ledger_turn *t,
                    struct ledger_tree *tree, struct error *e)
{
    struct ledger_index index = { 0 };
    struct buf bytes = { 0 };
    int ok = -1;

    if (ledger_enter(s, &index, tree, t->entry.p, t->entry.len, e) != 0)
        return -1;
    if (ledger_tree_encode(tree, &bytes) != 0)
        (void)no_memory(e);
    else if (meta_set_bytes(s, "ledger_tree", bytes.p, bytes.len, e) == 0)
        ok = meta_set_bytes(s, "origin", t->next.origin, strlen(t->next.origin),
                            e);
    buf_free(&bytes);
    return ok;
}

int ledger_turn_enter(struct store *s, const struct ledger_turn *t,
                      struct error *e)
{
    struct ledger_tree tree;
    int entered = ledger_turn_entered(s, t, e);

    if (entered != 0)
        return entered > 0 ? 0 : -1;
    if (ledger_load_tree(s, &tree, e) != 0)
        return -1;
    if (tree.size != t->index) {
        (void)error_set(e, ERR_VERIFY,
                        "the ledger was about to be reopened after %" PRIu64
                        " entries, and has %" PRIu64,
                        t->index, tree.size);
        return error_hint(e, "run resguardo ledger reopen again");
    }
    if (store_begin(s, e) != 0)
        return -1;
    if (put_rows(s, t, &tree, e) == 0)
        return store_commit(s, e);
    store_rollback(s);
    return -1;
}

/* ---- history ------------------------------------------------------------ */

int ledger_history_load(const char *keys_dir, struct buf *text, struct error *e)
{
    struct buf path = { 0 };
    int ok = path_of(&path, keys_dir, HISTORY, e);

    if (ok == 0 &&
        file_read((const char *)path.p, LIMIT_LEDGER_HISTORY, text, e) != 0)
        ok = e->code == ERR_NOT_FOUND ? buf_adds(text, "") : -1;
    buf_free(&path);
    return ok;
}

struct leaves {
    struct ledger_tree before; /* grows up to the entry */
    const struct ledger_turn *turn;
    uint8_t (*list)[LEDGER_HASH_LEN]; /* from the entry on */
    size_t n;
};

static int collect(void *arg, uint64_t idx, const uint8_t *entry, size_t len,
                   const uint8_t *leaf)
{
    struct leaves *l = arg;
    uint8_t(*grown)[LEDGER_HASH_LEN];

    (void)entry;
    (void)len;
    if (idx < l->turn->index) {
        ledger_tree_add(&l->before, leaf);
        return 0;
    }
    grown = realloc(l->list, (l->n + 1) * sizeof(*grown));
    if (grown == NULL)
        return -1;
    l->list = grown;
    memcpy(grown[l->n++], leaf, LEDGER_HASH_LEN);
    return 0;
}

static int make_proof(struct store *s, const struct ledger_turn *t,
                      const struct ledger_tree *base, const struct buf *note,
                      uint64_t size, struct buf *out, struct error *e)
{
    struct leaves l = { .before = *base, .turn = t };
    struct ledger_proof proof;
    int ok = -1;

    e->code = ERR_NONE;
    if (ledger_row_list(s, base->size, size, collect, &l, e) != 0)
        ok = e->code != ERR_NONE ? -1 : no_memory(e);
    else if (l.before.size != t->index ||
             ledger_proof_make(&proof, &l.before,
                               (const uint8_t(*)[LEDGER_HASH_LEN])l.list,
                               l.n) != 0)
        ok = error_set(e, ERR_VERIFY,
                       "entry %" PRIu64 " of the ledger is missing", t->index);
    else if (ledger_proof_write(out, &proof, note->p, note->len) != 0)
        ok = no_memory(e);
    else
        ok = 0;
    free(l.list);
    return ok;
}

/* The line, behind the one that led to the former key. What may follow that is
 * of changes that were begun, ended by a crash, and never reached keys/head. */
static int add_line(const struct ledger_turn *t, const char *keys_dir,
                    const struct buf *entry, const struct buf *proof,
                    struct error *e)
{
    json_t *o = json_pack("{s:o, s:o}", "entry", text_of(entry), "proof",
                          text_of(proof));
    struct buf path = { 0 }, text = { 0 }, line = { 0 };
    char former[LEDGER_VKEY_SIZE] = "";
    int ok = -1;

    if (o == NULL ||
        (t->reopening &&
         json_object_set_new(o, "last", text_of(&t->last)) != 0) ||
        json_canonical(o, &line) != 0) {
        (void)no_memory(e);
        goto out;
    }
    if (ledger_history_load(keys_dir, &text, e) != 0 ||
        path_of(&path, keys_dir, HISTORY, e) != 0)
        goto out;
    (void)ledger_change_key((const char *)line.p, line.len, "former_vkey",
                            former);
    text.len = ledger_history_end((const char *)text.p, text.len, former);
    if (buf_add(&text, line.p, line.len) != 0 || buf_adds(&text, "\n") != 0)
        (void)no_memory(e);
    else
        ok = file_replace((const char *)path.p, text.p, text.len, e);
out:
    json_decref(o);
    buf_free(&line);
    buf_free(&text);
    buf_free(&path);
    return ok;
}

/* ---- the end of it ------------------------------------------------------ */

static int remember(struct store *s, const struct ledger_turn *t,
                    const struct ledger_tree *base,
                    const struct ledger_head *head, struct error *e)
{
    struct buf entry = { 0 }, proof = { 0 };
    int found = find_entry(s, t, &entry, e), ok = -1;

    if (found == 0)
        (void)error_set(e, ERR_VERIFY,
                        "entry %" PRIu64 " does not name the ledger's new key",
                        t->index);
    else if (found > 0 && make_proof(s, t, base, &head->note, head->tree.size,
                                     &proof, e) == 0)
        ok = add_line(t, store_keys_dir(s), &entry, &proof, e);
    buf_free(&proof);
    buf_free(&entry);
    return ok;
}

int ledger_turn_finish(struct store *s, const struct ledger_turn *t,
                       const struct ledger_key *former,
                       const struct ledger_tree *base,
                       const struct ledger_tree *tree, struct ledger_head *head,
                       struct error *e)
{
    const char *keys_dir = store_keys_dir(s);

    /* The former key's line stands first, as in any note that it signed. */
    if (ledger_head_sign(head, tree, former != NULL ? former : &t->next,
                         former != NULL ? &t->next : NULL, e) != 0)
        return -1;
    return remember(s, t, base, head, e) != 0 ||
                   ledger_head_write(head, keys_dir, e) != 0 ||
                   ledger_key_replace(&t->next, keys_dir, LEDGER_KEY, e) != 0
               ? -1
               : ledger_turn_drop(keys_dir, e);
}

/* The log of this instance: append, flush, sign after the commit. */
#include "resguardo/ledger.h"

#include "head.h"
#include "key.h"
#include "leaf.h"
#include "replay.h"
#include "tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct ledger {
    struct store *store;
    char *keys_dir; /* a checkpoint must not need a store that is open */
    struct ledger_key key;
    struct ledger_head head; /* the largest tree that was ever signed */
    /* What is committed; with the batch so far; at the savepoint. */
    struct ledger_tree committed, working, marked;
    struct ledger_index index;
};

/* ---- opening ------------------------------------------------------------ */

/* keys/ledger and the database must be of one instance. */
static int check_origin(struct ledger *l, struct error *e)
{
    struct buf origin = { 0 };
    int ok = -1;

    if (meta_get_bytes(l->store, "origin", &origin, e) < 0)
        goto out;
    if (origin.len != strlen(l->key.origin) ||
        memcmp(origin.p, l->key.origin, origin.len) != 0) {
        (void)error_set(e, ERR_VERIFY,
                        "keys/ledger is of %s, the database of another ledger",
                        l->key.origin);
        goto out;
    }
    ok = 0;
out:
    buf_free(&origin);
    return ok;
}

static int load_tree(struct store *s, struct ledger_tree *tree, struct error *e)
{
    struct buf bytes = { 0 };
    int ok = -1;

    if (meta_get_bytes(s, "ledger_tree", &bytes, e) < 0)
        goto out;
    if (ledger_tree_decode(tree, bytes.p, bytes.len) != 0) {
        (void)error_set(e, ERR_VERIFY, "the ledger's tree is malformed");
        goto out;
    }
    ok = 0;
out:
    buf_free(&bytes);
    return ok;
}

int ledger_reload(struct ledger *l, struct store *s, struct error *e)
{
    struct ledger_tree tree;

    if (load_tree(s, &tree, e) != 0 ||
        ledger_replay_check(s, &l->head.tree, &tree, e) != 0)
        return -1;
    l->store = s;
    ledger_index_forget(&l->index);
    l->committed = l->working = l->marked = tree;
    return 0;
}

int ledger_open(struct ledger **out, struct store *s, struct error *e)
{
    struct ledger *l = calloc(1, sizeof(*l));
    int ok = -1;

    if (l == NULL || (l->keys_dir = strdup(store_keys_dir(s))) == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for the ledger");
        goto out;
    }
    l->store = s;
    if (ledger_key_load(&l->key, l->keys_dir, e) != 0 ||
        ledger_head_load(&l->head, l->keys_dir, &l->key, e) != 0 ||
        check_origin(l, e) != 0 || ledger_reload(l, s, e) != 0)
        goto out;
    *out = l;
    l = NULL;
    ok = 0;
out:
    ledger_close(&l);
    return ok;
}

int ledger_recheck(struct store *s, store_stop stop, void *arg, struct error *e)
{
    struct ledger_tree tree;

    return load_tree(s, &tree, e) != 0
               ? -1
               : ledger_replay_all(s, &tree, stop, arg, e);
}

void ledger_close(struct ledger **l)
{
    if (*l == NULL)
        return;
    ledger_head_free(&(*l)->head);
    ledger_key_wipe(&(*l)->key);
    free((*l)->keys_dir);
    free(*l);
    *l = NULL;
}

/* ---- appending ---------------------------------------------------------- */

static int number(json_t *entry, uint64_t index, struct error *e)
{
    if (!json_is_object(entry))
        return error_set(e, ERR_INVARIANT, "a ledger entry is an object");
    if (json_object_set_new(entry, "v", json_integer(1)) != 0 ||
        json_object_set_new(entry, "index", json_integer((json_int_t)index)) !=
            0)
        return error_set(e, ERR_NOMEM, "no memory for a ledger entry");
    return 0;
}

/* The leaf is a row already: the working tree grows, and the runs that are full
 * now are rows, too. */
static int grow(struct ledger *l, const uint8_t leaf[static LEDGER_HASH_LEN],
                struct error *e)
{
    uint8_t tiles[LEDGER_TILE_LEVELS][LEDGER_HASH_LEN];
    struct ledger_tree next = l->working;
    size_t full = ledger_tree_grow(&next, leaf, tiles);

    for (size_t i = 0; i < full; i++)
        if (tile_hash_add(l->store, (unsigned)i + 1,
                          (next.size >> ((i + 1) * LEDGER_TILE_HEIGHT)) - 1,
                          tiles[i], e) != 0)
            return -1;
    l->working = next;
    return 0;
}

int ledger_append(struct ledger *l, json_t *entry, uint64_t *index,
                  struct error *e)
{
    uint64_t at = l->working.size;
    uint8_t leaf[LEDGER_HASH_LEN];
    struct buf bytes = { 0 };
    int ok = -1;

    if (number(entry, at, e) != 0)
        goto out;
    if (json_canonical(entry, &bytes) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a ledger entry");
        goto out;
    }

    /* What a verifier would refuse later is refused now; that the bytes are
     * canonical we have just seen to. */
    if (ledger_leaf_check_members(entry, bytes.len, at, e) != 0) {
        if (e->code == ERR_VERIFY)
            e->code = ERR_INVARIANT;
        goto out;
    }
    ledger_leaf_hash(leaf, bytes.p, bytes.len);
    if (ledger_row_add(l->store, at, bytes.p, bytes.len, leaf, e) != 0 ||
        grow(l, leaf, e) != 0 ||
        ledger_index_add(&l->index, l->store, at, bytes.p, bytes.len, e) != 0)
        goto out;
    if (index != NULL)
        *index = at;
    ok = 0;
out:
    buf_free(&bytes);
    return ok;
}

const struct ledger_tree *ledger_working(const struct ledger *l)
{
    return &l->working;
}

void ledger_mark(struct ledger *l)
{
    l->marked = l->working;
}

void ledger_rewind(struct ledger *l)
{
    ledger_index_forget(&l->index);
    l->working = l->marked;
}

int ledger_flush(struct ledger *l, struct error *e)
{
    struct buf bytes = { 0 };
    int ok = -1;

    if (l->working.size == l->committed.size)
        return 0;
    if (ledger_tree_encode(&l->working, &bytes) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for the ledger's tree");
    else
        ok = meta_set_bytes(l->store, "ledger_tree", bytes.p, bytes.len, e);
    buf_free(&bytes);
    return ok;
}

void ledger_committed(struct ledger *l)
{
    l->committed = l->marked = l->working;
}

void ledger_undone(struct ledger *l)
{
    ledger_index_forget(&l->index);
    l->working = l->marked = l->committed;
}

/* ---- what was committed ------------------------------------------------- */

uint64_t ledger_size(const struct ledger *l)
{
    return l->committed.size;
}

const char *ledger_vkey(const struct ledger *l)
{
    return l->key.vkey;
}

/* Of one size there is one tree, for ever. */
static int check_head(const struct ledger *l, struct error *e)
{
    uint8_t now[LEDGER_HASH_LEN], signed_root[LEDGER_HASH_LEN];

    if (l->working.size != l->committed.size)
        return error_set(e, ERR_INVARIANT,
                         "a checkpoint was asked for inside a transaction");
    ledger_tree_root(&l->committed, now);
    ledger_tree_root(&l->head.tree, signed_root);
    if (l->committed.size < l->head.tree.size ||
        (l->committed.size == l->head.tree.size &&
         memcmp(now, signed_root, sizeof(now)) != 0))
        return error_set(e, ERR_VERIFY,
                         "another tree of %" PRIu64 " entries was signed",
                         l->head.tree.size);
    return 0;
}

/* Signs the committed tree; only a durable head takes the former's place. */
static int advance(struct ledger *l, struct error *e)
{
    struct ledger_head next = { 0 };
    int ok = -1;

    if (ledger_head_sign(&next, &l->committed, &l->key, e) != 0 ||
        ledger_head_write(&next, l->keys_dir, e) != 0)
        goto out;
    ledger_head_free(&l->head);
    l->head = next;
    memset(&next, 0, sizeof(next));
    ok = 0;
out:
    ledger_head_free(&next);
    return ok;
}

int ledger_checkpoint(struct ledger *l, struct buf *note, struct error *e)
{
    if (check_head(l, e) != 0)
        return -1;
    if (l->committed.size > l->head.tree.size && advance(l, e) != 0)
        return -1;
    if (buf_add(note, l->head.note.p, l->head.note.len) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a checkpoint");
    return 0;
}

/* The log of this instance: append, flush, sign after the commit. */
#include "resguardo/ledger.h"

#include "change.h"
#include "enter.h"
#include "head.h"
#include "key.h"
#include "leaf.h"
#include "replay.h"
#include "turn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct ledger {
    struct store *store;
    char *keys_dir; /* a checkpoint must not need a store that is open */
    struct ledger_key key;
    struct ledger_head head; /* the largest tree that was ever signed */
    struct ledger_turn turn; /* the key that takes its place; or nothing */
    /* What is committed; with the batch so far; at the savepoint. */
    struct ledger_tree committed, working, marked;
    struct ledger_index index;
};

/* ---- what the database says --------------------------------------------- */

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
        (void)error_hint(e, "put back the newest copy from after the ledger "
                            "was reopened; only where there is none, one from "
                            "before it, and: resguardo ledger reopen");
        goto out;
    }
    ok = 0;
out:
    buf_free(&origin);
    return ok;
}

int ledger_load_tree(struct store *s, struct ledger_tree *tree, struct error *e)
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

/* ---- a change that is under way ----------------------------------------- */

static bool turning(const struct ledger *l)
{
    return l->turn.next.seed != NULL;
}

/* An exchange of the key whose entry was committed goes on with the next
 * checkpoint; one that was not is forgotten. */
static int take_turn(struct ledger *l, struct store *s, struct error *e)
{
    int found, entered = 0;

    ledger_turn_free(&l->turn);
    found = ledger_turn_load(&l->turn, l->keys_dir, e);
    if (found <= 0)
        return found;
    if (!l->turn.reopening)
        entered = ledger_turn_entered(s, &l->turn, e);
    if (entered > 0)
        return 0;
    ledger_turn_free(&l->turn);
    return entered < 0 ? -1 : ledger_turn_drop(l->keys_dir, e);
}

/* Whatever reached keys/head is done but for the last steps. A reopening is
 * carried through as soon as it was decided on. */
static int end_turn(struct store *s, const char *keys_dir, struct error *e)
{
    static const struct ledger_tree nothing;
    struct ledger_turn t;
    struct ledger_head head = { 0 };
    struct ledger_tree tree;
    struct error why = { 0 };
    int ok = ledger_turn_load(&t, keys_dir, e);

    if (ok <= 0) /* a key that was drawn, and nothing more */
        return ok < 0 ? -1 : ledger_turn_drop(keys_dir, e);
    ok = 0;
    if (ledger_head_load(&head, keys_dir, t.next.vkey, &why) == 0) {
        if (ledger_key_replace(&t.next, keys_dir, LEDGER_KEY, e) != 0 ||
            ledger_turn_drop(keys_dir, e) != 0)
            ok = -1;
    } else if (t.reopening) {
        if (ledger_turn_enter(s, &t, e) != 0 ||
            ledger_load_tree(s, &tree, e) != 0 ||
            ledger_turn_finish(s, &t, NULL, &nothing, &tree, &head, e) != 0)
            ok = -1;
    }
    ledger_head_free(&head);
    ledger_turn_free(&t);
    return ok;
}

/* ---- opening ------------------------------------------------------------ */

int ledger_reload(struct ledger *l, struct store *s, struct error *e)
{
    struct ledger_tree tree;

    if (ledger_load_tree(s, &tree, e) != 0 ||
        ledger_replay_check(s, &l->head.tree, &tree, e) != 0 ||
        take_turn(l, s, e) != 0)
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
    if (end_turn(s, l->keys_dir, e) != 0 ||
        ledger_key_load(&l->key, l->keys_dir, LEDGER_KEY, e) != 0 ||
        ledger_head_load(&l->head, l->keys_dir, l->key.vkey, e) != 0 ||
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

    return ledger_load_tree(s, &tree, e) != 0
               ? -1
               : ledger_replay_all(s, &tree, stop, arg, e);
}

void ledger_close(struct ledger **l)
{
    if (*l == NULL)
        return;
    ledger_head_free(&(*l)->head);
    ledger_turn_free(&(*l)->turn);
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

/* What a verifier would refuse later is refused now. */
static int refused(struct error *e)
{
    if (e->code == ERR_VERIFY)
        e->code = ERR_INVARIANT;
    return -1;
}

int ledger_append_texts(struct ledger *l, const struct ledger_text *texts,
                        size_t n, uint64_t *index, struct error *e)
{
    uint64_t at = l->working.size;
    struct buf bytes = { 0 };
    int ok = -1;

    if (ledger_leaf_compose(texts, n, at, &bytes, e) != 0)
        goto out;
    if (ledger_leaf_check(bytes.p, bytes.len, at, e) != 0) {
        (void)refused(e);
        goto out;
    }
    if (ledger_enter(l->store, &l->index, &l->working, bytes.p, bytes.len, e) !=
        0)
        goto out;
    if (index != NULL)
        *index = at;
    ok = 0;
out:
    buf_free(&bytes);
    return ok;
}

int ledger_append(struct ledger *l, json_t *entry, uint64_t *index,
                  struct error *e)
{
    uint64_t at = l->working.size;
    struct buf bytes = { 0 };
    int ok = -1;

    if (number(entry, at, e) != 0)
        goto out;
    if (json_canonical(entry, &bytes) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a ledger entry");
        goto out;
    }

    /* That the bytes are canonical we have just seen to. */
    if (ledger_leaf_check_members(entry, bytes.len, at, e) != 0) {
        (void)refused(e);
        goto out;
    }
    if (ledger_enter(l->store, &l->index, &l->working, bytes.p, bytes.len, e) !=
        0)
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

/* The entry that was to exchange the key is gone again. What keys/turn says of
 * it does not count without that entry. */
static void forget_turn(struct ledger *l)
{
    if (turning(l) && l->working.size <= l->turn.index)
        ledger_turn_free(&l->turn);
}

void ledger_rewind(struct ledger *l)
{
    ledger_index_forget(&l->index);
    l->working = l->marked;
    forget_turn(l);
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
    forget_turn(l);
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

    if (ledger_head_sign(&next, &l->committed, &l->key, NULL, e) != 0 ||
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

/* The same with both keys; from here on the new one signs alone. */
static int exchange(struct ledger *l, struct error *e)
{
    struct ledger_head next = { 0 };

    if (ledger_turn_finish(l->store, &l->turn, &l->key, &l->head.tree,
                           &l->committed, &next, e) != 0) {
        ledger_head_free(&next);
        return -1;
    }
    ledger_head_free(&l->head);
    l->head = next;
    ledger_key_wipe(&l->key);
    l->key = l->turn.next;
    memset(&l->turn.next, 0, sizeof(l->turn.next));
    ledger_turn_free(&l->turn);
    return 0;
}

/* A history has an end, and whoever reads it reads all of it. */
static int may_rotate(const struct ledger *l, msec now, struct error *e)
{
    struct buf text = { 0 };
    size_t n = 0;
    msec last = 0;
    int ok = -1;

    if (ledger_history_load(l->keys_dir, &text, e) != 0)
        goto out;
    for (size_t i = 0; i < text.len; i++)
        n += text.p[i] == '\n';
    if (n >= LIMIT_LEDGER_ROTATIONS)
        (void)error_set(e, ERR_CONFLICT,
                        "the ledger's key was exchanged %zu times: the rest of "
                        "its history is for what cannot be helped",
                        n);
    else if (ledger_history_rotated((const char *)text.p, text.len, &last) &&
             now >= last && now - last < LIMIT_LEDGER_ROTATE_S * MSEC_S)
        (void)error_set(e, ERR_CONFLICT,
                        "the ledger's key was exchanged less than an hour ago");
    else
        ok = 0;
out:
    buf_free(&text);
    return ok;
}

int ledger_rotate(struct ledger *l, const struct random_source *random,
                  msec now, char vkey[static LEDGER_VKEY_SIZE], struct error *e)
{
    if (turning(l))
        return error_set(e, ERR_CONFLICT,
                         "the ledger's key is being exchanged already");
    if (may_rotate(l, now, e) != 0)
        return -1;
    l->turn.index = l->working.size;
    if (ledger_key_draw(&l->turn.next, l->key.origin, random, e) == 0 &&
        ledger_turn_write(&l->turn, l->keys_dir, e) == 0) {
        memcpy(vkey, l->turn.next.vkey, LEDGER_VKEY_SIZE);
        return 0;
    }
    ledger_turn_free(&l->turn);
    return -1;
}

int ledger_checkpoint(struct ledger *l, struct buf *note, struct error *e)
{
    if (check_head(l, e) != 0)
        return -1;
    if (turning(l)) {
        if (exchange(l, e) != 0)
            return -1;
    } else if (l->committed.size > l->head.tree.size && advance(l, e) != 0) {
        return -1;
    }
    if (buf_add(note, l->head.note.p, l->head.note.len) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a checkpoint");
    return 0;
}

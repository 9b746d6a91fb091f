/* Rows past the signed tree, read again and held against the head. */
#include "replay.h"

#include "tree.h"

#include <inttypes.h>
#include <string.h>

struct replay {
    struct ledger_tree tree;
    uint64_t next, end;
    store_stop stop; /* or NULL */
    void *arg;
    struct store *tiles; /* or NULL: they are not looked at */
    bool unnamed;        /* wrong, and nobody knows yet which entry */
    struct error *e;
};

/* The leaf makes the tree grow, and what is stored above it is of it. */
static int grow(struct replay *r, const uint8_t leaf[static LEDGER_HASH_LEN])
{
    uint8_t full[LEDGER_TILE_LEVELS][LEDGER_HASH_LEN], is[1][LEDGER_HASH_LEN];
    size_t n = ledger_tree_grow(&r->tree, leaf, full);

    for (size_t i = 0; r->tiles != NULL && i < n; i++) {
        uint64_t at = (r->tree.size >> ((i + 1) * LEDGER_TILE_HEIGHT)) - 1;

        if (tile_hashes(r->tiles, (unsigned)i + 1, at, 1, is, r->e) != 0)
            return -1;
        if (memcmp(is[0], full[i], LEDGER_HASH_LEN) != 0)
            return error_set(r->e, ERR_VERIFY,
                             "a hash above entry %" PRIu64
                             " is not the one of its entries",
                             r->tree.size - 1);
    }
    return 0;
}

static int each_row(void *arg, uint64_t idx, const uint8_t *entry, size_t len,
                    const uint8_t *leaf)
{
    struct replay *r = arg;
    uint8_t hash[LEDGER_HASH_LEN];

    if (idx >= r->end)
        return error_set(r->e, ERR_VERIFY,
                         "entry %" PRIu64 " is not in the ledger's tree", idx);
    if (idx != r->next)
        return error_set(r->e, ERR_VERIFY,
                         "entry %" PRIu64 " of the ledger is missing", r->next);
    ledger_leaf_hash(hash, entry, len);
    if (memcmp(hash, leaf, sizeof(hash)) != 0)
        return error_set(r->e, ERR_VERIFY,
                         "entry %" PRIu64 " of the ledger was changed", idx);
    if (idx == r->tree.size && grow(r, leaf) != 0)
        return -1;
    r->next++;
    return r->stop != NULL && r->stop(r->arg) ? 1 : 0;
}

static bool same_root(const struct ledger_tree *a, const struct ledger_tree *b)
{
    uint8_t one[LEDGER_HASH_LEN], two[LEDGER_HASH_LEN];

    ledger_tree_root(a, one);
    ledger_tree_root(b, two);
    return memcmp(one, two, sizeof(one)) == 0;
}

/* The rows from r->next on, up to and without `to`, make the tree `now`. */
static int walk(struct store *s, struct replay *r,
                const struct ledger_tree *now, uint64_t to)
{
    int stop;

    r->end = now->size;
    if ((stop = ledger_row_list(s, r->next, to, each_row, r, r->e)) != 0)
        return stop;
    if (r->next != now->size)
        return error_set(r->e, ERR_VERIFY,
                         "entry %" PRIu64 " of the ledger is missing", r->next);
    r->unnamed = !same_root(&r->tree, now);
    if (r->unnamed)
        return error_set(r->e, ERR_VERIFY,
                         "the ledger's tree is not the one of its entries: one "
                         "from 0 on is not as it was written");
    return 0;
}

struct naming {
    struct ledger_verifier *verifier;
    struct error why;
};

static int name_row(void *arg, uint64_t idx, const uint8_t *entry, size_t len,
                    const uint8_t *leaf)
{
    struct naming *n = arg;

    (void)idx;
    return ledger_verifier_add(n->verifier, entry, len, leaf, &n->why);
}

/* Something is wrong, and the look at the last rows does not say where: the
 * first entry that cannot have been written so is told instead, if any. */
static void name_first(struct store *s, struct error *e)
{
    struct naming n = { .verifier = ledger_verifier_new() };
    struct error ignored = { 0 };

    if (n.verifier != NULL &&
        ledger_row_list(s, 0, INT64_MAX, name_row, &n, &ignored) != 0 &&
        n.why.code == ERR_VERIFY)
        (void)error_set(e, ERR_VERIFY, "%s", n.why.text);
    ledger_verifier_free(&n.verifier);
}

static int check(struct store *s, const struct ledger_tree *promised,
                 const struct ledger_tree *now, struct error *e)
{
    struct replay r = { .tree = *promised, .e = e };
    int ok;

    if (now->size < promised->size)
        return error_set(e, ERR_VERIFY,
                         "entry %" PRIu64
                         " is missing: the database holds %" PRIu64
                         " ledger entries, but %" PRIu64 " were signed",
                         now->size, now->size, promised->size);

    /* The last promised row is read too, so that its loss is seen. */
    r.next = promised->size == 0 ? 0 : promised->size - 1;
    ok = walk(s, &r, now, INT64_MAX);
    if (r.unnamed)
        name_first(s, e);
    return ok;
}

int ledger_replay_check(struct store *s, const struct ledger_tree *promised,
                        const struct ledger_tree *now, struct error *e)
{
    int ok = check(s, promised, now, e);

    if (ok == 0 || e->code != ERR_VERIFY)
        return ok;
    (void)error_hint(e, "the database is older than keys/head or was "
                        "altered: restore the newest copy of it; where no copy "
                        "has all entries: resguardo ledger reopen");
    return -1;
}

int ledger_replay_all(struct store *s, const struct ledger_tree *now,
                      store_stop stop, void *arg, struct error *e)
{
    struct replay r = { .stop = stop, .arg = arg, .tiles = s, .e = e };

    return walk(s, &r, now, now->size);
}

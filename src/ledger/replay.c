/* Rows past the signed tree, read again and held against the head. */
#include "replay.h"

#include <inttypes.h>
#include <string.h>

struct replay {
    struct ledger_tree tree;
    uint64_t next, end;
    store_stop stop; /* or NULL */
    void *arg;
    struct error *e;
};

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
    if (idx == r->tree.size)
        ledger_tree_add(&r->tree, leaf);
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
    if (!same_root(&r->tree, now))
        return error_set(r->e, ERR_VERIFY,
                         "the ledger's tree is not the one of its entries");
    return 0;
}

static int check(struct store *s, const struct ledger_tree *promised,
                 const struct ledger_tree *now, struct error *e)
{
    struct replay r = { .tree = *promised, .e = e };

    if (now->size < promised->size)
        return error_set(e, ERR_VERIFY,
                         "the database holds %" PRIu64
                         " ledger entries, but %" PRIu64 " were signed",
                         now->size, promised->size);

    /* The last promised row is read too, so that its loss is seen. */
    r.next = promised->size == 0 ? 0 : promised->size - 1;
    return walk(s, &r, now, INT64_MAX);
}

int ledger_replay_check(struct store *s, const struct ledger_tree *promised,
                        const struct ledger_tree *now, struct error *e)
{
    int ok = check(s, promised, now, e);

    if (ok != 0 && e->code == ERR_VERIFY)
        (void)error_hint(e, "the database is older than keys/head or was "
                            "altered: restore the newest copy of it (see "
                            "docs/formats.md, ledger head)");
    return ok;
}

int ledger_replay_all(struct store *s, const struct ledger_tree *now,
                      store_stop stop, void *arg, struct error *e)
{
    struct replay r = { .stop = stop, .arg = arg, .e = e };

    return walk(s, &r, now, now->size);
}

/* Entries one by one against the checkpoints that somebody kept. */
#include "resguardo/ledger.h"

#include "leaf.h"
#include "runs.h"
#include "tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct expected {
    uint64_t size;
    uint8_t root[LEDGER_HASH_LEN];
    char *name;
};

struct ledger_verifier {
    struct ledger_tree tree;
    struct expected *expected; /* by size; those before `next` held */
    size_t n, next;
    uint64_t held; /* size of the last checkpoint that held */
    bool failed;
    struct runs *runs; /* once there were many at once */

    /* Runs that were begun, and of which entry; or NULL. */
    const struct ledger_line *begun;
    uint64_t begun_at;
    size_t begun_n;
};

struct ledger_verifier *ledger_verifier_new(void)
{
    return calloc(1, sizeof(struct ledger_verifier));
}

/* The helper leaves lines that may go now. */
static void settle(struct ledger_verifier *v)
{
    const uint8_t(*ignored)[LEDGER_HASH_LEN];

    if (v->begun != NULL)
        (void)runs_end(v->runs, &ignored);
    v->begun = NULL;
}

void ledger_verifier_free(struct ledger_verifier **v)
{
    if (*v == NULL)
        return;
    for (size_t i = 0; i < (*v)->n; i++)
        free((*v)->expected[i].name);
    free((*v)->expected);
    settle(*v);
    runs_free(&(*v)->runs);
    free(*v);
    *v = NULL;
}

/* Compares with the checkpoints of the size just reached. */
static int check_reached(struct ledger_verifier *v, struct error *e)
{
    uint8_t root[LEDGER_HASH_LEN];

    if (v->next == v->n || v->expected[v->next].size != v->tree.size)
        return 0;
    ledger_tree_root(&v->tree, root);
    for (; v->next < v->n && v->expected[v->next].size == v->tree.size;
         v->next++) {
        const struct expected *x = &v->expected[v->next];

        if (memcmp(x->root, root, sizeof(root)) == 0)
            continue;
        v->failed = true;
        return error_set(e, ERR_VERIFY,
                         "checkpoint %s of size %" PRIu64
                         " does not hold: an entry from %" PRIu64
                         " on is not the one that was signed",
                         x->name, x->size, v->held);
    }
    v->held = v->tree.size;
    return 0;
}

int ledger_verifier_expect(struct ledger_verifier *v,
                           const struct ledger_checkpoint *c, const char *name,
                           struct error *e)
{
    struct expected *grown, x = { .size = c->size };
    size_t at = v->n;

    if (c->size < v->tree.size)
        return error_set(e, ERR_INPUT, "checkpoint %s comes after its entries",
                         name);
    memcpy(x.root, c->root, sizeof(x.root));
    x.name = strdup(name);
    grown = x.name == NULL
                ? NULL
                : realloc(v->expected, (v->n + 1) * sizeof(*v->expected));
    if (grown == NULL) {
        free(x.name);
        return error_set(e, ERR_NOMEM, "no memory for checkpoint %s", name);
    }

    v->expected = grown;
    for (; at > v->next && grown[at - 1].size > x.size; at--)
        grown[at] = grown[at - 1];
    grown[at] = x;
    v->n++;
    return check_reached(v, e);
}

int ledger_verifier_add(struct ledger_verifier *v, const void *entry,
                        size_t len, const uint8_t *leaf, struct error *e)
{
    uint8_t hash[LEDGER_HASH_LEN];

    if (ledger_leaf_check(entry, len, v->tree.size, e) != 0) {
        v->failed = true;
        return -1;
    }
    ledger_leaf_hash(hash, entry, len);
    if (leaf != NULL && memcmp(hash, leaf, sizeof(hash)) != 0) {
        v->failed = true;
        return error_set(e, ERR_VERIFY,
                         "entry %" PRIu64
                         ": its bytes do not give its leaf hash: it was "
                         "changed, or is damaged",
                         v->tree.size);
    }
    ledger_tree_add(&v->tree, hash);
    return check_reached(v, e);
}

/* How many whole runs begin at entry `from`, a multiple of RUN_LEN, within `n`
 * entries and before any but the last of them reaches a checkpoint. */
static size_t whole_runs(const struct ledger_verifier *v, uint64_t from,
                         size_t n)
{
    uint64_t room = n;

    if (v->next < v->n && v->expected[v->next].size <= from)
        return 0;
    if (v->next < v->n && v->expected[v->next].size - from < room)
        room = v->expected[v->next].size - from;
    room /= RUN_LEN;
    return room > RUNS_MAX ? RUNS_MAX : (size_t)room;
}

static size_t to_a_run(uint64_t from)
{
    return (size_t)(-from % RUN_LEN);
}

void ledger_verifier_begin(struct ledger_verifier *v,
                           const struct ledger_line *lines, size_t n)
{
    size_t at = to_a_run(v->tree.size), runs;

    settle(v);
    if (n <= at || (v->runs == NULL && (v->runs = runs_new()) == NULL))
        return;
    runs = whole_runs(v, v->tree.size + at, n - at);
    if (runs == 0)
        return;
    runs_begin(v->runs, lines + at, v->tree.size + at, runs);
    v->begun = lines + at;
    v->begun_at = v->tree.size + at;
    v->begun_n = runs;
}

/* All of the runs that begin here, or none; how many entries were added. Where
 * that is 0, *singly is how many there are up to where runs may begin again. */
static size_t add_runs(struct ledger_verifier *v,
                       const struct ledger_line *lines, size_t n,
                       size_t *singly)
{
    const uint8_t(*roots)[LEDGER_HASH_LEN];
    size_t runs;

    *singly = to_a_run(v->tree.size);
    if (*singly != 0)
        return 0;
    *singly = 1;
    if (v->begun != lines || v->begun_at != v->tree.size)
        ledger_verifier_begin(v, lines, n);
    if (v->begun == NULL)
        return 0;
    v->begun = NULL;
    runs = v->begun_n;
    *singly = runs * RUN_LEN;
    if (!runs_end(v->runs, &roots) || runs > whole_runs(v, v->tree.size, n))
        return 0;
    for (size_t i = 0; i < runs; i++)
        ledger_tree_add_run(&v->tree, RUN_HEIGHT, roots[i]);
    return runs * RUN_LEN;
}

static int add_singly(struct ledger_verifier *v,
                      const struct ledger_line *lines, size_t n,
                      struct error *e)
{
    for (size_t i = 0; i < n; i++)
        if (ledger_verifier_add(v, lines[i].entry, lines[i].len, lines[i].leaf,
                                e) != 0)
            return -1;
    return 0;
}

int ledger_verifier_add_all(struct ledger_verifier *v,
                            const struct ledger_line *lines, size_t n,
                            struct error *e)
{
    size_t singly, added;
    int ok = 0;

    for (size_t at = 0; ok == 0 && at < n; at += added) {
        added = add_runs(v, lines + at, n - at, &singly);
        if (added > 0) {
            ok = check_reached(v, e);
            continue;
        }

        /* Up to where runs begin; or one of these is bad: which, and why? */
        added = singly < n - at ? singly : n - at;
        ok = add_singly(v, lines + at, added, e);
    }
    settle(v);
    return ok;
}

int ledger_verifier_finish(struct ledger_verifier *v, struct error *e)
{
    if (v->failed)
        return error_set(e, ERR_VERIFY, "the ledger does not verify");
    if (v->next < v->n)
        return error_set(e, ERR_VERIFY,
                         "checkpoint %s is of %" PRIu64
                         " entries, but the ledger ends after %" PRIu64,
                         v->expected[v->next].name, v->expected[v->next].size,
                         v->tree.size);
    return 0;
}

uint64_t ledger_verifier_size(const struct ledger_verifier *v)
{
    return v->tree.size;
}

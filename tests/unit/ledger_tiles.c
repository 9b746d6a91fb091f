/* ledger: proofs from stored leaves and tiles, of any entry in any tree. */
#include "unit.h"

#include "resguardo/ledger.h"

#include <sqlite3.h>

#define SMALL 1300u
/* One full run of 65,536, and a little. */
#define LARGE 66000u

struct log {
    char *folder;
    char dir[128], db[160];
    struct store *store;
    struct ledger *ledger;
    uint8_t (*leaves)[LEDGER_HASH_LEN];
    struct error e;
};

#define OK(call)                                                               \
    do {                                                                       \
        if ((call) != 0)                                                       \
            fail_msg("%s", l->e.text);                                         \
    } while (0)

static int setup(void **state)
{
    struct log *l = calloc(1, sizeof(*l));

    assert_non_null(l);
    l->folder = unit_folder_new();
    (void)snprintf(l->dir, sizeof(l->dir), "%s/s", l->folder);
    (void)snprintf(l->db, sizeof(l->db), "%s/resguardo.db", l->dir);
    l->leaves = calloc(LARGE, sizeof(*l->leaves));
    assert_non_null(l->leaves);
    OK(store_create(l->dir, NULL, 0, &random_system, &l->e));
    OK(store_open(&l->store, l->dir, NULL, STORE_WRITER, &random_system,
                  &l->e));
    OK(store_begin(l->store, &l->e));
    OK(ledger_create(l->store, "intake.example.co", &random_system, &l->e));
    OK(store_commit(l->store, &l->e));
    OK(ledger_open(&l->ledger, l->store, &l->e));
    *state = l;
    return 0;
}

static int teardown(void **state)
{
    struct log *l = *state;

    ledger_close(&l->ledger);
    store_close(&l->store);
    unit_folder_free(l->folder);
    free(l->leaves);
    free(l);
    return 0;
}

static int keep_leaf(void *arg, uint64_t idx, const uint8_t *entry, size_t len,
                     const uint8_t *leaf)
{
    struct log *l = arg;

    (void)entry;
    (void)len;
    memcpy(l->leaves[idx], leaf, LEDGER_HASH_LEN);
    return 0;
}

static void append(struct log *l, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_t *entry = json_pack("{s:s, s:s}", "event_type", "case_opened",
                                  "time", "2026-11-24T00:17:54.123Z");

        OK(ledger_append(l->ledger, entry, NULL, &l->e));
        json_decref(entry);
    }
}

/* As the registrar does it, with a savepoint that is rolled back before each
 * batch: what it added to the tiles must be gone. */
static void fill(struct log *l, size_t n)
{
    OK(store_begin(l->store, &l->e));
    OK(store_savepoint(l->store, &l->e));
    ledger_mark(l->ledger);
    append(l, 300);
    store_rollback_to(l->store);
    ledger_rewind(l->ledger);
    append(l, n);
    OK(ledger_flush(l->ledger, &l->e));
    OK(store_commit(l->store, &l->e));
    ledger_committed(l->ledger);
    OK(ledger_row_list(l->store, 0, n, keep_leaf, l, &l->e));
}

/* Rows without entries: what a proof is made of. */
static void fill_rows(struct log *l, size_t n)
{
    struct ledger_tree tree = { 0 }, pair;

    OK(store_begin(l->store, &l->e));
    for (size_t i = 0; i < n; i++) {
        uint8_t root[LEDGER_HASH_LEN];

        ledger_leaf_hash(l->leaves[i], &i, sizeof(i));
        OK(ledger_row_add(l->store, i, "", 0, l->leaves[i], &l->e));
        ledger_tree_add(&tree, l->leaves[i]);
        for (unsigned level = 1; level <= 2; level++) {
            uint64_t wide = (uint64_t)1 << (8 * level);

            if ((i + 1) % wide != 0)
                continue;
            pair = (struct ledger_tree){ 0 };
            for (size_t k = i + 1 - wide; k <= i; k++)
                ledger_tree_add(&pair, l->leaves[k]);
            ledger_tree_root(&pair, root);
            OK(tile_hash_add(l->store, level, i / wide, root, &l->e));
        }
    }
    OK(store_commit(l->store, &l->e));
}

static void root_of(const struct log *l, size_t n,
                    uint8_t root[static LEDGER_HASH_LEN])
{
    struct ledger_tree t = { 0 };

    for (size_t i = 0; i < n; i++)
        ledger_tree_add(&t, l->leaves[i]);
    ledger_tree_root(&t, root);
}

static void prove(struct log *l, size_t index, size_t size)
{
    struct ledger_proof proof;
    uint8_t root[LEDGER_HASH_LEN];

    root_of(l, size, root);
    OK(ledger_prove(l->store, index, size, &proof, &l->e));
    if (!ledger_proof_verify(&proof, l->leaves[index], root))
        fail_msg("entry %zu of %zu", index, size);
    assert_false(ledger_proof_verify(
        &proof, l->leaves[index > 0 ? index - 1 : 1], root));
}

static void grown(struct log *l, size_t before, size_t size)
{
    uint8_t was[LEDGER_HASH_LEN], now[LEDGER_HASH_LEN];
    struct ledger_growth g;

    root_of(l, before, was);
    root_of(l, size, now);
    OK(ledger_prove_growth(l->store, before, size, &g, &l->e));
    if (!ledger_growth_verify(&g, was, now))
        fail_msg("%zu to %zu", before, size);
    if (before == size)
        return;
    was[7] ^= 1;
    assert_false(ledger_growth_verify(&g, was, now));
    was[7] ^= 1;
    now[7] ^= 1;
    assert_false(ledger_growth_verify(&g, was, now));
    now[7] ^= 1;
    g.n--;
    assert_false(ledger_growth_verify(&g, was, now));
}

static const size_t sizes[] = { 2,   3,   7,   8,   255,  256,  257,  511,
                                512, 513, 767, 768, 1023, 1024, 1025, SMALL };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void proves_any_entry_in_any_tree(void **state)
{
    struct log *l = *state;

    fill(l, SMALL);
    for (size_t i = 0; i < SIZES; i++) {
        prove(l, 0, sizes[i]);
        prove(l, sizes[i] / 2, sizes[i]);
        prove(l, sizes[i] - 1, sizes[i]);
        prove(l, sizes[i] * 2 / 3, sizes[i]);
    }
}

static void proves_that_one_tree_grew_out_of_another(void **state)
{
    struct log *l = *state;

    fill(l, SMALL);
    for (size_t i = 0; i < SIZES; i++)
        for (size_t j = i; j < SIZES; j++)
            grown(l, sizes[i], sizes[j]);
    grown(l, 1, 2);
    grown(l, 6, 8);
}

static void reaches_the_second_level(void **state)
{
    struct log *l = *state;

    fill_rows(l, LARGE);
    prove(l, 0, LARGE);
    prove(l, 40000, 65536);
    prove(l, 65999, LARGE);
    prove(l, 70, 65537);
    grown(l, 65536, LARGE);
    grown(l, 30001, LARGE);
}

static void refuses_what_is_not_there(void **state)
{
    struct log *l = *state;
    struct ledger_proof proof;
    struct ledger_growth g;

    fill(l, 20);
    assert_int_equal(ledger_prove(l->store, 5, 5, &proof, &l->e), -1);
    assert_int_equal(l->e.code, ERR_INPUT);
    assert_int_equal(ledger_prove(l->store, 1, 21, &proof, &l->e), -1);
    assert_int_equal(l->e.code, ERR_VERIFY);
    assert_int_equal(ledger_prove_growth(l->store, 0, 5, &g, &l->e), -1);
    assert_int_equal(ledger_prove_growth(l->store, 6, 5, &g, &l->e), -1);
    assert_int_equal(l->e.code, ERR_INPUT);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static void tamper(struct log *l, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(l->db, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_true(sqlite3_changes(db) > 0);
    (void)sqlite3_close(db);
}

static void recheck_sees_a_tile_that_was_changed(void **state)
{
    struct log *l = *state;

    fill(l, SMALL);
    assert_int_equal(ledger_recheck(l->store, never, NULL, &l->e), 0);
    tamper(l, "UPDATE tile SET hash = zeroblob(32) WHERE level = 1 AND n = 3");
    assert_int_equal(ledger_recheck(l->store, never, NULL, &l->e), -1);
    assert_int_equal(l->e.code, ERR_VERIFY);
    assert_non_null(strstr(l->e.text, "above entry 1023"));
    tamper(l, "DELETE FROM tile WHERE level = 1 AND n = 0");
    assert_int_equal(ledger_recheck(l->store, never, NULL, &l->e), -1);
    assert_int_equal(l->e.code, ERR_VERIFY);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(proves_any_entry_in_any_tree),
        T(proves_that_one_tree_grew_out_of_another),
        T(reaches_the_second_level),
        T(refuses_what_is_not_there),
        T(recheck_sees_a_tile_that_was_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

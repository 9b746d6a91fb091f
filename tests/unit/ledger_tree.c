/* ledger: the Merkle tree against RFC 6962's own roots and definition. */
#include "unit.h"

#include "resguardo/ledger.h"

#include <sodium.h>

static void assert_hex(const uint8_t *hash, const char *want)
{
    char hex[HEX_SIZE(LEDGER_HASH_LEN)];

    hex_encode(hex, hash, LEDGER_HASH_LEN);
    assert_string_equal(hex, want);
}

static void grow(struct ledger_tree *t, const void *entry, size_t len)
{
    uint8_t leaf[LEDGER_HASH_LEN];

    ledger_leaf_hash(leaf, entry, len);
    ledger_tree_add(t, leaf);
}

/* The eight leaves that every implementation is tested with. */
static void gives_the_known_roots(void **state)
{
    static const struct {
        const char *leaf; /* hex of the next leaf */
        const char *root; /* after it */
    } steps[] = {
        { "",
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
        { "00",
          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
        { "10",
          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
        { "2021", NULL },
        { "3031", NULL },
        { "40414243", NULL },
        { "5051525354555657",
          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
        { "606162636465666768696a6b6c6d6e6f",
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
    };
    struct ledger_tree t = { 0 };
    uint8_t root[LEDGER_HASH_LEN], leaf[16];

    (void)state;
    ledger_tree_root(&t, root);
    assert_hex(
        root,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        size_t n = strlen(steps[i].leaf) / 2;

        assert_int_equal(hex_decode(leaf, n, steps[i].leaf, 2 * n, false), 0);
        grow(&t, leaf, n);
        ledger_tree_root(&t, root);
        if (steps[i].root != NULL)
            assert_hex(root, steps[i].root);
    }
    assert_true(t.size == 8);
}

static void gives_the_root_of_three_entries(void **state)
{
    struct ledger_tree t = { 0 };
    uint8_t root[LEDGER_HASH_LEN];
    char base64[BASE64_SIZE(LEDGER_HASH_LEN)];

    (void)state;
    grow(&t, "entry-0", 7);
    grow(&t, "entry-1", 7);
    grow(&t, "entry-2", 7);
    ledger_tree_root(&t, root);
    base64_encode(base64, root, sizeof(root), true);
    assert_string_equal(base64, "pkvybgkSj2/i/m+LLYyAHhZrV8BHp82bK4Ceepai8cs=");
}

/* MTH as RFC 6962 2.1 defines it: split at the largest power of two < n. */
static void naive_root(uint8_t (*leaves)[LEDGER_HASH_LEN], size_t n,
                       uint8_t out[static LEDGER_HASH_LEN])
{
    uint8_t node[1 + 2 * LEDGER_HASH_LEN] = { 1 };
    size_t k = 1;

    if (n == 1) {
        memcpy(out, leaves[0], LEDGER_HASH_LEN);
        return;
    }
    while (k * 2 < n)
        k *= 2;
    naive_root(leaves, k, node + 1);
    naive_root(leaves + k, n - k, node + 1 + LEDGER_HASH_LEN);
    (void)crypto_hash_sha256(out, node, sizeof(node));
}

static void agrees_with_the_definition_up_to_300(void **state)
{
    static uint8_t leaves[300][LEDGER_HASH_LEN];
    struct ledger_tree t = { 0 };

    (void)state;
    for (size_t n = 1; n <= 300; n++) {
        uint8_t want[LEDGER_HASH_LEN], got[LEDGER_HASH_LEN];

        ledger_leaf_hash(leaves[n - 1], &n, sizeof(n));
        ledger_tree_add(&t, leaves[n - 1]);
        naive_root(leaves, n, want);
        ledger_tree_root(&t, got);
        assert_memory_equal(got, want, sizeof(want));
    }
}

static void a_tree_survives_its_bytes(void **state)
{
    struct ledger_tree t = { 0 }, again;
    struct buf bytes = { 0 };
    uint8_t one[LEDGER_HASH_LEN], two[LEDGER_HASH_LEN];

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        buf_reset(&bytes);
        assert_int_equal(ledger_tree_encode(&t, &bytes), 0);
        assert_int_equal(ledger_tree_decode(&again, bytes.p, bytes.len), 0);
        assert_true(again.size == i);
        grow(&t, &i, sizeof(i));
        grow(&again, &i, sizeof(i));
        ledger_tree_root(&t, one);
        ledger_tree_root(&again, two);
        assert_memory_equal(one, two, sizeof(one));
    }
    buf_free(&bytes);
}

static void refuses_bytes_of_another_length(void **state)
{
    struct ledger_tree t = { 0 }, out;
    struct buf bytes = { 0 };

    (void)state;
    for (unsigned i = 0; i < 5; i++)
        grow(&t, &i, sizeof(i));
    assert_int_equal(ledger_tree_encode(&t, &bytes), 0);
    assert_int_equal(bytes.len, 8 + 2 * LEDGER_HASH_LEN);
    for (size_t n = 0; n < bytes.len; n++)
        assert_int_equal(ledger_tree_decode(&out, bytes.p, n), -1);
    assert_int_equal(buf_adds(&bytes, "x"), 0);
    assert_int_equal(ledger_tree_decode(&out, bytes.p, bytes.len), -1);
    buf_free(&bytes);
}

static void a_leaf_is_never_taken_for_a_node(void **state)
{
    struct ledger_tree two = { 0 }, one = { 0 };
    uint8_t children[2 * LEDGER_HASH_LEN], a[LEDGER_HASH_LEN],
        b[LEDGER_HASH_LEN];

    (void)state;
    ledger_leaf_hash(children, "l", 1);
    ledger_leaf_hash(children + LEDGER_HASH_LEN, "r", 1);
    grow(&two, "l", 1);
    grow(&two, "r", 1);
    grow(&one, children, sizeof(children));
    ledger_tree_root(&two, a);
    ledger_tree_root(&one, b);
    assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_known_roots),
        cmocka_unit_test(gives_the_root_of_three_entries),
        cmocka_unit_test(agrees_with_the_definition_up_to_300),
        cmocka_unit_test(a_tree_survives_its_bytes),
        cmocka_unit_test(refuses_bytes_of_another_length),
        cmocka_unit_test(a_leaf_is_never_taken_for_a_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* ledger: proofs of inclusion against RFC 6962's paths and RFC 9162's rule. */
#include "unit.h"

#include "resguardo/ledger.h"

#include <sodium.h>

#define SIZES 70u

static uint8_t leaves[SIZES][LEDGER_HASH_LEN];

static struct ledger_tree tree_of(size_t n)
{
    struct ledger_tree t = { 0 };

    for (size_t i = 0; i < n; i++)
        ledger_tree_add(&t, leaves[i]);
    return t;
}

static void make(struct ledger_proof *proof, size_t index, size_t size)
{
    struct ledger_tree before = tree_of(index);

    assert_int_equal(
        ledger_proof_make(proof, &before,
                          (const uint8_t(*)[LEDGER_HASH_LEN]) & leaves[index],
                          size - index),
        0);
    assert_true(proof->index == index);
    assert_true(proof->size == size);
}

static void root_of(size_t n, uint8_t root[static LEDGER_HASH_LEN])
{
    struct ledger_tree t = tree_of(n);

    ledger_tree_root(&t, root);
}

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZES; i++)
        ledger_leaf_hash(leaves[i], &i, sizeof(i));
    return 0;
}

/* The eight leaves that every implementation is tested with. */
static void gives_the_known_paths(void **state)
{
    static const char *const entries[] = { "",
                                           "00",
                                           "10",
                                           "2021",
                                           "3031",
                                           "40414243",
                                           "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f" };
    static const struct {
        size_t index, size;
        const char *path[3];
    } known[] = {
        { 0, 1, { NULL } },
        { 0,
          8,
          { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e"
            "4" } },
        { 5,
          8,
          { "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b"
            "7" } },
        { 2,
          3,
          { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            NULL } },
        { 1,
          5,
          { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6"
            "b" } },
    };
    uint8_t entry[16];
    char hex[HEX_SIZE(LEDGER_HASH_LEN)];

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        size_t n = strlen(entries[i]) / 2;

        assert_int_equal(hex_decode(entry, n, entries[i], 2 * n, false), 0);
        ledger_leaf_hash(leaves[i], entry, n);
    }
    for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
        struct ledger_proof proof;
        size_t n = 0;

        make(&proof, known[k].index, known[k].size);
        while (n < 3 && known[k].path[n] != NULL) {
            hex_encode(hex, proof.path[n], LEDGER_HASH_LEN);
            assert_string_equal(hex, known[k].path[n]);
            n++;
        }
        assert_int_equal(proof.n, n);
    }
}

static void every_leaf_of_every_tree_is_proved(void **state)
{
    uint8_t root[LEDGER_HASH_LEN];

    (void)state;
    for (size_t size = 1; size <= SIZES; size++) {
        root_of(size, root);
        for (size_t index = 0; index < size; index++) {
            struct ledger_proof proof;

            make(&proof, index, size);
            assert_true(ledger_proof_verify(&proof, leaves[index], root));
        }
    }
}

/* Another leaf, place, size, root, a path with a node changed, one too few or
 * too many: each is refused. */
static void anything_else_is_refused(void **state)
{
    uint8_t root[LEDGER_HASH_LEN];

    (void)state;
    for (size_t size = 2; size <= SIZES; size++) {
        root_of(size, root);
        for (size_t index = 0; index < size; index++) {
            struct ledger_proof proof, bad;

            make(&proof, index, size);
            assert_false(
                ledger_proof_verify(&proof, leaves[(index + 1) % size], root));
            bad = proof;
            bad.index = (index + 1) % size;
            assert_false(ledger_proof_verify(&bad, leaves[index], root));
            bad = proof;
            bad.index = size;
            assert_false(ledger_proof_verify(&bad, leaves[index], root));
            bad = proof;
            bad.n--;
            assert_false(ledger_proof_verify(&bad, leaves[index], root));
            bad = proof;
            bad.n++;
            assert_false(ledger_proof_verify(&bad, leaves[index], root));
            for (size_t i = 0; i < proof.n; i++) {
                bad = proof;
                bad.path[i][index % LEDGER_HASH_LEN] ^= 1;
                assert_false(ledger_proof_verify(&bad, leaves[index], root));
            }
            root[0] ^= 1;
            assert_false(ledger_proof_verify(&proof, leaves[index], root));
            root[0] ^= 1;
        }
    }
}

static void odd_proofs_are_refused(void **state)
{
    struct ledger_proof proof = { .index = 0, .size = 0 };
    struct ledger_tree none = { 0 };

    (void)state;
    assert_false(ledger_proof_verify(&proof, leaves[0], leaves[0]));
    proof.size = 1;
    assert_true(ledger_proof_verify(&proof, leaves[0], leaves[0]));
    proof.n = LEDGER_PROOF_MAX + 1;
    assert_false(ledger_proof_verify(&proof, leaves[0], leaves[0]));
    assert_int_equal(
        ledger_proof_make(&proof, &none,
                          (const uint8_t(*)[LEDGER_HASH_LEN])leaves, 0),
        -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(gives_the_known_paths, setup),
        cmocka_unit_test_setup(every_leaf_of_every_tree_is_proved, setup),
        cmocka_unit_test_setup(anything_else_is_refused, setup),
        cmocka_unit_test_setup(odd_proofs_are_refused, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Proofs as text. As it comes nothing opens; what we write of any entry in a
 * tree of any size opens for that entry alone, and not when a byte is changed
 * or the end is missing.
 */
#include "fuzz.h"

#include "resguardo/ledger.h"

#include <sodium.h>

#define NAME "intake.example.co/0123abcd"

#define ENTRIES 200u

static struct secret *seed;
static char vkey[LEDGER_VKEY_SIZE];

static void set_up(void)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

    if (seed != NULL)
        return;
    FUZZ_CHECK(sodium_init() >= 0);
    seed = secret_new(crypto_sign_SEEDBYTES);
    FUZZ_CHECK(seed != NULL &&
               crypto_sign_seed_keypair(public_key, secret_key, seed->p) == 0);
    FUZZ_CHECK(note_vkey_format(vkey, NAME, public_key) == 0);
}

static void leaf_of(uint64_t i, uint8_t out[static LEDGER_HASH_LEN])
{
    ledger_leaf_hash(out, &i, sizeof(i));
}

static void sign_root(const struct ledger_tree *tree, struct buf *note)
{
    struct ledger_checkpoint c = { .origin = NAME, .size = tree->size };
    struct buf text = { 0 };
    struct error e;

    ledger_tree_root(tree, c.root);
    FUZZ_CHECK(ledger_checkpoint_format(&c, &text) == 0);
    FUZZ_CHECK(note_sign(note, (const char *)text.p, NAME, seed, &e) == 0);
    buf_free(&text);
}

static bool opens(const void *text, size_t len, uint64_t index)
{
    struct ledger_checkpoint c;
    struct ledger_proof proof;
    struct error e = { 0 };
    uint8_t leaf[LEDGER_HASH_LEN];

    leaf_of(index, leaf);
    if (ledger_proof_open(&proof, &c, text, len, leaf, vkey, &e) == 0)
        return true;
    FUZZ_CHECK(e.code == ERR_INPUT || e.code == ERR_VERIFY);
    return false;
}

/* A proof of one entry of a tree, and that only it opens. */
static void check_written(uint64_t size, uint64_t index, size_t change)
{
    struct ledger_tree tree = { 0 }, before = { 0 };
    struct buf note = { 0 }, text = { 0 };
    uint8_t leaves[ENTRIES][LEDGER_HASH_LEN];
    struct ledger_proof proof;

    for (uint64_t i = 0; i < size; i++) {
        leaf_of(i, leaves[i]);
        if (i < index)
            ledger_tree_add(&before, leaves[i]);
        ledger_tree_add(&tree, leaves[i]);
    }
    sign_root(&tree, &note);
    FUZZ_CHECK(
        ledger_proof_make(&proof, &before,
                          (const uint8_t(*)[LEDGER_HASH_LEN]) & leaves[index],
                          (size_t)(size - index)) == 0);
    FUZZ_CHECK(ledger_proof_write(&text, &proof, note.p, note.len) == 0);
    FUZZ_CHECK(opens(text.p, text.len, index));
    FUZZ_CHECK(!opens(text.p, text.len, index + 1));
    change %= text.len;
    FUZZ_CHECK(!opens(text.p, change, index));
    text.p[change] ^= 1;
    FUZZ_CHECK(!opens(text.p, text.len, index));
    buf_free(&text);
    buf_free(&note);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    uint64_t entries = 1 + fuzz_byte(&in) % ENTRIES;
    uint64_t index = fuzz_byte(&in) % entries;
    size_t change = fuzz_short(&in);
    char *text = fuzz_string(in.p, in.len);

    set_up();
    FUZZ_CHECK(!opens(text, in.len, index));
    check_written(entries, index, change);
    free(text);
    return 0;
}

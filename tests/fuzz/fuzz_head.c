/*
 * keys/head, the ledger's newest signed tree. As it comes nothing loads,
 * because it is not signed; what we wrote loads as the same tree; what we
 * wrote and the input changed does not load, but for white space in its JSON.
 */
#include "ledger/head.c"

#include "fuzz.h"

#include <sodium.h>

static struct buf file;

int __wrap_file_read(const char *path, size_t max, struct buf *out,
                     struct error *e);
int __wrap_file_read(const char *path, size_t max, struct buf *out,
                     struct error *e)
{
    if (file.len > max)
        return error_set(e, ERR_INPUT, "%s is too long", path);
    return buf_add(out, file.p, file.len) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory");
}

static struct ledger_key key;

static void set_up(void)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

    if (key.seed != NULL)
        return;
    FUZZ_CHECK(sodium_init() >= 0);
    key.seed = secret_new(crypto_sign_SEEDBYTES);
    FUZZ_CHECK(key.seed != NULL &&
               crypto_sign_seed_keypair(public_key, secret_key, key.seed->p) ==
                   0);
    (void)snprintf(key.origin, sizeof(key.origin),
                   "intake.example.co/01234567");
    FUZZ_CHECK(note_vkey_format(key.vkey, key.origin, public_key) == 0);
}

static int load(struct ledger_head *h)
{
    struct error e = { 0 };
    int ok = ledger_head_load(h, "keys/", key.vkey, &e);

    FUZZ_CHECK(ok == 0 || e.code == ERR_VERIFY);
    return ok;
}

static bool same_tree(const struct ledger_tree *a, const struct ledger_tree *b)
{
    uint8_t one[LEDGER_HASH_LEN], two[LEDGER_HASH_LEN];

    ledger_tree_root(a, one);
    ledger_tree_root(b, two);
    return a->size == b->size && memcmp(one, two, sizeof(one)) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    struct ledger_tree tree = { 0 };
    struct ledger_head ours = { 0 }, got = { 0 };
    struct error e = { 0 };
    uint8_t leaf[LEDGER_HASH_LEN] = { 0 };
    unsigned entries = fuzz_byte(&in) % 20;
    size_t at = fuzz_short(&in);

    set_up();
    buf_reset(&file);
    FUZZ_CHECK(buf_add(&file, in.p, in.len) == 0);
    FUZZ_CHECK(load(&got) != 0);

    for (unsigned i = 0; i < entries; i++) {
        leaf[0] = (uint8_t)i;
        ledger_tree_add(&tree, leaf);
    }
    FUZZ_CHECK(ledger_head_sign(&ours, &tree, &key, NULL, &e) == 0);
    buf_reset(&file);
    FUZZ_CHECK(format(&ours, &file) == 0 && load(&got) == 0);
    FUZZ_CHECK(got.tree.size == entries && same_tree(&got.tree, &tree));
    ledger_head_free(&got);

    at %= file.len - 1;
    for (size_t i = 0; i < in.len && at + i < file.len - 1; i++)
        file.p[at + i] ^= in.p[i];
    if (load(&got) == 0)
        FUZZ_CHECK(got.note.len == ours.note.len &&
                   memcmp(got.note.p, ours.note.p, got.note.len) == 0 &&
                   same_tree(&got.tree, &tree));
    ledger_head_free(&got);
    ledger_head_free(&ours);
    return 0;
}

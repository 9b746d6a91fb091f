/*
 * A bundle on an auditor's disk. The entries are whatever comes, the leaves and
 * the signature are those of a careful forger who has the key: it verifies only
 * if each line is the canonical entry of its place; and no file of a bundle
 * that verifies may lose or change a byte.
 */
#include "keyring_help.h"

#include "resguardo/ledger.h"

#include <sodium.h>
#include <unistd.h>

#define NAME "intake.example.co/0123abcd"

static struct secret *seed;
static char vkey[LEDGER_VKEY_SIZE];
static char folder[] = "/tmp/resguardo-fuzz-XXXXXX";

static void put(const char *name, const void *bytes, size_t len)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "wb");
    FUZZ_CHECK(f != NULL && (len == 0 || fwrite(bytes, 1, len, f) == len));
    FUZZ_CHECK(fclose(f) == 0);
}

static void tear_down(void)
{
    static const char *const names[] = { "entries.jsonl", "leaves",
                                         "checkpoint", "vkey",
                                         "keyring.jsonl" };
    char path[128];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static void set_up(void)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    struct buf lines = { 0 };

    if (seed != NULL)
        return;
    FUZZ_CHECK(sodium_init() >= 0 && mkdtemp(folder) != NULL);
    FUZZ_CHECK(atexit(tear_down) == 0);
    seed = secret_new(crypto_sign_SEEDBYTES);
    FUZZ_CHECK(seed != NULL &&
               crypto_sign_seed_keypair(public_key, secret_key, seed->p) == 0);
    FUZZ_CHECK(note_vkey_format(vkey, NAME, public_key) == 0);
    put("vkey", vkey, strlen(vkey));
    keyring_lines(&lines, NULL);
    put("keyring.jsonl", lines.p, lines.len);
    buf_free(&lines);
}

/* Leaves and signature that go with the lines. */
static void forge(const uint8_t *data, size_t size, struct buf *leaves,
                  struct buf *note)
{
    struct fuzz_input in = { data, size };
    struct ledger_tree tree = { 0 };
    struct ledger_checkpoint c = { .origin = NAME };
    struct buf text = { 0 };
    struct error e;

    while (in.len > 0) {
        size_t n;
        const uint8_t *line = fuzz_until(&in, '\n', &n);
        uint8_t leaf[LEDGER_HASH_LEN];
        char hex[HEX_SIZE(LEDGER_HASH_LEN)];

        ledger_leaf_hash(leaf, line, n);
        ledger_tree_add(&tree, leaf);
        hex_encode(hex, leaf, sizeof(leaf));
        FUZZ_CHECK(buf_addf(leaves, "%s\n", hex) == 0);
    }
    c.size = tree.size;
    ledger_tree_root(&tree, c.root);
    FUZZ_CHECK(ledger_checkpoint_format(&c, &text) == 0);
    FUZZ_CHECK(note_sign(note, (const char *)text.p, NAME, seed, &e) == 0);
    buf_free(&text);
}

static bool verifies(void)
{
    struct ledger_bundle bundle;
    struct error e = { 0 };

    if (ledger_bundle_verify(&bundle, folder, NULL, &e) == 0)
        return true;
    FUZZ_CHECK(e.code == ERR_VERIFY && e.text[0] != '\0');
    return false;
}

/* Every line is what an entry of its place must be. */
static bool is_log(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    struct ledger_verifier *v = ledger_verifier_new();
    struct error e = { 0 };
    bool good = size == 0 || data[size - 1] == '\n';

    FUZZ_CHECK(v != NULL);
    while (good && in.len > 0) {
        size_t n;
        const uint8_t *line = fuzz_until(&in, '\n', &n);

        good = ledger_verifier_add(v, line, n, NULL, &e) == 0;
    }
    ledger_verifier_free(&v);
    return good;
}

static void check_changed(const char *name, const struct buf *b, size_t at)
{
    uint8_t *copy = malloc(b->len + 1);

    if (b->len == 0) {
        free(copy);
        return;
    }
    FUZZ_CHECK(copy != NULL);
    memcpy(copy, b->p, b->len);
    copy[at % b->len] ^= 1;
    put(name, copy, b->len);
    FUZZ_CHECK(!verifies());
    put(name, b->p, b->len - 1 - at % b->len);
    FUZZ_CHECK(!verifies());
    put(name, b->p, b->len);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    size_t at = fuzz_short(&in);
    struct buf entries = { 0 }, leaves = { 0 }, note = { 0 };
    bool good;

    set_up();
    forge(in.p, in.len, &leaves, &note);
    FUZZ_CHECK(buf_add(&entries, in.p, in.len) == 0);
    put("entries.jsonl", in.p, in.len);
    put("leaves", leaves.p, leaves.len);
    put("checkpoint", note.p, note.len);

    /* The gate rule may say no to what is a log. */
    good = verifies();
    FUZZ_CHECK(!good || is_log(in.p, in.len));
    if (good) {
        check_changed("entries.jsonl", &entries, at);
        check_changed("leaves", &leaves, at);
        check_changed("checkpoint", &note, at);
    }
    buf_free(&note);
    buf_free(&leaves);
    buf_free(&entries);
    return 0;
}

/* ledger: the text of a proof. */
#include "unit.h"

#include "resguardo/ledger.h"

#include <sodium.h>

static void leaf_of(uint64_t i, uint8_t out[static LEDGER_HASH_LEN])
{
    char text[32];

    (void)snprintf(text, sizeof(text), "entry-%u", (unsigned)i);
    ledger_leaf_hash(out, text, strlen(text));
}

#define SIZE  23u
#define INDEX 7u

/* Of one leaf, from the tree before it and the leaves from it on. */
static void prove(struct ledger_proof *proof,
                  uint8_t root[static LEDGER_HASH_LEN])
{
    struct ledger_tree tree = { 0 }, before = { 0 };
    uint8_t leaves[SIZE][LEDGER_HASH_LEN];

    for (uint64_t i = 0; i < SIZE; i++) {
        leaf_of(i, leaves[i]);
        if (i < INDEX)
            ledger_tree_add(&before, leaves[i]);
    }
    tree = before;
    for (uint64_t i = INDEX; i < SIZE; i++)
        ledger_tree_add(&tree, leaves[i]);
    ledger_tree_root(&tree, root);
    assert_int_equal(
        ledger_proof_make(proof, &before,
                          (const uint8_t(*)[LEDGER_HASH_LEN]) & leaves[INDEX],
                          SIZE - INDEX),
        0);
}

struct signed_proof {
    char vkey[LEDGER_VKEY_SIZE];
    uint8_t leaf[LEDGER_HASH_LEN];
    struct buf note, text;
};

static void sign_tree(struct signed_proof *s, uint64_t size,
                      const uint8_t *root)
{
    struct secret *seed = secret_new(32), *pair = secret_new(64);
    struct ledger_checkpoint c = { .origin = "example.com/log", .size = size };
    struct buf text = { 0 };
    uint8_t public_key[32];
    struct error e = { 0 };

    (void)crypto_sign_seed_keypair(public_key, pair->p, seed->p);
    assert_int_equal(note_vkey_format(s->vkey, c.origin, public_key), 0);
    memcpy(c.root, root, sizeof(c.root));
    assert_int_equal(ledger_checkpoint_format(&c, &text), 0);
    assert_int_equal(
        note_sign(&s->note, (const char *)text.p, c.origin, seed, &e), 0);
    buf_free(&text);
    secret_free(&pair);
    secret_free(&seed);
}

static struct signed_proof signed_proof(void)
{
    struct signed_proof s = { 0 };
    uint8_t root[LEDGER_HASH_LEN];
    struct ledger_proof proof;

    prove(&proof, root);
    leaf_of(INDEX, s.leaf);
    sign_tree(&s, SIZE, root);
    assert_int_equal(ledger_proof_write(&s.text, &proof, s.note.p, s.note.len),
                     0);
    return s;
}

static int open_text(const struct signed_proof *s, const void *text, size_t len)
{
    struct ledger_checkpoint c;
    struct ledger_proof proof;
    struct error e = { 0 };
    int ok = ledger_proof_open(&proof, &c, text, len, s->leaf, s->vkey, &e);

    assert_true(ok == 0 || e.code == ERR_INPUT || e.code == ERR_VERIFY);
    assert_true(ok != 0 || (proof.index == 7 && c.size == 23));
    return ok;
}

static void free_proof(struct signed_proof *s)
{
    buf_free(&s->note);
    buf_free(&s->text);
}

static void a_proof_is_text_and_opens_again(void **state)
{
    static const char head[] = "c2sp.org/tlog-proof@v1\nindex 7\n";
    struct signed_proof s = signed_proof();
    struct buf extra = { 0 };

    (void)state;
    assert_memory_equal(s.text.p, head, sizeof(head) - 1);
    assert_int_equal(open_text(&s, s.text.p, s.text.len), 0);

    /* Others may carry something of their own. */
    assert_int_equal(buf_addf(&extra, "c2sp.org/tlog-proof@v1\nextra eA==\n%s",
                              (const char *)s.text.p + 23),
                     0);
    assert_int_equal(open_text(&s, extra.p, extra.len), 0);
    buf_free(&extra);
    free_proof(&s);
}

static void every_changed_byte_and_every_cut_is_noticed(void **state)
{
    struct signed_proof s = signed_proof();

    (void)state;
    for (size_t i = 0; i < s.text.len; i++) {
        assert_int_equal(open_text(&s, s.text.p, i), -1);
        s.text.p[i] ^= 1;
        assert_int_equal(open_text(&s, s.text.p, s.text.len), -1);
        s.text.p[i] ^= 1;
    }
    assert_int_equal(open_text(&s, s.text.p, s.text.len), 0);
    free_proof(&s);
}

static void another_entry_and_another_key_are_refused(void **state)
{
    struct signed_proof s = signed_proof();

    (void)state;
    leaf_of(8, s.leaf);
    assert_int_equal(open_text(&s, s.text.p, s.text.len), -1);
    leaf_of(7, s.leaf);
    (void)strcpy(s.vkey, "example.com/consent-log+f289d35b+AQOhB7/zzhC+"
                         "HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
    assert_int_equal(open_text(&s, s.text.p, s.text.len), -1);
    free_proof(&s);
}

static void odd_forms_are_refused(void **state)
{
    static const char *const odd[] = {
        "",
        "\n",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v2\nindex 7\n\n",
        "c2sp.org/tlog-proof@v1\nindex 07\n\n",
        "c2sp.org/tlog-proof@v1\nindex -7\n\n",
        "c2sp.org/tlog-proof@v1\nindex \n\n",
        "c2sp.org/tlog-proof@v1\nextra eA==\n",
        "c2sp.org/tlog-proof@v1\nindex 7\nAAAA\n\n",
        "c2sp.org/tlog-proof@v1\nindex 99999999999999999999\n\n",
    };
    struct signed_proof s = signed_proof();

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        assert_int_equal(open_text(&s, odd[i], strlen(odd[i])), -1);
    free_proof(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proof_is_text_and_opens_again),
        cmocka_unit_test(every_changed_byte_and_every_cut_is_noticed),
        cmocka_unit_test(another_entry_and_another_key_are_refused),
        cmocka_unit_test(odd_forms_are_refused),
    };

    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

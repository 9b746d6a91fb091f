/*
 * The history of a ledger's key, and cosignatures, as a desk, a bundle or a
 * witness sends them. As it comes nothing verifies, since nobody signed it;
 * what we write of an exchange verifies and leads from the one key to the
 * other, and not when a byte of it is changed. A cosignature of ours is found
 * among any other lines, and none where there is none.
 */
#include "fuzz.h"

#include "resguardo/ledger.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define NAME "intake.example.co/0123abcd"

static struct secret *seeds[2];
static char vkeys[2][LEDGER_VKEY_SIZE];
static struct buf line; /* an exchange */

static json_t *entry_of(void)
{
    return json_pack("{s:i, s:i, s:s, s:s, s:{s:s, s:s}}", "v", 1, "index", 0,
                     "time", "2026-11-24T00:17:54.123Z", "event_type",
                     "ledger_key_rotated", "evidence", "former_vkey", vkeys[0],
                     "vkey", vkeys[1]);
}

static void write_line(void)
{
    struct ledger_checkpoint c = { .origin = NAME };
    struct ledger_tree tree = { 0 }, before = { 0 };
    struct ledger_proof proof;
    uint8_t leaf[1][LEDGER_HASH_LEN];
    struct buf entry = { 0 }, text = { 0 }, note = { 0 }, whole = { 0 };
    struct error e = { 0 };
    json_t *o = entry_of();

    FUZZ_CHECK(json_canonical(o, &entry) == 0);
    json_decref(o);
    ledger_leaf_hash(leaf[0], entry.p, entry.len);
    ledger_tree_add(&tree, leaf[0]);
    c.size = 1;
    ledger_tree_root(&tree, c.root);
    FUZZ_CHECK(ledger_checkpoint_format(&c, &text) == 0);
    FUZZ_CHECK(note_sign(&note, (char *)text.p, NAME, seeds[0], &e) == 0);
    FUZZ_CHECK(note_sign_too(&note, (char *)text.p, NAME, seeds[1], &e) == 0);
    FUZZ_CHECK(ledger_proof_make(&proof, &before,
                                 (const uint8_t(*)[LEDGER_HASH_LEN])leaf,
                                 1) == 0);
    FUZZ_CHECK(ledger_proof_write(&whole, &proof, note.p, note.len) == 0);
    o = json_pack("{s:s, s:s}", "entry", (char *)entry.p, "proof",
                  (char *)whole.p);
    FUZZ_CHECK(json_canonical(o, &line) == 0 && buf_adds(&line, "\n") == 0);
    json_decref(o);
    buf_free(&entry);
    buf_free(&text);
    buf_free(&note);
    buf_free(&whole);
}

static void set_up(void)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

    if (seeds[0] != NULL)
        return;
    FUZZ_CHECK(sodium_init() >= 0);
    for (int i = 0; i < 2; i++) {
        seeds[i] = secret_new(crypto_sign_SEEDBYTES);
        FUZZ_CHECK(seeds[i] != NULL);
        seeds[i]->p[0] = (uint8_t)i;
        (void)crypto_sign_seed_keypair(public_key, secret_key, seeds[i]->p);
        FUZZ_CHECK(note_vkey_format(vkeys[i], NAME, public_key) == 0);
    }
    write_line();
}

static bool reads(const void *text, size_t len, size_t *way)
{
    struct ledger_history h;
    struct error e = { 0 };
    int ok = ledger_history_read(&h, text, len, &e);

    FUZZ_CHECK(ok == 0 || e.code == ERR_VERIFY);
    *way = ledger_history_way(&h, vkeys[0], vkeys[1]);
    ledger_history_free(&h);
    return ok == 0;
}

/* ---- cosignatures ------------------------------------------------------- */

static void cosignature(struct buf *note, const char *text, char *vkey)
{
    uint8_t typed[33] = { 0x04 }, id[SHA256_LEN], blob[76] = { 0 };
    uint8_t public_key[32], secret_key[crypto_sign_SECRETKEYBYTES];
    char base64[BASE64_SIZE(76)], hex[9], key64[BASE64_SIZE(33)];
    struct buf of = { 0 };

    (void)crypto_sign_seed_keypair(public_key, secret_key, seeds[1]->p);
    memcpy(typed + 1, public_key, 32);
    FUZZ_CHECK(buf_adds(&of, "w\n") == 0 && buf_add(&of, typed, 33) == 0);
    sha256_of(id, of.p, of.len);
    buf_reset(&of);
    FUZZ_CHECK(buf_addf(&of, "cosignature/v1\ntime 7\n%s", text) == 0);
    memcpy(blob, id, 4);
    blob[11] = 7;
    (void)crypto_sign_detached(blob + 12, NULL, of.p, of.len, secret_key);
    base64_encode(base64, blob, sizeof(blob), true);
    hex_encode(hex, id, 4);
    base64_encode(key64, typed, sizeof(typed), true);
    (void)snprintf(vkey, LEDGER_VKEY_SIZE, "w+%s+%s", hex, key64);
    FUZZ_CHECK(buf_addf(note, "\xe2\x80\x94 w %s\n", base64) == 0);
    buf_free(&of);
}

static void witness(const char *more)
{
    struct ledger_witness w;
    struct buf note = { 0 };
    struct error e = { 0 };
    char vkey[LEDGER_VKEY_SIZE];
    uint64_t time = 0;
    int before, found;

    FUZZ_CHECK(buf_addf(&note, "a\n\n%s", more) == 0);
    cosignature(&note, "a\n", vkey);
    FUZZ_CHECK(ledger_witness_parse(&w, vkey, &e) == 0);
    found = ledger_cosigned(&w, (char *)note.p, note.len, &time, NULL, &e);
    FUZZ_CHECK(found != 0 || strstr(more, "\n\n") != NULL);
    FUZZ_CHECK(found <= 0 || time == 7);

    /* Without it nothing is found in what comes. */
    buf_reset(&note);
    FUZZ_CHECK(buf_addf(&note, "a\n\n%s", more) == 0);
    before = ledger_cosigned(&w, (char *)note.p, note.len, &time, NULL, &e);
    FUZZ_CHECK(before <= 0);
    buf_free(&note);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    bool change = fuzz_byte(&in) == 0;
    size_t at = fuzz_short(&in), way;
    struct buf copy = { 0 };

    set_up();
    FUZZ_CHECK(!reads(in.p, in.len, &way) || in.len == 0);
    FUZZ_CHECK(reads(line.p, line.len, &way) && way == 0);
    FUZZ_CHECK(buf_add(&copy, line.p, line.len) == 0);
    if (change && in.len > 0 && in.p[0] != 0) {
        copy.p[at % (copy.len - 1)] ^= in.p[0];

        /* White space and a letter's other escape are the same JSON. */
        if (reads(copy.p, copy.len, &way))
            FUZZ_CHECK(way == 0);
    }
    buf_reset(&copy);
    FUZZ_CHECK(buf_add(&copy, in.p, in.len) == 0 && buf_adds(&copy, "") == 0);
    witness((char *)copy.p);
    buf_free(&copy);
    return 0;
}

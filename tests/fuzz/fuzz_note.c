/*
 * Signed notes, checkpoints and verifier keys. As it comes nothing opens
 * under our key but what we signed; a checkpoint that parses is written as
 * the bytes it came from; a verifier key that parses is written as the same
 * text; what we sign opens to its length, and not when a byte is changed.
 */
#include "fuzz.h"

#include "resguardo/ledger.h"

#include <sodium.h>

#define NAME "intake.example.co/0123abcd"

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

static void check_vkey(const char *s)
{
    char name[LEDGER_ORIGIN_SIZE], back[LEDGER_VKEY_SIZE];
    uint8_t key[32];
    struct error e = { 0 };

    if (note_vkey_parse(s, name, key, &e) != 0)
        return;
    FUZZ_CHECK(note_vkey_format(back, name, key) == 0);
    FUZZ_CHECK(strcmp(back, s) == 0);
}

static void check_checkpoint(const char *s, size_t len)
{
    struct ledger_checkpoint c;
    struct error e = { 0 };
    struct buf back = { 0 };

    if (ledger_checkpoint_parse(&c, s, len, &e) != 0)
        return;
    FUZZ_CHECK(ledger_checkpoint_format(&c, &back) == 0);
    FUZZ_CHECK(back.len <= len && memcmp(back.p, s, back.len) == 0);
    buf_free(&back);
}

static void check_signed(const char *s, size_t len, size_t flip)
{
    struct error e = { 0 };
    struct buf note = { 0 };
    struct ledger_checkpoint c;
    size_t text_len = 0;

    FUZZ_CHECK(note_open(s, len, vkey, &text_len, &e) != 0);
    if (strlen(s) != len || note_sign(&note, s, NAME, seed, &e) != 0) {
        buf_free(&note);
        return;
    }
    FUZZ_CHECK(note_open((const char *)note.p, note.len, vkey, &text_len, &e) ==
               0);
    FUZZ_CHECK(text_len == len && memcmp(note.p, s, len) == 0);
    if (ledger_checkpoint_open(&c, (const char *)note.p, note.len, vkey, &e) ==
        0)
        FUZZ_CHECK(strcmp(c.origin, NAME) == 0);
    flip %= note.len;
    note.p[flip] ^= 1;
    FUZZ_CHECK(note_open((const char *)note.p, note.len, vkey, &text_len, &e) !=
               0);
    buf_free(&note);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    size_t flip = fuzz_short(&in);
    char *s = fuzz_string(in.p, in.len);

    set_up();
    check_vkey(s);
    check_checkpoint(s, in.len);
    check_signed(s, in.len, flip);
    free(s);
    return 0;
}

/* A certificate that holds, of a log of five entries. */
#ifndef RESGUARDO_CERTIFICATE_HELP_H
#define RESGUARDO_CERTIFICATE_HELP_H

#include <string.h>

#include <sodium.h>

#include "cli/cli.h"
#include "resguardo/ledger.h"

#define CERTIFICATE_LOG "intake.example.co/0123abcd"
#define CERTIFICATE_ENTRY                                                      \
    "{\"documents\":1,\"erasure_id\":\"x1\",\"ground\":\"request\","           \
    "\"scope\":\"subject\",\"subject\":\"s1\"}"

static inline json_t *certificate_path(const struct ledger_proof *proof)
{
    char hex[HEX_SIZE(LEDGER_HASH_LEN)];
    json_t *path = json_array();

    for (size_t i = 0; i < proof->n; i++) {
        hex_encode(hex, proof->path[i], LEDGER_HASH_LEN);
        (void)json_array_append_new(path, json_string(hex));
    }
    return path;
}

/* The caller owns it; vkey becomes the log's. */
static inline json_t *certificate_new(char vkey[LEDGER_VKEY_SIZE])
{
    static const char *const entries[] = { "a", "b", CERTIFICATE_ENTRY, "c",
                                           "d" };
    struct ledger_checkpoint checkpoint = { .size = 5 };
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], leaves[5][LEDGER_HASH_LEN];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    struct secret *seed = secret_new(crypto_sign_SEEDBYTES);
    struct ledger_tree before = { 0 }, all = { 0 };
    struct buf text = { 0 }, note = { 0 };
    struct ledger_proof proof;
    struct error e = { 0 };
    json_t *paper;

    memset(seed->p, 7, seed->len);
    (void)crypto_sign_seed_keypair(public_key, secret_key, seed->p);
    (void)note_vkey_format(vkey, CERTIFICATE_LOG, public_key);
    for (size_t i = 0; i < 5; i++) {
        ledger_leaf_hash(leaves[i], entries[i], strlen(entries[i]));
        if (i < 2)
            ledger_tree_add(&before, leaves[i]);
        ledger_tree_add(&all, leaves[i]);
    }
    (void)ledger_proof_make(&proof, &before,
                            (const uint8_t(*)[LEDGER_HASH_LEN]) & leaves[2], 3);
    (void)memcpy(checkpoint.origin, CERTIFICATE_LOG, sizeof(CERTIFICATE_LOG));
    ledger_tree_root(&all, checkpoint.root);
    (void)ledger_checkpoint_format(&checkpoint, &text);
    (void)note_sign(&note, (const char *)text.p, CERTIFICATE_LOG, seed, &e);
    paper = json_pack(
        "{s:s, s:s, s:s, s:s, s:[{}], s:{s:s, s:i, s:i, s:o, s:s, s:s}}",
        "erasure_id", "x1", "subject", "s1", "scope", "subject", "ground",
        "request", "documents", "ledger", "entry", CERTIFICATE_ENTRY, "index",
        2, "tree_size", 5, "proof", certificate_path(&proof), "checkpoint",
        (const char *)note.p, "vkey", vkey);
    secret_free(&seed);
    buf_free(&text);
    buf_free(&note);
    return paper;
}

#endif

/*
 * key: the signing key of this instance in keys/ledger, one line as Go's note
 * package writes signer keys: PRIVATE+KEY+ORIGIN+KEYID+BASE64(0x01 ‖ seed).
 */
#ifndef LEDGER_KEY_H
#define LEDGER_KEY_H

#include "resguardo/ledger.h"

struct ledger_key {
    char origin[LEDGER_ORIGIN_SIZE];
    char vkey[LEDGER_VKEY_SIZE];
    struct secret *seed;
};

/* Fills key (the seed is handed over) and writes keys/ledger, 0600. ERR_INPUT:
 * the origin is not a key name; ERR_CONFLICT: there is a key already. */
int ledger_key_create(struct ledger_key *, const char *keys_dir,
                      const char *origin, struct secret **seed, struct error *);
/* ERR_INPUT: malformed, or readable by others. */
int ledger_key_load(struct ledger_key *, const char *keys_dir, struct error *);
void ledger_key_wipe(struct ledger_key *);

#endif

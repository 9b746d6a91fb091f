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

/* keys/ledger, and what is to take its place (turn.h). */
#define LEDGER_KEY      "ledger"
#define LEDGER_KEY_NEXT "ledger-next"

/* Draws the seed of a new key of that origin. ERR_INPUT: it is no key name. */
int ledger_key_draw(struct ledger_key *, const char *origin,
                    const struct random_source *, struct error *);
/* Writes it, 0600. ERR_CONFLICT: there is a key already. */
int ledger_key_create(const struct ledger_key *, const char *keys_dir,
                      struct error *);
/* Writes it under that name, in place of what was there: that is overwritten
 * first, as far as the file system lets it. */
int ledger_key_replace(const struct ledger_key *, const char *keys_dir,
                       const char *name, struct error *);
/* Overwrites and removes it; also where there is none. */
int ledger_key_drop(const char *keys_dir, const char *name, struct error *);
/* ERR_VERIFY: missing; ERR_INPUT: malformed, or readable by others. */
int ledger_key_load(struct ledger_key *, const char *keys_dir, const char *name,
                    struct error *);
void ledger_key_wipe(struct ledger_key *);

#endif

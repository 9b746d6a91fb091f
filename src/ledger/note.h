/* note: the lines of a signed note, for those who sign it beside us. */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include "resguardo/ledger.h"

#define NOTE_ID_LEN 4

enum note_type { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

/* A verifier key of that type: name, key and key id. */
int note_key_parse(const char *vkey, enum note_type,
                   char name[static LEDGER_ORIGIN_SIZE],
                   uint8_t public_key[static 32],
                   uint8_t id[static NOTE_ID_LEN], struct error *);

/* Each signature line, without its newline, and what its base64 holds: at least
 * a key id and a byte. Not 0 (with error) ends it. */
typedef int (*note_line)(void *arg, const char *line, size_t line_len,
                         const char *name, size_t name_len, const uint8_t *blob,
                         size_t);
/* Checks the form of a note; *text_len is the length of its text. ERR_INPUT. */
int note_walk(const char *note, size_t len, size_t *text_len, note_line each,
              void *arg, struct error *);

#endif

/*
 * Keys as the registrar works with them: who is on the keyring, whose headers
 * are of which epoch, and what signs the ledger.
 */
#ifndef RESGUARDO_KEYRING_PRIVATE_H
#define RESGUARDO_KEYRING_PRIVATE_H

#include "registrar_private.h"

/* ---- the keyring (keyring_*.c, header_change.c) ------------------------- */

/* The keyring after what was applied so far, committed or not. */
const struct keyring *keyring_newest(const struct registrar *);
/* Does who asks have the role and the key still, in this very transaction?
 * ERR_NOT_PERMITTED: they were revoked since the desk looked. */
int keyring_permits(const struct registrar *, const struct staff_access *,
                    struct error *);
/* A leaf of what staff did, and its evidence with the signature. */
json_t *keyring_leaf(struct registrar *, const char *event,
                     const struct staff_access *);
void keyring_leaf_signed(json_t *evidence, const struct staff_access *);
/* The steps of registrar_rewrap and registrar_prove (header_change.c); arg is
 * theirs. */
int headers_move(struct registrar *, void *arg, struct error *);
int headers_prove(struct registrar *, void *arg, struct error *);
/* The step of registrar_change_keyring; arg is the change. */
int keyring_apply(struct registrar *, void *arg, struct error *);
/* After a batch: what it made of the keyring counts, or never was. */
void keyring_committed(struct registrar *);
void keyring_undone(struct registrar *);
/* There were two officers once (meta). */
#define META_TWO_OFFICERS "two_officers"
/* Once nobody knows what was committed. */
int keyring_reload(struct registrar *, struct error *);
void keyring_close(struct registrar *);

/* ---- the ledger's key (ledger_key.c) ------------------------------------- */

/* Shows others the key of now. */
int ledger_key_show(struct registrar *, struct error *);
void ledger_key_close(struct registrar *);
/* ledger_checkpoint, which may be where the key is exchanged. */
int ledger_key_checkpoint(struct registrar *, struct buf *note, struct error *);

#endif

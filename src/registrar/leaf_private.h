/*
 * What the registrar puts on record: leaves of the ledger, and what staff's
 * accesses leave.
 */
#ifndef RESGUARDO_LEAF_PRIVATE_H
#define RESGUARDO_LEAF_PRIVATE_H

#include "registrar_private.h"

/* ---- leaves (leaf.c) ----------------------------------------------------- */

/* {time, event_type, subject?, policy?}; NULL: no memory. */
json_t *leaf_new(struct registrar *, const char *event_type,
                 const char *subject, const char *policy);
/* Members, of a leaf or of what it will hold; absent values (NULL, "") are left
 * out. Errors surface in leaf_append, or when asked: since leaf_new, or the
 * last time, was every member added? */
bool leaf_whole(void);
void leaf_text(json_t *leaf, const char *key, const char *value);
void leaf_time(json_t *leaf, const char *key, msec);
void leaf_hash(json_t *leaf, const char *key, const uint8_t *, size_t);
/* Takes it; an empty one is said, too. */
void leaf_value(json_t *leaf, const char *key, json_t *value);
void leaf_object(json_t *leaf, const char *key, json_t *value); /* takes it */
/* Appends and releases the leaf, also on failure. leaf NULL: ERR_NOMEM. */
int leaf_append(struct registrar *, json_t *leaf, uint64_t *index,
                struct error *);
/* A leaf of texts alone, entered: what the commonest ones are. `more` is what
 * it has beside the time, the event, the person and the policy. */
int leaf_enter(struct registrar *, const char *event_type, const char *subject,
               const char *policy, const struct ledger_text *more, size_t n,
               struct error *);
/* hex of SHA-256(salt ‖ value) with a fresh 16-byte salt, both returned. */
#define SALT_LEN 16
void leaf_commit(struct registrar *, const void *value, size_t,
                 uint8_t salt[static SALT_LEN], char hex[static 65]);

/* ---- what staff did (record.c) ------------------------------------------- */

/* The step of registrar_record; arg is a copy of the access. */
int record_apply(struct registrar *, void *arg, struct error *);
/* An access as a leaf, free text as a note. Members of `more` (may be NULL; it
 * is taken) go into the leaf's evidence. */
int staff_record(struct registrar *, const struct staff_access *, json_t *more,
                 struct error *);

#endif

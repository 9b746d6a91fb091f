/* The check's parts: audit.c looks and judges, the others know one matter. */
#ifndef RESGUARDO_DESK_AUDIT_PRIVATE_H
#define RESGUARDO_DESK_AUDIT_PRIVATE_H

#include "desk_private.h"

struct audit {
    struct store *store;
    struct error *err; /* of the step under way */
    json_t *faults;

    /* Seen at `size`: */
    uint64_t size;
    json_t *files;       /* place under payloads/: true */
    json_t *loose;       /* the same */
    json_t *consent;     /* subject/policy/purpose: state */
    json_t *attachments; /* id: state */
    json_t *evidence;    /* id: true */
    struct document_row *documents;
    size_t n, cap;
    struct keyring *keyring; /* its rows, as far as they hold */
    json_t *heads;           /* of the log after each of them */
    struct error unsound;    /* why they hold no further */

    /* Said by the leaves before `size`: */
    json_t *bound;   /* document id: what its leaves say, with its state, its
                      * header's hash and epoch, and those before it while it is
                      * unproven */
    json_t *decided; /* subject/policy/purpose: state */
    json_t *ended;   /* attachment id: the state that it ended in */
    json_t *proofs;  /* evidence id: true */
    json_t *notices; /* policy/version/language: notice_sha256 */
    json_t *changes; /* place in the keyring log: the log's head after it */
    struct ledger_verifier *verifier;
    bool broken; /* the ledger does not verify: its first fault is named */
};

/* Adds a fault; -1 only when there is no memory. */
__attribute__((format(printf, 2, 3))) int audit_fault(struct audit *,
                                                      const char *fmt, ...);
/* What the store says is damaged is a fault; anything else is a failure. */
int audit_fault_or_fail(struct audit *, const char *what);
/* Takes the value. */
int audit_put(struct audit *, json_t *map, const char *key, json_t *value);

/* A decision's name: ids and names hold no slash. */
#define AUDIT_KEY_SIZE (ID_SIZE + 2 * STORE_NAME_SIZE + 2)
int audit_key(char out[static AUDIT_KEY_SIZE], const char *subject,
              const char *policy, const char *purpose);

/* Learns what one leaf says of the rows (audit_leaf.c). */
int audit_learn(struct audit *, const json_t *leaf);
/* Rows against what was learnt. */
int audit_judge_rows(struct audit *);
/* The keyring's rows, in the look's transaction; then against the keyring that
 * the daemon worked with before the look, and the leaves (audit_keyring.c). */
int audit_look_keyring(struct audit *);
int audit_learn_keyring(struct audit *, const json_t *leaf);
int audit_judge_keyring(struct audit *, const struct keyring *live);
/* Learns which header a document has (audit_header.c); rows against that. */
int audit_learn_header(struct audit *, const json_t *leaf);
int audit_judge_header(struct audit *, const struct document_row *);
/* Documents against payload files, slots and leaves (audit_document.c). */
int audit_judge_documents(struct audit *);

#endif

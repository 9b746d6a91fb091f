/* The check's parts: audit.c looks and judges, the others know one matter. */
#ifndef RESGUARDO_DESK_AUDIT_PRIVATE_H
#define RESGUARDO_DESK_AUDIT_PRIVATE_H

#include "desk_private.h"

#include "resguardo/ledger.h"

struct audit {
    struct store *store;
    struct error *err; /* of the step under way */
    json_t *faults;

    struct ledger_index places; /* what was compared lately */
    bool misplaced;             /* the index lacks an entry, and that is said */

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
                      * header's hash and epoch, and those before it while
                      * it is unproven */
    json_t *decided; /* subject/policy/purpose: state */
    json_t *ended;   /* attachment id: the state that it ended in */
    json_t *ends;    /* attachment id: whose it was */
    json_t *proofs;  /* evidence id: of whom */
    json_t *erased;  /* subject: what of them is gone, or going */
    json_t *notices; /* policy/version/language: notice_sha256 */
    json_t *changes; /* place in the keyring log: the log's head after it */
    json_t *rows, *said; /* case, hold, approval, subject: id: state */
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
/* Cases, holds, approvals, who is blocked (audit_officer.c). */
int audit_officers_new(struct audit *);
int audit_look_officers(struct audit *);
int audit_learn_officers(struct audit *, const json_t *leaf);
/* The leaves say that this person, and so all their documents, are blocked. */
bool audit_said_blocked(const struct audit *, const char *subject);
int audit_judge_officers(struct audit *);
/* Erasures, by their leaves (audit_erasure.c). */
enum { LEAVING = 1, GONE = 2, PROOF_LEAVING = 4, PROOF_GONE = 8 };
int audit_learn_erasure(struct audit *, const json_t *leaf);
/* Any of these? */
bool audit_erased(const struct audit *, const char *subject, int what);
/* By the rows as they are now: an erasure is under way, or was since. What
 * looks like a fault then is none. */
bool audit_person_goes(struct audit *, const char *subject, const char *kind);
bool audit_document_goes(struct audit *, const struct document_row *);
/* Learns which header a document has (audit_header.c); rows against that. */
int audit_learn_header(struct audit *, const json_t *leaf);
int audit_judge_header(struct audit *, const struct document_row *);
/* Documents against payload files, slots and leaves (audit_document.c). */
int audit_judge_documents(struct audit *);

#endif

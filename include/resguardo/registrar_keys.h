/*
 * Keys and what hangs on them, on record: the keyring, headers of another
 * epoch, kits, and the ledger's checkpoints and stamps.
 */
#ifndef RESGUARDO_REGISTRAR_KEYS_H
#define RESGUARDO_REGISTRAR_KEYS_H

#include "resguardo/registrar_staff.h"
#include "resguardo/store_keep.h"

/* ---- the keyring --------------------------------------------------------- */

/* Entries for the keyring, signed by the CLI of who asks, and the grants that
 * they call for: a new epoch one for each reader, a new reader one for the
 * newest epoch and each that has documents. One of [staff], [revoke, epoch],
 * [epoch], [key], or no entry and grants for one who reads already: they stand
 * beside the first that this reader has, which may be missing or may not open,
 * and replace those that were given after it. */
struct keyring_line {
    struct buf entry;
    uint8_t signature[SIGN_LEN];
};
struct keyring_grant {
    unsigned epoch;
    uint32_t uid;
    struct buf file;
};
struct keyring_change {
    struct staff_access by; /* its event_type is not used */
    uint64_t size;          /* of the keyring that the entries follow */
    struct keyring_line lines[2];
    size_t nlines;
    struct keyring_grant *grants;
    size_t ngrants;
    struct approval *approval; /* the registrar's */
};
/* Checks a change by the keyring's rules, commits it with its grants and
 * leaves, and works with it from then on; blocks the caller. ERR_CONFLICT when
 * the keyring is not of the size that the change follows. */
int registrar_change_keyring(struct registrar *, const struct keyring_change *,
                             struct error *);

/* ---- its rows (keyring_log.c) -------------------------------------------- */

/* Reads the log to a keyring of nothing. ERR_VERIFY when an entry does not
 * hold. */
int keyring_log_replay(struct store *, struct keyring *, struct error *);
/* The same against what is pinned beside the keys: its root, and the longest
 * log ever worked with, so that a database put back from an older copy brings
 * no revoked reader back. The caller frees. */
int keyring_log_open(struct store *, struct keyring **, struct error *);
/* Pins how long the log is now. */
int keyring_log_pin(struct store *, const struct keyring *, struct error *);

/* ---- headers ------------------------------------------------------------- */

/* Headers of another epoch for documents that are there. `former` is the epoch
 * of the header that was opened for it: the one in place, or the proven one
 * before it. */
struct rewrap_item {
    char document[ID_SIZE];
    unsigned former;
    struct buf header;
};
struct rewrap {
    struct staff_access by;
    unsigned epoch;
    struct rewrap_item *items;
    size_t n;
    size_t done; /* those that had not changed meanwhile */
};
/* Puts the headers in place, with one leaf that names each and its hashes;
 * blocks the caller. ERR_INPUT for what is no header to one recipient. */
int registrar_rewrap(struct registrar *, struct rewrap *, struct error *);

/* Headers that somebody took from the desk again and opened. */
struct proof_item {
    char document[ID_SIZE];
    uint8_t sha256[SHA256_LEN]; /* of the header */
};
struct proof {
    struct staff_access by;
    struct proof_item *items;
    size_t n;
    size_t done;
};
/* Gives up the headers before those that were opened; ERR_NOT_PERMITTED for
 * those that are not theirs to prove. */
int registrar_prove(struct registrar *, struct proof *, struct error *);
/* 0, or ERR_NOT_PERMITTED with why this officer does not prove the unproven
 * header of a row: they moved it themselves and there is another officer, or
 * there was one and it is no month ago; or one of the two is new. */
int header_check_prover(struct store *, const struct keyring *,
                        const struct document_row *, uint32_t uid, msec now,
                        struct error *);

/* A page of headers that is about to leave. */
struct headers_read {
    struct staff_access by;
    unsigned epoch;
    bool unproven;
    size_t n;
};
int registrar_record_headers(struct registrar *, struct headers_read *,
                             struct error *);

/* ---- a kit for who is not on the keyring --------------------------------- */

/* A kit that is about to be printed. */
struct escrow {
    struct staff_access by;
    unsigned epoch;
    uint8_t recipient_sha256[SHA256_LEN];
};
/* An officer seals an epoch's secret for who is not on the keyring. */
int registrar_record_escrow(struct registrar *, struct escrow *,
                            struct error *);

/* ---- the ledger ---------------------------------------------------------- */

/* Records the exchange of the ledger's key and signs the checkpoint with both:
 * appended to note. When only that fails it is done with the next one. */
int registrar_rotate_ledger_key(struct registrar *, const struct staff_access *,
                                struct buf *note, struct error *);
/* Keeps a checkpoint that is signed by us and cosigned, beside the lines that
 * are stored of it, which are added to the note. */
struct cosigned {
    uint64_t size;
    struct buf *note;
};
int registrar_keep_cosigned(struct registrar *, struct cosigned *,
                            struct error *);
/* What came of asking an authority of time about a checkpoint. */
struct stamp_record {
    const struct staff_access *by; /* who wanted it now; NULL: the daemon */
    struct stamp_row row;          /* size and all that the caller has */
    uint8_t root[SHA256_LEN];      /* of the tree */
    enum stamp_failure why;        /* STAMP_OK, or why there is none */
};
/* Puts it on record: a stamp that the caller checked, with its row, or that
 * there is none. Blocks the caller. */
int registrar_record_stamp(struct registrar *, struct stamp_record *,
                           struct error *);

#endif

/*
 * ledger: one append-only Merkle log. A leaf is the RFC 8785 JSON of an event:
 * ids, enums, times, hashes and salted commitments only. RFC 6962 tree, C2SP
 * signed-note checkpoints with Ed25519.
 *
 * Promises: an entry is in the tree exactly when its transaction committed; a
 * checkpoint is signed only after the commit and released only after keys/head
 * is fdatasynced; two trees of one size are never signed; a database that is
 * older than the head, or differs from it, is refused at start.
 *
 * Used by the registrar's thread alone, but for the pure functions.
 */
#ifndef RESGUARDO_LEDGER_H
#define RESGUARDO_LEDGER_H

#include "resguardo/base.h"
#include "resguardo/limits.h"
#include "resguardo/store_log.h"

#define LEDGER_HASH_LEN    SHA256_LEN
#define LEDGER_ORIGIN_SIZE 256
#define LEDGER_VKEY_SIZE   512

/* ---- the tree (RFC 6962, 2.1): a value, copied freely ------------------- */

struct ledger_tree {
    uint64_t size;
    /* Roots of the perfect subtrees, largest first; popcount(size) of them. */
    uint8_t frontier[64][LEDGER_HASH_LEN];
};
void ledger_leaf_hash(uint8_t out[static LEDGER_HASH_LEN], const void *entry,
                      size_t);
void ledger_tree_add(struct ledger_tree *,
                     const uint8_t leaf[static LEDGER_HASH_LEN]);
void ledger_tree_root(const struct ledger_tree *,
                      uint8_t out[static LEDGER_HASH_LEN]);
/* To and from bytes: size (8 LE) and frontier; -1 when malformed. */
int ledger_tree_encode(const struct ledger_tree *, struct buf *);
int ledger_tree_decode(struct ledger_tree *, const void *, size_t);

/* ---- that an entry is in a tree (RFC 9162, 2.1.3) ----------------------- */

/* 64 levels, and no tree of ours comes near. */
#define LEDGER_PROOF_MAX 64u
struct ledger_proof {
    uint64_t index, size; /* of the leaf, of the tree */
    size_t n;
    uint8_t path[LEDGER_PROOF_MAX][LEDGER_HASH_LEN];
};
/* From the tree as it was before leaf `index` (so before->size is the index)
 * and the hashes of the leaves from there on, `n` of them, the leaf first.
 * Costs what came after the leaf, however large the log is. -1: n is 0. */
int ledger_proof_make(struct ledger_proof *, const struct ledger_tree *before,
                      const uint8_t (*leaves)[LEDGER_HASH_LEN], size_t n);
/* Does the leaf stand where the proof says, in the tree with this root? */
bool ledger_proof_verify(const struct ledger_proof *,
                         const uint8_t leaf[static LEDGER_HASH_LEN],
                         const uint8_t root[static LEDGER_HASH_LEN]);

/* Proofs of any entry in any tree up to what is stored, each of a few hundred
 * hashes: from the leaves and the tiles of a store, by whoever may read it. Not
 * looked at: whether the hashes are right; verify the proof. ERR_VERIFY: some
 * are missing. ERR_INPUT: index is not below size. */
int ledger_prove(struct store *, uint64_t index, uint64_t size,
                 struct ledger_proof *, struct error *);

/* That one tree is the beginning of another (RFC 9162, 2.1.4). */
struct ledger_growth {
    uint64_t before, size;
    size_t n;
    uint8_t path[LEDGER_PROOF_MAX + 1][LEDGER_HASH_LEN];
};
/* ERR_INPUT: not 0 < before <= size. */
int ledger_prove_growth(struct store *, uint64_t before, uint64_t size,
                        struct ledger_growth *, struct error *);
bool ledger_growth_verify(const struct ledger_growth *,
                          const uint8_t before[static LEDGER_HASH_LEN],
                          const uint8_t now[static LEDGER_HASH_LEN]);

/* ---- signed notes and checkpoints --------------------------------------- */

/* Formats: c2sp.org/signed-note, c2sp.org/tlog-checkpoint. */

/* vkey: NAME+HHHHHHHH+BASE64(0x01 ‖ public key). */
int note_vkey_format(char out[static LEDGER_VKEY_SIZE], const char *name,
                     const uint8_t public_key[static 32]);
int note_vkey_parse(const char *vkey, char name[static LEDGER_ORIGIN_SIZE],
                    uint8_t public_key[static 32], struct error *);
/* Appends text, blank line and signature line; text ends in a newline. */
int note_sign(struct buf *out, const char *text, const char *name,
              const struct secret *seed, struct error *);
/* Appends another signature line to the note of that text. */
int note_sign_too(struct buf *note, const char *text, const char *name,
                  const struct secret *seed, struct error *);
/* Verifies that `note` carries a valid signature by vkey; *text_len is the
 * length of the signed text. ERR_VERIFY / ERR_INPUT. Unknown keys are
 * ignored. */
int note_open(const char *note, size_t len, const char *vkey, size_t *text_len,
              struct error *);

struct ledger_checkpoint {
    char origin[LEDGER_ORIGIN_SIZE];
    uint64_t size;
    uint8_t root[LEDGER_HASH_LEN];
};
int ledger_checkpoint_format(const struct ledger_checkpoint *, struct buf *);
/* Parses a checkpoint's text (origin, size, root; extension lines allowed). */
int ledger_checkpoint_parse(struct ledger_checkpoint *, const char *text,
                            size_t, struct error *);
/* note_open, parse, and origin == name of the vkey. */
int ledger_checkpoint_open(struct ledger_checkpoint *, const char *note, size_t,
                           const char *vkey, struct error *);

/* ---- time stamps of checkpoints (RFC 3161), for anyone ------------------- */

/* Why there is no stamp; a closed list, named in the log. */
enum stamp_failure {
    STAMP_OK,
    STAMP_UNREACHABLE, /* no connection, no TLS, cut */
    STAMP_TIMEOUT,
    STAMP_STATUS,    /* HTTP, but no 200 with a time-stamp-reply */
    STAMP_TOO_LARGE, /* more than LIMIT_STAMP_BYTES */
    STAMP_MALFORMED, /* no response of RFC 3161 */
    STAMP_REFUSED,   /* a response, but the authority granted nothing */
    STAMP_MISMATCH,  /* of something else than was asked */
    STAMP_UNTRUSTED, /* its signature or chain does not hold */
    STAMP_INTERNAL,  /* trouble of our own, before anybody was asked */
    STAMP__MAX
};
extern const char *const stamp_failure_names[STAMP__MAX];

/* Appends the DER of a TimeStampReq: imprint SHA-256 of the bytes (a signed
 * checkpoint, as it is), a fresh nonce, certificates wanted. */
int stamp_query(struct buf *out, const void *bytes, size_t,
                const struct random_source *, struct error *);
/* The bytes that were stamped, the query about them, an answer of outside, and
 * certificates (PEM) of the authorities that are trusted. */
struct stamp_parts {
    const struct buf *note, *query, *answer, *ca;
};
/* The query is of those bytes; the answer is granted, of the query's imprint
 * and nonce, and signed by who may stamp under one of the certificates.
 * `as_then`: the chain is judged at the time of the stamp, not now. *time is
 * the authority's. Not STAMP_OK: ERR_VERIFY says what is wrong. */
enum stamp_failure stamp_check(const struct stamp_parts *, bool as_then,
                               msec *time, struct error *);

/* ---- witnesses (c2sp.org/tlog-cosignature) ------------------------------ */

struct ledger_witness {
    char name[LEDGER_ORIGIN_SIZE];
    uint8_t key[32], id[4];
};
/* vkey: NAME+HHHHHHHH+BASE64(0x04 ‖ public key). ERR_INPUT. */
int ledger_witness_parse(struct ledger_witness *, const char *vkey,
                         struct error *);
/* Did they cosign the note? 1: *time is when (seconds; may be NULL) and line,
 * unless NULL, becomes their signature line; 0; -1: it is no note. Lines that
 * are not theirs, or do not hold, are passed over. */
int ledger_cosigned(const struct ledger_witness *, const char *note, size_t,
                    uint64_t *time, struct buf *line, struct error *);
/* The note with nobody's line but the one of vkey, which must hold. */
int ledger_note_bare(struct buf *out, const char *note, size_t,
                     const char *vkey, struct error *);
/* Adds their line from another note of the same text, which the caller has
 * seen to. 1: added, 0: there is none that holds, or they have one, -1. */
int ledger_cosign(struct buf *note, const char *theirs, size_t,
                  const struct ledger_witness *, struct error *);

/* ---- another key, another origin (docs/ledger.md, Changes) -------------- */

/* What one line of a history says: the ledger's key was exchanged, or it was
 * reopened under another origin because leaves (or the key) were lost. */
struct ledger_change {
    bool reopened;
    char former[LEDGER_VKEY_SIZE], vkey[LEDGER_VKEY_SIZE];
    uint64_t index;                /* of its entry */
    uint8_t leaf[LEDGER_HASH_LEN]; /* of its entry */
    /* The first that the new key signed; an exchange: so did the former. */
    struct ledger_checkpoint first;
    /* Reopened: the last one known of the former origin (entries from `index`
     * on to its end are lost), and the keys of the two officers. */
    struct ledger_checkpoint last;
    uint8_t officers[2][32];
    uint64_t keyring_size; /* in which they are officers */
    /* … and the tree that they saw was left: the first `index` entries. */
    struct ledger_checkpoint restored;
};
/* Parses and checks a line by itself: signatures, proof, and that the entry
 * says what they do. Whether those two are officers is the keyring's to say.
 * ERR_VERIFY. */
int ledger_change_open(struct ledger_change *, const char *line, size_t,
                       struct error *);

/* A history: lines that follow on each other, the last leading to the key of
 * today. Zero: none. */
struct ledger_history {
    struct ledger_change *changes;
    size_t n;
};
/* Parses and checks lines; the caller frees, also on failure. ERR_VERIFY. */
int ledger_history_read(struct ledger_history *, const char *text, size_t,
                        struct error *);
void ledger_history_free(struct ledger_history *);
/* Does it lead from the one key to the other? The first change on that way, or
 * h->n where they are the same; SIZE_MAX: it does not. */
size_t ledger_history_way(const struct ledger_history *, const char *from,
                          const char *to);
/* Opens a checkpoint that the key of today, or one before it in the history,
 * signed. *lost: NULL, or the reopening before which some of its entries were
 * lost, so that no tree of today can be held against it. */
int ledger_history_checkpoint(const struct ledger_history *, const char *vkey,
                              struct ledger_checkpoint *, const char *note,
                              size_t, const struct ledger_change **lost,
                              struct error *);
/* Was what stood at a place of the log lost by change i or a later one? */
bool ledger_history_lost(const struct ledger_history *, size_t i,
                         uint64_t index);
/* The trees that the changes are about and that are still of this log: the
 * first of a new key, what officers saw was left, and what was signed before
 * where none of it was lost. */
struct ledger_verifier;
int ledger_history_expect(const struct ledger_history *,
                          struct ledger_verifier *, struct error *);
/* Is this entry one of the changes? And how many of them are still in the
 * log. */
bool ledger_history_has(const struct ledger_history *, uint64_t index,
                        const uint8_t leaf[static LEDGER_HASH_LEN]);
size_t ledger_history_live(const struct ledger_history *);

/* ---- the log of this instance ------------------------------------------- */

struct ledger; /* opaque */
/* For `init`, inside the writer's transaction: draws origin HOST/XXXXXXXX and
 * the signing key (keys/ledger), writes an empty tree and head. */
int ledger_create(struct store *, const char *host,
                  const struct random_source *, struct error *);
/* Loads key, tree and head; ERR_VERIFY when the database lost or changed what
 * the head promised. */
int ledger_open(struct ledger **, struct store *, struct error *);
void ledger_close(struct ledger **);
/* After the store was reopened: takes the tree from the rows again. */
int ledger_reload(struct ledger *, struct store *, struct error *);

/* On a reader beside the running writer: every entry that is there now, against
 * its leaf and the tree. 0 as it was written, 1 told to stop, -1; ERR_VERIFY
 * names the entry. */
int ledger_recheck(struct store *, store_stop, void *arg, struct error *);

/* Appends one event inside the writer's transaction. `entry` (borrowed) gets
 * "v":1 and "index"; *index is where it went (may be NULL). */
int ledger_append(struct ledger *, json_t *entry, uint64_t *index,
                  struct error *);
/* The same for an entry that has only texts, of the letters that JSON writes as
 * they are; the commonest ones are so. Each key once, in any order; a value
 * that is NULL or "" is left out. ERR_INVARIANT for others. */
#define LEDGER_TEXTS_MAX 16u
struct ledger_text {
    const char *key, *value;
};
int ledger_append_texts(struct ledger *, const struct ledger_text *, size_t n,
                        uint64_t *index, struct error *);
/* The tree that the next entry would be added to, with what is not committed.
 */
const struct ledger_tree *ledger_working(const struct ledger *);
/* Savepoints: mark before, rewind when the savepoint is rolled back. */
void ledger_mark(struct ledger *);
void ledger_rewind(struct ledger *);
/* Once a batch, before the commit: writes the frontier. committed/undone:
 * what became of it. */
int ledger_flush(struct ledger *, struct error *);
void ledger_committed(struct ledger *);
void ledger_undone(struct ledger *);

uint64_t ledger_size(const struct ledger *); /* committed */
const char *ledger_vkey(const struct ledger *);
/* Signs the committed tree (or repeats the last note if nothing was added);
 * keys/head is durable before this returns. Never inside a transaction. */
int ledger_checkpoint(struct ledger *, struct buf *note, struct error *);

/* Inside the writer's transaction: draws a key of the same origin; the very
 * next entry must name it as evidence.vkey. When that is committed, the next
 * checkpoint is signed by both and the former seed is overwritten; otherwise
 * nothing has changed. ERR_CONFLICT: one is under way, the last was less than
 * LIMIT_LEDGER_ROTATE_S ago, or there were LIMIT_LEDGER_ROTATIONS changes. */
int ledger_rotate(struct ledger *, const struct random_source *, msec now,
                  char vkey[static LEDGER_VKEY_SIZE], struct error *);
/* Appends the history: a line for each change of key or origin. Any thread. */
int ledger_history_load(const char *keys_dir, struct buf *text, struct error *);

/* What two officers decide when ledger_open refuses because leaves, or the key,
 * are lost. */
struct ledger_reopening {
    const char *host; /* of the new origin */
    msec now;
    const char *names[2]; /* Unix names of the two officers */
    const struct secret *identities[2];
    uint64_t keyring_size; /* in which they are officers */
    const char *last;      /* a checkpoint that somebody kept, or NULL */
    size_t last_len;
    /* What the officers' own machine saw; NULL, or passed over where it is not
     * of this ledger's key. */
    const char *seen[2];
    const char *vkey; /* of the ledger, where keys/ledger is lost, or NULL */
    const struct random_source *random;
};
/* Nobody else has the store open. Begins a new origin: the first entry that is
 * signed under it cites the last checkpoint known and what is left of it. A
 * crash at any point leaves it as it was, or is finished by the next
 * ledger_open. *out is the change. ERR_CONFLICT: nothing is lost; ERR_VERIFY:
 * what is there is damaged or altered, and not only older. */
int ledger_reopen(struct store *, const struct ledger_reopening *,
                  struct ledger_change *out, struct error *);

/* ---- verifying, for anyone ---------------------------------------------- */

/* Fed with entries 0, 1, 2 …; checks canonical JSON, index, and compares with
 * checkpoints. */
struct ledger_verifier; /* opaque */
struct ledger_verifier *ledger_verifier_new(void);
void ledger_verifier_free(struct ledger_verifier **);
/* A checkpoint whose root must hold when its size is reached (any order,
 * before the entries). */
int ledger_verifier_expect(struct ledger_verifier *,
                           const struct ledger_checkpoint *, const char *name,
                           struct error *);
/* `leaf` may be NULL; when given it is compared, so that the first bad index
 * can be named. ERR_VERIFY. */
int ledger_verifier_add(struct ledger_verifier *, const void *entry, size_t,
                        const uint8_t *leaf, struct error *);
/* Many entries at once, up to LEDGER_LINES_MAX: on two cores where there are
 * two, with the verdict, words and state that adding them one by one gives. On
 * failure those before the bad one were added. */
struct ledger_line {
    const void *entry; /* borrowed */
    size_t len;
    const uint8_t *leaf; /* may be NULL */
};
#define LEDGER_LINES_MAX ((size_t)8192)
int ledger_verifier_add_all(struct ledger_verifier *,
                            const struct ledger_line *, size_t n,
                            struct error *);
/* Every expected checkpoint was reached and held. */
int ledger_verifier_finish(struct ledger_verifier *, struct error *);
/* For who has other work before it adds these: another core, if there is one,
 * looks at them until then. No verdict, and no need to: what is said of them is
 * said by ledger_verifier_add_all with the same lines. They stay where they are
 * until that, or the next call of either. */
void ledger_verifier_begin(struct ledger_verifier *, const struct ledger_line *,
                           size_t n);
uint64_t ledger_verifier_size(const struct ledger_verifier *);

/* ---- proofs as text ----------------------------------------------------- */

/* c2sp.org/tlog-proof: appends the proof and the signed checkpoint that it ends
 * in. -1: no memory. */
int ledger_proof_write(struct buf *out, const struct ledger_proof *,
                       const void *note, size_t);
/* Reads such a text, of which an entry says that it proves it: the checkpoint
 * must be signed by vkey and the entry's hash lead to its root. ERR_INPUT,
 * ERR_VERIFY. */
int ledger_proof_open(struct ledger_proof *, struct ledger_checkpoint *,
                      const char *text, size_t,
                      const uint8_t leaf[static LEDGER_HASH_LEN],
                      const char *vkey, struct error *);

/* ---- the gate rule (docs/ledger.md), for anyone ------------------------- */

/* Fed with entries that verified, 0, 1, 2 …: was all that was fetched, kept and
 * read allowed at that place in the log? Remembers people and documents, not
 * entries. */
struct ledger_gate; /* opaque */
struct ledger_gate_counts {
    uint64_t fetched, kept, read; /* those that were allowed */
};
struct ledger_gate *ledger_gate_new(void); /* NULL: no memory */
void ledger_gate_free(struct ledger_gate **);
/* *violation is NULL, or says in words what should not have happened (static).
 * -1: no memory. */
int ledger_gate_add_node(struct ledger_gate *, const struct json_node *entry,
                         const char **violation, struct error *);
/* The same for who has the entry as a tree. */
int ledger_gate_add(struct ledger_gate *, const json_t *entry,
                    const char **violation, struct error *);
/* May entries of this type change anything? Of others nothing need be read. */
bool ledger_gate_minds(const char *event_type, size_t);
const struct ledger_gate_counts *ledger_gate_counts(const struct ledger_gate *);

/* ---- a bundle of `ledger export`, on an auditor's machine --------------- */

struct ledger_bundle {
    char vkey[LEDGER_VKEY_SIZE];      /* the one in the bundle: whose is it? */
    uint8_t keyring_root[SHA256_LEN]; /* likewise: of all who are staff */
    struct ledger_checkpoint now;
    struct ledger_gate_counts counts;
    uint64_t stamps; /* time stamps that hold; 0 also where the bundle has no
                      * certificates to check them with */
    msec last_stamp; /* the authority's time of the last of them */
};
/* Signature, leaves, tree, notices, stamps, staff and gate rule of the files in
 * `folder`; where `old` is not NULL, that file is a former checkpoint of the
 * same log, whose entries must be the first of the bundle's. ERR_VERIFY names
 * the first bad entry; ERR_NOT_FOUND: a file is missing. Constant memory but
 * for what the gate remembers. */
int ledger_bundle_verify(struct ledger_bundle *, const char *folder,
                         const char *old, struct error *);
/* Of such a bundle, which verified: did this witness sign its `cosigned` or its
 * `checkpoint`, of how many entries, and when (seconds)? ERR_VERIFY: no. */
int ledger_bundle_cosigned(const char *folder, const char *witness,
                           uint64_t *size, uint64_t *time, struct error *);
/* The changes of the key in such a bundle; the caller frees, also on failure.
 * Whose the officers' keys are ledger_bundle_verify looks up. */
int ledger_bundle_changes(const char *folder, struct ledger_history *,
                          struct error *);
/* The same as ledger_bundle_verify, but that each entry is handed on once it
 * was found in its place, and that the gate rule is left to whoever takes them.
 * The tree is proven only when this returns 0: show nothing before. */
typedef int (*ledger_bundle_entry)(void *arg, uint64_t index,
                                   const json_t *entry, struct error *);
int ledger_bundle_each(struct ledger_bundle *, const char *folder,
                       ledger_bundle_entry each, void *arg, struct error *);

/* ---- where the consent log is (index.c) --------------------------------- */

/* Is this an event that the consent export shows? */
bool ledger_in_consent_log(const char *event_type);

/* What entries of one kind have alike; its name in the database has them in
 * this order, each ended by a newline, nothing where it is absent. */
enum ledger_kind {
    LEDGER_KIND_EVENT,
    LEDGER_KIND_POLICY,
    LEDGER_KIND_PURPOSE,
    LEDGER_KIND_VERSION,
    LEDGER_KIND_LANGUAGE,
    LEDGER_KIND_CHANNEL,
    LEDGER_KIND_BASIS,
    LEDGER_KIND_ACTOR,
    LEDGER_KIND__MAX
};
extern const char *const ledger_kind_members[LEDGER_KIND__MAX];
#define LEDGER_KIND_SIZE   512u
#define LEDGER_INDEX_KINDS 32u
/* Entries a block: few enough to be read in one transaction. */
#define LEDGER_BLOCK 512u
/* Times that the clock was set back before nobody searches times any more. */
#define LEDGER_STEPS 256u

/* What was entered lately. All zero knows nothing, and is always right; so it
 * is after anything was rolled back. */
struct ledger_index_kind {
    char name[LEDGER_KIND_SIZE];
    int64_t id;
    uint64_t block;
};
struct ledger_index {
    msec newest; /* time of the last entry, 0: not known */
    struct ledger_index_kind kinds[LEDGER_INDEX_KINDS];
    size_t n;
};
void ledger_index_forget(struct ledger_index *);
/* Enters an entry that was just appended. */
int ledger_index_add(struct ledger_index *, struct store *, uint64_t at,
                     const void *entry, size_t, struct error *);
/* Is it entered? For entries in order, from the first; its own memory. 1, 0,
 * -1. */
int ledger_index_has(struct ledger_index *, struct store *, uint64_t at,
                     const void *entry, size_t, struct error *);
/* -1: it has none. */
int ledger_entry_time(const void *entry, size_t, msec *);

/* Of the first `size` entries those with since <= time < until are in
 * [from, to), if any; `until` is the first, in the log's order, that is not
 * before until. By halving: some fifty entries are read. */
struct ledger_span {
    uint64_t from, to, until;
};
int ledger_find_times(struct store *, uint64_t size, msec since, msec until,
                      struct ledger_span *, struct error *);

#endif

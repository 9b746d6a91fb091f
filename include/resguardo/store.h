/*
 * store: the only SQL, and the files under `storage:`. It hides rows, payload
 * files (blob_*), shred slots (slot_*) and the sealing of fields: callers see
 * plain values in structs and never a statement, a key or a path.
 *
 * Promises: WAL and synchronous=FULL, so what was committed is durable; no
 * customer's value is in the database but sealed under a slot; ledger and
 * keyring rows cannot be updated or deleted through any handle; payload files
 * appear under their name only complete and fsynced.
 *
 * One writer handle (the registrar's), any number of readers, each used by one
 * thread at a time. Unless said otherwise functions return 0 or -1, finders 1
 * (found), 0 (none), -1. Errors: ERR_FULL, ERR_BUSY, ERR_NOMEM and ERR_IO are
 * the environment's; ERR_CONFLICT is a constraint; ERR_VERIFY a damaged slot,
 * field or file.
 *
 * Writing needs a transaction (store_begin): outside one, and after SQLite
 * rolled back by itself, a write is refused. An update of a row that is not
 * there, or a row of a subject that is not there, is ERR_INVARIANT.
 *
 * Finders are *_get, *_find…, *_by_… and attachment_claims.
 *
 * Lists go through a callback, which returns 0 to go on, anything else to
 * stop (returned by the list function when positive; negative: error set).
 * A callback must not use the handle for writing.
 */
#ifndef RESGUARDO_STORE_H
#define RESGUARDO_STORE_H

#include "resguardo/base.h"
#include "resguardo/limits.h"

#define STORE_NAME_SIZE 65  /* states, kinds, policies, purposes, reasons */
#define STORE_TYPE_SIZE 129 /* media types */
#define STORE_LIST_SIZE 385 /* comma-separated purposes */
#define STORE_CASE_SIZE CASE_CODE_SIZE
#define SLOT_KEY_LEN    32

struct store; /* opaque */

/* ---- the handle (store.c, create.c) ------------------------------------- */

/* Makes the whole directory: 0700, 256 payload folders, keys (field, index),
 * slots and mirror with their first block, database with the schema, the
 * index and de-duplication slots. ERR_CONFLICT if it holds anything but what
 * a checkout tracks (schema.sql, migrations/), with nothing changed. `mirror`
 * NULL: keys/slots.mirror. */
int store_create(const char *dir, const char *mirror, msec now,
                 const struct random_source *, struct error *);
/* ERR_CONFLICT when store_create would refuse what is there. */
int store_check_absent(const char *dir, const char *mirror, struct error *);
enum store_mode { STORE_WRITER, STORE_READER };
/* The writer takes an exclusive lock (a second daemon gets ERR_BUSY "is in
 * use"), checks the schema version, and raises slot_next over the slots' high
 * water mark. What keys/destroyed lists is destroyed for good; slots that are
 * cut, or older than the database, are ERR_VERIFY. What takes time in
 * proportion to what is stored is left to store_quick_check. */
int store_open(struct store **, const char *dir, const char *mirror,
               enum store_mode, const struct random_source *, struct error *);
void store_close(struct store **);
/* Folder of the keys, with trailing slash; valid as long as the handle. */
const char *store_keys_dir(const struct store *);

/* ---- transactions (writer) ---------------------------------------------- */

/* BEGIN IMMEDIATE. Waits 5 s for somebody else's lock, then ERR_BUSY, and
 * hardly at all for as long as the lock is still there. */
int store_begin(struct store *, struct error *);
/* -1 with ERR_IO: neither done nor undone; the handle must be reopened (it
 * begins nothing any more) and rows re-read. -1 with FULL, BUSY, NOMEM: rolled
 * back. */
int store_commit(struct store *, struct error *);
void store_rollback(struct store *);
int store_savepoint(struct store *, struct error *);
int store_release(struct store *, struct error *);
void store_rollback_to(struct store *); /* and releases it */
/* After a commit: moves the WAL into the database (PASSIVE) when it is past
 * LIMIT_WAL_BYTES; with a thread beside, wakes that and does the short rest.
 * TRUNCATE when asked: waits for the thread, and 5 s for readers (ERR_BUSY).
 * Outside a transaction. */
int store_checkpoint(struct store *, bool truncate, struct error *);
/* The same as TRUNCATE without waiting for readers: ERR_BUSY, try again. */
int store_empty_wal(struct store *, struct error *);
/* From now on a thread beside the writer does the bulk of it, until the handle
 * is closed. */
int store_checkpoint_beside(struct store *, struct error *);
/* The thread could not sync the database: the WAL holds what the disk may lack,
 * and must stay as it is until the next start copies all of it again. */
bool store_unsynced(struct store *);
/* The close leaves WAL and database as they are. */
void store_keep_wal(struct store *);
/* PRAGMA integrity_check and foreign_key_check: calls back for each fault. */
int store_integrity(struct store *, int (*fault)(void *arg, const char *what),
                    void *arg, struct error *);
/* On a reader beside the running writer (quick_check.c): SQLite's quick check,
 * each table a read of its own, so that the WAL is pinned for no longer than
 * the largest takes; the ledger is ledger_recheck's. 0 sound, 1 told to stop,
 * -1; ERR_VERIFY names the table that is damaged. */
typedef bool (*store_stop)(void *arg); /* asked often */
int store_quick_check(struct store *, store_stop, void *arg, struct error *);
/* From another thread, while the handle is open: what it reads ends at once, as
 * an error; stop() is not asked inside one tree. */
void store_interrupt(struct store *);
/* A reader's snapshot: consistent reads between the two calls; keep short. */
int store_read_begin(struct store *, struct error *);
void store_read_end(struct store *);

/* ---- meta --------------------------------------------------------------- */

int meta_get_int(struct store *, const char *key, int64_t *, struct error *);
int meta_set_int(struct store *, const char *key, int64_t, struct error *);
int meta_get_bytes(struct store *, const char *key, struct buf *,
                   struct error *);
int meta_set_bytes(struct store *, const char *key, const void *, size_t,
                   struct error *);

/* ---- shred slots (slot.c) ----------------------------------------------- */

/* The next slot, inside a transaction: a rollback gives it back. */
int slot_alloc(struct store *, uint64_t *slot, struct error *);
/* Its 32 bytes; ERR_NOT_FOUND "erased" when destroyed. Wipe after use. */
int slot_key(struct store *, uint64_t slot, uint8_t out[static SLOT_KEY_LEN],
             struct error *);
/* Destroys: appended to keys/destroyed, fdatasync; overwritten in both files,
 * fdatasync. For ever. Outside a transaction. */
int slot_erase(struct store *, const uint64_t *slots, size_t n, struct error *);
/* What was ever destroyed, in the order in which it was: at most max numbers
 * from the place on, which moves past them. */
int slot_destroyed(struct store *, uint64_t *place, uint64_t *out, size_t max,
                   size_t *n, struct error *);
/* State of a slot for `check`: 1 fresh and both copies agree, 0 erased, -1
 * ERR_VERIFY. */
int slot_state(struct store *, uint64_t slot, struct error *);
/* For `check`: the file system under a copy (0 the slots, 1 the mirror), if it
 * is one where overwriting may leave the former bytes; NULL where it is not, or
 * nobody can tell. */
const char *slot_unsafe_place(struct store *, int copy);
/* The same of a file system by its number in statfs(2). */
const char *slot_unsafe_kind(long kind);
/* ERR_VERIFY when one of the two files is missing: a reader does without. */
int slot_files(struct store *, struct error *);

/* ---- payload files (blob.c) --------------------------------------------- */

/* An unlinked file (O_TMPFILE) on the payloads' file system; fd or -1. */
int blob_new(struct store *, struct error *);
/* Thread-safe on one handle (they touch no database): link: fsync of the
 * file, linkat under its id, fsync of the folder. unlink: ENOENT is fine,
 * folder fsynced. */
int blob_link(struct store *, int fd, const char *payload, struct error *);
int blob_unlink(struct store *, const char *payload, struct error *);
int blob_open(struct store *, const char *payload, struct error *); /* fd */
/* For `check`. A place is a path under payloads/: that of an id; every one on
 * disk, whatever its name; whether something is there. */
#define BLOB_PLACE_SIZE (3 + ID_SIZE)
int blob_place(const char *payload, char out[static BLOB_PLACE_SIZE],
               struct error *);
int blob_list(struct store *, int (*each)(void *arg, const char *place),
              void *arg, struct error *);
bool blob_is_there(struct store *, const char *place);
int loose_add(struct store *, const char *payload, struct error *);
int loose_remove(struct store *, const char *payload, struct error *);
int loose_list(struct store *, int (*each)(void *arg, const char *payload),
               void *arg, struct error *);

/* ---- subjects (subject.c) ----------------------------------------------- */

enum handle_kind {
    HANDLE_PHONE,
    HANDLE_BSUID,
    HANDLE_PARENT,
    HANDLE_NAME,
    HANDLE__MAX
};
/* Where a person may have rows, so that a message reads none in vain. Whoever
 * has a row has its bit; a bit says no more than that there may be one. */
enum person_has {
    PERSON_CONSENT = 1 << 0,
    PERSON_PROMPT = 1 << 1,
    PERSON_FILE = 1 << 2, /* attachment */
    PERSON_CASE = 1 << 3,
    PERSON_GUIDE = 1 << 4,
    PERSON_CONVERSATION = 1 << 5,
    PERSON_UNCLEAR = 1 << 6, /* a file that is for no item yet */
    PERSON_HANDLE = 1 << 7,
    PERSON_REMINDED = 1 << 8, /* of something that can be answered */
    PERSON_PROMISE = 1 << 9,
    /* No rows: Meta said that they have another number or user id, so that who
     * writes from the number they had, and says no more, may be anybody. */
    PERSON_MOVED = 1 << 10,
    PERSON_LACKS = 1 << 12,    /* a request of theirs lacked something */
    PERSON_ELSEWHERE = 1 << 13 /* contacts that were not in the chat */
};
struct subject_row {
    char id[ID_SIZE];
    uint64_t content_slot, evidence_slot;
    msec created;
    /* Filled when read. */
    msec contact;              /* last heard of, to a day */
    msec blocked, block_until; /* 0: not */
    int minor; /* 1: they said that they are under age; 2: and a representative
                * answered for them */
    char language[STORE_NAME_SIZE]; /* that they chose; "" none */
    msec asks;    /* until when an answer to how it was is taken; 0: none is */
    unsigned has; /* enum person_has */
};
/* Allocates both slots. */
int subject_add(struct store *, struct subject_row *, struct error *);
int subject_get(struct store *, const char *id, struct subject_row *,
                struct error *);
/* A profile name finds nobody: many people share one. */
int subject_find(struct store *, enum handle_kind, const char *value,
                 char id[static ID_SIZE], struct error *);
int subject_set_language(struct store *, const char *id, const char *language,
                         struct error *);
int subject_set_minor(struct store *, const char *id, int minor,
                      struct error *);
/* What a message says of its sender, by kind; NULL or "": nothing. Adds what is
 * not the newest of its kind, or points an existing handle to this subject.
 * HANDLE_NAME is the profile name: one a subject, replaced. */
int subject_handles_put(struct store *, const struct subject_row *,
                        const char *const values[static HANDLE__MAX], msec seen,
                        struct error *);
int subject_handle_put(struct store *, const struct subject_row *,
                       enum handle_kind, const char *value, msec seen,
                       struct error *);
/* Out of the index: nothing finds this person any more; the values stay, sealed
 * under other names. */
int subject_handles_hide(struct store *, const struct subject_row *,
                         struct error *);
/* Newest handle of the kind. */
int subject_handle_get(struct store *, const char *id, enum handle_kind,
                       struct buf *, struct error *);

/* ---- decisions and prompts (consent.c) ---------------------------------- */

struct consent_row {
    char subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], purpose[STORE_NAME_SIZE];
    char state[STORE_NAME_SIZE];
    int64_t yes_s, no_s;
    msec reprompted;
    char notice_version[STORE_NAME_SIZE]; /* of the last yes, or delivered */
    msec expires;                         /* of a yes; 0 never */
};
int consent_get(struct store *, const char *subject, const char *policy,
                const char *purpose, struct consent_row *, struct error *);
int consent_put(struct store *, const struct consent_row *, struct error *);
int consent_list(struct store *,
                 int (*each)(void *arg, const struct consent_row *), void *arg,
                 struct error *);
/* Yeses that ran out by now, at most `max` of them, the oldest first. Read
 * before the first callback. */
int consent_due(struct store *, msec now, size_t max,
                int (*each)(void *arg, const struct consent_row *), void *arg,
                struct error *);

struct prompt_row {
    char id[ID_SIZE], subject[ID_SIZE], outbox[ID_SIZE];
    char policy[STORE_NAME_SIZE], purpose[STORE_NAME_SIZE];
    char notice_version[STORE_NAME_SIZE], language[STORE_NAME_SIZE];
    char state[STORE_NAME_SIZE];
    bool with_notice, presented;
    uint8_t prompt_sha256[SHA256_LEN];
    msec asked;
    int64_t handed_s;
};
int prompt_add(struct store *, const struct prompt_row *, struct error *);
/* Writes state, handed_s, presented. */
int prompt_update(struct store *, const struct prompt_row *, struct error *);
int prompt_get(struct store *, const char *id, struct prompt_row *,
               struct error *);
int prompt_by_outbox(struct store *, const char *outbox, struct prompt_row *,
                     struct error *);
/* Was this question ever put to the person, answered or not? 1, 0, -1. */
int prompt_was_put(struct store *, const char *subject, const char *policy,
                   const char *purpose, const char *version, struct error *);
/* Open prompts of a person under a policy, as they were put; *n <= cap. */
int prompt_list_open(struct store *, const char *subject, const char *policy,
                     struct prompt_row *, size_t cap, size_t *n,
                     struct error *);

/* ---- attachments (attachment.c) ----------------------------------------- */

#define ITEM_NONE        ""  /* no procedure was picked */
#define ITEM_UNCLEAR     "?" /* theirs to say which it is for */
#define ITEM_ASKED       "!" /* … and they were asked */
#define ITEM_UNREQUESTED "-" /* no item asks for it */

struct attachment_row {
    char id[ID_SIZE], subject[ID_SIZE], payload[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    char kind[STORE_NAME_SIZE], state[STORE_NAME_SIZE];
    char announced_type[STORE_TYPE_SIZE];
    char purposes[STORE_LIST_SIZE];
    char item[STORE_NAME_SIZE];    /* or one of ITEM_ below */
    char case_id[STORE_CASE_SIZE]; /* "" none */
    char reason[STORE_NAME_SIZE];  /* "" none */
    msec received, deadline, lifetime, next_try;
    msec warn_at;  /* 0: warned, or nothing to warn of */
    int64_t turn;  /* place in the fair queue; 0: waits for next_try */
    uint64_t slot; /* its own, and its document's; when read */
    int64_t provider_s;
    int tries, hash_failures, judge_deaths;
    int told, meta_copy;
    unsigned epoch;   /* of the last order; 0: none yet */
    bool represented; /* not before the case's mandate is declared */
};
/* claims: canonical JSON {media_id, sha256, file_name, caption, wamid},
 * members absent when unknown; sealed under a slot allocated here. */
int attachment_add(struct store *, const struct attachment_row *,
                   const void *claims, size_t, struct error *);
/* Writes state, next_try, tries, hash_failures, judge_deaths, payload,
 * case_id, reason, told, meta_copy, deadline, warn_at, turn, epoch, item,
 * purposes, represented. */
int attachment_update(struct store *, const struct attachment_row *,
                      struct error *);
int attachment_get(struct store *, const char *id, struct attachment_row *,
                   struct error *);
int attachment_claims(struct store *, const char *id, struct buf *,
                      struct error *);
typedef int (*attachment_each)(void *arg, const struct attachment_row *);
/* Of a person under a policy, in the given state; oldest first. Rows are read
 * before the first callback, so that it may write (unlike other lists). */
int attachment_of_subject(struct store *, const char *subject,
                          const char *policy, const char *state,
                          attachment_each, void *arg, struct error *);
/* The lists of purposes that this person's held files wait for, each list once:
 * however many files there are, few. Read before the first callback. */
int attachment_held_purposes(struct store *, const char *subject,
                             const char *policy,
                             int (*each)(void *arg, const char *purposes),
                             void *arg, struct error *);
/* queued without a turn and next_try <= now; at most max. */
int attachment_waited(struct store *, msec now, size_t max, attachment_each,
                      void *arg, struct error *);
/* queued with a turn: lowest turn first, then nearest lifetime. */
int attachment_next(struct store *, size_t max, attachment_each, void *arg,
                    struct error *);
/* Highest turn of a person's files that are queued or under way, lowest of all
 * that are queued; 0 none, -1. */
int64_t attachment_last_turn(struct store *, const char *subject,
                             struct error *);
int64_t attachment_first_turn(struct store *, struct error *);
/* fetching or judging and next_try <= now; how many there are, or -1. */
int attachment_overdue(struct store *, msec now, size_t max, attachment_each,
                       void *arg, struct error *);
int64_t attachment_under_way(struct store *, struct error *);
/* Those of them that will be sealed to an epoch, or -1. */
int64_t attachment_of_epoch(struct store *, unsigned epoch, struct error *);
/* queued and warn_at <= now. */
int attachment_to_warn(struct store *, msec now, size_t max, attachment_each,
                       void *arg, struct error *);
/* held and deadline <= now, or queued and lifetime <= now; at most max. */
int attachment_expired(struct store *, msec now, size_t max, attachment_each,
                       void *arg, struct error *);
/* At their end (stored, refused, quarantined, expired) and not told. */
int attachment_untold(struct store *, const char *subject, const char *policy,
                      const char *number, attachment_each, void *arg,
                      struct error *);
/* Number queued, fetching or judging for a person under a policy, or -1. */
int64_t attachment_active(struct store *, const char *subject,
                          const char *policy, struct error *);
/* meta_copy = 1 and next_try <= now, at most max. */
int attachment_to_delete(struct store *, msec now, size_t max, attachment_each,
                         void *arg, struct error *);
/* All, newest first, state NULL for any; pages of LIMIT_READER_ROWS inside. */
int attachment_list(struct store *, const char *state, attachment_each,
                    void *arg, struct error *);

/* ---- cases and documents (cases.c, document.c) -------------------------- */

struct case_row {
    char id[STORE_CASE_SIZE];
    char subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], state[STORE_NAME_SIZE];
    msec opened, closed;             /* closed 0: not */
    char procedure[STORE_NAME_SIZE]; /* "" none */
    msec completed;                  /* 0: not yet */
    int64_t documents;               /* filled when read */
    int64_t owner;     /* uid, -1 nobody; what follows is as case_add leaves
                        * it: nobody's, normal, touched when opened */
    int priority;      /* of policy.h */
    msec touched, due; /* due 0: no escalation is due */
    int step;
    /* Whose papers they are (of dialogue.h): "" and 0 are their own. */
    char relation[STORE_NAME_SIZE], mandate[STORE_NAME_SIZE];
    msec mandated;    /* last asked, or declared */
    bool represented; /* all of it is somebody else's */
};
int case_add(struct store *, const struct case_row *, struct error *);
int case_get(struct store *, const char *id, struct case_row *, struct error *);
/* Newest open case of a person under a policy. */
int case_find_open(struct store *, const char *subject, const char *policy,
                   struct case_row *, struct error *);
/* The open one of a procedure, of their own or (represented) for somebody else;
 * now the person comes for it (again). */
int case_find_picked(struct store *, const char *subject, const char *policy,
                     const char *procedure, bool represented, struct case_row *,
                     struct error *);
int case_set_picked(struct store *, const char *id, msec now, struct error *);
/* Of those with a procedure that are not closed, the one that was picked last.
 */
int case_find_procedure(struct store *, const char *subject, const char *policy,
                        struct case_row *, struct error *);
/* Writes relation, mandate and mandated. */
int case_set_mandate(struct store *, const struct case_row *, struct error *);
/* open → complete, once. */
int case_set_complete(struct store *, const char *id, msec now, struct error *);
/* Closes one that is not, and notes it at its documents. */
int case_close(struct store *, const char *id, msec now, struct error *);
int case_list(struct store *, const char *state,
              int (*each)(void *arg, const struct case_row *), void *arg,
              struct error *);

struct document_row {
    char id[ID_SIZE], attachment[ID_SIZE], subject[ID_SIZE], payload[ID_SIZE];
    char case_id[STORE_CASE_SIZE];
    char policy[STORE_NAME_SIZE], state[STORE_NAME_SIZE];
    char media_type[STORE_TYPE_SIZE];
    char purposes[STORE_LIST_SIZE];
    int64_t size, payload_size;
    msec received;
    uint64_t slot; /* its attachment's; filled by document_add */
    unsigned epoch;
    unsigned former_epoch; /* of the header before, while this one is
                            * unproven; 0: it is proven */
    uint32_t moved_by;     /* who moved it, then, and when */
    msec moved;
    uint8_t payload_sha256[SHA256_LEN];
    char item[STORE_NAME_SIZE]; /* as its attachment's */
    msec apart_until;           /* of what nobody asked for; 0 else */
    /* Filled when read; 0 and "" where it is not so. */
    msec case_closed, blocked, block_until;
    char block_cause[STORE_NAME_SIZE]; /* withdrawn, retention, erase */
};
/* With the attachment's slot: wraps the age header (AD: document id and payload
 * SHA-256), seals name and caption (NULL: none). */
int document_add(struct store *, struct document_row *, const void *header,
                 size_t header_len, const char *file_name, const char *caption,
                 struct error *);
int document_get(struct store *, const char *id, struct document_row *,
                 struct error *);
int document_set_state(struct store *, const char *id, const char *state,
                       struct error *);
/* The age header, unwrapped. ERR_NOT_FOUND when its slot was erased. */
int document_header(struct store *, const struct document_row *, struct buf *,
                    struct error *);
/* The header before, of an unproven one. */
int document_former(struct store *, const struct document_row *, struct buf *,
                    struct error *);
/* Name and caption, NUL-terminated; *_found false when there is none. */
int document_words(struct store *, const struct document_row *,
                   struct buf *name, bool *name_found, struct buf *caption,
                   bool *caption_found, struct error *);
typedef int (*document_each)(void *arg, const struct document_row *);
/* All, oldest first; case_id NULL for any. */
int document_list(struct store *, const char *case_id, document_each, void *arg,
                  struct error *);
/* How many are sealed to an epoch; erased ones are sealed to none. */
int document_epoch_count(struct store *, unsigned epoch, int64_t *,
                         struct error *);
/* At most `limit` of an epoch, in the order of their places, from after one
 * (0: all); *place is the last one's. */
int document_of_epoch(struct store *, unsigned epoch, unsigned limit,
                      uint64_t *place, document_each, void *arg,
                      struct error *);
/* Another header, of another epoch, for a row that was just read and is not
 * erased. It is unproven: the last proven one stays beside it. */
int document_set_header(struct store *, const struct document_row *,
                        unsigned epoch, uint32_t moved_by, msec moved,
                        const void *header, size_t, struct error *);
/* The header of a row that was just read opens: the former one goes. */
int document_prove_header(struct store *, const struct document_row *,
                          struct error *);
/* How many unproven headers came from an epoch; at most `limit` of them in the
 * order of their ids, from after one ("": all). */
int document_unproven_count(struct store *, unsigned former_epoch, int64_t *,
                            struct error *);
int document_unproven(struct store *, unsigned former_epoch, const char *after,
                      unsigned limit, document_each, void *arg, struct error *);
/* Stored documents of a person under a policy (rows read beforehand). */
int document_of_subject(struct store *, const char *subject, const char *policy,
                        const char *state, document_each, void *arg,
                        struct error *);

/* ---- outbox and bursts (outbox.c) --------------------------------------- */

struct outbox_row {
    char id[ID_SIZE], subject[ID_SIZE], attempt[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    char kind[STORE_NAME_SIZE], state[STORE_NAME_SIZE];
    char delivery[STORE_NAME_SIZE];
    msec created, next_try;
    int tries;
};
/* body: the message object without a recipient; sealed. */
int outbox_add(struct store *, const struct outbox_row *, const void *body,
               size_t, struct error *);
/* Writes state, attempt, delivery, next_try, tries; wamid when not NULL. */
int outbox_update(struct store *, const struct outbox_row *, const char *wamid,
                  struct error *);
/* Writes delivery alone, which is in no index. */
int outbox_delivered(struct store *, const char *id, const char *delivery,
                     struct error *);
int outbox_get(struct store *, const char *id, struct outbox_row *,
               struct error *);
int outbox_body(struct store *, const char *id, struct buf *, struct error *);
/* Its words go; they are not asked for again. */
int outbox_wipe(struct store *, const char *id, struct error *);
int outbox_by_wamid(struct store *, const char *wamid, struct outbox_row *,
                    struct error *);
int outbox_by_attempt(struct store *, const char *attempt, struct outbox_row *,
                      struct error *);
typedef int (*outbox_each)(void *arg, const struct outbox_row *);
/* pending and next_try <= now, oldest first, at most max (rows read first). */
int outbox_due(struct store *, msec now, size_t max, outbox_each, void *arg,
               struct error *);
/* sending and next_try <= now; how many there are, or -1. */
int outbox_overdue(struct store *, msec now, size_t max, outbox_each, void *arg,
                   struct error *);
int64_t outbox_under_way(struct store *, struct error *);
/* Prompts in unknown and next_try <= now. */
int outbox_unsure(struct store *, msec now, size_t max, outbox_each, void *arg,
                  struct error *);

struct burst_row {
    char subject[ID_SIZE];
    char policy[STORE_NAME_SIZE], number[STORE_NAME_SIZE];
    msec first_end, due;
};
int burst_get(struct store *, const char *subject, const char *policy,
              const char *number, struct burst_row *, struct error *);
int burst_put(struct store *, const struct burst_row *, struct error *);
int burst_delete(struct store *, const struct burst_row *, struct error *);
int burst_due(struct store *, msec now, size_t max,
              int (*each)(void *arg, const struct burst_row *), void *arg,
              struct error *);
/* Earliest time at which anything above is due (outbox, attachments, holds,
 * bursts); INT64_MAX when nothing is. */
int store_next_due(struct store *, msec *, struct error *);

/* ---- de-duplication (seen.c) -------------------------------------------- */

/* 1: new, and now remembered; 0: seen before; -1. */
int seen_add(struct store *, const char *wamid, struct error *);
/* A database that is older than the keys: other keys for those that are gone.
 * Inside a transaction. */
int seen_repair(struct store *, msec now, struct error *);
/* Replaces the key every 10 days; returns in *erase the slot whose rows were
 * deleted (erase it after the commit), 0 if none; again after a crash that
 * came before the erasing. */
int seen_rotate(struct store *, msec now, uint64_t *erase, struct error *);

/* ---- evidence and notes (evidence.c) ------------------------------------ */

/* `age_file` of `header_len` + payload bytes; the header is wrapped under the
 * subject's evidence slot. kind: "person", "decision", "erasure". */
int evidence_add(struct store *, const char *id, const struct subject_row *,
                 const char *kind, const void *age_file, size_t len,
                 size_t header_len, msec now, struct error *);
/* The whole age file again. */
int evidence_get(struct store *, const char *id, struct buf *, struct error *);
/* Every id, for `check`; the callback asks the store nothing. */
int evidence_list(struct store *, int (*each)(void *arg, const char *id),
                  void *arg, struct error *);
/* What there is, without what is in it: at most LIMIT_READER_ROWS, in the order
 * of their ids, from after one ("" for the first). */
struct evidence_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char kind[STORE_NAME_SIZE];
    msec created;
    uint8_t payload_sha256[SHA256_LEN]; /* of the age file without its header */
};
int evidence_page(struct store *, const char *after,
                  int (*each)(void *arg, const struct evidence_row *),
                  void *arg, struct error *);
int64_t evidence_count(struct store *, const char *subject, const char *kind,
                       struct error *);
int note_add(struct store *, const char *id, const char *subject,
             const void *text, size_t, struct error *);
int note_get(struct store *, const char *id, struct buf *, struct error *);

/* ---- erasures (erasure.c) ----------------------------------------------- */

/* One destruction that was decided: kind "subject", "documents", "evidence";
 * cause "request", "retention", "blocking_over", "evidence_over", "restored";
 * state "waiting" (for `due`, or for the end of a hold), "running", "done";
 * step, of a running one, "cancel", "shred", "rekey", "finish". */
struct erasure_row {
    char id[ID_SIZE], subject[ID_SIZE];
    char kind[STORE_NAME_SIZE], ground[STORE_NAME_SIZE];
    char cause[STORE_NAME_SIZE];
    char state[STORE_NAME_SIZE], step[STORE_NAME_SIZE];
    msec requested, due;
    int64_t requested_by, approved_by; /* uids; -1 nobody */
    msec executed, finished;           /* 0: not yet */
    int64_t documents;                 /* destroyed so far */
    int64_t rekey; /* the change of the index key that must have ended */
    int64_t leaf;  /* place of the leaf that says it is done; -1 none yet */
    msec
        asked_until; /* so long Meta is asked to delete; 0 nothing was queued */
};
int erasure_add(struct store *, const struct erasure_row *, struct error *);
/* Writes state, step, approved_by, due, executed, finished, documents, rekey,
 * leaf and asked_until. */
int erasure_update(struct store *, const struct erasure_row *, struct error *);
int erasure_get(struct store *, const char *id, struct erasure_row *,
                struct error *);
/* The newest of this kind for a person. */
int erasure_of_subject(struct store *, const char *subject, const char *kind,
                       struct erasure_row *, struct error *);
/* The one that names this document and is not done. */
int erasure_of_document(struct store *, const char *document,
                        struct erasure_row *, struct error *);
/* Does anything keep it from being carried out now? 1 held, 0 not, -1. The one
 * place that knows (a legal hold on the person or on one of the documents). */
int erasure_is_held(struct store *, const struct erasure_row *, struct error *);
typedef int (*erasure_each)(void *arg, const struct erasure_row *);
/* waiting, due <= now and not held, nearest first, at most max; running and at
 * this step, oldest first. Rows are read before the first callback. */
int erasure_due(struct store *, msec now, size_t max, erasure_each, void *arg,
                struct error *);
int erasure_running(struct store *, const char *step, size_t max, erasure_each,
                    void *arg, struct error *);
/* Bytes that belong to the row: the certificate. Getter: 1, 0 (none yet), -1.
 */
int erasure_set_certificate(struct store *, const char *id, const void *,
                            size_t, struct error *);
int erasure_certificate(struct store *, const char *id, struct buf *,
                        struct error *);

struct erasure_item {
    char document[ID_SIZE], payload[ID_SIZE]; /* payload "": not yet */
    uint64_t slot;                            /* 0: not destroyed yet, or */
    bool gone;                                /* there was nothing left to */
    uint8_t payload_sha256[SHA256_LEN];
};
/* Names a document; again, with its slot, when that is destroyed. */
int erasure_item_put(struct store *, const char *erasure,
                     const struct erasure_item *, struct error *);
typedef int (*erasure_item_each)(void *arg, const struct erasure_item *);
/* From after a document ("" the first), at most max. */
int erasure_item_list(struct store *, const char *erasure, const char *after,
                      size_t max, erasure_item_each, void *arg, struct error *);
/* Of those that are not destroyed yet, at most max. */
int erasure_item_open(struct store *, const char *erasure, size_t max,
                      erasure_item_each, void *arg, struct error *);
int erasure_items_drop(struct store *, const char *erasure, struct error *);

/* ---- what a person leaves behind (shred.c) ------------------------------ */

/* Documents of a person whatever policy and state, at most max (they are taken
 * from the front, so whoever deletes them comes to the end). */
int document_of_person(struct store *, const char *subject, size_t max,
                       document_each, void *arg, struct error *);
/* Attachments of a person, the same way; and the document of one. */
int attachment_of_person(struct store *, const char *subject, size_t max,
                         attachment_each, void *arg, struct error *);
int document_by_attachment(struct store *, const char *attachment,
                           struct document_row *, struct error *);
int case_of_person(struct store *, const char *subject,
                   int (*each)(void *arg, const struct case_row *), void *arg,
                   struct error *);
int consent_of_person(struct store *, const char *subject,
                      int (*each)(void *arg, const struct consent_row *),
                      void *arg, struct error *);
/* Every handle of a kind, opened. Those that cannot be, because their slot is
 * gone, are passed over. */
int handle_of_person(struct store *, const char *subject, enum handle_kind,
                     int (*each)(void *arg, const char *value), void *arg,
                     struct error *);
/* The numbers (phone_number_id) that a person exchanged messages with. */
int number_of_person(struct store *, const char *subject,
                     int (*each)(void *arg, const char *number), void *arg,
                     struct error *);

/* A document's row and its attachment's; the payload id goes into `loose`. */
int document_remove(struct store *, const struct document_row *,
                    struct error *);
/* An attachment's row; a payload that is being written is loose already. */
int attachment_remove(struct store *, const char *id, struct error *);
/* All handles, so that nobody is found any more. */
int handle_remove(struct store *, const char *subject, struct error *);
/* Whatever is not closed yet. */
int case_close_all(struct store *, const char *subject, msec now,
                   struct error *);
/* At most max rows of what is sealed under the content slot beside documents,
 * attachments and handles (chat, outbox, outbound, prompts, notes, …); how many
 * went, or -1. 0: nothing is left. */
int64_t content_remove(struct store *, const char *subject, size_t max,
                       struct error *);
/* The same for what the evidence slot seals, and at the end consent, cases and
 * the person's row itself. */
int64_t evidence_remove(struct store *, const char *subject, size_t max,
                        struct error *);
/* Whose slot is it? found: 1, 0 (nobody's any more), -1. */
enum slot_use { SLOT_CONTENT, SLOT_EVIDENCE, SLOT_DOCUMENT };
int slot_owner(struct store *, uint64_t slot, enum slot_use *,
               char subject[static ID_SIZE], char document[static ID_SIZE],
               struct error *);

/* ---- the index key (rekey.c) -------------------------------------------- */

/* Begins to move all handles to a key of a new slot; look-ups try both until
 * the end. How many changes began and ended: an erasure waits until one that
 * began after it has ended. */
int rekey_counts(struct store *, int64_t *begun, int64_t *done, struct error *);
int rekey_begin(struct store *, struct error *);
/* Moves at most max handles. 1: more are left; 0: none, and *erase is the slot
 * to be erased after the commit (0: none); -1. */
int rekey_step(struct store *, size_t max, uint64_t *erase, struct error *);
/* The key's slot is erased, because the database is older than the keys: 1; or
 * 2, that of the former key of a change that is under way; 0; -1. Then all
 * handles move before anybody is looked for: with 1 by a change to be begun. */
int rekey_lost(struct store *, struct error *);
/* The slot of the last change, if a crash or a failing disk came before it was
 * erased; else 0. */
int rekey_left(struct store *, uint64_t *erase, struct error *);

/* ---- what Meta has to delete (forget.c) --------------------------------- */

struct forget_row {
    char id[ID_SIZE];
    char kind[STORE_NAME_SIZE]; /* "media", "contact" */
    char number[STORE_NAME_SIZE];
    uint64_t slot; /* its own; allocated by forget_add */
    msec until, next_try;
    int tries;
};
int forget_add(struct store *, struct forget_row *, const char *what,
               struct error *);
int forget_get(struct store *, const char *id, struct forget_row *,
               struct error *);
/* The media id or bsuid. */
int forget_what(struct store *, const struct forget_row *, struct buf *,
                struct error *);
/* Writes next_try and tries. */
int forget_update(struct store *, const struct forget_row *, struct error *);
/* Answered or given up: its slot is to be erased, then the row. */
int forget_end(struct store *, const char *id, struct error *);
typedef int (*forget_each)(void *arg, const struct forget_row *);
int forget_due(struct store *, msec now, size_t max, forget_each, void *arg,
               struct error *);
int forget_ended(struct store *, size_t max, forget_each, void *arg,
                 struct error *);
int forget_remove(struct store *, const char *id, struct error *);
/* ---- what there is of one person (person.c) ----------------------------- */

enum person_rows {
    PERSON_CASES,
    PERSON_ATTACHMENTS,
    PERSON_DOCUMENTS,
    PERSON_PROMPTS,
    PERSON_MESSAGES, /* outbox */
    PERSON_CHAT,
    PERSON_HANDOVERS,
    PERSON__MAX
};
#define PERSON_PAGE 128u
/* The ids of a page of their rows, in the order in which they came, from after
 * a place (0: all), which moves; *n is less than PERSON_PAGE at the end. */
int person_page(struct store *, const char *subject, enum person_rows,
                uint64_t *place, char ids[static PERSON_PAGE][ID_SIZE],
                size_t *n, struct error *);
/* Every handle, of each kind the oldest first. */
int person_handles(struct store *, const char *subject,
                   int (*each)(void *arg, const char *kind, const char *value,
                               msec seen),
                   void *arg, struct error *);
/* What staff said in words about them: each note, opened. */
int person_notes(struct store *, const char *subject,
                 int (*each)(void *arg, const struct buf *text), void *arg,
                 struct error *);
/* Every decision's state; at most `cap` of them. */
int person_consents(struct store *, const char *subject, struct consent_row *,
                    size_t cap, size_t *n, struct error *);

/* ---- counts for `status` (keyring_rows.c) ------------------------------- */

struct store_counts {
    int64_t outbox_pending, documents, dead_letters;
    struct {
        char state[STORE_NAME_SIZE];
        int64_t n;
    } attachments[9];
};
int store_count(struct store *, struct store_counts *, struct error *);

#include "resguardo/store_keep.h"
#include "resguardo/store_guide.h"
#include "resguardo/store_link.h"
#include "resguardo/store_log.h"
#include "resguardo/store_promise.h"
#include "resguardo/store_service.h"
#include "resguardo/store_talk.h"

#endif

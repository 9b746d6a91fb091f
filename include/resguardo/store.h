/*
 * store: the only SQL, and the files under `storage:`. It hides rows, payload
 * files (blob_*), shred slots (slot_*) and the sealing of fields: callers see
 * plain values in structs and never a statement, a key or a path.
 *
 * This header has the handle, transactions, shred slots and payload files. The
 * rows are in headers of their own, which follow what is said here:
 *   store_people.h   who they are, what they decided, which are one person
 *   store_cases.h    the files they send, the cases, what those lack
 *   store_talk.h     messages in and out, conversations, reminders, promises
 *   store_keep.h     approvals, holds, requests, retention, blocking, stamps
 *   store_erase.h    what is destroyed, and how far that is
 *   store_log.h      what only grows: ledger, notices, keyring, consent log
 *   store_service.h  ratings, and what reports and `status` count
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

#endif

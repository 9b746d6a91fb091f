/*
 * The store's inside. A file has a closed list of statements: an enum, its SQL
 * in one table, and STATEMENTS() to give them their places; statements are
 * prepared when first used and kept with the handle.
 */
#ifndef RESGUARDO_STORE_PRIVATE_H
#define RESGUARDO_STORE_PRIVATE_H

#include <sqlite3.h>

#include "resguardo/store_people.h"
#include "resguardo/store_cases.h"
#include "resguardo/store_talk.h"
#include "resguardo/store_keep.h"
#include "resguardo/store_erase.h"
#include "resguardo/store_log.h"
#include "resguardo/store_service.h"

/* The files that have statements. A new one adds its name here, wherever it
 * belongs in the alphabet, and STATEMENTS(name) behind its table. */
enum statements_of {
    SQL_APPROVAL,
    SQL_ATTACHMENT,
    SQL_BLOB,
    SQL_BLOCK,
    SQL_CASES,
    SQL_CASE_RETURN,
    SQL_CHAT,
    SQL_CONSENT,
    SQL_CONSENT_LOG,
    SQL_CONVERSATION,
    SQL_DEAD_LETTER,
    SQL_DELIVERY,
    SQL_DOCUMENT,
    SQL_ELSEWHERE,
    SQL_ERASURE,
    SQL_EVIDENCE,
    SQL_EXCLUSION,
    SQL_FORGET,
    SQL_GUIDE,
    SQL_HAPPENED,
    SQL_HIDE,
    SQL_HOLD,
    SQL_KEYRING,
    SQL_LEDGER,
    SQL_LINK,
    SQL_NOTICE,
    SQL_OUTBOUND,
    SQL_OUTBOX,
    SQL_PERSON,
    SQL_PROMISE,
    SQL_QUESTION,
    SQL_QUICK_CHECK,
    SQL_RATING,
    SQL_REKEY,
    SQL_REQUEST,
    SQL_RETENTION,
    SQL_SEEN,
    SQL_SERVICE,
    SQL_SHRED,
    SQL_STAMP,
    SQL_STORE,
    SQL_SUBJECT,
    SQL_SUGGESTION,
    SQL_WAITING,
    SQL__MAX
};
/* Each has so many places among those of a handle: what none takes costs a
 * pointer. */
#define STATEMENTS_OF(file) ((int)(file)*STATEMENTS_A_FILE)
#define STATEMENTS_A_FILE   64
#define STATEMENTS_MAX      STATEMENTS_OF(SQL__MAX)

/* How long somebody else's lock is waited for, and how long once it was waited
 * for in vain: whoever writes next must not wait for it once more. */
#define BUSY_MS        5000
#define BUSY_STILL_MS  100
#define FIELD_KEY_LEN  32
#define INDEX_LEN      16
#define SCHEMA_VERSION 10

/* The writer seals several values under one person's slots in a row. A reader
 * keeps no key: what the writer erases is gone for all. */
#define SLOTS_CACHED 64u

/* Two files of the same layout. */
struct slots {
    int fd[2];       /* slots, mirror */
    int destroyed;   /* keys/destroyed, append */
    uint64_t high;   /* the high-water mark in the header */
    uint64_t filled; /* slots that exist in both files */
    bool writable;

    /* The writer's alone: the next number inside a transaction (0: not asked
     * yet), whether it moved, and keys read lately. */
    uint64_t next;
    bool moved;
    uint64_t cached[SLOTS_CACHED]; /* 0: none; whose keys are in `cache` */
    struct secret *cache;
};

struct store {
    sqlite3 *db;
    enum store_mode mode;
    char *dir, *keys_dir;
    int payloads; /* folder */
    int lock;     /* the writer's */
    struct secret *field_key, *index_key;
    struct slots slots;
    const struct random_source *random;
    bool begun;             /* between store_begin and its end */
    bool locked;            /* the last store_begin met somebody's lock */
    bool broken;            /* a COMMIT of unknown outcome: only to be closed */
    enum error_code undone; /* why SQLite rolled back by itself, or NONE */
    int wal_frames;         /* after the last commit of this handle */
    bool numbers_known;     /* the writer's: what follows is in the database */
    int64_t index_slot, index_former; /* former 0: none */
    int64_t dedup_slot, dedup_former;
    bool person_known; /* the writer's: the subject that was read last */
    struct subject_row person;
    unsigned person_has; /* with what this transaction added; the row may say
                          * more of somebody new */
    struct checkpointer *checkpointer; /* the writer's, or NULL */
    sqlite3_stmt *statements[STATEMENTS_MAX];
};

/* ---- sql.c: the only callers of sqlite3_step ---------------------------- */

/* The prepared statement, reset and without bindings; NULL with error. */
sqlite3_stmt *sql_get(struct store *, int number, const char *sql,
                      struct error *);
/* 1 a row, 0 done, -1 error. Resets on anything but a row. */
int sql_step(struct store *, sqlite3_stmt *, struct error *);
/* Steps once and expects no row. Writes are refused outside a transaction, so
 * that none slips through singly after SQLite rolled back by itself. */
int sql_run(struct store *, sqlite3_stmt *, struct error *);
/* The same for a change of exactly one row: none is ERR_INVARIANT. */
int sql_run_one(struct store *, sqlite3_stmt *, struct error *);
int sql_exec(struct store *, const char *sql, struct error *);
/* Result code of SQLite → our error, with what SQLite says (never a value). */
int sql_error(struct store *, int code, struct error *);
void sql_done(sqlite3_stmt *);

/* Not copied: a text or bytes live until the statement's last step. */
void sql_text(sqlite3_stmt *, int i, const char *);         /* "" stays "" */
void sql_text_or_null(sqlite3_stmt *, int i, const char *); /* "" is NULL */
/* A text that does not end in a zero. */
void sql_text_of(sqlite3_stmt *, int i, const void *, size_t);
void sql_int(sqlite3_stmt *, int i, int64_t);
void sql_bytes(sqlite3_stmt *, int i, const void *, size_t);
/* Copies column i into a fixed field; longer text is an error upstream and is
 * cut here. NULL gives "". */
void sql_column_text(sqlite3_stmt *, int i, char *out, size_t cap);
int sql_column_bytes(sqlite3_stmt *, int i, struct buf *, struct error *);
int sql_column_fixed(sqlite3_stmt *, int i, void *out, size_t n,
                     struct error *);

#define COLUMN_TEXT(st, i, field) sql_column_text(st, i, field, sizeof(field))

/* Behind the table `sql` of a file: defines get(store, which, err), sql_get for
 * one of them. Who takes another file's name hears of it from the linker. */
#define STATEMENTS(file)                                                       \
    _Static_assert(sizeof(sql) / sizeof(sql[0]) <= STATEMENTS_A_FILE,          \
                   "all statements have a place");                             \
    extern const char file##_IS_ONE_FILE;                                      \
    const char file##_IS_ONE_FILE = 0;                                         \
    static sqlite3_stmt *get(struct store *store, int which,                   \
                             struct error *err)                                \
    {                                                                          \
        return sql_get(store, STATEMENTS_OF(file) + which, sql[which], err);   \
    }

/* ---- rows.c: what a bound statement gives ------------------------------- */

/* Copies the row that the statement stands on into its struct. 0, -1. */
typedef int (*row_reader)(sqlite3_stmt *, void *row, struct error *);

/* Rows of one size, all read before anybody is called with one: who is called
 * may run the same statement. */
struct rows {
    char *p;
    size_t size, n, cap;
    size_t next; /* of rows_next */
};

/* Steps once and reads into out. 1, 0 no row, -1. */
int row_one(struct store *, sqlite3_stmt *, row_reader, void *out,
            struct error *);
/* What many a statement gives: one int64_t, or the bytes added to a buf. */
int row_int(sqlite3_stmt *, void *out, struct error *);
int row_bytes(sqlite3_stmt *, void *out, struct error *);
/* The number that a statement with one row gives; -1 for none, too. */
int64_t row_number(struct store *, sqlite3_stmt *, struct error *);
/* A sealed value and its slot, opened under its names and added to out. 1, 0
 * no row, -1. */
int row_open(struct store *, sqlite3_stmt *, const char *table,
             const char *column, const char *row, struct buf *out,
             struct error *);

/* All rows, `size` bytes each. 0, -1; to be freed either way. */
int rows_read(struct store *, sqlite3_stmt *, row_reader, size_t size,
              struct rows *out, struct error *);
/* One after the other; NULL at the end. */
const void *rows_next(struct rows *);
void rows_free(struct rows *);
/* Defines NAME(store, bound statement, each, arg, err): hands on every row, in
 * order, until `each` returns another value than 0, which is returned. All are
 * read before the first callback. -1: err. */
#define ROWS_EACH(name, row_type, read)                                        \
    static int name(struct store *store, sqlite3_stmt *st,                     \
                    int (*each)(void *, const row_type *), void *arg,          \
                    struct error *err)                                         \
    {                                                                          \
        struct rows rows;                                                      \
        const row_type *row;                                                   \
        int stop = rows_read(store, st, read, sizeof(*row), &rows, err);       \
                                                                               \
        while (stop == 0 && (row = rows_next(&rows)) != NULL)                  \
            stop = each(arg, row);                                             \
        rows_free(&rows);                                                      \
        return stop;                                                           \
    }
/* Calls back for the text of each row, cut to less than cap, which is at most
 * STORE_LIST_SIZE. What the callback returned, or -1. */
int rows_each_text(struct store *, sqlite3_stmt *, size_t cap,
                   int (*each)(void *arg, const char *text), void *arg,
                   struct error *);

/* ---- store.c ------------------------------------------------------------ */

/* meta_get_int for what every database of ours holds: else ERR_VERIFY. */
int meta_need_int(struct store *, const char *key, int64_t *, struct error *);
/* Fills index_slot, dedup_slot and their formers. */
int meta_numbers(struct store *, struct error *);

/* ---- wal.c -------------------------------------------------------------- */

void checkpointer_stop(struct store *);
/* Writes what the WAL holds once more, and syncs it: before anybody reads it,
 * so that the database never gets pages that the WAL may lose. Else a power cut
 * between the two leaves the database with half of a transaction. */
int wal_make_durable(struct store *, struct error *);

/* ---- wal_file.c --------------------------------------------------------- */

/* Names the file system of a writer: its WAL is written in one go. SQLite's
 * code. */
int wal_file_vfs(const char **name);

/* ---- subject.c ---------------------------------------------------------- */

/* subject_get for one that must be there: ERR_INVARIANT when it is not. */
int subject_need(struct store *, const char *id, struct subject_row *,
                 struct error *);
/* After a change of the row: what the writer remembers of it is not so. */
void subject_changed(struct store *);
/* In front of a statement that every message would run: may the person have
 * rows there? 1, 0, -1. A reader is always told to look. */
int subject_has(struct store *, const char *id, enum person_has,
                struct error *);
/* With every row that is written there: 0, -1. Costs a write once a person. */
int subject_gains(struct store *, const char *id, enum person_has,
                  struct error *);

/* What stands for no rows is so no more. */
int subject_loses(struct store *, const char *id, enum person_has,
                  struct error *);

/* ---- document.c --------------------------------------------------------- */

/* The columns that row_read takes, of a table called d. */
#define DOCUMENT_COLUMNS                                                       \
    "d.id, d.attachment, d.subject, d.case_id, d.policy, d.state,"             \
    " d.media_type, d.size, d.purposes, d.received, d.slot, d.epoch,"          \
    " d.payload, d.payload_size, d.payload_sha256,"                            \
    " coalesce(d.case_closed, 0), coalesce(d.blocked, 0),"                     \
    " coalesce(d.block_cause, ''), coalesce(d.block_until, 0),"                \
    " coalesce(d.former_epoch, 0), coalesce(d.moved_by, 0),"                   \
    " coalesce(d.moved_at, 0), d.item, coalesce(d.apart_until, 0),"            \
    " coalesce(d.open_to, 0)"
#define DOCUMENT_NCOLUMNS 25
int document_row_read(sqlite3_stmt *, void *document, struct error *);
/* What the seal of a handle says of its row: whose, which kind, which. */
#define HANDLE_ROW_SIZE (ID_SIZE + 8 + HEX_SIZE(INDEX_LEN))
void handle_row_name(char out[static HANDLE_ROW_SIZE], enum handle_kind,
                     const char *subject,
                     const uint8_t index[static INDEX_LEN]);
/* The index of a person's handle under an index key. */
int handle_index(struct store *, int64_t key_slot, const char *subject,
                 enum handle_kind, const char *value,
                 uint8_t index[static INDEX_LEN], struct error *);
/* As the database names it, and back (-1 none). */
extern const char *const handle_kinds[HANDLE__MAX];
int handle_kind_of(const char *name);

/* ---- slot.c ------------------------------------------------------------- */

int slots_create(const char *keys_dir, const char *mirror,
                 const struct random_source *, struct error *);
int slots_open(struct store *, const char *mirror, struct error *);
void slots_close(struct store *);
/* Before a commit: the next number into the database. After a rollback. */
int slots_flush(struct store *, struct error *);
void slots_undo(struct store *);
/* At the writer's start: what keys/destroyed lists is destroyed in both files,
 * whatever a crash left; then slot_next goes above the high-water mark. */
int slots_raise(struct store *, struct error *);

/* ---- field.c: values sealed under a slot -------------------------------- */

int field_seal(struct store *, uint64_t slot, const char *table,
               const char *column, const char *row, const void *plain,
               size_t len, struct buf *out, struct error *);
/* Appends the plaintext to out. */
int field_open(struct store *, uint64_t slot, const char *table,
               const char *column, const char *row, const void *sealed,
               size_t len, struct buf *out, struct error *);
/* Wraps bytes under a slot's own key with the given associated data. */
int field_wrap(struct store *, uint64_t slot, const void *ad, size_t ad_len,
               const void *plain, size_t len, struct buf *out, struct error *);
int field_unwrap(struct store *, uint64_t slot, const void *ad, size_t ad_len,
                 const void *wrapped, size_t len, struct buf *out,
                 struct error *);
/* Keyed index of a handle, wamid or other look-up value, under a slot's key. */
int field_index(struct store *, int64_t slot, const char *kind,
                const char *value, uint8_t out[static INDEX_LEN],
                struct error *);

/* ---- schema.c ----------------------------------------------------------- */

extern const char store_schema[];

#endif

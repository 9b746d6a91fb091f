/*
 * store: what only grows: the ledger's entries and the hashes above them,
 * notices, the keyring, where the consent log's entries are in the ledger, and
 * what its exports committed to. Promises and conventions of store.h hold here.
 */
#ifndef RESGUARDO_STORE_LOG_H
#define RESGUARDO_STORE_LOG_H

#include "resguardo/store.h"

/* ---- ledger, notices, keyring (ledger_rows.c, keyring_rows.c) ----------- */

int ledger_row_add(struct store *, uint64_t idx, const void *entry, size_t,
                   const uint8_t leaf[static SHA256_LEN], struct error *);
/* A checkpoint with cosignatures, in place of one of that size. */
int cosigned_put(struct store *, uint64_t size, const void *note, size_t,
                 struct error *);
/* The largest of at most `most` entries. 1, 0, -1. */
int cosigned_get(struct store *, uint64_t most, uint64_t *size,
                 struct buf *note, struct error *);
typedef int (*ledger_row_each)(void *arg, uint64_t idx, const uint8_t *entry,
                               size_t, const uint8_t *leaf);
/* [from, to) in order, ≤ LIMIT_READER_ROWS a read transaction. */
int ledger_row_list(struct store *, uint64_t from, uint64_t to, ledger_row_each,
                    void *arg, struct error *);

/* Hashes of the tree at every eighth level: of the leaves (level 0, as they
 * stand beside the entries), of runs of 256, of 65,536 … Each is added once,
 * when its run is full. */
int tile_hash_add(struct store *, unsigned level, uint64_t n,
                  const uint8_t hash[static SHA256_LEN], struct error *);
/* Exactly n of them, from the from-th on. ERR_VERIFY: there are fewer. */
int tile_hashes(struct store *, unsigned level, uint64_t from, size_t n,
                uint8_t (*out)[SHA256_LEN], struct error *);
/* One entry, appended. 1, 0 none, -1. */
int ledger_row_get(struct store *, uint64_t idx, struct buf *, struct error *);

/* An entry that belongs to a person's history (happened.c). */
int happened_add(struct store *, const char *subject, uint64_t idx,
                 struct error *);
/* The newest max of a person's, newest first; *n of them. */
int happened_newest(struct store *, const char *subject, size_t max,
                    uint64_t *idx, size_t *n, struct error *);

/* A notice as it was published; borrowed. */
struct notice_row {
    const char *policy, *version, *language;
    const void *bytes;
    size_t len;
    const char *terms; /* JSON: what the version fixes beside its words */
    msec published;
};
int notice_add(struct store *, const struct notice_row *, struct error *);
/* Its words: 1, 0 none, -1. */
int notice_get(struct store *, const char *policy, const char *version,
               const char *language, struct buf *, struct error *);
/* The words of a question, JSON as it is sent, by their hash: kept as long as
 * the ledger that cites them. There already is fine; 1, 0 none, -1. */
int question_add(struct store *, const uint8_t sha256[static SHA256_LEN],
                 const char *text, struct error *);
int question_get(struct store *, const uint8_t sha256[static SHA256_LEN],
                 struct buf *, struct error *);
/* The terms of a version, in whatever language: 1, 0 none, -1. */
int notice_terms(struct store *, const char *policy, const char *version,
                 struct buf *, struct error *);
/* All other versions that are there: a yes for that purpose to one of them
 * opens nothing any more. */
int notice_supersede(struct store *, const char *policy, const char *version,
                     const char *purpose, struct error *);
/* Is it one of those, for the purpose, or (NULL) for any? 1, 0, -1. */
int notice_superseded(struct store *, const char *policy, const char *version,
                      const char *purpose, struct error *);
/* Is there any at all? 1, 0, -1. */
int notice_any_superseded(struct store *, struct error *);

int keyring_row_add(struct store *, uint64_t seq, const void *entry, size_t,
                    const void *signature, size_t, struct error *);
int keyring_row_list(struct store *,
                     int (*each)(void *arg, const uint8_t *entry, size_t,
                                 const uint8_t *signature, size_t),
                     void *arg, struct error *);
/* Beside the first one, which stays; in the place of one put after that. */
int keyring_grant_put(struct store *, unsigned epoch, uint32_t uid,
                      const void *age_file, size_t, struct error *);
int keyring_grant_get(struct store *, unsigned epoch, uint32_t uid,
                      struct buf *, struct error *);
/* The first, where keyring_grant_get gives a later one. */
int keyring_grant_first(struct store *, unsigned epoch, uint32_t uid,
                        struct buf *, struct error *);
/* All of them; none there is no error. */
int keyring_grant_drop(struct store *, unsigned epoch, uint32_t uid,
                       struct error *);

/* ---- where the consent log is in the ledger (consent_log.c) ------------- */

/* The id of a kind (see the schema), made when it is new. */
int consent_kind_put(struct store *, const char *name, int64_t *id,
                     struct error *);
/* 1, 0 there is none, -1. */
int consent_kind_get(struct store *, const char *name, int64_t *id,
                     struct error *);
/* All kinds, oldest first. */
int consent_kind_list(struct store *,
                      int (*each)(void *arg, int64_t id, const char *name),
                      void *arg, struct error *);
/* The kind is in that block; may be said again. */
int consent_block_put(struct store *, int64_t kind, uint64_t block,
                      struct error *);
/* The first block from `from` on that has it. 1, 0 none, -1. */
int consent_block_next(struct store *, int64_t kind, uint64_t from,
                       uint64_t *block, struct error *);
/* The entry `idx` is about that person. */
int consent_person_put(struct store *, const char *subject, uint64_t idx,
                       int64_t kind, struct error *);
struct consent_place {
    uint64_t idx;
    int64_t kind;
};
/* Entries [from, to) of a person, in order, at most max. */
int consent_person_list(struct store *, const char *subject, uint64_t from,
                        uint64_t to, struct consent_place *out, size_t max,
                        size_t *n, struct error *);
struct consent_theirs {
    char subject[ID_SIZE];
    struct consent_place place;
};
/* Everybody's entries behind `after` ("", 0: all), person by person in the
 * order of their ids, each one's in order; at most max. */
int consent_people_list(struct store *, const struct consent_theirs *after,
                        struct consent_theirs *out, size_t max, size_t *n,
                        struct error *);
/* The clock was set back before that entry; may be said again. */
int ledger_step_put(struct store *, uint64_t idx, struct error *);
/* Those from an entry on, in order, at most max. */
int ledger_step_list(struct store *, uint64_t from, uint64_t *out, size_t max,
                     size_t *n, struct error *);

/* What an export committed to (consent_log.c). */
int exported_add(struct store *, const char *id, const uint8_t *salt,
                 size_t salt_len, const char *filter, struct error *);
typedef int (*exported_each)(void *arg, const char *id, const uint8_t *salt,
                             size_t salt_len, const char *filter);
/* Those after an id ("": the first), in the order of ids, at most
 * LIMIT_READER_ROWS. */
int exported_list(struct store *, const char *after, exported_each, void *arg,
                  struct error *);

/* ---- dead letters (dead_letter.c) --------------------------------------- */

struct dead_letter_row {
    char id[ID_SIZE];
    uint64_t slot; /* its own; erase it, then remove the row */
    msec received;
    int tries;
    bool erased; /* the slot is: only the row is left */
    bool ended;  /* the event is gone: the slot has to follow */
};
int dead_letter_add(struct store *, const char *id, const void *event, size_t,
                    const char *error, msec now, struct error *);
int64_t dead_letter_count(struct store *, struct error *);
/* The one after this id ("" for the first), its event appended. */
int dead_letter_next(struct store *, const char *after,
                     struct dead_letter_row *, struct buf *event,
                     struct error *);
int dead_letter_tried(struct store *, const char *id, const char *error,
                      struct error *);
/* Nobody may read it any more; its slot is erased after the commit. */
int dead_letter_end(struct store *, const char *id, struct error *);
int dead_letter_remove(struct store *, const char *id, struct error *);

#endif

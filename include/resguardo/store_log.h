/*
 * store, the consent log's part: where its entries are in the ledger, and what
 * its exports committed to. Rows that only grow; all but the last table follow
 * from the ledger's entries. Included by store.h.
 */
#ifndef RESGUARDO_STORE_LOG_H
#define RESGUARDO_STORE_LOG_H

#include "resguardo/base.h"

struct store;

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

#endif

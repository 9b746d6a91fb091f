/*
 * visit: the ledger of a desk, of which nothing is taken for granted but its
 * key, pinned at the first contact, and what was seen before. Private to the
 * commands about the ledger.
 */
#ifndef RESGUARDO_CLI_VISIT_H
#define RESGUARDO_CLI_VISIT_H

#include "cli.h"

#include "resguardo/ledger.h"

struct visit {
    const struct cli *cli;
    struct client *client;
    struct known *known;
    char vkey[LEDGER_VKEY_SIZE];   /* the pinned one */
    struct ledger_history history; /* fetched when it is needed */
    bool has_history;
    const char *learnt; /* how its key was met; NULL: it was pinned before */
    struct buf note;
    struct ledger_checkpoint now;
    /* Those of IDENTITY.known: the last that was recomputed, the last seen. */
    struct ledger_checkpoint before[2];
    bool has_before[2];
    /* One that the caller brings, and what it is called; NULL: none. */
    struct ledger_checkpoint brought;
    const char *brought_name;
};

/* Asks at `path` for a signed checkpoint and opens it with the pinned key: it
 * must not fall behind what was seen before. Close it also when this fails. */
int visit_open(struct visit *, const struct cli *, const char *path,
               struct error *);
void visit_close(struct visit *);
/* A checkpoint that somebody kept in a file: it must be one of this log, and
 * not past its end. */
int visit_bring(struct visit *, const char *file, struct error *);

/* The changes of the ledger's key and origin, as the desk tells them and their
 * signatures prove; who reopened it is an officer by the keyring. */
int visit_history(struct visit *, struct buf *text, struct error *);

/* One line of GET /ledger/entries: the entry's bytes (replacing what was in
 * it), and the hash that the desk has of them, which is not compared.
 * ERR_VERIFY. */
int visit_line(const char *line, size_t, struct buf *entry,
               uint8_t leaf[static LEDGER_HASH_LEN], struct error *);
/* Each entry that verified, in order; `leaf` is its hash. */
typedef int (*visit_entry)(void *arg, uint64_t index, const uint8_t *entry,
                           size_t, const uint8_t leaf[static LEDGER_HASH_LEN],
                           struct error *);
/* Fetches all entries up to the checkpoint and recomputes the tree, through the
 * checkpoints known from before. `each` may be NULL. */
int visit_recompute(struct visit *, visit_entry each, void *arg,
                    struct error *);
/* Keeps the checkpoint as the last that was recomputed, or (seen) that was only
 * looked at; and then says that the key is pinned, if this was new. */
int visit_keep(struct visit *, struct error *);
int visit_seen(struct visit *, struct error *);

#endif

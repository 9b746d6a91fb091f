/*
 * export: what the pieces of `ledger export` share. Private to it: the bundle
 * (ledger_export.c), time stamps (export_stamps.c), tiles (export_tiles.c).
 */
#ifndef RESGUARDO_CLI_EXPORT_H
#define RESGUARDO_CLI_EXPORT_H

#include "visit.h"

/* A file of the bundle, hashed as it is written. */
struct piece {
    struct outfile *file; /* the folder's */
    struct sha256 *sum;
    char name[96];
};

struct export
{
    const struct cli *cli;
    struct visit visit;
    struct outfolder *folder;
    struct piece entries, leaves;
    struct tiles *tiles; /* NULL: not wanted */
    struct buf sums;
    json_t *notices; /* the entries that published one */
    size_t staff;    /* entries that changed the keyring */
    size_t evidence, stamps;
};

/* A file of the bundle that is there at once. */
int export_put(struct export *, const char *name, const void *, size_t,
               struct error *);
/* A line of SHA256SUMS. */
int export_sum(struct export *, const char *name, struct sha256 *,
               struct error *);

/* The stamps of what is in the bundle, and who is trusted with them. */
int export_stamps(struct export *, struct error *);

/* The layout of c2sp.org/tlog-tiles in the bundle's folder, which must have no
 * such folder yet; what was written goes again in tiles_close unless it is
 * kept. Fed with all entries in order; end writes what is not full. */
struct tiles; /* opaque */
int tiles_open(struct tiles **, struct export *, struct error *);
int tiles_add(struct tiles *, const uint8_t *entry, size_t,
              const uint8_t leaf[static LEDGER_HASH_LEN], struct error *);
int tiles_end(struct tiles *, struct error *);
void tiles_keep(struct tiles *);
void tiles_close(struct tiles **);

#endif

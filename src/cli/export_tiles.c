/*
 * The log as static files (c2sp.org/tlog-tiles): tile/L/N has 256 hashes of
 * level L, tile/entries/N the entries of 256 leaves, each behind its length in
 * two bytes. A checkpoint beside them, and any reader of such logs reads this
 * one. The files have their names at once: without the checkpoint, which comes
 * last, they are nothing.
 */
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WIDTH  256u
#define LEVELS 8u
/* Folders of a path below the bundle's: tile, level, and a thousandth each. */
#define PATH_MAX_TILE 96

struct level {
    uint64_t full; /* tiles that were written */
    size_t n;      /* hashes of the next */
    uint8_t hashes[WIDTH][LEDGER_HASH_LEN];
};

struct tiles {
    struct export *x;
    const char *folder;
    struct buf entries; /* of the next tile of them */
    struct level levels[LEVELS];
    bool made, kept;
};

/* ---- files -------------------------------------------------------------- */

/* tile/LEVEL/x001/x234/567, and .p/WIDTH where it is not full. */
static void name_of(char out[static PATH_MAX_TILE], const char *level,
                    uint64_t n, size_t width)
{
    uint64_t wide = 1;
    int at = snprintf(out, PATH_MAX_TILE, "tile/%s", level);

    while (n / wide >= 1000)
        wide *= 1000;
    for (; wide > 0; wide /= 1000)
        at += snprintf(out + at, PATH_MAX_TILE - (size_t)at,
                       wide > 1 ? "/x%03" PRIu64 : "/%03" PRIu64,
                       n / wide % 1000);
    if (width < WIDTH)
        (void)snprintf(out + at, PATH_MAX_TILE - (size_t)at, ".p/%zu", width);
}

/* The folders above a file, those that are missing. */
static int make_folders(char *path, size_t from, struct error *e)
{
    for (char *p = path + from; (p = strchr(p, '/')) != NULL; p++) {
        *p = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return error_errno(e, ERR_IO, "cannot make the folder %s", path);
        *p = '/';
    }
    return 0;
}

static int write_new(const char *path, const void *bytes, size_t n,
                     struct error *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), ok = 0;

    if (fd < 0)
        return error_errno(e, ERR_IO, "cannot write %s", path);
    if (fd_write_all(fd, bytes, n) != 0)
        ok = error_errno(e, ERR_IO, "cannot write %s", path);
    (void)close(fd);
    return ok;
}

static int put(struct tiles *t, const char *level, uint64_t n, size_t width,
               const void *bytes, size_t len, struct error *e)
{
    struct sha256 *sum = sha256_new();
    struct buf path = { 0 };
    char name[PATH_MAX_TILE];
    int ok = -1;

    name_of(name, level, n, width);
    if (sum == NULL || buf_addf(&path, "%s/%s", t->folder, name) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a tile");
        goto out;
    }
    sha256_add(sum, bytes, len);
    if (make_folders((char *)path.p, strlen(t->folder) + 1, e) == 0 &&
        write_new((const char *)path.p, bytes, len, e) == 0)
        ok = export_sum(t->x, name, sum, e);
out:
    sha256_free(&sum);
    buf_free(&path);
    return ok;
}

/* ---- tiles -------------------------------------------------------------- */

static int put_hashes(struct tiles *t, size_t l, struct error *e)
{
    const struct level *level = &t->levels[l];
    char name[8];

    (void)snprintf(name, sizeof(name), "%zu", l);
    return put(t, name, level->full, level->n, level->hashes,
               level->n * LEDGER_HASH_LEN, e);
}

static void root_of(const struct level *level,
                    uint8_t out[static LEDGER_HASH_LEN])
{
    struct ledger_tree tree = { 0 };

    for (size_t i = 0; i < level->n; i++)
        ledger_tree_add(&tree, level->hashes[i]);
    ledger_tree_root(&tree, out);
}

/* A tile that is full is a hash of the level above. */
static int add_hash(struct tiles *t, const uint8_t leaf[static LEDGER_HASH_LEN],
                    struct error *e)
{
    uint8_t hash[LEDGER_HASH_LEN];

    memcpy(hash, leaf, sizeof(hash));
    for (size_t l = 0; l < LEVELS; l++) {
        struct level *level = &t->levels[l];

        memcpy(level->hashes[level->n++], hash, sizeof(hash));
        if (level->n < WIDTH)
            return 0;
        if (put_hashes(t, l, e) != 0)
            return -1;
        root_of(level, hash);
        level->full++;
        level->n = 0;
    }
    return 0;
}

int tiles_add(struct tiles *t, const uint8_t *entry, size_t len,
              const uint8_t leaf[static LEDGER_HASH_LEN], struct error *e)
{
    const uint8_t length[2] = { (uint8_t)(len >> 8), (uint8_t)len };
    uint64_t n = t->levels[0].full;

    if (buf_add(&t->entries, length, sizeof(length)) != 0 ||
        buf_add(&t->entries, entry, len) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a tile");
    if (add_hash(t, leaf, e) != 0)
        return -1;
    if (t->levels[0].full == n)
        return 0;
    if (put(t, "entries", n, WIDTH, t->entries.p, t->entries.len, e) != 0)
        return -1;
    t->entries.len = 0;
    return 0;
}

int tiles_end(struct tiles *t, struct error *e)
{
    const struct level *leaves = &t->levels[0];

    if (leaves->n > 0 && put(t, "entries", leaves->full, leaves->n,
                             t->entries.p, t->entries.len, e) != 0)
        return -1;
    for (size_t l = 0; l < LEVELS; l++)
        if (t->levels[l].n > 0 && put_hashes(t, l, e) != 0)
            return -1;
    return 0;
}

/* ---- the folder --------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    (void)remove(path);
    return 0;
}

int tiles_open(struct tiles **out, struct export *x, struct error *e)
{
    struct tiles *t = calloc(1, sizeof(*t));

    *out = t;
    if (t == NULL)
        return error_set(e, ERR_NOMEM, "no memory for tiles");
    t->x = x;
    t->folder = x->cli->options[OPTION_OUT];
    if (outfolder_check(x->folder, "tile", e) != 0)
        return -1;
    t->made = true;
    return 0;
}

void tiles_keep(struct tiles *t)
{
    if (t != NULL)
        t->kept = true;
}

void tiles_close(struct tiles **tiles)
{
    struct tiles *t = *tiles;
    struct buf path = { 0 };

    if (t == NULL)
        return;
    if (t->made && !t->kept && buf_addf(&path, "%s/tile", t->folder) == 0)
        (void)nftw((const char *)path.p, remove_one, 16,
                   FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    buf_free(&path);
    buf_free(&t->entries);
    free(t);
    *tiles = NULL;
}

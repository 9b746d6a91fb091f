/*
 * The WAL as the writer writes it. SQLite hands over a frame in two pieces,
 * each a call of the kernel; a commit has a hundred. They are put together
 * here and written when it asks for the sync, which is before anybody else may
 * read them. What could not be written then is let go: the commit fails with
 * it, and no later one brings half of it to the disk.
 */
#include "store_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* SQLite's own writing takes less than 128 KiB at once. */
#define PIECE 65536

struct wal_file {
    sqlite3_file base;
    uint8_t *p;         /* PIECE bytes */
    int n;              /* not written yet … */
    sqlite3_int64 at;   /* … from here on */
    sqlite3_file *real; /* after this struct */
};
#define HEAD ((sizeof(struct wal_file) + 15) / 16 * 16)

static struct wal_file *ours(sqlite3_file *file)
{
    return (struct wal_file *)(void *)file;
}

static int flush(struct wal_file *f)
{
    int n = f->n;

    f->n = 0;
    return n == 0 ? SQLITE_OK
                  : f->real->pMethods->xWrite(f->real, f->p, n, f->at);
}

/* For who only looks: SQLite takes a failure of theirs for one of a statement,
 * and the transaction may go on. What was not written stays to be. */
static int flush_to_read(struct wal_file *f)
{
    int n = f->n, code = flush(f);

    if (code != SQLITE_OK)
        f->n = n;
    return code;
}

static int wal_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
    struct wal_file *f = ours(file);
    int code;

    if ((at != f->at + f->n || n > PIECE - f->n) &&
        (code = flush(f)) != SQLITE_OK)
        return code;
    if (n > PIECE)
        return f->real->pMethods->xWrite(f->real, p, n, at);
    if (f->n == 0)
        f->at = at;
    memcpy(f->p + f->n, p, (size_t)n);
    f->n += n;
    return SQLITE_OK;
}

static int wal_read(sqlite3_file *file, void *p, int n, sqlite3_int64 at)
{
    struct wal_file *f = ours(file);
    int code = flush_to_read(f);

    return code != SQLITE_OK ? code
                             : f->real->pMethods->xRead(f->real, p, n, at);
}

static int wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct wal_file *f = ours(file);
    int code = flush(f);

    return code != SQLITE_OK ? code
                             : f->real->pMethods->xTruncate(f->real, size);
}

static int wal_sync(sqlite3_file *file, int flags)
{
    struct wal_file *f = ours(file);
    int code = flush(f);

    return code != SQLITE_OK ? code : f->real->pMethods->xSync(f->real, flags);
}

static int wal_size(sqlite3_file *file, sqlite3_int64 *size)
{
    struct wal_file *f = ours(file);
    int code = flush_to_read(f);

    return code != SQLITE_OK ? code
                             : f->real->pMethods->xFileSize(f->real, size);
}

static int wal_close(sqlite3_file *file)
{
    struct wal_file *f = ours(file);

    /* Unsynced: of a transaction that never ended. */
    free(f->p);
    f->p = NULL;
    return f->real->pMethods->xClose(f->real);
}

static int wal_lock(sqlite3_file *file, int level)
{
    struct wal_file *f = ours(file);

    return f->real->pMethods->xLock(f->real, level);
}

static int wal_unlock(sqlite3_file *file, int level)
{
    struct wal_file *f = ours(file);

    return f->real->pMethods->xUnlock(f->real, level);
}

static int wal_reserved(sqlite3_file *file, int *out)
{
    struct wal_file *f = ours(file);

    return f->real->pMethods->xCheckReservedLock(f->real, out);
}

static int wal_control(sqlite3_file *file, int what, void *arg)
{
    struct wal_file *f = ours(file);

    return f->real->pMethods->xFileControl(f->real, what, arg);
}

static int wal_sector(sqlite3_file *file)
{
    struct wal_file *f = ours(file);

    return f->real->pMethods->xSectorSize(f->real);
}

static int wal_device(sqlite3_file *file)
{
    struct wal_file *f = ours(file);

    return f->real->pMethods->xDeviceCharacteristics(f->real);
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_size,
    .xLock = wal_lock,
    .xUnlock = wal_unlock,
    .xCheckReservedLock = wal_reserved,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector,
    .xDeviceCharacteristics = wal_device,
};

/* ---- the file system that has such WALs --------------------------------- */

static sqlite3_vfs *system_vfs; /* … and all else of this one */
static sqlite3_vfs with_wal;

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                     int flags, int *given)
{
    struct wal_file *f = ours(file);
    int code;

    (void)vfs;
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return system_vfs->xOpen(system_vfs, name, file, flags, given);
    memset(f, 0, sizeof(*f));
    f->real = (sqlite3_file *)(void *)((char *)file + HEAD);
    f->real->pMethods = NULL;
    if ((f->p = malloc(PIECE)) == NULL)
        return SQLITE_NOMEM;
    code = system_vfs->xOpen(system_vfs, name, f->real, flags, given);
    if (f->real->pMethods != NULL) {
        f->base.pMethods = &methods;
    } else {
        free(f->p);
        f->p = NULL;
    }
    return code;
}

int wal_file_vfs(const char **name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int code = SQLITE_OK;

    (void)pthread_mutex_lock(&lock);
    if (system_vfs == NULL && (system_vfs = sqlite3_vfs_find(NULL)) != NULL) {
        with_wal = *system_vfs;
        with_wal.zName = "resguardo";
        with_wal.pNext = NULL;
        with_wal.szOsFile = (int)HEAD + system_vfs->szOsFile;
        with_wal.xOpen = open_file;
    }
    if (system_vfs == NULL)
        code = SQLITE_NOMEM;
    else if (sqlite3_vfs_find(with_wal.zName) == NULL)
        code = sqlite3_vfs_register(&with_wal, 0);
    (void)pthread_mutex_unlock(&lock);
    *name = with_wal.zName;
    return code;
}

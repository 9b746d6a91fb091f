/* SQLite's VFS in memory: files, locks, the wal-index, faults. */
#include "disk.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "disk_calls.h"

#define SECTOR    512
#define SHM_PAGES 64

struct saved { /* a sector as it was at the last sync */
    uint32_t number;
    bool blank; /* past the end: zeros, and `bytes` is not set */
    uint8_t bytes[SECTOR];
};

struct file {
    struct file *next;
    char *name;
    uint8_t *p;
    size_t size, cap, synced_size; /* what `p` holds past `size` is old */
    int handles;
    bool unlinked;

    /* Unsynced sectors: `stamp` says which were saved since. */
    uint32_t *stamp, epoch;
    size_t nstamp;
    struct saved *saved;
    size_t nsaved, cap_saved;
    /* Sectors that a failed sync gave up: read back as written, until they
     * are written again, and never on the disk, whatever is synced later. */
    struct saved *lost;
    size_t nlost;

    /* Locks of the rollback journal's kind. */
    int shared;
    const void *reserved, *pending, *exclusive;

    /* The wal-index. */
    void *shm[SHM_PAGES];
    int shm_users;
    int shm_shared[SQLITE_SHM_NLOCK];
    const void *shm_exclusive[SQLITE_SHM_NLOCK];
};

struct handle {
    sqlite3_file base;
    struct file *file;
    int level;
    bool shm;
    unsigned shm_held; /* bits of shared locks */
};

static struct file *files;
struct disk_state disk;

/* ---- faults ------------------------------------------------------------ */

void disk_arm(enum disk_fault fault, uint32_t countdown, bool lasting)
{
    disk.fault = fault;
    disk.countdown = countdown;
    disk.lasting = lasting;
    disk.hit = false;
}

void disk_disarm(void)
{
    disk.fault = DISK_OK;
    disk.lasting = false;
}

/* True when this call fails as `kind`. Any call may be the last of a life. */
bool disk_fails(enum disk_fault kind)
{
    if (disk.ours)
        return false;
    if (disk.dead)
        return true;
    if (disk.fault != kind && disk.fault != DISK_DIE)
        return false;
    if (disk.countdown > 0) {
        disk.countdown--;
        return false;
    }
    disk.hit = true;
    if (disk.fault == DISK_DIE) {
        disk.dead = true;
        return true;
    }
    if (!disk.lasting)
        disk.fault = DISK_OK;
    if (kind != DISK_FULL && kind != DISK_BUSY)
        disk.io_error = true;
    return true;
}

/* ---- bytes ------------------------------------------------------------- */

static int grow(struct file *f, size_t size)
{
    size_t cap = f->cap == 0 ? 65536 : f->cap;
    uint8_t *p;

    if (size <= f->cap)
        return 0;
    while (cap < size)
        cap *= 2;
    if ((p = realloc(f->p, cap)) == NULL)
        return -1;
    f->p = p;
    f->cap = cap;
    return 0;
}

/* What was given up and is written now gets its next chance. */
static bool found_again(struct file *f, uint32_t number, struct saved *out)
{
    for (size_t i = 0; i < f->nlost; i++)
        if (f->lost[i].number == number) {
            *out = f->lost[i];
            f->lost[i] = f->lost[--f->nlost];
            return true;
        }
    return false;
}

/* Keeps a sector's bytes of the last sync, once. */
static void save_sector(struct file *f, uint32_t number)
{
    size_t at = (size_t)number * SECTOR;
    struct saved *s;

    if (number >= f->nstamp) {
        size_t n = 2 * (size_t)number + 1024;
        f->stamp = realloc(f->stamp, n * sizeof(*f->stamp));
        memset(f->stamp + f->nstamp, 0, (n - f->nstamp) * sizeof(*f->stamp));
        f->nstamp = n;
    }
    if (f->stamp[number] == f->epoch)
        return;
    f->stamp[number] = f->epoch;
    if (f->nsaved == f->cap_saved) {
        f->cap_saved = f->cap_saved == 0 ? 64 : 2 * f->cap_saved;
        f->saved = realloc(f->saved, f->cap_saved * sizeof(*f->saved));
    }
    s = &f->saved[f->nsaved++];
    if (found_again(f, number, s))
        return;
    s->number = number;
    s->blank = at >= f->synced_size;
    if (s->blank)
        return;
    memcpy(s->bytes, f->p + at, SECTOR);
    if (at + SECTOR > f->synced_size)
        memset(s->bytes + (f->synced_size - at), 0,
               at + SECTOR - f->synced_size);
}

static void save(struct file *f, size_t at, size_t n)
{
    size_t first = at / SECTOR, last = (at + n + SECTOR - 1) / SECTOR;

    if (!disk.tracking)
        return;
    (void)grow(f, last * SECTOR);
    for (size_t i = first; i < last; i++)
        save_sector(f, (uint32_t)i);
}

static void synced(struct file *f)
{
    f->epoch++;
    f->nsaved = 0;
    f->synced_size = f->size;
}

/* As a kernel does it: what could not be written counts as clean. */
static void give_up(struct file *f)
{
    f->lost = realloc(f->lost, (f->nlost + f->nsaved + 1) * sizeof(*f->lost));
    memcpy(f->lost + f->nlost, f->saved, f->nsaved * sizeof(*f->saved));
    f->nlost += f->nsaved;
    f->nsaved = 0;
    f->epoch++;
}

static void forget(struct file **link)
{
    struct file *f = *link;

    *link = f->next;
    for (size_t i = 0; i < SHM_PAGES; i++)
        free(f->shm[i]);
    free(f->stamp);
    free(f->saved);
    free(f->lost);
    free(f->name);
    free(f->p);
    free(f);
}

static struct file **find(const char *name)
{
    struct file **f = &files;

    while (*f != NULL && ((*f)->unlinked || strcmp((*f)->name, name) != 0))
        f = &(*f)->next;
    return f;
}

static void take_back(struct file *f, const struct saved *s)
{
    uint8_t *p = f->p + (size_t)s->number * SECTOR;

    if (s->blank)
        memset(p, 0, SECTOR);
    else
        memcpy(p, s->bytes, SECTOR);
}

void disk_cut_power(void)
{
    for (struct file *f = files; f != NULL; f = f->next) {
        for (size_t i = 0; i < f->nsaved; i++)
            if (dice_below(disk.dice, 2) == 0)
                take_back(f, &f->saved[i]);
        for (size_t i = 0; i < f->nlost; i++)
            take_back(f, &f->lost[i]);
        f->nlost = 0;
        if (f->size != f->synced_size && dice_below(disk.dice, 2) == 0)
            f->size = f->synced_size;
        synced(f);
    }
}

void disk_wipe(void)
{
    while (files != NULL)
        forget(&files);
}

/* ---- a file's methods -------------------------------------------------- */

static struct file *file_of(sqlite3_file *h)
{
    return ((struct handle *)(void *)h)->file;
}

static int m_read(sqlite3_file *h, void *out, int n, sqlite3_int64 at)
{
    const struct file *f = file_of(h);
    size_t have = (size_t)at >= f->size ? 0 : f->size - (size_t)at;

    if (disk_fails(DISK_READ_ERR))
        return SQLITE_IOERR_READ;
    if (have >= (size_t)n) {
        memcpy(out, f->p + at, (size_t)n);
        return SQLITE_OK;
    }
    if (have > 0)
        memcpy(out, f->p + at, have);
    memset((uint8_t *)out + have, 0, (size_t)n - have);
    return SQLITE_IOERR_SHORT_READ;
}

static int m_write(sqlite3_file *h, const void *p, int n, sqlite3_int64 at)
{
    struct file *f = file_of(h);
    bool gone = disk.dead, full, failed;

    if (gone)
        return SQLITE_IOERR_WRITE;
    full = disk_fails(DISK_FULL);
    failed = !full && disk_fails(DISK_WRITE_ERR);
    disk.writes++;
    if (full || failed) /* some of it may have gone through */
        n = (int)dice_below(disk.dice, (uint32_t)n);
    save(f, (size_t)at, (size_t)n);
    if (grow(f, (size_t)at + (size_t)n) != 0)
        return SQLITE_FULL;
    if ((size_t)at > f->size)
        memset(f->p + f->size, 0, (size_t)at - f->size);
    memcpy(f->p + at, p, (size_t)n);
    if ((size_t)at + (size_t)n > f->size)
        f->size = (size_t)at + (size_t)n;
    if (full && !disk.dead)
        return SQLITE_FULL;
    return full || failed ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int m_truncate(sqlite3_file *h, sqlite3_int64 size)
{
    struct file *f = file_of(h);

    if (disk_fails(DISK_WRITE_ERR))
        return SQLITE_IOERR_TRUNCATE;
    if ((size_t)size < f->size) {
        save(f, (size_t)size, f->size - (size_t)size);
        f->size = (size_t)size;
    }
    return SQLITE_OK;
}

static int m_sync(sqlite3_file *h, int flags)
{
    (void)flags;
    if (disk_fails(DISK_SYNC_ERR)) {
        give_up(file_of(h));
        return SQLITE_IOERR_FSYNC;
    }
    disk.syncs++;
    if (!disk.liar)
        synced(file_of(h));
    return SQLITE_OK;
}

static int m_size(sqlite3_file *h, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)file_of(h)->size;
    return SQLITE_OK;
}

static int m_lock(sqlite3_file *h, int level)
{
    struct handle *mine = (void *)h;
    struct file *f = mine->file;

    if (level <= mine->level)
        return SQLITE_OK;
    if (disk.dead)
        return SQLITE_IOERR_LOCK;
    if (level == SQLITE_LOCK_SHARED) {
        if (f->exclusive != NULL || f->pending != NULL)
            return SQLITE_BUSY;
        f->shared++;
    } else {
        if (f->reserved != NULL && f->reserved != h)
            return SQLITE_BUSY;
        f->reserved = h;
        if (level >= SQLITE_LOCK_PENDING) {
            f->pending = h;
            if (f->shared > 1) {
                mine->level = SQLITE_LOCK_PENDING;
                return SQLITE_BUSY;
            }
            f->exclusive = h;
        }
    }
    mine->level = level;
    return SQLITE_OK;
}

static int m_unlock(sqlite3_file *h, int level)
{
    struct handle *mine = (void *)h;
    struct file *f = mine->file;

    if (mine->level > SQLITE_LOCK_SHARED) {
        f->reserved = f->reserved == h ? NULL : f->reserved;
        f->pending = f->pending == h ? NULL : f->pending;
        f->exclusive = f->exclusive == h ? NULL : f->exclusive;
    }
    if (level == SQLITE_LOCK_NONE && mine->level != SQLITE_LOCK_NONE)
        f->shared--;
    mine->level = level < mine->level ? level : mine->level;
    return SQLITE_OK;
}

static int m_reserved(sqlite3_file *h, int *out)
{
    *out = file_of(h)->reserved != NULL;
    return SQLITE_OK;
}

static int m_control(sqlite3_file *h, int op, void *arg)
{
    (void)h, (void)op, (void)arg;
    return SQLITE_NOTFOUND;
}

static int m_sector(sqlite3_file *h)
{
    (void)h;
    return 4096;
}

static int m_device(sqlite3_file *h)
{
    (void)h;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- the wal-index ----------------------------------------------------- */

static int m_shm_map(sqlite3_file *h, int page, int size, int extend,
                     void volatile **out)
{
    struct handle *mine = (void *)h;
    struct file *f = mine->file;

    *out = NULL;
    if (page >= SHM_PAGES)
        return SQLITE_IOERR_SHMMAP;
    if (!mine->shm) {
        mine->shm = true;
        f->shm_users++;
    }
    if (f->shm[page] == NULL && extend &&
        (f->shm[page] = calloc(1, (size_t)size)) == NULL)
        return SQLITE_IOERR_NOMEM;
    *out = f->shm[page];
    return SQLITE_OK;
}

static int shm_take(struct handle *mine, int i, int flags)
{
    struct file *f = mine->file;

    if (flags & SQLITE_SHM_SHARED) {
        if (f->shm_exclusive[i] != NULL && f->shm_exclusive[i] != mine)
            return SQLITE_BUSY;
        if ((mine->shm_held & (1u << i)) == 0)
            f->shm_shared[i]++;
        mine->shm_held |= 1u << i;
        return SQLITE_OK;
    }
    if ((f->shm_exclusive[i] != NULL && f->shm_exclusive[i] != mine) ||
        f->shm_shared[i] > (int)((mine->shm_held >> i) & 1))
        return SQLITE_BUSY;
    f->shm_exclusive[i] = mine;
    return SQLITE_OK;
}

static void shm_give(struct handle *mine, int i)
{
    struct file *f = mine->file;

    if (f->shm_exclusive[i] == mine)
        f->shm_exclusive[i] = NULL;
    if (mine->shm_held & (1u << i))
        f->shm_shared[i]--;
    mine->shm_held &= ~(1u << i);
}

static int m_shm_lock(sqlite3_file *h, int offset, int n, int flags)
{
    struct handle *mine = (void *)h;
    int code = SQLITE_OK;

    if ((flags & SQLITE_SHM_LOCK) && disk_fails(DISK_BUSY))
        return SQLITE_BUSY;
    for (int i = offset; i < offset + n; i++) {
        if (flags & SQLITE_SHM_UNLOCK)
            shm_give(mine, i);
        else if ((code = shm_take(mine, i, flags)) != SQLITE_OK) {
            while (--i >= offset)
                shm_give(mine, i);
            break;
        }
    }
    return code;
}

static void m_shm_barrier(sqlite3_file *h)
{
    (void)h;
}

static int m_shm_unmap(sqlite3_file *h, int remove)
{
    struct handle *mine = (void *)h;
    struct file *f = mine->file;

    (void)remove;
    if (!mine->shm)
        return SQLITE_OK;
    for (int i = 0; i < SQLITE_SHM_NLOCK; i++)
        shm_give(mine, i);
    mine->shm = false;
    if (--f->shm_users > 0)
        return SQLITE_OK;
    for (size_t i = 0; i < SHM_PAGES; i++) {
        free(f->shm[i]);
        f->shm[i] = NULL;
    }
    return SQLITE_OK;
}

static int m_close(sqlite3_file *h)
{
    struct file *f = file_of(h);

    (void)m_shm_unmap(h, 0);
    (void)m_unlock(h, SQLITE_LOCK_NONE);
    if (--f->handles == 0 && f->unlinked)
        for (struct file **l = &files; *l != NULL; l = &(*l)->next)
            if (*l == f) {
                forget(l);
                break;
            }
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    2,        m_close,   m_read,     m_write,       m_truncate,  m_sync,
    m_size,   m_lock,    m_unlock,   m_reserved,    m_control,   m_sector,
    m_device, m_shm_map, m_shm_lock, m_shm_barrier, m_shm_unmap, NULL,
    NULL,
};

/* ---- the VFS ----------------------------------------------------------- */

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *out,
                  int flags, int *out_flags)
{
    struct handle *h = (void *)out;
    struct file *f;

    (void)v;
    memset(h, 0, sizeof(*h));
    f = name == NULL ? NULL : *find(name);
    if (f == NULL) {
        if ((flags & SQLITE_OPEN_CREATE) == 0 || disk.dead)
            return SQLITE_CANTOPEN;
        if ((f = calloc(1, sizeof(*f))) == NULL)
            return SQLITE_NOMEM;
        f->epoch = 1;
        f->name = strdup(name == NULL ? "" : name);
        f->unlinked = name == NULL;
        f->next = files;
        files = f;
    }
    f->handles++;
    h->file = f;
    h->base.pMethods = &methods;
    if (out_flags != NULL)
        *out_flags = flags;
    return SQLITE_OK;
}

static int v_delete(sqlite3_vfs *v, const char *name, int sync)
{
    struct file **f = find(name);

    (void)v, (void)sync;
    if (disk_fails(DISK_WRITE_ERR))
        return SQLITE_IOERR_DELETE;
    if (*f == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    if ((*f)->handles == 0)
        forget(f);
    else
        (*f)->unlinked = true;
    return SQLITE_OK;
}

static int v_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
    (void)v, (void)flags;
    *out = *find(name) != NULL;
    return SQLITE_OK;
}

static int v_full(sqlite3_vfs *v, const char *name, int n, char *out)
{
    (void)v;
    if (strlen(name) >= (size_t)n)
        return SQLITE_CANTOPEN;
    memcpy(out, name, strlen(name) + 1);
    return SQLITE_OK;
}

static int v_random(sqlite3_vfs *v, int n, char *out)
{
    (void)v;
    for (int i = 0; i < n; i++)
        out[i] = disk.dice == NULL ? 0 : (char)dice_next(disk.dice);
    return n;
}

static int v_sleep(sqlite3_vfs *v, int us)
{
    (void)v;
    return us; /* time is ours */
}

static int v_time64(sqlite3_vfs *v, sqlite3_int64 *out)
{
    (void)v;
    *out = 0;
    return SQLITE_OK;
}

static int v_time(sqlite3_vfs *v, double *out)
{
    (void)v;
    *out = 0;
    return SQLITE_OK;
}

static int v_error(sqlite3_vfs *v, int n, char *out)
{
    (void)v, (void)n, (void)out;
    return 0;
}

int disk_open(void)
{
    static sqlite3_vfs vfs = {
        .iVersion = 2,
        .szOsFile = sizeof(struct handle),
        .mxPathname = 512,
        .zName = "simulation",
        .xOpen = v_open,
        .xDelete = v_delete,
        .xAccess = v_access,
        .xFullPathname = v_full,
        .xRandomness = v_random,
        .xSleep = v_sleep,
        .xCurrentTime = v_time,
        .xCurrentTimeInt64 = v_time64,
        .xGetLastError = v_error,
    };

    cheap_sqlite();
    return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK ? 0 : -1;
}

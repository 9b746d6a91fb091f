/*
 * Checkpoints: what the WAL holds goes into the database. Most of it by a
 * thread with a connection of its own, beside the writer; the writer itself
 * only moves the short rest, so that the WAL can begin anew and no webhook
 * waits for the bulk.
 */
#include "store_private.h"

#include <pthread.h>
#include <stdlib.h>

#define PAGE_SIZE 4096
#define FRAMES    ((int)(LIMIT_WAL_BYTES / PAGE_SIZE))
/* The thread moves so much at once, the writer at most this. */
#define STEP (FRAMES / 4)
#define REST (FRAMES / 64)
/* A writer that outruns the thread waits for it, here. */
#define MOST (2 * FRAMES)

#define PAUSE MSEC_S /* after a failure */

struct checkpointer {
    sqlite3 *db;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closing;
    bool wanted;   /* from the wish to the end of the work */
    bool unsynced; /* for good: pages that SQLite takes for moved may be lost */
    int frames;    /* of the WAL, after the writer's last commit */
    int moved;     /* of them, in the database and on the disk */
    int begun;     /* how often the WAL began anew */
};

/* ---- the thread --------------------------------------------------------- */

/* While the writer goes on, SQLite leaves the database unsynced, and counts as
 * moved what it wrote: after a sync that failed it would never be written
 * again. Only a start from the whole WAL does that. */
static int move(sqlite3 *db, int *moved, bool *unsynced)
{
    sqlite3_file *file = NULL;
    int log, code;

    code = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log,
                                     moved);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_file_control(db, NULL, SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK)
        code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    *unsynced = code != SQLITE_OK;
    return code;
}

static void work(struct store *store, struct checkpointer *c)
{
    int begun = c->begun, moved = 0, code;
    bool unsynced = false;
    struct error err = { 0 };

    (void)pthread_mutex_unlock(&c->lock);
    code = move(c->db, &moved, &unsynced);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        (void)sql_error(store, code, &err);
        log_error("wal_not_moved", &err);
    }
    (void)pthread_mutex_lock(&c->lock);

    c->unsynced |= unsynced;
    if (code == SQLITE_OK && begun == c->begun)
        c->moved = moved;
    if (code != SQLITE_OK && !c->closing) {
        const struct timespec until = clock_deadline(PAUSE);
        (void)pthread_cond_timedwait(&c->changed, &c->lock, &until);
    }
    c->wanted = false;
    (void)pthread_cond_broadcast(&c->changed);
}

static void *thread_main(void *arg)
{
    struct store *store = arg;
    struct checkpointer *c = store->checkpointer;

    (void)pthread_mutex_lock(&c->lock);
    while (!c->closing) {
        if (c->wanted)
            work(store, c);
        else
            (void)pthread_cond_wait(&c->changed, &c->lock);
    }
    (void)pthread_mutex_unlock(&c->lock);
    return NULL;
}

static int open_connection(struct store *store, sqlite3 **db, struct error *err)
{
    const char *path = sqlite3_db_filename(store->db, NULL);
    int code = sqlite3_open_v2(path, db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                   SQLITE_OPEN_EXRESCODE,
                               NULL);

    if (code == SQLITE_OK)
        code = sqlite3_exec(*db,
                            "PRAGMA synchronous = FULL;"
                            "PRAGMA wal_autocheckpoint = 0;"
                            "PRAGMA mmap_size = 0",
                            NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : sql_error(store, code, err);
}

int store_checkpoint_beside(struct store *store, struct error *err)
{
    struct checkpointer *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a checkpointer");
    if (open_connection(store, &c->db, err) != 0)
        goto fail;
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)clock_cond_init(&c->changed);
    store->checkpointer = c;
    if (pthread_create(&c->thread, NULL, thread_main, store) == 0)
        return 0;
    error_set(err, ERR_NOMEM, "cannot start the checkpointer");
    store->checkpointer = NULL;
fail:
    (void)sqlite3_close(c->db);
    free(c);
    return -1;
}

void checkpointer_stop(struct store *store)
{
    struct checkpointer *c = store->checkpointer;

    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&c->lock);
    c->closing = true;
    (void)pthread_cond_broadcast(&c->changed);
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_join(c->thread, NULL);
    if (c->unsynced)
        store_keep_wal(store);
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_cond_destroy(&c->changed);
    (void)sqlite3_close(c->db);
    free(c);
    store->checkpointer = NULL;
}

bool store_unsynced(struct store *store)
{
    struct checkpointer *c = store->checkpointer;
    bool unsynced;

    if (c == NULL)
        return false;
    (void)pthread_mutex_lock(&c->lock);
    unsynced = c->unsynced;
    (void)pthread_mutex_unlock(&c->lock);
    return unsynced;
}

void store_keep_wal(struct store *store)
{
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
                            NULL);
}

/* ---- before the first look ---------------------------------------------- */

/* SQLite's own writing takes less than 128 KiB at once. */
#define CHUNK 65536

static int write_again(sqlite3_file *wal)
{
    sqlite3_int64 size = 0;
    int code = wal->pMethods->xFileSize(wal, &size);
    uint8_t *bytes = code == SQLITE_OK && size > 0 ? malloc(CHUNK) : NULL;

    if (code == SQLITE_OK && size > 0 && bytes == NULL)
        return SQLITE_NOMEM;
    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size;) {
        int n = size - at < CHUNK ? (int)(size - at) : CHUNK;

        code = wal->pMethods->xRead(wal, bytes, n, at);
        if (code == SQLITE_OK)
            code = wal->pMethods->xWrite(wal, bytes, n, at);
        at += n;
    }
    if (code == SQLITE_OK && size > 0)
        code = wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
    free(bytes);
    return code;
}

/* A kernel counts pages as clean that it could not write: they are read, no
 * later sync writes them, and a power cut takes them. */
int wal_make_durable(struct store *store, struct error *err)
{
    const char *name =
        sqlite3_filename_wal(sqlite3_db_filename(store->db, "main"));
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_file *wal;
    int code, there = 0, given = 0;

    code = vfs->xAccess(vfs, name, SQLITE_ACCESS_EXISTS, &there);
    if (code != SQLITE_OK)
        return sql_error(store, code, err);
    if (there == 0)
        return 0;
    if ((wal = calloc(1, (size_t)vfs->szOsFile)) == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the WAL");
    code = vfs->xOpen(vfs, name, wal, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL,
                      &given);
    if (code == SQLITE_OK)
        code = write_again(wal);
    if (wal->pMethods != NULL)
        (void)wal->pMethods->xClose(wal);
    free(wal);
    return code == SQLITE_OK ? 0 : sql_error(store, code, err);
}

/* ---- the writer --------------------------------------------------------- */

static void ask(struct checkpointer *c)
{
    c->wanted = true;
    (void)pthread_cond_broadcast(&c->changed);
}

static void wait_for_thread(struct checkpointer *c)
{
    while (c->wanted)
        (void)pthread_cond_wait(&c->changed, &c->lock);
}

/* After a commit: wakes the thread when there is enough for it. True: the WAL
 * is full, and what is left of it is short. */
static bool ours_to_end(struct checkpointer *c, int frames)
{
    bool full = frames >= FRAMES, ours;

    (void)pthread_mutex_lock(&c->lock);
    if (frames < c->frames) {
        c->begun++;
        c->moved = 0;
    }
    c->frames = frames;
    if (frames >= MOST && frames - c->moved > REST) {
        wait_for_thread(c);
        ask(c);
        wait_for_thread(c);
    }
    ours = !c->wanted && full && frames - c->moved <= REST;
    if (!ours && !c->wanted && (full || frames - c->moved >= STEP))
        ask(c);
    ours = ours && !c->unsynced;
    (void)pthread_mutex_unlock(&c->lock);
    return ours;
}

/* SQLite has no patience with a checkpoint that is under way. */
static void let_thread_end(struct checkpointer *c)
{
    (void)pthread_mutex_lock(&c->lock);
    wait_for_thread(c);
    (void)pthread_mutex_unlock(&c->lock);
}

int store_checkpoint(struct store *store, bool truncate, struct error *err)
{
    int mode =
        truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    struct checkpointer *c = store->checkpointer;
    int code, log, done;

    if (c != NULL && truncate)
        let_thread_end(c);
    if (store_unsynced(store))
        return error_set(err, ERR_IO, "the database could not be synced");
    if (!truncate && (c != NULL ? !ours_to_end(c, store->wal_frames)
                                : store->wal_frames < FRAMES))
        return 0;
    code = sqlite3_wal_checkpoint_v2(store->db, NULL, mode, &log, &done);
    if (code == SQLITE_OK || (!truncate && (code & 0xff) == SQLITE_BUSY))
        return 0;
    return sql_error(store, code, err);
}

int store_empty_wal(struct store *store, struct error *err)
{
    int ok;

    sqlite3_busy_timeout(store->db, 0);
    ok = store_checkpoint(store, true, err);
    sqlite3_busy_timeout(store->db, store->locked ? BUSY_STILL_MS : BUSY_MS);
    return ok;
}

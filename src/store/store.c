/* A handle: settings that make the promises, transactions, checks. */
#include "store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    BEGIN,
    COMMIT,
    SAVEPOINT,
    RELEASE,
    META_GET,
    META_SET,
    PAGES, /* both checks, one after the other */
    KEYS
};

static const char *const sql[] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [SAVEPOINT] = "SAVEPOINT event",
    [RELEASE] = "RELEASE event",
    [META_GET] = "SELECT value FROM meta WHERE key = ?1",
    [META_SET] = ("INSERT INTO meta (key, value) VALUES (?1, ?2)"
                  " ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
    [PAGES] = "PRAGMA integrity_check(100)",
    [KEYS] = "PRAGMA foreign_key_check",
};
STATEMENTS(SQL_STORE)

/* ---- settings ----------------------------------------------------------- */

/* Whatever the SQL says: the ledger, the keyring and what was published only
 * grow, and a reader writes nothing. */
static int authorize(void *arg, int action, const char *table,
                     const char *column, const char *database,
                     const char *trigger)
{
    const struct store *store = arg;
    bool writer = store->mode == STORE_WRITER;

    (void)column, (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return SQLITE_OK;
    case SQLITE_INSERT:
        return writer ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
        return writer && table != NULL && strcmp(table, "ledger") != 0 &&
                       strcmp(table, "keyring") != 0 &&
                       strcmp(table, "notice") != 0
                   ? SQLITE_OK
                   : SQLITE_DENY;
    case SQLITE_PRAGMA: /* `table` is the pragma's name */
        return table != NULL && (strcmp(table, "quick_check") == 0 ||
                                 strcmp(table, "integrity_check") == 0 ||
                                 strcmp(table, "foreign_key_check") == 0)
                   ? SQLITE_OK
                   : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static int after_commit(void *arg, sqlite3 *db, const char *database,
                        int frames)
{
    struct store *store = arg;

    (void)db, (void)database;
    store->wal_frames = frames;
    return SQLITE_OK;
}

/* A statement that answers one word: is it this one? */
static int expect(struct store *store, const char *what, const char *word,
                  struct error *err)
{
    sqlite3_stmt *st = NULL;
    const char *got = NULL;
    int code, ok = -1;

    code = sqlite3_prepare_v2(store->db, what, -1, &st, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW)
        got = (const char *)sqlite3_column_text(st, 0);
    if (got != NULL && strcmp(got, word) == 0)
        ok = 0;
    else if (code == SQLITE_ROW || code == SQLITE_DONE)
        error_set(err, ERR_VERIFY, "the database answers %s with %s", what,
                  got != NULL ? got : "nothing");
    else
        sql_error(store, code, err);
    sqlite3_finalize(st);
    return ok;
}

static int configure(struct store *store, struct error *err)
{
    static const struct {
        int op, value;
    } flags[] = {
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },
        { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
        { SQLITE_DBCONFIG_DQS_DDL, 0 },
        { SQLITE_DBCONFIG_DQS_DML, 0 },
        { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
        { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
        { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
        { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
        /* A plan is made once, whatever value `state = ?` is given. */
        { SQLITE_DBCONFIG_ENABLE_QPSG, 1 },
    }, limits[] = {
        { SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024 },
        { SQLITE_LIMIT_SQL_LENGTH, 100000 },
        { SQLITE_LIMIT_COLUMN, 64 },
        { SQLITE_LIMIT_EXPR_DEPTH, 40 },
        { SQLITE_LIMIT_COMPOUND_SELECT, 16 },
        { SQLITE_LIMIT_VDBE_OP, 25000 },
        { SQLITE_LIMIT_FUNCTION_ARG, 8 },
        { SQLITE_LIMIT_ATTACHED, 0 },
        { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100 },
        { SQLITE_LIMIT_VARIABLE_NUMBER, 40 },
        { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
        { SQLITE_LIMIT_WORKER_THREADS, 0 },
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (sqlite3_db_config(store->db, flags[i].op, flags[i].value, NULL) !=
            SQLITE_OK)
            return error_set(err, ERR_INTERNAL,
                             "the database refused a "
                             "setting");
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        (void)sqlite3_limit(store->db, limits[i].op, limits[i].value);
    sqlite3_busy_timeout(store->db, BUSY_MS);
    if (sql_exec(store,
                 "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
                 "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;"
                 "PRAGMA cache_size = -16384;",
                 err) != 0)
        return -1;
    if (store->mode == STORE_WRITER) {
        if (sql_exec(store,
                     "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
                     "PRAGMA journal_size_limit = 67108864;",
                     err) != 0 ||
            expect(store, "PRAGMA journal_mode = WAL", "wal", err) != 0 ||
            expect(store, "PRAGMA synchronous", "2", err) != 0 ||
            expect(store, "PRAGMA foreign_keys", "1", err) != 0)
            return -1;
        (void)sqlite3_wal_hook(store->db, after_commit, store);
    }
    return sqlite3_set_authorizer(store->db, authorize, store) == SQLITE_OK
               ? 0
               : error_set(err, ERR_INTERNAL, "no authorizer");
}

static int check_schema(struct store *store, struct error *err)
{
    int64_t version;

    if (meta_get_int(store, "schema", &version, err) != 1)
        return error_set(err, ERR_VERIFY, "%s holds no database of ours",
                         store->dir);
    if (version == SCHEMA_VERSION)
        return 0;
    error_set(err, ERR_CONFIG, "%s has schema %lld, this program speaks %d",
              store->dir, (long long)version, SCHEMA_VERSION);
    return error_hint(err, "run it with the version of Resguardo that made it");
}

/* ---- opening ------------------------------------------------------------ */

static struct secret *key_read(struct store *store, const char *file,
                               struct error *err)
{
    struct buf path = { 0 };
    struct secret *key = NULL;

    if (buf_addf(&path, "%s%s", store->keys_dir, file) != 0)
        error_set(err, ERR_NOMEM, "no memory for a key");
    else
        key = secret_read_file((char *)path.p, FIELD_KEY_LEN, true, err);
    if (key != NULL && key->len != FIELD_KEY_LEN) {
        error_set(err, ERR_VERIFY, "%s is not a key", (char *)path.p);
        secret_free(&key);
    }
    buf_free(&path);
    return key;
}

static int take_lock(struct store *store, struct error *err)
{
    struct buf path = { 0 };
    int ok = -1;

    if (buf_addf(&path, "%s/lock", store->dir) != 0) {
        error_set(err, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    store->lock = open((char *)path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock < 0)
        error_errno(err, ERR_IO, "%s", (char *)path.p);
    else if (flock(store->lock, LOCK_EX | LOCK_NB) != 0)
        error_set(err, ERR_BUSY, "%s is in use by another daemon", store->dir);
    else
        ok = 0;
out:
    buf_free(&path);
    return ok;
}

/* Nobody asks SQLite how much memory it has; counting it takes a lock. */
static void quiet_sqlite(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_files(struct store *store, struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    struct buf path = { 0 };
    int code = SQLITE_OK, flags = store->mode == STORE_WRITER
                                      ? SQLITE_OPEN_READWRITE
                                      : SQLITE_OPEN_READONLY;
    const char *vfs = NULL;
    int ok = -1;

    (void)pthread_once(&once, quiet_sqlite);
    if (buf_addf(&path, "%s/payloads", store->dir) != 0)
        goto out;
    store->payloads = open((char *)path.p, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (store->payloads < 0) {
        error_errno(err, ERR_IO, "%s", (char *)path.p);
        goto out;
    }
    buf_reset(&path);
    if (buf_addf(&path, "%s/resguardo.db", store->dir) != 0)
        goto out;
    if (store->mode == STORE_WRITER)
        code = wal_file_vfs(&vfs);
    if (code == SQLITE_OK)
        code = sqlite3_open_v2(
            (char *)path.p, &store->db,
            flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
    if (code != SQLITE_OK) {
        error_set(err, ERR_IO, "%s: %s", (char *)path.p, sqlite3_errstr(code));
        goto out;
    }
    ok = 0;
out:
    buf_free(&path);
    return ok;
}

int store_open(struct store **out, const char *dir, const char *mirror,
               enum store_mode mode, const struct random_source *random,
               struct error *err)
{
    struct store *store = calloc(1, sizeof(*store));
    struct buf keys = { 0 };
    int ok = -1;

    *out = NULL;
    if (store == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a store");
    store->mode = mode;
    store->random = random;
    store->payloads = store->lock = -1;
    store->slots.fd[0] = store->slots.fd[1] = store->slots.destroyed = -1;
    if ((store->dir = strdup(dir)) == NULL ||
        buf_addf(&keys, "%s/keys/", dir) != 0 ||
        (store->keys_dir = strdup((char *)keys.p)) == NULL) {
        error_set(err, ERR_NOMEM, "no memory for a store");
        goto out;
    }
    if (access(store->keys_dir, X_OK) != 0) {
        error_errno(err, ERR_IO, "no storage at %s", dir);
        error_hint(err, "make it with: resguardo init --config FILE");
        goto out;
    }
    if ((mode == STORE_WRITER && take_lock(store, err) != 0) ||
        open_files(store, err) != 0 ||
        (mode == STORE_WRITER && wal_make_durable(store, err) != 0) ||
        configure(store, err) != 0 || slots_open(store, mirror, err) != 0)
        goto out;
    if ((store->field_key = key_read(store, "field", err)) == NULL ||
        (store->index_key = key_read(store, "index", err)) == NULL ||
        check_schema(store, err) != 0)
        goto out;
    if (mode == STORE_WRITER && slots_raise(store, err) != 0)
        goto out;
    *out = store;
    store = NULL;
    ok = 0;
out:
    buf_free(&keys);
    store_close(&store);
    return ok;
}

void store_close(struct store **store)
{
    struct store *s = *store;

    if (s == NULL)
        return;
    checkpointer_stop(s);
    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        sqlite3_finalize(s->statements[i]);
    (void)sqlite3_close_v2(s->db);
    slots_close(s);
    secret_free(&s->field_key);
    secret_free(&s->index_key);
    if (s->payloads >= 0)
        (void)close(s->payloads);
    if (s->lock >= 0)
        (void)close(s->lock);
    free(s->keys_dir);
    free(s->dir);
    free(s);
    *store = NULL;
}

const char *store_keys_dir(const struct store *store)
{
    return store->keys_dir;
}

/* ---- transactions ------------------------------------------------------- */

/* Every event has a savepoint: parsing these each time costs more than they
 * do. */
static int run(struct store *store, int which, struct error *err)
{
    sqlite3_stmt *st = get(store, which, err);
    int code;

    if (st == NULL)
        return -1;
    code = sqlite3_step(st);
    sqlite3_reset(st);
    return code == SQLITE_DONE ? 0 : sql_error(store, code, err);
}

/* One lock that lasts costs one wait, however many transactions meet it: a
 * webhook that comes behind the daemon's own work hears 503 in time. */
static void lock_met(struct store *store, bool met)
{
    if (store->locked == met)
        return;
    store->locked = met;
    sqlite3_busy_timeout(store->db, met ? BUSY_STILL_MS : BUSY_MS);
}

int store_begin(struct store *store, struct error *err)
{
    if (store->broken)
        return error_set(err, ERR_IO, "the database must be opened again");
    if (store->begun)
        return error_set(err, ERR_INTERNAL, "a transaction is open already");
    if (run(store, BEGIN, err) != 0) {
        lock_met(store, err->code == ERR_BUSY);
        return -1;
    }
    lock_met(store, false);
    store->begun = true;
    store->undone = ERR_NONE;
    return 0;
}

/* A COMMIT that failed for want of space, memory or a lock left the WAL
 * without its last frame: rolling back is certain. After an I/O error it is
 * not known what a recovery would find. */
int store_commit(struct store *store, struct error *err)
{
    if (!store->begun)
        return error_set(err, ERR_INTERNAL, "no transaction is open");
    store->begun = false;
    if (sqlite3_get_autocommit(store->db) != 0)
        return error_set(
            err, store->undone != ERR_NONE ? store->undone : ERR_INTERNAL,
            "the transaction was rolled back");
    if (slots_flush(store, err) == 0 && run(store, COMMIT, err) == 0)
        return 0;
    store_rollback(store);
    if (sqlite3_get_autocommit(store->db) == 0)
        error_set(err, ERR_IO, "a transaction can be neither ended nor undone");
    store->broken = err->code == ERR_IO;
    return -1;
}

void store_rollback(struct store *store)
{
    store->begun = store->numbers_known = store->person_known = false;
    slots_undo(store);
    if (sqlite3_get_autocommit(store->db) == 0)
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

/* Outside a transaction SAVEPOINT would begin one of its own. */
int store_savepoint(struct store *store, struct error *err)
{
    if (!store->begun || sqlite3_get_autocommit(store->db) != 0)
        return error_set(err,
                         store->begun && store->undone != ERR_NONE
                             ? store->undone
                             : ERR_INTERNAL,
                         "no transaction for a savepoint");
    return run(store, SAVEPOINT, err);
}

int store_release(struct store *store, struct error *err)
{
    return run(store, RELEASE, err);
}

void store_rollback_to(struct store *store)
{
    store->numbers_known = store->person_known = false;
    (void)sqlite3_exec(store->db, "ROLLBACK TO event; RELEASE event", NULL,
                       NULL, NULL);
}

/* What a row of the check says, as a sentence; "" when it says ok. */
static void integrity_words(sqlite3_stmt *st, bool keys, char *out, size_t cap)
{
    char table[64], parent[64];

    if (keys) {
        COLUMN_TEXT(st, 0, table);
        COLUMN_TEXT(st, 2, parent);
        (void)snprintf(out, cap,
                       "a row of %s refers to one of %s that is not there",
                       table, parent);
        return;
    }
    (void)snprintf(out, cap, "%s", (const char *)sqlite3_column_text(st, 0));
    if (strcmp(out, "ok") == 0)
        out[0] = '\0';
}

int store_integrity(struct store *store,
                    int (*fault)(void *arg, const char *what), void *arg,
                    struct error *err)
{
    for (int which = PAGES; which <= KEYS; which++) {
        sqlite3_stmt *st = get(store, which, err);
        char text[512];
        int row, stop = 0;

        if (st == NULL)
            return -1;
        while ((row = sql_step(store, st, err)) > 0) {
            integrity_words(st, which == KEYS, text, sizeof(text));
            if (text[0] != '\0' && (stop = fault(arg, text)) != 0)
                break;
        }
        sql_done(st);
        if (row < 0 || stop != 0)
            return row < 0 ? -1 : stop;
    }
    return 0;
}

/* BEGIN alone takes no snapshot: the first read does. */
int store_read_begin(struct store *store, struct error *err)
{
    if (sql_exec(store, "BEGIN", err) != 0)
        return -1;
    if (sql_exec(store, "SELECT value FROM meta WHERE key = 'schema'", err) ==
        0)
        return 0;
    store_rollback(store);
    return -1;
}

void store_read_end(struct store *store)
{
    store_rollback(store);
}

/* ---- meta --------------------------------------------------------------- */

int meta_get_int(struct store *store, const char *key, int64_t *out,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, META_GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, key);
    return row_one(store, st, row_int, out, err);
}

int meta_need_int(struct store *store, const char *key, int64_t *out,
                  struct error *err)
{
    int found = meta_get_int(store, key, out, err);

    if (found == 0)
        error_set(err, ERR_VERIFY, "the database lacks %s", key);
    return found == 1 ? 0 : -1;
}

int meta_get_bytes(struct store *store, const char *key, struct buf *out,
                   struct error *err)
{
    sqlite3_stmt *st = get(store, META_GET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, key);
    return row_one(store, st, row_bytes, out, err);
}

/* The numbers that every message needs. A reader asks each time: the writer
 * may have changed them. */
int meta_numbers(struct store *store, struct error *err)
{
    if (store->numbers_known)
        return 0;
    store->index_former = 0;
    if (meta_need_int(store, "index_slot", &store->index_slot, err) != 0 ||
        meta_get_int(store, "index_slot_former", &store->index_former, err) <
            0 ||
        meta_need_int(store, "dedup_slot", &store->dedup_slot, err) != 0 ||
        meta_need_int(store, "dedup_slot_former", &store->dedup_former, err) !=
            0)
        return -1;
    store->numbers_known = store->mode == STORE_WRITER;
    return 0;
}

int meta_set_int(struct store *store, const char *key, int64_t value,
                 struct error *err)
{
    sqlite3_stmt *st = get(store, META_SET, err);

    if (st == NULL)
        return -1;
    store->numbers_known = false;
    sql_text(st, 1, key);
    sql_int(st, 2, value);
    return sql_run(store, st, err);
}

int meta_set_bytes(struct store *store, const char *key, const void *p,
                   size_t len, struct error *err)
{
    sqlite3_stmt *st = get(store, META_SET, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, key);
    sql_bytes(st, 2, p, len);
    return sql_run(store, st, err);
}

/* Makes a storage, once. */
#include "store_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a checkout tracks in storage/ does not make it full. */
static bool tracked(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           strcmp(name, "schema.sql") == 0 || strcmp(name, "migrations") == 0;
}

static int must_be_empty(const char *dir, struct error *err)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;
    int ok = 0;

    if (d == NULL && errno == ENOENT)
        return 0;
    if (d == NULL)
        return error_errno(err, ERR_IO, "%s", dir);
    while (ok == 0 && (entry = readdir(d)) != NULL)
        if (!tracked(entry->d_name)) {
            ok = error_set(err, ERR_CONFLICT,
                           "%s is a storage already, or "
                           "not empty",
                           dir);
            error_hint(err, "nothing was changed");
        }
    (void)closedir(d);
    return ok;
}

static int make_dir(const char *dir, const char *name, struct error *err)
{
    struct buf path = { 0 };
    int ok = -1;

    if (buf_addf(&path, "%s%s%s", dir, name[0] != '\0' ? "/" : "", name) != 0)
        error_set(err, ERR_NOMEM, "no memory for a path");
    else if (mkdir((char *)path.p, 0700) != 0 && errno != EEXIST)
        error_errno(err, ERR_IO, "%s", (char *)path.p);
    else if (chmod((char *)path.p, 0700) != 0)
        error_errno(err, ERR_IO, "%s", (char *)path.p);
    else
        ok = 0;
    buf_free(&path);
    return ok;
}

static int make_dirs(const char *dir, struct error *err)
{
    char name[32];

    if (make_dir(dir, "", err) != 0 || make_dir(dir, "keys", err) != 0 ||
        make_dir(dir, "payloads", err) != 0)
        return -1;
    for (int i = 0; i < 256; i++) {
        (void)snprintf(name, sizeof(name), "payloads/%02x", i);
        if (make_dir(dir, name, err) != 0)
            return -1;
    }
    return 0;
}

static int make_key(const char *keys, const char *name,
                    const struct random_source *random, struct error *err)
{
    struct secret *key = secret_new(FIELD_KEY_LEN);
    struct buf path = { 0 };
    int ok = -1;

    if (key == NULL || buf_addf(&path, "%s%s", keys, name) != 0) {
        error_set(err, ERR_NOMEM, "no memory for a key");
    } else {
        random_fill(random, key->p, key->len);
        ok = file_create((char *)path.p, key->p, key->len, err);
    }
    secret_free(&key);
    buf_free(&path);
    return ok;
}

static int make_database(const char *dir, struct error *err)
{
    struct buf path = { 0 };
    sqlite3 *db = NULL;
    mode_t mask;
    int ok = -1, code;

    if (buf_addf(&path, "%s/resguardo.db", dir) != 0) {
        error_set(err, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    mask = umask(0077);
    code = sqlite3_open_v2((char *)path.p, &db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db,
                            "PRAGMA page_size = 4096;"
                            "PRAGMA journal_mode = WAL;"
                            "PRAGMA synchronous = FULL;",
                            NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, store_schema, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db,
                            "INSERT INTO meta VALUES ('schema', 10),"
                            " ('slot_next', 1); COMMIT",
                            NULL, NULL, NULL);
    (void)umask(mask);
    if (code != SQLITE_OK)
        error_set(err, (code & 0xff) == SQLITE_FULL ? ERR_FULL : ERR_IO,
                  "%s: %s", (char *)path.p, sqlite3_errstr(code));
    else
        ok = 0;
out:
    (void)sqlite3_close_v2(db);
    buf_free(&path);
    return ok;
}

/* The slots behind the index and de-duplication keys. */
static int make_first_slots(const char *dir, const char *mirror, msec now,
                            const struct random_source *random,
                            struct error *err)
{
    struct store *store = NULL;
    uint64_t index, seen;
    int ok = -1;

    if (store_open(&store, dir, mirror, STORE_WRITER, random, err) != 0)
        return -1;
    if (store_begin(store, err) == 0 && slot_alloc(store, &index, err) == 0 &&
        slot_alloc(store, &seen, err) == 0 &&
        meta_set_int(store, "index_slot", (int64_t)index, err) == 0 &&
        meta_set_int(store, "dedup_slot", (int64_t)seen, err) == 0 &&
        meta_set_int(store, "dedup_slot_former", 0, err) == 0 &&
        meta_set_int(store, "dedup_since", now, err) == 0 &&
        store_commit(store, err) == 0)
        ok = 0;
    store_close(&store);
    return ok;
}

/* Takes away what a failed attempt made in a folder that was empty before. */
static void undo(const char *dir, const char *mirror, bool made)
{
    static const char *const files[] = { "lock",
                                         "resguardo.db",
                                         "resguardo.db-wal",
                                         "resguardo.db-shm",
                                         "resguardo.db-journal",
                                         "keys/field",
                                         "keys/index",
                                         "keys/slots",
                                         "keys/slots.mirror",
                                         "keys/destroyed" };
    int fd = open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    char name[32];

    if (fd < 0)
        return;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        (void)unlinkat(fd, files[i], 0);
    if (mirror != NULL)
        (void)unlink(mirror);
    for (int i = 0; i < 256; i++) {
        (void)snprintf(name, sizeof(name), "payloads/%02x", (unsigned)i & 0xff);
        (void)unlinkat(fd, name, AT_REMOVEDIR);
    }
    (void)unlinkat(fd, "payloads", AT_REMOVEDIR);
    (void)unlinkat(fd, "keys", AT_REMOVEDIR);
    (void)close(fd);
    if (made)
        (void)rmdir(dir);
}

static int sync_dir(const char *dir, struct error *err)
{
    int fd = open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    int ok = 0;

    if (fd < 0 || fsync(fd) != 0)
        ok = error_errno(err, ERR_IO, "cannot sync %s", dir);
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

int store_check_absent(const char *dir, const char *mirror, struct error *err)
{
    struct stat st;

    if (must_be_empty(dir, err) != 0)
        return -1;
    if (mirror != NULL && lstat(mirror, &st) == 0)
        return error_set(err, ERR_CONFLICT, "%s exists", mirror);
    return 0;
}

int store_create(const char *dir, const char *mirror, msec now,
                 const struct random_source *random, struct error *err)
{
    struct buf keys = { 0 };
    struct stat st;
    bool made;
    int ok = -1;

    if (store_check_absent(dir, mirror, err) != 0)
        return -1;
    made = lstat(dir, &st) != 0;
    if (buf_addf(&keys, "%s/keys/", dir) != 0) {
        error_set(err, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    if (make_dirs(dir, err) == 0 &&
        make_key((char *)keys.p, "field", random, err) == 0 &&
        make_key((char *)keys.p, "index", random, err) == 0 &&
        slots_create((char *)keys.p, mirror, random, err) == 0 &&
        make_database(dir, err) == 0 &&
        make_first_slots(dir, mirror, now, random, err) == 0)
        ok = sync_dir(dir, err);
    if (ok != 0)
        undo(dir, mirror, made);
out:
    buf_free(&keys);
    return ok;
}

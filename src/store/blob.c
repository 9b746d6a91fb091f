/*
 * Payload files: written without a name, named only when complete. The folder
 * is a byte of BLAKE2b of the id, so that ids may look as they like.
 */
#include "store_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

int blob_place(const char *payload, char out[static BLOB_PLACE_SIZE],
               struct error *err)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];

    if (!id_valid(payload, 'p'))
        return error_set(err, ERR_INTERNAL, "not a payload id");
    crypto_generichash(hash, sizeof(hash), (const uint8_t *)payload,
                       strlen(payload), NULL, 0);
    (void)snprintf(out, BLOB_PLACE_SIZE, "%02x/%s", hash[0], payload);
    return 0;
}

static int sync_folder(struct store *store, const char *name, struct error *err)
{
    char folder[3] = { name[0], name[1], '\0' };
    int fd =
        openat(store->payloads, folder, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    int code = fd < 0 ? -1 : fsync(fd);

    if (code != 0)
        error_errno(err, ERR_IO, "cannot sync a payload folder");
    if (fd >= 0)
        (void)close(fd);
    return code;
}

int blob_new(struct store *store, struct error *err)
{
    int fd = openat(store->payloads, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0400);

    if (fd < 0)
        return error_errno(err, ERR_IO, "cannot begin a payload");
    return fd;
}

int blob_link(struct store *store, int fd, const char *payload,
              struct error *err)
{
    char name[BLOB_PLACE_SIZE], self[64];

    if (blob_place(payload, name, err) != 0)
        return -1;
    if (fsync(fd) != 0)
        return error_errno(err, ERR_IO, "cannot sync a payload");
    /* It is seldom read soon: the memory serves the next one, and the
     * database. */
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    (void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, self, store->payloads, name, AT_SYMLINK_FOLLOW) != 0)
        return error_errno(err, errno == EEXIST ? ERR_CONFLICT : ERR_IO,
                           "cannot name a payload");
    return sync_folder(store, name, err);
}

int blob_unlink(struct store *store, const char *payload, struct error *err)
{
    char name[BLOB_PLACE_SIZE];

    if (blob_place(payload, name, err) != 0)
        return -1;
    if (unlinkat(store->payloads, name, 0) != 0) {
        if (errno == ENOENT)
            return 0;
        return error_errno(err, ERR_IO, "cannot remove a payload");
    }
    return sync_folder(store, name, err);
}

int blob_open(struct store *store, const char *payload, struct error *err)
{
    char name[BLOB_PLACE_SIZE];
    int fd;

    if (blob_place(payload, name, err) != 0)
        return -1;
    fd = openat(store->payloads, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                           "cannot open a payload");
    return fd;
}

/* ---- what is on disk ---------------------------------------------------- */

struct listing {
    struct store *store;
    int (*each)(void *arg, const char *place);
    void *arg;
    struct error *err;
};

static bool is_payload_folder(const char *name)
{
    static const char hex[] = "0123456789abcdef";

    return strlen(name) == 2 && strspn(name, hex) == 2;
}

/* A folder under payloads/ ("" is that one itself, which has only the 256). */
static int list_folder(const struct listing *l, const char *folder)
{
    const char *at = folder[0] == '\0' ? "." : folder;
    int fd = openat(l->store->payloads, at, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    char place[3 + sizeof(entry->d_name)];
    int stop = 0;

    if (dir == NULL) {
        error_errno(l->err, ERR_IO, "cannot read payload folder %s", at);
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    while (stop == 0 && (entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;

        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            (folder[0] == '\0' && is_payload_folder(name)))
            continue;
        (void)snprintf(place, sizeof(place), "%s%s%s", folder,
                       folder[0] != '\0' ? "/" : "", name);
        stop = l->each(l->arg, place);
    }
    (void)closedir(dir);
    return stop;
}

int blob_list(struct store *store, int (*each)(void *arg, const char *place),
              void *arg, struct error *err)
{
    const struct listing l = { store, each, arg, err };
    int stop = list_folder(&l, "");

    for (unsigned i = 0; i < 256 && stop == 0; i++) {
        char folder[3];

        (void)snprintf(folder, sizeof(folder), "%02x", i & 0xffu);
        stop = list_folder(&l, folder);
    }
    return stop;
}

bool blob_is_there(struct store *store, const char *place)
{
    return faccessat(store->payloads, place, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- ids that may have a file and no row -------------------------------- */

enum { ADD, REMOVE, LIST };

static const char *const sql[] = {
    [ADD] = ("INSERT INTO loose (payload) VALUES (?1)"
             " ON CONFLICT (payload) DO NOTHING"),
    [REMOVE] = "DELETE FROM loose WHERE payload = ?1",
    [LIST] = "SELECT payload FROM loose",
};
STATEMENTS(SQL_BLOB)

int loose_add(struct store *store, const char *payload, struct error *err)
{
    sqlite3_stmt *st = get(store, ADD, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, payload);
    return sql_run(store, st, err);
}

int loose_remove(struct store *store, const char *payload, struct error *err)
{
    sqlite3_stmt *st = get(store, REMOVE, err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, payload);
    return sql_run(store, st, err);
}

int loose_list(struct store *store, int (*each)(void *arg, const char *payload),
               void *arg, struct error *err)
{
    sqlite3_stmt *st = get(store, LIST, err);
    struct buf ids = { 0 };
    char id[ID_SIZE];
    int row, stop = 0;

    /* Read first: the callback may write. */
    if (st == NULL)
        return -1;
    while ((row = sql_step(store, st, err)) > 0) {
        COLUMN_TEXT(st, 0, id);
        if (buf_add(&ids, id, sizeof(id)) != 0) {
            sql_done(st);
            row = error_set(err, ERR_NOMEM, "no memory for a list");
            break;
        }
    }
    for (size_t i = 0; row == 0 && stop == 0 && i < ids.len; i += ID_SIZE)
        stop = each(arg, (const char *)ids.p + i);
    buf_free(&ids);
    return row < 0 ? -1 : stop;
}

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

#define NAME_SIZE (3 + ID_SIZE)

static int name_of(const char *payload, char out[static NAME_SIZE],
                   struct error *err)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];

    if (!id_valid(payload, 'p'))
        return error_set(err, ERR_INTERNAL, "not a payload id");
    crypto_generichash(hash, sizeof(hash), (const uint8_t *)payload,
                       strlen(payload), NULL, 0);
    (void)snprintf(out, NAME_SIZE, "%02x/%s", hash[0], payload);
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
    char name[NAME_SIZE], self[64];

    if (name_of(payload, name, err) != 0)
        return -1;
    if (fsync(fd) != 0)
        return error_errno(err, ERR_IO, "cannot sync a payload");
    (void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, self, store->payloads, name, AT_SYMLINK_FOLLOW) != 0)
        return error_errno(err, errno == EEXIST ? ERR_CONFLICT : ERR_IO,
                           "cannot name a payload");
    return sync_folder(store, name, err);
}

int blob_unlink(struct store *store, const char *payload, struct error *err)
{
    char name[NAME_SIZE];

    if (name_of(payload, name, err) != 0)
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
    char name[NAME_SIZE];
    int fd;

    if (name_of(payload, name, err) != 0)
        return -1;
    fd = openat(store->payloads, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                           "cannot open a payload");
    return fd;
}

static int list_folder(struct store *store, int i,
                       int (*each)(void *arg, const char *payload), void *arg,
                       struct error *err)
{
    char folder[8];
    const struct dirent *entry;
    DIR *dir = NULL;
    int fd, stop = 0;

    (void)snprintf(folder, sizeof(folder), "%02x", (unsigned)i & 0xff);
    fd = openat(store->payloads, folder, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (dir = fdopendir(fd)) == NULL) {
        error_errno(err, ERR_IO, "cannot read payload folder %s", folder);
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    while (stop == 0 && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            stop = each(arg, entry->d_name);
    (void)closedir(dir);
    return stop;
}

int blob_list(struct store *store, int (*each)(void *arg, const char *payload),
              void *arg, struct error *err)
{
    int stop = 0;

    for (int i = 0; i < 256 && stop == 0; i++)
        stop = list_folder(store, i, each, arg, err);
    return stop;
}

/* ---- ids that may have a file and no row -------------------------------- */

int loose_add(struct store *store, const char *payload, struct error *err)
{
    sqlite3_stmt *st = sql_get(store, BASE_STORE + 2,
                               "INSERT INTO loose (payload) VALUES (?1)"
                               " ON CONFLICT (payload) DO NOTHING",
                               err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, payload);
    return sql_run(store, st, err);
}

int loose_remove(struct store *store, const char *payload, struct error *err)
{
    sqlite3_stmt *st = sql_get(store, BASE_STORE + 3,
                               "DELETE FROM loose WHERE payload = ?1", err);

    if (st == NULL)
        return -1;
    sql_text(st, 1, payload);
    return sql_run(store, st, err);
}

int loose_list(struct store *store, int (*each)(void *arg, const char *payload),
               void *arg, struct error *err)
{
    sqlite3_stmt *st =
        sql_get(store, BASE_STORE + 4, "SELECT payload FROM loose", err);
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

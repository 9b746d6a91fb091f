/*
 * Shred slots. Two files of one layout: a header of 64 bytes, then slots of 64
 * bytes. A slot exists in both files, durable, before its number can be drawn;
 * the number itself is a database value, so that a rollback gives it back.
 *
 *   header  magic (16) version (4) zero (4) high-water mark (8) zero (24)
 *           checksum (8)
 *   slot    number (8) state (4) zero (4) bytes (32) zero (8) checksum (8)
 */
#include "store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <sodium.h>

#define RECORD       64
#define CHECKSUM     8
#define BLOCK        1024u /* slots filled at once, and marks between syncs */
#define STATE_FRESH  1u
#define STATE_ERASED 2u

static const char magic[16] = "resguardo slots";

/* ---- records ------------------------------------------------------------ */

static void record_sign(uint8_t record[static RECORD])
{
    crypto_generichash_state state;
    uint8_t sum[16];

    crypto_generichash_init(&state, NULL, 0, sizeof(sum));
    crypto_generichash_update(&state, record, RECORD - CHECKSUM);
    crypto_generichash_final(&state, sum, sizeof(sum));
    memcpy(record + RECORD - CHECKSUM, sum, CHECKSUM);
}

static bool record_valid(const uint8_t record[static RECORD])
{
    uint8_t copy[RECORD];
    bool valid;

    memcpy(copy, record, RECORD);
    record_sign(copy);
    valid = memcmp(copy, record, RECORD) == 0;
    sodium_memzero(copy, sizeof(copy));
    return valid;
}

static void header_make(uint8_t record[static RECORD], uint64_t high)
{
    memset(record, 0, RECORD);
    memcpy(record, magic, sizeof(magic));
    le32_put(record + 16, 1);
    le64_put(record + 24, high);
    record_sign(record);
}

static void slot_make(uint8_t record[static RECORD], uint64_t number,
                      uint32_t state, const struct random_source *random)
{
    memset(record, 0, RECORD);
    le64_put(record, number);
    le32_put(record + 8, state);
    if (state == STATE_FRESH)
        random_fill(random, record + 16, SLOT_KEY_LEN);
    record_sign(record);
}

static int record_read(int fd, uint64_t number, uint8_t out[static RECORD])
{
    ssize_t n = pread(fd, out, RECORD, (off_t)(number * RECORD));

    return n == RECORD && record_valid(out) ? 0 : -1;
}

static int sync_both(const struct slots *slots, struct error *err)
{
    for (int i = 0; i < 2; i++)
        if (fdatasync(slots->fd[i]) != 0)
            return error_errno(err, ERR_IO, "cannot sync the slots");
    return 0;
}

/* A copy that holds this slot, whole. */
static bool slot_read(int fd, uint64_t slot, uint8_t out[static RECORD])
{
    return record_read(fd, slot, out) == 0 && le64_get(out) == slot;
}

static int record_write(const struct slots *slots, uint64_t number,
                        const uint8_t record[static RECORD], struct error *err)
{
    for (int i = 0; i < 2; i++)
        if (fd_pwrite_all(slots->fd[i], record, RECORD,
                          (off_t)(number * RECORD)) != 0)
            return error_errno(err, ERR_IO, "cannot write a slot");
    return 0;
}

/* The next block, the same in both files, durable before it counts. */
static int fill_block(struct slots *slots, const struct random_source *random,
                      struct error *err)
{
    uint8_t *block = sodium_malloc((size_t)BLOCK * RECORD);
    int ok = -1;

    if (block == NULL)
        return error_set(err, ERR_NOMEM, "no memory for slots");
    for (uint64_t i = 0; i < BLOCK; i++)
        slot_make(block + i * RECORD, slots->filled + 1 + i, STATE_FRESH,
                  random);
    for (int i = 0; i < 2; i++)
        if (fd_pwrite_all(slots->fd[i], block, (size_t)BLOCK * RECORD,
                          (off_t)((slots->filled + 1) * RECORD)) != 0) {
            error_errno(err, ERR_IO, "cannot write slots");
            goto out;
        }
    if (sync_both(slots, err) != 0)
        goto out;
    slots->filled += BLOCK;
    ok = 0;
out:
    sodium_free(block);
    return ok;
}

static int set_high(struct slots *slots, uint64_t high, struct error *err)
{
    uint8_t record[RECORD];

    header_make(record, high);
    if (record_write(slots, 0, record, err) != 0 || sync_both(slots, err) != 0)
        return -1;
    slots->high = high;
    return 0;
}

/* ---- opening ------------------------------------------------------------ */

static int slot_path(struct buf *out, const char *keys_dir, const char *name)
{
    return buf_addf(out, "%s%s", keys_dir, name);
}

static int open_file(const char *path, int flags, struct error *err)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd < 0)
        return error_errno(err, ERR_IO, "%s", path);
    return fd;
}

/* A reader does with one file of the two, so that the desk still answers and
 * `check` can name the other; a writer needs both. */
static int open_slots(struct slots *slots, int i, const char *path, int flags,
                      struct error *err)
{
    slots->fd[i] = open(path, flags | O_CLOEXEC, 0600);
    if (slots->fd[i] >= 0)
        return 0;
    if (errno != ENOENT || (flags & O_CREAT) != 0)
        return error_errno(err, ERR_IO, "%s", path);
    if ((flags & O_ACCMODE) == O_RDONLY && (i == 0 || slots->fd[0] >= 0))
        return 0;
    (void)error_set(err, ERR_VERIFY, "%s is missing", path);
    return error_hint(err, "restore keys/slots from its mirror, or the mirror "
                           "from it");
}

static int open_pair(struct slots *slots, const char *keys_dir,
                     const char *mirror, int flags, struct error *err)
{
    struct buf paths[3] = { { 0 } };
    int ok = -1;

    slots->fd[0] = slots->fd[1] = slots->destroyed = -1;
    if (slot_path(&paths[0], keys_dir, "slots") != 0 ||
        (mirror != NULL
             ? buf_adds(&paths[1], mirror)
             : slot_path(&paths[1], keys_dir, "slots.mirror")) != 0 ||
        slot_path(&paths[2], keys_dir, "destroyed") != 0) {
        error_set(err, ERR_NOMEM, "no memory for slots");
        goto out;
    }
    for (int i = 0; i < 2; i++)
        if (open_slots(slots, i, (char *)paths[i].p, flags, err) != 0)
            goto out;
    slots->destroyed = open_file(
        (char *)paths[2].p,
        (flags & O_ACCMODE) == O_RDONLY ? flags : flags | O_APPEND, err);
    ok = slots->destroyed < 0 ? -1 : 0;
out:
    for (int i = 0; i < 3; i++)
        buf_free(&paths[i]);
    return ok;
}

static void close_pair(struct slots *slots)
{
    for (int i = 0; i < 2; i++)
        if (slots->fd[i] >= 0)
            (void)close(slots->fd[i]);
    if (slots->destroyed >= 0)
        (void)close(slots->destroyed);
    slots->fd[0] = slots->fd[1] = slots->destroyed = -1;
}

int slots_create(const char *keys_dir, const char *mirror,
                 const struct random_source *random, struct error *err)
{
    struct slots slots = { .writable = true };
    int ok =
        open_pair(&slots, keys_dir, mirror, O_RDWR | O_CREAT | O_EXCL, err);

    if (ok == 0)
        ok = fill_block(&slots, random, err);
    if (ok == 0)
        ok = set_high(&slots, 0, err);
    close_pair(&slots);
    return ok;
}

/* The higher of the two marks: a crash may have left one behind. */
static int read_high(struct slots *slots, struct error *err)
{
    uint8_t record[RECORD];
    bool found = false;

    for (int i = 0; i < 2; i++)
        if (record_read(slots->fd[i], 0, record) == 0 &&
            memcmp(record, magic, sizeof(magic)) == 0 &&
            le32_get(record + 16) == 1) {
            uint64_t high = le64_get(record + 24);

            slots->high = found && slots->high > high ? slots->high : high;
            found = true;
        }
    if (!found)
        return error_set(err, ERR_VERIFY,
                         "both headers of the slots are damaged");
    return 0;
}

int slots_open(struct store *store, const char *mirror, struct error *err)
{
    struct slots *slots = &store->slots;
    off_t size[2];

    slots->writable = store->mode == STORE_WRITER;
    if (slots->writable &&
        (slots->cache = secret_new(SLOTS_CACHED * SLOT_KEY_LEN)) == NULL)
        return error_set(err, ERR_NOMEM, "no memory for the slots");
    if (open_pair(slots, store->keys_dir, mirror,
                  slots->writable ? O_RDWR : O_RDONLY, err) != 0 ||
        read_high(slots, err) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        size[i] = lseek(slots->fd[i], 0, SEEK_END) / RECORD;
    slots->filled = (uint64_t)(size[0] < size[1] ? size[0] : size[1]);
    slots->filled -= slots->filled > 0;
    slots->filled -= slots->filled % BLOCK;

    /* Filling up a file that was cut would overwrite the other's keys. */
    if (slots->writable && slots->filled < slots->high) {
        error_set(err, ERR_VERIFY, "a file of the slots is cut");
        return error_hint(err, "restore keys/slots from its mirror, or the "
                               "mirror from it");
    }
    return 0;
}

void slots_close(struct store *store)
{
    secret_free(&store->slots.cache);
    close_pair(&store->slots);
}

static bool is_erased(const struct slots *slots, uint64_t slot)
{
    uint8_t record[RECORD];
    bool erased = true;

    for (int i = 0; i < 2; i++)
        erased = erased && slot_read(slots->fd[i], slot, record) &&
                 le32_get(record + 8) == STATE_ERASED;
    sodium_memzero(record, sizeof(record));
    return erased;
}

/* What the list names but a crash left in a file is overwritten now. A number
 * cut short at the end of the list was never acted on. */
static int finish_destroyed(struct slots *slots, struct error *err)
{
    off_t size = lseek(slots->destroyed, 0, SEEK_END);
    uint8_t number[8], record[RECORD];
    bool changed = false;

    if (size < 0 ||
        (size % 8 != 0 && ftruncate(slots->destroyed, size - size % 8) != 0))
        return error_errno(err, ERR_IO, "cannot read keys/destroyed");
    for (off_t at = 0; at + 8 <= size; at += 8) {
        uint64_t slot;

        if (pread(slots->destroyed, number, 8, at) != 8)
            return error_errno(err, ERR_IO, "cannot read keys/destroyed");
        slot = le64_get(number);
        if (slot == 0 || slot > slots->filled)
            return error_set(err, ERR_VERIFY, "keys/destroyed is damaged");
        if (is_erased(slots, slot))
            continue;
        slot_make(record, slot, STATE_ERASED, NULL);
        if (record_write(slots, slot, record, err) != 0)
            return -1;
        changed = true;
    }
    return changed ? sync_both(slots, err) : 0;
}

int slots_raise(struct store *store, struct error *err)
{
    struct slots *slots = &store->slots;
    int64_t next;

    if (finish_destroyed(slots, err) != 0 || store_begin(store, err) != 0)
        return -1;
    if (meta_need_int(store, "slot_next", &next, err) != 0)
        goto undo;
    if (next < 1 || (uint64_t)next > slots->high + 1) {
        error_set(err, ERR_VERIFY, "the slots are older than the database");
        error_hint(err, "restore the newest copy of keys/slots");
        goto undo;
    }
    /* A restored, older database must draw no number that was drawn before. */
    if ((uint64_t)next <= slots->high &&
        meta_set_int(store, "slot_next", (int64_t)slots->high + 1, err) != 0)
        goto undo;
    return store_commit(store, err);
undo:
    store_rollback(store);
    return -1;
}

/* ---- drawing and reading ------------------------------------------------ */

int slot_alloc(struct store *store, uint64_t *slot, struct error *err)
{
    struct slots *slots = &store->slots;
    int64_t next;

    if (sqlite3_get_autocommit(store->db) != 0)
        return error_set(err, ERR_INTERNAL, "a slot outside a transaction");
    if (slots->next == 0) {
        if (meta_need_int(store, "slot_next", &next, err) != 0)
            return -1;
        slots->next = (uint64_t)next;
    }
    *slot = slots->next;
    while (*slot > slots->filled)
        if (fill_block(slots, store->random, err) != 0)
            return -1;

    /* The mark is durable before a number up to it can be committed. */
    if (*slot > slots->high && set_high(slots, *slot + BLOCK - 1, err) != 0)
        return -1;
    slots->next++;
    slots->moved = true;
    return 0;
}

/* One row for all that a transaction took. A number that a savepoint gave back
 * is not used again: there are enough. */
int slots_flush(struct store *store, struct error *err)
{
    struct slots *slots = &store->slots;

    if (!slots->moved)
        return 0;
    slots->moved = false;
    return meta_set_int(store, "slot_next", (int64_t)slots->next, err);
}

void slots_undo(struct store *store)
{
    store->slots.next = 0;
    store->slots.moved = false;
}

/* The place of a slot's key; NULL for a reader. */
static uint8_t *cached(struct slots *slots, uint64_t slot)
{
    return slots->cache == NULL
               ? NULL
               : slots->cache->p + slot % SLOTS_CACHED * SLOT_KEY_LEN;
}

/* 1 when the number stands in keys/destroyed, 0 not, -1. */
static int is_destroyed(struct store *store, uint64_t slot, struct error *err)
{
    uint8_t number[8];
    ssize_t n;

    for (off_t at = 0; (n = pread(store->slots.destroyed, number, 8, at)) == 8;
         at += 8)
        if (le64_get(number) == slot)
            return 1;
    return n < 0 ? error_errno(err, ERR_IO, "cannot read keys/destroyed") : 0;
}

/* One copy is bad: the other one stands in, and repairs it where we write. */
static int read_repaired(struct store *store, uint64_t slot,
                         uint8_t record[static RECORD], struct error *err)
{
    struct slots *slots = &store->slots;
    int destroyed;

    /* More than once: a reader may meet the writer in the middle. */
    for (int i = 0; i < 3; i++)
        if (slot_read(slots->fd[0], slot, record))
            return 0;
    if (!slot_read(slots->fd[1], slot, record))
        return error_set(err, ERR_VERIFY, "both copies of slot %llu are bad",
                         (unsigned long long)slot);
    if ((destroyed = is_destroyed(store, slot, err)) < 0)
        return -1;
    if (destroyed)
        slot_make(record, slot, STATE_ERASED, store->random);
    if (slots->writable && (record_write(slots, slot, record, err) != 0 ||
                            sync_both(slots, err) != 0))
        return -1;
    return 0;
}

int slot_key(struct store *store, uint64_t slot,
             uint8_t out[static SLOT_KEY_LEN], struct error *err)
{
    uint8_t *known = cached(&store->slots, slot);
    uint64_t *whose = &store->slots.cached[slot % SLOTS_CACHED];
    uint8_t record[RECORD];
    int ok = -1;

    if (slot == 0)
        return error_set(err, ERR_INTERNAL, "slot 0 is never used");
    if (known != NULL && *whose == slot) {
        memcpy(out, known, SLOT_KEY_LEN);
        return 0;
    }
    if (read_repaired(store, slot, record, err) != 0)
        goto out;
    if (le32_get(record + 8) != STATE_FRESH) {
        error_set(err, ERR_NOT_FOUND, "erased");
        goto out;
    }
    memcpy(out, record + 16, SLOT_KEY_LEN);
    if (known != NULL) {
        *whose = slot;
        memcpy(known, out, SLOT_KEY_LEN);
    }
    ok = 0;
out:
    sodium_memzero(record, sizeof(record));
    return ok;
}

int slot_destroyed(struct store *store, uint64_t *place, uint64_t *out,
                   size_t max, size_t *n, struct error *err)
{
    uint8_t number[8];
    ssize_t got = 8;

    for (*n = 0; *n < max; (*n)++, (*place)++) {
        got = pread(store->slots.destroyed, number, 8, (off_t)(*place * 8));
        if (got != 8)
            break;
        out[*n] = le64_get(number);
    }
    return got < 0 ? error_errno(err, ERR_IO, "cannot read keys/destroyed") : 0;
}

/* Copy-on-write, log-structured, or somebody else's disk. */
const char *slot_unsafe_kind(long kind)
{
    static const struct {
        long kind;
        const char *name;
    } all[] = {
        { 0x9123683e, "btrfs" },
        { 0x2fc12fc1, "ZFS" },
        { 0xca451a4e, "bcachefs" },
        { 0xf2f52010, "F2FS" },
        { 0x794c7630, "an overlay" },
        { 0x6969, "NFS" },
        { 0xff534d42, "CIFS" },
        { 0xfe534d42, "SMB" },
        { 0x65735546, "FUSE" },
        { 0x58465342, "XFS, which may have reflinks" },
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].kind == (kind & 0xffffffffL))
            return all[i].name;
    return NULL;
}

const char *slot_unsafe_place(struct store *store, int copy)
{
    struct statfs fs;

    if (store->slots.fd[copy] < 0 || fstatfs(store->slots.fd[copy], &fs) != 0)
        return NULL;
    return slot_unsafe_kind((long)fs.f_type);
}

int slot_files(struct store *store, struct error *err)
{
    static const char *const names[] = { "slots", "mirror of the slots" };

    for (int i = 0; i < 2; i++)
        if (store->slots.fd[i] < 0)
            return error_set(err, ERR_VERIFY, "the %s is missing", names[i]);
    return 0;
}

int slot_state(struct store *store, uint64_t slot, struct error *err)
{
    uint8_t one[RECORD], two[RECORD];
    int state = -1;

    if (record_read(store->slots.fd[0], slot, one) != 0 ||
        record_read(store->slots.fd[1], slot, two) != 0 ||
        sodium_memcmp(one, two, RECORD) != 0 || le64_get(one) != slot)
        error_set(err, ERR_VERIFY,
                  "slot %llu and its mirror differ or are "
                  "damaged",
                  (unsigned long long)slot);
    else
        state = le32_get(one + 8) == STATE_FRESH ? 1 : 0;
    sodium_memzero(one, sizeof(one));
    sodium_memzero(two, sizeof(two));
    return state;
}

/* ---- destroying --------------------------------------------------------- */

int slot_erase(struct store *store, const uint64_t *slots, size_t n,
               struct error *err)
{
    uint8_t record[RECORD], number[8];

    if (sqlite3_get_autocommit(store->db) == 0 || !store->slots.writable)
        return error_set(err, ERR_INTERNAL,
                         "slots are erased by the writer, "
                         "outside a transaction");
    for (size_t i = 0; i < n; i++)
        if (slots[i] == 0 || slots[i] > store->slots.filled)
            return error_set(err, ERR_INTERNAL, "no such slot to erase");

    /* The list first: from here on a repair cannot bring anything back. */
    for (size_t i = 0; i < n; i++) {
        le64_put(number, slots[i]);
        if (fd_write_all(store->slots.destroyed, number, 8) != 0)
            return error_errno(err, ERR_IO, "cannot write keys/destroyed");
    }
    if (fdatasync(store->slots.destroyed) != 0)
        return error_errno(err, ERR_IO, "cannot sync keys/destroyed");
    for (size_t i = 0; i < n; i++) {
        uint8_t *known = cached(&store->slots, slots[i]);
        if (known != NULL)
            sodium_memzero(known, SLOT_KEY_LEN);
        store->slots.cached[slots[i] % SLOTS_CACHED] = 0;
        slot_make(record, slots[i], STATE_ERASED, store->random);
        if (record_write(&store->slots, slots[i], record, err) != 0)
            return -1;
    }
    return sync_both(&store->slots, err);
}

/* store: the WAL goes into the database beside the writer. */
#include "beside_help.h"
#include "store_help.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VALUE_LEN ((size_t)LIMIT_WAL_BYTES / 64)
#define KEYS      17
/* Of 1 ms: against what hangs, not to measure. */
#define TRIES 300000

static int64_t file_size(const struct fixture *f, const char *name)
{
    char path[256];
    struct stat st;

    help_path(f, name, path);
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* Of the WAL: bytes written from its beginning on, and of those on the disk; a
 * write elsewhere in between counts for nothing. And whether the database was
 * written while some of it was not. */
static struct {
    bool on, too_early;
    int64_t size, written, synced;
} watch;

/* Of the WAL: calls that wrote it, those after its last sync, and how many go
 * well before the disk is full (negative: all). */
static struct {
    bool on;
    int writes, unsynced, until_full;
} pieces;

int fdatasync(int fd)
{
    if (beside_fails(fd) != 0)
        return -1;
    if (watch.on && is_file(fd, ".db-wal"))
        watch.synced = watch.written;
    if (pieces.on && is_file(fd, ".db-wal"))
        pieces.unsynced = 0;
    return (int)syscall(SYS_fdatasync, fd);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    if (watch.on && is_file(fd, ".db-wal") && at == watch.written)
        watch.written += (int64_t)n;
    if (pieces.on && is_file(fd, ".db-wal")) {
        pieces.writes++;
        pieces.unsynced++;
        if (pieces.until_full == 0) {
            errno = ENOSPC;
            return -1;
        }
        pieces.until_full -= pieces.until_full > 0;
    }
    if (watch.on && is_file(fd, ".db"))
        watch.too_early |= watch.synced < watch.size;
    return (ssize_t)syscall(SYS_pwrite64, fd, p, n, at);
}

/* One commit of a few pages, as the registrar makes them. */
static void commit_one(struct fixture *f, int i)
{
    uint8_t *value = malloc(VALUE_LEN);
    char key[32];

    assert_non_null(value);
    memset(value, i, VALUE_LEN);
    (void)snprintf(key, sizeof(key), "test%d", i % KEYS);
    help_begin(f);
    OK(meta_set_bytes(f->s, key, value, VALUE_LEN, &f->e));
    help_commit(f);
    free(value);
    OK(store_checkpoint(f->s, false, &f->e));
}

static void last_values_are_there(struct fixture *f, int n)
{
    for (int i = n < KEYS ? 0 : n - KEYS; i < n; i++) {
        struct buf value = { 0 };
        char key[32];

        (void)snprintf(key, sizeof(key), "test%d", i % KEYS);
        assert_int_equal(meta_get_bytes(f->s, key, &value, &f->e), 1);
        assert_int_equal(value.len, VALUE_LEN);
        assert_int_equal(value.p[0], (uint8_t)i);
        assert_int_equal(value.p[VALUE_LEN - 1], (uint8_t)i);
        buf_free(&value);
    }
}

static int no_fault(void *arg, const char *what)
{
    (void)arg;
    fail_msg("%s", what);
    return 1;
}

static void the_thread_moves_it_before_the_wal_is_full(void **state)
{
    struct fixture *f = *state;
    int64_t before = file_size(f, "resguardo.db");
    int i = 0;

    OK(store_checkpoint_beside(f->s, &f->e));
    while (file_size(f, "resguardo.db-wal") < LIMIT_WAL_BYTES / 2)
        commit_one(f, i++);
    for (int k = 0; file_size(f, "resguardo.db") <= before; k++) {
        assert_true(k < TRIES);
        (void)usleep(1000);
    }
    assert_true(file_size(f, "resguardo.db-wal") < LIMIT_WAL_BYTES);
}

static void it_begins_anew_and_nothing_is_lost(void **state)
{
    struct fixture *f = *state;
    int64_t written = 0, most = 0;
    int i = 0;

    OK(store_checkpoint_beside(f->s, &f->e));
    for (; written < 8 * LIMIT_WAL_BYTES; i++) {
        commit_one(f, i);
        written += (int64_t)VALUE_LEN;
        if (file_size(f, "resguardo.db-wal") > most)
            most = file_size(f, "resguardo.db-wal");
        (void)usleep(500);
    }
    assert_true(most > LIMIT_WAL_BYTES / 2);
    assert_true(most < 4 * LIMIT_WAL_BYTES);
    last_values_are_there(f, i);

    help_reopen(f);
    last_values_are_there(f, i);
    OK(store_integrity(f->s, no_fault, NULL, &f->e));
}

/* While somebody reads an old snapshot the WAL cannot begin anew; after it, it
 * does. */
static void a_reader_delays_it(void **state)
{
    struct fixture *f = *state;
    struct store *reader = NULL;
    int i = 0;

    OK(store_checkpoint_beside(f->s, &f->e));
    OK(store_open(&reader, f->dir, NULL, STORE_READER, &random_system, &f->e));
    commit_one(f, i++);
    OK(store_read_begin(reader, &f->e));
    while (file_size(f, "resguardo.db-wal") < 2 * LIMIT_WAL_BYTES)
        commit_one(f, i++);
    store_read_end(reader);

    for (int k = 0; f->s->wal_frames > LIMIT_WAL_BYTES / 4096 / 2; k++) {
        assert_true(k < TRIES);
        commit_one(f, i++);
        (void)usleep(1000);
    }
    last_values_are_there(f, i);
    store_close(&reader);
}

static void truncate_waits_for_the_thread(void **state)
{
    struct fixture *f = *state;
    int i = 0;

    OK(store_checkpoint_beside(f->s, &f->e));
    for (int k = 0; k < 20; k++) {
        while (file_size(f, "resguardo.db-wal") < LIMIT_WAL_BYTES / 3)
            commit_one(f, i++);
        OK(store_checkpoint(f->s, true, &f->e));
        assert_int_equal(file_size(f, "resguardo.db-wal"), 0);
    }
    last_values_are_there(f, i);
}

/* SQLite takes the pages for moved, and the disk may not have them: only what
 * is still in the WAL is certain. */
static void a_sync_that_fails_keeps_the_wal(void **state)
{
    struct fixture *f = *state;
    int i = 0;

    OK(store_checkpoint_beside(f->s, &f->e));
    beside_set(true, true);
    while (file_size(f, "resguardo.db-wal") < LIMIT_WAL_BYTES / 2)
        commit_one(f, i++);
    beside_wait(&beside.looks);
    commit_one(f, i++);
    beside_committed();
    for (int k = 0; !store_unsynced(f->s); k++) {
        assert_true(k < TRIES);
        (void)usleep(1000);
    }
    beside_set(false, false);

    FAILS(store_checkpoint(f->s, false, &f->e), ERR_IO);
    FAILS(store_checkpoint(f->s, true, &f->e), ERR_IO);
    store_close(&f->s);
    assert_true(file_size(f, "resguardo.db-wal") > 0);

    help_open(f);
    last_values_are_there(f, i);
    OK(store_checkpoint(f->s, true, &f->e));
}

/* A kernel may show what it could not write, and never try again. */
static void what_a_wal_shows_is_on_the_disk_before_it_is_moved(void **state)
{
    struct fixture *f = *state;
    int i = 0;

    while (file_size(f, "resguardo.db-wal") < LIMIT_WAL_BYTES / 3)
        commit_one(f, i++);
    store_keep_wal(f->s);
    store_close(&f->s);
    watch.size = file_size(f, "resguardo.db-wal");
    assert_true(watch.size > 0);

    watch.on = true;
    help_open(f);
    assert_int_equal(watch.synced, watch.size);
    OK(store_checkpoint(f->s, true, &f->e));
    watch.on = false;
    assert_false(watch.too_early);
    last_values_are_there(f, i);
}

/* Frames are put together, and all are there before the sync. */
static void a_commit_is_a_few_writes(void **state)
{
    struct fixture *f = *state;
    uint8_t *value = calloc(1, (size_t)10 * 65536);

    assert_non_null(value);
    commit_one(f, 0);
    pieces.on = true;
    pieces.until_full = -1;
    pieces.writes = 0;
    commit_one(f, 1);
    assert_in_range(pieces.writes, 1, 2);
    assert_int_equal(pieces.unsynced, 0);

    /* More than is put together at once. */
    pieces.writes = 0;
    help_begin(f);
    OK(meta_set_bytes(f->s, "large", value, (size_t)10 * 65536, &f->e));
    help_commit(f);
    assert_in_range(pieces.writes, 10, 14);
    assert_int_equal(pieces.unsynced, 0);
    pieces.on = false;
    last_values_are_there(f, 2);
    free(value);
}

/* The disk is full in the middle of a commit: it never was, and nothing of it
 * comes to the disk with the next one. */
static void what_could_not_be_written_never_is(void **state)
{
    struct fixture *f = *state;
    struct buf value = { 0 };
    uint8_t *large = calloc(1, (size_t)10 * 65536);

    assert_non_null(large);
    commit_one(f, 0);
    for (int i = 0; i < 12; i += 3) {
        pieces.on = true;
        pieces.until_full = i;
        help_begin(f);
        OK(meta_set_bytes(f->s, "large", large, (size_t)10 * 65536, &f->e));
        FAILS(store_commit(f->s, &f->e), ERR_FULL);
        pieces.on = false;
        assert_int_equal(meta_get_bytes(f->s, "large", &value, &f->e), 0);
        commit_one(f, 0);
    }
    store_keep_wal(f->s);
    store_close(&f->s);
    help_open(f);
    assert_int_equal(meta_get_bytes(f->s, "large", &value, &f->e), 0);
    last_values_are_there(f, 1);
    buf_free(&value);
    free(large);
}

#define T(test) cmocka_unit_test_setup_teardown(test, help_setup, help_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_thread_moves_it_before_the_wal_is_full),
        T(it_begins_anew_and_nothing_is_lost),
        T(a_reader_delays_it),
        T(truncate_waits_for_the_thread),
        T(a_sync_that_fails_keeps_the_wal),
        T(what_a_wal_shows_is_on_the_disk_before_it_is_moved),
        T(a_commit_is_a_few_writes),
        T(what_could_not_be_written_never_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

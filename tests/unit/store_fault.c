/* store: a disk that fails. This program's own fdatasync and pwrite stand
 * before the C library's, also for SQLite. */
#include "store_help.h"

#include <errno.h>
#include <sys/syscall.h>

static int sync_error, write_error;

int fdatasync(int fd)
{
    if (sync_error != 0) {
        errno = sync_error;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    if (write_error != 0) {
        errno = write_error;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
    return pwrite(fd, bytes, n, at);
}

static int teardown(void **state)
{
    sync_error = write_error = 0;
    return help_teardown(state);
}

static void a_commit_of_unknown_outcome_needs_a_new_handle(void **state)
{
    struct fixture *f = *state;
    int64_t value;

    help_begin(f);
    OK(meta_set_int(f->s, "a", 1, &f->e));
    sync_error = EIO;
    FAILS(store_commit(f->s, &f->e), ERR_IO);
    sync_error = 0;
    FAILS(store_begin(f->s, &f->e), ERR_IO);
    FAILS(meta_set_int(f->s, "a", 2, &f->e), ERR_INTERNAL);
    help_reopen(f);
    OK(store_checkpoint(f->s, true, &f->e));
    assert_true(meta_get_int(f->s, "a", &value, &f->e) >= 0); /* either */
    help_begin(f);
    OK(meta_set_int(f->s, "a", 2, &f->e));
    help_commit(f);
}

static void a_disk_full_at_the_commit_is_rolled_back(void **state)
{
    struct fixture *f = *state;
    int64_t value;

    help_begin(f);
    OK(meta_set_int(f->s, "a", 1, &f->e));
    write_error = ENOSPC;
    FAILS(store_commit(f->s, &f->e), ERR_FULL);
    write_error = 0;
    assert_int_equal(meta_get_int(f->s, "a", &value, &f->e), 0);
    help_begin(f);
    OK(meta_set_int(f->s, "b", 1, &f->e));
    help_commit(f);
    help_reopen(f);
    assert_int_equal(meta_get_int(f->s, "a", &value, &f->e), 0);
    assert_int_equal(meta_get_int(f->s, "b", &value, &f->e), 1);
}

static void no_slot_is_drawn_before_its_mark_is_durable(void **state)
{
    struct fixture *f = *state;
    uint64_t slot, again;

    help_begin(f);
    sync_error = EIO; /* a fresh handle is at its mark: it must rise first */
    FAILS(slot_alloc(f->s, &slot, &f->e), ERR_IO);
    store_rollback(f->s);
    sync_error = 0;
    help_begin(f);
    OK(slot_alloc(f->s, &again, &f->e));
    help_commit(f);
    assert_int_equal(slot_state(f->s, again, &f->e), 1);
}

static void a_full_disk_draws_no_slot(void **state)
{
    struct fixture *f = *state;
    uint64_t slot;

    help_begin(f);
    write_error = ENOSPC;
    FAILS(slot_alloc(f->s, &slot, &f->e), ERR_FULL);
    store_rollback(f->s);
}

/* One of 4096 bytes is three pages; more than the cache has places for. */
static sqlite3 *spilling(struct fixture *f)
{
    char path[256];
    const char *vfs;
    sqlite3 *db;

    (void)snprintf(path, sizeof(path), "%s/spill.db", f->folder);
    assert_int_equal(wal_file_vfs(&vfs), SQLITE_OK);
    assert_int_equal(sqlite3_open_v2(path, &db,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                     vfs),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "PRAGMA cache_size = 10; PRAGMA wal_autocheckpoint = 0;"
                     "CREATE TABLE t (a INTEGER UNIQUE, b BLOB);"
                     "BEGIN; WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
                     " FROM n WHERE i < 40) INSERT INTO t"
                     " SELECT i, zeroblob(9000) FROM n;",
                     NULL, NULL, NULL),
        SQLITE_OK);
    return db;
}

/* A statement that reads what is not written yet may fail alone; what it would
 * have read is part of what is committed later. */
static void what_a_reading_could_not_write_is_not_lost(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db = spilling(f);
    sqlite3_stmt *st;
    char path[256];

    write_error = ENOSPC;
    assert_int_not_equal(
        sqlite3_exec(db, "UPDATE t SET a = a + 100", NULL, NULL, NULL),
        SQLITE_OK);
    write_error = 0;
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    (void)snprintf(path, sizeof(path), "%s/spill.db", f->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT count(*), sum(length(b)) FROM t", -1,
                           &st, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(st, 0), 40);
    assert_int_equal(sqlite3_column_int(st, 1), 40 * 9000);
    sqlite3_finalize(st);
    sqlite3_close(db);
}

/* Listed is decided: what the disk refused now is done at the next start. */
static void an_erasure_that_failed_is_finished_later(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SLOT_KEY_LEN];
    uint64_t slot = 1;

    OK(slot_key(f->s, slot, key, &f->e));
    write_error = EIO;
    FAILS(slot_erase(f->s, &slot, 1, &f->e), ERR_IO);
    write_error = 0;
    assert_true(help_file_holds(f, "keys/slots", key, sizeof(key)));
    help_reopen(f);
    assert_false(help_file_holds(f, "keys/slots", key, sizeof(key)));
    assert_false(help_file_holds(f, "keys/slots.mirror", key, sizeof(key)));
}

static void an_erasure_that_is_not_durable_is_not_done(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SLOT_KEY_LEN];
    uint64_t slot = 2;

    sync_error = EIO; /* the list itself */
    FAILS(slot_erase(f->s, &slot, 1, &f->e), ERR_IO);
    sync_error = 0;
    OK(slot_key(f->s, slot, key, &f->e));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, help_setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_commit_of_unknown_outcome_needs_a_new_handle),
        T(a_disk_full_at_the_commit_is_rolled_back),
        T(no_slot_is_drawn_before_its_mark_is_durable),
        T(what_a_reading_could_not_write_is_not_lost),
        T(a_full_disk_draws_no_slot),
        T(an_erasure_that_failed_is_finished_later),
        T(an_erasure_that_is_not_durable_is_not_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

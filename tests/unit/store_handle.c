/* store: making a storage, opening it, transactions, what no handle may do. */
#include "store_help.h"

#include <fcntl.h>
#include <sys/stat.h>

static unsigned mode_of(const struct fixture *f, const char *name)
{
    char path[256];
    struct stat st;

    help_path(f, name, path);
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static int raw(struct store *s, const char *sql)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

/* ---- making ------------------------------------------------------------- */

static void create_gives_nobody_else_a_right(void **state)
{
    struct fixture *f = *state;
    static const char *const files[] = { "resguardo.db",  "resguardo.db-wal",
                                         "keys/slots",    "keys/slots.mirror",
                                         "keys/field",    "keys/index",
                                         "keys/destroyed" };

    assert_int_equal(mode_of(f, "."), 0700);
    assert_int_equal(mode_of(f, "keys"), 0700);
    assert_int_equal(mode_of(f, "payloads"), 0700);
    assert_int_equal(mode_of(f, "payloads/00"), 0700);
    assert_int_equal(mode_of(f, "payloads/ff"), 0700);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        assert_int_equal(mode_of(f, files[i]), 0600);
}

static void create_refuses_a_storage_that_exists(void **state)
{
    struct fixture *f = *state;
    uint8_t before[SHA256_LEN], after[SHA256_LEN];
    struct buf all = { 0 };
    char path[256];

    store_close(&f->s);
    help_path(f, "keys/slots", path);
    OK(file_read(path, 1 << 20, &all, &f->e));
    sha256_of(before, all.p, all.len);
    FAILS(store_create(f->dir, NULL, T0, &random_system, &f->e), ERR_CONFLICT);
    buf_reset(&all);
    OK(file_read(path, 1 << 20, &all, &f->e));
    sha256_of(after, all.p, all.len);
    assert_memory_equal(before, after, SHA256_LEN);
    buf_free(&all);
}

static void create_changes_nothing_in_a_folder_of_others(void **state)
{
    struct fixture *f = *state;
    char dir[160], file[200];
    struct stat st;

    (void)snprintf(dir, sizeof(dir), "%s/other", f->folder);
    (void)snprintf(file, sizeof(file), "%s/photo.jpg", dir);
    assert_int_equal(mkdir(dir, 0755), 0);
    OK(file_create(file, "x", 1, &f->e));
    FAILS(store_create(dir, NULL, T0, &random_system, &f->e), ERR_CONFLICT);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(st.st_nlink, 2);
}

static void create_takes_the_folder_of_a_checkout(void **state)
{
    struct fixture *f = *state;
    char dir[160], file[200];
    struct store *s = NULL;

    (void)snprintf(dir, sizeof(dir), "%s/storage", f->folder);
    (void)snprintf(file, sizeof(file), "%s/schema.sql", dir);
    assert_int_equal(mkdir(dir, 0755), 0);
    OK(file_create(file, "--", 2, &f->e));
    OK(store_create(dir, NULL, T0, &random_system, &f->e));
    OK(store_open(&s, dir, NULL, STORE_WRITER, &random_system, &f->e));
    store_close(&s);
}

static void create_refuses_a_mirror_that_exists_and_makes_nothing(void **state)
{
    struct fixture *f = *state;
    char dir[160], mirror[160];

    (void)snprintf(dir, sizeof(dir), "%s/new", f->folder);
    (void)snprintf(mirror, sizeof(mirror), "%s/mirror", f->folder);
    OK(file_create(mirror, "precious", 8, &f->e));
    FAILS(store_create(dir, mirror, T0, &random_system, &f->e), ERR_CONFLICT);
    assert_int_equal(access(dir, F_OK), -1);
    assert_int_equal(access(mirror, F_OK), 0);
}

static void create_takes_back_what_it_could_not_finish(void **state)
{
    struct fixture *f = *state;
    char dir[160], mirror[160];

    (void)snprintf(dir, sizeof(dir), "%s/new", f->folder);
    (void)snprintf(mirror, sizeof(mirror), "%s/nowhere/mirror", f->folder);
    assert_int_equal(store_create(dir, mirror, T0, &random_system, &f->e), -1);
    assert_int_equal(access(dir, F_OK), -1);
}

static void a_mirror_elsewhere_is_used(void **state)
{
    struct fixture *f = *state;
    char dir[160], mirror[160];
    struct store *s = NULL;

    (void)snprintf(dir, sizeof(dir), "%s/new", f->folder);
    (void)snprintf(mirror, sizeof(mirror), "%s/mirror", f->folder);
    OK(store_create(dir, mirror, T0, &random_system, &f->e));
    FAILS(store_open(&s, dir, NULL, STORE_WRITER, &random_system, &f->e),
          ERR_VERIFY);
    OK(store_open(&s, dir, mirror, STORE_WRITER, &random_system, &f->e));
    store_close(&s);
}

/* ---- opening ------------------------------------------------------------ */

static void a_second_writer_is_busy(void **state)
{
    struct fixture *f = *state;
    struct store *second = NULL;

    FAILS(
        store_open(&second, f->dir, NULL, STORE_WRITER, &random_system, &f->e),
        ERR_BUSY);
    assert_null(second);
    assert_non_null(strstr(f->e.text, f->dir));
    assert_non_null(strstr(f->e.text, "is in use"));
}

static void a_closed_writer_frees_the_lock(void **state)
{
    struct fixture *f = *state;

    help_reopen(f);
    help_reopen(f);
}

static void no_storage_is_an_error_with_a_hint(void **state)
{
    struct fixture *f = *state;
    struct store *s = NULL;

    FAILS(store_open(&s, "/nonexistent/storage", NULL, STORE_WRITER,
                     &random_system, &f->e),
          ERR_IO);
    assert_true(f->e.hint[0] != '\0');
}

static void another_schema_is_refused(void **state)
{
    struct fixture *f = *state;

    help_begin(f);
    OK(meta_set_int(f->s, "schema", 1, &f->e));
    help_commit(f);
    store_close(&f->s);
    FAILS(store_open(&f->s, f->dir, NULL, STORE_WRITER, &random_system, &f->e),
          ERR_CONFIG);
}

static bool go_on(void *arg)
{
    (void)arg;
    return false;
}

/* Told to stop when asked for the nth time. */
static bool stop_at(void *arg)
{
    int *left = arg;
    return --*left <= 0;
}

struct root {
    char name[64];
    int page;
};

/* Where each table and index begins; the ledger is checked by its hashes. */
static size_t roots_read(struct fixture *f, struct root *out, size_t cap)
{
    sqlite3_stmt *st = NULL;
    size_t n = 0;

    assert_int_equal(
        sqlite3_prepare_v2(f->s->db,
                           "SELECT name, rootpage FROM sqlite_schema"
                           " WHERE tbl_name <> 'ledger' AND rootpage > 0",
                           -1, &st, NULL),
        SQLITE_OK);
    while (n < cap && sqlite3_step(st) == SQLITE_ROW) {
        COLUMN_TEXT(st, 0, out[n].name);
        out[n++].page = sqlite3_column_int(st, 1);
    }
    sqlite3_finalize(st);
    return n;
}

/* Is a page of junk noticed, if not at the start then afterwards? */
static bool damage_is_seen(struct fixture *f, const struct root *root)
{
    static const uint8_t junk[4096] = { 0x5a };
    uint8_t former[sizeof(junk)];
    off_t at = (off_t)(root->page - 1) * (off_t)sizeof(junk);
    char path[256];
    int fd, ok;

    help_path(f, "resguardo.db", path);
    assert_true((fd = open(path, O_RDONLY)) >= 0);
    assert_int_equal(pread(fd, former, sizeof(former), at), sizeof(former));
    (void)close(fd);

    help_overwrite(f, "resguardo.db", at, junk, sizeof(junk));
    f->e = (struct error){ 0 };
    ok = store_open(&f->s, f->dir, NULL, STORE_READER, &random_system, &f->e);
    if (ok == 0)
        ok = store_quick_check(f->s, go_on, NULL, &f->e);
    store_close(&f->s);
    help_overwrite(f, "resguardo.db", at, former, sizeof(former));
    return ok == -1 && f->e.code == ERR_VERIFY;
}

static void damage_anywhere_is_seen_by_the_quick_check(void **state)
{
    struct fixture *f = *state;
    struct root roots[200];
    size_t n = roots_read(f, roots, 200);

    assert_in_range(n, 140, 199); /* all of them */
    store_close(&f->s);
    for (size_t i = 0; i < n; i++)
        if (!damage_is_seen(f, &roots[i]))
            fail_msg("%s: %s", roots[i].name, f->e.text);
}

static void the_quick_check_stops_when_told(void **state)
{
    struct fixture *f = *state;
    int never = 1000000, soon = 3;

    OK(store_quick_check(f->s, stop_at, &never, &f->e));
    assert_int_equal(store_quick_check(f->s, stop_at, &soon, &f->e), 1);
    OK(store_quick_check(f->s, go_on, NULL, &f->e));
}

/* The first pages are needed for anything. */
static void a_damaged_database_is_refused(void **state)
{
    struct fixture *f = *state;
    uint8_t junk[4096];

    store_close(&f->s);
    memset(junk, 0x5a, sizeof(junk));
    for (off_t page = 1; page < 12; page++)
        help_overwrite(f, "resguardo.db", page * 4096, junk, sizeof(junk));
    FAILS(store_open(&f->s, f->dir, NULL, STORE_WRITER, &random_system, &f->e),
          ERR_VERIFY);
}

static void a_key_file_of_others_is_refused(void **state)
{
    struct fixture *f = *state;
    char path[256];

    store_close(&f->s);
    help_path(f, "keys/field", path);
    assert_int_equal(chmod(path, 0644), 0);
    FAILS(store_open(&f->s, f->dir, NULL, STORE_WRITER, &random_system, &f->e),
          ERR_INPUT);
}

static void the_settings_hold(void **state)
{
    struct fixture *f = *state;
    static const struct {
        int op, value;
    } flags[] = { { SQLITE_DBCONFIG_DEFENSIVE, 1 },
                  { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
                  { SQLITE_DBCONFIG_DQS_DDL, 0 },
                  { SQLITE_DBCONFIG_DQS_DML, 0 },
                  { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
                  { SQLITE_DBCONFIG_ENABLE_FKEY, 1 } };
    static const struct {
        const char *sql;
        int value;
    } pragmas[] = {
        { "PRAGMA synchronous", 2 },        { "PRAGMA secure_delete", 1 },
        { "PRAGMA cell_size_check", 1 },    { "PRAGMA temp_store", 2 },
        { "PRAGMA wal_autocheckpoint", 0 }, { "PRAGMA busy_timeout", 5000 }
    };
    sqlite3_stmt *st;
    int value;

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        assert_int_equal(sqlite3_db_config(f->s->db, flags[i].op, -1, &value),
                         SQLITE_OK);
        assert_int_equal(value, flags[i].value);
    }
    assert_int_equal(sqlite3_limit(f->s->db, SQLITE_LIMIT_ATTACHED, -1), 0);
    (void)sqlite3_set_authorizer(f->s->db, NULL, NULL);
    for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
        assert_int_equal(
            sqlite3_prepare_v2(f->s->db, pragmas[i].sql, -1, &st, NULL),
            SQLITE_OK);
        assert_int_equal(sqlite3_step(st), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int(st, 0), pragmas[i].value);
        sqlite3_finalize(st);
    }
}

static int patience(struct fixture *f)
{
    sqlite3_stmt *st;
    int value;

    (void)sqlite3_set_authorizer(f->s->db, NULL, NULL);
    assert_int_equal(
        sqlite3_prepare_v2(f->s->db, "PRAGMA busy_timeout", -1, &st, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    value = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    return value;
}

/* Three transactions behind one lock must not take three times 5 s. */
static void a_lock_that_lasts_is_waited_for_once(void **state)
{
    struct fixture *f = *state;
    char path[256];
    sqlite3 *other = NULL;

    help_path(f, "resguardo.db", path);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    for (int i = 0; i < 3; i++) {
        FAILS(store_begin(f->s, &f->e), ERR_BUSY);
        assert_int_equal(patience(f), BUSY_STILL_MS);
    }
    FAILS(store_empty_wal(f->s, &f->e), ERR_BUSY);
    assert_int_equal(patience(f), BUSY_STILL_MS);

    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    help_begin(f);
    assert_int_equal(patience(f), BUSY_MS);
    help_commit(f);
}

/* ---- what no handle may do ---------------------------------------------- */

static void the_ledger_and_the_keyring_only_grow(void **state)
{
    struct fixture *f = *state;
    static const uint8_t leaf[SHA256_LEN] = { 1 };
    static const char *const forbidden[] = {
        "DELETE FROM ledger",
        "UPDATE ledger SET entry = x'00'",
        ("INSERT INTO ledger VALUES (0, x'00', x'00')"
         " ON CONFLICT (idx) DO UPDATE SET entry = x'00'"),
        "DELETE FROM keyring",
        "UPDATE keyring SET entry = x'00'",
        "UPDATE notice SET bytes = x'00'",
        "DROP TABLE ledger",
        "ALTER TABLE ledger RENAME TO ledger2",
        "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM ledger; END",
        "ATTACH ':memory:' AS x",
        "PRAGMA writable_schema = ON",
        "PRAGMA synchronous = OFF",
    };

    help_begin(f);
    OK(ledger_row_add(f->s, 0, "{}", 2, leaf, &f->e));
    OK(keyring_row_add(f->s, 0, "{}", 2, leaf, sizeof(leaf), &f->e));
    help_commit(f);
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
        if (raw(f->s, forbidden[i]) != SQLITE_AUTH)
            fail_msg("allowed: %s", forbidden[i]);
}

/* Another program, such as a shell, has no authorizer. */
static void other_programs_meet_the_triggers(void **state)
{
    static const uint8_t leaf[SHA256_LEN] = { 1 };
    static const char *const forbidden[] = {
        "DELETE FROM ledger",
        "UPDATE ledger SET entry = x'00'",
        "UPDATE ledger SET idx = 7 WHERE idx = 0",
        "INSERT OR REPLACE INTO ledger VALUES (0, x'00', x'00')",
        ("INSERT INTO ledger VALUES (0, x'00', x'00')"
         " ON CONFLICT (idx) DO UPDATE SET entry = x'00'"),
        "INSERT INTO ledger VALUES (2, x'00', x'00')",
        "INSERT INTO ledger VALUES (-1, x'00', x'00')",
        "DELETE FROM keyring",
        "UPDATE keyring SET entry = x'00'",
        "DELETE FROM notice",
        "UPDATE notice SET bytes = x'00'",
        "UPDATE notice SET terms = '{}'",
    };
    const struct notice_row notice = { "p", "1", "es", "x", 1, "{}", 1 };
    struct fixture *f = *state;
    char path[256];
    sqlite3 *db = NULL;

    help_begin(f);
    OK(ledger_row_add(f->s, 0, "{}", 2, leaf, &f->e));
    OK(keyring_row_add(f->s, 0, "{}", 2, leaf, sizeof(leaf), &f->e));
    OK(notice_add(f->s, &notice, &f->e));
    help_commit(f);
    help_path(f, "resguardo.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
        if ((sqlite3_exec(db, forbidden[i], NULL, NULL, NULL) & 0xff) !=
            SQLITE_CONSTRAINT)
            fail_msg("allowed: %s", forbidden[i]);
    assert_int_equal(sqlite3_exec(db,
                                  "INSERT INTO ledger VALUES (1, x'00', x'00')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_reader_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct store *reader = NULL;
    int64_t value;

    OK(store_open(&reader, f->dir, NULL, STORE_READER, &random_system, &f->e));
    assert_int_equal(meta_get_int(reader, "schema", &value, &f->e), 1);
    assert_int_equal(raw(reader, "DELETE FROM meta"), SQLITE_AUTH);
    assert_int_equal(raw(reader, "INSERT INTO loose VALUES ('x')"),
                     SQLITE_AUTH);
    FAILS(meta_set_int(reader, "schema", 3, &f->e), ERR_NOT_PERMITTED);
    (void)sqlite3_set_authorizer(reader->db, NULL, NULL);
    assert_int_equal(raw(reader, "DELETE FROM meta") & 0xff, SQLITE_READONLY);
    store_close(&reader);
}

/* ---- transactions ------------------------------------------------------- */

static void a_commit_is_seen_by_a_reader_and_a_rollback_is_not(void **state)
{
    struct fixture *f = *state;
    struct store *reader = NULL;
    int64_t value = 0;

    OK(store_open(&reader, f->dir, NULL, STORE_READER, &random_system, &f->e));
    help_begin(f);
    OK(meta_set_int(f->s, "a", 1, &f->e));
    assert_int_equal(meta_get_int(reader, "a", &value, &f->e), 0);
    help_commit(f);
    assert_int_equal(meta_get_int(reader, "a", &value, &f->e), 1);
    assert_int_equal(value, 1);
    help_begin(f);
    OK(meta_set_int(f->s, "a", 2, &f->e));
    store_rollback(f->s);
    assert_int_equal(meta_get_int(f->s, "a", &value, &f->e), 1);
    assert_int_equal(value, 1);
    store_close(&reader);
}

static void a_snapshot_stays_as_it_was(void **state)
{
    struct fixture *f = *state;
    struct store *reader = NULL;
    int64_t value;

    OK(store_open(&reader, f->dir, NULL, STORE_READER, &random_system, &f->e));
    OK(store_read_begin(reader, &f->e));
    help_begin(f);
    OK(meta_set_int(f->s, "a", 1, &f->e));
    help_commit(f);
    assert_int_equal(meta_get_int(reader, "a", &value, &f->e), 0);
    store_read_end(reader);
    assert_int_equal(meta_get_int(reader, "a", &value, &f->e), 1);
    store_close(&reader);
}

static void a_savepoint_undoes_its_own_part(void **state)
{
    struct fixture *f = *state;
    int64_t value;

    help_begin(f);
    OK(meta_set_int(f->s, "kept", 1, &f->e));
    OK(store_savepoint(f->s, &f->e));
    OK(meta_set_int(f->s, "gone", 1, &f->e));
    store_rollback_to(f->s);
    OK(store_savepoint(f->s, &f->e));
    OK(meta_set_int(f->s, "also", 1, &f->e));
    OK(store_release(f->s, &f->e));
    help_commit(f);
    assert_int_equal(meta_get_int(f->s, "kept", &value, &f->e), 1);
    assert_int_equal(meta_get_int(f->s, "gone", &value, &f->e), 0);
    assert_int_equal(meta_get_int(f->s, "also", &value, &f->e), 1);
}

static void writes_need_a_transaction(void **state)
{
    struct fixture *f = *state;

    FAILS(meta_set_int(f->s, "a", 1, &f->e), ERR_INTERNAL);
    FAILS(store_savepoint(f->s, &f->e), ERR_INTERNAL);
    FAILS(store_commit(f->s, &f->e), ERR_INTERNAL);
    help_begin(f);
    FAILS(store_begin(f->s, &f->e), ERR_INTERNAL);
    help_commit(f);
}

/* SQLite may roll back by itself; what follows must not commit singly. */
static void nothing_is_written_after_a_rollback_of_its_own(void **state)
{
    struct fixture *f = *state;
    int64_t value;

    help_begin(f);
    OK(meta_set_int(f->s, "first", 1, &f->e));
    assert_int_equal(raw(f->s, "ROLLBACK"), SQLITE_OK);
    f->s->undone = ERR_FULL;
    FAILS(meta_set_int(f->s, "second", 1, &f->e), ERR_FULL);
    FAILS(store_savepoint(f->s, &f->e), ERR_FULL);
    FAILS(store_commit(f->s, &f->e), ERR_FULL);
    assert_int_equal(meta_get_int(f->s, "first", &value, &f->e), 0);
    assert_int_equal(meta_get_int(f->s, "second", &value, &f->e), 0);
    help_begin(f);
    OK(meta_set_int(f->s, "second", 1, &f->e));
    help_commit(f);
}

static void limit_pages(struct fixture *f, int pages)
{
    char sql[64];

    (void)sqlite3_set_authorizer(f->s->db, NULL, NULL);
    (void)snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %d", pages);
    assert_int_equal(raw(f->s, sql), SQLITE_OK);
}

static void a_full_disk_is_said_and_overcome(void **state)
{
    struct fixture *f = *state;
    static uint8_t big[256 * 1024];
    struct buf got = { 0 };

    limit_pages(f, 1); /* SQLite takes this as: not a page more */
    help_begin(f);
    OK(meta_set_int(f->s, "small", 1, &f->e));
    FAILS(meta_set_bytes(f->s, "big", big, sizeof(big), &f->e), ERR_FULL);
    assert_true(error_is_environment(f->e.code));
    store_rollback(f->s);

    limit_pages(f, 100000);
    help_begin(f);
    OK(meta_set_bytes(f->s, "big", big, sizeof(big), &f->e));
    help_commit(f);
    assert_int_equal(meta_get_bytes(f->s, "big", &got, &f->e), 1);
    assert_int_equal(got.len, sizeof(big));
    buf_free(&got);
}

static void a_value_too_long_is_refused_not_dropped(void **state)
{
    struct fixture *f = *state;
    size_t len = (size_t)17 * 1024 * 1024;
    uint8_t *huge = calloc(1, len);
    struct buf got = { 0 };

    assert_non_null(huge);
    help_begin(f);
    FAILS(meta_set_bytes(f->s, "huge", huge, len, &f->e), ERR_INTERNAL);
    help_commit(f);
    assert_int_equal(meta_get_bytes(f->s, "huge", &got, &f->e), 0);
    buf_free(&got);
    free(huge);
}

static void a_row_of_nobody_is_a_broken_rule(void **state)
{
    struct fixture *f = *state;
    struct case_row row = {
        .id = "ABCD-EFGH", .subject = "snobody", .policy = "p", .state = "open"
    };
    struct attachment_row a = { .id = "a1", .subject = "snobody" };

    help_begin(f);
    FAILS(case_add(f->s, &row, &f->e), ERR_INVARIANT);
    FAILS(attachment_add(f->s, &a, "{}", 2, &f->e), ERR_INVARIANT);
    FAILS(attachment_update(f->s, &a, &f->e), ERR_INVARIANT);
    store_rollback(f->s);
}

/* ---- checkpoints and checks --------------------------------------------- */

static void truncate_empties_the_wal(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct stat st;

    help_path(f, "resguardo.db-wal", path);
    help_begin(f);
    OK(meta_set_int(f->s, "a", 1, &f->e));
    help_commit(f);
    OK(store_checkpoint(f->s, false, &f->e));
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size > 0);
    OK(store_checkpoint(f->s, true, &f->e));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 0);
}

static int count_fault(void *arg, const char *what)
{
    (void)what;
    (*(int *)arg)++;
    return 0;
}

static void integrity_finds_a_row_without_its_subject(void **state)
{
    struct fixture *f = *state;
    int faults = 0;

    OK(store_integrity(f->s, count_fault, &faults, &f->e));
    assert_int_equal(faults, 0);
    assert_int_equal(
        sqlite3_db_config(f->s->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL),
        SQLITE_OK);
    assert_int_equal(raw(f->s, "INSERT INTO burst VALUES ('snobody', 'p', 'n',"
                               " 1, 1)"),
                     SQLITE_OK);
    OK(store_integrity(f->s, count_fault, &faults, &f->e));
    assert_int_equal(faults, 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, help_setup, help_teardown)
    const struct CMUnitTest tests[] = {
        T(create_gives_nobody_else_a_right),
        T(create_refuses_a_storage_that_exists),
        T(create_changes_nothing_in_a_folder_of_others),
        T(create_takes_the_folder_of_a_checkout),
        T(create_refuses_a_mirror_that_exists_and_makes_nothing),
        T(create_takes_back_what_it_could_not_finish),
        T(a_mirror_elsewhere_is_used),
        T(a_second_writer_is_busy),
        T(a_closed_writer_frees_the_lock),
        T(no_storage_is_an_error_with_a_hint),
        T(another_schema_is_refused),
        T(a_damaged_database_is_refused),
        T(damage_anywhere_is_seen_by_the_quick_check),
        T(the_quick_check_stops_when_told),
        T(a_key_file_of_others_is_refused),
        T(the_settings_hold),
        T(a_lock_that_lasts_is_waited_for_once),
        T(the_ledger_and_the_keyring_only_grow),
        T(other_programs_meet_the_triggers),
        T(a_reader_writes_nothing),
        T(a_commit_is_seen_by_a_reader_and_a_rollback_is_not),
        T(a_snapshot_stays_as_it_was),
        T(a_savepoint_undoes_its_own_part),
        T(writes_need_a_transaction),
        T(nothing_is_written_after_a_rollback_of_its_own),
        T(a_full_disk_is_said_and_overcome),
        T(a_value_too_long_is_refused_not_dropped),
        T(a_row_of_nobody_is_a_broken_rule),
        T(truncate_empties_the_wal),
        T(integrity_finds_a_row_without_its_subject),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

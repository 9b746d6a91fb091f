/* registrar: what a failure leaves behind, a disk's or another. This program's
 * own fdatasync stands before the C library's, also for SQLite. */
#include "unit.h"

#include "beside_help.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "registrar/registrar_private.h"
#include "store/store_private.h"

#define T0 ((msec)1795000000000)

static int sync_error;

int fdatasync(int fd)
{
    if (beside_fails(fd) != 0)
        return -1;
    if (sync_error != 0 && is_file(fd, ".db-wal")) {
        errno = sync_error;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

/* ---- the rig ------------------------------------------------------------ */

static struct error err;
static struct policy_set no_policies;
static struct registrar_effects no_effects;
static msec now;
static char dir[128];
static char *folder;
static struct config config = { .storage = dir };
static struct keyring *keyring;

#define OK(call)                                                               \
    do {                                                                       \
        if ((call) != 0)                                                       \
            fail_msg("%s: %s %s", #call, error_name(err.code), err.text);      \
    } while (0)

static msec clock_read(void *arg)
{
    (void)arg;
    return now;
}
static const struct clock_source clock_here = { clock_read, NULL };

static struct store *writer(void)
{
    struct store *s = NULL;

    OK(store_open(&s, dir, NULL, STORE_WRITER, &random_system, &err));
    return s;
}

static struct registrar *registrar(void)
{
    struct registrar_needs needs = { .config = &config,
                                     .policies = &no_policies,
                                     .store = writer(),
                                     .keyring = keyring,
                                     .effects = &no_effects,
                                     .clock = &clock_here,
                                     .random = &random_system };
    struct registrar *r = NULL;

    OK(registrar_open(&r, &needs, &err));
    return r;
}

static int setup(void **state)
{
    struct store *s;

    (void)state;
    now = T0;
    folder = unit_folder_new();
    (void)snprintf(dir, sizeof(dir), "%s/s", folder);
    keyring = keyring_new();
    OK(store_create(dir, NULL, T0, &random_system, &err));
    s = writer();
    OK(store_begin(s, &err));
    OK(ledger_create(s, "example.org", &random_system, &err));
    OK(store_commit(s, &err));
    store_close(&s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sync_error = 0;
    keyring_free(&keyring);
    unit_folder_free(folder);
    return 0;
}

/* What the database file holds when the WAL is lost. */
static int found_without_wal(const char *key)
{
    char path[192], copy[192];
    struct buf bytes = { 0 };
    sqlite3_stmt *st = NULL;
    sqlite3 *db = NULL;
    int found;

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", dir);
    (void)snprintf(copy, sizeof(copy), "%s/copy.db", folder);
    OK(file_read(path, (size_t)64 << 20, &bytes, &err));
    (void)unlink(copy);
    OK(file_create(copy, bytes.p, bytes.len, &err));
    buf_free(&bytes);
    assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT 1 FROM meta WHERE key = ?1",
                                        -1, &st, NULL),
                     SQLITE_OK);
    (void)sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
    found = sqlite3_step(st) == SQLITE_ROW;
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return found;
}

static int64_t wal_size(void)
{
    char path[192];
    struct stat st;

    (void)snprintf(path, sizeof(path), "%s/resguardo.db-wal", dir);
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* ---- tests -------------------------------------------------------------- */

/* A daemon that dies after a COMMIT whose sync failed. */
static void die_in_a_commit(void)
{
    pid_t pid;
    int status;

    (void)fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct store *s = NULL;

        if (store_open(&s, dir, NULL, STORE_WRITER, &random_system, &err) !=
                0 ||
            store_begin(s, &err) != 0 ||
            meta_set_int(s, "sure", 1, &err) != 0 ||
            store_commit(s, &err) != 0 || store_begin(s, &err) != 0 ||
            meta_set_int(s, "unsure", 1, &err) != 0)
            _exit(1);
        sync_error = EIO;
        _exit(store_commit(s, &err) == 0 ? 2 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* What it left is readable, in pages that the kernel holds and the disk does
 * not: no answer before it is in the database file. */
static void a_start_makes_durable_what_it_finds(void **state)
{
    struct registrar *r;

    (void)state;
    die_in_a_commit();
    r = registrar();
    assert_true(found_without_wal("unsure"));
    registrar_close(&r);
}

/* The hourly rotation commits too: its failure is as any other's. */
static void a_rotation_that_fails_at_its_commit_heals(void **state)
{
    struct registrar_status status;
    struct registrar *r;

    (void)state;
    r = registrar();
    now = T0 + 11 * MSEC_D;
    sync_error = EIO;
    (void)registrar_step(r);
    sync_error = 0;
    for (int i = 0; i < 3; i++) {
        now += 2 * MSEC_S;
        (void)registrar_step(r);
    }
    registrar_get_status(r, &status);
    assert_true(status.healthy);
    assert_false(status.read_only);
    registrar_close(&r);
}

/* A policy of one notice. */
static struct policy *policy_of(const char *id, char *notice)
{
    struct policy *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    (void)snprintf(p->id, sizeof(p->id), "%s", id);
    (void)snprintf(p->notice_version, sizeof(p->notice_version), "v1");
    (void)snprintf(p->languages[0].tag, sizeof(p->languages[0].tag), "en");
    p->languages[0].notice = notice;
    p->languages[0].notice_len = strlen(notice);
    p->languages[0].notice_path = notice;
    p->nlanguages = 1;
    return p;
}

/* One of the new set's notices is refused: the other is not published. */
static void refused_policies_leave_nothing_behind(void **state)
{
    char before[] = "before", after[] = "after", other[] = "other";
    struct policy_set first = { { policy_of("b", before) }, 1 };
    struct policy_set second = {
        { policy_of("a", other), policy_of("b", after) }, 2
    };
    struct registrar_status status;
    struct registrar *r = registrar();

    (void)state;
    OK(registrar_post_policies(r, &first));
    (void)registrar_step(r);
    registrar_get_status(r, &status);
    assert_int_equal(status.ledger_size, 1);
    OK(registrar_post_policies(r, &second));
    (void)registrar_step(r);
    registrar_get_status(r, &status);
    assert_true(status.healthy);
    assert_int_equal(status.ledger_size, 1);
    registrar_close(&r);
    free(first.policies[0]);
    free(second.policies[0]);
    free(second.policies[1]);
}

/* Enough at once for the thread to have work. */
static void commit_much(struct registrar *r, const char *key)
{
    static const uint8_t much[LIMIT_WAL_BYTES / 4];

    OK(store_begin(r->store, &err));
    OK(meta_set_bytes(r->store, key, much, sizeof(much), &err));
    OK(store_commit(r->store, &err));
    beside_committed();
}

static void step_until_read_only(struct registrar *r)
{
    struct registrar_status status = { 0 };

    for (msec end = clock_monotonic() + 300 * MSEC_S; !status.read_only;) {
        (void)registrar_step(r);
        registrar_get_status(r, &status);
        assert_true(clock_monotonic() < end);
        (void)usleep(1000);
    }
    assert_false(status.healthy);
}

/* SQLite counts as moved what it wrote while the writer went on: all is
 * read-only, the WAL stays, and the next start moves all of it. */
static void what_cannot_be_synced_stops_all_writing(void **state)
{
    struct registrar *r = registrar();
    struct registrar_status status = { 0 };

    (void)state;
    OK(store_checkpoint_beside(r->store, &err));
    beside_set(true, true);
    commit_much(r, "test0");
    (void)registrar_step(r);
    beside_wait(&beside.looks);
    commit_much(r, "test1");
    step_until_read_only(r);
    beside_set(false, false);
    registrar_close(&r);
    assert_true(wal_size() > 0);

    r = registrar();
    assert_true(found_without_wal("test0"));
    registrar_get_status(r, &status);
    assert_true(status.healthy && !status.read_only);
    registrar_close(&r);
}

/* A sync of SQLite's own is another matter: it counts nothing as moved, writes
 * all of it again at the next try, and nobody has to stop. */
static void what_is_moved_again_stops_nothing(void **state)
{
    struct registrar *r = registrar();
    struct registrar_status status = { 0 };
    msec end = clock_monotonic() + 300 * MSEC_S;
    bool moved = false;

    (void)state;
    OK(store_checkpoint_beside(r->store, &err));
    beside_set(true, false);
    commit_much(r, "test0");
    (void)registrar_step(r);
    beside_wait(&beside.failures);
    beside_set(false, false);
    while (!moved) {
        (void)registrar_step(r);
        (void)pthread_mutex_lock(&beside.lock);
        moved = beside.syncs > 0;
        (void)pthread_mutex_unlock(&beside.lock);
        assert_true(clock_monotonic() < end);
        (void)usleep(1000);
    }
    assert_true(found_without_wal("test0"));
    registrar_get_status(r, &status);
    assert_true(status.healthy && !status.read_only);
    registrar_close(&r);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_start_makes_durable_what_it_finds),
        T(a_rotation_that_fails_at_its_commit_heals),
        T(refused_policies_leave_nothing_behind),
        T(what_cannot_be_synced_stops_all_writing),
        T(what_is_moved_again_stops_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

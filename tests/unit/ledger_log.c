/* ledger: the log of an instance: append, savepoints, crashes, roll-backs. */
#include "unit.h"

#include "resguardo/ledger.h"

#include <sys/stat.h>

#include <sqlite3.h>

struct instance {
    char *folder;
    char dir[128], db[160], head[160], key[160];
    struct store *store;
    struct ledger *ledger;
};

/* ---- an instance -------------------------------------------------------- */

static void open_store(struct instance *i)
{
    struct error e = { 0 };

    if (store_open(&i->store, i->dir, NULL, STORE_WRITER, &random_system, &e) !=
        0)
        print_error("%s\n", e.text);
    assert_non_null(i->store);
}

static void close_all(struct instance *i)
{
    ledger_close(&i->ledger);
    store_close(&i->store);
}

static void reopen(struct instance *i)
{
    struct error e = { 0 };

    close_all(i);
    open_store(i);
    if (ledger_open(&i->ledger, i->store, &e) != 0)
        print_error("%s\n", e.text);
    assert_non_null(i->ledger);
}

static void create(struct instance *i)
{
    struct error e = { 0 };

    open_store(i);
    assert_int_equal(store_begin(i->store, &e), 0);
    assert_int_equal(
        ledger_create(i->store, "intake.example.co", &random_system, &e), 0);
    assert_int_equal(store_commit(i->store, &e), 0);
}

static int setup(void **state)
{
    struct instance *i = calloc(1, sizeof(*i));
    struct error e = { 0 };

    assert_non_null(i);
    i->folder = unit_folder_new();
    (void)snprintf(i->dir, sizeof(i->dir), "%s/s", i->folder);
    (void)snprintf(i->db, sizeof(i->db), "%s/resguardo.db", i->dir);
    (void)snprintf(i->head, sizeof(i->head), "%s/keys/head", i->dir);
    (void)snprintf(i->key, sizeof(i->key), "%s/keys/ledger", i->dir);
    assert_int_equal(store_create(i->dir, NULL, 0, &random_system, &e), 0);
    create(i);
    reopen(i);
    *state = i;
    return 0;
}

static int teardown(void **state)
{
    struct instance *i = *state;

    close_all(i);
    unit_folder_free(i->folder);
    free(i);
    return 0;
}

static json_t *event(int n)
{
    json_t *entry = json_pack("{s:s, s:s, s:i}", "event_type", "consent_given",
                              "time", "2026-11-24T00:17:54.123Z", "n", n);

    assert_non_null(entry);
    return entry;
}

static void append(struct instance *i, int n)
{
    json_t *entry = event(n);
    struct error e = { 0 };

    if (ledger_append(i->ledger, entry, NULL, &e) != 0)
        fail_msg("%s", e.text);
    json_decref(entry);
}

static void commit(struct instance *i)
{
    struct error e = { 0 };

    assert_int_equal(ledger_flush(i->ledger, &e), 0);
    assert_int_equal(store_commit(i->store, &e), 0);
    ledger_committed(i->ledger);
}

/* Commits n entries in one batch. */
static void append_numbered(struct instance *i, int first, int n)
{
    struct error e = { 0 };

    assert_int_equal(store_begin(i->store, &e), 0);
    for (int k = 0; k < n; k++)
        append(i, first + k);
    commit(i);
}

static void append_batch(struct instance *i, int n)
{
    append_numbered(i, 0, n);
}

/* The note (caller frees) and what it says. */
static struct buf checkpoint(struct instance *i, struct ledger_checkpoint *c)
{
    struct buf note = { 0 };
    struct error e = { 0 };

    if (ledger_checkpoint(i->ledger, &note, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(ledger_checkpoint_open(c, (char *)note.p, note.len,
                                            ledger_vkey(i->ledger), &e),
                     0);
    return note;
}

static void sign_now(struct instance *i)
{
    struct ledger_checkpoint c;
    struct buf note = checkpoint(i, &c);

    buf_free(&note);
}

__attribute__((format(printf, 1, 2))) static void run(const char *fmt, ...)
{
    char command[640];
    va_list ap;

    va_start(ap, fmt);
    assert_in_range(vsnprintf(command, sizeof(command), fmt, ap), 1,
                    sizeof(command) - 1);
    va_end(ap);
    assert_int_equal(system(command), 0);
}

/* Of a closed database. */
static void copy_database(const struct instance *i)
{
    run("cp '%s' '%s/copy.db'", i->db, i->folder);
}

static void put_back_database(const struct instance *i)
{
    run("rm -f '%s-wal' '%s-shm' && cp '%s/copy.db' '%s'", i->db, i->db,
        i->folder, i->db);
}

/* Alters the closed database as somebody with the file in hand could. */
static void alter(struct instance *i, const char *sql)
{
    sqlite3 *db = NULL;

    close_all(i);
    assert_int_equal(sqlite3_open(i->db, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, UNIT_UNGUARD, NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    open_store(i);
}

static void assert_refused(struct instance *i, const char *says)
{
    struct error e = { 0 };

    assert_int_equal(ledger_open(&i->ledger, i->store, &e), -1);
    assert_null(i->ledger);
    if (strstr(e.text, says) == NULL)
        print_error("%s\nnot: %s\n", e.text, says);
    assert_non_null(strstr(e.text, says));
    assert_int_equal(e.code, ERR_VERIFY);
}

/* ---- what a verifier sees ----------------------------------------------- */

static int feed(void *arg, uint64_t idx, const uint8_t *entry, size_t len,
                const uint8_t *leaf)
{
    struct error e = { 0 };

    (void)idx;
    return ledger_verifier_add(arg, entry, len, leaf, &e) == 0 ? 0 : 1;
}

static int verify_rows(struct instance *i, const struct ledger_checkpoint *c,
                       uint64_t *bad)
{
    struct ledger_verifier *v = ledger_verifier_new();
    struct error e = { 0 };
    int ok;

    assert_int_equal(ledger_verifier_expect(v, c, "now", &e), 0);
    ok = ledger_row_list(i->store, 0, c->size, feed, v, &e);
    assert_true(ok >= 0);
    *bad = ledger_verifier_size(v);
    if (ok == 0)
        ok = ledger_verifier_finish(v, &e);
    ledger_verifier_free(&v);
    return ok;
}

/* ---- tests -------------------------------------------------------------- */

static void a_new_log_is_empty_and_signed(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c;
    struct buf note = checkpoint(i, &c);
    struct stat st;

    assert_true(ledger_size(i->ledger) == 0);
    assert_true(c.size == 0);
    assert_memory_equal(c.origin, "intake.example.co/", 18);
    assert_int_equal(strlen(c.origin), 18 + 8);
    assert_int_equal(strspn(c.origin + 18, "0123456789abcdef"), 8);
    assert_int_equal(stat(i->key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(i->head, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    buf_free(&note);
}

static void the_rows_verify_against_the_checkpoint(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c;
    struct buf note;
    uint64_t bad;

    append_batch(i, 5);
    append_batch(i, 8);
    note = checkpoint(i, &c);
    assert_true(c.size == 13);
    assert_int_equal(verify_rows(i, &c, &bad), 0);
    buf_free(&note);
}

static void an_entry_gets_version_and_index(void **state)
{
    struct instance *i = *state;
    json_t *entry = event(1);
    struct error e = { 0 };
    uint64_t index = 99;

    append_batch(i, 3);
    assert_int_equal(store_begin(i->store, &e), 0);
    assert_int_equal(ledger_append(i->ledger, entry, &index, &e), 0);
    assert_true(index == 3);
    assert_int_equal(json_integer_value(json_object_get(entry, "v")), 1);
    assert_int_equal(json_integer_value(json_object_get(entry, "index")), 3);
    commit(i);
    json_decref(entry);
}

static void the_log_goes_on_after_a_restart(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c, again;
    struct buf note, note_again;
    uint64_t bad;

    append_batch(i, 5);
    note = checkpoint(i, &c);
    reopen(i);
    note_again = checkpoint(i, &again);
    assert_string_equal((char *)note.p, (char *)note_again.p);
    buf_free(&note);
    buf_free(&note_again);

    append_batch(i, 2);
    note = checkpoint(i, &c);
    assert_true(c.size == 7);
    assert_int_equal(verify_rows(i, &c, &bad), 0);
    buf_free(&note);
}

static void a_rewound_savepoint_leaves_nothing(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c;
    struct error e = { 0 };
    struct buf note;
    uint64_t bad;

    assert_int_equal(store_begin(i->store, &e), 0);
    append(i, 1);
    assert_int_equal(store_savepoint(i->store, &e), 0);
    ledger_mark(i->ledger);
    append(i, 2);
    append(i, 3);
    store_rollback_to(i->store);
    ledger_rewind(i->ledger);
    append(i, 4);
    commit(i);

    assert_true(ledger_size(i->ledger) == 2);
    note = checkpoint(i, &c);
    assert_int_equal(verify_rows(i, &c, &bad), 0);
    reopen(i);
    assert_true(ledger_size(i->ledger) == 2);
    buf_free(&note);
}

static void an_undone_batch_leaves_nothing(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint before, after;
    struct buf one, two;
    struct error e = { 0 };

    append_batch(i, 3);
    one = checkpoint(i, &before);
    assert_int_equal(store_begin(i->store, &e), 0);
    append(i, 7);
    assert_int_equal(ledger_flush(i->ledger, &e), 0);
    store_rollback(i->store);
    ledger_undone(i->ledger);

    two = checkpoint(i, &after);
    assert_string_equal((char *)one.p, (char *)two.p);
    append_batch(i, 1);
    assert_true(ledger_size(i->ledger) == 4);
    buf_free(&one);
    buf_free(&two);
}

static void no_checkpoint_is_signed_inside_a_transaction(void **state)
{
    struct instance *i = *state;
    struct buf note = { 0 };
    struct error e = { 0 };

    assert_int_equal(store_begin(i->store, &e), 0);
    append(i, 1);
    assert_true(ledger_size(i->ledger) == 0);
    assert_int_equal(ledger_checkpoint(i->ledger, &note, &e), -1);
    assert_int_equal(e.code, ERR_INVARIANT);
    assert_int_equal(note.len, 0);
    commit(i);
}

static void a_crash_between_commit_and_head_loses_nothing(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c;
    struct buf note;
    uint64_t bad;

    append_batch(i, 6);
    sign_now(i);
    append_batch(i, 5);
    reopen(i); /* the head still says 6 */
    assert_true(ledger_size(i->ledger) == 11);
    note = checkpoint(i, &c);
    assert_true(c.size == 11);
    assert_int_equal(verify_rows(i, &c, &bad), 0);
    buf_free(&note);
}

static void a_reopened_store_is_taken_up(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c;
    struct error e = { 0 };
    struct buf note;

    append_batch(i, 4);
    sign_now(i);
    assert_int_equal(store_begin(i->store, &e), 0);
    append(i, 9);
    store_close(&i->store);
    open_store(i);
    ledger_undone(i->ledger);
    assert_int_equal(ledger_reload(i->ledger, i->store, &e), 0);
    assert_true(ledger_size(i->ledger) == 4);
    append_batch(i, 1);
    note = checkpoint(i, &c);
    assert_true(c.size == 5);
    buf_free(&note);
}

static void what_was_committed_is_signed_without_an_open_store(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c;
    struct buf note;

    append_batch(i, 3);
    store_close(&i->store);
    note = checkpoint(i, &c);
    assert_true(c.size == 3);
    buf_free(&note);
}

static void a_database_older_than_the_head_is_refused(void **state)
{
    struct instance *i = *state;
    struct error e = { 0 };

    append_batch(i, 4);
    close_all(i);
    copy_database(i);
    reopen(i);
    append_batch(i, 2);
    sign_now(i);
    close_all(i);
    put_back_database(i);
    open_store(i);
    assert_int_equal(ledger_open(&i->ledger, i->store, &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
    assert_non_null(strstr(
        e.text,
        "entry 4 is missing: the database holds 4 ledger entries, but 6"));
    assert_non_null(strstr(e.hint, "restore"));
}

static void an_old_database_that_grew_again_is_refused(void **state)
{
    struct instance *i = *state;

    /* Put back to 4 together with its head, and grown to 7 otherwise. */
    append_batch(i, 4);
    sign_now(i);
    close_all(i);
    copy_database(i);
    run("cp '%s' '%s/old'", i->head, i->folder);
    reopen(i);
    append_batch(i, 2);
    sign_now(i);
    close_all(i);
    run("cp '%s' '%s/new' && cp '%s/old' '%s'", i->head, i->folder, i->folder,
        i->head);
    put_back_database(i);
    reopen(i);
    append_numbered(i, 50, 3);

    /* Under the head of the first life it is found out. */
    close_all(i);
    run("cp '%s/new' '%s'", i->folder, i->head);
    open_store(i);
    assert_refused(i, "is not the one of its entries");
}

static void another_tree_of_the_same_size_is_refused(void **state)
{
    struct instance *i = *state;

    append_batch(i, 4);
    sign_now(i);
    alter(i, "UPDATE meta SET value = CAST(substr(value, 1, 8) || "
             "zeroblob(32) AS BLOB) WHERE key = 'ledger_tree'");
    assert_refused(i, "is not the one of its entries");
}

static void a_missing_last_row_is_noticed_at_start(void **state)
{
    struct instance *i = *state;

    append_batch(i, 4);
    sign_now(i);
    alter(i, "DELETE FROM ledger WHERE idx = 3");
    assert_refused(i, "entry 3 of the ledger is missing");
}

static void a_surplus_row_is_noticed_at_start(void **state)
{
    struct instance *i = *state;

    append_batch(i, 4);
    alter(i, "INSERT INTO ledger SELECT 4, entry, leaf FROM ledger "
             "WHERE idx = 0");
    assert_refused(i, "entry 4 is not in the ledger's tree");
}

static void a_row_changed_before_it_was_signed_is_noticed(void **state)
{
    struct instance *i = *state;

    append_batch(i, 4);
    alter(i, "UPDATE ledger SET entry = CAST(replace(CAST(entry AS TEXT), "
             "'given', 'taken') AS BLOB) WHERE idx = 2");
    assert_refused(i, "entry 2 of the ledger was changed");
}

static void a_signed_row_that_was_changed_is_named_by_the_verifier(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c;
    struct error e = { 0 };
    struct buf note;
    uint64_t bad = 0;

    append_batch(i, 9);
    note = checkpoint(i, &c);
    alter(i, "UPDATE ledger SET entry = CAST(replace(CAST(entry AS TEXT), "
             "'given', 'taken') AS BLOB) WHERE idx = 2");
    assert_int_equal(ledger_open(&i->ledger, i->store, &e), 0);
    assert_int_not_equal(verify_rows(i, &c, &bad), 0);
    assert_true(bad == 2);
    buf_free(&note);
}

static bool stop_now(void *arg)
{
    return *(const bool *)arg;
}

static void an_entry_changed_anywhere_is_named_by_the_recheck(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c;
    struct error e = { 0 };
    struct buf note;
    bool stop = true, go_on = false;

    append_batch(i, 9);
    note = checkpoint(i, &c);
    buf_free(&note);
    append_batch(i, 3);
    assert_int_equal(ledger_recheck(i->store, stop_now, &go_on, &e), 0);
    assert_int_equal(ledger_recheck(i->store, stop_now, &stop, &e), 1);

    /* Neither the start nor what is signed looks there. */
    alter(i, "UPDATE ledger SET entry = CAST(replace(CAST(entry AS TEXT), "
             "'given', 'taken') AS BLOB) WHERE idx = 2");
    assert_int_equal(ledger_open(&i->ledger, i->store, &e), 0);
    assert_int_equal(ledger_recheck(i->store, stop_now, &go_on, &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
    assert_non_null(strstr(e.text, "entry 2 of the ledger was changed"));
    ledger_close(&i->ledger);

    alter(i, "DELETE FROM ledger WHERE idx = 1");
    assert_int_equal(ledger_recheck(i->store, stop_now, &go_on, &e), -1);
    assert_non_null(strstr(e.text, "entry 1 of the ledger is missing"));
}

static void a_lost_head_is_refused(void **state)
{
    struct instance *i = *state;

    close_all(i);
    assert_int_equal(unlink(i->head), 0);
    open_store(i);
    assert_refused(i, "keys/head");
}

static void a_head_that_somebody_edited_is_refused(void **state)
{
    struct instance *i = *state;
    struct buf head = { 0 }, other = { 0 };
    struct error e = { 0 };

    append_batch(i, 3);
    sign_now(i);
    close_all(i);
    open_store(i);
    assert_int_equal(file_read(i->head, 65536, &head, &e), 0);
    for (size_t at = 0; at + 1 < head.len; at += 7) {
        other.len = 0;
        assert_int_equal(buf_add(&other, head.p, head.len), 0);
        other.p[at] ^= 1;
        assert_int_equal(file_replace(i->head, other.p, other.len, &e), 0);
        assert_refused(i, "keys/head");
    }
    buf_free(&head);
    buf_free(&other);
}

static void a_damaged_key_is_refused(void **state)
{
    struct instance *i = *state;
    char line[LEDGER_VKEY_SIZE];
    struct error e = { 0 };
    struct buf key = { 0 };

    close_all(i);
    open_store(i);
    assert_int_equal(file_read(i->key, 1024, &key, &e), 0);
    (void)snprintf(line, sizeof(line), "%s", (char *)key.p);
    line[strlen(line) - 10] ^= 1;
    assert_int_equal(file_replace(i->key, line, strlen(line), &e), 0);
    assert_int_equal(ledger_open(&i->ledger, i->store, &e), -1);
    assert_int_equal(e.code, ERR_INPUT);
    assert_null(strstr(e.text, "PRIVATE"));
    buf_free(&key);
}

static void a_key_that_others_can_read_is_refused(void **state)
{
    struct instance *i = *state;
    struct error e = { 0 };

    close_all(i);
    open_store(i);
    assert_int_equal(chmod(i->key, 0644), 0);
    assert_int_equal(ledger_open(&i->ledger, i->store, &e), -1);
    assert_int_equal(e.code, ERR_INPUT);
}

static void the_database_of_another_ledger_is_refused(void **state)
{
    struct instance *i = *state;

    alter(i, "UPDATE meta SET value = CAST('intake.example.co/00000000' AS "
             "BLOB) WHERE key = 'origin'");
    assert_refused(i, "of another ledger");
}

static void a_second_key_is_never_made(void **state)
{
    struct instance *i = *state;
    struct error e = { 0 };

    assert_int_equal(store_begin(i->store, &e), 0);
    assert_int_equal(ledger_create(i->store, "a.example", &random_system, &e),
                     -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    store_rollback(i->store);
}

static void what_would_not_verify_is_not_appended(void **state)
{
    struct instance *i = *state;
    struct error e = { 0 };
    json_t *bad[4];
    char *words = calloc(1, LIMIT_LEDGER_ENTRY + 1);

    assert_non_null(words);
    memset(words, 'a', LIMIT_LEDGER_ENTRY);
    bad[0] = json_pack("{s:s}", "event_type", "no time");
    bad[1] = json_pack("{s:s}", "time", "2026-11-24");
    bad[2] = json_pack("[s]", "a list");
    bad[3] = event(1);
    assert_int_equal(json_object_set_new(bad[3], "x", json_string(words)), 0);

    assert_int_equal(store_begin(i->store, &e), 0);
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(ledger_append(i->ledger, bad[k], NULL, &e), -1);
        assert_int_equal(e.code, ERR_INVARIANT);
        json_decref(bad[k]);
    }
    append(i, 1);
    commit(i);
    assert_true(ledger_size(i->ledger) == 1);
    free(words);
}

static void a_head_that_cannot_be_written_releases_no_checkpoint(void **state)
{
    struct instance *i = *state;
    struct ledger_checkpoint c;
    struct buf note = { 0 };
    struct error e = { 0 };

    /* Something that rename cannot replace stands in its place. */
    append_batch(i, 2);
    run("rm '%s' && mkdir -p '%s/x'", i->head, i->head);
    assert_int_equal(ledger_checkpoint(i->ledger, &note, &e), -1);
    assert_int_equal(note.len, 0);
    run("rm -r '%s'", i->head);
    note = checkpoint(i, &c);
    assert_true(c.size == 2);
    buf_free(&note);
}

/* ---- another key -------------------------------------------------------- */

static void rotate(struct instance *i, char vkey[static LEDGER_VKEY_SIZE])
{
    struct error e = { 0 };
    json_t *entry = event(0);

    assert_int_equal(ledger_rotate(i->ledger, &random_system, 0, vkey, &e), 0);
    assert_int_equal(json_object_set_new(entry, "evidence",
                                         json_pack("{s:s}", "vkey", vkey)),
                     0);
    assert_int_equal(ledger_append(i->ledger, entry, NULL, &e), 0);
    json_decref(entry);
}

static void an_exchange_that_was_undone_never_was(void **state)
{
    struct instance *i = *state;
    char former[LEDGER_VKEY_SIZE], vkey[LEDGER_VKEY_SIZE];
    struct error e = { 0 };

    (void)snprintf(former, sizeof(former), "%s", ledger_vkey(i->ledger));
    assert_int_equal(store_begin(i->store, &e), 0);
    rotate(i, vkey);
    assert_int_equal(ledger_rotate(i->ledger, &random_system, 0, vkey, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    store_rollback(i->store);
    ledger_undone(i->ledger);
    append_batch(i, 3);
    sign_now(i);
    assert_string_equal(ledger_vkey(i->ledger), former);
    reopen(i);
    assert_string_equal(ledger_vkey(i->ledger), former);
}

static void an_exchange_is_done_by_the_next_checkpoint(void **state)
{
    struct instance *i = *state;
    char former[LEDGER_VKEY_SIZE], vkey[LEDGER_VKEY_SIZE];
    struct ledger_history h;
    struct ledger_checkpoint c;
    struct buf note, text = { 0 };
    struct error e = { 0 };

    (void)snprintf(former, sizeof(former), "%s", ledger_vkey(i->ledger));
    append_batch(i, 2);
    sign_now(i);
    append_batch(i, 2);
    assert_int_equal(store_begin(i->store, &e), 0);
    rotate(i, vkey);
    append(i, 7);
    commit(i);
    reopen(i); /* a crash: the checkpoint comes later */
    append_batch(i, 2);
    assert_string_equal(ledger_vkey(i->ledger), former);
    note = checkpoint(i, &c);
    assert_string_equal(ledger_vkey(i->ledger), vkey);
    assert_int_equal(c.size, 8);
    assert_int_equal(
        ledger_checkpoint_open(&c, (char *)note.p, note.len, former, &e), 0);
    reopen(i);
    assert_int_equal(ledger_history_load(store_keys_dir(i->store), &text, &e),
                     0);
    /* Its entry is no ledger_key_rotated: a line that says nothing. */
    assert_int_equal(ledger_history_read(&h, (char *)text.p, text.len, &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
    ledger_history_free(&h);
    buf_free(&text);
    buf_free(&note);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_log_is_empty_and_signed),
        TEST(the_rows_verify_against_the_checkpoint),
        TEST(an_entry_gets_version_and_index),
        TEST(the_log_goes_on_after_a_restart),
        TEST(a_rewound_savepoint_leaves_nothing),
        TEST(an_undone_batch_leaves_nothing),
        TEST(no_checkpoint_is_signed_inside_a_transaction),
        TEST(a_crash_between_commit_and_head_loses_nothing),
        TEST(a_reopened_store_is_taken_up),
        TEST(what_was_committed_is_signed_without_an_open_store),
        TEST(a_database_older_than_the_head_is_refused),
        TEST(an_old_database_that_grew_again_is_refused),
        TEST(another_tree_of_the_same_size_is_refused),
        TEST(a_missing_last_row_is_noticed_at_start),
        TEST(a_surplus_row_is_noticed_at_start),
        TEST(a_row_changed_before_it_was_signed_is_noticed),
        TEST(a_signed_row_that_was_changed_is_named_by_the_verifier),
        TEST(an_entry_changed_anywhere_is_named_by_the_recheck),
        TEST(a_lost_head_is_refused),
        TEST(a_head_that_somebody_edited_is_refused),
        TEST(a_damaged_key_is_refused),
        TEST(a_key_that_others_can_read_is_refused),
        TEST(the_database_of_another_ledger_is_refused),
        TEST(a_second_key_is_never_made),
        TEST(what_would_not_verify_is_not_appended),
        TEST(an_exchange_that_was_undone_never_was),
        TEST(an_exchange_is_done_by_the_next_checkpoint),
        TEST(a_head_that_cannot_be_written_releases_no_checkpoint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

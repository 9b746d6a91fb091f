/* store: rows that only grow, evidence, notes, dead letters, counts. */
#include "store_help.h"

static int next_index(void *arg, uint64_t idx, const uint8_t *entry, size_t len,
                      const uint8_t *leaf)
{
    uint64_t *expected = arg;

    assert_int_equal(idx, (*expected)++);
    assert_int_equal(len, 1 + idx % 3);
    assert_int_equal(entry[0], 'e');
    assert_int_equal(leaf[0], (uint8_t)idx);
    return *expected == 77 ? 5 : 0;
}

static void ledger_rows_come_in_order_over_pages(void **state)
{
    struct fixture *f = *state;
    uint8_t leaf[SHA256_LEN] = { 0 };
    uint64_t n = LIMIT_READER_ROWS + 5, seen = 0;

    help_begin(f);
    for (uint64_t i = 0; i < n; i++) {
        leaf[0] = (uint8_t)i;
        OK(ledger_row_add(f->s, i, "eee", 1 + i % 3, leaf, &f->e));
    }
    FAILS(ledger_row_add(f->s, 3, "x", 1, leaf, &f->e), ERR_CONFLICT);
    help_commit(f);
    assert_int_equal(ledger_row_list(f->s, 0, n, next_index, &seen, &f->e), 5);
    assert_int_equal(seen, 77);
    OK(ledger_row_list(f->s, 77, UINT64_MAX, next_index, &seen, &f->e));
    assert_int_equal(seen, n);
    seen = 10;
    OK(ledger_row_list(f->s, 10, 12, next_index, &seen, &f->e));
    assert_int_equal(seen, 12);
    OK(ledger_row_list(f->s, n, n + 5, next_index, &seen, &f->e));
}

static int publish(struct fixture *f, const char *version, const char *language,
                   const char *words)
{
    const struct notice_row row = { "p",           version,     language, words,
                                    strlen(words), "{\"v\":1}", T0 };

    return notice_add(f->s, &row, &f->e);
}

static void a_notice_supersedes_those_before_it(void **state)
{
    struct fixture *f = *state;
    struct buf terms = { 0 };

    help_begin(f);
    OK(publish(f, "1", "es", "a"));
    OK(publish(f, "1", "en", "b"));
    assert_int_equal(notice_any_superseded(f->s, &f->e), 0);
    OK(publish(f, "2", "es", "c"));
    OK(notice_supersede(f->s, "p", "2", "one", &f->e));
    OK(notice_supersede(f->s, "p", "2", "one", &f->e));
    OK(publish(f, "3", "es", "d"));
    help_commit(f);

    assert_int_equal(notice_any_superseded(f->s, &f->e), 1);
    assert_int_equal(notice_superseded(f->s, "p", "1", "one", &f->e), 1);
    assert_int_equal(notice_superseded(f->s, "p", "1", NULL, &f->e), 1);
    assert_int_equal(notice_superseded(f->s, "p", "1", "two", &f->e), 0);
    assert_int_equal(notice_superseded(f->s, "q", "1", "one", &f->e), 0);
    assert_int_equal(notice_superseded(f->s, "p", "2", NULL, &f->e), 0);
    assert_int_equal(notice_superseded(f->s, "p", "3", NULL, &f->e), 0);
    assert_int_equal(notice_terms(f->s, "p", "2", &terms, &f->e), 1);
    assert_string_equal((const char *)terms.p, "{\"v\":1}");
    assert_int_equal(notice_terms(f->s, "p", "4", &terms, &f->e), 0);
    buf_free(&terms);
}

static void a_question_is_kept_by_its_hash(void **state)
{
    static const uint8_t one[SHA256_LEN] = { 1 }, other[SHA256_LEN] = { 2 };
    struct fixture *f = *state;
    struct buf got = { 0 };

    help_begin(f);
    OK(question_add(f->s, one, "{\"a\":1}", &f->e));
    OK(question_add(f->s, one, "{\"a\":1}", &f->e)); /* each start says it */
    help_commit(f);
    assert_int_equal(question_get(f->s, one, &got, &f->e), 1);
    assert_string_equal((const char *)got.p, "{\"a\":1}");
    assert_int_equal(question_get(f->s, other, &got, &f->e), 0);
    buf_free(&got);
}

static void a_published_notice_never_changes(void **state)
{
    struct fixture *f = *state;
    struct buf got = { 0 };

    help_begin(f);
    OK(publish(f, "1", "es", "text"));
    OK(publish(f, "1", "en", "other"));
    FAILS(publish(f, "1", "es", "TEXT"), ERR_CONFLICT);
    help_commit(f);
    assert_int_equal(notice_get(f->s, "p", "1", "es", &got, &f->e), 1);
    assert_string_equal((const char *)got.p, "text");
    assert_int_equal(notice_get(f->s, "p", "2", "es", &got, &f->e), 0);
    buf_free(&got);
}

static int next_entry(void *arg, const uint8_t *entry, size_t len,
                      const uint8_t *signature, size_t signature_len)
{
    int *n = arg;

    assert_int_equal(len, 1);
    assert_int_equal(entry[0], 'a' + (*n)++);
    assert_int_equal(signature_len, 3);
    assert_memory_equal(signature, "sig", 3);
    return 0;
}

static void keyring_entries_and_grants_come_back(void **state)
{
    struct fixture *f = *state;
    struct buf got = { 0 };
    int n = 0;

    help_begin(f);
    OK(keyring_row_add(f->s, 1, "b", 1, "sig", 3, &f->e));
    OK(keyring_row_add(f->s, 0, "a", 1, "sig", 3, &f->e));
    FAILS(keyring_row_add(f->s, 0, "x", 1, "sig", 3, &f->e), ERR_CONFLICT);
    OK(keyring_grant_put(f->s, 1, 1000, "old", 3, &f->e));
    OK(keyring_grant_put(f->s, 1, 1000, "mid", 3, &f->e));
    OK(keyring_grant_put(f->s, 1, 1000, "new", 3, &f->e));
    OK(keyring_grant_put(f->s, 1, 1001, "one", 3, &f->e));
    help_commit(f);
    OK(keyring_row_list(f->s, next_entry, &n, &f->e));
    assert_int_equal(n, 2);
    assert_int_equal(keyring_grant_get(f->s, 1, 1000, &got, &f->e), 1);
    assert_string_equal((const char *)got.p, "new");
    buf_reset(&got);
    assert_int_equal(keyring_grant_first(f->s, 1, 1000, &got, &f->e), 1);
    assert_string_equal((const char *)got.p, "old");
    assert_int_equal(keyring_grant_first(f->s, 1, 1001, &got, &f->e), 0);
    assert_int_equal(keyring_grant_get(f->s, 1, 1002, &got, &f->e), 0);
    assert_int_equal(keyring_grant_get(f->s, 2, 1000, &got, &f->e), 0);
    help_begin(f);
    OK(keyring_grant_drop(f->s, 1, 1000, &f->e));
    help_commit(f);
    assert_int_equal(keyring_grant_get(f->s, 1, 1000, &got, &f->e), 0);
    buf_free(&got);
}

static void evidence_comes_back_byte_for_byte(void **state)
{
    struct fixture *f = *state;
    static const char file[] = HELP_HEADER "\0\1payload";
    struct buf got = { 0 };
    struct subject_row who;

    help_begin(f);
    who = help_subject(f);
    OK(evidence_add(f->s, "e1", &who, "person", file, sizeof(file),
                    strlen(HELP_HEADER), T0, &f->e));
    FAILS(evidence_add(f->s, "e2", &who, "gossip", file, sizeof(file),
                       strlen(HELP_HEADER), T0, &f->e),
          ERR_CONFLICT);
    FAILS(evidence_add(f->s, "e2", &who, "person", file, 3, 4, T0, &f->e),
          ERR_INTERNAL);
    help_commit(f);
    assert_int_equal(evidence_get(f->s, "e1", &got, &f->e), 1);
    assert_int_equal(got.len, sizeof(file));
    assert_memory_equal(got.p, file, sizeof(file));
    assert_int_equal(evidence_get(f->s, "e2", &got, &f->e), 0);
    assert_int_equal(evidence_count(f->s, who.id, "person", &f->e), 1);
    assert_int_equal(evidence_count(f->s, who.id, "decision", &f->e), 0);
    buf_free(&got);
}

static void a_note_needs_its_person(void **state)
{
    struct fixture *f = *state;
    struct buf got = { 0 };
    struct subject_row who;

    help_begin(f);
    who = help_subject(f);
    OK(note_add(f->s, "n1", who.id, "why", 3, &f->e));
    FAILS(note_add(f->s, "n2", "snobody", "why", 3, &f->e), ERR_INVARIANT);
    help_commit(f);
    assert_int_equal(note_get(f->s, "n1", &got, &f->e), 1);
    assert_string_equal((const char *)got.p, "why");
    assert_int_equal(note_get(f->s, "n2", &got, &f->e), 0);
    buf_free(&got);
}

static void each_dead_letter_has_a_slot_of_its_own(void **state)
{
    struct fixture *f = *state;
    sqlite3_stmt *st;

    help_begin(f);
    OK(dead_letter_add(f->s, "l1", "event", 5, "broken", T0, &f->e));
    OK(dead_letter_add(f->s, "l2", "event", 5, "broken", T0, &f->e));
    FAILS(dead_letter_add(f->s, "l2", "event", 5, "broken", T0, &f->e),
          ERR_CONFLICT);
    help_commit(f);
    assert_int_equal(dead_letter_count(f->s, &f->e), 2);
    assert_int_equal(
        sqlite3_prepare_v2(f->s->db,
                           "SELECT count(DISTINCT slot) FROM dead_letter", -1,
                           &st, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(st, 0), 2);
    sqlite3_finalize(st);
}

static void the_counts_count(void **state)
{
    struct fixture *f = *state;
    struct store_counts counts;
    struct outbox_row o = { .id = "o1",
                            .policy = "p",
                            .number = "1",
                            .kind = "say",
                            .state = "pending" };
    struct subject_row who;
    struct document_row d;
    struct case_row c;
    int64_t all = 0;

    help_begin(f);
    who = help_subject(f);
    c = help_case(f, who.id, T0);
    (void)help_document(f, &who, &c, NULL, NULL); /* its attachment: judging */
    d = help_document(f, &who, &c, NULL, NULL);
    OK(document_set_state(f->s, d.id, "erased", &f->e));
    (void)help_attachment(f, who.id, "held", T0);
    memcpy(o.subject, who.id, ID_SIZE);
    OK(outbox_add(f->s, &o, "{}", 2, &f->e));
    OK(dead_letter_add(f->s, "l1", "event", 5, "broken", T0, &f->e));
    help_commit(f);
    OK(store_count(f->s, &counts, &f->e));
    assert_int_equal(counts.documents, 1);
    assert_int_equal(counts.outbox_pending, 1);
    assert_int_equal(counts.dead_letters, 1);
    for (int i = 0; i < 9; i++) {
        all += counts.attachments[i].n;
        if (strcmp(counts.attachments[i].state, "judging") == 0)
            assert_int_equal(counts.attachments[i].n, 2);
    }
    assert_int_equal(all, 3);
}

static void meta_keeps_numbers_and_bytes(void **state)
{
    struct fixture *f = *state;
    struct buf got = { 0 };
    int64_t n = 0;

    help_begin(f);
    OK(meta_set_int(f->s, "n", INT64_MIN, &f->e));
    OK(meta_set_bytes(f->s, "b", "a\0b", 3, &f->e));
    OK(meta_set_bytes(f->s, "empty", "", 0, &f->e));
    help_commit(f);
    assert_int_equal(meta_get_int(f->s, "n", &n, &f->e), 1);
    assert_true(n == INT64_MIN);
    assert_int_equal(meta_get_bytes(f->s, "b", &got, &f->e), 1);
    assert_int_equal(got.len, 3);
    assert_memory_equal(got.p, "a\0b", 3);
    assert_int_equal(meta_get_bytes(f->s, "empty", &got, &f->e), 1);
    assert_int_equal(got.len, 3);
    assert_int_equal(meta_get_int(f->s, "none", &n, &f->e), 0);
    buf_free(&got);
}

/* ---- the authorizer ----------------------------------------------------- */

static int prepare(struct fixture *f, const char *sql)
{
    sqlite3_stmt *st = NULL;
    int code = sqlite3_prepare_v2(f->s->db, sql, -1, &st, NULL);

    sqlite3_finalize(st);
    return code & 0xff;
}

/* Of each log, whatever the SQL says. */
static void the_authorizer_keeps_what_only_grows(void **state)
{
    static const struct {
        const char *table, *column;
    } logs[] = { { "ledger", "entry" },
                 { "keyring", "entry" },
                 { "notice", "bytes" } };
    /* Before the table, between it and the column, after that. */
    static const char *const forms[][3] = {
        { "UPDATE ", " SET ", " = x'00'" },
        { "DELETE FROM ", " WHERE ", " IS NOT NULL" },
        { "UPDATE OR REPLACE ", " SET ", " = x'00'" },
        { "DROP TABLE ", " --", "" },
        { "ALTER TABLE ", " DROP COLUMN ", "" },
        { "ALTER TABLE ", " RENAME COLUMN ", " TO other" },
        { "CREATE TRIGGER t AFTER INSERT ON ", " BEGIN SELECT NEW.", "; END" },
        { "CREATE INDEX i ON ", "(", ")" },
        { "CREATE TEMP VIEW ", " AS SELECT 1 AS ", "" },
    };
    struct fixture *f = *state;
    char sql[160];

    for (size_t t = 0; t < sizeof(logs) / sizeof(logs[0]); t++)
        for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
            (void)snprintf(sql, sizeof(sql), "%s%s%s%s%s", forms[k][0],
                           logs[t].table, forms[k][1], logs[t].column,
                           forms[k][2]);
            if (prepare(f, sql) != SQLITE_AUTH)
                fail_msg("%s is not refused", sql);
        }
    assert_int_equal(prepare(f, "INSERT INTO ledger VALUES (1, x'', x'')"
                                " ON CONFLICT DO UPDATE SET entry = x''"),
                     SQLITE_AUTH);
    assert_int_equal(prepare(f, "DELETE FROM cosigned WHERE size = 1"),
                     SQLITE_OK);
    assert_int_equal(prepare(f, "PRAGMA writable_schema = 1"), SQLITE_AUTH);
    assert_int_equal(prepare(f, "ATTACH '/tmp/x' AS other"), SQLITE_AUTH);
}

static void a_cosigned_checkpoint_takes_the_place_of_its_size(void **state)
{
    struct fixture *f = *state;
    struct buf note = { 0 };
    uint64_t size = 0;

    assert_int_equal(cosigned_get(f->s, UINT64_MAX, &size, &note, &f->e), 0);
    help_begin(f);
    OK(cosigned_put(f->s, 5, "five", 4, &f->e));
    OK(cosigned_put(f->s, 9, "nine", 4, &f->e));
    OK(cosigned_put(f->s, 5, "more", 4, &f->e));
    help_commit(f);
    assert_int_equal(cosigned_get(f->s, 8, &size, &note, &f->e), 1);
    assert_int_equal(size, 5);
    assert_memory_equal(note.p, "more", 4);
    buf_reset(&note);
    assert_int_equal(cosigned_get(f->s, UINT64_MAX, &size, &note, &f->e), 1);
    assert_int_equal(size, 9);
    assert_int_equal(cosigned_get(f->s, 4, &size, &note, &f->e), 0);
    buf_free(&note);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, help_setup, help_teardown)
    const struct CMUnitTest tests[] = {
        T(ledger_rows_come_in_order_over_pages),
        T(a_question_is_kept_by_its_hash),
        T(a_published_notice_never_changes),
        T(a_notice_supersedes_those_before_it),
        T(keyring_entries_and_grants_come_back),
        T(evidence_comes_back_byte_for_byte),
        T(a_note_needs_its_person),
        T(each_dead_letter_has_a_slot_of_its_own),
        T(the_counts_count),
        T(meta_keeps_numbers_and_bytes),
        T(the_authorizer_keeps_what_only_grows),
        T(a_cosigned_checkpoint_takes_the_place_of_its_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* ledger: where the consent log is, after clocks set back and roll-backs. */
#include "unit.h"

#include "resguardo/ledger.h"
#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#define T0 ((msec)1780000000000)

static struct ledger_index places;
static struct store *store;
static char *folder;
static char dir[128];
static uint64_t size;
static struct error e;

static int setup(void **state)
{
    (void)state;
    folder = unit_folder_new();
    (void)snprintf(dir, sizeof(dir), "%s/s", folder);
    assert_int_equal(store_create(dir, NULL, T0, &random_system, &e), 0);
    assert_int_equal(
        store_open(&store, dir, NULL, STORE_WRITER, &random_system, &e), 0);
    ledger_index_forget(&places);
    size = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(&store);
    unit_folder_free(folder);
    return 0;
}

static int line(char *out, size_t cap, const char *event, const char *subject,
                msec at)
{
    char time[TIME_SIZE];

    time_format(time, at);
    return snprintf(out, cap,
                    "{\"event_type\":\"%s\",\"index\":%llu,\"policy\":\"p\","
                    "\"purpose\":\"u\",\"subject\":\"%s\",\"time\":\"%s\","
                    "\"v\":1}",
                    event, (unsigned long long)size, subject, time);
}

static void add(const char *event, const char *subject, msec at)
{
    uint8_t leaf[LEDGER_HASH_LEN] = { 0 };
    char text[400];
    size_t len = (size_t)line(text, sizeof(text), event, subject, at);

    assert_int_equal(ledger_row_add(store, size, text, len, leaf, &e), 0);
    assert_int_equal(ledger_index_add(&places, store, size, text, len, &e), 0);
    size++;
}

static void fill(size_t n, msec from, msec step)
{
    for (size_t i = 0; i < n; i++)
        add(i % 3 == 0 ? "consent_given" : "media_held", "s1",
            from + (msec)i * step);
}

static struct ledger_span span(msec since, msec until)
{
    struct ledger_span out;

    assert_int_equal(ledger_find_times(store, size, since, until, &out, &e), 0);
    return out;
}

static void begin(void)
{
    assert_int_equal(store_begin(store, &e), 0);
}

static void commit(void)
{
    assert_int_equal(store_commit(store, &e), 0);
}

static void times_are_found(void **state)
{
    struct ledger_span s;

    (void)state;
    begin();
    fill(100, T0, 10);
    commit();
    s = span(T0 + 95, T0 + 305);
    assert_int_equal(s.from, 10);
    assert_int_equal(s.to, 31);
    assert_int_equal(s.until, 31);
    s = span(T0 + 2000, T0 + 3000);
    assert_true(s.from >= s.to);
    assert_int_equal(s.until, 100);
    s = span(INT64_MIN, INT64_MAX);
    assert_int_equal(s.from, 0);
    assert_int_equal(s.to, 100);
}

static void a_clock_set_back_hides_nothing(void **state)
{
    struct ledger_span s;

    (void)state;
    begin();
    fill(50, T0 + 1000, 10);
    fill(50, T0, 10); /* entries 50 to 99 */
    commit();
    s = span(T0 + 100, T0 + 110);
    assert_int_equal(s.from, 60);
    assert_int_equal(s.to, 61);
    s = span(T0 + 100, T0 + 1100);
    assert_int_equal(s.from, 0);
    assert_int_equal(s.to, 100);
    assert_int_equal(s.until, 10);
}

static void what_was_rolled_back_is_entered_again(void **state)
{
    uint64_t steps[4];
    size_t n;
    int64_t kind;

    (void)state;
    begin();
    fill(4, T0 + 100, 1);
    store_rollback(store);
    ledger_index_forget(&places);
    size = 0;
    begin();
    fill(4, T0, 1);
    commit();
    assert_int_equal(ledger_step_list(store, 0, steps, 4, &n, &e), 0);
    assert_int_equal(n, 0);
    assert_int_equal(
        consent_kind_get(store, "consent_given\np\nu\n\n\n\n\n\n", &kind, &e),
        1);
    /* After a start the last entry says how late it was. */
    ledger_index_forget(&places);
    begin();
    add("consent_given", "s1", T0 - 5);
    commit();
    assert_int_equal(ledger_step_list(store, 0, steps, 4, &n, &e), 0);
    assert_int_equal(n, 1);
    assert_int_equal(steps[0], 4);
}

static int has(void *arg, uint64_t index, const uint8_t *entry, size_t len,
               const uint8_t *leaf)
{
    struct ledger_index *x = arg;
    int is = ledger_index_has(x, store, index, entry, len, &e);

    (void)leaf;
    assert_true(is >= 0);
    return is == 1 ? 0 : (int)index + 1;
}

/* Entries that are there, or the first that is not, from 1. */
static int first_missing(void)
{
    static struct ledger_index x;

    ledger_index_forget(&x);
    return ledger_row_list(store, 0, size, has, &x, &e);
}

static void damage(const char *sql)
{
    char path[160];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void what_the_index_lacks_is_found(void **state)
{
    static const struct {
        const char *take, *give;
        int first;
    } cases[] = {
        { "DELETE FROM consent_block WHERE block = 1",
          "INSERT INTO consent_block SELECT id, 1 FROM consent_kind", 513 },
        { "DELETE FROM consent_person WHERE idx = 300",
          "INSERT INTO consent_person SELECT 's1', 300, id FROM consent_kind",
          301 },
        { "DELETE FROM ledger_step", "INSERT INTO ledger_step VALUES (500)",
          501 },
    };

    (void)state;
    begin();
    fill(500, T0 + 60000, 1);
    fill(200, T0, 1);
    commit();
    assert_int_equal(first_missing(), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        damage(cases[i].take);
        assert_int_equal(first_missing(), cases[i].first);
        damage(cases[i].give);
        assert_int_equal(first_missing(), 0);
    }
}

/* The plan of the one statement that lists people, which is their key's order
 * and needs no sorting. */
static void check_plan(void)
{
    sqlite3_stmt *plan = NULL;
    char text[512];
    bool found = false;

    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        const char *sql = store->statements[i] == NULL
                              ? ""
                              : sqlite3_sql(store->statements[i]);

        if (strstr(sql, "(subject, idx) >") == NULL)
            continue;
        (void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", sql);
        assert_int_equal(sqlite3_prepare_v2(store->db, text, -1, &plan, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_step(plan), SQLITE_ROW);
        assert_memory_equal(sqlite3_column_text(plan, 3),
                            "SEARCH consent_person USING PRIMARY KEY", 39);
        assert_int_equal(sqlite3_step(plan), SQLITE_DONE);
        sqlite3_finalize(plan);
        found = true;
    }
    assert_true(found);
}

/* In pages of any size: each person's entries in a row, none twice. */
static void people_come_one_after_the_other(void **state)
{
    static const struct {
        const char *subject;
        uint64_t idx;
    } want[] = { { "s1", 1 }, { "s1", 4 }, { "s2", 2 },
                 { "s3", 0 }, { "s3", 3 }, { "s3", 5 } };
    enum { ALL = sizeof(want) / sizeof(want[0]) };
    static const char *const order[] = { "s3", "s1", "s2", "s3", "s1", "s3" };

    (void)state;
    begin();
    for (size_t i = 0; i < ALL; i++)
        add("consent_given", order[i], T0 + (msec)i);
    commit();
    for (size_t max = 1; max <= ALL + 1; max++) {
        struct consent_theirs theirs[ALL + 1], after = { 0 };
        size_t n, at = 0;

        do {
            assert_int_equal(
                consent_people_list(store, &after, theirs, max, &n, &e), 0);
            for (size_t i = 0; i < n; i++, at++) {
                assert_true(at < ALL);
                assert_string_equal(theirs[i].subject, want[at].subject);
                assert_int_equal(theirs[i].place.idx, want[at].idx);
                assert_int_equal(theirs[i].place.kind, 1);
            }
            if (n > 0)
                after = theirs[n - 1];
        } while (n == max);
        assert_int_equal(at, ALL);
    }
    check_plan();
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(times_are_found),
        T(a_clock_set_back_hides_nothing),
        T(what_was_rolled_back_is_entered_again),
        T(what_the_index_lacks_is_found),
        T(people_come_one_after_the_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

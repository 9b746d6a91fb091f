/* ledger: entries of texts alone are those that a tree of the same makes. */
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "resguardo/ledger.h"

#define T0 ((msec)1795000000000)

static struct store *store;
static struct ledger *ledger;
static char *folder;
static struct error e;

static int setup(void **state)
{
    char dir[128];

    (void)state;
    folder = unit_folder_new();
    (void)snprintf(dir, sizeof(dir), "%s/s", folder);
    assert_int_equal(store_create(dir, NULL, T0, &random_system, &e), 0);
    assert_int_equal(
        store_open(&store, dir, NULL, STORE_WRITER, &random_system, &e), 0);
    assert_int_equal(store_begin(store, &e), 0);
    assert_int_equal(ledger_create(store, "example.org", &random_system, &e),
                     0);
    assert_int_equal(store_commit(store, &e), 0);
    assert_int_equal(ledger_open(&ledger, store, &e), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ledger_close(&ledger);
    store_close(&store);
    unit_folder_free(folder);
    return 0;
}

static void append(void)
{
    json_t *entry = json_pack("{s:s,s:s}", "event_type", "daemon_started",
                              "time", "2026-11-24T00:17:53.000Z");

    assert_int_equal(ledger_append(ledger, entry, NULL, &e), 0);
    json_decref(entry);
}

static void commit(void)
{
    assert_int_equal(ledger_flush(ledger, &e), 0);
    assert_int_equal(store_commit(store, &e), 0);
    ledger_committed(ledger);
}

/* Texts in any order make what a tree of the same makes. */
static void texts_alone_make_the_same_entry(void **state)
{
    static const struct ledger_text texts[] = {
        { "time", "2026-11-24T00:17:54.123Z" },
        { "actor", "system" },
        { "subject", "s1" },
        { "reason", "" },
        { "case_id", NULL },
        { "event_type", "media_held" },
        { "w", "last" },
    };
    json_t *entry = json_pack("{s:s,s:s,s:s,s:s,s:s}", "w", "last", "subject",
                              "s1", "actor", "system", "event_type",
                              "media_held", "time", "2026-11-24T00:17:54.123Z");
    struct buf row = { 0 }, want = { 0 };
    uint64_t index = 99;

    (void)state;
    assert_int_equal(store_begin(store, &e), 0);
    append();
    assert_int_equal(ledger_append_texts(ledger, texts, 7, &index, &e), 0);
    assert_true(index == 1);
    commit();
    assert_int_equal(json_object_set_new(entry, "v", json_integer(1)), 0);
    assert_int_equal(json_object_set_new(entry, "index", json_integer(1)), 0);
    assert_int_equal(json_canonical(entry, &want), 0);
    assert_int_equal(ledger_row_get(store, 1, &row, &e), 1);
    assert_string_equal((const char *)row.p, (const char *)want.p);
    json_decref(entry);
    buf_free(&row);
    buf_free(&want);
}

static void texts_that_json_writes_otherwise_are_refused(void **state)
{
    static const struct ledger_text time = { "time",
                                             "2026-11-24T00:17:54.123Z" };
    const struct ledger_text bad[][2] = {
        { { "time", "2026-11-24" }, { "a", "b" } },
        { { "a", "no time" }, { "b", "c" } },
        { time, { "a", "\"" } },
        { time, { "a", "\\" } },
        { time, { "a", "line\n" } },
        { time, { "a", "ñ" } },
        { time, { "a\"", "b" } },
        { time, time },
    };
    struct ledger_text many[LEDGER_TEXTS_MAX + 1];

    (void)state;
    for (size_t k = 0; k <= LEDGER_TEXTS_MAX; k++)
        many[k] = time;
    assert_int_equal(store_begin(store, &e), 0);
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        assert_int_equal(ledger_append_texts(ledger, bad[k], 2, NULL, &e), -1);
        assert_int_equal(e.code, ERR_INVARIANT);
    }
    assert_int_equal(
        ledger_append_texts(ledger, many, LEDGER_TEXTS_MAX + 1, NULL, &e), -1);
    assert_int_equal(e.code, ERR_INVARIANT);
    append();
    commit();
    assert_true(ledger_size(ledger) == 1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(texts_alone_make_the_same_entry),
        T(texts_that_json_writes_otherwise_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

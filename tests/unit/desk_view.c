/* desk: the rows of the consent export out of a log of several blocks. */
#include "unit.h"

#include "desk/consent_private.h"

#include <stdlib.h>
#include <string.h>

#define T0   ((msec)1780000000000)
#define SIZE 3000u /* nearly six blocks of 512 */
#define MOST 40u   /* people */

static struct ledger_index places;
static struct store *store;
static struct consent_filter *filter;
static char *folder;
static struct error e;

/* Answers are spread thickly, then not at all for some blocks, then thinly; the
 * rest is not of the consent log. */
static const char *event_of(uint64_t i)
{
    if (i < 1200)
        return i % 3 == 0 ? "consent_given" : "media_held";
    if (i > 2800)
        return i % 50 == 0 ? "consent_withdrawn" : "notice_published";
    return "media_held";
}

static bool is_about_somebody(uint64_t i)
{
    return strcmp(event_of(i), "notice_published") != 0;
}

static void add(uint64_t i)
{
    uint8_t leaf[LEDGER_HASH_LEN] = { 0 };
    char text[400], time[TIME_SIZE], who[64] = "";
    int len;

    time_format(time, T0 + (msec)i * MSEC_S);
    if (is_about_somebody(i))
        (void)snprintf(who, sizeof(who), "\"subject\":\"s%026u\",",
                       (unsigned)(i * 7 % MOST));
    len = snprintf(text, sizeof(text),
                   "{\"event_type\":\"%s\",\"index\":%llu,\"policy\":\"p\","
                   "%s\"time\":\"%s\",\"v\":1}",
                   event_of(i), (unsigned long long)i, who, time);
    assert_int_equal(ledger_row_add(store, i, text, (size_t)len, leaf, &e), 0);
    assert_int_equal(ledger_index_add(&places, store, i, text, (size_t)len, &e),
                     0);
}

static int setup(void **state)
{
    char dir[128];

    (void)state;
    folder = unit_folder_new();
    (void)snprintf(dir, sizeof(dir), "%s/s", folder);
    assert_int_equal(store_create(dir, NULL, T0, &random_system, &e), 0);
    assert_int_equal(
        store_open(&store, dir, NULL, STORE_WRITER, &random_system, &e), 0);
    ledger_index_forget(&places);
    assert_int_equal(store_begin(store, &e), 0);
    for (uint64_t i = 0; i < SIZE; i++)
        add(i);
    assert_int_equal(store_commit(store, &e), 0);
    filter = calloc(1, sizeof(*filter));
    assert_non_null(filter);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(filter);
    store_close(&store);
    unit_folder_free(folder);
    return 0;
}

static int add_kind(void *arg, int64_t id, const char *name)
{
    const char *only = arg;
    struct consent_kind *k = &filter->kinds[filter->nkinds++];

    k->id = id;
    (void)strcpy(k->name, name);
    k->passes = only == NULL || strncmp(name, only, strlen(only)) == 0;
    return 0;
}

static void choose(const char *only, uint64_t from, uint64_t to)
{
    char name[40] = "";

    if (only != NULL)
        (void)snprintf(name, sizeof(name), "%s", only);
    memset(filter, 0, sizeof(*filter));
    filter->size = SIZE;
    filter->in = (struct ledger_span){ from, to, SIZE };
    assert_int_equal(
        consent_kind_list(store, add_kind, only != NULL ? name : NULL, &e), 0);
}

/* The indexes of all rows, in their order. */
static size_t told(uint64_t *out, size_t *pages)
{
    struct consent_view *v = consent_view_new(store, filter);
    struct buf page = { 0 };
    uint64_t rows = 0;
    size_t n = 0;
    int more;

    *pages = 0;
    do {
        buf_reset(&page);
        more = consent_view_page(v, &page, &rows, &e);
        assert_true(more >= 0);
        for (char *at = (char *)page.p; at != NULL && *at != '\0';
             at = strchr(at, '\n') + 1) {
            assert_true(n < SIZE);
            out[n++] = strtoull(at + strlen("{\"index\":"), NULL, 10);
        }
        assert_true(++*pages < SIZE);
    } while (more > 0);
    assert_true(rows == n);
    buf_free(&page);
    consent_view_free(&v);
    return n;
}

static void check(const char *only, uint64_t from, uint64_t to)
{
    static uint64_t is[SIZE];
    size_t n, at = 0, pages;

    choose(only, from, to);
    n = told(is, &pages);
    for (uint64_t i = from; i < to; i++) {
        const char *event = event_of(i);

        if (ledger_in_consent_log(event) &&
            (only == NULL || strcmp(only, event) == 0)) {
            assert_true(at < n);
            assert_true(is[at] == i);
            at++;
        }
    }
    assert_int_equal(at, n);
}

static void rows_are_those_of_the_log_in_order(void **state)
{
    (void)state;
    check(NULL, 0, SIZE);
    check(NULL, 1, SIZE - 1);
    check(NULL, 700, 2850);
    check(NULL, 1300, 1400);
    check("consent_given", 0, SIZE);
    check("consent_withdrawn", 0, SIZE);
    check("consent_withdrawn", 513, SIZE);
    check("consent_expired", 0, SIZE);
}

/* Blocks that have nothing are not read. */
static void what_is_rare_takes_few_pages(void **state)
{
    static uint64_t is[SIZE];
    size_t pages;

    (void)state;
    choose("consent_withdrawn", 0, SIZE);
    (void)told(is, &pages);
    assert_true(pages <= 5);
}

static void by_person_all_are_there_but_what_is_about_nobody(void **state)
{
    static uint64_t is[SIZE];
    size_t n, at = 0, pages;

    (void)state;
    choose(NULL, 9, 2900);
    filter->by_person = true;
    n = told(is, &pages);
    for (unsigned who = 0; who < MOST; who++)
        for (uint64_t i = 9; i < 2900; i++)
            if (ledger_in_consent_log(event_of(i)) && is_about_somebody(i) &&
                i * 7 % MOST == who) {
                assert_true(at < n);
                assert_true(is[at] == i);
                at++;
            }
    assert_int_equal(at, n);
    choose("consent_withdrawn", 0, SIZE);
    filter->by_person = true;
    assert_int_equal(told(is, &pages), 3);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(rows_are_those_of_the_log_in_order),
        T(what_is_rare_takes_few_pages),
        T(by_person_all_are_there_but_what_is_about_nobody),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

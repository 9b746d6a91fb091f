/* cli: what is odd about a reading, by the entry alone. */
#include "unit.h"

#include "cli/access.h"

static int setup(void **state)
{
    struct office hours;
    struct error e = { 0 };

    assert_int_equal(hours_zone("UTC", &e), 0);
    assert_int_equal(hours_parse(&hours, "08:00-18:00", &e), 0);
    *state = access_new(&hours);
    assert_non_null(*state);
    return 0;
}

static int teardown(void **state)
{
    struct access *a = *state;

    access_free(&a);
    return 0;
}

/* The flags of one entry; "-" where it is no reading. */
static const char *flags(struct access *a, const char *time, const char *event,
                         const char *more)
{
    static char out[200];
    struct error e = { 0 };
    struct buf text = { 0 };
    json_t *entry, *row = NULL;

    assert_int_equal(buf_addf(&text,
                              "{\"time\":\"%s\",\"event_type\":\"%s\","
                              "\"actor\":\"ana\",\"index\":3,\"v\":1%s}",
                              time, event, more),
                     0);
    entry = json_parse(text.p, text.len, &e);
    assert_non_null(entry);
    assert_int_equal(access_add(a, entry, &row, &e), 0);
    /* Nothing odd is null, as what is absent is. */
    assert_true(row == NULL || json_str(row, "flags") == NULL ||
                json_str(row, "flags")[0] != '\0');
    (void)snprintf(out, sizeof(out), "%s",
                   row == NULL                      ? "-"
                   : json_str(row, "flags") != NULL ? json_str(row, "flags")
                                                    : "");
    json_decref(row);
    json_decref(entry);
    buf_free(&text);
    return out;
}

#define THURSDAY "2026-11-26T"
#define CASE     ",\"case_id\":\"C\",\"subject\":\"s\",\"document_id\":\"d\""

static void hours_end_before_their_last_minute(void **state)
{
    struct access *a = *state;

    assert_string_equal(
        flags(a, THURSDAY "08:00:00.000Z", "document_shown", CASE), "");
    assert_string_equal(
        flags(a, THURSDAY "17:59:59.999Z", "document_shown", CASE), "");
    assert_string_equal(
        flags(a, THURSDAY "18:00:00.000Z", "document_shown", CASE),
        "out_of_hours");
    assert_string_equal(
        flags(a, THURSDAY "07:59:59.999Z", "document_shown", CASE),
        "out_of_hours");
    assert_string_equal(
        flags(a, "2026-11-28T12:00:00.000Z", "document_shown", CASE),
        "out_of_hours");
}

static void another_zone_has_other_hours(void **state)
{
    struct access *a = *state;
    struct error e = { 0 };

    assert_int_equal(hours_zone("America/Bogota", &e), 0);
    assert_string_equal(
        flags(a, THURSDAY "12:59:00.000Z", "document_shown", CASE),
        "out_of_hours");
    assert_string_equal(
        flags(a, THURSDAY "13:00:00.000Z", "document_shown", CASE), "");
    assert_int_equal(hours_zone("Mars/Olympus", &e), -1);
    assert_int_equal(e.code, ERR_USAGE);
    assert_int_equal(hours_zone("../passwd", &e), -1);
}

static void hours_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = { "",
                                       "9-5",
                                       "08:00",
                                       "18:00-08:00",
                                       "08:60-18:00",
                                       "08:00-24:01",
                                       "08:00-18:00x",
                                       "a8:00-18:00" };
    struct office h;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error e = { 0 };

        if (hours_parse(&h, bad[i], &e) == 0)
            fail_msg("%s", bad[i]);
        assert_int_equal(e.code, ERR_USAGE);
    }
}

static void all_at_once_and_no_case_are_odd(void **state)
{
    struct access *a = *state;

    assert_string_equal(
        flags(a, THURSDAY "12:00:00.000Z", "documents_listed", ""), "bulk");
    assert_string_equal(
        flags(a, THURSDAY "12:00:00.000Z", "subject_searched", ""), "");
    assert_string_equal(
        flags(a, THURSDAY "12:00:00.000Z", "subject_revealed", ""), "");
    assert_string_equal(
        flags(a, THURSDAY "12:00:00.000Z", "document_shown", ""), "no_case");
    assert_string_equal(flags(a, THURSDAY "12:00:00.000Z", "documents_listed",
                              ",\"case_id\":\"C\""),
                        "");
    assert_string_equal(flags(a, THURSDAY "12:00:00.000Z", "case_read", CASE),
                        "bulk");
    assert_string_equal(flags(a, THURSDAY "12:00:00.000Z", "access_denied", ""),
                        "denied");
    assert_string_equal(
        flags(a, THURSDAY "12:00:00.000Z", "consent_requested", ""), "-");
}

static void a_reading_that_nothing_carries_is_named(void **state)
{
    assert_string_equal(
        flags(*state, THURSDAY "12:00:00.000Z", "document_read", CASE),
        "after_withdrawal");
}

static void the_twentieth_file_in_an_hour_is_bulk(void **state)
{
    char time[TIME_SIZE];
    msec at = 0;

    assert_int_equal(time_parse(THURSDAY "12:00:00.000Z", &at), 0);
    for (unsigned i = 0; i < LIMIT_BULK_READS + 1; i++) {
        time_format(time, at + (msec)i * MSEC_S);
        assert_int_equal(
            strstr(flags(*state, time, "document_read", CASE), "bulk") != NULL,
            i + 1 >= LIMIT_BULK_READS);
    }
    time_format(time, at + 2 * MSEC_H);
    assert_null(strstr(flags(*state, time, "document_read", CASE), "bulk"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(hours_end_before_their_last_minute),
        T(another_zone_has_other_hours),
        T(hours_that_are_none_are_refused),
        T(all_at_once_and_no_case_are_odd),
        T(a_reading_that_nothing_carries_is_named),
        T(the_twentieth_file_in_an_hour_is_bulk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

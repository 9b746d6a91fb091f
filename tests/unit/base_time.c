/* Times, durations, ids and case codes. */
#include "unit.h"

#include <sys/wait.h>
#include <unistd.h>

#include "resguardo/base.h"

static void format_is(msec t, const char *expected)
{
    char text[TIME_SIZE];

    time_format(text, t);
    assert_string_equal(text, expected);
}

static void parse_is(const char *text, msec expected)
{
    msec t = -1;

    assert_int_equal(time_parse(text, &t), 0);
    assert_true(t == expected);
}

static void formats_known_moments(void **state)
{
    (void)state;
    format_is(0, "1970-01-01T00:00:00.000Z");
    format_is(-1, "1969-12-31T23:59:59.999Z");
    format_is(951782400000, "2000-02-29T00:00:00.000Z");
    format_is(1795479474123, "2026-11-24T00:17:54.123Z");
    format_is(4107542399999, "2100-02-28T23:59:59.999Z");
}

static void formats_within_four_digits_of_year(void **state)
{
    (void)state;
    format_is(INT64_MAX, "9999-12-31T23:59:59.999Z");
    format_is(INT64_MIN, "0000-01-01T00:00:00.000Z");
}

static void parses_offsets_and_fractions(void **state)
{
    (void)state;
    parse_is("2026-11-24T00:17:54.123Z", 1795479474123);
    parse_is("2026-11-23T19:17:54.1239-05:00", 1795479474123);
    parse_is("2026-11-24t01:17:54+01:00", 1795479474000);
    parse_is("1970-01-01T00:00:00.5z", 500);
    parse_is("2016-12-31T23:59:60Z", 1483228800000); /* leap second */
}

static void a_bare_date_is_its_midnight(void **state)
{
    (void)state;
    parse_is("2000-02-29", 951782400000);
}

static void format_and_parse_agree_for_each_day(void **state)
{
    (void)state;
    for (msec t = -62167219200000; t < 253402300800000; t += 97 * MSEC_D) {
        char text[TIME_SIZE];

        time_format(text, t);
        parse_is(text, t);
    }
}

static void refuses_other_times(void **state)
{
    static const char *const bad[] = {
        "",
        "2026",
        "2026-13-01",
        "2026-00-10",
        "2026-02-30",
        "2025-02-29",
        "1900-02-29",
        "2026-1-01",
        "+026-01-01",
        "2026-01-01T",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00Zx",
        "2026-01-01x",
    };
    msec t;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(time_parse(bad[i], &t), -1);
}

static void durations_in_each_unit(void **state)
{
    static const struct {
        const char *text;
        msec length;
    } known[] = {
        { "250ms", 250 },       { "90s", 90000 },     { "5m", 300000 },
        { "24h", 24 * MSEC_H }, { "7d", 7 * MSEC_D }, { "0s", 0 },
    };
    msec t;

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_int_equal(duration_parse(known[i].text, &t), 0);
        assert_true(t == known[i].length);
    }
}

static void refuses_other_durations(void **state)
{
    static const char *const bad[] = { "",
                                       "7",
                                       "d",
                                       "-7d",
                                       "7 d",
                                       "7D",
                                       "7w",
                                       "1h30m",
                                       "1.5h",
                                       "7d ",
                                       " 7d",
                                       "106751991168d",
                                       "99999999999999999999s" };
    msec t;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(duration_parse(bad[i], &t), -1);
}

static void fill_with(void *arg, void *out, size_t n)
{
    memset(out, *(const int *)arg, n);
}

/* Ids of one time begin alike and sort by time; the rest is random. */
static void ids_of_a_time_lie_together(void **state)
{
    char one[ID_SIZE], two[ID_SIZE], later[ID_SIZE];

    (void)state;
    id_new_at(one, 'a', 1795000000000, &random_system);
    id_new_at(two, 'a', 1795000000000, &random_system);
    id_new_at(later, 'a', 1795000000100, &random_system);
    assert_true(id_time(one) == 1795000000000);
    assert_true(id_time(later) == 1795000000100);
    assert_true(id_valid(one, 'a'));
    assert_memory_equal(one, two, 10);
    assert_string_not_equal(one, two);
    assert_true(strcmp(one, later) < 0 && strcmp(two, later) < 0);
}

static void case_codes_are_read_as_people_say_them(void **state)
{
    static const char *const same[] = { "CKJG-YSK7", "ckjg-ysk7", "CkjgYsk7" };
    static const char *const none[] = { "", "CKJG-YSK77", "CKJGYSK77" };
    char code[CASE_CODE_SIZE];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        case_code_read(code, same[i]);
        assert_string_equal(code, "CKJG-YSK7");
        case_code_read(code, none[i]);
        assert_string_equal(code, "");
    }
}

/* What is asked of the kernel ahead is nobody else's: not what was given, and
 * not what the other process of a fork is given. */
static void what_is_random_is_given_once(void **state)
{
    uint8_t all[200][16], theirs[16];
    int ends[2], status = -1;
    pid_t child;

    (void)state;
    for (int i = 0; i < 200; i++) {
        random_fill(&random_system, all[i], 16);
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(all[i], all[k], 16);
    }
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        random_fill(&random_system, theirs, 16);
        _exit(write(ends[1], theirs, 16) == 16 ? 0 : 1);
    }
    random_fill(&random_system, all[0], 16);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(ends[0], theirs, 16), 16);
    assert_memory_not_equal(theirs, all[0], 16);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void ids_hold_all_random_bits(void **state)
{
    int byte = 0xff;
    const struct random_source r = { fill_with, &byte };
    char id[ID_SIZE];

    (void)state;
    id_new(id, 's', &r);
    assert_string_equal(id, "szzzzzzzzzzzzzzzzzzzzzzzzz"
                            "w");
    assert_true(id_valid(id, 's'));
    byte = 0;
    id_new(id, 'd', &r);
    assert_string_equal(id, "d22222222222222222222222222");
}

static void system_ids_differ(void **state)
{
    char one[ID_SIZE], two[ID_SIZE];

    (void)state;
    id_new(one, 'a', &random_system);
    id_new(two, 'a', &random_system);
    assert_true(id_valid(one, 'a'));
    assert_string_not_equal(one, two);
}

static void refuses_other_ids(void **state)
{
    (void)state;
    assert_false(id_valid("", 's'));
    assert_false(id_valid("s", 's'));
    assert_false(id_valid("daaaaaaaaaaaaaaaaaaaaaaaaaa", 's'));
    assert_false(id_valid("saaaaaaaaaaaaaaaaaaaaaaaaa", 's'));
    assert_false(id_valid("saaaaaaaaaaaaaaaaaaaaaaaaaaa", 's'));
    assert_false(id_valid("saaaaaaaaaaaaaaaaaaaaaaaaaA", 's'));
    assert_false(id_valid("s22222222222222222222222223", 's'));
    assert_false(id_valid("s../../../../../../../../..", 's'));
}

static void case_codes_can_be_read_aloud(void **state)
{
    char code[CASE_CODE_SIZE];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        case_code_new(code, &random_system);
        assert_int_equal(strlen(code), 9);
        assert_int_equal(code[4], '-');
        assert_null(strpbrk(code, "01LIOAEU"));
        assert_int_equal(strspn(code, "23456789BCDFGHJKMNPQRSTVWXYZ-"), 9);
    }
}

static void case_codes_come_from_the_given_randomness(void **state)
{
    int byte = 0;
    const struct random_source r = { fill_with, &byte };
    char code[CASE_CODE_SIZE];

    (void)state;
    case_code_new(code, &r);
    assert_string_equal(code, "2222-2222");
}

static msec fixed_now(void *arg)
{
    return *(const msec *)arg;
}

static void a_clock_is_an_input(void **state)
{
    msec t = 42;
    const struct clock_source c = { fixed_now, &t };

    (void)state;
    assert_int_equal(clock_now(&c), 42);
    assert_true(clock_now(&clock_system) > 1700000000000);
    assert_true(clock_monotonic() <= clock_monotonic());
}

static void a_deadline_is_that_far_away_and_well_formed(void **state)
{
    (void)state;
    for (msec wait = 0; wait < 3000; wait += 333) {
        msec before = clock_monotonic();
        struct timespec at = clock_deadline(wait);
        msec then = at.tv_sec * 1000 + at.tv_nsec / 1000000;

        assert_true(at.tv_nsec >= 0 && at.tv_nsec < 1000000000);
        assert_true(then >= before + wait);
        assert_true(then <= clock_monotonic() + wait);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_known_moments),
        cmocka_unit_test(formats_within_four_digits_of_year),
        cmocka_unit_test(parses_offsets_and_fractions),
        cmocka_unit_test(a_bare_date_is_its_midnight),
        cmocka_unit_test(format_and_parse_agree_for_each_day),
        cmocka_unit_test(refuses_other_times),
        cmocka_unit_test(durations_in_each_unit),
        cmocka_unit_test(refuses_other_durations),
        cmocka_unit_test(case_codes_are_read_as_people_say_them),
        cmocka_unit_test(what_is_random_is_given_once),
        cmocka_unit_test(ids_hold_all_random_bits),
        cmocka_unit_test(ids_of_a_time_lie_together),
        cmocka_unit_test(system_ids_differ),
        cmocka_unit_test(refuses_other_ids),
        cmocka_unit_test(case_codes_can_be_read_aloud),
        cmocka_unit_test(case_codes_come_from_the_given_randomness),
        cmocka_unit_test(a_clock_is_an_input),
        cmocka_unit_test(a_deadline_is_that_far_away_and_well_formed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* base: days of a calendar, and zones from the system's database. */
#include "unit.h"

#include "resguardo/base.h"
#include "resguardo/limits.h"

static struct error err;

static civil_day day_of(const char *text)
{
    civil_day day;

    assert_int_equal(date_parse(text, &day), 0);
    return day;
}

static msec at(const char *text)
{
    msec t;

    assert_int_equal(time_parse(text, &t), 0);
    return t;
}

/* ---- days --------------------------------------------------------------- */

static void days_and_dates_agree_over_four_centuries(void **state)
{
    civil_day day = date_day(1899, 12, 31);

    (void)state;
    assert_int_equal(date_day(1970, 1, 1), 0);
    for (int year = 1900; year <= 2300; year++)
        for (int month = 1; month <= 12; month++)
            for (int d = 1; d <= date_month_length(year, month); d++) {
                struct date back = date_of(++day);

                assert_int_equal(date_day(year, month, d), day);
                assert_int_equal(back.year, year);
                assert_int_equal(back.month, month);
                assert_int_equal(back.day, d);
            }
    assert_int_equal(date_month_length(1900, 2), 28);
    assert_int_equal(date_month_length(2000, 2), 29);
}

static void weekdays_begin_with_monday(void **state)
{
    (void)state;
    assert_int_equal(date_weekday(day_of("2026-11-23")), 0);
    assert_int_equal(date_weekday(day_of("2026-11-29")), 6);
    assert_int_equal(date_weekday(day_of("1969-12-28")), 6);
    assert_int_equal(date_weekday(day_of("1960-02-29")), 0);
}

static void a_month_later_is_that_day_or_the_last(void **state)
{
    static const struct {
        const char *from;
        int n;
        const char *to;
    } cases[] = {
        { "2026-11-23", 1, "2026-12-23" },  { "2027-01-31", 1, "2027-02-28" },
        { "2028-01-31", 1, "2028-02-29" },  { "2026-12-31", 2, "2027-02-28" },
        { "2026-03-31", -1, "2026-02-28" }, { "2026-01-15", -13, "2024-12-15" },
        { "2026-01-15", 24, "2028-01-15" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(date_add_months(day_of(cases[i].from), cases[i].n),
                         day_of(cases[i].to));
}

static void only_a_whole_date_that_exists_is_one(void **state)
{
    static const char *const bad[] = {
        "",           "2026-02-29", "2026-13-01",           "2026-00-10",
        "2026-1-01",  "26-01-01",   "2026-01-01T00:00:00Z", "2026-01-01 ",
        "2026-01-1a", "2026/01/01",
    };
    char text[DATE_SIZE];
    civil_day day;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(date_parse(bad[i], &day), -1);
    date_format(text, day_of("1968-02-29"));
    assert_string_equal(text, "1968-02-29");
}

/* ---- zones -------------------------------------------------------------- */

static struct zone *zone(const char *name)
{
    struct zone *z;

    memset(&err, 0, sizeof(err));
    z = zone_load(name, &err);
    if (z == NULL)
        print_error("%s\n", err.text);
    assert_non_null(z);
    return z;
}

static void bogota_is_five_hours_behind_for_ever(void **state)
{
    struct zone *z = zone("America/Bogota");
    msec of_day;

    (void)state;
    assert_int_equal(zone_offset(z, at("2026-11-24T00:00:00Z")), -5 * 3600);
    assert_int_equal(zone_offset(z, at("2199-07-01T00:00:00Z")), -5 * 3600);
    /* The one summer that Colombia had. */
    assert_int_equal(zone_offset(z, at("1992-08-01T00:00:00Z")), -4 * 3600);
    assert_int_equal(zone_day(z, at("2026-11-24T04:59:59Z"), &of_day),
                     day_of("2026-11-23"));
    assert_int_equal(of_day, MSEC_D - MSEC_S);
    assert_int_equal(zone_day(z, at("2026-11-24T05:00:00Z"), &of_day),
                     day_of("2026-11-24"));
    assert_int_equal(of_day, 0);
    zone_free(&z);
    assert_null(z);
}

/* Past what the file lists, its rule goes on. */
static void madrid_changes_its_clocks_in_any_year(void **state)
{
    static const struct {
        const char *time;
        int hours;
    } cases[] = {
        { "2026-03-29T00:59:59Z", 1 }, { "2026-03-29T01:00:00Z", 2 },
        { "2026-10-25T00:59:59Z", 2 }, { "2026-10-25T01:00:00Z", 1 },
        { "2050-03-27T00:59:59Z", 1 }, { "2050-03-27T01:00:00Z", 2 },
        { "2050-10-30T00:59:59Z", 2 }, { "2050-10-30T01:00:00Z", 1 },
    };
    struct zone *z = zone("Europe/Madrid");

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(zone_offset(z, at(cases[i].time)),
                         cases[i].hours * 3600);
    zone_free(&z);
}

static void summer_may_lie_around_the_new_year(void **state)
{
    struct zone *z = zone("America/Santiago");

    (void)state;
    assert_int_equal(zone_offset(z, at("2045-01-01T00:00:00Z")), -3 * 3600);
    assert_int_equal(zone_offset(z, at("2045-07-01T00:00:00Z")), -4 * 3600);
    zone_free(&z);
}

static void a_wall_time_is_the_first_such_instant(void **state)
{
    struct zone *z = zone("Europe/Madrid");

    (void)state;
    assert_int_equal(zone_instant(z, day_of("2026-11-23"), 9 * MSEC_H),
                     at("2026-11-23T08:00:00Z"));
    /* 02:30 is shown twice. */
    assert_int_equal(zone_instant(z, day_of("2026-10-25"), 150 * 60 * MSEC_S),
                     at("2026-10-25T00:30:00Z"));
    /* 02:30 is never shown: as late after the jump as it was before. */
    assert_int_equal(zone_instant(z, day_of("2026-03-29"), 150 * 60 * MSEC_S),
                     at("2026-03-29T01:30:00Z"));
    /* Right at the jump, and 24:00. */
    assert_int_equal(zone_instant(z, day_of("2026-03-29"), 3 * MSEC_H),
                     at("2026-03-29T01:00:00Z"));
    assert_int_equal(zone_instant(z, day_of("2026-03-29"), 24 * MSEC_H),
                     zone_instant(z, day_of("2026-03-30"), 0));
    zone_free(&z);
}

/* The C library reads the same files in its own way. */
static void the_c_library_agrees(void **state)
{
    static const char *const names[] = {
        "America/Bogota",     "Europe/Madrid", "Atlantic/Canary",
        "America/New_York",   "Asia/Kolkata",  "Africa/Casablanca",
        "Australia/Lord_Howe"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *z = zone(names[i]);

        assert_int_equal(setenv("TZ", names[i], 1), 0);
        tzset();
        for (time_t t = 0; t < 4102444800; t += 1234567) {
            struct tm tm;

            assert_non_null(localtime_r(&t, &tm));
            if (tm.tm_gmtoff != zone_offset(z, (msec)t * MSEC_S))
                print_error("%s at %lld\n", names[i], (long long)t);
            assert_int_equal(tm.tm_gmtoff, zone_offset(z, (msec)t * MSEC_S));
        }
        zone_free(&z);
    }
    (void)unsetenv("TZ");
    tzset();
}

static void a_name_that_leads_elsewhere_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "/etc/passwd",
        "../../../etc/passwd",
        "Europe/../Europe/Madrid",
        "Europe/",
        "Europe//Madrid",
        "Europe/Nowhere",
        "Europe",
        "zone.tab",
        "Europe/Madrid ",
        "tzdata.zi",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&err, 0, sizeof(err));
        assert_null(zone_load(bad[i], &err));
        assert_int_equal(err.code, ERR_CONFIG);
    }
}

static struct buf madrid(void)
{
    struct buf file = { 0 };

    assert_int_equal(file_read("/usr/share/zoneinfo/Europe/Madrid",
                               LIMIT_ZONE_BYTES, &file, &err),
                     0);
    return file;
}

/* Cut anywhere, or with a byte too many, it is no zone. */
static void a_file_that_is_cut_is_refused(void **state)
{
    struct buf file = madrid();
    struct zone *z;

    (void)state;
    for (size_t n = 0; n < file.len; n++) {
        uint8_t *exact = malloc(n == 0 ? 1 : n);

        memcpy(exact, file.p, n);
        memset(&err, 0, sizeof(err));
        assert_null(zone_parse("x", exact, n, &err));
        assert_int_equal(err.code, ERR_CONFIG);
        free(exact);
    }
    assert_int_equal(buf_add(&file, "\n", 1), 0);
    assert_null(zone_parse("x", file.p, file.len, &err));
    file.len--;
    memset(&err, 0, sizeof(err));
    z = zone_parse("x", file.p, file.len, &err);
    assert_non_null(z);
    zone_free(&z);
    buf_free(&file);
}

/* ---- the rule at a file's end ------------------------------------------- */

#include "base/zone_private.h"

static int parse(const char *text)
{
    struct zone_rule rule;

    return zone_rule_parse(&rule, text, strlen(text));
}

static void only_a_whole_rule_is_one(void **state)
{
    static const char *const good[] = {
        "",
        "UTC0",
        "<-05>5",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "EST5EDT4,M3.2.0/2:00:00,M11.1.0",
        "XXX3YYY,J60/0,J300/-2",
        "<+0330>-3:30<+0430>,0,365/167",
    };
    static const char *const bad[] = {
        "5",
        "AB1",
        "CET",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-25",
        "CET-1CEST,M0.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J300",
        "CET-1CEST,366,1",
        "CET-1CEST,M3.5.0,M10.5.0/168",
        "CET-1CEST,M3.5.0,M10.5.0x",
        "<-05 5",
        "UTC0 ",
        "UTC00000",
        "CET-1:60",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(parse(good[i]), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (parse(bad[i]) == 0)
            print_error("taken: %s\n", bad[i]);
        assert_int_equal(parse(bad[i]), -1);
    }
}

/* Jn never counts 29 February, n does: 1 March of 2028 is J60 and 60. */
static void days_of_a_year_are_counted_in_two_ways(void **state)
{
    static const struct {
        const char *rule, *begins;
    } cases[] = {
        { "XXX0YYY,J59/0,J300/0", "2028-02-28" },
        { "XXX0YYY,J60/0,J300/0", "2028-03-01" },
        { "XXX0YYY,60/0,300/0", "2028-03-01" },
        { "XXX0YYY,59/0,300/0", "2028-02-29" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t begins = (int64_t)day_of(cases[i].begins) * 86400;
        struct zone_rule r;

        assert_int_equal(
            zone_rule_parse(&r, cases[i].rule, strlen(cases[i].rule)), 0);
        assert_int_equal(zone_rule_offset(&r, begins - 1), 0);
        assert_int_equal(zone_rule_offset(&r, begins), 3600);
    }
}

/* Far from any date of ours, nothing overflows. */
static void the_ends_of_time_have_an_offset(void **state)
{
    struct zone *z = zone("America/Bogota");

    (void)state;
    assert_int_equal(zone_offset(z, INT64_MAX), -5 * 3600);
    assert_true(zone_offset(z, INT64_MIN) < 0);
    assert_int_equal(date_of(zone_day(z, INT64_MAX, NULL)).year, 9999);
    zone_free(&z);
}

/* One form for all that customers read. */
static void a_day_is_written_with_its_name(void **state)
{
    static const struct {
        const char *language, *day;
    } days[] = {
        { "es-CO", "lunes 28 de diciembre de 2026" },
        { "es_ES", "lunes 28 de diciembre de 2026" },
        { "en", "Monday 28 December 2026" },
        { "pt-BR", "segunda-feira, 28 de dezembro de 2026" },
        { "fr", "2026-12-28" },
        { "", "2026-12-28" },
    };
    static const struct {
        const char *language;
        int minutes;
        const char *time;
    } times[] = {
        { "es-CO", 0, "lunes 28 de diciembre a las 12:00 a. m." },
        { "es-CO", 9 * 60 + 5, "lunes 28 de diciembre a las 9:05 a. m." },
        { "es-CO", 13 * 60, "lunes 28 de diciembre a la 1:00 p. m." },
        { "es-ES", 13 * 60, "lunes 28 de diciembre a las 13:00" },
        { "es-ES", 60, "lunes 28 de diciembre a la 1:00" },
        { "en", 9 * 60, "Monday 28 December at 9:00" },
        { "pt-BR", 23 * 60 + 59, "segunda-feira, 28 de dezembro, às 23:59" },
        { "fr", 9 * 60, "2026-12-28 9:00" },
    };
    char out[DATE_WORDS_AT_SIZE];
    civil_day day = date_day(2026, 12, 28);

    (void)state;
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        date_words(out, days[i].language, day);
        assert_string_equal(out, days[i].day);
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        date_words_at(out, times[i].language, day, times[i].minutes);
        assert_string_equal(out, times[i].time);
    }
    /* The longest there is fits. */
    date_words_at(out, "pt-BR", date_day(9999, 9, 29), 23 * 60 + 59);
    assert_string_equal(out, "quarta-feira, 29 de setembro, às 23:59");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_written_with_its_name),
        cmocka_unit_test(days_and_dates_agree_over_four_centuries),
        cmocka_unit_test(weekdays_begin_with_monday),
        cmocka_unit_test(a_month_later_is_that_day_or_the_last),
        cmocka_unit_test(only_a_whole_date_that_exists_is_one),
        cmocka_unit_test(bogota_is_five_hours_behind_for_ever),
        cmocka_unit_test(madrid_changes_its_clocks_in_any_year),
        cmocka_unit_test(summer_may_lie_around_the_new_year),
        cmocka_unit_test(a_wall_time_is_the_first_such_instant),
        cmocka_unit_test(the_c_library_agrees),
        cmocka_unit_test(a_name_that_leads_elsewhere_is_refused),
        cmocka_unit_test(a_file_that_is_cut_is_refused),
        cmocka_unit_test(only_a_whole_rule_is_one),
        cmocka_unit_test(days_of_a_year_are_counted_in_two_ways),
        cmocka_unit_test(the_ends_of_time_have_an_offset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The figures of the service, by known answers, and what is made of them. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cli/service.h"

/* Monday, 2026-11-16 00:00 in Bogotá, which is 05:00 UTC. */
#define MONDAY ((msec)1794805200000)

static struct service service;

static int setup(void **state)
{
    (void)state;
    (void)setenv("TZ", "America/Bogota", 1);
    tzset();
    return service_begin(&service);
}

static int teardown(void **state)
{
    (void)state;
    service_free(&service);
    return 0;
}

/* A line, in JSON with ' for "; AT is replaced by the time. */
static int add_line(const char *text, msec at, struct error *e)
{
    char line[512];
    const char *mark = strstr(text, "AT");
    int n = snprintf(line, sizeof(line), "%.*s%lld%s", (int)(mark - text), text,
                     (long long)at, mark + 2);

    assert_in_range(n, 1, sizeof(line) - 1);
    for (char *c = line; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    return service_add(&service, line, (size_t)n, e);
}

static void add(const char *text, msec at)
{
    struct error e = { 0 };

    if (add_line(text, at, &e) != 0)
        fail_msg("%s", e.text);
}

#define CASE(row, rest)                                                        \
    "{'row':'" row "','policy':'co','procedure':'cesantias','at':AT," rest "}"

static bool near(msec value, msec wanted)
{
    return value >= wanted && value * 100 <= wanted * 103;
}

static void what_is_counted_is_what_was_said(void **state)
{
    const struct service_figures *t = service.total;

    (void)state;
    add(CASE("opened", "'first':0"), MONDAY);
    add(CASE("opened", "'first':5000"), MONDAY + 1);
    add(CASE("opened", "'first':null"), MONDAY + 2);
    add("{'row':'opened','policy':'co','procedure':'','at':AT,'first':7000}",
        MONDAY + 3);
    for (int i = 1; i <= 10; i++) {
        char rest[192];

        (void)snprintf(rest, sizeof(rest),
                       "{'row':'closed','policy':'co','procedure':'cesantias',"
                       "'at':AT,'took':%lld,'person':%s,'elsewhere':%s}",
                       (long long)(i * MSEC_H), i <= 3 ? "true" : "false",
                       i == 1 ? "true" : "false");
        add(rest, MONDAY + i);
    }
    /* Of somebody who was erased nothing more is known. */
    add(CASE("closed", "'took':null,'person':null,'elsewhere':null"),
        MONDAY + 11);

    assert_int_equal(t->opened, 4);
    assert_int_equal(t->closed, 11);
    assert_int_equal(t->assistant.n, 3);
    assert_true(near(latency_at(&t->assistant, 50), 5000));
    assert_int_equal(t->resolution.n, 10);
    assert_true(near(latency_at(&t->resolution, 50), 5 * MSEC_H));
    assert_true(near(latency_at(&t->resolution, 90), 9 * MSEC_H));
    assert_int_equal(t->alone.of, 10);
    assert_int_equal(service_permille(&t->alone), 700);
    assert_int_equal(service_permille(&t->in_chat), 900);

    /* The same by procedure; a case without one has a row of its own. */
    service_sort(&service);
    assert_int_equal(service.nprocedures, 2);
    assert_string_equal(service.procedures[0]->name, "");
    assert_int_equal(service.procedures[0]->opened, 1);
    assert_string_equal(service.procedures[1]->name, "cesantias");
    assert_int_equal(service.procedures[1]->opened, 3);
    assert_int_equal(service.procedures[1]->closed, 11);
}

static void promises_and_requests_are_told_apart(void **state)
{
    static const char promise[] = CASE("ended", "'clock':'tramite','promise':"
                                                "true,'in_time':true");
    static const char late[] = CASE("ended", "'clock':'tramite','promise':true,"
                                             "'in_time':false");
    static const char request[] =
        "{'row':'ended','policy':'co','procedure':'','clock':'consulta',"
        "'promise':false,'at':AT,'in_time':true}";
    static const char overdue[] = CASE("overdue", "'clock':'tramite','promise':"
                                                  "true,'in_time':false");

    (void)state;
    add(promise, MONDAY);
    add(promise, MONDAY);
    add(late, MONDAY);
    add(request, MONDAY);
    add(overdue, 1000);
    service_sort(&service);
    assert_int_equal(service_permille(&service.total->promised), 667);
    assert_int_equal(service_permille(&service.total->answered), 1000);
    assert_int_equal(service.total->overdue, 1);

    /* What is overdue is so now: it makes no week of 1970. */
    assert_int_equal(service.nweeks, 1);
    assert_int_equal(service.nclocks, 2);
    assert_string_equal(service.clocks[0].name, "tramite");
    assert_int_equal(service.clocks[0].in_time.of, 3);
    assert_int_equal(service.clocks[0].overdue, 1);
    assert_false(service.clocks[1].promise);
    assert_int_equal(service.nprocedures, 1);
}

static void ratings_have_a_mean_and_a_rate(void **state)
{
    static const int scores[] = { 5, 5, 4, 1 };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char line[128];

        (void)snprintf(line, sizeof(line),
                       "{'row':'rating','policy':'co','procedure':'cesantias',"
                       "'at':AT,'score':%d}",
                       scores[i]);
        add(line, MONDAY);
    }
    add(CASE("rating", "'score':null"), MONDAY);
    assert_int_equal(service.total->rated.of, 5);
    assert_int_equal(service_permille(&service.total->rated), 800);
    assert_int_equal(service_mean(service.total), 375);
    assert_int_equal(service.total->scores[4], 2);
    assert_int_equal(service.total->scores[0], 1);
    assert_int_equal(service.total->scores[1], 0);
}

static void weeks_begin_on_monday_in_the_zone(void **state)
{
    (void)state;
    add(CASE("opened", "'first':0"), MONDAY);
    add(CASE("opened", "'first':0"), MONDAY + 7 * MSEC_D - 1);
    add(CASE("opened", "'first':0"), MONDAY + 7 * MSEC_D);
    add(CASE("closed", "'took':1,'person':false,'elsewhere':false"),
        MONDAY - 1);
    assert_int_equal(service.nweeks, 3);
    assert_string_equal(service.weeks[0]->name, "2026-11-09");
    assert_string_equal(service.weeks[1]->name, "2026-11-16");
    assert_int_equal(service.weeks[1]->opened, 2);
    assert_string_equal(service.weeks[2]->name, "2026-11-23");
    assert_int_equal(service.weeks[2]->opened, 1);
}

static void hand_overs_have_two_times(void **state)
{
    (void)state;
    add("{'row':'handover','policy':'co','at':AT,'taken':true,'first':7200000,"
        "'first_open':600000}",
        MONDAY);
    add("{'row':'handover','policy':'co','at':AT,'taken':false,'first':null,"
        "'first_open':null}",
        MONDAY);
    assert_int_equal(service.total->handovers, 2);
    assert_int_equal(service_permille(&service.total->taken), 500);
    assert_int_equal(service.total->person.n, 1);
    assert_true(near(latency_at(&service.total->person, 50), 2 * MSEC_H));
    assert_true(near(latency_at(&service.total->person_open, 50), 600000));
    assert_int_equal(service.nprocedures, 0);
}

static void what_is_no_line_is_refused(void **state)
{
    static const char *const bad[] = {
        "{'row':'nobody','policy':'co','procedure':'','at':AT}",
        "{'policy':'co','at':AT}",
        "{'row':'opened','at':AT}",
        "{'row':'opened','policy':'co','at':'AT'}",
        "{'row':'ended','policy':'co','at':AT}",
        "[AT]",
        "{'row':AT",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error e = { 0 };

        assert_int_equal(add_line(bad[i], MONDAY, &e), -1);
        assert_int_not_equal(e.code, ERR_NONE);
    }
    assert_int_equal(service.total->opened, 0);
}

/* Ten years are enough for anybody; a clock that was wrong must not make of a
 * report what no machine holds. */
static void weeks_have_an_end(void **state)
{
    struct error e = { 0 };
    int ok = 0;
    unsigned n = 0;

    (void)state;
    while (ok == 0 && n <= LIMIT_SERVICE_WEEKS + 1)
        ok = add_line(CASE("opened", "'first':0"),
                      MONDAY + (msec)n++ * 7 * MSEC_D, &e);
    assert_int_equal(ok, -1);
    assert_int_equal(n, LIMIT_SERVICE_WEEKS + 1);
}

/* ---- for programs and people -------------------------------------------- */

static const struct service_about about = { .zone = "America/Bogota",
                                            .since = MONDAY,
                                            .until = INT64_MAX,
                                            .made = MONDAY + MSEC_D };

static void a_table_says_nothing_that_is_not_known(void **state)
{
    struct buf out = { 0 };
    json_t *o, *total;
    struct error e = { 0 };

    (void)state;
    add(CASE("opened", "'first':5000"), MONDAY);
    service_sort(&service);
    assert_int_equal(service_json(&out, &service, &about), 0);
    assert_non_null(o = json_parse(out.p, out.len, &e));
    assert_string_equal(json_str(o, "since"), "2026-11-16T05:00:00.000Z");
    assert_true(json_is_null(json_object_get(o, "until")));
    assert_true(json_is_null(json_object_get(o, "policy")));
    assert_int_equal(json_array_size(json_object_get(o, "groups")), 3);
    total = json_array_get(json_object_get(o, "groups"), 0);
    assert_string_equal(json_str(total, "group"), "total");
    assert_int_equal(json_integer_value(json_object_get(total, "opened")), 1);
    assert_true(json_is_null(json_object_get(total, "resolution_median_ms")));
    assert_true(
        json_is_null(json_object_get(total, "without_person_permille")));
    assert_true(json_is_null(json_object_get(total, "score_mean_hundredths")));
    json_decref(o);

    /* The same members in CSV, and as many cells in each row. */
    buf_reset(&out);
    assert_int_equal(service_csv(&out, &service), 0);
    {
        const char *line = (const char *)out.p;
        int commas = -1, lines = 0;

        for (const char *end; (end = strstr(line, "\r\n")) != NULL;
             line = end + 2, lines++) {
            int n = 0;

            for (const char *c = line; c < end; c++)
                n += *c == ',';
            assert_true(commas < 0 || commas == n);
            commas = n;
        }
        assert_int_equal(lines, 4);
        assert_non_null(strstr((char *)out.p, "group,policy,name,opened,"));
        assert_non_null(strstr((char *)out.p, "\r\nprocedure,co,cesantias,1,"));
    }
    buf_free(&out);
}

static void a_page_of_nothing_and_of_something(void **state)
{
    struct service_about spanish = about, english = about;
    struct buf out = { 0 };

    (void)state;
    english.english = true;
    assert_int_equal(service_sheet(&out, &service, &english), 0);
    assert_non_null(strstr((char *)out.p, "Nothing happened in this time."));
    add(CASE("closed", "'took':3600000,'person':false,'elsewhere':true"),
        MONDAY);
    add(CASE("rating", "'score':4"), MONDAY);
    service_sort(&service);
    buf_reset(&out);
    assert_int_equal(service_sheet(&out, &service, &spanish), 0);
    assert_non_null(strstr((char *)out.p, "100,0\u00a0%"));
    assert_non_null(strstr((char *)out.p, "4,00"));
    assert_non_null(strstr((char *)out.p, "cesantias"));
    buf_free(&out);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_counted_is_what_was_said),
        T(promises_and_requests_are_told_apart),
        T(ratings_have_a_mean_and_a_rate),
        T(weeks_begin_on_monday_in_the_zone),
        T(hand_overs_have_two_times),
        T(what_is_no_line_is_refused),
        T(weeks_have_an_end),
        T(a_table_says_nothing_that_is_not_known),
        T(a_page_of_nothing_and_of_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

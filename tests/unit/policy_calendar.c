/* policy: which days count, when somebody is there, when an answer is due. */
#include "policy_help.h"

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

static void assert_day(civil_day day, const char *want)
{
    char text[DATE_SIZE];

    date_format(text, day);
    assert_string_equal(text, want);
}

/* ---- the holidays of Colombia ------------------------------------------- */

static void colombia_has_the_holidays_of_ley_51(void **state)
{
    static const struct {
        int year;
        const char *days[COLOMBIA_HOLIDAYS];
    } years[] = {
        { 2026,
          { "01-01", "01-12", "03-23", "04-02", "04-03", "05-01", "05-18",
            "06-08", "06-15", "06-29", "07-20", "08-07", "08-17", "10-12",
            "11-02", "11-16", "12-08", "12-25" } },
        { 2027,
          { "01-01", "01-11", "03-22", "03-25", "03-26", "05-01", "05-10",
            "05-31", "06-07", "07-05", "07-20", "08-07", "08-16", "10-18",
            "11-01", "11-15", "12-08", "12-25" } },
    };
    struct holiday got[COLOMBIA_HOLIDAYS];

    (void)state;
    for (size_t y = 0; y < 2; y++) {
        holiday_colombia(years[y].year, got);
        for (size_t i = 0; i < COLOMBIA_HOLIDAYS; i++) {
            char want[DATE_SIZE];

            (void)snprintf(want, sizeof(want), "%d-%s", years[y].year,
                           years[y].days[i]);
            assert_day(got[i].day, want);
        }
    }
}

/* Two holidays on one day, in these years of a century and no others. */
static void two_holidays_may_be_one_day(void **state)
{
    static const char *const days[] = { "2019-07-01", "2025-06-30",
                                        "2030-07-01", "2038-07-05" };
    struct holiday got[COLOMBIA_HOLIDAYS];
    size_t found = 0;

    (void)state;
    for (int year = 2019; year <= 2038; year++) {
        holiday_colombia(year, got);
        for (size_t i = 1; i < COLOMBIA_HOLIDAYS; i++)
            if (got[i].day == got[i - 1].day)
                assert_day(got[i].day, days[found++]);
    }
    assert_int_equal(found, 4);
}

/* ---- business days ------------------------------------------------------ */

static void business_days_are_counted_from_the_day_after(void **state)
{
    static const struct {
        const char *from;
        int n;
        const char *to;
    } cases[] = {
        { "2026-11-23", 10, "2026-12-07" }, { "2026-11-23", 15, "2026-12-15" },
        { "2026-11-23", 23, "2026-12-28" }, { "2026-12-18", 10, "2027-01-05" },
        { "2026-12-18", 15, "2027-01-13" }, { "2026-03-27", 10, "2026-04-14" },
        { "2026-03-27", 15, "2026-04-21" }, { "2026-04-04", 1, "2026-04-06" },
        { "2026-11-23", 0, "2026-11-23" },  { "2026-12-07", -10, "2026-11-23" },
    };
    struct policy *p = load_good(CO);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_day(
            calendar_add(&p->calendar, day_of(cases[i].from), cases[i].n),
            cases[i].to);
    assert_day(calendar_roll(&p->calendar, day_of("2026-12-05")), "2026-12-07");
    assert_day(calendar_roll(&p->calendar, day_of("2026-12-08")), "2026-12-09");
    assert_day(calendar_roll(&p->calendar, day_of("2026-12-09")), "2026-12-09");
    policy_free(&p);
}

static void saturday_is_a_business_day_where_it_is_said(void **state)
{
    struct policy *p;

    (void)state;
    p = load_good(CO);
    assert_false(calendar_business(&p->calendar, day_of("2026-11-28")));
    policy_free(&p);
    swap(CO, YAML, "saturday: false", "saturday: true");
    p = load_good(CO);
    assert_true(calendar_business(&p->calendar, day_of("2026-11-28")));
    assert_false(calendar_business(&p->calendar, day_of("2026-11-29")));
    assert_false(calendar_business(&p->calendar, day_of("2027-05-01")));
    policy_free(&p);
}

#define DAYS "days.yaml"

static void the_houses_own_days_go_before_the_lists(void **state)
{
    static const char text[] =
        "days:\n"
        "  - {date: 2026-11-24, effect: holiday, name: Decretado}\n"
        "  - {date: 2026-11-25, effect: closed, name: Inventario}\n"
        "  - {date: 2026-12-08, effect: working, name: Jornada}\n"
        "  - {date: 2026-12-25, effect: closed, name: Navidad}\n";
    struct policy *p = load_good(CO);
    const struct calendar *c;
    char former[17];

    (void)state;
    memcpy(former, p->calendar.version, sizeof(former));
    policy_free(&p);
    put_text(CO, DAYS, text, strlen(text));
    p = load_good(CO);
    c = &p->calendar;
    assert_string_not_equal(c->version, former);
    assert_false(calendar_business(c, day_of("2026-11-24")));
    assert_string_equal(calendar_holiday(c, day_of("2026-11-24")), "Decretado");
    assert_true(calendar_closed(c, day_of("2026-11-24")));
    /* Closed doors do not stop a term. */
    assert_true(calendar_business(c, day_of("2026-11-25")));
    assert_true(calendar_closed(c, day_of("2026-11-25")));
    assert_true(calendar_business(c, day_of("2026-12-08")));
    assert_false(calendar_closed(c, day_of("2026-12-08")));
    /* Nor do they make a holiday a business day. */
    assert_false(calendar_business(c, day_of("2026-12-25")));
    policy_free(&p);
}

static void spain_has_its_holidays_from_a_list(void **state)
{
    struct policy *p = load_good(ES);
    const struct calendar *c = &p->calendar;

    (void)state;
    assert_false(calendar_business(c, day_of("2026-04-02"))); /* of Madrid */
    assert_false(calendar_business(c, day_of("2026-12-08")));
    assert_false(calendar_business(c, day_of("2026-05-15"))); /* days.yaml */
    assert_true(calendar_business(c, day_of("2026-04-06")));  /* of Catalonia */
    assert_true(calendar_known(c, day_of("2026-06-01")));
    assert_false(calendar_known(c, day_of("2031-06-01")));
    assert_true(calendar_business(c, day_of("2031-12-25")));
    policy_free(&p);

    swap(ES, YAML, "regions: [ES-MD]", "regions: [ES-CT]");
    p = load_good(ES);
    assert_true(calendar_business(&p->calendar, day_of("2026-04-02")));
    assert_false(calendar_business(&p->calendar, day_of("2026-04-06")));
    policy_free(&p);
}

/* The lists have it as a holiday, and the house says that it is closed. */
static void a_house_that_closes_on_a_holiday_changes_nothing(void **state)
{
    static const char text[] =
        "days:\n  - {date: 2026-12-25, effect: closed, name: Cerrado}\n"
        "  - {date: 2026-10-12, effect: working, name: Abierto}\n";
    struct policy *p;

    (void)state;
    put_text(ES, DAYS, text, strlen(text));
    p = load_good(ES);
    assert_false(calendar_business(&p->calendar, day_of("2026-12-25")));
    assert_true(calendar_business(&p->calendar, day_of("2026-10-12")));
    policy_free(&p);
}

static void a_region_that_a_year_lacks_is_said(void **state)
{
    struct policy *p = load_good(ES);

    (void)state;
    assert_int_equal(json_array_size(p->warnings), 1);
    assert_non_null(strstr(json_string_value(json_array_get(p->warnings, 0)),
                           "holidays.yaml: 2027: has no days of ES-MD"));
    policy_free(&p);
}

/* ---- opening hours ------------------------------------------------------ */

static bool open_at(const struct policy *p, const char *time)
{
    return hours_open(policy_hours(p, "1"), &p->calendar, at(time));
}

static void an_office_has_breaks_and_closes_on_holidays(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    /* A Tuesday in Bogotá: 08:00-12:00, 13:00-17:00. */
    assert_false(open_at(p, "2026-11-24T07:59:59-05:00"));
    assert_true(open_at(p, "2026-11-24T08:00:00-05:00"));
    assert_true(open_at(p, "2026-11-24T11:59:59-05:00"));
    assert_false(open_at(p, "2026-11-24T12:00:00-05:00"));
    assert_true(open_at(p, "2026-11-24T13:00:00-05:00"));
    assert_false(open_at(p, "2026-11-24T17:00:00-05:00"));
    assert_true(open_at(p, "2026-11-28T09:30:00-05:00"));  /* Saturday */
    assert_false(open_at(p, "2026-11-29T09:30:00-05:00")); /* Sunday */
    assert_false(open_at(p, "2026-12-08T09:30:00-05:00")); /* holiday */
    policy_free(&p);
}

static void the_next_opening_skips_nights_and_holidays(void **state)
{
    static const struct {
        const char *from, *next;
    } cases[] = {
        { "2026-11-24T09:15:00-05:00", "2026-11-24T09:15:00-05:00" },
        { "2026-11-24T12:30:00-05:00", "2026-11-24T13:00:00-05:00" },
        { "2026-11-24T23:30:00-05:00", "2026-11-25T08:00:00-05:00" },
        { "2026-11-28T12:00:00-05:00", "2026-11-30T08:00:00-05:00" },
        { "2026-12-07T20:00:00-05:00", "2026-12-09T08:00:00-05:00" },
        { "2026-04-01T18:00:00-05:00", "2026-04-04T09:00:00-05:00" },
    };
    struct policy *p = load_good(CO);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        msec next;

        assert_int_equal(
            hours_next(&p->hours[0], &p->calendar, at(cases[i].from), &next),
            0);
        assert_int_equal(next, at(cases[i].next));
    }
    policy_free(&p);
}

static void who_never_opens_has_no_next_opening(void **state)
{
    struct policy *p = load_good(CO);
    struct hours never = { .nnumbers = 0 };
    msec next;

    (void)state;
    assert_int_equal(hours_next(&never, &p->calendar, 0, &next), -1);
    assert_false(hours_open(&never, &p->calendar, 0));
    policy_free(&p);
}

static void minutes_of_opening_are_counted(void **state)
{
    static const struct {
        const char *from, *until;
        int minutes;
    } cases[] = {
        { "2026-11-24T08:00:00-05:00", "2026-11-24T09:00:00-05:00", 60 },
        { "2026-11-24T11:30:00-05:00", "2026-11-24T13:30:00-05:00", 60 },
        { "2026-11-24T00:00:00-05:00", "2026-11-25T00:00:00-05:00", 480 },
        { "2026-11-27T15:30:00-05:00", "2026-11-30T08:30:00-05:00", 240 },
        { "2026-12-07T16:00:00-05:00", "2026-12-09T09:00:00-05:00", 120 },
        { "2026-11-24T09:00:00-05:00", "2026-11-24T08:00:00-05:00", 0 },
    };
    struct policy *p = load_good(CO);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(hours_between(&p->hours[0], &p->calendar,
                                       at(cases[i].from), at(cases[i].until)),
                         cases[i].minutes);
    policy_free(&p);
}

/* A night shift of the hour that clocks skip is an hour shorter. */
static void a_day_on_which_clocks_change_is_as_long_as_it_is(void **state)
{
    struct policy *p;

    (void)state;
    swap(ES, YAML, "      friday: [\"09:00-15:00\"]\n",
         "      friday: [\"09:00-15:00\"]\n      sunday: [\"00:00-24:00\"]\n");
    p = load_good(ES);
    assert_int_equal(hours_between(&p->hours[0], &p->calendar,
                                   at("2026-03-28T23:00:00Z"),
                                   at("2026-03-30T00:00:00Z")),
                     23 * 60);
    assert_int_equal(hours_between(&p->hours[0], &p->calendar,
                                   at("2026-10-24T22:00:00Z"),
                                   at("2026-10-26T00:00:00Z")),
                     25 * 60);
    policy_free(&p);
}

static void a_special_day_goes_before_the_week(void **state)
{
    struct policy *p = load_good(ES);

    (void)state;
    assert_true(open_at(p, "2026-12-24T12:59:00+01:00"));
    assert_false(open_at(p, "2026-12-24T13:00:00+01:00"));
    assert_false(open_at(p, "2026-12-24T17:00:00+01:00"));
    assert_true(open_at(p, "2026-12-23T17:00:00+01:00"));
    policy_free(&p);
}

static void a_number_may_have_hours_of_its_own(void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, YAML, "  - numbers: all\n",
         "  - numbers: [\"106540352242922\"]\n"
         "    week:\n"
         "      sunday: [\"10:00-11:00\"]\n"
         "  - numbers: all\n");
    p = load_good(CO);
    assert_ptr_equal(policy_hours(p, "106540352242922"), &p->hours[0]);
    assert_ptr_equal(policy_hours(p, "106540352242923"), &p->hours[1]);
    assert_true(hours_open(&p->hours[0], &p->calendar,
                           at("2026-11-29T10:30:00-05:00")));
    policy_free(&p);
}

/* ---- clocks ------------------------------------------------------------- */

static struct due due(const struct policy *p, const char *clock,
                      const char *received, int extensions)
{
    struct due d;
    int k = policy_clock(p, clock);

    assert_true(k >= 0);
    assert_int_equal(
        due_find(&p->clocks[k], &p->calendar, at(received), extensions, &d), 0);
    return d;
}

#define NOON "T12:00:00-05:00"

static void a_consulta_is_due_by_either_reading_of_the_law(void **state)
{
    struct policy *p = load_good(CO);
    struct due d = due(p, "consulta", "2026-11-23" NOON, 0);

    (void)state;
    assert_day(d.due, "2026-12-07");
    assert_day(d.due_early, "2026-12-04");
    assert_int_equal(d.due_at, at("2026-12-08T00:00:00-05:00"));
    assert_int_equal(d.due_early_at, at("2026-12-05T00:00:00-05:00"));
    assert_int_equal(d.warn_at, at("2026-12-01T00:00:00-05:00"));
    assert_false(d.unknown_year);
    /* Received on a Sunday, the first day is Monday by either reading. */
    d = due(p, "consulta", "2026-11-22" NOON, 0);
    assert_day(d.due, "2026-12-04");
    assert_day(d.due_early, "2026-12-04");
    policy_free(&p);
}

static void a_reclamo_may_be_extended_once(void **state)
{
    struct policy *p = load_good(CO);
    struct due d = due(p, "reclamo", "2026-11-23" NOON, 0);
    int k = policy_clock(p, "reclamo");

    (void)state;
    assert_day(d.due, "2026-12-15");
    assert_day(d.due_early, "2026-12-15");
    assert_day(due(p, "reclamo", "2026-11-23" NOON, 1).due, "2026-12-28");
    assert_int_equal(due_find(&p->clocks[k], &p->calendar, 0, 2, &d), -1);
    assert_int_equal(due_find(&p->clocks[k], &p->calendar, 0, -1, &d), -1);
    assert_day(due(p, "incidente", "2026-12-18" NOON, 0).due, "2027-01-13");
    policy_free(&p);
}

/* What the provider's clock says, on the calendar of the place, at any hour. */
static void receipt_is_of_the_local_day(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_day(due(p, "reclamo", "2026-11-24T04:59:59Z", 0).received,
               "2026-11-23");
    assert_day(due(p, "reclamo", "2026-11-24T04:59:59Z", 0).due, "2026-12-15");
    assert_day(due(p, "reclamo", "2026-11-24T05:00:00Z", 0).due, "2026-12-16");
    policy_free(&p);
}

static void a_month_is_the_calendars_and_rolls(void **state)
{
    struct policy *p = load_good(ES);
    struct due d = due(p, "derechos", "2026-11-23T10:00:00+01:00", 0);

    (void)state;
    assert_day(d.due, "2026-12-23");
    assert_day(d.due_early, "2026-12-23");
    d = due(p, "derechos", "2027-01-31T10:00:00+01:00", 0);
    assert_day(d.due_early, "2027-02-28");
    assert_day(d.due, "2027-03-01");
    assert_int_equal(d.due_at, at("2027-03-02T00:00:00+01:00"));
    /* Two more months, both counted from receipt. */
    assert_day(due(p, "derechos", "2026-11-23T10:00:00+01:00", 1).due,
               "2027-02-23");
    assert_true(due(p, "derechos", "2031-06-02T10:00:00Z", 0).unknown_year);
    policy_free(&p);
}

static void seventy_two_hours_know_no_weekend(void **state)
{
    struct policy *p = load_good(ES);
    struct due d = due(p, "brecha", "2026-12-04T18:30:00+01:00", 0);

    (void)state;
    assert_int_equal(d.due_at, at("2026-12-07T18:30:00+01:00"));
    assert_int_equal(d.due_early_at, d.due_at);
    assert_day(d.due, "2026-12-07");
    assert_int_equal(d.warn_at, at("2026-12-06T18:30:00+01:00"));
    assert_false(d.unknown_year);
    policy_free(&p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(colombia_has_the_holidays_of_ley_51),
        TEST(two_holidays_may_be_one_day),
        TEST(business_days_are_counted_from_the_day_after),
        TEST(saturday_is_a_business_day_where_it_is_said),
        TEST(the_houses_own_days_go_before_the_lists),
        TEST(spain_has_its_holidays_from_a_list),
        TEST(a_house_that_closes_on_a_holiday_changes_nothing),
        TEST(a_region_that_a_year_lacks_is_said),
        TEST(an_office_has_breaks_and_closes_on_holidays),
        TEST(the_next_opening_skips_nights_and_holidays),
        TEST(who_never_opens_has_no_next_opening),
        TEST(minutes_of_opening_are_counted),
        TEST(a_day_on_which_clocks_change_is_as_long_as_it_is),
        TEST(a_special_day_goes_before_the_week),
        TEST(a_number_may_have_hours_of_its_own),
        TEST(a_consulta_is_due_by_either_reading_of_the_law),
        TEST(a_reclamo_may_be_extended_once),
        TEST(receipt_is_of_the_local_day),
        TEST(a_month_is_the_calendars_and_rolls),
        TEST(seventy_two_hours_know_no_weekend),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

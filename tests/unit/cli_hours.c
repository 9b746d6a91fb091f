/* The opening hours that a desk tells of, and what is out of them. */
#include "unit.h"

#include <string.h>

#include "cli/access.h"

/* Wednesday, 2026-11-18 in Bogotá, five hours behind UTC. */
#define WEDNESDAY ((msec)1794978000000)
#define AT(h, m)  (WEDNESDAY + ((h)*60 + (m)) * 60 * MSEC_S)

/* JSON with ' for ". */
static int read_hours(struct desk_hours **out, const char *text)
{
    struct error e = { 0 };
    char *copy = strdup(text);
    json_t *o;
    int ok;

    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    o = json_parse(copy, strlen(copy), &e);
    assert_non_null(o);
    ok = desk_hours_read(out, o, &e);
    assert_true(ok == 0 || e.code != ERR_NONE);
    json_decref(o);
    free(copy);
    return ok;
}

#define WEEK "[[[480,720]],[],[[480,720],[780,1020]],[],[],[],[]]"
#define POLICY(week, special, closed)                                          \
    "[{'hours':{'timezone':'America/Bogota','tables':[{'week':" week           \
    ",'special':" special "}],'closed':" closed "}}]"

static void it_is_open_as_the_policy_says(void **state)
{
    struct desk_hours *h;
    struct office office = OFFICE_USUAL;

    (void)state;
    assert_int_equal(read_hours(&h, POLICY(WEEK, "[]", "['2026-11-25']")), 0);
    assert_non_null(h);
    office.policies = h;
    assert_false(desk_hours_open(h, AT(7, 59)));
    assert_true(desk_hours_open(h, AT(8, 0)));
    assert_false(desk_hours_open(h, AT(12, 30)));
    assert_true(desk_hours_open(h, AT(16, 59)));
    assert_false(desk_hours_open(h, AT(17, 0)));

    /* The noon, which is in office hours else, is out of these. */
    assert_true(hours_over(&office, AT(12, 30)));
    assert_false(hours_over(&office, AT(13, 0)));

    /* A week later it is a holiday. */
    assert_false(desk_hours_open(h, AT(9, 0) + 7 * MSEC_D));
    assert_true(desk_hours_open(h, AT(9, 0) + 14 * MSEC_D));
    assert_true(hours_usually_over(&office, 1, 9));
    assert_false(hours_usually_over(&office, 2, 9));
    assert_true(hours_usually_over(&office, 2, 12));
    desk_hours_free(&h);
}

static void a_special_day_goes_before_the_week(void **state)
{
    struct desk_hours *h;

    (void)state;
    assert_int_equal(
        read_hours(&h, POLICY(WEEK, "[{'day':'2026-11-18','open':[[600,660]]}]",
                              "[]")),
        0);
    assert_false(desk_hours_open(h, AT(9, 0)));
    assert_true(desk_hours_open(h, AT(10, 30)));
    desk_hours_free(&h);
}

static void where_no_policy_has_hours_there_are_none(void **state)
{
    struct desk_hours *h;
    struct office office = OFFICE_USUAL;

    (void)state;
    assert_int_equal(read_hours(&h, "[{'policy':'a'},{'hours':null}]"), 0);
    assert_null(h);
    assert_false(hours_usually_over(&office, 0, 7));
    assert_true(hours_usually_over(&office, 0, 19));
    assert_true(hours_usually_over(&office, 5, 9));
}

static void of_two_policies_either_is_enough(void **state)
{
    struct desk_hours *h;

    (void)state;
    assert_int_equal(
        read_hours(&h,
                   "[{'hours':{'timezone':'America/Bogota','tables':"
                   "[{'week':" WEEK ",'special':[]}],'closed':[]}},"
                   "{'hours':{'timezone':'Europe/Madrid','tables':"
                   "[{'week':[[],[],[[540,600]],[],[],[],[]],'special':[]}],"
                   "'closed':[]}}]"),
        0);
    /* 03:30 in Bogotá is 09:30 in Madrid. */
    assert_true(desk_hours_open(h, AT(3, 30)));
    assert_false(desk_hours_open(h, AT(4, 30)));
    assert_true(desk_hours_open(h, AT(9, 0)));
    desk_hours_free(&h);
}

static void what_is_no_hours_is_refused(void **state)
{
    static const char *const bad[] = {
        POLICY("[]", "[]", "[]"),
        POLICY("[[[480,480]],[],[],[],[],[],[]]", "[]", "[]"),
        POLICY("[[[-1,480]],[],[],[],[],[],[]]", "[]", "[]"),
        POLICY("[[[480,1441]],[],[],[],[],[],[]]", "[]", "[]"),
        POLICY("[[[1,2],[3,4],[5,6],[7,8],[9,10]],[],[],[],[],[],[]]", "[]",
               "[]"),
        POLICY("[7,[],[],[],[],[],[]]", "[]", "[]"),
        POLICY(WEEK, "[{'day':'x','open':[]}]", "[]"),
        POLICY(WEEK, "[]", "['2026-11-25','2026-11-25']"),
        POLICY(WEEK, "[]", "['2026-02-30']"),
        POLICY(WEEK, "[]", "[7]"),
        "[{'hours':{'timezone':'Nowhere/None','tables':[],'closed':[]}}]",
        "[{'hours':{'tables':[],'closed':[]}}]",
        "[{'hours':7}]",
    };
    struct desk_hours *h;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (read_hours(&h, bad[i]) == 0)
            fail_msg("taken: %s", bad[i]);
        assert_null(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_open_as_the_policy_says),
        cmocka_unit_test(a_special_day_goes_before_the_week),
        cmocka_unit_test(where_no_policy_has_hours_there_are_none),
        cmocka_unit_test(of_two_policies_either_is_enough),
        cmocka_unit_test(what_is_no_hours_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

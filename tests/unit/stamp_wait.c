/* stamp: when an authority that failed is asked again. */
#include "unit.h"

#include "resguardo/stamp.h"

#define MINUTE (60 * MSEC_S)

static void waits_longer_and_longer_up_to_an_hour(void **state)
{
    (void)state;
    assert_true(stamp_wait(0, MSEC_D) == MSEC_D);
    assert_true(stamp_wait(1, MSEC_D) == MINUTE);
    assert_true(stamp_wait(2, MSEC_D) == 2 * MINUTE);
    assert_true(stamp_wait(6, MSEC_D) == 32 * MINUTE);
    assert_true(stamp_wait(7, MSEC_D) == MSEC_H);
    assert_true(stamp_wait(4000000000u, MSEC_D) == MSEC_H);
}

static void never_waits_past_the_ordinary_time(void **state)
{
    (void)state;
    assert_true(stamp_wait(5, 2 * MINUTE) == 2 * MINUTE);
    assert_true(stamp_wait(1, 2 * MINUTE) == MINUTE);
}

static void every_failure_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < STAMP__MAX; i++) {
        assert_non_null(stamp_failure_names[i]);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(stamp_failure_names[i],
                                    stamp_failure_names[k]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_longer_and_longer_up_to_an_hour),
        cmocka_unit_test(never_waits_past_the_ordinary_time),
        cmocka_unit_test(every_failure_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Decisions out of order, doubled, late or stale, and prompts that pile up. */
#include "dialogue_help.h"

static void open_version(struct dialogue_state *s, int purpose,
                         const char *version, int64_t handed_s)
{
    open_prompt(s, purpose, handed_s);
    (void)snprintf(s->prompts[s->nprompts - 1].version, VERSION_SIZE, "%s",
                   version);
}

static void yes_closes_every_prompt_of_its_purpose(void **state)
{
    struct dialogue_state s = { .policy = policy };
    struct dialogue_plan p;

    (void)state;
    open_version(&s, CASE, policy->notice_version, NOW_S - 60);
    open_version(&s, CASE, policy->notice_version, NOW_S - 30);
    p = decide(&s, INPUT_TEXT, "acepto", NOW_S, 0);
    assert_int_equal(first(&p, DO_GRANT)->prompt, 1);
    assert_int_equal(first(&p, DO_CLOSE)->prompt, 0);
}

static void yes_does_not_ask_while_another_prompt_is_open(void **state)
{
    struct dialogue_state s = { .policy = policy, .held = { 3 }, .nheld = 1 };
    struct dialogue_plan p;

    (void)state;
    open_version(&s, CASE, policy->notice_version, NOW_S - 5);
    open_version(&s, SENSITIVE, policy->notice_version, NOW_S - 4);
    p = decide(&s, INPUT_BUTTON, "grant/case_processing/2026-11", NOW_S, 0);
    assert_int_equal(count(&p, DO_GRANT), 1);
    assert_int_equal(count(&p, DO_PROMPT), 0);
}

static void yes_of_the_prompts_own_old_version_counts(void **state)
{
    struct dialogue_state s = { .policy = policy };
    struct dialogue_plan p;

    (void)state;
    open_version(&s, CASE, "old-1", NOW_S - 5);
    p = decide(&s, INPUT_BUTTON, "grant/case_processing/old-1", NOW_S, 0);
    assert_int_equal(count(&p, DO_GRANT), 1);
    p = decide(&s, INPUT_BUTTON, "grant/case_processing/old-2", NOW_S, 0);
    assert_string_equal(first(&p, DO_IGNORE)->why, "no_open_prompt");
}

static void no_of_any_version_counts(void **state)
{
    struct dialogue_state s = { .policy = policy };
    struct dialogue_plan p;

    (void)state;
    open_version(&s, CASE, policy->notice_version, NOW_S - 5);
    p = decide(&s, INPUT_BUTTON, "refuse/case_processing/old-1", NOW_S, 0);
    assert_int_equal(first(&p, DO_REFUSE)->prompt, 0);
}

static void late_yes_after_withdrawal_is_older(void **state)
{
    struct dialogue_state s = { .policy = policy };
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_WITHDRAWN;
    s.purposes[CASE].no_s = NOW_S;
    p = decide(&s, INPUT_BUTTON, "grant/case_processing/2026-11", NOW_S - 1, 0);
    assert_int_equal(p.n, 1);
    assert_string_equal(first(&p, DO_IGNORE)->why, "older_than_decision");
}

static void doubled_yes_is_one_grant(void **state)
{
    struct dialogue_state s = { .policy = policy };
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S;
    p = decide(&s, INPUT_BUTTON, "grant/case_processing/2026-11", NOW_S, 0);
    assert_int_equal(p.n, 1);
    assert_string_equal(first(&p, DO_IGNORE)->why, "no_open_prompt");
}

static void later_no_is_recorded_again_but_an_older_one_is_not(void **state)
{
    struct dialogue_state s = { .policy = policy };
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_REFUSED;
    s.purposes[CASE].no_s = NOW_S;
    p = decide(&s, INPUT_BUTTON, "refuse/case_processing/2026-11", NOW_S + 1,
               0);
    assert_int_equal(first(&p, DO_REFUSE)->prompt, -1);
    p = decide(&s, INPUT_BUTTON, "refuse/case_processing/2026-11", NOW_S, 0);
    assert_string_equal(first(&p, DO_IGNORE)->why, "older_than_decision");
}

static void later_baja_moves_the_last_no(void **state)
{
    struct dialogue_state s = { .policy = policy };
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_WITHDRAWN;
    s.purposes[CASE].no_s = NOW_S;
    p = decide(&s, INPUT_TEXT, "baja", NOW_S + 1, 0);
    assert_int_equal(count(&p, DO_REFUSE), 1);
    assert_int_equal(first(&p, DO_REFUSE)->purpose, CASE);
    assert_int_equal(count(&p, DO_SPOKEN), 1);
}

static void stale_baja_is_not_confirmed(void **state)
{
    struct dialogue_state s = { .policy = policy };
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S;
    p = decide(&s, INPUT_TEXT, "baja", NOW_S - 1, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 0);
    assert_int_equal(count(&p, DO_SAY), 0);
    p = decide(&s, INPUT_TEXT, "baja", NOW_S, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
}

static void withdraw_button_of_one_purpose_leaves_the_other(void **state)
{
    struct dialogue_state s = { .policy = policy };
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[SENSITIVE].state = CONSENT_GIVEN;
    p = decide(&s, INPUT_BUTTON, "withdraw/sensitive_images/2026-11", NOW_S, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
    assert_int_equal(first(&p, DO_WITHDRAW)->purpose, SENSITIVE);
    p = decide(&s, INPUT_BUTTON, "withdraw/all/2026-11", NOW_S, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 2);
}

static void new_file_asks_again_when_the_old_question_expired(void **state)
{
    struct dialogue_state s = { .policy = policy, .held = { 1 }, .nheld = 1 };
    struct dialogue_plan p;
    int64_t hold_s = policy->hold_time / MSEC_S;

    (void)state;
    open_version(&s, CASE, policy->notice_version, NOW_S - hold_s + 1);
    assert_int_equal(decide(&s, INPUT_FILE, NULL, NOW_S, 1).n, 0);
    s.prompts[0].handed_s = NOW_S - hold_s;
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 1);
    assert_int_equal(count(&p, DO_PROMPT), 1);
    assert_int_equal(decide(&s, INPUT_TEXT, "hola", NOW_S, 0).n, 0);
}

static void oldest_prompt_makes_room_for_a_new_one(void **state)
{
    struct dialogue_state s = { .policy = policy, .held = { 1 }, .nheld = 1 };
    struct dialogue_plan p;

    (void)state;
    for (int i = 0; i < DIALOGUE_PROMPTS; i++)
        open_version(&s, CASE, policy->notice_version, 1000 + i);
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 1);
    assert_int_equal(first(&p, DO_CLOSE)->prompt, 0);
    assert_int_equal(count(&p, DO_PROMPT), 1);
}

static void nothing_needed_is_never_open(void **state)
{
    struct dialogue_state s = { .policy = policy };

    (void)state;
    s.purposes[CASE].state = CONSENT_GIVEN;
    assert_true(dialogue_open(&s, 1));
    assert_false(dialogue_open(&s, 3));
    assert_false(dialogue_open(&s, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yes_closes_every_prompt_of_its_purpose),
        cmocka_unit_test(yes_does_not_ask_while_another_prompt_is_open),
        cmocka_unit_test(yes_of_the_prompts_own_old_version_counts),
        cmocka_unit_test(no_of_any_version_counts),
        cmocka_unit_test(late_yes_after_withdrawal_is_older),
        cmocka_unit_test(doubled_yes_is_one_grant),
        cmocka_unit_test(later_no_is_recorded_again_but_an_older_one_is_not),
        cmocka_unit_test(later_baja_moves_the_last_no),
        cmocka_unit_test(stale_baja_is_not_confirmed),
        cmocka_unit_test(withdraw_button_of_one_purpose_leaves_the_other),
        cmocka_unit_test(new_file_asks_again_when_the_old_question_expired),
        cmocka_unit_test(oldest_prompt_makes_room_for_a_new_one),
        cmocka_unit_test(nothing_needed_is_never_open),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

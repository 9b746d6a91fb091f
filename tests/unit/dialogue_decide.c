/* The decision rules, one test a rule, on the shipped Colombian policy. */
#include "dialogue_help.h"

static void first_file_asks_with_the_notice(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    hold(&s, 3);
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 3);
    assert_int_equal(p.n, 1);
    assert_int_equal(first(&p, DO_PROMPT)->purpose, CASE);
    assert_true(first(&p, DO_PROMPT)->with_notice);
}

static void open_prompt_silences_text_and_files(void **state)
{
    struct dialogue_state s = fresh();

    (void)state;
    open_prompt(&s, CASE, NOW_S);
    assert_int_equal(decide(&s, INPUT_TEXT, "hola", NOW_S, 0).n, 0);
    assert_int_equal(decide(&s, INPUT_FILE, NULL, NOW_S, 3).n, 0);
}

static void unclear_words_are_never_a_yes(void **state)
{
    static const char *const words[] = { "ok",      "vale", "bueno",
                                         "tal vez", "👍",    "acepto todo" };

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct dialogue_state s = fresh();
        struct dialogue_plan p;
        open_prompt(&s, CASE, NOW_S);
        p = decide(&s, INPUT_TEXT, words[i], NOW_S, 0);
        assert_int_equal(count(&p, DO_GRANT), 0);
    }
}

static void grant_asks_for_what_a_held_photo_still_needs(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, CASE, NOW_S);
    hold(&s, 3);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S + 1, 0);
    assert_int_equal(first(&p, DO_GRANT)->purpose, CASE);
    assert_int_equal(first(&p, DO_PROMPT)->purpose, SENSITIVE);
    assert_false(first(&p, DO_PROMPT)->with_notice);
}

static void grant_without_prompt_is_ignored(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p =
        decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S, 0);

    (void)state;
    assert_int_equal(count(&p, DO_GRANT), 0);
    assert_int_equal(count(&p, DO_IGNORE), 1);
}

static void grant_of_the_second_of_a_no_is_ignored(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, CASE, NOW_S);
    s.purposes[CASE].no_s = NOW_S;
    s.purposes[CASE].state = CONSENT_WITHDRAWN;
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S, 0);
    assert_string_equal(first(&p, DO_IGNORE)->why, "older_than_decision");
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S + 1, 0);
    assert_int_equal(count(&p, DO_GRANT), 1);
}

static void typed_yes_counts_from_the_handing_over(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, CASE, 0);
    p = decide(&s, INPUT_TEXT, "Acepto.", NOW_S, 0);
    assert_int_equal(count(&p, DO_GRANT), 0);
    s.prompts[0].handed_s = NOW_S;
    p = decide(&s, INPUT_TEXT, "acepto", NOW_S - 3, 0);
    assert_int_equal(count(&p, DO_GRANT), 0);
    p = decide(&s, INPUT_TEXT, "SÍ, ACEPTO", NOW_S - 2, 0);
    assert_int_equal(count(&p, DO_GRANT), 1);
}

static void typed_words_answer_only_the_newest_prompt(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, CASE, NOW_S);
    open_prompt(&s, SENSITIVE, NOW_S);
    p = decide(&s, INPUT_TEXT, "acepto", NOW_S, 0);
    assert_int_equal(count(&p, DO_GRANT), 1);
    assert_int_equal(first(&p, DO_GRANT)->purpose, SENSITIVE);
    p = decide(&s, INPUT_TEXT, "no autorizo", NOW_S, 0);
    assert_int_equal(first(&p, DO_REFUSE)->purpose, SENSITIVE);
}

static void refusing_after_a_grant_withdraws(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S;
    p = decide(&s, INPUT_BUTTON, button(BUTTON_REFUSE, CASE), NOW_S, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
}

static void a_yes_of_a_minute_from_now_does_not_count_but_a_no_does(
    void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, CASE, NOW_S);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S + 60, 0);
    assert_int_equal(count(&p, DO_GRANT), 1);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S + 61, 0);
    assert_int_equal(count(&p, DO_GRANT), 0);
    assert_string_equal(first(&p, DO_IGNORE)->why, "clock_behind");
    p = decide(&s, INPUT_BUTTON, button(BUTTON_REFUSE, CASE), NOW_S + 61, 0);
    assert_int_equal(count(&p, DO_REFUSE), 1);
}

static void no_older_than_the_yes_is_ignored(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S;
    p = decide(&s, INPUT_BUTTON, button(BUTTON_REFUSE, CASE), NOW_S - 1, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 0);
    assert_string_equal(first(&p, DO_IGNORE)->why, "older_than_decision");
}

static void baja_withdraws_what_is_given_and_closes_what_is_asked(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S;
    open_prompt(&s, SENSITIVE, NOW_S);
    p = decide(&s, INPUT_TEXT, " ¡Baja! ", NOW_S, 0);
    assert_int_equal(first(&p, DO_WITHDRAW)->purpose, CASE);
    assert_int_equal(first(&p, DO_REFUSE)->purpose, SENSITIVE);
    assert_int_equal(first(&p, DO_SAY)->say, TEXT_WITHDRAWN);
}

static void baja_of_a_stranger_is_recorded_and_confirmed(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p = decide(&s, INPUT_TEXT, "BAJA", NOW_S, 0);

    (void)state;
    assert_int_equal(p.n, 2);
    assert_string_equal(first(&p, DO_IGNORE)->why, "nothing_to_withdraw");
    assert_int_equal(first(&p, DO_SPOKEN)->value, SPOKEN_NOTHING);
}

/* The prompt may never have arrived; the file is dropped all the same. */
static void baja_refuses_what_a_held_file_waits_for(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    hold(&s, 1u << CASE | 1u << SENSITIVE);
    p = decide(&s, INPUT_TEXT, "BAJA", NOW_S, 0);
    assert_int_equal(count(&p, DO_REFUSE), 2);
    assert_int_equal(count(&p, DO_IGNORE), 0);
    assert_int_equal(first(&p, DO_SPOKEN)->value, SPOKEN_NOTHING);
}

static void a_strangers_yes_is_ignored_and_answered_with_the_prompt(
    void **state)
{
    static const char *const words[] = { "acepto", "no", "otro canal" };

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct dialogue_state s = fresh();
        struct dialogue_plan p = decide(&s, INPUT_TEXT, words[i], NOW_S, 0);

        assert_int_equal(p.n, 2);
        assert_string_equal(first(&p, DO_IGNORE)->why, "no_open_prompt");
        assert_true(first(&p, DO_PROMPT)->with_notice);
    }
}

static void other_channel_is_a_no(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, CASE, NOW_S);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_OTHER, CASE), NOW_S, 0);
    assert_int_equal(count(&p, DO_OTHER), 1);
    assert_int_equal(first(&p, DO_SAY)->say, TEXT_OTHER);
}

static void who_refused_is_asked_again_by_file_not_by_text(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_REFUSED;
    s.purposes[CASE].no_s = NOW_S - 10;
    p = decide(&s, INPUT_TEXT, "hola", NOW_S, 0);
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_MENU);
    assert_int_equal(decide(&s, INPUT_TEXT, "gracias", NOW_S, 0).n, 0);
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 1);
    assert_int_equal(first(&p, DO_PROMPT)->purpose, CASE);
}

static void ignored_yes_repeats_the_prompt_once_an_hour_if_held(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p =
        decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S, 0);

    (void)state;
    assert_int_equal(count(&p, DO_PROMPT), 0);
    hold(&s, 1);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S, 0);
    assert_int_equal(count(&p, DO_PROMPT), 1);
    s.purposes[CASE].reprompted = NOW - MSEC_H + 1;
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S, 0);
    assert_int_equal(count(&p, DO_PROMPT), 0);
}

/* An old button of a later purpose does not put its question before the one
 * that is open now. */
static void an_ignored_yes_repeats_no_question_before_its_turn(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    hold(&s, 1u << CASE | 1u << SENSITIVE);
    open_prompt(&s, CASE, NOW_S);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, SENSITIVE), NOW_S, 0);
    assert_int_equal(count(&p, DO_IGNORE), 1);
    assert_int_equal(count(&p, DO_PROMPT), 0);
}

static void a_word_without_a_question_repeats_the_one_that_is_due(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE].state = CONSENT_GIVEN;
    hold(&s, 1u << CASE | 1u << SENSITIVE);
    p = decide(&s, INPUT_TEXT, "acepto", NOW_S, 0);
    assert_int_equal(first(&p, DO_IGNORE)->purpose, SENSITIVE);
    assert_int_equal(first(&p, DO_PROMPT)->purpose, SENSITIVE);
}

static void foreign_buttons_are_ignored(void **state)
{
    static const char *const ids[] = {
        "", "grant", "grant/x", "grant/x/y/z", "grant/all/1", "GRANT/a/1"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct dialogue_state s = fresh();
        struct dialogue_plan p;
        open_prompt(&s, CASE, NOW_S);
        p = decide(&s, INPUT_BUTTON, ids[i], NOW_S, 0);
        assert_int_equal(p.n, 1);
        assert_int_equal(count(&p, DO_IGNORE), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_file_asks_with_the_notice),
        cmocka_unit_test(open_prompt_silences_text_and_files),
        cmocka_unit_test(unclear_words_are_never_a_yes),
        cmocka_unit_test(grant_asks_for_what_a_held_photo_still_needs),
        cmocka_unit_test(grant_without_prompt_is_ignored),
        cmocka_unit_test(grant_of_the_second_of_a_no_is_ignored),
        cmocka_unit_test(typed_yes_counts_from_the_handing_over),
        cmocka_unit_test(typed_words_answer_only_the_newest_prompt),
        cmocka_unit_test(refusing_after_a_grant_withdraws),
        cmocka_unit_test(
            a_yes_of_a_minute_from_now_does_not_count_but_a_no_does),
        cmocka_unit_test(no_older_than_the_yes_is_ignored),
        cmocka_unit_test(baja_withdraws_what_is_given_and_closes_what_is_asked),
        cmocka_unit_test(baja_of_a_stranger_is_recorded_and_confirmed),
        cmocka_unit_test(baja_refuses_what_a_held_file_waits_for),
        cmocka_unit_test(
            a_strangers_yes_is_ignored_and_answered_with_the_prompt),
        cmocka_unit_test(other_channel_is_a_no),
        cmocka_unit_test(who_refused_is_asked_again_by_file_not_by_text),
        cmocka_unit_test(ignored_yes_repeats_the_prompt_once_an_hour_if_held),
        cmocka_unit_test(an_ignored_yes_repeats_no_question_before_its_turn),
        cmocka_unit_test(a_word_without_a_question_repeats_the_one_that_is_due),
        cmocka_unit_test(foreign_buttons_are_ignored),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

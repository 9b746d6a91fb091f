/* In which language they want to be written to. */
#include "dialogue_help.h"

enum { ES, EN, PT };

static struct dialogue_plan text(const struct dialogue_state *s,
                                 const char *words)
{
    return decide(s, INPUT_TEXT, words, NOW_S, 0);
}

static struct dialogue_plan tap(const struct dialogue_state *s, const char *id)
{
    return decide(s, INPUT_BUTTON, id, NOW_S, 0);
}

static struct dialogue_state decided(void)
{
    struct dialogue_state s = fresh();

    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S - 100;
    s.guide.procedure = -1;
    return s;
}

static void a_stranger_is_asked_in_the_language_that_they_name(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p = text(&s, "In English, please!");

    (void)state;
    assert_int_equal(p.n, 2);
    assert_int_equal(p.actions[0].kind, DO_LANGUAGE);
    assert_int_equal(p.actions[0].value, EN);
    assert_int_equal(p.actions[1].kind, DO_PROMPT);
    assert_int_equal(p.actions[1].purpose, CASE);
    assert_true(p.actions[1].with_notice);
    /* What the policy writes anyway is no choice, and no decision either. */
    p = text(&s, "español");
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_PROMPT);
}

static void an_open_question_comes_again_and_stays_open(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, CASE, NOW_S - 60);
    p = text(&s, "em português");
    assert_int_equal(p.n, 2);
    assert_int_equal(first(&p, DO_LANGUAGE)->value, PT);
    assert_int_equal(first(&p, DO_PROMPT)->purpose, CASE);
    assert_true(first(&p, DO_PROMPT)->with_notice);
    assert_int_equal(count(&p, DO_CLOSE), 0);
    /* The one in the former language is answered in any language. */
    s.language = PT;
    p = text(&s, "sí, autorizo");
    assert_int_equal(first(&p, DO_GRANT)->prompt, 0);
}

static void whoever_has_decided_is_told_once_in_the_new_language(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p = text(&s, "English");

    (void)state;
    assert_int_equal(p.n, 2);
    assert_int_equal(p.actions[0].kind, DO_LANGUAGE);
    assert_int_equal(p.actions[1].kind, DO_LANGUAGE_SAY);
    s.language = EN;
    p = text(&s, "English");
    assert_int_equal(count(&p, DO_LANGUAGE), 0);
    p = tap(&s, "language/es-CO");
    assert_int_equal(first(&p, DO_LANGUAGE)->value, ES);
}

static void the_row_shows_the_list(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p = tap(&s, "language/show");

    (void)state;
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_LANGUAGE_ASK);
    p = tap(&s, "language/fr");
    assert_int_equal(p.actions[0].kind, DO_LANGUAGE_ASK);
    s.mode = MODE_PERSON;
    p = tap(&s, "language/show");
    assert_int_equal(p.n, 0);
}

static void to_an_agent_it_is_an_answer_too(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    s.mode = MODE_PERSON;
    p = text(&s, "English");
    assert_int_equal(p.n, 2);
    assert_int_equal(first(&p, DO_LANGUAGE)->value, EN);
    assert_int_equal(count(&p, DO_KEEP), 1);
}

static void machines_that_take_turns_stop(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    s.answers = 10;
    p = text(&s, "English");
    assert_int_equal(p.n, 0);
    p = tap(&s, "language/show");
    assert_int_equal(p.n, 0);
}

static void without_a_choice_it_is_like_any_other_word(void **state)
{
    struct dialogue_state s = decided();
    size_t all = policy->nlanguages;
    struct dialogue_plan p;

    (void)state;
    policy->nlanguages = 1;
    p = text(&s, "English");
    policy->nlanguages = all;
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_MENU);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stranger_is_asked_in_the_language_that_they_name),
        cmocka_unit_test(an_open_question_comes_again_and_stays_open),
        cmocka_unit_test(whoever_has_decided_is_told_once_in_the_new_language),
        cmocka_unit_test(the_row_shows_the_list),
        cmocka_unit_test(to_an_agent_it_is_an_answer_too),
        cmocka_unit_test(machines_that_take_turns_stop),
        cmocka_unit_test(without_a_choice_it_is_like_any_other_word),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

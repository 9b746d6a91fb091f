/* dialogue: what people are written to for is asked by itself, and ends by a
 * word. */
#include "dialogue_help.h"
#include "notices_help.h"

#define NOTICES 2
#define HOURS   3

static int setup_notices(void **state)
{
    (void)state;
    policy = policy_with_notices();
    return 0;
}

static struct dialogue_state decided(void)
{
    struct dialogue_state s = fresh();

    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S - 100;
    s.guide.procedure = -1;
    return s;
}

static void give(struct dialogue_state *s, int purpose)
{
    s->purposes[purpose].state = CONSENT_GIVEN;
    s->purposes[purpose].yes_s = NOW_S - 50;
}

static void a_complete_case_asks_once(void **state)
{
    struct dialogue_state s = decided();

    (void)state;
    assert_int_equal(dialogue_after_complete(&s, 0, NOW), NOTICES);
    assert_int_equal(dialogue_after_complete(&s, 1u << NOTICES, NOW), -1);
    s.purposes[NOTICES].state = CONSENT_REFUSED;
    assert_int_equal(dialogue_after_complete(&s, 0, NOW), -1);
    give(&s, NOTICES); /* and never for other hours: that is the menu's */
    assert_int_equal(dialogue_after_complete(&s, 0, NOW), -1);
}

static void nobody_is_asked_in_the_middle_of_something(void **state)
{
    struct dialogue_state s = decided();

    (void)state;
    s.mode = MODE_WAITING;
    assert_int_equal(dialogue_after_complete(&s, 0, NOW), -1);
    s = decided();
    hold(&s, 1u << SENSITIVE);
    assert_int_equal(dialogue_after_complete(&s, 0, NOW), -1);
    s = decided();
    open_prompt(&s, SENSITIVE, NOW_S - 5);
    assert_int_equal(dialogue_after_complete(&s, 0, NOW), -1);
    s.prompts[0].handed_s = NOW_S - policy->hold_time / MSEC_S;
    assert_int_equal(dialogue_after_complete(&s, 0, NOW), NOTICES);
    open_prompt(&s, HOURS, NOW_S - 5);
    assert_int_equal(dialogue_after_complete(&s, 0, NOW), -1);
}

static void the_question_holds_no_other_back(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, NOTICES, NOW_S - 5);
    hold(&s, 1u << SENSITIVE);
    p = decide(&s, INPUT_FILE, NULL, NOW_S, 1u << SENSITIVE);
    assert_int_equal(first(&p, DO_PROMPT)->purpose, SENSITIVE);
    s.nheld = 0;
    p = decide(&s, INPUT_TEXT, "una pregunta", NOW_S, 0);
    assert_int_equal(count(&p, DO_MENU), 1);
}

static void a_yes_is_thanked_in_its_own_words(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, NOTICES, NOW_S - 5);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, NOTICES), NOW_S, 0);
    assert_int_equal(first(&p, DO_GRANT)->purpose, NOTICES);
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_GRANTED);
    assert_int_equal(count(&p, DO_SAY), 0);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_OTHER, NOTICES), NOW_S, 0);
    assert_int_equal(first(&p, DO_OTHER)->purpose, NOTICES);
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_REFUSED);
    give(&s, NOTICES);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_REFUSE, NOTICES), NOW_S, 0);
    assert_int_equal(first(&p, DO_WITHDRAW)->purpose, NOTICES);
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_WITHDRAWN);
}

/* Weeks later a "sí" is about something else. */
static void a_typed_yes_to_an_old_question_is_none(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    open_prompt(&s, NOTICES, NOW_S - policy->hold_time / MSEC_S + 1);
    p = decide(&s, INPUT_TEXT, "sí", NOW_S, 0);
    assert_int_equal(first(&p, DO_GRANT)->purpose, NOTICES);
    s.prompts[0].handed_s--;
    p = decide(&s, INPUT_TEXT, "sí", NOW_S, 0);
    assert_int_equal(count(&p, DO_GRANT), 0);
    p = decide(&s, INPUT_TEXT, "no", NOW_S, 0);
    assert_int_equal(count(&p, DO_REFUSE), 0);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, NOTICES), NOW_S, 0);
    assert_int_equal(count(&p, DO_GRANT), 1);
}

static void the_word_ends_notices_and_nothing_else(void **state)
{
    static const char *const ways[] = { "No más avisos!", "stop notices" };
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    give(&s, NOTICES);
    for (size_t i = 0; i < 2; i++) {
        p = decide(&s, INPUT_TEXT, ways[i], NOW_S, 0);
        assert_int_equal(count(&p, DO_WITHDRAW), 1);
        assert_int_equal(first(&p, DO_WITHDRAW)->purpose, NOTICES);
        assert_int_equal(first(&p, DO_REFUSE)->purpose, HOURS);
        assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_WITHDRAWN);
    }
    /* An agent does not stand in the way of it. */
    s.mode = MODE_PERSON;
    p = decide(&s, INPUT_TEXT, ways[0], NOW_S, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
    /* The button of a template says its own words. */
    p = decide(&s, INPUT_BUTTON, "NO MÁS AVISOS", NOW_S, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
    p = decide(&s, INPUT_BUTTON, "sí acepto", NOW_S, 0);
    assert_string_equal(first(&p, DO_IGNORE)->why, "unknown_button");
}

static void who_was_never_asked_can_say_it_too(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p = decide(&s, INPUT_TEXT, "no más avisos", NOW_S, 0);

    (void)state;
    assert_int_equal(count(&p, DO_REFUSE), 2);
    assert_int_equal(count(&p, DO_PROMPT), 0);
    /* … and is a stranger still: the first file begins with the notice. */
    s.purposes[NOTICES].state = s.purposes[HOURS].state = CONSENT_REFUSED;
    s.purposes[NOTICES].no_s = s.purposes[HOURS].no_s = NOW_S;
    p = decide(&s, INPUT_TEXT, "hola", NOW_S + 1, 0);
    assert_true(first(&p, DO_PROMPT)->with_notice);
    assert_int_equal(first(&p, DO_PROMPT)->purpose, CASE);
    /* Said again in the same second it says nothing new, but is answered. */
    p = decide(&s, INPUT_TEXT, "no más avisos", NOW_S, 0);
    assert_int_equal(count(&p, DO_REFUSE), 0);
    assert_string_equal(first(&p, DO_IGNORE)->why, "nothing_to_withdraw");
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_WITHDRAWN);
}

static void the_menu_asks_for_what_is_not_given(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    p = decide(&s, INPUT_BUTTON, "menu/notices", NOW_S, 0);
    assert_int_equal(first(&p, DO_NOTICES)->purpose, NOTICES);
    give(&s, NOTICES);
    p = decide(&s, INPUT_BUTTON, "menu/notices", NOW_S, 0);
    assert_int_equal(first(&p, DO_NOTICES)->purpose, HOURS);
    give(&s, HOURS);
    p = decide(&s, INPUT_BUTTON, "menu/notices", NOW_S, 0);
    assert_int_equal(first(&p, DO_NOTICES)->purpose, -1);
    /* A no may be thought over, if they ask. */
    s.purposes[NOTICES].state = CONSENT_WITHDRAWN;
    p = decide(&s, INPUT_BUTTON, "menu/notices", NOW_S, 0);
    assert_int_equal(first(&p, DO_NOTICES)->purpose, NOTICES);
    s.answers = 10;
    p = decide(&s, INPUT_BUTTON, "menu/notices", NOW_S, 0);
    assert_int_equal(p.n, 0);
    s = fresh();
    p = decide(&s, INPUT_BUTTON, "menu/notices", NOW_S, 0);
    assert_int_equal(count(&p, DO_NOTICES), 0);
}

/* They are about when, not about whether. */
static void other_hours_have_their_own_words(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    give(&s, NOTICES);
    open_prompt(&s, HOURS, NOW_S - 5);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, HOURS), NOW_S, 0);
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_HOURS_GRANTED);
    give(&s, HOURS);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_REFUSE, HOURS), NOW_S, 0);
    assert_int_equal(first(&p, DO_WITHDRAW)->purpose, HOURS);
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_HOURS_WITHDRAWN);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_WITHDRAW, HOURS), NOW_S, 0);
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_HOURS_WITHDRAWN);
    /* The word ends all of it. */
    p = decide(&s, INPUT_TEXT, "no más avisos", NOW_S, 0);
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_WITHDRAWN);
}

static void baja_takes_it_all(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    give(&s, NOTICES);
    p = decide(&s, INPUT_TEXT, "baja", NOW_S, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 2);
    assert_int_equal(first(&p, DO_SAY)->say, TEXT_WITHDRAWN);
    p = decide(&s, INPUT_BUTTON, button(BUTTON_WITHDRAW, NOTICES), NOW_S, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_WITHDRAWN);
}

/* Where nothing is asked the words are a sentence as any: what is to end? */
static void a_policy_without_has_none_of_it(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p = decide(&s, INPUT_TEXT, "no más avisos", NOW_S, 0);

    (void)state;
    assert_int_equal(policy->asked, 0);
    assert_int_equal(count(&p, DO_ASK_END), 1);
    assert_int_equal(dialogue_after_complete(&s, 0, NOW), -1);
    p = decide(&s, INPUT_BUTTON, "menu/notices", NOW_S, 0);
    assert_int_equal(p.n, 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup_notices, teardown)
    const struct CMUnitTest tests[] = {
        T(a_complete_case_asks_once),
        T(nobody_is_asked_in_the_middle_of_something),
        T(the_question_holds_no_other_back),
        T(a_yes_is_thanked_in_its_own_words),
        T(a_typed_yes_to_an_old_question_is_none),
        T(the_word_ends_notices_and_nothing_else),
        T(who_was_never_asked_can_say_it_too),
        T(the_menu_asks_for_what_is_not_given),
        T(other_hours_have_their_own_words),
        T(baja_takes_it_all),
        cmocka_unit_test_setup_teardown(a_policy_without_has_none_of_it, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

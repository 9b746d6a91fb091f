/* A person in the conversation: asked for by anybody, and never overheard. */
#include "dialogue_help.h"

static void anybody_reaches_a_person_in_one_step(void **state)
{
    static const char *const words[] = { "asesor", "¡Persona!", "AGENTE" };
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        p = decide(&s, INPUT_TEXT, words[i], NOW_S, 0);
        assert_int_equal(p.n, 1);
        assert_false(first(&p, DO_ASK_PERSON)->repeated);
    }
    p = decide(&s, INPUT_BUTTON, "person/ask", NOW_S, 0);
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);

    /* Also in the middle of a question, which stays open, and after a no. */
    open_prompt(&s, CASE, NOW_S);
    s.purposes[SENSITIVE].state = CONSENT_REFUSED;
    p = decide(&s, INPUT_TEXT, "asesor", NOW_S, 0);
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_ASK_PERSON);
}

static void the_place_is_told_again_only_after_a_while(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.mode = MODE_WAITING;
    s.told = NOW - 299 * MSEC_S;
    p = decide(&s, INPUT_TEXT, "asesor", NOW_S, 0);
    assert_int_equal(p.n, 0);
    s.told = NOW - 300 * MSEC_S;
    p = decide(&s, INPUT_TEXT, "asesor", NOW_S, 0);
    assert_true(first(&p, DO_ASK_PERSON)->repeated);
}

static void what_is_written_meanwhile_is_kept_and_answered_by_nobody(
    void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    p = decide(&s, INPUT_TEXT, "hola", NOW_S, 0);
    assert_int_equal(count(&p, DO_KEEP), 0);
    for (s.mode = MODE_WAITING; s.mode <= MODE_PERSON; s.mode++) {
        p = decide(&s, INPUT_TEXT, "hola", NOW_S, 0);
        assert_int_equal(p.n, 1);
        assert_int_equal(p.actions[0].kind, DO_KEEP);
    }

    /* A word that asks for a person is one for them when there is one. */
    s.mode = MODE_PERSON;
    p = decide(&s, INPUT_TEXT, "asesor", NOW_S, 0);
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_KEEP);
}

static void a_yes_to_a_person_is_none_to_a_question(void **state)
{
    static const char *const words[] = { "acepto", "sí", "no", "otro canal" };
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    hold(&s, 1);
    open_prompt(&s, CASE, NOW_S - 10);
    s.mode = MODE_PERSON;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        p = decide(&s, INPUT_TEXT, words[i], NOW_S, 0);
        assert_int_equal(p.n, 2);
        assert_int_equal(p.actions[0].kind, DO_KEEP);
        assert_string_equal(first(&p, DO_IGNORE)->why, "person_answers");
    }
    p = decide(&s, INPUT_BUTTON, button(BUTTON_GRANT, CASE), NOW_S, 0);
    assert_int_equal(count(&p, DO_GRANT), 1);

    /* While they wait the bot still hears it. */
    s.mode = MODE_WAITING;
    p = decide(&s, INPUT_TEXT, "acepto", NOW_S, 0);
    assert_int_equal(count(&p, DO_GRANT), 1);
}

static void a_withdrawal_counts_whoever_talks(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    s.purposes[CASE] =
        (struct dialogue_purpose){ .state = CONSENT_GIVEN, .yes_s = NOW_S - 9 };
    s.mode = MODE_PERSON;
    p = decide(&s, INPUT_TEXT, "BAJA", NOW_S, 0);
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
    assert_int_equal(first(&p, DO_SAY)->say, TEXT_WITHDRAWN);
}

static void a_file_is_asked_about_whoever_talks(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    hold(&s, 1);
    for (s.mode = MODE_BOT; s.mode < MODE__MAX; s.mode++) {
        p = decide(&s, INPUT_FILE, NULL, NOW_S, 1);
        assert_int_equal(p.n, 1);
        assert_true(first(&p, DO_PROMPT)->with_notice);
    }
}

static void the_bot_comes_back_when_it_is_called(void **state)
{
    struct dialogue_state s = fresh();
    struct dialogue_plan p;

    (void)state;
    for (s.mode = MODE_WAITING; s.mode <= MODE_PERSON; s.mode++) {
        p = decide(&s, INPUT_TEXT, "asistente", NOW_S, 0);
        assert_int_equal(p.n, 1);
        assert_int_equal(p.actions[0].kind, DO_BACK);
        p = decide(&s, INPUT_BUTTON, "person/back", NOW_S, 0);
        assert_int_equal(count(&p, DO_BACK), 1);
    }

    /* It is there: a word like any other, and an old button without effect. */
    s.mode = MODE_BOT;
    p = decide(&s, INPUT_TEXT, "asistente", NOW_S, 0);
    assert_int_equal(count(&p, DO_BACK), 0);
    assert_int_equal(count(&p, DO_PROMPT), 1);
    p = decide(&s, INPUT_BUTTON, "person/back", NOW_S, 0);
    assert_int_equal(p.n, 0);
    p = decide(&s, INPUT_BUTTON, "person/else", NOW_S, 0);
    assert_string_equal(first(&p, DO_IGNORE)->why, "unknown_button");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anybody_reaches_a_person_in_one_step),
        cmocka_unit_test(the_place_is_told_again_only_after_a_while),
        cmocka_unit_test(
            what_is_written_meanwhile_is_kept_and_answered_by_nobody),
        cmocka_unit_test(a_yes_to_a_person_is_none_to_a_question),
        cmocka_unit_test(a_withdrawal_counts_whoever_talks),
        cmocka_unit_test(a_file_is_asked_about_whoever_talks),
        cmocka_unit_test(the_bot_comes_back_when_it_is_called),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* dialogue: how it was, as a tap or a typed number, and why. */
#include "dialogue_help.h"

static struct dialogue_state rated(enum rating_stage stage)
{
    struct dialogue_state s = { .policy = policy,
                                .guide = { .procedure = -1 } };

    s.purposes[0].state = CONSENT_GIVEN;
    s.purposes[0].yes_s = NOW / MSEC_S - 1000;
    s.rating.stage = stage;
    s.rating.asked = NOW - MSEC_H;
    memcpy(s.rating.id, "yquestion", 10);
    return s;
}

static struct dialogue_plan text(const struct dialogue_state *s,
                                 const char *words)
{
    return decide(s, INPUT_TEXT, words, NOW_S, 0);
}

static struct dialogue_plan tap(const struct dialogue_state *s, const char *id)
{
    return decide(s, INPUT_BUTTON, id, NOW_S, 0);
}

static void a_typed_number_is_the_answer_and_nothing_like_it(void **state)
{
    static const char *const yes[] = { "5", " 3 ", "(1)", "4!",
                                       "2\xef\xb8\x8f\xe2\x83\xa3" };
    static const int scores[] = { 5, 3, 1, 4, 2 };
    static const char *const no[] = { "0",           "6",   "55",
                                      "5 estrellas", "-5",  "5/5",
                                      "cinco",       "1 2", "" };
    struct dialogue_state s = rated(RATING_ASKED);

    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        struct dialogue_plan p = text(&s, yes[i]);

        assert_int_equal(p.n, 1);
        assert_int_equal(p.actions[0].kind, DO_RATE);
        assert_int_equal(p.actions[0].value, scores[i]);
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        struct dialogue_plan p = text(&s, no[i]);

        assert_int_equal(count(&p, DO_RATE), 0);
    }
}

static void a_number_counts_for_a_day_a_tap_as_long_as_it_is_open(void **state)
{
    struct dialogue_state s = rated(RATING_ASKED);
    struct dialogue_plan p;

    (void)state;
    s.rating.asked = NOW - 24 * MSEC_H + 1;
    p = text(&s, "5");
    assert_int_equal(count(&p, DO_RATE), 1);
    s.rating.asked = NOW - 24 * MSEC_H;
    p = text(&s, "5");
    assert_int_equal(count(&p, DO_RATE), 0);
    p = tap(&s, "rate/yquestion/5");
    assert_int_equal(count(&p, DO_RATE), 1);
}

static void a_tap_counts_for_its_own_question_once(void **state)
{
    static const char *const none[] = {
        "rate/yother/5",
        "rate/yquestion/0",
        "rate/yquestion/6",
        "rate/yquestion/55",
        "rate/yquestion/",
        "rate/yquestion",
        "rate/yquestion/5/1",
        "rate/",
        "rate//5",
    };
    struct dialogue_state s = rated(RATING_ASKED);
    struct dialogue_plan p = tap(&s, "rate/yquestion/4");

    (void)state;
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_RATE);
    assert_int_equal(p.actions[0].value, 4);

    /* Anything else has no effect: no second answer, no entry. */
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_int_equal(tap(&s, none[i]).n, 0);
    s.rating.stage = RATING_NONE;
    assert_int_equal(tap(&s, "rate/yquestion/4").n, 0);
}

static void what_they_write_next_says_why(void **state)
{
    struct dialogue_state s = rated(RATING_COMMENT);
    struct dialogue_plan p = text(&s, "me atendieron muy bien");

    (void)state;
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_COMMENT);
    assert_false(p.actions[0].silent);
    /* A question in it is answered with the menu, in place of thanks. */
    p = text(&s, "¿Cuándo me pagan? Es urgente");
    assert_int_equal(p.n, 2);
    assert_true(first(&p, DO_COMMENT)->silent);
    assert_int_equal(p.actions[1].kind, DO_MENU);
    s.answers = 10; /* a machine: thanks, and no menu */
    p = text(&s, "why?");
    assert_int_equal(p.n, 1);
    assert_false(p.actions[0].silent);
    s.answers = 0;
    assert_int_equal(text(&s, "gracias").n, 0);

    /* Words do what they always do, and then no comment comes. */
    p = text(&s, "menú");
    assert_int_equal(count(&p, DO_MENU), 1);
    assert_int_equal(count(&p, DO_COMMENT), 0);
    assert_int_equal(count(&p, DO_COMMENT_END), 1);
    p = text(&s, "asesor");
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);
    assert_int_equal(count(&p, DO_COMMENT_END), 1);
    p = text(&s, "BAJA");
    assert_int_equal(count(&p, DO_WITHDRAW), 1);
    assert_int_equal(count(&p, DO_COMMENT), 0);
    p = tap(&s, "procedure/cesantias");
    assert_int_equal(count(&p, DO_COMMENT_END), 1);
}

static void whom_a_person_has_writes_to_that_person(void **state)
{
    (void)state;
    for (int mode = MODE_WAITING; mode <= MODE_PERSON; mode++)
        for (int stage = RATING_ASKED; stage <= RATING_COMMENT; stage++) {
            struct dialogue_state s = rated((enum rating_stage)stage);
            struct dialogue_plan p;

            s.mode = (enum conversation_mode)mode;
            p = text(&s, "5");
            assert_int_equal(count(&p, DO_RATE), 0);
            assert_int_equal(count(&p, DO_COMMENT), 0);
            assert_int_equal(count(&p, DO_KEEP), 1);
        }
}

static void nothing_changes_for_who_was_not_asked(void **state)
{
    struct dialogue_state s = rated(RATING_NONE);
    struct dialogue_plan p = text(&s, "5");

    (void)state;
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_MENU);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_typed_number_is_the_answer_and_nothing_like_it),
        cmocka_unit_test(a_number_counts_for_a_day_a_tap_as_long_as_it_is_open),
        cmocka_unit_test(a_tap_counts_for_its_own_question_once),
        cmocka_unit_test(what_they_write_next_says_why),
        cmocka_unit_test(whom_a_person_has_writes_to_that_person),
        cmocka_unit_test(nothing_changes_for_who_was_not_asked),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* policy: words for a person, prepared texts, and what gets more urgent. */
#include "policy_help.h"

static void anybody_can_ask_for_a_person_in_every_language(void **state)
{
    struct policy *co = load_good(CO), *es = load_good(ES);

    (void)state;
    assert_int_equal(policy_word_of(co, "¡ASESOR!"), WORD_PERSON);
    assert_int_equal(policy_word_of(co, "talk to a person"), WORD_PERSON);
    assert_int_equal(policy_word_of(es, "agente"), WORD_PERSON);
    assert_int_equal(policy_word_of(es, "asistente"), WORD_BACK);
    assert_int_equal(policy_word_of(co, "una persona me dijo"), WORD_NONE);
    policy_free(&co);
    policy_free(&es);
}

static void a_policy_without_a_way_to_a_person_does_not_load(void **state)
{
    static const struct slip slips[] = {
        { "  person: [asesor", "  # [", 18, "person: needs a list" },
        { "  person: [asesor", "  person: [acepto", 28,
          "person: \"acepto\" means something else" },
        { "Su lugar en la fila: {position}", "Espere", 48,
          "person_waiting: does not say {position}" },
        { "Cómo tratamos sus datos: {notice_url}", "Gracias", 48,
          "person_waiting: does not say {notice_url}" },
    };

    (void)state;
    ALL_REFUSED(CO, TEXTS, slips);
}

static void before_a_weekend_there_is_a_text_or_a_warning(void **state)
{
    struct policy *p = load_good(CO);
    size_t n = json_array_size(p->warnings);

    (void)state;
    policy_free(&p);
    swap(CO, TEXTS, "\nperson_closed_far:", "\n# person_closed_far:");
    p = load_good(CO);
    assert_int_equal(json_array_size(p->warnings), n + 1);
    assert_non_null(strstr(json_string_value(json_array_get(p->warnings, n)),
                           "person_closed_far"));
    policy_free(&p);
}

static void prepared_texts_are_filled_and_checked(void **state)
{
    static const struct slip slips[] = {
        { "  greeting: \"Hola", "  Greeting!: \"Hola", 58,
          "Greeting!: is no name" },
        { "  greeting: \"Hola", "  greeting: \" \" # \"Hola", 58,
          "greeting: is empty" },
        { "  greeting: \"Hola", "  greeting: \"{who} Hola", 58, "greeting: " },
        { "prepared:\n", "prepared: x\nrest:\n", 58, "rest: unknown key" },
    };
    struct policy *p = load_good(CO);

    (void)state;
    assert_non_null(strstr(policy_prepared(p, p->languages, "greeting"),
                           "persona de Ejemplo S. A."));
    assert_null(policy_prepared(p, p->languages, "greetings"));
    policy_free(&p);
    ALL_REFUSED(CO, TEXTS, slips);
}

static void escalations_are_steps_in_the_order_of_time(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_int_equal(p->nescalations[ESCALATE_WAITING], 2);
    assert_int_equal(policy_escalates(p, ESCALATE_WAITING, 1000, 0),
                     1000 + 30 * 60 * MSEC_S);
    assert_int_equal(policy_escalates(p, ESCALATE_WAITING, 1000, 1),
                     1000 + 2 * MSEC_H);
    assert_int_equal(policy_escalates(p, ESCALATE_WAITING, 1000, 2), 0);
    assert_int_equal(policy_escalates(p, ESCALATE_UNANSWERED, 1000, 0),
                     1000 + MSEC_H);
    assert_int_equal(policy_escalates(p, ESCALATE_UNANSWERED, 1000, 1), 0);
    assert_int_equal(p->escalations[ESCALATE_UNTOUCHED][1].priority,
                     PRIORITY_URGENT);
    assert_int_equal(p->handover_silence, 12 * MSEC_H);
    policy_free(&p);
}

#define STEP "  - {waiting: 2h, priority: urgent}"

static void strange_escalations_are_refused(void **state)
{
    static const struct slip slips[] = {
        { STEP, "  - {waiting: 20m, priority: urgent}", 61,
          "waiting: is not later than the step before" },
        { STEP, "  - {waiting: 2h, priority: soon}", 61,
          "priority: is not low, normal, high or urgent" },
        { STEP, "  - {waiting: two, priority: high}", 61,
          "waiting: is no duration" },
        { STEP, "  - {waiting: 0m, priority: high}", 61,
          "waiting: is nothing, or too long" },
        { STEP, "  - {priority: high}", 61,
          "escalate: needs waiting, unanswered or untouched" },
        { STEP, "  - {waiting: 2h, untouched: 2h, priority: high}", 61,
          "escalate: needs waiting, unanswered or untouched" },
        { STEP, "  - {unanswered: 2h, waiting: 2h, priority: high}", 61,
          "escalate: needs waiting, unanswered or untouched" },
        { STEP, "  - {waiting: 2h, loudly: x, priority: high}", 61,
          "loudly: unknown key" },
        { "handover_silence: 12h", "handover_silence: 90h", 66,
          "handover_silence: is nothing, or too long" },
        { "handover_silence: 12h", "handover_silence: 12h\nunanswered: yes", 67,
          "unanswered: is neither silence nor person" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            anybody_can_ask_for_a_person_in_every_language, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_policy_without_a_way_to_a_person_does_not_load, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            before_a_weekend_there_is_a_text_or_a_warning, set_up, tear_down),
        cmocka_unit_test_setup_teardown(prepared_texts_are_filled_and_checked,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            escalations_are_steps_in_the_order_of_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strange_escalations_are_refused, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

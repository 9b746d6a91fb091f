/* A person in the conversation: asked for by anybody, and never overheard. */
#include "unit.h"

#include "resguardo/dialogue.h"

#define NOW       ((msec)1795430000 * MSEC_S)
#define NOW_S     ((int64_t)1795430000)
#define CASE      0
#define SENSITIVE 1

static struct policy *policy;

static int setup(void **state)
{
    struct error err = { 0 };

    (void)state;
    policy = policy_load("policies/co-habeas-data", "Ejemplo S. A.",
                         "https://x.example", &err);
    if (policy == NULL)
        fail_msg("%s", err.text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    policy_free(&policy);
    return 0;
}

static struct dialogue_state fresh(void)
{
    return (struct dialogue_state){ .policy = policy };
}

static void open_prompt(struct dialogue_state *s, int purpose, int64_t handed_s)
{
    struct dialogue_prompt *p = &s->prompts[s->nprompts++];

    p->purpose = purpose;
    p->handed_s = handed_s;
    strcpy(p->version, policy->notice_version);
}

static void hold(struct dialogue_state *s, unsigned mask)
{
    s->held[s->nheld++] = mask;
}

static struct dialogue_plan decide(const struct dialogue_state *s,
                                   enum dialogue_input_kind kind,
                                   const char *text, int64_t second,
                                   unsigned needs)
{
    struct dialogue_input input = { kind, text, second, needs };
    struct dialogue_plan plan;

    dialogue_decide(s, &input, NOW, &plan);
    return plan;
}

static int count(const struct dialogue_plan *p, enum dialogue_action_kind kind)
{
    int n = 0;

    for (size_t i = 0; i < p->n; i++)
        n += p->actions[i].kind == kind;
    return n;
}

static const struct dialogue_action *first(const struct dialogue_plan *p,
                                           enum dialogue_action_kind kind)
{
    static const struct dialogue_action none = { .purpose = -1, .why = "" };

    for (size_t i = 0; i < p->n; i++)
        if (p->actions[i].kind == kind)
            return &p->actions[i];
    fail_msg("no such action");
    return &none;
}

static const char *button(enum button_verb verb, int purpose)
{
    static char id[BUTTON_ID_SIZE];

    assert_int_equal(button_format(id, verb, policy->purposes[purpose].id,
                                   policy->notice_version),
                     0);
    return id;
}

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

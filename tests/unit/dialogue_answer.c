/* dialogue: what people answer to a reminder, by its buttons and by words. */
#include "dialogue_help.h"

#include "notices_help.h"

#define TAP(kind) "answer/nreminder/" kind
#define OTHER     "answer/nother/"

static int begin(void **state)
{
    (void)state;
    policy = policy_in(answers_folder());
    return 0;
}

static int reminder_place(void)
{
    for (size_t i = 0; i < policy->ntemplates; i++)
        if (policy->templates[i].nanswers > 0)
            return (int)i;
    fail_msg("no template has answers");
    return -1;
}

static struct dialogue_state reminded(void)
{
    struct dialogue_state s = { .policy = policy,
                                .guide = { .procedure = -1 } };

    s.purposes[0].state = CONSENT_GIVEN;
    s.purposes[0].yes_s = NOW_S - 1000;
    s.reminder.template = reminder_place();
    memcpy(s.reminder.id, "nreminder", 10);
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

static void noted(const struct dialogue_plan *p, enum answer_kind kind)
{
    assert_int_equal(count(p, DO_ANSWERED), 1);
    assert_int_equal(first(p, DO_ANSWERED)->value, kind);
}

static void each_button_leads_where_it_says(void **state)
{
    struct dialogue_state s = reminded();
    struct dialogue_plan p = tap(&s, TAP("status"));

    (void)state;
    noted(&p, ANSWER_STATUS);
    assert_int_equal(count(&p, DO_STATUS), 1);
    p = tap(&s, TAP("promise"));
    noted(&p, ANSWER_PROMISE);
    assert_int_equal(count(&p, DO_ASK_PROMISE), 1);
    p = tap(&s, TAP("proof"));
    noted(&p, ANSWER_PROOF);
    assert_int_equal(first(&p, DO_PROCEDURE)->value,
                     policy_procedure(policy, "comprobante_pago"));
    p = tap(&s, TAP("person"));
    noted(&p, ANSWER_PERSON);
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);
    p = tap(&s, TAP("stop"));
    assert_int_equal(first(&p, DO_CONTACT)->value, CONTACT_WITHDRAWN);
    assert_int_equal(p.n, 2 + count(&p, DO_REFUSE));
    assert_int_equal(count(&p, DO_REFUSE), 2);
}

/* What is not theirs changes nothing; but a no, and the wish for a person,
 * count wherever they are said. */
static void a_reminder_of_somebody_else_is_the_menu(void **state)
{
    static const char *const none[] = {
        OTHER "status",       OTHER "promise",
        OTHER "proof",        TAP("nothing"),
        TAP("proof/x"),       "answer/",
        "answer//proof",      "answer/nreminder",
        "promise/nreminder",  "promise/nother/2026-11-30",
        "promise/nreminder/", "promise//",
    };
    struct dialogue_state s = reminded();
    struct dialogue_plan p;

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        p = tap(&s, none[i]);
        assert_int_equal(p.n, 1);
        assert_int_equal(p.actions[0].kind, DO_MENU);
    }
    p = tap(&s, OTHER "person");
    assert_int_equal(count(&p, DO_ANSWERED), 0);
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);
    p = tap(&s, OTHER "stop");
    assert_int_equal(count(&p, DO_ANSWERED), 0);
    assert_int_equal(count(&p, DO_REFUSE), 2);

    /* None at all: as if it were another's. */
    s.reminder.id[0] = '\0';
    p = tap(&s, TAP("proof"));
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_MENU);
}

/* NOW is a Monday, 2026-11-23 in Bogotá: five business days from then on. */
static void a_day_is_one_of_the_list(void **state)
{
    static const char *const good[] = { "2026-11-23", "2026-11-24",
                                        "2026-11-30" };
    static const char *const bad[] = { "2026-11-22", "2026-11-28", "2026-11-29",
                                       "2026-12-01", "2025-11-24" };
    static const char *const none[] = { "2026-11-31", "24/11/2026",
                                        "2026-11-24 ", "mañana" };
    struct dialogue_state s = reminded();
    char id[ANSWER_ID_SIZE];
    civil_day day;

    (void)state;
    assert_int_equal(contact_day(&policy->calendar, NOW),
                     date_day(2026, 11, 23));
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct dialogue_plan p;

        (void)snprintf(id, sizeof(id), "promise/nreminder/%s", good[i]);
        p = tap(&s, id);
        assert_int_equal(date_parse(good[i], &day), 0);
        assert_int_equal(p.n, 1);
        assert_int_equal(p.actions[0].kind, DO_PROMISE);
        assert_int_equal(p.actions[0].value, day);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct dialogue_plan p;

        (void)snprintf(id, sizeof(id), "promise/nreminder/%s", bad[i]);
        p = tap(&s, id);
        assert_int_equal(p.n, 1);
        assert_int_equal(p.actions[0].kind, DO_ASK_PROMISE);
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        (void)snprintf(id, sizeof(id), "promise/nreminder/%s", none[i]);
        assert_int_equal(tap(&s, id).actions[0].kind, DO_MENU);
    }
}

static void a_word_counts_once_and_only_where_it_answers(void **state)
{
    struct dialogue_state s = reminded();
    struct dialogue_plan p = text(&s, "Ya pagué");

    (void)state;
    noted(&p, ANSWER_PROOF);
    assert_int_equal(count(&p, DO_PROCEDURE), 1);
    p = text(&s, "voy a pagar");
    noted(&p, ANSWER_PROMISE);
    assert_int_equal(count(&p, DO_ASK_PROMISE), 1);
    p = text(&s, "asesor");
    noted(&p, ANSWER_PERSON);
    p = text(&s, "no más avisos");
    noted(&p, ANSWER_STOP);

    /* Only as the whole message; and a second time it is like any other. */
    p = text(&s, "ya pagué la semana pasada");
    assert_int_equal(count(&p, DO_ANSWERED), 0);
    assert_int_equal(count(&p, DO_MENU), 1);
    s.reminder.answered = 1u << ANSWER_PROOF | 1u << ANSWER_PROMISE;
    p = text(&s, "ya pagué");
    assert_int_equal(p.n, 1);
    assert_int_equal(p.actions[0].kind, DO_MENU);
    assert_int_equal(count(&p, DO_PROCEDURE), 0);
    p = text(&s, "voy a pagar");
    assert_int_equal(count(&p, DO_ASK_PROMISE), 0);

    /* Who was reminded of nothing says nothing with it. */
    s.reminder.id[0] = '\0';
    s.reminder.answered = 0;
    assert_int_equal(count(&(struct dialogue_plan[]){ text(&s, "ya pagué") }[0],
                           DO_PROCEDURE),
                     0);
}

/* Two machines: whatever is typed, they fall silent. */
static void words_run_out_of_answers(void **state)
{
    struct dialogue_state s = reminded();
    struct dialogue_plan p;

    (void)state;
    s.answers = 10;
    p = text(&s, "voy a pagar");
    assert_int_equal(count(&p, DO_ASK_PROMISE), 0);
    p = tap(&s, TAP("promise"));
    assert_int_equal(count(&p, DO_ASK_PROMISE), 0);
    noted(&p, ANSWER_PROMISE);
    assert_int_equal(tap(&s, "promise/nreminder/2026-11-25").actions[0].kind,
                     DO_PROMISE);
}

static void while_an_agent_has_them_it_is_only_noted(void **state)
{
    struct dialogue_state s = reminded();
    struct dialogue_plan p;

    (void)state;
    s.mode = MODE_PERSON;
    p = tap(&s, TAP("proof"));
    assert_int_equal(p.n, 1);
    noted(&p, ANSWER_PROOF);
    assert_int_equal(tap(&s, TAP("status")).n, 1);
    assert_int_equal(tap(&s, TAP("promise")).n, 1);
    p = text(&s, "ya pagué");
    assert_int_equal(count(&p, DO_KEEP), 1);
    assert_int_equal(count(&p, DO_PROCEDURE), 0);
    p = tap(&s, TAP("stop"));
    assert_int_equal(count(&p, DO_REFUSE), 2);
    /* A day that they pick now is theirs all the same. */
    assert_int_equal(tap(&s, "promise/nreminder/2026-11-25").actions[0].kind,
                     DO_PROMISE);
}

static void consent_comes_first_and_no_child_promises(void **state)
{
    struct dialogue_state s = reminded();
    struct dialogue_plan p;

    (void)state;
    s.purposes[0].state = CONSENT_NONE;
    p = tap(&s, TAP("proof"));
    assert_int_equal(count(&p, DO_PROCEDURE), 0);
    assert_int_equal(count(&p, DO_PROMPT), 1);
    assert_true(first(&p, DO_PROMPT)->with_notice);
    open_prompt(&s, 0, NOW_S - 10);
    p = tap(&s, TAP("proof"));
    assert_int_equal(count(&p, DO_PROMPT), 0);
    p = tap(&s, TAP("promise")); /* needs no document */
    assert_int_equal(count(&p, DO_ASK_PROMISE), 1);

    s = reminded();
    s.minor = MINOR_SAID;
    assert_int_equal(count(&(struct dialogue_plan[]){ tap(
                               &s, "promise/nreminder/2026-11-25") }[0],
                           DO_PROMISE),
                     0);
    p = tap(&s, TAP("promise"));
    assert_int_equal(count(&p, DO_ASK_PROMISE), 0);
    p = tap(&s, TAP("person"));
    assert_int_equal(count(&p, DO_ASK_PERSON), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_button_leads_where_it_says),
        cmocka_unit_test(a_reminder_of_somebody_else_is_the_menu),
        cmocka_unit_test(a_day_is_one_of_the_list),
        cmocka_unit_test(a_word_counts_once_and_only_where_it_answers),
        cmocka_unit_test(words_run_out_of_answers),
        cmocka_unit_test(while_an_agent_has_them_it_is_only_noted),
        cmocka_unit_test(consent_comes_first_and_no_child_promises),
    };

    return cmocka_run_group_tests(tests, begin, teardown);
}

/* policy: whether people are asked how it was, and in which words. */
#include "policy_help.h"

#define LAST "types:\n"

/* The shipped policy, with that added. */
static void adds(const char *policy, const char *line)
{
    char new[256];

    (void)snprintf(new, sizeof(new), "satisfaction: %s\n" LAST, line);
    swap(policy, YAML, LAST, new);
}

static void nobody_is_asked_without_the_policys_word(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_false(p->satisfaction.asked);
    assert_null(p->languages[0].rating[RATING_TEXT_ASK]);
    policy_free(&p);
}

static void what_is_not_said_has_a_value(void **state)
{
    struct policy *p;

    (void)state;
    adds(CO, "{}");
    p = load_good(CO);
    assert_true(p->satisfaction.asked);
    assert_int_equal(p->satisfaction.ask_after, 10 * 60 * MSEC_S);
    assert_int_equal(p->satisfaction.quiet, 30 * MSEC_D);
    policy_free(&p);
    adds(ES, "{ask_after: 0s, quiet_days: 0}");
    p = load_good(ES);
    assert_int_equal(p->satisfaction.ask_after, 0);
    assert_int_equal(p->satisfaction.quiet, 0);
    policy_free(&p);
}

/* All languages that come with us fit into WhatsApp's lists. */
static void shipped_texts_are_whole_in_every_language(void **state)
{
    static const char *const ids[] = { CO, ES };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct policy *p;

        adds(ids[i], "{}");
        p = load_good(ids[i]);
        for (size_t l = 0; l < p->nlanguages; l++)
            for (int t = 0; t < RATING_TEXT__MAX; t++)
                assert_non_null(p->languages[l].rating[t]);
        for (size_t w = 0; w < json_array_size(p->warnings); w++)
            assert_null(
                strstr(json_string_value(json_array_get(p->warnings, w)),
                       "satisfaction"));
        /* Who types the number has it in front of them. */
        for (int t = RATING_TEXT_FIVE; t <= RATING_TEXT_ONE; t++)
            assert_int_equal(p->languages[0].rating[t][0],
                             '5' - (t - RATING_TEXT_FIVE));
        policy_free(&p);
    }
}

static void strange_values_are_refused(void **state)
{
    static const struct {
        const char *line, *says;
    } bad[] = {
        { "yes", "satisfaction: needs ask_after or quiet_days" },
        { "{after: 1m}", "after: unknown key" },
        { "{ask_after: soon}", "ask_after: is no duration" },
        { "{ask_after: 13h}", "ask_after: is longer than 12h" },
        { "{quiet_days: 366}", "quiet_days: is not 0 to 365" },
        { "{quiet_days: -1}", "quiet_days: is not 0 to 365" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        void *none = NULL;

        adds(CO, bad[i].line);
        assert_null(load(CO));
        assert_int_equal(err.code, ERR_CONFIG);
        if (strstr(err.text, bad[i].says) == NULL)
            fail_msg("%s: %s", bad[i].line, err.text);
        (void)tear_down(&none);
        (void)set_up(&none);
    }
}

static void a_text_that_lacks_is_missed_only_where_people_are_asked(
    void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, TEXTS, "  button: Calificar\n", "");
    p = load_good(CO);
    policy_free(&p);
    adds(CO, "{}");
    assert_null(load(CO));
    assert_non_null(strstr(err.text, "satisfaction.button"));
}

static void a_question_says_which_case(void **state)
{
    (void)state;
    swap(CO, TEXTS, "Cerramos su caso {case}.", "Cerramos su caso.");
    adds(CO, "{}");
    assert_null(load(CO));
    assert_non_null(strstr(err.text, "does not say {case}"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nobody_is_asked_without_the_policys_word),
        T(what_is_not_said_has_a_value),
        T(shipped_texts_are_whole_in_every_language),
        T(strange_values_are_refused),
        T(a_text_that_lacks_is_missed_only_where_people_are_asked),
        T(a_question_says_which_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* policy: phrases, courtesies and titles, and those that nobody could mean. */
#include "policy_help.h"

#include "policy/policy_private.h"

static void refused(void **state, const char *old, const char *new,
                    const char *says)
{
    struct policy *p;

    (void)set_up(state);
    swap(CO, TEXTS, old, new);
    p = load(CO);
    if (p != NULL || strstr(err.text, says) == NULL)
        print_error("%s\nnot: %s\n", err.text, says);
    assert_null(p);
    assert_non_null(strstr(err.text, says));
    (void)tear_down(state);
}

static void phrases_that_cannot_be_meant(void **state)
{
    static const char *const slips[][2] = {
        { "[asesoría,", "person: \"asesoría\" is one word" },
        { "[\"...\",", "person: \"...\" has no letters" },
        { "[no me escriban,", "person: \"no me escriban\" means something else"
                              " already" },
        { "[no me escriban aquí,",
          "person: \"no me escriban aquí\" would never be found" },
        { "[datos personales,",
          "person: \"datos personales\" means something else already" },
        { "[[hablar con],", "person: \"\" is not text" },
    };

    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        char with[128];

        (void)snprintf(with, sizeof(with), "  person: %s", slips[i][0]);
        refused(state, "  person: [hablar con una persona,", with, slips[i][1]);
    }
}

static void what_hides_another_is_refused(void **state)
{
    /* A right that has a person in it would be the person's. */
    refused(state, "    rights: [", "    rights: [que me llamen a juicio, ",
            "would never be found, or hides another");
    refused(state, "  new_number: [", "  new_number: [quiero un asesor, ",
            "person: \"quiero un asesor\" means something else already");
}

static void a_courtesy_is_no_word(void **state)
{
    refused(state, "courtesies: [", "courtesies: [acepto, ",
            "courtesies: \"acepto\" means something already");
    refused(state, "courtesies: [", "courtesies: [\"no\", ",
            "courtesies: \"no\" means something already");
    refused(state, "courtesies: [hola", "courtesies: [\"!\"", "has no letters");
}

static void keys_and_buttons(void **state)
{
    refused(state, "phrases:\n", "phrases:\n  perhaps: [a b]\n",
            "perhaps: unknown key");
    refused(state, "phrases:\n  nothing: [", "phrases:\n  nothing: a b\n  x: [",
            "x: unknown key");
    refused(state, "  sensitive_images: \"Retirar: imágenes\"",
            "  sensitive_images: \"Retirar: todas las imágenes\"",
            "sensitive_images: is not one line of at most 20 characters");
    refused(state, "  sensitive_images: \"Retirar: imágenes\"",
            "  other: \"Retirar: imágenes\"", "other: unknown key");
    refused(state, "  end_all: \"Retirar todo\"",
            "  end_all: \"Retirar todo lo que dije\"", "end_all:");
}

/* What a policy has none of is never found. */
static void without_any_of_it(void **state)
{
    struct policy_meaning m;
    struct policy *p;
    char *text, *at;

    (void)set_up(state);
    text = get_text(CO, TEXTS);
    at = strstr(text, "# What people write in their own words");
    assert_non_null(at);
    put_text(CO, TEXTS, text, (size_t)(at - text));
    free(text);
    text = get_text(CO, "policy.yaml");
    at = strstr(text, "languages: [");
    assert_non_null(at);
    free(text);
    swap(CO, "policy.yaml", "languages: [es-CO, en, pt-BR]",
         "languages: [es-CO]");
    p = load(CO);
    if (p == NULL)
        fail_msg("%s", err.text);
    policy_meaning_of(p, "no me escriban más", &m);
    assert_int_equal(m.phrase, PHRASE_NONE);
    policy_meaning_of(p, "asesor, por favor", &m);
    assert_int_equal(m.word, WORD_NONE);
    policy_meaning_of(p, "me pueden borrar todo", &m);
    assert_int_equal(m.phrase, PHRASE_RIGHTS);
    policy_meaning_of(p, "Retiro de Cesantias", &m);
    assert_string_equal(m.id, "procedure/cesantias");
    policy_free(&p);
    (void)tear_down(state);
}

static void only_so_far_is_looked(void **state)
{
    char text[LIMIT_RIGHTS_LOOK + 64];
    struct policy_meaning m;
    struct policy *p;

    (void)set_up(state);
    p = load_good(CO);
    memset(text, 'x', sizeof(text));
    strcpy(text + LIMIT_RIGHTS_LOOK - 15, " no me escriban");
    policy_meaning_of(p, text, &m);
    assert_int_equal(m.phrase, PHRASE_END);
    memset(text, 'x', sizeof(text));
    strcpy(text + LIMIT_RIGHTS_LOOK - 14, " no me escriban");
    policy_meaning_of(p, text, &m);
    assert_int_equal(m.phrase, PHRASE_NONE);
    policy_free(&p);
    (void)tear_down(state);
}

/* Each of all, wherever it stands. */
static void everything_that_is_listed_is_found(void **state)
{
    static const char *const around[][2] = { { "zz ", " zz" }, { "zz ", "" },
                                             { "q zz x ", " x q" } };
    struct policy_meaning m;
    struct policy *p;

    (void)set_up(state);
    p = load_good(CO);
    assert_true(p->phrases->in.n > 100);
    for (size_t i = 0; i < p->phrases->in.n; i++)
        for (size_t k = 0; k < sizeof(around) / sizeof(around[0]); k++) {
            char text[256];

            (void)snprintf(text, sizeof(text), "%s%s%s", around[k][0],
                           p->phrases->in.items[i].text, around[k][1]);
            policy_meaning_of(p, text, &m);
            if (m.phrase != p->phrases->in.items[i].kind)
                fail_msg("%s: %d", text, (int)m.phrase);
        }
    for (size_t i = 0; i < p->phrases->around.n; i++) {
        char text[256];

        (void)snprintf(text, sizeof(text), "asesor %s",
                       p->phrases->around.items[i].text);
        policy_meaning_of(p, text, &m);
        assert_int_equal(m.word, WORD_PERSON);
    }
    policy_free(&p);
    (void)tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_that_cannot_be_meant),
        cmocka_unit_test(what_hides_another_is_refused),
        cmocka_unit_test(a_courtesy_is_no_word),
        cmocka_unit_test(keys_and_buttons),
        cmocka_unit_test(without_any_of_it),
        cmocka_unit_test(only_so_far_is_looked),
        cmocka_unit_test(everything_that_is_listed_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* policy: what a language says in words of its own, and how it offers itself.
 */
#include "policy_help.h"

#define EN "texts.en.yaml"

static const char *first_text(const struct policy *p, const char *tag)
{
    return policy_language(p, tag)->prompts[0][PROMPT_FIRST].interactive;
}

static void a_language_has_values_of_its_own(void **state)
{
    struct policy *p = load_good(ES);

    (void)state;
    assert_non_null(strstr(first_text(p, "en"), "encrypted in Spain"));
    assert_non_null(strstr(first_text(p, "en"), "write WITHDRAW"));
    assert_non_null(strstr(first_text(p, "pt-BR"), "em: Espanha"));
    assert_non_null(strstr(first_text(p, "es-ES"), "escriba BAJA"));
    assert_non_null(
        strstr(policy_language(p, "en")->texts[TEXT_OTHER], "our offices"));
    assert_non_null(
        strstr(policy_language(p, "en")->notice, "Data Protection Agency"));
    /* What is on record is said in the first. */
    assert_string_equal(json_str(p->about, "hosting_country"), "España");
    /* The word of the first works, whatever another one promises. */
    assert_int_equal(policy_word_of(p, "baja"), WORD_WITHDRAW);
    assert_int_equal(policy_word_of(p, "withdraw"), WORD_WITHDRAW);
    policy_free(&p);
}

static void each_first_message_names_the_other_languages(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_non_null(strstr(first_text(p, "es-CO"),
                           "English: write ENGLISH · Português: escreva"));
    assert_non_null(strstr(first_text(p, "en"),
                           "Español: escriba ESPAÑOL · Português: escreva"));
    assert_null(strstr(first_text(p, "en"), "write ENGLISH"));
    /* It stands before no question that comes later. */
    assert_null(strstr(
        policy_language(p, "es-CO")->prompts[1][PROMPT_SHORT].interactive,
        "ENGLISH"));
    policy_free(&p);
}

/* It never keeps a policy from loading that has no room for it. */
static void where_there_is_no_room_it_goes_without(void **state)
{
    char folder[256], controller[81];
    char *warnings;
    struct policy *p;

    (void)state;
    memset(controller, 'x', sizeof(controller) - 1);
    controller[sizeof(controller) - 1] = '\0';
    (void)snprintf(folder, sizeof(folder), "%s/%s", root, CO);
    p = policy_load(folder, controller, "https://intake.example", &err);
    assert_non_null(p);
    assert_null(strstr(first_text(p, "es-CO"), "write ENGLISH"));
    warnings = json_dumps(p->warnings, 0);
    assert_non_null(strstr(warnings, "texts.es-CO.yaml: the first message has "
                                     "no room to name the other languages"));
    assert_null(strstr(warnings, "texts.en.yaml: the first message"));
    free(warnings);
    policy_free(&p);
}

static void refused(const char *old, const char *new, const char *why)
{
    char *former = get_text(CO, EN);
    struct policy *p;

    swap(CO, EN, old, new);
    p = load(CO);
    if (p != NULL || strstr(err.text, why) == NULL)
        print_error("%s: %s\n", new, p != NULL ? "it loads" : err.text);
    assert_null(p);
    assert_non_null(strstr(err.text, why));
    assert_non_null(strstr(err.text, EN ":"));
    put_text(CO, EN, former, strlen(former));
    free(former);
}

static void what_makes_no_sense_is_named(void **state)
{
    (void)state;
    refused("values:\n", "values: x\nothers:\n", "values: has no keys");
    refused("values:\n", "values:\n  controller: Nobody\n",
            "controller: unknown key");
    refused("hosting_country: Colombia", "hosting_country: \"{dpo}\"",
            "one line without braces");
    refused("hosting_country: Colombia", "hosting_country: \" \"",
            "hosting_country: is empty");
    refused("withdrawal_word: WITHDRAW", "withdrawal_word: GO AWAY",
            "not among the words that withdraw");
    refused("offer: \"English: write ENGLISH\"", "offer: \"write INGLES\"",
            "offer: does not say \"English\"");
    refused("offer: \"English: write ENGLISH\"",
            "offer: \"English, English, English, English, English, English, "
            "English\"",
            "at most 60 characters");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_language_has_values_of_its_own),
        cmocka_unit_test(each_first_message_names_the_other_languages),
        cmocka_unit_test(where_there_is_no_room_it_goes_without),
        cmocka_unit_test(what_makes_no_sense_is_named),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

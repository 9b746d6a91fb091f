/* policy: how old somebody says that they are. */
#include "policy_help.h"

static struct policy *co;

static int load_co(void **state)
{
    if (set_up(state) != 0)
        return -1;
    co = load_good(CO);
    return 0;
}

static int free_co(void **state)
{
    policy_free(&co);
    return tear_down(state);
}

static void is(const char *text, int age)
{
    if (policy_age_said(co, text) != age)
        print_error("%s\n", text);
    assert_int_equal(policy_age_said(co, text), age);
}

static void an_age_is_heard_in_each_language(void **state)
{
    (void)state;
    is("tengo 15 años", 15);
    is("Tengo 9 anos.", 9);
    is("TENGO QUINCE AÑOS!!", 15);
    is("tengo diez y seis años", 16);
    is("I'm 13", 13);
    is("Im 13", 13);
    is("i am 13 years old", 13);
    is("I am seventeen.", 17);
    is("tenho 13 anos", 13);
    is("tenho dezesseis anos", 16);
    is("tengo 45 años", 45);
}

static void a_sentence_of_its_own_is_heard_in_a_longer_one(void **state)
{
    (void)state;
    is("Buenas tardes. Tengo 16 años. ¿Puedo retirar mis cesantías?", 16);
    is("hola, tengo 14 años", 14);
    is("hi!\ni'm 15\ncan i open an account", 15);
    is("tengo 11 años \xf0\x9f\x98\x8a", 11);
    is("Tengo 40 años, tengo 12 años", 12);
    is("Mi hija dice: tengo 12 años", 12);
}

static void a_number_of_something_else_is_no_age(void **state)
{
    (void)state;
    is("tengo 15 documentos", 0);
    is("tengo 15", 0);
    is("15", 0);
    is("i'm 17 minutes away", 0);
    is("I'm 15th in the queue", 0);
    is("tengo 15 años cotizando", 0);
    is("tengo 15 años y 3 meses de antigüedad", 0);
    is("mi hija tengo 15 años", 0);
    is("tengo 3 años", 0); /* nobody so young writes: of waiting, say */
    is("tengo 115 años", 0);
    is("tengo 015 años", 0);
    is("tengo 1 5 años", 0);
    is("tengo años", 0);
    is("tengo -15 mil años", 0);
    is("tengo veinte años", 0); /* of age, whatever the number is */
    is("", 0);
}

/* Nothing is read past its end, or past what is looked at. */
static void long_ones_are_looked_at_in_part(void **state)
{
    char text[2 * LIMIT_RIGHTS_LOOK];

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "tengo 12 años. ", 16);
    text[sizeof(text) - 1] = '\0';
    is(text, 12);
    memset(text, ' ', 32);
    memcpy(text + LIMIT_RIGHTS_LOOK - 5, ". tengo 12 años", 17);
    is(text, 0);
}

static void wrong_pattern(const char *pattern, const char *why)
{
    char *former = get_text(CO, TEXTS);
    char list[256];

    (void)snprintf(list, sizeof(list), "minor: [\"%s\", ", pattern);
    swap(CO, TEXTS, "minor: [", list);
    if (load(CO) != NULL)
        fail_msg("%s loads", pattern);
    if (strstr(err.text, why) == NULL)
        print_error("%s: %s\n", pattern, err.text);
    assert_non_null(strstr(err.text, why));
    assert_non_null(strstr(err.text, "texts.es-CO.yaml:"));
    put_text(CO, TEXTS, former, strlen(former));
    free(former);
}

static void a_bad_pattern_is_named(void **state)
{
    (void)state;
    wrong_pattern("tengo {n} años y {n} meses", "no other brace");
    wrong_pattern("tengo {edad} años", "needs {n}");
    wrong_pattern("tengo n} años", "needs {n}");
    wrong_pattern("{n}", "is a number and nothing else");
    wrong_pattern("{n} ...", "is a number and nothing else");
    wrong_pattern("tengo{n} años", "needs a space");
    wrong_pattern("tengo {n}años", "needs a space");
    swap(CO, TEXTS, "[asistente,", "[\"asistente {n}\",");
    assert_null(load(CO));
    assert_non_null(strstr(err.text, "which only ages have"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_age_is_heard_in_each_language),
        cmocka_unit_test(a_sentence_of_its_own_is_heard_in_a_longer_one),
        cmocka_unit_test(a_number_of_something_else_is_no_age),
        cmocka_unit_test(long_ones_are_looked_at_in_part),
        cmocka_unit_test(a_bad_pattern_is_named),
    };

    return cmocka_run_group_tests(tests, load_co, free_co);
}

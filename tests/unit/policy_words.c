/* policy: what a typed message means, the ids of buttons, and filling. */
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

static void all_mean(enum policy_word word, const char *const *texts)
{
    for (; *texts != NULL; texts++) {
        if (policy_word_of(co, *texts) != word)
            print_error("%s\n", *texts);
        assert_int_equal(policy_word_of(co, *texts), word);
    }
}

static void case_accents_and_punctuation_do_not_count(void **state)
{
    static const char *const yes[] = { "acepto",
                                       "ACEPTO",
                                       "Acepto.",
                                       "¡Acepto!",
                                       "  acepto \n",
                                       "sí",
                                       "si",
                                       "SÍ",
                                       "Si\xcc\x81",
                                       "sí, autorizo",
                                       "Si autorizo.",
                                       "*Sí, acepto*",
                                       "SÍ -- ACEPTO…",
                                       "\xe2\x80\x8bsí",
                                       "«sí»",
                                       "Yes, I agree!",
                                       "I agree",
                                       NULL };
    static const char *const no[] = { "no",          "No.",
                                      "NO AUTORIZO", "no, gracias",
                                      "No acepto!!", "I do not accept",
                                      NULL };
    static const char *const other[] = { "Otro canal", "another channel",
                                         NULL };
    static const char *const withdraw[] = { "BAJA",    "baja",     "Revocar.",
                                            "RETIRAR", "withdraw", NULL };
    static const char *const end[] = { "stop", "STOP!", NULL };

    (void)state;
    all_mean(WORD_YES, yes);
    all_mean(WORD_NO, no);
    all_mean(WORD_OTHER, other);
    all_mean(WORD_WITHDRAW, withdraw);
    all_mean(WORD_END, end);
}

static void only_the_whole_message_counts(void **state)
{
    static const char *const none[] = { "acepto que no",
                                        "no sé si acepto",
                                        "sí pero no",
                                        "quiero darme de baja",
                                        "acepto acepto",
                                        "aceptó mi jefe",
                                        "acept o",
                                        "bajada",
                                        "s",
                                        NULL };

    (void)state;
    all_mean(WORD_NONE, none);
}

static void unclear_words_are_nothing(void **state)
{
    static const char *const none[] = {
        "",     " ",     "...",   "¿?",     "ok",      "OK!", "vale",
        "dale", "listo", "claro", "de una", "gracias", "👍",   "👍🏽",
        "1",    "ssí",   "\xff",  "s\xc3i", "нет",     "ѕі",  NULL
    };

    (void)state;
    all_mean(WORD_NONE, none);
}

static void a_long_message_is_no_word(void **state)
{
    char text[LIMIT_WORD + 16];

    (void)state;
    memset(text, ' ', sizeof(text));
    memcpy(text, "acepto", 6);
    text[LIMIT_WORD] = '\0';
    assert_int_equal(policy_word_of(co, text), WORD_YES);
    text[LIMIT_WORD] = ' ';
    text[LIMIT_WORD + 1] = '\0';
    assert_int_equal(policy_word_of(co, text), WORD_NONE);
}

static void lists_that_cannot_be_meant(void **state)
{
    static const struct slip slips[] = {
        { "[acepto,", "[acepto, ok,", 19, "yes: \"ok\" is said without" },
        { "[acepto,", "[acepto, \"¡Vale!\",", 19,
          "yes: \"¡Vale!\" is said without meaning to consent" },
        { "[acepto,", "[acepto, DE UNA,", 19, "yes: \"DE UNA\" is said" },
        { "[acepto,", "[acepto, gracias,", 19, "yes: \"gracias\" is said" },
        { "[\"no\",", "[\"no\", Acepto,", 20,
          "no: \"Acepto\" means something else already" },
        { "[baja,", "[baja, SI,", 22, "withdraw: \"SI\" means something" },
        { "[otro canal]", "[otro canal, \"no\"]", 21,
          "other: \"no\" means something else already" },
        { "[acepto,", "[acepto, \"...\",", 19, "yes: \"...\" has no letters" },
        { "[acepto,", "[acepto, \"\",", 19, "yes: \"\" has no letters" },
        { "[acepto,", "[[acepto],", 19, "yes: \"\" is not text" },
        { "[otro canal]", "otro canal", 21, "other: needs a list of words" },
        { "[otro canal]", "[]", 21, "other: needs a list of words" },
        { "  other: [otro canal]\n", "", 18, "other: needs a list of words" },
        { "  other: [otro canal]", "  perhaps: [otro canal]", 21,
          "perhaps: unknown key" },
        { "  \"yes\": [", "  \"yes\":\n    - ok\n  x: [", 21,
          "x: unknown key" },
    };

    (void)state;
    ALL_REFUSED(CO, TEXTS, slips);
}

static void a_word_means_one_thing_in_all_languages(void **state)
{
    static const struct slip slips[] = {
        { "withdraw: [withdraw]", "withdraw: [acepto]", 22,
          "withdraw: \"acepto\" means something else already" },
        { "[\"yes\",", "[\"yes\", baja,", 19,
          "yes: \"baja\" means something else already" },
    };

    (void)state;
    ALL_REFUSED(CO, "texts.en.yaml", slips);
}

static void a_word_longer_than_a_message_that_counts(void **state)
{
    char longest[LIMIT_WORD + 1], list[LIMIT_WORD + 32];

    (void)state;
    memset(longest, 'x', LIMIT_WORD);
    longest[LIMIT_WORD] = '\0';
    (void)snprintf(list, sizeof(list), "[acepto, %s,", longest);
    swap(CO, TEXTS, "[acepto,", list);
    policy_free(&co);
    co = load_good(CO);
    assert_int_equal(policy_word_of(co, longest), WORD_YES);

    (void)snprintf(list, sizeof(list), "[y%s,", longest);
    swap(CO, TEXTS, "[acepto,", list);
    refused_at(CO, TEXTS, 19, "yes: \"yxxx");
    assert_non_null(strstr(err.text, "is too long for a word"));
}

/* ---- buttons ------------------------------------------------------------ */

static void buttons_are_parsed_as_they_are_written(void **state)
{
    static const char *const verbs[] = { "grant", "refuse", "other", "withdraw",
                                         "ack" };

    (void)state;
    for (int i = 0; i < BUTTON__MAX; i++) {
        char id[BUTTON_ID_SIZE], want[BUTTON_ID_SIZE];
        char purpose[PURPOSE_SIZE], version[VERSION_SIZE];
        enum button_verb verb = BUTTON__MAX;

        (void)snprintf(want, sizeof(want), "%s/a_1/2026-11.b", verbs[i]);
        assert_int_equal(
            button_format(id, (enum button_verb)i, "a_1", "2026-11.b"), 0);
        assert_string_equal(id, want);
        assert_int_equal(button_parse(id, &verb, purpose, version), 0);
        assert_int_equal(verb, i);
        assert_string_equal(purpose, "a_1");
        assert_string_equal(version, "2026-11.b");
    }
}

static void the_longest_names_fit(void **state)
{
    char purpose[PURPOSE_SIZE], version[VERSION_SIZE], id[BUTTON_ID_SIZE];
    char p[PURPOSE_SIZE], v[VERSION_SIZE];
    enum button_verb verb;

    (void)state;
    memset(purpose, 'p', sizeof(purpose));
    memset(version, '1', sizeof(version));
    purpose[PURPOSE_SIZE - 1] = version[VERSION_SIZE - 1] = '\0';
    assert_int_equal(button_format(id, BUTTON_WITHDRAW, purpose, version), 0);
    assert_true(strlen(id) <= LIMIT_BUTTON_ID);
    assert_int_equal(button_parse(id, &verb, p, v), 0);
    assert_string_equal(p, purpose);
    assert_string_equal(v, version);
}

static void ids_that_are_not_ours(void **state)
{
    static const char *const ids[] = {
        "",
        "grant",
        "grant/",
        "grant//",
        "grant/a",
        "grant/a/",
        "grant//1",
        "/a/1",
        "Grant/a/1",
        "grant/A/1",
        "grant/a/V1",
        "grant/a/1/",
        "grant/a/1/2",
        "grant/a/1 ",
        " grant/a/1",
        "grant/a b/1",
        "grant/a-b/1",
        "grant/a/1_2",
        "grant/../1",
        "grants/a/1",
        "gran/a/1",
        "withdrawwithdraw/a/1",
        "grant/a/1\n",
        "grant/\xc3\xad/1",
        "grant/a/123456789012345678901234567890123",
        "grant/a2345678901234567890123456789012345678901/1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        char purpose[PURPOSE_SIZE], version[VERSION_SIZE];
        enum button_verb verb;

        if (button_parse(ids[i], &verb, purpose, version) == 0)
            print_error("%s\n", ids[i]);
        assert_int_equal(button_parse(ids[i], &verb, purpose, version), -1);
    }
}

/* ---- filling ------------------------------------------------------------ */

static void fills_what_it_knows_and_leaves_the_rest(void **state)
{
    static const char *const pairs[] = { "stored", "3", "case", "{stored}",
                                         NULL };
    static const char *const cases[][2] = {
        { "", "" },
        { "{stored} of {case}", "3 of {stored}" }, /* values are not filled */
        { "{stored}{stored}", "33" },
        { "{unknown} {Stored} { stored} {store} {stored_}",
          "{unknown} {Stored} { stored} {store} {stored_}" },
        { "{{stored}}", "{3}" },
        { "{", "{" },
        { "{}", "{}" },
        { "{stored", "{stored" },
        { "ñ{stored}ñ", "ñ3ñ" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out = { 0 };

        assert_int_equal(policy_fill(&out, cases[i][0], pairs), 0);
        assert_int_equal(out.len, strlen(cases[i][1]));
        if (out.len > 0)
            assert_memory_equal(out.p, cases[i][1], out.len);
        buf_free(&out);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, load_co, free_co)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(case_accents_and_punctuation_do_not_count),
        TEST(only_the_whole_message_counts),
        TEST(unclear_words_are_nothing),
        TEST(a_long_message_is_no_word),
        TEST(lists_that_cannot_be_meant),
        TEST(a_word_means_one_thing_in_all_languages),
        TEST(a_word_longer_than_a_message_that_counts),
        cmocka_unit_test(buttons_are_parsed_as_they_are_written),
        cmocka_unit_test(the_longest_names_fit),
        cmocka_unit_test(ids_that_are_not_ours),
        cmocka_unit_test(fills_what_it_knows_and_leaves_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* policy: each language's texts keep WhatsApp's limits, and what a language
 * lacks is said. */
#include "policy_help.h"

static const char *const tags[] = { "es-CO", "en", "pt-BR" };
#define TAGS (sizeof(tags) / sizeof(tags[0]))

/* The value of `section`'s `key`, which stands in one line, becomes n times the
 * character "é" (which is two bytes, and counts once). */
static void set_length(const char *file, const char *section, const char *key,
                       size_t n)
{
    char *text = get_text(CO, file), head[64], *at, *end;
    struct buf out = { 0 };

    (void)snprintf(head, sizeof(head), "\n%s:\n", section);
    /* The first one has no line before it. */
    at = section[0] == '\0' || strncmp(text, head + 1, strlen(head + 1)) == 0
             ? text
             : strstr(text, head);
    assert_non_null(at);
    (void)snprintf(head, sizeof(head),
                   "\n%s%s: ", section[0] != '\0' ? "  " : "", key);
    at = strstr(at, head);
    assert_non_null(at);
    at += strlen(head);
    end = strchr(at, '\n');
    assert_int_equal(buf_add(&out, text, (size_t)(at - text)), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(buf_adds(&out, "é"), 0);
    assert_int_equal(buf_adds(&out, end), 0);
    put_text(CO, file, out.p, out.len);
    buf_free(&out);
    free(text);
}

static const struct {
    const char *section, *key;
    size_t limit;
} limits[] = {
    { "buttons", "grant", 20 },     { "menu", "header", 60 },
    { "menu", "button", 20 },       { "menu", "person", 24 },
    { "menu", "data", 24 },         { "chat", "which_button", 20 },
    { "chat", "which_other", 24 },  { "chat", "data_erase", 24 },
    { "chat", "needed", 300 },      { "language", "row", 24 },
    { "language", "ask", 1024 },    { "language", "button", 20 },
    { "language", "changed", 300 }, { "prepared", "greeting", 4096 },
    { "", "granted", 1024 },        { "", "person_no_estimate", 1024 },
};

static void texts_keep_whatsapps_limits_in_every_language(void **state)
{
    char file[64];

    (void)state;
    for (size_t t = 0; t < TAGS; t++)
        for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
            char *former;
            struct policy *p;

            (void)snprintf(file, sizeof(file), "texts.%s.yaml", tags[t]);
            former = get_text(CO, file);
            set_length(file, limits[i].section, limits[i].key, limits[i].limit);
            p = load_good(CO);
            policy_free(&p);
            set_length(file, limits[i].section, limits[i].key,
                       limits[i].limit + 1);
            p = load(CO);
            if (p != NULL || strstr(err.text, file) == NULL)
                print_error("%s: %s.%s: %s\n", file, limits[i].section,
                            limits[i].key, err.text);
            assert_null(p);
            assert_non_null(strstr(err.text, file));
            assert_non_null(strstr(err.text, limits[i].key));
            put_text(CO, file, former, strlen(former));
            free(former);
        }
}

static const char *warning(const struct policy *p, const char *says)
{
    size_t i;
    json_t *one;

    json_array_foreach(p->warnings, i,
                       one) if (strstr(json_string_value(one), says) !=
                                NULL) return json_string_value(one);
    return NULL;
}

static void what_a_language_lacks_is_listed(void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, "texts.en.yaml", "  row: Language", "  # row: Language");
    swap(CO, "texts.en.yaml", "  greeting: ", "  hello: ");
    swap(CO, "texts.pt-BR.yaml", "  words: [Português", "  # [Português");
    p = load_good(CO);
    assert_non_null(warning(p, "texts.en.yaml: language.row: is missing; es-CO "
                               "is used"));
    assert_non_null(warning(p, "texts.en.yaml: prepared.greeting: is missing; "
                               "es-CO is used"));
    assert_non_null(warning(p, "texts.pt-BR.yaml: language.words: is missing; "
                               "nobody can choose it"));
    assert_null(p->languages[2].name);
    assert_string_equal(p->languages[1].name, "English");
    assert_string_equal(p->languages[1].choice[CHOICE_ROW],
                        p->languages[0].choice[CHOICE_ROW]);
    /* The first language's stands in for who reads another. */
    assert_string_equal(policy_prepared(p, &p->languages[1], "greeting"),
                        policy_prepared(p, &p->languages[0], "greeting"));
    assert_int_equal(policy_word_of(p, "em português"), WORD_NONE);
    assert_int_equal(policy_word_of(p, "In English!"), WORD_LANGUAGE + 1);
    policy_free(&p);
}

static void words_for_a_language_that_make_no_sense(void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, "texts.en.yaml", "  words: [English,",
         "  words: [English, Español,");
    p = load(CO);
    assert_null(p);
    assert_non_null(
        strstr(err.text, "\"Español\" means something else already"));
    swap(CO, "texts.en.yaml", "  words: [English, Español,",
         "  words: [English as it is spoken in Belize,");
    assert_null(load(CO));
    assert_non_null(strstr(err.text, "at most 24 characters"));
    swap(CO, "texts.en.yaml", "  words: [English as it is spoken in Belize,",
         "  words: [English,");
    swap(CO, TEXTS, "  words: [Español", "  # [Español");
    assert_null(load(CO));
    assert_non_null(strstr(err.text, "the first language, has no such words"));
}

static void a_related_language_is_used(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_string_equal(policy_language(p, "es-ES")->tag, "es-CO");
    assert_string_equal(policy_language(p, "pt")->tag, "pt-BR");
    assert_string_equal(policy_language(p, "fr")->tag, "es-CO");
    assert_string_equal(policy_language(p, "")->tag, "es-CO");
    policy_free(&p);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(texts_keep_whatsapps_limits_in_every_language),
        TEST(what_a_language_lacks_is_listed),
        TEST(words_for_a_language_that_make_no_sense),
        TEST(a_related_language_is_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* policy: notices are filled, hashed, and lack nothing that the law asks. */
#include "policy_help.h"

#define TEXT_ES "notices/2026-11/es-ES.md"

static void a_notice_is_filled_and_hashed(void **state)
{
    struct policy *p = load_good(CO);
    const struct policy_language *l = policy_language(p, "es-CO");
    uint8_t hash[SHA256_LEN];

    (void)state;
    assert_memory_equal(l->notice, "*Ejemplo S. A.* quiere recibir", 30);
    assert_non_null(strstr(l->notice, "https://intake.example/notice/"
                                      "co-habeas-data/2026-11/es-CO\n---\n"));
    assert_non_null(strstr(l->notice, "escriba BAJA."));
    assert_int_equal(l->notice_len, strlen(l->notice));
    sha256_of(hash, l->notice, l->notice_len);
    assert_memory_equal(l->notice_sha256, hash, SHA256_LEN);
    policy_free(&p);
}

/* A value that YAML cuts off at a comment sign is a slip of ours. */
static void contact_data_arrive_whole(void **state)
{
    static const char *const says[][2] = {
        { CO, "Calle 26 # 10-20, Bogotá D. C., Colombia" },
        { CO, "datos@ejemplo.com.co, +57 601 555 0100" },
        { ES, "Calle de Alcalá 1, 28014 Madrid, España" },
        { ES, "dpd@ejemplo.es" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
        struct policy *p = load_good(says[i][0]);

        for (size_t l = 0; l < p->nlanguages; l++)
            assert_non_null(strstr(p->languages[l].notice, says[i][1]));
        policy_free(&p);
    }
}

static void each_language_names_its_own_address(void **state)
{
    static const char *const ids[] = { CO, ES };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct policy *p = load_good(ids[i]);

        for (size_t l = 0; l < p->nlanguages; l++) {
            char url[128];

            (void)snprintf(url, sizeof(url), "/notice/%s/2026-11/%s\n", ids[i],
                           p->languages[l].tag);
            assert_non_null(strstr(p->languages[l].notice, url));
            assert_null(strstr(p->languages[l].notice, "{controller}"));
        }
        policy_free(&p);
    }
}

static void the_version_names_the_folder(void **state)
{
    char old[256], new[256];
    struct policy *p;

    (void)state;
    swap(CO, YAML, "2026-11", "2026.12-b");
    assert_null(load(CO));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "notices/2026.12-b/es-CO.md"));

    path_in(old, CO, "notices/2026-11");
    path_in(new, CO, "notices/2026.12-b");
    assert_int_equal(rename(old, new), 0);
    p = load_good(CO);
    assert_non_null(strstr(p->languages[0].notice, "/2026.12-b/es-CO"));
    policy_free(&p);
}

static void subheadings_are_text_of_their_element(void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, NOTICE, "{#rights}\n\n", "{#rights}\n\n### Uno\n\n");
    p = load_good(CO);
    policy_free(&p);
}

/* ---- misuse ------------------------------------------------------------- */

/* Takes every element away in turn; the border's line is named. */
static void elements_missing(const char *policy, const char *file, int border,
                             const char *const *names)
{
    for (; *names != NULL; names++) {
        char tag[64], says[128], *former = get_text(policy, file);

        (void)snprintf(tag, sizeof(tag), " {#%s}\n", *names);
        (void)snprintf(says, sizeof(says),
                       "no heading below has the required element {#%s}",
                       *names);
        swap(policy, file, tag, "\n");
        refused_at(policy, file, border, says);
        put_text(policy, file, former, strlen(former));
        free(former);
    }
}

static void every_element_of_colombia_is_needed(void **state)
{
    static const char *const names[] = {
        "controller", "data",      "purposes",   "sensitive",     "rights",
        "contact",    "procedure", "recipients", "transfers",     "security",
        "minors",     "retention", "withdrawal", "other-channel", "authority",
        "validity",   NULL
    };

    (void)state;
    elements_missing(CO, NOTICE, 9, names);
}

static void every_element_of_spain_is_needed(void **state)
{
    static const char *const names[] = {
        "controller", "dpo",       "data",      "purposes", "legal-basis",
        "recipients", "transfers", "retention", "rights",   "withdrawal",
        "complaint",  "required",  "automated", NULL
    };
    char *text = get_text(ES, TEXT_ES);
    int border = 1;

    (void)state;
    for (const char *s = text; s < strstr(text, "\n---\n") + 1; s++)
        border += *s == '\n';
    free(text);
    elements_missing(ES, TEXT_ES, border, names);
}

static void an_element_is_a_heading_with_text_under_it(void **state)
{
    static const struct slip slips[] = {
        { "## Menores de edad {#minors}", "Menores de edad {#minors}", 9,
          "no heading below has the required element {#minors}" },
        { "## Menores de edad {#minors}", "## Menores\n\n{#minors}", 9,
          "no heading below has the required element {#minors}" },
        { "\n## Cuánto tiempo {#retention}\n\n{retention}\n",
          "\n## Cuánto tiempo {#retention}\n\n \n", 61,
          "element {#retention} has no text" },
        { "\n\n{authority}.\n\n## Vigencia", "\n## Vigencia", 73,
          "element {#authority} has no text" },
        { "\n## Menores de edad {#minors}\n\nQuien",
          "\n## Menores de edad {#minors}\n\n### Uno\n\n## Dos {#x}\n\nQuien",
          57, "element {#minors} has no text" },
    };

    (void)state;
    ALL_REFUSED(CO, NOTICE, slips);
}

static void the_first_layer_says_the_essentials(void **state)
{
    static const struct slip co[] = {
        { "*{controller}*", "Quien", 1,
          "the first layer does not name {controller}" },
        { "{contact_email}", "x", 1, "the first layer does not name {contact" },
        { "{notice_url}\n---", "x\n---", 1,
          "the first layer does not name {n" },
        { "{withdrawal_word}", "x", 1, "the first layer does not name {with" },
        { "{authority}", "x", 1, "the first layer does not name {authority}" },
        { "{hosting_country}", "x", 1, "the first layer does not name {host" },
        { "{other_channel}", "x", 1, "the first layer does not name {other_" },
    };
    static const struct slip es[] = {
        { "{controller}", "x", 1, "the first layer does not name {controller" },
        { "{contact_email}", "x", 1, "the first layer does not name {contact" },
        { "{withdrawal_word}", "x", 1, "the first layer does not name {with" },
        { "{other_channel}", "x", 1, "the first layer does not name {other_" },
    };

    (void)state;
    ALL_REFUSED(CO, NOTICE, co);
    ALL_REFUSED(ES, TEXT_ES, es);
}

static void braces_are_variables_or_slips(void **state)
{
    static const struct slip slips[] = {
        { "{controller}, {contact_address}", "{controler}, x", 16,
          "unknown variable {controler}" },
        { "\n{retention}\n", "\n\n{stored}\n", 64,
          "unknown variable {stored}" },
        { "{withdrawal_word}. Contacto", "{WORD} {withdrawal_word}. Contacto",
          6, "a brace that is no variable's" },
        { "{withdrawal_word}. Contacto", "{ {withdrawal_word}. Contacto", 6,
          "a brace that is no variable's" },
        { "{withdrawal_word}. Contacto", "{withdrawal_word}}. Contacto", 6,
          "a brace that is no variable's" },
        { "{withdrawal_word}. Contacto", "{withdrawal_word}. x} Contacto", 6,
          "a brace that is no variable's" },
        { "{#rights}", "{#rights} {#Rights}", 33,
          "a brace that is no variable's" },
        { "{#rights}", "{#rights} {#}", 33, "a brace that is no variable's" },
        { "{#rights}", "{#rights} {#a", 33, "a brace that is no variable's" },

        /* An element tag would be shown in the chat. */
        { "Aviso completo", "Aviso {#url}", 8,
          "a brace that is no variable's" },
    };

    (void)state;
    ALL_REFUSED(CO, NOTICE, slips);
}

static void a_notice_has_two_parts_of_text(void **state)
{
    char *text = get_text(CO, NOTICE), *former = strdup(text);

    (void)state;
    swap(CO, NOTICE, "\n---\n", "\n--\n");
    refused_at(CO, NOTICE, 1, "needs a first layer, a line \"---\", and");
    put_text(CO, NOTICE, "", 0);
    refused_at(CO, NOTICE, 1, "needs a first layer");

    text[20] = (char)0xff;
    put_text(CO, NOTICE, text, strlen(text));
    refused_at(CO, NOTICE, 1, "is not UTF-8 text");
    put_text(CO, NOTICE, former, strlen(former) + 1);
    refused_at(CO, NOTICE, 1, "is not UTF-8 text");
    free(former);
    free(text);
}

static void a_first_layer_fits_into_a_message(void **state)
{
    char more[1024];

    (void)state;
    memset(more, 'x', sizeof(more));
    more[sizeof(more) - 1] = '\0';
    swap(CO, NOTICE, "Para qué", more);
    refused_at(CO, NOTICE, 1, "the first layer has 1");
    assert_non_null(strstr(err.text, "at most 1024 fit into a message"));
}

static void a_huge_notice_is_not_read(void **state)
{
    size_t n = LIMIT_NOTICE_BYTES + 1;
    char *text = malloc(n);

    (void)state;
    assert_non_null(text);
    memset(text, 'x', n);
    put_text(CO, NOTICE, text, n);
    assert_null(load(CO));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, NOTICE));
    free(text);
}

static void a_missing_language_is_named(void **state)
{
    char path[256];

    (void)state;
    path_in(path, CO, "notices/2026-11/en.md");
    assert_int_equal(unlink(path), 0);
    assert_null(load(CO));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, path));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_notice_is_filled_and_hashed),
        TEST(contact_data_arrive_whole),
        TEST(each_language_names_its_own_address),
        TEST(the_version_names_the_folder),
        TEST(subheadings_are_text_of_their_element),
        TEST(every_element_of_colombia_is_needed),
        TEST(every_element_of_spain_is_needed),
        TEST(an_element_is_a_heading_with_text_under_it),
        TEST(the_first_layer_says_the_essentials),
        TEST(braces_are_variables_or_slips),
        TEST(a_notice_has_two_parts_of_text),
        TEST(a_first_layer_fits_into_a_message),
        TEST(a_huge_notice_is_not_read),
        TEST(a_missing_language_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

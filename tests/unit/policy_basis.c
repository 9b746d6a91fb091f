/* What a purpose rests on, how long a yes lasts, what a version fixes. */
#include "policy_help.h"

#define BANK       "banca-ejemplo"
#define BANK_TEXTS "texts.es-ES.yaml"

enum { CONTRACT, IDENTITY, VOICE, QUALITY };

static void a_bank_rests_on_more_than_consent(void **state)
{
    struct policy *p = load_good(BANK);
    const struct policy_language *l = &p->languages[0];

    (void)state;
    assert_int_equal(p->purposes[CONTRACT].basis, BASIS_CONTRACT);
    assert_int_equal(p->purposes[IDENTITY].basis, BASIS_LEGAL_OBLIGATION);
    assert_int_equal(p->purposes[VOICE].basis, BASIS_CONSENT);
    assert_int_equal(p->purposes[QUALITY].basis, BASIS_LEGITIMATE_INTEREST);
    assert_int_equal(p->informs,
                     1u << CONTRACT | 1u << IDENTITY | 1u << QUALITY);
    assert_int_equal(p->acknowledges, 1u << IDENTITY);
    assert_int_equal(p->purposes[VOICE].valid_for, 365 * MSEC_D);
    assert_false(p->purposes[VOICE].expiry_blocks);
    assert_non_null(l->bases[BASIS_CONTRACT]);
    assert_null(l->bases[BASIS_CONSENT]);
    assert_null(l->bases[BASIS_PUBLIC_INTEREST]);
    assert_int_equal(policy_word_of(p, "Leído y entendido."), WORD_ACK);
    policy_free(&p);
}

/* A message that asks nothing has no buttons, one to be read has one. */
static void each_basis_has_its_message(void **state)
{
    struct policy *p = load_good(BANK);
    struct policy_prompt(*q)[PROMPT__MAX] = p->languages[0].prompts;
    json_t *o;

    (void)state;
    assert_null(q[CONTRACT][PROMPT_SHORT].interactive);
    o = json_loads(q[CONTRACT][PROMPT_FIRST].interactive, 0, NULL);
    assert_non_null(strstr(json_str(o, "body"), "Ejemplo S. A."));
    assert_null(json_object_get(o, "action"));
    json_decref(o);

    assert_null(q[IDENTITY][PROMPT_SHORT].interactive);
    o = json_loads(q[IDENTITY][PROMPT_FIRST].interactive, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(
                         json_object_get(o, "action"), "buttons")),
                     1);
    json_decref(o);
    assert_non_null(strstr(q[IDENTITY][PROMPT_FIRST].interactive,
                           "\"ack/identity_check/2026-11\""));

    assert_non_null(q[VOICE][PROMPT_SHORT].interactive);
    assert_non_null(q[VOICE][PROMPT_FIRST].interactive);
    assert_null(q[VOICE][PROMPT_RENEWED].interactive);
    policy_free(&p);
}

static void a_version_fixes_more_than_words(void **state)
{
    struct policy *bank, *co;
    struct buf text = { 0 };
    json_t *terms;

    (void)state;
    bank = load_good(BANK);
    co = load_good(CO);
    terms = policy_terms(bank);
    assert_int_equal(json_canonical(terms, &text), 0);
    assert_string_equal(
        (const char *)text.p,
        "{\"purposes\":["
        "{\"legal_basis\":\"contract\",\"purpose\":\"contract_file\"},"
        "{\"acknowledge\":true,\"legal_basis\":\"legal_obligation\","
        "\"purpose\":\"identity_check\"},"
        "{\"legal_basis\":\"consent\",\"purpose\":\"voice_notes\","
        "\"valid_for\":31536000},"
        "{\"legal_basis\":\"legitimate_interest\","
        "\"purpose\":\"service_quality\"}]}");
    json_decref(terms);
    buf_free(&text);

    /* Where nothing of it is used, nothing is said. */
    terms = policy_terms(co);
    assert_int_equal(json_object_size(terms), 0);
    json_decref(terms);
    policy_free(&bank);
    policy_free(&co);
}

static void a_changed_purpose_tells_what_changed(void **state)
{
    struct policy *p;

    (void)state;
    swap(BANK, YAML,
         "notice_version:", "substantial: [voice_notes]\nnotice_version:");
    refused_at(BANK, BANK_TEXTS, 17, "changes: is missing");
    swap(BANK, BANK_TEXTS, "    title: Mensajes de voz\n",
         "    title: Mensajes de voz\n    changes: Ahora son dos años.\n");
    p = load_good(BANK);
    assert_true(p->purposes[VOICE].substantial);
    assert_false(p->purposes[CONTRACT].substantial);
    assert_non_null(
        strstr(p->languages[0].prompts[VOICE][PROMPT_RENEWED].interactive,
               "Ahora son dos años.\\n\\n¿Da su consentimiento"));
    policy_free(&p);
}

static void slips_of_a_basis_are_named(void **state)
{
    static const struct slip slips[] = {
        { "legal_basis: contract", "legal_basis: Contract", 25,
          "legal_basis: is not consent, explicit_consent, contract" },
        { "    acknowledge: true\n", "    acknowledge: yes\n", 30,
          "acknowledge: is not true or false" },
        { "    valid_for: 365d\n", "    acknowledge: true\n", 35,
          "acknowledge: is for what nobody is asked about" },
        { "    acknowledge: true\n", "    valid_for: 10d\n", 30,
          "valid_for: is of a yes, and this purpose asks for none" },
        { "valid_for: 365d", "valid_for: 365", 35,
          "valid_for: is no duration" },
        { "valid_for: 365d", "valid_for: 0d", 35, "valid_for: is no duration" },
        { "    valid_for: 365d\n", "    on_expiry: keep\n", 35,
          "on_expiry: is of a yes that runs out" },
        { "    valid_for: 365d\n", "    valid_for: 1d\n    on_expiry: burn\n",
          36, "on_expiry: is not keep or block" },
        { "    acknowledge: true\n", "    exemption: emergency\n", 30,
          "exemption: is Colombian law" },
        { "  object: derechos\n", "", 118,
          "requests: need a clock for object" },
        { "notice_version:", "substantial: [voice]\nnotice_version:", 6,
          "substantial: is no purpose of this policy" },
    };

    (void)state;
    ALL_REFUSED(BANK, YAML, slips);
}

static void slips_of_its_texts_are_named(void **state)
{
    static const struct slip slips[] = {
        { "  ack: Leído y entendido\n", "", 1, "ack: is missing" },
        { "  ack: Leído y entendido\n", "  ack: No consiento\n", 5,
          "ack: is the title of another button" },
        { "  contract: \"lo necesita su contrato\"\n", "", 6,
          "contract: is missing" },
        { "  ack: [leído,", "  ack: [vale,", 27,
          "ack: \"vale\" is said without" },
        { "    title: Documentos de su contrato\n", "", 11,
          "title: is missing" },
        { "  {stays}\n", "", 53, "stays: does not say {stays}" },
    };

    (void)state;
    ALL_REFUSED(BANK, BANK_TEXTS, slips);
}

/* Ley 1581 de 2012, art. 10: five cases, and no other. */
static void colombia_needs_an_exemption(void **state)
{
    static const char *const names[] = { "public_authority", "public_data",
                                         "emergency", "statistics",
                                         "civil_registry" };
    static const struct slip slips[] = {
        { "legal_basis: consent", "legal_basis: contract", 21,
          "exemption: is missing: in Colombia" },
        { "legal_basis: consent",
          "legal_basis: contract\n    exemption: friendship", 24,
          "exemption: is not public_authority" },
        { "legal_basis: consent",
          "legal_basis: consent\n    exemption: emergency", 24,
          "exemption: needs no consent" },
        { "legal_basis: explicit_consent",
          "legal_basis: vital_interest\n    exemption: emergency", 27,
          "legal_basis: a sensitive purpose needs explicit_consent" },
    };
    char yaml[128];

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
    swap(CO, TEXTS, "purposes:\n",
         "bases: {public_interest: lo manda la ley}\nstays: \"{stays}\"\n"
         "purposes:\n");
    swap(CO, "texts.en.yaml", "purposes:\n",
         "bases: {public_interest: the law says so}\nstays: \"{stays}\"\n"
         "purposes:\n");
    swap(CO, "texts.pt-BR.yaml", "purposes:\n",
         "bases: {public_interest: a lei manda}\nstays: \"{stays}\"\n"
         "purposes:\n");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *former = get_text(CO, YAML);
        struct policy *p;
        json_t *terms;

        (void)snprintf(yaml, sizeof(yaml),
                       "legal_basis: public_interest\n    exemption: %s",
                       names[i]);
        swap(CO, YAML, "legal_basis: consent", yaml);
        p = load_good(CO);
        terms = policy_terms(p);
        assert_string_equal(
            json_str(json_array_get(json_object_get(terms, "purposes"), 0),
                     "exemption"),
            names[i]);
        json_decref(terms);
        policy_free(&p);
        put_text(CO, YAML, former, strlen(former));
        free(former);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_bank_rests_on_more_than_consent),
        TEST(each_basis_has_its_message),
        TEST(a_version_fixes_more_than_words),
        TEST(a_changed_purpose_tells_what_changed),
        TEST(slips_of_a_basis_are_named),
        TEST(slips_of_its_texts_are_named),
        TEST(colombia_needs_an_exemption),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

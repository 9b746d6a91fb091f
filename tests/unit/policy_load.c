/* policy: policy.yaml, what it means and where each slip is said to be. */
#include "policy_help.h"

/* ---- what is good ------------------------------------------------------- */

static void colombia_asks_twice_for_a_photo(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_string_equal(p->id, CO);
    assert_string_equal(p->jurisdiction, "CO");
    assert_string_equal(p->notice_version, "2026-11");
    assert_false(p->blocked_is_not_found);
    assert_int_equal(p->npurposes, 2);
    assert_string_equal(p->purposes[0].id, "case_processing");
    assert_string_equal(p->purposes[0].data_class, "necessary");
    assert_int_equal(p->purposes[0].basis, BASIS_CONSENT);
    assert_false(p->purposes[0].sensitive);
    assert_string_equal(p->purposes[1].id, "sensitive_images");
    assert_int_equal(p->purposes[1].basis, BASIS_EXPLICIT_CONSENT);
    assert_true(p->purposes[1].sensitive);
    assert_int_equal(p->purposes[1].gates, 1u << KIND_IMAGE);
    policy_free(&p);
    assert_null(p);
}

static void spain_asks_once_and_hides_what_is_blocked(void **state)
{
    struct policy *p = load_good(ES);

    (void)state;
    assert_string_equal(p->jurisdiction, "ES");
    assert_true(p->blocked_is_not_found);
    assert_int_equal(p->npurposes, 1);
    assert_int_equal(p->purposes[0].gates, (1u << KIND__MAX) - 1);
    assert_int_equal(p->purposes[0].basis, BASIS_CONSENT);
    policy_free(&p);
}

static void both_accept_the_promised_types(void **state)
{
    static const char *const types[] = {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/heic",
        "application/pdf",
        ("application/vnd.openxmlformats-officedocument.wordprocessingml."
         "document"),
    };
    static const char *const ids[] = { CO, ES };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct policy *p = load_good(ids[i]);

        assert_int_equal(p->ntypes, sizeof(types) / sizeof(types[0]));
        for (size_t t = 0; t < p->ntypes; t++)
            assert_null(policy_refuses(p, types[t], 100 * 1024 * 1024));
        policy_free(&p);
    }
}

static void times_have_defaults(void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, YAML,
         "hold_time: 24h\nreceipt_quiet: 5s\nreceipt_max: 60s\n"
         "evidence_until: 1825d\n",
         "");
    p = load_good(CO);
    assert_true(p->hold_time == 24 * MSEC_H);
    assert_true(p->receipt_quiet == 5 * MSEC_S);
    assert_true(p->receipt_max == 60 * MSEC_S);
    assert_true(p->evidence_until == 1825 * MSEC_D);
    policy_free(&p);

    swap(CO, YAML, "retention:", "hold_time: 90m\nretention:");
    p = load_good(CO);
    assert_true(p->hold_time == 90 * 60 * MSEC_S);
    policy_free(&p);
}

static void a_gate_follows_kind_and_announced_type(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_int_equal(policy_gates(p, KIND_IMAGE, "image/jpeg"), 3);
    assert_int_equal(policy_gates(p, KIND_IMAGE, NULL), 3);
    assert_int_equal(policy_gates(p, KIND_DOCUMENT, "application/pdf"), 1);
    assert_int_equal(policy_gates(p, KIND_DOCUMENT, NULL), 1);
    assert_int_equal(policy_gates(p, KIND_AUDIO, "audio/ogg"), 1);

    /* A photo sent as a document is a photo, however it is written. */
    assert_int_equal(policy_gates(p, KIND_DOCUMENT, "image/png"), 3);
    assert_int_equal(policy_gates(p, KIND_DOCUMENT, "IMAGE/JPEG"), 3);
    assert_int_equal(policy_gates(p, KIND_VIDEO, "Image/x"), 3);
    assert_int_equal(policy_gates(p, KIND_DOCUMENT, "imagery/png"), 1);
    policy_free(&p);
}

static void a_file_is_refused_for_its_type_or_size(void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, YAML, "image/png, max_size: 100MB", "image/png, max_size: 2MB");
    p = load_good(CO);
    assert_null(policy_refuses(p, "image/png", 2 * 1024 * 1024));
    assert_string_equal(policy_refuses(p, "image/png", 2 * 1024 * 1024 + 1),
                        "size");
    assert_string_equal(policy_refuses(p, "text/plain", 1), "type");
    assert_string_equal(policy_refuses(p, "image/pn", 1), "type");
    assert_string_equal(policy_refuses(p, "", 1), "type");
    assert_int_equal(policy_max_bytes(p), 100 * 1024 * 1024);
    policy_free(&p);
}

static void a_kind_without_a_type_is_ruled_out(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_true(policy_rules_out(p, KIND_AUDIO));
    assert_true(policy_rules_out(p, KIND_VIDEO));
    assert_false(policy_rules_out(p, KIND_IMAGE));
    assert_false(policy_rules_out(p, KIND_DOCUMENT));
    policy_free(&p);

    swap(CO, YAML, "types:\n",
         "types:\n  - {media_type: audio/ogg, max_size: 1MB}\n");
    p = load_good(CO);
    assert_false(policy_rules_out(p, KIND_AUDIO));
    assert_true(policy_rules_out(p, KIND_VIDEO));
    policy_free(&p);
}

static void names_are_found_or_not(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_int_equal(policy_purpose(p, "sensitive_images"), 1);
    assert_int_equal(policy_purpose(p, "sensitive_image"), -1);
    assert_int_equal(policy_purpose(p, "all"), -1);
    assert_int_equal(policy_purpose(p, ""), -1);
    assert_string_equal(policy_language(p, "en")->tag, "en");
    assert_string_equal(policy_language(p, "fr")->tag, "es-CO");
    assert_string_equal(policy_language(p, NULL)->tag, "es-CO");
    assert_int_equal(media_kind_of("video"), KIND_VIDEO);
    assert_int_equal(media_kind_of("sticker"), KIND__MAX);
    policy_free(&p);
}

static void a_set_loads_each_policy_once(void **state)
{
    static const char *const ids[] = { CO, ES, CO };
    struct policy_set *set =
        policy_set_load(root, ids, 3, "E", "https://e.example", &err);

    (void)state;
    assert_non_null(set);
    assert_int_equal(set->n, 2);
    assert_string_equal(policy_find(set, ES)->id, ES);
    assert_null(policy_find(set, "es"));
    policy_set_free(&set);
    assert_null(set);
}

/* ---- misuse ------------------------------------------------------------- */

static void a_policy_that_is_not_there_is_named(void **state)
{
    static const char *const ids[] = { CO, "nobody" };

    (void)state;
    assert_null(policy_set_load(root, ids, 2, "E", "https://e.example", &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "/nobody/policy.yaml"));
}

static void unknown_and_missing_keys(void **state)
{
    static const struct slip slips[] = {
        { "retention:", "retentoin:", 15, "retentoin: unknown key" },
        { "  email:", "  mail:", 8, "mail: unknown key" },
        { "    gates: [image]", "    gate: [image]", 29, "gate: unknown key" },
        { "    max_size: 100MB", "    size: 100MB", 37, "size: unknown key" },
        { "jurisdiction: CO\n", "jurisdiction: CO\njurisdiction: ES\n", 4,
          "jurisdiction: given twice" },
        { "id: co-habeas-data\n", "", 2, "id: is missing" },
        { "jurisdiction: CO\n", "", 2, "jurisdiction: is missing" },
        { "notice_version: \"2026-11\"\n", "", 2, "notice_version: is mis" },
        { "languages: [es-CO, en, pt-BR]\n", "", 2, "languages: needs a list" },
        { "  phone: \"+57 601 555 0100\"\n", "", 6, "phone: is missing" },
        { "dpo: Oficina de Protección de Datos\n", "", 2, "dpo: is missing" },
        { "hosting_country: Colombia\n", "", 2, "hosting_country: is missing" },
        { "withdrawal_word: BAJA\n", "", 2, "withdrawal_word: is missing" },
        { "    class: necessary\n", "", 21, "class: is missing" },
        { "    legal_basis: consent\n", "", 21, "legal_basis: is missing" },
        { "    gates: [image]\n", "", 25, "gates: needs a list" },
        { ", max_size: 100MB}", "}", 31, "max_size: is missing" },
        { "dpo: Oficina", "dpo: ~ # Oficina", 10, "dpo: is missing" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void wrong_names_and_versions(void **state)
{
    static const struct slip slips[] = {
        { "id: co-habeas-data", "id: es-gdpr", 2, "id: is not the name of" },
        { "id: co-habeas-data", "id: Co_", 2, "id: is empty, too long or" },
        { "id: co-habeas-data", "id: ../es-gdpr", 2, "id: is empty, too" },
        { "id: co-habeas-data", "id: [a]", 2, "id: must be text" },
        { "jurisdiction: CO", "jurisdiction: FR", 3, "jurisdiction: is not " },
        { "jurisdiction: CO", "jurisdiction: COL", 3, "jurisdiction: is emp" },
        { "jurisdiction: CO", "jurisdiction: co", 3, "jurisdiction: is empty" },
        { "\"2026-11\"", "\"2026/11\"", 4, "notice_version: is empty, too" },
        { "\"2026-11\"", "\"\"", 4, "notice_version: is empty, too long" },
        { "\"2026-11\"", "\"V1\"", 4, "notice_version: is empty, too long" },
        { "\"2026-11\"", "\"123456789012345678901234567890123\"", 4,
          "notice_version: is empty, too long" },
        { "\"2026-11\"", "\"..\"", 4, "notice_version: is no name for a f" },
        { "\"2026-11\"", "\".\"", 4, "notice_version: is no name for a f" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void wrong_languages_and_values(void **state)
{
    static const struct slip slips[] = {
        { "[es-CO, en, pt-BR]", "[]", 5,
          "languages: needs a list, the default" },
        { "[es-CO, en, pt-BR]", "es-CO", 5, "languages: needs a list" },
        { "[es-CO, en, pt-BR]", "[es-CO, es_CO]", 5,
          "languages: is not a language" },
        { "[es-CO, en, pt-BR]", "[../es]", 5,
          "languages: is not a language tag" },
        { "[es-CO, en, pt-BR]", "[\"\"]", 5,
          "languages: is not a language tag" },
        { "[es-CO, en, pt-BR]", "[es-CO, [en]]", 5,
          "languages: is not a language" },
        { "[es-CO, en, pt-BR]", "[en, es-CO, en]", 5,
          "languages: names a language " },
        { "[es-CO, en, pt-BR]", "[en, EN]", 5,
          "languages: names a language twice" },
        { "[es-CO, en, pt-BR]", "\n  - en\n  - es.CO", 7,
          "languages: is not a lan" },
        { "[es-CO, en, pt-BR]", "[a, b, c, d, e, f, g, h, i]", 5,
          "languages: needs" },
        { "contact:\n", "contact: me\nother:\n", 7, "other: unknown key" },
        { "email: datos@ejemplo.com.co", "email: \"\"", 8, "email: is empty" },
        { "dpo: Oficina", "dpo: \"  \" #", 10, "dpo: is empty" },
        { "dpo: Oficina", "dpo: [Oficina] #", 10, "dpo: must be text" },
        { "dpo: Oficina", "dpo: \"{controller}\" #", 10,
          "dpo: must be one line without braces" },
        { "dpo: Oficina", "dpo: \"a\\n---\\nb\" #", 10,
          "dpo: must be one line without braces" },
        { "word: BAJA", "word: ADIOS", 14, "withdrawal_word: is not among" },
        { "word: BAJA", "word: acepto", 14, "withdrawal_word: is not among" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void wrong_times(void **state)
{
    static const struct slip slips[] = {
        { "hold_time: 24h", "hold_time: 24", 16, "hold_time: is no duration" },
        { "hold_time: 24h", "hold_time: -1h", 16, "hold_time: is no duration" },
        { "hold_time: 24h", "hold_time: [1h]", 16, "hold_time: is no durat" },
        { "hold_time: 24h", "hold_time: 0h", 16, "hold_time: must be more" },
        { "hold_time: 24h", "hold_time: 31d", 16, "hold_time: must be more" },
        { "hold_time: 24h", "hold_time: 106751991167d", 16,
          "hold_time: must be more than 0 and at most 30d" },
        { "hold_time: 24h", "hold_time: 99999999999999999999d", 16,
          "hold_time: is no duration" },
        { "quiet: 5s", "quiet: 61m", 17, "receipt_quiet: must be at most" },
        { "max: 60s", "max: 2h", 18, "receipt_max: must be at most 1h" },
        { "until: 1825d", "until: 0s", 19, "evidence_until: must be more" },
        { "until: 1825d", "until: 36501d", 19, "evidence_until: must be more" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void wrong_purposes(void **state)
{
    static const struct slip slips[] = {
        { "id: case_processing", "id: Case", 21, "id: is empty, too long" },
        { "id: case_processing", "id: a/b", 21, "id: is empty, too long or" },
        { "id: case_processing", "id: all", 21, "id: \"all\" stands for" },
        { "id: case_processing",
          "id: a2345678901234567890123456789012345678901", 21, "id: is empty" },
        { "id: sensitive_images", "id: case_processing", 25, "id: names a pu" },
        { "class: necessary", "class: sensitiv", 22, "class: is not necessa" },
        { "class: necessary", "class: sensitive", 22, "class: class and sen" },
        { "class: sensitive", "class: necessary", 26, "class: class and sen" },
        { "    sensitive: true\n", "", 26, "class: class and sensitive must" },
        { "sensitive: true", "sensitive: yes", 28, "sensitive: is not true" },
        { "    class: necessary", "    class: necessary\n    sensitive: [true]",
          23, "sensitive: is not true or false" },
        { "gates: [image, document, audio, video]", "gates: image", 24,
          "gates: needs a list of message kinds" },
        { "gates: [image]", "gates: [images]", 29, "gates: is not image, doc" },
        { "gates: [image]", "gates: [[image]]", 29, "gates: is not image, d" },
        { "gates: [image]", "gates: {image: true}", 29, "gates: needs a list" },
        { "  - id: case_processing", "  - text\n  - id: case_processing", 21,
          "purposes: is not a purpose" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void other_legal_bases_come_later(void **state)
{
    static const struct slip slips[] = {
        { "legal_basis: consent", "legal_basis: contract", 23,
          "legal_basis: is not consent or explicit_consent" },
        { "legal_basis: consent", "legal_basis: legal_obligation", 23,
          "legal_basis: is not consent or explicit_consent" },
        { "legal_basis: consent", "legal_basis: legitimate_interest", 23,
          "legal_basis: is not consent or explicit_consent" },
        { "legal_basis: consent", "legal_basis: Consent", 23,
          "legal_basis: is not consent or explicit_consent" },
        { "legal_basis: explicit_consent", "legal_basis: consent", 27,
          "legal_basis: a sensitive purpose needs explicit_consent" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void every_kind_of_file_has_a_gate(void **state)
{
    static const struct slip slips[] = {
        { "[image, document, audio, video]", "[image, document, audio]", 20,
          "purposes: leave a kind of file without a gate" },
        { "gates: [image, document, audio, video]",
          "gates: []\n  - id: other\n    class: accessory\n"
          "    legal_basis: consent\n    gates: [image, document, audio, "
          "video]",
          20, "purposes: the first must gate files" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void there_are_one_to_eight_purposes(void **state)
{
    char *text = get_text(CO, YAML);
    char *head = strndup(text, (size_t)(strstr(text, "purposes:") - text));
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(
        buf_addf(&out, "%spurposes: []\n%s", head, strstr(text, "types:")), 0);
    put_text(CO, YAML, out.p, out.len);
    refused_at(CO, YAML, 20, "purposes: needs a list of one to eight");

    buf_reset(&out);
    assert_int_equal(buf_addf(&out, "%spurposes:\n", head), 0);
    for (int i = 0; i < 9; i++)
        assert_int_equal(buf_addf(&out,
                                  "  - {id: p%d, class: necessary, legal_basis:"
                                  " consent, gates: [image, document, audio, "
                                  "video]}\n",
                                  i),
                         0);
    assert_int_equal(buf_adds(&out, strstr(text, "types:")), 0);
    put_text(CO, YAML, out.p, out.len);
    refused_at(CO, YAML, 20, "purposes: needs a list of one to eight");
    buf_free(&out);
    free(head);
    free(text);
}

static void wrong_types_and_sizes(void **state)
{
    static const struct slip slips[] = {
        { "image/jpeg, max_size: 100MB", "image/jpeg, max_size: 0MB", 31,
          "max_size: is not 1MB to 100MB" },
        { "image/jpeg, max_size: 100MB", "image/jpeg, max_size: 101MB", 31,
          "max_size: is not 1MB to 100MB" },
        { "image/jpeg, max_size: 100MB", "image/jpeg, max_size: 100", 31,
          "max_size: is not 1MB to 100MB" },
        { "image/jpeg, max_size: 100MB", "image/jpeg, max_size: 1.5MB", 31,
          "max_size: is not 1MB to 100MB" },
        { "image/jpeg, max_size: 100MB", "image/jpeg, max_size: MB", 31,
          "max_size: is not 1MB to 100MB" },
        { "image/jpeg, max_size: 100MB",
          "image/jpeg, max_size: 18446744073709551617MB", 31,
          "max_size: is not 1MB to 100MB" },
        { "    max_size: 100MB", "    max_size: -1MB", 37,
          "max_size: is not 1MB to 100MB" },
        { "image/png", "image", 32, "media_type: is not of the form" },
        { "image/png", "image/", 32, "media_type: is not of the form" },
        { "image/png", "/png", 32, "media_type: is not of the form" },
        { "image/png", "image/png/x", 32, "media_type: is not of the form" },
        { "image/png", "image/*", 32, "media_type: is empty, too long or" },
        { "image/png", "Image/PNG", 32, "media_type: is empty, too long or" },
        { "image/png", "image/jpeg", 32, "media_type: is accepted twice" },
        { "{media_type: image/png, max_size: 100MB}", "image/png", 32,
          "must be a mapping" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void what_is_not_yaml_of_ours(void **state)
{
    static const struct slip slips[] = {
        { "languages: [es-CO, en, pt-BR]", "languages: [es-CO, en", 6,
          "not YAML: " },
        { "dpo: Oficina", "dpo: &a Oficina", 10, "anchors are not accepted" },
        { "dpo: Oficina", "dpo: !!str Oficina", 10, "tags are not accepted" },
        { "purposes:\n", "---\npurposes:\n", 20, "a second document" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
    put_text(CO, YAML, "- a\n", 4);
    refused_at(CO, YAML, 1, "must be a mapping");
    put_text(CO, YAML, "", 0);
    refused_at(CO, YAML, 1, "the file is empty");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(colombia_asks_twice_for_a_photo),
        TEST(spain_asks_once_and_hides_what_is_blocked),
        TEST(both_accept_the_promised_types),
        TEST(times_have_defaults),
        TEST(a_gate_follows_kind_and_announced_type),
        TEST(a_file_is_refused_for_its_type_or_size),
        TEST(a_kind_without_a_type_is_ruled_out),
        TEST(names_are_found_or_not),
        TEST(a_set_loads_each_policy_once),
        TEST(a_policy_that_is_not_there_is_named),
        TEST(unknown_and_missing_keys),
        TEST(wrong_names_and_versions),
        TEST(wrong_languages_and_values),
        TEST(wrong_times),
        TEST(wrong_purposes),
        TEST(other_legal_bases_come_later),
        TEST(every_kind_of_file_has_a_gate),
        TEST(there_are_one_to_eight_purposes),
        TEST(wrong_types_and_sizes),
        TEST(what_is_not_yaml_of_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

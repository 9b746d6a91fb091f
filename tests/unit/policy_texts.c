/* policy: texts, prompts as the exact bytes that are sent, and their slips. */
#include "policy_help.h"

/* Computed by another program (Python: json, hashlib) from the same files. */
#define ASK                                                                    \
    "¿Autoriza que recibamos y guardemos los documentos que envíe por este " \
    "chat, solo para atender su trámite?"
#define BUTTON(verb, title)                                                    \
    "{\"reply\":{\"id\":\"" verb                                               \
    "/case_processing/2026-11\",\"title\":\"" title "\"},\"type\":\"reply\"}"
#define BUTTONS                                                                \
    BUTTON("grant", "Sí, autorizo")                                            \
    "," BUTTON("refuse", "No autorizo") "," BUTTON("other", "Otro canal")
#define PROMPT                                                                 \
    "{\"action\":{\"buttons\":[" BUTTONS "]},\"body\":{\"text\":\"" ASK        \
    "\"},\"type\":\"button\"}"

static void a_prompt_is_canonical_json(void **state)
{
    struct policy *p = load_good(CO);
    const struct policy_prompt *prompt = &p->languages[0].prompts[0][0];
    char hex[HEX_SIZE(SHA256_LEN)];

    (void)state;
    assert_string_equal(prompt->interactive, PROMPT);
    hex_encode(hex, prompt->sha256, SHA256_LEN);
    assert_string_equal(
        hex,
        "b87ae36325e970927dd850a105567a33b306196f2266fa753e0420b9ba8677d5");
    policy_free(&p);
}

static void the_first_prompt_has_the_first_layer_before_it(void **state)
{
    struct policy *p = load_good(CO);
    const struct policy_language *l = policy_language(p, "es-CO");
    json_t *o = json_loads(l->prompts[0][1].interactive, 0, NULL);
    const char *text = json_str(json_object_get(o, "body"), "text");
    size_t len = (size_t)(strstr(l->notice, "\n---\n") - l->notice);

    (void)state;
    assert_memory_equal(text, l->notice, len);
    /* … and between them how the others are asked for. */
    assert_string_equal(text + len, "\n\nEnglish: write ENGLISH · Português: "
                                    "escreva PORTUGUÊS\n\n" ASK);
    assert_true(utf8_count(text) <= 1024);
    json_decref(o);
    policy_free(&p);
}

static void every_prompt_fits_and_has_its_buttons(void **state)
{
    static const char *const ids[] = { CO, ES };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct policy *p = load_good(ids[i]);

        for (size_t l = 0; l < p->nlanguages; l++)
            for (size_t n = 0; n < p->npurposes; n++) {
                const char *text = p->languages[l].prompts[n][0].interactive;
                char id[BUTTON_ID_SIZE];

                for (int verb = BUTTON_GRANT; verb <= BUTTON_OTHER; verb++) {
                    assert_int_equal(button_format(id, (enum button_verb)verb,
                                                   p->purposes[n].id,
                                                   p->notice_version),
                                     0);
                    assert_non_null(strstr(text, id));
                }
            }
        policy_free(&p);
    }
}

/* The sensitive purpose is never the first that a file asks for. */
static void a_later_purpose_has_no_notice_before_it(void **state)
{
    struct policy *p = load_good(CO);

    (void)state;
    assert_null(p->languages[0].prompts[1][1].interactive);
    assert_non_null(
        strstr(p->languages[0].prompts[1][0].interactive, "Es opcional."));
    assert_non_null(strstr(p->languages[0].prompts[1][0].interactive,
                           "otro canal: nuestras oficinas"));
    policy_free(&p);
}

static void only_receipts_keep_variables(void **state)
{
    struct policy *p = load_good(CO);
    char *const *texts = p->languages[0].texts;

    (void)state;
    for (int i = 0; i < TEXT__MAX; i++)
        if (i > TEXT_RECEIPT_QUARANTINED && i < TEXT_PERSON_WAITING)
            assert_null(strchr(texts[i], '{'));
    assert_non_null(strstr(texts[TEXT_RECEIPT_STORED], "{case}"));
    assert_non_null(strstr(texts[TEXT_PERSON_WAITING], "{position}"));
    assert_non_null(strstr(texts[TEXT_PERSON_ESTIMATE], "{minutes}"));
    assert_non_null(strstr(texts[TEXT_PERSON_CLOSED], "{opens}"));
    assert_non_null(strstr(texts[TEXT_WITHDRAWN], "(SIC)"));
    assert_non_null(strstr(texts[TEXT_REFUSED], "nuestras oficinas"));
    policy_free(&p);
}

/* ---- misuse ------------------------------------------------------------- */

static void unknown_and_missing_texts(void **state)
{
    static const struct slip slips[] = {
        { "granted:", "grant:", 47, "grant: unknown key" },
        { "granted: \"Gracias.", "#", 1, "granted: is missing" },
        { "  other: Otro canal\n", "", 1, "other: is missing" },
        { "  other: Otro canal\n", "  maybe: Otro canal\n", 4,
          "maybe: unknown key" },
        { "reason_size: Un", "reason_size: [Un] #", 36,
          "reason_size: must be" },
        { "  sensitive_images:", "  sensitive_photos:", 10,
          "sensitive_photos: unknown key" },
        { "words:\n", "  marketing:\n    prompt: x\nwords:\n", 18,
          "marketing: unknown key" },
        { "  case_processing:\n    title: Atención del trámite\n    prompt: ¿",
          "  case_processing: ¿", 7, "case_processing: must be a mapping" },
        { "    prompt: ¿", "    text: ¿", 9, "text: unknown key" },
        { "words:\n", "word:\n", 18, "word: unknown key" },
        { "purposes:\n", "purposes: x\nother_purposes:\n", 7,
          "other_purposes: unknown key" },
    };

    (void)state;
    ALL_REFUSED(CO, TEXTS, slips);
}

static void empty_texts(void **state)
{
    static const struct slip slips[] = {
        { "granted: \"Gracias", "granted: \"\" #", 47, "granted: is empty" },
        { "granted: \"Gracias", "granted: \" \\n\" #", 47,
          "granted: is empty" },
        { "prompt: ¿", "prompt: \"\" #", 9, "prompt: is empty" },
        { "optional_note: Es", "optional_note: \"\" #", 5,
          "optional_note: is e" },
        { "optional_note: Es", "optional_note: [Es] #", 5,
          "optional_note: must" },
        { "grant: Sí, autorizo", "grant: \"  \"", 2, "grant: is empty, not" },
    };

    (void)state;
    ALL_REFUSED(CO, TEXTS, slips);
}

static void unknown_variables_and_stray_braces(void **state)
{
    static const struct slip slips[] = {
        { "granted: \"Gracias.", "granted: \"{name}\" #", 47,
          "granted: unknown variable {name}" },
        { "granted: \"Gracias.", "granted: \"{case}\" #", 47,
          "granted: unknown variable {case}" },
        { "recibir: {refused}.", "recibir: {refused} {case}.", 33,
          "receipt_refused: unknown variable {case}" },
        { "Código de su caso: {case}", "Código: {case} {quarantined}", 30,
          "receipt_stored: unknown variable {quarantined}" },
        { "granted: \"Gracias.", "granted: \"Gracias {.", 47,
          "granted: a brace that is no variable's" },
        { "granted: \"Gracias.", "granted: \"Gracias }.", 47,
          "granted: a brace that is no variable's" },
        { "granted: \"Gracias.", "granted: \"Gracias {Case}.", 47,
          "granted: a brace that is no variable's" },
        { "granted: \"Gracias.", "granted: \"Gracias {#rights}.", 47,
          "granted: a brace that is no variable's" },
        { "prompt: ¿Autoriza", "prompt: ¿{stored} Autoriza", 9,
          "prompt: unknown variable {stored}" },
        { "Es opcional", "Es {nada} opcional", 5,
          "optional_note: unknown variable {nada}" },
        { "optional_note:", "#", 12, "prompt: unknown variable {optional" },
    };

    (void)state;
    ALL_REFUSED(CO, TEXTS, slips);
}

#define OR_A_PERSON ". Si prefiere hablar con una persona, escriba ASESOR."
static void what_a_text_must_say(void **state)
{
    static const struct slip slips[] = {
        { "{stored}", "3", 30, "receipt_stored: does not say {stored}" },
        { "{case}", "x", 30, "receipt_stored: does not say {case}" },
        { "{refused}", "3", 33, "receipt_refused: does not say {refused}" },
        { "{quarantined}", "3", 34, "receipt_quarantined: does not say {qua" },
        { "otro canal: {other_channel}" OR_A_PERSON "\"\nother",
          "otro canal.\"\nother", 41, "refused: does not say {other_channel}" },
        { "canal: {other_channel}" OR_A_PERSON "\"\nwithdrawn",
          "canal.\"\nwithdrawn", 42, "other: does not say {other_channel}" },
        { "{authority}", "SIC", 43, "withdrawn: does not say {authority}" },
    };

    (void)state;
    ALL_REFUSED(CO, TEXTS, slips);
}

static void a_sensitive_prompt_says_optional_and_where_else(void **state)
{
    static const struct slip slips[] = {
        { "{optional_note} Si", "Si", 12,
          "prompt: a sensitive purpose must say {optional_note}" },
        { "use otro canal: {other_channel}", "use otro canal", 12,
          "prompt: a sensitive purpose must say {other_channel}" },
    };

    (void)state;
    ALL_REFUSED(CO, TEXTS, slips);
}

static void buttons_fit_differ_and_agree_with_words(void **state)
{
    static const struct slip slips[] = {
        { "grant: Sí, autorizo", "grant: Sí, lo autorizo todo yo", 2,
          "grant: is empty, not one line or longer than 20 characters" },
        { "grant: Sí, autorizo", "grant: \"Sí,\\nautorizo\"", 2,
          "grant: is empty, not one line" },
        { "refuse: No autorizo", "refuse: Sí, autorizo", 3,
          "refuse: is the title of another button" },
        { "grant: Sí, autorizo", "grant: \"NO, autorizo.\"", 2,
          "grant: means something else when it is typed" },
        { "other: Otro canal", "other: Baja", 4,
          "other: means something else when it is typed" },
        { "refuse: No autorizo", "refuse: ¡Autorizo!", 3,
          "refuse: means something else when it is typed" },
    };
    struct policy *p;

    (void)state;
    ALL_REFUSED(CO, TEXTS, slips);

    /* Twenty characters are characters, not bytes. */
    swap(CO, TEXTS, "grant: Sí, autorizo", "grant: ññññññññññññññññññññ");
    p = load_good(CO);
    policy_free(&p);
}

static void over_long_texts(void **state)
{
    char *text = malloc(2000), *long_text;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', 1999);
    text[1999] = '\0';
    long_text = text + 1999 - 1025;
    memcpy(long_text, "granted: ", 9);
    swap(CO, TEXTS, "granted: ", long_text);
    refused_at(CO, TEXTS, 47, "granted: longer than 1024 characters");
    swap(CO, TEXTS, long_text, "granted: ");

    memcpy(long_text, "prompt: ¿", 10);
    swap(CO, TEXTS, "prompt: ¿", long_text);
    refused_at(CO, TEXTS, 9, "prompt: 1");
    assert_non_null(strstr(err.text, "characters, at most 1024 fit"));
    free(text);
}

/* With the first layer before it, a short question may be too long. */
static void a_first_layer_leaves_room_for_the_question(void **state)
{
    char question[300];

    (void)state;
    memset(question, 'x', sizeof(question));
    question[sizeof(question) - 1] = '\0';
    memcpy(question, "prompt: ", 8);
    swap(CO, TEXTS, "prompt: ", question);
    refused_at(CO, TEXTS, 9, "prompt: 1");
    assert_non_null(strstr(err.text, "with the first layer, at most 1024"));
}

static void a_receipt_of_everything_fits_into_a_message(void **state)
{
    static const char *const keys[] = { "reason_type: ", "reason_size: ",
                                        "reason_hash: ", "reason_judge: " };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char text[900];

        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        memcpy(text, keys[i], strlen(keys[i]));
        swap(CO, TEXTS, keys[i], text);
    }
    refused_at(CO, TEXTS, 30, "receipt_stored: receipts and reasons have 4");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_prompt_is_canonical_json),
        TEST(the_first_prompt_has_the_first_layer_before_it),
        TEST(every_prompt_fits_and_has_its_buttons),
        TEST(a_later_purpose_has_no_notice_before_it),
        TEST(only_receipts_keep_variables),
        TEST(unknown_and_missing_texts),
        TEST(empty_texts),
        TEST(unknown_variables_and_stray_braces),
        TEST(what_a_text_must_say),
        TEST(a_sensitive_prompt_says_optional_and_where_else),
        TEST(buttons_fit_differ_and_agree_with_words),
        TEST(over_long_texts),
        TEST(a_first_layer_leaves_room_for_the_question),
        TEST(a_receipt_of_everything_fits_into_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

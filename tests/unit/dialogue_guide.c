/* dialogue: the menu, procedures, and which document a file is. */
#include "unit.h"

#include "resguardo/dialogue.h"

#include <stdlib.h>
#include <string.h>

#define NOW_S INT64_C(1764072000)
enum { CASE, SENSITIVE };

static struct policy *policy;

static int open_policy(void **state)
{
    struct error err = { 0 };

    (void)state;
    policy = policy_load("policies/co-habeas-data", "Ejemplo S. A.",
                         "https://x.example", &err);
    if (policy == NULL)
        fail_msg("%s", err.text);
    return 0;
}

static int close_policy(void **state)
{
    (void)state;
    policy_free(&policy);
    return 0;
}

static struct dialogue_state decided(void)
{
    struct dialogue_state s = { .policy = policy,
                                .guide = { .procedure = -1 } };

    s.purposes[CASE].state = CONSENT_GIVEN;
    s.purposes[CASE].yes_s = NOW_S - 100;
    return s;
}

static struct dialogue_plan decide(const struct dialogue_state *s,
                                   enum dialogue_input_kind kind,
                                   const char *text)
{
    struct dialogue_input input = { .kind = kind,
                                    .text = text,
                                    .provider_s = NOW_S };
    struct dialogue_plan plan;

    dialogue_decide(s, &input, NOW_S * MSEC_S, &plan);
    return plan;
}

static void only(const struct dialogue_plan *p, enum dialogue_action_kind kind)
{
    assert_int_equal(p->n, 1);
    assert_int_equal(p->actions[0].kind, kind);
}

/* ---- the menu ----------------------------------------------------------- */

static void words_and_rows_mean_the_same(void **state)
{
    static const struct {
        const char *word, *id;
        enum dialogue_action_kind kind;
    } all[] = { { "¡Menú!", "menu/show", DO_MENU },
                { "ayuda", "menu/show", DO_MENU },
                { "¿Qué me falta?", "menu/missing", DO_MISSING },
                { "Estado de mi caso", "menu/status", DO_STATUS },
                { "mis datos", "menu/data", DO_DATA },
                { "Asesor", "person/ask", DO_ASK_PERSON } };
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        p = decide(&s, INPUT_TEXT, all[i].word);
        only(&p, all[i].kind);
        p = decide(&s, INPUT_BUTTON, all[i].id);
        only(&p, all[i].kind);
    }
}

static void what_the_law_lets_them_ask_is_asked_in_every_state(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    s.answers = 10;
    for (int mode = 0; mode < MODE__MAX; mode++) {
        s.mode = (enum conversation_mode)mode;
        p = decide(&s, INPUT_BUTTON, "request/erase");
        only(&p, DO_REQUEST);
        assert_int_equal(p.actions[0].value, REQUEST_ERASE);
    }
    /* Those are not picked from a list. */
    assert_int_equal(decide(&s, INPUT_BUTTON, "request/withdraw").n, 0);
    assert_int_equal(decide(&s, INPUT_BUTTON, "request/sla").n, 0);
    assert_int_equal(decide(&s, INPUT_BUTTON, "request/").n, 0);
}

static void other_text_gets_the_menu_now_and_then(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p = decide(&s, INPUT_TEXT, "quiero mis cesantías");

    (void)state;
    only(&p, DO_MENU);
    s.menu = NOW_S * MSEC_S - 4 * 60 * MSEC_S;
    assert_int_equal(decide(&s, INPUT_TEXT, "hola?").n, 0);
    p = decide(&s, INPUT_TEXT, "menú"); /* who asks for it gets it */
    only(&p, DO_MENU);
    s.menu -= 2 * 60 * MSEC_S;
    p = decide(&s, INPUT_TEXT, "hola?");
    only(&p, DO_MENU);
}

static void two_machines_do_not_keep_each_other_talking(void **state)
{
    struct dialogue_state s = decided();

    (void)state;
    s.answers = 10;
    assert_int_equal(decide(&s, INPUT_TEXT, "menú").n, 0);
    assert_int_equal(decide(&s, INPUT_TEXT, "estado").n, 0);
    assert_int_equal(decide(&s, INPUT_BUTTON, "menu/data").n, 0);
    assert_int_equal(decide(&s, INPUT_TEXT, "cualquier cosa").n, 0);
    /* A choice is no answer of ours, and a person is there always. */
    assert_int_equal(decide(&s, INPUT_BUTTON, "procedure/cesantias").n, 1);
    assert_int_equal(decide(&s, INPUT_TEXT, "asesor").n, 1);
}

static void courtesies_questions_and_agents_are_left_alone(void **state)
{
    struct dialogue_state s = decided();

    (void)state;
    assert_int_equal(decide(&s, INPUT_TEXT, "¡Muchas gracias!").n, 0);
    assert_int_equal(decide(&s, INPUT_TEXT, "ok").n, 0);
    assert_int_equal(decide(&s, INPUT_TEXT, "…").n, 0);
    s.prompts[0] =
        (struct dialogue_prompt){ .purpose = SENSITIVE, .handed_s = NOW_S - 5 };
    s.nprompts = 1;
    assert_int_equal(decide(&s, INPUT_TEXT, "¿para qué?").n, 0);
    s.nprompts = 0;
    s.mode = MODE_PERSON;
    for (size_t i = 0; i < 2; i++) {
        struct dialogue_plan p =
            decide(&s, INPUT_TEXT, i == 0 ? "menú" : "es para mi hija");
        only(&p, DO_KEEP);
    }
    assert_int_equal(decide(&s, INPUT_BUTTON, "menu/status").n, 0);
    assert_int_equal(decide(&s, INPUT_BUTTON, "procedure/cesantias").n, 0);
}

static void a_stranger_is_told_the_notice_whatever_they_want(void **state)
{
    struct dialogue_state s = { .policy = policy,
                                .guide = { .procedure = -1 } };
    struct dialogue_plan p = decide(&s, INPUT_TEXT, "menú");

    (void)state;
    only(&p, DO_PROMPT);
    assert_true(p.actions[0].with_notice);
    assert_int_equal(decide(&s, INPUT_BUTTON, "menu/show").n, 0);
    assert_int_equal(decide(&s, INPUT_BUTTON, "procedure/cesantias").n, 0);
}

/* ---- which document ----------------------------------------------------- */

struct sent {
    enum media_kind kind;
    const char *type, *caption, *name;
    enum dialogue_match_kind match;
    int item;
    int how; /* WORDS of theirs say so, it is a GUESS, or MORE than it takes */
};
enum { WORDS = 1, GUESS = 2, MORE = 4 };

static void matches(const struct dialogue_guide *guide,
                    const struct sent *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct dialogue_file file = { files[i].kind, files[i].type,
                                      files[i].caption, files[i].name };
        struct dialogue_match match;
        int how;

        dialogue_match(policy, guide, &file, &match);
        if (match.kind != files[i].match || match.item != files[i].item)
            print_error("file %zu: %d %d\n", i, (int)match.kind, match.item);
        assert_int_equal(match.kind, files[i].match);
        assert_int_equal(match.item, files[i].item);
        how = (match.named ? WORDS : 0) | (match.guessed ? GUESS : 0) |
              (match.more ? MORE : 0);
        if (how != files[i].how)
            print_error("file %zu: how %d\n", i, how);
        assert_int_equal(how, files[i].how);
    }
}

#define JPEG "image/jpeg"
#define PDF  "application/pdf"

static void a_file_is_matched_by_words_type_and_what_is_missing(void **state)
{
    struct dialogue_guide g = { .procedure = 0 }; /* cesantias */
    static const struct sent fresh[] = {
        /* No other takes a photo; words that name nothing make it a guess. */
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_ITEM, 0, 0 },
        { KIND_IMAGE, JPEG, "aquí está", NULL, MATCH_ITEM, 0, 0 },
        { KIND_IMAGE, JPEG, "mi perro", NULL, MATCH_ITEM, 0, GUESS },
        { KIND_DOCUMENT, PDF, NULL, NULL, MATCH_UNCLEAR, -1, 0 },
        { KIND_DOCUMENT, PDF, "Mi CÉDULA por los dos lados", NULL, MATCH_ITEM,
          0, WORDS },
        { KIND_DOCUMENT, PDF, "", "soporte_2026.pdf", MATCH_ITEM, 1, WORDS },
        { KIND_DOCUMENT, PDF, "cédula y soporte", NULL, MATCH_UNCLEAR, -1, 0 },
        { KIND_IMAGE, JPEG, "el soporte", NULL, MATCH_WRONG, 1, WORDS },
        { KIND_DOCUMENT, PDF, "certificado bancario", NULL, MATCH_ELSEWHERE, 2,
          WORDS },
        { KIND_AUDIO, "audio/ogg", NULL, NULL, MATCH_UNREQUESTED, -1, 0 },
        { KIND_DOCUMENT, "application/octet-stream", "soporte", NULL,
          MATCH_ITEM, 1, WORDS },
    };
    static const struct sent later[] = {
        /* What is missing comes first, and may be the other. */
        { KIND_DOCUMENT, PDF, NULL, NULL, MATCH_ITEM, 1, GUESS },
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_ITEM, 0, 0 }, /* the back */
    };
    /* Named it is one more of it, to a bound; not named it is nothing. */
    static const struct sent full[] = {
        { KIND_IMAGE, JPEG, "otra vez mi cedula", NULL, MATCH_ITEM, 0,
          WORDS | MORE },
        { KIND_DOCUMENT, PDF, "cédula y soporte", NULL, MATCH_ITEM, 1, WORDS },
        { KIND_AUDIO, "audio/ogg", "mi cedula", NULL, MATCH_WRONG, 0,
          WORDS | MORE },
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_UNREQUESTED, -1, 0 },
    };
    static const struct sent enough[] = {
        { KIND_IMAGE, JPEG, "mi cedula", NULL, MATCH_FULL, 0, WORDS | MORE },
    };

    (void)state;
    matches(&g, fresh, sizeof(fresh) / sizeof(fresh[0]));
    g.files[0] = 1;
    matches(&g, later, 2);
    g.files[0] = 2;
    matches(&g, full, sizeof(full) / sizeof(full[0]));
    g.files[0] = 2 + LIMIT_ITEM_MORE;
    matches(&g, enough, 1);
    g.procedure = -1;
    matches(&g,
            &(struct sent){ KIND_IMAGE, JPEG, NULL, NULL, MATCH_NONE, -1, 0 },
            1);
}

/* Two that take the same are asked about: one is a child's, or may be. A photo
 * is no form. */
static void what_may_be_one_or_the_other_is_asked(void **state)
{
    struct dialogue_guide two = { .procedure = 1 }; /* beneficiario */
    struct dialogue_guide data = { .procedure = 2 };
    static const struct sent first[] = {
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_UNCLEAR, -1, 0 },
        { KIND_IMAGE, JPEG, "mi perro", NULL, MATCH_UNCLEAR, -1, 0 },
        { KIND_IMAGE, JPEG, "registro civil", NULL, MATCH_ITEM, 1, WORDS },
    };
    /* The back of the card, or a child's paper? */
    static const struct sent second[] = {
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_UNCLEAR, -1, 0 },
    };
    static const struct sent third[] = {
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_ITEM, 1, GUESS },
    };
    static const struct sent photo[] = {
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_UNREQUESTED, -1, 0 },
        { KIND_DOCUMENT, JPEG, NULL, NULL, MATCH_UNREQUESTED, -1, 0 },
    };

    (void)state;
    matches(&two, first, 3);
    two.files[0] = 1;
    matches(&two, second, 1);
    two.files[0] = 2;
    matches(&two, third, 1);
    matches(&data, photo, 2);
}

/* Short words name what one title alone has; words of any sentence nothing. */
static void short_words_name_what_no_other_is_called(void **state)
{
    struct error err = { 0 };
    struct policy *colombia = policy;
    struct dialogue_guide account = { .procedure = 0 }; /* alta_cuenta */
    static const struct sent sent[] = {
        { KIND_IMAGE, JPEG, "DNI", NULL, MATCH_ELSEWHERE, 0, WORDS },
        { KIND_IMAGE, JPEG, "mi nie, por las dos caras", NULL, MATCH_ELSEWHERE,
          0, WORDS },
        { KIND_IMAGE, JPEG, "DNI o NIE", NULL, MATCH_ELSEWHERE, 0, WORDS },
        { KIND_DOCUMENT, PDF, NULL, "dni.pdf", MATCH_ELSEWHERE, 0, WORDS },
        { KIND_IMAGE, JPEG, "ingresos", NULL, MATCH_ITEM, 1, WORDS },
    };

    (void)state;
    policy = policy_load("policies/es-gdpr", "Ejemplo S. A.",
                         "https://x.example", &err);
    assert_non_null(policy);
    matches(&account, sent, sizeof(sent) / sizeof(sent[0]));
    for (int k = 0; k < (int)policy->nlanguages; k++)
        assert_true(dialogue_title_names(policy, k, 0, 0));

    /* Two have it: it tells them from nothing. */
    free(policy->languages[0].procedures[0].items[1][ITEM_TITLE]);
    policy->languages[0].procedures[0].items[1][ITEM_TITLE] = strdup("El DNI");
    assert_false(dialogue_title_names(policy, 0, 0, 1));
    free(policy->languages[0].procedures[0].items[1][ITEM_TITLE]);
    policy->languages[0].procedures[0].items[1][ITEM_TITLE] =
        strdup("Su documento 2");
    assert_false(dialogue_title_names(policy, 0, 0, 1));
    policy_free(&policy);
    policy = colombia;
}

static void unclear_files_are_asked_about_one_by_one(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    s.guide.procedure = 0;
    s.nunclear = 2;
    s.unclear[0].procedure = s.unclear[1].procedure = 0;
    memcpy(s.unclear[0].attachment, "aone", 5);
    memcpy(s.unclear[1].attachment, "atwo", 5);
    s.held[0] = 1u << CASE;
    s.nheld = 1;
    p = decide(&s, INPUT_FILE, NULL);
    only(&p, DO_ASK_ITEM);
    assert_string_equal(p.actions[0].ref, "aone");

    s.unclear[0].asked = true;
    assert_int_equal(decide(&s, INPUT_FILE, NULL).n, 0);
    p = decide(&s, INPUT_BUTTON, "item/aone/soporte");
    assert_int_equal(p.n, 2);
    assert_int_equal(p.actions[0].kind, DO_ITEM);
    assert_int_equal(p.actions[0].value, 1);
    assert_int_equal(p.actions[1].kind, DO_ASK_ITEM);
    assert_string_equal(p.actions[1].ref, "atwo");

    /* One that needs another yes is asked for that, and for nothing else. */
    p = decide(&s, INPUT_BUTTON, "item/aone/cedula");
    assert_int_equal(p.n, 2);
    assert_int_equal(p.actions[1].kind, DO_PROMPT);
    assert_int_equal(p.actions[1].purpose, SENSITIVE);

    p = decide(&s, INPUT_BUTTON, "item/aone/-");
    assert_int_equal(p.actions[0].value, -1);
    p = decide(&s, INPUT_BUTTON, "item/athree/soporte");
    only(&p, DO_MISSING);
    p = decide(&s, INPUT_BUTTON, "item/aone");
    only(&p, DO_MISSING);

    /* Of a case that is not the one picked last it is that one's item. */
    s.guide.procedure = 2;
    p = decide(&s, INPUT_BUTTON, "item/aone/soporte");
    assert_int_equal(p.actions[0].kind, DO_ITEM);
    assert_int_equal(p.actions[0].value, 1);
    p = decide(&s, INPUT_BUTTON, "item/aone/recibo_servicio");
    assert_int_equal(p.actions[0].value, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_rows_mean_the_same),
        cmocka_unit_test(what_the_law_lets_them_ask_is_asked_in_every_state),
        cmocka_unit_test(other_text_gets_the_menu_now_and_then),
        cmocka_unit_test(two_machines_do_not_keep_each_other_talking),
        cmocka_unit_test(courtesies_questions_and_agents_are_left_alone),
        cmocka_unit_test(a_stranger_is_told_the_notice_whatever_they_want),
        cmocka_unit_test(a_file_is_matched_by_words_type_and_what_is_missing),
        cmocka_unit_test(what_may_be_one_or_the_other_is_asked),
        cmocka_unit_test(short_words_name_what_no_other_is_called),
        cmocka_unit_test(unclear_files_are_asked_about_one_by_one),
    };

    return cmocka_run_group_tests(tests, open_policy, close_policy);
}

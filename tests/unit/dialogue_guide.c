/* dialogue: the menu, procedures, which document a file is, and what holds for
 * any sequence of what customers do. */
#include "notices_help.h"

#include "resguardo/dialogue.h"

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
};

static void matches(const struct dialogue_guide *guide,
                    const struct sent *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct dialogue_file file = { files[i].kind, files[i].type,
                                      files[i].caption, files[i].name };
        struct dialogue_match match;

        dialogue_match(policy, guide, &file, &match);
        if (match.kind != files[i].match || match.item != files[i].item)
            print_error("file %zu: %d %d\n", i, (int)match.kind, match.item);
        assert_int_equal(match.kind, files[i].match);
        assert_int_equal(match.item, files[i].item);
    }
}

#define JPEG "image/jpeg"
#define PDF  "application/pdf"

static void a_file_is_matched_by_words_type_and_what_is_missing(void **state)
{
    struct dialogue_guide g = { .procedure = 0 }; /* cesantias */
    static const struct sent fresh[] = {
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_ITEM, 0 },
        { KIND_DOCUMENT, PDF, NULL, NULL, MATCH_UNCLEAR, -1 },
        { KIND_DOCUMENT, PDF, "Mi CÉDULA por los dos lados", NULL, MATCH_ITEM,
          0 },
        { KIND_DOCUMENT, PDF, "", "soporte_2026.pdf", MATCH_ITEM, 1 },
        { KIND_DOCUMENT, PDF, "cédula y soporte", NULL, MATCH_UNCLEAR, -1 },
        { KIND_IMAGE, JPEG, "el soporte", NULL, MATCH_WRONG, 1 },
        { KIND_DOCUMENT, PDF, "certificado bancario", NULL, MATCH_UNREQUESTED,
          -1 },
        { KIND_AUDIO, "audio/ogg", NULL, NULL, MATCH_UNREQUESTED, -1 },
        { KIND_DOCUMENT, "application/octet-stream", "soporte", NULL,
          MATCH_ITEM, 1 },
    };
    static const struct sent later[] = {
        { KIND_DOCUMENT, PDF, NULL, NULL, MATCH_ITEM, 1 }, /* missing first */
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_ITEM, 0 },   /* the back */
    };
    static const struct sent full[] = {
        { KIND_IMAGE, JPEG, "otra vez mi cedula", NULL, MATCH_UNREQUESTED, -1 },
    };

    (void)state;
    matches(&g, fresh, sizeof(fresh) / sizeof(fresh[0]));
    g.files[0] = 1;
    matches(&g, later, 2);
    g.files[0] = 2;
    matches(&g, full, 1);
    g.procedure = -1;
    matches(&g, &(struct sent){ KIND_IMAGE, JPEG, NULL, NULL, MATCH_NONE, -1 },
            1);
}

/* Two that take the same are filled in order; a photo is no form. */
static void what_makes_no_difference_goes_by_order(void **state)
{
    struct dialogue_guide two = { .procedure = 1 }; /* beneficiario */
    struct dialogue_guide data = { .procedure = 2 };
    static const struct sent first[] = {
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_ITEM, 0 },
        { KIND_IMAGE, JPEG, "registro civil", NULL, MATCH_ITEM, 1 },
    };
    static const struct sent second[] = {
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_ITEM, 1 },
    };
    static const struct sent photo[] = {
        { KIND_IMAGE, JPEG, NULL, NULL, MATCH_UNREQUESTED, -1 },
        { KIND_DOCUMENT, JPEG, NULL, NULL, MATCH_UNREQUESTED, -1 },
    };

    (void)state;
    matches(&two, first, 2);
    two.files[0] = 1;
    matches(&two, second, 1);
    matches(&data, photo, 2);
}

static void unclear_files_are_asked_about_one_by_one(void **state)
{
    struct dialogue_state s = decided();
    struct dialogue_plan p;

    (void)state;
    s.guide.procedure = 0;
    s.nunclear = 2;
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
}

/* ---- whatever they do --------------------------------------------------- */

/* A customer, and a registrar that is not there: prompts are handed over at
 * once, files are held until their purposes are open and fetched then. */
struct world {
    struct dialogue_state s;
    uint64_t seed;
    int64_t now_s;
    unsigned files[16]; /* masks of what is held */
    size_t nfiles;
    int fetched, talked, quiet, noticed, rated, commented, languages;
};

static uint64_t draw(struct world *w, uint64_t below)
{
    w->seed = w->seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (w->seed >> 33) % below;
}

static void close_prompt(struct world *w, const char *id)
{
    for (size_t i = 0; i < w->s.nprompts; i++)
        if (strcmp(w->s.prompts[i].id, id) == 0) {
            w->s.nprompts--;
            memmove(&w->s.prompts[i], &w->s.prompts[i + 1],
                    (w->s.nprompts - i) * sizeof(w->s.prompts[0]));
            return;
        }
}

static void keep_files(struct world *w, int without)
{
    size_t n = 0;

    for (size_t i = 0; i < w->nfiles; i++) {
        if (without >= 0 && (w->files[i] & (1u << without)) != 0)
            continue;
        if (dialogue_open(&w->s, w->files[i])) {
            /* Nothing is fetched that is not given, nor after a no. */
            for (int p = 0; p < (int)policy->npurposes; p++)
                if ((w->files[i] & (1u << p)) != 0) {
                    assert_int_equal(w->s.purposes[p].state, CONSENT_GIVEN);
                    assert_true(w->s.purposes[p].yes_s > w->s.purposes[p].no_s);
                }
            w->fetched++;
            continue;
        }
        w->files[n++] = w->files[i];
    }
    w->nfiles = n;
    w->s.nheld = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;

        while (k < w->s.nheld && w->s.held[k] != w->files[i])
            k++;
        if (k == w->s.nheld)
            w->s.held[w->s.nheld++] = w->files[i];
    }
}

static void put_question(struct world *w, int purpose)
{
    struct dialogue_prompt *prompt;

    assert_true(w->s.nprompts < DIALOGUE_PROMPTS);
    prompt = &w->s.prompts[w->s.nprompts++];
    memset(prompt, 0, sizeof(*prompt));
    (void)snprintf(prompt->id, ID_SIZE, "q%llx",
                   (unsigned long long)draw(w, INT64_MAX));
    prompt->purpose = purpose;
    memcpy(prompt->version, policy->notice_version, VERSION_SIZE);
    prompt->handed_s = w->now_s;
}

/* Nobody declares twice, and a child by somebody else alone. */
static void declared(struct world *w, const struct dialogue_action *a)
{
    w->s.answers = 0;
    if (a->value == ABOUT_SELF) {
        assert_int_equal(w->s.minor, MINOR_SAID);
        assert_in_range(a->heard, HEARD_YES, HEARD_YOUNG);
        w->s.minor = MINOR_REPRESENTED;
        return;
    }
    assert_in_range(w->s.guide.mandate, MANDATE_NEEDED, MANDATE_ASKED);
    assert_string_equal(a->ref, w->s.guide.case_id);
    assert_true(a->relation == RELATION_ADULT || a->heard == HEARD_YES ||
                a->heard == HEARD_YOUNG);
    w->s.guide.mandate = MANDATE_DECLARED;
    w->s.guide.relation = a->relation;
}

static void carry_out(struct world *w, const struct dialogue_state *before,
                      const struct dialogue_action *a)
{
    struct dialogue_purpose *p =
        a->purpose < 0 ? NULL : &w->s.purposes[a->purpose];
    char id[ID_SIZE] = "";

    if (a->prompt >= 0)
        memcpy(id, before->prompts[a->prompt].id, sizeof(id));
    switch (a->kind) {
    case DO_GRANT:
        assert_true(id[0] != '\0'); /* it answers a question */
        assert_int_not_equal(w->s.minor, MINOR_SAID);
        p->state = CONSENT_GIVEN;
        p->yes_s = w->now_s;
        close_prompt(w, id);
        w->s.answers = 0;
        keep_files(w, -1);
        break;
    case DO_REFUSE:
    case DO_OTHER:
    case DO_WITHDRAW:
        p->state = a->kind == DO_WITHDRAW ? CONSENT_WITHDRAWN : CONSENT_REFUSED;
        p->no_s = w->now_s;
        close_prompt(w, id);
        keep_files(w, a->purpose);
        break;
    case DO_CLOSE:
        close_prompt(w, id);
        break;
    case DO_PROMPT:
        put_question(w, a->purpose);
        w->talked++;
        break;
    case DO_MENU:
        w->s.menu = w->now_s * MSEC_S;
        w->s.answers++;
        break;
    case DO_STATUS:
    case DO_MISSING:
    case DO_DATA:
    case DO_CHANNEL:
    case DO_HINT:
        w->s.answers++;
        break;
    case DO_NOTICES:
        w->s.answers++;
        w->noticed++;
        if (a->purpose >= 0)
            put_question(w, a->purpose);
        break;
    case DO_REQUEST:
        w->s.answers = 0;
        break;
    case DO_PROCEDURE:
        w->s.guide = (struct dialogue_guide){ .procedure = a->value };
        w->s.answers = 0;
        break;
    case DO_ASK_PERSON:
        w->s.mode = MODE_WAITING;
        w->s.told = w->now_s * MSEC_S;
        break;
    case DO_BACK:
        w->s.mode = MODE_BOT;
        break;
    case DO_ASK_ITEM:
        for (size_t i = 0; i < w->s.nunclear; i++)
            assert_false(w->s.unclear[i].asked); /* one at a time */
        w->s.unclear[0].asked = true;
        break;
    case DO_ITEM:
        w->s.nunclear--;
        memmove(&w->s.unclear[0], &w->s.unclear[1],
                w->s.nunclear * sizeof(w->s.unclear[0]));
        break;
    case DO_ASK_RELATION:
        if (a->value == ABOUT_CASE) {
            w->s.guide.mandate = MANDATE_ASKED;
            break;
        }
        w->s.menu = w->now_s * MSEC_S;
        w->s.answers++;
        break;
    case DO_PICK_FOR:
    case DO_LANGUAGE_ASK:
        w->s.answers++;
        break;
    case DO_LANGUAGE: /* another of those that there are */
        assert_in_range(a->value, 0, policy->nlanguages - 1);
        assert_int_not_equal(a->value, before->language);
        w->s.language = a->value;
        w->s.answers++;
        w->languages++;
        break;
    case DO_FOR:
        w->s.guide =
            (struct dialogue_guide){ .procedure = a->value,
                                     .case_id = "AAAA-0000",
                                     .relation = a->relation,
                                     .mandate =
                                         a->relation == RELATION_PARENT_GUARDIAN
                                             ? MANDATE_NEEDED
                                             : MANDATE_DECLARED };
        w->s.answers = 0;
        break;
    case DO_DECLARE:
        declared(w, a);
        break;
    case DO_MINOR:
        w->s.minor = MINOR_SAID;
        w->s.answers = 0;
        break;
    case DO_RATE:
        /* Once a question, and it was asked. */
        assert_int_equal(before->rating.stage, RATING_ASKED);
        assert_in_range(a->value, 1, 5);
        w->s.rating.stage = RATING_COMMENT;
        w->rated++;
        break;
    case DO_COMMENT:
    case DO_COMMENT_END:
        assert_int_equal(before->rating.stage, RATING_COMMENT);
        assert_true(a->kind == DO_COMMENT_END || before->mode == MODE_BOT);
        w->s.rating.stage = RATING_NONE;
        w->commented += a->kind == DO_COMMENT;
        break;
    case DO_SAY:
    case DO_SAY_OF:
    case DO_ASK_HEARD:
    case DO_IGNORE:
    case DO_KEEP:
    case DO_CONTACT:
    case DO_LANGUAGE_SAY:
        break;
    case DO_ACK: /* nothing of this policy is to be read */
    case DO__MAX:
        fail();
    }
}

/* A person is one step away from every state. */
static void person_is_near(struct world *w)
{
    static const char *const ways[] = { "asesor", "person/ask" };

    for (size_t i = 0; i < 2 && w->s.mode == MODE_BOT; i++) {
        struct dialogue_plan p =
            decide(&w->s, i == 0 ? INPUT_TEXT : INPUT_BUTTON, ways[i]);
        bool asked = false;

        for (size_t k = 0; k < p.n; k++)
            asked |= p.actions[k].kind == DO_ASK_PERSON;
        assert_true(asked);
    }
}

static void one_event(struct world *w)
{
    static const char *const texts[] = {
        "hola",
        "sí",
        "no",
        "BAJA",
        "menú",
        "asesor",
        "ok",
        "estado",
        "mis datos",
        "otro canal",
        "qué falta",
        "asistente",
        "no más avisos",
        "es para otra persona",
        "5",
        "3.",
        "English",
        "em português",
        "español",
    };
    static const char *const ids[] = {
        "grant/case_processing/2026-11",
        "grant/sensitive_images/2026-11",
        "refuse/case_processing/2026-11",
        "other/sensitive_images/2026-11",
        "withdraw/all/2026-11",
        "menu/show",
        "procedure/cesantias",
        "procedure/beneficiario",
        "person/ask",
        "item/anext/soporte",
        "grant/case_processing/2020-01",
        "procedure/none",
        "rate/yone/4",
        "rate/ytwo/1",
        "item/",
        "menu/notices",
        "grant/contact_whatsapp/2026-11",
        "refuse/contact_whatsapp/2026-11",
        "x",
        "for/another",
        "for/heir",
        "for/heir/cesantias",
        "for/parent_guardian/beneficiario",
        "child/AAAA-0000/parent_guardian",
        "child/AAAA-0000/parent_guardian/heard",
        "child/AAAA-0000/adult",
        "child/",
        "minor/parent_guardian",
        "minor/parent_guardian/too_young",
        "minor/parent_guardian/not_heard",
        "minor/heir/heard",
        "language/show",
        "language/en",
        "language/es-CO",
    };
    struct dialogue_input input = { .provider_s = w->now_s };
    struct dialogue_state before;
    struct dialogue_plan plan;
    uint64_t what = draw(w, 10);

    if (what < 5) {
        input.text = texts[draw(w, sizeof(texts) / sizeof(texts[0]))];
        input.kind = INPUT_TEXT;
    } else if (what < 8) {
        input.text = ids[draw(w, sizeof(ids) / sizeof(ids[0]))];
        input.kind = INPUT_BUTTON;
    } else {
        input.kind = INPUT_FILE;
        input.needs = 1u + 2u * (unsigned)draw(w, 2);
        if (w->nfiles < 16)
            w->files[w->nfiles++] = input.needs;
        keep_files(w, -1);
        if (w->s.nunclear == 0 && draw(w, 4) == 0) {
            memcpy(w->s.unclear[0].attachment, "anext", 6);
            w->s.unclear[0].asked = false;
            w->s.nunclear = 1;
        }
    }
    if (draw(w, 400) == 0) { /* rarely: nothing they say counts until */
        input.text = "soy menor de edad"; /* somebody answers for them */
        input.kind = INPUT_TEXT;
    }
    if (draw(w, 50) == 0) {
        w->s.rating = (struct dialogue_rating){ .stage = RATING_ASKED,
                                                .asked = w->now_s * MSEC_S };
        memcpy(w->s.rating.id, draw(w, 2) == 0 ? "yone" : "ytwo", 5);
    }
    if (draw(w, 50) == 0)
        w->s.mode = w->s.mode == MODE_WAITING ? MODE_PERSON : MODE_BOT;
    before = w->s;
    dialogue_decide(&before, &input, w->now_s * MSEC_S, &plan);
    assert_true(plan.n < DIALOGUE_ACTIONS);
    for (size_t i = 0; i < plan.n; i++)
        carry_out(w, &before, &plan.actions[i]);
    assert_true(w->s.answers <= 10);
}

/* Files that were fetched, and how often notices were asked about. */
static int wild_customers(int *noticed)
{
    int fetched = 0, rated = 0, commented = 0;

    *noticed = 0;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct world w = { .s = { .policy = policy,
                                  .guide = { .procedure = -1 } },
                           .seed = seed,
                           .now_s = NOW_S };

        for (int i = 0; i < 10000; i++) {
            w.now_s += 1 + (int64_t)draw(&w, 200);
            one_event(&w);
            person_is_near(&w);
        }
        fetched += w.fetched;
        *noticed += w.noticed;
        assert_true(w.talked > 100);
        assert_true(w.languages > 20);
        rated += w.rated;
        commented += w.commented;
    }
    assert_true(rated > 50 && commented > 10);
    return fetched;
}

static void whatever_customers_do_consent_comes_first(void **state)
{
    struct policy *shipped = policy;
    int noticed;

    (void)state;
    assert_true(wild_customers(&noticed) > 1000); /* it does get anywhere */
    assert_int_equal(noticed, 0);
    policy = policy_with_notices();
    assert_true(wild_customers(&noticed) > 1000);
    assert_true(noticed > 100);
    policy_free(&policy);
    policy = shipped;
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
        cmocka_unit_test(what_makes_no_difference_goes_by_order),
        cmocka_unit_test(unclear_files_are_asked_about_one_by_one),
        cmocka_unit_test(whatever_customers_do_consent_comes_first),
    };

    return cmocka_run_group_tests(tests, open_policy, close_policy);
}

/* policy: templates and rules of contact, as they are written and read. */
#include "policy_help.h"

#define NONE "documento_pendiente\n    name: documento_pendiente\n"

static int line_of(const char *text)
{
    char *all = get_text(CO, YAML);
    const char *at = strstr(all, text);
    int line = 1;

    assert_non_null(at);
    for (const char *p = all; p < at; p++)
        line += *p == '\n';
    free(all);
    return line;
}

/* Each slip is refused with a line that is named and a text that fits. */
static void says_of_any_line(const char *file, const struct slip *slips,
                             size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *former = get_text(CO, file);
        struct policy *p;

        swap(CO, file, slips[i].old, slips[i].new);
        p = load(CO);
        if (p != NULL || strstr(err.text, slips[i].says) == NULL)
            fail_msg("%s: %s", slips[i].new, p != NULL ? "it loads" : err.text);
        assert_non_null(strstr(err.text, file));
        put_text(CO, file, former, strlen(former));
        free(former);
    }
    policy_free(&(struct policy *){ load_good(CO) });
}

static void more_than_the_law_allows_does_not_load(void **state)
{
    int rules = line_of("contact_rules:"), at = line_of("    friday: [\"07");
    const struct slip slips[] = {
        { "friday: [\"07:00-19:00\"]", "friday: [\"07:00-19:01\"]", rules,
          "contact_rules: allow more than Ley 2300" },
        { "friday: [\"07:00-19:00\"]", "friday: [\"06:59-19:00\"]", rules,
          "contact_rules: allow more than Ley 2300" },
        { "saturday: [\"08:00-15:00\"]", "sunday: [\"08:00-15:00\"]", rules,
          "contact_rules: allow more than Ley 2300" },
        { "friday: [\"07:00-19:00\"]", "friday: [\"19:00-07:00\"]", at,
          "friday: is no opening" },
        { "citation: Ley 2300 de 2023, art. 3\n  week", "per_day: 2\n  week",
          rules, "contact_rules: allow more than Ley 2300" },
        { "citation: Ley 2300 de 2023, art. 3\n  week",
          "one_channel_a_week: false\n  week", rules,
          "contact_rules: allow more than Ley 2300" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void a_template_that_is_wrong_names_its_line(void **state)
{
    int t = line_of("  - id: documento_pendiente");
    const struct slip slips[] = {
        { "category: utility\n    class: proactive",
          "category: marketing\n    class: proactive", t + 4,
          "class: advertising is what Meta calls marketing" },
        { "class: proactive\n    purpose: case_processing",
          "class: proactive\n    purpose: nothing", t + 5,
          "purpose: is no purpose" },
        { "class: proactive", "class: reminder", t + 4, "class: is not" },
        { "language: es_CO", "language: es-CO", t + 2, "language: is missing" },
        { NONE, "respuesta_lista\n    name: Documento\n", t + 1,
          "name: is missing" },
        { "name: tramite, type: text, max: 40", "name: to, type: text", t + 7,
          "name: is a column of its own" },
        { "type: date", "type: day", t + 9, "type: is not amount" },
        { "type: text, max: 60", "type: text, max: 0", t + 8,
          "max: is not 1 to 1024" },
        { "name: documento, type", "name: tramite, type", t + 8,
          "name: names a parameter twice" },
        { "- id: respuesta_lista", "- id: documento_pendiente", t + 10,
          "id: names a template twice" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

/* What is asked about by itself, as docs/reminders.md says to write it. */
static void what_is_asked_by_itself_is_checked(void **state)
{
    char command[256];
    const struct slip policy[] = {
        { "gates: []\n    ask: after_complete",
          "gates: [image]\n    ask: after_complete", 0,
          "ask: is for purposes that no file waits for" },
        { "ask: after_complete", "ask: now", 0,
          "ask: is not menu or after_complete" },
        { "ask: menu", "ask: after_complete", 0,
          "ask: must be menu: Ley 2300" },
        { "stop_word: NO MÁS AVISOS", "", 1, "stop_word: is missing" },
        { "NO MÁS AVISOS", "BASTA", 0,
          "stop_word: is not among the words that stop" },
        { "purposes: [case_processing]\n  - id: actualizacion",
          "purposes: [case_processing, contact_whatsapp]\n"
          "  - id: actualizacion",
          0, "ask: is for purposes that no file waits for" },
        { "category: utility\n    class: proactive",
          "category: marketing\n    class: advertising", 0,
          "purpose: of advertising must be one" },
    };
    const struct slip sending[] = {
        { "header: document", "header: image", 0, "header: is not document" },
        { "category: utility\n    class: requested_info\n    purpose: "
          "case_processing\n    header",
          "category: authentication\n    class: requested_info\n    purpose: "
          "case_processing\n    header",
          0, "header: is for templates of category utility" },
        { "send_documents: true", "send_documents: false", 0,
          "header: needs send_documents" },
        { "send_documents: true",
          "send_documents: true\nidentity_check_lasts: 59m", 0,
          "identity_check_lasts: must be 1h to 90d" },
        { "send_documents: true",
          "send_documents: true\nidentity_check_lasts: 91d", 0,
          "identity_check_lasts: must be 1h to 90d" },
        { "    header: document\n", "    head: document\n", 0,
          "head: unknown" },
    };
    const struct slip texts[] = {
        { "Para dejar de recibirlos escriba {stop_word}.", "Gracias.", 0,
          "on: does not say {stop_word}" },
        { "row: Avisos por WhatsApp", "row: Avisos por WhatsApp cada día", 0,
          "row: has" },
        { "  stop: [no más avisos, no más mensajes", "  stop: [baja, x", 0,
          "stop: \"baja\" means something else" },
        { "  stop: [", "  stopp: [", 0, "stopp: unknown" },
    };

    (void)state;
    (void)snprintf(command, sizeof(command),
                   "python3 tests/with_notices.py '%s'", root);
    assert_int_equal(system(command), 0);
    says_of_any_line(YAML, policy, sizeof(policy) / sizeof(policy[0]));
    says_of_any_line(YAML, sending, sizeof(sending) / sizeof(sending[0]));
    says_of_any_line(TEXTS, texts, sizeof(texts) / sizeof(texts[0]));
}

static void how_long_a_check_counts_is_warned_of(void **state)
{
    char command[256];
    struct policy *p = load_good(CO);

    (void)state;
    size_t warnings = json_array_size(p->warnings);

    assert_int_equal(p->identity_lasts, LIMIT_CODE_GOOD);
    policy_free(&p);
    (void)snprintf(command, sizeof(command),
                   "python3 tests/with_notices.py '%s'", root);
    assert_int_equal(system(command), 0);
    p = load_good(CO);
    assert_int_equal(json_array_size(p->warnings), warnings + 1);
    policy_free(&p);
    swap(CO, YAML, "send_documents",
         "identity_check_lasts: 30d\nsend_documents");
    p = load_good(CO);
    assert_int_equal(p->identity_lasts, 30 * MSEC_D);
    assert_int_equal(json_array_size(p->warnings), warnings + 2);
    policy_free(&p);
}

/* The document stands before the words, and only where there is one. */
static void a_template_says_what_it_is_given(void **state)
{
    const struct template_document document = { "4711", "extracto.pdf" };
    struct policy_template t = { .name = "extracto",
                                 .language = "es_CO",
                                 .carries = true,
                                 .parameters = { { "mes", PARAMETER_TEXT, 9 },
                                                 { "dia", PARAMETER_DATE,
                                                   10 } },
                                 .nparameters = 2 };
    struct template_given given = { .names = { "dia", "mes" },
                                    .values = { "2026-12-24", "octubre" },
                                    .n = 2 };
    const char *values[LIMIT_PARAMETERS], *which = "";
    struct buf out = { 0 };

    (void)state;
    assert_null(template_sort(&t, &given, values, &which));
    assert_int_equal(template_message(&t, values, &document, "out", &out), 0);
    assert_string_equal(
        (const char *)out.p,
        "{\"template\":{\"components\":[{\"parameters\":[{\"document\":{"
        "\"filename\":\"extracto.pdf\",\"id\":\"4711\"},\"type\":\"document\"}"
        "],\"type\":\"header\"},{\"parameters\":[{\"text\":\"octubre\","
        "\"type\":"
        "\"text\"},{\"text\":\"jueves 24 de diciembre de 2026\",\"type\":"
        "\"text\"}],\"type\":\"body\"}],\"language\":{\"code\":\"es_CO\"},"
        "\"name\":\"extracto\"},"
        "\"type\":\"template\"}");
    buf_free(&out);
    assert_int_equal(template_message(&t, values, NULL, "out", &out), 0);
    assert_null(strstr((const char *)out.p, "header"));
    buf_free(&out);

    given.names[0] = "mes";
    assert_string_equal(template_sort(&t, &given, values, &which),
                        "is given twice");
    given.n = 1;
    assert_string_equal(template_sort(&t, &given, values, &which),
                        "is longer than it may be");
    assert_string_equal(which, "mes");
    given.values[0] = "mayo";
    assert_string_equal(template_sort(&t, &given, values, &which),
                        "is missing");
    assert_string_equal(which, "dia");
    given.names[0] = "year";
    assert_string_equal(template_sort(&t, &given, values, &which),
                        "is no parameter of the template");
}

/* What people answer, as docs/reminders.md says to write it. */
static void what_buttons_lead_to_is_checked(void **state)
{
    char command[256];
    const struct slip policy[] = {
        { "stage: administrative", "stage: late", 0,
          "stage: is not preventive" },
        { "stage: administrative", "stage: \"\"", 0,
          "stage: is not preventive" },
        { "class: collection\n    stage: administrative",
          "class: proactive\n    stage: prelegal", 0,
          "stage: prelegal is for the class collection" },
        { "title: Ya pagué,", "title: Ya pagué todo lo que debía,", 0,
          "title: is not one line of at most 25" },
        { "title: Ya pagué,", "title: \" \",", 0,
          "title: is not one line of at most 25" },
        { "leads_to: status", "leads_to: menu", 0, "leads_to: is not status" },
        { "leads_to: status", "leads_to: proof", 0,
          "leads_to: is what another button" },
        { "leads_to: status", "url: x", 0, "url: unknown" },
        { "    procedure: comprobante_pago\n", "", 0, "procedure: is missing" },
        { "procedure: comprobante_pago", "procedure: nothing", 0,
          "procedure: is no procedure" },
        { "      - {title: Ya pagué, leads_to: proof}\n", "", 0,
          "procedure: is for an answer that leads to proof" },
        { "    promise: {days: 5}\n", "", 0, "promise: is missing" },
        { "promise: {days: 5}", "promise: {days: 10}", 0,
          "days: is not 1 to 9" },
        { "promise: {days: 5}", "promise: {days: 0}", 0,
          "days: is not 1 to 9" },
        { "promise: {days: 5}", "promise: {}", 0, "days: is missing" },
        { "      - {title: Decir cuándo pago, leads_to: promise}\n", "", 0,
          "promise: is for an answer that leads to promise" },
        { "class: collection\n    stage: administrative",
          "class: requested_info", 0,
          "promise: is for collection or proactive" },
        { "¿Cómo le ayudamos?", "¿Por qué no ha pagado?", 0,
          "body: asks why it is unpaid" },
        { "¿Cómo le ayudamos?", "Cuéntenos el motivo del no pago.", 0,
          "body: asks why it is unpaid" },
        { "por {{2}}", "por {{4}}", 0, "body: does not have {{1}}" },
        { "por {{2}}", "por mucho", 0, "body: does not have {{1}}" },
        { "por {{2}}", "por {{x}}", 0, "body: does not have {{1}}" },
    };
    const struct slip texts[] = {
        { "¿Para qué día le queda bien pagar?", "¿Por qué razón no paga?", 0,
          "ask: asks why it is unpaid" },
        { "quedó anotado: {day}", "quedó anotado", 0, "made: does not say" },
        { "  monday: Lunes", "  monday: El primer lunes", 0, "monday: has" },
        { "  monday: Lunes", "  lunes: Lunes", 0, "lunes: unknown" },
        { "  sunday: Domingo\n", "", 0, "sunday: is missing" },
        { "  proof: [ya pagué", "  proof: [acepto", 0,
          "proof: \"acepto\" means something else" },
    };

    (void)state;
    (void)snprintf(command, sizeof(command),
                   "python3 tests/with_notices.py '%s' answers", root);
    assert_int_equal(system(command), 0);
    says_of_any_line(YAML, policy, sizeof(policy) / sizeof(policy[0]));
    says_of_any_line(TEXTS, texts, sizeof(texts) / sizeof(texts[0]));

    /* Who is to stop has to be asked about something; and words may lack. */
    swap(ES, YAML, "leads_to: person", "leads_to: stop");
    assert_null(load(ES));
    assert_non_null(strstr(err.text, "answers: stop takes back"));
    swap(ES, YAML, "leads_to: stop", "leads_to: person");
    swap(ES, "texts.es-ES.yaml", "  proof: [ya he pagado, ya lo he pagado, ",
         "  promise: [");
    assert_null(load(ES)); /* twice */
}

/* Nobody is asked why; what only sounds like it may be said. */
static void a_question_why_is_known_by_its_words(void **state)
{
    static const char *const asks[] = {
        "Hola. ¿Por qué no ha pagado su cuota?",
        "¿Cuál es el motivo de su atraso?",
        "CUÉNTENOS: ¿A QUÉ SE DEBE LA MORA?",
        "Why have you not paid?",
        "Tell us the reason for non-payment",
        "Por que ainda não pagou?",
    };
    static const char *const fine[] = {
        "Su cuota venció. ¿Cómo le ayudamos?",
        "Le escribimos por el pago de su cuota; no olvide el comprobante.",
        "Pague en línea: sabemos por qué vale la pena.",
        "You have not paid yet. How can we help?",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
        if (template_asks_why(asks[i]) != 1)
            fail_msg("%s", asks[i]);
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
        if (template_asks_why(fine[i]) != 0)
            fail_msg("%s", fine[i]);
}

static void values_are_of_their_type(void **state)
{
    static const struct {
        enum parameter_type type;
        const char *value;
        bool good;
    } values[] = {
        { PARAMETER_AMOUNT, "$ 1.250.000", true },
        { PARAMETER_AMOUNT, "COP 90,50", true },
        { PARAMETER_AMOUNT, "pronto", false },
        { PARAMETER_AMOUNT, "COP", false },
        { PARAMETER_DATE, "2026-12-24", true },
        { PARAMETER_DATE, "2026-02-30", false },
        { PARAMETER_DATE, "24/12/2026", false },
        { PARAMETER_TEXT, "Retiro de cesantías (2026)", true },
        { PARAMETER_TEXT, "two\nlines", false },
        { PARAMETER_TEXT, "right\xe2\x80\xaeleft", false },
        { PARAMETER_TEXT, "a     b", false },
        { PARAMETER_TEXT, "card 4111 1111 1111 1111", false },
        { PARAMETER_TEXT, "case 4111-1111", true },
        { PARAMETER_TEXT, "\xff", false },
        { PARAMETER_TEXT, "  ", false },
        { PARAMETER_TEXT, "a text that is longer than thirty is not", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct template_parameter p = { .type = values[i].type, .max = 30 };
        const char *fault = template_fault(&p, values[i].value);

        if ((fault == NULL) != values[i].good)
            fail_msg("%s: %s", values[i].value, fault);
    }
}

/* Each rule alone, on a Wednesday at ten. */
static void each_rule_has_its_name(void **state)
{
    struct policy *p = load_good(CO);
    struct contact_facts good = { .class = CLASS_COLLECTION,
                                  .consented = true },
                         f;
    msec now, night;

    (void)state;
    assert_int_equal(time_parse("2026-12-02T10:00:00-05:00", &now), 0);
    assert_int_equal(time_parse("2026-12-02T22:00:00-05:00", &night), 0);
#define RULE(at) contact_forbids(&p->contact, &p->calendar, &f, at)
    f = good;
    assert_null(RULE(now));
    assert_string_equal(RULE(night), "contact_hours");
    f.any_hour = true;
    assert_null(RULE(night));
    f.today = 1;
    assert_string_equal(RULE(night), "once_a_day");
    f = good;
    f.consented = false;
    assert_string_equal(RULE(now), "purpose_not_open");
    f.withdrawn = true;
    assert_string_equal(RULE(now), "purpose_withdrawn");
    f = good;
    f.has_other = true;
    f.other = date_day(2026, 11, 30);
    assert_string_equal(RULE(now), "other_channel_this_week");
    f.other = date_day(2026, 11, 29);
    assert_null(RULE(now));
    f = good;
    f.opted_out = true;
    assert_string_equal(RULE(now), "opted_out");
    f.excluded = true;
    assert_string_equal(RULE(now), "opted_out");
    f.impersonated = true;
    assert_string_equal(RULE(now), "impersonation_hold");
    f.class = CLASS_PROACTIVE;
    assert_string_equal(RULE(now), "opted_out");
    f.impersonated = f.opted_out = false;
    assert_null(RULE(now));
    f.promised = true;
    assert_null(RULE(now)); /* what else they are told is no collection */
    f.class = CLASS_COLLECTION;
    assert_string_equal(RULE(now), "promise_running");
    assert_string_equal(RULE(night), "promise_running");
    f.promised = false;
    assert_null(RULE(now));
    f.class = CLASS_ADVERTISING;
    assert_string_equal(RULE(now), "excluded_number");
    f.excluded = f.consented = false;
    f.withdrawn = true;
    assert_string_equal(RULE(now), "opted_out");
    f = good;
    f.under_age = true;
    assert_string_equal(RULE(now), "under_age");
    f.left = true;
    assert_string_equal(RULE(now), "number_left");
    f.left = false;
    f.class = CLASS_REQUESTED_INFO; /* they asked for it themselves */
    f.wrote = now;
    assert_null(RULE(now));
    f = good;
    f.class = CLASS_REQUESTED_INFO;
    f.wrote = night - LIMIT_REQUESTED_D * MSEC_D + 1;
    assert_null(RULE(night));
    f.wrote--;
    assert_string_equal(RULE(night), "not_requested");
#undef RULE
    policy_free(&p);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(more_than_the_law_allows_does_not_load),
        T(a_template_that_is_wrong_names_its_line),
        T(what_is_asked_by_itself_is_checked),
        T(how_long_a_check_counts_is_warned_of),
        T(a_template_says_what_it_is_given),
        T(what_buttons_lead_to_is_checked),
        T(a_question_why_is_known_by_its_words),
        T(values_are_of_their_type),
        T(each_rule_has_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* policy: procedures, clocks, hours and calendars as data, and each slip. */
#include "policy_help.h"

static int line_of(const char *policy, const char *file, const char *what)
{
    char *text = get_text(policy, file), *at = strstr(text, what);
    int line = 1;

    if (at == NULL)
        print_error("%s does not have: %s\n", file, what);
    assert_non_null(at);
    for (const char *s = text; s < at; s++)
        line += *s == '\n';
    free(text);
    return line;
}

/* One slip a line; `at` counts from the line on which `old` begins. */
static void slips_refused(const char *policy, const char *file,
                          struct slip *slips, size_t n)
{
    for (size_t i = 0; i < n; i++)
        slips[i].at += line_of(policy, file, slips[i].old);
    all_refused(policy, file, slips, n);
}
#define SLIPS_REFUSED(policy, file, slips)                                     \
    slips_refused(policy, file, slips, sizeof(slips) / sizeof((slips)[0]))

/* ---- what is good ------------------------------------------------------- */

static void colombia_has_three_procedures(void **state)
{
    struct policy *p = load_good(CO);
    const struct policy_procedure *c = &p->procedures[0];

    (void)state;
    assert_int_equal(p->nprocedures, 3);
    assert_int_equal(policy_procedure(p, "cesantias"), 0);
    assert_int_equal(policy_procedure(p, "nada"), -1);
    assert_string_equal(p->clocks[c->sla].id, "tramite");
    assert_int_equal(c->unrequested_life, 7 * MSEC_D);
    assert_int_equal(c->nitems, 3);
    assert_string_equal(c->items[0].id, "cedula");
    assert_true(c->items[0].required && c->items[0].sensitive);
    assert_int_equal(c->items[0].channel, CHANNEL_IN_CHAT);
    assert_int_equal(c->items[0].kinds, 1u << KIND_IMAGE | 1u << KIND_DOCUMENT);
    assert_int_equal(c->items[0].types, 0x1f);
    assert_int_equal(c->items[0].purposes, 3);
    assert_int_equal(c->items[0].files_max, 2);
    assert_string_equal(p->rules[c->items[0].retention].id, "case_files");
    assert_int_equal(c->items[1].types, 0x10);
    assert_int_equal(c->items[2].channel, CHANNEL_SECURE_LINK);
    assert_int_equal(c->items[2].types, 0);
    assert_false(p->procedures[1].items[2].required);
    assert_int_equal(p->procedures[2].items[1].types, 0x3f); /* all of them */
    assert_int_equal(p->procedures[2].items[1].retention, -1);
    policy_free(&p);
}

static void clocks_are_as_the_laws_say(void **state)
{
    static const char *const petitions[] = { "peticion", "peticion_documentos",
                                             "peticion_consulta" };
    struct policy *p = load_good(CO);
    const struct legal_clock *k = &p->clocks[policy_clock(p, "consulta")];

    (void)state;
    assert_int_equal(k->kind, CLOCK_REQUEST);
    assert_int_equal(k->term.n, 10);
    assert_int_equal(k->term.unit, TERM_BUSINESS_DAYS);
    assert_int_equal(k->extension.n, 5);
    assert_int_equal(k->extensions, 1);
    assert_true(k->receipt_counts);
    assert_false(k->deemed_accepted);
    assert_true(
        p->clocks[policy_clock(p, "reclamo_financiero")].deemed_accepted);
    for (size_t i = 0; i < sizeof(petitions) / sizeof(petitions[0]); i++) {
        k = &p->clocks[policy_clock(p, petitions[i])];
        assert_string_equal(p->clocks[k->ask].id, "peticion_completar");
        assert_string_equal(p->clocks[k->give_up].id, "peticion_desistida");
    }
    assert_int_equal(k->forward, -1);
    k = &p->clocks[policy_clock(p, "reclamo")];
    assert_string_equal(p->clocks[k->forward].id, "reclamo_traslado");
    assert_int_equal(k->then, -1);
    k = &p->clocks[policy_clock(p, "peticion_documentos")];
    assert_string_equal(p->clocks[k->then].id, "peticion_copias");
    k = &p->clocks[policy_clock(p, "peticion_completar")];
    assert_int_equal(k->term.n, 10);
    assert_int_equal(k->term.unit, TERM_DAYS);
    k = &p->clocks[policy_clock(p, "suplantacion")];
    assert_int_equal(k->kind, CLOCK_REQUEST);
    assert_int_equal(k->term.n, 10);
    assert_true(k->legend);
    assert_int_equal(policy_clock(p, "derechos"), -1);
    policy_free(&p);
}

/* It loads, for counsel may know better, and is not passed over in silence. */
static void a_term_that_is_longer_than_the_laws_is_said(void **state)
{
    struct policy *p;

    (void)state;
    p = load_good(CO);
    assert_null(p->warnings);
    policy_free(&p);
    swap(CO, YAML, "    term: 10 business days\n    ext",
         "    term: 60 business days\n    ext");
    p = load_good(CO);
    assert_int_equal(json_array_size(p->warnings), 1);
    assert_string_equal(json_string_value(json_array_get(p->warnings, 0)),
                        "policy.yaml: clocks: consulta: 60 business days for "
                        "access, and the law (CO) gives 10 business days");
    policy_free(&p);

    p = load_good(ES);
    assert_int_equal(json_array_size(p->warnings), 1); /* of its holidays */
    policy_free(&p);
    swap(ES, YAML, "    term: 72 hours", "    term: 5 days");
    swap(ES, YAML, "    warn: 24 hours", "    warn: 1 day");
    swap(ES, YAML, "    term: 1 month\n    ext", "    term: 2 months\n    ext");
    p = load_good(ES);
    assert_int_equal(json_array_size(p->warnings), 3); /* once a clock */
    assert_string_equal(json_string_value(json_array_get(p->warnings, 2)),
                        "policy.yaml: clocks: brecha: 5 days for incident, and "
                        "the law (ES) gives 72 hours");
    policy_free(&p);
}

/* A policy of yesterday goes on as it did. */
static void all_of_it_may_lack(void **state)
{
    static const char *const texts[] = { TEXTS, "texts.en.yaml",
                                         "texts.pt-BR.yaml" };
    char *text = get_text(CO, YAML);
    struct policy *p;

    (void)state;
    put_text(CO, YAML, text, (size_t)(strstr(text, "calendar:") - text));
    free(text);
    for (size_t i = 0; i < 3; i++) {
        text = get_text(CO, texts[i]);
        put_text(CO, texts[i], text,
                 (size_t)(strstr(text, "\nmenu:") + 1 - text));
        free(text);
    }
    p = load_good(CO);
    assert_int_equal(p->nprocedures + p->nclocks + p->nhours, 0);
    assert_null(policy_hours(p, "1"));
    assert_null(p->languages[0].menu[MENU_BODY]);
    assert_string_equal(p->calendar.timezone, "America/Bogota");
    assert_true(p->calendar.colombia);
    assert_null(p->warnings);
    policy_free(&p);
}

/* ---- texts -------------------------------------------------------------- */

static void texts_are_filled_and_of_each_language(void **state)
{
    struct policy *p = load_good(ES);
    const struct policy_language *l = p->languages;
    const char *help = l[0].procedures[0].items[0][ITEM_HELP];

    (void)state;
    assert_string_equal(l[0].procedures[0].own[PROCEDURE_TITLE],
                        "Abrir una cuenta");
    assert_string_equal(l[1].procedures[0].own[PROCEDURE_TITLE],
                        "Open an account");
    assert_non_null(strstr(help, "nuestras oficinas"));
    assert_null(strstr(help, "{"));
    assert_string_equal(l[1].clocks[0], "Data protection rights");
    assert_null(l[0].procedures[0].items[2][ITEM_HELP]);
    policy_free(&p);
}

static void what_a_language_lacks_is_anothers_and_said(void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, "texts.en.yaml",
         "        title: Proof of studies\n"
         "        why: Only for children over 18 who study.\n",
         "        title: Proof of studies\n");
    swap(CO, "texts.en.yaml", "  button: See the list\n", "");
    p = load_good(CO);
    assert_string_equal(p->languages[1].procedures[1].items[2][ITEM_WHY],
                        "Solo para hijos mayores de 18 años que estudian.");
    assert_string_equal(p->languages[1].menu[MENU_BUTTON], "Ver trámites");
    assert_int_equal(json_array_size(p->warnings), 2);
    assert_string_equal(json_string_value(json_array_get(p->warnings, 0)),
                        "texts.en.yaml: menu.button: is missing; es-CO is "
                        "used");
    assert_string_equal(json_string_value(json_array_get(p->warnings, 1)),
                        "texts.en.yaml: procedures.beneficiario.items."
                        "certificado_estudio.why: is missing; es-CO is used");
    policy_free(&p);
}

static void a_text_of_the_first_language_must_fit(void **state)
{
    struct slip slips[] = {
        { "    title: Retiro de cesantías",
          "    title: Retiro de mis cesantías ya", 0,
          "title: has 26 characters, WhatsApp takes 24" },
        { "        why: Solo para hijos mayores de 18 años que estudian.",
          "        why: Solo para los hijos mayores de 18 años que todavía "
          "estudian hoy en el día.",
          0, "why: has 74 characters, WhatsApp takes 72" },
        { "  button: Ver trámites", "  button: Ver todos los trámites", 0,
          "button: has 22 characters, WhatsApp takes 20" },
        { "  header: ¿En qué le ayudamos?\n", "", -1,
          "header: is missing (menu.header)" },
        { "    title: Retiro de cesantías\n", "", -1,
          "title: is missing (procedures.cesantias.title)" },
        { "  person: Hablar", "  person: \"\"\n#", 0, "person: is empty" },
        { "    description: Incluya",
          "    description: |-\n      a\n      b\n#", 0,
          "description: must be one line" },
        { "        why: Para consignar", "        why: \"{cosa}\"\n#", 0,
          "why: unknown variable {cosa}" },
        { "  cesantias:", "  cesantia:", 0, "cesantia: unknown key" },
        { "      soporte:", "      soportes:", 0, "soportes: unknown key" },
        { "        help: |-", "        ayuda: |-", 0, "ayuda: unknown key" },
        { "  consulta: C", "  consulto: C", 0, "consulto: unknown key" },
        { "  consulta: Consulta de sus datos\n", "", -1,
          "consulta: is missing (clocks.consulta)" },
    };

    (void)state;
    SLIPS_REFUSED(CO, TEXTS, slips);
}

/* ---- slips -------------------------------------------------------------- */

static void a_procedure_with_a_slip_is_refused(void **state)
{
    struct slip slips[] = {
        { "  - id: cesantias", "  - id: Cesantias", 0,
          "id: is not 1 to 40 of a-z, 0-9 and _" },
        { "  - id: beneficiario", "  - id: cesantias", 0,
          "id: names a procedure twice" },
        { "    sla: tramite\n    retention", "    sla: pronto\n    retention",
          0, "sla: is no clock of this policy" },
        { "    sla: tramite\n    retention",
          "    sla: incidente\n    retention", 0,
          "sla: must be a clock of kind service or request" },
        { "    retention: case_files\n    unr", "    retention: files\n    unr",
          0, "retention: is no id of a rule in retention_rules" },
        { "    unrequested_life: 7d", "    unrequested_life: 31d", 0,
          "unrequested_life: is no duration" },
        { "      - id: soporte", "      - id: cedula", 0,
          "id: names an item twice" },
        { "        sensitive: true\n        channel", "        channel", 3,
          "purposes: are sensitive and the item is not" },
        { "purposes: [case_processing, sensitive_images]",
          "purposes: [case_processing]", 0,
          "purposes: have none that is sensitive" },
        { "purposes: [case_processing, sensitive_images]",
          "purposes: [case_procesing]", 0,
          "purposes: is no purpose of this policy" },
        { "        kinds: [image, document]", "        kinds: [image, paper]",
          0, "kinds: is not image, document, audio or video" },
        { "        kinds: [image, document]", "        kinds: [image]", 1,
          "types: cannot come in any of these kinds" },
        { "        kinds: [document]\n        types: [application/pdf]",
          "        kinds: [document]\n        types: [text/plain]", 1,
          "types: is none of the accepted types" },
        { "        kinds: [document]\n        purposes",
          "        kinds: [audio]\n        purposes", 0,
          "kinds: bring no accepted type" },
        { "        channel: secure_link",
          "        channel: secure_link\n        files_max: 2", 1,
          "files_max: is for the channel in_chat" },
        { "        channel: secure_link", "        channel: post", 0,
          "channel: is not in_chat, secure_link or branch" },
        { "        files_max: 5", "        files_max: 21", 0,
          "files_max: is not 1 to 20" },
        { "        files_max: 5", "        files: 5", 0, "files: unknown key" },
    };

    (void)state;
    SLIPS_REFUSED(CO, YAML, slips);
}

static void a_link_is_plain_https_with_our_variables(void **state)
{
    static const struct {
        const char *link, *says;
    } links[] = {
        { "https://cargas.example.co/{procedure}/x?caso={case}&l=es", NULL },
        { "https://cargas.example.co", NULL },
        { "http://cargas.example.co/{case}", "does not begin with https" },
        { "HTTPS://cargas.example.co/{case}", "does not begin with https" },
        { "https://u@cargas.example.co/{case}", "has no host" },
        { "https://cargas.example.co:8443/{case}", "has no host" },
        { "https://{case}.example.co/", "has no host" },
        { "https://localhost/{case}", "has no host" },
        { "https://.example.co/{case}", "has no host" },
        { "https://cargas.example.co/{phone}", "takes letters" },
        { "https://cargas.example.co/{case", "takes letters" },
        { "https://cargas.example.co/a b", "takes letters" },
        { "https://cargas.example.co/á", "takes letters" },
        { "https://cargas.example.co/#x", "takes letters" },
    };
    char *former = get_text(CO, YAML), line[256];

    (void)state;
    swap(CO, TEXTS, "  send:", "  link: \"{items}: {link}\"\n  send:");
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        struct policy *p;

        (void)snprintf(line, sizeof(line),
                       "secure_link: \"%s\"\nprocedures:", links[i].link);
        swap(CO, YAML, "procedures:", line);
        p = load(CO);
        if ((p != NULL) != (links[i].says == NULL) ||
            (p == NULL && strstr(err.text, links[i].says) == NULL))
            fail_msg("%s: %s", links[i].link, err.text);
        policy_free(&p);
        put_text(CO, YAML, former, strlen(former));
    }
    /* With a link its words are needed, without such an item it is for none. */
    swap(CO, YAML, "procedures:",
         "secure_link: https://a.example.co/\n"
         "procedures:");
    swap(CO, TEXTS, "  link: \"{items}: {link}\"\n", "");
    assert_null(load(CO));
    assert_non_null(strstr(err.text, "link: is missing (chat.link)"));
    swap(CO, YAML, "channel: secure_link", "channel: branch");
    assert_null(load(CO));
    assert_non_null(strstr(err.text, "secure_link: is for items"));
    free(former);
}

static void a_clock_with_a_slip_is_refused(void **state)
{
    struct slip slips[] = {
        { "    term: 10 business days\n    ext",
          "    term: 10 workdays\n    ext", 0, "term: is no term such as" },
        { "    term: 10 business days\n    ext",
          "    term: 0 business days\n    ext", 0, "term: is no term such as" },
        { "    term: 10 business days\n    ext",
          "    term: 99999 business days\n    ext", 0,
          "term: is no term such as" },
        { "    extension: {term: 5 business days}",
          "    extension: {term: 5 days}", 0,
          "term: is of another unit than the clock's own term" },
        { "    extension: {term: 5 business days}",
          "    extension: {term: 5 business days, times: 0}", 0,
          "times: is not 1 to 12" },
        { "    warn: 3 business days", "    warn: 10 business days", 0,
          "warn: is as long as the term itself" },
        { "    warn: 3 business days", "    warn: 3 hours", 0,
          "warn: must be hours for a term in hours, else not" },
        { "    citation: Ley 1581 de 2012, art. 14\n", "", -2,
          "citation: is missing" },
        { "    receipt_day_may_count: true", "    receipt_day_may_count: yes",
          0, "receipt_day_may_count: is not true or false" },
        { "  - id: reclamo\n", "  - id: consulta\n", 0,
          "id: names a clock twice" },
        { "    forward: reclamo_traslado", "    forward: consulta", 0,
          "forward: is no clock of kind step" },
        { "    then: peticion_copias", "    then: consulta", 0,
          "then: is no clock of kind step" },
        { "    deemed_accepted: true\n    then: peticion_copias",
          "    then: peticion_copias", 0,
          "then: is for a clock with deemed_accepted" },
        { "    kind: incident", "    kind: accident", 0,
          "kind: is not request, step, incident or service" },
    };

    (void)state;
    SLIPS_REFUSED(CO, YAML, slips);
}

static void hours_with_a_slip_are_refused(void **state)
{
#define MONDAY "      monday: [\"08:00-12:00\", \"13:00-17:00\"]"
    struct slip slips[] = {
        { MONDAY, "      monday: [\"08:00-12:00\", \"11:00-17:00\"]", 0,
          "monday: begins before the one before it has ended" },
        { MONDAY, "      monday: [\"12:00-08:00\"]", 0,
          "monday: is no opening such as" },
        { MONDAY, "      monday: [\"08:00-24:01\"]", 0,
          "monday: is no opening such as" },
        { MONDAY, "      monday: [\"8:00-12:00\"]", 0,
          "monday: is no opening such as" },
        { MONDAY, "      lunes: []", 0, "lunes: unknown key" },
        { MONDAY, "      monday: open", 0, "monday: needs a list" },
        { "  - numbers: all", "  - numbers: [a1]", 0,
          "numbers: is no phone_number_id" },
        { "clocks:\n",
          "  - numbers: all\n    week: {monday: [\"08:00-12:00\"]}\nclocks:\n",
          0, "numbers: is never reached" },
        { "clocks:\n",
          "    special:\n      - {date: 2026-02-30, open: []}\nclocks:\n", 1,
          "date: is no day such as" },
        { "clocks:\n", "    special:\n      - {date: 2026-12-24}\nclocks:\n", 1,
          "open: is missing" },
    };

    (void)state;
    SLIPS_REFUSED(CO, YAML, slips);
}

static void a_calendar_with_a_slip_is_refused(void **state)
{
    struct slip slips[] = {
        { "  timezone: Europe/Madrid", "  timezone: Europe/Madird", 0,
          "timezone: the time zone Europe/Madird cannot be read" },
        { "  timezone: Europe/Madrid", "  timezone: ../passwd", 0,
          "timezone: is no time zone" },
        { "  holidays: holidays.yaml", "  holidays: ../holidays.yaml", 0,
          "holidays: is no file of this folder" },
        { "  holidays: holidays.yaml", "  holidays: colombia", 1,
          "regions: are for a file of holidays" },
        { "  regions: [ES-MD]", "  regions: [Madrid]", 0,
          "regions: is no region such as ES-MD" },
        { "  saturday: false", "  sunday: false", 0, "sunday: unknown key" },
    };
    struct slip holidays[] = {
        { "2026-01-06", "2027-01-06", 0, "date: is not of that year" },
        { "2026-01-06", "2026-01-01", 0,
          "date: does not come after the day before it" },
        { "2026-01-06", "2026-1-6", 0, "date: is no day such as" },
        { "\"2026\":\n  national:", "\"2026\":\n  nacional:", 0,
          "2026: has no list national" },
        { "name: Año Nuevo", "name: \"\"", 0, "name: is empty" },
        { "  ES-AN:", "  es-an:", 0, "es-an: is not national or a region" },
        { "\"2026\":", "\"year\":", 0, "year: is no year" },
    };
    struct slip days[] = {
        { "effect: holiday", "effect: fiesta", 0,
          "effect: is not holiday, closed or working" },
        { "2026-11-09", "2026-05-15", 0, "date: is given twice" },
    };

    (void)state;
    SLIPS_REFUSED(ES, YAML, slips);
    SLIPS_REFUSED(ES, "holidays.yaml", holidays);
    SLIPS_REFUSED(ES, "days.yaml", days);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* The law's age or an older one, and texts wherever a child's papers come. */
static void the_age_is_not_below_the_laws(void **state)
{
    struct policy *p;

    (void)state;
    p = load_good(CO);
    assert_int_equal(p->minor_age, 18);
    assert_true(p->represents);
    assert_int_equal(p->procedures[1].items[1].minors, MINORS_MAYBE);
    policy_free(&p);
    swap(CO, YAML, "{age: 18}", "{age: 17}");
    assert_null(load(CO));
    assert_non_null(strstr(err.text, "age: is not 18, as the law of CO"));
    swap(CO, YAML, "{age: 17}", "{years: 18}");
    assert_null(load(CO));
    swap(CO, YAML, "{years: 18}", "{age: 18}");
    swap(CO, YAML, "minors: true", "minors: sometimes");
    assert_null(load(CO));
    assert_non_null(strstr(err.text, "minors: is not true, false or"));
    swap(CO, YAML, "minors: sometimes", "minors: representative");
    swap(CO, "texts.es-CO.yaml", "  heard_yes:", "  x_heard:");
    assert_null(load(CO));

    p = load_good(ES);
    assert_int_equal(p->minor_age, 14);
    policy_free(&p);
    swap(ES, YAML, "{age: 14}", "{age: 13}");
    assert_null(load(ES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(colombia_has_three_procedures),
        TEST(clocks_are_as_the_laws_say),
        TEST(a_term_that_is_longer_than_the_laws_is_said),
        TEST(a_term_that_is_longer_than_the_laws_is_said),
        TEST(all_of_it_may_lack),
        TEST(texts_are_filled_and_of_each_language),
        TEST(what_a_language_lacks_is_anothers_and_said),
        TEST(a_text_of_the_first_language_must_fit),
        TEST(a_procedure_with_a_slip_is_refused),
        TEST(a_link_is_plain_https_with_our_variables),
        TEST(a_clock_with_a_slip_is_refused),
        TEST(hours_with_a_slip_are_refused),
        TEST(a_calendar_with_a_slip_is_refused),
        TEST(the_age_is_not_below_the_laws),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

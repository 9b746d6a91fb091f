/* registrar: whether somebody wants to be written to is asked by itself, ends
 * by a word, by Meta's, by a list of numbers and by a hold. */
#include "retain_help.h"

#include "notices_help.h"

#include "resguardo/registrar_person.h"
#include "resguardo/registrar_work.h"

#define WHO "573000000001"

static char *changed;

static int outbound_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_outbound(r, arg, err);
}

static int exclude_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_exclude(r, arg, err);
}

static int hold_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_place_hold(r, arg, err);
}

static int lift_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_lift_hold(r, arg, err);
}

static msec at(const char *time)
{
    msec t;

    assert_int_equal(time_parse(time, &t), 0);
    return t;
}

static void say(struct fixture *f, const char *wamid, const char *type,
                const char *text)
{
    char message[256];

    (void)snprintf(message, sizeof(message),
                   strcmp(type, "text") == 0
                       ? "\"type\":\"text\",\"text\":{\"body\":\"%s\"}"
                       : "\"type\":\"interactive\",\"interactive\":"
                         "{\"button_reply\":{\"id\":\"%s\"}}",
                   text);
    help_message_to(f, "8001", WHO, wamid, message);
}

/* The shipped policy with what docs/reminders.md says to copy, and two more
 * templates. Somebody says yes to the first purpose, on a Thursday. */
static int begin(void **state)
{
    static const char templates[] =
        "  - {id: promo, name: promo, language: es_CO, category: marketing,"
        " class: advertising, purpose: contact_whatsapp}\\n"
        "  - {id: cobro, name: cobro, language: es_CO, category: utility,"
        " class: collection, purpose: contact_whatsapp}";
    struct fixture *f;
    char command[1024];
    size_t sends;

    changed = notices_folder();
    (void)snprintf(command, sizeof(command),
                   "sed -i 's/^templates:/templates:\\n%s/'"
                   " '%s/co-habeas-data/policy.yaml'",
                   templates, changed);
    assert_int_equal(system(command), 0);
    if (help_setup_of(state, changed, help_ids) != 0)
        return -1;
    f = *state;
    f->now = at("2026-11-26T10:00:00-05:00");
    sends = f->nsends;
    say(f, "wamid.hi", "text", "hola");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    sends = f->nsends;
    say(f, "wamid.yes", "text", "acepto");
    help_accept_all(f, sends);
    return 0;
}

/* Five procedures, of which two are done at a counter. */
static int begin_with_a_long_menu(void **state)
{
    static const char more[] =
        "for n in uno dos; do"
        " sed -i \"s/^procedures:/procedures:\\n  - {id: $n, sla: tramite, "
        "items: [{id: a,"
        " channel: branch, purposes: [case_processing]}]}/\""
        " '%s/co-habeas-data/policy.yaml' && "
        " sed -i \"s/^procedures:/procedures:\\n  $n: {title: $n, description:"
        " $n, items: {a: {title: A, why: Porque}}}/\""
        " '%s/co-habeas-data/texts.es-CO.yaml' || exit 1; done";
    char command[1024];
    int ok;

    changed = notices_folder();
    (void)snprintf(command, sizeof(command), more, changed, changed);
    assert_int_equal(system(command), 0);
    ok = help_setup_of(state, changed, help_ids);
    if (ok == 0) {
        struct fixture *f = *state;

        say(f, "wamid.hi", "text", "hola");
        help_accept_all(f, 0);
        f->now += 3 * MSEC_S;
        say(f, "wamid.yes", "text", "acepto");
    }
    return ok;
}

static int end(void **state)
{
    int ok = help_teardown(state);

    unit_folder_free(changed);
    return ok;
}

/* One procedure, all of it, with a name for its messages. Meta takes all that
 * is said. */
static void complete(struct fixture *f, const char *name)
{
    char wamid[64];
    size_t order = f->nfetches, sends = f->nsends;

    (void)snprintf(wamid, sizeof(wamid), "wamid.pick.%s", name);
    say(f, wamid, "button", "procedure/actualizacion");
    (void)snprintf(wamid, sizeof(wamid), "wamid.file.%s", name);
    help_message_to(f, "8001", WHO, wamid,
                    "\"type\":\"document\",\"document\":{\"id\":\"77\","
                    "\"mime_type\":\"application/pdf\",\"caption\":"
                    "\"recibo de servicios\"}");
    help_settle(f);
    assert_int_equal(f->nfetches, order + 1);
    help_judged(f, order, "application/pdf");
    help_pass(f, 10 * MSEC_S);
    help_accept_all(f, sends);
    help_pass(f, 6 * MSEC_S);
}

static bool is_question(const struct fixture *f, size_t i, const char *purpose)
{
    char id[128];

    (void)snprintf(id, sizeof(id), "\"grant/%s/2026-11\"", purpose);
    return strstr(f->sends[i].body, id) != NULL;
}

static size_t questions(const struct fixture *f, const char *purpose)
{
    size_t n = 0;

    for (size_t i = 0; i < f->nsends; i++)
        n += is_question(f, i, purpose);
    return n;
}

/* One row of a list of its own. */
static const char *rule_of(struct fixture *f, const char *template)
{
    static int64_t row;
    struct outbound_item item = { .row = ++row,
                                  .to = WHO,
                                  .phone = true,
                                  .values = { "x", "y", "2026-12-15" } };
    struct outbound_order o = { .by = help_by(ANA),
                                .policy = "co-habeas-data",
                                .template = template,
                                .batch = "00112233445566778899aabbccddeeff",
                                .items = &item,
                                .n = 1 };

    if (call(f, outbound_request, &o) != 0)
        fail_msg("%s", f->e.text);
    help_settle(f);
    return item.rule != NULL ? item.rule : item.state;
}

/* A day later, at ten: once a day is over. */
static void tomorrow(struct fixture *f)
{
    f->now += MSEC_D;
    if (contact_day(&COLOMBIA(f)->calendar, f->now) == date_day(2026, 11, 29))
        f->now += MSEC_D;
}

/* They said yes to notices. */
static void agree(struct fixture *f)
{
    complete(f, "a");
    f->now += MSEC_S;
    say(f, "wamid.grant", "button", "grant/contact_whatsapp/2026-11");
    help_accept_all(f, f->nsends - 1);
    tomorrow(f);
}

/* ---- asking ------------------------------------------------------------- */

static void the_question_comes_behind_the_receipt_and_once(void **state)
{
    struct fixture *f = *state;

    complete(f, "a");
    assert_int_equal(questions(f, "contact_whatsapp"), 1);
    assert_true(is_question(f, f->nsends - 1, "contact_whatsapp"));
    assert_non_null(strstr(f->sends[f->nsends - 2].body, "completo"));
    complete(f, "b"); /* the question is in front of them */
    assert_int_equal(questions(f, "contact_whatsapp"), 1);
    f->now += COLOMBIA(f)->hold_time;
    complete(f, "c"); /* and later they had their chance */
    assert_int_equal(questions(f, "contact_whatsapp"), 1);
    say(f, "wamid.menu", "button", "menu/notices");
    assert_int_equal(questions(f, "contact_whatsapp"), 2);
    assert_int_equal(questions(f, "contact_out_of_hours"), 0);
}

/* No word opens it: other rows have words. */
static void a_long_menu_keeps_the_row_of_notices(void **state)
{
    struct fixture *f = *state;
    size_t sends = f->nsends;

    assert_int_equal(COLOMBIA(f)->nprocedures, 5);
    f->now += MSEC_S;
    say(f, "wamid.menu", "text", "menú");
    assert_true(f->nsends > sends);
    assert_non_null(strstr(f->sends[f->nsends - 1].body, "menu/notices"));
    assert_non_null(
        strstr(f->sends[f->nsends - 1].body, "procedure/cesantias"));
    assert_non_null(strstr(f->sends[f->nsends - 1].body, "for/another"));
    assert_non_null(strstr(f->sends[f->nsends - 1].body, "person/ask"));
    assert_null(strstr(f->sends[f->nsends - 1].body, "menu/data"));
}

static void a_restart_does_not_lose_it(void **state)
{
    struct fixture *f = *state;
    size_t order = f->nfetches;

    say(f, "wamid.pick", "button", "procedure/actualizacion");
    help_message_to(f, "8001", WHO, "wamid.file",
                    "\"type\":\"document\",\"document\":{\"id\":\"77\","
                    "\"mime_type\":\"application/pdf\",\"caption\":"
                    "\"recibo de servicios\"}");
    help_settle(f);
    help_judged(f, order, "application/pdf");
    help_pass(f, 10 * MSEC_S);
    assert_int_equal(questions(f, "contact_whatsapp"), 0);
    help_reopen(f);
    help_pass(f, 6 * MSEC_S);
    assert_int_equal(questions(f, "contact_whatsapp"), 1);
}

static void a_yes_opens_its_templates_and_blocks_no_document(void **state)
{
    struct fixture *f = *state;

    f->now += MSEC_S;
    assert_string_equal(rule_of(f, "cobro"), "purpose_not_open");
    agree(f);
    assert_string_equal(rule_of(f, "cobro"), "queued");
    tomorrow(f);
    say(f, "wamid.no", "button", "refuse/contact_whatsapp/2026-11");
    assert_string_equal(rule_of(f, "cobro"), "purpose_withdrawn");
    assert_string_equal(rule_of(f, "promo"), "opted_out");
    assert_int_equal(help_leaves(f, "consent_withdrawn"), 1);
    assert_int_equal(help_leaves(f, "document_blocked"), 0);
}

static void the_word_ends_reminders_of_every_purpose(void **state)
{
    struct fixture *f = *state;

    f->now += MSEC_S;
    assert_string_equal(rule_of(f, "documento_pendiente"), "queued");
    tomorrow(f);
    say(f, "wamid.stop", "text", "no más avisos");
    assert_string_equal(rule_of(f, "documento_pendiente"), "opted_out");
    assert_string_equal(rule_of(f, "respuesta_lista"), "queued");
    assert_int_equal(help_leaves(f, "consent_refused"), 2);
    /* … nor is it asked about after that. */
    complete(f, "a");
    assert_int_equal(questions(f, "contact_whatsapp"), 0);
    say(f, "wamid.menu", "button", "menu/notices");
    f->now += MSEC_S;
    say(f, "wamid.grant", "button", "grant/contact_whatsapp/2026-11");
    tomorrow(f);
    assert_string_equal(rule_of(f, "documento_pendiente"), "queued");
}

/* ---- Meta's word -------------------------------------------------------- */

static void metas_opt_out_is_a_withdrawal(void **state)
{
    struct fixture *f = *state;
    char reason[32];

    agree(f);
    assert_string_equal(rule_of(f, "promo"), "queued");
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_PERMANENT, 131050, NULL),
                     0);
    help_settle(f);
    assert_int_equal(help_leaves(f, "consent_withdrawn"), 1);
    help_word(f,
              "SELECT json_extract(CAST(entry AS TEXT), '$.evidence.reason')"
              " FROM ledger WHERE json_extract(CAST(entry AS TEXT),"
              " '$.event_type') = 'consent_withdrawn'",
              reason, sizeof(reason));
    assert_string_equal(reason, "meta_opt_out");
    tomorrow(f);
    assert_string_equal(rule_of(f, "promo"), "opted_out");
    assert_int_equal(help_leaves(f, "document_blocked"), 0);
}

static void a_status_says_it_too_and_of_nothing_else(void **state)
{
    struct fixture *f = *state;
    char status[512];
    struct webhook *webhook;

    agree(f);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(rule_of(f, i == 0 ? "cobro" : "promo"), "queued");
        help_accept_all(f, f->nsends - 1);
        (void)snprintf(
            status, sizeof(status),
            "{\"object\":\"whatsapp_business_account\",\"entry\":[{"
            "\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{"
            "\"phone_number_id\":\"8001\"},\"statuses\":[{\"id\":"
            "\"wamid.OUT%zu\",\"status\":\"failed\",\"timestamp\":\"%lld\","
            "\"errors\":[{\"code\":131050}]}]}}]}]}",
            f->nsends - 1, (long long)(f->now / MSEC_S));
        webhook = webhook_parse(status, strlen(status), &f->e);
        assert_non_null(webhook);
        assert_int_equal(registrar_post_webhook(f->r, 1, webhook), 0);
        help_settle(f);
        assert_int_equal(help_leaves(f, "consent_withdrawn"), i);
        tomorrow(f);
    }
}

/* ---- lists and holds ---------------------------------------------------- */

static void an_excluded_number_gets_no_advertising(void **state)
{
    struct fixture *f = *state;
    const char *numbers[] = { "573009999999", WHO };
    struct exclusion_order o = { .by = help_by(ANA),
                                 .numbers = numbers,
                                 .n = 2 };

    memset(o.list, 'a', sizeof(o.list) - 1);
    agree(f);
    assert_int_equal(call(f, exclude_request, &o), 0);
    assert_int_equal(call(f, exclude_request, &o), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM excluded"), 2);
    assert_string_equal(rule_of(f, "promo"), "excluded_number");
    assert_string_equal(rule_of(f, "cobro"), "queued");
    help_reopen(f);
    tomorrow(f);
    assert_string_equal(rule_of(f, "promo"), "excluded_number");
    o.leave = true;
    assert_int_equal(call(f, exclude_request, &o), 0);
    assert_string_equal(rule_of(f, "promo"), "queued");
    assert_int_equal(help_leaves(f, "numbers_excluded"), 2);
    assert_int_equal(help_leaves(f, "numbers_readmitted"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM ledger WHERE"
                                    " instr(entry, '" WHO "') > 0"),
                     0);
}

/* Also one that waits, and one on a case of theirs. */
static void nobody_collects_from_a_victim(void **state)
{
    struct fixture *f = *state;
    struct hold_order hold = { .by = help_by(ANA) };

    agree(f);
    assert_string_equal(rule_of(f, "cobro"), "queued");
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_RETRY, 0, NULL),
                     0);
    help_settle(f);
    help_word(f, "SELECT subject FROM cases", hold.by.subject, ID_SIZE);
    help_word(f, "SELECT id FROM cases", hold.by.case_id, STORE_CASE_SIZE);
    hold.kind = HOLD_IMPERSONATION;
    assert_int_equal(call(f, hold_request, &hold), 0);
    help_pass(f, 10 * MSEC_S);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbound WHERE rule ="
                                    " 'impersonation_hold'"),
                     1);
    assert_string_equal(rule_of(f, "promo"), "impersonation_hold");
    assert_string_equal(rule_of(f, "documento_pendiente"), "queued");
    assert_int_equal(call(f, lift_request, &hold), 0);
    tomorrow(f);
    assert_string_equal(rule_of(f, "cobro"), "queued");

    hold = (struct hold_order){ .by = hold.by };
    assert_int_equal(call(f, hold_request, &hold), 0);
    tomorrow(f);
    assert_string_equal(rule_of(f, "cobro"), "queued");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        T(the_question_comes_behind_the_receipt_and_once),
        cmocka_unit_test_setup_teardown(a_long_menu_keeps_the_row_of_notices,
                                        begin_with_a_long_menu, end),
        T(a_restart_does_not_lose_it),
        T(a_yes_opens_its_templates_and_blocks_no_document),
        T(the_word_ends_reminders_of_every_purpose),
        T(metas_opt_out_is_a_withdrawal),
        T(a_status_says_it_too_and_of_nothing_else),
        T(an_excluded_number_gets_no_advertising),
        T(nobody_collects_from_a_victim),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

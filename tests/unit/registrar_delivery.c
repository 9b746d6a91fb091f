/* registrar: documents to customers: who has to write what first, how long it
 * counts, and that each order ends once. */
#include "retain_help.h"

#include "notices_help.h"

#define WHO "573000000001"

static char *changed;
static char code_of[STORE_CASE_SIZE];

static int code_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_ask_code(r, arg, err);
}

static int order_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_order_delivery(r, arg, err);
}

static int end_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_end_delivery(r, arg, err);
}

static int erase_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_erase(r, arg, err);
}

static void say_to(struct fixture *f, const char *number, const char *body)
{
    static unsigned n;
    char wamid[48], message[128];

    (void)snprintf(wamid, sizeof(wamid), "wamid.say.%u", n++);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", body);
    help_message_to(f, number, WHO, wamid, message);
}

static void say(struct fixture *f, const char *body)
{
    say_to(f, "8001", body);
}

/* Somebody in Colombia with a case, under the policy of docs/reminders.md. */
static int begin(void **state)
{
    struct fixture *f;
    size_t sends;

    changed = notices_folder();
    if (help_setup_of(state, changed, help_ids) != 0)
        return -1;
    f = *state;
    sends = f->nsends;
    say(f, "hola");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    say(f, "acepto");
    help_message_to(f, "8001", WHO, "wamid.pick",
                    "\"type\":\"interactive\",\"interactive\":"
                    "{\"button_reply\":{\"id\":\"procedure/actualizacion\"}}");
    help_settle(f);
    help_word(f, "SELECT id FROM cases", code_of, sizeof(code_of));
    return 0;
}

static int finish(void **state)
{
    int ok = help_teardown(state);

    unit_folder_free(changed);
    return ok;
}

static struct staff_access about_case(void)
{
    struct staff_access by = help_by(ANA);

    by.reason = "she asked for it";
    memcpy(by.case_id, code_of, sizeof(by.case_id));
    return by;
}

static void ask(struct fixture *f, char code[static LIMIT_CODE_LEN + 1])
{
    struct code_order o = { .by = about_case() };

    o.by.reason = NULL;
    CALLS(f, code_request, &o);
    memcpy(code, o.code, sizeof(o.code));
    assert_int_equal(strlen(code), LIMIT_CODE_LEN);
    assert_string_equal(o.told, "chat");
}

/* A template of docs/reminders.md with its one value. */
static struct template_given with(const char *template, const char *name,
                                  const char *value)
{
    return (struct template_given){
        .template = template, .names = { name }, .values = { value }, .n = 1
    };
}

static struct template_given announced(void)
{
    return with("documento_listo", "caso", "XKQ4-7M2N");
}

static struct template_given carried(void)
{
    return with("extracto", "mes", "octubre");
}

/* Meta says of what was sent last. */
static void status(struct fixture *f, const char *what)
{
    struct buf text = { 0 };
    struct webhook *webhook;

    assert_int_equal(
        buf_addf(&text,
                 "{\"object\":\"whatsapp_business_account\",\"entry\":[{"
                 "\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":"
                 "{\"phone_number_id\":\"8001\"},\"statuses\":[{\"id\":"
                 "\"wamid.OUT%zu\",\"status\":\"%s\",\"timestamp\":\"%lld\","
                 "\"recipient_id\":\"" WHO "\"}]}}]}]}",
                 f->nsends - 1, what, (long long)(f->now / MSEC_S)),
        0);
    webhook = webhook_parse(text.p, text.len, &f->e);
    assert_non_null(webhook);
    assert_int_equal(registrar_post_webhook(f->r, 1, webhook), 0);
    buf_free(&text);
    (void)registrar_step(f->r);
    help_settle(f);
}

static struct delivery_order order(void)
{
    struct delivery_order o = { .by = about_case(),
                                .size = 4711,
                                .name = "extracto.pdf" };

    memset(o.sha256, 0x5a, sizeof(o.sha256));
    return o;
}

static void not_checked(struct fixture *f)
{
    struct delivery_order o = order();

    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "identity_not_checked: "));
}

/* They wrote the code; a document may be ordered. */
static void known(struct fixture *f)
{
    char code[LIMIT_CODE_LEN + 1];

    ask(f, code);
    say(f, code);
}

static void ends(struct fixture *f, const struct delivery_order *o,
                 struct delivery_end *end)
{
    memcpy(end->id, o->id, sizeof(end->id));
    end->media_id = "551";
    end->number = "8001";
    end->media_type = "application/pdf";
    end->size = o->size;
    (void)f;
}

static int64_t documents_out(const struct fixture *f)
{
    int64_t n = 0;

    for (size_t i = 0; i < f->nsends; i++)
        n += strstr(f->sends[i].body, "\"document\":{") != NULL;
    return n;
}

/* ---- the code ----------------------------------------------------------- */

static void a_code_lives_half_an_hour_and_counts_an_hour(void **state)
{
    struct fixture *f = *state;
    char code[LIMIT_CODE_LEN + 1];
    struct delivery_order o = order();

    ask(f, code);
    f->now += LIMIT_CODE_LIFE;
    say(f, code);
    assert_int_equal(help_leaves(f, "identity_checked"), 0);
    not_checked(f);
    ask(f, code);
    f->now += LIMIT_CODE_LIFE - 1;
    say(f, code);
    assert_int_equal(help_leaves(f, "identity_checked"), 1);
    f->now += LIMIT_CODE_GOOD - 1;
    CALLS(f, order_request, &o);
    f->now += 1;
    not_checked(f);
}

static void a_code_is_for_one_case_at_one_number(void **state)
{
    struct fixture *f = *state;
    char code[LIMIT_CODE_LEN + 1], first[STORE_CASE_SIZE];
    struct delivery_order o = order();

    ask(f, code);
    say_to(f, "8000", code); /* another number of ours, another policy */
    assert_int_equal(help_leaves(f, "identity_checked"), 0);
    say(f, code);
    assert_int_equal(help_leaves(f, "identity_checked"), 1);
    memcpy(first, code_of, sizeof(first));
    help_message_to(f, "8001", WHO, "wamid.pick2",
                    "\"type\":\"interactive\",\"interactive\":"
                    "{\"button_reply\":{\"id\":\"procedure/cesantias\"}}");
    help_word(f, "SELECT id FROM cases ORDER BY rowid DESC", code_of,
              sizeof(code_of));
    assert_string_not_equal(first, code_of);
    not_checked(f);
    memcpy(code_of, first, sizeof(first));
    CALLS(f, order_request, &o);
}

static void three_wrong_ones_end_it(void **state)
{
    struct fixture *f = *state;
    char code[LIMIT_CODE_LEN + 1], wrong[LIMIT_CODE_LEN + 1];

    ask(f, code);
    memcpy(wrong, code, sizeof(wrong));
    wrong[5] = wrong[5] == '9' ? '0' : (char)(wrong[5] + 1);
    for (int i = 0; i < LIMIT_CODE_TRIES; i++)
        say(f, wrong);
    assert_int_equal(help_leaves(f, "identity_check_failed"), 1);
    say(f, code);
    assert_int_equal(help_leaves(f, "identity_checked"), 0);
    /* A newer one makes the older one nothing. */
    ask(f, code);
    ask(f, wrong);
    if (strcmp(code, wrong) != 0) {
        say(f, code);
        assert_int_equal(help_leaves(f, "identity_checked"), 0);
    }
    say(f, wrong);
    assert_int_equal(help_leaves(f, "identity_checked"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM ledger WHERE"
                                    " json_extract(CAST(entry AS TEXT),"
                                    " '$.evidence.code') IS NOT NULL"),
                     0);
}

/* ---- the order ---------------------------------------------------------- */

static void an_order_ends_once(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };

    known(f);
    CALLS(f, order_request, &o);
    assert_string_equal(o.number, "8001");
    assert_int_equal(documents_out(f), 0);
    ends(f, &o, &end);
    CALLS(f, end_request, &end);
    assert_false(end.refused);
    help_settle(f);
    assert_int_equal(documents_out(f), 1);
    REFUSES(f, end_request, &end, ERR_CONFLICT);
    /* Meta's answer is lost: it may be there, and stays as it is. */
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_UNKNOWN, 0, NULL),
                     0);
    help_pass(f, 2 * MSEC_H);
    help_reopen(f);
    help_pass(f, MSEC_H);
    assert_int_equal(documents_out(f), 1);
    assert_int_equal(help_leaves(f, "document_sent"), 1);
}

static void what_was_withdrawn_meanwhile_does_not_go(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };

    known(f);
    CALLS(f, order_request, &o);
    f->now += MSEC_S;
    say(f, "baja");
    ends(f, &o, &end);
    CALLS(f, end_request, &end);
    assert_true(end.refused);
    help_settle(f);
    assert_int_equal(documents_out(f), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM delivery WHERE state"
                                    " = 'failed' AND reason ="
                                    " 'not_permitted'"),
                     1);
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "purpose_not_open: "));
}

static int hold_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_place_hold(r, arg, err);
}

/* Whose name somebody used: who has the phone may be that somebody. */
static void nothing_goes_where_somebody_used_the_name(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };
    struct code_order code = { .by = about_case() };
    struct hold_order hold = { .by = about_case(), .kind = HOLD_IMPERSONATION };

    known(f);
    CALLS(f, order_request, &o);
    help_word(f, "SELECT subject FROM cases", hold.by.subject, ID_SIZE);
    CALLS(f, hold_request, &hold);
    ends(f, &o, &end);
    CALLS(f, end_request, &end);
    assert_true(end.refused);
    help_settle(f);
    assert_int_equal(documents_out(f), 0);
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "impersonation_hold: "));
    REFUSES(f, code_request, &code, ERR_NOT_PERMITTED);
}

static void bytes_that_never_come_end_the_order(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };

    known(f);
    CALLS(f, order_request, &o);
    help_reopen(f);
    help_pass(f, LIMIT_SEND_WAIT);
    assert_int_equal(help_leaves(f, "document_send_failed"), 0);
    help_pass(f, MSEC_S);
    assert_int_equal(help_leaves(f, "document_send_failed"), 1);
    ends(f, &o, &end);
    REFUSES(f, end_request, &end, ERR_CONFLICT);
    help_pass(f, MSEC_H);
    assert_int_equal(help_leaves(f, "document_send_failed"), 1);
}

static void a_policy_that_does_not_say_so_sends_nothing(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct code_order code = { .by = about_case() };

    known(f);
    COLOMBIA(f)->send_documents = false;
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "send_documents: "));
    REFUSES(f, code_request, &code, ERR_NOT_PERMITTED);
    memset(o.by.case_id, 0, sizeof(o.by.case_id));
    memcpy(o.by.case_id, "AAAA-AAAA", 9);
    REFUSES(f, order_request, &o, ERR_NOT_FOUND);
}

static void nothing_of_it_is_left_of_who_is_erased(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct erase_order erase = { .by = help_by(ANA), .ground = "request" };

    known(f);
    CALLS(f, order_request, &o);
    erase.by.reason = "she asked for it";
    help_word(f, "SELECT subject FROM cases", erase.by.subject, ID_SIZE);
    CALLS(f, erase_request, &erase);
    help_settle(f);
    help_pass(f, MSEC_H);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    assert_int_equal(help_number(f, "SELECT (SELECT count(*) FROM delivery) +"
                                    " (SELECT count(*) FROM identity_check)"),
                     0);
}

/* ---- outside of the window ---------------------------------------------- */

static void a_template_says_that_a_code_is_awaited(void **state)
{
    struct fixture *f = *state;
    struct code_order code = { .by = about_case() };
    struct delivery_order o = order();
    size_t sends;

    /* Inside of it nothing is spent. */
    code.with = announced();
    CALLS(f, code_request, &code);
    assert_string_equal(code.told, "chat");
    assert_int_equal(help_leaves(f, "outbound_queued"), 0);

    f->now += 3 * MSEC_D;
    code.with.template = NULL;
    CALLS(f, code_request, &code);
    assert_null(code.told);
    code.with = announced();
    sends = f->nsends;
    CALLS(f, code_request, &code);
    assert_string_equal(code.told, "template");
    help_settle(f);
    assert_int_equal(f->nsends, sends + 1);
    assert_non_null(strstr(f->sends[sends].body, "\"documento_listo\""));
    assert_non_null(strstr(f->sends[sends].body, "XKQ4-7M2N"));
    assert_null(strstr(f->sends[sends].body, code.code));
    assert_int_equal(help_leaves(f, "outbound_queued"), 1);
    say(f, code.code);
    assert_int_equal(help_leaves(f, "identity_checked"), 1);
    CALLS(f, order_request, &o);
}

static void a_template_that_may_not_go_draws_no_code(void **state)
{
    struct fixture *f = *state;
    struct code_order code = { .by = about_case(), .with = announced() };
    size_t sends;

    f->now += 3 * MSEC_D;
    help_settle(f);
    sends = f->nsends;
    code.with.values[0] = "4711 4711 4711 4711";
    REFUSES(f, code_request, &code, ERR_INPUT);
    assert_non_null(strstr(f->e.text, "caso: has a number"));
    code.with = with("documento_listo", "mes", "x");
    REFUSES(f, code_request, &code, ERR_INPUT);
    code.with = with("documento_listo", "caso", "x");
    code.with.n = 0;
    REFUSES(f, code_request, &code, ERR_INPUT);
    assert_string_equal(f->e.text, "caso: is missing");
    code.with = with("nothing", "caso", "x");
    REFUSES(f, code_request, &code, ERR_NOT_FOUND);
    code.with = carried();
    REFUSES(f, code_request, &code, ERR_INPUT);
    assert_int_equal(help_leaves(f, "outbound_denied"), 0);

    /* They did not write for so long that nobody asked for it. */
    code.with = announced();
    f->now += LIMIT_REQUESTED_D * MSEC_D;
    REFUSES(f, code_request, &code, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "not_requested: "));
    assert_int_equal(help_leaves(f, "outbound_denied"), 1);
    assert_int_equal(help_leaves(f, "identity_check_asked"), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM identity_check"), 0);
    help_settle(f);
    assert_int_equal(f->nsends, sends);
}

/* Where the policy lets a check count for longer than an hour. */
static void a_template_carries_the_document(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };
    size_t sends;

    COLOMBIA(f)->identity_lasts = 30 * MSEC_D;
    known(f);
    f->now += 5 * MSEC_D;
    help_settle(f);
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "window_closed: "));
    o.with = announced();
    REFUSES(f, order_request, &o, ERR_INPUT);
    o.with = carried();
    CALLS(f, order_request, &o);
    ends(f, &o, &end);
    sends = f->nsends;
    CALLS(f, end_request, &end);
    assert_false(end.refused);
    help_settle(f);
    assert_int_equal(f->nsends, sends + 1);
    assert_non_null(
        strstr(f->sends[sends].body,
               "\"components\":[{\"parameters\":[{\"document\":{\"filename\":"
               "\"extracto.pdf\",\"id\":\"551\"},\"type\":\"document\"}],"
               "\"type\":\"header\"},{\"parameters\":[{\"text\":\"octubre\","));
    assert_int_equal(help_leaves(f, "outbound_queued"), 1);
    assert_int_equal(help_leaves(f, "document_sent"), 1);

    /* A check of a month ago is none. */
    f->now += 25 * MSEC_D - 1;
    CALLS(f, order_request, &o);
    f->now += 1;
    not_checked(f);
}

/* The window was closed when it was ordered, and they wrote: no template. */
static void no_template_is_spent_inside_of_the_window(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };

    COLOMBIA(f)->identity_lasts = 30 * MSEC_D;
    known(f);
    f->now += 5 * MSEC_D;
    o.with = carried();
    CALLS(f, order_request, &o);
    say(f, "hola");
    ends(f, &o, &end);
    CALLS(f, end_request, &end);
    help_settle(f);
    assert_int_equal(documents_out(f), 1);
    assert_null(strstr(f->sends[f->nsends - 1].body, "\"template\""));
    assert_int_equal(help_leaves(f, "outbound_queued"), 0);
}

/* Rules of contact forbid it by the time that its bytes are there. */
static void what_rules_forbid_by_then_does_not_go(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };
    struct policy *p;

    COLOMBIA(f)->identity_lasts = 30 * MSEC_D;
    known(f);
    f->now += 5 * MSEC_D;
    o.with = carried();
    CALLS(f, order_request, &o);
    p = COLOMBIA(f);
    for (size_t i = 0; i < p->ntemplates; i++)
        if (p->templates[i].carries)
            p->templates[i].carries = false;
    ends(f, &o, &end);
    CALLS(f, end_request, &end);
    assert_true(end.refused);
    help_settle(f);
    assert_int_equal(documents_out(f), 0);
    assert_int_equal(help_leaves(f, "document_send_failed"), 1);
    assert_int_equal((int)f->nforgets, 1);
}

/* Meta says that somebody has another number: who has the old one was never
 * checked. */
static void another_number_ends_the_check(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();

    COLOMBIA(f)->identity_lasts = 30 * MSEC_D;
    known(f);
    CALLS(f, order_request, &o);
    help_message_to(f, "8001", WHO, "wamid.moved",
                    "\"type\":\"system\",\"system\":{\"type\":"
                    "\"user_changed_number\",\"wa_id\":\"573000000002\","
                    "\"body\":\"x\"}");
    help_settle(f);
    not_checked(f);
}

/* ---- Meta's copy -------------------------------------------------------- */

static int64_t copies(struct fixture *f)
{
    return help_number(f, "SELECT count(*) FROM forget WHERE kind = 'media'");
}

static void forgotten(struct fixture *f, bool done)
{
    char id[ID_SIZE];

    help_word(f, "SELECT id FROM forget", id, sizeof(id));
    assert_int_equal(registrar_post_forgotten(f->r, id, done), 0);
    (void)registrar_step(f->r);
    help_settle(f);
}

/* One is on its way to Meta's number, and Meta has taken it. */
static void goes(struct fixture *f)
{
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };

    known(f);
    CALLS(f, order_request, &o);
    ends(f, &o, &end);
    CALLS(f, end_request, &end);
    help_settle(f);
    assert_non_null(strstr(f->sends[f->nsends - 1].body, "\"document\":{"));
    assert_int_equal(copies(f), 1);
}

static void what_arrived_is_deleted_at_meta(void **state)
{
    struct fixture *f = *state;

    goes(f);
    help_accept_all(f, f->nsends - 1);
    status(f, "sent");
    assert_int_equal((int)f->nforgets, 0);
    help_reopen(f);
    status(f, "delivered");
    assert_int_equal((int)f->nforgets, 1);
    status(f, "read"); /* it is asked for once */
    assert_int_equal((int)f->nforgets, 1);

    /* No answer, then a no: again. At last it is done, and nothing is left. */
    help_reopen(f);
    help_pass(f, SEND_LEASE);
    assert_int_equal((int)f->nforgets, 2);
    forgotten(f, false);
    help_pass(f, 301 * MSEC_S);
    assert_int_equal((int)f->nforgets, 3);
    forgotten(f, true);
    help_pass(f, MSEC_H);
    assert_int_equal(copies(f), 0);
    assert_int_equal((int)f->nforgets, 3);
}

static void what_nobody_hears_of_is_deleted_after_two_days(void **state)
{
    struct fixture *f = *state;

    goes(f);
    help_accept_all(f, f->nsends - 1);
    help_pass(f, LIMIT_UPLOAD_H * MSEC_H - MSEC_S);
    assert_int_equal((int)f->nforgets, 0);
    help_pass(f, 2 * MSEC_S);
    assert_int_equal((int)f->nforgets, 1);

    /* Asked for as long as Meta keeps it. */
    for (int i = 0; i < 31; i++)
        help_pass(f, MSEC_D);
    assert_true(f->nforgets > 5);
    assert_int_equal(copies(f), 0);
}

static void what_meta_refuses_is_deleted_and_on_record(void **state)
{
    struct fixture *f = *state;

    goes(f);
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_PERMANENT, 131047, NULL),
                     0);
    (void)registrar_step(f->r);
    help_settle(f);
    assert_int_equal((int)f->nforgets, 1);
    assert_int_equal(help_leaves(f, "document_undelivered"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM delivery WHERE state"
                                    " = 'failed' AND reason = 'refused'"),
                     1);
}

static void what_failed_on_its_way_is_deleted_and_on_record_once(void **state)
{
    struct fixture *f = *state;

    goes(f);
    help_accept_all(f, f->nsends - 1);
    status(f, "failed");
    assert_int_equal((int)f->nforgets, 1);
    status(f, "read");
    assert_int_equal(help_leaves(f, "document_undelivered"), 1);
    assert_int_equal((int)f->nforgets, 1);
}

/* Meta was busy, and they withdrew meanwhile. */
static void what_waits_is_asked_about_again(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    goes(f);
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_RETRY, 0, NULL),
                     0);
    say(f, "baja");
    sends = f->nsends;
    help_pass(f, MSEC_H);
    for (size_t i = sends; i < f->nsends; i++)
        assert_null(strstr(f->sends[i].body, "\"document\":{"));
    assert_int_equal(help_leaves(f, "document_undelivered"), 1);
    assert_int_equal(documents_out(f), 1);
    assert_true(f->nforgets > 0);
}

static void an_order_that_ends_otherwise_leaves_no_copy(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };

    known(f);
    CALLS(f, order_request, &o);
    help_pass(f, LIMIT_SEND_WAIT + MSEC_S);
    ends(f, &o, &end);
    REFUSES(f, end_request, &end, ERR_CONFLICT);
    help_settle(f);
    assert_int_equal((int)f->nforgets, 1);
    forgotten(f, true);
    known(f);
    CALLS(f, order_request, &o);
    f->now += MSEC_S;
    say(f, "baja");
    ends(f, &o, &end);
    CALLS(f, end_request, &end);
    assert_true(end.refused);
    help_settle(f);
    assert_int_equal((int)f->nforgets, 2);
}

/* It goes at once with the person, and their certificate waits for no more than
 * Meta's month. */
static void an_erasure_asks_for_it_at_once(void **state)
{
    struct fixture *f = *state;
    struct erase_order erase = { .by = help_by(ANA), .ground = "request" };

    goes(f);
    help_accept_all(f, f->nsends - 1);
    erase.by.reason = "she asked for it";
    help_word(f, "SELECT subject FROM cases", erase.by.subject, ID_SIZE);
    CALLS(f, erase_request, &erase);
    help_settle(f);
    help_pass(f, 2 * MSEC_S);
    assert_int_equal((int)f->nforgets, 1);
    assert_true(help_number(f, "SELECT max(asked_until) FROM erasure") >
                f->now + 29 * MSEC_D);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, finish)
    const struct CMUnitTest tests[] = {
        T(a_code_lives_half_an_hour_and_counts_an_hour),
        T(a_code_is_for_one_case_at_one_number),
        T(three_wrong_ones_end_it),
        T(an_order_ends_once),
        T(what_was_withdrawn_meanwhile_does_not_go),
        T(nothing_goes_where_somebody_used_the_name),
        T(bytes_that_never_come_end_the_order),
        T(a_policy_that_does_not_say_so_sends_nothing),
        T(nothing_of_it_is_left_of_who_is_erased),
        T(a_template_says_that_a_code_is_awaited),
        T(a_template_that_may_not_go_draws_no_code),
        T(a_template_carries_the_document),
        T(no_template_is_spent_inside_of_the_window),
        T(what_rules_forbid_by_then_does_not_go),
        T(another_number_ends_the_check),
        T(what_arrived_is_deleted_at_meta),
        T(what_nobody_hears_of_is_deleted_after_two_days),
        T(what_meta_refuses_is_deleted_and_on_record),
        T(what_failed_on_its_way_is_deleted_and_on_record_once),
        T(what_waits_is_asked_about_again),
        T(an_order_that_ends_otherwise_leaves_no_copy),
        T(an_erasure_asks_for_it_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* registrar: documents to customers: who has to write what first, how long it
 * counts, and that each order ends once. */
#include "delivery_help.h"

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

static int link_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_link(r, arg, err);
}

/* Whose name somebody used, under whichever number: who has the phone may be
 * that somebody. */
static void nothing_goes_where_somebody_used_the_name(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };
    struct code_order code = { .by = about_case() };
    struct hold_order hold = { .by = about_case(), .kind = HOLD_IMPERSONATION };
    struct link_order link = { .by = help_by(ANA),
                               .former = hold.by.subject,
                               .kind = "two_numbers" };

    known(f);
    CALLS(f, order_request, &o);
    help_message_to(f, "8001", "573000000002", "wamid.other", HELP_PHOTO);
    help_word(f, "SELECT subject FROM cases", link.by.subject, ID_SIZE);
    help_word(f, "SELECT id FROM subject ORDER BY rowid DESC", hold.by.subject,
              ID_SIZE);
    link.by.reason = "showed the same identity document in the branch";
    CALLS(f, link_request, &link);
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

/* A code that they wrote an hour ago says so, at the number where it was. */
static void a_code_opens_the_window_of_its_number(void **state)
{
    struct fixture *f = *state;
    struct code_order code = { .by = about_case() };

    f->now += 23 * MSEC_H;
    known(f);
    f->now += 2 * MSEC_H;
    CALLS(f, code_request, &code);
    assert_string_equal(code.told, "chat");
    help_change(f, "DELETE FROM identity_check WHERE passed = 0 OR passed IS"
                   " NULL");
    help_change(f, "UPDATE identity_check SET number = '8009'");
    CALLS(f, code_request, &code);
    assert_null(code.told);
}

/* Its buttons lead where they say, as those of a reminder. */
static void the_buttons_of_such_a_template_are_answered(void **state)
{
    struct fixture *f = *state;
    struct code_order code = { .by = about_case() };
    const struct policy_template *t;
    struct policy_template *changes;
    char id[ID_SIZE], message[256];

    t = policy_template(COLOMBIA(f), "documento_listo");
    changes = &COLOMBIA(f)->templates[t - COLOMBIA(f)->templates];
    changes->answers[0] = (struct template_answer){ ANSWER_STATUS, "Ver" };
    changes->nanswers = 1;
    f->now += 3 * MSEC_D;
    code.with = announced();
    CALLS(f, code_request, &code);
    help_settle(f);
    help_word(f, "SELECT id FROM outbound", id, sizeof(id));
    assert_non_null(strstr(f->sends[f->nsends - 1].body, id));
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"button\",\"button\":{\"payload\":"
                   "\"answer/%s/status\",\"text\":\"x\"}",
                   id);
    help_message_to(f, "8001", WHO, "wamid.tap", message);
    help_settle(f);
    assert_int_equal(help_leaves(f, "outbound_answered"), 1);
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

/* Whoever has the number now that they left was never checked. */
static void another_number_ends_the_check(void **state)
{
    struct fixture *f = *state;
    struct delivery_order waits = order(), o = order();
    struct delivery_end end = { .reason = NULL };

    COLOMBIA(f)->identity_lasts = 30 * MSEC_D;
    known(f);
    CALLS(f, order_request, &waits);
    ends(f, &waits, &end);
    CALLS(f, end_request, &end);
    help_settle(f);
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_RETRY, 0, NULL),
                     0);
    CALLS(f, order_request, &o);
    help_message_to(f, "8001", WHO, "wamid.moved",
                    "\"type\":\"system\",\"system\":{\"type\":"
                    "\"user_changed_number\",\"wa_id\":\"573000000002\","
                    "\"body\":\"x\"}");
    not_checked(f);

    /* Nor does what was ordered before, or waits, go to who has it now. */
    ends(f, &o, &end);
    CALLS(f, end_request, &end);
    assert_true(end.refused);
    help_pass(f, MSEC_H);
    assert_int_equal(documents_out(f), 1);
    assert_int_equal(help_leaves(f, "document_undelivered"), 1);
    assert_int_equal(help_leaves(f, "document_send_failed"), 1);
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
        T(a_code_opens_the_window_of_its_number),
        T(the_buttons_of_such_a_template_are_answered),
        T(a_template_that_may_not_go_draws_no_code),
        T(a_template_carries_the_document),
        T(no_template_is_spent_inside_of_the_window),
        T(what_rules_forbid_by_then_does_not_go),
        T(another_number_ends_the_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

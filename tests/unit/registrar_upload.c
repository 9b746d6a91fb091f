/* registrar: what Meta got of a document for a customer is deleted there, and
 * what is on its way is asked about again. */
#include "delivery_help.h"

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
    goes_out(f, &o, &end);
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

/* In a template's header it is a contact: its rules, too. */
static void what_rules_forbid_on_its_way_does_not_go(void **state)
{
    struct fixture *f = *state;
    struct delivery_order o = order();
    struct delivery_end end = { .reason = NULL };
    size_t sends;

    COLOMBIA(f)->identity_lasts = 90 * MSEC_D;
    known(f);
    f->now += LIMIT_REQUESTED_D * MSEC_D - MSEC_H;
    o.with = carried();
    goes_out(f, &o, &end);
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_RETRY, 0, NULL),
                     0);
    help_settle(f);
    sends = f->nsends;
    help_pass(f, 2 * MSEC_H);
    assert_int_equal(f->nsends, sends);
    assert_int_equal(help_leaves(f, "document_undelivered"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbound WHERE state"
                                    " = 'denied' AND rule = 'not_requested'"),
                     1);
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
        T(what_arrived_is_deleted_at_meta),
        T(what_nobody_hears_of_is_deleted_after_two_days),
        T(what_meta_refuses_is_deleted_and_on_record),
        T(what_failed_on_its_way_is_deleted_and_on_record_once),
        T(what_waits_is_asked_about_again),
        T(what_rules_forbid_on_its_way_does_not_go),
        T(an_order_that_ends_otherwise_leaves_no_copy),
        T(an_erasure_asks_for_it_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

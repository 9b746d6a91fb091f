/* registrar: the steps of a request that have a last day of their own, and
 * terms that end on a business day. T0 is Wednesday, 2026-11-18. */
#include "keep_help.h"

#include "registrar/registrar_private.h"
#include "registrar/request_private.h"
#include "store/store_private.h"

#define NUMBER(sql) help_number(f, "SELECT count(*) FROM request WHERE " sql)

static int order_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_request(r, arg, err);
}

/* A letter of today, of that kind. */
static struct request_order opened(struct fixture *f, const char *kind)
{
    struct request_order o = { .by = help_by(ANA),
                               .action = REQUEST_OPEN,
                               .kind = kind,
                               .policy = "co-habeas-data",
                               .told = "por carta" };

    o.by.reason = "llegó por correo";
    person_of(f, o.by.subject);
    CALLS(f, order_request, &o);
    return o;
}

static struct request_order next(const struct request_order *of,
                                 enum request_action action)
{
    struct request_order o = { .by = help_by(ANA),
                               .action = action,
                               .told = "por carta" };

    o.by.reason = "porque hay que mirar tres archivos";
    SET(o.id, of->id);
    return o;
}

static void until(struct fixture *f, const char *column, const char *day)
{
    char sql[96], found[64];

    (void)snprintf(sql, sizeof(sql), "SELECT coalesce(%s, '-') FROM request",
                   column);
    help_word(f, sql, found, sizeof(found));
    assert_string_equal(found, day);
}

static void at(struct fixture *f, const char *column, msec offset)
{
    char sql[96];

    (void)snprintf(sql, sizeof(sql), "SELECT %s FROM request", column);
    f->now = help_number(f, sql) + offset;
    help_settle(f);
}

/* What the leaves of a step say. */
static int64_t said(struct fixture *f, const char *event, const char *step)
{
    char sql[256];

    (void)snprintf(
        sql, sizeof(sql),
        "SELECT count(*) FROM ledger WHERE json_extract(CAST(entry AS TEXT),"
        " '$.event_type') = '%s' AND json_extract(CAST(entry AS TEXT),"
        " '$.evidence.step') = '%s'",
        event, step);
    return help_number(f, sql);
}

/* ---- asking, and sending on --------------------------------------------- */

static void a_claim_is_asked_and_sent_on_by_days_that_are_told(void **state)
{
    struct fixture *f = *state;

    (void)opened(f, "correct");
    until(f, "ask_until", "2026-11-23");     /* five days */
    until(f, "forward_until", "2026-11-20"); /* two business days */
    until(f, "then_until", "-");

    /* Each is said once, a business day before, whatever restarts. */
    at(f, "forward_next", -MSEC_S);
    assert_int_equal(said(f, "request_step_due", "forward"), 0);
    at(f, "forward_next", 0);
    assert_int_equal(said(f, "request_step_due", "forward"), 1);
    assert_int_equal(said(f, "request_step_due", "ask"), 0);
    help_reopen(f);
    at(f, "ask_next", 0);
    assert_int_equal(said(f, "request_step_due", "ask"), 1);
    help_reopen(f);
    at(f, "ask_at", MSEC_D);
    assert_int_equal(said(f, "request_step_due", "forward"), 1);
    assert_int_equal(said(f, "request_step_due", "ask"), 1);
    assert_int_equal(help_leaves(f, "request_step_over"), 0);
    assert_int_equal(NUMBER("step_next IS NULL AND state = 'open'"), 1);
}

static void what_was_asked_or_ended_is_warned_of_no_more(void **state)
{
    struct fixture *f = *state;
    struct request_order first = opened(f, "correct"), o;

    o = next(&first, REQUEST_ASK);
    CALLS(f, order_request, &o);
    until(f, "ask_until", "-");
    until(f, "forward_until", "2026-11-20");
    o = next(&first, REQUEST_CLOSE);
    o.outcome = "forwarded";
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("step_next IS NULL"), 1);
    help_pass(f, 30 * MSEC_D);
    assert_int_equal(help_leaves(f, "request_step_due"), 0);
}

/* Days that are over when it is heard of are nobody's to keep. */
static void a_claim_of_last_month_is_not_warned_of(void **state)
{
    struct fixture *f = *state;
    struct request_order o = { .by = help_by(ANA),
                               .action = REQUEST_OPEN,
                               .kind = "correct",
                               .policy = "co-habeas-data",
                               .received = f->now - 8 * MSEC_D,
                               .told = "por carta" };

    o.by.reason = "llegó por correo";
    person_of(f, o.by.subject);
    CALLS(f, order_request, &o);
    help_pass(f, 10 * MSEC_S);
    assert_int_equal(help_leaves(f, "request_step_due"), 0);
    assert_int_equal(NUMBER("step_next IS NULL"), 1);
}

/* A promise and an incident are nobody's claim. */
static void what_nobody_asked_for_has_no_steps(void **state)
{
    struct fixture *f = *state;
    struct request_order o = { .by = help_by(ANA),
                               .action = REQUEST_OPEN,
                               .kind = "incidente",
                               .policy = "co-habeas-data" };

    o.by.reason = "portátil perdido";
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("step_next IS NULL AND ask_until IS NULL"), 1);
}

/* ---- what silence granted ----------------------------------------------- */

static void the_copies_that_silence_granted_have_a_day(void **state)
{
    struct fixture *f = *state;
    struct request_order first = opened(f, "peticion_documentos"), o;

    until(f, "due", "2026-12-02");
    until(f, "then_until", "-");
    at(f, "due_at", MSEC_H);
    assert_int_equal(NUMBER("state = 'deemed_accepted'"), 1);
    /* Thursday, Friday, Monday. */
    until(f, "then_until", "2026-12-07");
    assert_int_equal(help_leaves(f, "request_deemed_accepted"), 1);
    assert_int_equal(help_leaves(f, "request_step_due"), 0);

    at(f, "then_next", -MSEC_S);
    assert_int_equal(said(f, "request_step_due", "then"), 0);
    at(f, "then_next", 0);
    assert_int_equal(said(f, "request_step_due", "then"), 1);
    assert_int_equal(said(f, "request_step_over", "then"), 0);
    help_reopen(f);
    at(f, "then_at", -MSEC_S);
    assert_int_equal(said(f, "request_step_over", "then"), 0);
    at(f, "then_at", 0);
    assert_int_equal(said(f, "request_step_over", "then"), 1);
    help_reopen(f);
    help_pass(f, 3 * MSEC_D);
    assert_int_equal(said(f, "request_step_over", "then"), 1);

    o = next(&first, REQUEST_CLOSE);
    o.outcome = "granted";
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("step_next IS NULL AND closed IS NOT NULL"), 1);
}

/* However late the daemon was to see it, the days count from the last one. */
static void a_daemon_that_was_away_counts_from_the_last_day(void **state)
{
    struct fixture *f = *state;

    (void)opened(f, "peticion_documentos");
    at(f, "due_at", 4 * MSEC_D);
    until(f, "then_until", "2026-12-07");
    help_pass(f, 10 * MSEC_D);
    assert_int_equal(said(f, "request_step_over", "then"), 1);
}

/* ---- a term in business days -------------------------------------------- */

static void an_extension_in_business_days_ends_on_one(void **state)
{
    struct fixture *f = *state;
    struct request_order first = opened(f, "access"), o;

    until(f, "due", "2026-12-02");
    o = next(&first, REQUEST_EXTEND);
    o.until = "2026-12-05"; /* a Saturday */
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule extension_business_day (Ley 1581"));
    assert_non_null(strstr(f->e.hint, "2026-12-10"));
    o.until = "2026-12-08"; /* a holiday */
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_int_equal(NUMBER("extensions = 0 AND due = '2026-12-02'"), 1);
    o.until = "2026-12-04";
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("extensions = 1 AND due = '2026-12-04'"), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_claim_is_asked_and_sent_on_by_days_that_are_told),
        T(what_was_asked_or_ended_is_warned_of_no_more),
        T(a_claim_of_last_month_is_not_warned_of),
        T(what_nobody_asked_for_has_no_steps),
        T(the_copies_that_silence_granted_have_a_day),
        T(a_daemon_that_was_away_counts_from_the_last_day),
        T(an_extension_in_business_days_ends_on_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

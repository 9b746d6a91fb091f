/* registrar: a person in the conversation, and cases as work. The clock is the
 * test's. */
#include "talk_help.h"

static int work_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_work_case(r, arg, err);
}

/* ---- the queue ---------------------------------------------------------- */

static void a_stranger_gets_a_place_and_nothing_is_fetched(void **state)
{
    struct fixture *f = *state;

    help_text(f, "34699", "wamid.a", "persona");
    assert_true(said(f, "Su puesto en la cola: 1"));
    assert_true(said(f, "Todavía no podemos decirle"));
    help_text(f, "34699", "wamid.b", "mi cédula es 123");
    help_photo(f, "34699", "wamid.c");
    assert_int_equal(f->nfetches, 0);
    assert_int_equal(kept(f), 1);

    /* Who came later stands behind; asked again at once, nothing is said. */
    f->now++;
    help_text(f, "34698", "wamid.d", "persona");
    assert_true(said(f, "Su puesto en la cola: 2"));
    help_text(f, "34698", "wamid.e", "persona");
    assert_int_equal(help_leaves(f, "handover_asked"), 2);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM outbox WHERE kind = 'say'"), 3);
}

/* Asks, and is taken after so long, and answered. */
static void is_taken_after(struct fixture *f, const char *from, msec wait)
{
    struct conversation_order o = { .by = help_by(ANA), .text = "Hola" };
    char wamid[32];

    (void)snprintf(wamid, sizeof(wamid), "wamid.%s", from);
    help_text(f, from, wamid, "persona");
    help_word(f, "SELECT id FROM conversation ORDER BY rowid DESC LIMIT 1",
              o.id, sizeof(o.id));
    help_pass(f, wait);
    CALLS(f, take_request, &o);
    CALLS(f, reply_request, &o);
}

static void the_estimate_is_the_median_of_what_the_last_waited(void **state)
{
    struct fixture *f = *state;
    static const msec waits[] = { 2 * MINUTE, 9 * MINUTE, 40 * MINUTE };
    char from[16];

    SPAIN(f)->nescalations[ESCALATE_WAITING] = 0;
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        (void)snprintf(from, sizeof(from), "3460000%zu", i);
        is_taken_after(f, from, waits[i]);
    }
    help_text(f, "34699", "wamid.z", "persona");
    assert_true(said(f, "alrededor de 9 min"));
}

/* T0 is a Wednesday, 12:06: that desk is shut from 18:30 to 9:00. */
static void a_night_is_no_wait_and_what_is_old_says_nothing(void **state)
{
    struct fixture *f = *state;

    SPAIN(f)->nescalations[ESCALATE_WAITING] = 0;
    f->now += 6 * MSEC_H; /* 18:06, taken at 9:12 */
    is_taken_after(f, "34600001", 15 * MSEC_H + 6 * MINUTE);
    help_text(f, "34698", "wamid.y", "persona");
    assert_true(said(f, "alrededor de 36 min"));

    /* At night by somebody who is awake: no measure of any day. */
    f->now += 12 * MSEC_H;
    is_taken_after(f, "34600002", MSEC_H);
    is_taken_after(f, "34600003", MSEC_H);
    f->now += 11 * MSEC_H;
    help_text(f, "34697", "wamid.x", "persona");
    assert_true(said(f, "alrededor de 36 min"));

    f->now += 31 * MSEC_D; /* a Monday */
    help_text(f, "34699", "wamid.z", "persona");
    assert_true(said(f, "Todavía no podemos decirle"));
}

static void one_who_waits_gets_more_urgent_step_by_step(void **state)
{
    struct fixture *f = *state;

    help_text(f, WHO, "wamid.a", "persona");
    help_pass(f, 29 * MINUTE);
    assert_int_equal(help_leaves(f, "handover_escalated"), 0);
    help_pass(f, 2 * MINUTE);
    assert_int_equal(help_number(f, "SELECT priority FROM conversation"),
                     PRIORITY_HIGH);
    help_pass(f, 2 * MSEC_H);
    assert_int_equal(help_number(f, "SELECT priority FROM conversation"),
                     PRIORITY_URGENT);
    help_pass(f, 10 * MSEC_H);
    assert_int_equal(help_leaves(f, "handover_escalated"), 2);
}

/* T0 is a Wednesday, 12:06 in Madrid: that desk closes at 14:00 and 18:30. */
static void outside_hours_the_morning_is_told_and_waited_for(void **state)
{
    struct fixture *f = *state;

    f->now += 7 * MSEC_H;
    help_text(f, WHO, "wamid.a", "persona");
    assert_true(said(f, "volvemos el jueves 19 de noviembre a las 9:00 y"));
    help_pass(f, 8 * MSEC_H);
    assert_int_equal(help_leaves(f, "handover_escalated"), 0);
    help_pass(f, 6 * MSEC_H + 30 * MINUTE);
    assert_int_equal(help_leaves(f, "handover_escalated"), 1);
}

/* ---- talking ------------------------------------------------------------ */

static void only_who_has_it_writes_and_only_in_the_window(void **state)
{
    struct fixture *f = *state;
    struct conversation_order ana, b;

    SPAIN(f)->handover_silence = 72 * MSEC_H;
    help_text(f, WHO, "wamid.a", "persona");
    ana = of(f, ANA);
    b = of(f, BOB);
    ana.text = b.text = "hola";
    REFUSES(f, reply_request, &ana, ERR_NOT_PERMITTED);
    CALLS(f, take_request, &ana);
    REFUSES(f, take_request, &ana, ERR_CONFLICT);
    REFUSES(f, reply_request, &b, ERR_NOT_PERMITTED);
    CALLS(f, reply_request, &ana);
    assert_true(said(f, "hola"));
    b.from = help_name(f, ANA);
    CALLS(f, take_request, &b);
    REFUSES(f, reply_request, &ana, ERR_NOT_PERMITTED);

    /* 24 hours after what the customer wrote last, to the second. */
    f->now = f->now / MSEC_S * MSEC_S;
    help_text(f, WHO, "wamid.b", "sigo aquí");
    help_pass(f, 24 * MSEC_H - MSEC_S);
    CALLS(f, reply_request, &b);
    help_pass(f, MSEC_S);
    REFUSES(f, reply_request, &b, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "customer_service_window"));
    help_text(f, WHO, "wamid.c", "hola de nuevo");
    CALLS(f, reply_request, &b);
    assert_int_equal(help_leaves(f, "agent_replied"), 3);
}

static void a_reply_is_wiped_when_it_was_sent(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o;

    help_text(f, WHO, "wamid.a", "persona");
    o = of(f, ANA);
    CALLS(f, take_request, &o);
    o.prepared = "nope";
    REFUSES(f, reply_request, &o, ERR_NOT_FOUND);
    o.prepared = "greeting";
    CALLS(f, reply_request, &o);
    assert_true(said(f, "¿En qué le ayudo?"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbox WHERE kind ="
                                    " 'reply' AND length(body_sealed) = 0"),
                     0);
    help_accept_all(f, 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbox WHERE kind ="
                                    " 'reply' AND length(body_sealed) = 0"),
                     1);
    assert_int_equal(kept(f), 1);
}

static void silence_gives_it_back_and_says_nothing(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o;
    size_t sends;

    help_text(f, WHO, "wamid.a", "persona");
    o = of(f, ANA);
    o.text = "Ya está. ¿Algo más?";
    CALLS(f, take_request, &o);
    CALLS(f, reply_request, &o);
    help_pass(f, 11 * MSEC_H);
    help_text(f, WHO, "wamid.b", "gracias"); /* which asks for nothing */
    mode_is(f, "person");
    sends = f->nsends;
    help_pass(f, MSEC_H + MINUTE);
    mode_is(f, "bot");
    assert_int_equal(f->nsends, sends);
    assert_int_equal(help_number(f, "SELECT count(*) FROM handover WHERE how"
                                    " = 'silence' AND ended IS NOT NULL"),
                     1);
    REFUSES(f, back_request, &o, ERR_CONFLICT);
}

static void who_is_erased_waits_no_more(void **state)
{
    struct fixture *f = *state;

    help_text(f, WHO, "wamid.a", "persona");
    help_text(f, WHO, "wamid.b", "hola");
    (void)erase(f);
    help_pass(f, MINUTE);
    assert_int_equal(help_leaves(f, "handover_ended"), 1);
    assert_int_equal(kept(f), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM handover"), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM conversation"), 0);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
}

static void who_is_blocked_is_talked_to_by_nobody(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o;

    SPAIN(f)->erasure_blocks = true;
    SPAIN(f)->block_for = 10 * MSEC_D;
    help_text(f, WHO, "wamid.a", "persona");
    o = of(f, ANA);
    (void)erase(f);
    help_settle(f);
    REFUSES(f, take_request, &o, ERR_NOT_FOUND);
    mode_is(f, "bot");
}

/* ---- cases -------------------------------------------------------------- */

static struct case_order on_case(struct fixture *f, enum case_work work)
{
    struct case_order o = { .by = help_by(ANA), .work = work };

    o.by.role = "agent";
    help_word(f, "SELECT id FROM cases ORDER BY rowid LIMIT 1", o.by.case_id,
              sizeof(o.by.case_id));
    return o;
}

static void a_case_that_lies_gets_more_urgent_and_work_begins_anew(void **state)
{
    struct fixture *f = *state;
    struct case_order o;

    help_stored(f, WHO, "wamid.f", "image/jpeg");
    help_pass(f, 3 * MSEC_D + MINUTE);
    assert_int_equal(help_number(f, "SELECT priority FROM cases"),
                     PRIORITY_HIGH);
    o = on_case(f, CASE_PRIORITY);
    o.priority = PRIORITY_LOW;
    CALLS(f, work_request, &o);
    help_pass(f, 2 * MSEC_D);
    assert_int_equal(help_number(f, "SELECT priority FROM cases"),
                     PRIORITY_LOW);
    help_pass(f, MSEC_D + MINUTE);
    assert_int_equal(help_number(f, "SELECT priority FROM cases"),
                     PRIORITY_HIGH);
    close_case(f);
    help_pass(f, 30 * MSEC_D);
    assert_int_equal(help_leaves(f, "case_escalated"), 2);
    REFUSES(f, work_request, &o, ERR_CONFLICT);
}

static void a_document_moves_within_its_person_and_not_out_of_a_hold(
    void **state)
{
    struct fixture *f = *state;
    struct case_order o = { .by = help_by(ANA), .work = CASE_OPEN };
    struct case_order to = o;

    help_stored(f, WHO, "wamid.f", "image/jpeg");
    person_of(f, o.by.subject);
    o.by.policy = "es-gdpr";
    CALLS(f, work_request, &o);
    to.work = CASE_MOVE;
    memcpy(to.by.case_id, o.by.case_id, sizeof(to.by.case_id));
    help_word(f, "SELECT id FROM document", to.by.document,
              sizeof(to.by.document));

    /* Another person's case takes nothing. */
    help_consenting(f, "34677");
    help_word(f, "SELECT id FROM subject ORDER BY rowid DESC LIMIT 1",
              o.by.subject, sizeof(o.by.subject));
    CALLS(f, work_request, &o);
    memcpy(to.by.case_id, o.by.case_id, sizeof(to.by.case_id));
    REFUSES(f, work_request, &to, ERR_NOT_FOUND);

    help_word(f, "SELECT id FROM cases ORDER BY rowid LIMIT 1 OFFSET 1",
              to.by.case_id, sizeof(to.by.case_id));
    CALLS(f, work_request, &to);
    REFUSES(f, work_request, &to, ERR_CONFLICT);
    assert_int_equal(help_leaves(f, "document_moved"), 1);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM document d JOIN attachment a"
                       " ON a.id = d.attachment AND a.case_id = d.case_id"),
        1);

    /* What a court wants stays where it is. */
    (void)hold(f, true, 0);
    help_word(f, "SELECT id FROM cases ORDER BY rowid LIMIT 1", to.by.case_id,
              sizeof(to.by.case_id));
    REFUSES(f, work_request, &to, ERR_CONFLICT);
    assert_non_null(strstr(f->e.text, "legal hold"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_stranger_gets_a_place_and_nothing_is_fetched),
        T(the_estimate_is_the_median_of_what_the_last_waited),
        T(a_night_is_no_wait_and_what_is_old_says_nothing),
        T(one_who_waits_gets_more_urgent_step_by_step),
        T(outside_hours_the_morning_is_told_and_waited_for),
        T(only_who_has_it_writes_and_only_in_the_window),
        T(a_reply_is_wiped_when_it_was_sent),
        T(silence_gives_it_back_and_says_nothing),
        T(who_is_erased_waits_no_more),
        T(who_is_blocked_is_talked_to_by_nobody),
        T(a_case_that_lies_gets_more_urgent_and_work_begins_anew),
        T(a_document_moves_within_its_person_and_not_out_of_a_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

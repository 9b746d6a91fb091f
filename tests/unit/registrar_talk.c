/* registrar: whose a conversation is, and what stands unanswered in it. T0 is a
 * Wednesday, 12:06 in Madrid: that desk is shut from 14:00 to 16:00, and from
 * 18:30 on. */
#include "talk_help.h"

static int open_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_open_conversation(r, arg, err);
}

static struct conversation_order taken(struct fixture *f)
{
    struct conversation_order o;

    help_text(f, WHO, "wamid.ask", "persona");
    o = of(f, ANA);
    o.text = "Un momento, lo reviso.";
    CALLS(f, take_request, &o);
    return o;
}

static int64_t value(struct fixture *f, const char *column)
{
    char sql[96];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT coalesce(%s, 0) FROM conversation ORDER BY rowid"
                   " LIMIT 1",
                   column);
    return help_number(f, sql);
}

/* ---- one owner ----------------------------------------------------------- */

static void who_comes_first_has_it_and_a_colleague_says_from_whom(void **state)
{
    struct fixture *f = *state;
    struct conversation_order ana = taken(f), b = of(f, BOB);

    REFUSES(f, take_request, &b, ERR_CONFLICT);
    assert_non_null(strstr(f->e.text, help_name(f, ANA)));
    assert_non_null(strstr(f->e.hint, "--from"));
    b.from = "nobody";
    REFUSES(f, take_request, &b, ERR_CONFLICT);
    b.from = help_name(f, ANA);
    CALLS(f, take_request, &b);
    assert_int_equal(value(f, "who"), BOB);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM ledger WHERE instr(entry,"
                       " '\"from_uid\":') > 0"),
        1);
    REFUSES(f, reply_request, &ana, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "not yours: bob has it"));
}

static void only_the_owner_hands_it_back_or_an_officer_with_a_reason(
    void **state)
{
    struct fixture *f = *state;
    struct conversation_order ana, b;

    help_text(f, WHO, "wamid.ask", "persona");
    ana = of(f, ANA);
    REFUSES(f, back_request, &ana, ERR_CONFLICT);
    assert_non_null(strstr(f->e.text, "nobody took it"));
    mode_is(f, "waiting");

    b = of(f, BOB);
    CALLS(f, take_request, &b);
    REFUSES(f, back_request, &ana, ERR_NOT_PERMITTED);
    mode_is(f, "person");
    ana.by.reason = "bob is ill";
    CALLS(f, back_request, &ana);
    mode_is(f, "bot");
}

static void whom_the_customer_chose_is_not_silenced_by_the_way(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o = taken(f);

    help_text(f, WHO, "wamid.b", "asistente");
    REFUSES(f, reply_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "went back to the assistant"));
    REFUSES(f, take_request, &o, ERR_CONFLICT);
    o.from = HANDOVER_ASSISTANT;
    CALLS(f, take_request, &o);
    mode_is(f, "person");
}

static void who_withdrew_is_written_to_once_the_agent_knows(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o = taken(f);

    help_text(f, WHO, "wamid.b", "BAJA");
    mode_is(f, "person");
    REFUSES(f, reply_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "took back"));
    CALLS(f, take_request, &o);
    CALLS(f, reply_request, &o);
    REFUSES(f, take_request, &o, ERR_CONFLICT);
}

/* ---- unanswered ---------------------------------------------------------- */

static void what_stands_unanswered_waits_again_at_its_own_place(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o;
    int64_t asked_since;
    size_t sends;

    SPAIN(f)->nescalations[ESCALATE_WAITING] = 0;
    o = taken(f);
    CALLS(f, reply_request, &o);
    assert_int_equal(value(f, "unanswered"), 0);
    help_pass(f, MSEC_H);
    help_text(f, WHO, "wamid.b", "¿Ya? Me vence hoy el plazo");
    asked_since = f->now;
    assert_int_equal(value(f, "unanswered"), asked_since);
    help_pass(f, 5 * MSEC_H);
    help_text(f, WHO, "wamid.c", "¿Hola?"); /* prolongs nothing */
    assert_int_equal(value(f, "unanswered"), asked_since);
    sends = f->nsends;
    help_text(f, "34698", "wamid.d", "persona"); /* who came later */
    help_pass(f, 5 * MSEC_H + 58 * MINUTE);
    mode_is(f, "person");
    help_pass(f, 3 * MINUTE);
    mode_is(f, "waiting");
    assert_int_equal(value(f, "since"), asked_since);
    assert_int_equal(value(f, "priority"), PRIORITY_HIGH);
    assert_int_equal(help_leaves(f, "handover_returned"), 1);
    assert_int_equal(help_leaves(f, "handover_ended"), 0);
    assert_int_equal(f->nsends, sends + 1);

    /* Whoever takes it goes on with the hand-over that they asked for. */
    CALLS(f, take_request, &o);
    assert_int_equal(value(f, "unanswered"), asked_since);
    assert_int_equal(help_number(f, "SELECT count(*) FROM handover WHERE"
                                    " ended IS NULL"),
                     2);
    CALLS(f, reply_request, &o);
    assert_int_equal(value(f, "priority"), PRIORITY_NORMAL);
}

static void a_file_waits_for_the_agent_too(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o = taken(f);

    CALLS(f, reply_request, &o);
    help_photo(f, WHO, "wamid.p");
    assert_int_equal(value(f, "unanswered"), f->now);
}

static void no_answer_gets_more_urgent_while_the_desk_is_open(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o;

    SPAIN(f)->nescalations[ESCALATE_UNANSWERED] = 1;
    SPAIN(f)->escalations[ESCALATE_UNANSWERED][0] =
        (struct policy_escalation){ .after = 30 * MINUTE,
                                    .priority = PRIORITY_URGENT };
    o = taken(f);
    CALLS(f, reply_request, &o);
    f->now += 2 * MSEC_H; /* 14:06 */
    help_text(f, WHO, "wamid.b", "¿Ya?");
    help_pass(f, 2 * MSEC_H); /* 16:06 */
    assert_int_equal(help_leaves(f, "handover_escalated"), 0);
    help_pass(f, 25 * MINUTE);
    assert_int_equal(help_leaves(f, "handover_escalated"), 1);
    assert_int_equal(value(f, "priority"), PRIORITY_URGENT);
    help_pass(f, 3 * MSEC_H);
    assert_int_equal(help_leaves(f, "handover_escalated"), 1);
    CALLS(f, reply_request, &o);
    assert_int_equal(value(f, "step"), 0);
    mode_is(f, "person");
}

static void who_was_just_taken_is_not_late_yet(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o;

    SPAIN(f)->nescalations[ESCALATE_WAITING] = 0;
    f->now += 4 * MSEC_H; /* 16:06 */
    help_text(f, WHO, "wamid.a", "persona");
    help_pass(f, 90 * MINUTE);
    o = of(f, ANA);
    CALLS(f, take_request, &o);
    help_pass(f, 50 * MINUTE);
    assert_int_equal(help_leaves(f, "handover_escalated"), 0);
    help_pass(f, 15 * MINUTE);
    assert_int_equal(help_leaves(f, "handover_escalated"), 1);
}

/* ---- the agent begins ---------------------------------------------------- */

static void an_agent_begins_where_the_window_and_the_gate_are_open(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o = { .by = help_by(ANA), .text = "Hola" };

    o.by.role = "agent";
    help_stored(f, WHO, "wamid.f", "image/jpeg");
    help_word(f, "SELECT id FROM cases", o.by.case_id, sizeof(o.by.case_id));
    CALLS(f, open_request, &o);
    mode_is(f, "person");
    CALLS(f, reply_request, &o);
    assert_true(said(f, "Hola"));
    REFUSES(f, open_request, &o, ERR_CONFLICT);
    CALLS(f, back_request, &o);

    f->now += 2 * MSEC_D;
    REFUSES(f, open_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "customer_service_window: "));
    help_text(f, WHO, "wamid.b", "BAJA");
    REFUSES(f, open_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "purpose_not_open: "));
    close_case(f);
    REFUSES(f, open_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "case_closed: "));
}

/* ---- what they are told -------------------------------------------------- */

static void what_the_first_waited_says_nothing_to_the_fifth(void **state)
{
    struct fixture *f = *state;
    char from[24], wamid[24];

    SPAIN(f)->nescalations[ESCALATE_WAITING] = 0;
    (void)taken(f);
    for (int i = 0; i < 5; i++) {
        f->now++;
        (void)snprintf(from, sizeof(from), "3469000%d", i);
        (void)snprintf(wamid, sizeof(wamid), "wamid.q%d", i);
        help_text(f, from, wamid, "persona");
        assert_true(said(f, i < 2 ? "alrededor de 1 min"
                                  : "Todavía no podemos decirle"));
    }
}

/* Friday 15:06: shut, and on Monday at 9:00 WhatsApp lets us write no more. */
static void who_asks_before_a_weekend_is_told_to_write_again(void **state)
{
    struct fixture *f = *state;

    f->now += 2 * MSEC_D + 3 * MSEC_H;
    help_text(f, WHO, "wamid.a", "persona");
    assert_true(said(f, "cuando abramos, el lunes 23 de noviembre a las 9:00, "
                        "escríbanos de nuevo por aquí"));
    assert_false(said(f, "Le escribirán"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(who_comes_first_has_it_and_a_colleague_says_from_whom),
        T(only_the_owner_hands_it_back_or_an_officer_with_a_reason),
        T(whom_the_customer_chose_is_not_silenced_by_the_way),
        T(who_withdrew_is_written_to_once_the_agent_knows),
        T(what_stands_unanswered_waits_again_at_its_own_place),
        T(a_file_waits_for_the_agent_too),
        T(who_was_just_taken_is_not_late_yet),
        T(no_answer_gets_more_urgent_while_the_desk_is_open),
        T(an_agent_begins_where_the_window_and_the_gate_are_open),
        T(what_the_first_waited_says_nothing_to_the_fifth),
        T(who_asks_before_a_weekend_is_told_to_write_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

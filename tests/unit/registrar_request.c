/* registrar: what people ask for and until when. The clock is the test's, so
 * every date is looked at from both sides. */
#include "request_help.h"

#include "store/store_private.h"

/* ---- from the chat ------------------------------------------------------ */

static void what_is_asked_has_a_date_and_is_said(void **state)
{
    struct fixture *f = *state;
    char due[32], received[64];

    assert_int_equal(asks(f, SPAIN(f), REQUEST_ACCESS), 0);
    help_settle(f);
    assert_int_equal(NUMBER("state = 'open' AND type = 'access' AND"
                            " clock = 'derechos' AND words_sealed IS NOT NULL"),
                     1);
    assert_int_equal(help_leaves(f, "request_opened"), 1);

    /* A month by the calendar, from the second that Meta says: T0 is
     * 2026-11-18. */
    help_word(f, "SELECT due FROM request", due, sizeof(due));
    assert_string_equal(due, "2026-12-18");
    help_word(f, "SELECT calendar FROM request", due, sizeof(due));
    assert_string_equal(due, SPAIN(f)->calendar.version);
    assert_true(was_said(f, "a más tardar") || was_said(f, "muy tarde"));
    assert_true(was_said(f, "18 de diciembre de 2026"));
    help_word(f, "SELECT CAST(received % 1000 AS TEXT) FROM request", received,
              sizeof(received));
    assert_string_equal(received, "0");
}

static void one_of_a_kind_runs_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct buf out = { 0 };
    char subject[ID_SIZE];
    size_t sends;

    assert_int_equal(asks(f, SPAIN(f), REQUEST_ACCESS), 0);
    help_settle(f);
    sends = f->nsends;
    assert_int_equal(asks(f, SPAIN(f), REQUEST_ACCESS), 1);
    help_settle(f);
    assert_int_equal(f->nsends, sends);
    assert_int_equal(NUMBER("1"), 1);
    assert_int_equal(asks(f, SPAIN(f), REQUEST_CORRECT), 0);

    person_of(f, subject);
    assert_int_equal(request_words(f->r, SPAIN(f), subject, "", &out, &f->e),
                     0);
    assert_non_null(strstr((char *)out.p, "\n"));
    assert_non_null(strstr((char *)out.p, "18 de diciembre de 2026"));
    buf_free(&out);
    assert_int_equal(request_words(f->r, COLOMBIA(f), subject, "", &out, &f->e),
                     0);
    assert_int_equal(out.len, 0);
}

static void without_a_clock_nothing_is_opened(void **state)
{
    struct fixture *f = *state;

    SPAIN(f)->requests[REQUEST_COMPLAINT] = -1;
    assert_int_equal(asks(f, SPAIN(f), REQUEST_COMPLAINT), 2);
    assert_int_equal(NUMBER("1"), 0);
    assert_int_equal(help_leaves(f, "request_opened"), 0);
}

static void a_withdrawal_is_asked_and_done_at_once(void **state)
{
    struct fixture *f = *state;

    help_text(f, WHO, "wamid.no", "BAJA");
    assert_int_equal(NUMBER("type = 'withdraw' AND state = 'answered' AND"
                            " outcome = 'granted' AND closed < due_at AND"
                            " next IS NULL"),
                     1);
    assert_int_equal(help_leaves(f, "request_opened"), 1);
    assert_int_equal(help_leaves(f, "request_closed"), 1);
}

/* ---- time --------------------------------------------------------------- */

static void each_date_is_noticed_once_whatever_restarts(void **state)
{
    struct fixture *f = *state;

    (void)asks(f, SPAIN(f), REQUEST_ACCESS);
    go_to(f, "warn_at", -MSEC_S);
    assert_int_equal(NUMBER("step = 0"), 1);
    go_to(f, "warn_at", 0);
    assert_int_equal(NUMBER("step = 1"), 1);
    help_reopen(f);
    go_to(f, "due_at", -MSEC_S);
    assert_int_equal(NUMBER("state = 'open'"), 1);
    assert_int_equal(help_leaves(f, "request_overdue"), 0);
    go_to(f, "due_at", 0);
    assert_int_equal(NUMBER("state = 'overdue'"), 1);
    help_reopen(f);
    pass_days(f, 3);
    assert_int_equal(help_leaves(f, "request_overdue"), 1);
    assert_int_equal(NUMBER("step = 3 AND next IS NOT NULL"), 1);
}

static void a_clock_that_jumps_skips_no_date(void **state)
{
    struct fixture *f = *state;

    (void)asks(f, SPAIN(f), REQUEST_ACCESS);
    help_pass(f, 400 * MSEC_D);
    assert_int_equal(NUMBER("state = 'overdue' AND step = 3"), 1);
    assert_int_equal(help_leaves(f, "request_overdue"), 1);
}

static void no_answer_is_a_yes_where_the_law_says_so(void **state)
{
    struct fixture *f = *state;
    struct request_order o;
    int clock = policy_clock(SPAIN(f), "derechos");
    size_t told;

    SPAIN(f)->clocks[clock].deemed_accepted = true;
    (void)asks(f, SPAIN(f), REQUEST_ACCESS);
    go_to(f, "due_at", 0);
    assert_int_equal(NUMBER("state = 'deemed_accepted' AND closed IS NULL"), 1);
    assert_int_equal(help_leaves(f, "request_deemed_accepted"), 1);
    assert_int_equal(help_leaves(f, "request_overdue"), 0);

    /* They hear of it with the next that they write, and once. */
    assert_false(was_said(f, "por aceptada"));
    assert_int_equal(NUMBER("untold"), 1);
    is_heard(f);
    assert_true(was_said(f, "la ley da su solicitud por aceptada"));
    assert_int_equal(NUMBER("untold"), 0);
    told = f->nsends;
    is_heard(f);
    for (; told < f->nsends; told++)
        assert_null(strstr(f->sends[told].body, "por aceptada"));

    /* It can only be granted now. */
    o = order(f, REQUEST_CLOSE);
    o.told = "por carta";
    o.outcome = "refused";
    o.ground = "unfounded";
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule deemed_accepted"));
    o.outcome = "granted";
    o.ground = NULL;
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("state = 'answered'"), 1);
}

/* ---- longer ------------------------------------------------------------- */

static void a_term_is_extended_by_the_rules_alone(void **state)
{
    struct fixture *f = *state;
    struct request_order o;

    (void)asks(f, SPAIN(f), REQUEST_ACCESS);
    o = order(f, REQUEST_EXTEND);
    o.until = "2026-12-18";
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule extension_later (RGPD, art. 12.3"));
    o.until = "2027-02-19"; /* two months more end on the 18th */
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "the last day is 2027-02-18"));
    o.until = "2027-02-30";
    REFUSES(f, order_request, &o, ERR_INPUT);
    assert_int_equal(help_leaves(f, "request_extended"), 0);
    assert_int_equal(NUMBER("extensions = 0 AND due = '2026-12-18'"), 1);

    o.until = "2027-01-15";
    CALLS(f, order_request, &o);
    help_settle(f);
    assert_int_equal(NUMBER("state = 'extended' AND due = '2027-01-15' AND"
                            " due_early = '2027-01-15' AND extensions = 1"),
                     1);
    assert_true(was_said(f, "15 de enero de 2027"));
    assert_true(was_said(f, "porque hay que mirar tres archivos"));
    assert_int_equal(help_leaves(f, "request_extended"), 1);

    /* Once is all; and it is overdue by its new date. */
    o.until = "2027-02-01";
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule extension_times"));
    go_to(f, "due_at", -MSEC_S);
    assert_int_equal(help_leaves(f, "request_overdue"), 0);
    go_to(f, "due_at", 0);
    assert_int_equal(help_leaves(f, "request_overdue"), 1);
}

static void an_extension_comes_before_the_end_and_is_told(void **state)
{
    struct fixture *f = *state;
    struct request_order o;

    (void)asks(f, SPAIN(f), REQUEST_ACCESS);
    help_pass(f, 25 * MSEC_H);
    o = order(f, REQUEST_EXTEND);
    o.until = "2027-01-15";
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule notice_to_person (RGPD"));
    assert_int_equal(NUMBER("extensions = 0"), 1);

    /* By letter, or once they wrote again. */
    is_heard(f);
    o.told = "carta certificada del 19 de noviembre";
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("state = 'extended'"), 1);

    (void)asks(f, SPAIN(f), REQUEST_CORRECT);
    o = order(f, REQUEST_EXTEND);
    o.until = "2027-03-01";
    help_word(f, "SELECT id FROM request WHERE type = 'correct'", o.id,
              sizeof(o.id));
    o.told = "carta";
    f->now = help_number(f, "SELECT due_at FROM request WHERE type ="
                            " 'correct'");
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule extension_before_expiry"));
}

/* ---- what lacks, and marks ---------------------------------------------- */

static void a_claim_that_is_not_whole_waits_and_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct request_order o;

    assert_int_equal(asks(f, COLOMBIA(f), REQUEST_CORRECT), 0);
    assert_int_equal(NUMBER("legend IS NOT NULL"), 1);
    o = order(f, REQUEST_ASK);
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("state = 'incomplete' AND legend IS NULL"), 1);

    /* The term does not run, so that whoever ends it is in time; two months of
     * silence end it. */
    pass_days(f, 40);
    assert_int_equal(NUMBER("due_at > 0 AND due_at < give_up_at"), 0);
    assert_int_equal(NUMBER("state = 'incomplete'"), 1);
    assert_int_equal(help_leaves(f, "request_overdue"), 0);
    go_to(f, "give_up_at", -MSEC_S);
    assert_int_equal(NUMBER("closed IS NULL"), 1);
    go_to(f, "give_up_at", 0);
    assert_int_equal(NUMBER("state = 'closed' AND outcome = 'abandoned'"), 1);
    assert_int_equal(help_leaves(f, "request_closed"), 1);
}

/* What they answer is kept with it: no menu, one word of thanks, no silence. */
static void who_answers_what_lacks_is_heard(void **state)
{
    static const char says[] = "SELECT count(*) FROM outbox";
    struct fixture *f = *state;
    struct request_order o;
    int64_t said, began;

    write_to(f, "wamid.hola", "hola");
    write_to(f, "wamid.si", "acepto");
    assert_int_equal(asks(f, COLOMBIA(f), REQUEST_CORRECT), 0);
    o = order(f, REQUEST_ASK);
    CALLS(f, order_request, &o);
    said = help_number(f, says);
    f->now += MSEC_H;
    write_to(f, "wamid.thanks", "muchas gracias");
    assert_int_equal(help_leaves(f, "request_replied"), 0);
    write_to(f, "wamid.reply", "la calle es la 44");
    write_to(f, "wamid.more", "y el barrio es Belén");
    assert_int_equal(help_leaves(f, "request_replied"), 1);
    assert_true(was_said(f, "lo sumamos a su solicitud"));
    assert_int_equal(help_number(f, says), said + 1);

    /* It waits for staff, however long: nobody gave up. The term counts from
     * what they said, not from when staff look at it. */
    assert_int_equal(NUMBER("began > asked AND due_at > began"), 1);
    began = help_number(f, "SELECT began FROM request");
    assert_int_equal(NUMBER("state = 'incomplete' AND give_up_at IS NULL"), 1);
    pass_days(f, 5);
    assert_int_equal(NUMBER("state = 'incomplete' AND closed IS NULL"), 1);
    o = order(f, REQUEST_COMPLETE);
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("state = 'open'"), 1);
    assert_int_equal(help_number(f, "SELECT began FROM request"), began);
}

static void who_answers_and_is_not_looked_at_is_answered_late(void **state)
{
    struct fixture *f = *state;
    struct request_order o;

    write_to(f, "wamid.hola", "hola");
    write_to(f, "wamid.si", "acepto");
    assert_int_equal(asks(f, COLOMBIA(f), REQUEST_CORRECT), 0);
    o = order(f, REQUEST_ASK);
    CALLS(f, order_request, &o);
    f->now += MSEC_H;
    write_to(f, "wamid.reply", "la calle es la 44");
    go_to(f, "due_at", -MSEC_S);
    assert_int_equal(NUMBER("state = 'incomplete'"), 1);
    go_to(f, "due_at", 0);
    assert_int_equal(NUMBER("state = 'overdue' AND closed IS NULL"), 1);
    assert_int_equal(help_leaves(f, "request_overdue"), 1);
}

/* What lacks in a request that somebody else makes about them is not theirs to
 * say: their words mean what they always do. */
static void what_another_lacks_is_not_kept_with_it(void **state)
{
    struct fixture *f = *state;
    struct request_order o;

    write_to(f, "wamid.hola", "hola");
    write_to(f, "wamid.si", "acepto");
    assert_int_equal(asks(f, COLOMBIA(f), REQUEST_CORRECT), 0);
    o = order(f, REQUEST_ASK);
    CALLS(f, order_request, &o);
    help_change(f, "UPDATE request SET requester = 'heir'");
    write_to(f, "wamid.reply", "la calle es la 44");
    assert_int_equal(help_leaves(f, "request_replied"), 0);
}

static void a_claim_that_is_whole_begins_anew(void **state)
{
    struct fixture *f = *state;
    struct request_order o;

    (void)asks(f, COLOMBIA(f), REQUEST_CORRECT);
    o = order(f, REQUEST_COMPLETE);
    o.by.reason = NULL;
    REFUSES(f, order_request, &o, ERR_CONFLICT);
    o = order(f, REQUEST_ASK);
    CALLS(f, order_request, &o);
    pass_days(f, 10);
    o = order(f, REQUEST_COMPLETE);
    o.by.reason = NULL;
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("state = 'open' AND legend IS NOT NULL AND"
                            " began > received + 864000000 - 1"),
                     1);

    /* Fifteen business days from then; asking again is for a new one. */
    o = order(f, REQUEST_ASK);
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "reclamo_completar (Ley 1581"));
}

/* ---- the end ------------------------------------------------------------ */

static void a_refusal_has_a_ground_that_the_law_knows(void **state)
{
    struct fixture *f = *state;
    struct request_order o;

    (void)asks(f, COLOMBIA(f), REQUEST_ERASE);
    o = order(f, REQUEST_CLOSE);
    o.outcome = "no";
    REFUSES(f, order_request, &o, ERR_INPUT);
    o.outcome = "refused";
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "rule refusal_ground"));
    o.ground = "unfounded";
    REFUSES(f, order_request, &o, ERR_NOT_PERMITTED);
    assert_non_null(strstr(f->e.text, "Decreto 1377 de 2013, art. 9"));
    o.ground = "legal_duty";
    CALLS(f, order_request, &o);
    help_settle(f);
    assert_int_equal(NUMBER("state = 'answered' AND outcome = 'refused' AND"
                            " ground = 'legal_duty' AND next IS NULL"),
                     1);
    assert_true(was_said(f, "porque hay que mirar tres archivos"));
    REFUSES(f, order_request, &o, ERR_CONFLICT);
}

/* What is somebody else's to answer: two business days, then it is said. */
static void what_is_forwarded_late_is_on_record(void **state)
{
    static const char late[] =
        "SELECT count(*) FROM ledger WHERE json_extract(CAST(entry AS TEXT),"
        " '$.evidence.forwarded_late') = 1";
    struct fixture *f = *state;
    struct request_order o;
    int64_t received;

    for (int i = 0; i < 3; i++) {
        (void)asks(f, COLOMBIA(f), i < 2 ? REQUEST_CORRECT : REQUEST_COMPLAINT);
        received = help_number(f, "SELECT max(received) FROM request");
        f->now = received + (i == 0 ? MSEC_H : 6 * MSEC_D);
        help_settle(f);
        o = order(f, REQUEST_CLOSE);
        o.outcome = "forwarded";
        o.told = "correo del mismo día";
        CALLS(f, order_request, &o);
        assert_int_equal(o.forwarded_late, i == 1);
    }
    assert_int_equal(help_leaves(f, "request_closed"), 3);
    assert_int_equal(help_number(f, late), 1);
}

static void what_was_asked_for_and_done_ends_by_itself(void **state)
{
    struct fixture *f = *state;
    struct staff_access by = help_by(ANA);

    (void)asks(f, SPAIN(f), REQUEST_ACCESS);
    (void)asks(f, SPAIN(f), REQUEST_ERASE);
    (void)asks(f, SPAIN(f), REQUEST_CORRECT);
    person_of(f, by.subject);
    by.event_type = "subject_exported";
    by.reason = "lo pidió";
    by.for_subject = true; /* nobody told them: it answers nothing */
    assert_int_equal(
        call(f, (help_request)(void (*)(void))registrar_record, &by), 0);
    assert_int_equal(NUMBER("type = 'access' AND closed IS NULL"), 1);
    assert_int_equal(help_leaves(f, "subject_exported"), 1);

    /* With the person all ends, once they know; the rows stay, their words do
     * not. */
    (void)erase(f);
    help_settle(f);
    assert_int_equal(NUMBER("closed IS NULL"), 3);
    assert_true(was_said(f, "estamos borrando") || was_said(f, "bloqueado"));
    help_accept_all(f, f->nsends - 1);
    f->now += 2 * MSEC_S;
    help_settle(f);
    assert_int_equal(NUMBER("type = 'erase' AND outcome = 'granted'"), 1);
    assert_int_equal(NUMBER("type = 'correct' AND outcome = 'erased' AND"
                            " state = 'closed'"),
                     1);
    assert_int_equal(NUMBER("words_sealed IS NOT NULL"), 0);
    assert_int_equal(NUMBER("1"), 3);
}

static void a_promise_for_a_case_ends_with_the_case(void **state)
{
    struct fixture *f = *state;
    struct case_row row;
    struct staff_access by = help_by(ANA);
    int clock = policy_clock(SPAIN(f), "tramite");

    help_stored(f, WHO, "wamid.a", "image/jpeg");
    help_word(f, "SELECT id FROM cases", by.case_id, sizeof(by.case_id));
    assert_int_equal(store_begin(f->r->store, &f->e), 0);
    assert_int_equal(case_get(f->r->store, by.case_id, &row, &f->e), 1);
    f->r->now = f->now;
    assert_int_equal(request_sla(f->r, &row, "8000", clock, &f->e), 0);
    assert_int_equal(batch_commit(f->r, &f->e), 0);
    assert_int_equal(NUMBER("type = 'sla' AND case_id IS NOT NULL"), 1);
    CALLS(f, close_request, &by);
    assert_int_equal(NUMBER("outcome = 'done' AND state = 'closed'"), 1);
}

/* ---- staff -------------------------------------------------------------- */

static void staff_take_what_came_by_letter(void **state)
{
    struct fixture *f = *state;
    struct request_order o = order(f, REQUEST_OPEN);
    char due[32];

    person_of(f, o.by.subject);
    o.kind = "access";
    o.received = f->now - 10 * MSEC_D;
    CALLS(f, order_request, &o);
    assert_true(id_valid(o.id, 'g'));
    help_word(f, "SELECT due FROM request", due, sizeof(due));
    assert_string_equal(due, "2026-12-09"); /* the 8th is a holiday */
    help_word(f, "SELECT due_early FROM request", due, sizeof(due));
    assert_string_equal(due, "2026-12-08");
    REFUSES(f, order_request, &o, ERR_CONFLICT);
    o.kind = "brecha";
    REFUSES(f, order_request, &o, ERR_NOT_FOUND);
    o.kind = "reclamacion"; /* a clock by its name */
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("type = 'other' AND clock = 'reclamacion'"), 1);
    o.received = f->now + MSEC_H;
    REFUSES(f, order_request, &o, ERR_INPUT);

    o = order(f, REQUEST_ASSIGN);
    o.by.reason = NULL;
    o.handler = BOB;
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("handler = 2"), 1);
}

static void an_incident_has_no_person(void **state)
{
    struct fixture *f = *state;
    struct request_order o = order(f, REQUEST_OPEN);
    struct request_row row;
    struct buf words = { 0 };

    o.policy = "es-gdpr";
    o.kind = "derechos";
    REFUSES(f, order_request, &o, ERR_NOT_FOUND);
    o.kind = "brecha";
    o.received = f->now - MSEC_H;
    o.escalated = f->now - 2 * MSEC_H;
    REFUSES(f, order_request, &o, ERR_INPUT);
    o.escalated = f->now;
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("type = 'incident' AND subject IS NULL AND"
                            " due_at = received + 72 * 3600000"),
                     1);
    assert_int_equal(request_get(f->r->store, o.id, &row, &f->e), 1);
    assert_int_equal(request_words_get(f->r->store, &row, &words, &f->e), 1);
    assert_non_null(strstr((char *)words.p, "tres archivos"));
    buf_free(&words);
    go_to(f, "due_at", 0);
    assert_int_equal(help_leaves(f, "request_overdue"), 1);
    o.action = REQUEST_CLOSE;
    o.outcome = "done";
    CALLS(f, order_request, &o);
    assert_int_equal(NUMBER("state = 'closed'"), 1);
}

/* ---- in proportion ------------------------------------------------------ */

static int nothing(void *arg, const struct request_row *row)
{
    (void)arg;
    (void)row;
    return 0;
}

static void check_plan(struct store *store, const char *sql)
{
    sqlite3_stmt *st = NULL;
    char text[2048];

    (void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(store->db, text, -1, &st, NULL),
                     SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *plan = (const char *)sqlite3_column_text(st, 3);

        if (strncmp(plan, "SCAN", 4) == 0 ||
            strstr(plan, "TEMP B-TREE") != NULL)
            fail_msg("%s: %s", plan, sql);
    }
    sqlite3_finalize(st);
}

static void no_statement_walks_the_requests(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->r->store;
    struct request_row row;
    struct buf words = { 0 };
    size_t n = 0;

    an_incident_has_no_person(state);
    assert_int_equal(asks(f, SPAIN(f), REQUEST_ACCESS), 0);
    assert_int_equal(request_list(s, NULL, f->now, nothing, NULL, &f->e), 0);
    assert_int_equal(request_list(s, "open", f->now, nothing, NULL, &f->e), 0);
    assert_int_equal(request_of_person(s, "s", true, nothing, NULL, &f->e), 0);
    assert_int_equal(request_of_person(s, "s", false, nothing, NULL, &f->e), 0);
    assert_int_equal(
        request_received(s, "es-gdpr", 0, f->now, nothing, NULL, &f->e), 0);
    assert_int_equal(request_find(s, "s", "p", "t", true, &row, &f->e), 0);
    (void)request_words_get(s, &row, &words, &f->e);
    buf_free(&words);
    for (int i = STATEMENTS_OF(SQL_REQUEST); i < STATEMENTS_OF(SQL_REQUEST + 1);
         i++)
        if (s->statements[i] != NULL) {
            check_plan(s, sqlite3_sql(s->statements[i]));
            n++;
        }
    assert_in_range(n, 14, 14);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_asked_has_a_date_and_is_said),
        T(one_of_a_kind_runs_at_a_time),
        T(without_a_clock_nothing_is_opened),
        T(a_withdrawal_is_asked_and_done_at_once),
        T(each_date_is_noticed_once_whatever_restarts),
        T(a_clock_that_jumps_skips_no_date),
        T(no_answer_is_a_yes_where_the_law_says_so),
        T(a_term_is_extended_by_the_rules_alone),
        T(an_extension_comes_before_the_end_and_is_told),
        T(a_claim_that_is_not_whole_waits_and_is_given_up),
        T(who_answers_what_lacks_is_heard),
        T(what_another_lacks_is_not_kept_with_it),
        T(who_answers_and_is_not_looked_at_is_answered_late),
        T(a_claim_that_is_whole_begins_anew),
        T(a_refusal_has_a_ground_that_the_law_knows),
        T(what_is_forwarded_late_is_on_record),
        T(what_was_asked_for_and_done_ends_by_itself),
        T(a_promise_for_a_case_ends_with_the_case),
        T(staff_take_what_came_by_letter),
        T(an_incident_has_no_person),
        T(no_statement_walks_the_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

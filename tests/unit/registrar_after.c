/* registrar: what follows from a withdrawal for a case that was complete, and
 * when people hear of what staff do at night. The clock is the test's. */
#include "keep_help.h"

#include "notices_help.h"

#undef WHO
#define WHO  "573000000008"
#define HOUR (60 * 60 * MSEC_S)
#define PDF                                                                    \
    "\"type\":\"document\",\"document\":{\"id\":\"77\",\"mime_type\":"         \
    "\"application/pdf\",\"caption\":\"recibo\"}"
#define QUESTION "\"grant/contact_whatsapp/"

static char *changed;

static int work_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_work_case(r, arg, err);
}

static int open_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_request(r, arg, err);
}

static msec at(const char *time)
{
    msec t;

    assert_int_equal(time_parse(time, &t), 0);
    return t;
}

static void message(struct fixture *f, const char *body)
{
    static unsigned n;
    char wamid[48];

    (void)snprintf(wamid, sizeof(wamid), "wamid.after.%u", n++);
    help_message_to(f, "8001", WHO, wamid, body);
    help_settle(f);
}

static void say(struct fixture *f, const char *text)
{
    char body[256];

    (void)snprintf(body, sizeof(body),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", text);
    message(f, body);
}

static void tap(struct fixture *f, const char *id)
{
    char body[256];

    (void)snprintf(body, sizeof(body),
                   "\"type\":\"interactive\",\"interactive\":{\"type\":"
                   "\"list_reply\",\"list_reply\":{\"id\":\"%s\",\"title\":"
                   "\"x\"}}",
                   id);
    message(f, body);
}

static bool said(const struct fixture *f, const char *words)
{
    return f->nsends > 0 && strstr(f->sends[f->nsends - 1].body, words) != NULL;
}

/* Of all that was sent from there on, how many have it. */
static size_t sent(const struct fixture *f, size_t from, const char *words)
{
    size_t n = 0;

    for (size_t i = from; i < f->nsends; i++)
        n += strstr(f->sends[i].body, words) != NULL;
    return n;
}

/* To a time of the clock in Bogotá, looking at what is due on the way. */
static void until(struct fixture *f, const char *time)
{
    const msec to = at(time);

    while (f->now < to)
        help_pass(f, to - f->now < HOUR ? to - f->now : HOUR);
}

static void send_recibo(struct fixture *f)
{
    size_t fetch = f->nfetches;

    message(f, PDF);
    assert_int_equal(f->nfetches, fetch + 1);
    help_judged(f, fetch, "application/pdf");
    help_pass(f, 10 * MSEC_S);
    help_accept_all(f, 0);
    help_pass(f, 10 * MSEC_S);
    help_accept_all(f, 0);
}

/* Who said yes and picked what needs one document, on a Tuesday at six in the
 * evening. */
static void come(struct fixture *f)
{
    f->now = at("2026-11-24T18:00:00-05:00");
    say(f, "hola");
    help_accept_all(f, 0);
    f->now += 3 * MSEC_S;
    say(f, "acepto");
    tap(f, "procedure/actualizacion");
}

static void come_and_send(struct fixture *f)
{
    come(f);
    send_recibo(f);
    assert_int_equal(help_leaves(f, "case_completed"), 1);
}

static struct case_order order(struct fixture *f, enum case_work work)
{
    struct case_order o = { .by = help_by(ANA), .work = work };

    o.by.role = "agent";
    o.item = "recibo_servicio";
    help_word(f, "SELECT id FROM cases ORDER BY rowid LIMIT 1", o.by.case_id,
              sizeof(o.by.case_id));
    if (work == CASE_RETURN)
        help_word(f, "SELECT id FROM document ORDER BY rowid DESC LIMIT 1",
                  o.by.document, sizeof(o.by.document));
    return o;
}

static int64_t running(struct fixture *f)
{
    return help_number(f, "SELECT count(*) FROM request WHERE type = 'sla'"
                          " AND closed IS NULL");
}

static int64_t open_cases(struct fixture *f)
{
    return help_number(f, "SELECT count(*) FROM cases WHERE state = 'open'"
                          " AND completed IS NULL");
}

static int count_promise(void *arg, const struct service_row *row)
{
    *(int *)arg += row->promise;
    return 0;
}

/* Promises that ended, as the report of service has them. */
static int promises(struct fixture *f)
{
    struct service_row after = { .at = 0 };
    int n = 0;

    assert_true(service_page(f->r->store, SERVICE_REQUEST, 0, INT64_MAX, &after,
                             count_promise, &n, &f->e) >= 0);
    return n;
}

static const char *blocked_words(struct fixture *f)
{
    static char words[32];

    (void)snprintf(words, sizeof(words), "%.24s",
                   COLOMBIA(f)->languages[0].chat[CHAT_BLOCKED]);
    return words;
}

/* ---- what a withdrawal does ---------------------------------------------- */

static void a_complete_case_that_is_blocked_is_open_again(void **state)
{
    struct fixture *f = *state;
    char reason[32];

    come_and_send(f);
    assert_int_equal(running(f), 1);
    say(f, "BAJA");
    assert_int_equal(blocked(f), 1);
    assert_int_equal(help_leaves(f, "case_reopened"), 1);
    help_word(f,
              "SELECT json_extract(CAST(entry AS TEXT), '$.reason') FROM ledger"
              " WHERE json_extract(CAST(entry AS TEXT), '$.event_type') ="
              " 'case_reopened'",
              reason, sizeof(reason));
    assert_string_equal(reason, "withdrawn");
    assert_int_equal(open_cases(f), 1);
    assert_int_equal(running(f), 0);
    assert_int_equal(promises(f), 0);

    say(f, "estado");
    assert_false(said(f, "No falta nada"));
    assert_true(said(f, "Nos falta: Recibo de servicios"));
    assert_true(said(f, blocked_words(f)));
    say(f, "qué falta");
    assert_true(said(f, blocked_words(f)));
    say(f, "mis datos");
    assert_true(said(f, "bloqueados"));
    help_pass(f, 60 * 24 * HOUR);
    assert_int_equal(help_leaves(f, "request_overdue"), 0);
}

static void it_goes_on_with_another_yes(void **state)
{
    struct fixture *f = *state;
    size_t fetch;

    come_and_send(f);
    say(f, "BAJA");
    help_pass(f, HOUR);
    fetch = f->nfetches;
    message(f, PDF);
    assert_int_equal(f->nfetches, fetch);
    help_accept_all(f, 0);
    f->now += 3 * MSEC_S;
    say(f, "acepto");
    help_judged(f, fetch, "application/pdf");
    help_pass(f, 10 * MSEC_S);
    assert_int_equal(sent(f, f->nsends - 1, "está completo"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases"), 1);
    assert_int_equal(help_leaves(f, "case_completed"), 2);
    assert_int_equal(running(f), 1);
    say(f, "estado");
    assert_false(said(f, blocked_words(f)));
}

static void nothing_opens_that_lacks_nothing(void **state)
{
    struct fixture *f = *state;
    struct case_order o;

    come_and_send(f);
    o = order(f, CASE_RECEIVED); /* over the counter, too */
    CALLS(f, work_request, &o);
    assert_false(o.told);
    say(f, "BAJA");
    assert_int_equal(blocked(f), 1);
    assert_int_equal(help_leaves(f, "case_reopened"), 0);
    assert_int_equal(running(f), 1);
}

static void what_is_erased_is_lacking(void **state)
{
    struct fixture *f = *state;
    struct policy *co = COLOMBIA(f);

    co->nrules = 0;
    co->rules[co->nrules++] = (struct policy_rule){ .trigger = TRIGGER_STORED,
                                                    .after = 2 * 24 * HOUR,
                                                    .ground = "purpose_ended" };
    come_and_send(f);
    help_pass(f, 3 * 24 * HOUR);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_leaves(f, "case_reopened"), 1);
    assert_int_equal(running(f), 0);
}

static void a_childs_representative_hears_what_lacks(void **state)
{
    struct fixture *f = *state;

    come_and_send(f);
    say(f, "soy menor de edad");
    assert_int_equal(help_leaves(f, "case_reopened"), 1);
    assert_int_equal(running(f), 0);
    tap(f, "minor/parent_guardian");
    tap(f, "minor/parent_guardian/heard");
    help_accept_all(f, 0);
    f->now += 3 * MSEC_S;
    tap(f, "grant/case_processing/2026-11");
    assert_int_equal(sent(f, f->nsends - 1, "Ya puede enviar"), 1);
    assert_true(said(f, "Nos falta: Recibo de servicios"));
    assert_true(said(f, blocked_words(f)));
}

static void who_is_blocked_was_promised_nothing(void **state)
{
    struct fixture *f = *state;

    COLOMBIA(f)->erasure_blocks = true;
    COLOMBIA(f)->block_for = 90 * 24 * HOUR;
    come_and_send(f);
    (void)erase(f);
    assert_int_equal(running(f), 0);
}

/* ---- at night ------------------------------------------------------------ */

static void what_staff_do_at_night_is_told_in_the_morning(void **state)
{
    struct fixture *f = *state;
    struct case_order o;
    size_t sends;

    come_and_send(f);
    until(f, "2026-11-24T22:00:00-05:00");
    sends = f->nsends;
    o = order(f, CASE_RETURN);
    o.ground = RETURN_UNREADABLE;
    CALLS(f, work_request, &o);
    assert_true(o.told && o.reopened && !o.late);
    assert_true(o.waits_until == at("2026-11-25T07:00:00-05:00"));
    until(f, "2026-11-25T06:59:00-05:00");
    assert_int_equal(f->nsends, sends);
    help_reopen(f);
    until(f, "2026-11-25T07:00:02-05:00");
    assert_int_equal(sent(f, sends, "no se alcanza a leer"), 1);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM ledger WHERE json_extract(CAST("
                       "entry AS TEXT), '$.evidence.class') = 'requested_info'"
                       " AND json_extract(CAST(entry AS TEXT),"
                       " '$.evidence.waits_until') ="
                       " '2026-11-25T12:00:00.000Z'"),
        1);
}

static void unless_they_say_so(void **state)
{
    struct fixture *f = *state;
    struct case_order o;
    size_t sends;

    come_and_send(f);
    until(f, "2026-11-24T22:00:00-05:00");
    sends = f->nsends;
    o = order(f, CASE_RETURN);
    o.ground = RETURN_UNREADABLE;
    o.at_once = true;
    CALLS(f, work_request, &o);
    help_settle(f);
    assert_true(o.told && o.waits_until == 0);
    assert_int_equal(sent(f, sends, "no se alcanza a leer"), 1);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM ledger WHERE json_extract(CAST("
                       "entry AS TEXT), '$.evidence.at_once') = 1"),
        1);
}

static void who_writes_now_is_answered_now(void **state)
{
    struct fixture *f = *state;
    struct case_order o;
    size_t sends;

    come_and_send(f);
    until(f, "2026-11-24T21:40:00-05:00");
    say(f, "BAJA"); /* … and on with it */
    help_accept_all(f, 0);
    f->now += MSEC_S;
    message(f, PDF);
    help_accept_all(f, 0);
    f->now += 3 * MSEC_S;
    say(f, "acepto");
    help_judged(f, f->nfetches - 1, "application/pdf");
    until(f, "2026-11-24T22:00:00-05:00");
    sends = f->nsends;
    o = order(f, CASE_RETURN);
    o.ground = RETURN_UNREADABLE;
    CALLS(f, work_request, &o);
    help_settle(f);
    assert_int_equal(o.waits_until, 0);
    assert_int_equal(sent(f, sends, "no se alcanza a leer"), 1);
}

static void what_is_no_more_true_is_not_told(void **state)
{
    struct fixture *f = *state;
    struct case_order o;
    size_t sends;

    come_and_send(f);
    until(f, "2026-11-24T22:00:00-05:00");
    o = order(f, CASE_RETURN);
    o.ground = RETURN_UNREADABLE;
    CALLS(f, work_request, &o);
    help_settle(f);
    sends = f->nsends;
    send_recibo(f); /* the better one, by themselves */
    assert_int_equal(sent(f, sends, "está completo"), 1);
    until(f, "2026-11-25T08:00:00-05:00");
    assert_int_equal(sent(f, sends, "no se alcanza a leer"), 0);
}

/* Saturday at four: Monday is too late for WhatsApp. */
static void what_would_come_too_late_is_said_so(void **state)
{
    struct fixture *f = *state;
    struct case_order o;
    size_t sends;

    come(f);
    until(f, "2026-11-28T10:00:00-05:00");
    say(f, "hola");
    until(f, "2026-11-28T16:00:00-05:00");
    sends = f->nsends;
    o = order(f, CASE_RECEIVED);
    CALLS(f, work_request, &o);
    assert_true(o.late && !o.told && o.waits_until == 0);
    help_pass(f, 3 * 24 * HOUR);
    assert_int_equal(sent(f, sends, "está completo"), 0);
    assert_int_equal(help_leaves(f, "case_completed"), 1);
}

static void a_request_is_answered_in_the_hours(void **state)
{
    struct fixture *f = *state;
    struct request_order o = { .by = help_by(ANA),
                               .action = REQUEST_CLOSE,
                               .outcome = "granted" };
    size_t sends;

    come(f);
    tap(f, "request/access");
    until(f, "2026-11-24T22:00:00-05:00");
    help_word(f, "SELECT id FROM request WHERE type = 'access'", o.id,
              sizeof(o.id));
    o.by.reason = "va por correo";
    sends = f->nsends;
    CALLS(f, open_request, &o);
    assert_true(o.waits_until == at("2026-11-25T07:00:00-05:00"));
    until(f, "2026-11-25T06:59:00-05:00");
    assert_int_equal(f->nsends, sends);
    until(f, "2026-11-25T07:00:02-05:00");
    assert_int_equal(sent(f, sends, "va por correo"), 1);
}

/* ---- the question about notices ------------------------------------------ */

static void staff_complete(struct fixture *f)
{
    struct case_order o;

    come(f);
    until(f, "2026-11-24T22:00:00-05:00");
    o = order(f, CASE_RECEIVED);
    CALLS(f, work_request, &o);
    assert_true(o.told);
    help_settle(f);
}

static void a_question_that_answers_nothing_waits_for_the_hours(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    staff_complete(f);
    sends = f->nsends;
    until(f, "2026-11-25T06:59:00-05:00");
    assert_int_equal(f->nsends, sends);
    until(f, "2026-11-25T07:00:10-05:00");
    assert_int_equal(sent(f, sends, "está completo"), 1);
    assert_int_equal(sent(f, sends, QUESTION), 1);
}

/* Meta was down the whole day, and by then WhatsApp's day is over. */
static void what_waited_too_long_is_said_no_more(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    staff_complete(f);
    sends = f->nsends;
    f->now = at("2026-11-25T19:30:00-05:00");
    help_pass(f, 24 * HOUR);
    assert_int_equal(f->nsends, sends);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbox WHERE state ="
                                    " 'pending'"),
                     0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM prompt WHERE purpose"
                                    " = 'contact_whatsapp' AND state = 'open'"),
                     0);
}

static void nobody_is_asked_who_wants_a_person(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    staff_complete(f);
    sends = f->nsends;
    say(f, "asesor");
    until(f, "2026-11-25T09:00:00-05:00");
    assert_int_equal(sent(f, sends, QUESTION), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM prompt WHERE purpose"
                                    " = 'contact_whatsapp' AND state = 'open'"),
                     0);
}

/* In the seconds between the receipt and the question. */
static void says_before_the_question(struct fixture *f, const char *words)
{
    size_t sends;

    come(f);
    f->now = at("2026-11-25T10:00:00-05:00");
    message(f, PDF);
    help_judged(f, f->nfetches - 1, "application/pdf");
    while (help_leaves(f, "case_completed") == 0)
        help_pass(f, MSEC_S);
    sends = f->nsends;
    assert_int_equal(sent(f, 0, QUESTION), 0);
    say(f, words);
    help_pass(f, HOUR);
    assert_true(f->nsends > sends);
    assert_int_equal(sent(f, sends, QUESTION), 0);
}

static void nobody_is_asked_who_withdrew(void **state)
{
    says_before_the_question(*state, "BAJA");
}

static void nobody_is_asked_who_wants_no_notices(void **state)
{
    says_before_the_question(*state, "no más avisos");
}

static void no_child_is_asked(void **state)
{
    says_before_the_question(*state, "soy menor de edad");
}

static void a_question_that_was_dropped_may_be_put_later(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    staff_complete(f);
    say(f, "asesor");
    until(f, "2026-11-25T09:00:00-05:00");
    say(f, "asistente");
    tap(f, "procedure/actualizacion");
    sends = f->nsends;
    send_recibo(f);
    assert_int_equal(sent(f, sends, QUESTION), 1);
}

static int setup(void **state)
{
    changed = notices_folder();
    return help_setup_of(state, changed, help_ids);
}

static int teardown(void **state)
{
    int ok = help_teardown(state);

    unit_folder_free(changed);
    return ok;
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_complete_case_that_is_blocked_is_open_again),
        TEST(it_goes_on_with_another_yes),
        TEST(nothing_opens_that_lacks_nothing),
        TEST(what_is_erased_is_lacking),
        TEST(a_childs_representative_hears_what_lacks),
        TEST(who_is_blocked_was_promised_nothing),
        TEST(what_staff_do_at_night_is_told_in_the_morning),
        TEST(unless_they_say_so),
        TEST(who_writes_now_is_answered_now),
        TEST(what_is_no_more_true_is_not_told),
        TEST(what_would_come_too_late_is_said_so),
        TEST(a_request_is_answered_in_the_hours),
        TEST(a_question_that_answers_nothing_waits_for_the_hours),
        TEST(what_waited_too_long_is_said_no_more),
        TEST(nobody_is_asked_who_wants_a_person),
        TEST(nobody_is_asked_who_withdrew),
        TEST(nobody_is_asked_who_wants_no_notices),
        TEST(no_child_is_asked),
        TEST(a_question_that_was_dropped_may_be_put_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* registrar: documents that staff send back, and contacts that were not in the
 * chat. The clock is the test's. */
#include "keep_help.h"

#define HOUR (60 * 60 * MSEC_S)
#define PDF                                                                    \
    "\"type\":\"document\",\"document\":{\"id\":\"77\",\"mime_type\":"         \
    "\"application/pdf\",\"caption\":\"recibo\"}"

static int work_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_work_case(r, arg, err);
}

static void message(struct fixture *f, const char *body)
{
    static unsigned n;
    char wamid[48];

    (void)snprintf(wamid, sizeof(wamid), "wamid.r.%u", n++);
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

/* What was said last. */
static bool said(const struct fixture *f, const char *words)
{
    return f->nsends > 0 && strstr(f->sends[f->nsends - 1].body, words) != NULL;
}

static void send_recibo(struct fixture *f, size_t fetch)
{
    message(f, PDF);
    assert_int_equal(f->nfetches, fetch + 1);
    help_judged(f, fetch, "application/pdf");
    help_pass(f, 2 * 60 * MSEC_S);
}

/* Somebody whose case is complete: it needs one document. */
static void come(struct fixture *f)
{
    size_t sends = f->nsends;

    say(f, "hola");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    say(f, "acepto");
    message(f, "\"type\":\"interactive\",\"interactive\":{\"type\":"
               "\"list_reply\",\"list_reply\":{\"id\":\"procedure/"
               "actualizacion\",\"title\":\"x\"}}");
    send_recibo(f, 0);
    assert_int_equal(help_leaves(f, "case_completed"), 1);
}

static struct case_order order(struct fixture *f, enum case_work work)
{
    struct case_order o = { .by = help_by(ANA), .work = work };

    o.by.role = "agent";
    help_word(f, "SELECT id FROM cases ORDER BY rowid LIMIT 1", o.by.case_id,
              sizeof(o.by.case_id));
    if (work == CASE_RETURN)
        help_word(f, "SELECT id FROM document ORDER BY rowid DESC LIMIT 1",
                  o.by.document, sizeof(o.by.document));
    return o;
}

static int64_t running(struct fixture *f)
{
    return help_number(
        f, "SELECT count(*) FROM request WHERE type = 'sla'"
           " AND closed IS NULL AND case_id = (SELECT id FROM cases)");
}

static int count_request(void *arg, const struct service_row *row)
{
    (void)row;
    ++*(int *)arg;
    return 0;
}

/* Requests that ended, as the report of service has them. */
static int ended(struct fixture *f)
{
    struct service_row after = { .at = 0 };
    int n = 0;

    assert_true(service_page(f->r->store, SERVICE_REQUEST, 0, INT64_MAX, &after,
                             count_request, &n, &f->e) >= 0);
    return n;
}

static void what_cannot_be_read_is_asked_for_again(void **state)
{
    struct fixture *f = *state;
    struct case_order o;

    come(f);
    assert_int_equal(running(f), 1);
    o = order(f, CASE_RETURN);
    o.ground = RETURN_UNREADABLE;
    CALLS(f, work_request, &o);
    assert_true(o.told && o.reopened);
    assert_true(said(f, "no se alcanza a leer"));
    assert_true(said(f, "Recibo de servicios"));
    assert_true(said(f, "El PDF de agua, luz")); /* how to do it better */
    assert_true(said(f, "Nos falta: Recibo de servicios"));
    assert_int_equal(help_leaves(f, "document_returned"), 1);
    assert_int_equal(help_leaves(f, "case_reopened"), 1);
    assert_int_equal(running(f), 0);
    assert_int_equal(ended(f), 0); /* put off, which is no answer */
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE state ="
                                    " 'open' AND completed IS NULL"),
                     1);

    /* It is of no item any more: not twice, and it goes soon. */
    REFUSES(f, work_request, &o, ERR_CONFLICT);
    send_recibo(f, 1);
    assert_true(said(f, "está completo"));
    assert_int_equal(help_leaves(f, "case_completed"), 2);
    assert_int_equal(running(f), 1);
    assert_int_equal(documents(f), 2);
    help_pass(f, 8 * 24 * HOUR);
    assert_int_equal(documents(f), 1);
}

/* One of several files of an item: what is asked for again is missing, whatever
 * else is there, until something comes. */
static void one_of_several_is_missing_until_another_comes(void **state)
{
    struct fixture *f = *state;
    struct case_order o;

    COLOMBIA(f)->procedures[2].items[0].files_max = 2;
    come(f);
    send_recibo(f, 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM document WHERE"
                                    " item = 'recibo_servicio'"),
                     2);
    o = order(f, CASE_RETURN);
    o.ground = RETURN_EXPIRED;
    CALLS(f, work_request, &o);
    assert_true(o.told);
    assert_true(o.reopened);
    assert_true(said(f, "ya no está vigente"));
    assert_true(said(f, "Nos falta: Recibo de servicios"));
    assert_int_equal(help_leaves(f, "case_reopened"), 1);
    assert_int_equal(running(f), 0);
    say(f, "qué falta");
    assert_true(said(f, "Nos falta: Recibo de servicios"));

    send_recibo(f, 2);
    assert_true(said(f, "está completo"));
    assert_int_equal(running(f), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM document WHERE"
                                    " item = 'recibo_servicio'"),
                     2);
}

/* It was for another case, where staff put it: it is wanted there. */
static void what_is_put_where_it_belongs_does_not_go(void **state)
{
    struct fixture *f = *state;
    struct case_order o;

    come(f);
    o = order(f, CASE_RETURN);
    o.ground = RETURN_WRONG;
    CALLS(f, work_request, &o);
    message(f, "\"type\":\"interactive\",\"interactive\":{\"type\":"
               "\"list_reply\",\"list_reply\":{\"id\":\"procedure/"
               "cesantias\",\"title\":\"x\"}}");
    o.work = CASE_MOVE;
    help_word(f, "SELECT id FROM cases ORDER BY rowid DESC LIMIT 1",
              o.by.case_id, sizeof(o.by.case_id));
    CALLS(f, work_request, &o);
    help_pass(f, 8 * 24 * HOUR);
    assert_int_equal(documents(f), 1);
}

static void outside_the_window_staff_hear_that_nobody_was_told(void **state)
{
    struct fixture *f = *state;
    struct case_order o;
    size_t sends;

    come(f);
    help_pass(f, 25 * HOUR);
    sends = f->nsends;
    o = order(f, CASE_RETURN);
    o.ground = RETURN_UNSIGNED;
    CALLS(f, work_request, &o);
    help_settle(f);
    assert_true(o.reopened);
    assert_false(o.told);
    assert_int_equal(f->nsends, sends);
}

static int take_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_take_conversation(r, arg, err);
}

/* The agent says it: nothing of ours comes between. */
static void while_an_agent_has_them_nothing_is_said(void **state)
{
    struct fixture *f = *state;
    struct conversation_order take = { .by = help_by(ANA) };
    struct case_order o;
    size_t sends;

    come(f);
    say(f, "asesor");
    take.by.role = "agent";
    help_word(f, "SELECT id FROM conversation", take.id, sizeof(take.id));
    CALLS(f, take_request, &take);
    help_settle(f);
    sends = f->nsends;
    o = order(f, CASE_RETURN);
    o.ground = RETURN_UNREADABLE;
    CALLS(f, work_request, &o);
    help_settle(f);
    assert_true(o.reopened);
    assert_false(o.told);
    assert_int_equal(f->nsends, sends);
}

/* That they wrote an hour ago is known of who ever asked for a person. */
static void the_window_is_as_open_as_is_known(void **state)
{
    struct fixture *f = *state;
    struct case_order o;

    come(f);
    say(f, "asesor");
    help_pass(f, 23 * HOUR);
    say(f, "gracias");
    help_pass(f, 2 * HOUR);
    o = order(f, CASE_RETURN);
    o.ground = RETURN_UNREADABLE;
    CALLS(f, work_request, &o);
    assert_true(o.told);
    assert_true(said(f, "no se alcanza a leer"));
}

static void a_policy_without_the_words_says_what_it_says_of_wrong_files(
    void **state)
{
    struct fixture *f = *state;
    char **words =
        &COLOMBIA(f)->languages[0].chat[CHAT_RETURNED + RETURN_WRONG];
    struct case_order o;

    free(*words);
    *words = NULL;
    come(f);
    o = order(f, CASE_RETURN);
    o.ground = RETURN_WRONG;
    CALLS(f, work_request, &o);
    assert_true(said(f, "no nos sirvió"));
}

static void nothing_else_can_be_sent_back(void **state)
{
    struct fixture *f = *state;
    struct case_order o, none;

    come(f);
    o = order(f, CASE_RETURN);
    help_change(f, "UPDATE document SET state = 'quarantined'");
    REFUSES(f, work_request, &o, ERR_NOT_FOUND);
    help_change(f, "UPDATE document SET state = 'stored'");
    none = o;
    memset(none.by.document, 'x', sizeof(none.by.document) - 1);
    REFUSES(f, work_request, &none, ERR_NOT_FOUND);
    o.by.uid = 4711;
    REFUSES(f, work_request, &o, ERR_NOT_PERMITTED);
    assert_int_equal(help_leaves(f, "document_returned"), 0);
}

static void a_contact_elsewhere_is_on_record(void **state)
{
    struct fixture *f = *state;
    struct case_order o;
    civil_day today;

    come(f);
    o = order(f, CASE_CONTACT);
    o.channel = "pigeon";
    REFUSES(f, work_request, &o, ERR_INPUT);
    o.channel = "branch";
    o.text = "trajo la cédula original";
    CALLS(f, work_request, &o);
    assert_int_equal(help_leaves(f, "contact_noted"), 1);
    assert_int_equal(help_leaves(f, "case_noted"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM elsewhere WHERE"
                                    " channel = 'branch' AND ours = 0"),
                     1);

    /* Yesterday's, but not tomorrow's, nor last year's. */
    o.text = NULL;
    o.ours = o.has_day = true;
    today = contact_day(&COLOMBIA(f)->calendar, f->now);
    o.day = today + 1;
    REFUSES(f, work_request, &o, ERR_INPUT);
    o.day = today - 32;
    REFUSES(f, work_request, &o, ERR_INPUT);
    o.day = today - 31;
    CALLS(f, work_request, &o);
    assert_int_equal(help_leaves(f, "case_noted"), 1);
    help_has_what_it_says(f);
}

static void of_who_is_erased_no_contact_is_left(void **state)
{
    struct fixture *f = *state;
    struct case_order o;

    COLOMBIA(f)->erasure_blocks = false;
    come(f);
    o = order(f, CASE_CONTACT);
    o.channel = "phone";
    CALLS(f, work_request, &o);
    (void)erase(f);
    help_settle(f);
    assert_int_equal(help_number(f, "SELECT count(*) FROM elsewhere"), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_cannot_be_read_is_asked_for_again),
        T(what_is_put_where_it_belongs_does_not_go),
        T(one_of_several_is_missing_until_another_comes),
        T(outside_the_window_staff_hear_that_nobody_was_told),
        T(while_an_agent_has_them_nothing_is_said),
        T(the_window_is_as_open_as_is_known),
        T(a_policy_without_the_words_says_what_it_says_of_wrong_files),
        T(nothing_else_can_be_sent_back),
        T(a_contact_elsewhere_is_on_record),
        T(of_who_is_erased_no_contact_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

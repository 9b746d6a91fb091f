/* registrar: reminders and notices, by the rules of contact, once each. */
#include "retain_help.h"

#include "resguardo/registrar_person.h"
#include "resguardo/registrar_work.h"

#define WHO   "573000000001"
#define BATCH "00112233445566778899aabbccddeeff"

static int outbound_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_outbound(r, arg, err);
}

static msec at(const char *time)
{
    msec t;

    assert_int_equal(time_parse(time, &t), 0);
    return t;
}

/* Somebody in Colombia says yes to the first purpose, on a Thursday. */
static int begin(void **state)
{
    struct fixture *f;
    size_t sends;

    if (help_setup(state) != 0)
        return -1;
    f = *state;
    f->now = at("2026-11-26T10:00:00-05:00");
    sends = f->nsends;
    help_message_to(f, "8001", WHO, "wamid.hi",
                    "\"type\":\"text\",\"text\":{\"body\":\"hola\"}");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    sends = f->nsends;
    help_message_to(f, "8001", WHO, "wamid.yes",
                    "\"type\":\"text\",\"text\":{\"body\":\"acepto\"}");
    help_accept_all(f, sends);
    return 0;
}

static struct outbound_item item(int64_t row)
{
    return (struct outbound_item){
        .row = row,
        .to = WHO,
        .phone = true,
        .values = { "Retiro de cesantías", "la cédula, 4711", "2026-12-15" },
    };
}

static int order_as(struct fixture *f, const char *template,
                    struct outbound_item *items, size_t n)
{
    struct outbound_order o = { .by = help_by(ANA),
                                .policy = "co-habeas-data",
                                .template = template,
                                .batch = BATCH,
                                .items = items,
                                .n = n };

    return call(f, outbound_request, &o);
}

static void order(struct fixture *f, struct outbound_item *one)
{
    if (order_as(f, "documento_pendiente", one, 1) != 0)
        fail_msg("%s", f->e.text);
}

static void denied(struct fixture *f, struct outbound_item one,
                   const char *rule)
{
    size_t sends = f->nsends;

    order(f, &one);
    assert_string_equal(one.state, "denied");
    assert_string_equal(one.rule, rule);
    help_settle(f);
    assert_int_equal(f->nsends, sends);
}

static void queued(struct fixture *f, struct outbound_item one)
{
    size_t sends = f->nsends;

    order(f, &one);
    assert_string_equal(one.state, "queued");
    assert_null(one.rule);
    help_settle(f);
    assert_int_equal(f->nsends, sends + 1);
    help_accept_all(f, sends);
}

/* ---- hours and days ----------------------------------------------------- */

static void hours_are_those_of_ley_2300(void **state)
{
    struct fixture *f = *state;

    f->now = at("2026-11-27T19:00:00-05:00"); /* a Friday */
    denied(f, item(1), "contact_hours");
    f->now = at("2026-11-27T06:59:59.999-05:00");
    denied(f, item(2), "contact_hours");
    f->now = at("2026-11-27T18:59:59-05:00");
    queued(f, item(3));
    f->now = at("2026-11-28T15:00:00-05:00"); /* a Saturday */
    denied(f, item(4), "contact_hours");
    f->now = at("2026-11-28T07:59:59-05:00");
    denied(f, item(5), "contact_hours");
    f->now = at("2026-11-28T14:59:59-05:00");
    queued(f, item(6));
    f->now = at("2026-11-29T12:00:00-05:00"); /* a Sunday */
    denied(f, item(7), "contact_day");
    f->now = at("2026-12-08T12:00:00-05:00"); /* a holiday, on a Tuesday */
    denied(f, item(8), "contact_day");
    f->now = at("2026-12-09T07:00:00-05:00");
    queued(f, item(9));
    assert_int_equal(help_leaves(f, "outbound_denied"), 6);
    assert_int_equal(help_leaves(f, "outbound_queued"), 3);
}

static void a_second_contact_of_a_day_is_denied(void **state)
{
    struct fixture *f = *state;

    f->now = at("2026-11-27T07:00:00-05:00");
    queued(f, item(1));
    f->now = at("2026-11-27T18:00:00-05:00");
    denied(f, item(2), "once_a_day");
    f->now = at("2026-11-28T08:00:00-05:00");
    queued(f, item(3));
}

/* Which document would it be? */
static void a_template_with_a_document_goes_to_no_list(void **state)
{
    struct fixture *f = *state;
    struct outbound_item one = item(1);

    COLOMBIA(f)->templates[0].carries = true;
    assert_int_equal(order_as(f, "documento_pendiente", &one, 1), -1);
    assert_int_equal(f->e.code, ERR_INPUT);
    assert_non_null(strstr(f->e.text, "carries a document"));
    assert_int_equal(help_leaves(f, "outbound_ordered"), 0);
}

static void what_never_arrived_was_no_contact(void **state)
{
    struct fixture *f = *state;
    struct outbound_item one = item(1);

    f->now = at("2026-11-27T09:00:00-05:00");
    order(f, &one);
    help_settle(f);
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_PERMANENT, 131026, NULL),
                     0);
    help_settle(f);
    queued(f, item(2));
    denied(f, item(3), "once_a_day");
}

static void one_channel_a_week(void **state)
{
    struct fixture *f = *state;
    struct outbound_item one = item(1);

    f->now = at("2026-12-02T09:00:00-05:00"); /* a Wednesday */
    one.has_other = true;
    one.other = date_day(2026, 11, 30);
    denied(f, one, "other_channel_this_week");
    one.row = 2;
    one.other = date_day(2026, 12, 6);
    denied(f, one, "other_channel_this_week");
    one.row = 3;
    one.other = date_day(2026, 11, 29);
    queued(f, one);
}

static int note(struct registrar *r, void *arg, struct error *err)
{
    return registrar_work_case(r, arg, err);
}

/* Whatever the list says: what staff noted counts, when we went to them. */
static void a_call_that_staff_noted_is_one(void **state)
{
    struct fixture *f = *state;
    struct case_order o = { .by = help_by(ANA), .work = CASE_OPEN };
    struct outbound_item one = item(2);

    f->now = at("2026-12-01T09:00:00-05:00"); /* a Tuesday */
    help_word(f, "SELECT id FROM subject", o.by.subject, sizeof(o.by.subject));
    o.by.policy = "co-habeas-data";
    o.by.role = "agent";
    CALLS(f, note, &o);
    o.work = CASE_CONTACT;
    o.channel = "branch";
    CALLS(f, note, &o); /* they came to us */
    queued(f, item(1));

    o.channel = "phone";
    o.ours = o.has_day = true;
    o.day = date_day(2026, 11, 30);
    CALLS(f, note, &o);
    f->now = at("2026-12-05T09:00:00-05:00");
    one.has_other = true; /* the list knows of an older one */
    one.other = date_day(2026, 11, 20);
    denied(f, one, "other_channel_this_week");
    f->now = at("2026-12-07T09:00:00-05:00"); /* the week is over */
    queued(f, item(3));
}

static const char *noted(struct fixture *f, struct case_order *o,
                         const char *channel, bool ours, const char *when)
{
    f->now = at(when);
    o->channel = channel;
    o->ours = ours;
    o->has_day = false;
    CALLS(f, note, o);
    return o->against == NULL ? "" : o->against;
}

/* They are not refused, for they were made; but whoever notes one hears it. */
static void a_call_against_the_rules_is_said_and_on_record(void **state)
{
    struct fixture *f = *state;
    struct case_order o = { .by = help_by(ANA), .work = CASE_OPEN };

    f->now = at("2026-11-30T09:00:00-05:00"); /* a Monday */
    help_word(f, "SELECT id FROM subject", o.by.subject, sizeof(o.by.subject));
    o.by.policy = "co-habeas-data";
    o.by.role = "agent";
    CALLS(f, note, &o);
    o.work = CASE_CONTACT;
    queued(f, item(1));
#define NOTED(channel, ours, when, rule)                                       \
    assert_string_equal(noted(f, &o, channel, ours, when), rule)
    NOTED("phone", false, "2026-11-30T10:00:00-05:00", "");
    NOTED("phone", true, "2026-11-30T11:00:00-05:00", "once_a_day");
    NOTED("phone", true, "2026-12-01T11:00:00-05:00",
          "other_channel_this_week");
    NOTED("phone", true, "2026-12-06T11:00:00-05:00", "contact_day");
    NOTED("phone", true, "2026-12-07T19:00:00-05:00", "contact_hours");
    NOTED("phone", true, "2026-12-09T11:00:00-05:00", ""); /* a new week */
    NOTED("letter", true, "2026-12-10T11:00:00-05:00",
          "other_channel_this_week");
#undef NOTED
    /* Of a former day the hour is not known. */
    o.channel = "phone";
    o.has_day = true;
    o.day = date_day(2026, 12, 6);
    CALLS(f, note, &o);
    assert_string_equal(o.against, "contact_day");
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM ledger WHERE"
                       " instr(entry, '\"against\":\"contact_day\"')"),
        2);
}

/* ---- whom --------------------------------------------------------------- */

static void who_never_wrote_is_not_written_to(void **state)
{
    struct fixture *f = *state;
    struct outbound_item one = item(1);

    f->now = at("2026-11-27T09:00:00-05:00");
    one.to = "573009999999";
    denied(f, one, "unknown_person");
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbound"), 0);
    help_message_to(f, "8001", one.to, "wamid.new",
                    "\"type\":\"text\",\"text\":{\"body\":\"hola\"}");
    denied(f, one, "purpose_not_open");
}

static void who_withdrew_is_not_written_to(void **state)
{
    struct fixture *f = *state;
    struct outbound_item one = item(1);
    size_t sends;

    /* One that is on its way ends with the withdrawal, too. */
    f->now = at("2026-11-27T09:00:00-05:00");
    order(f, &one);
    assert_string_equal(one.state, "queued");
    help_settle(f);
    sends = f->nsends;
    assert_int_equal(registrar_post_sent(f->r, f->sends[sends - 1].outbox,
                                         SEND_RETRY, 0, NULL),
                     0);
    help_message_to(f, "8001", WHO, "wamid.baja",
                    "\"type\":\"text\",\"text\":{\"body\":\"BAJA\"}");
    sends = f->nsends;
    help_pass(f, 10 * MSEC_S);
    assert_int_equal(f->nsends, sends);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbound WHERE state"
                                    " = 'denied' AND rule ="
                                    " 'purpose_withdrawn'"),
                     1);
    denied(f, item(2), "purpose_withdrawn");
}

static void what_was_asked_for_has_no_hours(void **state)
{
    struct fixture *f = *state;
    struct outbound_item one = item(1);

    f->now = at("2026-11-29T23:00:00-05:00"); /* a Sunday night */
    assert_int_equal(order_as(f, "respuesta_lista", &one, 1), 0);
    assert_string_equal(one.state, "queued");
    one.row = 2;
    assert_int_equal(order_as(f, "respuesta_lista", &one, 1), 0);
    assert_string_equal(one.state, "queued");
    f->now = at("2027-01-11T10:00:00-05:00");
    one.row = 3;
    assert_int_equal(order_as(f, "respuesta_lista", &one, 1), 0);
    assert_string_equal(one.rule, "not_requested");
    /* None of it was a contact. */
    f->now = at("2026-11-30T09:00:00-05:00");
    queued(f, item(4));
}

/* ---- one person, two numbers --------------------------------------------- */

#define OTHER "573000000002"

static int link_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_link(r, arg, err);
}

static int hold_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_place_hold(r, arg, err);
}

static int take_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_take_conversation(r, arg, err);
}

/* OTHER says yes, too, and an officer says that they are one. */
static void has_another_number(struct fixture *f)
{
    struct link_order o = { .by = help_by(ANA), .kind = "two_numbers" };
    char former[ID_SIZE];
    size_t sends = f->nsends;

    help_message_to(f, "8001", OTHER, "wamid.hi.2",
                    "\"type\":\"text\",\"text\":{\"body\":\"hola\"}");
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    sends = f->nsends;
    help_message_to(f, "8001", OTHER, "wamid.yes.2",
                    "\"type\":\"text\",\"text\":{\"body\":\"acepto\"}");
    help_accept_all(f, sends);
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, OTHER, o.by.subject, &f->e), 1);
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, WHO, former, &f->e), 1);
    o.former = former;
    o.by.reason = "both phones on the counter";
    CALLS(f, link_request, &o);
}

static void one_person_has_one_day_whatever_number(void **state)
{
    struct fixture *f = *state;
    struct outbound_item other = item(2);

    other.to = OTHER;
    f->now = at("2026-11-27T09:00:00-05:00");
    has_another_number(f);
    queued(f, item(1));
    denied(f, other, "once_a_day");
    f->now = at("2026-11-28T09:00:00-05:00");
    queued(f, other);
    denied(f, item(3), "once_a_day");
}

static void an_agent_on_one_number_is_not_interrupted_on_the_other(void **state)
{
    struct fixture *f = *state;
    struct conversation_order take = { .by = help_by(ANA) };
    struct outbound_item other = item(2);

    other.to = OTHER;
    f->now = at("2026-11-27T09:00:00-05:00");
    has_another_number(f);
    help_message_to(f, "8001", WHO, "wamid.person",
                    "\"type\":\"text\",\"text\":{\"body\":\"asesor\"}");
    help_settle(f);
    help_word(f, "SELECT id FROM conversation", take.id, ID_SIZE);
    CALLS(f, take_request, &take);
    denied(f, other, "person_has_conversation");
}

/* Whatever it is about, and under whichever number. */
static void nothing_goes_to_whom_is_left_alone(void **state)
{
    struct fixture *f = *state;
    struct hold_order hold = { .by = help_by(ANA), .kind = HOLD_RESTRICTION };
    struct outbound_item other = item(2);

    other.to = OTHER;
    f->now = at("2026-11-27T09:00:00-05:00");
    has_another_number(f);
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, WHO, hold.by.subject, &f->e),
        1);
    hold.by.reason = "impugna la exactitud";
    CALLS(f, hold_request, &hold);
    denied(f, other, "restriction_hold");
}

static void nobody_collects_from_a_victims_other_number(void **state)
{
    struct fixture *f = *state;
    struct hold_order hold = { .by = help_by(ANA), .kind = HOLD_IMPERSONATION };
    struct outbound_item other = item(2);

    other.to = OTHER;
    f->now = at("2026-11-27T09:00:00-05:00");
    has_another_number(f);
    COLOMBIA(f)->templates[0].class = CLASS_COLLECTION;
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, WHO, hold.by.subject, &f->e),
        1);
    hold.by.reason = "denuncia 2026-4711";
    CALLS(f, hold_request, &hold);
    denied(f, other, "impersonation_hold");
}

/* ---- once each ---------------------------------------------------------- */

static void a_row_goes_once(void **state)
{
    struct fixture *f = *state;
    struct outbound_item one = item(1);
    size_t sends;

    f->now = at("2026-11-27T20:00:00-05:00");
    denied(f, item(1), "contact_hours");
    f->now = at("2026-11-28T09:00:00-05:00");
    queued(f, item(1));
    help_reopen(f);
    sends = f->nsends;
    f->now = at("2026-11-30T09:00:00-05:00");
    order(f, &one);
    assert_string_equal(one.state, "known");
    help_settle(f);
    assert_int_equal(f->nsends, sends);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbound"), 1);
    assert_int_equal(help_leaves(f, "outbound_queued"), 1);
}

/* The clock goes on between the order and the sending. */
static void what_is_late_does_not_go(void **state)
{
    struct fixture *f = *state;
    struct outbound_item one = item(1);
    size_t sends;

    f->now = at("2026-11-27T18:59:59-05:00");
    order(f, &one);
    assert_string_equal(one.state, "queued");
    help_settle(f);
    sends = f->nsends;
    assert_int_equal(registrar_post_sent(f->r, f->sends[sends - 1].outbox,
                                         SEND_RETRY, 130429, NULL),
                     0);
    help_settle(f);
    help_pass(f, 5 * MSEC_S);
    assert_int_equal(f->nsends, sends);
    assert_int_equal(help_leaves(f, "outbound_denied"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbox WHERE kind ="
                                    " 'notice' AND state = 'failed'"),
                     1);
}

static void the_message_is_the_template_and_the_ledger_has_no_word(void **state)
{
    struct fixture *f = *state;
    const char *body;

    f->now = at("2026-11-27T09:00:00-05:00");
    queued(f, item(1));
    body = f->sends[f->nsends - 1].body;
    assert_non_null(strstr(body, "\"to\":\"+" WHO "\""));
    assert_non_null(
        strstr(body, "\"template\":{\"components\":[{\"parameters\":[{\"text\":"
                     "\"Retiro de cesantías\",\"type\":\"text\"},{\"text\":"
                     "\"la cédula, 4711\",\"type\":\"text\"},{\"text\":"
                     "\"martes 15 de diciembre de "
                     "2026\",\"type\":\"text\"}],\"type\":\"body\"}],"
                     "\"language\":{\"code\":\"es_CO\"},\"name\":"
                     "\"documento_pendiente\"}"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM ledger WHERE"
                                    " instr(entry, '4711') > 0 OR"
                                    " instr(entry, 'cesant') > 0"),
                     0);
}

static void a_value_that_is_none_stops_the_whole_list(void **state)
{
    struct fixture *f = *state;
    struct outbound_item two[2] = { item(1), item(2) };
    struct outbound_item one = item(1);

    f->now = at("2026-11-27T09:00:00-05:00");
    two[1].values[2] = "mañana";
    assert_int_equal(order_as(f, "documento_pendiente", two, 2), -1);
    assert_int_equal(f->e.code, ERR_INPUT);
    assert_string_equal(f->e.text,
                        "row 2: fecha: is no day such as 2026-12-24");
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbound"), 0);
    assert_int_equal(order_as(f, "nothing", &one, 1), -1);
    assert_int_equal(f->e.code, ERR_INPUT);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, help_teardown)
    const struct CMUnitTest tests[] = {
        T(hours_are_those_of_ley_2300),
        T(a_second_contact_of_a_day_is_denied),
        T(a_template_with_a_document_goes_to_no_list),
        T(what_never_arrived_was_no_contact),
        T(one_channel_a_week),
        T(a_call_that_staff_noted_is_one),
        T(a_call_against_the_rules_is_said_and_on_record),
        T(who_never_wrote_is_not_written_to),
        T(who_withdrew_is_not_written_to),
        T(what_was_asked_for_has_no_hours),
        T(one_person_has_one_day_whatever_number),
        T(an_agent_on_one_number_is_not_interrupted_on_the_other),
        T(nothing_goes_to_whom_is_left_alone),
        T(nobody_collects_from_a_victims_other_number),
        T(a_row_goes_once),
        T(what_is_late_does_not_go),
        T(the_message_is_the_template_and_the_ledger_has_no_word),
        T(a_value_that_is_none_stops_the_whole_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* registrar: what people answer to a reminder, and by when they promise to pay.
 */
#include "erase_help.h"
#include "retain_help.h"

#include "notices_help.h"

#include "resguardo/registrar_work.h"

#define WHO   "573000000001"
#define OTHER "573000000002"

static char *changed;

static int outbound_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_outbound(r, arg, err);
}

static int promise_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_decide_promise(r, arg, err);
}

static msec at(const char *time)
{
    msec t;

    assert_int_equal(time_parse(time, &t), 0);
    return t;
}

/* ---- what they do ------------------------------------------------------- */

static int said; /* so that each message has a name of its own */

static void send(struct fixture *f, const char *who, const char *before,
                 const char *what, const char *behind)
{
    char message[256], wamid[32];
    size_t sends = f->nsends;

    (void)snprintf(message, sizeof(message), "%s%s%s", before, what, behind);
    (void)snprintf(wamid, sizeof(wamid), "wamid.%d", ++said);
    help_message_to(f, "8001", who, wamid, message);
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
}

static void says(struct fixture *f, const char *who, const char *text)
{
    send(f, who, "\"type\":\"text\",\"text\":{\"body\":\"", text, "\"}");
}

static void picks(struct fixture *f, const char *who, const char *id)
{
    send(f, who,
         "\"type\":\"interactive\",\"interactive\":{\"button_reply\":{"
         "\"id\":\"",
         id, "\"}}");
}

/* As Meta says that a button of a template was tapped. */
static void taps(struct fixture *f, const char *who, const char *reminder,
                 const char *kind)
{
    char id[80];

    (void)snprintf(id, sizeof(id), "answer/%s/%s", reminder, kind);
    send(f, who, "\"type\":\"button\",\"button\":{\"payload\":\"", id,
         "\",\"text\":\"x\"}");
}

static void agrees(struct fixture *f, const char *who)
{
    says(f, who, "hola");
    says(f, who, "acepto");
    picks(f, who, "menu/notices");
    picks(f, who, "grant/contact_whatsapp/2026-11");
}

/* Two people want to be written to, on a Thursday. */
static int begin(void **state)
{
    struct fixture *f;

    changed = answers_folder();
    if (help_setup_of(state, changed, help_ids) != 0)
        return -1;
    f = *state;
    f->now = at("2026-11-26T10:00:00-05:00");
    agrees(f, WHO);
    agrees(f, OTHER);
    assert_int_equal(help_leaves(f, "consent_given"), 4);
    return 0;
}

static int end(void **state)
{
    int ok = help_teardown(state);

    unit_folder_free(changed);
    return ok;
}

/* ---- what we do --------------------------------------------------------- */

/* A collection, row n of the list; its id, or the rule that forbids it. */
static const char *remind(struct fixture *f, const char *who, int64_t n)
{
    static struct outbound_item item;
    struct outbound_order o = { .by = help_by(ANA),
                                .policy = "co-habeas-data",
                                .template = "cuota_vencida",
                                .batch = "00112233445566778899aabbccddeeff",
                                .items = &item,
                                .n = 1 };
    size_t sends = f->nsends;

    item = (struct outbound_item){
        .row = n,
        .to = who,
        .phone = true,
        .values = { "3 de 12", "$ 250.000", "2026-11-20" },
    };
    if (call(f, outbound_request, &o) != 0)
        fail_msg("%s", f->e.text);
    help_settle(f);
    help_accept_all(f, sends);
    return item.rule != NULL ? item.rule : item.id;
}

static const char *last(const struct fixture *f)
{
    return f->sends[f->nsends - 1].body;
}

static int64_t answered(struct fixture *f, const char *kind)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM ledger WHERE instr(entry,"
                   " 'outbound_answered') > 0 AND instr(entry,"
                   " '\"answer\":\"%s\"') > 0",
                   kind);
    return help_number(f, sql);
}

static void promises(struct fixture *f, const char *who, const char *reminder,
                     const char *day)
{
    char id[80];

    (void)snprintf(id, sizeof(id), "promise/%s/%s", reminder, day);
    picks(f, who, id);
}

static int decide_as(struct fixture *f, const char *id, bool kept)
{
    struct promise_order o = { .by = help_by(ANA), .kept = kept };

    memcpy(o.id, id, strlen(id) + 1);
    return call(f, promise_request, &o);
}

static void open_promise(struct fixture *f, struct promise_row *row)
{
    struct store *store = NULL;
    char who[ID_SIZE];
    struct error e = { 0 };

    assert_int_equal(
        store_open(&store, f->dir, NULL, STORE_READER, &random_system, &e), 0);
    assert_int_equal(subject_find(store, HANDLE_PHONE, WHO, who, &e), 1);
    assert_int_equal(promise_open(store, who, "co-habeas-data", row, &e), 1);
    store_close(&store);
}

/* ---- tests -------------------------------------------------------------- */

static void each_button_brings_back_what_it_hangs_on(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE], wanted[160];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    (void)snprintf(wanted, sizeof(wanted),
                   "{\"index\":\"1\",\"parameters\":[{\"payload\":"
                   "\"answer/%s/promise\",\"type\":\"payload\"}],\"sub_type\":"
                   "\"quick_reply\",\"type\":\"button\"}",
                   id);
    assert_non_null(strstr(last(f), wanted));
    assert_non_null(strstr(last(f), "/stop\""));
    assert_int_equal(help_number(f, "SELECT count(*) FROM ledger WHERE"
                                    " instr(entry, 'outbound_queued') > 0 AND"
                                    " instr(entry, '\"stage\":"
                                    "\"administrative\"') > 0"),
                     1);
}

static void proof_opens_the_procedure_and_a_file_is_matched(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    taps(f, WHO, id, "proof");
    assert_non_null(strstr(last(f), "Comprobante de pago"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE procedure"
                                    " = 'comprobante_pago'"),
                     1);
    taps(f, WHO, id, "proof"); /* goes on with it */
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases"), 1);
    assert_int_equal(answered(f, "proof"), 1);
    send(f, WHO, "\"type\":\"document\",\"document\":{",
         "\"id\":\"4711\",\"mime_type\":\"application/pdf\"", "}");
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE item"
                                    " = 'comprobante' AND state <> 'held'"),
                     1);
}

static void a_tap_counts_for_its_own_person(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    (void)remind(f, OTHER, 10); /* they have one, too: not this */
    taps(f, OTHER, id, "proof");
    assert_non_null(strstr(last(f), "menu/status"));
    taps(f, OTHER, id, "promise");
    promises(f, OTHER, id, "2026-11-27");
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases"), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM promise"), 0);
    assert_int_equal(help_leaves(f, "outbound_answered"), 0);

    /* What a rule forbade never went: nobody has its buttons. */
    assert_string_equal(remind(f, WHO, 2), "once_a_day");
    taps(f, WHO, "n234567abcdefghijklmnopqrst", "proof");
    taps(f, WHO, id, "proof");
    assert_int_equal(help_leaves(f, "outbound_answered"), 1);

    /* A stop counts whosever it was. */
    taps(f, OTHER, id, "stop");
    assert_int_equal(answered(f, "stop"), 0);
    assert_int_equal(help_leaves(f, "consent_withdrawn"), 1);
}

/* One that a rule held back never reached them, one of another policy is no
 * template of this one: nobody has such a button. */
static void what_never_went_is_not_answered(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    help_change(f, "UPDATE outbound SET policy = 'es-gdpr'");
    taps(f, WHO, id, "status");
    assert_int_equal(help_leaves(f, "outbound_answered"), 0);
    help_change(f, "UPDATE outbound SET policy = 'co-habeas-data'");
    assert_string_equal(remind(f, WHO, 2), "once_a_day");
    help_word(f, "SELECT id FROM outbound WHERE state = 'denied'", id,
              sizeof(id));
    taps(f, WHO, id, "status");
    assert_int_equal(help_leaves(f, "outbound_answered"), 0);
}

static void who_wants_a_person_says_which_reminder_it_was(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE], sql[160];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    taps(f, WHO, id, "person");
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM handover WHERE outbound = '%s'", id);
    assert_int_equal(help_number(f, sql), 1);
    assert_int_equal(answered(f, "person"), 1);
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM ledger WHERE instr(entry,"
                   " 'handover_asked') > 0 AND instr(entry, '%s') > 0",
                   id);
    assert_int_equal(help_number(f, sql), 1);
    says(f, OTHER, "asesor");
    assert_int_equal(help_number(f, "SELECT count(*) FROM handover WHERE"
                                    " outbound IS NULL"),
                     1);
}

/* The list of days has a person behind them: the agent sees what it is about,
 * as with the template's own button. */
static void who_wants_a_person_and_no_day_says_it_too(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE], sql[160];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    taps(f, WHO, id, "promise");
    picks(f, WHO, "person/ask");
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM handover WHERE outbound = '%s'", id);
    assert_int_equal(help_number(f, sql), 1);
    assert_int_equal(answered(f, "person"), 1);
}

static void a_promise_keeps_collection_away_until_it_is_over(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    taps(f, WHO, id, "promise");
    assert_non_null(strstr(last(f), "\"title\":\"Viernes 27\""));
    assert_non_null(strstr(last(f), "\"title\":\"Jueves 3\""));
    assert_null(strstr(last(f), "4 de diciembre"));
    assert_null(strstr(last(f), "28 de noviembre")); /* a Saturday */
    assert_non_null(strstr(last(f), "person/ask"));
    promises(f, WHO, id, "2026-11-30");
    assert_non_null(strstr(last(f), "anotado: lunes 30 de noviembre"));
    assert_int_equal(help_leaves(f, "promise_made"), 1);

    f->now = at("2026-11-27T10:00:00-05:00");
    assert_string_equal(remind(f, WHO, 2), "promise_running");
    f->now = at("2026-11-30T18:59:59-05:00");
    assert_string_equal(remind(f, WHO, 2), "promise_running");
    f->now = at("2026-12-01T07:00:00-05:00");
    assert_int_equal(remind(f, WHO, 2)[0], 'n');
}

static int link_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_link(r, arg, err);
}

/* Whoever has two numbers is one person. */
static void a_promise_is_of_all_their_numbers(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE], other[ID_SIZE], former[ID_SIZE];
    struct link_order o = { .by = help_by(ANA),
                            .former = former,
                            .kind = "two_numbers" };

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    memcpy(other, remind(f, OTHER, 5), ID_SIZE);

    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, OTHER, o.by.subject, &f->e), 1);
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, WHO, former, &f->e), 1);
    o.by.reason = "showed the same identity document in the branch";
    CALLS(f, link_request, &o);
    promises(f, WHO, id, "2026-11-30");
    f->now = at("2026-11-27T10:00:00-05:00");
    assert_string_equal(remind(f, OTHER, 2), "promise_running");

    /* Another day, from the other number: one promise, not two. */
    promises(f, OTHER, other, "2026-12-02");
    assert_int_equal(help_number(f, "SELECT count(*) FROM promise WHERE state"
                                    " = 'replaced'"),
                     1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM promise WHERE state"
                                    " = 'open'"),
                     1);
}

/* What is owed two months later is another bill. */
static void a_button_of_long_ago_is_none(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    f->now += LIMIT_BUTTON_D * MSEC_D;
    taps(f, WHO, id, "promise");
    promises(f, WHO, id, "2027-01-28");
    assert_int_equal(help_number(f, "SELECT count(*) FROM promise"), 1);
    f->now += MSEC_D;
    taps(f, WHO, id, "promise");
    assert_non_null(strstr(last(f), "menu/status"));
    promises(f, WHO, id, "2027-01-29");
    assert_int_equal(help_number(f, "SELECT count(*) FROM promise"), 1);
}

/* The clock is asked again just before it goes: who promises meanwhile is not
 * reminded. */
static void a_promise_stops_what_is_on_its_way(void **state)
{
    struct fixture *f = *state;
    struct outbound_item item = { .row = 2,
                                  .to = WHO,
                                  .phone = true,
                                  .values = { "4 de 12", "$ 1",
                                              "2026-11-20" } };
    struct outbound_order o = { .by = help_by(ANA),
                                .policy = "co-habeas-data",
                                .template = "cuota_vencida",
                                .batch = "00112233445566778899aabbccddeeff",
                                .items = &item,
                                .n = 1 };
    char id[ID_SIZE];
    size_t sends;

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    f->now = at("2026-11-27T10:00:00-05:00");
    assert_int_equal(call(f, outbound_request, &o), 0);
    help_settle(f);
    assert_int_equal(registrar_post_sent(f->r, f->sends[f->nsends - 1].outbox,
                                         SEND_RETRY, 0, NULL),
                     0);
    promises(f, WHO, id, "2026-11-30");
    sends = f->nsends;
    help_pass(f, 10 * MSEC_S);
    assert_int_equal(f->nsends, sends);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbound WHERE state"
                                    " = 'denied' AND rule = 'promise_running'"),
                     1);
}

static void another_day_takes_its_place(void **state)
{
    struct fixture *f = *state;
    struct promise_row row, other;
    char id[ID_SIZE];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    promises(f, WHO, id, "2026-11-30");
    open_promise(f, &row);
    assert_int_equal(row.until, at("2026-12-01T00:00:00-05:00"));
    promises(f, WHO, id, "2026-11-30"); /* said twice */
    assert_int_equal(help_number(f, "SELECT count(*) FROM promise"), 1);
    promises(f, WHO, id, "2026-12-02");
    open_promise(f, &other);
    assert_int_equal(other.day, date_day(2026, 12, 2));
    assert_int_equal(help_number(f, "SELECT count(*) FROM promise WHERE state ="
                                    " 'replaced'"),
                     1);
    assert_int_equal(help_leaves(f, "promise_made"), 2);
    assert_int_equal(decide_as(f, row.id, true), -1);
    assert_int_equal(f->e.code, ERR_CONFLICT);

    /* A day that is no choice any more asks again, and changes nothing. */
    f->now = at("2026-12-02T10:00:00-05:00");
    promises(f, WHO, id, "2026-12-01");
    assert_non_null(strstr(last(f), "\"title\":\"Jueves 3\""));
    assert_int_equal(help_leaves(f, "promise_made"), 2);
}

static void staff_say_once_what_became_of_it(void **state)
{
    struct fixture *f = *state;
    struct promise_row row;
    char id[ID_SIZE];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    promises(f, WHO, id, "2026-11-30");
    open_promise(f, &row);
    assert_int_equal(decide_as(f, "mnone", true), -1);
    assert_int_equal(f->e.code, ERR_NOT_FOUND);
    assert_int_equal(decide_as(f, row.id, false), 0);
    assert_int_equal(help_leaves(f, "promise_broken"), 1);
    assert_int_equal(decide_as(f, row.id, true), -1);
    assert_int_equal(f->e.code, ERR_CONFLICT);

    /* It keeps nothing away any more. */
    f->now = at("2026-11-27T10:00:00-05:00");
    assert_int_equal(remind(f, WHO, 2)[0], 'n');
}

static void words_answer_for_some_days_and_once(void **state)
{
    struct fixture *f = *state;

    says(f, WHO, "ya pagué");
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases"), 0);
    (void)remind(f, WHO, 1);
    says(f, OTHER, "ya pagué");
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases"), 0);
    f->now = at("2026-12-01T20:00:00-05:00");
    says(f, WHO, "¡Ya pagué!");
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases"), 1);
    assert_int_equal(answered(f, "proof"), 1);
    says(f, WHO, "ya pagué");
    assert_int_equal(answered(f, "proof"), 1);
    f->now = at("2026-12-02T09:00:00-05:00"); /* the sixth day after */
    says(f, WHO, "voy a pagar");
    assert_int_equal(answered(f, "promise"), 0);
}

static void what_was_answered_outlives_a_restart(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    taps(f, WHO, id, "proof");
    promises(f, WHO, id, "2026-11-30");
    help_reopen(f);
    taps(f, WHO, id, "proof");
    assert_int_equal(answered(f, "proof"), 1);
    f->now = at("2026-11-27T10:00:00-05:00");
    assert_string_equal(remind(f, WHO, 2), "promise_running");
    /* No word of anybody, and no amount. */
    assert_int_equal(help_number(f, "SELECT count(*) FROM ledger WHERE"
                                    " instr(entry, '250.000') > 0 OR"
                                    " instr(entry, '3 de 12') > 0"),
                     0);
}

static void a_promise_goes_with_its_person(void **state)
{
    struct fixture *f = *state;
    struct erasure_row row;
    char id[ID_SIZE], who[ID_SIZE];

    memcpy(id, remind(f, WHO, 1), ID_SIZE);
    promises(f, WHO, id, "2026-11-30");
    promises(f, WHO, id, "2026-12-01");
    taps(f, WHO, id, "person");
    who_is(f, WHO, who);
    assert_int_equal(ask(f, "SELECT count(*) FROM promise"), 2);
    row = order(f, "subject", who, f->now);
    finish(f, row.id);
    assert_int_equal(rows_of(f, who), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM promise"), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        T(each_button_brings_back_what_it_hangs_on),
        T(proof_opens_the_procedure_and_a_file_is_matched),
        T(a_tap_counts_for_its_own_person),
        T(what_never_went_is_not_answered),
        T(a_promise_is_of_all_their_numbers),
        T(a_button_of_long_ago_is_none),
        T(who_wants_a_person_says_which_reminder_it_was),
        T(who_wants_a_person_and_no_day_says_it_too),
        T(a_promise_keeps_collection_away_until_it_is_over),
        T(a_promise_stops_what_is_on_its_way),
        T(another_day_takes_its_place),
        T(staff_say_once_what_became_of_it),
        T(words_answer_for_some_days_and_once),
        T(what_was_answered_outlives_a_restart),
        T(a_promise_goes_with_its_person),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

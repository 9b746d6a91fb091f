/* store: persons, decisions, questions, cases, documents, messages out. */
#include "store_help.h"

/* Collects ids in the order of the callbacks. */
struct ids {
    char id[8][STORE_NAME_SIZE];
    size_t n, stop_at;
};

static int take(struct ids *ids, const char *id)
{
    assert_true(ids->n < 8);
    (void)snprintf(ids->id[ids->n++], STORE_NAME_SIZE, "%s", id);
    return ids->stop_at != 0 && ids->n == ids->stop_at ? 7 : 0;
}

static int take_document(void *arg, const struct document_row *row)
{
    return take(arg, row->id);
}

static int take_outbox(void *arg, const struct outbox_row *row)
{
    return take(arg, row->id);
}

static int take_case(void *arg, const struct case_row *row)
{
    return take(arg, row->id);
}

static int take_consent(void *arg, const struct consent_row *row)
{
    return take(arg, row->purpose);
}

static int take_burst(void *arg, const struct burst_row *row)
{
    return take(arg, row->number);
}

/* ---- persons ------------------------------------------------------------ */

static void a_person_is_found_by_each_handle(void **state)
{
    struct fixture *f = *state;
    struct subject_row who, got;
    struct buf value = { 0 };
    char id[ID_SIZE];

    help_begin(f);
    who = help_subject(f);
    OK(subject_handle_put(f->s, &who, HANDLE_PHONE, "573001234567", T0, &f->e));
    OK(subject_handle_put(f->s, &who, HANDLE_BSUID, "CO.abc", T0, &f->e));
    help_commit(f);
    assert_int_equal(subject_find(f->s, HANDLE_BSUID, "CO.abc", id, &f->e), 1);
    assert_string_equal(id, who.id);
    assert_int_equal(subject_find(f->s, HANDLE_PHONE, "CO.abc", id, &f->e), 0);
    assert_int_equal(
        subject_handle_get(f->s, who.id, HANDLE_PHONE, &value, &f->e), 1);
    assert_string_equal((const char *)value.p, "573001234567");
    assert_int_equal(
        subject_handle_get(f->s, who.id, HANDLE_NAME, &value, &f->e), 0);
    assert_int_equal(subject_get(f->s, who.id, &got, &f->e), 1);
    assert_int_equal(got.content_slot, who.content_slot);
    assert_int_equal(got.evidence_slot, who.evidence_slot);
    assert_true(got.content_slot != got.evidence_slot);
    assert_int_equal(subject_get(f->s, "snobody", &got, &f->e), 0);
    buf_free(&value);
}

static void the_newest_number_is_the_one_to_write_to(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct buf value = { 0 };

    help_begin(f);
    who = help_subject(f);
    OK(subject_handle_put(f->s, &who, HANDLE_PHONE, "1", T0 + 5, &f->e));
    OK(subject_handle_put(f->s, &who, HANDLE_PHONE, "2", T0, &f->e));
    help_commit(f);
    assert_int_equal(
        subject_handle_get(f->s, who.id, HANDLE_PHONE, &value, &f->e), 1);
    assert_string_equal((const char *)value.p, "1");
    buf_free(&value);
}

/* Steps of SQLite's machine that all statements took since the last call. */
static int steps(const struct fixture *f)
{
    int n = 0;

    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        if (f->s->statements[i] != NULL)
            n += sqlite3_stmt_status(f->s->statements[i],
                                     SQLITE_STMTSTATUS_VM_STEP, 1);
    return n;
}

static void a_number_is_found_however_many_persons_there_are(void **state)
{
    struct fixture *f = *state;
    struct subject_row first;
    struct buf value = { 0 };
    int few;

    help_begin(f);
    first = help_subject(f);
    OK(subject_handle_put(f->s, &first, HANDLE_PHONE, "573000000000", T0,
                          &f->e));
    assert_int_equal(
        subject_handle_get(f->s, first.id, HANDLE_PHONE, &value, &f->e), 1);
    (void)steps(f);
    assert_int_equal(
        subject_handle_get(f->s, first.id, HANDLE_PHONE, &value, &f->e), 1);
    few = steps(f);
    for (int i = 1; i <= 100; i++) {
        struct subject_row other = help_subject(f);
        char phone[16];

        (void)snprintf(phone, sizeof(phone), "573%09d", i);
        OK(subject_handle_put(f->s, &other, HANDLE_PHONE, phone, T0, &f->e));
    }
    assert_int_equal(
        subject_handle_get(f->s, first.id, HANDLE_PHONE, &value, &f->e), 1);
    (void)steps(f);
    assert_int_equal(
        subject_handle_get(f->s, first.id, HANDLE_PHONE, &value, &f->e), 1);
    assert_true(steps(f) < 2 * few);
    store_rollback(f->s);
    buf_free(&value);
}

static void a_number_goes_over_to_another_person(void **state)
{
    struct fixture *f = *state;
    struct subject_row old, new;
    struct buf value = { 0 };
    char id[ID_SIZE];

    help_begin(f);
    old = help_subject(f);
    new = help_subject(f);
    OK(subject_handle_put(f->s, &old, HANDLE_PHONE, "1", T0, &f->e));
    OK(subject_handle_put(f->s, &new, HANDLE_PHONE, "1", T0 + 1, &f->e));
    help_commit(f);
    assert_int_equal(subject_find(f->s, HANDLE_PHONE, "1", id, &f->e), 1);
    assert_string_equal(id, new.id);
    assert_int_equal(
        subject_handle_get(f->s, new.id, HANDLE_PHONE, &value, &f->e), 1);
    assert_int_equal(
        subject_handle_get(f->s, old.id, HANDLE_PHONE, &value, &f->e), 0);
    buf_free(&value);
}

static void two_persons_may_share_a_name(void **state)
{
    struct fixture *f = *state;
    struct subject_row one, two;
    struct buf value = { 0 };
    char id[ID_SIZE];

    help_begin(f);
    one = help_subject(f);
    two = help_subject(f);
    OK(subject_handle_put(f->s, &one, HANDLE_NAME, "Ana", T0, &f->e));
    OK(subject_handle_put(f->s, &two, HANDLE_NAME, "Ana", T0, &f->e));
    OK(subject_handle_put(f->s, &one, HANDLE_NAME, "Ana María", T0, &f->e));
    help_commit(f);
    assert_int_equal(
        subject_handle_get(f->s, one.id, HANDLE_NAME, &value, &f->e), 1);
    assert_string_equal((const char *)value.p, "Ana María");
    buf_reset(&value);
    assert_int_equal(
        subject_handle_get(f->s, two.id, HANDLE_NAME, &value, &f->e), 1);
    assert_string_equal((const char *)value.p, "Ana");
    assert_int_equal(subject_find(f->s, HANDLE_NAME, "Ana", id, &f->e), 0);
    buf_free(&value);
}

/* ---- decisions and questions -------------------------------------------- */

static void a_decision_is_kept_per_purpose_and_replaced(void **state)
{
    struct fixture *f = *state;
    struct consent_row row = { .policy = "p",
                               .purpose = "one",
                               .state = "given",
                               .yes_s = 5,
                               .no_s = 3,
                               .reprompted = T0 };
    struct consent_row got;
    struct ids ids = { 0 };

    help_begin(f);
    memcpy(row.subject, help_subject(f).id, ID_SIZE);
    assert_int_equal(consent_get(f->s, row.subject, "p", "one", &got, &f->e),
                     0);
    OK(consent_put(f->s, &row, &f->e));
    (void)snprintf(row.state, sizeof(row.state), "withdrawn");
    row.no_s = 9;
    OK(consent_put(f->s, &row, &f->e));
    (void)snprintf(row.purpose, sizeof(row.purpose), "two");
    OK(consent_put(f->s, &row, &f->e));
    help_commit(f);
    assert_int_equal(consent_get(f->s, row.subject, "p", "one", &got, &f->e),
                     1);
    assert_string_equal(got.state, "withdrawn");
    assert_int_equal(got.yes_s, 5);
    assert_int_equal(got.no_s, 9);
    assert_int_equal(got.reprompted, T0);
    OK(consent_list(f->s, take_consent, &ids, &f->e));
    assert_int_equal(ids.n, 2);
}

static void a_state_outside_the_list_is_refused(void **state)
{
    struct fixture *f = *state;
    struct consent_row row = { .policy = "p",
                               .purpose = "x",
                               .state = "maybe" };

    help_begin(f);
    memcpy(row.subject, help_subject(f).id, ID_SIZE);
    FAILS(consent_put(f->s, &row, &f->e), ERR_CONFLICT);
    help_commit(f);
}

static int take_due(void *arg, const struct consent_row *row)
{
    return buf_addf(arg, "%s ", row->purpose) == 0 ? 0 : -1;
}

/* The earliest first, and none that never ends. */
static void yeses_that_run_out_are_due(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *purpose;
        msec expires;
    } rows[] = {
        { "never", 0 }, { "late", 900 }, { "first", 300 }, { "then", 400 }
    };
    struct consent_row row = { .policy = "p",
                               .state = "given",
                               .notice_version = "2026-11" };
    struct consent_row got;
    struct buf due = { 0 };

    help_begin(f);
    memcpy(row.subject, help_subject(f).id, ID_SIZE);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)snprintf(row.purpose, sizeof(row.purpose), "%s", rows[i].purpose);
        row.expires = rows[i].expires;
        OK(consent_put(f->s, &row, &f->e));
    }
    help_commit(f);
    OK(consent_due(f->s, 400, 10, take_due, &due, &f->e));
    assert_string_equal((const char *)due.p, "first then ");
    buf_reset(&due);
    OK(consent_due(f->s, 1000, 1, take_due, &due, &f->e));
    assert_string_equal((const char *)due.p, "first ");
    assert_int_equal(consent_get(f->s, row.subject, "p", "late", &got, &f->e),
                     1);
    assert_string_equal(got.notice_version, "2026-11");
    assert_int_equal(got.expires, 900);
    assert_int_equal(consent_get(f->s, row.subject, "p", "never", &got, &f->e),
                     1);
    assert_int_equal(got.expires, 0);
    buf_free(&due);
}

static void questions_are_open_until_answered(void **state)
{
    struct fixture *f = *state;
    struct prompt_row row = { .policy = "p",
                              .purpose = "one",
                              .notice_version = "1",
                              .language = "es-CO",
                              .state = "open",
                              .with_notice = true,
                              .prompt_sha256 = { 1, 2, 3 },
                              .asked = T0 };
    struct prompt_row open[4], got;
    size_t n;

    help_begin(f);
    memcpy(row.subject, help_subject(f).id, ID_SIZE);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(row.id, sizeof(row.id), "q%d", i);
        (void)snprintf(row.outbox, sizeof(row.outbox), "o%d", i);
        row.asked = T0 - i; /* the clock went back: the order is what counts */
        OK(prompt_add(f->s, &row, &f->e));
    }
    (void)snprintf(row.state, sizeof(row.state), "answered");
    row.handed_s = 7;
    row.presented = true;
    OK(prompt_update(f->s, &row, &f->e)); /* q2 */
    help_commit(f);
    OK(prompt_list_open(f->s, row.subject, "p", open, 4, &n, &f->e));
    assert_int_equal(n, 2);
    assert_string_equal(open[0].id, "q0");
    assert_string_equal(open[1].id, "q1");
    OK(prompt_list_open(f->s, row.subject, "p", open, 1, &n, &f->e));
    assert_int_equal(n, 1);
    assert_int_equal(prompt_by_outbox(f->s, "o2", &got, &f->e), 1);
    assert_string_equal(got.state, "answered");
    assert_int_equal(got.handed_s, 7);
    assert_true(got.presented && got.with_notice);
    assert_memory_equal(got.prompt_sha256, row.prompt_sha256, SHA256_LEN);
    assert_int_equal(prompt_get(f->s, "q9", &got, &f->e), 0);
    (void)snprintf(row.id, sizeof(row.id), "q9");
    help_begin(f);
    FAILS(prompt_update(f->s, &row, &f->e), ERR_INVARIANT);
    store_rollback(f->s);
}

/* ---- cases and documents ------------------------------------------------ */

static void the_newest_open_case_is_found(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct case_row newer, got;
    struct ids ids = { 0 };

    help_begin(f);
    who = help_subject(f);
    (void)help_case(f, who.id, T0);
    newer = help_case(f, who.id, T0 + 1);
    FAILS(case_add(f->s, &newer, &f->e), ERR_CONFLICT);
    help_commit(f);
    assert_int_equal(
        case_find_open(f->s, who.id, "co-habeas-data", &got, &f->e), 1);
    assert_string_equal(got.id, newer.id);
    assert_int_equal(got.closed, 0);
    assert_int_equal(case_find_open(f->s, who.id, "es-gdpr", &got, &f->e), 0);
    OK(case_list(f->s, NULL, take_case, &ids, &f->e));
    assert_int_equal(ids.n, 2);
    ids.n = 0;
    OK(case_list(f->s, "closed", take_case, &ids, &f->e));
    assert_int_equal(ids.n, 0);
    ids.stop_at = 1;
    assert_int_equal(case_list(f->s, "open", take_case, &ids, &f->e), 7);
}

static void a_document_comes_back_whole(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct document_row d, got;
    struct case_row c;
    struct buf name = { 0 }, caption = { 0 };
    struct ids ids = { 0 };
    bool named, captioned;

    help_begin(f);
    who = help_subject(f);
    c = help_case(f, who.id, T0);
    d = help_document(f, &who, &c, "cédula.jpg", NULL);
    help_commit(f);
    assert_int_equal(document_get(f->s, d.id, &got, &f->e), 1);
    assert_memory_equal(&got, &d, sizeof(d));
    OK(document_words(f->s, &d, &name, &named, &caption, &captioned, &f->e));
    assert_true(named);
    assert_false(captioned);
    assert_string_equal((const char *)name.p, "cédula.jpg");
    assert_int_equal(case_get(f->s, c.id, &c, &f->e), 1);
    assert_int_equal(c.documents, 1);
    OK(document_list(f->s, c.id, take_document, &ids, &f->e));
    OK(document_list(f->s, NULL, take_document, &ids, &f->e));
    OK(document_list(f->s, "NONE-NONE", take_document, &ids, &f->e));
    assert_int_equal(ids.n, 2);

    help_begin(f);
    OK(document_set_state(f->s, d.id, "blocked", &f->e));
    FAILS(document_set_state(f->s, d.id, "lost", &f->e), ERR_CONFLICT);
    FAILS(document_set_state(f->s, "dnone", "blocked", &f->e), ERR_INVARIANT);
    help_commit(f);
    ids.n = 0;
    OK(document_of_subject(f->s, who.id, "co-habeas-data", "blocked",
                           take_document, &ids, &f->e));
    assert_int_equal(ids.n, 1);
    OK(document_of_subject(f->s, who.id, "co-habeas-data", "stored",
                           take_document, &ids, &f->e));
    assert_int_equal(ids.n, 1);
    buf_free(&name);
    buf_free(&caption);
}

static void an_attachment_becomes_one_document_only(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct document_row d;
    struct case_row c;

    help_begin(f);
    who = help_subject(f);
    c = help_case(f, who.id, T0);
    d = help_document(f, &who, &c, NULL, NULL);
    id_new(d.id, 'd', &random_system);
    id_new(d.payload, 'p', &random_system);
    FAILS(document_add(f->s, &d, "h", 1, NULL, NULL, &f->e), ERR_CONFLICT);
    help_commit(f);
}

static void a_document_that_is_not_there_is_not_found(void **state)
{
    struct fixture *f = *state;
    struct document_row d = { .id = "dnone" };
    struct buf a = { 0 }, b = { 0 };
    bool one, two;

    assert_int_equal(document_get(f->s, "dnone", &d, &f->e), 0);
    FAILS(document_header(f->s, &d, &a, &f->e), ERR_NOT_FOUND);
    FAILS(document_words(f->s, &d, &a, &one, &b, &two, &f->e), ERR_NOT_FOUND);
}

/* ---- messages out ------------------------------------------------------- */

static struct outbox_row say(struct fixture *f, const char *subject,
                             msec created, msec next_try)
{
    struct outbox_row row = { .policy = "p",
                              .number = "1",
                              .kind = "say",
                              .state = "pending",
                              .created = created,
                              .next_try = next_try };

    id_new(row.id, 'o', &random_system);
    (void)snprintf(row.subject, sizeof(row.subject), "%s", subject);
    OK(outbox_add(f->s, &row, "{\"type\":\"text\"}", 15, &f->e));
    return row;
}

static void messages_are_due_in_the_order_of_their_times(void **state)
{
    struct fixture *f = *state;
    struct outbox_row late, early, later;
    struct subject_row who;
    struct ids ids = { 0 };

    help_begin(f);
    who = help_subject(f);
    late = say(f, who.id, T0 + 2, 0);
    early = say(f, who.id, T0 + 1, T0 + 50);
    later = say(f, who.id, T0, T0 + 51);
    help_commit(f);
    OK(outbox_due(f->s, T0 + 50, 10, take_outbox, &ids, &f->e));
    assert_int_equal(ids.n, 2);
    assert_string_equal(ids.id[0], late.id);
    assert_string_equal(ids.id[1], early.id);
    ids.n = 0;
    OK(outbox_due(f->s, T0 + 51, 1, take_outbox, &ids, &f->e));
    assert_int_equal(ids.n, 1);
    assert_string_equal(ids.id[0], late.id);
    ids.n = 0;
    OK(outbox_due(f->s, T0 + 51, 3, take_outbox, &ids, &f->e));
    assert_int_equal(ids.n, 3);
    assert_string_equal(ids.id[2], later.id);
}

static void a_message_is_found_by_what_meta_says(void **state)
{
    struct fixture *f = *state;
    struct outbox_row row, got;
    struct buf body = { 0 };
    struct ids ids = { 0 };

    help_begin(f);
    row = say(f, help_subject(f).id, T0, 0);
    memset(row.state, 0, sizeof(row.state));
    memcpy(row.state, "sent", 4);
    (void)snprintf(row.attempt, sizeof(row.attempt), "t1");
    (void)snprintf(row.delivery, sizeof(row.delivery), "read");
    row.tries = 3;
    OK(outbox_update(f->s, &row, "wamid.X", &f->e));
    OK(outbox_update(f->s, &row, NULL, &f->e)); /* keeps the wamid */
    help_commit(f);
    assert_int_equal(outbox_by_wamid(f->s, "wamid.X", &got, &f->e), 1);
    assert_memory_equal(&got, &row, sizeof(row));
    assert_int_equal(outbox_by_wamid(f->s, "wamid.Y", &got, &f->e), 0);
    assert_int_equal(outbox_by_attempt(f->s, "t1", &got, &f->e), 1);
    assert_int_equal(outbox_by_attempt(f->s, "", &got, &f->e), 0);
    OK(outbox_body(f->s, row.id, &body, &f->e));
    assert_string_equal((const char *)body.p, "{\"type\":\"text\"}");
    FAILS(outbox_body(f->s, "onone", &body, &f->e), ERR_NOT_FOUND);
    OK(outbox_overdue(f->s, INT64_MAX, 10, take_outbox, &ids, &f->e));
    assert_int_equal(ids.n, 0);
    help_begin(f);
    (void)snprintf(row.id, sizeof(row.id), "onone");
    FAILS(outbox_update(f->s, &row, NULL, &f->e), ERR_INVARIANT);
    store_rollback(f->s);
    buf_free(&body);
}

static void bursts_are_replaced_and_taken_away(void **state)
{
    struct fixture *f = *state;
    struct burst_row row = { .policy = "p", .number = "1", .first_end = T0 };
    struct burst_row got;
    struct ids ids = { 0 };
    msec due;

    help_begin(f);
    memcpy(row.subject, help_subject(f).id, ID_SIZE);
    for (row.due = T0 + 5; row.due < T0 + 7; row.due++)
        OK(burst_put(f->s, &row, &f->e));
    help_commit(f);
    OK(store_next_due(f->s, &due, &f->e));
    assert_int_equal(due, T0 + 6);
    OK(burst_due(f->s, T0 + 5, 10, take_burst, &ids, &f->e));
    assert_int_equal(ids.n, 0);
    OK(burst_due(f->s, T0 + 6, 10, take_burst, &ids, &f->e));
    assert_int_equal(ids.n, 1);
    assert_int_equal(burst_get(f->s, row.subject, "p", "1", &got, &f->e), 1);
    assert_int_equal(got.first_end, T0);
    help_begin(f);
    OK(burst_delete(f->s, &row, &f->e));
    help_commit(f);
    assert_int_equal(burst_get(f->s, row.subject, "p", "1", &got, &f->e), 0);
}

static void the_next_thing_due_is_the_earliest_of_all(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct attachment_row a;
    msec due;

    OK(store_next_due(f->s, &due, &f->e));
    assert_true(due == INT64_MAX);
    help_begin(f);
    who = help_subject(f);
    (void)say(f, who.id, T0, T0 + 900);
    OK(store_next_due(f->s, &due, &f->e));
    assert_int_equal(due, T0 + 900);
    (void)help_attachment(f, who.id, "held", T0); /* deadline + 100 */
    OK(store_next_due(f->s, &due, &f->e));
    assert_int_equal(due, T0 + 100);
    a = help_attachment(f, who.id, "queued", T0);
    a.next_try = T0 + 10;
    OK(attachment_update(f->s, &a, &f->e));
    OK(store_next_due(f->s, &due, &f->e));
    assert_int_equal(due, T0 + 10);
    store_rollback(f->s);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, help_setup, help_teardown)
    const struct CMUnitTest tests[] = {
        T(a_person_is_found_by_each_handle),
        T(the_newest_number_is_the_one_to_write_to),
        T(a_number_is_found_however_many_persons_there_are),
        T(a_number_goes_over_to_another_person),
        T(two_persons_may_share_a_name),
        T(a_decision_is_kept_per_purpose_and_replaced),
        T(a_state_outside_the_list_is_refused),
        T(yeses_that_run_out_are_due),
        T(questions_are_open_until_answered),
        T(the_newest_open_case_is_found),
        T(a_document_comes_back_whole),
        T(an_attachment_becomes_one_document_only),
        T(a_document_that_is_not_there_is_not_found),
        T(messages_are_due_in_the_order_of_their_times),
        T(a_message_is_found_by_what_meta_says),
        T(bursts_are_replaced_and_taken_away),
        T(the_next_thing_due_is_the_earliest_of_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

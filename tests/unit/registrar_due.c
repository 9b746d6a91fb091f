/* What is due: files in a fair order, messages at Meta's pace, nothing stuck.
 */
#include "registrar_help.h"

#include "registrar/mail_private.h"
#include "store/store_private.h"

/* Who an order is for: the person's file that it fetches. */
static bool is_of(struct fixture *f, size_t order, const char *subject)
{
    struct attachment_row row =
        help_attachment(f, f->fetches[order].attachment);
    return strcmp(row.subject, subject) == 0;
}

static void many_files_of_one_person_delay_no_other(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row;
    char wamid[32], one[ID_SIZE];

    help_consenting(f, "34600000001");
    help_consenting(f, "34600000002");
    for (int i = 0; i < 40; i++) {
        (void)snprintf(wamid, sizeof(wamid), "wamid.many%d", i);
        help_photo(f, "34600000001", wamid);
    }
    assert_int_equal(f->nfetches, FETCHES_AT_ONCE);
    row = help_attachment(f, f->fetches[0].attachment);
    memcpy(one, row.subject, sizeof(one));

    /* The other's photo comes last and is fetched next. */
    help_photo(f, "34600000002", "wamid.other");
    assert_int_equal(f->nfetches, FETCHES_AT_ONCE);
    help_end(f, 0, INTAKE_RETRY, "meta");
    assert_int_equal(f->nfetches, FETCHES_AT_ONCE + 1);
    assert_false(is_of(f, FETCHES_AT_ONCE, one));
}

static void a_retry_waits_and_then_gets_its_turn(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row;

    help_consenting(f, "34600000001");
    help_photo(f, "34600000001", "wamid.a");
    assert_int_equal(f->nfetches, 1);
    help_end(f, 0, INTAKE_RETRY, "meta");
    row = help_attachment(f, f->fetches[0].attachment);
    assert_string_equal(row.state, "queued");
    assert_int_equal(row.turn, 0);
    (void)registrar_step(f->r);
    assert_int_equal(f->nfetches, 1);
    f->now += MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(f->nfetches, 2);
    assert_string_not_equal(f->fetches[0].payload, f->fetches[1].payload);
}

static void an_order_without_an_end_is_given_again(void **state)
{
    struct fixture *f = *state;

    help_consenting(f, "34600000001");
    help_photo(f, "34600000001", "wamid.a");
    assert_int_equal(f->nfetches, 1);
    f->now += FETCH_LEASE;
    (void)registrar_step(f->r);
    assert_int_equal(f->nfetches, 2);

    /* The first one's end comes after all, and finds another payload id. */
    help_end(f, 0, INTAKE_REFUSED, "unavailable");
    assert_string_equal(help_attachment(f, f->fetches[1].attachment).state,
                        "fetching");
}

static void a_restart_goes_on_with_what_was_under_way(void **state)
{
    struct fixture *f = *state;

    help_consenting(f, "34600000001");
    help_photo(f, "34600000001", "wamid.a");
    assert_int_equal(f->nfetches, 1);
    help_reopen(f);
    (void)registrar_step(f->r);
    assert_int_equal(f->nfetches, 2);
    assert_string_equal(f->fetches[0].attachment, f->fetches[1].attachment);
}

/* Ten ids are refused for good; then two more files wait, and one is tried. */
static void ten_refusals(struct fixture *f)
{
    char wamid[32];

    help_consenting(f, "34600000001");
    for (int i = 0; i < 10; i++) {
        (void)snprintf(wamid, sizeof(wamid), "wamid.r%d", i);
        help_photo(f, "34600000001", wamid);
        assert_int_equal(f->nfetches, i + 1);
        help_end(f, (size_t)i, INTAKE_REFUSED, "unavailable");
        assert_string_equal(help_attachment(f, f->fetches[i].attachment).state,
                            i < 9 ? "refused" : "queued");
    }

    /* Nothing is asked for a minute, then one at a time. */
    help_photo(f, "34600000001", "wamid.later1");
    help_photo(f, "34600000001", "wamid.later2");
    assert_int_equal(f->nfetches, 10);
    f->now += 60 * MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(f->nfetches, 11);
}

static void ids_refused_in_a_row_stop_the_refusing(void **state)
{
    struct fixture *f = *state;

    ten_refusals(f);

    /* One that resolves closes it again. */
    help_end(f, 10, INTAKE_JUDGING, "");
    assert_int_equal(f->nfetches, 13);
}

/* Also where nothing was heard of it before its end. */
static void a_file_that_is_stored_at_once_was_resolved(void **state)
{
    struct fixture *f = *state;

    ten_refusals(f);
    help_judged(f, 10, "image/jpeg");
    assert_int_equal(f->nfetches, 13);
}

static void what_will_expire_is_alarmed_before(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row;

    help_consenting(f, "34600000001");
    help_photo(f, "34600000001", "wamid.a");
    help_end(f, 0, INTAKE_TOKEN, "token");
    row = help_attachment(f, f->fetches[0].attachment);
    assert_int_equal(row.warn_at, row.lifetime - MSEC_H);
    f->now = row.warn_at;
    (void)registrar_step(f->r);
    row = help_attachment(f, f->fetches[0].attachment);
    assert_int_equal(row.warn_at, 0);
    assert_string_equal(row.state, "queued");
    f->now = row.lifetime;
    (void)registrar_step(f->r);
    assert_string_equal(help_attachment(f, row.id).state, "expired");
}

/* Colombia asks for photos apart: one under a document's name is not kept. */
static void a_photo_announced_as_a_document_is_not_kept(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row;

    help_message_to(f, "8001", "573000000001", "wamid.a",
                    "\"type\":\"document\",\"document\":{\"id\":\"77\","
                    "\"mime_type\":\"application/pdf\"}");
    help_accept_all(f, 0);
    f->now += 3 * MSEC_S;
    help_message_to(f, "8001", "573000000001", "wamid.b",
                    "\"type\":\"text\",\"text\":{\"body\":\"acepto\"}");
    assert_int_equal(f->nfetches, 1);
    help_judged(f, 0, "image/jpeg");
    row = help_attachment(f, f->fetches[0].attachment);
    assert_string_equal(row.state, "refused");
    assert_string_equal(row.reason, "type");
    assert_int_equal(blob_open(f->r->store, f->fetches[0].payload, &f->e), -1);

    /* The same as a PDF is. */
    help_message_to(f, "8001", "573000000001", "wamid.c",
                    "\"type\":\"document\",\"document\":{\"id\":\"78\","
                    "\"mime_type\":\"application/pdf\"}");
    assert_int_equal(f->nfetches, 2);
    help_judged(f, 1, "application/pdf");
    assert_string_equal(help_attachment(f, f->fetches[1].attachment).state,
                        "stored");
}

static void metas_copy_is_asked_for_until_it_is_gone(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row;

    help_consenting(f, "34600000001");
    help_photo(f, "34600000001", "wamid.a");
    help_end(f, 0, INTAKE_REFUSED, "type");
    assert_int_equal(f->nforgets, 1);
    row = help_attachment(f, f->fetches[0].attachment);
    assert_int_equal(registrar_post_forgotten(f->r, row.id, false), 0);
    (void)registrar_step(f->r);
    assert_int_equal(f->nforgets, 1);
    f->now += 300 * MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(f->nforgets, 2);

    /* No answer at all, and a restart in between. */
    help_reopen(f);
    f->now += SEND_LEASE;
    (void)registrar_step(f->r);
    assert_int_equal(f->nforgets, 3);
    assert_int_equal(registrar_post_forgotten(f->r, row.id, true), 0);
    f->now += MSEC_H;
    (void)registrar_step(f->r);
    (void)registrar_step(f->r);
    assert_int_equal(f->nforgets, 3);
}

/* ---- messages ----------------------------------------------------------- */

static void a_person_is_written_to_at_metas_pace(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row = { 0 };
    size_t before;

    help_consenting(f, "34600000001");
    help_photo(f, "34600000001", "wamid.a");
    row = help_attachment(f, f->fetches[0].attachment);
    before = f->nsends;
    assert_int_equal(store_begin(f->r->store, &f->e), 0);
    for (int i = 0; i < 60; i++)
        assert_int_equal(mail_say(f->r, f->policies->policies[0], row.subject,
                                  "8000", "say", "hola", &f->e),
                         0);
    assert_int_equal(store_commit(f->r->store, &f->e), 0);
    for (int i = 0; i < 5; i++) {
        (void)registrar_step(f->r);
        help_accept_all(f, before);
    }

    /* Two were sent before: 45 in all, then one every six seconds. */
    assert_in_range(f->nsends, 44, 46);
    before = f->nsends;
    f->now += 6 * MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(f->nsends, before + 1);
    f->now += 60 * MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(f->nsends, before + 11);
}

static msec take(struct fixture *f, const char *number, const char *subject)
{
    f->r->now = f->now;
    return pace_take(f->r, number, subject);
}

static void a_clock_that_jumps_back_stops_no_messages(void **state)
{
    struct fixture *f = *state;

    help_consenting(f, "34600000001");
    f->now -= MSEC_D;
    assert_int_equal(take(f, "8000", "sx"), f->now);
    for (int i = 0; i < 44; i++)
        (void)take(f, "8000", "sx");
    f->now += MSEC_S;
    assert_true(take(f, "8000", "sx") > f->now);
    f->now -= MSEC_D;
    assert_int_equal(take(f, "8000", "sx"), f->now);
}

static void a_number_sends_at_most_its_rate(void **state)
{
    struct fixture *f = *state;
    int sent = 0;
    char subject[16];

    for (int i = 0; i < 1000; i++) {
        (void)snprintf(subject, sizeof(subject), "s%d", i);
        sent += take(f, "8000", subject) == f->now;
    }
    assert_in_range(sent, 70, 90);
    assert_int_equal(take(f, "8001", "s1"), f->now);
    f->now += MSEC_S;
    sent = 0;
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(subject, sizeof(subject), "t%d", i);
        sent += take(f, "8000", subject) == f->now;
    }
    assert_in_range(sent, 70, 90);
}

static msec expect(struct fixture *f, const char *number)
{
    f->r->now = f->now;
    return pace_expect(f->r, number);
}

/* What is written faster than it may go has its time at once: nobody looks at
 * it before. */
static void a_message_that_has_to_wait_is_written_so(void **state)
{
    struct fixture *f = *state;
    int at_once = 0;
    msec at = 0;

    for (int i = 0; i < 200; i++) {
        at = expect(f, "8000");
        at_once += at == f->now;
    }
    assert_in_range(at_once, 70, 90);
    assert_in_range(at - f->now, 1400, 1800);
    assert_int_equal(expect(f, "8001"), f->now);

    /* That is no promise that it goes then, and a clock that was set back ends
     * it. */
    assert_int_equal(take(f, "8000", "sx"), f->now);
    f->now -= MSEC_D;
    assert_int_equal(expect(f, "8000"), f->now);
}

static void a_prompt_of_unknown_fate_is_put_again(void **state)
{
    struct fixture *f = *state;

    help_text(f, "34600000001", "wamid.a", "hola");
    assert_int_equal(f->nsends, 1);
    help_reopen(f); /* killed before the answer came */
    (void)registrar_step(f->r);
    assert_int_equal(f->nsends, 1);
    f->now += 2 * STATUS_WAIT;
    (void)registrar_step(f->r);
    (void)registrar_step(f->r);
    assert_int_equal(f->nsends, 2);
    assert_string_equal(f->sends[0].outbox, f->sends[1].outbox);
}

static void an_answer_settles_a_prompt_of_unknown_fate(void **state)
{
    struct fixture *f = *state;

    help_text(f, "34600000001", "wamid.a", "hola");
    assert_int_equal(f->nsends, 1);
    assert_int_equal(
        registrar_post_sent(f->r, f->sends[0].outbox, SEND_UNKNOWN, 0, NULL),
        0);
    (void)registrar_step(f->r);
    help_text(f, "34600000001", "wamid.b", "acepto");
    assert_int_equal(f->nsends, 2); /* what a yes is answered with */
    f->now += MSEC_H;
    (void)registrar_step(f->r);
    (void)registrar_step(f->r);
    assert_int_equal(f->nsends, 2);
}

static void other_messages_of_unknown_fate_are_left_alone(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    help_text(f, "34600000001", "wamid.a", "hola");
    help_accept_all(f, 0);
    f->now += 3 * MSEC_S;
    help_text(f, "34600000001", "wamid.b", "acepto");
    sends = f->nsends;
    assert_int_equal(registrar_post_sent(f->r, f->sends[sends - 1].outbox,
                                         SEND_UNKNOWN, 0, NULL),
                     0);
    (void)registrar_step(f->r);
    f->now += MSEC_D;
    (void)registrar_step(f->r);
    (void)registrar_step(f->r);
    assert_int_equal(f->nsends, sends);
}

/* ---- dead letters ------------------------------------------------------- */

static void a_message_that_fails_is_kept_and_tried_again(void **state)
{
    struct fixture *f = *state;
    char former[sizeof(f->numbers[0].policy)];

    /* A fault of ours: the number's policy is not loaded. */
    memcpy(former, f->numbers[0].policy, sizeof(former));
    (void)snprintf(f->numbers[0].policy, sizeof(f->numbers[0].policy), "lost");
    help_photo(f, "34600000001", "wamid.a");
    assert_int_equal(f->answer, 200);
    assert_int_equal(f->nsends, 0);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 1);

    help_reopen(f);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 1);
    memcpy(f->numbers[0].policy, former, sizeof(former));
    help_reopen(f);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 0);
    (void)registrar_step(f->r);
    assert_int_equal(f->nsends, 1);

    /* Meta's own redelivery finds it done. */
    help_photo(f, "34600000001", "wamid.a");
    (void)registrar_step(f->r);
    assert_int_equal(f->nsends, 1);
}

static void a_dead_letter_is_given_up_after_eight_days(void **state)
{
    struct fixture *f = *state;

    (void)snprintf(f->numbers[0].policy, sizeof(f->numbers[0].policy), "lost");
    help_photo(f, "34600000001", "wamid.a");
    f->now += 8 * MSEC_D - 1;
    help_reopen(f);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 1);
    f->now++;
    help_reopen(f);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 0);
}

static void count_200(void *arg, uint64_t request, unsigned status)
{
    (void)request;
    assert_int_equal(status, 200);
    ((struct fixture *)arg)->held++;
}

/* 64 photos of as many people in two batches, and one of them is poison. */
static void a_poison_message_stops_none_beside_it(void **state)
{
    struct fixture *f = *state;
    uint64_t before = ledger_size(f->r->ledger);

    f->effects.answer = count_200;
    (void)snprintf(f->numbers[1].policy, sizeof(f->numbers[1].policy), "lost");
    for (int i = 0; i < 64; i++) {
        char wamid[32], from[32];
        (void)snprintf(wamid, sizeof(wamid), "wamid.p%d", i);
        (void)snprintf(from, sizeof(from), "346000000%02d", i);
        help_queue(f, i == 31 ? "8001" : "8000", from, wamid, HELP_PHOTO);
    }
    assert_int_equal(registrar_step(f->r), 32);
    assert_int_equal(registrar_step(f->r), 32);
    assert_int_equal(f->answer, 64);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 1);

    /* Each of the others is held, and asked, once. */
    (void)registrar_step(f->r);
    assert_int_equal(f->nsends, 63);
    assert_int_equal(ledger_size(f->r->ledger) - before, 63);
}

/* ---- in proportion to what is due --------------------------------------- */

/* Indexes of what is due or under way alone: to walk them whole is right. */
static bool is_of_what_is_due(const char *plan)
{
    static const char *const indexes[] = { "attachment_active",
                                           "outbox_sending" };

    for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++)
        if (strstr(plan, indexes[i]) != NULL)
            return true;
    return false;
}

static bool walks_what_is_stored(const char *plan)
{
    static const char *const tables[] = { "subject",  "handle", "consent",
                                          "prompt",   "cases",  "attachment",
                                          "document", "outbox", "seen",
                                          "evidence", "note",   "ledger" };
    char scan[64];

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        (void)snprintf(scan, sizeof(scan), "SCAN %s", tables[i]);
        if (strncmp(plan, scan, strlen(scan)) == 0)
            return !is_of_what_is_due(plan);
    }
    return false;
}

static void check_plan(struct store *store, const char *sql)
{
    sqlite3_stmt *st = NULL;
    char text[4096];
    int n = snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", sql);

    assert_in_range(n, 1, sizeof(text) - 1);
    assert_int_equal(sqlite3_prepare_v2(store->db, text, -1, &st, NULL),
                     SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *plan = (const char *)sqlite3_column_text(st, 3);

        if (walks_what_is_stored(plan))
            fail_msg("%s: %s", plan, sql);
    }
    sqlite3_finalize(st);
}

static int no_document(void *arg, const struct document_row *row)
{
    (void)arg;
    (void)row;
    return 0;
}

static int take_document(void *arg, const struct document_row *row)
{
    *(struct document_row *)arg = *row;
    return 0;
}

/* A header, moved by hand as far as the store goes. */
static void move_and_prove(struct fixture *f)
{
    struct document_row row;
    int64_t unproven = 0;
    uint64_t place = 0;
    struct store *s = f->r->store;

    assert_int_equal(
        document_of_epoch(s, 1, 1, &place, take_document, &row, &f->e), 0);
    assert_int_equal(store_begin(s, &f->e), 0);
    assert_int_equal(document_set_header(s, &row, 2, 1, 1, "h", 1, &f->e), 0);
    assert_int_equal(document_unproven_count(s, 1, &unproven, &f->e), 0);
    assert_int_equal(unproven, 1);
    assert_int_equal(
        document_unproven(s, 1, "", 10, take_document, &row, &f->e), 0);
    assert_int_equal(row.former_epoch, 1);
    assert_int_equal(document_prove_header(s, &row, &f->e), 0);
    store_rollback(s);
}

/* A start, a story and its end: the plan of every statement that was needed. */
static void nothing_walks_what_is_stored(void **state)
{
    struct fixture *f = *state;
    int64_t documents = 0;
    uint64_t place = 0;
    size_t n = 0;

    help_consenting(f, "34600000001");
    help_photo(f, "34600000001", "wamid.a");
    help_reopen(f);
    (void)registrar_step(f->r);
    help_judged(f, 1, "image/jpeg");
    f->now += MSEC_H;
    (void)registrar_step(f->r);
    help_photo(f, "34600000002", "wamid.b");
    assert_int_equal(document_epoch_count(f->r->store, 1, &documents, &f->e),
                     0);
    assert_int_equal(documents, 1);
    assert_int_equal(
        document_of_epoch(f->r->store, 1, 10, &place, no_document, NULL, &f->e),
        0);
    move_and_prove(f);
    assert_int_equal(attachment_of_epoch(f->r->store, 1, &f->e), 0);
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        sqlite3_stmt *st = f->r->store->statements[i];

        if (st != NULL && sqlite3_stmt_isexplain(st) == 0) {
            check_plan(f->r->store, sqlite3_sql(st));
            n++;
        }
    }
    assert_in_range(n, 50, STATEMENTS_MAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(many_files_of_one_person_delay_no_other),
        T(a_retry_waits_and_then_gets_its_turn),
        T(an_order_without_an_end_is_given_again),
        T(a_restart_goes_on_with_what_was_under_way),
        T(ids_refused_in_a_row_stop_the_refusing),
        T(a_file_that_is_stored_at_once_was_resolved),
        T(what_will_expire_is_alarmed_before),
        T(a_photo_announced_as_a_document_is_not_kept),
        T(metas_copy_is_asked_for_until_it_is_gone),
        T(a_person_is_written_to_at_metas_pace),
        T(a_message_that_has_to_wait_is_written_so),
        T(a_clock_that_jumps_back_stops_no_messages),
        T(a_number_sends_at_most_its_rate),
        T(a_prompt_of_unknown_fate_is_put_again),
        T(an_answer_settles_a_prompt_of_unknown_fate),
        T(other_messages_of_unknown_fate_are_left_alone),
        T(a_message_that_fails_is_kept_and_tried_again),
        T(a_dead_letter_is_given_up_after_eight_days),
        T(a_poison_message_stops_none_beside_it),
        T(nothing_walks_what_is_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

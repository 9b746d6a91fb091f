/* cli: what of the ledger becomes an event, its signature, and the cursor. */
#include "unit.h"

#include "cli/events.h"

#include <signal.h>
#include <sys/stat.h>

#define ORIGIN "intake.example.co/0a1b2c3d"
#define TIME   "\"time\":\"2026-11-26T10:00:00.000Z\",\"v\":1}"

static int make(struct event_out *event, uint64_t index, const char *entry)
{
    struct error e = { 0 };
    int made = event_make(event, ORIGIN, index, entry, strlen(entry), &e);

    if (made < 0)
        assert_int_equal(e.code, ERR_VERIFY);
    return made;
}

static void an_event_has_ids_and_words_of_closed_lists(void **state)
{
    struct event_out event;

    (void)state;
    assert_int_equal(
        make(&event, 7,
             "{\"actor\":\"system\",\"case_id\":\"BCDF-GHJK\","
             "\"event_type\":\"case_opened\",\"index\":7,\"policy\":\"p\","
             "\"subject\":\"s1\"," TIME),
        1);
    assert_string_equal(event.id, ORIGIN "/7");
    assert_string_equal(event.name, "case.opened");
    assert_string_equal(
        (const char *)event.body.p,
        "{\"case_id\":\"BCDF-GHJK\",\"event\":\"case.opened\",\"id\":\"" ORIGIN
        "/7\",\"index\":7,\"origin\":\"" ORIGIN
        "\",\"policy\":\"p\",\"subject\":\"s1\",\"time\":\"2026-11-26T10:00:"
        "00.000Z\",\"v\":1}");
    event_out_free(&event);
}

static void a_promise_and_an_answer_are_told_by_their_ids(void **state)
{
    struct event_out event;

    (void)state;
    assert_int_equal(
        make(&event, 8,
             "{\"actor\":\"subject\",\"evidence\":{\"due\":\"2026-11-30\","
             "\"outbound_id\":\"n1\",\"promise_id\":\"m1\",\"replaces\":"
             "\"m0\",\"template\":\"t\"},\"event_type\":\"promise_made\","
             "\"index\":8,\"policy\":\"p\",\"subject\":\"s1\"," TIME),
        1);
    assert_string_equal(
        (const char *)event.body.p,
        "{\"due\":\"2026-11-30\",\"event\":\"promise.made\",\"id\":\"" ORIGIN
        "/8\",\"index\":8,\"origin\":\"" ORIGIN
        "\",\"outbound_id\":\"n1\",\"policy\":\"p\",\"promise_id\":\"m1\","
        "\"replaces\":\"m0\",\"subject\":\"s1\",\"template\":\"t\","
        "\"time\":\"2026-11-26T10:00:00.000Z\",\"v\":1}");
    event_out_free(&event);
    assert_int_equal(
        make(&event, 9,
             "{\"evidence\":{\"answer\":\"proof\",\"stage\":\"prelegal\"},"
             "\"event_type\":\"outbound_answered\",\"index\":9," TIME),
        1);
    assert_string_equal(event.name, "outbound.answered");
    assert_non_null(strstr((const char *)event.body.p, "\"answer\":\"proof\""));
    assert_non_null(
        strstr((const char *)event.body.p, "\"stage\":\"prelegal\""));
    event_out_free(&event);
}

/* What was asked for, by which clock, and which step of it is near. */
static void a_request_is_told_with_its_type_and_clock(void **state)
{
    struct event_out event;

    (void)state;
    assert_int_equal(
        make(&event, 8,
             "{\"actor\":\"system\",\"evidence\":{\"calendar\":\"1f\","
             "\"clock\":\"reclamo\",\"due\":\"2026-12-10\","
             "\"identity_assurance\":\"wa_account\",\"request_id\":\"g1\","
             "\"step\":\"ask\",\"type\":\"correct\","
             "\"until\":\"2026-11-23\"},"
             "\"event_type\":\"request_step_due\",\"index\":8,"
             "\"policy\":\"p\",\"subject\":\"s1\"," TIME),
        1);
    assert_string_equal(
        (const char *)event.body.p,
        "{\"clock\":\"reclamo\",\"due\":\"2026-12-10\",\"event\":"
        "\"request.step_due\",\"id\":\"" ORIGIN
        "/8\",\"index\":8,\"kind\":\"reclamo\",\"origin\":\"" ORIGIN
        "\",\"policy\":\"p\",\"request_id\":\"g1\",\"step\":\"ask\","
        "\"subject\":\"s1\",\"time\":\"2026-11-26T10:00:00.000Z\","
        "\"type\":\"correct\",\"until\":\"2026-11-23\",\"v\":1}");
    event_out_free(&event);
}

static void staff_hashes_and_commitments_stay_in_the_house(void **state)
{
    struct event_out event;

    (void)state;
    assert_int_equal(
        make(&event, 3,
             "{\"actor\":\"maria\",\"case_id\":\"C\","
             "\"commitments\":{\"reason\":\"ab\"},\"evidence\":{"
             "\"case_id\":\"D\",\"nonce\":\"77\",\"rating\":4,\"rule\":[1]},"
             "\"event_type\":\"case_closed\",\"index\":3,\"role\":\"agent\","
             "\"payload_sha256\":\"ff\"," TIME),
        1);
    assert_string_equal(
        (const char *)event.body.p,
        "{\"case_id\":\"C\",\"event\":\"case.closed\",\"id\":\"" ORIGIN
        "/3\",\"index\":3,\"origin\":\"" ORIGIN
        "\",\"rating\":4,\"time\":\"2026-11-26T10:00:00.000Z\",\"v\":1}");
    event_out_free(&event);
}

static void readings_and_unknown_entries_are_nobody_elses_business(void **state)
{
    struct event_out event;

    (void)state;
    assert_int_equal(
        make(&event, 0, "{\"event_type\":\"document_read\",\"index\":0," TIME),
        0);
    assert_int_equal(
        make(&event, 0, "{\"event_type\":\"to_come\",\"index\":0," TIME), 0);
}

static void what_is_no_entry_of_that_place_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"index\":1}",
        "{\"event_type\":\"case_opened\",\"index\":1," TIME,
        "{\"event_type\":\"case_opened\",\"index\":\"0\"," TIME,
        "{\"event_type\":\"case_opened\",\"index\":0,\"time\":5}",
    };
    struct event_out event;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(make(&event, 0, bad[i]), -1);
}

/* RFC 4231, test case 2. */
static void a_signature_is_hmac_sha256_of_the_body(void **state)
{
    struct secret *key = secret_copy("Jefe", 4);
    char signature[EVENT_SIGNATURE_SIZE];
    struct buf body = { 0 };

    (void)state;
    assert_int_equal(buf_adds(&body, "what do ya want for nothing?"), 0);
    event_sign(signature, key, &body);
    assert_string_equal(signature,
                        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d27398"
                        "39dec58b964ec3843");
    secret_free(&key);
    buf_free(&body);
}

/* ---- the cursor --------------------------------------------------------- */

static int folder(void **state)
{
    *state = unit_folder_new();
    return 0;
}

static int remove_folder(void **state)
{
    unit_folder_free(*state);
    return 0;
}

static void a_cursor_is_kept_and_is_for_one(void **state)
{
    uint8_t leaf[LEDGER_HASH_LEN] = { 7 };
    struct cursor c, second;
    struct error e = { 0 };
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/cursor", (char *)*state);
    assert_int_equal(cursor_open(&c, path, &e), 0);
    assert_false(c.there);
    assert_int_equal(cursor_move(&c, 12, leaf, &e), 0);
    assert_int_equal(cursor_open(&second, path, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    cursor_close(&second);
    cursor_close(&c);

    assert_int_equal(cursor_open(&c, path, &e), 0);
    assert_true(c.there);
    assert_int_equal(c.next, 12);
    assert_memory_equal(c.leaf, leaf, sizeof(leaf));
    cursor_close(&c);
}

static void a_damaged_cursor_is_not_begun_anew(void **state)
{
    static const char *const bad[] = { "x", "{}", "{\"next\":3}",
                                       "{\"leaf\":\"00\",\"next\":3}" };
    struct cursor c;
    struct error e = { 0 };
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/cursor", (char *)*state);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(file_replace(path, bad[i], strlen(bad[i]), &e), 0);
        assert_int_equal(cursor_open(&c, path, &e), -1);
        assert_int_equal(e.code, ERR_INPUT);
        cursor_close(&c);
    }
}

/* ---- where events go ---------------------------------------------------- */

static void only_https_or_this_machine(void **state)
{
    static const char *const bad[] = {
        "http://example.co/hook",
        "ftp://example.co/",
        "https://u:p@example.co",
        "https://example.co/#a",
        "example.co",
        "https://",
        "file:///etc/passwd",
        "http://127.0.0.1.example.co/",
    };
    static const char *const good[] = { "https://example.co/hook?source=1",
                                        "http://127.0.0.1:9/", "http://[::1]/",
                                        "http://localhost:8080/hook" };
    struct handout *h;
    struct error e = { 0 };
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/secret", (char *)*state);
    assert_int_equal(file_create(path, "0123456789abcdef\n", 17, &e), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(handout_to_url(&h, bad[i], path, &e), -1);
        assert_int_equal(e.code, ERR_USAGE);
        assert_null(h);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(handout_to_url(&h, good[i], path, &e), 0);
        handout_free(&h);
    }
}

static void a_short_secret_is_none(void **state)
{
    struct handout *h;
    struct error e = { 0 };
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/secret", (char *)*state);
    assert_int_equal(
        file_create(path, "0123456789abcde\nlonger behind\n", 30, &e), 0);
    assert_int_equal(handout_to_url(&h, "https://example.co/", path, &e), -1);
    assert_int_equal(e.code, ERR_INPUT);
}

static void a_program_is_ended_when_it_is_enough(void **state)
{
    static const char script[] = "#!/bin/sh\nkill -TERM $PPID\nsleep 60\n";
    struct event_out event = { .id = "o/1", .name = "case.opened" };
    struct handout *h;
    struct error e = { 0 };
    char path[128];
    msec wait, begun = clock_monotonic();

    (void)snprintf(path, sizeof(path), "%s/program", (char *)*state);
    assert_int_equal(file_create(path, script, sizeof(script) - 1, &e), 0);
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(buf_adds(&event.body, "{}"), 0);
    assert_int_equal(stop_listen(&e), 0);
    assert_int_equal(handout_to_command(&h, path, &e), 0);
    assert_false(stop_asked());
    assert_int_equal(handout_try(h, &event, &wait, &e), -1);
    assert_true(stop_asked());
    assert_true(clock_monotonic() - begun < LIMIT_HANDOUT_S * MSEC_S);
    handout_free(&h);
    event_out_free(&event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_has_ids_and_words_of_closed_lists),
        cmocka_unit_test(a_promise_and_an_answer_are_told_by_their_ids),
        cmocka_unit_test(a_request_is_told_with_its_type_and_clock),
        cmocka_unit_test(staff_hashes_and_commitments_stay_in_the_house),
        cmocka_unit_test(
            readings_and_unknown_entries_are_nobody_elses_business),
        cmocka_unit_test(what_is_no_entry_of_that_place_is_refused),
        cmocka_unit_test(a_signature_is_hmac_sha256_of_the_body),
        cmocka_unit_test_setup_teardown(a_cursor_is_kept_and_is_for_one, folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_damaged_cursor_is_not_begun_anew,
                                        folder, remove_folder),
        cmocka_unit_test_setup_teardown(only_https_or_this_machine, folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_short_secret_is_none, folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_program_is_ended_when_it_is_enough,
                                        folder, remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

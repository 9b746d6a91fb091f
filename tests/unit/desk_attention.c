/* desk: what an operator should know of, in the list of `status`. */
#include "unit.h"

#include "desk/desk_private.h"

#define NOW  ((msec)1790000000000)
#define HOUR ((msec)3600 * 1000)

static struct registrar_status status;
static struct store_counts counts;
static struct store_waiting waiting;
static struct log_alarms alarms;
static struct attention a;
static json_t *o;

/* A daemon of ten minutes, with which nothing is wrong. */
static int well(void **state)
{
    (void)state;
    status = (struct registrar_status){ .ready = true,
                                        .healthy = true,
                                        .storage = "sound" };
    counts = (struct store_counts){ 0 };
    waiting = (struct store_waiting){ 0 };
    alarms = (struct log_alarms){ 0 };
    a = (struct attention){ &status,
                            &counts,
                            &waiting,
                            &alarms,
                            (uint64_t)50 << 30,
                            (uint64_t)100 << 30,
                            NOW,
                            NOW - HOUR / 6,
                            NULL };
    o = NULL;
    return 0;
}

static int forget(void **state)
{
    (void)state;
    json_decref(o);
    return 0;
}

/* What the list names, with spaces between. */
static const char *names(void)
{
    static char out[300];
    const json_t *item;
    size_t i;

    json_decref(o);
    o = json_object();
    assert_int_equal(attention_add(o, &a), 0);
    out[0] = '\0';
    json_array_foreach(json_object_get(o, "attention"), i, item)
    {
        assert_true(strlen(json_str(item, "say")) > 0);
        assert_true(strlen(json_str(item, "hint")) > 0);
        (void)snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s",
                       i > 0 ? " " : "", json_str(item, "what"));
    }
    return out;
}

static const char *say(size_t i)
{
    return json_str(json_array_get(json_object_get(o, "attention"), i), "say");
}

static void nothing_is_said_where_nothing_is_wrong(void **state)
{
    (void)state;
    assert_string_equal(names(), "");
    assert_true(
        json_is_null(json_object_get(json_object_get(o, "alarms"), "last")));
    assert_true(json_is_null(
        json_object_get(json_object_get(o, "handovers"), "since")));
}

static void damage_comes_first(void **state)
{
    (void)state;
    waiting.overdue = 2;
    status.storage = "damaged";
    status.read_only = true;
    assert_string_equal(names(), "storage_damaged requests_overdue");
    assert_string_equal(say(1), "2 requests are overdue");
    status.storage = "sound";
    assert_string_equal(names(), "read_only requests_overdue");
    status.read_only = false;
    status.healthy = false;
    assert_string_equal(names(), "unhealthy requests_overdue");
}

static void a_deep_check_that_was_not_made_is_said_after_an_hour(void **state)
{
    (void)state;
    status.storage = "unchecked";
    assert_string_equal(names(), "");
    a.started = NOW - HOUR - 1;
    assert_string_equal(names(), "storage_unchecked");
}

static void a_disk_that_fills_is_said(void **state)
{
    (void)state;
    a.disk_free = LIMIT_STATUS_DISK_FREE - 1;
    assert_string_equal(names(), "disk_low");
    assert_string_equal(say(0), "1023 MiB are free where the storage is");
    a.disk_free = LIMIT_STATUS_DISK_FREE;
    assert_string_equal(names(), "");
    a.disk_free = a.disk_size = 0; /* nobody knows */
    assert_string_equal(names(), "");
    assert_true(json_is_null(json_object_get(o, "storage_free_bytes")));
}

static void silence_counts_from_the_last_webhook_or_the_start(void **state)
{
    (void)state;
    a.started = NOW - 25 * HOUR;
    assert_string_equal(names(), "webhook_silence");
    assert_string_equal(say(0), "no webhook for 25 hours");
    status.webhook_at = NOW - 24 * HOUR;
    assert_string_equal(names(), "");
    status.webhook_at--;
    assert_string_equal(names(), "webhook_silence");
}

static void what_went_wrong_is_counted(void **state)
{
    (void)state;
    status.token_refused = true;
    counts.dead_letters = 1;
    alarms = (struct log_alarms){ 3, "gateway_died", NOW - HOUR };
    assert_string_equal(names(), "token_refused dead_letters alarms");
    assert_string_equal(say(1), "1 message could not be applied");
    assert_non_null(strstr(say(2), "3 alarms since the start, the last one "
                                   "gateway_died at 20"));
    alarms.at = NOW - 25 * HOUR; /* somebody has had a day to look */
    assert_string_equal(names(), "token_refused dead_letters");
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(o, "alarms"), "count")),
                     3);
}

static void who_waits_is_said(void **state)
{
    (void)state;
    waiting = (struct store_waiting){ .overdue = 1,
                                      .due = 3,
                                      .handovers = 2,
                                      .handover_since = NOW - HOUR,
                                      .approvals = 1 };
    assert_string_equal(names(), "requests_overdue requests_due approvals");
    assert_string_equal(say(0), "1 request is overdue");
    assert_string_equal(say(1), "2 requests are due within a day");
    waiting.handover_since -= 60 * 1000;
    assert_string_equal(names(), "requests_overdue requests_due "
                                 "handover_waits approvals");
    assert_string_equal(say(2), "somebody waits for a person for 61 minutes");
    waiting.unanswered = 1;
    waiting.unanswered_since = NOW - HOUR;
    assert_string_equal(names(), "requests_overdue requests_due "
                                 "handover_waits approvals");
    waiting.unanswered_since -= 60 * 1000;
    assert_string_equal(names(), "requests_overdue requests_due "
                                 "handover_waits handover_unanswered "
                                 "approvals");
    waiting.unanswered = 0;
    /* Between two looks at the rows one may have become overdue. */
    waiting.due = 0;
    assert_string_equal(names(), "requests_overdue handover_waits approvals");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, well, forget)

/* ---- hours and numbers -------------------------------------------------- */

static struct config_number numbers[] = {
    { .phone_number_id = "8001", .policy = "co" },
    { .phone_number_id = "8002", .policy = "co" },
    { .phone_number_id = "9001", .policy = "es" }
};

/* What is found between these numbers and that policy. */
static const char *hours(const struct policy *p)
{
    static char out[400];
    const struct config c = { .numbers = numbers, .nnumbers = 3 };
    const struct policy_set set = { { (struct policy *)(uintptr_t)p }, 1 };
    const json_t *item;
    size_t i;

    json_decref(o);
    o = json_array();
    assert_int_equal(desk_hours_faults(&c, &set, o), 0);
    out[0] = '\0';
    json_array_foreach(o, i, item)
    {
        (void)snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s",
                       i > 0 ? " " : "", json_str(item, "what"));
    }
    return out;
}

static void hours_that_fit_no_number_are_named(void **state)
{
    struct policy p = { .id = "co", .nhours = 1 };

    (void)state;
    assert_string_equal(hours(&p), ""); /* all */
    p.hours[0].nnumbers = 2;
    memcpy(p.hours[0].numbers[0], "8001", 5);
    memcpy(p.hours[0].numbers[1], "8002", 5);
    assert_string_equal(hours(&p), "");

    /* One digit: that number is open at night, and 8003 is none of ours. */
    memcpy(p.hours[0].numbers[1], "8003", 5);
    assert_string_equal(hours(&p), "hours_unknown_number hours_missing");
    assert_non_null(strstr(json_str(json_array_get(o, 0), "say"), "8003"));
    assert_non_null(strstr(json_str(json_array_get(o, 1), "say"), "8002"));
    memcpy(p.hours[0].numbers[1], "9001", 5); /* another policy's */
    assert_string_equal(hours(&p), "hours_unknown_number hours_missing");

    /* Nothing is said of hours: nothing is to be said of it. */
    p.nhours = 0;
    assert_string_equal(hours(&p), "");
}

static void what_the_files_say_is_in_the_list(void **state)
{
    (void)state;
    a.standing = json_pack("[{s:s, s:s, s:s}]", "what", "policies_not_taken",
                           "say", "x:1: y: z", "hint", "mend it");
    assert_string_equal(names(), "policies_not_taken");
    json_decref(a.standing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_said_where_nothing_is_wrong),
        TEST(damage_comes_first),
        TEST(a_deep_check_that_was_not_made_is_said_after_an_hour),
        TEST(a_disk_that_fills_is_said),
        TEST(silence_counts_from_the_last_webhook_or_the_start),
        TEST(what_went_wrong_is_counted),
        TEST(who_waits_is_said),
        TEST(hours_that_fit_no_number_are_named),
        TEST(what_the_files_say_is_in_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

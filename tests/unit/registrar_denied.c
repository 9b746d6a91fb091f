/* registrar: refusals are counted, bounded, and entered once; so is the clock.
 */
#include "registrar_help.h"

#include "registrar/registrar_private.h"
#include "registrar/upkeep_private.h"

static bool probed_known, probed_synchronised;
static msec probed_offset;

static void probe(struct clock_state *out)
{
    *out = (struct clock_state){ probed_known, probed_synchronised,
                                 probed_offset, 1 };
}

static int setup(void **state)
{
    static const struct registrar_instance instance = { .version = "1",
                                                        .config_sha256 = "aa",
                                                        .policies_sha256 = "bb",
                                                        .clock_state = probe };
    struct fixture *f;

    probed_known = probed_synchronised = true;
    probed_offset = 0;
    assert_int_equal(help_setup(state), 0);
    f = *state;
    f->r->instance = instance;
    f->r->deep_check.passed = true;
    (void)registrar_step(f->r);
    return 0;
}

struct looking {
    const char *event, *reason;
    int64_t n, count; /* entries of that event and reason; their counts */
    int64_t uids;     /* of them that name one */
};

static int see(void *arg, uint64_t index, const uint8_t *entry, size_t len,
               const uint8_t *leaf)
{
    struct looking *l = arg;
    struct error e = { 0 };
    json_t *o = json_parse(entry, len, &e);
    const char *reason = json_str(o, "reason");

    (void)index, (void)leaf;
    if (strcmp(json_str(o, "event_type"), l->event) == 0 &&
        (l->reason == NULL ||
         (reason != NULL && strcmp(reason, l->reason) == 0))) {
        l->n++;
        l->count += json_integer_value(
            json_object_get(json_object_get(o, "evidence"), "count"));
        l->uids +=
            json_object_get(json_object_get(o, "evidence"), "uid") != NULL;
    }
    json_decref(o);
    return 0;
}

static struct looking look(struct fixture *f, const char *event,
                           const char *reason)
{
    struct looking l = { .event = event, .reason = reason };

    assert_int_equal(ledger_row_list(f->r->store, 0, INT64_MAX, see, &l, &f->e),
                     0);
    return l;
}

static void deny(struct fixture *f, uint32_t uid, const char *route, int times)
{
    struct denial d = { .uid = uid, .reason = "role" };

    (void)snprintf(d.route, sizeof(d.route), "%s", route);
    while (times-- > 0)
        registrar_deny(f->r, &d);
}

static void many_are_two_entries_a_minute_with_the_right_count(void **state)
{
    struct fixture *f = *state;

    deny(f, 7, "GET /x", 1);
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "access_denied", "role").count, 1);
    deny(f, 7, "GET /x", 1000);
    for (int i = 0; i < 59; i++) {
        f->now += MSEC_S;
        (void)registrar_step(f->r);
    }
    assert_int_equal(look(f, "access_denied", "role").n, 1);
    f->now += MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "access_denied", "role").n, 2);
    assert_int_equal(look(f, "access_denied", "role").count, 1001);

    /* A quiet minute later there is nothing to say, and room again. */
    f->now += 61 * MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "access_denied", "role").n, 2);
    assert_false(f->r->denied.places[0].used);
}

static void one_user_cannot_fill_the_table_and_no_count_is_lost(void **state)
{
    struct fixture *f = *state;
    char route[32];

    for (int i = 0; i < 40; i++) {
        (void)snprintf(route, sizeof(route), "GET /%d", i);
        deny(f, 7, route, 1);
    }
    for (uint32_t uid = 100; uid < 300; uid++)
        deny(f, uid, "GET /x", 1);
    (void)registrar_step(f->r);
    f->now += 61 * MSEC_S;
    (void)registrar_step(f->r);
    assert_true(look(f, "access_denied", NULL).n <= LIMIT_DENIED + 1);
    assert_int_equal(look(f, "access_denied", NULL).count, 240);
}

/* However many strangers ask, staff are counted by name, and what is counted
 * for all the others together names nobody. */
static void a_crowd_hides_nobody_and_names_nobody(void **state)
{
    struct fixture *f = *state;
    struct denial d = { .uid = 7, .name = "ana", .reason = "role" };
    struct looking others;

    for (uint32_t uid = 100; uid < 300; uid++)
        deny(f, uid, "GET /x", 1);
    (void)snprintf(d.route, sizeof(d.route), "GET /y");
    registrar_deny(f->r, &d);
    assert_true(f->r->denied.places[LIMIT_DENIED / 2].used);
    assert_string_equal(f->r->denied.places[LIMIT_DENIED / 2].what.name, "ana");
    assert_int_equal(f->r->denied.others.what.uid, 0);
    assert_string_equal(f->r->denied.others.what.route, "*");
    (void)registrar_step(f->r);
    others = look(f, "access_denied", "others");
    assert_int_equal(others.n, 1);
    assert_int_equal(others.count, 200 - LIMIT_DENIED / 2);
    assert_int_equal(others.uids, 0);
}

static void what_an_undone_batch_took_is_entered_by_the_next(void **state)
{
    struct fixture *f = *state;

    deny(f, 7, "GET /x", 3);
    assert_int_equal(store_begin(f->r->store, &f->e), 0);
    assert_int_equal(denied_enter(f->r, &f->e), 0);
    store_rollback(f->r->store);
    ledger_undone(f->r->ledger);
    denied_undone(f->r);
    assert_int_equal(look(f, "access_denied", NULL).n, 0);
    f->now += MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "access_denied", NULL).count, 3);
}

static void the_clock_is_entered_at_the_start_and_hourly(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(look(f, "daemon_started", NULL).n, 1);
    assert_int_equal(look(f, "clock_status", "synchronised").n, 1);
    f->now += MSEC_H - MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "clock_status", NULL).n, 1);
    probed_offset = -3 * MSEC_S;
    f->now += MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "clock_status", "offset").n, 1);
    probed_synchronised = false;
    f->now += MSEC_H;
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "clock_status", "unsynchronised").n, 1);
    assert_int_equal(look(f, "daemon_started", NULL).n, 1);
}

struct stopping {
    struct fixture *f;
    struct error e;
    int result;
    bool done; /* atomic */
};

static void *say_stop(void *arg)
{
    struct stopping *s = arg;

    s->result =
        registrar_record_instance(s->f->r, INSTANCE_STOPPED, NULL, &s->e);
    __atomic_store_n(&s->done, true, __ATOMIC_RELEASE);
    return NULL;
}

/* It waits for the writer, which is us. */
static void stop(struct fixture *f)
{
    struct stopping s = { .f = f };
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, say_stop, &s), 0);
    while (!__atomic_load_n(&s.done, __ATOMIC_ACQUIRE))
        (void)registrar_step(f->r);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(s.result, 0);
}

static void a_start_is_entered_when_the_storage_was_found_sound(void **state)
{
    struct fixture *f = *state;

    f->r->said = (struct said_so){ 0 };
    f->r->deep_check.passed = false;
    f->r->opened_at = ledger_size(f->r->ledger);
    f->now += 2 * MSEC_S;
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "daemon_started", NULL).n, 1);
    assert_int_equal(look(f, "clock_status", NULL).n, 1);

    /* Stopped before that, with nothing between: as if it had not begun. */
    stop(f);
    assert_int_equal(look(f, "daemon_stopped", NULL).n, 0);

    /* What was refused meanwhile is an entry, and so it began. */
    deny(f, 7, "GET /x", 1);
    (void)registrar_step(f->r);
    stop(f);
    assert_int_equal(look(f, "daemon_started", NULL).n, 2);
    assert_int_equal(look(f, "daemon_stopped", NULL).n, 1);

    f->r->said = (struct said_so){ 0 };
    f->r->deep_check.passed = true;
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "daemon_started", NULL).n, 3);
}

static void messages_ahead_of_us_are_said_once_an_hour(void **state)
{
    struct fixture *f = *state;

    clock_compare(f->r, f->now / MSEC_S + 2);
    (void)registrar_step(f->r);
    assert_int_equal(look(f, "clock_status", "behind").n, 0);
    for (int i = 0; i < 5; i++) {
        clock_compare(f->r, f->now / MSEC_S + 3);
        f->now += MSEC_S;
        (void)registrar_step(f->r);
    }
    assert_int_equal(look(f, "clock_status", "behind").n, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, help_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(many_are_two_entries_a_minute_with_the_right_count),
        T(one_user_cannot_fill_the_table_and_no_count_is_lost),
        T(a_crowd_hides_nobody_and_names_nobody),
        T(what_an_undone_batch_took_is_entered_by_the_next),
        T(the_clock_is_entered_at_the_start_and_hourly),
        T(a_start_is_entered_when_the_storage_was_found_sound),
        T(messages_ahead_of_us_are_said_once_an_hour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

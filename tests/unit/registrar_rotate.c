/* registrar: how often the ledger's key is exchanged. */
#include "registrar_help.h"

#include "registrar/registrar_private.h"

/* A line of a history; what may_rotate reads of it. */
static void write_history(struct fixture *f, size_t lines, const char *kind)
{
    struct buf text = { 0 }, path = { 0 };
    struct error e = { 0 };

    for (size_t n = 0; n < lines; n++)
        assert_int_equal(
            buf_addf(&text,
                     "{\"entry\":\"{\\\"event_type\\\":\\\"%s\\\","
                     "\\\"time\\\":\\\"1970-01-01T02:00:00.000Z\\\"}\"}\n",
                     kind),
            0);
    assert_int_equal(buf_addf(&path, "%shistory", store_keys_dir(f->r->store)),
                     0);
    assert_int_equal(file_replace((char *)path.p, text.p, text.len, &e), 0);
    buf_free(&path);
    buf_free(&text);
}

static int try_to_rotate(struct fixture *f, msec now)
{
    char vkey[LEDGER_VKEY_SIZE];
    struct error e = { 0 };
    int ok;

    assert_int_equal(store_begin(f->r->store, &e), 0);
    ok = ledger_rotate(f->r->ledger, &random_system, now, vkey, &e);
    store_rollback(f->r->store);
    ledger_undone(f->r->ledger);
    if (ok != 0)
        assert_int_equal(e.code, ERR_CONFLICT);
    return ok;
}

static void an_exchange_waits_an_hour_and_leaves_room_to_reopen(void **state)
{
    const msec hour = 3600 * MSEC_S;
    struct fixture *f = *state;

    write_history(f, 3, "ledger_key_rotated");
    assert_int_equal(try_to_rotate(f, 2 * hour), -1);
    assert_int_equal(try_to_rotate(f, 3 * hour - 1), -1);
    assert_int_equal(try_to_rotate(f, 3 * hour), 0);
    assert_int_equal(try_to_rotate(f, hour), 0); /* the clock was set back */
    write_history(f, 3, "ledger_reopened");
    assert_int_equal(try_to_rotate(f, 2 * hour), 0);
    write_history(f, LIMIT_LEDGER_ROTATIONS - 1, "ledger_key_rotated");
    assert_int_equal(try_to_rotate(f, 9 * hour), 0);
    write_history(f, LIMIT_LEDGER_ROTATIONS, "ledger_key_rotated");
    assert_int_equal(try_to_rotate(f, 9 * hour), -1);
    assert_true(LIMIT_LEDGER_ROTATIONS < LIMIT_LEDGER_CHANGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_exchange_waits_an_hour_and_leaves_room_to_reopen, help_setup,
            help_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

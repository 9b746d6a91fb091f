/* registrar: who a message is from. A new user id, and a number that Meta says
 * is another's now, begin as strangers. WHO said yes in Spain, by number alone.
 */
#include "family_help.h"

#define OLD "\"from_user_id\":\"ES.4410009182736455\","
#define NEW "\"from_user_id\":\"ES.5520001122334455\","

static int64_t people(struct fixture *f)
{
    return help_number(f, "SELECT count(*) FROM subject");
}

static void photo(struct fixture *f, const char *from, const char *wamid,
                  const char *user)
{
    char message[256];

    (void)snprintf(message, sizeof(message), "%s" HELP_PHOTO, user);
    help_message(f, from, wamid, message);
    help_settle(f);
}

/* Meta learnt of user ids later than we of numbers. */
static void a_user_id_is_learnt_and_decides_from_then_on(void **state)
{
    struct fixture *f = *state;

    photo(f, WHO, "wamid.a", OLD);
    assert_int_equal(people(f), 1);
    assert_int_equal(f->nfetches, 1);
    photo(f, "", "wamid.b", OLD); /* with a username the number is left out */
    photo(f, OTHER, "wamid.c", OLD);
    assert_int_equal(people(f), 1);
    assert_int_equal(f->nfetches, 3);
    photo(f, WHO, "wamid.d", NEW); /* the number is somebody else's now */
    assert_int_equal(people(f), 2);
    assert_int_equal(f->nfetches, 3);
}

static void a_new_user_id_without_a_number_is_a_stranger(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE], now[ID_SIZE];
    struct link_order o = { .by = help_by(ANA),
                            .former = former,
                            .kind = "number_change",
                            .proof = "previous_number_confirmed" };

    photo(f, WHO, "wamid.a", OLD);
    help_message(
        f, "", "wamid.s",
        "\"type\":\"system\",\"system\":{\"type\":"
        "\"user_changed_user_id\",\"previous_user_id\":"
        "\"ES.4410009182736455\",\"user_id\":\"ES.5520001122334455\"}");
    help_settle(f);
    assert_int_equal(help_number(f, "SELECT count(*) FROM suggestion"), 1);
    photo(f, "", "wamid.b", NEW);
    assert_int_equal(people(f), 2);
    assert_int_equal(f->nfetches, 1);
    assert_true(said_to(f, f->nsends - 1, "grant/case_processing/"));

    /* Until an officer says so, with how they know. */
    reference(f, WHO, former);
    assert_int_equal(subject_find(f->r->store, HANDLE_BSUID,
                                  "ES.5520001122334455", now, &f->e),
                     1);
    memcpy(o.by.subject, now, ID_SIZE);
    o.by.reason = "answered from the former number";
    CALLS(f, link_request, &o);
    help_settle(f);
    assert_int_equal(f->nfetches, 2);
}

/* Of the number that they had nobody can say whose it is, though it comes
 * without a user id, or with one while they were known by none. */
static void who_moved_is_not_found_by_the_number_they_had(void **state)
{
    struct fixture *f = *state;
    char before[ID_SIZE], now[ID_SIZE];

    reference(f, WHO, before);
    help_message(f, WHO, "wamid.s",
                 "\"type\":\"system\",\"system\":{\"type\":"
                 "\"user_changed_number\",\"wa_id\":\"" OTHER "\"}");
    help_settle(f);
    help_reopen(f);
    photo(f, WHO, "wamid.a", "");
    assert_int_equal(people(f), 2);
    assert_int_equal(f->nfetches, 0);
    reference(f, WHO, now);
    assert_string_not_equal(before, now);
    photo(f, WHO, "wamid.b", NEW); /* the same person as the last one */
    assert_int_equal(people(f), 2);
    assert_int_equal(f->nfetches, 0);
    photo(f, OTHER, "wamid.c", ""); /* where they went: a stranger, too */
    assert_int_equal(people(f), 3);
    assert_int_equal(f->nfetches, 0);
}

static void moves(struct fixture *f)
{
    help_message(f, WHO, "wamid.moves",
                 "\"type\":\"system\",\"system\":{\"type\":"
                 "\"user_changed_number\",\"wa_id\":\"" OTHER "\"}");
    help_settle(f);
}

/* The receipt of their photo is still to come. */
static void nothing_goes_to_a_number_that_was_left(void **state)
{
    struct fixture *f = *state;
    char before[ID_SIZE];
    size_t sends;

    reference(f, WHO, before);
    photo(f, WHO, "wamid.a", "");
    help_judged(f, 0, "image/jpeg");
    moves(f);
    sends = f->nsends;
    help_pass(f, 10 * MSEC_S);
    assert_false(said_to(f, sends, "\"to\":\"+" WHO));
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbox WHERE state"
                                    " = 'failed'"),
                     1);
    photo(f, WHO, "wamid.b", ""); /* whoever has it now is written to */
    assert_true(said_to(f, sends, "\"to\":\"+" WHO));
    help_pass(f, MSEC_H);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbox WHERE state"
                                    " = 'pending'"),
                     0);
}

/* Not by a number is always somebody: the one that left it is found still. */
static void who_has_no_number_left_holds_nobody_up(void **state)
{
    struct fixture *f = *state;

    photo(f, WHO, "wamid.a", "");
    help_judged(f, 0, "image/jpeg");
    moves(f);
    photo(f, WHO, "wamid.b", ""); /* takes the number's row */
    help_pass(f, MSEC_H);
    assert_int_equal(help_number(f, "SELECT count(*) FROM outbox o JOIN subject"
                                    " s ON s.id = o.subject WHERE o.state ="
                                    " 'pending'"),
                     0);
}

/* What they owe, say, is not for who has that number now. */
static void nobody_is_reminded_where_they_left(void **state)
{
    struct fixture *f = *state;
    struct outbound_item item = reminded(WHO);
    struct outbound_order o = reminder(&item);

    moves(f);
    CALLS(f, outbound_request, &o);
    assert_string_equal(item.state, "denied");
    assert_string_equal(item.rule, "number_left");
}

static void who_left_a_number_is_written_to_by_their_user_id(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    photo(f, WHO, "wamid.a", OLD);
    help_judged(f, 0, "image/jpeg");
    moves(f);
    sends = f->nsends;
    help_pass(f, 10 * MSEC_S);
    assert_int_equal(f->nsends, sends + 1);
    assert_true(said_to(f, sends, "\"recipient\":\"ES.4410009182736455\""));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, family_end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(a_user_id_is_learnt_and_decides_from_then_on),
        T(a_new_user_id_without_a_number_is_a_stranger),
        T(who_moved_is_not_found_by_the_number_they_had),
        T(nothing_goes_to_a_number_that_was_left),
        T(who_has_no_number_left_holds_nobody_up),
        T(nobody_is_reminded_where_they_left),
        T(who_left_a_number_is_written_to_by_their_user_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

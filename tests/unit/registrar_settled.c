/* registrar: what a person said before an officer linked their two numbers. WHO
 * said yes in Spain, some seconds after T0. */
#include "family_help.h"

#define HECHO "su consentimiento queda retirado"

static void stored_and_other_writes(struct fixture *f)
{
    help_stored(f, WHO, "wamid.one", "image/jpeg");
    help_pass(f, 20 * MSEC_S); /* its receipt went */
    help_photo(f, OTHER, "wamid.other");
    help_settle(f);
    help_accept_all(f, 0);
}

/* With the documents, on record, and one message says so where it ended. */
static void a_later_no_ends_the_older_yes(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    size_t sends;

    stored_and_other_writes(f);
    says_at(f, "8000", OTHER, "BAJA");
    reference(f, WHO, former);
    assert_int_equal(given(f, former), 1);
    sends = f->nsends;
    (void)link_of_two(f, OTHER, WHO, NULL, former);
    assert_int_equal(given(f, former), 0);
    assert_int_equal(blocked(f), 1);
    assert_int_equal(of_reason(f, "linked"), 1);
    assert_int_equal(f->nsends, sends + 1);
    assert_true(said_to(f, sends, HECHO));
    assert_true(said_to(f, sends, WHO));

    /* A later yes opens the gate for what is new, as ever. */
    help_photo(f, WHO, "wamid.two");
    help_settle(f);
    help_accept_all(f, f->nsends - 1);
    f->now += 3 * MSEC_S;
    says_at(f, "8000", WHO, "acepto");
    assert_int_equal(given(f, former), 1);
    assert_int_equal(f->nfetches, 2);
}

/* What is on its way for the older yes does not wait for its end. */
static void what_is_under_way_is_dropped(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];

    help_photo(f, WHO, "wamid.one");
    help_settle(f);
    assert_int_equal(f->nfetches, 1);
    f->now += MSEC_S;
    says_at(f, "8000", OTHER, "BAJA");
    (void)link_of_two(f, OTHER, WHO, NULL, former);
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE"
                                    " state = 'dropped'"),
                     1);
}

/* The very first word of a number that was asked nothing. */
static void a_no_to_what_was_never_asked_counts_too(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];

    help_stored(f, WHO, "wamid.one", "image/jpeg");
    f->now += MSEC_S;
    says_at(f, "8000", OTHER, "BAJA");
    assert_int_equal(of_reason(f, "nothing_to_withdraw"), 1);
    help_reopen(f);
    (void)link_of_two(f, OTHER, WHO, "same_document", former);
    assert_int_equal(given(f, former), 0);
    assert_int_equal(blocked(f), 1);
    assert_int_equal(help_leaves(f, "consent_carried"), 0);
}

/* Nor does it come over with proof, where the yes was later: they decided. */
static void an_older_no_ends_nothing_and_takes_nothing_over(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;
    msec now = f->now;
    size_t sends;

    f->now = T0; /* before WHO said yes */
    says_at(f, "8000", OTHER, "BAJA");
    f->now = now + MSEC_S;
    sends = f->nsends;
    o = link_of_two(f, OTHER, WHO, "same_document", former);
    assert_int_equal(given(f, former), 1);
    assert_int_equal(given(f, o.by.subject), 0);
    assert_int_equal(help_leaves(f, "consent_withdrawn"), 0);
    assert_int_equal(f->nsends, sends);
}

static void in_the_same_second_the_no_wins(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    int64_t yes_s = help_number(f, "SELECT yes_s FROM consent");

    f->now = yes_s * MSEC_S;
    says_at(f, "8000", OTHER, "BAJA");
    (void)link_of_two(f, OTHER, WHO, NULL, former);
    assert_int_equal(given(f, former), 0);
}

/* Both said yes and the first took it back: whichever way they are linked. */
static void it_is_the_same_in_both_directions(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    help_consenting(f, OTHER);
    f->now += MSEC_S;
    says_at(f, "8000", WHO, "BAJA");
    o = link_of_two(f, OTHER, WHO, "signed_form", former);
    assert_int_equal(given(f, former), 0);
    assert_int_equal(given(f, o.by.subject), 0);
    assert_int_equal(help_leaves(f, "consent_withdrawn"), 2);
}

/* Who said no, and yes again, said yes last. */
static void the_last_word_counts_not_any_no(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    help_photo(f, OTHER, "wamid.a");
    help_accept_all(f, f->nsends - 1);
    f->now += MSEC_S;
    says_at(f, "8000", OTHER, "no");
    help_photo(f, OTHER, "wamid.b");
    help_settle(f);
    help_accept_all(f, f->nsends - 1);
    f->now += 3 * MSEC_S;
    says_at(f, "8000", OTHER, "acepto");
    o = link_of_two(f, OTHER, WHO, NULL, former);
    assert_int_equal(given(f, former), 1);
    assert_int_equal(given(f, o.by.subject), 1);
}

static void nobody_is_written_to_out_of_the_window(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    size_t sends;

    f->now += 2 * MSEC_D;
    says_at(f, "8000", OTHER, "BAJA");
    sends = f->nsends;
    (void)link_of_two(f, OTHER, WHO, NULL, former);
    assert_int_equal(given(f, former), 0);
    assert_int_equal(f->nsends, sends);
}

/* Of three: what ends, ends under all, and who is under age is so under all. */
static void a_third_number_hears_of_it(void **state)
{
    struct fixture *f = *state;
    static const char third[] = "34600000003";
    char former[ID_SIZE], of_third[ID_SIZE];

    help_consenting(f, third);
    (void)link_of_two(f, third, WHO, NULL, former);
    f->now += MSEC_S;
    says_at(f, "8000", OTHER, "BAJA");
    (void)link_of_two(f, OTHER, WHO, NULL, former);
    reference(f, third, of_third);
    assert_int_equal(given(f, former), 0);
    assert_int_equal(given(f, of_third), 0);
    assert_int_equal(help_leaves(f, "consent_withdrawn"), 2);
}

static void a_child_is_one_under_a_third_number(void **state)
{
    struct fixture *f = *state;
    static const char third[] = "34600000003";
    char former[ID_SIZE];

    help_consenting(f, third);
    (void)link_of_two(f, third, WHO, NULL, former);
    says_at(f, "8000", OTHER, "soy menor de edad");
    (void)link_of_two(f, OTHER, WHO, NULL, former);
    assert_int_equal(help_number(f, "SELECT count(*) FROM subject WHERE"
                                    " minor = 1"),
                     3);
    assert_int_equal(help_number(f, "SELECT count(*) FROM consent WHERE"
                                    " state = 'given'"),
                     0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, family_end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(a_later_no_ends_the_older_yes),
        T(what_is_under_way_is_dropped),
        T(a_no_to_what_was_never_asked_counts_too),
        T(an_older_no_ends_nothing_and_takes_nothing_over),
        T(in_the_same_second_the_no_wins),
        T(it_is_the_same_in_both_directions),
        T(the_last_word_counts_not_any_no),
        T(nobody_is_written_to_out_of_the_window),
        T(a_third_number_hears_of_it),
        T(a_child_is_one_under_a_third_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

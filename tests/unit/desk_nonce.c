/* desk: a nonce counts for one person, one request, once, and not for long. */
#include "unit.h"

#include "desk/desk_private.h"

static struct nonces *all;
static struct error err;
static struct nonce_asked asked;
static char nonce[NONCE_SIZE];

static int set_up(void **state)
{
    (void)state;
    all = nonces_new();
    asked = (struct nonce_asked){ 7, "POST", "/a", 1000000 };
    return all == NULL || nonce_issue(all, &asked, nonce, &err) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    nonces_free(&all);
    assert_null(all);
    return 0;
}

static void nonce_counts_once(void **state)
{
    (void)state;
    assert_int_equal(strlen(nonce), 64);
    assert_true(nonce_take(all, &asked, nonce));
    assert_false(nonce_take(all, &asked, nonce));
}

static void nonce_is_not_for_somebody_else_and_is_used_up(void **state)
{
    (void)state;
    asked.uid = 8;
    assert_false(nonce_take(all, &asked, nonce));
    asked.uid = 7;
    assert_false(nonce_take(all, &asked, nonce));
}

static void nonce_is_not_for_another_path(void **state)
{
    (void)state;
    asked.path = "/b";
    assert_false(nonce_take(all, &asked, nonce));
}

static void nonce_is_not_for_another_method(void **state)
{
    (void)state;
    asked.method = "PUT";
    assert_false(nonce_take(all, &asked, nonce));
}

static void nonce_is_over_after_a_while(void **state)
{
    (void)state;
    asked.now += 5 * 60 * 1000;
    assert_true(nonce_take(all, &asked, nonce));
    assert_int_equal(nonce_issue(all, &asked, nonce, &err), 0);
    asked.now += 5 * 60 * 1000 + 1;
    assert_false(nonce_take(all, &asked, nonce));
}

static void nonce_is_over_when_the_clock_was_set_back(void **state)
{
    (void)state;
    asked.now -= 1;
    assert_false(nonce_take(all, &asked, nonce));
}

static void what_was_never_issued_does_not_count(void **state)
{
    (void)state;
    assert_false(nonce_take(all, &asked, ""));
    nonce[0] = nonce[0] == 'a' ? 'b' : 'a';
    assert_false(nonce_take(all, &asked, nonce));
}

/* Who asks for ever more loses their own oldest and nobody else's. */
static void greedy_person_takes_no_place_of_another(void **state)
{
    struct nonce_asked greedy = { 8, "POST", "/a", 1000000 };
    char first[NONCE_SIZE], last[NONCE_SIZE];

    (void)state;
    assert_int_equal(nonce_issue(all, &greedy, first, &err), 0);
    for (int i = 0; i < 5000; i++) {
        greedy.now++;
        assert_int_equal(nonce_issue(all, &greedy, last, &err), 0);
    }
    assert_false(nonce_take(all, &greedy, first));
    assert_true(nonce_take(all, &greedy, last));
    assert_true(nonce_take(all, &asked, nonce));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nonce_counts_once),
        TEST(nonce_is_not_for_somebody_else_and_is_used_up),
        TEST(nonce_is_not_for_another_path),
        TEST(nonce_is_not_for_another_method),
        TEST(nonce_is_over_after_a_while),
        TEST(nonce_is_over_when_the_clock_was_set_back),
        TEST(what_was_never_issued_does_not_count),
        TEST(greedy_person_takes_no_place_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* cli: what was seen at each desk. */
#include "unit.h"

#include <sys/stat.h>

#include "cli/cli.h"

static char *folder;
static char identity[128], file[160];
static struct error err;

static int set_up(void **state)
{
    (void)state;
    folder = unit_folder_new();
    (void)snprintf(identity, sizeof(identity), "%s/me", folder);
    (void)snprintf(file, sizeof(file), "%s.known", identity);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unit_folder_free(folder);
    return 0;
}

static struct known *opened(const char *address)
{
    struct known *k = NULL;

    assert_int_equal(known_open(&k, identity, address, &err), 0);
    return k;
}

static void pin(const char *address, const char *value)
{
    struct known *k = opened(address);

    assert_int_equal(known_pin(k, "ledger_key", value, "the key", NULL, &err),
                     0);
    assert_int_equal(known_save(k, &err), 0);
    known_close(&k);
}

static void first_contact_pins(void **state)
{
    struct known *k = opened("/s");
    bool first = false;

    (void)state;
    assert_null(known_get(k, "ledger_key"));
    assert_int_equal(known_pin(k, "ledger_key", "A", "the key", &first, &err),
                     0);
    assert_true(first);
    known_close(&k);
}

static void second_contact_is_compared(void **state)
{
    struct known *k;
    bool first = true;

    (void)state;
    pin("/s", "A");
    k = opened("/s");
    assert_int_equal(known_pin(k, "ledger_key", "A", "the key", &first, &err),
                     0);
    assert_false(first);
    known_close(&k);
}

static void another_value_does_not_verify(void **state)
{
    struct known *k;

    (void)state;
    pin("/s", "A");
    k = opened("/s");
    assert_int_equal(known_pin(k, "ledger_key", "B", "the key", NULL, &err),
                     -1);
    assert_int_equal(err.code, ERR_VERIFY);
    assert_string_equal(known_get(k, "ledger_key"), "A");
    known_close(&k);
}

static void addresses_do_not_mix(void **state)
{
    struct known *k;

    (void)state;
    pin("/s", "A");
    pin("/t", "B");
    k = opened("/s");
    assert_string_equal(known_get(k, "ledger_key"), "A");
    known_close(&k);
    k = opened("/t");
    assert_string_equal(known_get(k, "ledger_key"), "B");
    known_close(&k);
}

static void note_of_many_lines_stays_one_line(void **state)
{
    struct known *k = opened("/s");
    struct buf text = { 0 };

    (void)state;
    assert_int_equal(known_set(k, "checkpoint", "a\n1\nb\n\nsig\n", &err), 0);
    assert_int_equal(known_save(k, &err), 0);
    known_close(&k);
    assert_int_equal(file_read(file, 4096, &text, &err), 0);
    assert_ptr_equal(memchr(text.p, '\n', text.len), text.p + text.len - 1);
    buf_free(&text);
    k = opened("/s");
    assert_string_equal(known_get(k, "checkpoint"), "a\n1\nb\n\nsig\n");
    known_close(&k);
}

static void file_is_for_its_owner_alone(void **state)
{
    struct stat st;

    (void)state;
    pin("/s", "A");
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void nothing_new_writes_nothing(void **state)
{
    struct known *k = opened("/s");

    (void)state;
    assert_int_equal(known_save(k, &err), 0);
    assert_int_not_equal(access(file, F_OK), 0);
    known_close(&k);
}

static void damaged_file_is_refused_with_its_line(void **state)
{
    static const char text[] = "{\"address\":\"/s\"}\n{\"address\":\n";
    struct known *k = NULL;

    (void)state;
    assert_int_equal(file_create(file, text, sizeof(text) - 1, &err), 0);
    assert_int_equal(known_open(&k, identity, "/s", &err), -1);
    assert_null(k);
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, ".known:2:"));
}

static void line_without_address_is_refused(void **state)
{
    struct known *k = NULL;

    (void)state;
    assert_int_equal(file_create(file, "{}\n", 3, &err), 0);
    assert_int_equal(known_open(&k, identity, "/s", &err), -1);
    assert_null(k);
}

static void forgotten_member_can_be_pinned_again(void **state)
{
    struct known *k;

    (void)state;
    pin("/s", "A");
    k = opened("/s");
    assert_int_equal(known_forget(k, "ledger_key", &err), 0);
    assert_null(known_get(k, "ledger_key"));
    known_close(&k);
}

/* ---- several at once ---------------------------------------------------- */

#define HEAD(size, digit) size " " digit digit digit digit

static void learn(struct known *k, const char *member, const char *value)
{
    assert_int_equal(known_set(k, member, value, &err), 0);
}

static void assert_knows(const char *address, const char *member,
                         const char *value)
{
    struct known *k = opened(address);

    assert_string_equal(known_get(k, member), value);
    known_close(&k);
}

/* Two that began with the same file: what either learnt is there. */
static void lines_that_others_wrote_meanwhile_stay(void **state)
{
    struct known *a = opened("/one"), *b = opened("/two");
    struct known *c = opened("/one");

    (void)state;
    learn(a, "ledger_key", "A");
    learn(b, "ledger_key", "B");
    learn(c, "keyring_root", "R");
    assert_int_equal(known_save(a, &err), 0);
    assert_int_equal(known_save(b, &err), 0);
    assert_int_equal(known_save(c, &err), 0);
    assert_knows("/one", "ledger_key", "A");
    assert_knows("/two", "ledger_key", "B");
    assert_knows("/one", "keyring_root", "R");
    known_close(&a);
    known_close(&b);
    known_close(&c);
}

/* A slow run that saw an older keyring does not bring it back. */
static void what_was_seen_does_not_go_back(void **state)
{
    static const char older[] = "host/1\n10\nroot\n",
                      newer[] = "host/1\n200\nroot\n";
    struct known *slow = opened("/s"), *quick = opened("/s");

    (void)state;
    learn(slow, "keyring_head", HEAD("9", "a"));
    learn(slow, "seen", older);
    learn(quick, "keyring_head", HEAD("10", "b"));
    learn(quick, "seen", newer);
    assert_int_equal(known_save(quick, &err), 0);
    assert_int_equal(known_save(slow, &err), 0);
    assert_knows("/s", "keyring_head", HEAD("10", "b"));
    assert_knows("/s", "seen", newer);
    known_close(&slow);
    slow = opened("/s");
    learn(slow, "keyring_head", HEAD("11", "c"));
    assert_int_equal(known_save(slow, &err), 0);
    assert_knows("/s", "keyring_head", HEAD("11", "c"));
    known_close(&slow);
    known_close(&quick);
}

/* Two first contacts, one of them with somebody in the desk's place. */
static void two_first_contacts_with_different_keys_are_told(void **state)
{
    static const char *const members[] = { "keyring_root", "ledger_key",
                                           "keyring_head" };
    struct error e = { 0 };

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        struct known *a = opened("/s"), *b = opened("/s");

        learn(a, members[i], HEAD("3", "a"));
        learn(b, members[i], HEAD("3", "b"));
        assert_int_equal(known_save(a, &err), 0);
        assert_int_equal(known_keep(b, &e), -1);
        assert_int_equal(e.code, ERR_VERIFY);
        assert_knows("/s", members[i], HEAD("3", "a"));
        known_close(&a);
        known_close(&b);
    }
    (void)state;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_contact_pins),
        TEST(second_contact_is_compared),
        TEST(another_value_does_not_verify),
        TEST(addresses_do_not_mix),
        TEST(note_of_many_lines_stays_one_line),
        TEST(file_is_for_its_owner_alone),
        TEST(nothing_new_writes_nothing),
        TEST(damaged_file_is_refused_with_its_line),
        TEST(line_without_address_is_refused),
        TEST(forgotten_member_can_be_pinned_again),
        TEST(lines_that_others_wrote_meanwhile_stay),
        TEST(what_was_seen_does_not_go_back),
        TEST(two_first_contacts_with_different_keys_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

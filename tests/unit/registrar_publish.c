/* registrar: a version of a notice is published once and never changes. */
#include "unit.h"

#include "registrar/registrar_private.h"
#include "registrar/upkeep_private.h"
#include "resguardo/ledger.h"

#define LANGUAGES 3u /* of co-habeas-data */
#define NOTICE    "co-habeas-data/notices/2026-11/en.md"

static char *root;
static char dir[128];
static struct registrar r;
static struct error err;

static void shell(const char *fmt)
{
    char command[512];

    (void)snprintf(command, sizeof(command), "cd '%s' && %s", root, fmt);
    assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
    char command[256];

    (void)state;
    root = unit_folder_new();
    (void)snprintf(dir, sizeof(dir), "%s/storage", root);
    (void)snprintf(command, sizeof(command), "cp -r policies '%s'", root);
    assert_int_equal(system(command), 0);
    memset(&r, 0, sizeof(r));
    memset(&err, 0, sizeof(err));
    r.random = &random_system;
    r.now = 1000;
    assert_int_equal(store_create(dir, NULL, 1, &random_system, &err), 0);
    assert_int_equal(
        store_open(&r.store, dir, NULL, STORE_WRITER, &random_system, &err), 0);
    assert_int_equal(store_begin(r.store, &err), 0);
    assert_int_equal(
        ledger_create(r.store, "example.org", &random_system, &err), 0);
    assert_int_equal(store_commit(r.store, &err), 0);
    assert_int_equal(ledger_open(&r.ledger, r.store, &err), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_close(&r.ledger);
    store_close(&r.store);
    unit_folder_free(root);
    return 0;
}

/* Loads the policy as it now is on disk and publishes it. */
static int publish_as(const char *controller)
{
    static const char *const ids[] = { "co-habeas-data" };
    char folder[160];
    struct policy_set *set;
    int ok;

    (void)snprintf(folder, sizeof(folder), "%s/policies", root);
    set =
        policy_set_load(folder, ids, 1, controller, "https://e.example", &err);
    if (set == NULL)
        print_error("%s\n", err.text);
    assert_non_null(set);
    r.policies = set;
    assert_int_equal(store_begin(r.store, &err), 0);
    ok = publish_notices(&r, &err);
    if (ok == 0) {
        assert_int_equal(ledger_flush(r.ledger, &err), 0);
        assert_int_equal(store_commit(r.store, &err), 0);
        ledger_committed(r.ledger);
    } else {
        store_rollback(r.store);
        ledger_undone(r.ledger);
    }
    policy_set_free(&set);
    return ok;
}

static int publish(void)
{
    return publish_as("E");
}

static void refused_naming_the_file(void)
{
    char file[192];

    (void)snprintf(file, sizeof(file), "%s/policies/" NOTICE, root);
    assert_int_equal(publish(), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_int_equal(error_exit_code(err.code), 2);
    assert_memory_equal(err.text, file, strlen(file));
    assert_non_null(strstr(err.text, "published with other words"));
    assert_non_null(strstr(err.hint, "new version"));
    assert_int_equal(ledger_size(r.ledger), LANGUAGES);
}

static void each_language_is_one_entry(void **state)
{
    (void)state;
    assert_int_equal(publish(), 0);
    assert_int_equal(ledger_size(r.ledger), LANGUAGES);
}

static void the_same_bytes_again_are_no_news(void **state)
{
    (void)state;
    assert_int_equal(publish(), 0);
    assert_int_equal(publish(), 0);
    assert_int_equal(ledger_size(r.ledger), LANGUAGES);
}

static void a_new_version_is_published_beside_the_former(void **state)
{
    struct buf former = { 0 };

    (void)state;
    assert_int_equal(publish(), 0);
    shell("cd policies/co-habeas-data && mv notices/2026-11 notices/2026-12 && "
          "sed -i s/2026-11/2026-12/ policy.yaml");
    assert_int_equal(publish(), 0);
    assert_int_equal(ledger_size(r.ledger), 2 * LANGUAGES);
    assert_int_equal(
        notice_get(r.store, "co-habeas-data", "2026-11", "en", &former, &err),
        1);
    buf_free(&former);
}

static void other_bytes_under_a_published_version(void **state)
{
    (void)state;
    assert_int_equal(publish(), 0);
    shell("printf 'One more word.\n' >> policies/" NOTICE);
    refused_naming_the_file();
}

static void a_byte_less_under_a_published_version(void **state)
{
    (void)state;
    assert_int_equal(publish(), 0);
    shell("truncate -s -1 policies/" NOTICE);
    refused_naming_the_file();
}

/* The bytes are those that people saw: variables count. */
static void another_value_of_a_variable_is_another_notice(void **state)
{
    (void)state;
    assert_int_equal(publish(), 0);
    assert_int_equal(publish_as("Another S. A."), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    shell("sed -i 's/^dpo: .*/dpo: Someone else/' "
          "policies/co-habeas-data/policy.yaml");
    assert_int_equal(publish(), -1);
    assert_int_equal(ledger_size(r.ledger), LANGUAGES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_language_is_one_entry),
        TEST(the_same_bytes_again_are_no_news),
        TEST(a_new_version_is_published_beside_the_former),
        TEST(other_bytes_under_a_published_version),
        TEST(a_byte_less_under_a_published_version),
        TEST(another_value_of_a_variable_is_another_notice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

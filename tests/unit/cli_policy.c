/* cli: policy check says whether a folder loads; it asks no desk. */
#include "unit.h"

#include <fcntl.h>

#include "cli/cli.h"

static char *root;
static struct error err;

static int set_up(void **state)
{
    char command[256];

    (void)state;
    root = unit_folder_new();
    (void)snprintf(command, sizeof(command), "cp -r policies/. '%s'", root);
    return system(command);
}

static int tear_down(void **state)
{
    (void)state;
    unit_folder_free(root);
    return 0;
}

/* Runs the command on a folder below root; out is what it printed. */
static int check(const char *folder, bool json, struct buf *out)
{
    char path[256], printed[256];
    struct cli cli = { .socket = "/none", .argument = path, .json = json };
    int former = dup(STDOUT_FILENO), file, ok;

    (void)snprintf(path, sizeof(path), "%s/%s", root, folder);
    (void)snprintf(printed, sizeof(printed), "%s/printed", root);
    memset(&err, 0, sizeof(err));
    (void)fflush(stdout);
    file = open(printed, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    (void)dup2(file, STDOUT_FILENO);
    ok = policy_run_check(&cli, &err);
    (void)fflush(stdout);
    (void)dup2(former, STDOUT_FILENO);
    (void)close(former);
    (void)close(file);
    buf_reset(out);
    assert_int_equal(file_read(printed, 4096, out, &(struct error){ 0 }), 0);
    return ok;
}

static void a_sound_policy_is_said_to_be(void **state)
{
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(check("co-habeas-data", false, &out), 0);
    assert_string_equal((char *)out.p, "co-habeas-data is sound: notice "
                                       "2026-11, 2 purposes, 3 languages\n");
    assert_int_equal(check("es-gdpr", true, &out), 0);
    static const char es[] = "{\"id\":\"es-gdpr\",\"jurisdiction\":\"ES\","
                             "\"notice_version\":\"2026-11\",\"purposes\":1,"
                             "\"languages\":3,\"procedures\":3,\"clocks\":4,"
                             "\"hours\":1,\"warnings\":[";
    assert_memory_equal(out.p, es, sizeof(es) - 1);
    buf_free(&out);
}

/* What a caption cannot name is said, and loads. */
static void a_title_without_a_word_of_its_own_is_warned_of(void **state)
{
    char command[512];
    struct buf out = { 0 };

    (void)state;
    (void)snprintf(command, sizeof(command),
                   "sed -i 's/title: DNI o NIE/title: Su documento/' "
                   "'%s/es-gdpr/texts.es-ES.yaml'",
                   root);
    assert_int_equal(system(command), 0);
    assert_int_equal(check("es-gdpr", true, &out), 0);
    assert_non_null(strstr((char *)out.p,
                           "texts.es-ES.yaml: procedures.alta_cuenta.items.dni"
                           ".title: has no word"));
    buf_free(&out);
}

/* A shell completes folders with a slash, and people stand in them. */
static void the_folder_may_be_written_in_any_way(void **state)
{
    static const char *const ways[] = { "es-gdpr/", "es-gdpr//", "es-gdpr/.",
                                        "es-gdpr/notices/.." };
    struct buf out = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (check(ways[i], false, &out) != 0)
            print_error("%s: %s\n", ways[i], err.text);
        assert_int_equal(err.code, ERR_NONE);
        assert_memory_equal(out.p, "es-gdpr is sound", 16);
    }
    buf_free(&out);
}

static void a_slip_is_exit_2_with_file_and_line(void **state)
{
    char command[512], want[256];
    struct buf out = { 0 };

    (void)state;
    (void)snprintf(command, sizeof(command),
                   "sed -i 's/^hold_time: 24h/hold_tme: 24h/' "
                   "'%s/es-gdpr/policy.yaml'",
                   root);
    assert_int_equal(system(command), 0);
    (void)snprintf(want, sizeof(want),
                   "%s/es-gdpr/policy.yaml:16: hold_tme: unknown key", root);
    assert_int_equal(check("es-gdpr/", false, &out), -1);
    assert_string_equal(err.text, want);
    assert_int_equal(error_exit_code(err.code), 2);
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static void a_folder_that_is_no_policy_is_exit_2(void **state)
{
    static const char *const folders[] = { "", ".", "nobody", "nobody/..",
                                           "es-gdpr/policy.yaml" };
    struct buf out = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        assert_int_equal(check(folders[i], false, &out), -1);
        assert_int_equal(error_exit_code(err.code), 2);
        assert_non_null(strstr(err.text, root));
        assert_int_equal(out.len, 0);
    }
    buf_free(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_policy_is_said_to_be),
        TEST(a_title_without_a_word_of_its_own_is_warned_of),
        TEST(the_folder_may_be_written_in_any_way),
        TEST(a_slip_is_exit_2_with_file_and_line),
        TEST(a_folder_that_is_no_policy_is_exit_2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* cli: dates by a policy, for who has no daemon at hand. */
#include "unit.h"

#include <fcntl.h>

#include "cli/cli.h"

static char *root;
static struct error err;
static struct buf out;

static int set_up(void **state)
{
    (void)state;
    root = unit_folder_new();
    memset(&err, 0, sizeof(err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_free(&out);
    unit_folder_free(root);
    return 0;
}

/* Runs a command and reads what it printed, as JSON. */
static json_t *run(command_run command, struct cli *cli)
{
    int former = dup(STDOUT_FILENO), file, ok;
    char printed[256];

    cli->json = true;
    (void)snprintf(printed, sizeof(printed), "%s/printed", root);
    (void)fflush(stdout);
    file = open(printed, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    (void)dup2(file, STDOUT_FILENO);
    ok = command(cli, &err);
    (void)fflush(stdout);
    (void)dup2(former, STDOUT_FILENO);
    (void)close(former);
    (void)close(file);
    buf_reset(&out);
    assert_int_equal(file_read(printed, 65536, &out, &(struct error){ 0 }), 0);
    return ok != 0 ? NULL : json_parse(out.p, out.len, &err);
}

static void due_dates_are_told_for_each_extension(void **state)
{
    struct cli cli = { .argument = "consulta" };
    json_t *list;

    (void)state;
    cli.options[OPTION_POLICY] = "policies/co-habeas-data";
    cli.options[OPTION_FROM] = "2026-11-23";
    list = run(calendar_run_due, &cli);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_str(json_array_get(list, 0), "due"), "2026-12-07");
    assert_string_equal(json_str(json_array_get(list, 0), "due_early"),
                        "2026-12-04");
    assert_string_equal(json_str(json_array_get(list, 0), "due_at"),
                        "2026-12-08T05:00:00.000Z");
    assert_string_equal(json_str(json_array_get(list, 1), "due"), "2026-12-15");
    json_decref(list);

    /* An instant is of the day that it is there. */
    cli.options[OPTION_FROM] = "2026-11-24T04:00:00Z";
    list = run(calendar_run_due, &cli);
    assert_string_equal(json_str(json_array_get(list, 0), "received"),
                        "2026-11-23");
    json_decref(list);
}

static void what_is_wrong_has_its_exit_code(void **state)
{
    struct cli cli = { .argument = "nothing" };

    (void)state;
    cli.options[OPTION_POLICY] = "policies/co-habeas-data";
    assert_null(run(calendar_run_due, &cli));
    assert_int_equal(error_exit_code(err.code), 3);
    cli.options[OPTION_FROM] = "yesterday";
    assert_null(run(calendar_run_due, &cli));
    assert_int_equal(error_exit_code(err.code), 2);
    assert_null(run(calendar_run_show, &cli));
    assert_int_equal(error_exit_code(err.code), 2);
    cli.argument = "2026";
    cli.options[OPTION_POLICY] = "policies/nobody";
    assert_null(run(calendar_run_show, &cli));
    assert_int_equal(error_exit_code(err.code), 2);
}

static void a_year_shows_its_special_days(void **state)
{
    struct cli cli = { .argument = "2026" };
    json_t *o, *days;

    (void)state;
    cli.options[OPTION_POLICY] = "policies/co-habeas-data";
    o = run(calendar_run_show, &cli);
    days = json_object_get(o, "days");
    assert_int_equal(json_array_size(days), 18);
    assert_string_equal(json_str(json_array_get(days, 1), "date"),
                        "2026-01-12");
    assert_int_equal(json_integer_value(json_object_get(o, "business_days")),
                     243);
    json_decref(o);
    cli.argument = "2031";
    cli.options[OPTION_POLICY] = "policies/es-gdpr";
    o = run(calendar_run_show, &cli);
    assert_true(json_is_false(json_object_get(o, "known")));
    assert_int_equal(json_array_size(json_object_get(o, "days")), 0);
    json_decref(o);
}

static void a_policy_is_shown_as_it_was_understood(void **state)
{
    struct cli cli = { .argument = "policies/co-habeas-data" };
    json_t *o = run(policy_run_show, &cli), *item;

    (void)state;
    assert_int_equal(json_array_size(json_object_get(o, "procedures")), 3);
    assert_int_equal(json_array_size(json_object_get(o, "clocks")), 17);
    item = json_array_get(
        json_object_get(json_array_get(json_object_get(o, "procedures"), 0),
                        "items"),
        0);
    assert_string_equal(json_str(item, "id"), "cedula");
    assert_string_equal(json_str(item, "retention"), "case_files");
    assert_int_equal(json_array_size(json_object_get(item, "purposes")), 2);
    assert_int_equal(json_array_size(json_object_get(item, "types")), 5);
    json_decref(o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(due_dates_are_told_for_each_extension),
        TEST(what_is_wrong_has_its_exit_code),
        TEST(a_year_shows_its_special_days),
        TEST(a_policy_is_shown_as_it_was_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

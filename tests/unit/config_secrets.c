/* config: the three secret files. */
#include "unit.h"

#include "resguardo/config.h"

#include <sys/stat.h>

struct fixture {
    char *path;
    char app[128], verify[128], access[128];
    struct config config;
};

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->path = unit_folder_new();
    (void)snprintf(f->app, sizeof(f->app), "%s/app", f->path);
    (void)snprintf(f->verify, sizeof(f->verify), "%s/verify", f->path);
    (void)snprintf(f->access, sizeof(f->access), "%s/access", f->path);
    f->config.app_secret_file = f->app;
    f->config.verify_token_file = f->verify;
    f->config.access_token_file = f->access;
    put(f->app, "newest\n\nolder\r\noldest", 0600);
    put(f->verify, "verify\r\n", 0600);
    put(f->access, "access\nand a second line\n", 0640);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    unit_folder_free(f->path);
    free(f);
    return 0;
}

static void assert_secret(const struct secret *s, const char *want)
{
    assert_int_equal(s->len, strlen(want));
    assert_string_equal((const char *)s->p, want);
}

static void assert_refused(const struct fixture *f, const char *says)
{
    struct config_secrets s;
    struct error e = { 0 };

    assert_int_equal(config_secrets_load(&s, &f->config, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, says));
    assert_null(s.app_secrets[0]);
    assert_null(s.verify_token);
    assert_null(s.access_token);
    assert_int_equal(s.napp_secrets, 0);
}

static void reads_lines_newest_first_without_line_ends(void **state)
{
    const struct fixture *f = *state;
    struct config_secrets s;
    struct error e;

    assert_int_equal(config_secrets_load(&s, &f->config, &e), 0);
    assert_int_equal(s.napp_secrets, 3);
    assert_secret(s.app_secrets[0], "newest");
    assert_secret(s.app_secrets[1], "older");
    assert_secret(s.app_secrets[2], "oldest");
    assert_secret(s.verify_token, "verify");
    assert_secret(s.access_token, "access");

    config_secrets_wipe(&s);
    assert_int_equal(s.napp_secrets, 0);
    assert_null(s.app_secrets[2]);
    assert_null(s.access_token);
}

/* It is said in the log, and the daemon starts. */
static void a_file_open_to_everybody_is_taken(void **state)
{
    const struct fixture *f = *state;
    struct config_secrets s;
    struct error e = { 0 };

    assert_int_equal(chmod(f->access, 0644), 0);
    assert_int_equal(config_secrets_load(&s, &f->config, &e), 0);
    assert_secret(s.access_token, "access");
    config_secrets_wipe(&s);
}

static void an_empty_file_is_refused(void **state)
{
    const struct fixture *f = *state;

    put(f->verify, "", 0600);
    assert_refused(f, "/verify holds no secret");
    put(f->verify, "\r\n\n\n", 0600);
    assert_refused(f, "/verify holds no secret");
}

static void a_missing_file_is_refused(void **state)
{
    const struct fixture *f = *state;

    assert_int_equal(unlink(f->app), 0);
    assert_refused(f, "cannot open");
}

static void too_many_app_secrets_are_refused(void **state)
{
    const struct fixture *f = *state;
    struct config_secrets s;
    struct error e;

    put(f->app, "1\n2\n3\n4\n5\n6\n7\n8\n", 0600);
    assert_int_equal(config_secrets_load(&s, &f->config, &e), 0);
    assert_int_equal(s.napp_secrets, LIMIT_APP_SECRETS);
    config_secrets_wipe(&s);

    put(f->app, "1\n2\n3\n4\n5\n6\n7\n8\n9\n", 0600);
    assert_refused(f, "/app holds too many secrets");
}

static void spaces_and_control_characters_are_refused(void **state)
{
    const struct fixture *f = *state;

    put(f->app, "good\nbad secret\n", 0600);
    assert_refused(f, "/app holds spaces");
    put(f->app, "trailing \n", 0600);
    assert_refused(f, "/app holds spaces");
    put(f->app, "tab\t\n", 0600);
    assert_refused(f, "/app holds spaces");
}

static void an_error_never_quotes_the_secret(void **state)
{
    const struct fixture *f = *state;
    struct config_secrets s;
    struct error e = { 0 };

    put(f->app, "hunter2 x\n", 0600);
    assert_int_equal(config_secrets_load(&s, &f->config, &e), -1);
    assert_null(strstr(e.text, "hunter2"));
    assert_null(strstr(e.hint, "hunter2"));
}

static void a_folder_or_a_huge_file_is_refused(void **state)
{
    struct fixture *f = *state;
    char text[LIMIT_SECRET_FILE + 2];

    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = 0;
    put(f->app, text, 0600);
    assert_refused(f, "is longer than");
    f->config.app_secret_file = f->path;
    assert_refused(f, "is not a regular file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            reads_lines_newest_first_without_line_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_open_to_everybody_is_taken,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_file_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_missing_file_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(too_many_app_secrets_are_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            spaces_and_control_characters_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_never_quotes_the_secret, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_folder_or_a_huge_file_is_refused,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

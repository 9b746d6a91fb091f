/* cli: from words to a command. */
#include "unit.h"

#include "cli/cli.h"

static int never(const struct cli *cli, struct error *e)
{
    (void)cli;
    (void)e;
    return 0;
}

static const struct command table[] = {
    { "case", "list", never, OPTION_BIT(STATE), 0, NULL, "lists" },
    { "case", "show", never, 0, 0, "CASE", "shows" },
    { "document", "get", never, OPTION_BIT(OUT), OPTION_BIT(REASON), "DOCUMENT",
      "opens" },
    { "status", NULL, never, 0, 0, NULL, "says" },
    { "consent", "export", never,
      OPTION_BIT(OUT) | OPTION_BIT(SINCE) | OPTION_BIT(UNTIL) |
          OPTION_BIT(SUBJECT) | OPTION_BIT(POLICY) | OPTION_BIT(FORMAT),
      0, NULL, "writes" },
    { "age", "encrypt", never, OPTION_BIT(RECIPIENT) | OPTION_BIT(ARMOR), 0,
      "[FILE]", "seals" },
};

#define COMMANDS (sizeof(table) / sizeof(table[0]))

static struct cli cli;
static struct error err;

/* Parses a line of at most 9 words after the program's name. */
static int parse(const char *const *words)
{
    char *argv[11] = { (char *)(uintptr_t) "resguardo" };
    int argc = 1;

    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    memset(&err, 0, sizeof(err));
    return command_parse(&cli, table, COMMANDS, argc, argv, &err);
}
#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })
#define ASSERT_USAGE(...)                                                      \
    do {                                                                       \
        assert_int_equal(PARSE(__VA_ARGS__), -1);                              \
        assert_int_equal(err.code, ERR_USAGE);                                 \
    } while (0)

static int forget(void **state)
{
    (void)state;
    free(cli.identity);
    memset(&cli, 0, sizeof(cli));
    (void)unsetenv("RESGUARDO_SOCKET");
    (void)unsetenv("RESGUARDO_IDENTITY");
    return 0;
}

static void noun_and_verb_find_the_command(void **state)
{
    (void)state;
    assert_int_equal(PARSE("case", "show", "AB12"), 0);
    assert_ptr_equal(cli.command, &table[1]);
    assert_string_equal(cli.argument, "AB12");
}

static void empty_value_is_refused(void **state)
{
    (void)state;
    ASSERT_USAGE("case", "list", "--state", "");
    ASSERT_USAGE("case", "list", "--state=");
    ASSERT_USAGE("status", "--socket=");
}

static void some_options_may_be_given_several_times(void **state)
{
    (void)state;
    assert_int_equal(PARSE("age", "encrypt", "-r", "a", "-r", "b", "-r=c"), 0);
    assert_int_equal(cli.nvalues, 3);
    assert_string_equal(cli.values[0], "a");
    assert_string_equal(cli.values[1], "b");
    assert_string_equal(cli.values[2], "c");
    assert_string_equal(cli.options[OPTION_RECIPIENT], "a");
    (void)forget(NULL);
    ASSERT_USAGE("age", "encrypt", "-a", "-a");
    ASSERT_USAGE("age", "encrypt", "-r", "a", "-r");
    ASSERT_USAGE("age", "encrypt", "-r", "a", "-r", "");
    ASSERT_USAGE("case", "list", "-r", "a");
}

static void an_argument_in_brackets_may_lack(void **state)
{
    (void)state;
    assert_int_equal(PARSE("age", "encrypt"), 0);
    assert_null(cli.argument);
    (void)forget(NULL);
    assert_int_equal(PARSE("age", "encrypt", "-"), 0);
    assert_string_equal(cli.argument, "-");
    (void)forget(NULL);
    ASSERT_USAGE("age", "encrypt", "one", "two");
}

static void noun_alone_finds_its_command(void **state)
{
    (void)state;
    assert_int_equal(PARSE("status"), 0);
    assert_ptr_equal(cli.command, &table[3]);
}

static void global_options_stand_anywhere(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--socket", "/s", "case", "--json", "list",
                           "--identity=/i", "--state", "open"),
                     0);
    assert_ptr_equal(cli.command, &table[0]);
    assert_string_equal(cli.socket, "/s");
    assert_string_equal(cli.identity, "/i");
    assert_string_equal(cli.options[OPTION_STATE], "open");
    assert_true(cli.json);
}

static void environment_fills_what_is_not_given(void **state)
{
    (void)state;
    assert_int_equal(setenv("RESGUARDO_SOCKET", "/e/s", 1), 0);
    assert_int_equal(setenv("RESGUARDO_IDENTITY", "/e/i", 1), 0);
    assert_int_equal(PARSE("status", "--identity", "/o/i"), 0);
    assert_string_equal(cli.socket, "/e/s");
    assert_string_equal(cli.identity, "/o/i");
}

static void defaults_are_the_documented_ones(void **state)
{
    (void)state;
    assert_int_equal(setenv("HOME", "/home/ana", 1), 0);
    assert_int_equal(PARSE("status"), 0);
    assert_string_equal(cli.socket, "/run/resguardo/desk.sock");
    assert_string_equal(cli.identity, "/home/ana/.config/resguardo/identity");
}

static void value_may_look_like_an_option(void **state)
{
    (void)state;
    assert_int_equal(PARSE("document", "get", "d1", "--reason", "--json"), 0);
    assert_string_equal(cli.options[OPTION_REASON], "--json");
    assert_false(cli.json);
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    assert_int_equal(PARSE("case", "show", "--", "-x"), 0);
    assert_string_equal(cli.argument, "-x");
}

static void help_needs_no_command(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--help"), 0);
    assert_null(cli.command);
    assert_non_null(cli.options[OPTION_HELP]);
}

static void unknown_words_are_usage_errors(void **state)
{
    (void)state;
    ASSERT_USAGE("vault", "rotate");
    ASSERT_USAGE("age", "seal");
    ASSERT_USAGE("case", "close", "X");
    ASSERT_USAGE("");
}

static void unknown_options_are_usage_errors(void **state)
{
    (void)state;
    ASSERT_USAGE("case", "list", "--bogus");
    ASSERT_USAGE("case", "list", "--reason", "x");
    ASSERT_USAGE("--state", "open", "case", "list");
    ASSERT_USAGE("status", "-o", "f");
}

static void missing_words_are_usage_errors(void **state)
{
    (void)state;
    ASSERT_USAGE("case");
    ASSERT_USAGE("case", "show");
    ASSERT_USAGE("case", "show", "");
    ASSERT_USAGE("--json");
}

static void required_option_must_be_there(void **state)
{
    (void)state;
    ASSERT_USAGE("document", "get", "d1");
    assert_non_null(strstr(err.text, "--reason"));
}

static void option_without_its_value_is_a_usage_error(void **state)
{
    (void)state;
    ASSERT_USAGE("document", "get", "d1", "--reason");
    ASSERT_USAGE("status", "--json=yes");
}

static void option_given_twice_is_a_usage_error(void **state)
{
    (void)state;
    ASSERT_USAGE("case", "list", "--state", "open", "--state", "closed");
}

static void what_there_is_not_is_refused_with_what_there_is(void **state)
{
    (void)state;
    ASSERT_USAGE("case", "list", "--state", "opened");
    assert_string_equal(err.text, "--state: no such state: opened");
    assert_string_equal(err.hint, "one of: open, complete, closed");
    ASSERT_USAGE("case", "list", "--state", "open|complete");
    ASSERT_USAGE("case", "list", "--state", "ope");
}

static void one_word_too_many_is_a_usage_error(void **state)
{
    (void)state;
    ASSERT_USAGE("status", "now");
    ASSERT_USAGE("case", "show", "A", "B");
}

static void help_names_every_command(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    help_all(out, table, COMMANDS);
    assert_int_equal(fclose(out), 0);
    for (size_t i = 0; i < COMMANDS; i++) {
        char line[64];

        (void)snprintf(line, sizeof(line), "\n  %s%s%s", table[i].noun,
                       table[i].verb != NULL ? " " : "",
                       table[i].verb != NULL ? table[i].verb : "");
        assert_non_null(strstr(text, line));
        assert_non_null(strstr(text, table[i].summary));
    }
    free(text);
}

static void help_of_a_noun_has_options_and_examples(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    help_noun(out, table, COMMANDS, "document");
    assert_int_equal(fclose(out), 0);
    assert_non_null(
        strstr(text, "document get DOCUMENT --reason TEXT [-o PATH]"));
    assert_non_null(strstr(text, "$ resguardo document get DOCUMENT"));
    assert_null(strstr(text, "case"));
    free(text);
}

static void help_of_a_command_names_the_values_there_are(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    assert_int_equal(PARSE("case", "list", "--help"), 0);
    help_show(out, &cli);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "one of: open, complete, closed\n"));
    assert_non_null(strstr(text, "$ resguardo case list"));
    assert_null(strstr(text, "case show"));
    free(text);
}

static void help_of_a_noun_needs_no_verb(void **state)
{
    (void)state;
    assert_int_equal(PARSE("case", "--help"), 0);
    assert_string_equal(cli.noun, "case");
    free(cli.identity);
    ASSERT_USAGE("case");
    assert_non_null(strstr(err.hint, "resguardo case --help"));
}

static void long_usage_is_broken_between_options(void **state)
{
    char *text = NULL, *save = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    help_noun(out, table, COMMANDS, "consent");
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "\n           [--policy POLICY]"));
    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        assert_true(utf8_count(line) < 80);
    free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, forget, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(noun_and_verb_find_the_command),
        TEST(empty_value_is_refused),
        TEST(some_options_may_be_given_several_times),
        TEST(an_argument_in_brackets_may_lack),
        TEST(noun_alone_finds_its_command),
        TEST(global_options_stand_anywhere),
        TEST(environment_fills_what_is_not_given),
        TEST(defaults_are_the_documented_ones),
        TEST(value_may_look_like_an_option),
        TEST(two_dashes_end_the_options),
        TEST(help_needs_no_command),
        TEST(unknown_words_are_usage_errors),
        TEST(unknown_options_are_usage_errors),
        TEST(missing_words_are_usage_errors),
        TEST(required_option_must_be_there),
        TEST(option_without_its_value_is_a_usage_error),
        TEST(option_given_twice_is_a_usage_error),
        TEST(one_word_too_many_is_a_usage_error),
        TEST(help_names_every_command),
        TEST(help_of_a_noun_has_options_and_examples),
        TEST(help_of_a_command_names_the_values_there_are),
        TEST(what_there_is_not_is_refused_with_what_there_is),
        TEST(help_of_a_noun_needs_no_verb),
        TEST(long_usage_is_broken_between_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

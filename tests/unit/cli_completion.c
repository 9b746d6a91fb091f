/* cli: what a shell is told to offer, and the values that are offered. */
#include "unit.h"

#include "cli/words.h"
#include "resguardo/policy.h"
#include "resguardo/registrar.h"
#include "resguardo/registrar_person.h"

static int never(const struct cli *cli, struct error *e)
{
    (void)cli;
    (void)e;
    return 0;
}

static const struct command table[] = {
    { "case", "list", never, OPTION_BIT(STATE) | OPTION_BIT(OVERDUE), 0, NULL,
      "lists" },
    { "case", "show", never, 0, 0, "CASE", "shows" },
    { "case", "priority", never, 0, 0, "CASE PRIORITY", "says how urgent" },
    { "document", "get", never, OPTION_BIT(OUT), OPTION_BIT(REASON),
      "[DOCUMENT]", "opens" },
    { "document", "send", never, 0, OPTION_BIT(REASON), "CASE FILE", "sends" },
    { "age", "encrypt", never, OPTION_BIT(RECIPIENT) | OPTION_BIT(ARMOR), 0,
      "[FILE]", "seals" },
    { "policy", "check", never, 0, 0, "DIR", "checks" },
    { "request", "open", never, OPTION_BIT(REQUESTER) | OPTION_BIT(ASSURANCE),
      OPTION_BIT(KIND), "SUBJECT", "takes" },
    { "request", "list", never, OPTION_BIT(STATE), 0, NULL, "lists" },
    { "request", "close", never, OPTION_BIT(GROUND), OPTION_BIT(OUTCOME),
      "REQUEST", "answers" },
    { "incident", "close", never, 0, OPTION_BIT(OUTCOME), "INCIDENT", "ends" },
    { "subject", "erase", never, 0, OPTION_BIT(GROUND), "SUBJECT", "destroys" },
    { "subject", "link", never, OPTION_BIT(PROOF), 0, "SUBJECT FORMER",
      "links" },
    { "attachment", "list", never, OPTION_BIT(STATE), 0, NULL, "lists" },
    { "status", NULL, never, 0, 0, NULL, "says" },
    { "help", NULL, never, 0, 0, "[NOUN VERB]", "helps" },
};
#define COMMANDS (sizeof(table) / sizeof(table[0]))

static struct buf out;

static const char *complete(const char *const *words)
{
    size_t n = 0;

    while (words[n] != NULL)
        n++;
    buf_free(&out);
    assert_int_equal(completion_answer(&out, table, COMMANDS, words, n), 0);
    assert_int_equal(buf_add(&out, "", 1), 0);
    return (const char *)out.p;
}
#define OFFERED(...) complete((const char *const[]){ __VA_ARGS__, NULL })

static int forget(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

static void nouns_come_first_each_once(void **state)
{
    (void)state;
    assert_string_equal(OFFERED("c"), "case\tlist, show, priority\n");
    assert_string_equal(OFFERED("st"), "status\tsays\n");
    assert_string_equal(OFFERED("x"), "");
    assert_non_null(strstr(OFFERED(""), "document\t"));
}

static void verbs_follow_their_noun(void **state)
{
    (void)state;
    assert_string_equal(
        OFFERED("case", ""),
        "list\tlists\nshow\tshows\npriority\tsays how urgent\n");
    assert_string_equal(OFFERED("case", "s"), "show\tshows\n");
    assert_string_equal(OFFERED("nothing", ""), "");
}

static void values_of_an_option_are_those_of_its_command(void **state)
{
    (void)state;
    assert_string_equal(OFFERED("case", "list", "--state", ""),
                        "open\t\ncomplete\t\nclosed\t\n");
    assert_string_equal(OFFERED("case", "list", "--state", "c"),
                        "complete\t\nclosed\t\n");
    assert_string_equal(OFFERED("case", "list", "--state=c"),
                        "--state=complete\t\n--state=closed\t\n");
    assert_non_null(
        strstr(OFFERED("attachment", "list", "--state", ""), "judging"));
    /* What stands for others is nothing to type. */
    assert_null(strstr(OFFERED("request", "open", "--kind", ""), "…"));
}

static void options_are_the_commands_own_and_those_of_all(void **state)
{
    const char *text = OFFERED("case", "list", "--");

    (void)state;
    assert_non_null(strstr(text, "--state\t"));
    assert_non_null(strstr(text, "--json\t"));
    assert_null(strstr(text, "--reason\t"));
    assert_null(strstr(OFFERED("--"), "--state\t"));
    assert_non_null(strstr(OFFERED("--"), "--socket\t"));
}

static void what_was_given_is_not_offered_again(void **state)
{
    (void)state;
    assert_string_equal(OFFERED("case", "list", "--state", "open", "--st"), "");
    assert_string_equal(OFFERED("case", "list", "--state=open", "--st"), "");
    assert_non_null(
        strstr(OFFERED("age", "encrypt", "-r", "age1", "-"), "-r\t"));
}

static void what_must_be_there_is_offered_by_itself(void **state)
{
    (void)state;
    assert_string_equal(OFFERED("document", "get", "D1", ""),
                        "--reason\twhy, in words that are kept\n");
    assert_string_equal(OFFERED("document", "get", "D1", "--reason", ""), "");
    assert_non_null(strstr(OFFERED("case", "list", ""), "--overdue\t"));
}

static void a_path_is_the_shells_to_complete(void **state)
{
    (void)state;
    assert_string_equal(OFFERED("document", "get", "-o", "f"), ":files\n");
    assert_string_equal(OFFERED("document", "send", "C1", ""), ":files\n");
    assert_string_equal(OFFERED("document", "send", ""), "");
    assert_string_equal(OFFERED("age", "encrypt", "x"), ":files\n");
    assert_string_equal(OFFERED("policy", "check", ""), ":folders\n");
    assert_string_equal(OFFERED("--identity", ""), ":files\n");
}

static void arguments_are_counted_past_options(void **state)
{
    (void)state;
    assert_string_equal(
        OFFERED("--json", "case", "priority", "--socket", "low", "C1", "h"),
        "high\t\n");
    assert_string_equal(OFFERED("case", "priority", "h"), "");
}

static void after_two_dashes_nothing_is_an_option(void **state)
{
    (void)state;
    assert_string_equal(OFFERED("case", "show", "--", "--"), "");
    assert_string_equal(OFFERED("case", "priority", "--", "-x", "u"),
                        "urgent\t\n");
}

static void help_completes_what_it_explains(void **state)
{
    (void)state;
    assert_string_equal(OFFERED("help", "st"), "status\tsays\n");
    assert_string_equal(OFFERED("help", "case", "s"), "show\tshows\n");
}

static void nothing_is_made_of_no_words(void **state)
{
    (void)state;
    assert_int_equal(completion_answer(&out, table, COMMANDS, NULL, 0), 0);
    assert_int_equal(buf_add(&out, "", 1), 0);
    assert_non_null(strstr((const char *)out.p, "case\t"));
}

/* ---- the lists are those of who takes them ------------------------------ */

static const struct vocabulary *of(const char *noun, const char *verb,
                                   enum option option)
{
    const struct vocabulary *v =
        vocabulary_of(command_find(table, COMMANDS, noun, verb), option, NULL);

    assert_non_null(v);
    return v;
}

static size_t count(const struct vocabulary *v)
{
    size_t n = 1;

    for (const char *p = v->values; *p != '\0'; p++)
        n += *p == '|';
    return n;
}

static void same(const struct vocabulary *v, const char *const *list)
{
    size_t n = 0;

    for (; list[n] != NULL; n++)
        assert_true(vocabulary_has(v, list[n]));
    assert_int_equal(count(v), n);
}

static void values_are_those_that_the_registrar_takes(void **state)
{
    (void)state;
    same(of("request", "close", OPTION_GROUND), request_grounds);
    same(of("request", "open", OPTION_REQUESTER), request_requesters);
    same(of("request", "open", OPTION_ASSURANCE), request_assurances);
    same(of("subject", "erase", OPTION_GROUND), erasure_grounds);
    same(of("subject", "link", OPTION_PROOF), link_proofs);
    /* Requests and incidents share one list. */
    for (const char *const *o = request_outcomes; *o != NULL; o++)
        assert_true(
            vocabulary_has(of("request", "close", OPTION_OUTCOME), *o) ||
            vocabulary_has(of("incident", "close", OPTION_OUTCOME), *o));
    for (int i = 0; i < PRIORITY__MAX; i++)
        assert_true(
            vocabulary_has(vocabulary_of(&table[2], OPTION__MAX, "PRIORITY"),
                           priority_names[i]));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, forget, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nouns_come_first_each_once),
        TEST(verbs_follow_their_noun),
        TEST(values_of_an_option_are_those_of_its_command),
        TEST(options_are_the_commands_own_and_those_of_all),
        TEST(what_was_given_is_not_offered_again),
        TEST(what_must_be_there_is_offered_by_itself),
        TEST(a_path_is_the_shells_to_complete),
        TEST(arguments_are_counted_past_options),
        TEST(after_two_dashes_nothing_is_an_option),
        TEST(help_completes_what_it_explains),
        TEST(nothing_is_made_of_no_words),
        TEST(values_are_those_that_the_registrar_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

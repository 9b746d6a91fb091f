/* policy: how long what is kept, what blocks first, what needs two officers. */
#include "policy_help.h"

/* ---- what is good ------------------------------------------------------- */

static void the_examples_say_how_long(void **state)
{
    struct policy *co = load_good(CO), *es = load_good(ES);

    (void)state;
    assert_int_equal(co->nrules, 2);
    assert_int_equal(co->rules[0].trigger, TRIGGER_CASE_CLOSED);
    assert_int_equal(co->rules[0].after, 1825 * MSEC_D);
    assert_false(co->rules[0].block);
    assert_string_equal(co->rules[0].ground, "legal_duty");
    assert_true(strlen(co->rules[0].citation) > 0);
    assert_int_equal(co->persons_after, 1825 * MSEC_D);
    assert_false(co->erasure_blocks);
    assert_int_equal(co->block_for, 0);
    assert_int_equal(co->two_officers, 0);
    assert_true(es->rules[1].block);
    assert_int_equal(es->rules[1].after, 0);
    assert_int_equal(es->rules[1].block_for, 1095 * MSEC_D);
    assert_true(es->erasure_blocks);
    assert_int_equal(es->block_for, 1095 * MSEC_D);
    policy_free(&co);
    policy_free(&es);
}

static void spain_blocks_whether_it_says_so_or_not(void **state)
{
    struct policy *p;

    (void)state;
    swap(ES, YAML, "erasure: block\nblock_for: 1095d\n", "");
    p = load_good(ES);
    assert_true(p->erasure_blocks);
    assert_int_equal(p->block_for, 1095 * MSEC_D);
    policy_free(&p);
}

static void nothing_said_keeps_everything(void **state)
{
    struct policy *p;
    char *text = get_text(CO, YAML), *cut = strstr(text, "# How long");
    char *rest = strstr(text, "calendar:"), *ref;
    struct buf less = { 0 };

    (void)state;
    while ((ref = strstr(rest, "    retention: case_files\n")) != NULL)
        memcpy(ref, "#", 1);
    assert_int_equal(buf_add(&less, text, (size_t)(cut - text)), 0);
    assert_int_equal(buf_adds(&less, rest), 0);
    put_text(CO, YAML, less.p, less.len);
    buf_free(&less);
    p = load_good(CO);
    assert_int_equal(p->nrules, 0);
    assert_int_equal(p->persons_after, 0);
    assert_false(p->erasure_blocks);
    assert_null(policy_rule_for(p, TRIGGER_STORED, "image/jpeg"));
    policy_free(&p);
    free(text);
}

static void the_first_rule_that_names_a_type_counts(void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, YAML, "retention_rules:\n",
         "retention_rules:\n"
         "  - {documents: [application/pdf, image/png], trigger: case_closed,\n"
         "     after: 1d, action: block, block_for: 2d, ground: legal_duty}\n");
    p = load_good(CO);
    assert_int_equal(
        policy_rule_for(p, TRIGGER_CASE_CLOSED, "image/png")->after, MSEC_D);
    assert_int_equal(
        policy_rule_for(p, TRIGGER_CASE_CLOSED, "image/jpeg")->after,
        1825 * MSEC_D);
    assert_int_equal(
        policy_rule_for(p, TRIGGER_WITHDRAWN, "application/pdf")->after,
        30 * MSEC_D);
    assert_null(policy_rule_for(p, TRIGGER_STORED, "application/pdf"));
    assert_string_equal(p->rules[0].citation, "");
    policy_free(&p);
}

static void two_officers_are_named_by_action(void **state)
{
    struct policy *p;

    (void)state;
    swap(CO, YAML, "# two_officers", "two_officers");
    p = load_good(CO);
    assert_int_equal(p->two_officers, (1u << ACTION_LINK) - 1);
    policy_free(&p);
    swap(CO, YAML, "[erase, staff_add, reveal, release, bulk_read]",
         "[release, link]");
    p = load_good(CO);
    assert_int_equal(p->two_officers, 1u << ACTION_RELEASE | 1u << ACTION_LINK);
    policy_free(&p);
}

/* ---- what is not -------------------------------------------------------- */

static void wrong_rules(void **state)
{
    static const struct slip slips[] = {
        { "retention_rules:\n", "retention_rules: all\nx:\n", 41,
          "x: unknown key" },
        { "- documents: all\n    trigger: case_closed",
          "- trigger: case_closed", 41, "documents: needs a list of one" },
        { "documents: all", "documents: []", 41, "documents: needs a list" },
        { "documents: all", "documents: some", 41, "documents: needs a list" },
        { "documents: all", "documents: [pdf]", 41, "documents: is not of" },
        { "documents: all", "documents: [a/b/c]", 41, "documents: is not of" },
        { "documents: all", "documents: [a/b,c/]", 41, "documents: is not of" },
        { "trigger: case_closed", "trigger: closed", 42, "trigger: is not st" },
        { "after: 1825d", "after: 1825", 43, "after: is no duration" },
        { "after: 1825d", "after: 36501d", 43, "after: must be at most" },
        { "after: 1825d", "until: 1825d", 43, "until: unknown key" },
        { "action: destroy", "action: delete", 44, "action: is not destroy" },
        { "action: destroy", "action: block", 41, "block_for: is missing" },
        { "action: destroy", "action: destroy\n    block_for: 1d", 45,
          "block_for: is for the action block" },
        { "action: destroy", "action: block\n    block_for: 0d", 45,
          "block_for: must be more than 0" },
        { "ground: legal_duty", "ground: because", 45, "ground: is not purp" },
        { "citation: Decreto", "citation: [Decreto]\n  #", 46,
          "citation: is no text" },
        { "citation: Decreto 1377 de 2013, art. 11", "citation: \"a\\nb\"", 46,
          "citation: must be one line" },
        { "trigger: withdrawn", "trigger: case_closed", 48,
          "documents: is never reached" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void wrong_ends(void **state)
{
    static const struct slip slips[] = {
        { "persons_after: 1825d", "persons_after: 0d", 55,
          "persons_after: must be more than 0" },
        { "persons_after: 1825d", "persons_after: ever", 55,
          "persons_after: is no duration" },
        { "erasure: destroy", "erasure: maybe", 56, "erasure: is not destroy" },
        { "erasure: destroy", "erasure: destroy\nblock_for: 1d", 57,
          "block_for: is for erasure: block" },
        { "erasure: destroy", "erasure: block\nblock_for: 0d", 57,
          "block_for: must be more than 0" },
        { "# two_officers: [erase", "two_officers: [erased", 57,
          "two_officers: is not erase, staff_add" },
        { "# two_officers: [erase, staff_add, reveal, release, bulk_read]",
          "two_officers: erase", 57, "two_officers: needs a list" },
    };

    (void)state;
    ALL_REFUSED(CO, YAML, slips);
}

static void spain_destroys_nothing_at_once(void **state)
{
    static const struct slip slips[] = {
        { "erasure: block\nblock_for: 1095d\n", "erasure: destroy\n", 54,
          "erasure: must be block where the jurisdiction is ES" },
    };

    (void)state;
    ALL_REFUSED(ES, YAML, slips);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_examples_say_how_long),
        TEST(spain_blocks_whether_it_says_so_or_not),
        TEST(nothing_said_keeps_everything),
        TEST(the_first_rule_that_names_a_type_counts),
        TEST(two_officers_are_named_by_action),
        TEST(wrong_rules),
        TEST(wrong_ends),
        TEST(spain_destroys_nothing_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

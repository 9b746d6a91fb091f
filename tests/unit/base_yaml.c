/* YAML: what is read, and that errors name exactly the right line. */
#include "unit.h"

#include "resguardo/base.h"

/* The first line is 1; keys of config files as operators write them. */
static const char config[] = "# a comment\n"                    /* 1 */
                             "controller: \"Ejemplo S. A.\"\n"  /* 2 */
                             "\n"                               /* 3 */
                             "gateway:\n"                       /* 4 */
                             "  listen: 127.0.0.1:8080\n"       /* 5 */
                             "  # another\n"                    /* 6 */
                             "  public_url:\n"                  /* 7 */
                             "    https://intake.example.co\n"  /* 8 */
                             "proxy: null\n"                    /* 9 */
                             "ca_file: ~\n"                     /* 10 */
                             "empty:\n"                         /* 11 */
                             "quoted: \"null\"\n"               /* 12 */
                             "numbers:\n"                       /* 13 */
                             "  - id: \"1\"\n"                  /* 14 */
                             "    policy: co\n"                 /* 15 */
                             "  - id: \"2\"\n"                  /* 16 */
                             "hosts: [a.example, b.example]\n"; /* 17 */

static struct yaml_file *parse(const char *text)
{
    struct error e = { 0 };
    struct yaml_file *f = yaml_parse("c.yaml", text, strlen(text), &e);

    if (f == NULL)
        print_error("%s\n", e.text);
    assert_non_null(f);
    return f;
}

static void refused_with(const char *text, const char *expected)
{
    struct error e = { 0 };

    assert_null(yaml_parse("c.yaml", text, strlen(text), &e));
    assert_int_equal(e.code, ERR_CONFIG);
    assert_string_equal(e.text, expected);
}

static void reads_scalars_lists_and_maps(void **state)
{
    struct yaml_file *f = parse(config);
    struct yaml_node *root = yaml_root(f), *list, *map;
    struct error e;

    (void)state;
    assert_string_equal(yaml_need(f, root, "controller", &e), "Ejemplo S. A.");
    map = yaml_get(f, root, "gateway");
    assert_true(yaml_is_map(map));
    assert_int_equal(yaml_count(map), 2);
    assert_string_equal(yaml_key(f, map, 1), "public_url");
    assert_null(yaml_key(f, map, 2));
    assert_string_equal(yaml_need(f, map, "public_url", &e),
                        "https://intake.example.co");
    list = yaml_get(f, root, "hosts");
    assert_true(yaml_is_list(list));
    assert_int_equal(yaml_count(list), 2);
    assert_string_equal(yaml_text(yaml_item(f, list, 1)), "b.example");
    assert_null(yaml_item(f, list, 2));
    yaml_close(&f);
    assert_null(f);
}

static void null_is_absent_but_quoted_is_text(void **state)
{
    struct yaml_file *f = parse(config);
    struct yaml_node *root = yaml_root(f);

    (void)state;
    assert_null(yaml_get(f, root, "proxy"));
    assert_null(yaml_get(f, root, "ca_file"));
    assert_null(yaml_get(f, root, "empty"));
    assert_null(yaml_get(f, root, "nothing"));
    assert_string_equal(yaml_text(yaml_get(f, root, "quoted")), "null");
    yaml_close(&f);
}

static void every_question_takes_an_absent_node(void **state)
{
    struct yaml_file *f = parse(config);
    struct error e = { 0 };

    (void)state;
    assert_null(yaml_get(f, NULL, "x"));
    assert_null(yaml_item(f, NULL, 0));
    assert_null(yaml_key(f, NULL, 0));
    assert_int_equal(yaml_count(NULL), 0);
    assert_false(yaml_is_map(NULL));
    assert_false(yaml_is_list(NULL));
    assert_null(yaml_text(NULL));
    assert_null(yaml_need(f, NULL, "x", &e));
    assert_int_equal(e.code, ERR_CONFIG);
    yaml_close(&f);
}

static void known_keys_pass(void **state)
{
    static const char *const keys[] = { "listen", "public_url", NULL };
    struct yaml_file *f = parse(config);
    struct error e = { 0 };

    (void)state;
    assert_int_equal(
        yaml_check_keys(f, yaml_get(f, yaml_root(f), "gateway"), keys, &e), 0);
    yaml_close(&f);
}

static void an_unknown_key_is_named_with_its_line(void **state)
{
    static const char *const keys[] = { "listen", NULL };
    static const char *const ids[] = { "id", NULL };
    struct yaml_file *f = parse(config);
    struct yaml_node *root = yaml_root(f), *list;
    struct error e = { 0 };

    (void)state;
    assert_int_equal(yaml_check_keys(f, yaml_get(f, root, "gateway"), keys, &e),
                     -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_string_equal(e.text, "c.yaml:7: public_url: unknown key");
    list = yaml_get(f, root, "numbers");
    assert_int_equal(yaml_check_keys(f, yaml_item(f, list, 0), ids, &e), -1);
    assert_string_equal(e.text, "c.yaml:15: policy: unknown key");
    assert_int_equal(yaml_check_keys(f, yaml_item(f, list, 1), ids, &e), 0);
    yaml_close(&f);
}

static void a_key_given_twice_is_named_with_its_second_line(void **state)
{
    (void)state;
    refused_with("a: 1\nb: 2\n\na: 3\n", "c.yaml:4: a: given twice");
    refused_with("x:\n  - k: 1\n    m: 1\n    k: 1\n",
                 "c.yaml:4: k: given twice");
    refused_with("a: 1\n\"a\": 2\n", "c.yaml:2: a: given twice");
    refused_with("{a: 1, a: 2}\n", "c.yaml:1: a: given twice");
}

static void a_missing_key_is_named_with_the_line_of_its_mapping(void **state)
{
    struct yaml_file *f = parse(config);
    struct yaml_node *root = yaml_root(f);
    struct error e = { 0 };

    (void)state;
    assert_null(yaml_need(f, yaml_get(f, root, "gateway"), "port", &e));
    assert_string_equal(e.text, "c.yaml:4: port: is missing");
    assert_null(yaml_need(f, yaml_item(f, yaml_get(f, root, "numbers"), 1),
                          "policy", &e));
    assert_string_equal(e.text, "c.yaml:16: policy: is missing");
    assert_null(yaml_need(f, root, "storage", &e));
    assert_string_equal(e.text, "c.yaml:2: storage: is missing");
    yaml_close(&f);
}

static void a_null_for_a_needed_key_is_named_with_its_line(void **state)
{
    struct yaml_file *f = parse(config);
    struct error e = { 0 };

    (void)state;
    assert_null(yaml_need(f, yaml_root(f), "empty", &e));
    assert_string_equal(e.text, "c.yaml:11: empty: is missing");
    yaml_close(&f);
}

static void a_wrong_type_is_named_with_the_line_of_its_key(void **state)
{
    static const char *const keys[] = { "a", NULL };
    struct yaml_file *f = parse(config);
    struct yaml_node *root = yaml_root(f);
    struct error e = { 0 };

    (void)state;
    assert_null(yaml_need(f, root, "gateway", &e));
    assert_string_equal(e.text, "c.yaml:4: gateway: must be text");
    assert_int_equal(yaml_check_keys(f, yaml_get(f, root, "hosts"), keys, &e),
                     -1);
    assert_string_equal(e.text, "c.yaml:17: hosts: must be a mapping (keys and "
                                "values)");
    assert_int_equal(
        yaml_check_keys(f,
                        yaml_get(f, yaml_get(f, root, "gateway"), "public_url"),
                        keys, &e),
        -1);
    assert_string_equal(e.text, "c.yaml:7: public_url: must be a mapping "
                                "(keys and values)");
    yaml_close(&f);
}

static void an_own_error_names_key_or_item(void **state)
{
    struct yaml_file *f = parse(config);
    struct yaml_node *root = yaml_root(f);
    struct error e = { 0 };

    (void)state;
    assert_int_equal(yaml_error(f, yaml_get(f, root, "gateway"), "public_url",
                                &e, "must be %s", "https"),
                     -1);
    assert_string_equal(e.text, "c.yaml:7: public_url: must be https");
    assert_int_equal(yaml_error(f,
                                yaml_item(f, yaml_get(f, root, "numbers"), 1),
                                NULL, &e, "is no number of ours"),
                     -1);
    assert_string_equal(e.text, "c.yaml:16: is no number of ours");
    assert_int_equal(yaml_error(f, NULL, "hosts", &e, "too many"), -1);
    assert_string_equal(e.text, "c.yaml:17: hosts: too many");
    yaml_close(&f);
}

static void what_is_not_yaml_is_named_with_its_line(void **state)
{
    struct error e = { 0 };
    const char *text = "a: 1\nb: [1, 2\nc: 3\n";

    (void)state;
    assert_null(yaml_parse("c.yaml", text, strlen(text), &e));
    assert_int_equal(e.code, ERR_CONFIG);
    assert_memory_equal(e.text, "c.yaml:3: not YAML: ", 20);
    text = "a: 1\nb: \"\xff\"\n";
    assert_null(yaml_parse("c.yaml", text, strlen(text), &e));
    assert_memory_equal(e.text, "c.yaml:2: not YAML: ", 20);
    text = "a: 1\n\tb: 2\n";
    assert_null(yaml_parse("c.yaml", text, strlen(text), &e));
    assert_memory_equal(e.text, "c.yaml:2: not YAML: ", 20);
}

static void refuses_what_a_config_has_no_use_for(void **state)
{
    (void)state;
    refused_with("a: &x 1\nb: *x\n", "c.yaml:1: anchors are not accepted");
    refused_with("a: 1\nb: *x\n", "c.yaml:2: aliases are not accepted");
    refused_with("a: 1\nb: !!str 2\n", "c.yaml:2: tags are not accepted");
    refused_with("a: 1\nb: &x [1]\n", "c.yaml:2: anchors are not accepted");
    refused_with("a: 1\n---\nb: 2\n",
                 "c.yaml:2: a second document is not accepted");
    refused_with("a: \"x\\0y\"\n", "c.yaml:1: a NUL character is not accepted");
    refused_with("a: 1\n? [x]\n: 2\n", "c.yaml:1: a key must be plain text");
    refused_with("", "c.yaml:1: the file is empty");
    refused_with("# only this\n", "c.yaml:2: the file is empty");
}

static void deep_nesting_is_refused(void **state)
{
    char text[20001];
    struct error e = { 0 };

    (void)state;
    memset(text, '[', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_null(yaml_parse("c.yaml", text, strlen(text), &e));
    assert_string_equal(e.text, "c.yaml:1: it is nested too deep");
}

static void a_missing_file_is_a_config_error(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_null(yaml_load("/nonexistent/c.yaml", &e));
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "/nonexistent/c.yaml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_scalars_lists_and_maps),
        cmocka_unit_test(null_is_absent_but_quoted_is_text),
        cmocka_unit_test(every_question_takes_an_absent_node),
        cmocka_unit_test(known_keys_pass),
        cmocka_unit_test(an_unknown_key_is_named_with_its_line),
        cmocka_unit_test(a_key_given_twice_is_named_with_its_second_line),
        cmocka_unit_test(a_missing_key_is_named_with_the_line_of_its_mapping),
        cmocka_unit_test(a_null_for_a_needed_key_is_named_with_its_line),
        cmocka_unit_test(a_wrong_type_is_named_with_the_line_of_its_key),
        cmocka_unit_test(an_own_error_names_key_or_item),
        cmocka_unit_test(what_is_not_yaml_is_named_with_its_line),
        cmocka_unit_test(refuses_what_a_config_has_no_use_for),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_missing_file_is_a_config_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* JSON from outside: what is taken, what is rewritten, what is refused. */
#include "unit.h"

#include "../fuzz/json_same.h"
#include "resguardo/limits.h"

/* Whatever json_parse says of a text of this file, json_scan says the same. */
static json_t *parse(const char *text)
{
    struct error e;
    json_t *root = json_parse(text, strlen(text), &e);

    assert_true(json_scan_agrees(root, text, strlen(text)));
    return root;
}

static void refused(const char *text, size_t len)
{
    struct error e = { 0 };

    assert_null(json_parse(text, len, &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_true(e.text[0] != '\0');
    assert_true(json_scan_agrees(NULL, text, len));
}

static void refuses(const char *text)
{
    refused(text, strlen(text));
}

/* Parses [VALUE] and compares the string that is its item. */
static void gives_string(const char *text, const char *bytes, size_t len)
{
    json_t *root = parse(text);
    const json_t *item = json_array_get(root, 0);

    assert_non_null(root);
    assert_int_equal(json_string_length(item), len);
    assert_memory_equal(json_string_value(item), bytes, len);
    json_decref(root);
}

static json_t *nested(size_t depth)
{
    struct buf text = { 0 };
    struct error e = { 0 };
    json_t *root;

    for (size_t i = 0; i < depth; i++)
        assert_int_equal(buf_adds(&text, i % 2 == 0 ? "[" : "{\"a\":"), 0);
    assert_int_equal(buf_adds(&text, "1"), 0);
    for (size_t i = depth; i > 0; i--)
        assert_int_equal(buf_adds(&text, i % 2 == 1 ? "]" : "}"), 0);
    root = json_parse(text.p, text.len, &e);
    assert_true(json_scan_agrees(root, text.p, text.len));
    if (root == NULL)
        assert_int_equal(e.code, ERR_INPUT);
    buf_free(&text);
    return root;
}

static void depth_32_is_taken(void **state)
{
    json_t *root = nested(LIMIT_JSON_DEPTH);

    (void)state;
    assert_non_null(root);
    json_decref(root);
}

static void depth_33_is_refused(void **state)
{
    (void)state;
    assert_null(nested(LIMIT_JSON_DEPTH + 1));
}

static void brackets_in_strings_are_no_depth(void **state)
{
    json_t *root = parse("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"]");

    (void)state;
    assert_non_null(root);
    json_decref(root);
}

static void siblings_are_no_depth(void **state)
{
    struct buf text = { 0 };
    struct error e;
    json_t *root;

    (void)state;
    assert_int_equal(buf_adds(&text, "[[]"), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(buf_adds(&text, ",[{}]"), 0);
    assert_int_equal(buf_adds(&text, "]"), 0);
    root = json_parse(text.p, text.len, &e);
    assert_int_equal(json_array_size(root), 101);
    json_decref(root);
    buf_free(&text);
}

static void duplicate_keys_are_refused(void **state)
{
    (void)state;
    refuses("{\"a\":1,\"a\":2}");
    refuses("{\"a\":1,\"\\u0061\":2}");
    refuses("[{\"x\":{\"b\":1,\"b\":1}}]");
}

/* Past a few members keys are compared in another way. */
static void one_key_twice_among_many_is_refused(void **state)
{
    struct buf text = { 0 };
    struct error e;
    json_t *root;

    (void)state;
    assert_int_equal(buf_adds(&text, "{\"k\":0"), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(buf_addf(&text, ",\"k%d\":[%d]", i, i), 0);
    assert_int_equal(buf_adds(&text, "}"), 0);
    root = json_parse(text.p, text.len, &e);
    assert_non_null(root);
    assert_true(json_scan_agrees(root, text.p, text.len));
    json_decref(root);

    text.len--;
    assert_int_equal(buf_adds(&text, ",\"\\u006b57\":1}"), 0);
    refused((char *)text.p, text.len);
    buf_free(&text);
}

static void bad_utf8_is_refused(void **state)
{
    (void)state;
    refuses("[\"\xff\"]");
    refuses("[\"\xc0\xaf\"]");         /* overlong */
    refuses("[\"\xed\xa0\x80\"]");     /* surrogate */
    refuses("[\"\xf4\x90\x80\x80\"]"); /* past U+10FFFF */
    refuses("[\"\xc3\"]");             /* cut */
    refuses("{\"\xe9\":1}");
}

static void trailing_bytes_are_refused(void **state)
{
    (void)state;
    refuses("{} x");
    refuses("{}{}");
    refused("{}\0", 3);
}

static void broken_grammar_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\"}",
        "{'a':1}",
        "[01]",
        "[1.]",
        "[-]",
        "[+1]",
        "[1e]",
        "[tru]",
        "[NaN]",
        "[\"\\x\"]",
        "[\"\\u12g4\"]",
        "[\"",
        "[\"\\",
        "[\"\\u12",
        "]",
        "}}}}",
        "[1e999abc]",
        "[01e999]",
        "[0x1p99999]",
        "[\"\t\"]",
        "\xef\xbb\xbf{}",
        "{\"a\":1,}",
        "[99999999999999999999x]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuses(bad[i]);
}

static void raw_nul_is_refused(void **state)
{
    (void)state;
    refused("[\"a\0b\"]", 7);
    refused("\0", 1);
    refused("[1\0,2]", 6);
    refused("1\0", 2);
}

static void lone_surrogates_become_the_replacement_character(void **state)
{
    (void)state;
    gives_string("[\"a\\ud800b\"]",
                 "a\xef\xbf\xbd"
                 "b",
                 5);
    gives_string("[\"\\uDC00\"]", "\xef\xbf\xbd", 3);
    gives_string("[\"\\ud83d\\u0041\"]",
                 "\xef\xbf\xbd"
                 "A",
                 4);
    gives_string("[\"\\ud83d\\ud83d\\ude00\"]", "\xef\xbf\xbd\xf0\x9f\x98\x80",
                 7);
    gives_string("[\"\\ud83d\"]", "\xef\xbf\xbd", 3);
}

static void surrogate_pairs_are_kept(void **state)
{
    (void)state;
    gives_string("[\"\\uD83D\\uDE00\"]", "\xf0\x9f\x98\x80", 4);
}

static void escaped_backslash_is_no_escape(void **state)
{
    (void)state;
    gives_string("[\"\\\\ud800\"]", "\\ud800", 6);
}

static void nul_escape_in_a_value_is_kept(void **state)
{
    (void)state;
    gives_string("[\"a\\u0000b\"]", "a\0b", 3);
}

static void nul_escape_in_a_key_is_replaced(void **state)
{
    json_t *root = parse("{\"a\\u0000\":\"\\u0000\", \"b\":{\"\\u0000\":1}}");

    (void)state;
    assert_non_null(root);
    assert_int_equal(json_string_length(json_object_get(root, "a\xef\xbf\xbd")),
                     1);
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(root, "b"), "\xef\xbf\xbd")),
                     1);
    json_decref(root);
}

static void strings_in_arrays_are_no_keys(void **state)
{
    json_t *root = parse("{\"a\":[\"x\",\"\\u0000\"]}");

    (void)state;
    assert_int_equal(
        json_string_length(json_array_get(json_object_get(root, "a"), 1)), 1);
    json_decref(root);
}

static void int64_bounds_are_kept(void **state)
{
    json_t *root = parse("[9223372036854775807,-9223372036854775808]");

    (void)state;
    assert_true(json_integer_value(json_array_get(root, 0)) == INT64_MAX);
    assert_true(json_integer_value(json_array_get(root, 1)) == INT64_MIN);
    json_decref(root);
}

static void numbers_past_double_become_null(void **state)
{
    char huge[402];
    json_t *root = parse("{\"b\":-1e999,\"c\":[1E400],\"d\":1e-999,\"e\":2}");

    (void)state;
    assert_non_null(root);
    assert_true(json_is_null(json_object_get(root, "b")));
    assert_true(json_is_null(json_array_get(json_object_get(root, "c"), 0)));
    assert_true(json_is_real(json_object_get(root, "d")));
    assert_int_equal(json_integer_value(json_object_get(root, "e")), 2);
    json_decref(root);

    memset(huge, '9', 400);
    huge[400] = '\0';
    root = parse(huge);
    assert_true(json_is_null(root));
    json_decref(root);
}

static void reads_as(const char *text, double expected)
{
    json_t *root = parse(text);

    assert_non_null(root);
    assert_true(json_is_real(root));
    assert_true(json_real_value(root) == expected);
    json_decref(root);
}

static void integers_past_int64_are_the_nearest_double(void **state)
{
    json_t *root;

    (void)state;
    reads_as("9223372036854775808", 9223372036854775808.0);
    reads_as("-9223372036854775809", -9223372036854775809.0);
    reads_as("18446744073709551615", 18446744073709551615.0);
    reads_as("99999999999999999999", 1e20);
    reads_as("100000000000000000000000000000000", 1e32);
    /* Half way between two doubles but for the last digit. */
    reads_as("36893488147419107329", 36893488147419107329.0);

    root = parse("[-99999999999999999999 , 1]");
    assert_int_equal(json_array_size(root), 2);
    assert_true(json_real_value(json_array_get(root, 0)) == -1e20);
    json_decref(root);
}

/* The digits behind the zero are no part of its number: nothing may be
 * rewritten before or past them. */
static void a_zero_before_a_huge_number_is_refused(void **state)
{
    (void)state;
    refuses("[0999999999999999999999]");
    refuses("[-0999999999999999999999]");
    refuses("0999999999999999999999");
}

static void digits_in_strings_are_kept(void **state)
{
    (void)state;
    gives_string("[\"99999999999999999999\"]", "99999999999999999999", 20);
}

static void errors_quote_nothing_of_the_document(void **state)
{
    const char *text = "{\"phone\": 573001112233abc}";
    struct error e = { 0 };

    (void)state;
    assert_null(json_parse(text, strlen(text), &e));
    assert_null(strstr(e.text, "57300"));
    assert_null(strstr(e.text, "abc"));
}

static void input_is_not_written_to(void **state)
{
    char text[] = "[\"\\ud800\",1e999]";
    struct error e;
    json_t *root = json_parse(text, strlen(text), &e);

    (void)state;
    assert_non_null(root);
    assert_string_equal(text, "[\"\\ud800\",1e999]");
    json_decref(root);
}

static void str_gives_strings_without_nul_only(void **state)
{
    json_t *root = parse("{\"a\":\"x\",\"b\":\"x\\u0000y\",\"c\":1}");

    (void)state;
    assert_string_equal(json_str(root, "a"), "x");
    assert_null(json_str(root, "b"));
    assert_null(json_str(root, "c"));
    assert_null(json_str(root, "d"));
    assert_null(json_str(NULL, "a"));
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_32_is_taken),
        cmocka_unit_test(depth_33_is_refused),
        cmocka_unit_test(brackets_in_strings_are_no_depth),
        cmocka_unit_test(siblings_are_no_depth),
        cmocka_unit_test(duplicate_keys_are_refused),
        cmocka_unit_test(one_key_twice_among_many_is_refused),
        cmocka_unit_test(bad_utf8_is_refused),
        cmocka_unit_test(trailing_bytes_are_refused),
        cmocka_unit_test(broken_grammar_is_refused),
        cmocka_unit_test(raw_nul_is_refused),
        cmocka_unit_test(lone_surrogates_become_the_replacement_character),
        cmocka_unit_test(surrogate_pairs_are_kept),
        cmocka_unit_test(escaped_backslash_is_no_escape),
        cmocka_unit_test(nul_escape_in_a_value_is_kept),
        cmocka_unit_test(nul_escape_in_a_key_is_replaced),
        cmocka_unit_test(strings_in_arrays_are_no_keys),
        cmocka_unit_test(int64_bounds_are_kept),
        cmocka_unit_test(numbers_past_double_become_null),
        cmocka_unit_test(integers_past_int64_are_the_nearest_double),
        cmocka_unit_test(a_zero_before_a_huge_number_is_refused),
        cmocka_unit_test(digits_in_strings_are_kept),
        cmocka_unit_test(errors_quote_nothing_of_the_document),
        cmocka_unit_test(input_is_not_written_to),
        cmocka_unit_test(str_gives_strings_without_nul_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

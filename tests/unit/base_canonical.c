/* RFC 8785 with the known answers of its text and of its appendix B. */
#include "unit.h"

#include "resguardo/base.h"

static void canonical_is(json_t *value, const char *expected)
{
    struct buf out = { 0 };

    assert_non_null(value);
    assert_int_equal(json_canonical(value, &out), 0);
    assert_string_equal((const char *)out.p, expected);
    buf_free(&out);
    json_decref(value);
}

static void text_becomes(const char *text, const char *expected)
{
    struct error e;

    canonical_is(json_parse(text, strlen(text), &e), expected);
}

static void rfc_example_of_section_3_2_2(void **state)
{
    (void)state;
    text_becomes("{\"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3,"
                 " 0.000000000000000000000000001],"
                 " \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022"
                 "\\u005c\\\\\\\"\\/\","
                 " \"literals\": [null, true, false]}",
                 "{\"literals\":[null,true,false],"
                 "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                 "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/"
                 "\"}");
}

static void rfc_example_of_sorting(void **state)
{
    (void)state;
    text_becomes("{\"\\u20ac\":5,\"\\r\":1,\"\\ufb33\":7,\"1\":2,"
                 "\"\\ud83d\\ude00\":6,\"\\u0080\":3,\"\\u00f6\":4}",
                 "{\"\\r\":1,\"1\":2,\"\xc2\x80\":3,\"\xc3\xb6\":4,"
                 "\"\xe2\x82\xac\":5,\"\xf0\x9f\x98\x80\":6,"
                 "\"\xef\xac\xb3\":7}");
}

/* U+10000 is a pair of surrogates and comes before U+E000 and U+FFFF. */
static void surrogates_sort_before_the_end_of_the_first_plane(void **state)
{
    static const char *const expected =
        "{\"\xed\x9f\xbf\":0,\"\xf0\x90\x80\x80\":1,"
        "\"\xee\x80\x80\":2,\"\xef\xbf\xbf\":3}";

    (void)state;
    text_becomes("{\"\\ud7ff\":0,\"\\ud800\\udc00\":1,\"\\ue000\":2,"
                 "\"\\uffff\":3}",
                 expected);
    text_becomes("{\"\\uffff\":3,\"\\ue000\":2,\"\\ud800\\udc00\":1,"
                 "\"\\ud7ff\":0}",
                 expected);
}

static void a_prefix_sorts_first(void **state)
{
    (void)state;
    text_becomes("{\"ab\":1,\"\":2,\"a\":3,\"B\":4}",
                 "{\"\":2,\"B\":4,\"a\":3,\"ab\":1}");
}

static void nested_objects_are_sorted_arrays_are_not(void **state)
{
    (void)state;
    text_becomes("{\"b\":[{\"z\":1,\"y\":[]},2,1],\"a\":{}}",
                 "{\"a\":{},\"b\":[{\"y\":[],\"z\":1},2,1]}");
}

static void many_members_are_sorted_too(void **state)
{
    json_t *object = json_object();
    struct buf expected = { 0 };

    (void)state;
    for (int i = 99; i >= 0; i--) {
        char key[16];
        (void)snprintf(key, sizeof(key), "%02d", i);
        assert_int_equal(json_object_set_new(object, key, json_integer(-i)), 0);
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(
            buf_addf(&expected, "%s\"%02d\":%d", i == 0 ? "{" : ",", i, -i), 0);
    assert_int_equal(buf_adds(&expected, "}"), 0);
    canonical_is(object, (const char *)expected.p);
    buf_free(&expected);
}

static void rfc_appendix_b_numbers(void **state)
{
    static const struct {
        uint64_t bits;
        const char *text;
    } known[] = {
        { 0x0000000000000000, "0" },
        { 0x8000000000000000, "0" },
        { 0x0000000000000001, "5e-324" },
        { 0x8000000000000001, "-5e-324" },
        { 0x7fefffffffffffff, "1.7976931348623157e+308" },
        { 0xffefffffffffffff, "-1.7976931348623157e+308" },
        { 0x4340000000000000, "9007199254740992" },
        { 0xc340000000000000, "-9007199254740992" },
        { 0x4430000000000000, "295147905179352830000" },
        { 0x44b52d02c7e14af5, "9.999999999999997e+22" },
        { 0x44b52d02c7e14af6, "1e+23" },
        { 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
        { 0x444b1ae4d6e2ef4e, "999999999999999700000" },
        { 0x444b1ae4d6e2ef4f, "999999999999999900000" },
        { 0x444b1ae4d6e2ef50, "1e+21" },
        { 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
        { 0x3eb0c6f7a0b5ed8d, "0.000001" },
        { 0x41b3de4355555553, "333333333.3333332" },
        { 0x41b3de4355555554, "333333333.33333325" },
        { 0x41b3de4355555555, "333333333.3333333" },
        { 0x41b3de4355555556, "333333333.3333334" },
        { 0x41b3de4355555557, "333333333.33333343" },
        { 0xbecbf647612f3696, "-0.0000033333333333333333" },
        { 0x43143ff3c1cb0959, "1424953923781206.2" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        double value;

        memcpy(&value, &known[i].bits, sizeof(value));
        canonical_is(json_real(value), known[i].text);
    }
}

/* 2^-44: the nearest run of 16 digits does not read back, the next does. */
static void shortest_digits_next_to_a_power_of_two(void **state)
{
    (void)state;
    canonical_is(json_real(0x1p-44), "5.684341886080802e-14");
}

static void integers_past_2_53_are_written_as_doubles(void **state)
{
    (void)state;
    canonical_is(json_integer(9007199254740992), "9007199254740992");
    canonical_is(json_integer(9007199254740993), "9007199254740992");
    canonical_is(json_integer(INT64_MAX), "9223372036854776000");
    canonical_is(json_integer(-5), "-5");
}

/* What is written is read as the same value: evidence is kept in this form,
 * and a verifier compares it with what it would write. */
static void the_form_is_a_fixed_point(void **state)
{
    (void)state;
    text_becomes("[9223372036854775807]", "[9223372036854776000]");
    text_becomes("[9223372036854775808]", "[9223372036854776000]");
    text_becomes("[1e20]", "[100000000000000000000]");
    text_becomes("[100000000000000000000]", "[100000000000000000000]");
    text_becomes("[-123456789012345680000]", "[-123456789012345680000]");
    text_becomes("[1e21]", "[1e+21]");
}

static void control_characters_are_escaped_shortest(void **state)
{
    (void)state;
    canonical_is(json_stringn("\b\t\n\f\r\x01\x1f\x7f\0", 9),
                 "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\\u0000\"");
}

static void nothing_is_no_value(void **state)
{
    struct buf out = { 0 };

    (void)state;
    assert_int_equal(json_canonical(NULL, &out), -1);
    buf_free(&out);
}

/* Every byte at every place of a string: a look takes what stands for itself
 * and nothing else, and finds the end of it. */
static void a_look_takes_plain_strings_only(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 40; len++)
        for (size_t at = 0; at < len; at++)
            for (unsigned byte = 0; byte < 256; byte++) {
                bool plain =
                    byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
                char text[64] = "{\"time\":\"";
                struct json_look look;
                size_t n = strlen(text);

                memset(text + n, 'a', len);
                text[n + at] = (char)byte;
                memcpy(text + n + len, "\"}", 2);
                assert_true(json_look(text, n + len + 2, &look) == plain);
                if (plain) {
                    assert_true(look.time.len == len);
                    assert_ptr_equal(look.time.p, text + n);
                }
            }
}

/* In order, and no key twice; also where one begins as the other does. */
static void a_look_takes_sorted_keys_only(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        { "{\"a\":1,\"b\":2}", true },
        { "{\"b\":1,\"a\":2}", false },
        { "{\"a\":1,\"a\":2}", false },
        { "{\"ab\":1,\"abc\":2}", true },
        { "{\"abc\":1,\"ab\":2}", false },
        { "{\"abc\":1,\"abd\":2}", true },
        { "{\"abd\":1,\"abc\":2}", false },
        { "{\"\":1,\"a\":2}", false }, /* no verdict: it may be good */
        { "{\"a\":{\"d\":1,\"c\":2}}", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_look look;

        assert_true(json_look(cases[i].text, strlen(cases[i].text), &look) ==
                    cases[i].good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_example_of_section_3_2_2),
        cmocka_unit_test(rfc_example_of_sorting),
        cmocka_unit_test(surrogates_sort_before_the_end_of_the_first_plane),
        cmocka_unit_test(a_prefix_sorts_first),
        cmocka_unit_test(nested_objects_are_sorted_arrays_are_not),
        cmocka_unit_test(many_members_are_sorted_too),
        cmocka_unit_test(rfc_appendix_b_numbers),
        cmocka_unit_test(shortest_digits_next_to_a_power_of_two),
        cmocka_unit_test(integers_past_2_53_are_written_as_doubles),
        cmocka_unit_test(the_form_is_a_fixed_point),
        cmocka_unit_test(control_characters_are_escaped_shortest),
        cmocka_unit_test(nothing_is_no_value),
        cmocka_unit_test(a_look_takes_plain_strings_only),
        cmocka_unit_test(a_look_takes_sorted_keys_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

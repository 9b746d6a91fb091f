/* cli: cells and rows of the consent export. */
#include "unit.h"

#include "cli/cli.h"

static void assert_cell(const char *text, const char *expected)
{
    struct buf out = { 0 };

    assert_int_equal(buf_adds(&out, ""), 0);
    assert_int_equal(csv_cell(&out, text), 0);
    assert_string_equal((const char *)out.p, expected);
    buf_free(&out);
}

static void plain_text_stays_as_it_is(void **state)
{
    (void)state;
    assert_cell("consent_given", "consent_given");
    assert_cell("cédula", "cédula");
}

static void absent_is_an_empty_cell(void **state)
{
    (void)state;
    assert_cell(NULL, "");
    assert_cell("", "");
}

static void commas_quotes_and_breaks_are_quoted(void **state)
{
    (void)state;
    assert_cell("a,b", "\"a,b\"");
    assert_cell("say \"no\"", "\"say \"\"no\"\"\"");
    assert_cell("a\nb", "\"a\nb\"");
    assert_cell("a\rb", "\"a\rb\"");
}

static void formulas_are_defused(void **state)
{
    (void)state;
    assert_cell("=1+1", "'=1+1");
    assert_cell("+57300", "'+57300");
    assert_cell("-2", "'-2");
    assert_cell("@SUM(A1)", "'@SUM(A1)");
    assert_cell("\tx", "'\tx");
    assert_cell("=HYPERLINK(\"x\",\"y\")",
                "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    assert_cell("\r=1", "\"'\r=1\"");
}

static void sign_inside_a_text_is_no_formula(void **state)
{
    (void)state;
    assert_cell("a=b", "a=b");
}

static const char *const columns[] = { "index", "who", "what", "how", NULL };

static void assert_row(const char *line, const char *expected)
{
    struct buf out = { 0 };

    assert_int_equal(csv_row(&out, columns, line, strlen(line)), 0);
    assert_string_equal((const char *)out.p, expected);
    buf_free(&out);
}

static void row_has_the_columns_in_order(void **state)
{
    (void)state;
    assert_row("{\"index\":7,\"who\":null,\"what\":\"E\",\"how\":"
               "\"{\\\"decision\\\":\\\"button\\\"}\"}",
               "7,,E,\"{\"\"decision\"\":\"\"button\"\"}\"\n");
}

static void escapes_of_a_row_are_resolved_before_it_is_made_safe(void **state)
{
    (void)state;
    assert_row("{\"index\":0,\"who\":\"\\u003d1+1\",\"what\":\"a\\u002cb\","
               "\"how\":\"c\\u00e9\\ud83d\\ude00\\n\\/\"}",
               "0,'=1+1,\"a,b\",\"c\xc3\xa9\xf0\x9f\x98\x80\n/\"\n");
}

static void what_is_no_row_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "{}",
        "[1]",
        "{\"index\":7,\"who\":null,\"what\":\"E\"}",
        "{\"who\":null,\"index\":7,\"what\":\"E\",\"how\":null}",
        "{\"index\":7,\"who\":null,\"what\":\"E\",\"how\":null,\"x\":1}",
        "{\"index\":7,\"who\":null,\"what\":\"E\",\"how\":null} ",
        "{\"index\":7,\"who\":null,\"what\":\"E\",\"how\":{}}",
        "{\"index\":-7,\"who\":null,\"what\":\"E\",\"how\":null}",
        "{\"index\":7,\"who\":nul,\"what\":\"E\",\"how\":null}",
        "{\"index\":7,\"who\":\"\\x\",\"what\":\"E\",\"how\":null}",
        "{\"index\":7,\"who\":\"\\u12\",\"what\":\"E\",\"how\":null}",
        "{\"index\":7,\"who\":\"a\nb\",\"what\":\"E\",\"how\":null}",
        "{\"index\":7,\"who\":\"abcdefghi\njklmnop\",\"what\":\"E\",\"how\":1}",
        "{\"index\":7,\"who\":\"a",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct buf out = { 0 };

        assert_int_equal(csv_row(&out, columns, lines[i], strlen(lines[i])),
                         -2);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays_as_it_is),
        cmocka_unit_test(absent_is_an_empty_cell),
        cmocka_unit_test(commas_quotes_and_breaks_are_quoted),
        cmocka_unit_test(formulas_are_defused),
        cmocka_unit_test(sign_inside_a_text_is_no_formula),
        cmocka_unit_test(row_has_the_columns_in_order),
        cmocka_unit_test(escapes_of_a_row_are_resolved_before_it_is_made_safe),
        cmocka_unit_test(what_is_no_row_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

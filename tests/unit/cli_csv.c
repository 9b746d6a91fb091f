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

static void row_has_the_columns_in_order(void **state)
{
    static const char text[] =
        "{\"evidence\":\"{\\\"decision\\\":\\\"button\\\"}\",\"channel\":"
        "\"whatsapp\",\"index\":7,\"time\":\"T\",\"event_type\":\"E\","
        "\"subject\":null,\"policy\":\"P\",\"notice_version\":\"V\","
        "\"notice_sha256\":\"H\",\"language\":\"L\",\"purpose\":\"U\","
        "\"legal_basis\":\"B\"}";
    struct error e;
    struct buf out = { 0 };
    json_t *row = json_parse(text, strlen(text), &e);

    (void)state;
    assert_non_null(row);
    assert_int_equal(csv_consent_header(&out), 0);
    assert_int_equal(csv_consent(&out, row), 0);
    assert_string_equal(
        (const char *)out.p,
        "index,time,event_type,subject,policy,notice_version,notice_sha256,"
        "language,purpose,legal_basis,channel,evidence\n"
        "7,T,E,,P,V,H,L,U,B,whatsapp,\"{\"\"decision\"\":\"\"button\"\"}\"\n");
    json_decref(row);
    buf_free(&out);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

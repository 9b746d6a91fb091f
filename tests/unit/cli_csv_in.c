/* cli: lists that others' spreadsheets wrote. */
#include "unit.h"

#include "cli/cli.h"

struct list {
    struct buf bytes;
    struct csv_in *csv;
    const char *const *cells;
    const char *what;
    size_t line;
    struct error e;
};

static int open_list(struct list *l, const char *text)
{
    *l = (struct list){ 0 };
    assert_int_equal(buf_adds(&l->bytes, text), 0);
    return csv_open(&l->csv, &l->bytes, &l->e);
}

static void close_list(struct list *l)
{
    csv_close(&l->csv);
    buf_free(&l->bytes);
}

static void row(struct list *l, size_t line, const char *first,
                const char *second)
{
    assert_int_equal(csv_next(l->csv, &l->cells, &l->line, &l->what), CSV_ROW);
    assert_int_equal(l->line, line);
    assert_string_equal(l->cells[0], first);
    assert_string_equal(l->cells[1], second);
}

static void no_more(struct list *l)
{
    assert_int_equal(csv_next(l->csv, &l->cells, &l->line, &l->what), CSV_END);
    close_list(l);
}

static void rows_are_those_of_rfc_4180(void **state)
{
    struct list l;
    const char *const *names;

    (void)state;
    assert_int_equal(open_list(&l, "to,texto\r\n1,\"a, \"\"b\"\"\"\r\n"
                                   "\"2\",\"two\r\nlines\"\r\n\r\n3,\n4,x"),
                     0);
    assert_int_equal(csv_names(l.csv, &names), 2);
    assert_string_equal(names[1], "texto");
    row(&l, 2, "1", "a, \"b\"");
    row(&l, 3, "2", "two\r\nlines");
    row(&l, 6, "3", "");
    row(&l, 7, "4", "x");
    no_more(&l);
}

static void a_spanish_spreadsheet_parts_with_semicolons(void **state)
{
    struct list l;

    (void)state;
    assert_int_equal(open_list(&l, "\xef\xbb\xbfto;monto\n1;\"90,50\"\n"), 0);
    row(&l, 2, "1", "90,50");
    no_more(&l);
    assert_int_equal(open_list(&l, "to\tmonto\n1\ta;b,c\n"), 0);
    row(&l, 2, "1", "a;b,c");
    no_more(&l);
}

static void what_is_no_list_is_refused(void **state)
{
    static const char *const bad[] = { "",          "\n\n",   "to,to\n",
                                       "a,\"b",     "a\"b,c", "\xff,b\n",
                                       "\"a\"b,c\n" };
    struct list l;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(open_list(&l, bad[i]), -1);
        assert_int_equal(l.e.code, ERR_INPUT);
        close_list(&l);
    }
}

static void wrong(struct list *l, size_t line, const char *what)
{
    assert_int_equal(csv_next(l->csv, &l->cells, &l->line, &l->what),
                     CSV_WRONG);
    assert_int_equal(l->line, line);
    assert_string_equal(l->what, what);
}

/* One wrong row hides no other, nor the good ones behind it. */
static void a_row_that_is_none_names_its_line(void **state)
{
    struct list l;

    (void)state;
    assert_int_equal(open_list(&l, "to,b\n1,2\n1\n1,2,3\n\n1,a\"b\"\n"
                                   "1,\"2\"x\n1,\"2\n3,4\n\"5\",6\n7,\""),
                     0);
    row(&l, 2, "1", "2");
    wrong(&l, 3, "has not as many cells as there are columns");
    wrong(&l, 4, "has not as many cells as there are columns");
    wrong(&l, 6, "a quote stands in the middle of a cell");
    wrong(&l, 7, "something stands behind a quote");
    wrong(&l, 8, "something stands behind a quote");
    row(&l, 9, "3", "4");
    row(&l, 10, "5", "6");
    wrong(&l, 11, "a quote is not closed");
    no_more(&l);
}

static void reads(const char *cell, const char *country, const char *as)
{
    char *to = NULL;
    const char *what = addressee_read(cell, country, &to);

    if (what != NULL || to == NULL)
        fail_msg("%s: %s", cell, what);
    assert_string_equal(to, as);
    free(to);
}

static void refuses(const char *cell, const char *country, const char *why)
{
    char *to = NULL;
    const char *what = addressee_read(cell, country, &to);

    assert_null(to);
    if (what == NULL || strstr(what, why) == NULL)
        fail_msg("%s: %s", cell, what);
}

/* A number as it is dialled at home is nobody's, or somebody else's. */
static void a_number_has_its_country_or_is_given_one(void **state)
{
    (void)state;
    reads("573001112233", NULL, "573001112233");
    reads("+57 300 111-2233", "34", "573001112233");
    reads("+3541112233", NULL, "3541112233"); /* Iceland: ten digits */
    reads("CO.4f7aXy", NULL, "CO.4f7aXy");
    refuses("3001112233", NULL, "lacks its country");
    refuses("(601) 555 0100", NULL, "lacks its country");
    reads("(601) 555 0100", "57", "576015550100");
    reads("0057 300 1112233", NULL, "573001112233");
    refuses("612 34 56 78", NULL, "lacks its country");
    reads("3001112233", "57", "573001112233");
    reads("573001112233", "57", "573001112233");
    reads("612 34 56 78", "34", "34612345678");
    refuses("612345678", "57", "lacks its country");
    refuses("5.73001E+11", "57", "rounded by a spreadsheet");
    refuses("5,73001E+11", NULL, "rounded by a spreadsheet");
    refuses("4711", NULL, "is no phone number");
    refuses("0573001112233", NULL, "is no phone number");
    refuses("", NULL, "is no phone number");
    refuses("ana", NULL, "neither");
    refuses("1.x", NULL, "neither");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_those_of_rfc_4180),
        cmocka_unit_test(a_spanish_spreadsheet_parts_with_semicolons),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(a_row_that_is_none_names_its_line),
        cmocka_unit_test(a_number_has_its_country_or_is_given_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

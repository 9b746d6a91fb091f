/* cli: lists that others' spreadsheets wrote. */
#include "unit.h"

#include "cli/cli.h"

struct list {
    struct buf bytes;
    struct csv_in *csv;
    const char *const *cells;
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
    assert_int_equal(csv_next(l->csv, &l->cells, &l->line, &l->e), 1);
    assert_int_equal(l->line, line);
    assert_string_equal(l->cells[0], first);
    assert_string_equal(l->cells[1], second);
}

static void no_more(struct list *l)
{
    assert_int_equal(csv_next(l->csv, &l->cells, &l->line, &l->e), 0);
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

static void a_row_that_is_none_names_its_line(void **state)
{
    static const char *const bad[] = { "1", "1,2,3", "1,\"2", "1,a\"b\"",
                                       "1,\"2\"x" };
    struct list l;
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        (void)snprintf(text, sizeof(text), "to,b\n1,2\n%s", bad[i]);
        assert_int_equal(open_list(&l, text), 0);
        row(&l, 2, "1", "2");
        assert_int_equal(csv_next(l.csv, &l.cells, &l.line, &l.e), -1);
        assert_int_equal(l.e.code, ERR_INPUT);
        assert_memory_equal(l.e.text, "line 3: ", 8);
        close_list(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_those_of_rfc_4180),
        cmocka_unit_test(a_spanish_spreadsheet_parts_with_semicolons),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(a_row_that_is_none_names_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

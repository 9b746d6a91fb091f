/* store: a row's columns, bound and read by one table. */
#include "store_help.h"

#include "store/columns_private.h"

/* A place among the statements that no file of the store has. */
#define PLACE (STATEMENTS_MAX - 1)

struct all {
    char text[8], maybe[8];
    int small;
    uint32_t large;
    int64_t wide, who;
    uint64_t slot;
    msec time;
    bool flag;
    int not_in_the_table;
};
#define ROW struct all
static const struct column columns[] = {
    VALUE(text), MAYBE(maybe), VALUE(small), VALUE(large), VALUE(wide),
    WHO(who),    MAYBE(slot),  MAYBE(time),  VALUE(flag)
};
ROW_READ(all_read, columns)

static sqlite3_stmt *question(struct fixture *f, int place, const char *sql)
{
    sqlite3_stmt *st = sql_get(f->s, PLACE - place, sql, &f->e);

    assert_non_null(st);
    return st;
}

static void what_is_bound_is_read(void **state)
{
    struct fixture *f = *state;
    struct all in = { .text = "seven..",
                      .maybe = "m",
                      .small = -2147483647 - 1,
                      .large = 4294967295u,
                      .wide = INT64_MIN,
                      .who = 0,
                      .slot = 9223372036854775807u,
                      .time = -1,
                      .flag = true,
                      .not_in_the_table = 1 };
    struct all out;
    sqlite3_stmt *st =
        question(f, 0, "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9");

    columns_bind(st, columns, &in);
    memset(&out, 0xff, sizeof(out));
    assert_int_equal(row_one(f->s, st, all_read, &out, &f->e), 1);
    assert_string_equal(out.text, in.text);
    assert_string_equal(out.maybe, in.maybe);
    assert_int_equal(out.small, in.small);
    assert_int_equal(out.large, in.large);
    assert_true(out.wide == in.wide && out.who == 0);
    assert_true(out.slot == in.slot && out.time == in.time);
    assert_true(out.flag);
    assert_int_equal(out.not_in_the_table, 0);

    /* As numbers, not as their bits. */
    st = question(f, 1, "SELECT ?4 - 4294967295 + 2 * (?3 + 2147483648) + ?9");
    columns_bind(st, columns, &in);
    assert_int_equal(row_number(f->s, st, &f->e), 1);
}

static void what_there_is_none_of_is_null_and_back(void **state)
{
    struct fixture *f = *state;
    struct all in = { .who = -1 }, out;
    sqlite3_stmt *st = question(f, 0,
                                "SELECT (?1 IS NULL) + (?2 IS NULL) * 10 +"
                                " (?3 IS NULL) + (?4 IS NULL) + (?5 IS NULL) +"
                                " (?6 IS NULL) * 100 + (?7 IS NULL) * 1000 +"
                                " (?8 IS NULL) * 10000 + (?9 IS NULL)");

    columns_bind(st, columns, &in);
    assert_int_equal(row_number(f->s, st, &f->e), 11110);
    st = question(
        f, 1, "SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL");
    memset(&out, 0xff, sizeof(out));
    assert_int_equal(row_one(f->s, st, all_read, &out, &f->e), 1);
    assert_true(out.who == -1);
    out.who = 0;
    assert_memory_equal(&out, &(struct all){ .who = 0 }, sizeof(out));
    st = question(f, 2, "SELECT 1, 1, 1, 1, 1, 0, 1, 1, 2");
    assert_int_equal(row_one(f->s, st, all_read, &out, &f->e), 1);
    assert_true(out.who == 0 && out.flag);
}

/* A statement that ends before the row does, and one with something behind. */
static void a_statement_takes_the_places_that_it_has(void **state)
{
    struct fixture *f = *state;
    struct all in = { .small = 3, .wide = 5 };
    sqlite3_stmt *st = question(f, 0, "SELECT ?3");

    columns_bind(st, columns, &in);
    assert_int_equal(row_number(f->s, st, &f->e), 3);
    st = question(f, 1, "SELECT ?3 + ?5 + ?10");
    columns_bind(st, columns, &in);
    sql_int(st, 10, 100);
    assert_int_equal(row_number(f->s, st, &f->e), 108);
}

static void a_text_is_cut_to_its_member(void **state)
{
    struct fixture *f = *state;
    struct all out;
    sqlite3_stmt *st =
        question(f, 0, "SELECT '12345678', 'b', 0, 0, 0, 0, 0, 0, 0");

    assert_int_equal(row_one(f->s, st, all_read, &out, &f->e), 1);
    assert_string_equal(out.text, "1234567");
    assert_string_equal(out.maybe, "b");
}

#define T(name) cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(what_is_bound_is_read),
        T(what_there_is_none_of_is_null_and_back),
        T(a_statement_takes_the_places_that_it_has),
        T(a_text_is_cut_to_its_member),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

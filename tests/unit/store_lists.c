/* store: lists of rows are whole before anybody sees one. */
#include "store_help.h"

/* 1 to ?1, which is at most 1000. */
#define NUMBERS                                                                \
    "WITH d (x) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"  \
    " SELECT a.x * 100 + b.x * 10 + c.x + 1 FROM d a, d b, d c"                \
    " WHERE a.x * 100 + b.x * 10 + c.x < ?1 ORDER BY 1"
/* A place among the statements that no file of the store has. */
#define PLACE (STATEMENTS_MAX - 1)

static sqlite3_stmt *numbers(struct fixture *f, int64_t last)
{
    sqlite3_stmt *st = sql_get(f->s, PLACE, NUMBERS, &f->e);

    assert_non_null(st);
    sql_int(st, 1, last);
    return st;
}

/* Fails at the row 20. */
static int not_twenty(sqlite3_stmt *st, void *out, struct error *err)
{
    assert_int_equal(row_int(st, out, err), 0);
    return *(int64_t *)out == 20 ? error_set(err, ERR_VERIFY, "twenty") : 0;
}

static void all_rows_come_in_their_order(void **state)
{
    struct fixture *f = *state;
    struct rows rows;
    const int64_t *n;
    int64_t i = 0;

    OK(rows_read(f->s, numbers(f, 1000), row_int, sizeof(*n), &rows, &f->e));
    assert_int_equal(rows.n, 1000);
    while ((n = rows_next(&rows)) != NULL)
        assert_int_equal(*n, ++i);
    assert_int_equal(i, 1000);
    assert_null(rows_next(&rows));
    rows_free(&rows);
}

static void no_row_is_an_empty_list(void **state)
{
    struct fixture *f = *state;
    sqlite3_stmt *st =
        sql_get(f->s, PLACE, "SELECT 1 WHERE ?1 IS NOT NULL", &f->e);
    struct rows rows;
    int64_t n = 7;

    assert_non_null(st);
    OK(rows_read(f->s, st, row_int, sizeof(int64_t), &rows, &f->e));
    assert_null(rows_next(&rows));
    rows_free(&rows);
    assert_int_equal(row_one(f->s, st, row_int, &n, &f->e), 0);
    assert_int_equal(n, 7);
    assert_int_equal(row_number(f->s, st, &f->e), -1);
}

static void a_row_that_cannot_be_read_fails_the_list(void **state)
{
    struct fixture *f = *state;
    struct rows rows;
    int64_t n;

    FAILS(rows_read(f->s, numbers(f, 30), not_twenty, sizeof(n), &rows, &f->e),
          ERR_VERIFY);
    rows_free(&rows);
    OK(rows_read(f->s, numbers(f, 19), not_twenty, sizeof(n), &rows, &f->e));
    rows_free(&rows);
    assert_int_equal(row_one(f->s, numbers(f, 30), not_twenty, &n, &f->e), 1);
}

static void one_row_is_read_and_the_statement_let_go(void **state)
{
    struct fixture *f = *state;
    sqlite3_stmt *st = numbers(f, 5);

    assert_int_equal(row_number(f->s, st, &f->e), 1);
    assert_int_equal(sqlite3_stmt_busy(st), 0);
}

struct texts {
    struct fixture *f;
    size_t n, stop_at;
};

/* Runs the statement that it is called for. */
static int take_text(void *arg, const char *text)
{
    struct texts *texts = arg;
    char want[16];

    (void)snprintf(want, sizeof(want), "%zu", ++texts->n);
    assert_string_equal(text, want);
    assert_int_equal(
        row_number(texts->f->s, numbers(texts->f, 3), &texts->f->e), 1);
    return texts->n == texts->stop_at ? 7 : 0;
}

static void a_callback_may_run_the_same_statement(void **state)
{
    struct fixture *f = *state;
    struct texts texts = { .f = f };

    OK(rows_each_text(f->s, numbers(f, 40), ID_SIZE, take_text, &texts, &f->e));
    assert_int_equal(texts.n, 40);
    texts = (struct texts){ .f = f, .stop_at = 3 };
    assert_int_equal(
        rows_each_text(f->s, numbers(f, 40), ID_SIZE, take_text, &texts, &f->e),
        7);
    assert_int_equal(texts.n, 3);
}

static int take_cut(void *arg, const char *text)
{
    size_t *len = arg;

    *len = strlen(text);
    return 0;
}

static void a_text_is_cut_to_what_its_reader_holds(void **state)
{
    struct fixture *f = *state;
    size_t len = 0;

    OK(rows_each_text(f->s,
                      sql_get(f->s, PLACE, "SELECT hex(zeroblob(1000))", &f->e),
                      ID_SIZE, take_cut, &len, &f->e));
    assert_int_equal(len, ID_SIZE - 1);
}

static void a_sealed_value_opens_under_its_names_only(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct buf sealed = { 0 }, out = { 0 };
    sqlite3_stmt *st;

    help_begin(f);
    who = help_subject(f);
    help_commit(f);
    OK(field_seal(f->s, who.content_slot, "t", "c", "r", "words", 5, &sealed,
                  &f->e));
    st = sql_get(f->s, PLACE, "SELECT ?1, ?2", &f->e);
    assert_non_null(st);
    for (int right = 0; right < 2; right++) {
        sql_bytes(st, 1, sealed.p, sealed.len);
        sql_int(st, 2, (int64_t)who.content_slot);
        assert_int_equal(
            row_open(f->s, st, "t", right ? "c" : "d", "r", &out, &f->e),
            right ? 1 : -1);
        assert_int_equal(out.len, right ? 5 : 0);
    }
    assert_memory_equal(out.p, "words", 5);
    buf_free(&sealed);
    buf_free(&out);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, help_setup, help_teardown)
    const struct CMUnitTest tests[] = {
        T(all_rows_come_in_their_order),
        T(no_row_is_an_empty_list),
        T(a_row_that_cannot_be_read_fails_the_list),
        T(one_row_is_read_and_the_statement_let_go),
        T(a_callback_may_run_the_same_statement),
        T(a_text_is_cut_to_what_its_reader_holds),
        T(a_sealed_value_opens_under_its_names_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

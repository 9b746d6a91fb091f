/* store: promises to pay, and the reminders that they answer. */
#include "store_help.h"

static void person(struct fixture *f, struct subject_row *row, const char *id)
{
    *row = (struct subject_row){ .created = T0 };
    memcpy(row->id, id, strlen(id) + 1);
    OK(subject_add(f->s, row, &f->e));
}

static struct promise_row promise(const char *id, const char *who, int day)
{
    struct promise_row row = {
        .day = day, .until = (day + 1) * MSEC_D, .made = T0, .decided_by = -1
    };

    memcpy(row.id, id, strlen(id) + 1);
    memcpy(row.subject, who, strlen(who) + 1);
    strcpy(row.policy, "p");
    strcpy(row.template, "t");
    strcpy(row.outbound, "n1");
    strcpy(row.state, "open");
    return row;
}

static int count_one(void *arg, const struct promise_row *row)
{
    (void)row;
    ++*(int *)arg;
    return 0;
}

static int count_state(struct fixture *f, const char *state)
{
    int n = 0;

    OK(promise_list(f->s, state, count_one, &n, &f->e));
    return n;
}

static void one_is_open_at_a_time_and_runs_until_its_day_is_over(void **state)
{
    struct fixture *f = *state;
    struct subject_row who, other;
    struct promise_row row, found, second;

    help_begin(f);
    person(f, &who, "swho");
    person(f, &other, "sother");
    assert_int_equal(promise_open(f->s, who.id, "p", &found, &f->e), 0);
    assert_int_equal(promise_runs(f->s, who.id, 0, &f->e), 0);
    row = promise("m1", who.id, 20000);
    OK(promise_add(f->s, &row, &f->e));
    assert_int_equal(promise_open(f->s, who.id, "p", &found, &f->e), 1);
    assert_int_equal(found.day, 20000);
    assert_int_equal(found.decided_by, -1);
    assert_int_equal(promise_open(f->s, who.id, "q", &found, &f->e), 0);
    assert_int_equal(promise_open(f->s, other.id, "p", &found, &f->e), 0);

    assert_int_equal(promise_runs(f->s, who.id, row.until - 1, &f->e), 1);
    assert_int_equal(promise_runs(f->s, who.id, row.until, &f->e), 0);
    assert_int_equal(promise_runs(f->s, other.id, row.until - 1, &f->e), 0);

    second = promise("m2", who.id, 20001);
    assert_int_equal(promise_add(f->s, &second, &f->e), -1);
    strcpy(row.state, "replaced");
    row.decided = T0 + 1;
    OK(promise_update(f->s, &row, &f->e));
    OK(promise_add(f->s, &second, &f->e));
    assert_int_equal(promise_get(f->s, "m1", &found, &f->e), 1);
    assert_string_equal(found.state, "replaced");
    assert_int_equal(found.decided, T0 + 1);
    assert_int_equal(promise_get(f->s, "m3", &found, &f->e), 0);
    help_commit(f);
    assert_int_equal(count_state(f, "open"), 1);
    assert_int_equal(count_state(f, "replaced"), 1);
    assert_int_equal(count_state(f, "kept"), 0);
}

static struct outbound_row reminder(const char *id, const char *who, int row,
                                    int day, bool answerable)
{
    struct outbound_row o = {
        .row = row, .day = day, .made = T0, .answerable = answerable
    };

    memcpy(o.id, id, strlen(id) + 1);
    memcpy(o.subject, who, strlen(who) + 1);
    strcpy(o.policy, "p");
    strcpy(o.template, "t");
    strcpy(o.class, "collection");
    strcpy(o.state, "queued");
    strcpy(o.batch, "b");
    return o;
}

static void the_newest_that_went_are_found_by_who_may_answer(void **state)
{
    struct fixture *f = *state;
    struct outbound_row rows[4], one;
    struct subject_row who;
    size_t n;

    help_begin(f);
    person(f, &who, "swho");
    one = reminder("n1", who.id, 1, 100, false);
    OK(outbound_add(f->s, &one, &f->e));
    OK(outbound_recent(f->s, who.id, "p", 0, rows, 4, &n, &f->e));
    assert_int_equal(n, 0); /* nothing to answer: nothing is read */
    one = reminder("n2", who.id, 2, 102, true);
    OK(outbound_add(f->s, &one, &f->e));
    one = reminder("n3", who.id, 3, 101, true);
    strcpy(one.state, "denied");
    OK(outbound_add(f->s, &one, &f->e));
    OK(outbound_recent(f->s, who.id, "p", 0, rows, 4, &n, &f->e));
    assert_int_equal(n, 2);
    assert_string_equal(rows[0].id, "n2");
    assert_string_equal(rows[1].id, "n1");
    OK(outbound_recent(f->s, who.id, "p", 101, rows, 4, &n, &f->e));
    assert_int_equal(n, 1);
    OK(outbound_recent(f->s, who.id, "q", 0, rows, 4, &n, &f->e));
    assert_int_equal(n, 0);

    /* What was answered stays, until the row goes out again. */
    rows[0] = reminder("n2", who.id, 2, 102, true);
    rows[0].answered = 5;
    OK(outbound_answer(f->s, &rows[0], &f->e));
    assert_int_equal(outbound_get(f->s, "n2", &one, &f->e), 1);
    assert_int_equal(one.answered, 5);
    OK(outbound_update(f->s, &one, &f->e));
    assert_int_equal(outbound_get(f->s, "n2", &one, &f->e), 1);
    assert_int_equal(one.answered, 0);
    assert_int_equal(outbound_get(f->s, "n9", &one, &f->e), 0);
    help_commit(f);
}

static void no_plan_walks(struct fixture *f, size_t i)
{
    sqlite3_stmt *st = f->s->statements[i], *plan = NULL;
    char text[1024];

    if (st == NULL)
        return;
    (void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s",
                   sqlite3_sql(st));
    assert_int_equal(sqlite3_prepare_v2(f->s->db, text, -1, &plan, NULL),
                     SQLITE_OK);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(plan, 3);

        if (strncmp(step, "SCAN", 4) == 0)
            fail_msg("%s: %s", step, sqlite3_sql(st));
    }
    sqlite3_finalize(plan);
}

static void nothing_walks_a_table(void **state)
{
    struct fixture *f = *state;
    struct outbound_row rows[4], one;
    size_t found;
    int n = 0;

    one_is_open_at_a_time_and_runs_until_its_day_is_over(state);
    OK(promise_of_person(f->s, "swho", count_one, &n, &f->e));
    assert_int_equal(n, 2);
    help_begin(f);
    one = reminder("n1", "swho", 1, 100, true);
    OK(outbound_add(f->s, &one, &f->e));
    OK(outbound_answer(f->s, &one, &f->e));
    OK(outbound_update(f->s, &one, &f->e));
    OK(outbound_recent(f->s, "swho", "p", 0, rows, 4, &found, &f->e));
    assert_int_equal(found, 1);
    assert_int_equal(outbound_get(f->s, "n1", &one, &f->e), 1);
    assert_int_equal(outbound_of_row(f->s, "b", 1, &one, &f->e), 1);
    assert_int_equal(outbound_of_message(f->s, "o1", &one, &f->e), 0);
    assert_int_equal(outbound_contacts(f->s, "swho", 1, "", &f->e), 0);
    help_commit(f);
    for (size_t i = STATEMENTS_OF(SQL_OUTBOUND);
         i < STATEMENTS_OF(SQL_OUTBOUND + 1); i++)
        no_plan_walks(f, i);
    for (size_t i = STATEMENTS_OF(SQL_PROMISE);
         i < STATEMENTS_OF(SQL_PROMISE + 1); i++)
        no_plan_walks(f, i);
}

#define T(name) cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(one_is_open_at_a_time_and_runs_until_its_day_is_over),
        T(the_newest_that_went_are_found_by_who_may_answer),
        T(nothing_walks_a_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

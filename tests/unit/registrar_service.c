/* store: what a report of the service is counted from, as the registrar leaves
 * it. The clock is the test's. */
#include "keep_help.h"

#include "store/store_private.h"

#define MINUTE (60 * MSEC_S)

static int take_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_take_conversation(r, arg, err);
}

static int reply_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_reply(r, arg, err);
}

static int back_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_hand_back(r, arg, err);
}

struct seen {
    struct service_row rows[8];
    size_t n;
};

static int see(void *arg, const struct service_row *row)
{
    struct seen *s = arg;

    assert_true(s->n < 8);
    s->rows[s->n++] = *row;
    return 0;
}

static struct seen look(struct fixture *f, enum service_kind kind, msec from,
                        msec until)
{
    struct seen s = { .n = 0 };
    struct service_row after = { .at = 0 };

    assert_true(service_page(f->r->store, kind, from, until, &after, see, &s,
                             &f->e) >= 0);
    return s;
}

static struct seen all(struct fixture *f, enum service_kind kind)
{
    return look(f, kind, 0, INT64_MAX);
}

/* Somebody with one file stored, and the receipt a little later. */
static int start(void **state)
{
    struct fixture *f;

    if (begin(state) != 0)
        return -1;
    f = *state;
    help_pass(f, MINUTE);
    help_stored(f, WHO, "wamid.file", "image/jpeg");
    help_pass(f, 10 * MSEC_S);
    help_accept_all(f, 0);
    return 0;
}

static void a_case_has_its_times(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o = { .by = help_by(ANA) };
    msec begun = f->now - 10 * MSEC_S;
    struct seen s = all(f, SERVICE_CASE_OPENED);

    o.by.role = "agent";
    assert_int_equal(s.n, 1);
    assert_int_equal(s.rows[0].begun, begun);
    assert_in_range(s.rows[0].first - begun, 5 * MSEC_S, 10 * MSEC_S);
    assert_int_equal(s.rows[0].ended, 0);
    assert_int_equal(all(f, SERVICE_CASE_CLOSED).n, 0);
    help_pass(f, 3 * MSEC_H);
    close_case(f);

    s = all(f, SERVICE_CASE_CLOSED);
    assert_int_equal(s.n, 1);
    assert_string_equal(s.rows[0].policy, "es-gdpr");
    assert_int_equal(s.rows[0].at, f->now);
    assert_int_equal(s.rows[0].ended - s.rows[0].begun,
                     3 * MSEC_H + 10 * MSEC_S);
    assert_false(s.rows[0].person || s.rows[0].elsewhere || s.rows[0].gone);

    /* Who asks for a person after that did not need one for it. */
    help_pass(f, MINUTE);
    help_text(f, WHO, "wamid.later", "persona");
    help_word(f, "SELECT id FROM conversation", o.id, sizeof(o.id));
    CALLS(f, take_request, &o);
    assert_false(all(f, SERVICE_CASE_CLOSED).rows[0].person);
    f->now -= MINUTE;

    /* From a time to a time, the first of them inside. */
    assert_int_equal(look(f, SERVICE_CASE_CLOSED, f->now, f->now + 1).n, 1);
    assert_int_equal(look(f, SERVICE_CASE_CLOSED, f->now + 1, INT64_MAX).n, 0);
    assert_int_equal(look(f, SERVICE_CASE_CLOSED, 0, f->now).n, 0);
}

static void an_agent_meanwhile_is_seen_and_one_before_is_not(void **state)
{
    struct fixture *f = *state;
    struct conversation_order o = { .by = help_by(ANA) };
    struct seen s;
    msec asked;

    help_pass(f, MINUTE);
    asked = f->now;
    help_text(f, WHO, "wamid.a", "persona");
    o.by.role = "agent";
    help_word(f, "SELECT id FROM conversation", o.id, sizeof(o.id));
    help_pass(f, 30 * MINUTE);
    CALLS(f, take_request, &o);
    help_pass(f, 10 * MINUTE);
    o.text = "buenos días";
    CALLS(f, reply_request, &o);
    help_pass(f, MINUTE);
    CALLS(f, reply_request, &o);
    CALLS(f, back_request, &o);
    help_pass(f, MINUTE);
    close_case(f);
    s = all(f, SERVICE_CASE_CLOSED);
    assert_true(s.rows[0].person);

    /* Asked, taken, and the first word, not the second. */
    s = all(f, SERVICE_HANDOVER);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.rows[0].begun, asked);
    assert_int_equal(s.rows[0].taken - asked, 30 * MINUTE);
    assert_int_equal(s.rows[0].first - asked, 40 * MINUTE);
    assert_string_equal(s.rows[0].number, "8000");

    /* The next case of theirs had none. */
    help_pass(f, MSEC_D);
    help_stored(f, WHO, "wamid.next", "image/jpeg");
    help_pass(f, MINUTE);
    close_case(f);
    s = all(f, SERVICE_CASE_CLOSED);
    assert_int_equal(s.n, 2);
    assert_false(s.rows[1].person);
}

static void of_who_is_erased_only_that_there_was_a_case(void **state)
{
    struct fixture *f = *state;
    struct seen s;

    close_case(f);
    (void)erase(f);
    help_pass(f, MINUTE);
    help_pass(f, MINUTE);
    s = all(f, SERVICE_CASE_CLOSED);
    assert_int_equal(s.n, 1);
    assert_true(s.rows[0].gone);
    assert_int_equal(s.rows[0].first, 0);
    s = all(f, SERVICE_CASE_OPENED);
    assert_int_equal(s.n, 1);
}

static int pass_over(void *arg, const struct service_row *row)
{
    (void)arg, (void)row;
    return 0;
}

/* Pages go on where the last one ended, also within a millisecond. */
static void no_row_is_told_twice_or_left_out(void **state)
{
    struct fixture *f = *state;
    struct service_row after = { .at = 0 };
    sqlite3 *db = f->r->store->db;
    uint64_t last = 0;
    int64_t n;
    int total = 0;
    char sql[512];

    assert_int_equal(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 1200; i++) {
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO cases (id, subject, policy, state, opened,"
                       " closed) SELECT 'C%d', id, 'es-gdpr', 'closed', 7, 8"
                       " FROM subject",
                       i);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    }
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    do {
        n = service_page(f->r->store, SERVICE_CASE_CLOSED, 0, 9, &after,
                         pass_over, NULL, &f->e);
        assert_true(n >= 0 && n <= LIMIT_SERVICE_ROWS);
        assert_true(n == 0 || after.place > last);
        last = after.place;
        total += (int)n;
    } while (n == LIMIT_SERVICE_ROWS);
    assert_int_equal(total, 1200);
}

static void what_was_promised_is_found(void **state)
{
    struct fixture *f = *state;
    struct seen s;
    char sql[512];
    msec day = f->now / MSEC_D * MSEC_D;

    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO request (id, subject, policy, type, clock, case_id, state,"
        " received, opened, began, due, due_early, due_at, due_early_at,"
        " warn_at, zone, calendar) SELECT 'g1', subject, policy, 'sla',"
        " 'tramite', id, 'open', %lld, %lld, 1, '', '', %lld, %lld, 1, '', ''"
        " FROM cases",
        (long long)day, (long long)day, (long long)(day + 5),
        (long long)(day + 3));
    assert_int_equal(sqlite3_exec(f->r->store->db, sql, NULL, NULL, NULL),
                     SQLITE_OK);
    s = look(f, SERVICE_OVERDUE, 0, day + 5);
    assert_int_equal(s.n, 0); /* the last day is over at its end */
    s = look(f, SERVICE_OVERDUE, 0, day + 6);
    assert_int_equal(s.n, 1);
    assert_true(s.rows[0].promise);
    assert_int_equal(all(f, SERVICE_CASE_OPENED).rows[0].due, day + 5);
}

/* ---- in proportion ------------------------------------------------------ */

static int no_rating(void *arg, const struct rating_row *row)
{
    (void)arg, (void)row;
    return 0;
}

static int no_case(void *arg, const struct case_row *row)
{
    (void)arg, (void)row;
    return 0;
}

static void check_plan(struct store *store, const char *sql)
{
    sqlite3_stmt *st = NULL;
    char text[4096];
    int n = snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", sql);

    assert_in_range(n, 1, sizeof(text) - 1);
    assert_int_equal(sqlite3_prepare_v2(store->db, text, -1, &st, NULL),
                     SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *plan = (const char *)sqlite3_column_text(st, 3);

        if ((strncmp(plan, "SCAN", 4) == 0 &&
             strcmp(plan, "SCAN CONSTANT ROW") != 0) ||
            strstr(plan, "TEMP B-TREE") != NULL)
            fail_msg("%s: %s", plan, sql);
    }
    sqlite3_finalize(st);
}

static void no_statement_walks_what_is_stored(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->r->store;
    struct rating_row row = { .due = 0 };
    size_t n = 0;

    close_case(f);
    for (int k = 0; k < SERVICE__MAX; k++)
        (void)all(f, (enum service_kind)k);
    assert_int_equal(rating_get(s, "y", &row, &f->e), 0);
    assert_int_equal(rating_of_message(s, "o", &row, &f->e), 0);
    assert_int_equal(rating_open(s, "s", "p", &row, &f->e), 0);
    assert_int_equal(rating_last(s, "s", &f->e), 0);
    assert_int_equal(rating_due(s, 1, 1, no_rating, NULL, &f->e), 0);
    assert_int_equal(rating_of_person(s, "s", no_rating, NULL, &f->e), 0);
    assert_int_equal(rating_update(s, &row, &f->e), -1); /* nobody's */
    for (int i = 0; i < STATEMENTS_MAX; i++)
        if (s->statements[i] != NULL &&
            (i / STATEMENTS_A_FILE == SQL_RATING ||
             i / STATEMENTS_A_FILE == SQL_SERVICE)) {
            check_plan(s, sqlite3_sql(s->statements[i]));
            n++;
        }
    assert_in_range(n, 16, 19);
    assert_int_equal(case_overdue(s, f->now, no_case, NULL, &f->e), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_case_has_its_times),
        T(an_agent_meanwhile_is_seen_and_one_before_is_not),
        T(of_who_is_erased_only_that_there_was_a_case),
        T(no_row_is_told_twice_or_left_out),
        T(what_was_promised_is_found),
        T(no_statement_walks_what_is_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

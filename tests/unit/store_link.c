/* store: references of one person, what a link carried, what Meta says. */
#include "store_help.h"

static struct link_row row(const struct subject_row *subject,
                           const struct subject_row *former)
{
    struct link_row r = { .kind = "number_change",
                          .proof = "same_document",
                          .linked = T0,
                          .linked_by = 7 };

    id_new(r.id, 'l', &random_system);
    memcpy(r.subject, subject->id, ID_SIZE);
    memcpy(r.former, former->id, ID_SIZE);
    return r;
}

static size_t group(struct fixture *f, const struct subject_row *of)
{
    char ids[LIMIT_LINKED][ID_SIZE];
    size_t n;

    OK(link_group(f->s, of->id, ids, &n, &f->e));
    assert_string_equal(ids[0], of->id);
    return n;
}

static void links_of_links_are_one_person(void **state)
{
    struct fixture *f = *state;
    struct subject_row who[4];
    struct link_row found;

    help_begin(f);
    FAILS(link_add(f->s, &(struct link_row){ .kind = "guess" }, &f->e),
          ERR_CONFLICT);
    store_rollback(f->s);
    help_begin(f);
    for (size_t i = 0; i < 4; i++)
        who[i] = help_subject(f);
    for (size_t i = 0; i < 2; i++) {
        struct link_row r = row(&who[i + 1], &who[i]);
        OK(link_add(f->s, &r, &f->e));
    }
    help_commit(f);
    assert_int_equal(group(f, &who[0]), 3);
    assert_int_equal(group(f, &who[2]), 3);
    assert_int_equal(group(f, &who[3]), 1);

    assert_int_equal(link_find(f->s, who[0].id, who[1].id, &found, &f->e), 1);
    assert_string_equal(found.former, who[0].id);
    assert_int_equal(link_find(f->s, who[0].id, who[2].id, &found, &f->e), 0);
    help_begin(f);
    assert_int_equal(link_find(f->s, who[1].id, who[0].id, &found, &f->e), 1);
    found.ended = T0 + 1;
    found.ended_by = -1;
    OK(link_end(f->s, &found, &f->e));
    FAILS(link_end(f->s, &found, &f->e), ERR_INVARIANT); /* once */
    help_commit(f);
    assert_int_equal(group(f, &who[0]), 1);
    assert_int_equal(group(f, &who[1]), 2);
}

static int keep(void *arg, const struct carried_row *carried)
{
    *(int64_t *)arg += carried->yes_s;
    return 0;
}

/* A kill before the commit: neither the link nor what it carried is there. */
static void a_kill_leaves_all_of_a_link_or_nothing(void **state)
{
    struct fixture *f = *state;
    struct carried_row c = { "co-habeas-data", "case_processing", 1795000000 };
    struct subject_row one, two;
    struct link_row r;
    int64_t sum = 0;

    help_begin(f);
    one = help_subject(f);
    two = help_subject(f);
    help_commit(f);
    r = row(&two, &one);
    help_begin(f);
    OK(link_add(f->s, &r, &f->e));
    OK(carried_add(f->s, r.id, &c, &f->e));
    help_reopen(f); /* killed */
    assert_int_equal(group(f, &one), 1);
    OK(carried_of(f->s, r.id, keep, &sum, &f->e));
    assert_int_equal(sum, 0);

    help_begin(f);
    OK(link_add(f->s, &r, &f->e));
    OK(carried_add(f->s, r.id, &c, &f->e));
    help_commit(f);
    help_reopen(f);
    assert_int_equal(group(f, &one), 2);
    OK(carried_of(f->s, r.id, keep, &sum, &f->e));
    assert_int_equal(sum, c.yes_s);
    help_begin(f);
    r.ended = T0 + 1;
    r.ended_by = 7;
    OK(link_end(f->s, &r, &f->e));
    help_commit(f);
    sum = 0;
    OK(carried_of(f->s, r.id, keep, &sum, &f->e));
    assert_int_equal(sum, 0);
}

static int seen(void *arg, const struct suggestion_row *s)
{
    (void)s;
    ++*(int *)arg;
    return 0;
}

static void what_meta_says_is_sealed_with_the_person(void **state)
{
    struct fixture *f = *state;
    struct suggestion_row s = { .how = "user_changed_number", .made = T0 };
    struct buf now = { 0 };
    struct subject_row who, other;
    int n = 0;

    help_begin(f);
    who = help_subject(f);
    other = help_subject(f);
    memcpy(s.subject, who.id, ID_SIZE);
    OK(suggestion_put(f->s, &s, "{\"phone\":\"1\"}", 13, &f->e));
    OK(suggestion_put(f->s, &s, "{\"phone\":\"2\"}", 13, &f->e));
    help_commit(f);
    OK(suggestion_list(f->s, seen, &n, &f->e));
    assert_int_equal(n, 1); /* the newest */
    assert_int_equal(suggestion_now(f->s, who.id, &now, &f->e), 1);
    assert_string_equal((const char *)now.p, "{\"phone\":\"2\"}");
    buf_free(&now);
    OK(slot_erase(f->s, &who.content_slot, 1, &f->e));
    assert_int_equal(suggestion_now(f->s, who.id, &now, &f->e), -1);
    buf_free(&now);

    /* Half a year later nobody looks at it any more. */
    help_begin(f);
    memcpy(s.subject, other.id, ID_SIZE);
    s.made = T0 + LIMIT_SUGGESTION_D * MSEC_D + 1;
    OK(suggestion_put(f->s, &s, "{}", 2, &f->e));
    help_commit(f);
    n = 0;
    OK(suggestion_list(f->s, seen, &n, &f->e));
    assert_int_equal(n, 1);
    help_begin(f);
    OK(suggestion_remove(f->s, other.id, &f->e));
    help_commit(f);
    n = 0;
    OK(suggestion_list(f->s, seen, &n, &f->e));
    assert_int_equal(n, 0);
}

static void nothing_walks_a_table(void **state)
{
    struct fixture *f = *state;
    size_t used = 0;

    links_of_links_are_one_person(state);
    a_kill_leaves_all_of_a_link_or_nothing(state);
    what_meta_says_is_sealed_with_the_person(state);
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        sqlite3_stmt *st = f->s->statements[i], *plan = NULL;
        char text[1024];

        if (st == NULL)
            continue;
        used++;
        (void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s",
                       sqlite3_sql(st));
        assert_int_equal(sqlite3_prepare_v2(f->s->db, text, -1, &plan, NULL),
                         SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *step = (const char *)sqlite3_column_text(plan, 3);

            if (strncmp(step, "SCAN", 4) == 0 ||
                strstr(step, "TEMP B-TREE") != NULL)
                fail_msg("%s: %s", step, sqlite3_sql(st));
        }
        sqlite3_finalize(plan);
    }
    assert_in_range(used, 8, 20);
}

#define T(name) cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(links_of_links_are_one_person),
        T(a_kill_leaves_all_of_a_link_or_nothing),
        T(what_meta_says_is_sealed_with_the_person),
        T(nothing_walks_a_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

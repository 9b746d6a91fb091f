/* store: what there is of one person, page by page, and of nobody else. */
#include "store_help.h"

#define MANY 300u

static struct subject_row person(struct fixture *f, const char *phone,
                                 size_t documents)
{
    struct subject_row who = help_subject(f);
    struct case_row c = help_case(f, who.id, T0);

    OK(subject_handle_put(f->s, &who, HANDLE_PHONE, phone, T0, &f->e));
    for (size_t i = 0; i < documents; i++) {
        struct outbox_row message = { .policy = "co-habeas-data",
                                      .number = "1",
                                      .kind = "prompt",
                                      .state = "sent",
                                      .created = T0 };
        struct prompt_row prompt = { .policy = "co-habeas-data",
                                     .purpose = "case_processing",
                                     .notice_version = "1",
                                     .language = "es-CO",
                                     .state = "answered",
                                     .asked = T0 };

        (void)help_document(f, &who, &c, "n", NULL);
        id_new(message.id, 'o', &random_system);
        memcpy(message.subject, who.id, ID_SIZE);
        OK(outbox_add(f->s, &message, "{}", 2, &f->e));
        id_new(prompt.id, 'p', &random_system);
        memcpy(prompt.subject, who.id, ID_SIZE);
        memcpy(prompt.outbox, message.id, ID_SIZE);
        OK(prompt_add(f->s, &prompt, &f->e));
    }
    return who;
}

/* Every row is on one page, none on two. */
static size_t count(struct fixture *f, const char *subject,
                    enum person_rows which)
{
    char ids[PERSON_PAGE][ID_SIZE], last[ID_SIZE] = "";
    uint64_t place = 0, before;
    size_t n, all = 0;

    do {
        before = place;
        OK(person_page(f->s, subject, which, &place, ids, &n, &f->e));
        assert_true(n == 0 || (place > before && strcmp(ids[0], last) != 0));
        if (n > 0)
            memcpy(last, ids[n - 1], ID_SIZE);
        all += n;
    } while (n == PERSON_PAGE);
    return all;
}

static void pages_hold_all_of_one_person(void **state)
{
    struct fixture *f = *state;
    struct subject_row one, other;

    help_begin(f);
    other = person(f, "573000000002", 3);
    one = person(f, "573000000001", MANY);
    (void)person(f, "573000000003", 2);
    help_commit(f);
    assert_int_equal(count(f, one.id, PERSON_CASES), 1);
    assert_int_equal(count(f, one.id, PERSON_DOCUMENTS), MANY);
    assert_int_equal(count(f, one.id, PERSON_ATTACHMENTS), MANY);
    assert_int_equal(count(f, one.id, PERSON_PROMPTS), MANY);
    assert_int_equal(count(f, one.id, PERSON_MESSAGES), MANY);
    assert_int_equal(count(f, other.id, PERSON_DOCUMENTS), 3);
    assert_int_equal(count(f, "snobody", PERSON_DOCUMENTS), 0);
}

static int keep(void *arg, const char *kind, const char *value, msec seen)
{
    return buf_addf(arg, "%s=%s@%lld ", kind, value, (long long)(seen - T0));
}

static void every_handle_is_opened(void **state)
{
    struct fixture *f = *state;
    struct buf got = { 0 };
    struct subject_row who;

    help_begin(f);
    who = person(f, "573000000001", 0);
    (void)person(f, "573000000002", 0);
    OK(subject_handle_put(f->s, &who, HANDLE_PHONE, "573000000009", T0 + 5,
                          &f->e));
    OK(subject_handle_put(f->s, &who, HANDLE_NAME, "Ana", T0 + 6, &f->e));
    OK(subject_handle_put(f->s, &who, HANDLE_BSUID, "CO.1", T0 + 7, &f->e));
    help_commit(f);
    OK(person_handles(f->s, who.id, keep, &got, &f->e));
    assert_string_equal((const char *)got.p,
                        "bsuid=CO.1@7 name=Ana@6 phone=573000000001@0 "
                        "phone=573000000009@5 ");
    buf_free(&got);

    /* Once the slot is gone nothing opens, and that is said. */
    OK(slot_erase(f->s, &who.content_slot, 1, &f->e));
    FAILS(person_handles(f->s, who.id, keep, &got, &f->e), ERR_NOT_FOUND);
    FAILS(person_handles(f->s, "snobody", keep, &got, &f->e), ERR_INVARIANT);
    buf_free(&got);
}

static void decisions_are_those_of_one_person(void **state)
{
    struct fixture *f = *state;
    struct consent_row row = { .policy = "co-habeas-data", .yes_s = 7 }, out[4];
    struct subject_row one, other;
    size_t n;

    help_begin(f);
    one = person(f, "573000000001", 0);
    other = person(f, "573000000002", 0);
    (void)snprintf(row.state, sizeof(row.state), "given");
    memcpy(row.subject, one.id, ID_SIZE);
    for (const char *p = "abc"; *p != '\0'; p++) {
        (void)snprintf(row.purpose, sizeof(row.purpose), "%c", *p);
        OK(consent_put(f->s, &row, &f->e));
    }
    memcpy(row.subject, other.id, ID_SIZE);
    OK(consent_put(f->s, &row, &f->e));
    help_commit(f);
    OK(person_consents(f->s, one.id, out, 4, &n, &f->e));
    assert_int_equal(n, 3);
    assert_string_equal(out[1].purpose, "b");
    assert_string_equal(out[1].state, "given");
    assert_int_equal(out[1].yes_s, 7);
    OK(person_consents(f->s, one.id, out, 2, &n, &f->e));
    assert_int_equal(n, 2);
}

/* Each statement finds the person by an index; none walks a table. */
static void nothing_walks_a_table(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct consent_row rows[1];
    struct buf ignored = { 0 };
    size_t n, seen = 0;

    help_begin(f);
    who = person(f, "573000000001", 1);
    help_commit(f);
    for (int which = 0; which < PERSON__MAX; which++)
        (void)count(f, who.id, (enum person_rows)which);
    OK(person_handles(f->s, who.id, keep, &ignored, &f->e));
    OK(person_consents(f->s, who.id, rows, 1, &n, &f->e));
    buf_free(&ignored);
    for (size_t i = STATEMENTS_OF(SQL_PERSON);
         i < STATEMENTS_OF(SQL_PERSON + 1); i++) {
        sqlite3_stmt *st = f->s->statements[i], *plan = NULL;
        char text[1024];

        if (st == NULL)
            continue;
        seen++;
        (void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s",
                       sqlite3_sql(st));
        assert_int_equal(sqlite3_prepare_v2(f->s->db, text, -1, &plan, NULL),
                         SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *step = (const char *)sqlite3_column_text(plan, 3);

            if (strncmp(step, "SCAN", 4) == 0 ||
                strstr(step, "(rowid>?)") != NULL)
                fail_msg("%s: %s", step, sqlite3_sql(st));
        }
        sqlite3_finalize(plan);
    }
    assert_int_equal(seen, PERSON__MAX + 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(pages_hold_all_of_one_person),
        T(every_handle_is_opened),
        T(decisions_are_those_of_one_person),
        T(nothing_walks_a_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* registrar: a person is written to in the language that they chose. */
#include "retain_help.h"

static bool said(const struct fixture *f, const char *words)
{
    return f->nsends > 0 && strstr(f->sends[f->nsends - 1].body, words) != NULL;
}

static void word_is(struct fixture *f, const char *sql, const char *wanted)
{
    char is[STORE_NAME_SIZE] = "";

    help_word(f, sql, is, sizeof(is));
    assert_string_equal(is, wanted);
}

static void the_notice_and_the_question_come_in_it(void **state)
{
    struct fixture *f = *state;

    help_text(f, "34699", "wamid.a", "English, please");
    assert_int_equal(f->nsends, 1);
    assert_true(said(f, "/notice/es-gdpr/2026-11/en"));
    word_is(f, "SELECT language FROM prompt", "en");
    help_accept_all(f, 0);
    f->now += 3 * MSEC_S;
    help_text(f, "34699", "wamid.b", "I accept");
    assert_true(said(f, "Thank you. You can now send"));
    help_text(f, "34699", "wamid.c", "menu");
    assert_true(said(f, "Choose what you need"));
    assert_true(said(f, "language/show"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM subject"
                                    " WHERE language = 'en'"),
                     1);
}

static void the_former_question_can_be_answered(void **state)
{
    struct fixture *f = *state;

    help_text(f, "34699", "wamid.a", "hola");
    help_accept_all(f, 0);
    help_text(f, "34699", "wamid.b", "English");
    help_accept_all(f, 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM prompt"
                                    " WHERE state = 'open'"),
                     2);
    f->now += 3 * MSEC_S;
    help_text(f, "34699", "wamid.c", "acepto");
    assert_int_equal(help_leaves(f, "consent_given"), 1);
    assert_true(said(f, "Thank you. You can now send"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM prompt"
                                    " WHERE state = 'open'"),
                     0);
}

/* It outlives a restart, and nobody else is written to in it. */
static void it_is_theirs_alone_and_stays(void **state)
{
    struct fixture *f = *state;

    help_consenting(f, "34699");
    help_text(f, "34699", "wamid.a", "em português");
    assert_true(said(f, "escreve a você em português"));
    help_reopen(f);
    help_text(f, "34699", "wamid.b", "estado");
    assert_true(said(f, "Você não tem"));
    help_consenting(f, "34698");
    help_text(f, "34698", "wamid.c", "estado");
    assert_true(said(f, "No tiene"));
    /* … and back. */
    help_text(f, "34699", "wamid.d", "español");
    assert_true(said(f, "le escribe en español"));
}

static void choose(struct fixture *f, const char *id, const char *language)
{
    assert_int_equal(store_begin(f->r->store, &f->e), 0);
    assert_int_equal(subject_set_language(f->r->store, id, language, &f->e), 0);
    assert_int_equal(store_commit(f->r->store, &f->e), 0);
}

static void a_policy_without_it_writes_in_its_first(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE] = "";

    help_consenting(f, "34699");
    help_word(f, "SELECT id FROM subject", id, sizeof(id));
    choose(f, id, "fr");
    help_text(f, "34699", "wamid.a", "estado");
    assert_true(said(f, "No tiene"));
    /* es-CO and es-ES understand each other. */
    choose(f, id, "pt-PT");
    help_text(f, "34699", "wamid.b", "estado");
    assert_true(said(f, "Você não tem"));
}

/* With what identifies them. */
static void it_goes_with_the_person(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE] = "";

    help_consenting(f, "34699");
    help_text(f, "34699", "wamid.a", "English");
    help_word(f, "SELECT id FROM subject", id, sizeof(id));
    assert_int_equal(store_begin(f->r->store, &f->e), 0);
    while (content_remove(f->r->store, id, 100, &f->e) > 0)
        continue;
    assert_int_equal(store_commit(f->r->store, &f->e), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM subject"
                                    " WHERE language IS NOT NULL"),
                     0);
}

static void flipping_machines_fall_silent(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    help_consenting(f, "34699");
    for (int i = 0; i < 10; i++) {
        char wamid[32];

        (void)snprintf(wamid, sizeof(wamid), "wamid.%d", i);
        help_text(f, "34699", wamid, i % 2 == 0 ? "English" : "español");
    }
    sends = f->nsends;
    help_text(f, "34699", "wamid.x", "English");
    help_text(f, "34699", "wamid.y", "português");
    assert_int_equal(f->nsends, sends);
}

/* Where there is no procedure to pick either; an hour later it is a person. */
static void without_procedures_too(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    SPAIN(f)->nprocedures = 0;
    flipping_machines_fall_silent(state);
    sends = f->nsends;
    f->now += MSEC_H;
    help_text(f, "34699", "wamid.z", "English");
    help_text(f, "34699", "wamid.w", "português");
    assert_true(f->nsends > sends);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_notice_and_the_question_come_in_it),
        TEST(the_former_question_can_be_answered),
        TEST(it_is_theirs_alone_and_stays),
        TEST(a_policy_without_it_writes_in_its_first),
        TEST(it_goes_with_the_person),
        TEST(flipping_machines_fall_silent),
        TEST(without_procedures_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* registrar: who answers for whom, as officers say: somebody of age, a child's
 * representative, papers of somebody else; and what an erasure takes along. */
#include "family_help.h"

#define CO "8001"

static int adult_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_clear_minor(r, arg, err);
}

static int represent_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_represent(r, arg, err);
}

static struct represent_order for_whom(struct fixture *f, const char *who)
{
    struct represent_order o = { .by = help_by(ANA),
                                 .relation = "legal_representative" };

    reference(f, who, o.by.subject);
    o.by.reason = "showed the court's decision in the branch";
    return o;
}

static int64_t held(struct fixture *f)
{
    return help_number(f, "SELECT count(*) FROM attachment WHERE"
                          " state = 'held'");
}

static void adult(struct fixture *f, const char *who)
{
    struct staff_access by = help_by(ANA);

    reference(f, who, by.subject);
    by.reason = "showed an identity document";
    CALLS(f, adult_request, &by);
    help_settle(f);
}

/* ---- of age -------------------------------------------------------------- */

static void who_is_of_age_is_asked_about_what_waits(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    says_at(f, "8000", WHO, "soy menor de edad");
    f->now += MSEC_S;
    help_photo(f, WHO, "wamid.a");
    help_photo(f, WHO, "wamid.b");
    help_settle(f);
    assert_int_equal(held(f), 2);
    sends = f->nsends;
    adult(f, WHO);
    assert_int_equal(f->nsends, sends + 1); /* one question for both */
    assert_true(said_to(f, sends, "grant/case_processing/"));
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    says_at(f, "8000", WHO, "acepto");
    assert_int_equal(f->nfetches, 2);
}

static void and_in_colombia_too_one_question_at_a_time(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    colombian(f, OTHER);
    help_pass(f, 20 * MSEC_S); /* its receipt went */
    says_at(f, CO, OTHER, "soy menor de edad");
    f->now += MSEC_S;
    sends_at(f, CO, OTHER, "x");
    assert_int_equal(held(f), 1);
    sends = f->nsends;
    adult(f, OTHER);
    assert_int_equal(f->nsends, sends + 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(f->nfetches, 1);
        sends = f->nsends - 1;
        assert_true(said_to(f, sends, "grant/"));
        help_accept_all(f, sends);
        f->now += 3 * MSEC_S;
        says_at(f, CO, OTHER, "acepto");
    }
    assert_int_equal(f->nfetches, 2);
}

static void nothing_is_said_where_nothing_waits(void **state)
{
    struct fixture *f = *state;
    size_t sends;

    says_at(f, "8000", WHO, "soy menor de edad");
    sends = f->nsends;
    adult(f, WHO);
    assert_int_equal(f->nsends, sends);
}

/* ---- papers of somebody else --------------------------------------------- */

/* "Otra relación" waits for a person, who declares it; then it is as if the
 * chat had. */
static void another_relation_is_declared_by_an_officer(void **state)
{
    struct fixture *f = *state;
    struct represent_order o;
    size_t sends;

    colombian(f, OTHER);
    help_pass(f, 20 * MSEC_S);
    taps_at(f, CO, OTHER, "for/other");
    assert_int_equal(help_leaves(f, "handover_asked"), 1);
    sends = f->nsends;
    o = for_whom(f, OTHER);
    o.relation = "other";
    o.procedure = "cesantias";
    o.by.policy = "co-habeas-data";
    CALLS(f, represent_request, &o);
    help_settle(f);
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE"
                                    " represented = 1 AND relation = 'other'"
                                    " AND mandate = 'declared'"),
                     1);
    assert_int_equal(help_leaves(f, "representation_declared"), 1);
    assert_int_equal(f->nsends, sends + 1); /* what it needs */
    sends_at(f, CO, OTHER, "cédula");
    assert_int_equal(f->nfetches, 2);
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE"
                                    " represented = 1 AND case_id <> ''"),
                     1);
    help_judged(f, 1, "image/jpeg");

    /* Once is enough; and a second person is a second case. */
    REFUSES(f, represent_request, &o, ERR_CONFLICT);
    o.by.case_id[0] = '\0';
    CALLS(f, represent_request, &o);
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE"
                                    " represented = 1"),
                     2);
}

static void no_words_of_ours_while_an_agent_talks(void **state)
{
    struct fixture *f = *state;
    struct represent_order o;
    size_t sends;

    colombian(f, OTHER);
    help_pass(f, 20 * MSEC_S);
    taps_at(f, CO, OTHER, "for/other");
    assert_int_equal(help_number(f, "SELECT count(*) FROM conversation"), 1);
    {
        struct conversation_order talk = { .by = help_by(ANA) };

        talk.by.role = "agent";
        help_word(f, "SELECT id FROM conversation", talk.id, sizeof(talk.id));
        assert_int_equal(store_begin(f->r->store, &f->e), 0);
        {
            struct conversation_row row;

            assert_int_equal(
                conversation_get(f->r->store, talk.id, &row, &f->e), 1);
            (void)snprintf(row.mode, sizeof(row.mode), "person");
            assert_int_equal(conversation_update(f->r->store, &row, &f->e), 0);
        }
        assert_int_equal(store_commit(f->r->store, &f->e), 0);
    }
    o = for_whom(f, OTHER);
    o.procedure = "cesantias";
    o.by.policy = "co-habeas-data";
    sends = f->nsends;
    CALLS(f, represent_request, &o);
    help_settle(f);
    assert_int_equal(f->nsends, sends);
    assert_int_equal(help_leaves(f, "representation_declared"), 1);
}

/* A child's document in a case of one's own; its code comes out. */
static void childs_paper(struct fixture *f, char code[static STORE_CASE_SIZE])
{
    char id[96];

    colombian(f, OTHER);
    taps_at(f, CO, OTHER, "procedure/beneficiario");
    sends_at(f, CO, OTHER, "registro civil");
    assert_int_equal(f->nfetches, 1);
    help_word(f, "SELECT id FROM cases WHERE mandate = 'asked'", code,
              STORE_CASE_SIZE);
    (void)snprintf(id, sizeof(id), "child/%s/other", code);
    taps_at(f, CO, OTHER, id);
    assert_int_equal(f->nfetches, 1);
}

static void of_a_child_it_is_said_whether_it_was_heard(void **state)
{
    struct fixture *f = *state;
    char code[STORE_CASE_SIZE];
    struct represent_order o;

    childs_paper(f, code);
    o = for_whom(f, OTHER);
    memcpy(o.by.case_id, code, sizeof(o.by.case_id));
    REFUSES(f, represent_request, &o, ERR_INPUT);
    o.heard = "not_heard";
    REFUSES(f, represent_request, &o, ERR_INPUT);
    assert_int_equal(f->nfetches, 1);
    o.heard = "too_young";
    CALLS(f, represent_request, &o);
    help_settle(f);
    assert_int_equal(f->nfetches, 2);
    assert_int_equal(help_number(f, "SELECT count(*) FROM ledger WHERE"
                                    " json_extract(CAST(entry AS TEXT),"
                                    " '$.evidence.child_heard') = 'too_young'"
                                    " AND json_extract(CAST(entry AS TEXT),"
                                    " '$.role') = 'officer'"),
                     1);
}

/* What is on its way is not kept; what comes waits, and that is said once. */
static void an_end_shuts_what_it_opened(void **state)
{
    struct fixture *f = *state;
    char code[STORE_CASE_SIZE], id[96];
    struct represent_order o;
    size_t sends, waits = 0;

    childs_paper(f, code);
    o = for_whom(f, OTHER);
    memcpy(o.by.case_id, code, sizeof(o.by.case_id));
    o.heard = "heard";
    CALLS(f, represent_request, &o);
    help_settle(f);
    assert_int_equal(f->nfetches, 2);
    o.ends = true;
    CALLS(f, represent_request, &o);
    REFUSES(f, represent_request, &o, ERR_CONFLICT);
    assert_int_equal(help_leaves(f, "representation_ended"), 1);
    sends = f->nsends;
    help_judged(f, 1, "image/jpeg");
    assert_int_equal(help_leaves(f, "media_discarded"), 1);
    assert_int_equal(documents(f), 1);
    assert_int_equal(held(f), 1);
    help_reopen(f);
    sends_at(f, CO, OTHER, "registro civil");
    assert_int_equal(held(f), 2);
    assert_int_equal(f->nfetches, 2);
    for (size_t i = sends; i < f->nsends; i++)
        waits += strstr(f->sends[i].body, "persona") != NULL;
    assert_int_equal(waits, 1);

    /* Their own word opens it no more; an officer's does. */
    (void)snprintf(id, sizeof(id), "child/%s/parent_guardian/heard", code);
    taps_at(f, CO, OTHER, id);
    assert_int_equal(f->nfetches, 2);
    o.ends = false;
    CALLS(f, represent_request, &o);
    help_settle(f);
    assert_int_equal(f->nfetches, 4);
}

/* One that ended is no case to go on with: who declares anew has another. */
static void an_ended_case_is_not_picked_again(void **state)
{
    struct fixture *f = *state;
    struct represent_order o;

    colombian(f, OTHER);
    taps_at(f, CO, OTHER, "for/heir/cesantias");
    o = for_whom(f, OTHER);
    o.ends = true;
    help_word(f, "SELECT id FROM cases WHERE represented = 1", o.by.case_id,
              sizeof(o.by.case_id));
    CALLS(f, represent_request, &o);
    taps_at(f, CO, OTHER, "for/heir/cesantias");
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE"
                                    " represented = 1"),
                     2);
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE"
                                    " mandate = 'ended'"),
                     1);
}

static void nonsense_is_refused(void **state)
{
    struct fixture *f = *state;
    struct represent_order o, bad;

    colombian(f, OTHER);
    o = for_whom(f, OTHER);
    o.heard = "heard";
    bad = o;
    bad.relation = "adult";
    REFUSES(f, represent_request, &bad, ERR_INPUT);
    bad.relation = "cousin";
    REFUSES(f, represent_request, &bad, ERR_INPUT);
    REFUSES(f, represent_request, &o, ERR_CONFLICT); /* of age */
    bad = o;
    bad.procedure = "nothing";
    bad.by.policy = "co-habeas-data";
    REFUSES(f, represent_request, &bad, ERR_NOT_FOUND);
    bad = o;
    help_word(f, "SELECT id FROM cases", bad.by.case_id,
              sizeof(bad.by.case_id)); /* their own papers */
    REFUSES(f, represent_request, &bad, ERR_CONFLICT);
    bad.ends = true;
    REFUSES(f, represent_request, &bad, ERR_CONFLICT);
    bad.ends = false;
    reference(f, WHO, bad.by.subject); /* of somebody else */
    REFUSES(f, represent_request, &bad, ERR_NOT_FOUND);
    assert_int_equal(help_leaves(f, "representation_declared"), 0);
}

/* ---- a child who writes -------------------------------------------------- */

static void a_childs_representative_is_declared_and_ends(void **state)
{
    struct fixture *f = *state;
    struct represent_order o;
    size_t sends;

    says_at(f, "8000", WHO, "soy menor de edad");
    f->now += MSEC_S;
    help_photo(f, WHO, "wamid.a");
    help_settle(f);
    o = for_whom(f, WHO);
    REFUSES(f, represent_request, &o, ERR_INPUT); /* was it heard? */
    o.heard = "heard";
    sends = f->nsends;
    CALLS(f, represent_request, &o);
    help_settle(f);
    assert_int_equal(help_number(f, "SELECT minor FROM subject"), 2);
    assert_int_equal(f->nsends, sends + 1);
    help_accept_all(f, sends);
    f->now += 3 * MSEC_S;
    says_at(f, "8000", WHO, "acepto");
    assert_int_equal(f->nfetches, 1);
    help_judged(f, 0, "image/jpeg");

    o.ends = true;
    CALLS(f, represent_request, &o);
    help_photo(f, WHO, "wamid.b");
    help_settle(f);
    assert_int_equal(f->nfetches, 1);
    REFUSES(f, represent_request, &o, ERR_CONFLICT);
    o.ends = false;
    CALLS(f, represent_request, &o);
    help_settle(f);
    assert_int_equal(f->nfetches, 2);
}

/* Whoever lost the right to answer for a child lost it under both numbers. */
static void an_end_is_of_all_their_numbers(void **state)
{
    struct fixture *f = *state;
    struct represent_order r;
    char former[ID_SIZE];

    says_at(f, "8000", WHO, "soy menor de edad");
    says_at(f, "8000", OTHER, "soy menor de edad");
    (void)link_of_two(f, OTHER, WHO, NULL, former);
    r = for_whom(f, WHO);
    r.heard = "heard";
    CALLS(f, represent_request, &r);
    r = for_whom(f, OTHER);
    r.heard = "heard";
    CALLS(f, represent_request, &r);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM subject WHERE minor = 2"), 2);
    r = for_whom(f, WHO);
    r.ends = true;
    CALLS(f, represent_request, &r);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM subject WHERE minor = 1"), 2);
    assert_int_equal(help_leaves(f, "representation_ended"), 2);
}

/* Whatever it rests on: a contract, too. */
static void nobody_under_age_is_reminded(void **state)
{
    struct fixture *f = *state;
    struct outbound_item item = reminded(WHO);
    struct outbound_order o = reminder(&item);
    struct represent_order r = { 0 };
    struct consent_row informed = { .policy = "es-gdpr",
                                    .purpose = "case_processing",
                                    .state = "informed" };

    SPAIN(f)->purposes[0].basis = BASIS_CONTRACT;
    SPAIN(f)->informs |= 1;
    says_at(f, "8000", WHO, "soy menor de edad");
    r = for_whom(f, WHO);
    assert_int_equal(store_begin(f->r->store, &f->e), 0);
    SET(informed.subject, r.by.subject);
    SET(informed.notice_version, SPAIN(f)->notice_version);
    assert_int_equal(consent_put(f->r->store, &informed, &f->e), 0);
    assert_int_equal(store_commit(f->r->store, &f->e), 0);
    CALLS(f, outbound_request, &o);
    assert_string_equal(item.state, "denied");
    assert_string_equal(item.rule, "under_age");
    r.heard = "heard";
    CALLS(f, represent_request, &r);
    CALLS(f, outbound_request, &o);
    if (item.rule != NULL)
        assert_string_not_equal(item.rule, "under_age");
}

/* ---- whom an erasure takes along ----------------------------------------- */

/* Papers are of the reference that sent them, whoever they are about. */
static void papers_go_with_who_sent_them(void **state)
{
    struct fixture *f = *state;
    struct erase_order e = { .by = help_by(ANA), .ground = "request" };
    struct represent_order o;

    help_stored(f, WHO, "wamid.own", "image/jpeg"); /* the one represented */
    colombian(f, OTHER);
    o = for_whom(f, OTHER);
    o.relation = "other";
    o.procedure = "cesantias";
    o.by.policy = "co-habeas-data";
    CALLS(f, represent_request, &o);
    help_settle(f);
    sends_at(f, CO, OTHER, "cédula");
    help_judged(f, f->nfetches - 1, "image/jpeg");
    assert_int_equal(documents(f), 3);

    /* Erased is who is represented: what the other sent is the other's. */
    reference(f, WHO, e.by.subject);
    CALLS(f, erase_request, &e);
    help_settle(f);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    assert_int_equal(documents(f), 2);
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE"
                                    " mandate = 'declared' AND state ="
                                    " 'open'"),
                     1);

    /* One that waits goes, too, and nobody can declare anything for them. */
    o.ends = true;
    CALLS(f, represent_request, &o);
    sends_at(f, CO, OTHER, "carta");
    assert_int_equal(held(f), 1);
    reference(f, OTHER, e.by.subject);
    CALLS(f, erase_request, &e);
    help_settle(f);
    assert_int_equal(help_leaves(f, "subject_erased"), 2);
    assert_int_equal(documents(f), 0);
    assert_int_equal(held(f), 0);
    o.ends = false;
    REFUSES(f, represent_request, &o, ERR_NOT_FOUND);
}

/* The same of a child that was answered for. */
static void a_represented_child_is_erased_like_anybody(void **state)
{
    struct fixture *f = *state;
    struct erase_order e = { .by = help_by(ANA), .ground = "minor" };
    struct represent_order o;

    says_at(f, "8000", WHO, "soy menor de edad");
    f->now += MSEC_S;
    help_photo(f, WHO, "wamid.a");
    help_settle(f);
    o = for_whom(f, WHO);
    o.heard = "heard";
    CALLS(f, represent_request, &o);
    memcpy(e.by.subject, o.by.subject, ID_SIZE);
    CALLS(f, erase_request, &e);
    help_settle(f);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    assert_int_equal(held(f), 0);
    REFUSES(f, represent_request, &o, ERR_NOT_FOUND);
    /* Who writes again is somebody new, of whom nothing is known. */
    help_photo(f, WHO, "wamid.b");
    help_settle(f);
    assert_int_equal(help_number(f, "SELECT count(*) FROM subject WHERE minor"
                                    " = 0"),
                     1);
    assert_int_equal(f->nfetches, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, family_end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(who_is_of_age_is_asked_about_what_waits),
        T(and_in_colombia_too_one_question_at_a_time),
        T(nothing_is_said_where_nothing_waits),
        T(another_relation_is_declared_by_an_officer),
        T(no_words_of_ours_while_an_agent_talks),
        T(of_a_child_it_is_said_whether_it_was_heard),
        T(an_end_shuts_what_it_opened),
        T(an_ended_case_is_not_picked_again),
        T(nonsense_is_refused),
        T(a_childs_representative_is_declared_and_ends),
        T(an_end_is_of_all_their_numbers),
        T(nobody_under_age_is_reminded),
        T(papers_go_with_who_sent_them),
        T(a_represented_child_is_erased_like_anybody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

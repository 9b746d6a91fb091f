/* registrar: one person under two references, papers of children, and children
 * who write. WHO said yes in Spain; OTHER is the same person's new number. */
#include "keep_help.h"

#define OTHER "34600000002"
#define GIVEN "state = 'given'"

static int link_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_link(r, arg, err);
}

static int unlink_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_unlink(r, arg, err);
}

static int adult_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_clear_minor(r, arg, err);
}

static void reference(struct fixture *f, const char *phone,
                      char out[static ID_SIZE])
{
    assert_int_equal(subject_find(f->r->store, HANDLE_PHONE, phone, out, &f->e),
                     1);
}

/* OTHER writes, and is a stranger: they sent a photo, and nothing of it was
 * fetched. */
static void comes_anew(struct fixture *f)
{
    f->now += MSEC_S;
    help_photo(f, OTHER, "wamid.anew");
    help_settle(f);
    help_accept_all(f, f->nsends - 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM subject"), 2);
}

static struct link_order order(struct fixture *f, const char *proof,
                               char former[static ID_SIZE])
{
    struct link_order o = { .by = help_by(ANA),
                            .former = former,
                            .kind = "number_change",
                            .proof = proof };

    reference(f, OTHER, o.by.subject);
    reference(f, WHO, former);
    o.by.reason = "showed the same identity document in the branch";
    return o;
}

static int64_t given(struct fixture *f, const char *subject)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM consent WHERE subject = '%s'"
                   " AND " GIVEN,
                   subject);
    return help_number(f, sql);
}

static void says(struct fixture *f, const char *who, const char *body)
{
    static unsigned n;
    char wamid[32];

    (void)snprintf(wamid, sizeof(wamid), "wamid.l.%u", n++);
    help_text(f, who, wamid, body);
    help_settle(f);
}

/* ---- consent ------------------------------------------------------------ */

static void a_link_without_proof_carries_no_consent(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    comes_anew(f);
    o = order(f, NULL, former);
    CALLS(f, link_request, &o);
    help_settle(f);
    assert_int_equal(f->nfetches, 0);
    assert_int_equal(given(f, o.by.subject), 0);
    assert_int_equal(given(f, former), 1);
    assert_int_equal(help_leaves(f, "subject_linked"), 1);
    assert_int_equal(help_leaves(f, "subject_relinked"), 0);
    assert_int_equal(help_leaves(f, "consent_carried"), 0);
    REFUSES(f, link_request, &o, ERR_CONFLICT); /* again */
}

static void with_proof_it_comes_over_and_the_files_go_on(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    comes_anew(f);
    o = order(f, "same_document", former);
    CALLS(f, link_request, &o);
    help_settle(f);
    assert_int_equal(given(f, o.by.subject), 1);
    assert_int_equal(help_leaves(f, "subject_relinked"), 1);
    assert_int_equal(help_leaves(f, "consent_carried"), 1);
    assert_int_equal(f->nfetches, 1);
    /* What shows it is sealed with them; no word of it is in the ledger. */
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM ledger WHERE"
                       " instr(CAST(entry AS TEXT), 'identity document') > 0"),
        0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM note"), 1);
}

/* A no of theirs is later than any yes that comes over; what is explicit or
 * sensitive is asked anew. */
static void what_was_decided_here_is_not_carried_over(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    comes_anew(f);
    says(f, OTHER, "no");
    o = order(f, "same_document", former);
    CALLS(f, link_request, &o);
    assert_int_equal(given(f, o.by.subject), 0);
    assert_int_equal(help_leaves(f, "consent_carried"), 0);
}

/* Who takes back what they never gave under this number may have given it under
 * the other. What they say yes to later counts, here as there. */
static void what_was_taken_back_here_is_not_carried_over(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    f->now += MSEC_S;
    says(f, OTHER, "BAJA");
    assert_int_equal(help_leaves(f, "consent_refused"), 0);
    o = order(f, "same_document", former);
    CALLS(f, link_request, &o);
    assert_int_equal(given(f, o.by.subject), 0);
    assert_int_equal(help_leaves(f, "consent_carried"), 0);

    CALLS(f, unlink_request, &o);
    f->now += MSEC_S;
    says(f, OTHER, "hola");
    help_accept_all(f, f->nsends - 1);
    f->now += 3 * MSEC_S;
    says(f, OTHER, "acepto");
    assert_int_equal(given(f, o.by.subject), 1);
}

static void sensitive_purposes_are_asked_anew(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    comes_anew(f);
    SPAIN(f)->purposes[0].basis = BASIS_EXPLICIT_CONSENT;
    o = order(f, "branch_visit", former);
    CALLS(f, link_request, &o);
    assert_int_equal(given(f, o.by.subject), 0);
}

static void a_no_of_one_is_a_no_of_all(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    help_stored(f, WHO, "wamid.one", "image/jpeg");
    comes_anew(f);
    o = order(f, NULL, former);
    CALLS(f, link_request, &o);
    f->now += MSEC_S;
    says(f, OTHER, "BAJA");
    assert_int_equal(given(f, former), 0);
    assert_int_equal(blocked(f), 1);
    assert_int_equal(help_leaves(f, "consent_withdrawn"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM ledger WHERE"
                                    " json_extract(CAST(entry AS TEXT),"
                                    " '$.evidence.reason') = 'linked'"),
                     1);
}

/* An older no does not take back what was said after it. */
static void a_late_no_spreads_to_nothing_newer(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;
    msec now;

    comes_anew(f);
    o = order(f, NULL, former);
    CALLS(f, link_request, &o);
    now = f->now;
    f->now = T0; /* sent before WHO's yes, and late */
    says(f, OTHER, "BAJA");
    f->now = now;
    assert_int_equal(given(f, former), 1);
}

static void a_mistake_takes_back_what_it_brought(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    comes_anew(f);
    o = order(f, "signed_form", former);
    REFUSES(f, unlink_request, &o, ERR_NOT_FOUND);
    CALLS(f, link_request, &o);
    help_settle(f);
    help_judged(f, 0, "image/jpeg");
    assert_int_equal(documents(f), 1);
    help_reopen(f); /* a restart in between changes nothing */
    CALLS(f, unlink_request, &o);
    help_settle(f);
    assert_int_equal(given(f, o.by.subject), 0);
    assert_int_equal(given(f, former), 1);
    assert_int_equal(blocked(f), 1);
    assert_int_equal(help_leaves(f, "subject_unlinked"), 1);
    assert_int_equal(help_leaves(f, "consent_uncarried"), 1);
    says(f, OTHER, "BAJA"); /* no longer theirs */
    assert_int_equal(given(f, former), 1);
}

static void their_own_yes_outlives_the_link(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    comes_anew(f);
    o = order(f, "signed_form", former);
    CALLS(f, link_request, &o);
    f->now += 10 * MSEC_S;
    says(f, OTHER, "acepto"); /* the question from before is open still */
    CALLS(f, unlink_request, &o);
    assert_int_equal(given(f, o.by.subject), 1);
    assert_int_equal(help_leaves(f, "consent_uncarried"), 0);
}

/* ---- who may, and the end ----------------------------------------------- */

static void nonsense_is_refused(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE], nobody[ID_SIZE] = "s00000000000000000000000000";
    struct link_order o, bad;

    comes_anew(f);
    o = order(f, NULL, former);
    bad = o;
    bad.kind = "guess";
    REFUSES(f, link_request, &bad, ERR_INPUT);
    bad = o;
    bad.proof = "a_feeling";
    REFUSES(f, link_request, &bad, ERR_INPUT);
    bad = o;
    bad.former = o.by.subject;
    REFUSES(f, link_request, &bad, ERR_INPUT);
    bad.former = nobody;
    REFUSES(f, link_request, &bad, ERR_NOT_FOUND);
    SPAIN(f)->two_officers = 1u << ACTION_LINK;
    REFUSES(f, link_request, &o, ERR_WAITS);
    assert_int_equal(help_number(f, "SELECT count(*) FROM link"), 0);
    assert_int_equal(help_leaves(f, "approval_requested"), 1);
}

static void an_erasure_is_of_one_and_ends_the_link(void **state)
{
    struct fixture *f = *state;
    struct erase_order e = { .by = help_by(ANA), .ground = "request" };
    char former[ID_SIZE];
    struct link_order o;

    comes_anew(f);
    o = order(f, "same_document", former);
    CALLS(f, link_request, &o);
    help_settle(f);
    memcpy(e.by.subject, former, ID_SIZE);
    CALLS(f, erase_request, &e);
    help_settle(f);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    assert_int_equal(help_leaves(f, "subject_unlinked"), 1);
    assert_int_equal(help_leaves(f, "consent_uncarried"), 1);
    assert_int_equal(given(f, o.by.subject), 0);
    reference(f, OTHER, former); /* is there still */
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, WHO, former, &f->e), 0);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM link WHERE ended IS NULL"), 0);
}

static void a_hold_is_of_one_reference(void **state)
{
    struct fixture *f = *state;
    struct erase_order e = { .by = help_by(ANA), .ground = "request" };
    char former[ID_SIZE];
    struct link_order o;

    comes_anew(f);
    o = order(f, NULL, former);
    CALLS(f, link_request, &o);
    (void)hold(f, true, 0); /* the first: WHO */
    memcpy(e.by.subject, o.by.subject, ID_SIZE);
    CALLS(f, erase_request, &e);
    help_settle(f);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    memcpy(e.by.subject, former, ID_SIZE);
    CALLS(f, erase_request, &e);
    help_settle(f);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
}

/* ---- what Meta says ----------------------------------------------------- */

static void a_new_number_is_a_suggestion_and_no_link(void **state)
{
    struct fixture *f = *state;
    size_t sends = f->nsends;

    help_message(f, WHO, "wamid.S2",
                 "\"type\":\"system\",\"system\":{\"type\":"
                 "\"user_changed_number\",\"wa_id\":\"" OTHER "\",\"body\":"
                 "\"x\"}");
    help_settle(f);
    assert_int_equal(help_number(f, "SELECT count(*) FROM suggestion"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM link"), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM subject"), 1);
    assert_int_equal(f->nsends, sends); /* nobody wrote */

    /* Of somebody who is not known there is nothing to say. */
    help_message(f, "34600000009", "wamid.S3",
                 "\"type\":\"system\",\"system\":{\"type\":"
                 "\"user_changed_number\",\"wa_id\":\"34600000008\"}");
    assert_int_equal(help_number(f, "SELECT count(*) FROM suggestion"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM subject"), 1);
}

/* ---- children ----------------------------------------------------------- */

static void taps(struct fixture *f, const char *number, const char *id)
{
    static unsigned n;
    char wamid[32], message[256];

    (void)snprintf(wamid, sizeof(wamid), "wamid.t.%u", n++);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"interactive\",\"interactive\":{\"type\":"
                   "\"list_reply\",\"list_reply\":{\"id\":\"%s\",\"title\":"
                   "\"x\"}}",
                   id);
    help_message_to(f, number, WHO, wamid, message);
    help_settle(f);
}

/* In Colombia, having said yes to both. */
static void colombian(struct fixture *f)
{
    size_t sends = f->nsends;

    help_message_to(f, "8001", WHO, "wamid.c1",
                    "\"type\":\"image\",\"image\":{\"id\":\"70\","
                    "\"mime_type\":\"image/jpeg\"}");
    for (int i = 0; i < 2; i++) {
        help_accept_all(f, sends);
        f->now += 3 * MSEC_S;
        sends = f->nsends;
        help_message_to(f, "8001", WHO, i == 0 ? "wamid.c2" : "wamid.c3",
                        "\"type\":\"text\",\"text\":{\"body\":\"acepto\"}");
        help_settle(f);
    }
    assert_int_equal(f->nfetches, 1);
    help_judged(f, 0, "image/jpeg");
}

static void nothing_of_a_child_is_fetched_before_it_was_heard(void **state)
{
    struct fixture *f = *state;
    char code[STORE_CASE_SIZE], id[96];

    colombian(f);
    taps(f, "8001", "procedure/beneficiario");
    help_message_to(f, "8001", WHO, "wamid.reg",
                    "\"type\":\"image\",\"image\":{\"id\":\"71\",\"mime_type\":"
                    "\"image/jpeg\",\"caption\":\"registro civil\"}");
    help_settle(f);
    assert_int_equal(f->nfetches, 1);
    help_word(f, "SELECT id FROM cases WHERE mandate = 'asked'", code,
              sizeof(code));
    (void)snprintf(id, sizeof(id), "child/%s/parent_guardian/not_heard", code);
    taps(f, "8001", id);
    assert_int_equal(f->nfetches, 1);
    help_reopen(f);
    help_settle(f);
    assert_int_equal(f->nfetches, 1);
    (void)snprintf(id, sizeof(id), "child/%s/parent_guardian/heard", code);
    taps(f, "8001", id);
    assert_int_equal(f->nfetches, 2);
    assert_int_equal(help_leaves(f, "representation_declared"), 1);
    taps(f, "8001", id); /* twice is once */
    assert_int_equal(help_leaves(f, "representation_declared"), 1);
}

static void a_case_for_another_is_its_own(void **state)
{
    struct fixture *f = *state;

    colombian(f);
    taps(f, "8001", "procedure/cesantias");
    taps(f, "8001", "for/heir/cesantias");
    assert_int_equal(help_number(f,
                                 "SELECT count(*) FROM cases WHERE procedure ="
                                 " 'cesantias'"),
                     2);
    assert_int_equal(help_number(f, "SELECT count(*) FROM cases WHERE"
                                    " represented = 1 AND relation = 'heir'"
                                    " AND mandate = 'declared'"),
                     1);
    assert_int_equal(help_leaves(f, "representation_declared"), 1);
    help_message_to(f, "8001", WHO, "wamid.ced",
                    "\"type\":\"image\",\"image\":{\"id\":\"72\",\"mime_type\":"
                    "\"image/jpeg\",\"caption\":\"cédula\"}");
    help_settle(f);
    assert_int_equal(f->nfetches, 2);
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE"
                                    " represented = 1"),
                     1);

    /* Their own case is found again, and not that one. */
    taps(f, "8001", "procedure/cesantias");
    assert_int_equal(help_number(f,
                                 "SELECT count(*) FROM cases WHERE procedure ="
                                 " 'cesantias'"),
                     2);
    assert_int_equal(help_number(f, "SELECT represented FROM cases WHERE"
                                    " procedure = 'cesantias'"
                                    " ORDER BY picked DESC, rowid LIMIT 1"),
                     0);
}

static void who_is_under_age_is_answered_for_or_is_of_age(void **state)
{
    struct fixture *f = *state;
    struct staff_access by = help_by(ANA);
    char id[ID_SIZE];

    help_stored(f, WHO, "wamid.one", "image/jpeg");
    f->now += MSEC_S;
    says(f, WHO, "soy menor de edad");
    reference(f, WHO, id);
    assert_int_equal(given(f, id), 0);
    assert_int_equal(blocked(f), 1);
    assert_int_equal(help_leaves(f, "minor_declared"), 1);
    assert_int_equal(help_leaves(f, "handover_asked"), 1);
    assert_int_equal(help_leaves(f, "request_opened"), 0);
    f->now += MSEC_S;
    help_photo(f, WHO, "wamid.two");
    help_settle(f);
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE"
                                    " state = 'held'"),
                     1);

    taps(f, "8000", "minor/parent_guardian/heard");
    assert_int_equal(help_number(f, "SELECT minor FROM subject"), 2);
    help_accept_all(f, f->nsends - 1);
    f->now += 3 * MSEC_S;
    says(f, WHO, "acepto");
    assert_int_equal(f->nfetches, 2);
    assert_int_equal(
        help_number(f, "SELECT count(*) FROM ledger WHERE"
                       " json_extract(CAST(entry AS TEXT),"
                       " '$.evidence.decider_role') = 'representative'"),
        2);

    memcpy(by.subject, id, ID_SIZE);
    by.reason = "showed an identity document";
    CALLS(f, adult_request, &by);
    assert_int_equal(help_number(f, "SELECT minor FROM subject"), 0);
    assert_int_equal(help_leaves(f, "minor_cleared"), 1);
    REFUSES(f, adult_request, &by, ERR_CONFLICT);
}

static void a_child_is_one_under_every_number(void **state)
{
    struct fixture *f = *state;
    char former[ID_SIZE];
    struct link_order o;

    comes_anew(f);
    says(f, OTHER, "soy menor de edad");
    o = order(f, "same_document", former);
    CALLS(f, link_request, &o);
    assert_int_equal(help_number(f, "SELECT count(*) FROM subject WHERE"
                                    " minor = 1"),
                     2);
    assert_int_equal(given(f, former), 0);
    assert_int_equal(given(f, o.by.subject), 0);
    assert_int_equal(help_leaves(f, "minor_declared"), 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(a_link_without_proof_carries_no_consent),
        T(with_proof_it_comes_over_and_the_files_go_on),
        T(what_was_decided_here_is_not_carried_over),
        T(what_was_taken_back_here_is_not_carried_over),
        T(sensitive_purposes_are_asked_anew),
        T(a_no_of_one_is_a_no_of_all),
        T(a_late_no_spreads_to_nothing_newer),
        T(a_mistake_takes_back_what_it_brought),
        T(their_own_yes_outlives_the_link),
        T(nonsense_is_refused),
        T(an_erasure_is_of_one_and_ends_the_link),
        T(a_hold_is_of_one_reference),
        T(a_new_number_is_a_suggestion_and_no_link),
        T(nothing_of_a_child_is_fetched_before_it_was_heard),
        T(a_case_for_another_is_its_own),
        T(who_is_under_age_is_answered_for_or_is_of_age),
        T(a_child_is_one_under_every_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* registrar: what needs two officers is done by two, once. */
#include "retain_help.h"

#include "resguardo/registrar_person.h"

static struct secret *bob;

static int begin_with(void **state, unsigned roles)
{
    struct fixture *f;

    if (help_setup(state) != 0)
        return -1;
    f = *state;
    bob = help_bob(f, roles);
    SPAIN(f)->two_officers = 1u << ACTION_ERASE;
    SPAIN(f)->block_for = 0;
    SPAIN(f)->erasure_blocks = false;
    help_consenting(f, "34600000001");
    return 0;
}

static int begin(void **state)
{
    return begin_with(state, ROLE__ALL);
}

static int begin_with_an_agent(void **state)
{
    return begin_with(state, ROLE_AGENT);
}

static int end(void **state)
{
    secret_free(&bob);
    return help_teardown(state);
}

/* ---- asking ------------------------------------------------------------- */

static int erase_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_erase(r, arg, err);
}

static int decide_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_decide_approval(r, arg, err);
}

static int record_request(struct registrar *r, void *arg, struct error *err)
{
    return registrar_record(r, arg, err);
}

static struct erase_order order(struct fixture *f, const char *reason)
{
    struct erase_order o = { .by = help_by(ANA), .ground = "request" };

    help_word(f, "SELECT id FROM subject ORDER BY created LIMIT 1",
              o.by.subject, sizeof(o.by.subject));
    o.by.reason = reason;
    return o;
}

/* The approval that is open, as a second officer saw it. */
static struct approval_decision decision(struct fixture *f, uint32_t uid,
                                         bool grant)
{
    struct approval_decision d = { .by = help_by(uid), .grant = grant };
    struct buf bytes = { 0 };
    const char *what;
    json_t *words;

    help_word(f, "SELECT id FROM approval WHERE state <> 'ended'", d.id,
              sizeof(d.id));
    assert_int_equal(approval_what(f->r->store, d.id, &bytes, &f->e), 1);
    words = json_parse(bytes.p, bytes.len, &f->e);
    what = json_str(words, "what");
    assert_non_null(what);
    sha256_of(d.what_sha256, what, strlen(what));
    d.by.reason = "as it was agreed";
    json_decref(words);
    buf_free(&bytes);
    return d;
}

static void ask_for(struct fixture *f, struct erase_order *o)
{
    REFUSES(f, erase_request, o, ERR_WAITS);
    assert_non_null(strstr(f->e.text, "needs a second officer"));
    assert_int_equal(help_number(f, "SELECT count(*) FROM erasure"), 0);
}

static void refuses_to_grant(struct fixture *f, struct approval_decision *d,
                             enum error_code code)
{
    REFUSES(f, decide_request, d, code);
    assert_int_equal(help_leaves(f, "approval_granted"), 0);
}

/* Where the disk is quick it is done, and that of the evidence ordered. */
static int64_t ordered(struct fixture *f)
{
    return help_number(f, "SELECT count(*) FROM ledger"
                          " WHERE CAST(entry AS TEXT)"
                          " LIKE '%erasure_ordered%\"scope\":\"subject\"%'");
}

/* ---- tests -------------------------------------------------------------- */

static void nothing_is_asked_where_no_policy_lists_it(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");

    SPAIN(f)->two_officers = 1u << ACTION_RELEASE;
    COLOMBIA(f)->two_officers = 1u << ACTION_ERASE;
    CALLS(f, erase_request, &o);
    assert_int_equal(help_leaves(f, "approval_requested"), 0);
    assert_int_equal(ordered(f), 1);
}

static void it_is_done_by_two_and_once(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    struct approval_decision d;
    char said[512];

    /* Asking again, or asking for something else beside it, changes nothing. */
    ask_for(f, &o);
    ask_for(f, &o);
    assert_int_equal(help_leaves(f, "approval_requested"), 1);
    d = decision(f, BOB, true);
    CALLS(f, decide_request, &d);
    o.by.reason = "b";
    ask_for(f, &o);
    assert_int_equal(help_leaves(f, "approval_requested"), 2);

    o.by.reason = "a";
    CALLS(f, erase_request, &o);
    assert_int_equal(ordered(f), 1);
    assert_int_equal(help_number(f, "SELECT approved_by FROM erasure"
                                    " WHERE kind = 'subject'"),
                     BOB);
    help_word(f,
              "SELECT CAST(entry AS TEXT) FROM ledger WHERE"
              " CAST(entry AS TEXT)"
              " LIKE '%erasure_ordered%\"scope\":\"subject\"%'",
              said, sizeof(said));
    assert_non_null(strstr(said, "\"actor\":\"ana\""));
    assert_non_null(strstr(said, "\"approved_by\":\"bob\""));
    assert_non_null(strstr(said, d.id));

    /* Used, with the person all others about them: rows and slots are gone. */
    help_settle(f);
    assert_int_equal(help_number(f, "SELECT count(*) FROM approval"), 0);
    assert_int_equal(help_leaves(f, "approval_expired"), 1);
}

static void a_used_approval_approves_nothing_more(void **state)
{
    struct fixture *f = *state;
    struct approval a = { .action = ACTION_REVEAL };
    struct staff_access by = help_by(ANA);
    struct approval_decision d;
    struct buf what = { 0 };

    SPAIN(f)->two_officers = 1u << ACTION_REVEAL;
    assert_int_equal(buf_adds(&what, "{\"handle\":\"34600000001\"}"), 0);
    a.what = &what;
    by.event_type = "subject_searched";
    by.approval = &a;
    REFUSES(f, record_request, &by, ERR_WAITS);
    d = decision(f, BOB, true);
    CALLS(f, decide_request, &d);
    CALLS(f, record_request, &by);
    assert_int_equal(help_leaves(f, "subject_searched"), 1);
    REFUSES(f, record_request, &by, ERR_WAITS);
    assert_int_equal(help_leaves(f, "subject_searched"), 1);
    assert_int_equal(help_leaves(f, "approval_requested"), 2);
    buf_free(&what);
}

/* Asks for what is about nobody, lets bob approve; what the ledger says. */
static void approved_leaf(struct fixture *f, enum officer_action action,
                          char *out, size_t cap)
{
    struct staff_signature signature = { .nonce = "00", .body_sha256 = "11" };
    struct approval a = { .action = action };
    struct staff_access by = help_by(ANA);
    struct approval_decision d;
    struct buf what = { 0 };

    assert_int_equal(staff_sign_public(signature.sign_key, bob), 0);
    memset(signature.signature, 0xab, SIGN_LEN);
    SPAIN(f)->two_officers = 1u << action;
    assert_int_equal(buf_adds(&what, "{\"x\":1}"), 0);
    a.what = &what;
    by.event_type = "x";
    by.approval = &a;
    REFUSES(f, record_request, &by, ERR_WAITS);
    d = decision(f, BOB, true);
    d.by.signature = &signature;
    CALLS(f, decide_request, &d);
    help_word(f,
              "SELECT CAST(entry AS TEXT) FROM ledger WHERE"
              " CAST(entry AS TEXT) LIKE '%approval_granted%'",
              out, cap);
    buf_free(&what);
}

/* There is no person under whom it could be sealed. */
static void signature_about_a_colleague_stands_in_the_ledger(void **state)
{
    char said[1024];

    approved_leaf(*state, ACTION_STAFF_ADD, said, sizeof(said));
    assert_non_null(strstr(said, "\"signature\":\"abab"));
    assert_non_null(strstr(said, "\"body_sha256\":\"11\""));
    assert_null(strstr(said, "\"commitments\""));
}

/* Whoever guesses a number could try it on that. */
static void signature_about_a_search_does_not(void **state)
{
    char said[1024];

    approved_leaf(*state, ACTION_REVEAL, said, sizeof(said));
    assert_null(strstr(said, "abab"));
    assert_null(strstr(said, "body_sha256"));
}

static void who_asked_does_not_approve(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    struct approval_decision d;

    ask_for(f, &o);
    d = decision(f, ANA, true);
    refuses_to_grant(f, &d, ERR_NOT_PERMITTED);
    assert_string_equal(f->e.text, "another officer approves what you ask for");
    ask_for(f, &o);
}

static void an_agent_does_not_approve(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    struct approval_decision d;

    ask_for(f, &o);
    d = decision(f, BOB, true);
    refuses_to_grant(f, &d, ERR_NOT_PERMITTED);
    d.by = help_by(3); /* not on the keyring */
    d.by.reason = "x";
    refuses_to_grant(f, &d, ERR_NOT_PERMITTED);
}

static void newcomer(struct fixture *f, uint32_t uid)
{
    assert_int_equal(store_begin(f->r->store, &f->e), 0);
    assert_int_equal(newcomer_put(f->r->store, uid, f->now, &f->e), 0);
    assert_int_equal(store_commit(f->r->store, &f->e), 0);
}

static void a_newcomer_approves_nothing_for_a_day(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    struct approval_decision d;

    newcomer(f, BOB);
    f->now += 12 * MSEC_H;
    ask_for(f, &o);
    f->now += 11 * MSEC_H;
    d = decision(f, BOB, true);
    refuses_to_grant(f, &d, ERR_NOT_PERMITTED);

    /* A clock that was set back makes nobody older. */
    f->now -= 30 * MSEC_H;
    refuses_to_grant(f, &d, ERR_NOT_PERMITTED);
    f->now += 32 * MSEC_H;
    CALLS(f, decide_request, &d);
}

/* A puppet that asks is no better than one that approves. */
static void what_a_newcomer_asks_is_approved_after_a_day(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    struct approval_decision d;

    newcomer(f, ANA);
    f->now += 12 * MSEC_H;
    ask_for(f, &o);
    d = decision(f, BOB, true);
    refuses_to_grant(f, &d, ERR_NOT_PERMITTED);
    f->now += 13 * MSEC_H;
    CALLS(f, decide_request, &d);

    /* Put on the keyring anew since: what was approved is used by nobody. */
    newcomer(f, ANA);
    ask_for(f, &o);
    assert_int_equal(help_leaves(f, "approval_expired"), 1);
    assert_int_equal(help_leaves(f, "erasure_ordered"), 0);
}

static void what_was_not_seen_is_not_approved(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    struct approval_decision d;

    ask_for(f, &o);
    d = decision(f, BOB, true);
    d.what_sha256[0] ^= 1;
    refuses_to_grant(f, &d, ERR_CONFLICT);
    d.what_sha256[0] ^= 1;
    CALLS(f, decide_request, &d);
    REFUSES(f, decide_request, &d, ERR_CONFLICT); /* granted already */
}

static void who_was_revoked_has_approved_nothing(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    struct approval_decision d;
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN];

    ask_for(f, &o);
    d = decision(f, BOB, true);
    CALLS(f, decide_request, &d);
    assert_int_equal(keyring_sign_revoke(f->keyring, f->officer, BOB, T0,
                                         &entry, signature, &f->e),
                     0);
    buf_free(&entry);
    ask_for(f, &o);
    assert_int_equal(help_leaves(f, "approval_requested"), 2);
    assert_int_equal(help_leaves(f, "approval_expired"), 1);
}

static uint64_t slot_of_it(struct fixture *f)
{
    return (uint64_t)help_number(f, "SELECT slot FROM approval");
}

static void it_runs_out_after_a_day(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    struct approval_decision d;
    uint64_t slot;

    ask_for(f, &o);
    slot = slot_of_it(f);
    d = decision(f, BOB, true);
    CALLS(f, decide_request, &d);
    help_pass(f, LIMIT_APPROVAL_H * MSEC_H - 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM approval"), 1);
    help_pass(f, MSEC_S);
    assert_int_equal(help_number(f, "SELECT count(*) FROM approval"), 0);
    assert_int_equal(slot_state(f->r->store, slot, &f->e), 0);
    assert_int_equal(help_leaves(f, "approval_expired"), 1);
    ask_for(f, &o);
    assert_int_equal(help_leaves(f, "approval_requested"), 2);
}

static void refused_is_refused_and_its_words_are_gone(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    struct approval_decision d;
    uint64_t slot;

    ask_for(f, &o);
    slot = slot_of_it(f);
    d = decision(f, BOB, false);
    CALLS(f, decide_request, &d);
    help_settle(f);
    assert_int_equal(help_leaves(f, "approval_refused"), 1);
    assert_int_equal(slot_state(f->r->store, slot, &f->e), 0);
    REFUSES(f, decide_request, &d, ERR_CONFLICT);
    ask_for(f, &o);
    d = decision(f, ANA, false); /* who asked takes it back */
    CALLS(f, decide_request, &d);
    assert_int_equal(help_leaves(f, "approval_refused"), 2);
}

static void a_crash_before_the_burial_leaves_no_words(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, "a");
    uint64_t slot;

    ask_for(f, &o);
    slot = slot_of_it(f);
    assert_int_equal(store_begin(f->r->store, &f->e), 0);
    {
        struct approval_decision d = decision(f, BOB, false);
        struct approval_row row;

        assert_int_equal(approval_get(f->r->store, d.id, &row, &f->e), 1);
        memcpy(row.state, "ended", sizeof("ended"));
        assert_int_equal(approval_update(f->r->store, &row, &f->e), 0);
    }
    assert_int_equal(store_commit(f->r->store, &f->e), 0);
    assert_int_equal(slot_state(f->r->store, slot, &f->e), 1);
    help_reopen(f);
    help_settle(f);
    assert_int_equal(slot_state(f->r->store, slot, &f->e), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM approval"), 0);
}

static void nobody_asks_for_ever_more(void **state)
{
    struct fixture *f = *state;
    struct erase_order o = order(f, NULL);
    char reason[16];

    for (unsigned i = 0; i < LIMIT_APPROVALS; i++) {
        (void)snprintf(reason, sizeof(reason), "%u", i);
        o.by.reason = reason;
        ask_for(f, &o);
    }
    o.by.reason = "one more";
    REFUSES(f, erase_request, &o, ERR_CONFLICT);
    assert_int_equal(help_leaves(f, "approval_requested"), LIMIT_APPROVALS);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nothing_is_asked_where_no_policy_lists_it),
        T(it_is_done_by_two_and_once),
        T(a_used_approval_approves_nothing_more),
        T(signature_about_a_colleague_stands_in_the_ledger),
        T(signature_about_a_search_does_not),
        T(who_asked_does_not_approve),
        cmocka_unit_test_setup_teardown(an_agent_does_not_approve,
                                        begin_with_an_agent, end),
        T(a_newcomer_approves_nothing_for_a_day),
        T(what_a_newcomer_asks_is_approved_after_a_day),
        T(what_was_not_seen_is_not_approved),
        T(who_was_revoked_has_approved_nothing),
        T(it_runs_out_after_a_day),
        T(refused_is_refused_and_its_words_are_gone),
        T(a_crash_before_the_burial_leaves_no_words),
        T(nobody_asks_for_ever_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

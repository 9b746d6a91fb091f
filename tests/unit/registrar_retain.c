/* registrar: what goes by the rules of retention, what a hold keeps, what is
 * blocked first. The clock is the test's. */
#include "keep_help.h"

#include "registrar/keep_private.h"
#include "registrar/message_private.h"

/* ---- rules -------------------------------------------------------------- */

static void a_document_goes_at_its_time_and_not_before(void **state)
{
    struct fixture *f = *state;

    rule(f, NULL, TRIGGER_STORED, 10 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    help_pass(f, 10 * MSEC_D - MSEC_H);
    assert_int_equal(documents(f), 1);

    /* A clock that is set back, for a day, takes and keeps nothing. */
    help_pass(f, -MSEC_D);
    assert_int_equal(documents(f), 1);
    help_pass(f, MSEC_D + 2 * MSEC_H);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_leaves(f, "document_erased"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM erasure WHERE"
                                    " cause = 'retention' AND state = 'done'"),
                     1);
}

static void without_a_rule_everything_stays(void **state)
{
    struct fixture *f = *state;

    help_stored(f, WHO, "wamid.a", "image/jpeg");
    close_case(f);
    help_pass(f, 40000 * MSEC_D);
    assert_int_equal(documents(f), 1);
}

static void each_type_goes_by_the_first_rule_that_names_it(void **state)
{
    struct fixture *f = *state;

    rule(f, "application/pdf", TRIGGER_STORED, 30 * MSEC_D, 0);
    rule(f, NULL, TRIGGER_STORED, 10 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    help_stored(f, WHO, "wamid.b", "application/pdf");
    help_pass(f, 11 * MSEC_D);
    assert_int_equal(documents(f), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM document WHERE"
                                    " media_type = 'application/pdf'"),
                     1);
    help_pass(f, 20 * MSEC_D);
    assert_int_equal(documents(f), 0);
}

static void a_closed_case_begins_the_period(void **state)
{
    struct fixture *f = *state;
    struct staff_access by = help_by(ANA);

    rule(f, NULL, TRIGGER_CASE_CLOSED, 10 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    help_pass(f, 100 * MSEC_D);
    assert_int_equal(documents(f), 1);
    help_word(f, "SELECT id FROM cases", by.case_id, sizeof(by.case_id));
    close_case(f);
    REFUSES(f, close_request, &by, ERR_CONFLICT);
    assert_int_equal(help_leaves(f, "case_closed"), 1);

    /* What comes now opens another, whose time has not begun. */
    help_stored(f, WHO, "wamid.b", "image/jpeg");
    help_pass(f, 11 * MSEC_D);
    assert_int_equal(documents(f), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM document d JOIN cases"
                                    " c ON c.id = d.case_id WHERE c.state ="
                                    " 'open'"),
                     1);
}

static void what_was_withdrawn_goes_when_the_rule_says(void **state)
{
    struct fixture *f = *state;

    rule(f, NULL, TRIGGER_WITHDRAWN, 10 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    help_pass(f, 100 * MSEC_D);
    assert_int_equal(documents(f), 1);
    help_text(f, WHO, "wamid.no", "BAJA");
    assert_int_equal(blocked(f), 1);
    help_pass(f, 9 * MSEC_D);
    assert_int_equal(documents(f), 1);
    help_pass(f, 2 * MSEC_D);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM erasure WHERE"
                                    " ground = 'withdrawn'"),
                     1);
}

static void a_withdrawal_blocks_as_long_as_an_erasure_does(void **state)
{
    struct fixture *f = *state;

    SPAIN(f)->erasure_blocks = true;
    SPAIN(f)->block_for = 20 * MSEC_D;
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    help_text(f, WHO, "wamid.no", "BAJA");
    help_pass(f, 19 * MSEC_D);
    assert_int_equal(blocked(f), 1);
    help_pass(f, 2 * MSEC_D);
    assert_int_equal(documents(f), 0);
}

static void a_rule_that_blocks_destroys_later(void **state)
{
    struct fixture *f = *state;

    rule(f, NULL, TRIGGER_STORED, 10 * MSEC_D, 20 * MSEC_D);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    help_pass(f, 11 * MSEC_D);
    assert_int_equal(blocked(f), 1);
    assert_int_equal(help_leaves(f, "document_blocked"), 1);
    help_pass(f, 19 * MSEC_D);
    assert_int_equal(blocked(f), 1);
    help_pass(f, 2 * MSEC_D);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM erasure WHERE"
                                    " cause = 'blocking_over'"),
                     1);
}

static void a_changed_rule_counts_for_what_is_stored(void **state)
{
    struct fixture *f = *state;

    rule(f, NULL, TRIGGER_STORED, 1000 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    help_pass(f, 11 * MSEC_D);
    assert_int_equal(documents(f), 1);
    SPAIN(f)->rules[0].after = 10 * MSEC_D;
    assert_int_equal(registrar_post_policies(f->r, f->policies), 0);
    help_pass(f, MSEC_S);
    assert_int_equal(documents(f), 0);
}

static void many_are_due_at_once_and_all_go(void **state)
{
    struct fixture *f = *state;
    char wamid[32];

    rule(f, NULL, TRIGGER_STORED, 10 * MSEC_D, 0);
    for (int i = 0; i < PUMP_ROWS + 3; i++) {
        (void)snprintf(wamid, sizeof(wamid), "wamid.%d", i);
        help_stored(f, WHO, wamid, "image/jpeg");
    }
    help_pass(f, 11 * MSEC_D);
    assert_int_equal(documents(f), 0);

    /* One erasure a batch and person, not one a document. */
    assert_int_equal(help_number(f, "SELECT count(*) FROM erasure"), 2);
}

static void a_restart_goes_on_with_what_is_due(void **state)
{
    struct fixture *f = *state;

    rule(f, NULL, TRIGGER_STORED, 10 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    f->now += 11 * MSEC_D;
    (void)registrar_step(f->r);
    help_reopen(f);
    help_settle(f);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM erasure"), 1);
}

/* ---- holds -------------------------------------------------------------- */

static void a_held_person_keeps_everything_until_it_is_lifted(void **state)
{
    struct fixture *f = *state;
    struct hold_order o;

    rule(f, NULL, TRIGGER_STORED, 10 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    o = hold(f, true, 0);
    help_pass(f, 100 * MSEC_D);
    assert_int_equal(documents(f), 1);

    /* Not even ordered: the rule may be another one by then. */
    assert_int_equal(help_number(f, "SELECT count(*) FROM erasure"), 0);
    CALLS(f, lift_request, &o);
    help_settle(f); /* at once */
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_leaves(f, "hold_placed"), 1);
    assert_int_equal(help_leaves(f, "hold_lifted"), 1);
    REFUSES(f, lift_request, &o, ERR_CONFLICT);
}

/* Is a case of theirs before a court? */
static int is_judicial(struct fixture *f, const char *cases)
{
    char person[ID_SIZE], id[STORE_CASE_SIZE], sql[96];
    struct hold_row row;

    (void)snprintf(sql, sizeof(sql), "SELECT id FROM cases WHERE %s", cases);
    help_word(f, sql, id, sizeof(id));
    help_word(f, "SELECT id FROM subject", person, sizeof(person));
    return hold_of_kind(f->r->store, person, HOLD_JUDICIAL, id, &row, &f->e);
}

/* It is before a court, which is a hold like others. */
static void a_held_case_keeps_its_documents_alone(void **state)
{
    struct fixture *f = *state;
    struct hold_order o;

    rule(f, NULL, TRIGGER_STORED, 10 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    o = hold(f, false, 0);
    close_case(f);
    help_stored(f, WHO, "wamid.b", "image/jpeg");
    assert_int_equal(is_judicial(f, "state = 'closed'"), 1);
    assert_int_equal(is_judicial(f, "state <> 'closed'"), 0);
    help_pass(f, 100 * MSEC_D);
    assert_int_equal(documents(f), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM document d JOIN hold"
                                    " h ON h.case_id = d.case_id"),
                     1);
    CALLS(f, lift_request, &o);
    help_settle(f);
    assert_int_equal(documents(f), 0);
}

static void a_hold_ends_by_time(void **state)
{
    struct fixture *f = *state;

    rule(f, NULL, TRIGGER_STORED, 10 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    (void)hold(f, true, f->now + 50 * MSEC_D);
    help_pass(f, 49 * MSEC_D);
    assert_int_equal(documents(f), 1);
    help_pass(f, 2 * MSEC_D);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_leaves(f, "hold_lifted"), 1);
}

static void an_erasure_waits_for_the_hold(void **state)
{
    struct fixture *f = *state;
    struct hold_order o;

    help_stored(f, WHO, "wamid.a", "image/jpeg");
    o = hold(f, false, 0); /* a case of theirs is enough */
    (void)erase(f);
    help_pass(f, 100 * MSEC_D);
    assert_int_equal(documents(f), 1);
    assert_int_equal(help_leaves(f, "erasure_started"), 0);
    CALLS(f, lift_request, &o);
    help_settle(f);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
}

static void what_is_erased_is_held_no_more(void **state)
{
    struct fixture *f = *state;
    struct hold_order o = { .by = help_by(ANA) }, late;
    struct release_order release = { .by = help_by(ANA) };

    help_stored(f, WHO, "wamid.a", "image/jpeg");
    o.by = erase(f).by;
    o.by.reason = release.by.reason = release.by.authority = "too late";
    late = o;
    while (help_leaves(f, "erasure_started") == 0)
        (void)registrar_step(f->r);
    f->r->erase_again = f->now + MSEC_S; /* no step of it meanwhile */
    REFUSES(f, hold_request, &late, ERR_CONFLICT);
    f->r->erase_again = 0;
    help_settle(f);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    memcpy(release.by.subject, o.by.subject, ID_SIZE);
    REFUSES(f, release_request, &release, ERR_CONFLICT);
    assert_int_equal(help_number(f, "SELECT count(*) FROM hold"), 0);

    /* The evidence is: until it is lifted, and then no more. */
    CALLS(f, hold_request, &o);
    help_pass(f, 1826 * MSEC_D);
    assert_int_equal(help_leaves(f, "evidence_erased"), 0);
    CALLS(f, lift_request, &o);
    help_settle(f);
    assert_int_equal(help_leaves(f, "evidence_erased"), 1);
    REFUSES(f, hold_request, &late, ERR_CONFLICT);
}

/* A list of documents that is being destroyed is not stopped half-way, and
 * nobody is told that it was. */
static void a_hold_on_what_is_being_destroyed_is_refused(void **state)
{
    struct fixture *f = *state;
    struct hold_order o = { .by = help_by(ANA) };

    help_stored(f, WHO, "wamid.a", "image/jpeg");
    help_word(f, "SELECT id FROM cases", o.by.case_id, sizeof(o.by.case_id));
    close_case(f);
    help_stored(f, WHO, "wamid.b", "application/pdf");
    person_of(f, o.by.subject);
    o.by.reason = "a court asked";
    rule(f, "image/jpeg", TRIGGER_STORED, 10 * MSEC_D, 0);
    f->now += 11 * MSEC_D;
    while (help_leaves(f, "erasure_started") == 0)
        (void)registrar_step(f->r);
    f->r->erase_again = f->now + MSEC_S; /* no step of it meanwhile */
    assert_int_equal(documents(f), 2);
    REFUSES(f, hold_request, &o, ERR_CONFLICT);
    o.by.case_id[0] = '\0';
    REFUSES(f, hold_request, &o, ERR_CONFLICT);
    help_word(f, "SELECT id FROM cases WHERE state = 'open'", o.by.case_id,
              sizeof(o.by.case_id));
    CALLS(f, hold_request, &o);
    f->r->erase_again = 0;
    help_settle(f);
    assert_int_equal(documents(f), 1);
    o.by.case_id[0] = '\0';
    CALLS(f, hold_request, &o);
}

/* ---- persons ------------------------------------------------------------ */

static void who_has_nothing_here_and_is_not_heard_of_is_erased(void **state)
{
    struct fixture *f = *state;

    SPAIN(f)->persons_after = 100 * MSEC_D;
    help_pass(f, 60 * MSEC_D);
    help_text(f, WHO, "wamid.x", "hola"); /* heard of */
    help_pass(f, 60 * MSEC_D);
    assert_int_equal(help_leaves(f, "erasure_ordered"), 0);
    for (int i = 0; i < 8; i++)
        help_pass(f, 7 * MSEC_D);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM handle"), 0);
}

static void who_has_a_document_or_an_open_case_stays(void **state)
{
    struct fixture *f = *state;

    SPAIN(f)->persons_after = 10 * MSEC_D;
    rule(f, NULL, TRIGGER_STORED, 100 * MSEC_D, 0);
    help_stored(f, WHO, "wamid.a", "image/jpeg");
    for (int i = 0; i < 14; i++)
        help_pass(f, 7 * MSEC_D);
    assert_int_equal(documents(f), 1);
    for (int i = 0; i < 4; i++)
        help_pass(f, 7 * MSEC_D);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_leaves(f, "subject_erased"), 0);
    close_case(f);
    help_pass(f, 8 * MSEC_D);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
}

/* ---- blocking ----------------------------------------------------------- */

static void spain(struct fixture *f)
{
    SPAIN(f)->erasure_blocks = true;
    SPAIN(f)->block_for = 100 * MSEC_D;
    help_stored(f, WHO, "wamid.a", "image/jpeg");
}

static void an_erasure_in_spain_blocks_first(void **state)
{
    struct fixture *f = *state;
    size_t fetches, sends;
    int64_t people;

    spain(f);
    help_photo(f, WHO, "wamid.b"); /* being fetched */
    help_settle(f);
    fetches = f->nfetches;
    (void)erase(f);
    sends = f->nsends;
    assert_int_equal(blocked(f), 1);
    assert_string_equal(f->cancelled, f->fetches[fetches - 1].attachment);
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE"
                                    " state = 'dropped' AND reason ="
                                    " 'blocked'"),
                     1);
    assert_int_equal(help_leaves(f, "subject_blocked"), 1);
    assert_int_equal(help_leaves(f, "subject_erased"), 0);

    /* Nothing more is said, and the same person is another one now. */
    help_pass(f, MSEC_H);
    assert_int_equal(f->nsends, sends);
    people = help_number(f, "SELECT count(*) FROM subject");
    help_text(f, WHO, "wamid.again", "hola");
    assert_int_equal(help_number(f, "SELECT count(*) FROM subject"),
                     people + 1);
    assert_int_equal(f->nsends, sends + 1); /* asked anew */
    assert_int_equal(blocked(f), 1);

    /* A change of the index key finds them no more than before. */
    help_pass(f, 98 * MSEC_D);
    assert_int_equal(blocked(f), 1);
    help_pass(f, 2 * MSEC_D);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM erasure WHERE"
                                    " cause = 'blocking_over'"),
                     1);
}

static int step_letters(struct registrar *r, void *arg, struct error *err)
{
    return dead_letters_end(r, arg, err);
}

/* What a bug of ours put aside is of them, too. */
static void who_is_blocked_leaves_no_dead_letter(void **state)
{
    struct fixture *f = *state;

    spain(f);
    (void)snprintf(f->numbers[1].policy, sizeof(f->numbers[1].policy), "lost");
    help_message_to(f, "8001", WHO, "wamid.c", HELP_PHOTO);
    help_message_to(f, "8001", "34600000009", "wamid.d", HELP_PHOTO);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 2);
    (void)erase(f);
    help_settle(f);
    help_pass(f, 2 * MSEC_S);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 1);
    assert_int_equal(help_leaves(f, "subject_blocked"), 1);
}

/* Killed before its slot went: the next start tries it no more. */
static void a_letter_that_ended_is_tried_no_more(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE];
    int64_t slot;

    person_of(f, id);
    (void)snprintf(f->numbers[1].policy, sizeof(f->numbers[1].policy), "lost");
    help_message_to(f, "8001", WHO, "wamid.c", HELP_PHOTO);
    slot = help_number(f, "SELECT slot FROM dead_letter");
    assert_int_equal(batch_between(f->r, step_letters, id, &f->e), 0);
    assert_int_equal(help_number(f, "SELECT length(event_sealed) FROM"
                                    " dead_letter"),
                     0);
    (void)snprintf(f->numbers[1].policy, sizeof(f->numbers[1].policy),
                   "co-habeas-data");
    help_reopen(f);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 0);
    assert_int_equal(slot_state(f->r->store, (uint64_t)slot, &f->e), 0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment"), 0);
}

#define STRANGER "34600000002"

static int step_content(struct registrar *r, void *arg, struct error *err)
{
    return content_remove(r->store, arg, 100, err) < 0 ? -1 : 0;
}

/* What is left of somebody whose rows are gone. */
static int content_remove_all(struct fixture *f, char *subject)
{
    return batch_between(f->r, step_content, subject, &f->e);
}

static struct erase_order newest(struct fixture *f)
{
    struct erase_order o = { .by = help_by(ANA), .ground = "request" };

    help_word(f, "SELECT id FROM subject ORDER BY rowid DESC LIMIT 1",
              o.by.subject, sizeof(o.by.subject));
    o.by.reason = "asked";
    return o;
}

/* Who only wrote and was asked is under the policy of the question; of whom
 * nothing says under which, any policy that there is counts. */
static void who_has_not_answered_is_under_a_policy(void **state)
{
    struct fixture *f = *state;
    struct erase_order o;
    msec blocked;

    spain(f);
    SPAIN(f)->two_officers = 1u << ACTION_ERASE;
    help_text(f, STRANGER, "wamid.s", "hola");
    o = newest(f);
    REFUSES(f, erase_request, &o, ERR_WAITS);
    assert_int_equal(subject_block_for(f->r, o.by.subject, &blocked, &f->e), 0);
    assert_int_equal(blocked, 100 * MSEC_D);
    assert_int_equal(content_remove_all(f, o.by.subject), 0);
    o.by.reason = "asked again";
    REFUSES(f, erase_request, &o, ERR_WAITS);
    assert_int_equal(subject_block_for(f->r, o.by.subject, &blocked, &f->e), 0);
    assert_int_equal(blocked, 100 * MSEC_D);
    SPAIN(f)->two_officers = 0;
    COLOMBIA(f)->two_officers = 0;
    CALLS(f, erase_request, &o);
    assert_int_equal(help_leaves(f, "subject_blocked"), 1);
}

static void who_has_not_answered_is_not_kept_for_ever(void **state)
{
    struct fixture *f = *state;

    SPAIN(f)->persons_after = 100 * MSEC_D;
    help_text(f, STRANGER, "wamid.s", "hola");
    for (int i = 0; i < 16; i++)
        help_pass(f, 7 * MSEC_D);
    assert_int_equal(help_leaves(f, "subject_erased"), 2);
}

static void what_is_hidden_can_still_be_opened(void **state)
{
    struct fixture *f = *state;
    struct buf phone = { 0 };
    char id[ID_SIZE], found[ID_SIZE];

    spain(f);
    person_of(f, id);
    assert_int_equal(subject_find(f->r->store, HANDLE_PHONE, WHO, found, &f->e),
                     1);
    (void)erase(f);
    assert_int_equal(subject_find(f->r->store, HANDLE_PHONE, WHO, found, &f->e),
                     0);
    assert_int_equal(
        subject_handle_get(f->r->store, id, HANDLE_PHONE, &phone, &f->e), 1);
    assert_int_equal(phone.len, strlen(WHO));
    assert_memory_equal(phone.p, WHO, phone.len);
    buf_free(&phone);
}

static void another_key_does_not_bring_them_back(void **state)
{
    struct fixture *f = *state;
    char found[ID_SIZE];
    uint64_t erase_slot = 0;

    spain(f);
    (void)erase(f);
    help_settle(f);
    assert_int_equal(store_begin(f->r->store, &f->e), 0);
    assert_int_equal(rekey_begin(f->r->store, &f->e), 0);
    while (rekey_step(f->r->store, 10, &erase_slot, &f->e) > 0)
        ;
    assert_int_equal(store_commit(f->r->store, &f->e), 0);
    assert_int_equal(subject_find(f->r->store, HANDLE_PHONE, WHO, found, &f->e),
                     0);
    assert_int_equal(help_number(f, "SELECT count(*) FROM handle WHERE"
                                    " key_slot = 0"),
                     1);
}

static void a_hold_outlasts_the_blocking(void **state)
{
    struct fixture *f = *state;
    struct hold_order o;

    spain(f);
    (void)erase(f);
    o = hold(f, true, 0);
    help_pass(f, 200 * MSEC_D);
    assert_int_equal(blocked(f), 1);
    CALLS(f, lift_request, &o);
    help_settle(f);
    assert_int_equal(documents(f), 0);
}

/* ---- keys that are gone ------------------------------------------------- */

static void slot_gone(struct fixture *f, const char *sql)
{
    uint64_t slot = (uint64_t)help_number(f, sql);

    assert_int_equal(slot_erase(f->r->store, &slot, 1, &f->e), 0);
}

/* A file whose claims open no more ends as any other, by time, by a word of its
 * sender or with Meta's copy still there, and the service goes on. */
static void a_file_that_opens_no_more_stops_nobody(void **state)
{
    struct fixture *f = *state;

    help_photo(f, "34600000002", "wamid.a"); /* held */
    slot_gone(f, "SELECT slot FROM attachment WHERE state = 'held'");
    help_photo(f, WHO, "wamid.b"); /* both being fetched */
    help_settle(f);
    slot_gone(f, "SELECT slot FROM attachment WHERE state = 'fetching'");
    help_photo(f, WHO, "wamid.c");
    help_settle(f);
    help_text(f, WHO, "wamid.no", "BAJA");
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE"
                                    " state = 'dropped' AND meta_copy = 2"),
                     1);
    slot_gone(f, "SELECT slot FROM attachment WHERE meta_copy = 1");
    help_pass(f, MSEC_H);
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE"
                                    " state = 'dropped' AND meta_copy = 2"),
                     2);
    help_pass(f, 8 * MSEC_D);
    assert_int_equal(help_number(f, "SELECT count(*) FROM attachment WHERE"
                                    " state = 'expired' AND meta_copy = 2"),
                     1);
    help_text(f, WHO, "wamid.last", "hola");
    assert_int_equal(f->answer, 200);
    assert_int_equal(dead_letter_count(f->r->store, &f->e), 0);
}

/* Whose handles open no more is blocked all the same, by an officer or by time,
 * and found by nobody. */
static void a_person_who_opens_no_more_is_blocked(void **state)
{
    struct fixture *f = *state;

    SPAIN(f)->erasure_blocks = true;
    SPAIN(f)->block_for = 100 * MSEC_D;
    SPAIN(f)->persons_after = 50 * MSEC_D;
    slot_gone(f, "SELECT content_slot FROM subject");
    help_pass(f, 51 * MSEC_D);
    help_pass(f, 51 * MSEC_D);
    assert_int_equal(help_leaves(f, "subject_blocked"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM handle"), 0);
}

/* In a copy that was put back, what is held of somebody erased is nothing: the
 * hold stops no erasure, and can be lifted. */
static void a_hold_keeps_nothing_that_no_key_opens(void **state)
{
    struct fixture *f = *state;
    struct hold_order o;

    help_stored(f, WHO, "wamid.a", "image/jpeg");
    o = hold(f, true, 0);
    (void)erase(f);
    help_pass(f, MSEC_H);
    assert_int_equal(documents(f), 1);
    slot_gone(f, "SELECT content_slot FROM subject");
    help_pass(f, MSEC_H);
    assert_int_equal(documents(f), 0);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    CALLS(f, lift_request, &o);
    assert_int_equal(help_leaves(f, "hold_lifted"), 1);
}

/* ---- release ------------------------------------------------------------ */

static void blocked_things_are_released_by_two_for_some_days(void **state)
{
    struct fixture *f = *state;
    struct release_order o = { .by = help_by(ANA) };
    struct approval_decision d = { .by = help_by(BOB), .grant = true };
    struct released_row row;
    struct buf authority = { 0 }, words = { 0 };
    const char *what;
    char document[ID_SIZE];
    json_t *asked;

    spain(f);
    help_word(f, "SELECT id FROM document", document, sizeof(document));
    memcpy(o.by.document, document, sizeof(document));
    o.by.reason = "a judge asks";
    o.by.authority = "J-12/2026";
    REFUSES(f, release_request, &o, ERR_CONFLICT); /* it is not blocked */
    (void)erase(f);

    /* Two, though no policy lists it. */
    REFUSES(f, release_request, &o, ERR_WAITS);
    help_word(f, "SELECT id FROM approval", d.id, sizeof(d.id));
    assert_int_equal(approval_what(f->r->store, d.id, &words, &f->e), 1);
    asked = json_parse(words.p, words.len, &f->e);
    what = json_str(asked, "what");
    assert_non_null(strstr(what, "J-12/2026"));
    sha256_of(d.what_sha256, what, strlen(what));
    d.by.reason = "seen";
    CALLS(f, decide_request, &d);
    CALLS(f, release_request, &o);
    assert_int_equal(o.until, f->now + LIMIT_RELEASE_H * MSEC_H);
    assert_int_equal(help_leaves(f, "document_released"), 1);

    person_of(f, o.by.subject);
    assert_int_equal(released_find(f->r->store, o.by.subject, document, ANA,
                                   f->now, &row, &f->e),
                     1);
    assert_int_equal(released_authority(f->r->store, row.id, &authority, &f->e),
                     1);
    assert_int_equal(authority.len, strlen("J-12/2026"));
    assert_int_equal(released_find(f->r->store, o.by.subject, document, BOB,
                                   f->now, &row, &f->e),
                     0);
    help_pass(f, LIMIT_RELEASE_H * MSEC_H);
    assert_int_equal(help_number(f, "SELECT count(*) FROM released"), 0);
    assert_int_equal(blocked(f), 1);
    json_decref(asked);
    buf_free(&authority);
    buf_free(&words);
}

static void all_of_a_person_is_released_at_once(void **state)
{
    struct fixture *f = *state;
    struct release_order o = { .by = help_by(ANA) };
    struct approval_decision d = { .by = help_by(BOB), .grant = true };
    struct released_row row;
    struct buf words = { 0 };
    json_t *asked;

    spain(f);
    help_stored(f, WHO, "wamid.b", "image/jpeg");
    (void)erase(f);
    person_of(f, o.by.subject);
    o.by.reason = "a judge asks";
    o.by.authority = "J-12/2026";
    REFUSES(f, release_request, &o, ERR_WAITS);
    help_word(f, "SELECT id FROM approval", d.id, sizeof(d.id));
    assert_int_equal(approval_what(f->r->store, d.id, &words, &f->e), 1);
    asked = json_parse(words.p, words.len, &f->e);
    sha256_of(d.what_sha256, json_str(asked, "what"),
              strlen(json_str(asked, "what")));
    d.by.reason = "seen";
    CALLS(f, decide_request, &d);
    o.by.authority = "J-13/2026"; /* another demand is another question */
    REFUSES(f, release_request, &o, ERR_WAITS);
    o.by.authority = "J-12/2026";
    CALLS(f, release_request, &o);
    assert_int_equal(released_find(f->r->store, o.by.subject, "any", ANA,
                                   f->now, &row, &f->e),
                     1);
    assert_string_equal(row.document, "");
    assert_int_equal(
        released_find(f->r->store, "snobody", "any", ANA, f->now, &row, &f->e),
        0);

    /* Released or not, it goes when it would have gone. */
    help_pass(f, 101 * MSEC_D);
    assert_int_equal(help_leaves(f, "subject_erased"), 1);
    assert_int_equal(help_number(f, "SELECT count(*) FROM released"), 0);
    json_decref(asked);
    buf_free(&words);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_document_goes_at_its_time_and_not_before),
        T(without_a_rule_everything_stays),
        T(each_type_goes_by_the_first_rule_that_names_it),
        T(a_closed_case_begins_the_period),
        T(what_was_withdrawn_goes_when_the_rule_says),
        T(a_withdrawal_blocks_as_long_as_an_erasure_does),
        T(a_rule_that_blocks_destroys_later),
        T(a_changed_rule_counts_for_what_is_stored),
        T(many_are_due_at_once_and_all_go),
        T(a_restart_goes_on_with_what_is_due),
        T(a_held_person_keeps_everything_until_it_is_lifted),
        T(a_held_case_keeps_its_documents_alone),
        T(a_hold_ends_by_time),
        T(an_erasure_waits_for_the_hold),
        T(what_is_erased_is_held_no_more),
        T(a_hold_on_what_is_being_destroyed_is_refused),
        T(who_has_nothing_here_and_is_not_heard_of_is_erased),
        T(who_has_a_document_or_an_open_case_stays),
        T(an_erasure_in_spain_blocks_first),
        T(who_is_blocked_leaves_no_dead_letter),
        T(a_letter_that_ended_is_tried_no_more),
        T(who_has_not_answered_is_under_a_policy),
        T(who_has_not_answered_is_not_kept_for_ever),
        T(what_is_hidden_can_still_be_opened),
        T(another_key_does_not_bring_them_back),
        T(a_hold_outlasts_the_blocking),
        T(a_file_that_opens_no_more_stops_nobody),
        T(a_person_who_opens_no_more_is_blocked),
        T(a_hold_keeps_nothing_that_no_key_opens),
        T(blocked_things_are_released_by_two_for_some_days),
        T(all_of_a_person_is_released_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

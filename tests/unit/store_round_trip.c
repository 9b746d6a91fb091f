/* store: what is written of a row is read again, member by member: each has a
 * value that no other of its row has, so that none stands in another's place.
 */
#include "store_help.h"

#define SAME(a, b) assert_memory_equal(&(a), &(b), sizeof(a))

static int begin(void **state)
{
    struct subject_row who = { .id = "s1", .created = T0 };
    struct case_row one = {
        .id = "c1", .subject = "s1", .policy = "p", .state = "open", .opened = 1
    };
    struct fixture *f;

    (void)help_setup(state);
    f = *state;
    help_begin(f);
    OK(subject_add(f->s, &who, &f->e));
    OK(case_add(f->s, &one, &f->e));
    memcpy(one.id, "c2", 3);
    OK(case_add(f->s, &one, &f->e));
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    help_commit(f);
    return help_teardown(state);
}

static void a_promise(void **state)
{
    static const struct promise_row before = { "m1", "s1",   "p1", "t1",
                                               "o1", "open", 20,   21,
                                               22,   0,      -1 },
                                    after = { "m1", "s1",   "p1", "t1",
                                              "o1", "kept", 20,   21,
                                              22,   23,     24 };
    struct fixture *f = *state;
    struct promise_row got;

    OK(promise_add(f->s, &before, &f->e));
    assert_int_equal(promise_get(f->s, "m1", &got, &f->e), 1);
    SAME(got, before);
    OK(promise_update(f->s, &after, &f->e));
    assert_int_equal(promise_get(f->s, "m1", &got, &f->e), 1);
    SAME(got, after);
}

static void a_rating(void **state)
{
    static const struct rating_row before = { .id = "r1",
                                              .subject = "s1",
                                              .policy = "p1",
                                              .number = "n1",
                                              .case_id = "c1",
                                              .handover = "h1",
                                              .state = "waiting",
                                              .due = 11,
                                              .made = 12 },
                                   after = { .id = "r1",
                                             .subject = "s1",
                                             .policy = "p1",
                                             .number = "n1",
                                             .case_id = "c1",
                                             .handover = "h1",
                                             .state = "rated",
                                             .due = 21,
                                             .made = 12,
                                             .asked = 22,
                                             .rated = 23,
                                             .outbox = "o1",
                                             .score = 4 };
    struct fixture *f = *state;
    struct rating_row got;

    assert_int_equal(rating_add(f->s, &before, &f->e), 1);
    assert_int_equal(rating_get(f->s, "r1", &got, &f->e), 1);
    SAME(got, before);
    OK(rating_update(f->s, &after, &f->e));
    assert_int_equal(rating_get(f->s, "r1", &got, &f->e), 1);
    SAME(got, after);
}

static void a_request(void **state)
{
    static const struct request_row before = { .id = "g1",
                                               .subject = "s1",
                                               .policy = "p1",
                                               .type = "access",
                                               .clock = "k1",
                                               .case_id = "c1",
                                               .number = "n1",
                                               .state = "open",
                                               .outcome = "u1",
                                               .ground = "b1",
                                               .requester = "heir",
                                               .assurance = "a1",
                                               .due = "d1",
                                               .due_early = "e1",
                                               .zone = "z1",
                                               .calendar = "l1",
                                               .received = 101,
                                               .opened = 102,
                                               .began = 103,
                                               .due_at = 104,
                                               .due_early_at = 105,
                                               .warn_at = 106,
                                               .next = 107,
                                               .step = 108,
                                               .extensions = 109,
                                               .asked = 110,
                                               .give_up_at = 111,
                                               .legend = 112,
                                               .closed = 113,
                                               .escalated = 114,
                                               .handler = 115,
                                               .ask = { "i1", 116, 117 },
                                               .forward = { "f1", 118, 119 },
                                               .then = { "t1", 120, 121 },
                                               .step_next = 122 };
    static const struct request_row after = { .id = "g1",
                                              .subject = "s1",
                                              .policy = "p1",
                                              .type = "access",
                                              .clock = "k1",
                                              .case_id = "c2",
                                              .number = "n1",
                                              .state = "closed",
                                              .outcome = "u2",
                                              .ground = "b2",
                                              .requester = "",
                                              .assurance = "a2",
                                              .due = "d2",
                                              .due_early = "e2",
                                              .zone = "z2",
                                              .calendar = "l2",
                                              .received = 101,
                                              .opened = 102,
                                              .began = 203,
                                              .due_at = 204,
                                              .due_early_at = 205,
                                              .warn_at = 206,
                                              .next = 207,
                                              .step = 208,
                                              .extensions = 209,
                                              .asked = 210,
                                              .give_up_at = 211,
                                              .legend = 212,
                                              .closed = 213,
                                              .escalated = 114,
                                              .handler = -1,
                                              .ask = { "i2", 216, 217 },
                                              .forward = { "f2", 218, 219 },
                                              .then = { "t2", 220, 221 },
                                              .step_next = 222 };
    struct fixture *f = *state;
    struct request_row row = before, got;

    OK(request_add(f->s, &row, &f->e));
    assert_int_equal(request_get(f->s, "g1", &got, &f->e), 1);
    SAME(got, before);
    OK(request_update(f->s, &after, &f->e));
    assert_int_equal(request_get(f->s, "g1", &got, &f->e), 1);
    SAME(got, after);
}

/* Nobody's: a slot of its own. */
static void an_incident(void **state)
{
    struct fixture *f = *state;
    struct request_row got, row;

    memset(&row, 0, sizeof(row));
    memcpy(row.id, "g1", 3);
    memcpy(row.type, "incident", 9);
    memcpy(row.state, "open", 5);
    row.handler = -1;
    OK(request_add(f->s, &row, &f->e));
    assert_true(row.slot != 0);
    assert_int_equal(request_get(f->s, "g1", &got, &f->e), 1);
    SAME(got, row);
}

static void a_conversation_and_a_hand_over(void **state)
{
    static const struct conversation_row before = { "v1",      "s1", "p1", "n1",
                                                    "waiting", 11,   -1,   12,
                                                    13,        14,   1,    15,
                                                    0,         0,    0,    0 },
                                         after = { "v1",     "s1", "p1", "n1",
                                                   "person", 21,   22,   23,
                                                   24,       25,   2,    26,
                                                   27,       28,   29,   30 };
    static const struct handover_row
        asked = { "h1", "v1", "s1", "p1", 31, 0, 0, -1, "", 0, "b1", 36 },
        ended = {
            "h1", "v1", "s1", "p1", 31, 32, 33, 34, "agent", 35, "b1", 36
        };
    struct fixture *f = *state;
    struct conversation_row got;
    struct handover_row handed;

    OK(conversation_add(f->s, &before, &f->e));
    assert_int_equal(conversation_get(f->s, "v1", &got, &f->e), 1);
    SAME(got, before);
    OK(conversation_update(f->s, &after, &f->e));
    assert_int_equal(conversation_get(f->s, "v1", &got, &f->e), 1);
    SAME(got, after);

    OK(handover_add(f->s, &asked, &f->e));
    assert_int_equal(handover_get(f->s, "h1", &handed, &f->e), 1);
    SAME(handed, asked);
    OK(handover_update(f->s, &ended, &f->e));
    assert_int_equal(handover_get(f->s, "h1", &handed, &f->e), 1);
    SAME(handed, ended);
}

static void a_chat_message(void **state)
{
    static const struct chat_row row = { .id = "t1",
                                         .subject = "s1",
                                         .policy = "p1",
                                         .case_id = "c1",
                                         .kind = "note",
                                         .made = 11,
                                         .author = 12,
                                         .outbox = "o1",
                                         .epoch = 13 };
    struct fixture *f = *state;
    struct chat_row got;
    struct buf file = { 0 };

    OK(chat_add(f->s, &row, "headpayload", 11, 4, &f->e));
    assert_int_equal(chat_get(f->s, "t1", &got, &f->e), 1);
    SAME(got, row);
    OK(chat_file(f->s, "t1", &file, &f->e));
    assert_int_equal(file.len, 11);
    assert_memory_equal(file.p, "headpayload", 11);
    buf_free(&file);
}

static void a_reminder(void **state)
{
    static const struct outbound_row before = { .id = "b1",
                                                .subject = "s1",
                                                .policy = "p1",
                                                .template = "t1",
                                                .class = "k1",
                                                .state = "denied",
                                                .rule = "r1",
                                                .batch = "a1",
                                                .row = 11,
                                                .counts = true,
                                                .day = 12,
                                                .made = 13 },
                                     after = { .id = "b1",
                                               .subject = "s1",
                                               .outbox = "o2",
                                               .policy = "p1",
                                               .template = "t1",
                                               .class = "k1",
                                               .state = "queued",
                                               .batch = "a1",
                                               .row = 11,
                                               .counts = true,
                                               .day = 22,
                                               .made = 23 };
    struct fixture *f = *state;
    struct outbound_row got, answered = after;

    OK(outbound_add(f->s, &before, &f->e));
    assert_int_equal(outbound_get(f->s, "b1", &got, &f->e), 1);
    SAME(got, before);
    OK(outbound_update(f->s, &after, &f->e));
    assert_int_equal(outbound_get(f->s, "b1", &got, &f->e), 1);
    SAME(got, after);
    answered.answered = 6;
    OK(outbound_answer(f->s, &answered, &f->e));
    assert_int_equal(outbound_get(f->s, "b1", &got, &f->e), 1);
    SAME(got, answered);
}

static void a_check_and_a_delivery(void **state)
{
    static const struct identity_check_row asked = { "i1", "s1", "p1", "n1",
                                                     "c1", 11,   12,   0 },
                                           passed = { "i1", "s1", "p1", "n1",
                                                      "c1", 21,   22,   23 };
    static const struct delivery_row before = { .id = "y1",
                                                .subject = "s1",
                                                .policy = "p1",
                                                .number = "n1",
                                                .case_id = "c1",
                                                .state = "ordered",
                                                .ordered_by = 4294967295u,
                                                .made = 31 },
                                     after = { .id = "y1",
                                               .subject = "s1",
                                               .policy = "p1",
                                               .number = "n1",
                                               .case_id = "c1",
                                               .state = "failed",
                                               .reason = "r1",
                                               .ordered_by = 4294967295u,
                                               .made = 31,
                                               .template = "t1",
                                               .outbox = "o1",
                                               .forget = "f1" };
    struct fixture *f = *state;
    struct identity_check_row check;
    struct delivery_row got;
    struct buf file = { 0 };
    bool is;

    OK(identity_check_add(f->s, &asked, "123456", &f->e));
    assert_int_equal(
        identity_check_newest(f->s, "s1", "p1", "123456", &check, &is, &f->e),
        1);
    assert_true(is);
    SAME(check, asked);
    OK(identity_check_update(f->s, &passed, &f->e));
    assert_int_equal(
        identity_check_newest(f->s, "s1", "p1", NULL, &check, &is, &f->e), 1);
    SAME(check, passed);

    OK(delivery_add(f->s, &before, "{}", 2, &f->e));
    assert_int_equal(delivery_get(f->s, "y1", &got, &f->e), 1);
    SAME(got, before);
    OK(delivery_update(f->s, &after, &f->e));
    assert_int_equal(delivery_get(f->s, "y1", &got, &f->e), 1);
    SAME(got, after);
    assert_int_equal(delivery_file(f->s, "y1", &file, &f->e), 1);
    assert_int_equal(file.len, 2);
    buf_free(&file);
}

static void an_approval(void **state)
{
    static const struct approval_row before = { .id = "a1",
                                                .subject = "s1",
                                                .action = "erase",
                                                .state = "asked",
                                                .asked_by = 11,
                                                .asked = 12,
                                                .expires = 13 };
    struct fixture *f = *state;
    struct approval_row row = before, got;
    struct buf what = { 0 };

    OK(approval_add(f->s, &row, "{}", 2, &f->e));
    assert_true(row.slot != 0);
    assert_int_equal(approval_get(f->s, "a1", &got, &f->e), 1);
    SAME(got, row);
    memcpy(row.state, "granted", 8);
    row.approved_by = 14;
    row.approved = 15;
    OK(approval_update(f->s, &row, &f->e));
    assert_int_equal(approval_get(f->s, "a1", &got, &f->e), 1);
    SAME(got, row);
    assert_int_equal(approval_what(f->s, "a1", &what, &f->e), 1);
    assert_int_equal(what.len, 2);
    buf_free(&what);
}

static void a_hold(void **state)
{
    static const struct hold_row placed = { "l1", "s1", "c1", 11,        12,
                                            0,    13,   -1,   "judicial" },
                                 lifted = { "l1", "s1", "c1", 11,        12,
                                            21,   13,   22,   "judicial" };
    struct fixture *f = *state;
    struct hold_row got;

    OK(hold_add(f->s, &placed, &f->e));
    assert_int_equal(hold_get(f->s, "l1", &got, &f->e), 1);
    SAME(got, placed);
    OK(hold_lift(f->s, &lifted, &f->e));
    assert_int_equal(hold_get(f->s, "l1", &got, &f->e), 1);
    SAME(got, lifted);
}

static void a_link(void **state)
{
    static const struct link_row row = { .id = "k1",
                                         .subject = "s1",
                                         .former = "s0",
                                         .kind = "two_numbers",
                                         .proof = "signed_form",
                                         .linked = 11,
                                         .linked_by = 12,
                                         .ended_by = -1 };
    struct fixture *f = *state;
    struct link_row got, ended = row;
    sqlite3_stmt *st;

    OK(link_add(f->s, &row, &f->e));
    assert_int_equal(link_find(f->s, "s0", "s1", &got, &f->e), 1);
    SAME(got, row);
    ended.ended = 13;
    ended.ended_by = 14;
    OK(link_end(f->s, &ended, &f->e));
    st = sql_get(f->s, STATEMENTS_MAX - 1,
                 "SELECT ended * 100 + ended_by FROM link WHERE id = 'k1'",
                 &f->e);
    assert_int_equal(row_number(f->s, st, &f->e), 1314);
}

static void an_erasure(void **state)
{
    static const struct erasure_row before = { .id = "x1",
                                               .subject = "s1",
                                               .kind = "documents",
                                               .ground = "g1",
                                               .cause = "restored",
                                               .state = "waiting",
                                               .requested = 11,
                                               .due = 12,
                                               .requested_by = -1,
                                               .approved_by = 13,
                                               .documents = 14,
                                               .rekey = 15,
                                               .leaf = -1 },
                                    after = { .id = "x1",
                                              .subject = "s1",
                                              .kind = "documents",
                                              .ground = "g1",
                                              .cause = "restored",
                                              .state = "running",
                                              .step = "shred",
                                              .requested = 11,
                                              .due = 21,
                                              .requested_by = -1,
                                              .approved_by = 22,
                                              .executed = 23,
                                              .finished = 24,
                                              .documents = 25,
                                              .rekey = 26,
                                              .leaf = 0,
                                              .asked_until = 27 };
    struct fixture *f = *state;
    struct erasure_row got;

    OK(erasure_add(f->s, &before, &f->e));
    assert_int_equal(erasure_get(f->s, "x1", &got, &f->e), 1);
    SAME(got, before);
    OK(erasure_update(f->s, &after, &f->e));
    assert_int_equal(erasure_get(f->s, "x1", &got, &f->e), 1);
    SAME(got, after);
}

static void what_meta_has_to_delete(void **state)
{
    static const struct forget_row before = {
        "f1", "media", "n1", 0, 11, 12, 13
    };
    struct fixture *f = *state;
    struct forget_row row = before, got;

    OK(forget_add(f->s, &row, "m", &f->e));
    assert_true(row.slot != 0);
    assert_int_equal(forget_get(f->s, "f1", &got, &f->e), 1);
    SAME(got, row);
    row.next_try = 21;
    row.tries = 22;
    OK(forget_update(f->s, &row, &f->e));
    assert_int_equal(forget_get(f->s, "f1", &got, &f->e), 1);
    SAME(got, row);
}

static int is_the_row(void *arg, const struct elsewhere_row *row)
{
    assert_memory_equal(row, arg, sizeof(*row));
    return 7;
}

static void a_contact_elsewhere(void **state)
{
    static struct elsewhere_row row = { "w1", "s1", "p1", "c1", "visit",
                                        true, 11,   12,   13 };
    struct fixture *f = *state;

    OK(elsewhere_add(f->s, &row, &f->e));
    assert_int_equal(elsewhere_of_person(f->s, "s1", is_the_row, &row, &f->e),
                     7);
}

/* The newest first, of this person alone; with the person all of it goes. */
static void a_history(void **state)
{
    struct subject_row other = { .id = "s2", .created = T0 };
    struct fixture *f = *state;
    uint64_t idx[4];
    size_t n;

    OK(subject_add(f->s, &other, &f->e));
    for (uint64_t i = 10; i < 13; i++)
        OK(happened_add(f->s, "s1", i, &f->e));
    OK(happened_add(f->s, "s2", 13, &f->e));
    OK(happened_newest(f->s, "s1", 2, idx, &n, &f->e));
    assert_int_equal(n, 2);
    assert_int_equal(idx[0], 12);
    assert_int_equal(idx[1], 11);
    assert_int_equal(evidence_remove(f->s, "s1", 9, &f->e), 0);
    OK(happened_newest(f->s, "s1", 4, idx, &n, &f->e));
    assert_int_equal(n, 0);
    OK(happened_newest(f->s, "s2", 4, idx, &n, &f->e));
    assert_int_equal(n, 1);
    assert_int_equal(idx[0], 13);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(a_promise),
        T(a_rating),
        T(a_request),
        T(an_incident),
        T(a_conversation_and_a_hand_over),
        T(a_chat_message),
        T(a_reminder),
        T(a_check_and_a_delivery),
        T(an_approval),
        T(a_hold),
        T(a_link),
        T(an_erasure),
        T(what_meta_has_to_delete),
        T(a_contact_elsewhere),
        T(a_history),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * What officers decide together, what is blocked and what goes by a rule: every
 * call fails once, and for ever. Each is done as a whole or not at all.
 */
#include "rig.h"

#include "registrar/keep_private.h"

static void post(struct rig *rig, struct event *event)
{
    struct waiter waiter = { 0 };

    rig->ended = -1;
    if (event == NULL)
        return;
    /* cppcheck-suppress autoVariables */
    event->waiter = &waiter;
    if (queue_post(rig->f->r, event) != 0)
        free(event);
    else
        (void)registrar_step(rig->f->r);
    assert_true(waiter.done);
    rig->ended = waiter.result;
}

/* ---- a second officer is asked ------------------------------------------ */

#define LIVE "SELECT count(*) FROM approval WHERE state <> 'ended'"

static void second_prepare(void *arg)
{
    struct rig *rig = arg;

    mark(rig);
    rig->before[0] = leaves(rig, "approval_requested");
    rig->before[1] = leaves(rig, "document_released");
}

static void second_act(void *arg)
{
    static const char asked[] = "{\"action\":\"release\"}";
    struct rig *rig = arg;
    struct buf what = { (uint8_t *)(uintptr_t)asked, sizeof(asked) - 1, 0 };
    struct approval approval = { .action = ACTION_RELEASE,
                                 .always = true,
                                 .what = &what };
    struct staff_access access = { .event_type = "document_released",
                                   .uid = 1,
                                   .name = "ana",
                                   .role = "officer",
                                   .approval = &approval };
    struct event *event = calloc(1, sizeof(*event));

    if (event != NULL) {
        event->kind = EVENT_RECORD;
        event->access = &access;
    }
    post(rig, event);
    assert_true(rig->ended != 0 || approval.asked);
}

/* The question and its leaf, or neither; what was asked for is never done. */
static void second_verify(void *arg)
{
    struct rig *rig = arg;
    long rows;

    heal(rig);
    rows = count(rig, LIVE);
    assert_true(rows <= 1 && (rows == 1 || rig->ended != 0));
    assert_int_equal(leaves(rig, "approval_requested"), rig->before[0] + rows);
    second_act(rig);
    assert_int_equal(rig->ended, 0);
    assert_int_equal(count(rig, LIVE), 1);
    assert_int_equal(leaves(rig, "approval_requested"), rig->before[0] + 1);
    assert_int_equal(leaves(rig, "document_released"), rig->before[1]);

    /* It runs out, and its words with it. */
    rig->f->now += (LIMIT_APPROVAL_H + 1) * MSEC_H;
    (void)registrar_step(rig->f->r);
    (void)registrar_step(rig->f->r);
    assert_int_equal(count(rig, "SELECT count(*) FROM approval"), 0);
    finish(rig);
}

/* ---- a person is blocked ------------------------------------------------ */

static char subject[ID_SIZE];

static void stored(struct rig *rig)
{
    stored_prepare(rig);
    assert_int_equal(registrar_post_intake(rig->f->r, &rig->result), 0);
    (void)registrar_step(rig->f->r);
    newest(rig, "document", rig->document);
}

static void block_prepare(void *arg)
{
    struct rig *rig = arg;
    struct document_row row;

    stored(rig);
    assert_int_equal(
        document_get(rig->f->r->store, rig->document, &row, &rig->f->e), 1);
    memcpy(subject, row.subject, ID_SIZE);
    rig->before[0] = leaves(rig, "subject_blocked");
}

/* As an officer's order does it. */
static int block_step(struct registrar *r, void *arg, struct error *err)
{
    struct erasure_row row = { .requested_by = 1,
                               .approved_by = -1,
                               .due = r->now + 1000 * MSEC_D };

    (void)arg;
    SET(row.kind, "subject");
    SET(row.subject, subject);
    SET(row.ground, "request");
    SET(row.cause, "blocking_over");
    return erasure_order(r, &row, NULL, 0, NULL, err) != 0
               ? -1
               : subject_block(r, subject, row.due, &row, err);
}

static void block_act(void *arg)
{
    struct event *event = calloc(1, sizeof(*event));

    if (event != NULL) {
        event->kind = EVENT_STAFF;
        event->step = block_step;
    }
    post(arg, event);
}

static long of_subject(struct rig *rig, const char *sql)
{
    char text[256];

    (void)snprintf(text, sizeof(text), "%s = '%s'", sql, subject);
    return count(rig, text);
}

#define BLOCKED   "SELECT count(blocked) FROM subject WHERE id"
#define DOCUMENTS "SELECT count(blocked) FROM document WHERE subject"
#define HIDDEN    "SELECT sum(key_slot = 0) FROM handle WHERE subject"
#define ORDERS    "SELECT count(*) FROM erasure WHERE subject"

static void assert_blocked(struct rig *rig, long is)
{
    assert_int_equal(of_subject(rig, BLOCKED), is);
    assert_int_equal(of_subject(rig, DOCUMENTS), is);
    assert_int_equal(of_subject(rig, HIDDEN) > 0, is > 0);
    assert_int_equal(of_subject(rig, ORDERS), is);
    assert_int_equal(leaves(rig, "subject_blocked"), rig->before[0] + is);
}

static void block_verify(void *arg)
{
    struct rig *rig = arg;
    long done;

    heal(rig);
    done = of_subject(rig, BLOCKED);
    assert_true(done == 1 || rig->ended != 0);
    assert_blocked(rig, done);
    if (done == 0)
        block_act(rig);
    assert_blocked(rig, 1);
    finish(rig);
}

/* ---- a document goes by a rule ------------------------------------------ */

#define RULES(rig) ((rig)->f->policies->policies[0])

static void retire_prepare(void *arg)
{
    struct rig *rig = arg;

    RULES(rig)->nrules = 0;
    stored(rig);
    rig->before[0] = leaves(rig, "document_erased");
    rig->before[1] = count(rig, "SELECT count(*) FROM erasure");
    RULES(rig)->rules[0] =
        (struct policy_rule){ .after = 10 * MSEC_D, .ground = "purpose_ended" };
    RULES(rig)->nrules = 1;
    rig->f->now += 11 * MSEC_D;
}

static void retire_act(void *arg)
{
    struct rig *rig = arg;

    for (int i = 0; i < 4; i++)
        (void)registrar_step(rig->f->r);
    rig->ended = 0;
}

static void retire_verify(void *arg)
{
    struct rig *rig = arg;

    heal(rig);
    for (int i = 0;
         i < 60 && count(rig, "SELECT count(*) FROM erasure"
                              " WHERE state <> 'done'") +
                           count(rig, "SELECT count(*) FROM document") >
                       0;
         i++) {
        rig->f->now += MSEC_S;
        (void)registrar_step(rig->f->r);
    }
    assert_int_equal(count(rig, "SELECT count(*) FROM document"), 0);
    assert_int_equal(leaves(rig, "document_erased"), rig->before[0] + 1);
    assert_int_equal(count(rig, "SELECT count(*) FROM erasure"),
                     rig->before[1] + 1);
    finish(rig);
}

/* ---- all of them -------------------------------------------------------- */

OPERATION(second, false)
OPERATION(block, true)
OPERATION(retire, true)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { T(second), T(block), T(retire) };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

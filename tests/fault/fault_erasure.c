/* registrar: every call of an erasure fails once, and for ever. */
#include "rig.h"

#include "registrar/keep_private.h"

#define STEPS 24

/* What the erasure at hand is of. */
static struct {
    char subject[ID_SIZE], erasure[ID_SIZE];
    uint64_t content, evidence, document;
} who;

static int step_order(struct registrar *r, void *arg, struct error *err)
{
    struct erasure_row *row = arg;

    return erasure_order(r, row, NULL, 0, NULL, err);
}

static void person_prepare(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;
    struct erasure_row row = { .requested_by = -1, .approved_by = -1 };
    struct subject_row subject;
    struct document_row document;

    stored_prepare(rig);
    assert_int_equal(registrar_post_intake(f->r, &rig->result), 0);
    (void)registrar_step(f->r);
    assert_int_equal(
        subject_find(f->r->store, HANDLE_PHONE, rig->phone, who.subject, &f->e),
        1);
    assert_int_equal(subject_get(f->r->store, who.subject, &subject, &f->e), 1);
    newest(rig, "document", rig->document);
    assert_int_equal(document_get(f->r->store, rig->document, &document, &f->e),
                     1);
    assert_string_equal(document.subject, who.subject);
    who.content = subject.content_slot;
    who.evidence = subject.evidence_slot;
    who.document = document.slot;
    rig->before[0] = count(rig, "SELECT count(*) FROM document");
    rig->before[1] = leaves(rig, "subject_erased");

    SET(row.kind, "subject");
    SET(row.subject, who.subject);
    SET(row.ground, "request");
    SET(row.cause, "request");
    row.due = f->now;
    assert_int_equal(batch_between(f->r, step_order, &row, &f->e), 0);
    SET(who.erasure, row.id);
}

static void person_act(void *arg)
{
    struct rig *rig = arg;

    for (int i = 0; i < STEPS; i++) {
        rig->f->now += 10;
        (void)registrar_step(rig->f->r);
    }
}

/* Once the sky is clear it goes on by itself, to the end. */
static void person_verify(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;
    struct erasure_row row;
    struct buf paper = { 0 };

    heal(rig);
    for (int i = 0; i < 100; i++) {
        f->now += MSEC_S;
        (void)registrar_step(f->r);
        assert_int_equal(erasure_get(f->r->store, who.erasure, &row, &f->e), 1);
        if (strcmp(row.state, "done") == 0)
            break;
    }
    assert_string_equal(row.state, "done");
    assert_int_equal(slot_state(f->r->store, who.content, &f->e), 0);
    assert_int_equal(slot_state(f->r->store, who.document, &f->e), 0);
    assert_int_equal(slot_state(f->r->store, who.evidence, &f->e), 1);
    assert_int_equal(count(rig, "SELECT count(*) FROM document"),
                     rig->before[0] - 1);
    assert_int_equal(leaves(rig, "subject_erased"), rig->before[1] + 1);
    all_hold(rig, "subject_erased", "\"erasure_id\":");
    all_hold(rig, "subject_erased", "\"documents\":1");
    assert_int_equal(
        erasure_certificate(f->r->store, who.erasure, &paper, &f->e), 1);
    assert_non_null(strstr((char *)paper.p, rig->document));
    buf_free(&paper);
    finish(rig);
}

OPERATION(person, true)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { T(person) };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

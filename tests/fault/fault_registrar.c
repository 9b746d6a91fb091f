/* registrar: every call of a core operation fails once, and for ever. */
#include "rig.h"

/* ---- a webhook ---------------------------------------------------------- */

static void webhook_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = deliver(rig, PHOTO);
}

static void webhook_verify(void *arg)
{
    struct rig *rig = arg;

    assert_true(rig->ended <= 0);
    redeliver(rig, PHOTO);
    assert_int_equal(count(rig, "SELECT count(*) FROM attachment"),
                     rig->before[0] + 1);
    assert_int_equal(leaves(rig, "media_held"), rig->before[1] + 1);
    claims_hold(rig, "\"media_id\":\"77\"");
    claims_hold(rig, "\"caption\":\"c\"");
    claims_hold(rig, "\"wamid\":");
    all_hold(rig, "media_held", "\"attachment_id\":");
    assert_int_equal(count(rig, "SELECT count(*) FROM prompt"),
                     rig->before[2] + 1);
    finish(rig);
}

/* ---- a yes -------------------------------------------------------------- */

static void grant_prepare(void *arg)
{
    struct rig *rig = arg;

    next_person(rig);
    help_text(rig->f, rig->phone, rig->wamid, "hola");
    help_accept_all(rig->f, 0);
    rig->f->now += 3 * MSEC_S;
    (void)strcat(rig->wamid, ".yes");
    rig->before[0] = leaves(rig, "consent_given");
    rig->before[1] = count(rig, "SELECT count(*) FROM evidence"
                                " WHERE kind = 'decision'");
}

static void grant_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = deliver(rig, TEXT("acepto"));
}

static void grant_verify(void *arg)
{
    struct rig *rig = arg;

    assert_true(rig->ended <= 0);
    redeliver(rig, TEXT("acepto"));
    assert_int_equal(leaves(rig, "consent_given"), rig->before[0] + 1);
    assert_int_equal(count(rig, "SELECT count(*) FROM evidence"
                                " WHERE kind = 'decision'"),
                     rig->before[1] + 1);
    all_hold(rig, "consent_given", "\"prompt_sha256\":");
    all_hold(rig, "consent_given", "\"evidence_id\":");
    all_hold(rig, "consent_given", "\"message\":");
    all_hold(rig, "consent_given", "\"wamid\":");
    all_hold(rig, "consent_given", "\"provider_time\":");
    all_hold(rig, "consent_requested", "\"prompt_sha256\":");
    finish(rig);
}

/* ---- a fetch order ------------------------------------------------------ */

static void order_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = deliver(rig, PHOTO);
}

/* No request that no leaf allows; no file that is never asked for. */
static void order_verify(void *arg)
{
    struct rig *rig = arg;

    assert_true(rig->ended <= 0);
    redeliver(rig, PHOTO);
    assert_true(leaves(rig, "media_fetching") - rig->before[0] >=
                (long)rig->f->nfetches);
    if (rig->f->nfetches == 0) /* committed, and the order lost: an hour */
        help_reopen(rig->f);
    (void)registrar_step(rig->f->r);
    assert_int_equal(rig->f->nfetches, 1);
    assert_string_equal(rig->f->fetches[0].media_id, "77");
    assert_int_equal(count(rig, "SELECT count(*) FROM attachment"),
                     rig->before[1] + 1);
    finish(rig);
}

/* ---- a payload, and a stored result ------------------------------------- */

static void payload_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = payload_make(rig);
}

static void stored_verify_counts(struct rig *rig)
{
    assert_int_equal(count(rig, "SELECT count(*) FROM document"),
                     rig->before[0] + 1);
    assert_int_equal(leaves(rig, "media_stored"), rig->before[1] + 1);
    assert_int_equal(
        count(rig,
              "SELECT count(*) FROM document WHERE caption_sealed IS NULL"),
        0);
    all_hold(rig, "media_stored", "\"payload_sha256\":");
}

/* What failed is tried again under a new name, as after INTAKE_RETRY. */
static void payload_verify(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;

    if (rig->ended != 0) {
        help_end(f, 0, INTAKE_RETRY, "storage");
        forget_effects(rig);
        f->now += MSEC_H;
        (void)registrar_step(f->r);
        assert_int_equal(f->nfetches, 1);
        assert_int_equal(payload_make(rig), 0);
    }
    assert_int_equal(registrar_post_intake(f->r, &rig->result), 0);
    (void)registrar_step(f->r);
    stored_verify_counts(rig);
    finish(rig);
}

static void stored_act(void *arg)
{
    struct rig *rig = arg;

    rig->ended = registrar_post_intake(rig->f->r, &rig->result);
    (void)registrar_step(rig->f->r);
}

/* A result that found no memory for an event is had again after its lease. */
static void stored_verify(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;

    heal(rig);
    if (rig->ended != 0 ||
        count(rig, "SELECT count(*) FROM document") == rig->before[0]) {
        help_reopen(f);
        forget_effects(rig);
        (void)registrar_step(f->r);
        assert_int_equal(f->nfetches, 1);
        assert_int_equal(payload_make(rig), 0);
        assert_int_equal(registrar_post_intake(f->r, &rig->result), 0);
        (void)registrar_step(f->r);
    }
    stored_verify_counts(rig);
    finish(rig);
}

/* ---- a withdrawal ------------------------------------------------------- */

static void withdraw_prepare(void *arg)
{
    struct rig *rig = arg;

    stored_prepare(rig);
    assert_int_equal(registrar_post_intake(rig->f->r, &rig->result), 0);
    (void)registrar_step(rig->f->r);
    rig->f->now += 20 * MSEC_S;
    (void)strcat(rig->wamid, ".baja");
    rig->before[2] = leaves(rig, "consent_withdrawn");
    rig->before[3] = leaves(rig, "document_blocked");
}

static void withdraw_act(void *arg)
{
    struct rig *rig = arg;
    rig->ended = deliver(rig, TEXT("BAJA"));
}

static void withdraw_verify(void *arg)
{
    struct rig *rig = arg;

    assert_true(rig->ended <= 0);
    redeliver(rig, TEXT("BAJA"));
    assert_int_equal(leaves(rig, "consent_withdrawn"), rig->before[2] + 1);
    assert_int_equal(leaves(rig, "document_blocked"), rig->before[3] + 1);
    assert_int_equal(
        count(rig, "SELECT count(*) FROM document WHERE state = 'stored'"), 0);
    finish(rig);
}

/* ---- a slot is destroyed ------------------------------------------------ */

static void erase_prepare(void *arg)
{
    struct rig *rig = arg;
    struct store *s = rig->f->r->store;
    uint64_t slot;

    assert_int_equal(store_begin(s, &rig->f->e), 0);
    assert_int_equal(slot_alloc(s, &slot, &rig->f->e), 0);
    assert_int_equal(store_commit(s, &rig->f->e), 0);
    rig->before[0] = (long)slot;
}

static void erase_act(void *arg)
{
    struct rig *rig = arg;
    struct error err = { 0 };
    uint64_t slot = (uint64_t)rig->before[0];

    rig->ended = slot_erase(rig->f->r->store, &slot, 1, &err);
}

/* Said to be destroyed, it is; else asking again destroys it. */
static void erase_verify(void *arg)
{
    struct rig *rig = arg;
    uint64_t slot = (uint64_t)rig->before[0];

    if (rig->ended != 0)
        assert_int_equal(slot_erase(rig->f->r->store, &slot, 1, &rig->f->e), 0);
    assert_int_equal(slot_state(rig->f->r->store, slot, &rig->f->e), 0);
}

/* ---- the de-duplication key is replaced --------------------------------- */

static void rotate_prepare(void *arg)
{
    struct rig *rig = arg;

    webhook_prepare(rig);
    rig->f->now += 11 * MSEC_D;
    (void)registrar_step(rig->f->r);
    assert_int_equal(deliver(rig, PHOTO), 0);
    finish(rig);
    rig->f->now += 10 * MSEC_D;
}

static void rotate_act(void *arg)
{
    struct rig *rig = arg;

    /* Once the key, and once more what a fault left of the former one. */
    (void)registrar_step(rig->f->r);
    rig->f->now += MSEC_H;
    (void)registrar_step(rig->f->r);
}

/* What came before is still known; of keys there are two, and no third. Over
 * all the walk years go by, and people with them: what counts is that the
 * message has no other effect. */
static void rotate_verify(void *arg)
{
    struct rig *rig = arg;
    long known;

    heal(rig);
    rig->f->now += MSEC_H;
    (void)registrar_step(rig->f->r);
    known = leaves(rig, "media_held");
    assert_int_equal(deliver(rig, PHOTO), 0);
    assert_int_equal(leaves(rig, "media_held"), known);
    assert_true(count(rig, "SELECT count(DISTINCT slot) FROM seen") <= 2);
    finish(rig);
}

/* ---- all of them -------------------------------------------------------- */

OPERATION(webhook, false)
OPERATION(grant, false)
OPERATION(order, false)
OPERATION(payload, false)
OPERATION(stored, false)
OPERATION(withdraw, false)
OPERATION(erase, false)
OPERATION(rotate, true)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(webhook), T(grant),    T(order), T(payload),
        T(stored),  T(withdraw), T(erase), T(rotate),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

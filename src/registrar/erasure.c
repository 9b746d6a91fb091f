/*
 * What is to be erased, why and when: on record and in a row before anything
 * is destroyed. Who carries it out is erasure_run.c.
 */
#include "consent_private.h"
#include "keep_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "request_private.h"

const char *const erasure_grounds[] = { "withdrawn", "request",
                                        "objection", "purpose_ended",
                                        "unlawful",  "legal_duty",
                                        "minor",     NULL };

bool erasure_ground_valid(const char *ground)
{
    static const char *const ours[] = { "retention", "evidence_over",
                                        "restored", NULL };
    const char *const *const lists[] = { erasure_grounds, ours };

    for (size_t l = 0; l < 2; l++)
        for (const char *const *g = lists[l]; *g != NULL; g++)
            if (strcmp(*g, ground) == 0)
                return true;
    return false;
}

json_t *erasure_leaf(struct registrar *r, const struct erasure_row *row,
                     const char *event)
{
    json_t *leaf = leaf_new(r, event, row->subject, NULL);

    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "erasure_id", row->id);
    leaf_text(leaf, "scope", row->kind);
    leaf_text(leaf, "ground", row->ground);
    return leaf;
}

int erasure_order(struct registrar *r, struct erasure_row *row,
                  const char (*documents)[ID_SIZE], size_t n, json_t *leaf,
                  struct error *err)
{
    if (!erasure_ground_valid(row->ground)) {
        json_decref(leaf);
        return error_set(err, ERR_INVARIANT, "an erasure without a ground");
    }
    id_new_at(row->id, 'x', r->now, r->random);
    r->erase_again = 0;
    SET(row->state, "waiting");
    SET(row->step, "");
    row->requested = r->now;
    row->leaf = -1;
    if (leaf == NULL) {
        leaf = leaf_new(r, "erasure_ordered", row->subject, NULL);
        leaf_text(leaf, "actor", "system");
    }
    leaf_text(leaf, "erasure_id", row->id);
    leaf_text(leaf, "scope", row->kind);
    leaf_text(leaf, "ground", row->ground);
    leaf_text(leaf, "cause", row->cause);
    leaf_time(leaf, "due", row->due);
    if (leaf_append(r, leaf, NULL, err) != 0 ||
        erasure_add(r->store, row, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct erasure_item item = { 0 };

        SET(item.document, documents[i]);
        if (erasure_item_put(r->store, row->id, &item, err) != 0)
            return -1;
    }
    return 0;
}

int erasure_due_of(struct registrar *r, const struct erase_order *order,
                   msec *due, struct error *err)
{
    msec blocked;

    if (subject_block_for(r, order->by.subject, &blocked, err) != 0)
        return -1;
    *due = r->now + blocked;
    return 0;
}

/* ---- an officer's order ------------------------------------------------- */

static json_t *order_leaf(struct registrar *r, const struct erase_order *order,
                          struct error *err)
{
    const struct staff_signature *s = order->by.signature;
    json_t *evidence = json_object(), *commitments = json_object();
    json_t *leaf = leaf_new(r, "erasure_ordered", order->by.subject, NULL);
    int ok = evidence_erasure(r, order, evidence, commitments, err);

    leaf_text(leaf, "actor", order->by.name);
    leaf_text(leaf, "role", order->by.role);
    if (s != NULL) {
        leaf_text(evidence, "nonce", s->nonce);
        leaf_hash(evidence, "sign_key", s->sign_key, SIGN_PUBLIC_LEN);
    }
    if (order->by.approval != NULL)
        approval_evidence(evidence, order->by.approval);
    leaf_object(leaf, "evidence", evidence);
    leaf_object(leaf, "commitments", commitments);
    if (ok == 0 && leaf != NULL)
        return leaf;
    if (ok == 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a ledger entry");
    json_decref(leaf);
    return NULL;
}

/* What a second officer sees. */
static int ask_second(struct registrar *r, const struct erase_order *order,
                      struct error *err)
{
    struct approval *approval = order->by.approval;
    struct buf what = { 0 };
    json_t *o = json_pack("{s:s, s:s, s:s, s:s*}", "action", "erase", "subject",
                          order->by.subject, "ground", order->ground, "reason",
                          order->by.reason);
    int ok = -1;

    if (o == NULL || json_canonical(o, &what) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a request");
    else {
        approval->what = &what;
        ok = approval_use(r, approval, &order->by, err);
        approval->what = NULL;
    }
    json_decref(o);
    buf_free(&what);
    return ok;
}

/* In Spain nobody sees the person from now on, and they go later. */
static int enter_order(struct registrar *r, struct erase_order *order,
                       struct erasure_row *row, struct error *err)
{
    const struct approval *approval = order->by.approval;
    json_t *leaf;
    bool blocks;

    if (erasure_due_of(r, order, &row->due, err) != 0 ||
        (leaf = order_leaf(r, order, err)) == NULL)
        return -1;
    blocks = row->due > r->now;
    SET(row->kind, "subject");
    SET(row->subject, order->by.subject);
    SET(row->ground, order->ground);
    SET(row->cause, blocks ? "blocking_over" : "request");
    if (approval != NULL && approval->id[0] != '\0')
        row->approved_by = approval->second;
    if (erasure_order(r, row, NULL, 0, leaf, err) != 0)
        return -1;
    SET(order->erasure, row->id);
    if (!blocks)
        return 0;
    /* Set apart is what this law means by erased. */
    return request_done(r, row->subject, REQUEST_ERASE, err) != 0
               ? -1
               : subject_block(r, row->subject, row->due, row, err);
}

/* Asked for again, it is the erasure that there is already. */
static int apply_order(struct registrar *r, void *arg, struct error *err)
{
    struct erase_order *order = arg;
    struct erasure_row row = { .requested_by = order->by.uid,
                               .approved_by = -1 };
    struct subject_row subject;
    int found;

    if (keyring_permits(r, &order->by, err) != 0)
        return -1;
    found =
        erasure_of_subject(r->store, order->by.subject, "subject", &row, err);
    if (found != 0) {
        SET(order->erasure, row.id);
        return found < 0 ? -1 : 0;
    }
    found = subject_get(r->store, order->by.subject, &subject, err);
    if (found == 0)
        return error_set(err, ERR_NOT_FOUND, "no such person");
    if (found < 0 ||
        (order->by.approval != NULL && ask_second(r, order, err) != 0))
        return -1;
    if (order->by.approval != NULL && order->by.approval->asked)
        return 0;
    return enter_order(r, order, &row, err);
}

int registrar_erase(struct registrar *r, struct erase_order *order,
                    struct error *err)
{
    struct approval approval = { 0 };
    bool known = false;
    int ok;

    for (const char *const *g = erasure_grounds; *g != NULL; g++)
        known |= order->ground != NULL && strcmp(*g, order->ground) == 0;
    if (!known)
        return error_set(err, ERR_INPUT, "no such ground for an erasure");
    approval.action = ACTION_ERASE;
    order->by.approval = &approval;
    ok = queue_staff(r, apply_order, order, err);
    order->by.approval = NULL;
    return ok != 0 ? -1 : approval_answer(&approval, err);
}

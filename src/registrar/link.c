/*
 * Two references that are one person: a new number or user id, or a second one.
 * An officer says so, never a guess of ours. From then on a no spreads: what
 * one of them takes back, all have; and what was last said before the link
 * counts as if they had been linked then. A yes does not: a new id starts
 * without consent, and what was given under the former one comes over only
 * where the officer says how they know that it is the same person; explicit and
 * sensitive ones never do.
 */
#include "attachment_private.h"
#include "consent_private.h"
#include "keep_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "link_private.h"
#include "people_private.h"
#include "registrar_private.h"

#include <string.h>

const char *const link_kinds[] = { "number_change", "two_numbers", NULL };
const char *const link_proofs[] = { "same_document", "branch_visit",
                                    "signed_form", "previous_number_confirmed",
                                    NULL };

static bool is_listed(const char *const *list, const char *word)
{
    for (; word != NULL && *list != NULL; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

/* ---- linking ------------------------------------------------------------ */

/* Somebody who is here: whose content opens, and who is not to be erased. */
static int check_reference(struct linking *l, const char *id,
                           struct subject_row *row)
{
    int found = subject_get(l->r->store, id, row, l->err);

    if (found > 0)
        found = slot_state(l->r->store, row->content_slot, l->err);
    if (found == 0)
        return error_set(l->err, ERR_NOT_FOUND, "no such person: %s", id);
    if (found < 0)
        return -1;
    if (row->blocked != 0)
        return error_set(l->err, ERR_CONFLICT, "%s is blocked", id);
    return subject_check_kept(l->r, id, l->err);
}

static int check_group(struct linking *l)
{
    char one[LIMIT_LINKED][ID_SIZE], other[LIMIT_LINKED][ID_SIZE];
    size_t n, m;

    if (link_group(l->r->store, l->row.subject, one, &n, l->err) != 0 ||
        link_group(l->r->store, l->row.former, other, &m, l->err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (strcmp(one[i], l->row.former) == 0)
            return error_set(l->err, ERR_CONFLICT,
                             "they are one person already");
    return n + m <= LIMIT_LINKED
               ? 0
               : error_set(l->err, ERR_CONFLICT,
                           "a person has at most %u references", LIMIT_LINKED);
}

/* What a second officer sees. */
static int ask_second(struct linking *l)
{
    struct approval *approval = l->o->by.approval;
    struct buf what = { 0 };
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s}", "action", "link",
                          "subject", l->row.subject, "former", l->row.former,
                          "kind", l->row.kind, "proof", l->o->proof, "evidence",
                          l->o->by.reason);
    int ok = -1;

    if (o == NULL || json_canonical(o, &what) != 0)
        (void)error_set(l->err, ERR_NOMEM, "no memory for a request");
    else {
        approval->what = &what;
        ok = approval_use(l->r, approval, &l->o->by, l->err);
        approval->what = NULL;
    }
    json_decref(o);
    buf_free(&what);
    return ok;
}

static int link_leaf(struct linking *l)
{
    struct staff_access by = l->o->by;
    json_t *more = json_object();

    by.event_type =
        l->row.proof[0] != '\0' ? "subject_relinked" : "subject_linked";
    leaf_text(more, "link_id", l->row.id);
    leaf_text(more, "former", l->row.former);
    leaf_text(more, "kind", l->row.kind);
    leaf_text(more, "proof", l->row.proof);
    if (by.approval != NULL)
        approval_evidence(more, by.approval);
    return staff_record(l->r, &by, more, l->err);
}

static int take_given(struct linking *l, const struct consent_row *row)
{
    return !link_said_yes(row)
               ? 0
               : link_take_back(l->r, &l->o->by, &l->row, row, l->err);
}

/* Who is under age under one number is so under the other, and whoever answers
 * for them says so there, too. */
static int mark_minor(struct linking *l, const struct subject_row *row)
{
    json_t *leaf = leaf_new(l->r, "minor_declared", row->id, NULL);
    json_t *evidence = json_object();

    leaf_text(leaf, "actor", l->o->by.name);
    leaf_text(leaf, "role", l->o->by.role);
    leaf_text(evidence, "link_id", l->row.id);
    leaf_object(leaf, "evidence", evidence);
    if (leaf_append(l->r, leaf, NULL, l->err) != 0 ||
        subject_set_minor(l->r->store, row->id, MINOR_SAID, l->err) != 0)
        return -1;
    return link_each_consent(l, row->id, take_given);
}

static int same_age(struct linking *l)
{
    char group[LIMIT_LINKED][ID_SIZE];
    struct subject_row row;
    size_t n;

    if (l->former.minor == MINOR_NO && l->subject.minor == MINOR_NO)
        return 0;
    if (link_group(l->r->store, l->row.subject, group, &n, l->err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int found = subject_get(l->r->store, group[i], &row, l->err);

        if (found < 0 ||
            (found > 0 && row.minor == MINOR_NO && mark_minor(l, &row) != 0))
            return -1;
    }
    return 0;
}

static int apply_link(struct registrar *r, void *arg, struct error *err)
{
    struct link_order *o = arg;
    struct linking l = { .r = r, .o = o, .err = err };

    SET(l.row.subject, o->by.subject);
    SET(l.row.former, o->former);
    SET(l.row.kind, o->kind);
    SET(l.row.proof, o->proof != NULL ? o->proof : "");
    l.row.linked = r->now;
    l.row.linked_by = o->by.uid;
    if (keyring_permits(r, &o->by, err) != 0 ||
        check_reference(&l, l.row.subject, &l.subject) != 0 ||
        check_reference(&l, l.row.former, &l.former) != 0 ||
        check_group(&l) != 0 || ask_second(&l) != 0)
        return -1;
    if (o->by.approval->asked)
        return 0;
    id_new_at(l.row.id, 'l', r->now, r->random);
    SET(o->id, l.row.id);
    if (link_add(r->store, &l.row, err) != 0 ||
        suggestion_remove(r->store, l.row.former, err) != 0 ||
        link_leaf(&l) != 0 || same_age(&l) != 0 ||
        link_settle(r, l.row.subject, err) != 0)
        return -1;
    return o->proof == NULL ? 0 : link_carry(&l);
}

int registrar_link(struct registrar *r, struct link_order *order,
                   struct error *err)
{
    struct approval approval = { .action = ACTION_LINK };
    int ok;

    if (!is_listed(link_kinds, order->kind) ||
        (order->proof != NULL && !is_listed(link_proofs, order->proof)))
        return error_set(err, ERR_INPUT, "no such kind of link, or of proof");
    if (strcmp(order->by.subject, order->former) == 0)
        return error_set(err, ERR_INPUT, "that is one and the same reference");
    order->by.approval = &approval;
    ok = queue_staff(r, apply_link, order, err);
    order->by.approval = NULL;
    return ok != 0 ? -1 : approval_answer(&approval, err);
}

/* ---- a no spreads ------------------------------------------------------- */

static int spread_to(struct registrar *r, const struct deciding *d,
                     const struct dialogue_state *state,
                     const struct dialogue_action *action, const char *other,
                     struct error *err)
{
    const char *purpose = d->policy->purposes[action->purpose].id;
    struct dialogue_action no = *action;
    struct deciding theirs = *d;
    struct subject_row subject;
    struct consent_row row;
    int found = subject_get(r->store, other, &subject, err);

    if (found > 0)
        found = consent_get(r->store, other, d->policy->id, purpose, &row, err);
    if (found <= 0)
        return found;
    if (!link_said_yes(&row) || d->item->provider_s < row.yes_s)
        return 0;
    no.kind = DO_WITHDRAW;
    no.prompt = -1;
    no.why = "linked";
    theirs.subject = &subject;
    if (decision_record(r, &theirs, state, &no, err) != 0 ||
        attachment_drop(r, d->policy, other, purpose, err) != 0)
        return -1;
    return document_block(r, d->policy, other, purpose, err);
}

int link_spread(struct registrar *r, const struct deciding *d,
                const struct dialogue_state *state,
                const struct dialogue_action *action, struct error *err)
{
    char group[LIMIT_LINKED][ID_SIZE];
    size_t n;

    if (link_group(r->store, d->subject->id, group, &n, err) != 0)
        return -1;
    for (size_t i = 1; i < n; i++)
        if (spread_to(r, d, state, action, group[i], err) != 0)
            return -1;
    return 0;
}

/* ---- what Meta says ----------------------------------------------------- */

int link_former(struct registrar *r, const struct webhook_item *item,
                char id[static ID_SIZE], struct error *err)
{
    int found = 0;

    if (item->former_bsuid != NULL)
        found =
            subject_find(r->store, HANDLE_BSUID, item->former_bsuid, id, err);
    if (found == 0 && item->former_phone != NULL)
        found =
            subject_find(r->store, HANDLE_PHONE, item->former_phone, id, err);
    return found;
}

int link_suggest(struct registrar *r, const struct webhook_item *item,
                 struct error *err)
{
    struct suggestion_row row = { .made = r->now };
    struct buf now = { 0 };
    json_t *o;
    int found = link_former(r, item, row.subject, err), ok = -1;

    if (found <= 0)
        return found;
    (void)leaf_whole();
    o = json_object();
    leaf_text(o, "phone", item->phone);
    leaf_text(o, "user_id", item->bsuid);
    SET(row.how, item->note);
    if (o == NULL || !leaf_whole() || json_canonical(o, &now) != 0)
        (void)error_set(err, ERR_NOMEM, "no memory for a suggestion");
    else if (suggestion_set_moved(r->store, row.subject, err) == 0 &&
             /* Whoever has the old number now was never checked. */
             identity_check_void(r->store, row.subject, err) == 0)
        ok = suggestion_put(r->store, &row, now.p, now.len, err);
    json_decref(o);
    buf_free(&now);
    return ok;
}

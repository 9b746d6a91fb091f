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
#include "people_private.h"
#include "registrar_private.h"

#include <stdlib.h>
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

/* ---- carrying over ------------------------------------------------------ */

struct linking {
    struct registrar *r;
    struct link_order *o;
    struct link_row row;
    struct subject_row subject, former;
    struct error *err;
};

/* A leaf of what an officer's link does to one consent. */
static int carried_leaf(struct registrar *r, const struct staff_access *by,
                        const char *event, const struct link_row *link,
                        const struct consent_row *row, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, row->policy);
    int purpose = policy == NULL ? -1 : policy_purpose(policy, row->purpose);
    json_t *leaf = leaf_new(r, event, row->subject, row->policy);
    json_t *evidence = json_object();

    leaf_text(leaf, "actor", by != NULL ? by->name : "system");
    leaf_text(leaf, "role", by != NULL ? by->role : NULL);
    leaf_text(leaf, "purpose", row->purpose);
    if (purpose >= 0)
        leaf_text(leaf, "legal_basis",
                  legal_basis_names[policy->purposes[purpose].basis]);
    leaf_text(evidence, "link_id", link->id);
    leaf_text(evidence, "former", link->former);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

/* Given there, not decided here, and of a kind that may be carried. */
static int may_carry(struct linking *l, const struct consent_row *former,
                     struct consent_row *now, bool *may)
{
    const struct policy *policy = policy_find(l->r->policies, former->policy);
    int purpose = policy == NULL ? -1 : policy_purpose(policy, former->purpose);
    enum consent_state standing;
    struct consent_row row;
    int found;

    *may = false;
    if (purpose < 0 || policy->purposes[purpose].basis != BASIS_CONSENT ||
        policy->purposes[purpose].sensitive)
        return 0;
    if (purpose_standing(l->r, policy, former->subject, purpose, &row,
                         &standing, l->err) != 0)
        return -1;
    if (standing != CONSENT_GIVEN)
        return 0;
    found = consent_get(l->r->store, l->row.subject, former->policy,
                        former->purpose, now, l->err);
    *may = found == 0 ||
           (found > 0 && strcmp(now->state, "none") == 0 && now->no_s == 0);
    return found < 0 ? -1 : 0;
}

static int carry_one(struct linking *l, const struct consent_row *former)
{
    struct carried_row carried = { .yes_s = former->yes_s };
    struct consent_row now;
    bool may;

    if (may_carry(l, former, &now, &may) != 0)
        return -1;
    if (!may)
        return 0;
    now = *former;
    SET(now.subject, l->row.subject);
    SET(carried.policy, former->policy);
    SET(carried.purpose, former->purpose);
    if (consent_put(l->r->store, &now, l->err) != 0 ||
        carried_add(l->r->store, l->row.id, &carried, l->err) != 0)
        return -1;
    return carried_leaf(l->r, &l->o->by, "consent_carried", &l->row, &now,
                        l->err);
}

#define CONSENTS ((size_t)LIMIT_POLICIES * LIMIT_PURPOSES)

static int each_consent(struct linking *l, const char *subject,
                        int (*one)(struct linking *,
                                   const struct consent_row *))
{
    struct consent_row *rows = calloc(CONSENTS, sizeof(*rows));
    size_t n = 0;
    int ok = rows == NULL ? error_set(l->err, ERR_NOMEM, "no memory for a link")
                          : person_consents(l->r->store, subject, rows,
                                            CONSENTS, &n, l->err);

    for (size_t i = 0; ok == 0 && i < n; i++)
        ok = one(l, &rows[i]);
    free(rows);
    return ok;
}

/* Nothing of somebody under age: whoever answers for them is asked. */
static int carry(struct linking *l)
{
    if (l->former.minor != MINOR_NO || l->subject.minor != MINOR_NO)
        return 0;
    if (each_consent(l, l->row.former, carry_one) != 0)
        return -1;
    for (size_t i = 0; i < l->r->policies->n; i++)
        if (attachment_release(l->r, l->r->policies->policies[i],
                               l->row.subject, l->err) != 0)
            return -1;
    return 0;
}

/* One that ran out still bears what it brought. */
static bool said_yes(const struct consent_row *row)
{
    return strcmp(row->state, "given") == 0 ||
           strcmp(row->state, "expired") == 0;
}

/* A yes that is none any more: it is asked for anew, and what rests on it
 * waits, or is blocked. */
static int take_back(struct registrar *r, const struct staff_access *by,
                     const struct link_row *link,
                     const struct consent_row *given, struct error *err)
{
    const struct policy *policy = policy_find(r->policies, given->policy);
    struct consent_row now = *given;

    SET(now.state, "none");
    now.yes_s = 0;
    now.expires = 0;
    if (consent_put(r->store, &now, err) != 0 ||
        carried_leaf(r, by, "consent_uncarried", link, &now, err) != 0)
        return -1;
    if (policy == NULL)
        return 0;
    return attachment_drop(r, policy, now.subject, now.purpose, err) != 0
               ? -1
               : document_block(r, policy, now.subject, now.purpose, err);
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
    return !said_yes(row) ? 0
                          : take_back(l->r, &l->o->by, &l->row, row, l->err);
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
    return each_consent(l, row->id, take_given);
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
    return o->proof == NULL ? 0 : carry(&l);
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

/* ---- ending ------------------------------------------------------------- */

struct ending {
    struct registrar *r;
    const struct link_row *link;
    const struct staff_access *by; /* NULL: one of the two is erased */
    const struct carried_row *of;  /* only what is this yes; NULL: all */
    struct error *err;
};

static int uncarry_on(void *arg, const struct link_row *row);

/* What was decided since the link is theirs; what only came over goes: it is
 * asked for anew. */
static int uncarry(void *arg, const struct carried_row *row)
{
    struct ending further = *(const struct ending *)arg, *e = arg;
    struct consent_row now;
    int found;

    if (e->of != NULL && (row->yes_s != e->of->yes_s ||
                          strcmp(row->policy, e->of->policy) != 0 ||
                          strcmp(row->purpose, e->of->purpose) != 0))
        return 0;
    further.of = row;
    if (link_of(e->r->store, e->link->subject, uncarry_on, &further, e->err) !=
        0)
        return -1;
    found = consent_get(e->r->store, e->link->subject, row->policy,
                        row->purpose, &now, e->err);
    if (found <= 0)
        return found;
    return !said_yes(&now) || now.yes_s != row->yes_s
               ? 0
               : take_back(e->r, e->by, e->link, &now, e->err);
}

/* It went on from there under a later number. Links make no circle. */
static int uncarry_on(void *arg, const struct link_row *row)
{
    struct ending e = *(const struct ending *)arg;

    if (strcmp(row->former, e.link->subject) != 0)
        return 0;
    e.link = row;
    return carried_of(e.r->store, row->id, uncarry, &e, e.err);
}

static int unlinked_leaf(const struct ending *e)
{
    json_t *more = json_object(), *leaf;

    leaf_text(more, "link_id", e->link->id);
    leaf_text(more, "former", e->link->former);
    if (e->by != NULL) {
        struct staff_access by = *e->by;

        by.event_type = "subject_unlinked";
        SET(by.subject, e->link->subject);
        return staff_record(e->r, &by, more, e->err);
    }
    leaf = leaf_new(e->r, "subject_unlinked", e->link->subject, NULL);
    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "reason", "subject_erased");
    leaf_object(leaf, "evidence", more);
    return leaf_append(e->r, leaf, NULL, e->err);
}

static int end_link(struct ending *e)
{
    struct link_row row = *e->link;

    row.ended = e->r->now;
    row.ended_by = e->by != NULL ? (int64_t)e->by->uid : -1;
    if (unlinked_leaf(e) != 0 ||
        carried_of(e->r->store, row.id, uncarry, e, e->err) != 0)
        return -1;
    return link_end(e->r->store, &row, e->err);
}

static int apply_unlink(struct registrar *r, void *arg, struct error *err)
{
    struct link_order *o = arg;
    struct link_row row;
    struct ending e = { r, &row, &o->by, NULL, err };
    int found;

    if (keyring_permits(r, &o->by, err) != 0)
        return -1;
    found = link_find(r->store, o->by.subject, o->former, &row, err);
    if (found <= 0)
        return found < 0 ? -1
                         : error_set(err, ERR_NOT_FOUND,
                                     "the two are not linked with each other");
    SET(o->id, row.id);
    return end_link(&e);
}

int registrar_unlink(struct registrar *r, struct link_order *order,
                     struct error *err)
{
    return queue_staff(r, apply_unlink, order, err);
}

static int end_one(void *arg, const struct link_row *row)
{
    struct ending *e = arg;

    e->link = row;
    return end_link(e);
}

int link_end_all(struct registrar *r, const char *subject, struct error *err)
{
    struct ending e = { .r = r, .err = err };

    return link_of(r->store, subject, end_one, &e, err);
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
    if (!said_yes(&row) || d->item->provider_s < row.yes_s)
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

/* What was given under a former reference comes over to the new one, where an
 * officer says how they know; and is taken back where it should not have. */
#include "attachment_private.h"
#include "consent_private.h"
#include "leaf_private.h"
#include "link_private.h"

#include <stdlib.h>
#include <string.h>

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

int link_each_consent(struct linking *l, const char *subject,
                      int (*one)(struct linking *, const struct consent_row *))
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

int link_carry(struct linking *l)
{
    if (l->former.minor != MINOR_NO || l->subject.minor != MINOR_NO)
        return 0;
    if (link_each_consent(l, l->row.former, carry_one) != 0)
        return -1;
    for (size_t i = 0; i < l->r->policies->n; i++)
        if (attachment_release(l->r, l->r->policies->policies[i],
                               l->row.subject, l->err) != 0)
            return -1;
    return 0;
}

bool link_said_yes(const struct consent_row *row)
{
    return strcmp(row->state, "given") == 0 ||
           strcmp(row->state, "expired") == 0;
}

int link_take_back(struct registrar *r, const struct staff_access *by,
                   const struct link_row *link, const struct consent_row *given,
                   struct error *err)
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

/*
 * Documents that staff send to a customer whom we know by a code (identity.c):
 * who may get one, and the order. The bytes are never here; what is, is who
 * wanted it and the hash of what is to go. How it ends: delivery_end.c.
 */
#include "consent_private.h"
#include "keyring_private.h"
#include "leaf_private.h"
#include "outward_private.h"
#include "registrar_private.h"

#include <string.h>

#include "resguardo/registrar_work.h"

int delivery_forbids(struct error *err, const char *rule, const char *why)
{
    return error_set(err, ERR_NOT_PERMITTED, "%s: %s", rule, why);
}

/* Under whichever of their references. 1, 0, -1. */
static int person_impersonated(struct registrar *r, const char *subject,
                               struct error *err)
{
    char group[LIMIT_LINKED][ID_SIZE];
    struct hold_row hold;
    int found = 0;
    size_t n;

    if (link_group(r->store, subject, group, &n, err) != 0)
        return -1;
    for (size_t i = 0; found == 0 && i < n; i++)
        found = hold_of_kind(r->store, group[i], HOLD_IMPERSONATION, NULL,
                             &hold, err);
    return found;
}

int delivery_allowed(struct registrar *r, const char *code, struct case_row *of,
                     const struct policy **policy, struct error *err)
{
    struct subject_row subject;
    bool open;
    int found = case_get(r->store, code, of, err);

    if (found > 0)
        found = subject_get(r->store, of->subject, &subject, err);
    if (found < 0)
        return -1;
    if (found == 0 || subject.blocked != 0)
        return error_set(err, ERR_NOT_FOUND, "no such case");
    *policy = policy_find(r->policies, of->policy);
    if (*policy == NULL || !(*policy)->send_documents)
        return delivery_forbids(err, "send_documents",
                                "the policy sends no documents in the chat");
    found = person_impersonated(r, of->subject, err);
    if (found != 0)
        return found < 0
                   ? -1
                   : delivery_forbids(err, "impersonation_hold",
                                      "somebody used the person's name, and "
                                      "may have the phone");
    if (gate_open(r, *policy, of->subject, (*policy)->purposes[0].id, &open,
                  err) != 0)
        return -1;
    return open ? 0
                : delivery_forbids(err, "purpose_not_open",
                                   "the person did not agree to it, or not any "
                                   "more");
}

int delivery_template(const struct policy *policy,
                      const struct template_given *given, bool carries,
                      const struct policy_template **t,
                      const char *values[static LIMIT_PARAMETERS],
                      struct error *err)
{
    const char *fault, *which = "";

    *t = policy_template(policy, given->template);
    if (*t == NULL)
        return error_set(err, ERR_NOT_FOUND, "no such template: %s",
                         given->template);
    if ((*t)->carries != carries)
        return error_set(err, ERR_INPUT, "the template %s %s document",
                         given->template, carries ? "carries no" : "carries a");
    fault = template_sort(*t, given, values, &which);
    return fault == NULL ? 0
                         : error_set(err, ERR_INPUT, "%s: %s", which, fault);
}

struct staff_access delivery_access(const struct staff_access *by,
                                    const struct case_row *of,
                                    const char *event)
{
    struct staff_access access = *by;

    access.event_type = event;
    SET(access.subject, of->subject);
    SET(access.case_id, of->id);
    access.policy = of->policy;
    return access;
}

/* ---- the order ---------------------------------------------------------- */

/* What is known of the file, and a commitment to its hash. */
static int describe(struct registrar *r, const struct delivery_order *o,
                    char commitment[static 65], struct buf *out,
                    struct error *err)
{
    char hex[HEX_SIZE(SHA256_LEN)], salt_hex[HEX_SIZE(SALT_LEN)];
    uint8_t salt[SALT_LEN];
    json_t *file, *given = json_object();
    int ok = 0;

    leaf_commit(r, o->sha256, SHA256_LEN, salt, commitment);
    hex_encode(hex, o->sha256, SHA256_LEN);
    hex_encode(salt_hex, salt, sizeof(salt));
    for (size_t i = 0; ok == 0 && i < o->with.n; i++)
        ok = json_object_set_new(given, o->with.names[i],
                                 json_string(o->with.values[i]));
    file = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s*, s:o}", "sha256", hex,
                     "salt", salt_hex, "size", (json_int_t)o->size, "name",
                     o->name, "commitment", commitment, "caption", o->caption,
                     "values", given);
    if (ok != 0 || file == NULL || json_canonical(file, out) != 0)
        ok = error_set(err, ERR_NOMEM, "no memory for a document");
    json_decref(file);
    return ok;
}

/* How it would go by now: freely, or by its template, if rules of contact let
 * that (o->rule). */
static int check_way(struct registrar *r, const struct policy *policy,
                     const struct identity_check_row *check,
                     struct delivery_order *o, struct error *err)
{
    struct outbound_one one = { .policy = policy,
                                .subject = check->subject,
                                .number = check->number };
    const char *values[LIMIT_PARAMETERS];
    bool open;

    if (o->with.template != NULL &&
        delivery_template(policy, &o->with, true, &one.template, values, err) !=
            0)
        return -1;
    if (identity_window(r, check->subject, check->policy, check->number, &open,
                        err) != 0)
        return -1;
    if (open)
        return 0;
    if (one.template == NULL) {
        (void)delivery_forbids(err, "window_closed",
                               "they did not write within a day");
        return error_hint(err, "--template names one that carries a document");
    }
    if (outbound_ask(r, &one, err) != 0)
        return -1;
    o->rule = one.rule;
    return 0;
}

static int order_one(struct registrar *r, void *arg, struct error *err)
{
    struct delivery_order *o = arg;
    struct delivery_row row = { .ordered_by = o->by.uid, .made = r->now };
    struct identity_check_row check;
    const struct policy *policy;
    struct buf file = { 0 };
    struct staff_access by;
    struct case_row of;
    char commitment[65];
    json_t *more;
    int ok = -1;

    o->rule = NULL;
    if (keyring_permits(r, &o->by, err) != 0 ||
        delivery_allowed(r, o->by.case_id, &of, &policy, err) != 0 ||
        identity_counts(r, policy, &of, &check, err) != 0 ||
        check_way(r, policy, &check, o, err) != 0)
        return -1;
    if (o->rule != NULL)
        return 0;
    if (o->caption != NULL &&
        policy_prepared(policy, &policy->languages[0], o->caption) == NULL)
        return error_set(err, ERR_NOT_FOUND, "no such prepared text: %s",
                         o->caption);
    id_new_at(row.id, 'y', r->now, r->random);
    SET(row.subject, of.subject);
    SET(row.policy, of.policy);
    SET(row.case_id, of.id);
    SET(row.number, check.number);
    SET(row.state, "ordered");
    SET(row.template, o->with.template == NULL ? "" : o->with.template);
    SET(o->id, row.id);
    SET(o->number, row.number);
    if (describe(r, o, commitment, &file, err) == 0)
        ok = delivery_add(r->store, &row, file.p, file.len, err);
    buf_free(&file);
    if (ok != 0)
        return -1;
    by = delivery_access(&o->by, &of, "document_send_ordered");
    by.committed = "file";
    by.commitment = commitment;
    more = json_object();
    leaf_text(more, "delivery_id", row.id);
    leaf_text(more, "check_id", check.id);
    leaf_value(more, "size", json_integer((json_int_t)o->size));
    leaf_text(more, "prepared", o->caption);
    leaf_text(more, "template", o->with.template);
    return staff_record(r, &by, more, err);
}

int registrar_order_delivery(struct registrar *r, struct delivery_order *order,
                             struct error *err)
{
    if (queue_staff(r, order_one, order, err) != 0)
        return -1;
    return order->rule == NULL
               ? 0
               : delivery_forbids(err, order->rule,
                                  "the template may not go to them now");
}

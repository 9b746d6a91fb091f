/* What the policies of today say, for records and receipts. */
#include "desk_private.h"

#include <string.h>

/* What people call a purpose, by language. */
static json_t *titles_of(const struct policy *policy, size_t purpose)
{
    json_t *o = json_object();

    for (size_t i = 0; o != NULL && i < policy->nlanguages; i++) {
        const struct policy_language *l = &policy->languages[i];

        if (l->titles[purpose] != NULL &&
            json_object_set_new(o, l->tag, json_string(l->titles[purpose])) !=
                0) {
            json_decref(o);
            return NULL;
        }
    }
    return o;
}

static json_t *purposes_of(const struct policy *policy)
{
    const json_t *data = json_object_get(policy->record, "personal_data");
    json_t *list = json_array();

    for (size_t i = 0; i < policy->npurposes; i++) {
        const struct policy_purpose *p = &policy->purposes[i];

        if (json_array_append_new(
                list,
                json_pack("{s:s, s:s, s:b, s:s, s:s*, s:o*, s:o*, s:O?, s:o}",
                          "purpose", p->id, "class", p->data_class, "sensitive",
                          p->sensitive, "legal_basis",
                          legal_basis_names[p->basis], "exemption",
                          p->exemption != EXEMPTION_NONE
                              ? exemption_names[p->exemption]
                              : NULL,
                          "acknowledge", p->acknowledge ? json_true() : NULL,
                          "valid_for_seconds",
                          p->valid_for > 0 ? json_integer(p->valid_for / MSEC_S)
                                           : NULL,
                          "personal_data", json_object_get(data, p->id),
                          "titles", titles_of(policy, i))) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *policy_facts(const struct policy *policy, const struct config *config)
{
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "policy", policy->id,
                  "jurisdiction", policy->jurisdiction, "notice_version",
                  policy->notice_version, "language", policy->languages[0].tag,
                  "url", config->public_url, "purposes", purposes_of(policy));

    if (o == NULL || json_object_update_missing(o, policy->about) != 0 ||
        json_object_update_missing(o, policy->record) != 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

int serve_policies(struct request *r, struct error *e)
{
    const struct policy_set *set = r->desk->needs.policies;
    json_t *list = json_array();

    for (size_t i = 0; i < set->n; i++)
        if (json_array_append_new(
                list, policy_facts(set->policies[i], r->desk->needs.config)) !=
            0) {
            json_decref(list);
            return error_set(e, ERR_NOMEM, "no memory for an answer");
        }
    return answer_json(r, list, e);
}

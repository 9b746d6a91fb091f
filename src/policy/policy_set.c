/* Several policies, and what they say about a file. */
#include "policy_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct policy_set *policy_set_load(const char *dir, const char *const *ids,
                                   size_t n, const char *controller,
                                   const char *public_url, struct error *err)
{
    struct policy_set *set = calloc(1, sizeof(*set));
    struct buf folder = { 0 };
    int ok = 0;

    if (set == NULL) {
        error_set(err, ERR_NOMEM, "no memory for policies");
        return NULL;
    }
    for (size_t i = 0; ok == 0 && i < n; i++) {
        if (policy_find(set, ids[i]) != NULL)
            continue;
        buf_reset(&folder);
        if (set->n == LIMIT_POLICIES)
            ok = error_set(err, ERR_CONFIG, "more than %u policies",
                           LIMIT_POLICIES);
        else if (buf_addf(&folder, "%s/%s", dir, ids[i]) != 0)
            ok = error_set(err, ERR_NOMEM, "no memory for policies");
        else if ((set->policies[set->n] = policy_load(
                      (char *)folder.p, controller, public_url, err)) == NULL)
            ok = -1;
        else
            set->n++;
    }
    buf_free(&folder);
    if (ok != 0)
        policy_set_free(&set);
    return set;
}

void policy_set_free(struct policy_set **set)
{
    if (*set == NULL)
        return;
    for (size_t i = 0; i < (*set)->n; i++)
        policy_free(&(*set)->policies[i]);
    free(*set);
    *set = NULL;
}

const struct policy *policy_find(const struct policy_set *set, const char *id)
{
    for (size_t i = 0; i < set->n; i++)
        if (strcmp(set->policies[i]->id, id) == 0)
            return set->policies[i];
    return NULL;
}

unsigned policy_gates(const struct policy *policy, enum media_kind kind,
                      const char *announced_type)
{
    unsigned mask = 0;

    /* Media types know no case: IMAGE/JPEG must not slip past a gate. */
    if (announced_type != NULL && strncasecmp(announced_type, "image/", 6) == 0)
        kind = KIND_IMAGE;
    for (size_t i = 0; i < policy->npurposes; i++)
        if ((policy->purposes[i].gates & (1u << kind)) != 0)
            mask |= 1u << i;
    return mask;
}

int64_t policy_max_bytes(const struct policy *policy)
{
    int64_t max = 0;

    for (size_t i = 0; i < policy->ntypes; i++)
        if (policy->types[i].max_bytes > max)
            max = policy->types[i].max_bytes;
    return max < LIMIT_MEDIA_BYTES ? max : LIMIT_MEDIA_BYTES;
}

const char *policy_refuses(const struct policy *policy, const char *media_type,
                           int64_t size)
{
    for (size_t i = 0; i < policy->ntypes; i++)
        if (strcmp(policy->types[i].media_type, media_type) == 0)
            return size > policy->types[i].max_bytes ? "size" : NULL;
    return "type";
}

bool policy_rules_out(const struct policy *policy, enum media_kind kind)
{
    const char *prefix = kind == KIND_AUDIO   ? "audio/"
                         : kind == KIND_VIDEO ? "video/"
                                              : NULL;

    if (prefix == NULL)
        return false;
    for (size_t i = 0; i < policy->ntypes; i++)
        if (strncmp(policy->types[i].media_type, prefix, strlen(prefix)) == 0)
            return false;
    return true;
}

int policy_purpose(const struct policy *policy, const char *id)
{
    for (size_t i = 0; i < policy->npurposes; i++)
        if (strcmp(policy->purposes[i].id, id) == 0)
            return (int)i;
    return -1;
}

int policy_clock(const struct policy *policy, const char *id)
{
    for (size_t i = 0; i < policy->nclocks; i++)
        if (strcmp(policy->clocks[i].id, id) == 0)
            return (int)i;
    return -1;
}

int policy_procedure(const struct policy *policy, const char *id)
{
    for (size_t i = 0; i < policy->nprocedures; i++)
        if (strcmp(policy->procedures[i].id, id) == 0)
            return (int)i;
    return -1;
}

const struct hours *policy_hours(const struct policy *policy,
                                 const char *phone_number_id)
{
    for (size_t i = 0; i < policy->nhours; i++) {
        const struct hours *h = &policy->hours[i];

        if (h->nnumbers == 0)
            return h;
        for (size_t k = 0; k < h->nnumbers; k++)
            if (strcmp(h->numbers[k], phone_number_id) == 0)
                return h;
    }
    return NULL;
}

bool language_related(const char *a, const char *b)
{
    size_t n = strcspn(a, "-");

    return n == strcspn(b, "-") && strncmp(a, b, n) == 0;
}

const struct policy_language *policy_language(const struct policy *policy,
                                              const char *tag)
{
    for (size_t i = 0; tag != NULL && i < policy->nlanguages; i++)
        if (strcmp(policy->languages[i].tag, tag) == 0)
            return &policy->languages[i];
    for (size_t i = 0; tag != NULL && i < policy->nlanguages; i++)
        if (language_related(policy->languages[i].tag, tag))
            return &policy->languages[i];
    return &policy->languages[0];
}

/* Lists of purposes, as rows keep them, and the gate they make. */
#include "registrar_private.h"

#include <string.h>

bool purposes_has(const char *list, const char *purpose)
{
    size_t len = strlen(purpose);

    while (*list != '\0') {
        size_t n = strcspn(list, ",");
        if (n == len && memcmp(list, purpose, n) == 0)
            return true;
        list += n;
        list += *list == ',';
    }
    return false;
}

unsigned purposes_mask(const struct policy *policy, const char *list)
{
    unsigned mask = 0;

    for (size_t i = 0; i < policy->npurposes; i++)
        if (purposes_has(list, policy->purposes[i].id))
            mask |= 1u << i;
    return mask;
}

void purposes_list(const struct policy *policy, unsigned mask,
                   char out[static STORE_LIST_SIZE])
{
    size_t used = 0;

    /* Eight purposes of 40 characters fit by construction. */
    out[0] = '\0';
    for (size_t i = 0; i < policy->npurposes; i++) {
        size_t len = strlen(policy->purposes[i].id);
        if ((mask & (1u << i)) == 0)
            continue;
        if (used > 0)
            out[used++] = ',';
        memcpy(out + used, policy->purposes[i].id, len + 1);
        used += len;
    }
}

int gate_open(struct registrar *r, const struct policy *policy,
              const char *subject, const char *purposes, bool *open,
              struct error *err)
{
    size_t asked = 0;

    /* Fail closed: a list that names no purpose, or one that the policy no
     * longer has, opens nothing. */
    *open = false;
    for (const char *p = purposes; *p != '\0'; asked++) {
        struct consent_row row;
        char purpose[STORE_NAME_SIZE];
        size_t n = strcspn(p, ",");
        int found;

        if (n == 0 || n >= sizeof(purpose))
            return 0;
        memcpy(purpose, p, n);
        purpose[n] = '\0';
        p += n;
        p += *p == ',';
        if (policy_purpose(policy, purpose) < 0)
            return 0;
        found = consent_get(r->store, subject, policy->id, purpose, &row, err);
        if (found < 0)
            return -1;
        if (found == 0 || strcmp(row.state, "given") != 0)
            return 0;
    }
    *open = asked > 0;
    return 0;
}

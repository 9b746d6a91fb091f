/* Lists of purposes, as rows keep them, and the gate they make. */
#include "consent_private.h"
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

int purpose_standing(struct registrar *r, const struct policy *policy,
                     const char *subject, int purpose, struct consent_row *row,
                     enum consent_state *out, struct error *err)
{
    const char *id = policy->purposes[purpose].id;
    struct dialogue_record record = { .state = "none" };
    int found = consent_get(r->store, subject, policy->id, id, row, err);
    int gone = 0;

    if (found < 0)
        return -1;
    if (found == 0) {
        memset(row, 0, sizeof(*row));
        SET(row->subject, subject);
        SET(row->policy, policy->id);
        SET(row->purpose, id);
        SET(row->state, "none");
        *out = CONSENT_NONE;
        return 0;
    }

    /* A yes to the notice in force needs no second look. */
    if (r->superseded &&
        strcmp(row->notice_version, policy->notice_version) != 0)
        gone = notice_superseded(r->store, policy->id, row->notice_version, id,
                                 err);
    if (gone < 0)
        return -1;
    record.state = row->state;
    record.expires = row->expires;
    record.superseded = gone > 0;
    *out = dialogue_standing(policy, purpose, &record, r->now);
    return 0;
}

/* What rests on no consent waits as well: nobody under age is told alone. */
static int gate_of_age(struct registrar *r, const char *subject,
                       enum gate *gate, struct error *err)
{
    struct subject_row row;
    int found = subject_get(r->store, subject, &row, err);

    if (found == 0)
        *gate = GATE_SHUT;
    else if (found > 0 && row.minor == MINOR_SAID)
        *gate = GATE_WAITS;
    return found < 0 ? -1 : 0;
}

/* Fail closed: a list that names no purpose, or one that the policy no longer
 * has, opens nothing. */
int gate_of(struct registrar *r, const struct policy *policy,
            const char *subject, const char *purposes, enum gate *gate,
            struct error *err)
{
    enum gate all = GATE_OPEN;

    *gate = GATE_SHUT;
    if (*purposes == '\0')
        return 0;
    for (const char *p = purposes; *p != '\0';) {
        struct consent_row row;
        enum consent_state state;
        char name[STORE_NAME_SIZE];
        size_t n = strcspn(p, ",");
        int purpose;

        if (n == 0 || n >= sizeof(name))
            return 0;
        memcpy(name, p, n);
        name[n] = '\0';
        p += n;
        p += *p == ',';
        if ((purpose = policy_purpose(policy, name)) < 0)
            return 0;
        if (purpose_standing(r, policy, subject, purpose, &row, &state, err) !=
            0)
            return -1;
        if (state == CONSENT_REFUSED || state == CONSENT_WITHDRAWN)
            return 0;
        if (!dialogue_stands(policy, purpose, state))
            all = GATE_WAITS;
    }
    *gate = all;
    return all == GATE_OPEN ? gate_of_age(r, subject, gate, err) : 0;
}

int gate_open(struct registrar *r, const struct policy *policy,
              const char *subject, const char *purposes, bool *open,
              struct error *err)
{
    enum gate gate;

    *open = false;
    if (gate_of(r, policy, subject, purposes, &gate, err) != 0)
        return -1;
    *open = gate == GATE_OPEN;
    return 0;
}

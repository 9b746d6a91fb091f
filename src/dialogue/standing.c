/* What is on record of a purpose, and what of it opens the gate. */
#include "dialogue_private.h"

#include <string.h>

const char *const consent_state_names[CONSENT__MAX] = {
    [CONSENT_NONE] = "none",         [CONSENT_GIVEN] = "given",
    [CONSENT_REFUSED] = "refused",   [CONSENT_WITHDRAWN] = "withdrawn",
    [CONSENT_EXPIRED] = "expired",   [CONSENT_RENEWAL] = "renewal_required",
    [CONSENT_INFORMED] = "informed", [CONSENT_ACKNOWLEDGED] = "acknowledged",
};

enum consent_state dialogue_standing(const struct policy *policy, int purpose,
                                     const struct dialogue_record *record,
                                     msec now)
{
    bool asks = basis_asks(policy->purposes[purpose].basis), told;
    enum consent_state state = CONSENT_NONE;

    for (int i = 0; i < CONSENT__MAX; i++)
        if (strcmp(consent_state_names[i], record->state) == 0)
            state = (enum consent_state)i;
    told = state == CONSENT_INFORMED || state == CONSENT_ACKNOWLEDGED;
    if (told == asks)
        return CONSENT_NONE;
    if (record->superseded && (told || state == CONSENT_GIVEN))
        return CONSENT_RENEWAL;
    if (state == CONSENT_GIVEN && record->expires != 0 &&
        record->expires <= now)
        return CONSENT_EXPIRED;
    return state;
}

bool dialogue_untold(enum consent_state state)
{
    return state == CONSENT_NONE || state == CONSENT_RENEWAL;
}

bool dialogue_stands(const struct policy *policy, int purpose,
                     enum consent_state state)
{
    const struct policy_purpose *p = &policy->purposes[purpose];

    if (basis_asks(p->basis))
        return state == CONSENT_GIVEN;
    return state == CONSENT_ACKNOWLEDGED ||
           (state == CONSENT_INFORMED && !p->acknowledge);
}

bool dialogue_open(const struct dialogue_state *state, unsigned mask)
{
    for (size_t i = 0; i < state->policy->npurposes; i++)
        if ((mask & (1u << i)) != 0 &&
            !dialogue_stands(state->policy, (int)i, state->purposes[i].state))
            return false;
    return mask != 0;
}

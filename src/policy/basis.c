/* What a purpose rests on, how long a yes to it lasts, and what of that a
 * notice version fixes. */
#include "policy_private.h"

#include <string.h>

const char *const legal_basis_names[BASIS__MAX] = {
    [BASIS_CONSENT] = "consent",
    [BASIS_EXPLICIT_CONSENT] = "explicit_consent",
    [BASIS_CONTRACT] = "contract",
    [BASIS_LEGAL_OBLIGATION] = "legal_obligation",
    [BASIS_VITAL_INTEREST] = "vital_interest",
    [BASIS_PUBLIC_INTEREST] = "public_interest",
    [BASIS_LEGITIMATE_INTEREST] = "legitimate_interest",
};
const char *const exemption_names[EXEMPTION__MAX] = {
    [EXEMPTION_NONE] = "none",
    [EXEMPTION_PUBLIC_AUTHORITY] = "public_authority",
    [EXEMPTION_PUBLIC_DATA] = "public_data",
    [EXEMPTION_EMERGENCY] = "emergency",
    [EXEMPTION_STATISTICS] = "statistics",
    [EXEMPTION_CIVIL_REGISTRY] = "civil_registry",
};

bool basis_asks(enum legal_basis basis)
{
    return basis == BASIS_CONSENT || basis == BASIS_EXPLICIT_CONSENT;
}

bool basis_objects(enum legal_basis basis)
{
    return basis == BASIS_PUBLIC_INTEREST || basis == BASIS_LEGITIMATE_INTEREST;
}

/* ---- loading ------------------------------------------------------------ */

/* Ley 1581 knows authorization and, in its art. 10, five cases without: there a
 * purpose that asks nobody names its case, and elsewhere there are none. */
static int take_exemption(const struct reading *r, struct yaml_node *map,
                          struct policy_purpose *purpose)
{
    struct yaml_node *node = yaml_get(r->file, map, "exemption");
    bool colombia = strcmp(r->policy->jurisdiction, "CO") == 0;
    int place;

    if (node == NULL)
        return !colombia || basis_asks(purpose->basis)
                   ? 0
                   : reading_wrong(r, map, "exemption",
                                   "is missing: in Colombia only what art. 10 "
                                   "of Ley 1581 lists needs no authorization");
    if (!colombia)
        return reading_wrong(r, node, "exemption",
                             "is Colombian law, and the jurisdiction is not");
    if (basis_asks(purpose->basis))
        return reading_wrong(r, node, "exemption",
                             "needs no consent, and legal_basis asks for it");
    place = reading_word(r, map, "exemption", exemption_names + 1,
                         EXEMPTION__MAX - 1,
                         "is not public_authority, public_data, emergency, "
                         "statistics or civil_registry");
    if (place < 0)
        return -1;
    purpose->exemption = (enum exemption)(place + 1);
    return 0;
}

/* How long a yes lasts, and what becomes of what rests on it. */
static int take_validity(const struct reading *r, struct yaml_node *map,
                         struct policy_purpose *purpose)
{
    static const char *const ends[] = { "keep", "block" };
    struct yaml_node *node = yaml_get(r->file, map, "valid_for");
    struct yaml_node *end = yaml_get(r->file, map, "on_expiry");
    const char *text = yaml_text(node);
    int place = 0;

    if (node == NULL)
        return end == NULL ? 0
                           : reading_wrong(r, end, "on_expiry",
                                           "is of a yes that runs out, and "
                                           "valid_for is missing");
    if (!basis_asks(purpose->basis))
        return reading_wrong(r, node, "valid_for",
                             "is of a yes, and this purpose asks for none");
    if (text == NULL || duration_parse(text, &purpose->valid_for) != 0 ||
        purpose->valid_for < MSEC_S ||
        purpose->valid_for > LIMIT_EVIDENCE_D * MSEC_D)
        return reading_wrong(r, node, "valid_for",
                             "is no duration such as 730d, at most 36500d");
    if (end != NULL && (place = reading_word(r, map, "on_expiry", ends, 2,
                                             "is not keep or block")) < 0)
        return -1;
    purpose->expiry_blocks = place == 1;
    return 0;
}

int basis_load(const struct reading *r, struct yaml_node *map,
               struct policy_purpose *purpose)
{
    struct yaml_node *node = yaml_get(r->file, map, "acknowledge");
    int place =
        reading_word(r, map, "legal_basis", legal_basis_names, BASIS__MAX,
                     "is not consent, explicit_consent, contract, "
                     "legal_obligation, vital_interest, "
                     "public_interest or legitimate_interest");

    if (place < 0)
        return -1;
    purpose->basis = (enum legal_basis)place;
    if (reading_flag(r, map, "acknowledge", &purpose->acknowledge) != 0)
        return -1;
    if (node != NULL && basis_asks(purpose->basis))
        return reading_wrong(r, node, "acknowledge",
                             "is for what nobody is asked about");
    return take_exemption(r, map, purpose) != 0
               ? -1
               : take_validity(r, map, purpose);
}

static void set_masks(struct policy *p)
{
    for (size_t i = 0; i < p->npurposes; i++) {
        if (!basis_asks(p->purposes[i].basis))
            p->informs |= 1u << i;
        if (p->purposes[i].acknowledge)
            p->acknowledges |= 1u << i;
    }
}

int substantial_load(const struct reading *r, struct yaml_node *root)
{
    struct yaml_node *list =
        reading_list(r, root, "substantial", LIMIT_PURPOSES, false,
                     "needs a list of the purposes that changed");

    set_masks(r->policy);
    if (list == NULL)
        return yaml_get(r->file, root, "substantial") == NULL ? 0 : -1;
    for (size_t i = 0; i < yaml_count(list); i++) {
        struct yaml_node *node = yaml_item(r->file, list, i);
        const char *id = yaml_text(node);
        int purpose = id == NULL ? -1 : policy_purpose(r->policy, id);

        if (purpose < 0)
            return reading_wrong(r, node, "substantial",
                                 "is no purpose of this policy");
        r->policy->purposes[purpose].substantial = true;
    }
    return 0;
}

/* ---- what a version fixes ----------------------------------------------- */

/* NULL: nothing, or (`no_memory`) no memory. */
static json_t *terms_of(const struct policy_purpose *p, bool *no_memory)
{
    bool told = !basis_asks(p->basis);
    json_t *o;

    *no_memory = false;
    if (!told && p->valid_for == 0 && !p->substantial)
        return NULL;
    o = json_pack(
        "{s:s, s:s, s:s*, s:o*, s:o*, s:o*}", "purpose", p->id, "legal_basis",
        legal_basis_names[p->basis], "exemption",
        p->exemption != EXEMPTION_NONE ? exemption_names[p->exemption] : NULL,
        "acknowledge", p->acknowledge ? json_true() : NULL, "valid_for",
        p->valid_for > 0 ? json_integer(p->valid_for / MSEC_S) : NULL,
        "substantial", p->substantial ? json_true() : NULL);
    *no_memory = o == NULL;
    return o;
}

json_t *policy_terms(const struct policy *p)
{
    json_t *terms = json_object(), *list = json_array();
    bool failed = terms == NULL || list == NULL;

    for (size_t i = 0; !failed && i < p->npurposes; i++) {
        json_t *one = terms_of(&p->purposes[i], &failed);

        if (one != NULL)
            failed |= json_array_append_new(list, one) != 0;
    }
    if (!failed && json_array_size(list) > 0)
        failed = json_object_set(terms, "purposes", list) != 0;
    json_decref(list);
    if (failed) {
        json_decref(terms);
        return NULL;
    }
    return terms;
}

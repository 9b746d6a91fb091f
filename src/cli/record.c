/* Rows of the consent log to records of ISO/IEC TS 27560. */
#include "record.h"

#include <string.h>

#define DPV  "https://w3id.org/dpv#"
#define FORM "https://w3id.org/dpv/schema/dpv-27560#record"

const json_t *record_policy(const json_t *policies, const char *id,
                            struct error *e)
{
    const json_t *policy;
    size_t i;

    json_array_foreach(policies, i, policy)
    {
        const char *name = json_str(policy, "policy");

        if (name != NULL && id != NULL && strcmp(name, id) == 0)
            return policy;
    }
    (void)error_set(e, ERR_VERIFY,
                    "a record of the policy %s cannot be complete: the desk "
                    "does not have it any more",
                    id != NULL ? id : "that has no name");
    (void)error_hint(e, "keep the policy among the daemon's, or export csv");
    return NULL;
}

json_t *record_context(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "dpv", DPV, "dct",
                     "http://purl.org/dc/terms/", "foaf",
                     "http://xmlns.com/foaf/0.1/", "schema",
                     "https://schema.org/", "rg", "urn:resguardo:term:");
}

/* ---- events ------------------------------------------------------------- */

/* What each does to the state; NULL: it stays as it was. */
static const struct {
    const char *event, *type, *state;
} kinds[] = {
    { "notice_presented", "dpv:Notice", NULL },
    { "notice_delivered", "dpv:Notice", NULL },
    { "notice_acknowledged", "dpv:Notice", NULL },
    { "consent_requested", "dpv:ConsentRequested", "dpv:ConsentRequested" },
    { "consent_given", "dpv:ConsentGiven", "dpv:ConsentGiven" },
    { "consent_refused", "dpv:ConsentRefused", "dpv:ConsentRefused" },
    { "consent_withdrawn", "dpv:ConsentWithdrawn", "dpv:ConsentWithdrawn" },
    { "consent_expired", "dpv:ConsentExpired", "dpv:ConsentExpired" },
    { "consent_ignored", "dpv:ConsentUnknown", NULL },
    { "consent_carried", "dpv:ConsentGiven", "dpv:ConsentGiven" },
    { "consent_uncarried", "dpv:ConsentInvalidated", "dpv:ConsentInvalidated" },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static size_t kind_of(const json_t *row)
{
    const char *event = json_str(row, "event_type");
    size_t k = 0;

    while (k < KINDS && (event == NULL || strcmp(kinds[k].event, event) != 0))
        k++;
    return k;
}

/* Who did it: the person, where they decided; else who asked them. */
static json_t *entity_of(const json_t *row, const json_t *policy, size_t kind)
{
    const char *event = kinds[kind].event;
    bool theirs = strcmp(event, "notice_acknowledged") == 0 ||
                  (strcmp(event, "consent_requested") != 0 &&
                   strncmp(event, "consent_", 8) == 0 &&
                   strcmp(event, "consent_expired") != 0 &&
                   strcmp(event, "consent_carried") != 0 &&
                   strcmp(event, "consent_uncarried") != 0);

    return json_pack(
        "{s:s, s:s}", "@type",
        theirs ? "dpv:DataSubject" : "dpv:DataController", "dct:identifier",
        theirs ? json_str(row, "subject") : json_str(policy, "controller"));
}

static json_t *event_of(const json_t *row, const json_t *policy, size_t kind,
                        const char *state)
{
    const char *version = json_str(row, "notice_version");
    bool given = strcmp(state, "dpv:ConsentGiven") == 0;

    return json_pack(
        "{s:s, s:s, s:{s:s}, s:s*, s:o, s:{s:s, s:s}, s:{s:s*, s:o*, s:s*}, "
        "s:O*}",
        "@type", kinds[kind].type, "rg:event_type", kinds[kind].event,
        "dpv:hasConsentStatus", "@id", state, "dct:date", json_str(row, "time"),
        "dpv:hasEntity", entity_of(row, policy, kind), "dpv:hasDuration",
        "@type", given ? "dpv:UntilEventDuration" : "dpv:EndlessDuration",
        "dct:description",
        given ? "until it is withdrawn" : "until another decision",
        "dpv:hasNotice", "rg:sha256", json_str(row, "notice_sha256"),
        "dct:identifier",
        json_sprintf("%s@%s", json_str(policy, "policy"),
                     version != NULL ? version : ""),
        "dct:language", json_str(row, "language"), "rg:index",
        json_object_get(row, "index"));
}

/* ---- what stays the same ------------------------------------------------ */

static const json_t *purpose_of(const json_t *policy, const char *id)
{
    const json_t *purpose;
    size_t i;

    json_array_foreach(json_object_get(policy, "purposes"), i, purpose)
    {
        const char *name = json_str(purpose, "purpose");

        if (name != NULL && strcmp(name, id) == 0)
            return purpose;
    }
    return NULL;
}

/* Each text of a list as a node with a type. */
static json_t *nodes(const json_t *list, const char *type)
{
    json_t *out = json_array();
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        (void)json_array_append_new(
            out, json_pack("{s:s, s:O}", "@type", type, "dct:title", one));
    }
    return out;
}

/* The data of a purpose that policies do not ask about any more are not known
 * by kind. */
static json_t *data_of(const json_t *purpose)
{
    const char *type = json_is_true(json_object_get(purpose, "sensitive"))
                           ? "dpv:SensitivePersonalData"
                           : "dpv:PersonalData";
    const json_t *list = json_object_get(purpose, "personal_data");

    return json_array_size(list) > 0 ? nodes(list, type)
                                     : json_pack("[{s:s, s:s}]", "@type", type,
                                                 "dct:title", "document");
}

static json_t *controller_of(const json_t *policy)
{
    const char *name = json_str(policy, "controller");

    return json_pack("{s:s, s:s*, s:s*, s:s*, s:{s:s*, s:s*, s:s*, s:s*}, "
                     "s:s*, s:s*}",
                     "@type", "dpv:DataController", "dct:identifier", name,
                     "schema:name", name, "dpv:hasAddress",
                     json_str(policy, "contact_address"), "dpv:hasContact",
                     "schema:contactPoint", json_str(policy, "dpo"),
                     "schema:email", json_str(policy, "contact_email"),
                     "schema:telephone", json_str(policy, "contact_phone"),
                     "schema:url", json_str(policy, "url"), "rg:party_type",
                     json_str(policy, "party_type"), "rg:authority",
                     json_str(policy, "authority"));
}

static json_t *notice_of(const json_t *policy, const json_t *row)
{
    const char *version = json_str(row, "notice_version");
    const char *language = json_str(row, "language");

    return json_pack("{s:s, s:o*, s:s*, s:s*, s:o*}", "@type",
                     "dpv:ConsentNotice", "dct:identifier",
                     json_sprintf("%s@%s", json_str(policy, "policy"),
                                  version != NULL ? version : ""),
                     "dct:language", language, "rg:sha256",
                     json_str(row, "notice_sha256"), "foaf:page",
                     json_sprintf("%s/notice/%s/%s/%s", json_str(policy, "url"),
                                  json_str(policy, "policy"),
                                  version != NULL ? version : "",
                                  language != NULL ? language : ""));
}

static json_t *basis_of(const json_t *row)
{
    static const char *const names[][2] = {
        { "explicit_consent", "dpv:ExplicitlyExpressedConsent" },
        { "contract", "dpv:Contract" },
        { "legal_obligation", "dpv:LegalObligation" },
        { "vital_interest", "dpv:VitalInterest" },
        { "public_interest", "dpv:PublicInterest" },
        { "legitimate_interest", "dpv:LegitimateInterest" },
    };
    const char *basis = json_str(row, "legal_basis");
    const char *name = "dpv:Consent";

    for (size_t i = 0; basis != NULL && i < sizeof(names) / sizeof(names[0]);
         i++)
        if (strcmp(names[i][0], basis) == 0)
            name = names[i][1];
    return json_pack("{s:s}", "@id", name);
}

/* The same person, policy and purpose have the same record each time. */
static void record_id(char out[static HEX_SIZE(SHA256_LEN)],
                      const char *subject, const char *policy,
                      const char *purpose)
{
    uint8_t hash[SHA256_LEN];
    struct buf name = { 0 };

    if (buf_addf(&name, "%s/%s/%s", subject, policy, purpose) == 0)
        sha256_of(hash, name.p, name.len);
    else
        memset(hash, 0, sizeof(hash));
    hex_encode(out, hash, sizeof(hash));
    out[32] = '\0';
    buf_free(&name);
}

/* Takes events. `row` is the last one with the purpose. */
static json_t *record_of(const json_t *policy, const json_t *row,
                         const char *state, json_t *events)
{
    const char *subject = json_str(row, "subject");
    const char *id = json_str(row, "purpose");
    const char *land = json_str(policy, "jurisdiction");
    const json_t *purpose = purpose_of(policy, id);
    const char *class = json_str(purpose, "class");
    char name[HEX_SIZE(SHA256_LEN)];
    bool spain = land != NULL && strcmp(land, "ES") == 0;

    record_id(name, subject, json_str(policy, "policy"), id);
    return json_pack(
        "{s:s, s:o, s:s, s:s, s:{s:s, s:s}, s:o, s:s*, s:o, s:{s:s, s:s, s:s}, "
        "s:o, s:o, s:{s:s, s:s*}, s:o, s:{s:s, s:s*}, s:s, s:o, s:{s:s, s:s*}, "
        "s:{s:s}, s:o}",
        "@type", "dpv:ConsentRecord", "@id",
        json_sprintf("urn:resguardo:record:%s", name), "dct:identifier", name,
        "dct:conformsTo", spain ? FORM "-eu-gdpr" : FORM, "dpv:hasDataSubject",
        "@type", "dpv:DataSubject", "dct:identifier", subject, "dpv:hasNotice",
        notice_of(policy, row), "dct:language", json_str(row, "language"),
        "dpv:hasDataController", controller_of(policy), "dpv:hasPurpose",
        "@type", "dpv:Purpose", "dct:identifier", id, "rg:purpose_type",
        class != NULL ? class : "former", "dpv:hasLegalBasis", basis_of(row),
        "dpv:hasPersonalData", data_of(purpose), "dpv:hasDuration", "@type",
        "dpv:StorageDuration", "dct:description", json_str(policy, "retention"),
        "dpv:hasRecipient",
        nodes(json_object_get(policy, "recipients"), "dpv:Recipient"),
        "dpv:hasJurisdiction", "@type", "dpv:Country", "dct:identifier", land,
        "rg:collection_method", "WhatsApp", "dpv:hasStorageLocation",
        nodes(json_object_get(policy, "storage_locations"),
              "dpv:StorageLocation"),
        "dpv:hasConsentControl", "@type", "dpv:WithdrawConsent",
        "dct:description", json_str(policy, "withdrawal_method"),
        "dpv:hasConsentStatus", "@id", state, "rg:hasEvent", events);
}

/* All of one purpose; what has none (a notice) belongs to each. */
static int add_purpose(json_t *out, const json_t *policy, const json_t *rows,
                       const char *id)
{
    const char *state = "dpv:ConsentUnknown";
    const json_t *row, *last = NULL;
    json_t *events = json_array();
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *purpose = json_str(row, "purpose");
        size_t kind = kind_of(row);

        if (kind == KINDS || (purpose != NULL && strcmp(purpose, id) != 0))
            continue;
        if (kinds[kind].state != NULL)
            state = kinds[kind].state;
        if (purpose != NULL)
            last = row;
        if (json_array_append_new(events, event_of(row, policy, kind, state)) !=
            0) {
            json_decref(events);
            return -1;
        }
    }
    return json_array_append_new(out, record_of(policy, last, state, events));
}

int record_add(json_t *out, const json_t *policy, const json_t *rows)
{
    json_t *seen = json_object();
    const json_t *row;
    size_t i;
    int ok = seen == NULL ? -1 : 0;

    json_array_foreach(rows, i, row)
    {
        const char *id = json_str(row, "purpose");

        if (ok != 0 || id == NULL || json_object_get(seen, id) != NULL)
            continue;
        if (json_object_set_new(seen, id, json_true()) != 0 ||
            add_purpose(out, policy, rows, id) != 0)
            ok = -1;
    }
    json_decref(seen);
    return ok;
}

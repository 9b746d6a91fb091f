/*
 * What one person was shown and decided, with the texts and a proof of each
 * entry: enough to check it without us, and nothing of anybody else. The names
 * are those of Kantara's consent receipt 1.1 and, in `record`, of ISO/IEC TS
 * 27560.
 */
#include "receipt_private.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct receipt *x)
{
    return error_set(x->e, ERR_NOMEM, "no memory for a receipt");
}

/* ---- events ------------------------------------------------------------- */

/* The states of ISO/IEC TS 27560; NULL: an event without one. */
static const char *state_of(const char *event)
{
    static const struct {
        const char *event, *state;
    } states[] = {
        { "notice_presented", NULL },
        { "consent_requested", "requested" },
        { "notice_delivered", "informed" },
        { "notice_acknowledged", "acknowledged" },
        { "consent_given", "given" },
        { "consent_refused", "refused" },
        { "consent_ignored", NULL },
        { "consent_withdrawn", "withdrawn" },
        { "consent_expired", "expired" },
        { "consent_carried", "given" },
        { "consent_uncarried", "expired" },
    };

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(states[i].event, event) == 0)
            return states[i].state;
    return NULL;
}

/* What it stands for now: what a later notice changed is to be renewed. NULL
 * with an error. */
static const char *standing(struct receipt *x, const json_t *leaf,
                            const char *state)
{
    const char *version = json_str(leaf, "notice_version");
    const char *policy = json_str(leaf, "policy");
    bool open = strcmp(state, "given") == 0 || strcmp(state, "informed") == 0 ||
                strcmp(state, "acknowledged") == 0;
    int gone = open && version != NULL && policy != NULL
                   ? notice_superseded(x->r->store, policy, version,
                                       json_str(leaf, "purpose"), x->e)
                   : 0;

    return gone < 0 ? NULL : gone > 0 ? "renewal_required" : state;
}

int receipt_add_event(struct receipt *x, const json_t *leaf,
                      const uint8_t *entry, size_t len)
{
    const char *event = json_str(leaf, "event_type");
    const char *purpose = json_str(leaf, "purpose");
    const char *state = state_of(event);
    char key[STORE_NAME_SIZE * 2];
    json_t *o = json_pack(
        "{s:s, s:s?, s:s?, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:O?, "
        "s:s%}",
        "event_type", event, "event_state", state, "event_time",
        json_str(leaf, "time"), "entity_id", x->subject, "provider_time",
        json_str(leaf, "provider_time"), "purpose", purpose, "lawful_basis",
        json_str(leaf, "legal_basis"), "privacy_notice",
        json_str(leaf, "notice_sha256"), "notice_version",
        json_str(leaf, "notice_version"), "language",
        json_str(leaf, "language"), "evidence",
        json_object_get(leaf, "evidence"), "entry", (const char *)entry, len);

    if (json_array_append_new(x->events, o) != 0)
        return no_memory(x);
    if (state == NULL || purpose == NULL)
        return 0;
    if (json_str(leaf, "provider_time") != NULL)
        (void)time_parse(json_str(leaf, "provider_time"), &x->decided);
    if (strcmp(state, "given") == 0)
        x->given = x->decided;
    (void)snprintf(key, sizeof(key), "%s/%s", json_str(leaf, "policy"),
                   purpose);
    if ((state = standing(x, leaf, state)) == NULL)
        return -1;
    return json_object_set_new(x->states, key, json_string(state)) == 0
               ? 0
               : no_memory(x);
}

/* The words of the notice that a leaf cites; kept once. */
static int add_notice(struct receipt *x, const json_t *leaf)
{
    const char *hash = json_str(leaf, "notice_sha256");
    const char *policy = json_str(leaf, "policy");
    const char *version = json_str(leaf, "notice_version");
    const char *language = json_str(leaf, "language");
    struct buf words = { 0 };
    int found, ok = -1;

    if (hash == NULL || policy == NULL || version == NULL || language == NULL ||
        json_object_get(x->notices, hash) != NULL)
        return 0;
    found = notice_get(x->r->store, policy, version, language, &words, x->e);
    if (found == 0)
        ok = error_set(x->e, ERR_VERIFY, "the notice of an entry is missing");
    else if (found > 0 &&
             json_object_set_new(
                 x->notices, hash,
                 json_stringn((const char *)words.p, words.len)) != 0)
        ok = no_memory(x);
    else if (found > 0)
        ok = 0;
    buf_free(&words);
    return ok;
}

/* The exact question. */
static int add_prompt(struct receipt *x, const json_t *leaf)
{
    const char *hex =
        json_str(json_object_get(leaf, "evidence"), "prompt_sha256");
    uint8_t hash[SHA256_LEN];
    struct buf words = { 0 };
    int found, ok = -1;

    if (hex == NULL || json_object_get(x->prompts, hex) != NULL ||
        hex_decode(hash, sizeof(hash), hex, strlen(hex), false) != 0)
        return 0;
    found = question_get(x->r->store, hash, &words, x->e);
    if (found > 0 && json_object_set_new(
                         x->prompts, hex,
                         json_stringn((const char *)words.p, words.len)) != 0)
        ok = no_memory(x);
    else if (found >= 0)
        ok = 0;
    buf_free(&words);
    return ok;
}

/* ---- proofs and texts ---------------------------------------------------- */

/* From the tiles, and tried before it is given. */
static int add_proof(struct receipt *x, json_t *event, uint64_t index,
                     struct buf *text)
{
    const char *entry = json_str(event, "entry");
    uint8_t leaf[LEDGER_HASH_LEN];
    struct ledger_proof proof;

    if (ledger_prove(x->r->store, index, x->now.size, &proof, x->e) != 0)
        return -1;
    ledger_leaf_hash(leaf, entry, strlen(entry));
    if (!ledger_proof_verify(&proof, leaf, x->now.root))
        return error_set(x->e, ERR_VERIFY,
                         "the ledger does not prove its entry %llu",
                         (unsigned long long)index);
    buf_reset(text);
    if (ledger_proof_write(text, &proof, x->note.p, x->note.len) != 0 ||
        json_object_set_new(event, "proof",
                            json_stringn((const char *)text->p, text->len)) !=
            0)
        return no_memory(x);
    return 0;
}

static int add_proofs(struct receipt *x)
{
    const uint64_t *places = (const uint64_t *)(const void *)x->places.p;
    struct buf text = { 0 };
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < json_array_size(x->events); i++)
        ok = add_proof(x, json_array_get(x->events, i), places[i], &text);
    buf_free(&text);
    return ok;
}

/* The texts are read when the walk over the rows is over. */
static int add_texts(struct receipt *x)
{
    for (size_t i = 0; i < json_array_size(x->events); i++) {
        const char *entry = json_str(json_array_get(x->events, i), "entry");
        json_t *leaf = json_parse(entry, strlen(entry), x->e);
        int ok =
            leaf == NULL || add_notice(x, leaf) != 0 || add_prompt(x, leaf) != 0
                ? -1
                : 0;

        json_decref(leaf);
        if (ok != 0)
            return -1;
    }
    return 0;
}

/* ---- the receipt -------------------------------------------------------- */

/* All of the policy's, in one text: Kantara has one member for them. */
static json_t *recipients_of(const struct policy *policy)
{
    struct buf text = { 0 };
    const json_t *one;
    json_t *value;
    size_t i;
    int ok = buf_adds(&text, "");

    json_array_foreach(json_object_get(policy->record, "recipients"), i, one)
    {
        ok |=
            buf_addf(&text, "%s%s", i > 0 ? ", " : "", json_string_value(one));
    }
    value = ok == 0 ? json_string((const char *)text.p) : NULL;
    buf_free(&text);
    return value;
}

static json_t *purpose_of(const struct receipt *x, const struct policy *policy,
                          size_t i)
{
    const struct policy_purpose *p = &policy->purposes[i];
    char key[STORE_NAME_SIZE * 2];
    json_t *kinds = json_object_get(
        json_object_get(policy->record, "personal_data"), p->id);
    const char *state;

    (void)snprintf(key, sizeof(key), "%s/%s", policy->id, p->id);
    state = json_string_value(json_object_get(x->states, key));
    return json_pack(
        "{s:s, s:s, s:s, s:O, s:b, s:s?, s:b, s:o, s:s}", "purpose", p->id,
        "purposeCategory", p->data_class, "consentType",
        legal_basis_names[p->basis], "piiCategory", kinds, "primaryPurpose",
        i == 0, "termination", json_str(policy->about, "retention"),
        "thirdPartyDisclosure", 1, "thirdPartyName", recipients_of(policy),
        "state", state != NULL ? state : "unknown");
}

static json_t *service_of(const struct receipt *x, const struct policy *policy)
{
    const char *url = x->r->desk->needs.config->public_url;
    json_t *purposes = json_array();

    for (size_t i = 0; i < policy->npurposes; i++)
        if (json_array_append_new(purposes, purpose_of(x, policy, i)) != 0) {
            json_decref(purposes);
            return NULL;
        }
    return json_pack(
        "{s:s, s:s, s:o, s:s?, s:s?, s:o}", "service", policy->id,
        "jurisdiction", policy->jurisdiction, "policyUrl",
        json_sprintf("%s/notice/%s/%s/%s", url, policy->id,
                     policy->notice_version, policy->languages[0].tag),
        "withdrawalMethod", json_str(policy->about, "withdrawal_word"),
        "authority", json_str(policy->about, "authority"), "purposes",
        purposes);
}

static json_t *controller_of(const struct receipt *x,
                             const struct policy *policy)
{
    const struct config *config = x->r->desk->needs.config;
    const json_t *about = policy != NULL ? policy->about : NULL;

    return json_pack("[{s:s, s:b, s:s?, s:s?, s:s?, s:s?, s:s}]",
                     "piiController", config->controller, "onBehalf", 0,
                     "contact", json_str(about, "dpo"), "address",
                     json_str(about, "contact_address"), "email",
                     json_str(about, "contact_email"), "phone",
                     json_str(about, "contact_phone"), "piiControllerUrl",
                     config->public_url);
}

/* RFC 4122, version 4. */
static void uuid_new(char out[static 37])
{
    uint8_t b[16];
    char hex[HEX_SIZE(sizeof(b))];

    random_fill(&random_system, b, sizeof(b));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    hex_encode(hex, b, sizeof(b));
    (void)snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8, hex + 12,
                   hex + 16, hex + 20);
}

/* Policies under which this person was asked anything. */
static json_t *services_of(const struct receipt *x, const struct policy **first)
{
    const struct policy_set *set =
        registrar_policies(x->r->desk->needs.registrar);
    json_t *services = json_array();

    *first = NULL;
    for (size_t i = 0; i < set->n; i++) {
        const struct policy *policy = set->policies[i];
        bool asked = false;

        for (size_t k = 0; k < policy->npurposes; k++) {
            char key[STORE_NAME_SIZE * 2];

            (void)snprintf(key, sizeof(key), "%s/%s", policy->id,
                           policy->purposes[k].id);
            asked |= json_object_get(x->states, key) != NULL;
        }
        if (!asked)
            continue;
        *first = *first != NULL ? *first : policy;
        if (json_array_append_new(services, service_of(x, policy)) != 0) {
            json_decref(services);
            return NULL;
        }
    }
    return services;
}

static json_t *receipt_json(struct receipt *x)
{
    const struct policy *first;
    json_t *services = services_of(x, &first);
    char id[37], now[TIME_SIZE];
    msec time = clock_now(x->r->desk->needs.clock);
    bool sensitive = false;

    uuid_new(id);
    time_format(now, time);
    for (size_t i = 0; first != NULL && i < first->npurposes; i++)
        sensitive |= first->purposes[i].sensitive;
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:b, s:s, s:s, "
        "s:{s:s, s:s, s:s, s:O}, s:{s:O, s:O}}",
        "version", "KI-CR-v1.1.0", "consentReceiptID", id, "jurisdiction",
        first != NULL ? first->jurisdiction : "", "consentTimestamp",
        (json_int_t)((x->given != 0     ? x->given
                      : x->decided != 0 ? x->decided
                                        : time) /
                     MSEC_S),
        "collectionMethod", "WhatsApp, answered by the person", "publicKey",
        registrar_vkey(x->r->desk->needs.registrar), "language",
        first != NULL ? first->languages[0].tag : "", "piiPrincipalId",
        x->subject, "piiControllers", controller_of(x, first), "services",
        services, "sensitive", sensitive, "issued", now, "checkpoint",
        (const char *)x->note.p, "record", "schema_version",
        "https://w3id.org/dpv/schema/dpv-27560#record", "record_id", id,
        "pii_principal_id", x->subject, "events", x->events, "texts", "notices",
        x->notices, "prompts", x->prompts);
}

static int make(struct receipt *x)
{
    x->events = json_array();
    x->notices = json_object();
    x->prompts = json_object();
    x->states = json_object();
    if (x->events == NULL || x->notices == NULL || x->prompts == NULL ||
        x->states == NULL)
        return no_memory(x);
    if (receipt_see_entries(x) != 0 || add_proofs(x) != 0 || add_texts(x) != 0)
        return -1;
    return answer_json(x->r, receipt_json(x), x->e);
}

/* Whose receipt it is: a person's, or that of whom the document is of, which
 * it then speaks about alone. */
static int find_subject(struct receipt *x, char subject[static ID_SIZE])
{
    struct request *r = x->r;
    const char *person = request_query(r, "subject");
    const char *document = request_query(r, "document");
    const char *code = request_query(r, "case");
    int found;

    if ((person != NULL) + (document != NULL) + (code != NULL) > 1)
        return error_set(x->e, ERR_INPUT,
                         "a subject, a case or a document, one of them");
    if (code != NULL) {
        found = strlen(code) < STORE_CASE_SIZE
                    ? case_get(r->store, code, &x->of, x->e)
                    : 0;
        if (found == 0)
            return error_set(x->e, ERR_NOT_FOUND, "no such case");
        if (found > 0)
            memcpy(subject, x->of.subject, ID_SIZE);
        return found > 0 ? 0 : -1;
    }
    if (document == NULL) {
        if (person == NULL || !id_valid(person, 's'))
            return error_set(x->e, ERR_NOT_FOUND, "no such person");
        memcpy(subject, person, ID_SIZE);
        return 0;
    }
    found = id_valid(document, 'd')
                ? document_get(r->store, document, &x->document, x->e)
                : 0;
    if (found > 0 && blocked_hidden(r, &x->document))
        return blocked_refuse(r, "document", x->e);
    if (found == 0)
        return error_set(x->e, ERR_NOT_FOUND, "no such document");
    if (found > 0)
        memcpy(subject, x->document.subject, ID_SIZE);
    return found > 0 ? 0 : -1;
}

int serve_receipt(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "receipt_issued");
    struct receipt x = { .r = r, .e = e };
    char subject[ID_SIZE];
    struct subject_row row;
    int found, ok = -1;

    if (find_subject(&x, subject) != 0)
        return -1;
    found = subject_get(r->store, subject, &row, e);
    if (found == 0)
        (void)error_set(e, ERR_NOT_FOUND, "no such person");
    if (found <= 0 || blocked_check(r, row.id, "person", e) != 0)
        goto out;
    memcpy(x.subject, row.id, sizeof(x.subject));
    memcpy(access.subject, row.id, sizeof(access.subject));
    memcpy(access.document, x.document.id, sizeof(access.document));
    memcpy(access.case_id, x.of.id, sizeof(access.case_id));
    if (bundle_begin(r, &access, &x.note, &x.now, e) == 0)
        ok = make(&x);
out:
    json_decref(x.events);
    json_decref(x.notices);
    json_decref(x.prompts);
    json_decref(x.states);
    buf_free(&x.places);
    buf_free(&x.note);
    return ok;
}

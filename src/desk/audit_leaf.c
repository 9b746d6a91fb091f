/* What the leaves say of the rows, and whether the rows say it too. */
#include "audit_private.h"

#include <string.h>

/* ---- learning ----------------------------------------------------------- */

/* Of all events, those with a state behind them. */
static const char *state_of(const char *event)
{
    static const struct {
        const char *event, *state;
    } states[] = { { "notice_delivered", "informed" },
                   { "notice_acknowledged", "acknowledged" },
                   { "consent_expired", "expired" },
                   { "consent_given", "given" },
                   { "consent_refused", "refused" },
                   { "consent_withdrawn", "withdrawn" },
                   { "consent_carried", "given" },
                   { "consent_uncarried", "none" },
                   { "media_stored", "stored" },
                   { "media_refused", "refused" },
                   { "media_expired", "expired" },
                   { "media_dropped", "dropped" },
                   { "media_quarantined", "quarantined" },
                   { "document_blocked", "blocked" } };

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(event, states[i].event) == 0)
            return states[i].state;
    return NULL;
}

static int learn_decision(struct audit *a, const json_t *leaf,
                          const char *state)
{
    const char *subject = json_str(leaf, "subject");
    const char *policy = json_str(leaf, "policy");
    const char *purpose = json_str(leaf, "purpose");
    char key[AUDIT_KEY_SIZE];

    if (subject == NULL || policy == NULL || purpose == NULL ||
        audit_key(key, subject, policy, purpose) != 0)
        return 0;
    if (strcmp(state, "none") == 0) {
        (void)json_object_del(a->decided, key);
        return 0;
    }
    return audit_put(a, a->decided, key, json_string(state));
}

/* The leaf that made the document, with the state that the latest gives it. */
static int learn_document(struct audit *a, const json_t *leaf,
                          const char *state)
{
    const char *id = json_str(leaf, "document_id");
    json_t *known;

    if (id == NULL)
        return 0;
    known = json_object_get(a->bound, id);
    if (known == NULL) {
        known = json_copy((json_t *)(uintptr_t)leaf);
        if (audit_put(a, a->bound, id, known) != 0)
            return -1;
    }
    return audit_put(a, known, "state", json_string(state));
}

/* It is in another case from here on. */
static int learn_move(struct audit *a, const json_t *leaf)
{
    const char *id = json_str(leaf, "document_id");
    const char *code = json_str(leaf, "case_id");
    json_t *known = id == NULL ? NULL : json_object_get(a->bound, id);

    if (known == NULL || code == NULL)
        return 0;
    return audit_put(a, known, "case_id", json_string(code));
}

static json_t *of_whom(const json_t *leaf)
{
    const char *subject = json_str(leaf, "subject");

    return json_string(subject != NULL ? subject : "");
}

static int learn_end(struct audit *a, const json_t *leaf, const char *state)
{
    const char *id = json_str(leaf, "attachment_id");

    if (id == NULL)
        return 0;
    return audit_put(a, a->ended, id, json_string(state)) != 0
               ? -1
               : audit_put(a, a->ends, id, of_whom(leaf));
}

static int learn_proof(struct audit *a, const json_t *leaf)
{
    const char *id = json_str(json_object_get(leaf, "evidence"), "evidence_id");

    return id == NULL ? 0 : audit_put(a, a->proofs, id, of_whom(leaf));
}

static int learn_notice(struct audit *a, const json_t *leaf)
{
    const char *policy = json_str(leaf, "policy");
    const char *version = json_str(leaf, "notice_version");
    const char *language = json_str(leaf, "language");
    const char *hash = json_str(leaf, "notice_sha256");
    char key[AUDIT_KEY_SIZE];

    if (policy == NULL || version == NULL || language == NULL || hash == NULL ||
        audit_key(key, policy, version, language) != 0)
        return 0;
    return audit_put(a, a->notices, key, json_string(hash));
}

int audit_learn(struct audit *a, const json_t *leaf)
{
    const char *event = json_str(leaf, "event_type");
    const char *state = event == NULL ? NULL : state_of(event);

    if (event == NULL)
        return 0;
    if (strcmp(event, "notice_published") == 0)
        return learn_notice(a, leaf);
    if (strcmp(event, "document_moved") == 0)
        return learn_move(a, leaf);
    if (learn_proof(a, leaf) != 0 || audit_learn_keyring(a, leaf) != 0 ||
        audit_learn_erasure(a, leaf) != 0 ||
        audit_learn_officers(a, leaf) != 0 || audit_learn_header(a, leaf) != 0)
        return -1;
    if (state == NULL)
        return 0;
    if (strncmp(event, "consent_", strlen("consent_")) == 0 ||
        strncmp(event, "notice_", strlen("notice_")) == 0)
        return learn_decision(a, leaf, state);
    if (strncmp(event, "media_", strlen("media_")) == 0 &&
        learn_end(a, leaf, state) != 0)
        return -1;
    return learn_document(a, leaf, state);
}

/* ---- judging ------------------------------------------------------------ */

/* Whose a decision is, by its name. */
static const char *decided_by(const char *key, char subject[static ID_SIZE])
{
    size_t len = strcspn(key, "/");

    len = len < ID_SIZE ? len : ID_SIZE - 1;
    memcpy(subject, key, len);
    subject[len] = '\0';
    return subject;
}

static int judge_consent(struct audit *a)
{
    char who[ID_SIZE];
    const char *key;
    json_t *value;

    json_object_foreach(a->consent, key, value)
    {
        const char *decided = json_str(a->decided, key);
        const char *state = json_string_value(value);

        if (audit_erased(a, decided_by(key, who), PROOF_GONE) &&
            audit_fault(a, "consent %s: it was erased and is there", key) != 0)
            return -1;

        if ((decided == NULL || strcmp(decided, state) != 0) &&
            audit_fault(a, "consent %s: the database says %s, the ledger %s",
                        key, state, decided != NULL ? decided : "nothing") != 0)
            return -1;
    }
    json_object_foreach(a->decided, key, value)
    {
        if (json_object_get(a->consent, key) == NULL &&
            !audit_erased(a, decided_by(key, who), PROOF_GONE) &&
            audit_fault(a,
                        "consent %s: the ledger says %s, the database nothing",
                        key, json_string_value(value)) != 0)
            return -1;
    }
    return 0;
}

static bool is_end(const char *state)
{
    static const char *const ends[] = { "stored", "refused", "quarantined",
                                        "expired", "dropped" };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(state, ends[i]) == 0)
            return true;
    return false;
}

/* An end has its leaf, and after it nothing goes on. */
static int judge_attachments(struct audit *a)
{
    const char *id;
    json_t *value;

    json_object_foreach(a->attachments, id, value)
    {
        const char *state = json_string_value(value);
        const char *ended = json_str(a->ended, id);

        if (audit_erased(a, json_str(a->ends, id), GONE) &&
            audit_fault(a, "attachment %s: it was erased and is there", id) !=
                0)
            return -1;

        if ((ended == NULL ? is_end(state) : strcmp(ended, state) != 0) &&
            audit_fault(a, "attachment %s: the database says %s, the ledger %s",
                        id, state, ended != NULL ? ended : "nothing") != 0)
            return -1;
    }
    json_object_foreach(a->ended, id, value)
    {
        const char *whose = json_str(a->ends, id);

        if (json_object_get(a->attachments, id) == NULL &&
            !audit_erased(a, whose, LEAVING) &&
            audit_fault(a,
                        "attachment %s: it is in the ledger and not in the "
                        "database",
                        id) != 0)
            return -1;
    }
    return 0;
}

/* What proves a decision is there, whole, and its header opens. */
static int judge_evidence(struct audit *a)
{
    const char *id;
    json_t *value;

    json_object_foreach(a->proofs, id, value)
    {
        const char *whose = json_string_value(value);

        if (json_object_get(a->evidence, id) == NULL &&
            !audit_erased(a, whose, PROOF_LEAVING) &&
            audit_fault(a,
                        "evidence %s: it is in the ledger and not in the "
                        "database",
                        id) != 0)
            return -1;
    }
    json_object_foreach(a->evidence, id, value)
    {
        struct buf file = { 0 };
        char what[ID_SIZE + 32];
        int ok = evidence_get(a->store, id, &file, a->err);

        (void)snprintf(what, sizeof(what), "evidence %s", id);
        buf_free(&file);
        if (ok < 0 &&
            !audit_person_goes(a, json_str(a->proofs, id), "evidence") &&
            audit_fault_or_fail(a, what) != 0)
            return -1;
    }
    return 0;
}

/* The words that a published hash is of. */
static int judge_notice(struct audit *a, const char *key, const char *hash)
{
    char name[AUDIT_KEY_SIZE], hex[HEX_SIZE(SHA256_LEN)];
    char *version, *language;
    struct buf bytes = { 0 };
    uint8_t sum[SHA256_LEN];
    int ok = -1, found;

    (void)snprintf(name, sizeof(name), "%s", key);
    version = strchr(name, '/');
    *version++ = '\0';
    language = strchr(version, '/');
    *language++ = '\0';
    found = notice_get(a->store, name, version, language, &bytes, a->err);
    if (found < 0)
        goto out;
    sha256_of(sum, bytes.p, bytes.len);
    hex_encode(hex, sum, sizeof(sum));
    if (found == 0)
        ok = audit_fault(a, "notice %s: it was published and is gone", key);
    else if (strcmp(hex, hash) != 0)
        ok =
            audit_fault(a, "notice %s: its words are not those published", key);
    else
        ok = 0;
out:
    buf_free(&bytes);
    return ok;
}

static int judge_notices(struct audit *a)
{
    const char *key;
    json_t *value;

    json_object_foreach(a->notices, key, value)
    {
        if (judge_notice(a, key, json_string_value(value)) != 0)
            return -1;
    }
    return 0;
}

int audit_judge_rows(struct audit *a)
{
    return judge_consent(a) != 0 || judge_attachments(a) != 0 ||
                   judge_evidence(a) != 0 || judge_notices(a) != 0 ||
                   audit_judge_officers(a) != 0
               ? -1
               : 0;
}

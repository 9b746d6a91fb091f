/*
 * A yes that runs out. The gate minds its end by itself; here it becomes an
 * entry, and what is on its way waits again. Documents stay, unless the policy
 * says otherwise: they go by the rules of retention.
 */
#include "attachment_private.h"
#include "consent_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "talk_private.h"

/* ---- until when --------------------------------------------------------- */

static bool json_is(const json_t *o, const char *key, const char *value)
{
    const char *text = json_str(o, key);

    return text != NULL && strcmp(text, value) == 0;
}

/* The notice that they said yes to told for how long. */
static int valid_for(struct registrar *r, const struct policy *policy,
                     int purpose, const char *version, msec *out,
                     struct error *err)
{
    struct buf text = { 0 };
    json_t *terms = NULL, *one;
    size_t i;
    int found, ok = 0;

    *out = policy->purposes[purpose].valid_for;
    if (strcmp(version, policy->notice_version) == 0)
        return 0;
    found = notice_terms(r->store, policy->id, version, &text, err);
    if (found > 0 && (terms = json_parse(text.p, text.len, err)) == NULL)
        ok = -1;
    if (found > 0)
        *out = 0;
    json_array_foreach(json_object_get(terms, "purposes"), i, one)
    {
        if (json_is(one, "purpose", policy->purposes[purpose].id))
            *out =
                json_integer_value(json_object_get(one, "valid_for")) * MSEC_S;
    }
    json_decref(terms);
    buf_free(&text);
    return found < 0 ? -1 : ok;
}

int consent_until(struct registrar *r, const struct policy *policy, int purpose,
                  const char *version, int64_t yes_s, msec *out,
                  struct error *err)
{
    msec after;

    if (valid_for(r, policy, purpose, version, &after, err) != 0)
        return -1;
    *out = after == 0 ? 0 : yes_s * MSEC_S + after;
    return 0;
}

/* ---- what is on its way ------------------------------------------------- */

int attachment_closed(struct registrar *r, const struct policy *policy,
                      struct attachment_row *row, struct error *err)
{
    enum gate gate;

    if (gate_of(r, policy, row->subject, row->purposes, &gate, err) != 0)
        return -1;
    if (gate == GATE_SHUT || row->lifetime <= r->now)
        return attachment_end(r, row, "dropped", "no_consent", err);
    SET(row->state, "held");
    SET(row->payload, "");
    row->turn = 0;
    row->deadline = r->now + policy->hold_time;
    if (row->deadline > row->lifetime)
        row->deadline = row->lifetime;
    return attachment_update(r->store, row, err) != 0
               ? -1
               : attachment_ask(r, policy, row, err);
}

/* ---- the end ------------------------------------------------------------ */

/* Which notice it was: in their language, as it is asked in. */
static int cite(struct registrar *r, json_t *leaf, const struct policy *policy,
                const char *subject, const char *version, struct error *err)
{
    const char *language = person_language(r, policy, subject)->tag;
    struct buf words = { 0 };
    int found =
        notice_get(r->store, policy->id, version, language, &words, err);

    buf_free(&words);
    if (found > 0)
        return leaf_notice(r, leaf, policy, version, language, err);
    leaf_text(leaf, "notice_version", version);
    return found;
}

static int expired_leaf(struct registrar *r, const struct policy *policy,
                        const struct consent_row *row, struct error *err)
{
    json_t *leaf = leaf_new(r, "consent_expired", row->subject, row->policy);
    json_t *evidence = json_object();
    int ok = 0;

    leaf_text(leaf, "actor", "system");
    if (policy == NULL)
        leaf_text(leaf, "notice_version", row->notice_version);
    else
        ok = cite(r, leaf, policy, row->subject, row->notice_version, err);
    if (policy != NULL && policy_purpose(policy, row->purpose) >= 0)
        leaf_purpose(leaf, policy, policy_purpose(policy, row->purpose));
    else
        leaf_text(leaf, "purpose", row->purpose);
    leaf_time(evidence, "valid_until", row->expires);
    leaf_object(leaf, "evidence", evidence);
    if (ok != 0) {
        json_decref(leaf);
        return -1;
    }
    return leaf_append(r, leaf, NULL, err);
}

/* What was to be fetched waits for another yes. A transfer under way ends, and
 * the gate is asked before anything of it is kept. */
static int step_expire(struct registrar *r, void *arg, struct error *err)
{
    struct consent_row row = *(const struct consent_row *)arg;
    const struct policy *policy = policy_find(r->policies, row.policy);
    msec expires = row.expires;
    int purpose = policy == NULL ? -1 : policy_purpose(policy, row.purpose);
    bool given = strcmp(row.state, "given") == 0;

    if (given)
        SET(row.state, "expired");
    row.expires = 0;
    if (consent_put(r->store, &row, err) != 0 || !given)
        return given ? -1 : 0;
    row.expires = expires;
    if (expired_leaf(r, policy, &row, err) != 0)
        return -1;
    return purpose >= 0 && policy->purposes[purpose].expiry_blocks
               ? document_block(r, policy, row.subject, row.purpose, err)
               : 0;
}

struct upkeep {
    struct registrar *r;
    struct error *err;
};

static int expire_one(void *arg, const struct consent_row *due)
{
    struct upkeep *u = arg;
    struct consent_row row = *due;
    int done = batch_guard(u->r, step_expire, &row, u->err);

    if (done <= 0)
        return done;
    log_error("expiry_without_entry", u->err);
    log_event(LOG_LEVEL_ALARM, "expiry_without_entry", "{s:s}", "subject",
              due->subject);
    row = *due;
    row.expires = 0;
    SET(row.state, "expired"); /* `check` says that its entry is missing */
    return consent_put(u->r->store, &row, u->err);
}

int consent_upkeep(struct registrar *r, struct error *err)
{
    struct upkeep u = { r, err };

    return consent_due(r->store, r->now, LIMIT_EXPIRIES, expire_one, &u, err);
}

/* What goes into the ledger: ids, enums, times, hashes, commitments. */
#include "leaf_private.h"
#include "registrar_private.h"

#include <string.h>

#include <sodium.h>

/* A member of any object since leaf_new could not be added. */
static _Thread_local bool lacking;

bool leaf_whole(void)
{
    bool whole = !lacking;

    lacking = false;
    return whole;
}

json_t *leaf_new(struct registrar *r, const char *event_type,
                 const char *subject, const char *policy)
{
    json_t *leaf = json_object();

    (void)leaf_whole();
    leaf_time(leaf, "time", r->now);
    leaf_text(leaf, "event_type", event_type);
    leaf_text(leaf, "subject", subject);
    leaf_text(leaf, "policy", policy);
    return leaf;
}

/* Remembered, and leaf_append refuses: nothing incomplete is ever entered. The
 * value is released also where there is no object. */
static void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        lacking = true;
}

void leaf_text(json_t *leaf, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        put(leaf, key, json_string(value));
}

void leaf_time(json_t *leaf, const char *key, msec time)
{
    char text[TIME_SIZE];

    time_format(text, time);
    put(leaf, key, json_string(text));
}

void leaf_hash(json_t *leaf, const char *key, const uint8_t *hash, size_t len)
{
    char hex[HEX_SIZE(SHA256_LEN)];

    if (len > SHA256_LEN)
        return;
    hex_encode(hex, hash, len);
    put(leaf, key, json_string(hex));
}

void leaf_value(json_t *leaf, const char *key, json_t *value)
{
    put(leaf, key, value);
}

/* NULL could not be made; an empty object is left out. A number or a list has
 * no members either, and is no empty object. */
void leaf_object(json_t *leaf, const char *key, json_t *value)
{
    if (json_is_object(value) && json_object_size(value) == 0)
        json_decref(value);
    else
        put(leaf, key, value);
}

/* What the timeline of a case takes from the ledger, for no row tells it, or
 * all of it: decisions, and what staff did. */
static bool is_history(const char *event)
{
    static const char *const events[] = {
        "case_assigned",        "case_closed",
        "case_completed",       "case_escalated",
        "case_item_received",   "case_prioritised",
        "case_reopened",        "consent_carried",
        "consent_expired",      "consent_given",
        "consent_refused",      "consent_uncarried",
        "consent_withdrawn",    "document_denied",
        "document_moved",       "document_returned",
        "document_sent",        "notice_acknowledged",
        "representation_ended", "representation_declared"
    };

    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strcmp(event, events[i]) == 0)
            return true;
    return false;
}

int leaf_append(struct registrar *r, json_t *leaf, uint64_t *index,
                struct error *err)
{
    const char *event = json_str(leaf, "event_type");
    const char *subject = json_str(leaf, "subject");
    uint64_t at;
    int ok = -1;

    if (!leaf_whole() || event == NULL)
        error_set(err, ERR_NOMEM, "no memory for a ledger entry");
    else
        ok = ledger_append(r->ledger, leaf, &at, err);
    if (ok == 0 && subject != NULL && is_history(event))
        ok = happened_add(r->store, subject, at, err);
    if (ok == 0 && index != NULL)
        *index = at;
    json_decref(leaf);
    return ok;
}

int leaf_enter(struct registrar *r, const char *event_type, const char *subject,
               const char *policy, const struct ledger_text *more, size_t n,
               struct error *err)
{
    struct ledger_text texts[LEDGER_TEXTS_MAX];
    char time[TIME_SIZE];
    size_t at = 0;

    time_format(time, r->now);
    if (n > LEDGER_TEXTS_MAX - 4)
        return error_set(err, ERR_INVARIANT, "an entry of too many texts");
    memcpy(texts, more, n * sizeof(*more));
    at = n;
    texts[at++] = (struct ledger_text){ "event_type", event_type };
    texts[at++] = (struct ledger_text){ "subject", subject };
    texts[at++] = (struct ledger_text){ "policy", policy };
    texts[at++] = (struct ledger_text){ "time", time };
    return ledger_append_texts(r->ledger, texts, at, NULL, err);
}

void leaf_commit(struct registrar *r, const void *value, size_t len,
                 uint8_t salt[static SALT_LEN], char hex[static 65])
{
    crypto_hash_sha256_state state;
    uint8_t hash[SHA256_LEN];

    random_fill(r->random, salt, SALT_LEN);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, salt, SALT_LEN);
    crypto_hash_sha256_update(&state, value, len);
    crypto_hash_sha256_final(&state, hash);
    hex_encode(hex, hash, sizeof(hash));
}

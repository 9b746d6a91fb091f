/* What goes into the ledger: ids, enums, times, hashes, commitments. */
#include "registrar_private.h"

#include <string.h>

#include <sodium.h>

json_t *leaf_new(struct registrar *r, const char *event_type,
                 const char *subject, const char *policy)
{
    json_t *leaf = json_object();

    leaf_time(leaf, "time", r->now);
    leaf_text(leaf, "event_type", event_type);
    leaf_text(leaf, "subject", subject);
    leaf_text(leaf, "policy", policy);
    return leaf;
}

/* A member that could not be added empties the leaf, and leaf_append refuses
 * an empty one: nothing incomplete is ever entered. */
static void put(json_t *leaf, const char *key, json_t *value)
{
    if (leaf != NULL && json_object_set_new(leaf, key, value) != 0)
        json_object_clear(leaf);
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

int leaf_append(struct registrar *r, json_t *leaf, uint64_t *index,
                struct error *err)
{
    int ok = -1;

    if (leaf == NULL || json_object_get(leaf, "event_type") == NULL)
        error_set(err, ERR_NOMEM, "no memory for a ledger entry");
    else
        ok = ledger_append(r->ledger, leaf, index, err);
    json_decref(leaf);
    return ok;
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

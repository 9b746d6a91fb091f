/* What an entry must look like. */
#include "leaf.h"

#include <inttypes.h>
#include <string.h>

#include <sodium.h>

void ledger_leaf_hash(uint8_t out[static LEDGER_HASH_LEN], const void *entry,
                      size_t len)
{
    static const uint8_t prefix = 0;
    crypto_hash_sha256_state state;
    uint8_t small[1024];

    /* Most entries are short, and one call of libcrypto is quicker. */
    if (len < sizeof(small)) {
        small[0] = prefix;
        memcpy(small + 1, entry, len);
        sha256_of(out, small, len + 1);
        return;
    }
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, &prefix, 1);
    (void)crypto_hash_sha256_update(&state, entry, len);
    (void)crypto_hash_sha256_final(&state, out);
}

/* Times have one form, so that two logs of one event are one log. */
static bool is_time(const char *text)
{
    char again[TIME_SIZE];
    msec t;

    if (text == NULL || time_parse(text, &t) != 0)
        return false;
    time_format(again, t);
    return strcmp(again, text) == 0;
}

static bool is_integer(const json_t *value, uint64_t want)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 &&
           (uint64_t)json_integer_value(value) == want;
}

/* What is wrong with the members, or NULL. */
static const char *wrong_member(const json_t *entry, uint64_t index)
{
    if (!json_is_object(entry))
        return "it is no object";
    if (!is_integer(json_object_get(entry, "v"), 1))
        return "\"v\" is not 1";
    if (!is_integer(json_object_get(entry, "index"), index))
        return "\"index\" is not its place in the log";
    if (!is_time(json_str(entry, "time")))
        return "\"time\" is not a time of the form 2026-11-24T00:17:54.123Z";
    return NULL;
}

static int check_form(const json_t *entry, const void *bytes, size_t len,
                      uint64_t index, struct error *e)
{
    struct buf canonical = { 0 };
    int ok = -1;

    if (json_canonical(entry, &canonical) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for entry %" PRIu64, index);
    else if (canonical.len != len || memcmp(canonical.p, bytes, len) != 0)
        (void)error_set(e, ERR_VERIFY,
                        "entry %" PRIu64 ": it is not in canonical form",
                        index);
    else
        ok = 0;
    buf_free(&canonical);
    return ok;
}

int ledger_leaf_check_members(const json_t *entry, size_t len, uint64_t index,
                              struct error *e)
{
    const char *wrong;

    if (len > LIMIT_LEDGER_ENTRY)
        return error_set(e, ERR_VERIFY,
                         "entry %" PRIu64 ": it is longer than %u bytes", index,
                         LIMIT_LEDGER_ENTRY);
    if ((wrong = wrong_member(entry, index)) != NULL)
        return error_set(e, ERR_VERIFY, "entry %" PRIu64 ": %s", index, wrong);
    return 0;
}

int ledger_leaf_check(const void *entry, size_t len, uint64_t index,
                      struct error *e)
{
    json_t *json;
    int ok = -1;

    json = json_parse(entry, len, e);
    if (json == NULL) {
        if (e->code != ERR_NOMEM)
            (void)error_set(e, ERR_VERIFY, "entry %" PRIu64 ": it is not JSON",
                            index);
        goto out;
    }
    if (ledger_leaf_check_members(json, len, index, e) == 0)
        ok = check_form(json, entry, len, index, e);
out:
    json_decref(json);
    return ok;
}

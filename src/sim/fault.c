/* Faults to order: what may be ordered, and which request gets one. */
#include "sim.h"

#include <string.h>

static const char *const keys[] = {
    "at",    "kind",     "media_id",    "person", "times", "skip",
    "bytes", "delay_ms", "bytes_per_s", "status", "code",  "subcode",
    "size",  "url",      "location",    NULL
};

/* Where each kind makes sense; NULL: anywhere. */
static const struct {
    const char *kind, *at;
} kinds[] = {
    { "status", NULL },
    { "garbage", NULL },
    { "token", NULL },
    { "slow", NULL },
    { "hang", NULL },
    { "close", NULL },
    { "expired", "resolve" },
    { "wrong_hash", "resolve" },
    { "no_hash", "resolve" },
    { "base64_hash", "resolve" },
    { "wrong_size", "resolve" },
    { "no_size", "resolve" },
    { "other_host", "resolve" },
    { "redirect", "download" },
    { "cut", "download" },
    { "cut_chunked", "download" },
    { "cut_plain", "download" },
    { "truncated", "download" },
    { "chunked", "download" },
    { "endless", "download" },
    { "wrong_bytes", "download" },
    { "encoded", "download" },
    { "lost_answer", "send" },
    { "pair_limit", "send" },
    { "throughput", "send" },
    { "too_many", "send" },
};

bool sim_fault_is(const json_t *fault, const char *kind)
{
    const char *is = json_str(fault, "kind");
    return is != NULL && strcmp(is, kind) == 0;
}

int64_t sim_fault_number(const json_t *fault, const char *key,
                         int64_t otherwise)
{
    const json_t *value = json_object_get(fault, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static bool place_known(const char *at)
{
    static const char *const places[] = { "resolve", "download", "send",
                                          "delete",  "contact",  "upload" };

    for (size_t i = 0; at != NULL && i < sizeof(places) / sizeof(places[0]);
         i++)
        if (strcmp(at, places[i]) == 0)
            return true;
    return false;
}

static bool kind_known(const char *kind, const char *at)
{
    for (size_t i = 0; kind != NULL && i < sizeof(kinds) / sizeof(kinds[0]);
         i++)
        if (strcmp(kind, kinds[i].kind) == 0)
            return kinds[i].at == NULL || strcmp(at, kinds[i].at) == 0;
    return false;
}

static int check(const json_t *fault, struct error *err)
{
    static const char *const numbers[] = { "times",       "skip",   "bytes",
                                           "delay_ms",    "status", "code",
                                           "bytes_per_s", "size",   "subcode" };
    const char *at = json_str(fault, "at");

    if (sim_keys_known(fault, keys, err) != 0)
        return -1;
    if (!place_known(at))
        return error_set(err, ERR_INPUT,
                         "at: resolve, download, send, delete or contact");
    if (!kind_known(json_str(fault, "kind"), at))
        return error_set(err, ERR_INPUT, "kind: none that %s knows", at);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const json_t *n = json_object_get(fault, numbers[i]);
        if (n != NULL && (!json_is_integer(n) || json_integer_value(n) < 0))
            return error_set(err, ERR_INPUT, "%s: not a number", numbers[i]);
    }
    return 0;
}

int sim_fault_add(struct sim *s, const json_t *fault, json_t *added,
                  struct error *err)
{
    json_t *copy;

    if (check(fault, err) != 0)
        return -1;
    if ((copy = json_deep_copy(fault)) == NULL)
        return error_set(err, ERR_NOMEM, "no memory for a fault");
    pthread_mutex_lock(&s->lock);
    json_object_set_new(copy, "id", json_integer(++s->fault_count));
    json_object_set_new(copy, "hits", json_integer(0));
    json_object_set_new(copy, "seen", json_integer(0));
    json_array_append_new(s->faults, copy);
    json_array_append_new(added, json_deep_copy(copy));
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static bool same(const json_t *fault, const char *key, const char *value)
{
    char room[32];
    const char *want = sim_keys_text(fault, key, room);

    return want == NULL || (value != NULL && strcmp(want, value) == 0);
}

static bool fits(json_t *fault, const char *at, const char *media_id,
                 const char *person)
{
    int64_t times = sim_fault_number(fault, "times", 1);
    int64_t hits = sim_fault_number(fault, "hits", 0);
    int64_t seen = sim_fault_number(fault, "seen", 0);
    const char *place = json_str(fault, "at");

    if (place == NULL || strcmp(place, at) != 0 ||
        !same(fault, "media_id", media_id) || !same(fault, "person", person) ||
        (times != 0 && hits >= times))
        return false;
    json_object_set_new(fault, "seen", json_integer(seen + 1));
    if (seen < sim_fault_number(fault, "skip", 0))
        return false;
    json_object_set_new(fault, "hits", json_integer(hits + 1));
    return true;
}

json_t *sim_fault_take(struct sim *s, const char *at, const char *media_id,
                       const char *person)
{
    json_t *found = NULL, *fault;
    size_t i;

    pthread_mutex_lock(&s->lock);
    json_array_foreach(s->faults, i, fault)
    {
        if (found == NULL && fits(fault, at, media_id, person))
            found = json_deep_copy(fault);
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

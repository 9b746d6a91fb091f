/*
 * JSON of outsiders. What json_parse takes has at most LIMIT_JSON_DEPTH
 * levels, its canonical form is JSON that we take again, and that form is a
 * fixed point: the same bytes for ever. A refusal quotes nothing. The reader
 * without a tree says the same of every input.
 */
#include "fuzz.h"
#include "json_same.h"

/* What a look takes is canonical to who parses it, member by member. */
static bool look_agrees(const json_t *value, const uint8_t *data, size_t size,
                        const struct buf *canonical)
{
    struct json_look look;
    const char *event;

    if (!json_look(data, size, &look))
        return true;
    if (value == NULL || canonical->len != size ||
        memcmp(canonical->p, data, size) != 0)
        return false;
    event = json_str(value, "event_type");
    if (event != NULL)
        return look.event_type.string && strlen(event) == look.event_type.len &&
               memcmp(event, look.event_type.p, look.event_type.len) == 0;
    return !look.event_type.string;
}

static size_t depth_of(const json_t *value)
{
    size_t deepest = 0, i;
    const char *key;
    json_t *item;

    if (!json_is_array(value) && !json_is_object(value))
        return 0;
    json_array_foreach(value, i, item)
    {
        size_t d = depth_of(item);
        deepest = d > deepest ? d : deepest;
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
    {
        size_t d = depth_of(item);
        deepest = d > deepest ? d : deepest;
    }
    return deepest + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    struct buf once = { 0 }, twice = { 0 };
    json_t *value = json_parse(data, size, &e), *again;

    FUZZ_CHECK(json_scan_agrees(value, data, size));
    if (value == NULL) {
        FUZZ_CHECK(look_agrees(NULL, data, size, &once));
        FUZZ_CHECK(e.code == ERR_INPUT && e.text[0] != '\0');
        return 0;
    }
    FUZZ_CHECK(depth_of(value) <= LIMIT_JSON_DEPTH);

    FUZZ_CHECK(json_canonical(value, &once) == 0);
    FUZZ_CHECK(utf8_valid((const char *)once.p, once.len));
    FUZZ_CHECK(look_agrees(value, data, size, &once));
    again = json_parse(once.p, once.len, &e);
    FUZZ_CHECK(again != NULL);
    FUZZ_CHECK(json_canonical(again, &twice) == 0);
    FUZZ_CHECK(once.len == twice.len && memcmp(once.p, twice.p, once.len) == 0);

    json_decref(again);
    json_decref(value);
    buf_free(&once);
    buf_free(&twice);
    return 0;
}

/* Small help with JSON and ids. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

int sim_keys_known(const json_t *object, const char *const *keys,
                   struct error *err)
{
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return error_set(err, ERR_INPUT, "not an object");
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        size_t i = 0;

        while (keys[i] != NULL && strcmp(keys[i], key) != 0)
            i++;
        if (keys[i] == NULL)
            return error_set(err, ERR_INPUT, "unknown key: %.80s", key);
    }
    return 0;
}

const char *sim_keys_text(const json_t *object, const char *key, char *room)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_string(value))
        return json_string_value(value);
    if (!json_is_integer(value))
        return NULL;
    (void)snprintf(room, 32, "%lld", (long long)json_integer_value(value));
    return room;
}

void sim_keys_now(json_t *object, const char *key)
{
    char text[TIME_SIZE];

    time_format(text, clock_now(&clock_system));
    json_object_set_new(object, key, json_string(text));
}

void sim_keys_wamid(char out[static SIM_WAMID])
{
    uint8_t random[30];

    random_fill(&random_system, random, sizeof(random));
    memcpy(out, "wamid.", 6);
    base64_encode(out + 6, random, sizeof(random), true);
}

/* One message from a customer, from its description to Meta's element. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

static const char *const keys[] = {
    "from",       "user_id",    "parent_user_id",  "username",
    "name",       "id",         "timestamp",       "type",
    "text",       "media_id",   "caption",         "filename",
    "mime_type",  "voice",      "sha256",          "url",
    "button_id",  "title",      "description",     "context",
    "message_id", "emoji",      "phone_number_id", "waba_id",
    "object",     "parallel",   "duplicate",       "shuffle",
    "attempts",   "timeout_ms", "batch",           NULL
};

static const char *text(const json_t *m, const char *key, const char *otherwise)
{
    const char *value = json_str(m, key);
    return value != NULL ? value : otherwise;
}

static void put(json_t *o, const char *key, const char *value)
{
    if (value != NULL)
        json_object_set_new(o, key, json_string(value));
}

static bool is_any(const char *type, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(type, *list) == 0)
            return true;
    return false;
}

/* What the webhook says of the hash: right, wrong, none, or as ordered. */
static void put_hash(json_t *body, const json_t *m, const json_t *media)
{
    const json_t *wanted = json_object_get(m, "sha256");
    const char *right = json_str(media, "sha256_base64");
    const char *word = json_string_value(wanted);

    if (json_is_null(wanted))
        return;
    if (word != NULL && strcmp(word, "wrong") == 0)
        put(body, "sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    else
        put(body, "sha256", word != NULL ? word : right);
}

static json_t *media_body(struct sim *s, const json_t *m, const char *type)
{
    char room[32];
    const char *id = sim_keys_text(m, "media_id", room);
    json_t *body = json_object();
    json_t *media = id != NULL ? sim_media_describe(s, id) : NULL;
    const json_t *url = json_object_get(m, "url");
    const char *mime = json_str(media, "mime_type");

    put(body, "id", id);
    put(body, "mime_type", text(m, "mime_type", mime));
    put_hash(body, m, media);
    put(body, "caption", json_str(m, "caption"));
    put(body, "filename",
        text(m, "filename",
             strcmp(type, "document") == 0 ? json_str(media, "filename")
                                           : NULL));
    if (strcmp(type, "audio") == 0)
        json_object_set_new(
            body, "voice",
            json_boolean(json_is_true(json_object_get(m, "voice"))));
    if (strcmp(type, "sticker") == 0)
        json_object_set_new(body, "animated", json_false());
    if (json_is_true(url) && id != NULL) {
        char *ready = sim_media_url(s, id);
        put(body, "url", ready);
        free(ready);
    } else {
        put(body, "url", json_string_value(url));
    }
    json_decref(media);
    return body;
}

/* A tap on a button or a row. */
static void put_reply(json_t *element, const json_t *m, const char *type)
{
    json_t *reply =
        json_pack("{s:s,s:s}", "id", text(m, "button_id", ""), "title",
                  text(m, "title", text(m, "button_id", "")));

    put(reply, "description", json_str(m, "description"));
    json_object_set_new(element, "type", json_string("interactive"));
    json_object_set_new(element, "interactive",
                        json_pack("{s:s,s:o}", "type", type, type, reply));
}

static void put_body(struct sim *s, json_t *element, const json_t *m,
                     const char *type)
{
    static const char *const media[] = { "image", "document", "audio",
                                         "video", "sticker",  NULL };

    json_object_set_new(element, "type", json_string(type));
    if (is_any(type, media))
        json_object_set_new(element, type, media_body(s, m, type));
    else if (strcmp(type, "text") == 0)
        json_object_set_new(element, "text",
                            json_pack("{s:s}", "body", text(m, "text", "")));
    else if (strcmp(type, "button_reply") == 0 ||
             strcmp(type, "list_reply") == 0)
        put_reply(element, m, type);
    else if (strcmp(type, "button") == 0)
        json_object_set_new(element, "button",
                            json_pack("{s:s,s:s}", "payload",
                                      text(m, "button_id", ""), "text",
                                      text(m, "title", "")));
    else if (strcmp(type, "reaction") == 0) {
        json_t *reaction = json_pack("{s:s}", "message_id",
                                     text(m, "message_id", "wamid.UNKNOWN"));
        put(reaction, "emoji", json_str(m, "emoji"));
        json_object_set_new(element, "reaction", reaction);
    }
}

static void put_context(struct sim *s, json_t *element, const json_t *m)
{
    json_t *context = json_object_get(m, "context");
    char *ours;

    if (json_is_object(context))
        json_object_set(element, "context", context);
    if (!json_is_string(context))
        return;
    ours = sim_state_text(s, "display_phone_number");
    json_object_set_new(element, "context",
                        json_pack("{s:s,s:O}", "from", ours, "id", context));
    free(ours);
}

/* `object` of the description: replaces, adds, null removes. */
static void lay_over(json_t *element, json_t *over)
{
    const char *key;
    json_t *value;

    json_object_foreach(over, key, value)
    {
        if (json_is_null(value))
            json_object_del(element, key);
        else
            json_object_set(element, key, value);
    }
}

static json_t *contact_of(const json_t *m, const char *from)
{
    json_t *contact = json_object(), *profile = json_object();

    put(contact, "wa_id", from);
    put(contact, "user_id", json_str(m, "user_id"));
    put(contact, "parent_user_id", json_str(m, "parent_user_id"));
    put(profile, "name", text(m, "name", "Sim"));
    put(profile, "username", json_str(m, "username"));
    if (!json_is_null(json_object_get(m, "name")))
        json_object_set(contact, "profile", profile);
    json_decref(profile);
    return contact;
}

/* When this person last wrote, under each of their names. */
static void remember(struct sim *s, const json_t *m, const char *timestamp)
{
    const char *names[] = { json_str(m, "from"), json_str(m, "user_id") };
    int64_t at = 0;

    (void)decimal_parse(timestamp, strlen(timestamp), INT64_MAX, &at);
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < 2; i++)
        if (names[i] != NULL &&
            json_integer_value(json_object_get(s->last_inbound, names[i])) < at)
            json_object_set_new(s->last_inbound, names[i], json_integer(at));
    pthread_mutex_unlock(&s->lock);
}

static json_t *start(struct sim *s, const json_t *m, const char *from)
{
    char wamid[SIM_WAMID], now[32], room[32];
    const char *time = sim_keys_text(m, "timestamp", room);
    json_t *element = json_object();

    sim_keys_wamid(wamid);
    (void)snprintf(now, sizeof(now), "%lld",
                   (long long)(clock_now(&clock_system) / MSEC_S));
    time = time != NULL ? time : now;
    put(element, "from", from);
    put(element, "from_user_id", json_str(m, "user_id"));
    put(element, "from_parent_user_id", json_str(m, "parent_user_id"));
    put(element, "id", text(m, "id", wamid));
    put(element, "timestamp", time);
    remember(s, m, time);
    return element;
}

json_t *sim_inbound_value(struct sim *s, const json_t *m, json_t **element,
                          struct error *err)
{
    const char *type = text(m, "type", "text"), *from = json_str(m, "from");
    json_t *over = json_object_get(m, "object"), *value;

    if (sim_keys_known(m, keys, err) != 0)
        return NULL;
    if (over != NULL && !json_is_object(over)) {
        error_set(err, ERR_INPUT, "object: not an object");
        return NULL;
    }
    if (json_str(m, "user_id") != NULL && !sim_state_flag(s, "send_phone"))
        from = NULL;
    *element = start(s, m, from);
    put_body(s, *element, m, type);
    put_context(s, *element, m);
    lay_over(*element, over);

    value = json_pack("{s:[o]}", "messages", *element);
    if (strcmp(type, "system") != 0)
        json_object_set_new(value, "contacts",
                            json_pack("[o]", contact_of(m, from)));
    return value;
}

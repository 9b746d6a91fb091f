/* Everything the simulator knows, and its configuration. */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char defaults[] =
    "{\"webhook_url\":null,\"app_secret\":\"sim-app-secret\","
    "\"access_token\":\"sim-access-token\","
    "\"verify_token\":\"sim-verify-token\","
    "\"phone_number_id\":\"106540352242922\",\"other_numbers\":[],"
    "\"display_phone_number\":\"576015550100\",\"waba_id\":\"7001\","
    "\"require_proof\":true,\"statuses\":[\"sent\",\"delivered\"],"
    "\"status_delay_ms\":20,\"url_lifetime_s\":300,"
    "\"media_lifetime_s\":604800,\"window_s\":86400,"
    "\"file_size_string\":false,\"send_phone\":true}";

static void forget(struct sim *s)
{
    json_t **lists[] = { &s->log, &s->sent, &s->faults, &s->elsewhere_log };

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        json_decref(*lists[i]);
        *lists[i] = json_array();
    }
    json_decref(s->last_inbound);
    s->last_inbound = json_object();
    while (s->statuses != NULL) {
        struct sim_status *next = s->statuses->next;
        json_decref(s->statuses->sent);
        free(s->statuses);
        s->statuses = next;
    }
    sim_media_forget(s);
}

int sim_state_open(struct sim *s, struct error *err)
{
    pthread_mutex_init(&s->lock, NULL);
    (void)clock_cond_init(&s->changed);
    random_fill(&random_system, s->url_key, sizeof(s->url_key));
    forget(s);
    if ((s->config = json_parse(defaults, sizeof(defaults) - 1, err)) == NULL)
        return -1;
    return 0;
}

void sim_state_close(struct sim *s)
{
    json_t **values[] = { &s->log,           &s->sent,         &s->faults,
                          &s->elsewhere_log, &s->last_inbound, &s->config };

    forget(s);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        json_decref(*values[i]);
        *values[i] = NULL;
    }
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
}

void sim_state_reset(struct sim *s, bool config_too)
{
    struct error err;
    json_t *fresh;

    pthread_mutex_lock(&s->lock);
    while (s->posting && !s->closing)
        pthread_cond_wait(&s->changed, &s->lock);
    forget(s);
    if (config_too &&
        (fresh = json_parse(defaults, sizeof(defaults) - 1, &err)) != NULL) {
        json_decref(s->config);
        s->config = fresh;
    }
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* Same type as the default; webhook_url may be null. */
static int check_value(const char *key, const json_t *now, const json_t *value,
                       struct error *err)
{
    bool text = strcmp(key, "webhook_url") == 0 || json_is_string(now);
    bool fine;

    if (now == NULL)
        return error_set(err, ERR_INPUT, "unknown key: %.80s", key);
    if (text)
        fine = json_is_string(value) ||
               (json_is_null(value) && strcmp(key, "webhook_url") == 0);
    else if (json_is_boolean(now))
        fine = json_is_boolean(value);
    else if (json_is_array(now))
        fine = json_is_array(value);
    else
        fine = json_is_integer(value) && json_integer_value(value) >= 0;
    return fine ? 0 : error_set(err, ERR_INPUT, "%s: wrong type", key);
}

int sim_state_configure(struct sim *s, const json_t *wanted, struct error *err)
{
    json_t *o = (json_t *)(uintptr_t)wanted;
    const char *key;
    json_t *value;
    int ok = 0;

    if (!json_is_object(wanted))
        return error_set(err, ERR_INPUT, "not an object");
    pthread_mutex_lock(&s->lock);
    json_object_foreach(o, key, value)
    {
        if (ok == 0)
            ok = check_value(key, json_object_get(s->config, key), value, err);
    }
    if (ok == 0)
        json_object_update(s->config, o);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

char *sim_state_text(struct sim *s, const char *key)
{
    const char *text;
    char *copy;

    pthread_mutex_lock(&s->lock);
    text = json_string_value(json_object_get(s->config, key));
    copy = strdup(text != NULL ? text : "");
    pthread_mutex_unlock(&s->lock);
    if (copy == NULL)
        abort();
    return copy;
}

bool sim_state_ours(struct sim *s, const char *number)
{
    const json_t *others, *one;
    const char *first;
    size_t i;
    bool ours;

    pthread_mutex_lock(&s->lock);
    first = json_str(s->config, "phone_number_id");
    others = json_object_get(s->config, "other_numbers");
    ours = first != NULL && strcmp(first, number) == 0;
    json_array_foreach((json_t *)(uintptr_t)others, i, one) ours =
        ours ||
        (json_is_string(one) && strcmp(json_string_value(one), number) == 0);
    pthread_mutex_unlock(&s->lock);
    return ours;
}

int64_t sim_state_number(struct sim *s, const char *key)
{
    int64_t value;

    pthread_mutex_lock(&s->lock);
    value = json_integer_value(json_object_get(s->config, key));
    pthread_mutex_unlock(&s->lock);
    return value;
}

bool sim_state_flag(struct sim *s, const char *key)
{
    bool value;

    pthread_mutex_lock(&s->lock);
    value = json_is_true(json_object_get(s->config, key));
    pthread_mutex_unlock(&s->lock);
    return value;
}

json_t *sim_state_config(struct sim *s)
{
    json_t *copy;

    pthread_mutex_lock(&s->lock);
    copy = json_deep_copy(s->config);
    pthread_mutex_unlock(&s->lock);
    return copy;
}

bool sim_state_wait(struct sim *s, msec until)
{
    struct timespec at = { .tv_sec = until / MSEC_S,
                           .tv_nsec = until % MSEC_S * 1000000 };

    return pthread_cond_timedwait(&s->changed, &s->lock, &at) != ETIMEDOUT;
}

void sim_state_pause(struct sim *s, int64_t ms)
{
    msec until = clock_monotonic() + ms;

    pthread_mutex_lock(&s->lock);
    while (!s->closing && clock_monotonic() < until)
        (void)sim_state_wait(s, until);
    pthread_mutex_unlock(&s->lock);
}

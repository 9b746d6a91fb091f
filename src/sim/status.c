/* Status webhooks: after an accepted message by themselves, or by hand. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define ATTEMPTS 6
#define RETRY_MS 100

void sim_status_queue(struct sim *s, json_t *sent)
{
    const json_t *list = json_object_get(s->config, "statuses"), *word;
    int64_t delay =
        json_integer_value(json_object_get(s->config, "status_delay_ms"));
    msec due = clock_monotonic();
    size_t i;

    if (!json_is_string(json_object_get(s->config, "webhook_url")))
        return;
    json_array_foreach(list, i, word)
    {
        struct sim_status *st = calloc(1, sizeof(*st)), **end = &s->statuses;

        if (st == NULL || !json_is_string(word)) {
            free(st);
            continue;
        }
        due += delay;
        st->due = due;
        st->sent = json_incref(sent);
        (void)snprintf(st->status, sizeof(st->status), "%s",
                       json_string_value(word));
        while (*end != NULL)
            end = &(*end)->next;
        *end = st;
    }
}

static void copy_if(json_t *to, const char *as, const json_t *from,
                    const char *key)
{
    json_t *value = json_object_get(from, key);

    if (value != NULL && !json_is_null(value))
        json_object_set(to, as, value);
}

/* The entry of a message of ours; under the lock. */
static json_t *find_sent(struct sim *s, const char *wamid)
{
    json_t *entry;
    size_t i;

    json_array_foreach(s->sent, i, entry)
    {
        const char *id = json_str(entry, "id");
        if (id != NULL && wamid != NULL && strcmp(id, wamid) == 0)
            return entry;
    }
    return NULL;
}

/* contacts and prices, as they come with what is no failure. */
static json_t *value_of(json_t *status, const char *word)
{
    json_t *value = json_pack("{s:[O]}", "statuses", status);
    json_t *contact = json_object();

    copy_if(contact, "wa_id", status, "recipient_id");
    copy_if(contact, "user_id", status, "recipient_user_id");
    if (strcmp(word, "failed") != 0 && json_object_size(contact) > 0)
        json_object_set_new(value, "contacts", json_pack("[O]", contact));
    json_decref(contact);
    json_decref(status);
    return value;
}

json_t *sim_status_value(struct sim *s, const json_t *in, struct error *err)
{
    static const char *const keys[] = {
        "id",       "status",     "timestamp",     "recipient",
        "user_id",  "errors",     "callback_data", "phone_number_id",
        "waba_id",  "parallel",   "duplicate",     "shuffle",
        "attempts", "timeout_ms", "batch",         NULL
    };
    char room[32], now[32], person[192] = "";
    const char *word = json_str(in, "status"), *time;
    json_t *out, *sent;

    if (sim_keys_known(in, keys, err) != 0)
        return NULL;
    if (word == NULL) {
        error_set(err, ERR_INPUT, "status: sent, delivered, read, failed …");
        return NULL;
    }
    (void)snprintf(now, sizeof(now), "%lld",
                   (long long)(clock_now(&clock_system) / MSEC_S));
    time = sim_keys_text(in, "timestamp", room);
    out = json_pack("{s:s,s:s}", "status", word, "timestamp",
                    time != NULL ? time : now);
    copy_if(out, "id", in, "id");

    pthread_mutex_lock(&s->lock);
    if ((sent = find_sent(s, json_str(in, "id"))) != NULL) {
        sim_check_person(sent, person, sizeof(person));
        json_object_set_new(out,
                            json_str(sent, "to") != NULL ? "recipient_id"
                                                         : "recipient_user_id",
                            json_string(person));
        copy_if(out, "biz_opaque_callback_data", sent, "callback_data");
    }
    pthread_mutex_unlock(&s->lock);
    copy_if(out, "recipient_id", in, "recipient");
    copy_if(out, "recipient_user_id", in, "user_id");
    copy_if(out, "biz_opaque_callback_data", in, "callback_data");
    copy_if(out, "errors", in, "errors");
    return value_of(out, word);
}

/* The first that is due, out of the list; waits for one. NULL: closing. */
static struct sim_status *next_due(struct sim *s)
{
    for (;;) {
        struct sim_status **link, **first = NULL, *st;

        if (s->closing)
            return NULL;
        for (link = &s->statuses; *link != NULL; link = &(*link)->next)
            if (first == NULL || (*link)->due < (*first)->due)
                first = link;
        if (first == NULL) {
            pthread_cond_wait(&s->changed, &s->lock);
        } else if ((*first)->due > clock_monotonic()) {
            (void)sim_state_wait(s, (*first)->due);
        } else {
            st = *first;
            *first = st->next;
            st->next = NULL;
            s->posting = true;
            return st;
        }
    }
}

static int post(struct sim *s, const struct sim_status *st)
{
    struct error err;
    json_t *in = json_pack("{s:s,s:s}", "id", json_str(st->sent, "id"),
                           "status", st->status);
    json_t *value;

    if (strcmp(st->status, "failed") == 0)
        json_object_set_new(in, "errors",
                            json_pack("[{s:i,s:s}]", "code", 131026, "title",
                                      "Message undeliverable"));
    value = sim_status_value(s, in, &err);
    json_decref(in);
    return value != NULL ? sim_deliver_value(
                               s, json_str(st->sent, "phone_number_id"), value)
                         : 0;
}

/* Meta tries again when it is not answered 200; so do we, for a while. */
void *sim_status_loop(void *arg)
{
    struct sim *s = arg;
    struct sim_status *st;

    pthread_mutex_lock(&s->lock);
    while ((st = next_due(s)) != NULL) {
        int status;

        pthread_mutex_unlock(&s->lock);
        status = post(s, st);
        pthread_mutex_lock(&s->lock);
        s->posting = false;
        if (status != 200 && ++st->attempts < ATTEMPTS) {
            st->due = clock_monotonic() + (RETRY_MS << st->attempts);
            st->next = s->statuses;
            s->statuses = st;
        } else {
            json_array_append_new(json_object_get(st->sent, "statuses"),
                                  json_pack("{s:s,s:i}", "status", st->status,
                                            "webhook", status));
            json_decref(st->sent);
            free(st);
        }
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* The control routes that tell what happened, and wait for it to happen. */
#include "sim.h"

#include <string.h>

#define DEFAULT_IDLE_MS 5000

typedef bool fits(const struct sim_request *, const json_t *entry);

static bool same(const struct sim_request *req, const char *query,
                 const json_t *entry, const char *key)
{
    const char *want = sim_http_query(req, query);
    const char *have = json_str(entry, key);

    return want == NULL || (have != NULL && strcmp(want, have) == 0);
}

static bool fits_sent(const struct sim_request *req, const json_t *entry)
{
    const char *person = sim_http_query(req, "person");
    const char *accepted = sim_http_query(req, "accepted");
    char who[192];

    if (accepted != NULL &&
        (strcmp(accepted, "true") == 0) !=
            json_is_true(json_object_get(entry, "accepted")))
        return false;
    sim_check_person(entry, who, sizeof(who));
    return person == NULL || strcmp(person, who) == 0;
}

static bool fits_log(const struct sim_request *req, const json_t *entry)
{
    return same(req, "kind", entry, "kind") &&
           same(req, "media_id", entry, "media_id");
}

static json_t *pick(const struct sim_request *req, const json_t *list,
                    fits *fit)
{
    int64_t since = sim_http_number(req, "since", 0, INT64_MAX);
    json_t *out = json_array(), *entry;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)list, i, entry)
    {
        if ((int64_t)i >= since && fit(req, entry))
            json_array_append_new(out, json_deep_copy(entry));
    }
    return out;
}

/* Waits for as many entries as asked for; the list may be replaced. */
static void answer(struct sim_request *req, struct sim_reply *reply,
                   json_t *const *list, fits *fit)
{
    struct sim *s = req->sim;
    msec until =
        clock_monotonic() + sim_http_number(req, "wait_ms", 0, SIM_WAIT_MS);
    size_t count = (size_t)sim_http_number(req, "count", 1, 100000);
    json_t *out;

    pthread_mutex_lock(&s->lock);
    out = pick(req, *list, fit);
    while (json_array_size(out) < count && !s->closing &&
           clock_monotonic() < until) {
        (void)sim_state_wait(s, until);
        json_decref(out);
        out = pick(req, *list, fit);
    }
    pthread_mutex_unlock(&s->lock);
    sim_http_json(reply, MHD_HTTP_OK, out);
}

void sim_query_sent(struct sim_request *req, struct sim_reply *reply)
{
    answer(req, reply, &req->sim->sent, fits_sent);
}

void sim_query_log(struct sim_request *req, struct sim_reply *reply)
{
    answer(req, reply, &req->sim->log, fits_log);
}

void sim_query_idle(struct sim_request *req, struct sim_reply *reply)
{
    struct sim *s = req->sim;
    msec until = clock_monotonic() +
                 sim_http_number(req, "wait_ms", DEFAULT_IDLE_MS, SIM_WAIT_MS);
    bool idle;

    pthread_mutex_lock(&s->lock);
    for (;;) {
        idle = s->busy == 0 && s->statuses == NULL && !s->posting;
        if (idle || s->closing || clock_monotonic() >= until)
            break;
        (void)sim_state_wait(s, until);
    }
    pthread_mutex_unlock(&s->lock);
    sim_http_json(reply, MHD_HTTP_OK, json_pack("{s:b}", "idle", idle ? 1 : 0));
}

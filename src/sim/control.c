/* The control side: one table of routes. */
#include "sim.h"

#include <string.h>

typedef void handler(struct sim_request *, struct sim_reply *);

static void get_config(struct sim_request *req, struct sim_reply *reply)
{
    sim_http_json(reply, MHD_HTTP_OK, sim_state_config(req->sim));
}

static void set_config(struct sim_request *req, struct sim_reply *reply)
{
    struct error err = { 0 };
    json_t *in = json_parse(req->body.p, req->body.len, &err);

    if (in == NULL || sim_state_configure(req->sim, in, &err) != 0)
        sim_http_error(reply, MHD_HTTP_BAD_REQUEST, "%s", err.text);
    else
        get_config(req, reply);
    json_decref(in);
}

static void verify(struct sim_request *req, struct sim_reply *reply)
{
    struct error err = { 0 };
    json_t *in = req->body.len > 0
                     ? json_parse(req->body.p, req->body.len, &err)
                     : json_object();
    json_t *answer =
        in != NULL ? sim_deliver_handshake(req->sim, in, &err) : NULL;

    if (answer != NULL)
        sim_http_json(reply, MHD_HTTP_OK, answer);
    else
        sim_http_error(reply, MHD_HTTP_BAD_REQUEST, "%s", err.text);
    json_decref(in);
}

static void add_media(struct sim_request *req, struct sim_reply *reply)
{
    sim_http_json(reply, MHD_HTTP_CREATED,
                  sim_media_add(req->sim, req->body.p, req->body.len,
                                sim_http_query(req, "mime_type"),
                                sim_http_query(req, "filename")));
}

static void list_media(struct sim_request *req, struct sim_reply *reply)
{
    sim_http_json(reply, MHD_HTTP_OK, sim_media_describe(req->sim, NULL));
}

static void one_media(struct sim_request *req, struct sim_reply *reply)
{
    json_t *media = sim_media_describe(req->sim, req->path + 11);

    if (media != NULL)
        sim_http_json(reply, MHD_HTTP_OK, media);
    else
        sim_http_error(reply, MHD_HTTP_NOT_FOUND, "no such file");
}

static void add_faults(struct sim_request *req, struct sim_reply *reply)
{
    static const char *const keys[] = { "faults", NULL };
    struct error err = { 0 };
    json_t *in = json_parse(req->body.p, req->body.len, &err), *fault;
    json_t *list = json_object_get(in, "faults"), *added = json_array();
    size_t i;
    int ok = in != NULL ? 0 : -1;

    if (ok == 0 && list == NULL)
        ok = sim_fault_add(req->sim, in, added, &err);
    else if (ok == 0)
        ok = sim_keys_known(in, keys, &err);
    json_array_foreach(list, i, fault)
    {
        if (ok == 0)
            ok = sim_fault_add(req->sim, fault, added, &err);
    }
    if (ok == 0)
        sim_http_json(reply, MHD_HTTP_CREATED,
                      json_pack("{s:O}", "faults", added));
    else
        sim_http_error(reply, MHD_HTTP_BAD_REQUEST, "%s", err.text);
    json_decref(added);
    json_decref(in);
}

static void list_faults(struct sim_request *req, struct sim_reply *reply)
{
    json_t *copy;

    pthread_mutex_lock(&req->sim->lock);
    copy = json_deep_copy(req->sim->faults);
    pthread_mutex_unlock(&req->sim->lock);
    sim_http_json(reply, MHD_HTTP_OK, copy);
}

static void elsewhere(struct sim_request *req, struct sim_reply *reply)
{
    json_t *copy;

    pthread_mutex_lock(&req->sim->lock);
    copy = json_deep_copy(req->sim->elsewhere_log);
    pthread_mutex_unlock(&req->sim->lock);
    sim_http_json(reply, MHD_HTTP_OK,
                  json_pack("{s:s,s:o}", "url", req->sim->elsewhere_url,
                            "requests", copy));
}

static void reset(struct sim_request *req, struct sim_reply *reply)
{
    const char *config = sim_http_query(req, "config");

    sim_state_reset(req->sim, config != NULL && strcmp(config, "true") == 0);
    sim_http_json(reply, MHD_HTTP_OK, json_pack("{s:b}", "ok", 1));
}

static const struct {
    const char *method, *path;
    handler *handle;
} routes[] = {
    { "GET", "/sim/config", get_config },
    { "POST", "/sim/config", set_config },
    { "POST", "/sim/verify", verify },
    { "GET", "/sim/media", list_media },
    { "POST", "/sim/media", add_media },
    { "GET", "/sim/media/", one_media }, /* and what follows */
    { "POST", "/sim/message", sim_conversation_message },
    { "POST", "/sim/status", sim_conversation_status },
    { "POST", "/sim/raw", sim_conversation_raw },
    { "GET", "/sim/sent", sim_query_sent },
    { "GET", "/sim/log", sim_query_log },
    { "GET", "/sim/idle", sim_query_idle },
    { "GET", "/sim/faults", list_faults },
    { "POST", "/sim/faults", add_faults },
    { "GET", "/sim/elsewhere", elsewhere },
    { "POST", "/sim/reset", reset },
};

static bool matches(const char *route, const char *path)
{
    size_t n = strlen(route);

    if (route[n - 1] == '/')
        return strncmp(route, path, n) == 0 && path[n] != '\0';
    return strcmp(route, path) == 0;
}

bool sim_control_handle(struct sim_request *req, struct sim_reply *reply)
{
    bool known = false;

    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (!matches(routes[i].path, req->path))
            continue;
        known = true;
        if (strcmp(routes[i].method, req->method) == 0) {
            routes[i].handle(req, reply);
            return true;
        }
    }
    if (known)
        sim_http_error(reply, MHD_HTTP_METHOD_NOT_ALLOWED, "wrong method");
    return known;
}

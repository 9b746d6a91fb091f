/* POST …/messages: judged, kept, answered, followed by its statuses. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define PERSON 192

/* Free-form messages are for people who wrote a short while ago. */
static void check_window(struct sim *s, const json_t *m, const char *person,
                         struct sim_refusal *r)
{
    int64_t window = sim_state_number(s, "window_s"), last;
    const char *type = json_str(m, "type");

    if (r->http != 0 || window == 0 ||
        (type != NULL && strcmp(type, "template") == 0))
        return;
    pthread_mutex_lock(&s->lock);
    last = json_integer_value(json_object_get(s->last_inbound, person));
    pthread_mutex_unlock(&s->lock);
    if (clock_now(&clock_system) / MSEC_S - last <= window)
        return;
    r->http = MHD_HTTP_BAD_REQUEST;
    r->code = 131047;
    (void)snprintf(r->details, sizeof(r->details),
                   "more than %lld s since the person last wrote",
                   (long long)window);
}

static json_t *buttons_of(const json_t *m)
{
    const json_t *list = json_object_get(
        json_object_get(json_object_get(m, "interactive"), "action"),
        "buttons");
    json_t *out = json_array(), *button;
    size_t i;

    json_array_foreach(list, i, button)
    {
        json_array_append(out, json_object_get(button, "reply"));
    }
    return out;
}

static const char *text_of(const json_t *m)
{
    const char *text = json_str(json_object_get(m, "text"), "body");

    if (text != NULL)
        return text;
    return json_str(json_object_get(json_object_get(m, "interactive"), "body"),
                    "text");
}

/* The entry of GET /sim/sent; statuses are queued when accepted. */
static void keep(struct sim *s, const json_t *m, const char *number,
                 const char *wamid, int refused)
{
    json_t *e = json_pack(
        "{s:b,s:s?,s:s?,s:s?,s:s?,s:s?,s:o,s:s?,s:s?,s:s,s:[],s:O}", "accepted",
        refused == 0, "id", wamid, "to", json_str(m, "to"), "recipient",
        json_str(m, "recipient"), "type", json_str(m, "type"), "text",
        text_of(m), "buttons", buttons_of(m), "callback_data",
        json_str(m, "biz_opaque_callback_data"), "context",
        json_str(json_object_get(m, "context"), "message_id"),
        "phone_number_id", number, "statuses", "request", m);

    if (e == NULL)
        return;
    json_object_set_new(e, "error",
                        refused == 0 ? json_null() : json_integer(refused));
    sim_keys_now(e, "time");
    pthread_mutex_lock(&s->lock);
    json_object_set_new(e, "index",
                        json_integer((json_int_t)json_array_size(s->sent)));
    json_array_append(s->sent, e);
    if (refused == 0)
        sim_status_queue(s, e);
    json_decref(e);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void accept_one(struct sim_request *req, struct sim_reply *reply,
                       const json_t *m, const char *number, const char *person)
{
    char wamid[SIM_WAMID];
    const char *to = json_str(m, "to");
    json_t *contact;

    sim_keys_wamid(wamid);
    keep(req->sim, m, number, wamid, 0);
    contact = json_pack("{s:s,s:s}", "input", to != NULL ? to : person,
                        to != NULL ? "wa_id" : "user_id", person);
    sim_http_json(reply, MHD_HTTP_OK,
                  json_pack("{s:s,s:[o],s:[{s:s}]}", "messaging_product",
                            "whatsapp", "contacts", contact, "messages", "id",
                            wamid));
}

static void refuse(struct sim_request *req, struct sim_reply *reply,
                   const json_t *m, const char *number,
                   const struct sim_refusal *r)
{
    char message[64];

    keep(req->sim, m, number, NULL, r->code);
    (void)snprintf(message, sizeof(message), "(#%d) refused", r->code);
    sim_graphside_error(reply, r->http, r->code, 0, message, r->details);
}

/* Limits that are ordered rather than counted. */
static void ordered(const json_t *fault, struct sim_refusal *r)
{
    bool many = sim_fault_is(fault, "too_many");

    if (!many && !sim_fault_is(fault, "pair_limit") &&
        !sim_fault_is(fault, "throughput"))
        return;
    r->http = many ? MHD_HTTP_TOO_MANY_REQUESTS : MHD_HTTP_BAD_REQUEST;
    r->code = sim_fault_is(fault, "pair_limit") ? 131056 : 130429;
    (void)snprintf(r->details, sizeof(r->details), "ordered fault");
}

static bool is_read_mark(const json_t *m)
{
    const char *status = json_str(m, "status");
    return status != NULL && strcmp(status, "read") == 0 &&
           json_str(m, "message_id") != NULL;
}

static void judge(struct sim_request *req, struct sim_reply *reply,
                  const json_t *m, const char *number)
{
    struct sim_refusal r = { 0 };
    char person[PERSON];
    json_t *fault;

    sim_check_person(m, person, sizeof(person));
    fault = sim_fault_take(req->sim, "send", NULL, person);
    if (sim_graphside_spoil(req, reply, fault))
        goto out;
    sim_check_message(m, &r);
    if (!sim_state_ours(req->sim, number))
        r = (struct sim_refusal){ MHD_HTTP_BAD_REQUEST, 100, "not our number" };
    check_window(req->sim, m, person, &r);
    if (r.http == 0)
        ordered(fault, &r);
    if (r.http != 0)
        refuse(req, reply, m, number, &r);
    else
        accept_one(req, reply, m, number, person);
    if (r.http == 0 && sim_fault_is(fault, "lost_answer"))
        reply->status = 0;
out:
    json_decref(fault);
}

void sim_messages_handle(struct sim_request *req, struct sim_reply *reply,
                         const char *number)
{
    struct error err;
    json_t *m = json_parse(req->body.p, req->body.len, &err);

    if (m == NULL)
        sim_graphside_error(reply, MHD_HTTP_BAD_REQUEST, 100, 0,
                            "(#100) the body is not JSON", NULL);
    else if (is_read_mark(m))
        sim_http_json(reply, MHD_HTTP_OK, json_pack("{s:b}", "success", 1));
    else
        judge(req, reply, m, number);
    json_decref(m);
}

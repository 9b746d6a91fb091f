/* The control routes that make webhooks: messages, statuses, raw bodies. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGES_MAX 1000

typedef json_t *make_value(struct sim *, const json_t *, json_t **element,
                           struct error *);

static json_t *make_status(struct sim *s, const json_t *in, json_t **element,
                           struct error *err)
{
    json_t *value = sim_status_value(s, in, err);

    *element = json_array_get(json_object_get(value, "statuses"), 0);
    return value;
}

/* Adds b's messages, statuses and contacts to a's: one webhook for all. */
static void merge(json_t *a, json_t *b)
{
    static const char *const lists[] = { "messages", "statuses", "contacts" };

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        json_t *from = json_object_get(b, lists[i]);
        json_t *to = json_object_get(a, lists[i]);

        if (from != NULL && to == NULL)
            json_object_set(a, lists[i], from);
        else if (from != NULL)
            json_array_extend(to, from);
    }
    json_decref(b);
}

static json_t *describe(const json_t *in, const json_t *element)
{
    json_t *out = json_object();
    static const char *const same[] = { "id", "timestamp" };

    for (size_t i = 0; i < 2; i++)
        if (json_object_get(element, same[i]) != NULL)
            json_object_set(out, same[i], json_object_get(element, same[i]));
    if (json_object_get(in, "media_id") != NULL)
        json_object_set(out, "media_id", json_object_get(in, "media_id"));
    return out;
}

/* Closes a value into the webhook that carries it. */
static int seal(struct sim *s, json_t *value, const json_t *in, json_t *ids,
                struct sim_post *out)
{
    out->ids = ids;
    return sim_envelope_text(sim_envelope(s, value,
                                          json_str(in, "phone_number_id"),
                                          json_str(in, "waba_id")),
                             &out->body);
}

/* All the webhooks of a request; how many, or -1. */
static ssize_t build(struct sim *s, const json_t *list, bool batch,
                     make_value *make, struct sim_post *posts,
                     json_t *described, struct error *err)
{
    json_t *all = NULL, *all_ids = json_array(), *in;
    ssize_t n = 0;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)list, i, in)
    {
        json_t *element = NULL, *value = make(s, in, &element, err), *id;

        if (value == NULL) {
            json_decref(all);
            json_decref(all_ids);
            return -1 - n;
        }
        id = json_object_get(element, "id");
        if (id != NULL)
            json_array_append(all_ids, id);
        json_array_append_new(described, describe(in, element));
        if (batch && all != NULL)
            merge(all, value);
        else if (batch)
            all = value;
        else
            seal(s, value, in, id != NULL ? json_pack("[O]", id) : json_array(),
                 &posts[n++]);
    }
    if (all != NULL)
        seal(s, all, json_array_get(list, 0), all_ids, &posts[n++]);
    else
        json_decref(all_ids);
    return n;
}

static void drop(struct sim_post *posts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_free(&posts[i].body);
        json_decref(posts[i].ids);
    }
}

/* The list in the long form, the thing itself in the short one. */
static json_t *list_of(json_t *in, const char *plural, struct error *err)
{
    static const char *const long_keys[] = {
        "messages", "statuses",   "parallel", "duplicate", "shuffle",
        "batch",    "timeout_ms", "attempts", NULL
    };
    json_t *list = json_object_get(in, plural);

    if (!json_is_object(in)) {
        error_set(err, ERR_INPUT, "not a JSON object");
        return NULL;
    }
    if (list == NULL)
        return json_pack("[O]", in);
    if (sim_keys_known(in, long_keys, err) != 0)
        return NULL;
    if (!json_is_array(list) || json_array_size(list) == 0 ||
        json_array_size(list) > MESSAGES_MAX) {
        error_set(err, ERR_INPUT, "%s: a list of 1 to %d", plural,
                  MESSAGES_MAX);
        return NULL;
    }
    return json_incref(list);
}

static void converse(struct sim_request *req, struct sim_reply *reply,
                     const char *plural, make_value *make)
{
    struct error err = { 0 };
    json_t *in = json_parse(req->body.p, req->body.len, &err), *answer;
    json_t *list = in != NULL ? list_of(in, plural, &err) : NULL;
    json_t *described = json_array();
    struct sim_post *posts = NULL;
    struct sim_delivery how;
    ssize_t n = 0;

    if (list == NULL || sim_deliver_options(in, &how, &err) != 0)
        goto out;
    posts = calloc(json_array_size(list) + 1, sizeof(*posts));
    if (posts == NULL)
        goto out;
    n = build(req->sim, list, json_is_true(json_object_get(in, "batch")), make,
              posts, described, &err);
    if (n < 0) {
        drop(posts, (size_t)(-1 - n));
        goto out;
    }
    answer = sim_deliver(req->sim, posts, (size_t)n, &how);
    if (answer == NULL) {
        error_set(&err, ERR_INPUT, "webhook_url is not configured");
        goto out;
    }
    json_object_set(answer, plural, described);
    sim_http_json(reply, MHD_HTTP_OK, answer);
out:
    if (reply->status == 0)
        sim_http_error(reply, MHD_HTTP_BAD_REQUEST, "%s", err.text);
    json_decref(in);
    json_decref(list);
    json_decref(described);
    free(posts);
}

void sim_conversation_message(struct sim_request *req, struct sim_reply *reply)
{
    converse(req, reply, "messages", sim_inbound_value);
}

void sim_conversation_status(struct sim_request *req, struct sim_reply *reply)
{
    converse(req, reply, "statuses", make_status);
}

void sim_conversation_raw(struct sim_request *req, struct sim_reply *reply)
{
    static const char *const words[] = {
        "valid", "none", "wrong", "other", "truncated", "upper", "sha1", "given"
    };
    const char *signature = sim_http_query(req, "signature");
    const char *type = sim_http_query(req, "content_type");
    struct sim_post p = { 0 };
    struct sim_delivery how;
    struct error err;
    bool known = signature == NULL;
    json_t *answer;

    (void)sim_deliver_options(NULL, &how, &err);
    for (size_t i = 0; !known && i < sizeof(words) / sizeof(words[0]); i++)
        known = strcmp(signature, words[i]) == 0;
    if (!known) {
        sim_http_error(reply, MHD_HTTP_BAD_REQUEST, "signature: unknown word");
        return;
    }
    how.signature = signature != NULL ? signature : "valid";
    how.given = sim_http_header(req, "X-Sim-Signature");
    how.content_type = type != NULL ? type : how.content_type;
    how.path = sim_http_query(req, "path");
    how.duplicate = sim_http_number(req, "duplicate", 1, 1000);
    how.parallel = sim_http_number(req, "parallel", 1, 64);
    how.timeout_ms = sim_http_number(req, "timeout_ms", 10000, 600000);
    if (req->body.len > 0 && buf_add(&p.body, req->body.p, req->body.len) != 0)
        return;
    answer = sim_deliver(req->sim, &p, 1, &how);
    if (answer != NULL)
        sim_http_json(reply, MHD_HTTP_OK, answer);
    else
        sim_http_error(reply, MHD_HTTP_BAD_REQUEST,
                       "webhook_url is not configured");
}

/* Meta's side: who may call, what is asked for, and the faults that fit. */
#include "sim.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define GARBAGE_BYTES 64
#define SLOW_MS       2000

/* What a path asks for. */
struct call {
    const char *kind; /* as in the log */
    char id[64];      /* media id or number */
};

void sim_graphside_error(struct sim_reply *reply, unsigned status, int code,
                         int subcode, const char *message, const char *details)
{
    char trace[ID_SIZE];
    json_t *error;

    id_new(trace, 'A', &random_system);
    error = json_pack("{s:s,s:s,s:i,s:s}", "message", message, "type",
                      code == 100 ? "GraphMethodException" : "OAuthException",
                      "code", code, "fbtrace_id", trace);
    if (subcode != 0)
        json_object_set_new(error, "error_subcode", json_integer(subcode));
    if (details != NULL)
        json_object_set_new(error, "error_data",
                            json_pack("{s:s,s:s}", "messaging_product",
                                      "whatsapp", "details", details));
    sim_http_json(reply, status, json_pack("{s:o}", "error", error));
}

static void gone(struct sim_reply *reply)
{
    sim_graphside_error(reply, MHD_HTTP_BAD_REQUEST, 100, 33,
                        "Unsupported request. Object with this ID does not "
                        "exist, cannot be loaded due to missing permissions, "
                        "or does not support this operation",
                        NULL);
}

/* ---- what is asked for -------------------------------------------------- */

static bool take(char *out, size_t size, const char *from, size_t len)
{
    if (len == 0 || len >= size)
        return false;
    memcpy(out, from, len);
    out[len] = '\0';
    return true;
}

static void understand(const struct sim_request *req, struct call *call)
{
    const char *p = req->path, *slash;
    size_t version = 0;

    call->kind = "other";
    if (strncmp(p, "/media/", 7) == 0) {
        if (strcmp(req->method, "GET") == 0 &&
            take(call->id, sizeof(call->id), p + 7, strlen(p + 7)))
            call->kind = "download";
        return;
    }
    if (strncmp(p, "/v", 2) == 0)
        version = strspn(p + 2, "0123456789.");
    if (version < 3 || p[2 + version] != '/')
        return;

    p += 3 + version;
    slash = strchr(p, '/');
    if (!take(call->id, sizeof(call->id), p,
              slash != NULL ? (size_t)(slash - p) : strlen(p)))
        return;
    if (slash != NULL && strcmp(slash, "/messages") == 0 &&
        strcmp(req->method, "POST") == 0)
        call->kind = "send";
    else if (slash != NULL && strcmp(slash, "/media") == 0 &&
             strcmp(req->method, "POST") == 0)
        call->kind = "upload";
    else if (slash == NULL && strcmp(req->method, "GET") == 0)
        call->kind = "resolve";
    else if (slash == NULL && strcmp(req->method, "DELETE") == 0)
        call->kind = "delete";
    else if (slash != NULL && strcmp(slash, "/contact_book") == 0 &&
             strcmp(req->method, "DELETE") == 0)
        call->kind = "contact";
}

static bool is(const struct call *call, const char *kind)
{
    return strcmp(call->kind, kind) == 0;
}

/* ---- who calls ---------------------------------------------------------- */

static const char *bearer(const struct sim_request *req)
{
    const char *value = sim_http_header(req, "Authorization");
    char *token = sim_state_text(req->sim, "access_token");
    const char *found = "wrong";

    if (value == NULL)
        found = "none";
    else if (strncmp(value, "Bearer ", 7) == 0 && strcmp(value + 7, token) == 0)
        found = "right";
    free(token);
    return found;
}

static const char *proof(const struct sim_request *req)
{
    const char *value = sim_http_query(req, "appsecret_proof");
    char *secret = sim_state_text(req->sim, "app_secret");
    char *token = sim_state_text(req->sim, "access_token");
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char want[HEX_SIZE(sizeof(mac))];
    crypto_auth_hmacsha256_state st;

    crypto_auth_hmacsha256_init(&st, (const uint8_t *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)token, strlen(token));
    crypto_auth_hmacsha256_final(&st, mac);
    hex_encode(want, mac, sizeof(mac));
    free(secret);
    free(token);
    if (value == NULL)
        return "none";
    return strcmp(value, want) == 0 ? "right" : "wrong";
}

static void note(struct sim_request *req, const struct call *call)
{
    const char *agent = sim_http_header(req, "User-Agent");
    const char *number = sim_http_query(req, "phone_number_id");
    bool send = is(call, "send") || is(call, "contact") || is(call, "upload");
    json_t *e = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s?,s:s?,s:i,s:n,s:s?,s:s?}", "method",
        req->method, "path", req->path, "bearer", bearer(req), "proof",
        proof(req), "kind", call->kind, "user_agent", agent, "media_id",
        send || call->id[0] == '\0' ? NULL : call->id, "status", 0, "fault",
        "phone_number_id", send ? call->id : number, "bsuid",
        sim_http_query(req, "bsuid"));

    if (e == NULL)
        return;
    sim_keys_now(e, "time");
    pthread_mutex_lock(&req->sim->lock);
    json_object_set_new(
        e, "index", json_integer((json_int_t)json_array_size(req->sim->log)));
    json_array_append(req->sim->log, e);
    req->log = e;
    pthread_cond_broadcast(&req->sim->changed);
    pthread_mutex_unlock(&req->sim->lock);
}

/* True if the call may go on. */
static bool admitted(struct sim_request *req, const struct call *call,
                     struct sim_reply *reply)
{
    const char *agent = sim_http_header(req, "User-Agent");

    if (strcmp(bearer(req), "right") != 0) {
        sim_graphside_error(reply, MHD_HTTP_UNAUTHORIZED, 190, 0,
                            "Invalid OAuth access token.", NULL);
        return false;
    }
    if (is(call, "download")) {
        if (agent == NULL || agent[0] == '\0')
            sim_http_error(reply, MHD_HTTP_BAD_REQUEST, "no user agent");
        return agent != NULL && agent[0] != '\0';
    }
    if (sim_state_flag(req->sim, "require_proof") &&
        strcmp(proof(req), "right") != 0) {
        sim_graphside_error(reply, MHD_HTTP_BAD_REQUEST, 100, 0,
                            "Invalid appsecret_proof provided in the API "
                            "argument",
                            NULL);
        return false;
    }
    return true;
}

/* ---- faults that fit any call ------------------------------------------- */

static void garbage(struct sim_reply *reply, const json_t *fault)
{
    size_t n = (size_t)sim_fault_number(fault, "bytes", GARBAGE_BYTES);
    char *text = n <= SIM_BODY_MAX ? malloc(n + 1) : NULL;

    if (text == NULL)
        return;
    memset(text, '<', n);
    reply->response =
        MHD_create_response_from_buffer(n, text, MHD_RESPMEM_MUST_FREE);
    reply->status = (unsigned)sim_fault_number(fault, "status", MHD_HTTP_OK);
}

bool sim_graphside_spoil(struct sim_request *req, struct sim_reply *reply,
                         const json_t *fault)
{
    unsigned status = (unsigned)sim_fault_number(fault, "status", 500);
    int64_t code =
        sim_fault_number(fault, "code", status == 404 ? 100 : 131000);

    if (fault == NULL)
        return false;
    if (req->log != NULL) {
        pthread_mutex_lock(&req->sim->lock);
        json_object_set(req->log, "fault", json_object_get(fault, "kind"));
        pthread_mutex_unlock(&req->sim->lock);
    }
    sim_state_pause(
        req->sim, sim_fault_number(fault, "delay_ms",
                                   sim_fault_is(fault, "slow") ? SLOW_MS : 0));
    if (sim_fault_is(fault, "status"))
        sim_graphside_error(reply, status, (int)code,
                            (int)sim_fault_number(fault, "subcode", 0),
                            "(#0) ordered fault", "ordered fault");
    else if (sim_fault_is(fault, "garbage"))
        garbage(reply, fault);
    else if (sim_fault_is(fault, "token"))
        sim_graphside_error(reply, MHD_HTTP_UNAUTHORIZED, 190, 0,
                            "Error validating access token", NULL);
    else if (sim_fault_is(fault, "expired"))
        gone(reply);
    else if (sim_fault_is(fault, "hang"))
        sim_http_hang(req);
    else if (!sim_fault_is(fault, "close"))
        return false;
    return true;
}

/* ---- media -------------------------------------------------------------- */

/* Is there such a file for this caller? Counts the question. */
static json_t *find(struct sim_request *req, const char *id)
{
    const char *number = sim_http_query(req, "phone_number_id");
    bool ours = number == NULL || sim_state_ours(req->sim, number);
    int64_t life = sim_state_number(req->sim, "media_lifetime_s") * MSEC_S;
    struct sim *s = req->sim;
    struct sim_media *m;
    bool alive = false;

    pthread_mutex_lock(&s->lock);
    if ((m = sim_media_find(s, id)) != NULL) {
        if (strcmp(req->method, "GET") == 0)
            m->resolved++;
        alive = !m->deleted && clock_now(&clock_system) < m->uploaded + life &&
                ours;
        if (alive && strcmp(req->method, "DELETE") == 0)
            m->deleted = true;
    }
    pthread_mutex_unlock(&s->lock);
    return alive ? sim_media_describe(s, id) : NULL;
}

static void spoil_hash(json_t *answer, const json_t *media, const json_t *fault)
{
    char hex[HEX_SIZE(SHA256_LEN)] = "";
    const char *right = json_str(media, "sha256");

    memcpy(hex, right, strlen(right) + 1);
    if (sim_fault_is(fault, "wrong_hash"))
        hex[0] = hex[0] == '0' ? '1' : '0';
    json_object_set_new(answer, "sha256", json_string(hex));
    if (sim_fault_is(fault, "base64_hash"))
        json_object_set(answer, "sha256",
                        json_object_get(media, "sha256_base64"));
    if (sim_fault_is(fault, "no_hash"))
        json_object_del(answer, "sha256");
}

static void put_size(struct sim *s, json_t *answer, const json_t *media,
                     const json_t *fault)
{
    int64_t size = json_integer_value(json_object_get(media, "size"));
    char text[32];

    if (sim_fault_is(fault, "no_size"))
        return;
    if (sim_fault_is(fault, "wrong_size"))
        size = sim_fault_number(fault, "size", size + 1);
    (void)snprintf(text, sizeof(text), "%lld", (long long)size);
    json_object_set_new(answer, "file_size",
                        sim_state_flag(s, "file_size_string")
                            ? json_string(text)
                            : json_integer(size));
}

static void resolve(struct sim_request *req, struct sim_reply *reply,
                    const struct call *call, const json_t *fault)
{
    json_t *media = find(req, call->id), *answer;
    char *url = sim_media_url(req->sim, call->id);
    const char *other = json_str(fault, "url");

    if (media == NULL) {
        gone(reply);
        free(url);
        return;
    }
    if (sim_fault_is(fault, "other_host")) {
        free(url);
        if (asprintf(&url, "%s/media/%s",
                     other != NULL ? other : req->sim->elsewhere_url,
                     call->id) < 0)
            abort();
        if (other != NULL)
            url[strlen(other)] = '\0';
    }
    answer = json_pack("{s:s,s:s,s:O,s:s}", "messaging_product", "whatsapp",
                       "url", url, "mime_type",
                       json_object_get(media, "mime_type"), "id", call->id);
    spoil_hash(answer, media, fault);
    put_size(req->sim, answer, media, fault);
    sim_http_json(reply, MHD_HTTP_OK, answer);
    json_decref(media);
    free(url);
}

static void redirect(struct sim_request *req, struct sim_reply *reply,
                     const struct call *call, const json_t *fault)
{
    const char *location = json_str(fault, "location");
    char *to = NULL;

    if (asprintf(&to, "%s/media/%s", req->sim->elsewhere_url, call->id) < 0)
        abort();
    reply->response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(reply->response, "Location",
                            location != NULL ? location : to);
    reply->status = (unsigned)sim_fault_number(fault, "status", 302);
    free(to);
}

static void download(struct sim_request *req, struct sim_reply *reply,
                     const struct call *call, const json_t *fault)
{
    if (!sim_media_url_valid(req->sim, call->id, sim_http_query(req, "ext"),
                             sim_http_query(req, "hash")))
        sim_http_error(reply, MHD_HTTP_NOT_FOUND, "url expired");
    else if (sim_fault_is(fault, "redirect"))
        redirect(req, reply, call, fault);
    else
        sim_stream_answer(req, reply, call->id, fault);
}

static void erase(struct sim_request *req, struct sim_reply *reply,
                  const struct call *call)
{
    json_t *media = find(req, call->id);

    if (media == NULL)
        gone(reply);
    else
        sim_http_json(reply, MHD_HTTP_OK, json_pack("{s:b}", "success", 1));
    json_decref(media);
}

/* As Meta's contact book does it: by the scoped user id, never a parent's. */
static void forget_contact(struct sim_request *req, struct sim_reply *reply)
{
    const char *product = sim_http_query(req, "messaging_product");
    const char *bsuid = sim_http_query(req, "bsuid");

    if (product == NULL || strcmp(product, "whatsapp") != 0 || bsuid == NULL)
        gone(reply);
    else
        sim_http_json(reply, MHD_HTTP_OK, json_pack("{s:b}", "success", 1));
}

static void count_download(struct sim *s, const char *id)
{
    struct sim_media *m;

    pthread_mutex_lock(&s->lock);
    if ((m = sim_media_find(s, id)) != NULL)
        m->downloads++;
    pthread_mutex_unlock(&s->lock);
}

bool sim_graphside_handle(struct sim_request *req, struct sim_reply *reply)
{
    struct call call = { 0 };
    json_t *fault = NULL;

    understand(req, &call);
    note(req, &call);
    if (is(&call, "other"))
        return false;
    if (!admitted(req, &call, reply))
        return true;
    if (is(&call, "send")) {
        sim_messages_handle(req, reply, call.id);
        return true;
    }

    fault = sim_fault_take(req->sim, call.kind, call.id, NULL);
    if (is(&call, "download"))
        count_download(req->sim, call.id);
    if (!sim_graphside_spoil(req, reply, fault)) {
        if (is(&call, "resolve"))
            resolve(req, reply, &call, fault);
        else if (is(&call, "download"))
            download(req, reply, &call, fault);
        else if (is(&call, "contact"))
            forget_contact(req, reply);
        else if (is(&call, "upload"))
            sim_upload_handle(req, reply, call.id);
        else
            erase(req, reply, &call);
    }
    json_decref(fault);
    return true;
}

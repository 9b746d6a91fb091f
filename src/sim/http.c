/* The listener: a thread a connection, whole bodies, one answer each. */
#include "sim.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS 1024u
#define STEP_MS     50

const char *sim_http_query(const struct sim_request *req, const char *key)
{
    return MHD_lookup_connection_value(req->connection, MHD_GET_ARGUMENT_KIND,
                                       key);
}

const char *sim_http_header(const struct sim_request *req, const char *name)
{
    return MHD_lookup_connection_value(req->connection, MHD_HEADER_KIND, name);
}

int64_t sim_http_number(const struct sim_request *req, const char *key,
                        int64_t otherwise, int64_t max)
{
    const char *text = sim_http_query(req, key);
    int64_t value;

    if (text == NULL || decimal_parse(text, strlen(text), max, &value) != 0)
        return otherwise;
    return value;
}

void sim_http_json(struct sim_reply *reply, unsigned status, json_t *json)
{
    json_decref(reply->json);
    reply->status = json != NULL ? status : MHD_HTTP_INTERNAL_SERVER_ERROR;
    reply->json = json != NULL ? json : json_pack("{s:s}", "error", "memory");
}

void sim_http_error(struct sim_reply *reply, unsigned status, const char *fmt,
                    ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    sim_http_json(reply, status, json_pack("{s:s}", "error", text));
}

void sim_http_hang(struct sim_request *req)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        req->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    msec end = clock_monotonic() + SIM_HANG_MS;
    bool over = info == NULL;

    while (!over && clock_monotonic() < end) {
        struct pollfd p = { .fd = info->connect_fd, .events = POLLRDHUP };

        over = poll(&p, 1, STEP_MS) != 0;
        pthread_mutex_lock(&req->sim->lock);
        over = over || req->sim->closing;
        pthread_mutex_unlock(&req->sim->lock);
    }
}

static struct sim_request *begin(struct sim *s, struct MHD_Connection *c,
                                 const char *method, const char *path)
{
    struct sim_request *req = calloc(1, sizeof(*req));

    if (req == NULL)
        return NULL;
    req->sim = s;
    req->connection = c;
    req->method = method;
    req->path = path;
    req->graph = strncmp(path, "/sim/", 5) != 0;
    if (req->graph) {
        pthread_mutex_lock(&s->lock);
        s->busy++;
        pthread_mutex_unlock(&s->lock);
    }
    return req;
}

static void on_completed(void *arg, struct MHD_Connection *c, void **con,
                         enum MHD_RequestTerminationCode why)
{
    struct sim_request *req = *con;
    struct sim *s = arg;

    (void)c;
    (void)why;
    if (req == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    if (req->graph)
        s->busy--;
    json_decref(req->log);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    buf_free(&req->body);
    free(req);
    *con = NULL;
}

static struct MHD_Response *body_of(struct sim_reply *reply)
{
    struct MHD_Response *r;
    char *text;

    if (reply->response != NULL)
        return reply->response;
    if ((text = json_dumps(reply->json, JSON_COMPACT)) == NULL)
        return NULL;
    r = MHD_create_response_from_buffer(strlen(text), text,
                                        MHD_RESPMEM_MUST_FREE);
    if (r == NULL)
        free(text);
    else
        MHD_add_response_header(r, "Content-Type",
                                "application/json; charset=UTF-8");
    return r;
}

static enum MHD_Result answer(struct sim_request *req)
{
    struct sim_reply reply = { 0 };
    enum MHD_Result ok = MHD_NO;
    struct MHD_Response *r;

    if (req->too_large)
        sim_http_error(&reply, MHD_HTTP_CONTENT_TOO_LARGE, "body too large");
    else if (req->graph ? !sim_graphside_handle(req, &reply)
                        : !sim_control_handle(req, &reply))
        sim_http_error(&reply, MHD_HTTP_NOT_FOUND, "no such path");

    pthread_mutex_lock(&req->sim->lock);
    if (req->log != NULL)
        json_object_set_new(req->log, "status", json_integer(reply.status));
    pthread_cond_broadcast(&req->sim->changed);
    pthread_mutex_unlock(&req->sim->lock);

    if (reply.status != 0 && (r = body_of(&reply)) != NULL) {
        ok = MHD_queue_response(req->connection, reply.status, r);
        MHD_destroy_response(r);
    }
    json_decref(reply.json);
    return ok;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c,
                                  const char *path, const char *method,
                                  const char *version, const char *data,
                                  size_t *len, void **con)
{
    struct sim_request *req = *con;

    (void)version;
    if (req == NULL) {
        *con = begin(arg, c, method, path);
        return *con != NULL ? MHD_YES : MHD_NO;
    }
    if (*len > 0) {
        if (req->body.len + *len > SIM_BODY_MAX ||
            buf_add(&req->body, data, *len) != 0)
            req->too_large = true;
        *len = 0;
        return MHD_YES;
    }
    return answer(req);
}

int sim_http_open(struct sim *s, const char *host, uint16_t port,
                  struct error *err)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
    const union MHD_DaemonInfo *info;

    if (inet_pton(AF_INET, host, &at.sin_addr) != 1 ||
        ntohl(at.sin_addr.s_addr) >> 24 != 127)
        return error_set(err, ERR_USAGE, "%.60s is no loopback address", host);
    s->http = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
            MHD_USE_POLL | MHD_USE_ITC,
        0, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&at, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, s, MHD_OPTION_END);
    if (s->http == NULL)
        return error_errno(err, ERR_IO, "cannot listen on %s:%u", host, port);
    info = MHD_get_daemon_info(s->http, MHD_DAEMON_INFO_BIND_PORT);
    (void)snprintf(s->url, sizeof(s->url), "http://%s:%u", host,
                   info != NULL ? info->port : port);
    return 0;
}

void sim_http_close(struct sim *s)
{
    if (s->http != NULL)
        MHD_stop_daemon(s->http);
    s->http = NULL;
}

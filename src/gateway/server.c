/* HTTP by libmicrohttpd in turns, suspended until the core has answered. */
#include "server.h"
#include "framing.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Memory for one request's line and header; larger ones get 431 or 414. */
#define HEADER_MEMORY ((size_t)16 * 1024)

static struct gateway_connection *clock_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

static int descriptor_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info != NULL ? info->connect_fd : -1;
}

/* ---- answers ------------------------------------------------------------ */

/* Adds the header fields of an answer; every error closes the connection. */
static enum MHD_Result add_fields(struct MHD_Response *r, unsigned status,
                                  enum gateway_content content)
{
    static const char *const types[] = {
        [CONTENT_TEXT] = "text/plain; charset=utf-8",
        [CONTENT_MARKDOWN] = "text/markdown; charset=utf-8",
        [CONTENT_JSON] = "application/json",
    };
    char seconds[16];

    (void)snprintf(seconds, sizeof(seconds), "%d", LIMIT_RETRY_AFTER_S);
    if (MHD_add_response_header(r, "Content-Type", types[content]) != MHD_YES ||
        MHD_add_response_header(r, "Cache-Control", "no-store") != MHD_YES ||
        MHD_add_response_header(r, "X-Content-Type-Options", "nosniff") !=
            MHD_YES)
        return MHD_NO;
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE &&
        MHD_add_response_header(r, "Retry-After", seconds) != MHD_YES)
        return MHD_NO;
    if (status >= MHD_HTTP_BAD_REQUEST)
        return MHD_add_response_header(r, "Connection", "close");
    return MHD_YES;
}

static struct MHD_Response *response(unsigned status,
                                     enum gateway_content content,
                                     const void *body, size_t len,
                                     const char *allow)
{
    /* The body is copied, though the type of the call is not const. */
    struct MHD_Response *r = MHD_create_response_from_buffer(
        len, (void *)(uintptr_t)(len > 0 ? body : ""), MHD_RESPMEM_MUST_COPY);

    if (r != NULL && add_fields(r, status, content) == MHD_YES &&
        (allow == NULL ||
         MHD_add_response_header(r, "Allow", allow) == MHD_YES))
        return r;
    if (r != NULL)
        MHD_destroy_response(r);
    return NULL;
}

static enum MHD_Result respond(struct MHD_Connection *mhd, unsigned status,
                               enum gateway_content content, const void *body,
                               size_t len, const char *allow)
{
    struct MHD_Response *r = response(status, content, body, len, allow);
    enum MHD_Result ok = MHD_NO;

    if (r == NULL)
        return MHD_NO;
    ok = MHD_queue_response(mhd, status, r);
    MHD_destroy_response(r);
    return ok;
}

/* The core's answer; nearly all are the same. */
static enum MHD_Result repeat(const struct gateway_server *s,
                              struct MHD_Connection *mhd,
                              const struct gateway_ask *a)
{
    if (a->status == MHD_HTTP_OK && a->content == CONTENT_TEXT &&
        a->answer.len == 0)
        return MHD_queue_response(mhd, a->status, s->done);
    return respond(mhd, a->status, a->content, a->answer.p, a->answer.len,
                   NULL);
}

/* What the gateway settles by itself: the reason phrase is the body. */
static enum MHD_Result refuse(struct MHD_Connection *mhd, unsigned status)
{
    const char *reason = MHD_get_reason_phrase_for(status);
    const char *allow = status == MHD_HTTP_METHOD_NOT_ALLOWED ? "GET" : NULL;

    return respond(mhd, status, CONTENT_TEXT, reason, strlen(reason), allow);
}

/* libmicrohttpd cannot answer amid a body; nothing was written on this
 * connection yet for this request, so the answer is written past it. What
 * still comes is dropped: a connection closed over unread bytes is reset, and
 * the client would lose the answer. */
static enum MHD_Result refuse_amid_body(struct gateway_server *s,
                                        struct MHD_Connection *mhd,
                                        struct gateway_ask *a, unsigned status)
{
    const char *reason = MHD_get_reason_phrase_for(status);
    char text[256];
    int n =
        snprintf(text, sizeof(text),
                 "HTTP/1.1 %u %s\r\nConnection: close\r\n"
                 "Retry-After: %d\r\nContent-Type: text/plain\r\n"
                 "Content-Length: %zu\r\n\r\n%s",
                 status, reason, LIMIT_RETRY_AFTER_S, strlen(reason), reason);

    if (n > 0 && (size_t)n < sizeof(text))
        (void)send(descriptor_of(mhd), text, (size_t)n,
                   MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)shutdown(descriptor_of(mhd), SHUT_WR);
    gateway_exchange_drop(&s->exchange, a);
    a->refused = true;
    return MHD_YES;
}

/* ---- requests ----------------------------------------------------------- */

/* libmicrohttpd 0.9.75 glues a folded line to the name of its field, in a copy
 * of the name: the value stays where it was, and then no longer follows the
 * name with nothing but blanks between. There is no other sign of it. */
static bool folded(const char *name, size_t name_len, const char *value)
{
    const char *between = name + name_len + 1;

    while (between < value && (*between == ' ' || *between == '\t'))
        between++;
    return between != value;
}

static enum MHD_Result note_field(void *arg, enum MHD_ValueKind kind,
                                  const char *name, size_t name_len,
                                  const char *value, size_t value_len)
{
    struct gateway_framing *f = arg;

    (void)kind;
    gateway_framing_note(f, name, name_len, value, value_len);
    f->broken = f->broken || folded(name, name_len, value);
    return MHD_YES;
}

/* Only what a URL is made of; never decoded here. */
static bool target_valid(const char *s)
{
    for (const char *c = s; *c != '\0'; c++)
        if (*c <= 0x20 || *c >= 0x7f || *c == '#')
            return false;
    return *s == '/';
}

/* Sets route and head; the status when there is no such thing, else 0. */
static unsigned route(struct gateway_ask *a, const char *method,
                      const char *signature)
{
    size_t path = strcspn(a->target, "?"), head = path;
    bool get = strcmp(method, "GET") == 0;

    if (path == 8 && memcmp(a->target, "/webhook", path) == 0) {
        if (strcmp(method, "POST") == 0) {
            a->route = ROUTE_WEBHOOK_POST;
            /* What is longer than a signature can be counts as none. */
            if (signature != NULL && strlen(signature) <= LIMIT_URL_BYTES)
                (void)snprintf(a->head, sizeof(a->head), "%s", signature);
            return 0;
        }
        a->route = ROUTE_WEBHOOK_GET;
        head = strlen(a->target);
    } else if (path == 8 && memcmp(a->target, "/healthz", path) == 0) {
        a->route = ROUTE_HEALTH;
    } else if (path > 8 && memcmp(a->target, "/notice/", 8) == 0) {
        a->route = ROUTE_NOTICE;
    } else {
        return MHD_HTTP_NOT_FOUND;
    }
    memcpy(a->head, a->target, head);
    return get ? 0 : MHD_HTTP_METHOD_NOT_ALLOWED;
}

/* Judges the header: the status to refuse with, or 0. */
static unsigned check(struct MHD_Connection *mhd, struct gateway_ask *a,
                      const char *method, const char *version)
{
    struct gateway_framing f = GATEWAY_FRAMING_INIT;

    (void)MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, note_field, &f);
    if (!gateway_framing_clear(&f, version))
        return MHD_HTTP_BAD_REQUEST;
    if (strcmp(method, "GET") == 0 && (f.chunked || f.length > 0))
        return MHD_HTTP_BAD_REQUEST;
    if (a->target != NULL && !target_valid(a->target))
        return MHD_HTTP_BAD_REQUEST;
    if (f.length > (int64_t)LIMIT_WEBHOOK_BYTES)
        return MHD_HTTP_CONTENT_TOO_LARGE;
    if (a->target == NULL)
        return MHD_HTTP_URI_TOO_LONG;
    return route(a, method, f.signature);
}

static enum MHD_Result take_body(struct gateway_server *s,
                                 struct MHD_Connection *mhd,
                                 struct gateway_ask *a, const char *p,
                                 size_t *n)
{
    size_t len = *n;

    *n = 0;
    if (a->refused)
        return (a->dropped += len) > LIMIT_WEBHOOK_BYTES ? MHD_NO : MHD_YES;
    if (len > LIMIT_WEBHOOK_BYTES - a->body.len)
        return refuse_amid_body(s, mhd, a, MHD_HTTP_CONTENT_TOO_LARGE);
    if (gateway_exchange_body(&s->exchange, a, p, len) != 0)
        return refuse_amid_body(s, mhd, a, MHD_HTTP_SERVICE_UNAVAILABLE);
    return MHD_YES;
}

static enum MHD_Result hand_over(struct gateway_server *s,
                                 struct MHD_Connection *mhd,
                                 struct gateway_ask *a)
{
    struct gateway_connection *c = clock_of(mhd);
    msec deadline = gateway_connection_begin(c, clock_monotonic());

    if (gateway_exchange_submit(&s->exchange, a, deadline) != 0)
        return refuse(mhd, MHD_HTTP_SERVICE_UNAVAILABLE);
    gateway_connection_handed(c);
    return MHD_YES;
}

/* ---- libmicrohttpd's calls ---------------------------------------------- */

/* Called for each part of a request: header, body, end, and once more when
 * the connection is resumed. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *mhd,
                                  const char *url, const char *method,
                                  const char *version, const char *data,
                                  size_t *n, void **context)
{
    struct gateway_ask *a = *context;
    unsigned status;

    (void)url;
    if (a == NULL)
        return MHD_NO;
    if (a->answered) {
        gateway_connection_answered(clock_of(mhd), clock_monotonic());
        return repeat(arg, mhd, a);
    }
    if (!a->checked) {
        a->checked = true;
        status = check(mhd, a, method, version);
        return status != 0 ? refuse(mhd, status) : MHD_YES;
    }
    if (*n > 0)
        return take_body(arg, mhd, a, data, n);
    return a->refused ? MHD_NO : hand_over(arg, mhd, a);
}

/* The first line is there: a request begins. */
static void *on_target(void *arg, const char *target,
                       struct MHD_Connection *mhd)
{
    struct gateway_connection *c = clock_of(mhd);
    struct gateway_ask *a = calloc(1, sizeof(*a));

    (void)arg;
    if (a == NULL || c == NULL) {
        free(a);
        return NULL;
    }
    (void)gateway_connection_begin(c, clock_monotonic());
    a->mhd = mhd;
    if (strlen(target) <= LIMIT_URL_BYTES) {
        a->target = strdup(target);
        if (a->target == NULL) {
            free(a);
            return NULL;
        }
    }
    return a;
}

static void on_completed(void *arg, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode why)
{
    struct gateway_server *s = arg;
    struct gateway_connection *c = clock_of(mhd);

    (void)why;
    gateway_exchange_finish(&s->exchange, *context);
    *context = NULL;
    if (c != NULL)
        gateway_connection_idle(c, clock_monotonic());
}

static void on_connection(void *arg, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct gateway_server *s = arg;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = gateway_connection_open(&s->connections, descriptor_of(mhd),
                                           clock_monotonic());
    } else {
        gateway_connection_close(&s->connections, *context);
        *context = NULL;
    }
}

/* What libmicrohttpd says may quote a client: it is not repeated. */
static void on_message(void *arg, const char *fmt, va_list ap)
{
    (void)arg;
    (void)fmt;
    (void)ap;
}

int gateway_server_start(struct gateway_server *s, int listener, int wire,
                         unsigned connections, struct error *err)
{
    gateway_exchange_init(&s->exchange, wire);
    s->connections.most = connections;
    s->done = response(MHD_HTTP_OK, CONTENT_TEXT, NULL, 0, NULL);
    if (s->done == NULL)
        return error_set(err, ERR_NOMEM, "no memory for an answer");
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL,
        NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_message, NULL,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
        connections + GATEWAY_GOING, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)LIMIT_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        HEADER_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
        MHD_OPTION_END);
    if (s->daemon == NULL)
        return error_errno(err, ERR_NETWORK, "start libmicrohttpd");
    return 0;
}

int gateway_server_fd(struct gateway_server *s)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    return info != NULL ? info->epoll_fd : -1;
}

int gateway_server_wait(struct gateway_server *s, int most)
{
    MHD_UNSIGNED_LONG_LONG due;

    if (MHD_get_timeout(s->daemon, &due) == MHD_YES && due < (unsigned)most)
        return (int)due;
    return most;
}

int gateway_server_turn(struct gateway_server *s, struct error *err)
{
    if (MHD_run(s->daemon) != MHD_YES)
        return error_set(err, ERR_INTERNAL, "libmicrohttpd is broken");
    return 0;
}

void gateway_server_close(struct gateway_server *s)
{
    (void)MHD_quiesce_daemon(s->daemon);
    gateway_exchange_close(&s->exchange);
}

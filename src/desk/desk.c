/* The desk: who asks, may they, and the route that serves them. */
#include "desk_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Staff are few; each of their commands is a connection. */
#define CONNECTIONS 64u
/* Of one of them, touched as far as it is used: what a long answer hands to the
 * socket at once, so that who reads it has work while more is made. */
#define CONNECTION_BYTES ((size_t)192 * 1024)
/* The kernel's stand-in for users it cannot name: never a person. */
#define OVERFLOW_UID 65534u

/* ---- one request -------------------------------------------------------- */

static int who(struct request *r, struct error *e)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const struct keyring_staff *staff;
    uint32_t uid;

    if (info == NULL || socket_peer(info->connect_fd, &uid) != 0)
        return error_set(e, ERR_NOT_PERMITTED, "cannot tell who asks");
    r->staff.uid = uid;
    staff = uid == OVERFLOW_UID ? NULL : keyring_find(r->keyring, uid);
    r->denied = "unknown";
    if (staff == NULL && keyring_revoked(r->keyring, uid)) {
        r->denied = "revoked";
        return error_set(e, ERR_NOT_PERMITTED, "user %u was revoked",
                         (unsigned)uid);
    }
    if (staff == NULL) {
        (void)error_set(e, ERR_NOT_PERMITTED, "user %u is not on the keyring",
                        (unsigned)uid);
        return error_hint(e, "an officer adds people");
    }
    r->staff = *staff;
    r->denied = "refused";
    return 0;
}

/* Which document they were after, if there is such a one: what is made up is
 * not put on record, and neither is what strangers say. */
static void name_document(const struct request *r, char out[static ID_SIZE])
{
    static const char folder[] = "/documents/*";
    const struct config *config = r->desk->needs.config;
    struct store *store = NULL;
    struct document_row row;
    struct error ignored = { 0 };

    out[0] = '\0';
    if (r->route == NULL || r->staff.name[0] == '\0' ||
        strncmp(r->route->path, folder, strlen(folder)) != 0 ||
        !id_valid(r->id, 'd'))
        return;
    if (store_open(&store, config->storage, config->slots_mirror, STORE_READER,
                   &random_system, &ignored) == 0 &&
        document_get(store, r->id, &row, &ignored) > 0)
        memcpy(out, r->id, ID_SIZE);
    store_close(&store);
}

/* What was refused is counted; that something waits for a second officer is an
 * entry of its own. */
static void deny(const struct request *r, const struct error *e)
{
    struct denial d = { .uid = r->staff.uid };
    const struct route *route = r->route;

    if ((e->code != ERR_NOT_PERMITTED && !r->hidden) || r->denied == NULL ||
        e->code == ERR_WAITS)
        return;
    memcpy(d.name, r->staff.name, sizeof(d.name));
    (void)snprintf(d.route, sizeof(d.route), "%s %s",
                   route != NULL ? route->method : "-",
                   route != NULL ? route->path : "-");
    (void)snprintf(d.reason, sizeof(d.reason), "%s", r->denied);
    name_document(r, d.document);
    registrar_deny(r->desk->needs.registrar, &d);
}

static int serve(struct request *r, const char *method, const char *url,
                 struct error *e)
{
    const struct config *config = r->desk->needs.config;
    struct error none = { 0 };

    r->keyring = registrar_keyring(r->desk->needs.registrar);
    r->method = method;
    r->path = url;
    r->route = route_find(method, url, r->id, &none);
    if (who(r, e) != 0)
        return -1;
    if (r->route == NULL) {
        *e = none;
        return -1;
    }
    if (route_check(r, r->route, e) != 0)
        return -1;
    r->role = route_role_of(r->route, r->staff.roles);
    if (store_open(&r->store, config->storage, config->slots_mirror,
                   STORE_READER, &random_system, e) != 0)
        return -1;
    return r->route->serve(r, e);
}

/* The body comes in pieces before the request is served. */
static void keep_body(struct request *r, const char *piece, size_t len)
{
    const size_t max = r->sends ? LIMIT_SEND_BYTES : LIMIT_DESK_BODY;

    if (r->too_large || r->body.len + len > max ||
        buf_add(&r->body, piece, len) != 0)
        r->too_large = true;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *piece,
                                  size_t *piece_len, void **state)
{
    struct request *r = *state;
    struct error e = { 0 };
    enum MHD_Result queued;

    (void)version;
    if (r == NULL) {
        r = calloc(1, sizeof(*r));
        if (r == NULL)
            return MHD_NO;
        r->desk = arg;
        r->connection = connection;
        *state = r;
        delivery_admit(r, method, url);
        return MHD_YES;
    }
    if (*piece_len > 0) {
        keep_body(r, piece, *piece_len);
        *piece_len = 0;
        return MHD_YES;
    }

    /* The time that we take for an answer is not the client's. */
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                    0u);
    if (serve(r, method, url, &e) != 0) {
        if (answer_status(e.code) == MHD_HTTP_INTERNAL_SERVER_ERROR)
            log_error("desk", &e);
        deny(r, &e);
        answer_error(r, &e);
    }
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                    (unsigned)LIMIT_IDLE_S);
    if (r->response == NULL)
        return MHD_NO;
    queued = MHD_queue_response(connection, r->status, r->response);
    MHD_destroy_response(r->response);
    r->response = NULL;
    return queued;
}

static void on_end(void *arg, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode how)
{
    struct request *r = *state;

    (void)arg;
    (void)connection;
    (void)how;
    if (r == NULL)
        return;
    store_close(&r->store);
    buf_free(&r->body);
    delivery_over(r);
    free(r);
    *state = NULL;
}

/* ---- the desk ----------------------------------------------------------- */

static int start(struct desk *d, struct error *e)
{
    int fd = socket_listen(d->needs.config->socket, e);

    if (fd < 0)
        return -1;
    d->socket = strdup(d->needs.config->socket);
    if (d->socket != NULL)
        d->daemon = MHD_start_daemon(
            MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                MHD_USE_POLL,
            0, NULL, NULL, on_request, d, MHD_OPTION_LISTEN_SOCKET, fd,
            MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_IDLE_S,
            MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
    if (d->daemon == NULL) {
        (void)close(fd);
        return error_set(e, ERR_INTERNAL, "cannot serve the desk's socket");
    }
    return 0;
}

int desk_open(struct desk **out, const struct desk_needs *needs,
              struct error *e)
{
    struct desk *d = calloc(1, sizeof(*d));

    *out = NULL;
    if (d == NULL)
        return error_set(e, ERR_NOMEM, "no memory for the desk");
    d->needs = *needs;
    d->nonces = nonces_new();
    d->standing = standing_new();
    if (d->nonces == NULL || d->standing == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for the desk");
    if (d->nonces == NULL || d->standing == NULL ||
        witnesses_check(needs->config, e) != 0 || start(d, e) != 0) {
        desk_close(&d);
        return -1;
    }
    *out = d;
    return 0;
}

void desk_close(struct desk **desk)
{
    struct desk *d = *desk;

    if (d == NULL)
        return;
    if (d->daemon != NULL)
        MHD_stop_daemon(d->daemon);
    if (d->socket != NULL)
        (void)unlink(d->socket);
    nonces_free(&d->nonces);
    standing_free(&d->standing);
    free(d->socket);
    free(d);
    *desk = NULL;
}

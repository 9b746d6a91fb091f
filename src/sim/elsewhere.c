/* A host that is on nobody's list: it answers, and remembers what it saw. */
#include "sim.h"

#include <arpa/inet.h>
#include <stdio.h>

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c,
                                  const char *path, const char *method,
                                  const char *version, const char *data,
                                  size_t *len, void **con)
{
    static char body[] = "elsewhere";
    struct sim *s = arg;
    struct MHD_Response *r;
    enum MHD_Result ok;
    json_t *entry;

    (void)version;
    (void)data;
    if (*con == NULL) {
        *con = s;
        return MHD_YES;
    }
    if (*len > 0) {
        *len = 0;
        return MHD_YES;
    }
    entry = json_pack("{s:s,s:s,s:b}", "method", method, "path", path,
                      "authorization",
                      MHD_lookup_connection_value(c, MHD_HEADER_KIND,
                                                  "Authorization") != NULL);
    sim_keys_now(entry, "time");
    pthread_mutex_lock(&s->lock);
    json_array_append_new(s->elsewhere_log, entry);
    pthread_mutex_unlock(&s->lock);

    r = MHD_create_response_from_buffer(sizeof(body) - 1, body,
                                        MHD_RESPMEM_PERSISTENT);
    ok = MHD_queue_response(c, MHD_HTTP_OK, r);
    MHD_destroy_response(r);
    return ok;
}

int sim_elsewhere_open(struct sim *s, struct error *err)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    const union MHD_DaemonInfo *info;

    at.sin_addr.s_addr = htonl(0x7f000002);
    s->elsewhere =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0,
                         NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR,
                         (struct sockaddr *)&at, MHD_OPTION_END);
    if (s->elsewhere == NULL)
        return error_errno(err, ERR_IO, "cannot listen on 127.0.0.2");
    info = MHD_get_daemon_info(s->elsewhere, MHD_DAEMON_INFO_BIND_PORT);
    (void)snprintf(s->elsewhere_url, sizeof(s->elsewhere_url),
                   "http://127.0.0.2:%u", info != NULL ? info->port : 0u);
    return 0;
}

void sim_elsewhere_close(struct sim *s)
{
    if (s->elsewhere != NULL)
        MHD_stop_daemon(s->elsewhere);
    s->elsewhere = NULL;
}

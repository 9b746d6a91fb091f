/*
 * The floor of a webhook: libmicrohttpd as the gateway uses it, which reads
 * the body and says ok. No signature, no JSON, no disk. Prints its port.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum MHD_Result on_request(void *arg, struct MHD_Connection *mhd,
                                  const char *url, const char *method,
                                  const char *version, const char *data,
                                  size_t *n, void **context)
{
    static char begun;
    struct MHD_Response *r;
    enum MHD_Result ok;

    (void)arg, (void)url, (void)method, (void)version, (void)data;
    if (*context == NULL) {
        *context = &begun;
        return MHD_YES;
    }
    if (*n > 0) {
        *n = 0;
        return MHD_YES;
    }
    r = MHD_create_response_from_buffer(2, (void *)(size_t) "ok",
                                        MHD_RESPMEM_PERSISTENT);
    ok = MHD_queue_response(mhd, MHD_HTTP_OK, r);
    MHD_destroy_response(r);
    return ok;
}

int main(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    const union MHD_DaemonInfo *info;
    struct MHD_Daemon *daemon;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL,
                              on_request, NULL, MHD_OPTION_SOCK_ADDR, &at,
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                              (size_t)16 * 1024, MHD_OPTION_END);
    if (daemon == NULL)
        return 1;
    info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    if (info == NULL)
        return 1;
    (void)printf("ready %u\n", (unsigned)info->port);
    (void)fflush(stdout);

    /* Ends with whoever started it. */
    while (getchar() != EOF)
        continue;
    MHD_stop_daemon(daemon);
    return 0;
}

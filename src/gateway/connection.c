/* Connections and their deadlines, counted absolutely. */
#include "connection.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

struct gateway_connection {
    int fd;
    bool begun, handed;
    msec since;        /* when the request began, else the idleness */
    uint64_t received; /* bytes received when the idleness began */
    struct gateway_connection *next, **link;
};

/* Bytes that ever arrived, whether read or not; 0 when not a TCP socket. */
static uint64_t bytes_received(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t len = sizeof(info);

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    return info.tcpi_bytes_received;
}

struct gateway_connection *gateway_connection_open(
    struct gateway_connections *all, int fd, msec now)
{
    struct gateway_connection *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    c->fd = fd;
    c->since = now;

    (void)pthread_mutex_lock(&all->lock);
    c->next = all->first;
    c->link = &all->first;
    if (c->next != NULL)
        c->next->link = &c->next;
    all->first = c;
    (void)pthread_mutex_unlock(&all->lock);
    return c;
}

void gateway_connection_close(struct gateway_connections *all,
                              struct gateway_connection *c)
{
    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&all->lock);
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
    (void)pthread_mutex_unlock(&all->lock);
    free(c);
}

msec gateway_connection_begin(struct gateway_connections *all,
                              struct gateway_connection *c, msec now)
{
    msec deadline;

    (void)pthread_mutex_lock(&all->lock);
    if (!c->begun) {
        c->begun = true;
        c->since = now;
    }
    deadline = c->since + LIMIT_REQUEST_S * MSEC_S;
    (void)pthread_mutex_unlock(&all->lock);
    return deadline;
}

void gateway_connection_handed(struct gateway_connections *all,
                               struct gateway_connection *c)
{
    (void)pthread_mutex_lock(&all->lock);
    c->handed = true;
    (void)pthread_mutex_unlock(&all->lock);
}

void gateway_connection_idle(struct gateway_connections *all,
                             struct gateway_connection *c, msec now)
{
    (void)pthread_mutex_lock(&all->lock);
    c->begun = false;
    c->handed = false;
    c->since = now;
    c->received = bytes_received(c->fd);
    (void)pthread_mutex_unlock(&all->lock);
}

static msec deadline_of(const struct gateway_connection *c)
{
    if (!c->begun)
        return c->since + LIMIT_IDLE_S * MSEC_S;
    return c->since +
           (LIMIT_REQUEST_S + (c->handed ? CONNECTION_GRACE_S : 0)) * MSEC_S;
}

void gateway_connection_sweep(struct gateway_connections *all, msec now)
{
    (void)pthread_mutex_lock(&all->lock);
    for (struct gateway_connection *c = all->first; c != NULL; c = c->next) {
        if (!c->begun && bytes_received(c->fd) > c->received) {
            c->begun = true;
            c->since = now;
        }
        if (now >= deadline_of(c))
            (void)shutdown(c->fd, SHUT_RDWR);
    }
    (void)pthread_mutex_unlock(&all->lock);
}

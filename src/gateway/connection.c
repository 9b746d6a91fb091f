/* Connections and their deadlines, counted absolutely. */
#include "connection.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

struct gateway_connection {
    int fd;
    bool begun, handed, cut;
    msec since;        /* when the request began, else the idleness */
    msec answered;     /* by the core; 0: not yet */
    uint64_t received; /* bytes received when the idleness began */
    struct gateway_connection *next, **link;
};

/* Not asked yet: the next sweep does, so that an answer costs no call. */
#define UNKNOWN UINT64_MAX

/* Bytes that ever arrived, whether read or not; 0 when not a TCP socket. */
static uint64_t bytes_received(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t len = sizeof(info);

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    return info.tcpi_bytes_received;
}

static void cut(struct gateway_connections *all, struct gateway_connection *c)
{
    (void)shutdown(c->fd, SHUT_RDWR);
    if (!c->cut)
        all->n--;
    c->cut = true;
}

/* The newest, which is the first, is never the one. */
static void cut_longest_waiting(struct gateway_connections *all)
{
    struct gateway_connection *oldest = NULL;

    for (struct gateway_connection *c = all->first->next; c != NULL;
         c = c->next)
        if (!c->handed && !c->cut &&
            (oldest == NULL || c->since <= oldest->since))
            oldest = c;
    if (oldest != NULL)
        cut(all, oldest);
}

struct gateway_connection *gateway_connection_open(
    struct gateway_connections *all, int fd, msec now)
{
    struct gateway_connection *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    c->fd = fd;
    c->since = now;

    c->next = all->first;
    c->link = &all->first;
    if (c->next != NULL)
        c->next->link = &c->next;
    all->first = c;
    all->n++;
    if (all->most > 0 && all->n > all->most)
        cut_longest_waiting(all);
    return c;
}

void gateway_connection_close(struct gateway_connections *all,
                              struct gateway_connection *c)
{
    if (c == NULL)
        return;
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
    if (!c->cut)
        all->n--;
    free(c);
}

msec gateway_connection_begin(struct gateway_connection *c, msec now)
{
    if (!c->begun) {
        c->begun = true;
        c->since = now;
    }
    return c->since + LIMIT_REQUEST_S * MSEC_S;
}

void gateway_connection_handed(struct gateway_connection *c)
{
    c->handed = true;
    c->answered = 0;
}

void gateway_connection_answered(struct gateway_connection *c, msec now)
{
    c->answered = now;
}

void gateway_connection_idle(struct gateway_connection *c, msec now)
{
    c->begun = false;
    c->handed = false;
    c->since = now;
    c->received = UNKNOWN;
}

static msec deadline_of(const struct gateway_connection *c)
{
    msec request = c->since + LIMIT_REQUEST_S * MSEC_S;
    msec answer = c->answered + CONNECTION_GRACE_S * MSEC_S;

    if (!c->begun)
        return c->since + LIMIT_IDLE_S * MSEC_S;
    if (!c->handed)
        return request;
    if (c->answered == 0)
        return INT64_MAX;
    return answer > request ? answer : request;
}

/* Has a request begun of which there is no whole first line yet? */
static bool stirs(struct gateway_connection *c)
{
    uint64_t received = bytes_received(c->fd);
    bool first = c->received == UNKNOWN;

    if (first)
        c->received = received;
    return !first && received > c->received;
}

void gateway_connection_sweep(struct gateway_connections *all, msec now)
{
    for (struct gateway_connection *c = all->first; c != NULL; c = c->next) {
        if (!c->cut && !c->begun && stirs(c)) {
            c->begun = true;
            c->since = now;
        }
        if (now >= deadline_of(c))
            cut(all, c);
    }
}

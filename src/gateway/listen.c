/* The listening socket, bound by the daemon. */
#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128
/* A dying predecessor may hold the port for a moment. */
#define RETRY_MS  ((msec)5000)
#define RETRY_GAP 50

/* Splits "HOST:PORT" or "[HOST]:PORT" in place. */
static int split(char *text, char **host, char **port)
{
    char *colon = strrchr(text, ':');
    size_t len;

    if (colon == NULL || colon == text || colon[1] == '\0')
        return -1;
    *colon = '\0';
    *port = colon + 1;
    *host = text;
    len = strlen(text);
    if (text[0] == '[' && text[len - 1] == ']') {
        text[len - 1] = '\0';
        *host = text + 1;
        return 0;
    }
    return strchr(text, ':') == NULL ? 0 : -1;
}

static struct addrinfo *resolve(const char *listen_at, struct error *err)
{
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST |
                                                AI_NUMERICSERV | AI_PASSIVE,
                                    .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    char text[LISTEN_ADDRESS_SIZE], *host, *port;
    int n = snprintf(text, sizeof(text), "%s", listen_at);
    int64_t number;

    /* getaddrinfo would take 70000 for 4464. */
    if (n < 0 || (size_t)n >= sizeof(text) || split(text, &host, &port) != 0 ||
        decimal_parse(port, strlen(port), UINT16_MAX, &number) != 0 ||
        getaddrinfo(host, port, &hints, &found) != 0) {
        (void)error_set(err, ERR_CONFIG, "%s is not an ADDRESS:PORT in numbers",
                        listen_at);
        return NULL;
    }
    return found;
}

/* The address that the socket really has. */
static int name_of(int fd, char address[static LISTEN_ADDRESS_SIZE],
                   struct error *err)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof(at);
    char host[LISTEN_ADDRESS_SIZE - 10], port[8];
    bool six;

    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0 ||
        getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return error_errno(err, ERR_NETWORK, "name of the listening socket");
    six = at.ss_family == AF_INET6;
    (void)snprintf(address, LISTEN_ADDRESS_SIZE, "%s%s%s:%s", six ? "[" : "",
                   host, six ? "]" : "", port);
    return 0;
}

/* A bound socket, or -1 with errno. */
static int bind_once(const struct addrinfo *a)
{
    int one = 1, number;
    int fd =
        socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
        bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    number = errno;
    (void)close(fd);
    errno = number;
    return -1;
}

int gateway_listen(const char *listen_at,
                   char address[static LISTEN_ADDRESS_SIZE], struct error *err)
{
    msec deadline = clock_monotonic() + RETRY_MS;
    struct addrinfo *a = resolve(listen_at, err);
    int fd;

    if (a == NULL)
        return -1;
    fd = bind_once(a);
    while (fd < 0 && errno == EADDRINUSE && clock_monotonic() < deadline) {
        (void)poll(NULL, 0, RETRY_GAP);
        fd = bind_once(a);
    }
    if (fd < 0)
        (void)error_errno(err, ERR_NETWORK, "listen on %s", listen_at);
    freeaddrinfo(a);

    if (fd >= 0 && name_of(fd, address, err) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

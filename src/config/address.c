/* Addresses and URLs of the configuration. */
#include "address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX 253u /* RFC 1035 in text form */

/* HOST[:PORT], the host with its brackets when it is an IPv6 address. */
struct host_port {
    char host[HOST_MAX + 1];
    bool has_port;
    int64_t port;
};

/* ---- hosts -------------------------------------------------------------- */

static bool is_ipv6(const char *host)
{
    char inner[INET6_ADDRSTRLEN];
    struct in6_addr address;
    size_t len = strlen(host);

    if (len < 4 || host[0] != '[' || host[len - 1] != ']' ||
        len - 2 >= sizeof(inner))
        return false;
    memcpy(inner, host + 1, len - 2);
    inner[len - 2] = 0;
    return inet_pton(AF_INET6, inner, &address) == 1;
}

/* Letters, digits and hyphens in labels that are not empty. */
static bool is_dns_name(const char *host)
{
    char before = '.';

    for (const char *p = host; *p != 0; p++) {
        bool plain = isalnum((unsigned char)*p) || *p == '-';

        if (!plain && (*p != '.' || before == '.'))
            return false;
        before = *p;
    }
    return before != '.';
}

static bool is_loopback_v4(const char *host)
{
    struct in_addr address;

    return inet_pton(AF_INET, host, &address) == 1 &&
           ntohl(address.s_addr) >> 24 == 127;
}

static bool is_loopback(const char *host)
{
    return is_loopback_v4(host) || strcmp(host, "[::1]") == 0 ||
           strcasecmp(host, "localhost") == 0;
}

/* 1 to 5 digits, at most 65535. */
static int parse_port(const char *text, size_t len, int64_t *port)
{
    return len > 5 ? -1 : decimal_parse(text, len, 65535, port);
}

static int parse_host_port(const char *text, size_t len, struct host_port *out)
{
    size_t host_len = 0;

    /* The colons of an IPv6 address stand in brackets. */
    if (len > 0 && text[0] == '[') {
        const char *bracket = memchr(text, ']', len);

        if (bracket == NULL)
            return -1;
        host_len = (size_t)(bracket - text) + 1;
    }
    while (host_len < len && text[host_len] != ':')
        host_len++;
    if (host_len == 0 || host_len > HOST_MAX)
        return -1;

    memcpy(out->host, text, host_len);
    out->host[host_len] = 0;
    out->has_port = host_len < len;
    if (!is_ipv6(out->host) && !is_dns_name(out->host))
        return -1;
    if (!out->has_port)
        return 0;
    return parse_port(text + host_len + 1, len - host_len - 1, &out->port);
}

const char *config_address_check_media_host(const char *text)
{
    struct host_port h;

    if (parse_host_port(text, strlen(text), &h) != 0)
        return "must be a host, or host:port (no scheme, no path)";
    if (h.has_port && !is_loopback(h.host))
        return "a port is accepted for a loopback host only";
    if (h.has_port && h.port == 0)
        return "port 0 is no port";
    return NULL;
}

const char *config_address_check_listen(const char *text)
{
    struct host_port h;

    if (parse_host_port(text, strlen(text), &h) != 0 || !h.has_port)
        return "must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080";
    if (!is_loopback_v4(h.host) && strcmp(h.host, "[::1]") != 0)
        return "must be a loopback address, because gateway.tls is not "
               "supported yet";
    return NULL;
}

/* ---- URLs --------------------------------------------------------------- */

/* Start of HOST[:PORT] and its length; NULL if it is neither http nor https. */
static const char *authority(const char *url, size_t *len, bool *plain)
{
    const char *p;

    *plain = strncasecmp(url, "http://", 7) == 0;
    if (!*plain && strncasecmp(url, "https://", 8) != 0)
        return NULL;
    p = strstr(url, "://") + 3;
    *len = strcspn(p, "/");
    return p;
}

const char *config_address_check_url(const char *url, bool any_http)
{
    struct host_port h;
    const char *p;
    size_t len;
    bool plain;

    for (p = url; *p != 0; p++)
        if (*p <= ' ' || *p >= 0x7f)
            return "a URL has no spaces and only ASCII characters";
    p = authority(url, &len, &plain);
    if (p == NULL)
        return "must begin with https://";
    if (strchr(url, '@') != NULL)
        return "user name and password have no place here";
    if (strpbrk(url, "?#") != NULL)
        return "a query or fragment has no place here";
    if (url[strlen(url) - 1] == '/' && len > 0)
        return "must not end in a slash";
    if (parse_host_port(p, len, &h) != 0 || (h.has_port && h.port == 0))
        return "has no valid host";
    if (plain && !any_http && !is_loopback(h.host))
        return "http:// is accepted for a loopback host only";
    return NULL;
}

int config_address_host_of_url(const char *url, struct buf *out)
{
    struct host_port h;
    const char *p;
    size_t len;
    bool plain;

    p = authority(url, &len, &plain);
    if (p == NULL || parse_host_port(p, len, &h) != 0)
        return -1;
    for (char *c = h.host; *c != 0; c++)
        *c = (char)tolower((unsigned char)*c);
    return buf_adds(out, h.host);
}

/* Where the token may go. Own parsing of a form so plain that no other parser
 * can read it differently. */
#include "resguardo/graph.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define PORT_HTTPS 443
#define PORT_HTTP  80

struct authority {
    char host[256];
    int64_t port; /* -1: none given */
};

/* Printable ASCII without what parsers disagree on. */
static bool is_plain(const char *url, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (url[i] <= ' ' || url[i] >= 0x7f || strchr("\\#\"<>^`{|}", url[i]))
            return false;
    return true;
}

/* Letters, digits, hyphens and dots, or [::1] and no other brackets. */
static bool is_host(const char *host)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

    return strcmp(host, "[::1]") == 0 ||
           (host[0] != 0 && host[strspn(host, allowed)] == 0);
}

static bool is_loopback(const char *host)
{
    struct in_addr address;

    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    return strcmp(host, "[::1]") == 0 || strcasecmp(host, "localhost") == 0;
}

/* HOST or HOST:PORT, nothing else. */
static int split(const char *text, size_t len, struct authority *out)
{
    const char *end = text + len;
    const char *from =
        len > 0 && text[0] == '[' ? memchr(text, ']', len) : text;
    const char *colon =
        from == NULL ? NULL : memchr(from, ':', (size_t)(end - from));
    size_t host_len = colon == NULL ? len : (size_t)(colon - text);

    if (from == NULL || host_len == 0 || host_len >= sizeof(out->host))
        return -1;
    memcpy(out->host, text, host_len);
    out->host[host_len] = 0;
    if (!is_host(out->host))
        return -1;
    out->port = -1;
    if (colon == NULL)
        return 0;
    if (end - colon > 6 || colon[1] == '0')
        return -1;
    return decimal_parse(colon + 1, (size_t)(end - colon) - 1, 65535,
                         &out->port);
}

/* An entry without a port stands for 443, or for any port of a loopback. */
static bool matches(const char *entry, const struct authority *want, bool http)
{
    struct authority listed;

    if (split(entry, strlen(entry), &listed) != 0 ||
        strcasecmp(listed.host, want->host) != 0)
        return false;
    return http ? listed.port == -1 || listed.port == want->port
                : listed.port == -1 || listed.port == PORT_HTTPS;
}

bool graph_url_allowed(const char *url, const char *const *hosts, size_t n)
{
    struct authority authority;
    size_t len = url == NULL ? 0 : strnlen(url, LIMIT_MEDIA_URL + 1), skip;
    bool http = false;

    if (len == 0 || len > LIMIT_MEDIA_URL || !is_plain(url, len))
        return false;
    if (strncmp(url, "https://", 8) == 0) {
        skip = 8;
    } else if (strncmp(url, "http://", 7) == 0) {
        skip = 7;
        http = true;
    } else {
        return false;
    }
    if (split(url + skip, strcspn(url + skip, "/?"), &authority) != 0)
        return false;

    /* https goes to 443; http stays on this machine. */
    if (authority.port == -1)
        authority.port = http ? PORT_HTTP : PORT_HTTPS;
    if (http ? !is_loopback(authority.host) : authority.port != PORT_HTTPS)
        return false;
    for (size_t i = 0; i < n; i++)
        if (matches(hosts[i], &authority, http))
            return true;
    return false;
}

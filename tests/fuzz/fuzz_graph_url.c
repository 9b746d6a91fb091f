/*
 * Where the token may go. A URL that is allowed leads, as libcurl reads it
 * (which is what connects), to a host of the list: https on 443 and no other
 * port, or http on a loopback address; no user, no password. An address that
 * counts as public is none of this machine's or of private networks.
 */
#include "fuzz.h"

#include "graph/graph_private.h"

#include <netinet/in.h>
#include <strings.h>

static const char *const hosts[] = { "lookaside.fbsbx.com", "127.0.0.1:8000",
                                     "localhost", "[::1]:9", "10.0.0.1" };
#define HOSTS (sizeof(hosts) / sizeof(hosts[0]))

static bool listed(const char *host, const char *port, bool http)
{
    char with_port[300];

    (void)snprintf(with_port, sizeof(with_port), "%s:%s", host, port);
    for (size_t i = 0; i < HOSTS; i++)
        if (strcasecmp(hosts[i], host) == 0 ||
            (http && strcasecmp(hosts[i], with_port) == 0))
            return true;
    return false;
}

static void check_allowed(const char *text)
{
    CURLU *url = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL, *none = NULL;
    bool http;

    FUZZ_CHECK(url != NULL);
    FUZZ_CHECK(curl_url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS) ==
               CURLUE_OK);
    FUZZ_CHECK(curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK);
    FUZZ_CHECK(curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK);
    FUZZ_CHECK(curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ==
               CURLUE_OK);
    FUZZ_CHECK(curl_url_get(url, CURLUPART_USER, &none, 0) != CURLUE_OK);
    FUZZ_CHECK(curl_url_get(url, CURLUPART_PASSWORD, &none, 0) != CURLUE_OK);
    FUZZ_CHECK(curl_url_get(url, CURLUPART_FRAGMENT, &none, 0) != CURLUE_OK);
    http = strcmp(scheme, "http") == 0;
    FUZZ_CHECK(http || strcmp(scheme, "https") == 0);
    FUZZ_CHECK(listed(host, port, http));
    FUZZ_CHECK(http ? strncmp(host, "127.", 4) == 0 ||
                          strcmp(host, "[::1]") == 0 ||
                          strcasecmp(host, "localhost") == 0
                    : strcmp(port, "443") == 0);
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
}

static void check_v4(const uint8_t *a)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    bool private = a[0] == 0 || a[0] == 10 || a[0] == 127 || a[0] >= 224 ||
                   (a[0] == 169 && a[1] == 254) ||
                   (a[0] == 172 && a[1] >= 16 && a[1] < 32) ||
                   (a[0] == 192 && a[1] == 168) ||
                   (a[0] == 100 && a[1] >= 64 && a[1] < 128);

    memcpy(&v4.sin_addr, a, 4);
    if (graph_address_allowed((struct sockaddr *)&v4, GRAPH_REACH_PUBLIC))
        FUZZ_CHECK(!private);
    FUZZ_CHECK(graph_address_allowed((struct sockaddr *)&v4,
                                     GRAPH_REACH_LOOPBACK) == (a[0] == 127));
}

static void check_v6(const uint8_t *a)
{
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

    memcpy(&v6.sin6_addr, a, 16);
    if (!graph_address_allowed((struct sockaddr *)&v6, GRAPH_REACH_PUBLIC))
        return;
    FUZZ_CHECK(!IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) &&
               !IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) &&
               !IN6_IS_ADDR_MULTICAST(&v6.sin6_addr) &&
               !IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr) &&
               !IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) &&
               !IN6_IS_ADDR_V4COMPAT(&v6.sin6_addr) && (a[0] & 0xfe) != 0xfc);
    if (memcmp(a, "\0\x64\xff\x9b\0\0\0\0\0\0\0", 12) == 0)
        FUZZ_CHECK(a[12] != 127 && a[12] != 10);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size);

    if (graph_url_allowed(text, hosts, HOSTS)) {
        FUZZ_CHECK(strlen(text) <= LIMIT_MEDIA_URL);
        check_allowed(text);
        FUZZ_CHECK(!graph_url_allowed(text, hosts, 0));
    }
    if (size >= 4)
        check_v4(data);
    if (size >= 16)
        check_v6(data);
    free(text);
    return 0;
}

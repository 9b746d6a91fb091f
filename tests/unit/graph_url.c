/* Where the token may go, and where not. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "graph/graph_private.h"

static const char *const hosts[] = { "lookaside.fbsbx.com", "127.0.0.1",
                                     "[::1]:9000", "localhost:8080" };
#define NHOSTS (sizeof(hosts) / sizeof(hosts[0]))

static void check(const char *url, bool want)
{
    if (graph_url_allowed(url, hosts, NHOSTS) != want)
        fail_msg("%s: %s", want ? "refused" : "allowed", url);
}

static void allows_listed_places(void **state)
{
    static const char *const good[] = {
        "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&h=A",
        "https://lookaside.fbsbx.com:443/x",
        "https://LookAside.FBSBX.com/x",
        "https://lookaside.fbsbx.com?mid=1",
        "https://lookaside.fbsbx.com",
        "http://127.0.0.1:40123/media/1?ext=2&hash=ab",
        "http://127.0.0.1/x",
        "http://[::1]:9000/x",
        "http://localhost:8080/x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        check(good[i], true);
}

static void refuses_hostile_urls(void **state)
{
    static const char *const bad[] = {
        "",
        "https://",
        "https:///x",
        "http://lookaside.fbsbx.com/x",
        "HTTPS://lookaside.fbsbx.com/x",
        "ftp://lookaside.fbsbx.com/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/x",
        "//lookaside.fbsbx.com/x",
        "https:lookaside.fbsbx.com/x",
        "https:/lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com:80/x",
        "https://lookaside.fbsbx.com:8443/x",
        "https://lookaside.fbsbx.com:0443/x",
        "https://lookaside.fbsbx.com:/x",
        "https://lookaside.fbsbx.com:443:443/x",
        "https://lookaside.fbsbx.com.evil.example/x",
        "https://lookaside.fbsbx.com./x",
        "https://evil-lookaside.fbsbx.com/x",
        "https://a.lookaside.fbsbx.com/x",
        "https://fbsbx.com/x",
        "https://lookaside.fbsbx.com@evil.example/x",
        "https://user@lookaside.fbsbx.com/x",
        "https://user:pass@lookaside.fbsbx.com/x",
        "https://evil.example/lookaside.fbsbx.com",
        "https://evil.example?lookaside.fbsbx.com/",
        "https://evil.example#lookaside.fbsbx.com/",
        "https://lookaside.fbsbx.com#@evil.example/",
        "https://evil.example\\@lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com\\.evil.example/x",
        "https://lookaside.fbsbx.com%2eevil.example/x",
        "https://lookaside%2efbsbx.com/x",
        "https://lookaside.fbsbx.com /x",
        " https://lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com/x y",
        "https://lookaside.fbsbx.com/x\r\nX-Evil: 1",
        "https://lookaside.fbsbx.com/\x7f",
        "https://lookaside.fbsbx.com/\xc3\xb1",
        ("https://lookaside.fb\xd1\x95"
         "bx.com/x"),
        "https://[::1]:9000/x",
        "https://127.0.0.1:40123/x",
        "http://127.0.0.2:40123/x",
        "http://127.1/x",
        "http://2130706433/x",
        "http://0x7f.0.0.1/x",
        "http://0177.0.0.1/x",
        "http://127.0.0.01/x",
        "http://127.0.0.1.evil.example/x",
        "http://127.0.0.1:99999/x",
        "http://[::1]:9001/x",
        "http://[::1]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://localhost/x",
        "http://localhost:8081/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check(bad[i], false);
}

static void refuses_http_even_when_a_public_host_is_listed(void **state)
{
    static const char *const list[] = { "media.example" };
    (void)state;
    assert_false(graph_url_allowed("http://media.example/x", list, 1));
    assert_true(graph_url_allowed("https://media.example/x", list, 1));
}

static void refuses_overlong(void **state)
{
    char url[LIMIT_MEDIA_URL + 2];
    (void)state;
    memset(url, 'a', sizeof(url));
    memcpy(url, "http://127.0.0.1/", 17);
    url[LIMIT_MEDIA_URL + 1] = '\0';
    check(url, false);
    url[LIMIT_MEDIA_URL] = '\0';
    check(url, true);
}

static void nothing_is_allowed_by_an_empty_list(void **state)
{
    (void)state;
    assert_false(graph_url_allowed("https://lookaside.fbsbx.com/", NULL, 0));
}

static bool reach4(const char *text, enum graph_reach reach)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    assert_int_equal(inet_pton(AF_INET, text, &a.sin_addr), 1);
    return graph_address_allowed((struct sockaddr *)&a, reach);
}

static bool reach6(const char *text, enum graph_reach reach)
{
    struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
    assert_int_equal(inet_pton(AF_INET6, text, &a.sin6_addr), 1);
    return graph_address_allowed((struct sockaddr *)&a, reach);
}

static void only_public_addresses_for_a_public_host(void **state)
{
    static const char *const closed4[] = {
        "0.0.0.0",     "10.1.2.3",    "100.64.0.1", "127.0.0.1",
        "127.8.8.8",   "169.254.1.1", "172.16.0.1", "172.31.255.255",
        "192.168.0.1", "198.18.0.1",  "224.0.0.1",  "255.255.255.255"
    };
    static const char *const closed6[] = {
        "::",          "::1",           "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "fe80::1",     "fc00::1",       "fd12::1",          "ff02::1",
        "2001:db8::1", "2002:7f00:1::", "64:ff9b::10.0.0.1"
    };
    (void)state;
    for (size_t i = 0; i < sizeof(closed4) / sizeof(closed4[0]); i++)
        assert_false(reach4(closed4[i], GRAPH_REACH_PUBLIC));
    for (size_t i = 0; i < sizeof(closed6) / sizeof(closed6[0]); i++)
        assert_false(reach6(closed6[i], GRAPH_REACH_PUBLIC));
    assert_true(reach4("157.240.1.1", GRAPH_REACH_PUBLIC));
    assert_true(reach4("172.32.0.1", GRAPH_REACH_PUBLIC));
    assert_true(reach6("2a03:2880::1", GRAPH_REACH_PUBLIC));
}

static void a_loopback_host_reaches_loopback_only(void **state)
{
    (void)state;
    assert_true(reach4("127.0.0.1", GRAPH_REACH_LOOPBACK));
    assert_true(reach6("::1", GRAPH_REACH_LOOPBACK));
    assert_false(reach4("10.0.0.1", GRAPH_REACH_LOOPBACK));
    assert_false(reach4("157.240.1.1", GRAPH_REACH_LOOPBACK));
    assert_true(reach4("10.0.0.1", GRAPH_REACH_ANY));
}

static void ids_are_digits(void **state)
{
    (void)state;
    assert_true(graph_request_id_valid("551001", 32));
    assert_false(graph_request_id_valid("", 32));
    assert_false(graph_request_id_valid("551/../x", 32));
    assert_false(graph_request_id_valid("551?x", 32));
    assert_false(graph_request_id_valid("123", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_listed_places),
        cmocka_unit_test(refuses_hostile_urls),
        cmocka_unit_test(refuses_http_even_when_a_public_host_is_listed),
        cmocka_unit_test(refuses_overlong),
        cmocka_unit_test(nothing_is_allowed_by_an_empty_list),
        cmocka_unit_test(only_public_addresses_for_a_public_host),
        cmocka_unit_test(a_loopback_host_reaches_loopback_only),
        cmocka_unit_test(ids_are_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

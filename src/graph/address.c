/* Which addresses a transfer may reach, whatever a name resolved to. */
#include "graph_private.h"

#include <netinet/in.h>
#include <string.h>

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

/* IANA's special-purpose blocks (RFC 6890 and later). */
static bool public_v4(uint32_t a)
{
    static const struct {
        uint32_t net;
        unsigned bits;
    } closed[] = {
        { 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 },
        { 0x7f000000, 8 },  { 0xa9fe0000, 16 }, { 0xac100000, 12 },
        { 0xc0000000, 24 }, { 0xc0000200, 24 }, { 0xc0a80000, 16 },
        { 0xc6120000, 15 }, { 0xc6336400, 24 }, { 0xcb007100, 24 },
        { 0xe0000000, 3 },
    };

    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        if ((a ^ closed[i].net) >> (32 - closed[i].bits) == 0)
            return false;
    return true;
}

/* Global unicast only, and what it embeds is looked at as IPv4. */
static bool public_v6(const uint8_t a[static 16])
{
    static const uint8_t nat64[12] = { 0, 0x64, 0xff, 0x9b };

    if (memcmp(a, nat64, sizeof(nat64)) == 0)
        return public_v4(be32(a + 12));
    if ((a[0] & 0xe0) != 0x20)
        return false;
    if (a[0] == 0x20 && a[1] == 0x02)
        return public_v4(be32(a + 2));
    /* 2001:0::/32 hides an address, 2001:db8::/32 is for documents. */
    return !(a[0] == 0x20 && a[1] == 0x01 &&
             ((a[2] == 0 && a[3] == 0) || (a[2] == 0x0d && a[3] == 0xb8)));
}

bool graph_address_allowed(const struct sockaddr *sa, enum graph_reach reach)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (sa->sa_family == AF_INET) {
        uint32_t a;

        memcpy(&v4, sa, sizeof(v4));
        a = ntohl(v4.sin_addr.s_addr);
        if (reach == GRAPH_REACH_LOOPBACK)
            return a >> 24 == 127;
        return reach == GRAPH_REACH_ANY || public_v4(a);
    }
    if (sa->sa_family == AF_INET6) {
        memcpy(&v6, sa, sizeof(v6));
        if (reach == GRAPH_REACH_LOOPBACK)
            return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
        return reach == GRAPH_REACH_ANY || public_v6(v6.sin6_addr.s6_addr);
    }
    return false;
}

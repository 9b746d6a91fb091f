/* Bech32 (BIP 173) as age uses it: any length, any byte string. */
#include "resguardo/base.h"

#include <string.h>

#include <sodium.h>

static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

#define CHECKSUM_LEN 6u
/* BIP 173 allows 1 to 83 characters before the separator. */
#define HRP_MAX 83u

static uint32_t polymod_step(uint32_t sum, uint8_t value)
{
    static const uint32_t generator[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                           0x3d4233dd, 0x2a1462b3 };
    uint32_t top = sum >> 25;

    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++)
        if (top >> i & 1)
            sum ^= generator[i];
    return sum;
}

static uint32_t polymod_hrp(const char *hrp)
{
    uint32_t sum = 1;

    for (const char *p = hrp; *p != '\0'; p++)
        sum = polymod_step(sum, (uint8_t)((uint8_t)*p >> 5));
    sum = polymod_step(sum, 0);
    for (const char *p = hrp; *p != '\0'; p++)
        sum = polymod_step(sum, (uint8_t)(*p & 31));
    return sum;
}

static bool hrp_valid(const char *hrp)
{
    size_t len = strlen(hrp);

    if (len == 0 || len > HRP_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if (hrp[i] < 33 || hrp[i] > 126 || (hrp[i] >= 'A' && hrp[i] <= 'Z'))
            return false;
    return true;
}

/* The group-th run of five bits; the last one is filled with zeros. */
static uint8_t five_bits(const uint8_t *in, size_t n, size_t group)
{
    size_t bit = group * 5, at = bit / 8;
    unsigned two = (unsigned)in[at] << 8 | (at + 1 < n ? in[at + 1] : 0u);

    return (uint8_t)(two >> (11 - bit % 8) & 31);
}

int bech32_encode(char *out, size_t cap, const char *hrp, const uint8_t *in,
                  size_t n)
{
    size_t groups, at = strlen(hrp);
    uint32_t sum;

    if (!hrp_valid(hrp) || n > SIZE_MAX / 16)
        return -1;
    groups = (n * 8 + 4) / 5;
    if (cap < at + 1 + groups + CHECKSUM_LEN + 1)
        return -1;
    memcpy(out, hrp, at);
    out[at++] = '1';

    sum = polymod_hrp(hrp);
    for (size_t i = 0; i < groups; i++) {
        uint8_t value = five_bits(in, n, i);

        sum = polymod_step(sum, value);
        out[at++] = charset[value];
    }

    for (unsigned i = 0; i < CHECKSUM_LEN; i++)
        sum = polymod_step(sum, 0);
    sum ^= 1;
    for (unsigned i = 0; i < CHECKSUM_LEN; i++)
        out[at++] = charset[sum >> 5 * (5 - i) & 31];
    out[at] = '\0';
    return 0;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Mixed case is refused, as BIP 173 says. */
static bool one_case(const char *s)
{
    bool upper = false, lower = false;

    for (; *s != '\0'; s++) {
        upper = upper || is_upper(*s);
        lower = lower || is_lower(*s);
    }
    return !(upper && lower);
}

static char to_lower(char c)
{
    return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

/* Where the data starts: past hrp and separator; NULL for another hrp. */
static const char *after_hrp(const char *hrp, const char *in)
{
    for (; *hrp != '\0'; hrp++, in++)
        if (to_lower(*in) != *hrp)
            return NULL;
    return *in == '1' ? in + 1 : NULL;
}

/* Value of a character of the data part, -1 if it is none. */
static int value_of(char c)
{
    const char *at = strchr(charset, to_lower(c));

    return at == NULL || *at == '\0' ? -1 : (int)(at - charset);
}

int bech32_decode(uint8_t *out, size_t n, const char *hrp, const char *in)
{
    size_t groups = (n * 8 + 4) / 5, at = 0;
    const char *data;
    uint32_t sum, bits = 0;
    unsigned held = 0;
    int ok = -1;

    data = hrp_valid(hrp) && one_case(in) ? after_hrp(hrp, in) : NULL;
    if (data == NULL || strlen(data) != groups + CHECKSUM_LEN)
        return -1;

    sum = polymod_hrp(hrp);
    for (size_t i = 0; i < groups + CHECKSUM_LEN; i++) {
        int value = value_of(data[i]);

        if (value < 0)
            goto out;
        sum = polymod_step(sum, (uint8_t)value);
        if (i >= groups)
            continue;
        bits = (bits << 5 | (uint32_t)value) & 0xfff;
        held += 5;
        if (held >= 8) {
            held -= 8;
            out[at++] = (uint8_t)(bits >> held);
        }
    }

    /* The checksum holds, and the filling bits are zeros. */
    if (sum != 1 || (bits & ((1u << held) - 1)) != 0)
        goto out;
    ok = 0;
out:
    if (ok != 0)
        sodium_memzero(out, n);
    sodium_memzero(&bits, sizeof(bits));
    return ok;
}

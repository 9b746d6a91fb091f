/* Decimal digits and nothing else. */
#include "resguardo/base.h"

int decimal_parse(const char *s, size_t len, int64_t max, int64_t *out)
{
    int64_t value = 0;

    if (len == 0 || max < 0)
        return -1;
    for (size_t i = 0; i < len; i++) {
        int digit = s[i] - '0';

        if (digit < 0 || digit > 9)
            return -1;
        if (value > (INT64_MAX - digit) / 10)
            return -1;
        value = value * 10 + digit;
    }
    if (value > max)
        return -1;
    *out = value;
    return 0;
}

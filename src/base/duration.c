/* Durations of the configuration: a number and a unit. */
#include "resguardo/base.h"

#include <string.h>

int duration_parse(const char *s, msec *out)
{
    static const struct {
        const char *unit;
        msec length;
    } units[] = {
        { "ms", 1 },     { "s", MSEC_S }, { "m", 60 * MSEC_S },
        { "h", MSEC_H }, { "d", MSEC_D },
    };
    size_t digits = strspn(s, "0123456789");
    int64_t count;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(s + digits, units[i].unit) != 0)
            continue;
        if (decimal_parse(s, digits, INT64_MAX / units[i].length, &count) != 0)
            return -1;
        *out = count * units[i].length;
        return 0;
    }
    return -1;
}

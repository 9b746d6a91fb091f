/*
 * The file of a time zone. What is taken gives offsets within a day or so for
 * any instant, and a wall time leads to an instant not further away than that.
 */
#include "fuzz.h"

#define FAR ((msec)27 * 3600 * 1000)

static void check(const struct zone *zone, msec t)
{
    msec of_day, local, back;
    int32_t offset = zone_offset(zone, t);
    civil_day day = zone_day(zone, t, &of_day);

    FUZZ_CHECK(offset > -FAR / MSEC_S && offset < FAR / MSEC_S);
    FUZZ_CHECK(of_day >= 0 && of_day < MSEC_D);
    local = day * MSEC_D + of_day;
    back = zone_instant(zone, day, of_day);
    FUZZ_CHECK(back > local - FAR && back < local + FAR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const msec times[] = { 0,
                                  -1,
                                  1,
                                  INT64_MIN,
                                  INT64_MAX,
                                  1795431111000,
                                  4102444800000,
                                  253402300800000,
                                  -62167219200001 };
    struct error e = { 0 };
    struct zone *zone = zone_parse("Zone/Fuzzed", data, size, &e);

    if (zone == NULL) {
        FUZZ_CHECK(e.code == ERR_CONFIG || e.code == ERR_NOMEM);
        return 0;
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        check(zone, times[i]);
    for (msec t = -MSEC_D * 366; t < MSEC_D * 36600; t += MSEC_D * 97 + 12345)
        check(zone, t);
    zone_free(&zone);
    return 0;
}

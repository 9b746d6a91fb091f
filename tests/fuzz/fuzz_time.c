/*
 * Times, durations and numbers. A time that is read and written is read again
 * as the same moment, and the moment is the one that libc's calendar says. A
 * number is read exactly if it is digits and fits.
 */
#include "fuzz.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

static void check_time(const char *s)
{
    char text[TIME_SIZE];
    struct tm tm = { 0 };
    msec t, again;
    time_t seconds;

    if (time_parse(s, &t) != 0)
        return;
    time_format(text, t);
    FUZZ_CHECK(strlen(text) == TIME_SIZE - 1);
    FUZZ_CHECK(time_parse(text, &again) == 0);

    /* An offset may lead out of the years 0000 to 9999. */
    seconds = (time_t)(t >= 0 ? t / 1000 : (t - 999) / 1000);
    FUZZ_CHECK(gmtime_r(&seconds, &tm) != NULL);
    if (tm.tm_year + 1900 < 0 || tm.tm_year + 1900 > 9999)
        return;
    FUZZ_CHECK(again == t);
    FUZZ_CHECK(atoi(text) == tm.tm_year + 1900);
    FUZZ_CHECK(atoi(text + 5) == tm.tm_mon + 1);
    FUZZ_CHECK(atoi(text + 8) == tm.tm_mday);
    FUZZ_CHECK(atoi(text + 11) == tm.tm_hour);
    FUZZ_CHECK(atoi(text + 14) == tm.tm_min);
    FUZZ_CHECK(atoi(text + 17) == tm.tm_sec);
}

static void check_decimal(const char *s, size_t len)
{
    int64_t value = -1;
    bool is_number = len > 0 && strspn(s, "0123456789") == len;
    char back[24];
    const char *plain = s;

    if (decimal_parse(s, len, INT64_MAX, &value) != 0) {
        errno = 0;
        FUZZ_CHECK(!is_number ||
                   (strtoll(s, NULL, 10) == INT64_MAX && errno == ERANGE));
        return;
    }
    FUZZ_CHECK(is_number && value >= 0);
    while (plain[0] == '0' && plain[1] != '\0')
        plain++;
    (void)snprintf(back, sizeof(back), "%" PRId64, value);
    FUZZ_CHECK(strcmp(back, plain) == 0);
    FUZZ_CHECK(value == 0 || decimal_parse(s, len, value - 1, &value) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = fuzz_string(data, size);
    msec length = -1;

    check_time(s);
    check_decimal(s, size);
    if (duration_parse(s, &length) == 0)
        FUZZ_CHECK(length >= 0 && s[0] >= '0' && s[0] <= '9');
    free(s);
    return 0;
}

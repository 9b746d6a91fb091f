/*
 * Times as people type them. Zones are those of the system (tz database): the
 * C library knows one at a time, that of TZ, so it is asked with ours set.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZONES "/usr/share/zoneinfo/"

/* No path, no rule of POSIX, and there: what the C library does not know is UTC
 * to it, without a word. */
static bool is_zone(const char *name)
{
    char path[160];
    int n = snprintf(path, sizeof(path), ZONES "%s", name);

    return name[0] != '/' && strstr(name, "..") == NULL && n > 0 &&
           (size_t)n < sizeof(path) && access(path, R_OK) == 0 &&
           name[strlen(name) - 1] != '/' && strcmp(name, "posix") != 0;
}

/* YYYY-MM-DD, or that with Thh:mm[:ss]; nothing behind it. */
static int read_local(const char *text, struct tm *out)
{
    static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%dT%H:%M",
                                         "%Y-%m-%dT%H:%M:%S" };

    if (strspn(text, "0123456789") != 4)
        return -1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const char *end;

        memset(out, 0, sizeof(*out));
        end = strptime(text, forms[i], out);
        if (end != NULL && *end == '\0')
            return 0;
    }
    return -1;
}

/* What the day or the hour is there. A day that does not exist (the 31st of
 * April) is none; an hour that the clock skips is the one after it. */
static int in_zone(msec *out, struct tm *local, const char *zone)
{
    const char *former = getenv("TZ");
    char *kept = former != NULL ? strdup(former) : NULL;
    int day = local->tm_mday, month = local->tm_mon;
    time_t at;

    local->tm_isdst = -1;
    (void)setenv("TZ", zone, 1);
    tzset();
    at = mktime(local);
    if (kept != NULL)
        (void)setenv("TZ", kept, 1);
    else
        (void)unsetenv("TZ");
    tzset();
    free(kept);
    *out = (msec)at * MSEC_S;
    return local->tm_mon == month && (local->tm_mday == day) ? 0 : -1;
}

const char *zone_name(const struct cli *cli)
{
    const char *zone = cli->options[OPTION_ZONE];

    return zone != NULL ? zone : ZONE_USUAL;
}

static int one_end(msec *out, const struct cli *cli, enum option o,
                   const char *name, struct error *e)
{
    return cli->options[o] == NULL ? 0
                                   : zone_time(out, name, cli->options[o],
                                               cli->options[OPTION_ZONE], e);
}

int zone_period(msec *since, msec *until, const struct cli *cli,
                struct error *e)
{
    *since = INT64_MIN;
    *until = INT64_MAX;
    if (one_end(since, cli, OPTION_SINCE, "--since", e) != 0 ||
        one_end(until, cli, OPTION_UNTIL, "--until", e) != 0)
        return -1;
    if (*since < *until)
        return 0;
    (void)error_set(e, ERR_USAGE, "--since is not before --until");
    return error_hint(e, "since is included, until is not");
}

int zone_time(msec *out, const char *option, const char *text, const char *zone,
              struct error *e)
{
    struct tm local;

    if (zone != NULL && !is_zone(zone)) {
        (void)error_set(e, ERR_USAGE, "no such zone: %s", zone);
        return error_hint(e, "a name of the tz database, such as "
                             "America/Bogota or Europe/Madrid");
    }
    if (read_local(text, &local) == 0 &&
        in_zone(out, &local, zone != NULL ? zone : ZONE_USUAL) == 0)
        return 0;
    if (time_parse(text, out) == 0 && strchr(text, 'T') != NULL)
        return 0;
    (void)error_set(e, ERR_USAGE, "%s: not a time: %s", option, text);
    return error_hint(e, "RFC 3339, such as 2026-11-24T00:00:00Z; or a date, "
                         "or 2026-11-24T08:00, in --zone (or else UTC)");
}

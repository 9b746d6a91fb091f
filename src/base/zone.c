/* Time zones from the system's database: TZif, version 2 and later. */
#include "zone_private.h"
#include "resguardo/limits.h"

#include <stdlib.h>
#include <string.h>

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define HEADER      44u
#define TYPES_MAX   256u

/* Times past these are no dates of ours; they keep sums from overflowing. */
#define SECOND_MAX ((int64_t)253402300799) /* 9999-12-31T23:59:59Z */
#define SECOND_MIN ((int64_t)-62167219200) /* 0000-01-01T00:00:00Z */

struct zone {
    struct zone_rule rule;
    int32_t first; /* before all changes */
    size_t n;
    struct {
        int64_t second;
        int32_t offset; /* from then on */
    } changes[];
};

/* ---- reading ------------------------------------------------------------ */

static uint64_t big_endian(const uint8_t *p, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

struct counts {
    uint32_t utc, standard, leaps, times, types, chars;
};

/* A block's header; 0 when it is none. *size: of the data behind it. */
static bool take_header(const uint8_t *p, size_t n, size_t width,
                        struct counts *c, size_t *size)
{
    uint32_t *const fields[] = { &c->utc,   &c->standard, &c->leaps,
                                 &c->times, &c->types,    &c->chars };

    if (n < HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2' || p[4] > '9')
        return false;
    for (size_t i = 0; i < 6; i++) {
        *fields[i] = (uint32_t)big_endian(p + 20 + 4 * i, 4);
        if (*fields[i] > LIMIT_ZONE_BYTES)
            return false;
    }
    *size = (size_t)c->times * (width + 1) + (size_t)c->types * 6 + c->chars +
            (size_t)c->leaps * (width + 4) + c->standard + c->utc;
    return *size <= n - HEADER;
}

/* Changes in order of time, each to a type that is there. */
static bool take_changes(struct zone *zone, const uint8_t *p,
                         const struct counts *c)
{
    const uint8_t *types = p + (size_t)c->times * 9;
    int32_t offsets[TYPES_MAX] = { 0 };

    for (size_t i = 0; i < c->types; i++) {
        offsets[i] = (int32_t)(uint32_t)big_endian(types + 6 * i, 4);
        if (offsets[i] < ZONE_OFFSET_MIN || offsets[i] > ZONE_OFFSET_MAX)
            return false;
    }
    zone->first = offsets[0];
    zone->n = c->times;
    for (size_t i = 0; i < c->times; i++) {
        uint8_t type = p[(size_t)c->times * 8 + i];

        zone->changes[i].second = (int64_t)big_endian(p + 8 * i, 8);
        if (type >= c->types ||
            (i > 0 && zone->changes[i].second <= zone->changes[i - 1].second))
            return false;
        zone->changes[i].offset = offsets[type];
    }
    return true;
}

/* A line feed, the rule, a line feed, and nothing more. */
static bool take_footer(struct zone *zone, const uint8_t *p, size_t n)
{
    return n >= 2 && p[0] == '\n' && p[n - 1] == '\n' &&
           zone_rule_parse(&zone->rule, (const char *)p + 1, n - 2) == 0;
}

static struct zone *broken(const char *name, struct error *e)
{
    (void)error_set(e, ERR_CONFIG, "the file of the time zone %s is broken",
                    name);
    return NULL;
}

struct zone *zone_parse(const char *name, const void *bytes, size_t n,
                        struct error *e)
{
    const uint8_t *p = bytes;
    struct counts c;
    struct zone *zone;
    size_t size;

    /* The first block is for programs that know 32 bits only. */
    if (!take_header(p, n, 4, &c, &size))
        return broken(name, e);
    p += HEADER + size;
    n -= HEADER + size;
    if (!take_header(p, n, 8, &c, &size) || c.types == 0 ||
        c.types > TYPES_MAX || c.leaps != 0)
        return broken(name, e);
    zone = calloc(1, sizeof(*zone) + c.times * sizeof(zone->changes[0]));
    if (zone == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for a time zone");
        return NULL;
    }
    if (!take_changes(zone, p + HEADER, &c) ||
        !take_footer(zone, p + HEADER + size, n - HEADER - size)) {
        zone_free(&zone);
        return broken(name, e);
    }
    return zone;
}

/* A name leads to a file below the folder and nowhere else. */
static bool name_valid(const char *name)
{
    size_t n = strlen(name);

    if (n == 0 || n >= ZONE_NAME_SIZE || name[0] == '/' || name[n - 1] == '/')
        return false;
    return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789_+-/")] ==
               '\0' &&
           strstr(name, "//") == NULL;
}

struct zone *zone_load(const char *name, struct error *e)
{
    struct buf path = { 0 }, bytes = { 0 };
    struct zone *zone = NULL;

    if (!name_valid(name)) {
        (void)error_set(e, ERR_CONFIG, "is no time zone");
        goto out;
    }
    if (buf_addf(&path, "%s/%s", ZONE_FOLDER, name) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a time zone");
        goto out;
    }
    if (file_read((char *)path.p, LIMIT_ZONE_BYTES, &bytes, e) != 0) {
        if (e->code != ERR_NOMEM) {
            (void)error_set(e, ERR_CONFIG, "the time zone %s cannot be read",
                            name);
            (void)error_hint(e, "zones come with the package tzdata");
        }
        goto out;
    }
    zone = zone_parse(name, bytes.p, bytes.len, e);
out:
    buf_free(&path);
    buf_free(&bytes);
    return zone;
}

void zone_free(struct zone **zone)
{
    free(*zone);
    *zone = NULL;
}

/* ---- asking ------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

int32_t zone_offset(const struct zone *zone, msec t)
{
    int64_t second = floor_div(t, MSEC_S);
    size_t low = 0, high = zone->n;

    if (second > SECOND_MAX)
        second = SECOND_MAX;
    if (second < SECOND_MIN)
        second = SECOND_MIN;
    while (low < high) { /* how many changes were until then */
        size_t middle = low + (high - low) / 2;

        if (zone->changes[middle].second <= second)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->n && zone->rule.given)
        return zone_rule_offset(&zone->rule, second);
    return low == 0 ? zone->first : zone->changes[low - 1].offset;
}

civil_day zone_day(const struct zone *zone, msec t, msec *of_day)
{
    msec local;
    int64_t day;

    if (t > SECOND_MAX * MSEC_S)
        t = SECOND_MAX * MSEC_S;
    if (t < SECOND_MIN * MSEC_S)
        t = SECOND_MIN * MSEC_S;
    local = t + zone_offset(zone, t) * MSEC_S;
    day = floor_div(local, MSEC_D);
    if (of_day != NULL)
        *of_day = local - day * MSEC_D;
    return (civil_day)day;
}

msec zone_instant(const struct zone *zone, civil_day day, msec of_day)
{
    const msec local = day * MSEC_D + of_day;
    const msec far = ((msec)ZONE_OFFSET_MAX + 1) * MSEC_S;
    const msec before = zone_offset(zone, local - far) * MSEC_S;
    const msec after = zone_offset(zone, local + far) * MSEC_S;

    /* Clocks that go back show it twice: the former offset is the earlier.
     * Clocks that jump never show it: with the former offset it is later. */
    if (zone_offset(zone, local - before) * MSEC_S != before &&
        zone_offset(zone, local - after) * MSEC_S == after)
        return local - after;
    return local - before;
}

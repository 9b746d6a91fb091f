/*
 * What a desk says for a report: lines of the service, and hours of policies.
 * Whatever it says, parts are no more than their wholes, weeks are in order and
 * few, all three formats are made of it, and no hours open that do not end.
 */
#include "fuzz.h"

#include "cli/service.h"

#include <stdlib.h>
#include <string.h>

static void check_part(const struct service_part *p)
{
    FUZZ_CHECK(p->n <= p->of);
    FUZZ_CHECK(p->of == 0 ? service_permille(p) == -1
                          : service_permille(p) <= 1000);
}

static void check_group(const struct service_figures *f)
{
    check_part(&f->alone);
    check_part(&f->in_chat);
    check_part(&f->promised);
    check_part(&f->answered);
    check_part(&f->taken);
    check_part(&f->rated);
    FUZZ_CHECK(service_mean(f) <= 500);
    FUZZ_CHECK(latency_at(&f->resolution, 50) <=
               latency_at(&f->resolution, 90));
}

static void check_formats(const struct service *s)
{
    const struct service_about about = { .zone = "UTC",
                                         .since = INT64_MIN,
                                         .until = INT64_MAX };
    struct buf out = { 0 };

    FUZZ_CHECK(service_json(&out, s, &about) == 0);
    buf_reset(&out);
    FUZZ_CHECK(service_csv(&out, s) == 0);
    buf_reset(&out);
    FUZZ_CHECK(service_sheet(&out, s, &about) == 0);
    FUZZ_CHECK(memmem(out.p, out.len, "<script", 7) == NULL);
    buf_free(&out);
}

/* The same bytes as lines. */
static void read_lines(const uint8_t *p, size_t len)
{
    struct service s;

    FUZZ_CHECK(service_begin(&s) == 0);
    for (size_t n; len > 0; p += n, len -= n) {
        struct error e = { 0 };
        const uint8_t *end = memchr(p, '\n', len);

        n = end != NULL ? (size_t)(end - p) : len;
        if (service_add(&s, (const char *)p, n, &e) != 0)
            FUZZ_CHECK(e.code != ERR_NONE);
        n += end != NULL;
    }
    service_sort(&s);
    check_group(s.total);
    for (size_t i = 0; i < s.nprocedures; i++)
        check_group(s.procedures[i]);
    for (size_t i = 1; i < s.nweeks; i++)
        FUZZ_CHECK(s.weeks[i - 1]->day < s.weeks[i]->day);
    FUZZ_CHECK(s.nweeks <= LIMIT_SERVICE_WEEKS + 1);
    check_formats(&s);
    service_free(&s);
}

/* … and as what the policies say. */
static void read_hours(const uint8_t *p, size_t len)
{
    struct desk_hours *hours;
    struct error e = { 0 };
    json_t *policies = json_parse(p, len, &e);

    if (policies == NULL)
        return;
    if (desk_hours_read(&hours, policies, &e) != 0) {
        FUZZ_CHECK(hours == NULL && e.code != ERR_NONE);
    } else if (hours != NULL) {
        for (int h = 0; h < 7 * 24; h++)
            (void)desk_hours_open(hours, INT64_C(1795000000000) + h * MSEC_H);
        FUZZ_CHECK(!desk_hours_usual(hours, 6, 24 * 60));
    }
    desk_hours_free(&hours);
    json_decref(policies);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    read_lines(p, len);
    read_hours(p, len);
    return 0;
}

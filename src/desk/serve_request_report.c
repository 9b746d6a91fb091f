/* The requests of half a year, counted, as authorities want them. */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

struct tally {
    json_t *counts; /* "policy|clock|type|outcome" -> {n, in_time, extended} */
    struct error *err;
};

static int count_up(json_t *o, const char *key, bool one)
{
    return json_object_set_new(
        o, key,
        json_integer(json_integer_value(json_object_get(o, key)) +
                     (one ? 1 : 0)));
}

static int count_one(void *arg, const struct request_row *row)
{
    const struct tally *t = arg;
    struct buf key = { 0 };
    json_t *o;
    int ok = -1;

    if (row->subject[0] == '\0' || strcmp(row->type, "sla") == 0)
        return 0;
    if (buf_addf(&key, "%s|%s|%s|%s", row->policy, row->clock, row->type,
                 row->outcome[0] != '\0' ? row->outcome : row->state) != 0)
        goto out;
    o = json_object_get(t->counts, (const char *)key.p);
    if (o == NULL) {
        o = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i}", "policy",
                      row->policy, "kind", row->clock, "type", row->type,
                      "outcome",
                      row->outcome[0] != '\0' ? row->outcome : row->state,
                      "requests", 0, "in_time", 0, "extended", 0);
        if (json_object_set_new(t->counts, (const char *)key.p, o) != 0)
            goto out;
    }
    ok = count_up(o, "requests", true) != 0 ||
                 count_up(o, "in_time",
                          row->closed != 0 && row->closed < row->due_at) != 0 ||
                 count_up(o, "extended", row->extensions > 0) != 0
             ? -1
             : 0;
out:
    buf_free(&key);
    return ok == 0 ? 0 : error_set(t->err, ERR_NOMEM, "no memory for counts");
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By their keys, so that the same rows always give the same answer. */
static json_t *sorted(json_t *counts)
{
    size_t n = json_object_size(counts), i = 0;
    const char **keys = calloc(n + 1, sizeof(*keys));
    json_t *list = json_array(), *value;
    const char *key;

    if (keys != NULL) {
        json_object_foreach(counts, key, value)
        {
            keys[i++] = key;
        }
        qsort(keys, n, sizeof(*keys), compare_keys);
        for (i = 0; i < n; i++)
            (void)json_array_append(list, json_object_get(counts, keys[i]));
    }
    free(keys);
    return list;
}

/* Days of each policy's own calendar: from the first of January or July. */
static int count_half(struct request *r, struct tally *t, int year, int half)
{
    const struct policy_set *set = registrar_policies(r->desk->needs.registrar);
    civil_day from = date_day(year, half == 1 ? 1 : 7, 1);
    civil_day until =
        half == 1 ? date_day(year, 7, 1) : date_day(year + 1, 1, 1);

    for (size_t i = 0; i < set->n; i++) {
        const struct policy *p = set->policies[i];

        if (request_received(r->store, p->id,
                             zone_instant(p->calendar.zone, from, 0),
                             zone_instant(p->calendar.zone, until, 0),
                             count_one, t, t->err) != 0)
            return -1;
    }
    return 0;
}

int serve_request_report(struct request *r, struct error *e)
{
    struct tally t = { .err = e };
    uint64_t year = 0, half = 0;
    json_t *list = NULL;
    int ok = -1;

    if (request_query_number(r, "year", &year, e) != 0 ||
        request_query_number(r, "half", &half, e) != 0)
        return -1;
    if (year < 2000 || year > 9998 || half < 1 || half > 2)
        return error_set(e, ERR_INPUT, "a half is 1 or 2 of a year");
    if ((t.counts = json_object()) == NULL)
        return error_set(e, ERR_NOMEM, "no memory for counts");
    if (count_half(r, &t, (int)year, (int)half) == 0)
        list = sorted(t.counts);
    if (list != NULL)
        ok = answer_json(r, list, e);
    json_decref(t.counts);
    return ok;
}

/*
 * What came in and what became of it, counted in the transaction that has the
 * effect, so that the sums add up after any crash: `ledger reconcile` compares
 * them. Repetitions count again; what was answered with an error does not.
 */
#include "registrar_private.h"
#include "upkeep_private.h"

#include <inttypes.h>

/* In their order: so they are written. */
static const struct {
    const char *name;
    size_t at;
} members[] = {
    { "applied", offsetof(struct traffic, applied) },
    { "duplicates", offsetof(struct traffic, duplicates) },
    { "failed", offsetof(struct traffic, failed) },
    { "ignored", offsetof(struct traffic, ignored) },
    { "messages", offsetof(struct traffic, messages) },
    { "put_aside", offsetof(struct traffic, put_aside) },
    { "statuses", offsetof(struct traffic, statuses) },
    { "webhooks", offsetof(struct traffic, webhooks) },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

static uint64_t *member(struct traffic *t, size_t i)
{
    return (uint64_t *)(void *)((char *)t + members[i].at);
}

json_t *registrar_traffic(struct store *store, struct error *err)
{
    struct buf text = { 0 };
    int found = meta_get_bytes(store, "traffic", &text, err);
    json_t *o = found < 0    ? NULL
                : found == 0 ? json_object()
                             : json_parse(text.p, text.len, err);

    for (size_t i = 0; o != NULL && i < MEMBERS; i++)
        if (!json_is_integer(json_object_get(o, members[i].name)) &&
            json_object_set_new(o, members[i].name, json_integer(0)) != 0) {
            (void)error_set(err, ERR_NOMEM, "no memory for a count");
            json_decref(o);
            o = NULL;
        }
    buf_free(&text);
    return o;
}

/* Read once: afterwards the writer knows what it wrote. */
static int sums_read(struct registrar *r, struct error *err)
{
    json_t *o;

    if (r->sums_known)
        return 0;
    if ((o = registrar_traffic(r->store, err)) == NULL)
        return -1;
    for (size_t i = 0; i < MEMBERS; i++)
        *member(&r->sums, i) =
            (uint64_t)json_integer_value(json_object_get(o, members[i].name));
    json_decref(o);
    r->sums_known = true;
    return 0;
}

int traffic_add(struct registrar *r, struct error *err)
{
    struct buf text = { 0 };
    int ok;

    if (r->counted.webhooks == 0)
        return 0;
    if (sums_read(r, err) != 0)
        return -1;
    r->sums_next = r->sums;
    ok = buf_adds(&text, "{");
    for (size_t i = 0; ok == 0 && i < MEMBERS; i++) {
        *member(&r->sums_next, i) += *member(&r->counted, i);
        ok = buf_addf(&text, "%s\"%s\":%" PRIu64, i > 0 ? "," : "",
                      members[i].name, *member(&r->sums_next, i));
    }
    if (ok == 0 && buf_adds(&text, "}") == 0)
        ok = meta_set_bytes(r->store, "traffic", text.p, text.len, err);
    else
        ok = error_set(err, ERR_NOMEM, "no memory for a count");
    buf_free(&text);
    return ok;
}

void traffic_committed(struct registrar *r)
{
    if (r->counted.webhooks > 0)
        r->sums = r->sums_next;
}

void traffic_unsure(struct registrar *r)
{
    r->sums_known = false;
}

/*
 * What came in and what became of it, counted in the transaction that has the
 * effect, so that the sums add up after any crash: `ledger reconcile` compares
 * them. Repetitions count again; what was answered with an error does not.
 */
#include "registrar_private.h"

static const struct {
    const char *name;
    size_t at;
} members[] = {
    { "webhooks", offsetof(struct traffic, webhooks) },
    { "messages", offsetof(struct traffic, messages) },
    { "applied", offsetof(struct traffic, applied) },
    { "statuses", offsetof(struct traffic, statuses) },
    { "ignored", offsetof(struct traffic, ignored) },
    { "duplicates", offsetof(struct traffic, duplicates) },
    { "failed", offsetof(struct traffic, failed) },
    { "put_aside", offsetof(struct traffic, put_aside) },
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

int traffic_add(struct registrar *r, struct error *err)
{
    struct buf text = { 0 };
    json_t *o;
    int ok = 0;

    if (r->counted.webhooks == 0)
        return 0;
    if ((o = registrar_traffic(r->store, err)) == NULL)
        return -1;
    for (size_t i = 0; ok == 0 && i < MEMBERS; i++) {
        json_int_t n = json_integer_value(json_object_get(o, members[i].name)) +
                       (json_int_t)*member(&r->counted, i);

        ok = json_object_set_new(o, members[i].name, json_integer(n));
    }
    if (ok == 0 && json_canonical(o, &text) == 0)
        ok = meta_set_bytes(r->store, "traffic", text.p, text.len, err);
    else
        ok = error_set(err, ERR_NOMEM, "no memory for a count");
    json_decref(o);
    buf_free(&text);
    return ok;
}

/*
 * Time stamps in the bundle: checkpoint, query and response of each, under the
 * size of the tree that it is about. Those that the desk gives are checked like
 * everything else of it: the entry in the log must name them.
 */
#include "export.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int malformed(struct error *e)
{
    return error_set(e, ERR_VERIFY, "the desk's time stamps are malformed");
}

static int decode(const json_t *row, const char *member, struct buf *out,
                  struct error *e)
{
    const char *text = json_str(row, member);
    size_t len = text != NULL ? strlen(text) : 0;
    ssize_t got;

    if (text == NULL || len > BASE64_SIZE(LIMIT_STAMP_BYTES))
        return malformed(e);
    if (buf_reserve(out, len) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a time stamp");
    if ((got = base64_decode(out->p, len, text, len, true)) < 0)
        return malformed(e);
    out->len = (size_t)got;
    return 0;
}

static int put_stamp(struct export *x, const json_t *row, uint64_t size,
                     struct error *e)
{
    static const struct {
        const char *member, *suffix;
    } parts[] = { { "checkpoint", "checkpoint" },
                  { "query", "tsq" },
                  { "response", "tsr" } };
    struct buf bytes = { 0 };
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
        char name[64];

        buf_reset(&bytes);
        (void)snprintf(name, sizeof(name), "stamp-%" PRIu64 ".%s", size,
                       parts[i].suffix);
        ok = decode(row, parts[i].member, &bytes, e);
        if (ok == 0)
            ok = export_put(x, name, bytes.p, bytes.len, e);
        if (ok == 0 && i == 0)
            x->stamps++;
    }
    buf_free(&bytes);
    return ok;
}

/* Its entry is in the bundle, or the stamp is of a later one. */
static int take(struct export *x, const json_t *row, uint64_t *after,
                struct error *e)
{
    json_int_t id = json_integer_value(json_object_get(row, "id"));
    json_int_t index = json_integer_value(json_object_get(row, "index"));
    json_int_t size = json_integer_value(json_object_get(row, "size"));

    if (id <= (json_int_t)*after || index < 0 || size < 0)
        return malformed(e);
    *after = (uint64_t)id;
    return (uint64_t)index < x->visit.now.size
               ? put_stamp(x, row, (uint64_t)size, e)
               : 0;
}

static int put_authorities(struct export *x, struct error *e)
{
    struct buf pem = { 0 };
    int ok = client_get(x->visit.client, "/ledger/authorities", &pem, e);

    if (ok == 0 && pem.len > 0)
        ok = export_put(x, "stamp-ca.pem", pem.p, pem.len, e);
    buf_free(&pem);
    return ok;
}

int export_stamps(struct export *x, struct error *e)
{
    uint64_t after = 0;
    int ok = 0;

    for (size_t n = 1; ok == 0 && n > 0;) {
        char path[64];
        json_t *page;

        (void)snprintf(path, sizeof(path), "/ledger/stamps?after=%" PRIu64,
                       after);
        page = client_get_json(x->visit.client, path, e);
        ok = page == NULL ? -1 : 0;
        n = json_array_size(page);
        for (size_t i = 0; ok == 0 && i < n; i++)
            ok = take(x, json_array_get(page, i), &after, e);
        json_decref(page);
    }
    return ok != 0 || x->stamps == 0 ? ok : put_authorities(x, e);
}

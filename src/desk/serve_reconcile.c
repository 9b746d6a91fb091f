/* What the rows say, to be compared with what the ledger says. */
#include "desk_private.h"

struct rows {
    json_t *documents;
};

static int add_one(json_t *counts, const char *key, int64_t n)
{
    json_int_t before = json_integer_value(json_object_get(counts, key));

    return json_object_set_new(counts, key, json_integer(before + n));
}

static int see_document(void *arg, const struct document_row *row)
{
    struct rows *rows = arg;

    return add_one(rows->documents, row->state, 1);
}

/* How many entries these rows belong to. */
static int tree_size(struct store *store, uint64_t *size, struct error *e)
{
    struct ledger_tree tree = { 0 };
    struct buf bytes = { 0 };
    int found = meta_get_bytes(store, "ledger_tree", &bytes, e);
    int ok = found > 0 && ledger_tree_decode(&tree, bytes.p, bytes.len) == 0;

    *size = tree.size;
    buf_free(&bytes);
    return ok ? 0 : error_set(e, ERR_VERIFY, "the store has no ledger");
}

static json_t *rows_json(struct store *store, struct error *e)
{
    struct rows rows = { json_object() };
    json_t *attachments = json_object(), *traffic = NULL, *o = NULL;
    struct store_counts counts;
    uint64_t size;

    if (tree_size(store, &size, e) != 0 ||
        store_count(store, &counts, e) != 0 ||
        document_list(store, NULL, see_document, &rows, e) != 0 ||
        (traffic = registrar_traffic(store, e)) == NULL)
        goto out;
    for (size_t i = 0;
         i < sizeof(counts.attachments) / sizeof(counts.attachments[0]); i++)
        if (add_one(attachments, counts.attachments[i].state,
                    counts.attachments[i].n) != 0)
            goto out;
    o = json_pack("{s:I, s:O, s:O, s:O, s:I}", "entries", (json_int_t)size,
                  "documents", rows.documents, "attachments", attachments,
                  "traffic", traffic, "dead_letters",
                  (json_int_t)counts.dead_letters);
    if (o == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for counts");
out:
    json_decref(rows.documents);
    json_decref(attachments);
    json_decref(traffic);
    return o;
}

int serve_reconcile(struct request *r, struct error *e)
{
    json_t *o;

    if (store_read_begin(r->store, e) != 0)
        return -1;
    o = rows_json(r->store, e);
    store_read_end(r->store);
    return o == NULL ? -1 : answer_json(r, o, e);
}

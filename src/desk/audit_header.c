/*
 * Headers: each is the one that the last leaf about it names. An older one that
 * somebody put back (a revoked reader may hold the secret of its epoch) shows
 * here, and so does one that no officer moved.
 */
#include "audit_private.h"

#include <string.h>

/* ---- learning ----------------------------------------------------------- */

static const char *of_document(const json_t *item)
{
    return json_str(item, "document_id");
}

/* The one in place becomes the former, unless one that is proven is that. */
static int learn_move(struct audit *a, const json_t *item, json_t *epoch)
{
    const char *id = of_document(item);
    json_t *known = id != NULL ? json_object_get(a->bound, id) : NULL;

    if (known == NULL || json_str(item, "header_sha256") == NULL)
        return 0;
    if (json_object_get(known, "former_sha256") == NULL &&
        (audit_put(a, known, "former_sha256",
                   json_incref(json_object_get(known, "header_sha256"))) != 0 ||
         audit_put(a, known, "former_epoch",
                   json_incref(json_object_get(known, "epoch"))) != 0))
        return -1;
    if (audit_put(a, known, "header_sha256",
                  json_incref(json_object_get(item, "header_sha256"))) != 0)
        return -1;
    return audit_put(a, known, "epoch", json_incref(epoch));
}

static void learn_proof(struct audit *a, const json_t *item)
{
    const char *id = of_document(item);
    json_t *known = id != NULL ? json_object_get(a->bound, id) : NULL;

    (void)json_object_del(known, "former_sha256");
    (void)json_object_del(known, "former_epoch");
}

int audit_learn_header(struct audit *a, const json_t *leaf)
{
    const char *event = json_str(leaf, "event_type");
    const json_t *evidence = json_object_get(leaf, "evidence"), *item;
    json_t *epoch = json_object_get(evidence, "epoch");
    bool moved = strcmp(event, "header_rewrapped") == 0;
    size_t i;

    if (!moved && strcmp(event, "header_confirmed") != 0)
        return 0;
    json_array_foreach(json_object_get(evidence, "headers"), i, item)
    {
        if (!moved)
            learn_proof(a, item);
        else if (learn_move(a, item, epoch) != 0)
            return -1;
    }
    return 0;
}

/* ---- judging ------------------------------------------------------------ */

/* Does a leaf after our look name the document? Then it was moved, or proven,
 * while we were at it. */
struct later {
    const char *id;
    bool found;
};

static int see_later(void *arg, uint64_t index, const uint8_t *entry,
                     size_t len, const uint8_t *leaf)
{
    struct later *l = arg;
    struct error why = { 0 };
    json_t *o = json_parse(entry, len, &why);
    const json_t *evidence = json_object_get(o, "evidence"), *item;
    size_t i;

    (void)index;
    (void)leaf;
    json_array_foreach(json_object_get(evidence, "headers"), i, item)
    {
        const char *id = of_document(item);

        l->found = l->found || (id != NULL && strcmp(id, l->id) == 0);
    }
    json_decref(o);
    return 0;
}

static int fault_unless_moved(struct audit *a, const struct document_row *row,
                              const char *what)
{
    struct later later = { .id = row->id };

    if (ledger_row_list(a->store, a->size, INT64_MAX, see_later, &later,
                        a->err) != 0)
        return -1;
    return later.found ? 0 : audit_fault(a, "document %s: %s", row->id, what);
}

/* A header against its hash in the ledger, NULL: it is not in there. */
static int judge_one(struct audit *a, const struct document_row *row,
                     const char *said, bool former)
{
    bool unknown = json_object_get(a->bound, row->id) == NULL;
    uint8_t hash[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)], what[ID_SIZE + 32];
    struct buf header = { 0 };
    int ok = former ? document_former(a->store, row, &header, a->err)
                    : document_header(a->store, row, &header, a->err);

    if (ok != 0) {
        buf_free(&header);
        (void)snprintf(what, sizeof(what), "document %s", row->id);
        return a->err->code == ERR_NOT_FOUND
                   ? fault_unless_moved(a, row, a->err->text)
                   : audit_fault_or_fail(a, what);
    }
    sha256_of(hash, header.p, header.len);
    hex_encode(hex, hash, sizeof(hash));
    buf_free(&header);
    if (unknown || (said != NULL && strcmp(said, hex) == 0))
        return 0; /* an unknown one was named already */
    return fault_unless_moved(a, row,
                              former ? "its former header is not the one in "
                                       "the ledger"
                                     : "its header is not the one in the "
                                       "ledger");
}

static int judge_epochs(struct audit *a, const struct document_row *row,
                        const json_t *known)
{
    json_int_t epoch = json_integer_value(json_object_get(known, "epoch"));
    json_int_t former =
        json_integer_value(json_object_get(known, "former_epoch"));

    /* The row and these are of one look. */
    if (epoch != (json_int_t)row->epoch)
        return audit_fault(a,
                           "document %s: the database says epoch %u, the "
                           "ledger %lld",
                           row->id, row->epoch, (long long)epoch);
    if (former != (json_int_t)row->former_epoch)
        return audit_fault(a,
                           "document %s: the database says former epoch %u, "
                           "the ledger %lld",
                           row->id, row->former_epoch, (long long)former);
    return 0;
}

int audit_judge_header(struct audit *a, const struct document_row *row)
{
    const json_t *known = json_object_get(a->bound, row->id);
    char what[ID_SIZE + 32];
    int state = slot_state(a->store, row->slot, a->err);

    (void)snprintf(what, sizeof(what), "document %s", row->id);
    if (state == 0)
        return audit_fault(a, "document %s: its slot was erased", row->id);
    if (state < 0)
        return audit_fault_or_fail(a, what);
    if ((known != NULL && judge_epochs(a, row, known) != 0) ||
        judge_one(a, row, json_str(known, "header_sha256"), false) != 0)
        return -1;
    return row->former_epoch == 0
               ? 0
               : judge_one(a, row, json_str(known, "former_sha256"), true);
}

/* Epochs, and the headers that are moved from one to the next. */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

#include "resguardo/registrar_keys.h"

/* Of a page of headers: with them in base64 the answer to it fits a body, and
 * with their hashes a ledger entry. */
#define PAGE 128u

/* ---- epochs ------------------------------------------------------------- */

static json_t *epoch_json(struct request *r, unsigned epoch, struct error *e)
{
    uint8_t point[AGE_KEY_LEN];
    char recipient[AGE_RECIPIENT_SIZE];
    int64_t documents = 0, unproven = 0, coming, messages;
    json_t *o;

    if (document_epoch_count(r->store, epoch, &documents, e) != 0 ||
        document_unproven_count(r->store, epoch, &unproven, e) != 0 ||
        (coming = attachment_of_epoch(r->store, epoch, e)) < 0 ||
        (messages = chat_epoch_count(r->store, epoch, e)) < 0)
        return NULL;
    (void)keyring_epoch_recipient(r->keyring, epoch, point);
    age_recipient_format(recipient, point);
    o = json_pack("{s:I, s:s, s:I, s:I, s:I, s:I}", "epoch", (json_int_t)epoch,
                  "recipient", recipient, "documents", (json_int_t)documents,
                  "under_way", (json_int_t)coming, "unproven",
                  (json_int_t)unproven, "messages", (json_int_t)messages);
    if (o == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for an epoch");
    return o;
}

int serve_vault(struct request *r, struct error *e)
{
    json_t *list = json_array();

    for (unsigned epoch = 1; epoch <= keyring_epoch(r->keyring); epoch++) {
        json_t *o = epoch_json(r, epoch, e);

        if (o != NULL && json_array_append_new(list, o) == 0)
            continue;
        json_decref(list);
        return o == NULL ? -1 : error_set(e, ERR_NOMEM, "no memory for a list");
    }
    return answer_json(r, list, e);
}

/* ---- pages of headers --------------------------------------------------- */

struct page {
    struct request *r;
    json_t *list;
    const char *last; /* id of the last document; borrowed from the list */
    struct error *err;
};

/* A header that does not open is shown as null: the others go on. */
static json_t *header_json(struct page *p, const struct document_row *row,
                           int (*get)(struct store *,
                                      const struct document_row *, struct buf *,
                                      struct error *))
{
    struct buf header = { 0 };
    json_t *file = NULL;

    if (get(p->r->store, row, &header, p->err) == 0)
        file = json_base64(header.p, header.len);
    else if (!error_is_environment(p->err->code))
        file = json_null();
    buf_free(&header);
    return file;
}

/* The one before, who moved it, and whether it is the caller's to prove. */
static int put_former(struct page *p, json_t *o, const struct document_row *row)
{
    struct error why = { 0 };
    int refused =
        header_check_prover(p->r->store, p->r->keyring, row, p->r->staff.uid,
                            clock_now(p->r->desk->needs.clock), &why);

    if (refused != 0 && why.code != ERR_NOT_PERMITTED) {
        *p->err = why;
        return -1;
    }
    return json_object_update_new(
        o, json_pack("{s:I, s:o, s:I, s:b}", "former_epoch",
                     (json_int_t)row->former_epoch, "former",
                     header_json(p, row, document_former), "moved_by",
                     (json_int_t)row->moved_by, "yours", refused == 0));
}

static int add_header(void *arg, const struct document_row *row)
{
    struct page *p = arg;
    json_t *o = json_pack("{s:s, s:I, s:o}", "document", row->id, "epoch",
                          (json_int_t)row->epoch, "header",
                          header_json(p, row, document_header));

    if (o != NULL && row->former_epoch > 0 && put_former(p, o, row) != 0) {
        json_decref(o);
        o = NULL;
    }
    p->last = json_str(o, "document");
    return json_array_append_new(p->list, o);
}

/* The body of a request for a page, signed and sound. */
struct asked {
    struct headers_read read;
    struct staff_signature signature;
    json_t *body;
    uint64_t place;    /* after which; of an epoch's documents */
    const char *after; /* the same, of unproven ones: an id or "" */
};

static int read_asked(struct request *r, struct asked *a, struct error *e)
{
    const json_t *epoch, *place;

    a->body = request_body(r, e);
    if (a->body == NULL ||
        request_signature(r, a->body, "", &a->signature, e) != 0)
        return -1;
    a->read.by = request_access(r, NULL);
    a->read.by.signature = &a->signature;
    epoch = json_object_get(a->body, "epoch");
    place = json_object_get(a->body, "after");
    a->after = json_string_value(place);
    a->place = json_is_integer(place) ? (uint64_t)json_integer_value(place) : 0;
    if (!json_is_integer(epoch) || json_integer_value(epoch) < 1 ||
        json_integer_value(epoch) > INT32_MAX ||
        (a->read.unproven
             ? a->after == NULL || strlen(a->after) >= ID_SIZE
             : !json_is_integer(place) || json_integer_value(place) < 0))
        return error_set(e, ERR_INPUT, "not a request for headers");
    a->read.epoch = (unsigned)json_integer_value(epoch);
    if (a->read.epoch > keyring_epoch(r->keyring))
        return error_set(e, ERR_NOT_FOUND, "no such epoch");
    return 0;
}

static int fill_page(struct page *p, struct asked *a)
{
    int got;

    p->err->code = ERR_NONE;
    got = a->read.unproven
              ? document_unproven(p->r->store, a->read.epoch, a->after, PAGE,
                                  add_header, p, p->err)
              : document_of_epoch(p->r->store, a->read.epoch, PAGE, &a->place,
                                  add_header, p, p->err);
    if (got == 0)
        return 0;
    return p->err->code != ERR_NONE
               ? -1
               : error_set(p->err, ERR_NOMEM, "no memory for a list");
}

/* What is about to leave is on record first. */
static int serve_page(struct request *r, bool unproven, struct error *e)
{
    struct asked a = { .read.unproven = unproven };
    struct page page = { r, json_array(), "", e };
    json_t *next;
    int ok = -1;

    if (read_asked(r, &a, e) != 0 || fill_page(&page, &a) != 0)
        goto out;
    a.read.n = json_array_size(page.list);
    if (registrar_record_headers(r->desk->needs.registrar, &a.read, e) != 0)
        goto out;
    next =
        unproven ? json_string(page.last) : json_integer((json_int_t)a.place);
    ok = answer_json(
        r, json_pack("{s:O, s:o}", "headers", page.list, "after", next), e);
out:
    json_decref(page.list);
    json_decref(a.body);
    return ok;
}

int serve_headers(struct request *r, struct error *e)
{
    return serve_page(r, false, e);
}

int serve_unproven(struct request *r, struct error *e)
{
    return serve_page(r, true, e);
}

/* ---- moving them -------------------------------------------------------- */

static int malformed(struct error *e)
{
    return error_set(e, ERR_INPUT, "the headers are malformed");
}

static int read_item(struct rewrap *w, const json_t *item, struct error *e)
{
    struct rewrap_item *to = &w->items[w->n];
    const char *id = json_str(item, "document");
    const char *text = json_str(item, "header");
    const json_t *former = json_object_get(item, "former");
    size_t len = text != NULL ? strlen(text) : 0;
    ssize_t got;

    if (id == NULL || !id_valid(id, 'd') || !json_is_integer(former) ||
        json_integer_value(former) < 1 ||
        json_integer_value(former) > INT32_MAX || len == 0 ||
        len > BASE64_SIZE(LIMIT_GRANT))
        return malformed(e);
    w->n++;
    memcpy(to->document, id, strlen(id) + 1);
    to->former = (unsigned)json_integer_value(former);
    if (buf_reserve(&to->header, len) != 0)
        return error_set(e, ERR_NOMEM, "no memory for headers");
    got = base64_decode(to->header.p, len, text, len, true);
    if (got <= 0)
        return malformed(e);
    to->header.len = (size_t)got;
    return 0;
}

static int read_items(struct rewrap *w, const json_t *body, struct error *e)
{
    const json_t *list = json_object_get(body, "headers");
    const json_t *epoch = json_object_get(body, "epoch");
    const json_t *item;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) > PAGE ||
        !json_is_integer(epoch) || json_integer_value(epoch) < 1 ||
        json_integer_value(epoch) > INT32_MAX)
        return malformed(e);
    w->epoch = (unsigned)json_integer_value(epoch);
    w->items = calloc(json_array_size(list) + 1, sizeof(*w->items));
    if (w->items == NULL)
        return error_set(e, ERR_NOMEM, "no memory for headers");
    json_array_foreach(list, i, item)
    {
        if (read_item(w, item, e) != 0)
            return -1;
    }
    return 0;
}

int serve_rewrap(struct request *r, struct error *e)
{
    struct rewrap w = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = request_body(r, e);
    int ok = -1;

    if (body == NULL || request_signature(r, body, "", &signature, e) != 0)
        goto out;
    w.by.signature = &signature;
    if (read_items(&w, body, e) != 0 ||
        registrar_rewrap(r->desk->needs.registrar, &w, e) != 0)
        goto out;
    ok = answer_json(r, json_pack("{s:I}", "done", (json_int_t)w.done), e);
out:
    for (size_t i = 0; i < w.n; i++)
        buf_free(&w.items[i].header);
    free(w.items);
    json_decref(body);
    return ok;
}

/* ---- proving them ------------------------------------------------------- */

static int read_proofs(struct proof *p, const json_t *body, struct error *e)
{
    const json_t *list = json_object_get(body, "headers");
    const json_t *item;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) > PAGE)
        return malformed(e);
    p->items = calloc(json_array_size(list) + 1, sizeof(*p->items));
    if (p->items == NULL)
        return error_set(e, ERR_NOMEM, "no memory for headers");
    json_array_foreach(list, i, item)
    {
        const char *id = json_str(item, "document");
        const char *hex = json_str(item, "sha256");
        struct proof_item *to = &p->items[p->n];

        if (id == NULL || !id_valid(id, 'd') || hex == NULL ||
            hex_decode(to->sha256, SHA256_LEN, hex, strlen(hex), false) != 0)
            return malformed(e);
        memcpy(to->document, id, strlen(id) + 1);
        p->n++;
    }
    return 0;
}

int serve_proof(struct request *r, struct error *e)
{
    struct proof p = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = request_body(r, e);
    int ok = -1;

    if (body == NULL || request_signature(r, body, "", &signature, e) != 0)
        goto out;
    p.by.signature = &signature;
    if (read_proofs(&p, body, e) == 0 &&
        registrar_prove(r->desk->needs.registrar, &p, e) == 0)
        ok = answer_json(r, json_pack("{s:I}", "done", (json_int_t)p.done), e);
out:
    free(p.items);
    json_decref(body);
    return ok;
}

/* ---- escrow ------------------------------------------------------------- */

/* What is sealed, and for whom, stays with the officer's program: the record
 * has the hash of the recipient. */
int serve_escrow(struct request *r, struct error *e)
{
    struct escrow x = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = request_body(r, e);
    const json_t *epoch = json_object_get(body, "epoch");
    const char *hex = json_str(body, "recipient_sha256");
    int ok = -1;

    if (body == NULL || request_signature(r, body, "", &signature, e) != 0)
        goto out;
    x.by.signature = &signature;
    if (!json_is_integer(epoch) || hex == NULL ||
        hex_decode(x.recipient_sha256, SHA256_LEN, hex, strlen(hex), false) !=
            0) {
        (void)error_set(e, ERR_INPUT, "an epoch and a recipient are missing");
    } else if (json_integer_value(epoch) < 1 ||
               json_integer_value(epoch) >
                   (json_int_t)keyring_epoch(r->keyring)) {
        (void)error_set(e, ERR_NOT_FOUND, "no such epoch");
    } else {
        x.epoch = (unsigned)json_integer_value(epoch);
        if (registrar_record_escrow(r->desk->needs.registrar, &x, e) == 0)
            ok = answer_json(
                r, json_pack("{s:I}", "epoch", (json_int_t)x.epoch), e);
    }
out:
    json_decref(body);
    return ok;
}

/* Epochs, and the headers that are moved from one to the next. */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

/* Of a page of headers: with them in base64 the answer to it fits a body. */
#define PAGE 128u

int serve_vault(struct request *r, struct error *e)
{
    json_t *list = json_array();

    for (unsigned epoch = 1; epoch <= keyring_epoch(r->keyring); epoch++) {
        uint8_t point[AGE_KEY_LEN];
        char recipient[AGE_RECIPIENT_SIZE];
        int64_t documents = 0;

        if (document_epoch_count(r->store, epoch, &documents, e) != 0)
            goto fail;
        (void)keyring_epoch_recipient(r->keyring, epoch, point);
        age_recipient_format(recipient, point);
        if (json_array_append_new(
                list, json_pack("{s:I, s:s, s:I}", "epoch", (json_int_t)epoch,
                                "recipient", recipient, "documents",
                                (json_int_t)documents)) != 0) {
            (void)error_set(e, ERR_NOMEM, "no memory for a list");
            goto fail;
        }
    }
    return answer_json(r, list, e);
fail:
    json_decref(list);
    return -1;
}

/* ---- headers ------------------------------------------------------------ */

struct page {
    struct request *r;
    json_t *list;
    struct error *err;
};

/* A header that does not open is shown as null: the others go on. */
static int add_header(void *arg, const struct document_row *row)
{
    struct page *p = arg;
    struct buf header = { 0 };
    json_t *file = NULL;
    int ok = -1;

    if (document_header(p->r->store, row, &header, p->err) == 0)
        file = json_base64(header.p, header.len);
    else if (!error_is_environment(p->err->code))
        file = json_null();
    if (file != NULL)
        ok = json_array_append_new(p->list, json_pack("{s:s, s:o}", "document",
                                                      row->id, "header", file));
    buf_free(&header);
    return ok;
}

/* A page of what is sealed to an epoch, from after a place. */
int serve_headers(struct request *r, struct error *e)
{
    struct page page = { r, json_array(), e };
    uint64_t epoch = 0, place = 0;

    if (request_query_number(r, "epoch", &epoch, e) != 0 ||
        request_query_number(r, "after", &place, e) != 0)
        goto fail;
    if (epoch < 1 || epoch > keyring_epoch(r->keyring)) {
        (void)error_set(e, ERR_NOT_FOUND, "no such epoch");
        goto fail;
    }
    e->code = ERR_NONE;
    if (document_of_epoch(r->store, (unsigned)epoch, PAGE, &place, add_header,
                          &page, e) != 0) {
        if (e->code == ERR_NONE)
            (void)error_set(e, ERR_NOMEM, "no memory for a list");
        goto fail;
    }
    return answer_json(r,
                       json_pack("{s:o, s:I}", "headers", page.list, "after",
                                 (json_int_t)place),
                       e);
fail:
    json_decref(page.list);
    return -1;
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

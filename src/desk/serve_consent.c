/*
 * The consent export. On record twice: before its first byte, who asked for
 * what of how many entries; at its end, how many rows left and their hash.
 */
#include "consent_private.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct answer {
    struct desk *desk;
    struct store *store;
    struct staff_access by; /* who asked: of the second record */
    char id[ID_SIZE];
    struct consent_filter *filter;
    struct consent_view *view;
    uint64_t rows;
    EVP_MD_CTX *hash; /* of all lines */
    struct buf page;  /* made and not yet sent, from `sent` on */
    size_t sent;
    bool over;
};

static void answer_free(void *arg)
{
    struct answer *x = arg;

    if (x == NULL)
        return;
    consent_view_free(&x->view);
    store_close(&x->store);
    EVP_MD_CTX_free(x->hash);
    buf_free(&x->page);
    free(x->filter);
    free(x);
}

/* Whoever has the last byte finds on record what they have; if it cannot be
 * recorded, the answer breaks off. */
static int record_end(struct answer *x, struct error *e)
{
    uint8_t sum[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];
    unsigned len = 0;
    int ok = -1;

    if (EVP_DigestFinal_ex(x->hash, sum, &len) != 1 || len != sizeof(sum))
        return error_set(e, ERR_INTERNAL, "no hash of an export");
    hex_encode(hex, sum, sizeof(sum));
    x->by.evidence = json_pack("{s:s, s:I, s:s}", "export_id", x->id, "rows",
                               (json_int_t)x->rows, "rows_sha256", hex);
    if (x->by.evidence == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a record");
    ok = registrar_record(x->desk->needs.registrar, &x->by, e);
    json_decref(x->by.evidence);
    x->by.evidence = NULL;
    return ok;
}

static int next_page(struct answer *x, struct error *e)
{
    int more;

    buf_reset(&x->page);
    x->sent = 0;
    more = consent_view_page(x->view, &x->page, &x->rows, e);
    if (more < 0 || (x->page.len > 0 &&
                     EVP_DigestUpdate(x->hash, x->page.p, x->page.len) != 1))
        return -1;
    if (more > 0)
        return 0;
    x->over = true;
    return record_end(x, e);
}

static ssize_t read_answer(void *arg, uint64_t position, char *out, size_t max)
{
    struct answer *x = arg;
    struct error e = { 0 };

    (void)position;
    while (x->sent == x->page.len) {
        if (x->over)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (next_page(x, &e) != 0) {
            log_error("consent_export", &e);
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    return answer_part(&x->page, &x->sent, out, max);
}

/* The first record: the filter, and of how many entries. */
static int record_begin(const struct request *r, struct answer *x,
                        struct error *e)
{
    struct buf text = { 0 };
    int ok = -1;

    x->by = request_access(r, "consent_exported");
    x->by.evidence = json_pack("{s:s, s:I}", "export_id", x->id, "entries",
                               (json_int_t)x->filter->size);
    x->by.export_id = x->id;
    if (x->by.evidence == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a record");
    else if (consent_filter_text(r, &text, e) == 0) {
        x->by.filter = (const char *)text.p;
        ok = request_record(r, &x->by, e);
    }
    json_decref(x->by.evidence);
    x->by = request_access(r, "consent_export_ended");
    buf_free(&text);
    return ok;
}

int serve_consent(struct request *r, struct error *e)
{
    struct answer *x = calloc(1, sizeof(*x));
    struct registrar_status status;
    char id[ID_SIZE];

    registrar_get_status(r->desk->needs.registrar, &status);
    if (x == NULL || (x->filter = calloc(1, sizeof(*x->filter))) == NULL ||
        (x->hash = EVP_MD_CTX_new()) == NULL ||
        EVP_DigestInit_ex(x->hash, EVP_sha256(), NULL) != 1) {
        (void)error_set(e, ERR_NOMEM, "no memory for an export");
        goto fail;
    }
    x->desk = r->desk;
    id_new(x->id, 'x', &random_system);
    if (consent_filter_read(x->filter, r, status.ledger_size, e) != 0 ||
        record_begin(r, x, e) != 0)
        goto fail;
    x->view = consent_view_new(r->store, x->filter);
    if (x->view == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for an export");
        goto fail;
    }
    x->store = r->store;
    r->store = NULL;
    memcpy(id, x->id, sizeof(id));
    if (answer_stream(r, "application/jsonl", MHD_SIZE_UNKNOWN, read_answer, x,
                      answer_free, e) != 0)
        return -1;
    return answer_header(r, "Resguardo-Export", id, e);
fail:
    answer_free(x);
    return -1;
}

/* ---- what was exported -------------------------------------------------- */

struct exports {
    json_t *list;
    char last[ID_SIZE];
};

/* With the salt: whoever has the ledger can check what the entry committed
 * to. */
static int add_export(void *arg, const char *id, const uint8_t *salt,
                      size_t salt_len, const char *filter)
{
    struct exports *x = arg;
    char hex[HEX_SIZE(SHA256_LEN)];
    json_t *row;

    if (id == NULL || filter == NULL || salt_len > SHA256_LEN ||
        strlen(id) >= ID_SIZE)
        return -1;
    hex_encode(hex, salt, salt_len);
    row = json_pack("{s:s, s:s, s:s}", "export_id", id, "filter", filter,
                    "salt", hex);
    (void)strcpy(x->last, id);
    return json_array_append_new(x->list, row);
}

int serve_consent_exports(struct request *r, struct error *e)
{
    struct exports x = { .list = json_array() };
    size_t before;
    int ok;

    do {
        before = json_array_size(x.list);
        ok = exported_list(r->store, x.last, add_export, &x, e);
    } while (ok == 0 && json_array_size(x.list) == before + LIMIT_READER_ROWS);
    if (ok != 0) {
        json_decref(x.list);
        return error_set(e, ERR_VERIFY, "what was exported cannot be read");
    }
    return answer_json(r, x.list, e);
}

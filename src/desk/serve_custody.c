/*
 * The custody of one document: every entry of the log that names it or its
 * file, each with a proof. Who announced it, on which basis it was taken, who
 * read it, what became of it.
 */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

struct custody {
    struct store *store; /* for proofs: the walk has another */
    char document[ID_SIZE], attachment[ID_SIZE];
    struct buf note;
    struct ledger_checkpoint now;
    struct buf text;
};

static void custody_free(void *arg)
{
    struct custody *c = arg;

    if (c == NULL)
        return;
    store_close(&c->store);
    buf_free(&c->note);
    buf_free(&c->text);
    free(c);
}

/* Most entries do not hold either id anywhere. */
static bool names(const struct custody *c, const uint8_t *entry, size_t len)
{
    struct error ignored = { 0 };
    const char *document, *attachment;
    json_t *leaf;
    bool is;

    if (memmem(entry, len, c->document, strlen(c->document)) == NULL &&
        memmem(entry, len, c->attachment, strlen(c->attachment)) == NULL)
        return false;
    leaf = json_parse(entry, len, &ignored);
    document = json_str(leaf, "document_id");
    attachment = json_str(leaf, "attachment_id");
    is = (document != NULL && strcmp(document, c->document) == 0) ||
         (attachment != NULL && strcmp(attachment, c->attachment) == 0);
    json_decref(leaf);
    return is;
}

/* The proof, tried before it is given. */
static int prove(struct custody *c, uint64_t index, const uint8_t *entry,
                 size_t len)
{
    uint8_t leaf[LEDGER_HASH_LEN];
    struct ledger_proof proof;
    struct error e = { 0 };

    ledger_leaf_hash(leaf, entry, len);
    buf_reset(&c->text);
    if (ledger_prove(c->store, index, c->now.size, &proof, &e) != 0 ||
        !ledger_proof_verify(&proof, leaf, c->now.root)) {
        (void)error_set(&e, ERR_VERIFY, "the ledger does not prove its entry");
        log_error("custody", &e);
        return -1;
    }
    return ledger_proof_write(&c->text, &proof, c->note.p, c->note.len);
}

static int add_line(void *arg, uint64_t index, const uint8_t *entry, size_t len,
                    const uint8_t *leaf, struct buf *out)
{
    struct custody *c = arg;
    json_t *o;
    int ok;

    (void)leaf;
    if (!names(c, entry, len))
        return 0;
    if (prove(c, index, entry, len) != 0)
        return -1;
    o = json_pack("{s:s%, s:s%}", "entry", (const char *)entry, len, "proof",
                  (const char *)c->text.p, c->text.len);
    ok = o == NULL || json_canonical(o, out) != 0 || buf_adds(out, "\n") != 0
             ? -1
             : 0;
    json_decref(o);
    return ok;
}

static int find_document(struct request *r, struct document_row *row,
                         struct error *e)
{
    int found =
        id_valid(r->id, 'd') ? document_get(r->store, r->id, row, e) : 0;

    if (found > 0 && blocked_hidden(r, row))
        return blocked_refuse(r, "document", e);
    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such document");
    return found > 0 ? blocked_check(r, row->subject, "document", e) : -1;
}

/* Entries since its file was announced: none before can name it. */
static int find_span(struct request *r, const struct document_row *d,
                     uint64_t size, struct ledger_span *span, struct error *e)
{
    struct attachment_row file;
    int found = attachment_get(r->store, d->attachment, &file, e);

    if (found <= 0)
        return found;
    return ledger_find_times(r->store, size, file.received, INT64_MAX, span, e);
}

int serve_custody(struct request *r, struct error *e)
{
    const struct config *config = r->desk->needs.config;
    struct staff_access access = request_access(r, "custody_exported");
    struct custody *c = calloc(1, sizeof(*c));
    struct ledger_span span = { .from = 0 };
    struct document_row row;

    if (c == NULL)
        return error_set(e, ERR_NOMEM, "no memory for an answer");
    if (find_document(r, &row, e) != 0)
        goto fail;
    memcpy(c->document, row.id, sizeof(c->document));
    memcpy(c->attachment, row.attachment, sizeof(c->attachment));
    memcpy(access.document, row.id, sizeof(access.document));
    memcpy(access.case_id, row.case_id, sizeof(access.case_id));
    memcpy(access.subject, row.subject, sizeof(access.subject));
    if (store_open(&c->store, config->storage, config->slots_mirror,
                   STORE_READER, &random_system, e) != 0 ||
        bundle_begin(r, &access, &c->note, &c->now, e) != 0 ||
        find_span(r, &row, c->now.size, &span, e) != 0)
        goto fail;
    return lines_answer(r, span.from, c->now.size, add_line, c, custody_free,
                        e);
fail:
    custody_free(c);
    return -1;
}

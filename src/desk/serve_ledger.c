/* The ledger: its checkpoint, its key, its entries. */
#include "desk_private.h"

#include <string.h>

#include "resguardo/registrar_keys.h"

/* Entries that are committed now; later ones are another request's. */
static uint64_t size_now(const struct request *r)
{
    struct registrar_status status;

    registrar_get_status(r->desk->needs.registrar, &status);
    return status.ledger_size;
}

int serve_ledger_checkpoint(struct request *r, struct error *e)
{
    struct buf note = { 0 };
    int ok = registrar_checkpoint(r->desk->needs.registrar, &note, e);

    if (ok == 0)
        ok = witness_lines(r, &note, e);
    if (ok == 0)
        ok = answer_text(r, note.p, note.len, e);
    buf_free(&note);
    return ok;
}

int serve_ledger_key(struct request *r, struct error *e)
{
    const char *vkey = registrar_vkey(r->desk->needs.registrar);
    struct buf line = { 0 };
    int ok = -1;

    if (buf_addf(&line, "%s\n", vkey) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for an answer");
    else
        ok = answer_text(r, line.p, line.len, e);
    buf_free(&line);
    return ok;
}

int serve_ledger_history(struct request *r, struct error *e)
{
    struct buf text = { 0 };
    int ok = ledger_history_load(store_keys_dir(r->store), &text, e);

    if (ok == 0)
        ok = answer_text(r, text.p, text.len, e);
    buf_free(&text);
    return ok;
}

int serve_ledger_rotate(struct request *r, struct error *e)
{
    struct registrar *registrar = r->desk->needs.registrar;
    struct staff_access by = request_access(r, NULL);
    struct staff_signature signature;
    json_t *body = request_body(r, e);
    struct buf note = { 0 };
    int ok = -1;

    if (body == NULL || request_signature(r, body, "", &signature, e) != 0)
        goto out;
    by.signature = &signature;
    if (registrar_rotate_ledger_key(registrar, &by, &note, e) == 0)
        ok = answer_json(r,
                         json_pack("{s:s#, s:s}", "checkpoint",
                                   (const char *)note.p, (int)note.len, "vkey",
                                   registrar_vkey(registrar)),
                         e);
out:
    json_decref(body);
    buf_free(&note);
    return ok;
}

/* ---- entries ------------------------------------------------------------ */

/* The bytes as they are: in base64, because a damaged entry may be no text. */
static int entry_line(void *arg, uint64_t index, const uint8_t *entry,
                      size_t len, const uint8_t *leaf, struct buf *out)
{
    char hash[HEX_SIZE(SHA256_LEN)];

    (void)arg;
    hex_encode(hash, leaf, SHA256_LEN);
    if (buf_addf(out, "{\"index\":%llu,\"leaf\":\"%s\",\"entry\":\"",
                 (unsigned long long)index, hash) != 0 ||
        buf_reserve(out, BASE64_SIZE(len)) != 0)
        return -1;
    base64_encode((char *)out->p + out->len, entry, len, true);
    out->len += BASE64_SIZE(len) - 1;
    return buf_adds(out, "\"}\n");
}

static void nothing_to_free(void *arg)
{
    (void)arg;
}

int serve_ledger_entries(struct request *r, struct error *e)
{
    uint64_t from = 0, now = size_now(r), to = now;

    if (request_query_number(r, "from", &from, e) != 0 ||
        request_query_number(r, "to", &to, e) != 0)
        return -1;
    if (to > now)
        to = now;
    if (from > to)
        return error_set(e, ERR_INPUT, "from is past the end");
    return lines_answer(r, from, to, entry_line, NULL, nothing_to_free, e);
}

/* Checkpoints that witnesses signed beside us. */
#include "desk_private.h"

#include <string.h>

#include "resguardo/registrar_keys.h"

/* Adds to ours the lines of our witnesses that stand in theirs. The number of
 * those, or -1. */
static int add_lines(const struct request *r, struct buf *ours,
                     const char *theirs, size_t len, struct error *e)
{
    const struct config *c = r->desk->needs.config;
    struct ledger_witness w;
    int n = 0;

    for (size_t i = 0; i < c->nwitnesses; i++) {
        int added = ledger_witness_parse(&w, c->witnesses[i], e) != 0
                        ? -1
                        : ledger_cosign(ours, theirs, len, &w, e);

        if (added < 0)
            return -1;
        n += added;
    }
    return n;
}

/* What is stored of that size is kept, too; there is one tree of a size. */
static int merge(const struct request *r, uint64_t size, struct buf *ours,
                 struct error *e)
{
    struct buf stored = { 0 };
    uint64_t is = 0;
    int found = cosigned_get(r->store, size, &is, &stored, e);

    if (found > 0 && is == size)
        found = add_lines(r, ours, (const char *)stored.p, stored.len, e);
    buf_free(&stored);
    return found < 0 ? -1 : 0;
}

int serve_cosign(struct request *r, struct error *e)
{
    struct registrar *registrar = r->desk->needs.registrar;
    const char *vkey = registrar_vkey(registrar), *note;
    json_t *body = request_body(r, e);
    struct ledger_checkpoint c;
    struct buf ours = { 0 };
    int n = -1, ok = -1;

    if (body == NULL)
        return -1;
    note = json_str(body, "note");
    if (note == NULL || strlen(note) > LIMIT_NOTE_BYTES) {
        (void)error_set(e, ERR_INPUT, "a cosigned checkpoint is missing");
        goto out;
    }
    if (ledger_checkpoint_open(&c, note, strlen(note), vkey, e) != 0 ||
        ledger_note_bare(&ours, note, strlen(note), vkey, e) != 0 ||
        (n = add_lines(r, &ours, note, strlen(note), e)) < 0)
        goto out;
    if (n == 0) {
        (void)error_set(e, ERR_VERIFY,
                        "no signature of a witness of ours holds in it");
        (void)error_hint(e, "whose count is said by ledger: witnesses: in the "
                            "configuration");
        goto out;
    }
    if (registrar_keep_cosigned(
            registrar, &(struct cosigned){ .size = c.size, .note = &ours },
            e) == 0)
        ok = answer_json(r,
                         json_pack("{s:I, s:i}", "size", (json_int_t)c.size,
                                   "cosignatures", n),
                         e);
out:
    buf_free(&ours);
    json_decref(body);
    return ok;
}

int serve_cosigned(struct request *r, struct error *e)
{
    struct buf note = { 0 };
    uint64_t most = INT64_MAX, size;
    int found, ok = -1;

    if (request_query_number(r, "most", &most, e) != 0)
        return -1;
    found = cosigned_get(r->store, most, &size, &note, e);
    if (found == 0)
        (void)error_set(e, ERR_NOT_FOUND, "no checkpoint was cosigned");
    else if (found > 0)
        ok = answer_text(r, note.p, note.len, e);
    buf_free(&note);
    return ok;
}

int witness_lines(const struct request *r, struct buf *note, struct error *e)
{
    struct ledger_checkpoint c;

    return ledger_checkpoint_open(&c, (const char *)note->p, note->len,
                                  registrar_vkey(r->desk->needs.registrar),
                                  e) != 0
               ? -1
               : merge(r, c.size, note, e);
}

/* What a bundle for auditors is made of, beside the entries. */
#include "desk_private.h"

#include <string.h>

int bundle_begin(struct request *r, struct staff_access *access,
                 struct buf *note, struct ledger_checkpoint *now,
                 struct error *e)
{
    struct registrar *registrar = r->desk->needs.registrar;
    char root[HEX_SIZE(LEDGER_HASH_LEN)];
    int ok = -1;

    if (registrar_checkpoint(registrar, note, e) != 0 ||
        ledger_checkpoint_open(now, (const char *)note->p, note->len,
                               registrar_vkey(registrar), e) != 0)
        return -1;
    hex_encode(root, now->root, sizeof(now->root));
    access->evidence =
        json_pack("{s:I, s:s}", "entries", (json_int_t)now->size, "root", root);
    if (access->evidence == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a record");
    else
        ok = request_record(r, access, e);
    json_decref(access->evidence);
    access->evidence = NULL;
    return ok;
}

/* Signed first, recorded then, answered last: the record names what left, and
 * stands behind it in the log. */
static int answer_note(struct request *r, struct staff_access access,
                       struct error *e)
{
    struct ledger_checkpoint now;
    struct buf note = { 0 };
    int ok = bundle_begin(r, &access, &note, &now, e);

    if (ok == 0)
        ok = answer_text(r, note.p, note.len, e);
    buf_free(&note);
    return ok;
}

int serve_ledger_bundle(struct request *r, struct error *e)
{
    return answer_note(r, request_access(r, "ledger_exported"), e);
}

int serve_access(struct request *r, struct error *e)
{
    return answer_note(r, request_access(r, "access_reported"), e);
}

/* What a report is computed from, and for which time. */
int serve_ledger_report(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "consent_reported");
    struct ledger_checkpoint now;
    struct buf note = { 0 }, text = { 0 };
    json_t *filter =
        json_pack("{s:s*, s:s*}", "since", request_query(r, "since"), "until",
                  request_query(r, "until"));
    msec ignored = 0;
    int ok = -1;

    if (request_query_time(r, "since", &ignored, e) != 0 ||
        request_query_time(r, "until", &ignored, e) != 0)
        goto out;
    if (filter == NULL || json_canonical(filter, &text) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a filter");
        goto out;
    }
    access.filter = (const char *)text.p;
    if (bundle_begin(r, &access, &note, &now, e) == 0)
        ok = answer_text(r, note.p, note.len, e);
out:
    json_decref(filter);
    buf_free(&text);
    buf_free(&note);
    return ok;
}

/* The words that were published, as they were. */
int serve_notice(struct request *r, struct error *e)
{
    const char *policy = request_query(r, "policy");
    const char *version = request_query(r, "version");
    const char *language = request_query(r, "language");
    struct buf words = { 0 };
    int found, ok = -1;

    if (policy == NULL || version == NULL || language == NULL)
        return error_set(e, ERR_INPUT,
                         "a notice has a policy, a version and a language");
    found = notice_get(r->store, policy, version, language, &words, e);
    if (found == 0)
        (void)error_set(e, ERR_NOT_FOUND, "no such notice");
    else if (found > 0)
        ok = answer_text(r, words.p, words.len, e);
    buf_free(&words);
    return ok;
}

/* ---- which evidence there is -------------------------------------------- */

static int add_evidence(void *arg, const struct evidence_row *row)
{
    char time[TIME_SIZE], hash[HEX_SIZE(SHA256_LEN)];

    time_format(time, row->created);
    hex_encode(hash, row->payload_sha256, sizeof(row->payload_sha256));
    return json_array_append_new(
        arg, json_pack("{s:s, s:s, s:s, s:s, s:s}", "evidence_id", row->id,
                       "kind", row->kind, "payload_sha256", hash, "subject",
                       row->subject, "time", time));
}

int serve_evidence(struct request *r, struct error *e)
{
    const char *after = request_query(r, "after");
    json_t *list = json_array();

    e->code = ERR_NONE;
    if (list == NULL || evidence_page(r->store, after != NULL ? after : "",
                                      add_evidence, list, e) != 0) {
        json_decref(list);
        return e->code != ERR_NONE
                   ? -1
                   : error_set(e, ERR_NOMEM, "no memory for a list");
    }
    return answer_json(r, list, e);
}

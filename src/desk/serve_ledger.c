/* The ledger, and the consent log made of it. */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

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

/* ---- the consent log ---------------------------------------------------- */

struct filter {
    msec since, until; /* since <= time < until */
    char subject[ID_SIZE];
    char policy[POLICY_ID_SIZE];
};

/* A filter on a member lets only those through that have it. */
static bool is(const json_t *leaf, const char *key, const char *wanted)
{
    const char *value = json_str(leaf, key);

    return wanted[0] == '\0' || (value != NULL && strcmp(value, wanted) == 0);
}

static bool passes(const struct filter *f, const json_t *leaf)
{
    const char *text = json_str(leaf, "time");
    msec time;

    return text != NULL && time_parse(text, &time) == 0 && time >= f->since &&
           time < f->until && is(leaf, "subject", f->subject) &&
           is(leaf, "policy", f->policy);
}

static int consent_line(void *arg, uint64_t index, const uint8_t *entry,
                        size_t len, const uint8_t *leaf, struct buf *out)
{
    struct error ignored;
    json_t *value = json_parse(entry, len, &ignored), *row = NULL;
    char *text = NULL;
    int ok = -1;

    (void)index;
    (void)leaf;
    /* An entry that is none would make a hole in the log: stop there. */
    if (value == NULL)
        goto out;
    if (!passes(arg, value)) {
        ok = 0;
        goto out;
    }
    if (shape_consent(value, &row) != 0)
        goto out;
    text = row == NULL ? NULL : json_dumps(row, JSON_COMPACT);
    if (row == NULL)
        ok = 0;
    else if (text != NULL)
        ok = buf_adds(out, text) == 0 && buf_adds(out, "\n") == 0 ? 0 : -1;
out:
    free(text);
    json_decref(row);
    json_decref(value);
    return ok;
}

static int copy_query(const struct request *r, const char *key, char *out,
                      size_t cap, struct error *e)
{
    const char *value = request_query(r, key);

    if (value == NULL)
        return 0;
    if (strlen(value) >= cap)
        return error_set(e, ERR_INPUT, "%s is too long", key);
    memcpy(out, value, strlen(value) + 1);
    return 0;
}

/* The filter in canonical form, as the record commits to it. */
static int filter_text(const struct request *r, struct buf *out,
                       struct error *e)
{
    static const char *const keys[] = { "since", "until", "subject", "policy" };
    json_t *o = json_object();
    int ok = 0;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *value = request_query(r, keys[i]);

        if (value != NULL &&
            json_object_set_new(o, keys[i], json_string(value)) != 0)
            ok = -1;
    }
    if (o == NULL || ok != 0 || json_canonical(o, out) != 0)
        ok = error_set(e, ERR_INPUT, "a filter that is no text");
    json_decref(o);
    return ok;
}

int serve_consent(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "consent_exported");
    struct filter *filter = calloc(1, sizeof(*filter));
    struct buf text = { 0 };
    uint64_t size = size_now(r);
    int ok = -1;

    if (filter == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for a filter");
        goto out;
    }
    filter->since = INT64_MIN;
    filter->until = INT64_MAX;
    if (request_query_time(r, "since", &filter->since, e) != 0 ||
        request_query_time(r, "until", &filter->until, e) != 0 ||
        copy_query(r, "subject", filter->subject, sizeof(filter->subject), e) !=
            0 ||
        copy_query(r, "policy", filter->policy, sizeof(filter->policy), e) !=
            0 ||
        filter_text(r, &text, e) != 0)
        goto out;

    access.filter = (const char *)text.p;
    if (request_record(r, &access, e) != 0)
        goto out;
    ok = lines_answer(r, 0, size, consent_line, filter, free, e);
    filter = NULL;
out:
    free(filter);
    buf_free(&text);
    return ok;
}

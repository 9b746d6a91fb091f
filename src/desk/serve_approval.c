/* What waits for a second officer, and their word. */
#include "desk_private.h"

#include <string.h>

static void put_name(json_t *o, const char *key, const struct request *r,
                     uint32_t uid)
{
    const struct keyring_staff *staff = keyring_find(r->keyring, uid);

    (void)json_object_set_new(
        o, key, staff == NULL ? json_null() : json_string(staff->name));
}

static void put_time(json_t *o, const char *key, msec time)
{
    char text[TIME_SIZE];

    time_format(text, time);
    (void)json_object_set_new(o, key,
                              time == 0 ? json_null() : json_string(text));
}

/* NULL: no memory. */
static json_t *approval_json(const struct request *r,
                             const struct approval_row *row)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:s?, s:I}", "id", row->id, "action",
                          row->action, "state", row->state, "subject",
                          row->subject[0] != '\0' ? row->subject : NULL,
                          "asked_by_uid", (json_int_t)row->asked_by);

    put_name(o, "asked_by", r, row->asked_by);
    put_time(o, "asked_at", row->asked);
    put_time(o, "expires_at", row->expires);
    put_time(o, "approved_at", row->approved);
    if (row->approved != 0)
        put_name(o, "approved_by", r, row->approved_by);
    else
        (void)json_object_set_new(o, "approved_by", json_null());
    return json_object_size(o) == 10 ? o : (json_decref(o), NULL);
}

/* ---- list and show ------------------------------------------------------ */

struct listing {
    const struct request *r;
    json_t *list;
};

/* What ran out a moment ago is on its way. */
static int add(void *arg, const struct approval_row *row)
{
    struct listing *l = arg;

    if (row->expires <= clock_now(l->r->desk->needs.clock))
        return 0;
    return json_array_append_new(l->list, approval_json(l->r, row));
}

int serve_approval_list(struct request *r, struct error *e)
{
    struct listing l = { r, json_array() };

    e->code = ERR_NONE;
    if (approval_list(r->store, add, &l, e) == 0)
        return answer_json(r, l.list, e);
    json_decref(l.list);
    return e->code != ERR_NONE
               ? -1
               : error_set(e, ERR_NOMEM, "no memory for a list");
}

static int find(struct request *r, struct approval_row *row, struct error *e)
{
    int found =
        id_valid(r->id, 'q') ? approval_get(r->store, r->id, row, e) : 0;

    if (found == 1 && (strcmp(row->state, "ended") == 0 ||
                       row->expires <= clock_now(r->desk->needs.clock)))
        found = 0;
    if (found == 0)
        return error_set(e, ERR_NOT_FOUND, "no such approval");
    return found < 0 ? -1 : 0;
}

int before_approval(struct request *r, struct error *e)
{
    struct approval_row row;

    return find(r, &row, e);
}

/* What is asked may name a person, so this is on record first. */
int serve_approval_show(struct request *r, struct error *e)
{
    struct staff_access access = request_access(r, "approval_shown");
    struct approval_row row;
    struct buf bytes = { 0 };
    json_t *words = NULL, *o = NULL;
    const char *text;
    int ok = -1;

    if (find(r, &row, e) != 0)
        return -1;
    memcpy(access.approval_id, row.id, sizeof(row.id));
    memcpy(access.subject, row.subject, sizeof(row.subject));
    if (request_record(r, &access, e) != 0 || find(r, &row, e) != 0 ||
        approval_what(r->store, row.id, &bytes, e) != 1 ||
        (words = json_parse(bytes.p, bytes.len, e)) == NULL)
        goto out;
    text = json_str(words, "what");
    o = approval_json(r, &row);
    if (o == NULL || text == NULL ||
        json_object_set_new(o, "what", json_parse(text, strlen(text), e)) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for an approval");
    else
        ok = answer_json(r, json_incref(o), e);
out:
    json_decref(o);
    json_decref(words);
    buf_free(&bytes);
    return ok;
}

/* ---- deciding ----------------------------------------------------------- */

static int read_seen(const json_t *body, struct approval_decision *d,
                     struct error *e)
{
    const char *hex = json_str(body, "what_sha256");

    if (hex == NULL || strlen(hex) != 2 * SHA256_LEN ||
        hex_decode(d->what_sha256, SHA256_LEN, hex, strlen(hex), false) != 0)
        return error_set(e, ERR_INPUT, "what_sha256 is missing");
    return 0;
}

/* A refusal may be silent, an approval says why. */
static int read_decision(const struct request *r, struct approval_decision *d,
                         json_t **body, struct error *e)
{
    if (!d->grant) {
        if ((*body = request_body(r, e)) == NULL)
            return -1;
        if (json_str(*body, "reason") == NULL)
            return 0;
        json_decref(*body);
        *body = NULL;
    }
    d->by.reason = request_reason(r, body, e);
    if (d->by.reason == NULL)
        return -1;
    return d->grant ? read_seen(*body, d, e) : 0;
}

static int decide(struct request *r, bool grant, struct error *e)
{
    struct approval_decision d = { .by = request_access(r, NULL),
                                   .grant = grant };
    struct staff_signature signature;
    json_t *body = NULL;
    int ok = -1;

    memcpy(d.id, r->id, sizeof(d.id));
    if (before_approval(r, e) == 0 && read_decision(r, &d, &body, e) == 0 &&
        request_signature(r, body, d.by.reason != NULL ? d.by.reason : "",
                          &signature, e) == 0) {
        d.by.signature = &signature;
        if (registrar_decide_approval(r->desk->needs.registrar, &d, e) == 0)
            ok = answer_json(r,
                             json_pack("{s:s, s:s}", "id", d.id, "state",
                                       grant ? "granted" : "refused"),
                             e);
    }
    json_decref(body);
    return ok;
}

int serve_approval_grant(struct request *r, struct error *e)
{
    return decide(r, true, e);
}

int serve_approval_refuse(struct request *r, struct error *e)
{
    return decide(r, false, e);
}
